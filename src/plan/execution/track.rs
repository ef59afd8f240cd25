//! One track in progress: its stage, what is to be done next, and what follows from what came back.

use std::time::Duration;

use jiff::Timestamp;

use super::confirm::{PendingCall, Sent, confirm, confirmed, find_lost_effect};
use super::{Order, OrderResult};
use crate::fleet::{CloudError, Query, QueryKind, Response, Trouble};
use crate::plan::call::{Call, Receipt};
use crate::plan::journal_entry::{Event, Reply, Stabilization, StepOutcome, StepResult};
use crate::plan::model::{Target, Track};
use crate::plan::proposal::PlanId;
use crate::plan::reading::Reading;
use crate::plan::steps::{Check, FindEffect, Step};

/// How long between two reads that look for it.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How long between two reads of tasks that are becoming stable.
const SETTLE_AGAIN: Duration = Duration::from_secs(5);
/// How often a read is tried before a step, and a call that AWS throttles.
const TRIES: u32 = 4;

/// A track in progress.
#[derive(Debug)]
pub(super) struct TrackRun {
    /// The track's place in the plan.
    pub(super) at: usize,
    /// Where it stands.
    pub(super) stage: Stage,
    /// Whether an order is out and has not come back.
    pub(super) busy: bool,
    /// How its steps ended, in order.
    pub(super) endings: Vec<StepResult>,
    /// How it stands with its tasks.
    pub(super) settled: Option<Stabilization>,
    /// Calls that were made for this step.
    pub(super) calls: u32,
}

/// Where a track stands with its step.
#[derive(Debug)]
pub(super) enum Stage {
    /// The step is not started.
    Waiting,
    /// What the step relies on is read: what is left to ask, and what has come.
    Checking { left: Vec<Query>, reading: Reading, tries: u32 },
    /// The intent is written.
    Intending,
    /// The call is made.
    Calling { tries: u32 },
    /// Its outcome is written.
    Noting(Reply),
    /// Its effect is looked for; since then all reads have failed.
    Looking { pending: PendingCall, unreadable_since: Option<Timestamp> },
    /// An effect that the step's own confirmation does not show is looked for by another query.
    Recalling { query: QueryKind, find: FindEffect, pending: PendingCall, unreadable_since: Option<Timestamp> },
    /// The step's end is written.
    Ending(StepResult),
    /// Tasks are on their way.
    Settling { since: Timestamp },
    /// That they have settled, or not, is written.
    Concluding(Stabilization),
    /// Something is waited for.
    Resting { until: Timestamp, then: Box<Stage> },
    /// Nothing is left to do.
    Over,
}

impl TrackRun {
    pub(super) fn new(at: usize) -> Self {
        Self { at, stage: Stage::Waiting, busy: false, endings: vec![], settled: None, calls: 0 }
    }

    /// The step it is at.
    pub(super) fn step(&self) -> usize {
        self.endings.len()
    }

