//! `CloudWatch` Logs: lines of tasks, put lines, and reads of both.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use wharf::demo::{Aws, Size, World};

use super::{Clock, START, ask, ask_logs, aws_with, json_error, logs_request};

const GROUP: &str = "/ecs/prod-web";

fn aws_with_clock(fill: impl FnOnce(&mut wharf::demo::Region)) -> (Aws, Clock) {
    let (clock, mut world) = (Clock::new(), World::empty());
    fill(world.home());
    let hand = clock.clone();
    (Aws::new(world, move || hand.now()), clock)
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// All events that `FilterLogEvents` returns for the request, and the sizes of its pages.
async fn all(aws: &Aws, clock: Option<&Clock>, body: &Value) -> (Vec<Value>, Vec<usize>) {
    let (mut events, mut sizes, mut body) = (vec![], vec![], body.clone());
    loop {
        if let Some(clock) = clock {
            // The bucket holds one second of its rate.
            clock.pass(SignedDuration::from_millis(40));
        }
        let page = ask_logs(aws, "FilterLogEvents", body.clone()).await;
        assert_eq!(page["searchedLogStreams"], json!([]));
        let found = page["events"].as_array().unwrap();
        sizes.push(found.len());
        events.extend(found.iter().cloned());
        match page.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => return (events, sizes),
        }
    }
}

async fn code(aws: &Aws, operation: &str, body: &Value) -> String {
    json_error(aws, logs_request(operation, body)).await.0
}

fn order(event: &Value) -> (i64, i64, String) {
    let number = |key: &str| event[key].as_i64().unwrap();
    (number("timestamp"), number("ingestionTime"), event["eventId"].as_str().unwrap().to_owned())
}

fn in_order_and_once(events: &[Value]) -> bool {
    events.is_sorted_by(|one, two| order(one) < order(two))
}

#[tokio::test]
async fn every_running_task_has_its_own_stream_and_only_ingested_lines_are_visible() {
    let aws = aws_with(|region| region.add_service("prod", "web", 3));
    let from = START - seconds(600);
    let body = json!({ "logGroupName": GROUP, "startTime": ms(from) });
    let (events, _) = all(&aws, None, &body).await;
    let tasks = ask(&aws, "ListTasks", json!({ "cluster": "prod" })).await;
    let ids = super::strings(&tasks["taskArns"]).into_iter().map(|arn| arn.rsplit('/').next().unwrap());
    let mut streams: Vec<String> = ids.map(|id| format!("ecs/web/{id}")).collect();
    let mut seen: Vec<String> =
        events.iter().map(|event| event["logStreamName"].as_str().unwrap().to_owned()).collect();
    streams.sort();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, streams);
    assert!(events.len() >= 3 * 600 / 5 - 30, "{}", events.len());
    assert!(in_order_and_once(&events));
    assert!(events.iter().all(|event| order(event).0 >= ms(from) && order(event).1 <= ms(START)));
    let again = all(&aws, None, &body).await.0;
    assert_eq!(again, events, "the same request has the same response");
}

#[tokio::test]
async fn a_late_line_appears_later_with_its_own_time() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 4));
    let body = json!({ "logGroupName": GROUP, "startTime": ms(START - seconds(300)), "endTime": ms(START) });
    let early = all(&aws, None, &body).await.0;
    clock.pass(seconds(21));
    let late = all(&aws, None, &body).await.0;
    assert!(in_order_and_once(&late) && late.len() > early.len());
    assert!(early.iter().all(|event| late.contains(event)), "the older lines stay");
    let new: Vec<_> = late.iter().filter(|event| !early.contains(event)).map(order).collect();
    assert!(new.iter().all(|(at, ingested, _)| *at <= ms(START) && *ingested > ms(START)), "{new:?}");
    let newest = early.iter().map(|event| order(event).0).max().unwrap();
    assert!(new.iter().any(|(at, ..)| *at < newest), "some of them have times among those of older lines");
    let (mut five, mut twenty) = (0, 0);
    for (at, ingested, _) in late.iter().map(order) {
        five += usize::from(ingested - at >= 5_000);
        twenty = twenty.max(ingested - at);
    }
    assert!(five > 3 && twenty <= 20_000, "{five} {twenty}");
    let mut times: Vec<i64> = late.iter().map(|event| order(event).0).collect();
    let count = times.len();
    times.dedup();
    assert!(times.len() < count, "streams have lines with the same time");
}

