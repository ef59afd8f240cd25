//! Each line once and in order, whatever the order of answers.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::fleet::{LogSource, QueryKind, Streams};

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_000_000_000_000 + millis).unwrap_or_default()
}

fn line(millis: i64, stream: usize, id: usize) -> LogLine {
    LogLine {
        at: at(millis),
        ingested_at: at(millis),
        id: format!("{id:06}"),
        group: "/ecs/web".to_owned(),
        stream: format!("ecs/web/t{stream}"),
        message: format!("line {id}"),
    }
}

fn group() -> Group {
    Group { context: ContextId::new("prod"), name: "/ecs/web".to_owned(), region: None }
}

fn streams(count: usize) -> BTreeMap<LogStream, Ends> {
    let place = |n| StreamSelector::Stream(format!("ecs/web/t{n}"));
    (0..count).map(|n| (LogStream { group: group(), place: place(n) }, Ends::Open)).collect()
}

fn error(kind: Trouble, message: &str) -> CloudError {
    CloudError {
        kind,
        operation: "FilterLogEvents".to_owned(),
        on: "log group /ecs/web".to_owned(),
        code: None,
        message: message.to_owned(),
        request_id: None,
        advice: String::new(),
    }
}

/// Lines in store, each with the moment from which on it is there.
struct Store {
    lines: Vec<(i64, LogLine)>,
    most: usize,
    missing: Vec<String>,
}

impl Store {
    /// What it answers at `now`: as `FilterLogEvents` does, drained up to a limit.
    fn answer(&self, ask: &Query, now: i64) -> Response {
        let QueryKind::LogEvents(source, window) = &ask.kind else { panic!("{ask:?}") };
        let among = |stream: &String| match &source.streams {
            Streams::Named(names) => names.contains(stream),
            Streams::Prefix(prefix) => stream.starts_with(prefix),
            Streams::All => true,
        };
        if self.missing.iter().any(among) {
            return Response::Failed(error(Trouble::Gone, "The specified log stream does not exist"));
        }
        let there = self.lines.iter().filter(|(from, line)| {
            *from <= now
                && line.at >= window.from
                && window.until.is_none_or(|until| line.at <= until)
                && among(&line.stream)
        });
        let mut lines: Vec<LogLine> = there.map(|(_, line)| line.clone()).collect();
        lines.sort();
        // As the reader does, never within the first millisecond.
        let end = lines.iter().take_while(|line| line.at == window.from).count().max(self.most);
        if lines.len() <= end {
            return Response::Complete(Payload::LogEvents(lines));
        }
        lines.truncate(end + 1);
        Response::Partial(Payload::LogEvents(lines), error(Trouble::Throttled, "more"))
    }
}

/// Runs `tail` for so long, answers coming up to five seconds late and in any order.
fn run(tail: &mut Tail, store: &Store, until: i64, seed: &[u8]) -> Vec<LogLine> {
    run_on(tail, store, 0..until, seed, |_, _| {})
}

/// The same from some moment on; at each, `meanwhile` happens first.
fn run_on(
    tail: &mut Tail,
    store: &Store,
    moments: Range<i64>,
    seed: &[u8],
    mut meanwhile: impl FnMut(&mut Tail, i64),
) -> Vec<LogLine> {
    let (mut flying, mut fresh, mut asked): (Vec<(i64, Query, Response)>, Vec<LogLine>, usize) = (vec![], vec![], 0);
    for now in moments.step_by(500) {
        meanwhile(tail, now);
        for ask in tail.due(at(now)) {
            let delay = i64::from(seed.get(asked % seed.len().max(1)).copied().unwrap_or(0)) * 20;
            // What AWS says is what it knew when it was asked, not when it is heard.
            let answer = store.answer(&ask, now);
            flying.push((now + delay, ask, answer));
            asked += 1;
        }
        let (come, rest) = flying.into_iter().partition(|(when, _, _)| *when <= now);
        flying = rest;
        let come: Vec<(i64, Query, Response)> = come;
        for (_, ask, answer) in come.into_iter().rev() {
            fresh.extend(tail.take(&ask, answer, at(now)).iter().map(|line| LogLine::clone(line)));
        }
    }
    fresh
}

fn sorted(mut lines: Vec<LogLine>) -> Vec<LogLine> {
    lines.sort();
    lines
}

