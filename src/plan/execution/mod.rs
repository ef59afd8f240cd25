//! A plan under way: what is to be done next, given what has happened. Pure: no clock, no network, no terminal.

mod judge;
mod resume;
mod seek;
#[cfg(test)]
mod tests;
mod walk;

use std::time::Duration;

use jiff::Timestamp;

use super::call::{Call, Receipt};
use super::entry::{Ending, Entry, Outcome, Settled, Verdict};
use super::gate::Approved;
use super::step::Plan;
use crate::fleet::{Answer, Ask, CloudError};
pub use resume::{Standing, standing};
use walk::{Stage, Walk};

/// Tracks under way at a time: of one tenant's plan, and of one over several tenants, which shall
/// stop at the first sign of trouble.
pub(super) const AT_ONCE: usize = 8;
pub(super) const AT_ONCE_OVER_TENANTS: usize = 4;
/// Tracks that may fail before a plan over several tenants starts no more.
const TOLERATED: usize = 1;
/// How long tasks are watched until it is said that they do not come to rest.
pub const PATIENCE: Duration = Duration::from_mins(15);

/// A plan under way. It starts from an [`Approved`] plan only, and gives orders that whoever drives it
/// carries out: each once, each answered once.
#[derive(Debug)]
pub struct Execution {
    plan: Plan,
    walks: Vec<Walk>,
    phase: Phase,
    /// What the journal is to say of the plan as a whole, before anything else is done.
    note: Option<Entry>,
    noting: bool,
    patience: Duration,
    /// Why the journal could not be written.
    trouble: Option<String>,
}

/// How far a plan has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Steps are being done.
    Running,
    /// Steps that were begun come to their end, and no other is begun.
    Paused,
    /// It was told to end: what is called is waited for.
    Stopping(String),
    /// Every step is over; tasks may still be on their way.
    Finished,
    /// Nothing is left to do, or to watch.
    Over,
    /// It was told to end, and has.
    Interrupted(String),
}

/// Which part of an execution an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The plan as a whole.
    Whole,
    /// One of its tracks.
    Track(usize),
}

/// Something to be done for an execution.
#[derive(Debug, PartialEq, Eq)]
pub enum Order {
    /// Ask AWS.
    Read(Ask),
    /// Write a line to the journal, so that it lasts.
    Write(Entry),
    /// Change something.
    Call(Call),
    /// Let so much time pass.
    Wait(Duration),
}

/// What came back from an order.
#[derive(Debug)]
pub enum News {
    /// What AWS answered.
    Answered(Box<Answer>),
    /// The line is written.
    Written,
    /// The line could not be written, and why.
    Unwritten(String),
    /// What became of the call.
    Called(Result<Receipt, CloudError>),
    /// The time has passed.
    Waited,
}

/// How a plan stands, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How far it has come.
    pub phase: Phase,
    /// How its tracks stand, in the plan's order.
    pub tracks: Vec<TrackProgress>,
    /// Why the journal could not be written, if so.
    pub journal: Option<String>,
}

/// How a track stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackProgress {
    /// What is being done.
    pub doing: Doing,
    /// How its steps ended so far.
    pub endings: Vec<Ending>,
    /// How it stands with its tasks, once that is known.
    pub settled: Option<Settled>,
}

/// What is being done in a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing yet.
    Waiting,
    /// What it relies on is read again.
    Checking,
    /// AWS is told.
    Calling,
    /// Its effect is looked for.
    Looking,
    /// Its tasks are on their way, since then.
    Settling(Timestamp),
    /// Nothing more.
    Over,
}

impl Execution {
    /// Begins what passed the gate.
    pub fn new(approved: Approved) -> Self {
        let plan = approved.into_plan();
        let note = Some(Entry::Plan(Box::new(plan.clone())));
        let walks = (0..plan.tracks.len()).map(Walk::new).collect();
        Self { plan, walks, phase: Phase::Running, note, noting: false, patience: PATIENCE, trouble: None }
    }

