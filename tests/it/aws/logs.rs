//! Lines of logs: pages drained, limits kept, errors told.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use wharf::aws::{Access, ConnectOptions, ContextSelection, ProcessEnv, connect};
use wharf::fleet::{LogLine, LogSource, Payload, QueryKind, Response, Streams, Trouble, Window};

use super::script::{Reply, Script, json as says, refusal};
use super::{clock, cloud, config, error_of, facts_of, read};

/// When the first line was written, in milliseconds.
const FIRST: i64 = 1_000_000_000_000;

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

/// The line of that number: ten a millisecond, over forty streams; every seventh arrives 20 s late.
fn event(number: i64) -> Value {
    let at = FIRST + number / 10;
    let late = if number % 7 == 0 { 20_000 } else { 1_000 };
    json!({
        "eventId": format!("{number:08}"), "logStreamName": format!("ecs/web/t{}", number % 40),
        "timestamp": at, "ingestionTime": at + late, "message": format!("line {number}"),
    })
}

fn line(number: i64) -> LogLine {
    let event = event(number);
    let millis = |name: &str| time(event[name].as_i64().unwrap());
    let text = |name: &str| event[name].as_str().unwrap().to_owned();
    LogLine {
        at: millis("timestamp"),
        ingested_at: millis("ingestionTime"),
        id: text("eventId"),
        group: "/ecs/web".to_owned(),
        stream: text("logStreamName"),
        message: text("message"),
    }
}

/// A group of so many lines, in pages of so many, after each of them an empty one.
fn group(total: i64, size: i64) -> Script {
    Script::new(move |operation, body, _| {
        assert_eq!(operation, "FilterLogEvents");
        let from = (body["startTime"].as_i64().unwrap() - FIRST).max(0) * 10;
        let half = body["nextToken"].as_str().map_or(0, |token| token.parse::<i64>().unwrap());
        let start = from + half / 2 * size;
        let end = (start + size).min(total);
        let events: Vec<Value> = if half % 2 == 0 { (start..end).map(event).collect() } else { vec![] };
        let next = (end < total || half % 2 == 0).then(|| (half + 1).to_string());
        says(&json!({"events": events, "searchedLogStreams": [], "nextToken": next}))
    })
}

fn source(region: Option<&str>, streams: Streams) -> LogSource {
    LogSource { group: "/ecs/web".to_owned(), region: region.map(str::to_owned), streams }
}

fn named() -> Streams {
    Streams::Named((0..40).map(|n| format!("ecs/web/t{n}")).collect())
}

fn since(millis: i64) -> Window {
    Window { from: time(millis), until: None }
}

fn lines_of(facts: Payload) -> Vec<LogLine> {
    match facts {
        Payload::LogEvents(lines) => lines,
        other => panic!("{other:?}"),
    }
}

fn expected(numbers: std::ops::Range<i64>) -> Vec<LogLine> {
    let mut lines: Vec<LogLine> = numbers.map(line).collect();
    lines.sort();
    lines
}