#[tokio::test]
async fn a_task_logs_why_it_failed_and_its_lines_outlive_it() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 1));
    let tasks = ask(&aws, "ListTasks", json!({ "cluster": "prod" })).await;
    let id = super::strings(&tasks["taskArns"])[0].rsplit('/').next().unwrap().to_owned();
    let stream = format!("ecs/web/{id}");
    let died = START + seconds(10);
    aws.change(|world| world.home().kill_task("prod", "web", died));
    clock.pass(seconds(30));
    let body = json!({ "logGroupName": GROUP, "logStreamNames": [stream], "startTime": ms(START) });
    let lines = all(&aws, None, &body).await.0;
    let text = |event: &Value| event["message"].as_str().unwrap().to_owned();
    assert!(text(lines.last().unwrap()).ends_with("ERROR exiting with code 137"), "{lines:?}");
    let trace = lines.iter().map(text).find(|line| line.contains("unhandled error")).unwrap();
    assert!(trace.contains('\n'), "a stack trace is one event of several lines");
    assert!(lines.iter().all(|event| order(event).0 < ms(died)));
    let of_end = order(lines.last().unwrap());
    assert!(of_end.1 > ms(died), "the last line is ingested after the end");
    clock.pass(SignedDuration::from_hours(2));
    let stopped = ask(&aws, "DescribeTasks", json!({ "cluster": "prod", "tasks": [id] })).await;
    assert_eq!(stopped["failures"][0]["reason"], "MISSING");
    assert_eq!(all(&aws, None, &body).await.0, lines);
}

