//! Budgets in time that is moved by hand.

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
fn logs_are_searched_at_a_quarter_of_what_their_region_allows() {
    for (region, share) in [("us-east-1", 6), ("eu-west-1", 2), ("eu-central-1", 1), ("nowhere-9", 2)] {
        let bucket = Bucket::of("FilterLogEvents", region);
        assert_eq!(bucket.map(Bucket::share), Some(share), "{region}");
    }
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
