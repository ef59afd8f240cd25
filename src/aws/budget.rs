//! Token buckets that stay well inside AWS's own: pure, over injected time.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::fleet::operation::Bucket;
use crate::fleet::{Operation, Priority};

/// One of AWS's buckets, and what it allows in a region.
///
/// Regions that allow the same share one here: together they then get what one of them would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RegionBucket {
    bucket: Bucket,
    /// Requests that AWS lets through at once.
    burst: u32,
    /// Requests that it lets through each second after that.
    rate: u32,
}

/// All buckets of one account, and who waits for them.
#[derive(Debug, Default)]
pub(super) struct Budget {
    levels: BTreeMap<RegionBucket, Level>,
    queue: BTreeSet<(RegionBucket, Priority, u64)>,
    next: u64,
}

/// A place in the queue for one request.
pub(super) type Place = (RegionBucket, Priority, u64);

/// What is to be done by one who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Go: the token is taken and the place given up.
    Now,
    /// Ask again after that long.
    In(Duration),
}

/// How full a bucket is; in millionths of a token, so that nothing is lost to rounding.
#[derive(Debug)]
struct Level {
    tokens: i64,
    filled: Timestamp,
    pace: i64,
    widened: Option<Timestamp>,
    throttled: Option<Timestamp>,
}

const TOKEN: i64 = 1_000_000;
const MINUTE: i64 = 60_000_000;
const SLOWEST: i64 = 8;

impl RegionBucket {
    /// The bucket that a request of `operation` to `region` takes a token from.
    pub(super) fn of(operation: Operation, region: &str) -> Self {
        let bucket = operation.info().bucket;
        let (burst, rate) = bucket.limits(region);
        Self { bucket, burst, rate }
    }

    /// What we take of the sustained rate, each second: a quarter, and one at least, because the account's deploy
    /// pipelines take from the same bucket.
    fn share(self) -> i64 {
        i64::from(self.rate / 4).max(1)
    }

    fn burst(self) -> i64 {
        i64::from(self.burst)
    }
}

impl Budget {
    /// Joins the queue for one request.
    pub(super) fn join(&mut self, bucket: RegionBucket, lane: Priority) -> Place {
        let place = (bucket, lane, self.next);
        self.next += 1;
        self.queue.insert(place);
        place
    }

    /// Leaves the queue without a token.
    pub(super) fn leave(&mut self, place: &Place) {
        self.queue.remove(place);
    }

    /// Takes a token if it is this one's turn: lanes in order, and within a lane who came first.
    pub(super) fn take(&mut self, place: &Place, now: Timestamp) -> Turn {
        let bucket = place.0;
        let first = (bucket, Priority::Change, 0);
        let before = i64::try_from(self.queue.range(first..*place).count()).unwrap_or(i64::MAX / TOKEN - 1);
        let level = self.level(bucket, now);
        let lacking = (before + 1) * TOKEN - level.tokens;
        if lacking > 0 {
            return Turn::In(level.time_for(lacking, bucket));
        }
        if before > 0 {
            // Those before have tokens waiting for them, and are about to take them.
            return Turn::In(Duration::from_millis(1));
        }
        level.tokens -= TOKEN;
        self.queue.remove(place);
        Turn::Now
    }

    /// Counts a request that was sent without asking: a retry of the SDK's.
    pub(super) fn debit(&mut self, bucket: RegionBucket, now: Timestamp) {
        let floor = -bucket.burst() * TOKEN;
        let level = self.level(bucket, now);
        level.tokens = (level.tokens - TOKEN).max(floor);
    }

    /// AWS said that the bucket is empty: it is, and we slow down.
    pub(super) fn throttled(&mut self, bucket: RegionBucket, now: Timestamp) {
        let level = self.level(bucket, now);
        level.tokens = level.tokens.min(0);
        level.throttled = Some(now);
        // Requests that were in progress together are throttled together, which counts once.
        if level.widened.is_none_or(|then| micros(then, now) >= TOKEN) {
            level.pace = (level.pace * 2).min(SLOWEST);
            level.widened = Some(now);
        }
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Whether AWS throttled us within the last minute.
    pub(super) fn strained(&self, now: Timestamp) -> bool {
        let lately = |then: Timestamp| micros(then, now) < MINUTE;
        self.levels.values().any(|level| level.throttled.is_some_and(lately))
    }

    /// How long until the next of those who wait may go; nothing where none waits.
    pub(super) fn next_turn(&mut self, now: Timestamp) -> Option<Duration> {
        let waited_for: BTreeSet<RegionBucket> = self.queue.iter().map(|(bucket, _, _)| *bucket).collect();
        let wait = |bucket: RegionBucket| {
            let level = self.level(bucket, now);
            level.time_for(TOKEN - level.tokens, bucket)
        };
        waited_for.into_iter().map(wait).min()
    }

    fn level(&mut self, bucket: RegionBucket, now: Timestamp) -> &mut Level {
        let level = self.levels.entry(bucket).or_insert_with(|| Level::new(bucket, now));
        level.fill(bucket, now);
        level
    }
}

impl Level {
    /// The first look may use nine tenths of a burst.
    fn new(bucket: RegionBucket, now: Timestamp) -> Self {
        let tokens = bucket.burst() * TOKEN * 9 / 10;
        Self { tokens, filled: now, pace: 1, widened: None, throttled: None }
    }

    /// Refills up to two seconds' worth: the burst is used once.
    fn fill(&mut self, bucket: RegionBucket, now: Timestamp) {
        let elapsed = micros(self.filled, now);
        self.filled = now;
        let full = 2 * bucket.share() * TOKEN;
        if self.tokens < full {
            let gained = elapsed.saturating_mul(bucket.share()) / self.pace;
            self.tokens = self.tokens.saturating_add(gained).min(full);
        }
        while let Some(then) = self.widened {
            if self.pace == 1 || micros(then, now) < MINUTE {
                break;
            }
            self.pace /= 2;
            self.widened = then.checked_add(Duration::from_mins(1)).ok();
        }
    }

    fn time_for(&self, lacking: i64, bucket: RegionBucket) -> Duration {
        let micros = lacking.max(0).saturating_mul(self.pace) / bucket.share() + 1;
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).max(Duration::from_millis(1))
    }
}

/// Microseconds from `then` to `now`; none where the clock was set back.
fn micros(then: Timestamp, now: Timestamp) -> i64 {
    now.as_microsecond().saturating_sub(then.as_microsecond()).max(0)
}
