//! Logs: followed, paused without loss, searched, and never moved under the reader.

use proptest::prelude::*;
use std::time::Duration;
use wharf::app::logs::{self, Position};
use wharf::app::{LogScope, Message, Size, View, update};
use wharf::fleet::{CloudError, Definition, LogLine, LogRoute, Payload, QueryKind, Response, Service, Task, Trouble};

use super::images::made_of;
use super::{App, chords, error};
use crate::fixture::{before, service, start, task};

/// An app on the logs of `dev/web`, a service with two tasks, that has read no line yet.
pub fn opened() -> App {
    let (services, tasks) = two();
    opened_with(&services, &tasks, "enter enter l", &definition("awslogs"))
}

/// The service and its tasks.
pub fn two() -> ([Service; 1], [Task; 2]) {
    let tasks = ["0a0a0a0a0000", "1b1b1b1b1111"].map(|id| task("dev/web", id, 'a'));
    ([service("dev/web", "acme/dev", 2)], tasks)
}

/// An app that came to logs by `keys`; definitions are all like `definition`.
pub fn opened_with(services: &[Service], tasks: &[Task], keys: &str, definition: &Definition) -> App {
    let mut app = App::new();
    app.read_all(services, tasks);
    app.press(keys);
    read_with(&mut app, services, tasks, definition);
    app
}

/// Answers what is asked, but not about log lines; definitions are all like `definition`.
pub fn read_with(app: &mut App, services: &[Service], tasks: &[Task], definition: &Definition) {
    for _ in 0..8 {
        while let Some(arn) = app.asked().iter().find_map(|ask| match &ask.kind {
            QueryKind::TaskDefinition(arn) => Some(arn.clone()),
            _ => None,
        }) {
            let answer = Response::Complete(Payload::TaskDefinition(Definition { arn, ..definition.clone() }));
            app.answer(|about| matches!(about, QueryKind::TaskDefinition(_)), answer);
        }
        app.answer_all_but_logs(services, tasks);
    }
}

/// A task definition whose one container logs by `driver`.
pub fn definition(driver: &str) -> Definition {
    let is_awslogs = driver == "awslogs";
    let mut definition = made_of(&[("web", "web:v1")]);
    definition.containers[0].log = Some(LogRoute {
        driver: driver.to_owned(),
        group: is_awslogs.then(|| "/ecs/web".to_owned()),
        region: None,
        prefix: is_awslogs.then(|| "ecs".to_owned()),
    });
    definition
}

/// A line that the first (0) or second (1) task wrote so many milliseconds after the clock started.
pub fn line(task: usize, millis: u64, message: &str) -> LogLine {
    let at = start().checked_add(Duration::from_millis(millis)).unwrap();
    let id = ["0a0a0a0a0000", "1b1b1b1b1111"][task];
    LogLine {
        at,
        ingested_at: at,
        id: format!("{task}-{millis}-{message}"),
        group: "/ecs/web".to_owned(),
        stream: format!("ecs/web/{id}"),
        message: message.to_owned(),
    }
}

/// So many lines, a second apart, from the one of that number on.
pub fn run(from: u64, count: u64) -> Vec<LogLine> {
    (from..from + count).map(|n| line((n % 2) as usize, n * 1_000, &format!("line {n}"))).collect()
}

/// `lines` arrive in `app`.
pub fn arrive(app: &mut App, lines: Vec<LogLine>) {
    for _ in 0..12 {
        if app.asked().iter().any(|ask| is_logs(&ask.kind)) {
            break;
        }
        app.wait(1);
    }
    app.answer(is_logs, Response::Complete(Payload::LogEvents(lines)));
}

pub fn is_logs(about: &QueryKind) -> bool {
    matches!(about, QueryKind::LogEvents(..))
}

/// The messages in the window, and among them the selected one.
pub fn window(app: &App) -> (Vec<String>, Option<String>) {
    let (_, logs) = logs::shown(&app.state).unwrap();
    let sheet = logs.viewport(&app.state);
    let Some(frame) = sheet.frame(&logs.reading) else { return (vec![], None) };
    let message = |at: usize| sheet.lines[at].message.clone();
    ((frame.first..=frame.last).map(message).collect(), frame.selected.map(|(at, _)| message(at)))
}

fn names(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("line {number}")).collect()
}

fn new_below(app: &App) -> usize {
    logs::shown(&app.state).unwrap().1.new_below()
}

