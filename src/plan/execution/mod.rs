//! A plan in progress: what is to be done next, given what has happened. Pure: no clock, no network, no terminal.

mod confirm;
mod progress;
mod resume;
#[cfg(test)]
mod tests;
mod track;

use std::time::Duration;

use jiff::Timestamp;

use super::call::{Call, Receipt};
use super::gate::Approved;
use super::journal_entry::{Event, Reply, StepOutcome, StepResult};
use super::model::Plan;
use crate::fleet::{CloudError, Query, Response};
use crate::text::clean;
pub use progress::{Activity, Progress, TrackProgress};
use progress::{activity, is_settling};
pub use resume::{RecordState, record_state};
use track::{Stage, TrackRun};

/// Tracks in progress at a time: of one tenant's plan, and of one over several tenants, which shall
/// stop at the first sign of trouble.
pub(super) const AT_ONCE: usize = 8;
pub(super) const AT_ONCE_OVER_TENANTS: usize = 4;
/// Tracks that may fail before a plan over several tenants starts no more.
const TOLERATED: usize = 1;
/// How long tasks are watched before they count as not stable.
pub const STABLE_WITHIN: Duration = Duration::from_mins(15);

/// A plan in progress. It starts from an [`Approved`] plan only, and gives orders that whoever drives it
/// carries out: each once, each answered once.
#[derive(Debug)]
pub struct Execution {
    plan: Plan,
    runs: Vec<TrackRun>,
    phase: Phase,
    /// What the journal is to say of the plan as a whole, before anything else is done.
    note: Option<Event>,
    noting: bool,
    stable_within: Duration,
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
    /// It was asked to end, and waits for calls in progress.
    Stopping(String),
    /// Every step is over; tasks may still be on their way.
    Finished,
    /// Nothing is left to do, or to watch.
    Over,
    /// It was asked to end, and has ended.
    Interrupted(String),
}

/// Which part of an execution an order is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The plan as a whole.
    Plan,
    /// One of its tracks.
    Track(usize),
}

/// Something to be done for an execution.
#[derive(Debug, PartialEq, Eq)]
pub enum Order {
    /// Ask AWS.
    Read(Query),
    /// Write a line to the journal, so that it lasts.
    Write(Event),
    /// Change something.
    Call(Call),
    /// Let so much time pass.
    Wait(Duration),
}

/// What came back from an order.
#[derive(Debug)]
pub enum OrderResult {
    /// What AWS answered.
    Answered(Box<Response>),
    /// The line is written.
    Written,
    /// The line could not be written, and why.
    Unwritten(String),
    /// What became of the call.
    Called(Result<Receipt, CloudError>),
    /// The time has passed.
    Waited,
}

impl Execution {
    /// Begins what passed the gate.
    pub fn new(approved: Approved) -> Self {
        let plan = approved.into_plan();
        let note = Some(Event::Planned(Box::new(plan.clone())));
        let runs = (0..plan.tracks.len()).map(TrackRun::new).collect();
        Self { plan, runs, phase: Phase::Running, note, noting: false, stable_within: STABLE_WITHIN, trouble: None }
    }

