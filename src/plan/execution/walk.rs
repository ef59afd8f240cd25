//! One track under way: where it stands, what is to be done next, and what follows from what came back.

use std::time::Duration;

use jiff::Timestamp;

use super::judge::{self, Checked, Reading};
use super::seek::{Sent, Sought, looked, looking, recalled};
use super::{News, Order};
use crate::fleet::{Answer, Ask, CloudError, Trouble};
use crate::plan::call::{Call, Operation, Receipt};
use crate::plan::entry::{Ending, Entry, Outcome, Settled, Verdict};
use crate::plan::proposal::PlanId;
use crate::plan::step::{Step, Track};

/// How long between two reads that look for it.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How long between two reads of tasks that come to rest.
const SETTLE_AGAIN: Duration = Duration::from_secs(5);
/// How often a read is tried before a step, and a call that AWS throttles.
const TRIES: u32 = 4;

/// A track under way.
#[derive(Debug)]
pub(super) struct Walk {
    /// The track's place in the plan.
    pub(super) at: usize,
    /// Where it stands.
    pub(super) stage: Stage,
    /// Whether an order is out and has not come back.
    pub(super) busy: bool,
    /// How its steps ended, in order.
    pub(super) endings: Vec<Ending>,
    /// How it stands with its tasks.
    pub(super) settled: Option<Settled>,
    /// Calls that were made for this step.
    pub(super) calls: u32,
}

/// Where a track stands with its step.
#[derive(Debug)]
pub(super) enum Stage {
    /// The step is not started.
    Waiting,
    /// What the step relies on is read: what is left to ask, and what has come.
    Checking { left: Vec<Ask>, reading: Reading, tries: u32 },
    /// The intent is written.
    Intending,
    /// The call is made.
    Calling { tries: u32 },
    /// Its outcome is written.
    Noting(Outcome),
    /// Its effect is looked for; since then all reads have failed.
    Looking { sought: Sought, blind: Option<Timestamp> },
    /// A forced deployment that is not the primary one is looked for among those that were.
    Recalling { sought: Sought, blind: Option<Timestamp> },
    /// The step's end is written.
    Ending(Ending),
    /// Tasks are on their way.
    Settling { since: Timestamp },
    /// That they have settled, or not, is written.
    Concluding(Settled),
    /// Something is waited for.
    Resting { until: Timestamp, then: Box<Stage> },
    /// Nothing is left to do.
    Over,
}

impl Walk {
    pub(super) fn new(at: usize) -> Self {
        Self { at, stage: Stage::Waiting, busy: false, endings: vec![], settled: None, calls: 0 }
    }

    /// The step it is at.
    pub(super) fn step(&self) -> usize {
        self.endings.len()
    }

    /// Begins the step it is at; `track` has one.
    pub(super) fn begin(&mut self, track: &Track) {
        let left = judge::relied_on(&track.target, &track.steps[self.step()]);
        self.calls = 0;
        self.stage = Stage::Checking { left, reading: Reading::default(), tries: 0 };
    }

    /// What is to be done now, if anything.
    pub(super) fn order(&self, plan: &PlanId, track: &Track, now: Timestamp) -> Option<Order> {
        let (at, step) = (self.at, self.step());
        Some(match &self.stage {
            Stage::Waiting | Stage::Over => return None,
            Stage::Checking { left, .. } => Order::Read(left.first()?.clone()),
            Stage::Intending => {
                let call = words(&operation(track, &track.steps[step]));
                Order::Write(Entry::Intent { track: at, step, call })
            }
            Stage::Calling { .. } => Order::Call(Call {
                plan: plan.clone(),
                context: track.target.context.clone(),
                operation: operation(track, &track.steps[step]),
            }),
            Stage::Noting(outcome) => Order::Write(Entry::Outcome { track: at, step, outcome: outcome.clone() }),
            Stage::Looking { .. } => Order::Read(judge::shows(&track.target, &track.steps[step])),
            Stage::Recalling { .. } => Order::Read(judge::recalls(&track.target)),
            Stage::Ending(ending) => Order::Write(Entry::End { track: at, step, ending: ending.clone() }),
            Stage::Settling { .. } => Order::Read(judge::looks(&track.target)),
            Stage::Concluding(settling) => Order::Write(Entry::Settled { track: at, settling: settling.clone() }),
            Stage::Resting { until, .. } => {
                Order::Wait(Duration::try_from(until.duration_since(now)).unwrap_or_default())
            }
        })
    }