    /// Begins the step it is at; `track` has one.
    pub(super) fn begin(&mut self, track: &Track) {
        let step = &track.steps[self.step()];
        let left = step.kind().preconditions(&track.target.resource);
        let left = left.into_iter().map(|about| ask(&track.target, about)).collect();
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
                let kind = track.steps[step].kind();
                let call =
                    format!("{} {} {}", kind.operation().name(), track.target.resource.id(), kind.journal_form());
                Order::Write(Event::Intent { track: at, step, call })
            }
            Stage::Calling { .. } => Order::Call(Call::new(plan, &track.target, &track.steps[step])?),
            Stage::Noting(outcome) => Order::Write(Event::Reply { track: at, step, outcome: outcome.clone() }),
            Stage::Looking { .. } => {
                Order::Read(ask(&track.target, track.steps[step].kind().confirm_query(&track.target.resource)))
            }
            Stage::Recalling { query, .. } => Order::Read(ask(&track.target, query.clone())),
            Stage::Ending(ending) => Order::Write(Event::StepEnded { track: at, step, ending: ending.clone() }),
            Stage::Settling { .. } => {
                let query = track.steps.last()?.kind().stabilization_query(&track.target.resource)?;
                Order::Read(ask(&track.target, query))
            }
            Stage::Concluding(settling) => Order::Write(Event::Stabilization { track: at, settling: settling.clone() }),
            Stage::Resting { until, .. } => {
                Order::Wait(Duration::try_from(until.duration_since(now)).unwrap_or_default())
            }
        })
    }

    /// Takes in what came back from the order that was out.
    pub(super) fn handle(&mut self, track: &Track, news: OrderResult, now: Timestamp, patience: Duration) {
        self.busy = false;
        let stage = std::mem::replace(&mut self.stage, Stage::Over);
        self.stage = match (stage, news) {
            (Stage::Checking { left, reading, tries }, OrderResult::Answered(answer)) => {
                self.checked(track, left, reading, tries, *answer, now)
            }
            (Stage::Intending, OrderResult::Written) => {
                self.calls += 1;
                Stage::Calling { tries: 0 }
            }
            (Stage::Intending, OrderResult::Unwritten(why)) => {
                failed(format!("nothing was called: the journal cannot be written: {why}"), None)
            }
            (Stage::Calling { tries }, OrderResult::Called(result)) => called(tries, result, now),
            // What was called cannot be taken back because it cannot be written down.
            (Stage::Noting(outcome), OrderResult::Written | OrderResult::Unwritten(_)) => recorded(outcome, now),
            (Stage::Looking { pending, unreadable_since }, OrderResult::Answered(answer)) => {
                let step = &track.steps[self.step()];
                confirmed((&track.target, step), self.calls, pending, unreadable_since, *answer, now)
            }
            (Stage::Recalling { query, find, pending, unreadable_since }, OrderResult::Answered(answer)) => {
                find_lost_effect((query, find), pending, unreadable_since, &answer, now)
            }
            (Stage::Ending(ending), OrderResult::Written | OrderResult::Unwritten(_)) => {
                self.ended(track, ending, now, patience)
            }
            (Stage::Settling { since }, OrderResult::Answered(answer)) => {
                settling(&track.target, &track.steps, since, *answer, now, patience)
            }
            (Stage::Concluding(settled), OrderResult::Written | OrderResult::Unwritten(_)) => {
                self.settled = Some(settled);
                Stage::Over
            }
            (Stage::Resting { then, .. }, OrderResult::Waited) => *then,
            // Nothing else was asked for.
            (stage, _) => stage,
        };
    }

    fn checked(
        &self,
        track: &Track,
        mut left: Vec<Query>,
        mut reading: Reading,
        tries: u32,
        answer: Response,
        now: Timestamp,
    ) -> Stage {
        if let Err(error) = reading.add(&track.target.resource, answer) {
            if error.is_transient() && tries + 1 < TRIES {
                return pause(now, LOOK_AGAIN * 2, Stage::Checking { left, reading, tries: tries + 1 });
            }
            return failed(format!("nothing was called: it could not be read again: {}", error.what()), None);
        }
        if !left.is_empty() {
            left.remove(0);
        }
        if !left.is_empty() {
            return Stage::Checking { left, reading, tries };
        }
        let step = &track.steps[self.step()];
        match step.kind().check(&track.target.resource, &reading) {
            Check::Holds if step.kind().request(&track.target.resource).is_none() => failed(
                format!(
                    "nothing was called: {} is not for a {}",
                    step.kind().operation().name(),
                    track.target.resource
                ),
                None,
            ),
            Check::Holds => Stage::Intending,
            Check::Ends(verdict, why) => Stage::Ending(StepResult { verdict, why, request_id: None }),
        }
    }

    /// After a step's end: the next step, or tasks that become stable, or nothing more.
    fn ended(&mut self, track: &Track, ending: StepResult, now: Timestamp, patience: Duration) -> Stage {
        let goes_on = matches!(ending.verdict, StepOutcome::Done | StepOutcome::AlreadyDone);
        let untouched = StepResult {
            verdict: StepOutcome::NotStarted,
            why: "the step before it was not done".to_owned(),
            request_id: None,
        };
        self.endings.push(ending);
        match (self.step() < track.steps.len(), goes_on) {
            (true, true) => Stage::Waiting,
            (true, false) => Stage::Ending(untouched),
            (false, _) if self.has_done() && settles(track) && !patience.is_zero() => Stage::Settling { since: now },
            (false, _) => Stage::Over,
        }
    }

    /// Whether nothing of the track was started.
    pub(super) fn is_untouched(&self) -> bool {
        matches!(self.stage, Stage::Waiting) && self.endings.is_empty()
    }

    /// Whether anything was changed.
    pub(super) fn has_done(&self) -> bool {
        self.endings.iter().any(|ending| ending.verdict == StepOutcome::Done)
    }

    /// Whether a step of it ended in another way than done.
    pub(super) fn went_wrong(&self) -> bool {
        self.endings.iter().any(|ending| !matches!(ending.verdict, StepOutcome::Done | StepOutcome::AlreadyDone))
    }

    /// Whether all its steps are over.
    pub(super) fn is_done(&self, track: &Track) -> bool {
        self.endings.len() == track.steps.len()
    }
}

