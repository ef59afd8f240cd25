//! Budgets in time that is moved by hand.

use proptest::prelude::*;

use super::*;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap_or_default()
}

fn services() -> RegionBucket {
    RegionBucket::of(Operation::DescribeServices, "us-east-1")
}

/// How many go at once, if so many ask.
fn at_once(budget: &mut Budget, bucket: RegionBucket, asking: usize, now: Timestamp) -> usize {
    let places: Vec<Place> = (0..asking).map(|_| budget.join(bucket, Priority::Screen)).collect();
    let gone = places.iter().filter(|place| budget.take(place, now) == Turn::Now).count();
    for place in &places {
        budget.leave(place);
    }
    gone
}

#[test]
fn the_first_look_uses_nine_tenths_of_a_burst_once_and_then_a_quarter_of_the_rate() {
    for (operation, burst, each_second) in [
        (Operation::DescribeServices, 90, 5),
        (Operation::DescribeTasks, 90, 5),
        (Operation::DescribeClusters, 45, 5),
        (Operation::DescribeServiceDeployments, 45, 5),
        (Operation::DescribeServiceRevisions, 45, 5),
        (Operation::DescribeTaskDefinition, 45, 5),
        (Operation::UpdateService, 45, 1),
        (Operation::DescribeScalableTargets, 9, 1),
        (Operation::RegisterScalableTarget, 9, 1),
        (Operation::DescribeImages, 9, 1),
        (Operation::GetCallerIdentity, 9, 1),
    ] {
        let (mut budget, bucket) = (Budget::default(), RegionBucket::of(operation, "eu-west-1"));
        assert_eq!(at_once(&mut budget, bucket, 200, at(0)), burst, "{bucket:?} at first");
        assert_eq!(at_once(&mut budget, bucket, 200, at(0)), 0, "{bucket:?} at once after that");
        assert_eq!(at_once(&mut budget, bucket, 200, at(1000)), each_second, "{bucket:?} a second later");
        let saved = at_once(&mut budget, bucket, 200, at(3_600_000));
        assert_eq!(saved, 2 * each_second, "{bucket:?} an hour later");
    }
}

#[test]
fn buckets_do_not_take_from_one_another() {
    let mut budget = Budget::default();
    at_once(&mut budget, services(), 200, at(0));
    assert_eq!(at_once(&mut budget, RegionBucket::of(Operation::ListTasks, "us-east-1"), 200, at(0)), 90);
}

#[test]
fn a_lower_lane_does_not_take_while_a_higher_one_waits() {
    let mut budget = Budget::default();
    at_once(&mut budget, services(), 200, at(0));
    let lanes = [Priority::Rest, Priority::Screen, Priority::Change, Priority::Screen];
    let [rest, screen, change, second] = lanes.map(|lane| budget.join(services(), lane));
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
    at_once(&mut budget, services(), 200, at(0));
    let places = [0; 3].map(|_| budget.join(services(), Priority::Rest));
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
    at_once(&mut budget, services(), 200, at(0));
    let [first, second] = [0; 2].map(|_| budget.join(services(), Priority::Screen));
    assert!(matches!(budget.take(&second, at(200)), Turn::In(_)));
    budget.leave(&first);
    assert_eq!((budget.take(&second, at(200)), budget.waiting()), (Turn::Now, 0));
}

#[test]
fn a_rate_below_four_still_leaves_one_request_a_second() {
    let bucket = RegionBucket { bucket: Bucket::CallerIdentity, burst: 2, rate: 1 };
    let mut budget = Budget::default();
    let gone: Vec<usize> = [0, 1_000, 2_000].map(|millis| at_once(&mut budget, bucket, 9, at(millis))).to_vec();
    assert_eq!(gone, [1, 1, 1]);
}

#[test]
fn logs_are_searched_at_a_quarter_of_what_their_region_allows() {
    for (region, share) in [("us-east-1", 6), ("eu-west-1", 2), ("eu-central-1", 1), ("nowhere-9", 2)] {
        assert_eq!(RegionBucket::of(Operation::FilterLogEvents, region).share(), share, "{region}");
    }
}

#[test]
fn retries_are_counted_and_paid_back() {
    let mut budget = Budget::default();
    at_once(&mut budget, services(), 200, at(0));
    for _ in 0..5 {
        budget.debit(services(), at(0));
    }
    assert_eq!(at_once(&mut budget, services(), 9, at(1000)), 0);
    assert_eq!(at_once(&mut budget, services(), 9, at(2000)), 5);
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
            budget.throttled(services(), at(*millis));
        }
        assert_eq!(at_once(&mut budget, services(), 200, at(later)), gone, "{later} ms");
    }
    assert!(!budget.strained(at(72_500)));
}

#[test]
fn a_clock_that_is_set_back_or_jumps_ahead_gives_nothing_away() {
    let mut budget = Budget::default();
    at_once(&mut budget, services(), 200, at(0));
    assert_eq!(at_once(&mut budget, services(), 200, at(-3_600_000)), 0);
    assert_eq!(at_once(&mut budget, services(), 200, at(-3_600_000 + 200)), 1);
    assert_eq!(at_once(&mut budget, services(), 200, at(i64::from(u32::MAX))), 10);
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
            gone += at_once(&mut budget, services(), asking, at(now));
            prop_assert!(i64::try_from(gone).unwrap_or(i64::MAX) <= 90 + now * 5 / 1000);
        }
    }
}