#[tokio::test]
async fn a_container_killed_for_memory_logs_it_and_the_story_has_every_kind_of_line() {
    let aws = super::at_start(World::story(Size { tenants: 12, services: 3 }, 1, START));
    let texts = async |group: &str, hours: i64| {
        let from = START - SignedDuration::from_hours(hours);
        let events = all(&aws, None, &json!({ "logGroupName": group, "startTime": ms(from) })).await.0;
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let memory = texts("/ecs/georgia-production-worker", 1).await;
    assert!(memory.iter().any(|line| line.contains("cannot allocate") && line.contains("out of memory")));
    assert!(memory.iter().any(|line| line.contains("\u{1b}[2K\r")), "escape sequences");
    let json = texts("/ecs/california-production-api", 1).await;
    assert!(json.iter().all(|line| serde_json::from_str::<Value>(line).unwrap()["level"].is_string()));
    let web = texts("/ecs/california-production-web", 1).await;
    assert!(web.iter().any(|line| line.contains("GET /")) && web.iter().any(|line| line.contains(" ERROR ")));
    let sick = texts("/ecs/texas-production-web", 1).await;
    assert!(sick.iter().any(|line| line.contains("health check answered 503")));
}

#[tokio::test]
async fn put_lines_are_paginated_in_order_and_each_is_returned_once() {
    for (count, streams) in [(0, 1), (1, 1), (100, 1), (1_001, 40), (10_000, 40)] {
        let (aws, clock) = aws_with_clock(|region| {
            region.add_log_group("app", None, START);
            for at in 0..count {
                // Groups of a hundred lines have the same time; every seventh line is late.
                let written = START - seconds(600) + seconds(at / 100);
                let ingested = written + seconds(if at % 7 == 0 { 20 } else { 1 });
                let stream = format!("s{:02}", at % streams);
                region.put_late_log("app", &stream, written, ingested, &format!("line {at}"));
            }
        });
        for limit in [10_000, 7 + count / 20] {
            let (events, sizes) = all(&aws, Some(&clock), &json!({ "logGroupName": "app", "limit": limit })).await;
            assert_eq!(events.len(), usize::try_from(count).unwrap());
            assert!(in_order_and_once(&events), "{count} lines, {limit} a page");
            assert!(sizes.iter().all(|size| *size <= usize::try_from(limit).unwrap()));
        }
    }
}

#[tokio::test]
async fn a_page_may_be_empty_although_more_follow() {
    let (aws, clock) = aws_with_clock(|region| {
        (0..300).for_each(|at| region.put_log("app", "s", START - seconds(400 - at), &format!("line {at}")));
    });
    let (events, sizes) = all(&aws, Some(&clock), &json!({ "logGroupName": "app", "limit": 10 })).await;
    assert_eq!(events.len(), 300);
    let bare = sizes.iter().filter(|size| **size == 0).count();
    assert!((2..=15).contains(&bare), "{bare} of {}", sizes.len());
}

#[tokio::test]
async fn a_page_holds_at_most_a_megabyte() {
    let (aws, clock) = aws_with_clock(|region| {
        (0..30).for_each(|at| region.put_log("app", "s", START - seconds(400 - at), &"x".repeat(100_000)));
    });
    let (events, sizes) = all(&aws, Some(&clock), &json!({ "logGroupName": "app" })).await;
    assert_eq!((events.len(), sizes.iter().max()), (30, Some(&10)));
}

#[tokio::test]
async fn both_ends_of_a_time_range_are_inclusive_and_streams_and_terms_narrow_it() {
    let aws = aws_with(|region| {
        for (at, stream, text) in [(0, "a/1", "ERROR one"), (1, "a/2", "INFO two"), (2, "b/1", "ERROR three")] {
            region.put_log("app", stream, START - seconds(10) + seconds(at), text);
        }
    });
    let at = |after: i64| ms(START - seconds(10) + seconds(after));
    for (more, found) in [
        (json!({}), vec!["ERROR one", "INFO two", "ERROR three"]),
        (json!({ "startTime": at(1) }), vec!["INFO two", "ERROR three"]),
        (json!({ "endTime": at(1) }), vec!["ERROR one", "INFO two"]),
        (json!({ "startTime": at(1), "endTime": at(1) }), vec!["INFO two"]),
        (json!({ "logStreamNames": ["b/1", "a/1"] }), vec!["ERROR one", "ERROR three"]),
        (json!({ "logStreamNamePrefix": "a/" }), vec!["ERROR one", "INFO two"]),
        (json!({ "logStreamNamePrefix": "c" }), vec![]),
        (json!({ "filterPattern": "ERROR" }), vec!["ERROR one", "ERROR three"]),
        (json!({ "filterPattern": "ERROR -one" }), vec!["ERROR three"]),
    ] {
        let mut body = more.clone();
        body["logGroupIdentifier"] = json!("arn:aws:logs:us-east-1:111122223333:log-group:app:*");
        let events = all(&aws, None, &body).await.0;
        let texts: Vec<&str> = events.iter().map(|event| event["message"].as_str().unwrap()).collect();
        assert_eq!(texts, found, "{more}");
    }
}

#[tokio::test]
async fn requests_that_aws_would_refuse_are_refused_with_its_messages() {
    let aws = aws_with(|region| region.put_log("app", "s", START, "line"));
    let invalid = "InvalidParameterException";
    let missing = "ResourceNotFoundException";
    let many: Vec<String> = (0..101).map(|at| at.to_string()).collect();
    for (operation, body, wanted) in [
        ("FilterLogEvents", json!({}), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "logGroupIdentifier": "app" }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "gone" }), missing),
        ("FilterLogEvents", json!({ "logGroupName": "app", "logStreamNames": ["s", "gone"] }), missing),
        ("FilterLogEvents", json!({ "logGroupName": "app", "logStreamNames": many }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "logStreamNames": [] }), invalid),
        (
            "FilterLogEvents",
            json!({ "logGroupName": "app", "logStreamNames": ["s"], "logStreamNamePrefix": "s" }),
            invalid,
        ),
        ("FilterLogEvents", json!({ "logGroupName": "app", "limit": 10_001 }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "limit": 0 }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "startTime": 2, "endTime": 1 }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "startTime": -1 }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "filterPattern": "{ $.a = 1 }" }), invalid),
        ("FilterLogEvents", json!({ "logGroupName": "app", "nextToken": "made-up" }), invalid),
        ("GetLogEvents", json!({ "logGroupName": "app", "logStreamName": "gone" }), missing),
        ("GetLogEvents", json!({ "logGroupName": "app", "logStreamName": "s", "nextToken": "f/1" }), invalid),
        ("DescribeLogGroups", json!({ "limit": 51 }), invalid),
        ("DescribeLogGroups", json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "a" }), invalid),
        ("DescribeLogStreams", json!({ "logGroupName": "gone" }), missing),
        (
            "DescribeLogStreams",
            json!({ "logGroupName": "app", "orderBy": "LastEventTime", "logStreamNamePrefix": "s" }),
            invalid,
        ),
        ("CreateLogGroup", json!({ "logGroupName": "app" }), "ResourceAlreadyExistsException"),
        ("CreateLogGroup", json!({ "logGroupName": "a b" }), invalid),
        ("CreateLogStream", json!({ "logGroupName": "gone", "logStreamName": "s" }), missing),
        ("CreateLogStream", json!({ "logGroupName": "app", "logStreamName": "s" }), "ResourceAlreadyExistsException"),
        ("CreateLogStream", json!({ "logGroupName": "app", "logStreamName": "a:b" }), invalid),
        ("PutLogEvents", json!({ "logGroupName": "app", "logStreamName": "s", "logEvents": [] }), invalid),
        ("DeleteLogGroup", json!({ "logGroupName": "app" }), "UnknownOperationException"),
    ] {
        assert_eq!(code(&aws, operation, &body).await, wanted, "{operation} {body}");
    }
}

