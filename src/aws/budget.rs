//! Token buckets that stay well inside AWS's own: pure, over injected time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::fleet::Lane;

/// One of AWS's buckets, per account and region.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bucket {
    Clusters,
    Services,
    /// Creating, updating and deleting services.
    ServiceChanges,
    Deployments,
    Revisions,
    Tasks,
    Definitions,
    /// ECR publishes no figures for its descriptions; kept small.
    Images,
    /// Application Auto Scaling publishes no figures; kept small.
    Scaling,
    /// Likewise.
    ScalingChanges,
    /// STS publishes no figures; kept small.
    Identity,
}

/// Operations that only read, and the bucket each drinks from. What is not on this list is a change.
pub(super) const READS: [(&str, Bucket); 13] = [
    ("GetCallerIdentity", Bucket::Identity),
    ("ListClusters", Bucket::Clusters),
    ("DescribeClusters", Bucket::Clusters),
    ("ListServices", Bucket::Services),
    ("DescribeServices", Bucket::Services),
    ("ListServiceDeployments", Bucket::Deployments),
    ("DescribeServiceDeployments", Bucket::Deployments),
    ("DescribeServiceRevisions", Bucket::Revisions),
    ("ListTasks", Bucket::Tasks),
    ("DescribeTasks", Bucket::Tasks),
    ("DescribeTaskDefinition", Bucket::Definitions),
    ("DescribeScalableTargets", Bucket::Scaling),
    ("DescribeImages", Bucket::Images),
];

/// Operations that change something, and the bucket each drinks from.
pub(super) const CHANGES: [(&str, Bucket); 2] =
    [("UpdateService", Bucket::ServiceChanges), ("RegisterScalableTarget", Bucket::ScalingChanges)];

/// Whether `operation` only reads.
pub(super) fn is_read(operation: &str) -> bool {
    READS.iter().any(|(name, _)| *name == operation)
}

/// All buckets of one account in one region, and who waits for them.
#[derive(Debug, Default)]
pub(super) struct Budget {
    levels: BTreeMap<Bucket, Level>,
    queue: BTreeSet<(Bucket, Lane, u64)>,
    next: u64,
}

/// A place in the queue for one request.
pub(super) type Place = (Bucket, Lane, u64);

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

impl Bucket {
    /// The bucket that `operation` drinks from; nothing for what is never sent.
    pub(super) fn of(operation: &str) -> Option<Self> {
        READS.iter().chain(&CHANGES).find(|(name, _)| *name == operation).map(|(_, bucket)| *bucket)
    }

    /// Requests AWS lets through at once, and each second after that.
    fn limits(self) -> (i64, i64) {
        match self {
            Self::Services | Self::Tasks => (100, 20),
            Self::Clusters | Self::Deployments | Self::Revisions | Self::Definitions => (50, 20),
            Self::ServiceChanges => (50, 5),
            Self::Images | Self::Scaling | Self::ScalingChanges | Self::Identity => (10, 4),
        }
    }

    /// What we take of the sustained rate, each second: a quarter, because the account's deploy
    /// pipelines drink from the same bucket.
    fn share(self) -> i64 {
        self.limits().1 / 4
    }
}