#[tokio::test(start_paused = true)]
async fn every_line_comes_in_order_whatever_their_number_and_however_many_pages_are_empty() {
    for (total, size) in [(0, 10), (1, 10), (10, 10), (11, 10), (90, 10), (9_000, 1_000), (10_000, 10_000)] {
        let script = group(total, size);
        let answer = read(&cloud(&script).await, QueryKind::LogEvents(source(None, named()), since(FIRST))).await;
        assert_eq!(lines_of(facts_of(answer)), expected(0..total), "{total} lines");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_are_these_streams_a_prefix_or_all_in_this_time() {
    let script = group(0, 10);
    let cloud = cloud(&script).await;
    let prefix = Streams::Prefix("ecs/web/".to_owned());
    let streams = [Streams::Named(vec!["ecs/web/t1".to_owned()]), prefix, Streams::All];
    for streams in streams {
        let window = Window { from: time(5), until: Some(time(9)) };
        read(&cloud, QueryKind::LogEvents(source(None, streams), window)).await;
    }
    let bodies: Vec<Value> = script.sent().into_iter().map(|sent| sent.body).step_by(2).collect();
    let whole = json!({"logGroupName": "/ecs/web", "startTime": 5, "endTime": 9});
    let with = |name: &str, value: Value| {
        let mut body = whole.clone();
        body[name] = value;
        body
    };
    let expected =
        [with("logStreamNames", json!(["ecs/web/t1"])), with("logStreamNamePrefix", json!("ecs/web/")), whole.clone()];
    assert_eq!(bodies, expected);
}

#[tokio::test(start_paused = true)]
async fn more_than_one_answer_holds_goes_on_from_its_last_line() {
    let (script, total) = (group(25_000, 1_500), 25_000);
    let cloud = cloud(&script).await;
    let (mut from, mut all, mut parts) = (FIRST, vec![], 0);
    loop {
        match read(&cloud, QueryKind::LogEvents(source(None, named()), since(from))).await {
            Response::Complete(facts) => {
                all.extend(lines_of(facts));
                break;
            }
            Response::Partial(facts, error) => {
                let lines = lines_of(facts);
                let last = lines.last().unwrap().at;
                assert_eq!(lines.len(), 15_000);
                assert!(error.message.contains(&format!("read to {last}")), "{error}");
                from = last.as_millisecond();
                all.extend(lines);
                parts += 1;
            }
            Response::Failed(error) => panic!("{error}"),
        }
    }
    all.sort();
    all.dedup();
    assert_eq!((parts, all), (1, expected(0..total)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_never_ends_within_the_millisecond_that_it_was_asked_from() {
    let script = Script::new(|_, body, _| {
        let page = body["nextToken"].as_str().map_or(0, |token| token.parse::<i64>().unwrap());
        let at = if page < 14 { FIRST } else { FIRST + 1 };
        let event = json!({"eventId": page.to_string(), "logStreamName": "s", "timestamp": at, "message": ""});
        says(&json!({"events": [event], "nextToken": (page + 1).to_string()}))
    });
    let answer = read(&cloud(&script).await, QueryKind::LogEvents(source(None, Streams::All), since(FIRST))).await;
    let Response::Partial(Payload::LogEvents(lines), _) = answer else { panic!("{answer:?}") };
    assert_eq!((lines.len(), script.sent().len()), (15, 15));
}

#[tokio::test(start_paused = true)]
async fn an_error_on_the_second_page_keeps_what_came_and_says_so() {
    let script = Script::new(|_, body, _| match body["nextToken"].as_str() {
        Some(_) => refusal("AccessDeniedException", "not this page"),
        None => says(&json!({"events": [event(0), event(1)], "nextToken": "1"})),
    });
    let answer = read(&cloud(&script).await, QueryKind::LogEvents(source(None, named()), since(FIRST))).await;
    let Response::Partial(Payload::LogEvents(lines), error) = answer else { panic!("{answer:?}") };
    assert_eq!((lines, error.kind), (expected(0..2), Trouble::Denied));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_said_with_what_to_do_next() {
    let refused = |code: &'static str, message: &'static str| Script::new(move |_, _, _| refusal(code, message));
    for (script, kind, words) in [
        (
            refused("ResourceNotFoundException", "The specified log group does not exist."),
            Trouble::Gone,
            ["FilterLogEvents on log group /ecs/web", "the region (eu-central-1)"],
        ),
        (
            refused("AccessDeniedException", "User is not authorized"),
            Trouble::Denied,
            ["FilterLogEvents on log group /ecs/web", "Allow logs:FilterLogEvents to profile ops"],
        ),
        (
            refused("ThrottlingException", "Rate exceeded"),
            Trouble::Throttled,
            ["ThrottlingException: Rate exceeded", "more slowly"],
        ),
    ] {
        let about = QueryKind::LogEvents(source(Some("eu-central-1"), named()), since(FIRST));
        let error = error_of(read(&cloud(&script).await, about).await);
        assert_eq!(error.kind, kind);
        assert!(words.iter().all(|words| error.to_string().contains(words)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_search_without_a_line_goes_on_where_the_last_one_ended_whatever_cuts_it_short() {
    let script =
        Script::new(|_, body, count| match body["nextToken"].as_str().map_or(0, |page| page.parse().unwrap()) {
            1_500 if count < 1_600 => refusal("ThrottlingException", "Rate exceeded"),
            2_000 => says(&json!({"events": [event(0), event(1)]})),
            page => says(&json!({"events": [], "nextToken": (page + 1).to_string()})),
        });
    let (cloud, mut answers) = (cloud(&script).await, vec![]);
    let ask = || QueryKind::LogEvents(source(None, named()), since(FIRST));
    while script.count("FilterLogEvents") < 10_000 {
        match read(&cloud, ask()).await {
            Response::Partial(facts, error) => answers.push((lines_of(facts), Some(error.kind))),
            Response::Failed(error) => assert_eq!(error.kind, Trouble::Throttled),
            Response::Complete(facts) => {
                answers.push((lines_of(facts), None));
                break;
            }
        }
    }
    assert_eq!(answers, [(vec![], Some(Trouble::Throttled)), (expected(0..2), None)]);
    // What was found does not go on anywhere.
    let before = script.sent().len();
    read(&cloud, ask()).await;
    assert_eq!(script.sent()[before].body.get("nextToken"), None);
}

#[tokio::test(start_paused = true)]
async fn pages_that_go_round_in_circles_end() {
    let script = Script::new(|_, _, _| says(&json!({"events": [], "nextToken": "again"})));
    let error = error_of(read(&cloud(&script).await, QueryKind::LogEvents(source(None, named()), since(FIRST))).await);
    assert_eq!((error.kind, script.sent().len()), (Trouble::Unreadable, 2));
}

#[tokio::test(start_paused = true)]
async fn a_group_in_another_region_is_asked_for_there_and_at_the_pace_of_that_region() {
    for (region, host, seconds) in
        [(None, "logs.eu-west-1.amazonaws.com", 2), (Some("eu-central-1"), "logs.eu-central-1.amazonaws.com", 9)]
    {
        let script = group(0, 10);
        let cloud = cloud(&script).await;
        let start = tokio::time::Instant::now();
        for _ in 0..7 {
            read(&cloud, QueryKind::LogEvents(source(region, named()), since(FIRST))).await;
        }
        let took = start.elapsed();
        assert!(script.sent().iter().all(|sent| sent.host == host), "{:?}", script.sent());
        let limits = Duration::from_secs(seconds)..Duration::from_secs(seconds + 2);
        assert!(limits.contains(&took), "{region:?} took {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_of_ones_own_stands_in_for_the_logs_of_all_regions() {
    let script = Script::new(|_, _, _| Reply::Says(200, "application/x-amz-json-1.1", "{}".to_owned()));
    let variables = [("HOME", "/home/me"), ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://logs.test:9")];
    let env = ProcessEnv::given(&variables, &config());
    let selection = ContextSelection { profiles: vec!["ops".to_owned()], ..ContextSelection::default() };
    let options = ConnectOptions { env, http: Some(script.client()), ..ConnectOptions::new(clock(), Access::ReadOnly) };
    let cloud = connect(&selection, options).await.unwrap();
    for region in [None, Some("eu-central-1")] {
        read(&cloud, QueryKind::LogEvents(source(region, named()), since(FIRST))).await;
    }
    let hosts: Vec<String> = script.sent().into_iter().map(|sent| sent.host).collect();
    assert_eq!(hosts, ["logs.test:9", "logs.test:9"]);
}