#[tokio::test]
async fn a_put_line_becomes_visible_and_lines_too_old_or_too_new_are_reported() {
    let (aws, clock) = aws_with_clock(|_| ());
    ask_logs(&aws, "CreateLogGroup", json!({ "logGroupName": "app" })).await;
    ask_logs(&aws, "CreateLogStream", json!({ "logGroupName": "app", "logStreamName": "s" })).await;
    let put = async |events: Value| {
        let body = json!({ "logGroupName": "app", "logStreamName": "s", "logEvents": events });
        let answer = ask_logs(&aws, "PutLogEvents", body).await;
        assert!(answer["nextSequenceToken"].is_string());
        answer["rejectedLogEventsInfo"].clone()
    };
    let event = |after: i64, message: &str| json!({ "timestamp": ms(START) + after, "message": message });
    assert_eq!(put(json!([event(0, "one"), event(0, "two")])).await, Value::Null);
    assert_eq!(all(&aws, None, &json!({ "logGroupName": "app" })).await.0.len(), 0);
    clock.pass(seconds(5));
    assert_eq!(all(&aws, None, &json!({ "logGroupName": "app" })).await.0.len(), 2);
    let (hour, day) = (3_600_000, 24 * 3_600_000);
    assert_eq!(put(json!([event(-15 * day, "old")])).await, json!({ "tooOldLogEventEndIndex": 1 }));
    let rejected = put(json!([event(0, "three"), event(2 * hour + 9_000, "new")])).await;
    assert_eq!(rejected, json!({ "tooNewLogEventStartIndex": 1 }));
    clock.pass(seconds(5));
    assert_eq!(all(&aws, None, &json!({ "logGroupName": "app" })).await.0.len(), 3);
    for events in [json!([event(9, "b"), event(8, "a")]), json!([event(0, "a"), event(25 * hour, "b")])] {
        let body = json!({ "logGroupName": "app", "logStreamName": "s", "logEvents": events });
        assert_eq!(code(&aws, "PutLogEvents", &body).await, "InvalidParameterException");
    }
}

