//! `wharf logs` on answers that are scripted: each line once, and how it ends.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::AsyncWrite;
use wharf::args::{Following, Form, Logs};
use wharf::cli::Outcome;
use wharf::fleet::target::Target;
use wharf::fleet::tenancy::Rules;
use wharf::headless::{self, Session};

use super::script::{Reply, Script, json as says, refusal};
use super::{clock, cloud};

const ACCOUNT: &str = "eu-west-1:111122223333";

/// A line: written after so many milliseconds, there after so many, by the task of that number.
#[derive(Clone, Copy)]
struct Written {
    at: i64,
    arrives: i64,
    task: usize,
}

/// An account whose one service has so many tasks (the last of them only after 15 s) that write so.
struct Account {
    tasks: usize,
    lines: Vec<Written>,
    /// What is said instead of lines.
    refused: Option<(&'static str, &'static str)>,
}

impl Account {
    fn script(self) -> Script {
        let clock = clock();
        let start = clock();
        Script::new(move |operation, body, _| self.answer(operation, body, start, clock()))
    }

    fn answer(&self, operation: &str, body: &Value, start: Timestamp, now: Timestamp) -> Reply {
        let definition = format!("arn:aws:ecs:{ACCOUNT}:task-definition/web:1");
        let cluster = format!("arn:aws:ecs:{ACCOUNT}:cluster/main");
        let service = format!("arn:aws:ecs:{ACCOUNT}:service/main/web");
        let elapsed = now.as_millisecond() - start.as_millisecond();
        match operation {
            "GetCallerIdentity" => Reply::Says(
                200,
                "text/xml",
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn>\
                 <Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
                    .to_owned(),
            ),
            "ListClusters" => says(&json!({"clusterArns": [cluster]})),
            "DescribeClusters" => says(&json!({"clusters": [{"clusterArn": cluster, "status": "ACTIVE"}]})),
            "ListServices" => says(&json!({"serviceArns": [service]})),
            "DescribeServices" => says(&json!({"services": [{
                "serviceArn": service, "serviceName": "web", "status": "ACTIVE", "taskDefinition": definition,
                "tags": [{"key": "tenant", "value": "acme"}, {"key": "env", "value": "staging"}],
            }]})),
            "ListTasks" if body["desiredStatus"] == "STOPPED" => says(&json!({"taskArns": []})),
            "ListTasks" => {
                let count = if elapsed < 15_000 { self.tasks.saturating_sub(1) } else { self.tasks };
                let arns: Vec<String> = (0..count).map(|n| format!("arn:aws:ecs:{ACCOUNT}:task/main/t{n}")).collect();
                says(&json!({"taskArns": arns}))
            }
            "DescribeTasks" => {
                let task = |arn: &Value| {
                    json!({"taskArn": arn, "group": "service:web", "lastStatus": "RUNNING",
                    "desiredStatus": "RUNNING", "taskDefinitionArn": definition})
                };
                says(&json!({"tasks": body["tasks"].as_array().unwrap().iter().map(task).collect::<Vec<_>>()}))
            }
            "DescribeTaskDefinition" => says(&json!({"taskDefinition": {
                "taskDefinitionArn": definition, "status": "ACTIVE", "containerDefinitions": [{"name": "app",
                    "image": "web", "logConfiguration": {"logDriver": "awslogs", "options": {
                        "awslogs-group": "/ecs/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs"}}}],
            }})),
            "FilterLogEvents" => self.lines(body, start, elapsed),
            other => refusal("UnknownOperationException", other),
        }
    }

