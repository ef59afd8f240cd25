//! Logs: lines of many tasks merged, each with its letter, and why there are none.

use insta::assert_snapshot;
use wharf::fleet::{CloudError, LogLine, Response, Trouble};

use super::paint::{painted, plain};
use crate::app::App;
use crate::app::logging::{arrive, definition, is_logs, line, opened, opened_with, run, two};
use crate::fixture::{service, task};

/// What a service writes: of two tasks, with what is long, has several lines, or is hostile.
fn lines() -> Vec<LogLine> {
    let long = format!("GET /reports?{} 200", "state=california&".repeat(9));
    let mut late = line(0, 12_250, "POST /orders 500 upstream timed out");
    late.ingested_at = late.ingested_at.checked_add(std::time::Duration::from_secs(20)).unwrap();
    let mut lines = vec![
        line(0, 1_000, "listening on :8080"),
        line(1, 1_500, "listening on :8080"),
        line(0, 4_000, &long),
        line(1, 9_120, "panic: cannot reach db\n  at connect (db.rs:41)\r\n\tat main (main.rs:7)\n"),
        late,
        line(1, 13_000, "\x1b[31mred\x1b[0m \x07 and a \u{202e}reversed\u{202c} name, 日本語"),
        line(0, 14_000, ""),
    ];
    lines.extend(run(20, 20));
    lines.sort();
    lines
}

fn reading() -> App {
    let mut app = opened();
    arrive(&mut app, lines());
    app
}

#[test]
fn the_newest_lines_of_all_tasks_are_followed() {
    assert_snapshot!(painted(&reading().state, 80, 24));
}

#[test]
fn where_there_is_room_whole_lines_are_seen() {
    assert_snapshot!(painted(&reading().state, 120, 40));
}

#[test]
fn at_the_least_size_lines_are_still_lines() {
    assert_snapshot!(painted(&reading().state, 60, 15));
}

#[test]
fn paused_at_a_line_its_writer_is_told_and_new_ones_are_counted() {
    let mut app = reading();
    app.press("g g j j j j");
    arrive(&mut app, run(60, 12));
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn what_is_searched_for_is_marked_and_a_long_line_is_unfolded() {
    let mut app = reading();
    app.press("g g j j enter");
    app.press("/");
    app.press("california");
    app.press("enter");
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn services_of_an_environment_have_their_names_before_their_lines() {
    let services = [service("dev/web", "acme/dev", 1), service("dev/worker", "acme/dev", 1)];
    let tasks = [task("dev/web", "0a0a0a0a0000", 'a'), task("dev/worker", "1b1b1b1b1111", 'b')];
    let mut app = opened_with(&services, &tasks, "l", &definition("awslogs"));
    arrive(&mut app, lines());
    assert_snapshot!(painted(&app.state, 100, 24));
}

#[test]
fn without_lines_it_is_said_why() {
    let (services, tasks) = two();
    let mut said = vec![];
    let mut say = |what: &str, app: &App| said.push(format!("--- {what}\n{}", plain(&app.state, 80, 16)));
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.press("enter enter l");
    say("nothing is known yet", &app);
    say("the lines are being asked for", &opened());
    let mut app = opened();
    arrive(&mut app, vec![]);
    say("nothing was written", &app);
    say("another driver", &opened_with(&services, &tasks, "enter enter l", &definition("splunk")));
    let mut app = opened_with(&[service("dev/web", "acme/dev", 0)], &[], "enter enter l", &definition("awslogs"));
    say("no task", &app);
    arrive(&mut app, lines());
    for (width, words) in [(120, "found by prefix: perhaps others'"), (80, "perhaps others'")] {
        let screen = plain(&app.state, width, 24);
        assert!(screen.contains(words), "{screen}");
    }
    let mut app = opened();
    let denied = CloudError {
        kind: Trouble::Denied,
        operation: "FilterLogEvents".to_owned(),
        on: "log group /ecs/web".to_owned(),
        code: Some("AccessDeniedException".to_owned()),
        message: "User ops is not authorized to perform logs:FilterLogEvents".to_owned(),
        request_id: Some("r-1".to_owned()),
        advice: "Ask for logs:FilterLogEvents on it.".to_owned(),
    };
    app.answer(is_logs, Response::Failed(denied));
    say("denied", &app);
    assert_snapshot!(said.join("\n"));
}

#[test]
fn a_log_group_that_fails_is_said_beside_the_lines_that_stay() {
    let mut app = reading();
    for _ in 0..12 {
        app.wait(1);
    }
    app.answer(is_logs, Response::Failed(crate::app::error("FilterLogEvents")));
    let screen = plain(&app.state, 80, 24);
    assert!(screen.contains("throttled") && screen.contains("line 39"), "{screen}");
}