#[tokio::test]
async fn a_stream_is_read_to_its_end_where_the_token_stays_the_same() {
    let aws = aws_with(|region| {
        (0..25).for_each(|at| region.put_log("app", "s", START - seconds(100 - at), &format!("line {at}")));
    });
    let get = async |more: Value| {
        let mut body = json!({ "logGroupName": "app", "logStreamName": "s", "limit": 10 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let page = ask_logs(&aws, "GetLogEvents", body).await;
        let texts =
            page["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()[5..].parse());
        let numbers: Vec<usize> = texts.map(Result::unwrap).collect();
        (numbers, page["nextForwardToken"].clone(), page["nextBackwardToken"].clone())
    };
    let (last, end, back) = get(json!({})).await;
    assert_eq!(last, (15..25).collect::<Vec<_>>());
    let (none, again, _) = get(json!({ "nextToken": end, "startFromHead": true })).await;
    assert_eq!((none, &again), (vec![], &end));
    let (middle, _, back) = get(json!({ "nextToken": back })).await;
    assert_eq!(middle, (5..15).collect::<Vec<_>>());
    let (first, forward, back) = get(json!({ "nextToken": back })).await;
    assert_eq!(first, (0..5).collect::<Vec<_>>());
    let (none, _, again) = get(json!({ "nextToken": back })).await;
    assert_eq!((none, again), (vec![], back));
    assert_eq!(get(json!({ "nextToken": forward, "startFromHead": true })).await.0, middle);
    let (head, ..) = get(json!({ "startFromHead": true, "endTime": ms(START - seconds(98)) })).await;
    assert_eq!(head, [0, 1], "endTime is exclusive here");
    aws.change(|world| world.home().put_log("app", "s", START, "line 25"));
    assert_eq!(get(json!({ "nextToken": end, "startFromHead": true })).await.0, [25]);
}

#[tokio::test]
async fn pages_of_groups_and_streams_hold_fifty() {
    let aws = aws_with(|region| {
        (0..101).for_each(|at| _ = region.add_log_group(&format!("group-{at:03}"), (at > 0).then_some(30), START));
        (0..51).for_each(|at| region.put_log("app", &format!("s{at:02}"), START - seconds(at), "line"));
    });
    let groups = ask_logs(&aws, "DescribeLogGroups", json!({ "logGroupNamePrefix": "group-" })).await;
    let found = groups["logGroups"].as_array().unwrap();
    assert_eq!((found.len(), found[0].get("retentionInDays"), &found[1]["retentionInDays"]), (50, None, &json!(30)));
    let rest = json!({ "logGroupNamePrefix": "group-", "nextToken": groups["nextToken"] });
    assert_eq!(ask_logs(&aws, "DescribeLogGroups", rest).await["logGroups"].as_array().unwrap().len(), 50);
    let some = ask_logs(&aws, "DescribeLogGroups", json!({ "logGroupNamePattern": "up-10" })).await;
    assert_eq!(some["logGroups"].as_array().unwrap().len(), 1);
    assert_eq!(some["logGroups"][0].as_object().unwrap().len(), 3, "a pattern's results are brief");
    let newest = json!({ "logGroupName": "app", "orderBy": "LastEventTime", "descending": true });
    let streams = ask_logs(&aws, "DescribeLogStreams", newest).await;
    let found = streams["logStreams"].as_array().unwrap();
    assert_eq!(
        (found.len(), &found[0]["logStreamName"], &found[1]["logStreamName"]),
        (50, &json!("s00"), &json!("s01"))
    );
    assert_eq!(found[0]["lastEventTimestamp"], json!(ms(START)));
    assert!(streams["nextToken"].is_string());
}

#[tokio::test]
async fn reads_of_logs_have_their_own_buckets() {
    for (operation, body, burst) in [
        ("FilterLogEvents", json!({ "logGroupName": "app", "startTime": ms(START) }), 25),
        ("GetLogEvents", json!({ "logGroupName": "app", "logStreamName": "s" }), 25),
        ("DescribeLogGroups", json!({}), 10),
        ("DescribeLogStreams", json!({ "logGroupName": "app" }), 25),
    ] {
        let (aws, clock) = aws_with_clock(|region| region.put_log("app", "s", START, "line"));
        for _ in 0..burst {
            ask_logs(&aws, operation, body.clone()).await;
        }
        assert_eq!(code(&aws, operation, &body).await, "ThrottlingException", "{operation}");
        clock.pass(seconds(1));
        ask_logs(&aws, operation, body.clone()).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_of_any_size_return_each_line_once_in_order(
        tasks in 0_u32..4, limit in 1_i64..400, span in 1_i64..400, put in 0_i64..60
    ) {
        let (aws, clock) = aws_with_clock(|region| {
            region.add_service("prod", "web", tasks);
            for at in 0..put {
                let written = START - seconds(at % 9 * 37);
                region.put_late_log(GROUP, &format!("by-hand/{}", at % 3), written, written + seconds(at % 20), "put");
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            // Lines ingested between two pages may be missed, with AWS too.
            clock.pass(seconds(60));
            let (from, until) = (START - seconds(span), START);
            let whole = json!({ "logGroupName": GROUP, "startTime": ms(from), "endTime": ms(until) });
            let mut paged = whole.clone();
            paged["limit"] = json!(limit);
            let (one, _) = all(&aws, Some(&clock), &whole).await;
            let (two, sizes) = all(&aws, Some(&clock), &paged).await;
            assert!(in_order_and_once(&one));
            assert_eq!(one, two);
            assert!(sizes.iter().all(|size| *size <= usize::try_from(limit).unwrap()));
        });
    }
}