    /// Up to 1,000 lines a page, each page followed by an empty one.
    fn lines(&self, body: &Value, start: Timestamp, elapsed: i64) -> Reply {
        if let Some((code, message)) = self.refused {
            return refusal(code, message);
        }
        let streams: Vec<&str> = match body["logStreamNames"].as_array() {
            Some(names) => names.iter().filter_map(Value::as_str).collect(),
            None => vec![],
        };
        assert!(streams.len() <= 100, "{body}");
        let prefix = body["logStreamNamePrefix"].as_str();
        let mut found = vec![];
        for (id, line) in self.lines.iter().enumerate() {
            let (stream, at) = (format!("ecs/app/t{}", line.task), start.as_millisecond() + line.at);
            let asked = streams.contains(&stream.as_str()) || prefix.is_some_and(|prefix| stream.starts_with(prefix));
            let within =
                at >= body["startTime"].as_i64().unwrap() && body["endTime"].as_i64().is_none_or(|end| at <= end);
            if asked && within && line.arrives <= elapsed {
                found.push((
                    at,
                    id,
                    json!({"eventId": format!("e{id}"), "logStreamName": stream, "timestamp": at,
                    "ingestionTime": start.as_millisecond() + line.arrives, "message": format!("line {id}\u{1b}[2J")}),
                ));
            }
        }
        found.sort_by_key(|(at, id, _)| (*at, *id));
        let half = body["nextToken"].as_str().map_or(0, |token| token.parse::<usize>().unwrap());
        let page = |half: usize| found.iter().skip(half / 2 * 1_000).take(1_000);
        let events: Vec<&Value> =
            if half.is_multiple_of(2) { page(half).map(|(_, _, event)| event).collect() } else { vec![] };
        let next = (half.is_multiple_of(2) || page(half + 1).next().is_some()).then(|| (half + 1).to_string());
        says(&json!({"events": events, "nextToken": next}))
    }
}

/// What is printed; closed after so many lines.
struct Out {
    text: String,
    most: usize,
}