#[test]
fn the_newest_lines_are_followed_and_moving_up_pauses_without_loss() {
    let mut app = opened();
    arrive(&mut app, run(0, 100));
    // 24 rows have room for 18 lines.
    assert_eq!(window(&app), (names(82..100), None));
    arrive(&mut app, run(90, 15));
    assert_eq!(window(&app), (names(87..105), None), "the same lines again are not shown again");
    app.press("k");
    assert_eq!(window(&app), (names(87..105), Some("line 103".to_owned())));
    arrive(&mut app, run(105, 12));
    assert_eq!((window(&app), new_below(&app)), ((names(87..105), Some("line 103".to_owned())), 12));
    app.press("j j");
    assert_eq!((window(&app), new_below(&app)), ((names(88..106), Some("line 105".to_owned())), 11));
    app.press("G");
    assert_eq!((window(&app), new_below(&app)), ((names(99..117), None), 0));
}

#[test]
fn going_down_from_the_last_line_follows_again() {
    let mut app = opened();
    arrive(&mut app, run(0, 30));
    app.press("k j");
    assert_eq!(window(&app).1, Some("line 29".to_owned()));
    app.press("j");
    arrive(&mut app, run(30, 1));
    assert_eq!(window(&app), (names(13..31), None));
}

#[test]
fn half_a_screen_up_and_down_passes_every_line() {
    let mut app = opened();
    arrive(&mut app, run(0, 60));
    let mut seen = vec![];
    for _ in 0..10 {
        app.press("ctrl-u");
        seen.extend(window(&app).0);
    }
    assert_eq!(window(&app), (names(0..18), Some("line 0".to_owned())));
    for _ in 0..10 {
        app.press("ctrl-d");
        seen.extend(window(&app).0);
    }
    assert!(names(0..60).iter().all(|name| seen.contains(name)));
    assert_eq!(window(&app), (names(42..60), None), "at the end the newest are followed");
}

#[test]
fn late_lines_appear_in_their_place_and_the_reader_keeps_theirs() {
    let mut app = opened();
    arrive(&mut app, run(0, 60));
    app.press("k k k");
    let rows = |app: &App| {
        let (_, logs) = logs::shown(&app.state).unwrap();
        logs.viewport(&app.state).frame(&logs.reading).unwrap().selected.unwrap().1
    };
    let (before, row) = (window(&app), rows(&app));
    assert_eq!(before, (names(42..60), Some("line 56".to_owned())));
    arrive(&mut app, vec![line(0, 10_500, "late, far above")]);
    assert_eq!(window(&app), before);
    arrive(&mut app, vec![line(1, 50_500, "late, in the window")]);
    let (lines, selected) = window(&app);
    assert_eq!((selected, rows(&app)), (before.1, row));
    assert_eq!(lines[7..9], ["line 50", "late, in the window"]);
    assert_eq!(new_below(&app), 0, "what is late is not new");
}

#[test]
fn a_line_that_is_cut_is_shown_whole_and_can_be_read_to_its_end() {
    let mut app = opened();
    let long: Vec<String> = (0..=2_000).map(|n| format!("{n:04}")).collect();
    let long = long.join(" ");
    let mut lines = run(0, 30);
    lines[20].message = long;
    arrive(&mut app, lines);
    app.press("/");
    for chord in chords("1999") {
        app.take(Message::Pressed(chord, app.now()));
    }
    app.press("enter");
    let screen = |app: &App| {
        let page = app.state.body.page().unwrap();
        page.lines.iter().map(wharf::app::page::Line::text).collect::<Vec<_>>().join("\n")
    };
    assert!(screen(&app).contains("0000 0001"), "what is searched for is in it: it is unfolded");
    let mut downs = 0;
    while !screen(&app).contains("line 21") {
        app.press("j");
        downs += 1;
        assert!(downs < 200, "{}", screen(&app));
    }
    app.press("k enter");
    let (lines, selected) = window(&app);
    assert_eq!((lines.len(), selected.map(|message| message.len())), (18, Some(10_004)), "folded again");
}

#[test]
fn logs_open_from_every_screen_that_has_some() {
    let (services, tasks) = two();
    for keys in ["l", "enter l", "enter enter l", "enter enter enter l", "e l", "enter enter d l"] {
        let mut app = opened_with(&services, &tasks, keys, &definition("awslogs"));
        assert!(matches!(app.state.screen().view, View::Logs(_)), "{keys}");
        arrive(&mut app, run(0, 3));
        assert_eq!(window(&app).0, names(0..3), "{keys}");
    }
    for (keys, task) in [("enter enter l", false), ("enter enter j l", false), ("enter enter j enter l", true)] {
        let app = opened_with(&services, &tasks, keys, &definition("awslogs"));
        assert_eq!(matches!(app.state.screen().view, View::Logs(LogScope::Task(_))), task, "{keys}");
    }
    let mut app = App::showing(&services);
    app.press("! l");
    assert_eq!(app.notice().as_deref(), Some("`logs` needs an environment, a service or a task: select one"));
}