    /// Takes in what came back from the order that was out.
    pub(super) fn told(&mut self, track: &Track, news: News, now: Timestamp, patience: Duration) {
        self.busy = false;
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        self.stage = match (stage, news) {
            (Stage::Checking { left, reading, tries }, News::Answered(answer)) => {
                self.checked(track, left, reading, tries, *answer, now)
            }
            (Stage::Intending, News::Written) => {
                self.calls += 1;
                Stage::Calling { tries: 0 }
            }
            (Stage::Intending, News::Unwritten(why)) => {
                failed(format!("nothing was called: the journal cannot be written: {why}"), None)
            }
            (Stage::Calling { tries }, News::Called(result)) => called(tries, result, now),
            // What was called cannot be taken back because it cannot be written down.
            (Stage::Noting(outcome), News::Written | News::Unwritten(_)) => noted(outcome, now),
            (Stage::Looking { sought, blind }, News::Answered(answer)) => {
                let step = &track.steps[self.step()];
                looked((&track.target, step), self.calls, sought, blind, *answer, now)
            }
            (Stage::Recalling { sought, blind }, News::Answered(answer)) => recalled(sought, blind, &answer, now),
            (Stage::Ending(ending), News::Written | News::Unwritten(_)) => self.ended(track, ending, now, patience),
            (Stage::Settling { since }, News::Answered(answer)) => {
                settling(&track.target, &track.steps, since, *answer, now, patience)
            }
            (Stage::Concluding(settled), News::Written | News::Unwritten(_)) => {
                self.settled = Some(settled);
                Stage::Over
            }
            (Stage::Resting { then, .. }, News::Waited) => *then,
            // Nothing else was asked for.
            (stage, _) => stage,
        };
    }

    fn checked(
        &self,
        track: &Track,
        mut left: Vec<Ask>,
        mut reading: Reading,
        tries: u32,
        answer: Answer,
        now: Timestamp,
    ) -> Stage {
        if let Err(error) = reading.take(&track.target, answer) {
            if error.is_transient() && tries + 1 < TRIES {
                return rest(now, LOOK_AGAIN * 2, Stage::Checking { left, reading, tries: tries + 1 });
            }
            return failed(format!("nothing was called: it could not be read again: {}", error.what()), None);
        }
        if !left.is_empty() {
            left.remove(0);
        }
        if !left.is_empty() {
            return Stage::Checking { left, reading, tries };
        }
        match judge::check(&track.steps[self.step()], &reading) {
            Checked::Holds => Stage::Intending,
            Checked::Over(verdict, why) => Stage::Ending(Ending { verdict, why, request_id: None }),
        }
    }

    /// After a step's end: the next step, or tasks that come to rest, or nothing more.
    fn ended(&mut self, track: &Track, ending: Ending, now: Timestamp, patience: Duration) -> Stage {
        let goes_on = matches!(ending.verdict, Verdict::Done | Verdict::Already);
        let untouched =
            Ending { verdict: Verdict::Untouched, why: "the step before it was not done".to_owned(), request_id: None };
        self.endings.push(ending);
        match (self.step() < track.steps.len(), goes_on) {
            (true, true) => Stage::Waiting,
            (true, false) => Stage::Ending(untouched),
            (false, _) if self.has_done() && !patience.is_zero() => Stage::Settling { since: now },
            (false, _) => Stage::Over,
        }
    }

    /// Whether nothing of the track was started.
    pub(super) fn is_untouched(&self) -> bool {
        matches!(self.stage, Stage::Waiting) && self.endings.is_empty()
    }

    /// Whether anything was changed.
    pub(super) fn has_done(&self) -> bool {
        self.endings.iter().any(|ending| ending.verdict == Verdict::Done)
    }