impl AsyncWrite for Out {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.text.lines().count() >= self.most {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        self.text.push_str(std::str::from_utf8(bytes).unwrap());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// How it ended, if it did within so many seconds, and what it said on both sides.
async fn run(account: Account, logs: Logs, most: usize, seconds: u64) -> (Option<Outcome>, String, String) {
    run_on(&account.script(), logs, most, seconds).await
}

async fn run_on(script: &Script, logs: Logs, most: usize, seconds: u64) -> (Option<Outcome>, String, String) {
    let clock = clock();
    let cloud = cloud(script).await;
    let rules = Rules::default();
    let surface = Session { cloud: &cloud, clock: &clock, rules: &rules };
    let (mut out, mut err) = (Out { text: String::new(), most }, vec![]);
    let ended = headless::logs(&surface, &logs, &mut out, &mut err);
    let ended = tokio::time::timeout(Duration::from_secs(seconds), ended).await;
    (ended.ok().map(Result::unwrap), out.text, String::from_utf8(err).unwrap())
}

fn logs(target: &str, following: Following, form: Form) -> Logs {
    let target = Target::parse(target).unwrap();
    Logs { target, task: None, since: Duration::from_mins(5), following, filter: None, form }
}

/// Numbers of the lines that were printed, in the order they were.
fn numbers(text: &str) -> Vec<usize> {
    let number = |line: &str| line.split("line ").nth(1)?.split('␛').next()?.parse().ok();
    text.lines().map(|line| number(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

#[tokio::test(start_paused = true)]
async fn each_of_many_lines_is_printed_once_in_the_order_of_time() {
    for count in [0, 1, 10_000] {
        // Four of a time, over forty tasks.
        let at = |id: i64| id / 4 - 100_000;
        let lines = (0..count).map(|id| Written { at: at(id), arrives: 0, task: usize::try_from(id % 40).unwrap() });
        let account = Account { tasks: 41, lines: lines.collect(), refused: None };
        let (ended, out, err) = run(account, logs("acme/staging", Following::No, Form::Text), usize::MAX, 120).await;
        assert_eq!((ended, err.is_empty()), (Some(Outcome::Well), count > 0), "{err}");
        let printed = numbers(&out);
        assert!(printed.is_sorted_by_key(|id| at(i64::try_from(*id).unwrap())), "{count}");
        let mut once = printed.clone();
        once.sort_unstable();
        assert_eq!(once, (0..usize::try_from(count).unwrap()).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_followed_is_printed_once_though_lines_come_late_and_tasks_come_new() {
    let lines = (0..600_usize).map(|id| {
        let at = i64::try_from(id).unwrap() * 100;
        let late = if id % 5 == 0 { 20_000 } else { 300 };
        Written { at, arrives: at + late, task: if at < 20_000 { id % 3 } else { id % 4 } }
    });
    let account = Account { tasks: 4, lines: lines.collect(), refused: None };
    let (ended, out, err) = run(account, logs("acme/staging/web", Following::Yes, Form::Text), usize::MAX, 600).await;
    let silence = "wharf: no line was written in the last 5m; --since goes further back; following\n";
    assert_eq!((ended, err.as_str()), (None, silence), "it follows until it is ended");
    let mut once = numbers(&out);
    once.sort_unstable();
    assert_eq!(once, (0..600).collect::<Vec<_>>());
    assert!(
        out.starts_with("2026-11-20T03:12:00.100Z  web/t1  app  line 1␛[2J\n"),
        "{}",
        out.get(..200).unwrap_or(&out)
    );
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_has_had_enough_ends_it_well() {
    let lines = (0..100).map(|n| Written { at: n * 1_000, arrives: n * 1_000, task: 0 });
    let account = Account { tasks: 2, lines: lines.collect(), refused: None };
    let (ended, out, err) = run(account, logs("acme/staging/web", Following::Yes, Form::Text), 5, 600).await;
    assert_eq!((ended, out.lines().count() < 100, err.as_str()), (Some(Outcome::Well), true, ""));
}

#[tokio::test(start_paused = true)]
async fn for_programs_each_line_is_a_document_and_a_text_picks_among_them() {
    let lines = (0..20).map(|n| Written { at: n - 1_000, arrives: n - 900, task: 1 }).collect();
    let account = Account { tasks: 3, lines, refused: None };
    let logs = Logs { filter: Some("line 7".to_owned()), ..logs("acme", Following::No, Form::Json) };
    let (ended, out, _) = run(account, logs, usize::MAX, 120).await;
    let document: Value = serde_json::from_str(&out).unwrap();
    let expected = json!({
        "time": "2026-11-20T03:11:59.007Z", "ingested": "2026-11-20T03:11:59.107Z", "service": "web", "task": "t1",
        "container": "app", "group": "/ecs/web", "stream": "ecs/app/t1", "id": "e7", "message": "line 7\u{1b}[2J",
    });
    assert_eq!((ended, document), (Some(Outcome::Well), expected));
}

#[tokio::test(start_paused = true)]
async fn without_a_line_to_print_that_is_said_and_how_much_was_looked_through() {
    for (count, filter, says) in [
        (20, Some("nowhere"), "wharf: none of the 20 lines of the last 5m has `nowhere`; --since goes further back\n"),
        (0, Some("nowhere"), "wharf: no line was written in the last 5m; --since goes further back\n"),
        (0, None, "wharf: no line was written in the last 5m; --since goes further back\n"),
    ] {
        let lines = (0..count).map(|n| Written { at: n - 1_000, arrives: n - 900, task: 1 }).collect();
        let account = Account { tasks: 3, lines, refused: None };
        let logs = Logs { filter: filter.map(str::to_owned), ..logs("acme", Following::No, Form::Text) };
        let (ended, out, err) = run(account, logs, usize::MAX, 120).await;
        assert_eq!((ended, out.as_str(), err.as_str()), (Some(Outcome::Well), "", says));
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_is_read_alone_and_a_service_without_tasks_by_its_prefix() {
    for (target, tasks, count) in [
        (format!("arn:aws:ecs:{ACCOUNT}:task/main/t1"), 3, 10),
        ("acme/staging/web".to_owned(), 3, 20),
        ("acme/staging/web".to_owned(), 0, 20),
    ] {
        let lines = (0..20_usize).map(|n| Written { at: -1_000, arrives: 0, task: n % 2 }).collect();
        let account = Account { tasks, lines, refused: None };
        let (ended, out, err) = run(account, logs(&target, Following::No, Form::Text), usize::MAX, 120).await;
        let says = "wharf: acme/staging/web: it has no task, so lines are found by their streams' prefix; \
                    some may be of other services with that prefix\n";
        let says = if tasks == 0 { says } else { "" };
        assert_eq!((ended, out.lines().count(), err.as_str()), (Some(Outcome::Well), count, says), "{target} {tasks}");
    }
}

/// A second container, whose log group has a line only after so many pages; of the first 60,000 lines.
fn searching(pages: u64) -> Script {
    let account = Account { tasks: 2, lines: vec![], refused: None };
    let clock = clock();
    let start = clock();
    let first = start.as_millisecond() - 240_000;
    Script::new(move |operation, body, _| {
        let page: u64 = body["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let line = |number: u64, at: i64, message: &str| {
            json!({"eventId": format!("{message} {number}"), "logStreamName": "ecs/app/t0", "timestamp": at,
                   "message": format!("{message} {number}")})
        };
        match (operation, body["logGroupName"].as_str()) {
            ("DescribeTaskDefinition", _) => {
                let container = |name: &str| {
                    json!({"name": name, "image": name, "logConfiguration": {
                    "logDriver": "awslogs", "options": {"awslogs-group": format!("/ecs/{name}"),
                    "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs"}}})
                };
                says(&json!({"taskDefinition": {"taskDefinitionArn": body["taskDefinition"], "status": "ACTIVE",
                    "containerDefinitions": [container("app"), container("side")]}}))
            }
            ("FilterLogEvents", Some("/ecs/side")) if page < pages => {
                says(&json!({"events": [], "nextToken": (page + 1).to_string()}))
            }
            ("FilterLogEvents", Some("/ecs/side")) => says(&json!({"events": [line(0, first, "found")]})),
            ("FilterLogEvents", _) => {
                let from = body["startTime"].as_i64().unwrap() - first;
                let from = u64::try_from(from.max(0)).unwrap().div_ceil(4) + page * 10_000;
                let numbers = from..(from + 10_000).min(60_000);
                let next = (numbers.end < 60_000).then(|| (page + 1).to_string());
                let at = |number: u64| first + i64::try_from(number * 4).unwrap();
                says(&json!({"events": numbers.map(|number| line(number, at(number), "line")).collect::<Vec<_>>(),
                             "nextToken": next}))
            }
            _ => account.answer(operation, body, start, clock()),
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_long_search_ends_and_holds_back_no_more_lines_than_fit_which_is_said_once() {
    // Nobody is told of what is searched for ever, but what there is no room for is printed.
    let logs = |following| logs("acme/staging/web", following, Form::Text);
    let (ended, out, err) = run_on(&searching(u64::MAX), logs(Following::Yes), usize::MAX, 120).await;
    assert_eq!((ended, out.lines().count()), (None, 10_000));
    let says = "wharf: some log groups are still being searched and no more lines can be held back: \
                from now on lines may be out of order\n";
    assert_eq!(err, says);

    let (ended, out, err) = run_on(&searching(2_500), logs(Following::No), usize::MAX, 7_200).await;
    assert_eq!((ended, err.as_str()), (Some(Outcome::Well), says));
    assert_eq!((out.lines().count(), out.matches("found 0").count()), (60_001, 1));
}

#[tokio::test(start_paused = true)]
async fn logs_that_cannot_be_read_end_it_with_the_reason_followed_or_not() {
    for (following, code, message) in [
        (Following::No, "AccessDeniedException", "not authorized"),
        (Following::Yes, "AccessDeniedException", "not authorized"),
        (Following::No, "ResourceNotFoundException", "The specified log group does not exist."),
        (Following::No, "ThrottlingException", "Rate exceeded"),
        (Following::Yes, "ThrottlingException", "Rate exceeded"),
    ] {
        let account = Account { tasks: 3, lines: vec![], refused: Some((code, message)) };
        let (ended, out, err) = run(account, logs("acme/staging/web", following, Form::Text), usize::MAX, 120).await;
        assert_eq!((ended, out.as_str()), (Some(Outcome::Unread), ""), "{following:?} {code}");
        assert!(err.contains("FilterLogEvents on log group /ecs/web") && err.contains(code), "{err}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_that_names_nothing_is_not_understood() {
    for (target, words) in [
        ("acme/staging/wbe".to_owned(), "did you mean `web`?"),
        (format!("arn:aws:ecs:{ACCOUNT}:task/main/gone"), "ECS forgets a task"),
        ("arn:aws:ecs:us-east-1:1:task/other/t1".to_owned(), "nothing that is shown has the ARN"),
    ] {
        let account = Account { tasks: 2, lines: vec![], refused: None };
        let (ended, out, err) = run(account, logs(&target, Following::Yes, Form::Text), usize::MAX, 120).await;
        assert_eq!((ended, out.as_str()), (Some(Outcome::NotUnderstood), ""), "{target}");
        assert!(err.contains(words), "{err}");
    }
}