impl Budget {
    /// Joins the queue for one request.
    pub(super) fn join(&mut self, bucket: Bucket, lane: Lane) -> Place {
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
        let first = (bucket, Lane::Change, 0);
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
    pub(super) fn debit(&mut self, bucket: Bucket, now: Timestamp) {
        let floor = -bucket.limits().0 * TOKEN;
        let level = self.level(bucket, now);
        level.tokens = (level.tokens - TOKEN).max(floor);
    }

    /// AWS said that the bucket is empty: it is, and we slow down.
    pub(super) fn throttled(&mut self, bucket: Bucket, now: Timestamp) {
        let level = self.level(bucket, now);
        level.tokens = level.tokens.min(0);
        level.throttled = Some(now);
        // Requests that were under way together are throttled together, which counts once.
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
        let waited_for: BTreeSet<Bucket> = self.queue.iter().map(|(bucket, _, _)| *bucket).collect();
        let wait = |bucket: Bucket| {
            let level = self.level(bucket, now);
            level.time_for(TOKEN - level.tokens, bucket)
        };
        waited_for.into_iter().map(wait).min()
    }

    fn level(&mut self, bucket: Bucket, now: Timestamp) -> &mut Level {
        let level = self.levels.entry(bucket).or_insert_with(|| Level::new(bucket, now));
        level.fill(bucket, now);
        level
    }
}

impl Level {
    /// The first look may use nine tenths of a burst.
    fn new(bucket: Bucket, now: Timestamp) -> Self {
        let tokens = bucket.limits().0 * TOKEN * 9 / 10;
        Self { tokens, filled: now, pace: 1, widened: None, throttled: None }
    }