fn held(tail: &Tail) -> Vec<LogLine> {
    tail.lines().iter().map(|line| LogLine::clone(line)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_arrives_within_the_overlap_comes_once_and_in_order(
        written in prop::collection::vec((0_i64..120, 0_i64..59_000, 0_usize..40), 0..600),
        delays in prop::collection::vec(any::<u8>(), 1..20),
        most in 20_usize..200,
    ) {
        // Whole seconds, so that many are equal; up to 59 s late.
        let lines = written.iter().enumerate();
        let lines: Vec<(i64, LogLine)> = lines.map(|(id, (second, late, stream))| {
            (second * 1000 + late, line(second * 1000, *stream, id))
        }).collect();
        let store = Store { lines, most, missing: vec![] };
        let mut tail = Tail::following(at(0));
        tail.follow(&streams(40), at(0));
        let fresh = run(&mut tail, &store, 600_000, &delays);
        let all = sorted(store.lines.into_iter().map(|(_, line)| line).collect());
        prop_assert_eq!(held(&tail), all.clone());
        prop_assert_eq!(sorted(fresh), all);
        prop_assert_eq!(tail.behind(at(600_000)), None);
    }

    #[test]
    fn going_back_brings_what_was_written_before_once_and_loses_nothing_of_what_comes(
        written in prop::collection::vec((0_i64..900, 0_i64..59_000, 0_usize..40), 0..600),
        delays in prop::collection::vec(any::<u8>(), 1..20),
        most in 20_usize..200,
        steps in prop::collection::btree_map(600_i64..900, 0_i64..600, 0..4),
    ) {
        let lines = written.iter().enumerate();
        let lines: Vec<(i64, LogLine)> = lines.map(|(id, (second, late, stream))| {
            (second * 1000 + late, line(second * 1000, *stream, id))
        }).collect();
        let store = Store { lines, most, missing: vec!["ecs/web/t7".to_owned()] };
        let mut tail = Tail::following(at(600_000));
        tail.follow(&streams(40), at(600_000));
        let fresh = run_on(&mut tail, &store, 600_000..1_500_000, &delays, |tail, now| {
            if let Some(to) = steps.get(&(now / 1000)) {
                tail.backfill(at(to * 1000));
            }
        });
        let since = steps.values().min().copied().unwrap_or(600).min(600) * 1000;
        let there = store.lines.into_iter().map(|(_, line)| line);
        let all = sorted(there.filter(|line| line.at >= at(since) && line.stream != "ecs/web/t7").collect());
        prop_assert_eq!(held(&tail), all.clone());
        prop_assert_eq!(sorted(fresh), all);
        prop_assert_eq!((tail.since(), tail.is_backfilling(), tail.behind(at(1_500_000))), (at(since), false, None));
    }

    #[test]
    fn streams_that_are_not_there_hold_nobody_up(missing in prop::collection::btree_set(0_usize..40, 0..8)) {
        let lines: Vec<_> = (0..400).map(|id| (0, line(i64::try_from(id).unwrap_or(0), id % 40, id))).collect();
        let missing: Vec<String> = missing.iter().map(|n| format!("ecs/web/t{n}")).collect();
        let lines: Vec<_> = lines.into_iter().filter(|(_, line)| !missing.contains(&line.stream)).collect();
        let store = Store { lines, most: 1_000, missing };
        let mut tail = Tail::following(at(0));
        tail.follow(&streams(40), at(0));
        run(&mut tail, &store, 60_000, &[0]);
        prop_assert_eq!(held(&tail).len(), store.lines.len());
        prop_assert_eq!(tail.errors().count(), 0);
    }
}

#[test]
fn ten_thousand_lines_over_forty_streams_are_read_once_up_to_now() {
    for count in [0, 1, 10_000] {
        let lines: Vec<_> = (0..count).map(|id| (0, line(i64::try_from(id / 3).unwrap_or(0), id % 40, id))).collect();
        let store = Store { lines, most: 700, missing: vec![] };
        let mut tail = Tail::once(at(0), at(100_000));
        tail.follow(&streams(40), at(0));
        let fresh = run(&mut tail, &store, 60_000, &[0]);
        assert!(tail.is_done());
        assert_eq!((fresh.len(), tail.dropped()), (count, 0));
        assert_eq!(held(&tail), sorted(store.lines.into_iter().map(|(_, line)| line).collect()));
    }
}

#[test]
fn more_than_fits_falls_out_at_the_old_end_is_counted_and_does_not_come_again() {
    for count in [LINES + 10, 3 * LINES] {
        let lines: Vec<_> = (0..count).map(|id| (0, line(0, 0, id))).collect();
        let store = Store { lines, most: usize::MAX, missing: vec![] };
        let mut tail = Tail::following(at(0));
        tail.follow(&streams(1), at(0));
        assert_eq!(run(&mut tail, &store, 10_000, &[0]).len(), count);
        assert_eq!((tail.lines().len(), tail.dropped()), (LINES, count - LINES));
        assert_eq!(tail.lines().front().map(|line| line.id.clone()), Some(format!("{:06}", count - LINES)));
    }
}

#[test]
fn a_writer_whose_clock_is_ahead_hides_nothing_of_the_others() {
    let mut lines = vec![(0, line(3_600_000, 0, 0))];
    lines.extend(
        (1..100).map(|id| (i64::from(id) * 1000, line(i64::from(id) * 1000, 1, usize::try_from(id).unwrap_or(0)))),
    );
    let store = Store { lines, most: 1_000, missing: vec![] };
    let mut tail = Tail::following(at(0));
    tail.follow(&streams(2), at(0));
    assert_eq!(run(&mut tail, &store, 120_000, &[0]).len(), 100);
}

#[test]
fn questions_follow_each_other_every_two_seconds_while_lines_come_and_every_ten_at_last() {
    let mut tail = Tail::following(at(0));
    tail.follow(&streams(1), at(0));
    let mut moments = vec![];
    for now in (0..60_000).step_by(500) {
        for ask in tail.due(at(now)) {
            moments.push(now / 1000);
            let id = usize::try_from(now).unwrap_or(0);
            let lines = if now < 6_000 { vec![line(now, 0, id)] } else { vec![] };
            tail.take(&ask, Response::Complete(Payload::LogEvents(lines)), at(now));
        }
    }
    assert_eq!(moments, [0, 2, 4, 6, 9, 13, 20, 30, 40, 50]);
}

#[test]
fn a_task_that_stopped_is_asked_for_once_more_and_a_new_one_from_the_beginning() {
    let mut tail = Tail::following(at(0));
    let mut asked: Vec<(i64, Vec<String>, Timestamp)> = vec![];
    for now in (0..60_000).step_by(1_000) {
        let mut found = streams(1);
        if now >= 5_000 {
            for ends in found.values_mut() {
                *ends = Ends::At(at(4_000));
            }
            found.extend(streams(2).into_iter().skip(1));
        }
        tail.follow(&found, at(now));
        for ask in tail.due(at(now)) {
            if let QueryKind::LogEvents(LogSource { streams: Streams::Named(names), .. }, window) = &ask.kind {
                asked.push((now, names.clone(), window.from));
            }
            tail.take(&ask, Response::Complete(Payload::LogEvents(vec![])), at(now));
        }
    }
    let last =
        asked.iter().filter(|(_, names, _)| names.iter().any(|name| name == "ecs/web/t0")).map(|(now, _, _)| *now);
    assert_eq!(last.clone().filter(|now| *now >= 19_000).count(), 1, "{asked:?}");
    let first = asked.iter().find(|(_, names, _)| names.contains(&"ecs/web/t1".to_owned()));
    assert_eq!(first, Some(&(5_000, vec!["ecs/web/t1".to_owned()], at(0))));
}

#[test]
fn an_error_is_told_until_it_passes_and_asked_again_ever_more_slowly() {
    let mut tail = Tail::following(at(0));
    tail.follow(&streams(1), at(0));
    let mut moments = vec![];
    for now in (0..40_000).step_by(1_000) {
        for ask in tail.due(at(now)) {
            moments.push(now / 1000);
            tail.take(&ask, Response::Failed(error(Trouble::Throttled, "Rate exceeded")), at(now));
            assert_eq!(tail.errors().count(), 1);
        }
    }
    assert_eq!((moments, tail.has_read()), (vec![0, 5, 15, 35], false));
    let asks = tail.due(at(100_000));
    for ask in &asks {
        tail.take(ask, Response::Complete(Payload::LogEvents(vec![line(0, 0, 0)])), at(100_000));
        assert_eq!(tail.take(ask, Response::Complete(Payload::LogEvents(vec![line(1, 0, 1)])), at(100_000)), []);
    }
    assert_eq!((asks.len(), tail.errors().count(), tail.has_read(), tail.lines().len()), (1, 0, true, 1));
}

#[test]
fn a_log_group_that_is_not_there_ends_a_single_reading_with_its_error() {
    let mut tail = Tail::once(at(0), at(1));
    tail.follow(&streams(3), at(0));
    for ask in tail.due(at(0)) {
        tail.take(&ask, Response::Failed(error(Trouble::Gone, "The specified log group does not exist")), at(0));
    }
    assert_eq!((tail.is_done(), tail.errors().count()), (true, 1));
}

#[test]
fn a_group_that_cannot_be_read_holds_nobody_up_though_it_gets_more_places() {
    let denied = Group { name: "/ecs/worker".to_owned(), ..group() };
    let of_denied =
        |n: i64| LogStream { group: denied.clone(), place: StreamSelector::Stream(format!("ecs/worker/t{n}")) };
    let mut found = streams(1);
    found.insert(of_denied(0), Ends::Open);
    let mut tail = Tail::following(at(0));
    for now in (0..60_000).step_by(1_000) {
        if now == 20_000 {
            found.insert(of_denied(1), Ends::Open);
        }
        tail.follow(&found, at(now));
        for ask in tail.due(at(now)) {
            let QueryKind::LogEvents(source, _) = &ask.kind else { panic!("{ask:?}") };
            let answer = if source.group == denied.name {
                Response::Failed(error(Trouble::Denied, "not authorized"))
            } else {
                Response::Complete(Payload::LogEvents(vec![]))
            };
            tail.take(&ask, answer, at(now));
        }
        assert_eq!((tail.complete_to(), tail.errors().count()), (None, 1), "{now}");
    }
}

#[test]
fn an_error_has_passed_once_it_is_known_that_the_only_stream_is_not_there() {
    let mut tail = Tail::following(at(0));
    tail.follow(&streams(1), at(0));
    for (now, says, errors) in [
        (0, error(Trouble::Throttled, "Rate exceeded"), 1),
        (10_000, error(Trouble::Gone, "The specified log stream does not exist"), 0),
    ] {
        for ask in tail.due(at(now)) {
            tail.take(&ask, Response::Failed(says.clone()), at(now));
        }
        assert_eq!(tail.errors().count(), errors, "{now}");
    }
}

#[test]
fn a_search_that_has_found_nothing_yet_goes_on_at_once_and_is_no_error() {
    let mut tail = Tail::following(at(0));
    tail.follow(&streams(1), at(0));
    for _ in 0..3 {
        let asks = tail.due(at(0));
        assert_eq!((asks.len(), tail.errors().count(), tail.complete_to()), (1, 0, Some(at(0))));
        for ask in asks {
            let searched =
                Response::Partial(Payload::LogEvents(vec![]), error(Trouble::Throttled, "no line in 1,000 pages"));
            tail.take(&ask, searched, at(0));
        }
    }
}

#[test]
fn lines_of_known_tasks_of_others_are_left_out_where_a_prefix_finds_them() {
    use crate::fleet::sample::{fleet, task};
    // Two are known to be somebody else's, of which one is followed, too.
    let fleet = fleet(&[], &[], &["t1", "t2"].map(|id| task(id, "a", "web:v1")));
    let mut found = streams(3);
    found.retain(|outlet, _| outlet.place == StreamSelector::Stream("ecs/web/t2".to_owned()));
    found.insert(LogStream { group: group(), place: StreamSelector::Prefix("ecs/web/".to_owned()) }, Ends::Open);
    let lines: Vec<_> = (0..40).map(|id| (0, line(0, id % 4, id))).collect();
    let store = Store { lines, most: 1_000, missing: vec![] };
    let mut tail = Tail::following(at(0));
    tail.follow(&found, at(0));
    tail.exclude_tasks(&fleet);
    let fresh = run(&mut tail, &store, 30_000, &[0]);
    assert!(fresh.iter().all(|line| line.stream != "ecs/web/t1"), "{fresh:?}");
    assert_eq!(fresh.len(), 30);
}