    /// The same, watching tasks for so long; not at all for no time.
    #[must_use]
    pub fn watching_for(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is to be done now. Nothing is ordered twice, and no part has two orders out.
    pub fn orders(&mut self, now: Timestamp) -> Vec<(Part, Order)> {
        if self.noting || self.phase.is_over() {
            return vec![];
        }
        if let Some(entry) = self.note.take() {
            self.note = Some(entry.clone());
            // The journal begins, and ends, before and after everything else.
            if self.walks.iter().all(|walk| !walk.busy) || matches!(entry, Entry::Finished) {
                self.noting = true;
                return vec![(Part::Whole, Order::Write(entry))];
            }
        }
        self.begin();
        let stopping = matches!(self.phase, Phase::Stopping(_));
        let mut orders = vec![];
        for walk in self.walks.iter_mut().filter(|walk| !walk.busy) {
            // Once told to end, only what came back from a call is still written down.
            if stopping && !matches!(walk.stage, Stage::Noting(_)) {
                continue;
            }
            if let Some(order) = walk.order(&self.plan.id, &self.plan.tracks[walk.at], now) {
                walk.busy = true;
                orders.push((Part::Track(walk.at), order));
            }
        }
        orders
    }

    /// Takes in what came back from the order of `part`.
    pub fn told(&mut self, part: Part, news: News, now: Timestamp) {
        if let News::Unwritten(why) = &news {
            self.trouble.get_or_insert_with(|| why.clone());
        }
        match part {
            Part::Track(at) => {
                if let (Some(walk), Some(track)) = (self.walks.get_mut(at), self.plan.tracks.get(at)) {
                    walk.told(track, news, now, self.patience);
                }
            }
            Part::Whole => self.noted(matches!(news, News::Written)),
        }
        self.settle_phase();
    }

    /// Begins no more steps, or goes on.
    pub fn pause(&mut self) {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Running) {
            Phase::Running => Phase::Paused,
            Phase::Paused => Phase::Running,
            other => other,
        };
    }

    /// Leaves every track that was not begun untouched.
    pub fn give_up(&mut self) {
        self.leave("it was given up");
        if self.phase == Phase::Paused {
            self.phase = Phase::Running;
        }
    }

    /// Ends it, because of `by`: nothing more is begun, and only calls under way are waited for.
    pub fn halt(&mut self, by: &str) {
        if matches!(self.phase, Phase::Running | Phase::Paused | Phase::Finished) {
            self.phase = Phase::Stopping(by.to_owned());
            // Reads and pauses that are out are not waited for; whoever drives drops them.
            for walk in &mut self.walks {
                walk.busy =
                    walk.busy && matches!(walk.stage, Stage::Calling { .. } | Stage::Intending | Stage::Noting(_));
            }
            self.settle_phase();
        }
    }

    /// Stops waiting for calls under way: their answers are lost.
    pub fn abandon(&mut self) {
        for walk in &mut self.walks {
            if walk.busy && matches!(walk.stage, Stage::Calling { .. }) {
                walk.busy = false;
                walk.stage = Stage::Noting(Outcome::Lost { says: "wharf ended before an answer came".to_owned() });
            }
        }
        self.settle_phase();
    }

    /// How it stands.
    pub fn progress(&self) -> Progress {
        let track = |walk: &Walk| TrackProgress {
            doing: doing(&walk.stage),
            endings: walk.endings.clone(),
            settled: walk.settled.clone(),
        };
        Progress {
            phase: self.phase.clone(),
            tracks: self.walks.iter().map(track).collect(),
            journal: self.trouble.clone(),
        }
    }

    /// Begins as many tracks as may be under way at a time.
    fn begin(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        let several = self.plan.tenants().len() > 1;
        let failed = |walk: &&Walk| walk.endings.iter().any(|ending| ending.verdict == Verdict::Failed);
        if several && self.walks.iter().filter(failed).count() >= TOLERATED {
            self.leave("not started, because another failed");
        }
        let most = if several { AT_ONCE_OVER_TENANTS } else { AT_ONCE };
        let under_way = |walk: &&Walk| !matches!(walk.stage, Stage::Waiting | Stage::Settling { .. } | Stage::Over);
        let room = most.saturating_sub(self.walks.iter().filter(|walk| under_way(walk) && !is_settling(walk)).count());
        let plan = &self.plan;
        for walk in self.walks.iter_mut().filter(|walk| matches!(walk.stage, Stage::Waiting)).take(room) {
            walk.begin(&plan.tracks[walk.at]);
        }
    }