fn called(tries: u32, result: Result<Receipt, CloudError>, now: Timestamp) -> Stage {
    let error = match result {
        Ok(receipt) => return Stage::Noting(Reply::Accepted { request_id: receipt.request_id }),
        Err(error) => error,
    };
    // Autoscaling's word for another writer in the same moment.
    let contended = error.code.as_deref() == Some("ConcurrentUpdateException");
    match error.kind {
        // Throttled means not done: the same intent holds for another try.
        kind if (kind == Trouble::Throttled || contended) && tries + 1 < TRIES => {
            pause(now, LOOK_AGAIN * 2u32.pow(tries), Stage::Calling { tries: tries + 1 })
        }
        // Whoever answers with a code of AWS's has understood, and not done it: an emulator that lacks the operation.
        Trouble::Unreadable if error.code.is_some() => refused(error),
        Trouble::TimedOut | Trouble::Unreachable | Trouble::Unreadable | Trouble::Broken => {
            Stage::Noting(Reply::Lost { says: error.what() })
        }
        Trouble::Throttled | Trouble::Denied | Trouble::Credentials | Trouble::Gone | Trouble::Refused => {
            refused(error)
        }
    }
}

fn refused(error: CloudError) -> Stage {
    let says = format!("{}. {}", error.what(), error.advice);
    Stage::Noting(Reply::Refused { says, request_id: error.request_id })
}

fn recorded(outcome: Reply, now: Timestamp) -> Stage {
    match outcome {
        Reply::Accepted { request_id } => confirm(now, Sent::Accepted(request_id)),
        Reply::Refused { says, request_id } => failed(says, request_id),
        Reply::Lost { says } => confirm(now, Sent::Lost(says)),
    }
}

fn settling(
    target: &Target,
    steps: &[Step],
    since: Timestamp,
    answer: Response,
    now: Timestamp,
    patience: Duration,
) -> Stage {
    let mut reading = Reading::default();
    let settled = match (reading.add(&target.resource, answer), steps.last()) {
        (Ok(()), Some(step)) => step.kind().stabilization(&target.resource, &reading, elapsed(since, now)),
        _ => None,
    };
    match settled {
        Some(settled) => Stage::Concluding(settled),
        None if elapsed(since, now) >= patience => {
            Stage::Concluding(Stabilization::Unstable(format!("not stable after {}", minutes(patience))))
        }
        None => pause(now, SETTLE_AGAIN.min(patience), Stage::Settling { since }),
    }
}

/// Whether there is anything to wait for once the steps of `track` are over.
pub(super) fn settles(track: &Track) -> bool {
    track.steps.last().is_some_and(|step| step.kind().stabilization_query(&track.target.resource).is_some())
}

fn ask(target: &Target, about: QueryKind) -> Query {
    Query { context: target.context.clone(), kind: about }
}

pub(super) fn failed(why: String, request_id: Option<String>) -> Stage {
    Stage::Ending(StepResult { verdict: StepOutcome::Failed, why, request_id })
}

pub(super) fn pause(now: Timestamp, length: Duration, then: Stage) -> Stage {
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