    /// Refills up to two seconds' worth: the burst is used once.
    fn fill(&mut self, bucket: Bucket, now: Timestamp) {
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

    fn time_for(&self, lacking: i64, bucket: Bucket) -> Duration {
        let micros = lacking.max(0).saturating_mul(self.pace) / bucket.share() + 1;
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).max(Duration::from_millis(1))
    }
}

/// Microseconds from `then` to `now`; none where the clock was set back.
fn micros(then: Timestamp, now: Timestamp) -> i64 {
    now.as_microsecond().saturating_sub(then.as_microsecond()).max(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap_or_default()
    }

    /// How many go at once, if so many ask.
    fn at_once(budget: &mut Budget, bucket: Bucket, asking: usize, now: Timestamp) -> usize {
        let places: Vec<Place> = (0..asking).map(|_| budget.join(bucket, Lane::Screen)).collect();
        let gone = places.iter().filter(|place| budget.take(place, now) == Turn::Now).count();
        for place in &places {
            budget.leave(place);
        }
        gone
    }

    #[test]
    fn the_first_look_uses_nine_tenths_of_a_burst_once_and_then_a_quarter_of_the_rate() {
        for (bucket, burst, each_second) in [
            (Bucket::Services, 90, 5),
            (Bucket::Tasks, 90, 5),
            (Bucket::Clusters, 45, 5),
            (Bucket::Deployments, 45, 5),
            (Bucket::Revisions, 45, 5),
            (Bucket::Definitions, 45, 5),
            (Bucket::ServiceChanges, 45, 1),
            (Bucket::Scaling, 9, 1),
            (Bucket::ScalingChanges, 9, 1),
            (Bucket::Identity, 9, 1),
        ] {
            let mut budget = Budget::default();
            assert_eq!(at_once(&mut budget, bucket, 200, at(0)), burst, "{bucket:?} at first");
            assert_eq!(at_once(&mut budget, bucket, 200, at(0)), 0, "{bucket:?} at once after that");
            assert_eq!(at_once(&mut budget, bucket, 200, at(1000)), each_second, "{bucket:?} a second later");
            let saved = at_once(&mut budget, bucket, 200, at(3_600_000));
            assert_eq!(saved, 2 * each_second, "{bucket:?} an hour later");
        }
    }

    #[test]
    fn no_change_is_on_the_list_of_reads() {
        let listed: Vec<&str> = CHANGES.iter().map(|(name, _)| *name).filter(|name| is_read(name)).collect();
        assert_eq!(listed, [""; 0]);
    }

    #[test]
    fn buckets_do_not_drink_from_one_another() {
        let mut budget = Budget::default();
        at_once(&mut budget, Bucket::Services, 200, at(0));
        assert_eq!(at_once(&mut budget, Bucket::Tasks, 200, at(0)), 90);
    }

    #[test]
    fn a_lower_lane_does_not_take_while_a_higher_one_waits() {
        let mut budget = Budget::default();
        at_once(&mut budget, Bucket::Services, 200, at(0));
        let lanes = [Lane::Rest, Lane::Screen, Lane::Change, Lane::Screen];
        let [rest, screen, change, second] = lanes.map(|lane| budget.join(Bucket::Services, lane));
        let mut order = vec![];
        for millis in 0..1000 {
            for place in [rest, second, screen, change] {
                if !order.contains(&place) && budget.take(&place, at(millis)) == Turn::Now {
                    order.push(place);
                }
            }
        }
        assert_eq!(order, [change, screen, second, rest]);
    }

    #[test]
    fn whoever_waits_is_told_for_how_long_and_may_then_go() {
        let mut budget = Budget::default();
        at_once(&mut budget, Bucket::Services, 200, at(0));
        let places = [0; 3].map(|_| budget.join(Bucket::Services, Lane::Rest));
        for (place, millis) in places.iter().zip([200, 400, 600]) {
            let Turn::In(wait) = budget.take(place, at(0)) else { panic!("{place:?} went") };
            assert_eq!(wait.as_millis(), millis, "{place:?}");
        }
        for (place, millis) in places.iter().zip([201, 401, 601]) {
            assert_eq!(budget.take(place, at(millis)), Turn::Now, "{place:?}");
        }
    }

    #[test]
    fn a_place_that_is_given_up_is_the_next_ones() {
        let mut budget = Budget::default();
        at_once(&mut budget, Bucket::Services, 200, at(0));
        let [first, second] = [0; 2].map(|_| budget.join(Bucket::Services, Lane::Screen));
        assert!(matches!(budget.take(&second, at(200)), Turn::In(_)));
        budget.leave(&first);
        assert_eq!((budget.take(&second, at(200)), budget.waiting()), (Turn::Now, 0));
    }

    #[test]
    fn retries_are_counted_and_paid_back() {
        let mut budget = Budget::default();
        at_once(&mut budget, Bucket::Services, 200, at(0));
        for _ in 0..5 {
            budget.debit(Bucket::Services, at(0));
        }
        assert_eq!(at_once(&mut budget, Bucket::Services, 9, at(1000)), 0);
        assert_eq!(at_once(&mut budget, Bucket::Services, 9, at(2000)), 5);
    }

    #[test]
    fn each_throttling_halves_the_pace_down_to_an_eighth_and_each_quiet_minute_doubles_it() {
        let mut budget = Budget::default();
        // Throttled together counts once; a minute without any, and it is faster again.
        for (throttled, later, gone) in [
            (&[0_i64, 10, 20][..], 2_020, 5),
            (&[3_000], 7_000, 5),
            (&[8_000, 10_000, 12_000], 20_000, 5),
            (&[], 72_500, 10),
            (&[], 74_500, 2),
        ] {
            for millis in throttled {
                budget.throttled(Bucket::Services, at(*millis));
            }
            assert_eq!(at_once(&mut budget, Bucket::Services, 200, at(later)), gone, "{later} ms");
        }
        assert!(!budget.strained(at(72_500)));
    }

    #[test]
    fn a_clock_that_is_set_back_or_jumps_ahead_gives_nothing_away() {
        let mut budget = Budget::default();
        at_once(&mut budget, Bucket::Services, 200, at(0));
        assert_eq!(at_once(&mut budget, Bucket::Services, 200, at(-3_600_000)), 0);
        assert_eq!(at_once(&mut budget, Bucket::Services, 200, at(-3_600_000 + 200)), 1);
        assert_eq!(at_once(&mut budget, Bucket::Services, 200, at(i64::from(u32::MAX))), 10);
    }

    proptest! {
        #[test]
        fn no_schedule_of_asking_gets_more_than_the_burst_and_the_share(
            asks in prop::collection::vec((0_i64..3_000, 1_usize..40), 1..60),
        ) {
            let mut budget = Budget::default();
            let (mut now, mut gone) = (0, 0);
            for (pause, asking) in asks {
                now += pause;
                gone += at_once(&mut budget, Bucket::Services, asking, at(now));
                prop_assert!(i64::try_from(gone).unwrap_or(i64::MAX) <= 90 + now * 5 / 1000);
            }
        }
    }
}