    /// Whether all its steps are over.
    pub(super) fn is_done(&self, track: &Track) -> bool {
        self.endings.len() == track.steps.len()
    }
}

fn called(tries: u32, result: Result<Receipt, CloudError>, now: Timestamp) -> Stage {
    let error = match result {
        Ok(receipt) => return Stage::Noting(Outcome::Accepted { request_id: receipt.request_id }),
        Err(error) => error,
    };
    // Autoscaling's word for another writer in the same moment.
    let contended = error.code.as_deref() == Some("ConcurrentUpdateException");
    match error.kind {
        // Throttled means not done: the same intent holds for another try.
        kind if (kind == Trouble::Throttled || contended) && tries + 1 < TRIES => {
            rest(now, LOOK_AGAIN * 2u32.pow(tries), Stage::Calling { tries: tries + 1 })
        }
        // Whoever answers with a code of AWS's has understood, and not done it: an emulator that lacks the operation.
        Trouble::Unreadable if error.code.is_some() => refused(error),
        Trouble::TimedOut | Trouble::Unreachable | Trouble::Unreadable | Trouble::Broken => {
            Stage::Noting(Outcome::Lost { says: error.what() })
        }
        Trouble::Throttled | Trouble::Denied | Trouble::Credentials | Trouble::Gone | Trouble::Refused => {
            refused(error)
        }
    }
}

fn refused(error: CloudError) -> Stage {
    let says = format!("{}. {}", error.what(), error.advice);
    Stage::Noting(Outcome::Refused { says, request_id: error.request_id })
}

fn noted(outcome: Outcome, now: Timestamp) -> Stage {
    match outcome {
        Outcome::Accepted { request_id } => looking(now, Sent::Accepted(request_id)),
        Outcome::Refused { says, request_id } => failed(says, request_id),
        Outcome::Lost { says } => looking(now, Sent::Lost(says)),
    }
}

fn settling(
    target: &crate::plan::step::Target,
    steps: &[Step],
    since: Timestamp,
    answer: Answer,
    now: Timestamp,
    patience: Duration,
) -> Stage {
    let mut reading = Reading::default();
    let settled = match (reading.take(target, answer), steps.last()) {
        (Ok(()), Some(step)) => judge::settled(step, &reading, elapsed(since, now)),
        _ => None,
    };
    match settled {
        Some(settled) => Stage::Concluding(settled),
        None if elapsed(since, now) >= patience => {
            Stage::Concluding(Settled::Not(format!("not at rest after {}", minutes(patience))))
        }
        None => rest(now, SETTLE_AGAIN.min(patience), Stage::Settling { since }),
    }
}

/// The call that `step` comes to.
fn operation(track: &Track, step: &Step) -> Operation {
    let (cluster, service) = (track.target.cluster.clone(), track.target.service.clone());
    match step {
        Step::Count { to, .. } => Operation::SetCount { cluster, service, count: *to },
        Step::Redeploy { .. } => Operation::Redeploy { cluster, service },
        Step::Bounds { to, .. } => Operation::SetBounds { service, range: *to },
    }
}

/// A call as the journal has it.
fn words(operation: &Operation) -> String {
    let (name, service) = (operation.name(), operation.service());
    match operation {
        Operation::SetCount { count, .. } => format!("{name} {service} desiredCount={count}"),
        Operation::Redeploy { .. } => format!("{name} {service} forceNewDeployment"),
        Operation::SetBounds { range, .. } => {
            format!("{name} {service} MinCapacity={} MaxCapacity={}", range.minimum, range.maximum)
        }
    }
}

pub(super) fn failed(why: String, request_id: Option<String>) -> Stage {
    Stage::Ending(Ending { verdict: Verdict::Failed, why, request_id })
}

pub(super) fn rest(now: Timestamp, length: Duration, then: Stage) -> Stage {
    Stage::Resting { until: now.checked_add(length).unwrap_or(now), then: Box::new(then) }
}

pub(super) fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

fn minutes(length: Duration) -> String {
    match length.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}
