//! Confirming a call: whether AWS took it, and what follows where that cannot be seen.

use std::time::Duration;

use jiff::Timestamp;

use super::track::{LOOK_AGAIN, Stage, elapsed, failed, pause};
use crate::fleet::{CloudError, QueryKind, Response};
use crate::plan::journal_entry::{StepOutcome, StepResult};
use crate::plan::model::Target;
use crate::plan::reading::Reading;
use crate::plan::steps::{FindEffect, Observation, Repeat, Step, VISIBLE_WITHIN};

/// How often a call is made whose answer does not come and whose effect is not seen.
const CALLS: u32 = 2;
/// How long it is tried to look for an effect while the network, or AWS, is not to be had.
const UNREADABLE_FOR: Duration = Duration::from_mins(2);

/// The effect of a call that is looked for.
#[derive(Clone, Debug)]
pub(super) struct PendingCall {
    /// When the call was made, or meant to be made.
    pub(super) since: Timestamp,
    /// Whether AWS said that it took it.
    pub(super) sent: Sent,
}

/// What is known of a call.
#[derive(Clone, Debug)]
pub(super) enum Sent {
    /// AWS took it, under this request id.
    Accepted(Option<String>),
    /// No answer came.
    Lost(String),
}

/// The effect of a call made at `since` is looked for.
pub(super) fn confirm(since: Timestamp, sent: Sent) -> Stage {
    Stage::Looking { pending: PendingCall { since, sent }, unreadable_since: None }
}

/// A reading after so many calls: AWS has taken it, or somebody else was there, or it is looked for again.
pub(super) fn confirmed(
    (target, step): (&Target, &Step),
    calls: u32,
    pending: PendingCall,
    unreadable_since: Option<Timestamp>,
    answer: Response,
    now: Timestamp,
) -> Stage {
    let mut reading = Reading::default();
    if let Err(error) = reading.add(&target.resource, answer) {
        // That nothing could be read does not show that nothing was done.
        return unseen(pending, unreadable_since, &error, now, |pending, unreadable_since| Stage::Looking {
            pending,
            unreadable_since,
        });
    }
    let ended = |verdict, why, request_id| Stage::Ending(StepResult { verdict, why, request_id });
    match (step.kind().observe(&target.resource, &reading), &pending.sent) {
        (Observation::Taken(why), Sent::Accepted(id)) => ended(StepOutcome::Done, why, id.clone()),
        (Observation::Taken(why), Sent::Lost(_)) => {
            ended(StepOutcome::Done, format!("{why} (the answer was lost)"), None)
        }
        (Observation::Different(now), Sent::Accepted(id)) => {
            ended(StepOutcome::Done, format!("superseded by somebody else: {now}"), id.clone())
        }
        (Observation::Different(now), Sent::Lost(lost)) => unknown(&format!("{lost}, and now {now}")),
        (Observation::NotYet, sent) if elapsed(pending.since, now) >= VISIBLE_WITHIN => match sent {
            Sent::Accepted(id) => {
                let says = format!("AWS accepted it, but no read has shown it within {} s", VISIBLE_WITHIN.as_secs());
                ended(StepOutcome::Failed, says, id.clone())
            }
            Sent::Lost(lost) if calls >= CALLS => {
                ended(StepOutcome::Failed, format!("sent {calls} times without effect: {lost}"), None)
            }
            Sent::Lost(_) => match step.kind().repeat(&target.resource) {
                // Had it been taken, a read would have shown it by now: it may be sent once more.
                Repeat::Idempotent => Stage::Intending,
                Repeat::Once { query, find } => Stage::Recalling { query, find, pending, unreadable_since: None },
            },
        },
        (Observation::NotYet, _) => pause(now, LOOK_AGAIN, Stage::Looking { pending, unreadable_since: None }),
    }
}

/// After a look for an effect that the step's own confirmation does not show: if there is none, the request may be
/// sent once more.
pub(super) fn find_lost_effect(
    (query, find): (QueryKind, FindEffect),
    pending: PendingCall,
    unreadable_since: Option<Timestamp>,
    answer: &Response,
    now: Timestamp,
) -> Stage {
    match find(answer, pending.since) {
        Ok(None) => Stage::Intending,
        Ok(Some(other)) => unknown(&format!("the answer was lost, and since then {other}")),
        Err(error) => unseen(pending, unreadable_since, error, now, |pending, unreadable_since| Stage::Recalling {
            query,
            find,
            pending,
            unreadable_since,
        }),
    }
}

/// After a read that looked for an effect and failed: another, or it is given up.
fn unseen(
    pending: PendingCall,
    unreadable_since: Option<Timestamp>,
    error: &CloudError,
    now: Timestamp,
    again: impl FnOnce(PendingCall, Option<Timestamp>) -> Stage,
) -> Stage {
    let first = unreadable_since.unwrap_or(now);
    // Credentials and permissions may be renewed at any moment, but do not come back by themselves.
    let limit = if error.is_transient() { UNREADABLE_FOR } else { VISIBLE_WITHIN };
    if elapsed(first, now) < limit {
        return pause(now, LOOK_AGAIN, again(pending, Some(first)));
    }
    match pending.sent {
        Sent::Accepted(id) => failed(format!("AWS accepted it, but it could not be read again: {}", error.what()), id),
        Sent::Lost(lost) => unknown(&format!("{lost}, and it could not be read again: {}", error.what())),
    }
}

/// A step whose call may have been made or not, and nothing says which.
fn unknown(why: &str) -> Stage {
    failed(format!("it is not known whether it was done: {why}; check before you retry"), None)
}
