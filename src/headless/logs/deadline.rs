//! How long AWS is waited for, while it says nothing.

use std::time::Duration;

use jiff::Timestamp;

use crate::headless::collect;

/// How long nothing may come, once the limit of all reading has passed.
const QUIET: Duration = Duration::from_secs(10);
/// How long nothing is said of it.
const SILENCE: Duration = Duration::from_secs(5);

/// What came when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    began: Timestamp,
    answers: u64,
    /// When AWS last answered, or nothing was asked of it.
    heard: Timestamp,
    word: Word,
}

/// Whether it was said that nothing comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Ahead,
    Given,
}

/// Whether AWS has anything to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It has.
    Something,
    /// It has not.
    Nothing,
}

impl Deadline {
    /// From `now` on.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { began: now, answers: 0, heard: now, word: Word::Ahead }
    }

    /// Notes how many answers AWS had given by `now`.
    pub(super) fn note(&mut self, answers: u64, asked: Asked, now: Timestamp) {
        if self.answers != answers || asked == Asked::Nothing {
            (self.answers, self.heard) = (answers, now);
        }
    }

    /// Whether it has run out: [`collect::LIMIT`] after the beginning, or where AWS still answers by
    /// then, [`QUIET`] after its last answer.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.passed(now) >= collect::LIMIT && since(self.heard, now) >= QUIET
    }

    /// How long it has lasted.
    pub(super) fn passed(&self, now: Timestamp) -> Duration {
        since(self.began, now)
    }

    /// Whether it is to be said that nothing comes: after [`SILENCE`], once.
    pub(super) fn speaks(&mut self, now: Timestamp) -> bool {
        let speaks = self.word == Word::Ahead && since(self.heard, now) >= SILENCE;
        if speaks {
            self.word = Word::Given;
        }
        speaks
    }
}

fn since(at: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(at).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn it_runs_out_at_the_limit_or_ten_seconds_after_the_last_answer() {
        for (answers, over) in [(&[][..], 24), (&[3, 9], 24), (&[3, 14], 24), (&[3, 15], 25), (&[20, 29, 38], 48)] {
            let mut deadline = Deadline::new(at(0));
            let mut count = 0;
            let ended = (0..100).find(|second| {
                count += u64::from(answers.contains(second));
                deadline.note(count, Asked::Something, at(*second));
                deadline.is_over(at(*second))
            });
            assert_eq!(ended, Some(over), "{answers:?}");
        }
    }

    #[test]
    fn a_silence_is_told_once_and_only_while_something_is_asked() {
        let mut deadline = Deadline::new(at(0));
        let mut told = vec![];
        for second in 0..60 {
            let asked = if second < 20 { Asked::Nothing } else { Asked::Something };
            deadline.note(u64::from(second >= 22), asked, at(second));
            told.extend(deadline.speaks(at(second)).then_some(second));
        }
        assert_eq!(told, [27]);
    }
}