    /// The same, watching tasks for so long; not at all for no time.
    #[must_use]
    pub fn watching_for(mut self, patience: Duration) -> Self {
        self.stable_within = patience;
        self
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is to be done now. Nothing is ordered twice, and no part has two orders out.
    pub fn orders(&mut self, now: Timestamp) -> Vec<(Scope, Order)> {
        if self.noting || self.phase.is_over() {
            return vec![];
        }
        if let Some(entry) = self.note.take() {
            self.note = Some(entry.clone());
            // The journal begins, and ends, before and after everything else.
            if self.runs.iter().all(|run| !run.busy) || matches!(entry, Event::Finished) {
                self.noting = true;
                return vec![(Scope::Plan, Order::Write(entry))];
            }
        }
        self.begin();
        let stopping = matches!(self.phase, Phase::Stopping(_));
        let mut orders = vec![];
        for run in self.runs.iter_mut().filter(|run| !run.busy) {
            // Once asked to end, only what came back from a call is still written down.
            if stopping && !matches!(run.stage, Stage::Noting(_)) {
                continue;
            }
            if let Some(order) = run.order(&self.plan.id, &self.plan.tracks[run.at], now) {
                run.busy = true;
                orders.push((Scope::Track(run.at), order));
            }
        }
        orders
    }

    /// Takes in what came back from the order of `part`.
    pub fn handle(&mut self, part: Scope, news: OrderResult, now: Timestamp) {
        if let OrderResult::Unwritten(why) = &news {
            self.trouble.get_or_insert_with(|| why.clone());
        }
        match part {
            Scope::Track(at) => {
                if let (Some(run), Some(track)) = (self.runs.get_mut(at), self.plan.tracks.get(at)) {
                    run.handle(track, news, now, self.stable_within);
                }
            }
            Scope::Plan => self.noted(matches!(news, OrderResult::Written)),
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
        self.skip_rest("it was given up");
        if self.phase == Phase::Paused {
            self.phase = Phase::Running;
        }
    }

    /// Ends it, because of `by`: nothing more is begun, and only calls in progress are waited for.
    pub fn stop(&mut self, by: &str) {
        if matches!(self.phase, Phase::Running | Phase::Paused | Phase::Finished) {
            self.phase = Phase::Stopping(by.to_owned());
            // Reads and pauses that are out are not waited for; whoever drives drops them.
            for run in &mut self.runs {
                run.busy = run.busy && matches!(run.stage, Stage::Calling { .. } | Stage::Intending | Stage::Noting(_));
            }
            self.settle_phase();
        }
    }

    /// Stops waiting for calls in progress: their answers are lost.
    pub fn give_up_waiting(&mut self) {
        for run in &mut self.runs {
            if run.busy && matches!(run.stage, Stage::Calling { .. }) {
                run.busy = false;
                run.stage = Stage::Noting(Reply::Lost { says: "wharf ended before an answer came".to_owned() });
            }
        }
        self.settle_phase();
    }

    /// How it stands.
    pub fn progress(&self) -> Progress {
        let track = |run: &TrackRun| TrackProgress {
            activity: activity(&run.stage),
            endings: run.endings.clone(),
            settled: run.settled.clone(),
        };
        Progress {
            phase: self.phase.clone(),
            tracks: self.runs.iter().map(track).collect(),
            journal: self.trouble.clone(),
        }
    }

    /// Begins as many tracks as may be in progress at a time.
    fn begin(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        let several = self.plan.tenants().len() > 1;
        let failed = |run: &&TrackRun| run.endings.iter().any(|ending| ending.verdict == StepOutcome::Failed);
        if several && self.runs.iter().filter(failed).count() >= TOLERATED {
            self.skip_rest("not started, because another failed");
        }
        self.skip_dependents();
        let most = if several { AT_ONCE_OVER_TENANTS } else { AT_ONCE };
        let under_way = |run: &&TrackRun| !matches!(run.stage, Stage::Waiting | Stage::Settling { .. } | Stage::Over);
        let room = most.saturating_sub(self.runs.iter().filter(|run| under_way(run) && !is_settling(run)).count());
        let ready: Vec<bool> = self.plan.tracks.iter().map(|track| self.are_done(&track.after)).collect();
        let waiting = |run: &&mut TrackRun| matches!(run.stage, Stage::Waiting) && ready.get(run.at) == Some(&true);
        for run in self.runs.iter_mut().filter(waiting).take(room) {
            run.begin(&self.plan.tracks[run.at]);
        }
    }

    /// Whether these tracks are done, or were so already.
    fn are_done(&self, tracks: &[usize]) -> bool {
        tracks.iter().all(|at| match (self.runs.get(*at), self.plan.tracks.get(*at)) {
            (Some(run), Some(track)) => run.is_done(track) && !run.went_wrong(),
            _ => false,
        })
    }

    /// Ends every track that waits for one that was not done, as untouched.
    fn skip_dependents(&mut self) {
        let wrong: Vec<bool> = self.runs.iter().map(TrackRun::went_wrong).collect();
        for (run, track) in self.runs.iter_mut().zip(&self.plan.tracks).filter(|(run, _)| run.is_untouched()) {
            let cause = track.after.iter().find(|at| wrong.get(**at) != Some(&false));
            if let Some(cause) = cause {
                let path = self.plan.tracks.get(*cause).map_or("", |cause| cause.target.path.as_str());
                let why = format!("not started, because {} was not done", clean(path));
                run.stage = Stage::Ending(StepResult { verdict: StepOutcome::NotStarted, why, request_id: None });
            }
        }
    }

    /// Ends every track that was not begun, as untouched.
    fn skip_rest(&mut self, why: &str) {
        for run in self.runs.iter_mut().filter(|run| run.is_untouched()) {
            let ending = StepResult { verdict: StepOutcome::NotStarted, why: why.to_owned(), request_id: None };
            run.stage = Stage::Ending(ending);
        }
    }

    /// After a line on the plan as a whole was written, or was not.
    fn noted(&mut self, written: bool) {
        self.noting = false;
        let entry = self.note.take();
        match (&self.phase, entry) {
            (Phase::Stopping(by), Some(Event::Interrupted { .. })) => self.phase = Phase::Interrupted(by.clone()),
            (Phase::Running | Phase::Paused, Some(Event::Planned(_) | Event::Resumed)) if !written => {
                // Without a journal nothing is begun, and nothing is to be written.
                let why = self.trouble.clone().unwrap_or_default();
                for (run, track) in self.runs.iter_mut().zip(&self.plan.tracks) {
                    let why = format!("nothing was called: the journal cannot be written: {why}");
                    let ending = StepResult { verdict: StepOutcome::NotStarted, why, request_id: None };
                    run.endings.resize(track.steps.len(), ending);
                    run.stage = Stage::Over;
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
                self.note = Some(Event::Finished);
            }
            Phase::Finished if self.note.is_none() && self.runs.iter().all(|run| matches!(run.stage, Stage::Over)) => {
                self.phase = Phase::Over;
            }
            Phase::Stopping(by) if self.note.is_none() || matches!(self.note, Some(Event::Finished)) => {
                let waits = |run: &TrackRun| run.busy || matches!(run.stage, Stage::Noting(_));
                if !self.runs.iter().any(waits) && !self.noting {
                    self.note = Some(Event::Interrupted { by: by.clone(), left: self.left() });
                }
            }
            _ => {}
        }
    }

    fn is_done(&self) -> bool {
        self.runs.iter().zip(&self.plan.tracks).all(|(run, track)| run.is_done(track))
    }

    /// What was left when it was asked to end.
    fn left(&self) -> String {
        let count = |what: &dyn Fn(&TrackRun) -> bool| self.runs.iter().filter(|run| what(run)).count();
        let parts = [
            (count(&|run| matches!(run.stage, Stage::Waiting)), "not started"),
            (count(&|run| activity(&run.stage) == Activity::Checking), "not called"),
            (
                count(&|run| matches!(activity(&run.stage), Activity::Looking | Activity::Calling)),
                "not seen to have taken effect",
            ),
            (count(&is_settling), "not watched until stable"),
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
