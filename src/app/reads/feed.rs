//! One thing that is asked again and again: when next, and how the last time went.

use std::time::Duration;

use jiff::Timestamp;

use crate::fleet::{CloudError, Trouble};

/// The number that a query was sent with; its response has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Something that is asked again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// The query in progress, if one is.
    pub flying: Option<Ticket>,
    /// When it was last answered whole.
    pub answered: Option<Timestamp>,
    /// Why the last answer was not whole.
    pub error: Option<CloudError>,
    /// Bad answers in a row.
    pub failures: u32,
    /// Not before this moment again after a bad answer.
    pub rests_until: Option<Timestamp>,
    /// Asked for by hand: due at once.
    pub wanted: bool,
}

impl Feed {
    /// A feed that was never asked.
    pub const NEW: Self =
        Self { flying: None, answered: None, error: None, failures: 0, rests_until: None, wanted: false };

    /// Whether it is to be asked at `now`, if good answers last for `interval`.
    ///
    /// A query in progress is joined, not repeated.
    pub fn is_due(&self, now: Timestamp, interval: Duration) -> bool {
        if self.flying.is_some() {
            return false;
        }
        if self.wanted {
            return true;
        }
        match (self.rests_until, self.answered) {
            (Some(until), _) => now >= until,
            (None, Some(at)) => now.duration_since(at).unsigned_abs() >= interval,
            (None, None) => true,
        }
    }

    /// Whether it was never answered, well or not.
    pub fn is_unread(&self) -> bool {
        self.answered.is_none() && self.failures == 0
    }

    /// Whether the last answer was that there will be none: the same question gets the same answer.
    pub fn is_refused(&self) -> bool {
        let refused = [Trouble::Denied, Trouble::Gone, Trouble::Refused, Trouble::Unreadable];
        self.error.as_ref().is_some_and(|error| refused.contains(&error.kind))
    }

    /// Notes that it was asked under `ticket`.
    pub fn ask(&mut self, ticket: Ticket) {
        self.flying = Some(ticket);
        self.wanted = false;
    }

    /// Notes how the question went, at `now`.
    pub fn answer(&mut self, error: Option<CloudError>, now: Timestamp) {
        self.flying = None;
        match &error {
            None => (self.answered, self.failures, self.rests_until) = (Some(now), 0, None),
            Some(error) => {
                self.failures += 1;
                self.rests_until = now.checked_add(pause(self.failures, error.kind)).ok();
            }
        }
        self.error = error;
    }
}

/// How long to wait before asking again after `failures` bad answers in a row.
///
/// 5 s, then doubling to at most 80 s: ECS throttles per account and region, so a console left
/// open must never be what holds a deployment up. What IAM denies or an emulator lacks is tried
/// again every five minutes; credentials every 30 s, because somebody may be logging in.
pub(in crate::app) fn pause(failures: u32, kind: Trouble) -> Duration {
    match kind {
        Trouble::Denied | Trouble::Unreadable if failures > 1 => Duration::from_mins(5),
        Trouble::Credentials if failures > 1 => Duration::from_secs(30),
        _ => Duration::from_secs(5) * 2u32.pow(failures.saturating_sub(1).min(4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_eighty_seconds() {
        let pauses: Vec<u64> = (1..=7).map(|failures| pause(failures, Trouble::Throttled).as_secs()).collect();
        assert_eq!(pauses, [5, 10, 20, 40, 80, 80, 80]);
        assert_eq!(pause(9, Trouble::Credentials).as_secs(), 30);
        assert_eq!(pause(9, Trouble::Denied).as_secs(), 300);
    }

    #[test]
    fn a_question_under_way_is_joined_and_a_wanted_one_jumps_the_queue() {
        let (start, minute) = (Timestamp::UNIX_EPOCH, Duration::from_mins(1));
        let later = |seconds| start.checked_add(Duration::from_secs(seconds)).unwrap_or(start);
        let mut feed = Feed::NEW;
        assert!(feed.is_due(start, minute), "never asked");
        feed.ask(Ticket(1));
        feed.wanted = true;
        assert!(!feed.is_due(start, minute), "in progress");
        feed.answer(None, start);
        assert!(feed.is_due(start, minute), "still wanted: it was asked for after the question was sent");
        feed.ask(Ticket(2));
        feed.answer(None, start);
        assert!(!feed.is_due(later(59), minute));
        assert!(feed.is_due(later(60), minute));
    }
}
