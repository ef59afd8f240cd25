//! Looking for the effect of a call: whether AWS has taken it, and what follows where that cannot be seen.

use std::time::Duration;

use jiff::Timestamp;

use super::judge::{self, Reading, Shown};
use super::walk::{LOOK_AGAIN, Stage, elapsed, failed, rest};
use crate::fleet::{Answer, CloudError};
use crate::plan::entry::{Ending, Verdict};
use crate::plan::step::{Step, Target};

/// How long a read may take to show that AWS took a call.
pub(super) const SHOWN_WITHIN: Duration = Duration::from_secs(30);
/// How often a call is made whose answer does not come and whose effect is not seen.
const CALLS: u32 = 2;
/// How long it is tried to look for an effect while the network, or AWS, is not to be had.
const BLIND: Duration = Duration::from_mins(2);

/// The effect of a call that is looked for.
#[derive(Clone, Debug)]
pub(super) struct Sought {
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
pub(super) fn looking(since: Timestamp, sent: Sent) -> Stage {
    Stage::Looking { sought: Sought { since, sent }, blind: None }
}

/// A reading after so many calls: AWS has taken it, or somebody else was there, or it is looked for again.
pub(super) fn looked(
    (target, step): (&Target, &Step),
    calls: u32,
    sought: Sought,
    blind: Option<Timestamp>,
    answer: Answer,
    now: Timestamp,
) -> Stage {
    let mut reading = Reading::default();
    if let Err(error) = reading.take(target, answer) {
        // That nothing could be read does not show that nothing was done.
        return unseen(sought, blind, &error, now, |sought, blind| Stage::Looking { sought, blind });
    }
    let ended = |verdict, why, request_id| Stage::Ending(Ending { verdict, why, request_id });
    match (judge::shown(step, &reading), &sought.sent) {
        (Shown::Taken(why), Sent::Accepted(id)) => ended(Verdict::Done, why, id.clone()),
        (Shown::Taken(why), Sent::Lost(_)) => ended(Verdict::Done, format!("{why} (the answer was lost)"), None),
        (Shown::Otherwise(now), Sent::Accepted(id)) => {
            ended(Verdict::Done, format!("superseded by somebody else: {now}"), id.clone())
        }
        (Shown::Otherwise(now), Sent::Lost(lost)) => unknown(&format!("{lost}, and now {now}")),
        (Shown::NotYet, sent) if elapsed(sought.since, now) >= SHOWN_WITHIN => match sent {
            Sent::Accepted(id) => {
                let says = format!("AWS took it, but no read has shown it within {} s", SHOWN_WITHIN.as_secs());
                ended(Verdict::Failed, says, id.clone())
            }
            Sent::Lost(lost) if calls >= CALLS => {
                ended(Verdict::Failed, format!("sent {calls} times without effect: {lost}"), None)
            }
            // It may have been taken, have failed and have been rolled back: then what it replaced is back.
            Sent::Lost(_) if matches!(step, Step::Redeploy { .. }) => Stage::Recalling { sought, blind: None },
            // Had it been taken, a read would have shown it by now: it may be sent once more.
            Sent::Lost(_) => Stage::Intending,
        },
        (Shown::NotYet, _) => rest(now, LOOK_AGAIN, Stage::Looking { sought, blind: None }),
    }
}

/// Which deployments there were of late: none that could be the one that was called for means that it
/// may be sent once more.
pub(super) fn recalled(sought: Sought, blind: Option<Timestamp>, answer: &Answer, now: Timestamp) -> Stage {
    match judge::recall(answer, sought.since) {
        Ok(None) => Stage::Intending,
        Ok(Some(other)) => unknown(&format!("the answer was lost, and since then {other}")),
        Err(error) => unseen(sought, blind, error, now, |sought, blind| Stage::Recalling { sought, blind }),
    }
}

/// After a read that looked for an effect and failed: another, or it is given up.
fn unseen(
    sought: Sought,
    blind: Option<Timestamp>,
    error: &CloudError,
    now: Timestamp,
    again: impl FnOnce(Sought, Option<Timestamp>) -> Stage,
) -> Stage {
    let first = blind.unwrap_or(now);
    // Credentials and permissions may be renewed at any moment, but do not come back by themselves.
    let limit = if error.is_transient() { BLIND } else { SHOWN_WITHIN };
    if elapsed(first, now) < limit {
        return rest(now, LOOK_AGAIN, again(sought, Some(first)));
    }
    match sought.sent {
        Sent::Accepted(id) => failed(format!("AWS took it, but it could not be read again: {}", error.what()), id),
        Sent::Lost(lost) => unknown(&format!("{lost}, and it could not be read again: {}", error.what())),
    }
}

/// A step whose call may have been made or not, and nothing says which.
fn unknown(why: &str) -> Stage {
    failed(format!("whether it was done is not known: {why}; look before you ask again"), None)
}