#[test]
fn one_that_could_not_be_read_keeps_its_lines_and_is_asked_again() {
    let mut app = opened();
    arrive(&mut app, run(0, 3));
    for _ in 0..12 {
        app.wait(1);
    }
    app.answer(is_logs, Response::Failed(error("FilterLogEvents")));
    let (_, logs) = logs::shown(&app.state).unwrap();
    assert_eq!(logs.tail.errors().map(|(_, error)| error.kind).collect::<Vec<_>>(), [Trouble::Throttled]);
    assert_eq!(window(&app).0, names(0..3));
    for _ in 0..12 {
        app.wait(1);
    }
    app.answer(is_logs, Response::Complete(Payload::LogEvents(run(3, 1))));
    assert_eq!(window(&app).0, names(0..4));
}

#[test]
fn a_stream_that_is_not_there_yet_is_no_error() {
    let mut app = opened();
    for _ in 0..4 {
        let gone = CloudError {
            kind: Trouble::Gone,
            code: Some("ResourceNotFoundException".to_owned()),
            message: "The specified log stream does not exist.".to_owned(),
            ..error("FilterLogEvents")
        };
        app.answer(is_logs, Response::Failed(gone));
        app.wait(3);
    }
    assert_eq!(app.state.errors.iter().count(), 0);
    app.answer(is_logs, Response::Failed(error("FilterLogEvents")));
    assert_eq!(app.state.errors.iter().count(), 1);
}

/// What can happen while one reads.
#[derive(Clone, Debug)]
enum Event {
    Arrive(Vec<(u64, u8)>),
    Resize(u16, u16),
}

fn event() -> impl Strategy<Value = Event> {
    let lines = prop::collection::vec((0..120_000_u64, 0..12_u8), 1..30);
    prop_oneof![8 => lines.prop_map(Event::Arrive), 1 => (60..200_u16, 15..60_u16).prop_map(|(w, h)| Event::Resize(w, h))]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn while_one_reads_the_selected_line_stays_selected_and_in_its_row(
        keys in prop::collection::vec(prop::sample::select(&["k", "j", "ctrl-u", "ctrl-d", "enter", "g g"][..]), 1..12),
        events in prop::collection::vec(event(), 1..8),
    ) {
        let mut app = opened();
        arrive(&mut app, run(0, 60));
        for key in keys {
            app.press(key);
        }
        app.press("k");
        let place = |app: &App| {
            let (_, logs) = logs::shown(&app.state).unwrap();
            let sheet = logs.viewport(&app.state);
            let frame = sheet.frame(&logs.reading).unwrap();
            let (at, row) = frame.selected.unwrap();
            (sheet.lines[at].id.clone(), row, frame, sheet.lines.len(), sheet.height)
        };
        let mut before = place(&app);
        for event in events {
            match event {
                Event::Arrive(lines) => {
                    let lines = lines.into_iter().map(|(millis, rows)| {
                        line((millis % 2) as usize, millis, &"a row of many\n".repeat(usize::from(rows)))
                    });
                    let mut lines: Vec<_> = lines.collect();
                    lines.sort();
                    arrive(&mut app, lines);
                    let after = place(&app);
                    prop_assert_eq!(&after.0, &before.0);
                    prop_assert_eq!(after.1, before.1, "in its row");
                    prop_assert!(after.3 >= before.3);
                    before = after;
                }
                Event::Resize(width, height) => {
                    update(&mut app.state, Message::Resized(Size { width, height }));
                    let after = place(&app);
                    prop_assert_eq!(&after.0, &before.0);
                    before = after;
                }
            }
            let (_, _, frame, lines, height) = &before;
            let (at, row) = frame.selected.unwrap();
            prop_assert!(row < isize::try_from(*height).unwrap(), "{frame:?}");
            prop_assert!((frame.first..=frame.last).contains(&at) && frame.last < *lines, "{frame:?}");
            let page = app.state.body.page().unwrap();
            prop_assert!(page.lines.len() <= *height);
            prop_assert!(page.lines.len() == *height || frame.first == 0 && frame.last + 1 == *lines, "no row is left empty");
        }
    }
}

#[test]
fn lines_of_another_day_and_of_an_unknown_task_are_lines() {
    let mut app = opened();
    let mut stray = line(0, 0, "stray");
    stray.stream = "someone".to_owned();
    stray.at = before(86_400);
    arrive(&mut app, vec![stray, line(0, 0, "own")]);
    assert_eq!(window(&app).0, ["stray", "own"]);
    assert_eq!(logs::shown(&app.state).unwrap().1.reading, Position::Following);
}