    /// Ends every track that was not begun, as untouched.
    fn leave(&mut self, why: &str) {
        for walk in self.walks.iter_mut().filter(|walk| walk.is_untouched()) {
            let ending = Ending { verdict: Verdict::Untouched, why: why.to_owned(), request_id: None };
            walk.stage = Stage::Ending(ending);
        }
    }

    /// After a line on the plan as a whole was written, or was not.
    fn noted(&mut self, written: bool) {
        self.noting = false;
        let entry = self.note.take();
        match (&self.phase, entry) {
            (Phase::Stopping(by), Some(Entry::Interrupted { .. })) => self.phase = Phase::Interrupted(by.clone()),
            (Phase::Running | Phase::Paused, Some(Entry::Plan(_) | Entry::Resumed)) if !written => {
                // Without a journal nothing is begun, and nothing is to be written.
                let why = self.trouble.clone().unwrap_or_default();
                for (walk, track) in self.walks.iter_mut().zip(&self.plan.tracks) {
                    let why = format!("nothing was called: the journal cannot be written: {why}");
                    let ending = Ending { verdict: Verdict::Untouched, why, request_id: None };
                    walk.endings.resize(track.steps.len(), ending);
                    walk.stage = Stage::Over;
                }
                self.phase = Phase::Over;
            }
            _ => {}
        }
    }

    fn settle_phase(&mut self) {
        match &self.phase {
            Phase::Running | Phase::Paused if self.is_done() => {
                self.phase = Phase::Finished;
                self.note = Some(Entry::Finished);
            }
            Phase::Finished
                if self.note.is_none() && self.walks.iter().all(|walk| matches!(walk.stage, Stage::Over)) =>
            {
                self.phase = Phase::Over;
            }
            Phase::Stopping(by) if self.note.is_none() || matches!(self.note, Some(Entry::Finished)) => {
                let waits = |walk: &Walk| walk.busy || matches!(walk.stage, Stage::Noting(_));
                if !self.walks.iter().any(waits) && !self.noting {
                    self.note = Some(Entry::Interrupted { by: by.clone(), left: self.left() });
                }
            }
            _ => {}
        }
    }

    fn is_done(&self) -> bool {
        self.walks.iter().zip(&self.plan.tracks).all(|(walk, track)| walk.is_done(track))
    }

    /// What was left when it was told to end, in words.
    fn left(&self) -> String {
        let count = |what: &dyn Fn(&Walk) -> bool| self.walks.iter().filter(|walk| what(walk)).count();
        let parts = [
            (count(&|walk| matches!(walk.stage, Stage::Waiting)), "not started"),
            (count(&|walk| doing(&walk.stage) == Doing::Checking), "not called"),
            (
                count(&|walk| matches!(doing(&walk.stage), Doing::Looking | Doing::Calling)),
                "not seen to have taken effect",
            ),
            (count(&is_settling), "not watched until at rest"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
    }
}

impl Phase {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Over | Self::Interrupted(_))
    }
}

impl Progress {
    /// The ends of all steps, so far.
    pub fn endings(&self) -> impl Iterator<Item = &Ending> {
        self.tracks.iter().flat_map(|track| &track.endings)
    }
}

fn is_settling(walk: &Walk) -> bool {
    matches!(doing(&walk.stage), Doing::Settling(_))
}

fn doing(stage: &Stage) -> Doing {
    match stage {
        Stage::Waiting => Doing::Waiting,
        Stage::Checking { .. } | Stage::Intending => Doing::Checking,
        Stage::Calling { .. } | Stage::Noting(_) => Doing::Calling,
        Stage::Looking { .. } | Stage::Recalling { .. } | Stage::Ending(_) => Doing::Looking,
        Stage::Settling { since } => Doing::Settling(*since),
        Stage::Resting { then, .. } => doing(then),
        Stage::Concluding(_) | Stage::Over => Doing::Over,
    }
}
