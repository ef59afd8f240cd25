//! Logs: what is searched for, what lies further back, and whose lines one turns to.

use std::time::Duration;

use wharf::app::logs::{self, Logs};
use wharf::app::{Chord, Key, LogScope, Message, View};
use wharf::fleet::{LogLine, Payload, QueryKind, Response, Window};

use super::App;
use super::logging::{arrive, definition, is_logs, line, opened, opened_with, run, two, window};
use crate::fixture::start;

/// Types `words` into a search.
fn search(app: &mut App, words: &str) {
    app.press("/");
    for chord in words.chars().map(|c| Chord::plain(Key::Char(c))) {
        app.take(Message::Pressed(chord, app.now()));
    }
    app.press("enter");
}

fn shown(app: &App) -> &Logs {
    logs::shown(&app.state).unwrap().1
}

/// Which of how many lines that have the words is selected.
fn place(app: &App) -> (Option<usize>, usize) {
    let logs = shown(app);
    let search = logs.search.as_ref().unwrap();
    (logs.selected(&app.state).and_then(|line| search.place(&logs::LineKey::of(line))), search.count())
}

fn notice(app: &App) -> String {
    app.notice().unwrap_or_default()
}

fn is_of_a_task(app: &App) -> bool {
    matches!(app.state.screen().view, View::Logs(LogScope::Task(_)))
}

/// The windows of time that are asked for.
fn windows(app: &App) -> Vec<Window> {
    let window = |about: &QueryKind| if let QueryKind::LogEvents(_, window) = about { Some(*window) } else { None };
    app.asked().iter().filter_map(|ask| window(&ask.kind)).collect()
}

#[test]
fn searching_goes_to_the_nearest_match_and_n_and_its_capital_go_on() {
    let mut app = opened();
    let mut lines = run(0, 100);
    for at in [10, 50, 70] {
        lines[at].message = format!("line {at}: Error");
    }
    arrive(&mut app, lines);
    search(&mut app, "error");
    let mut found = vec![window(&app).1.unwrap()];
    for key in ["N", "N", "N", "n", "n", "n"] {
        app.press(key);
        let (place, count) = place(&app);
        found.push(format!("{} {} of {count} {}", window(&app).1.unwrap(), place.unwrap(), notice(&app)));
    }
    assert_eq!(
        found,
        [
            "line 70: Error",
            "line 50: Error 2 of 3 ",
            "line 10: Error 1 of 3 ",
            "line 10: Error 1 of 3 no line further up has `error`, back to 11:45:00 UTC",
            "line 50: Error 2 of 3 ",
            "line 70: Error 3 of 3 ",
            "line 70: Error 3 of 3 no line further down has `error`; N goes up",
        ]
    );
    assert_eq!(window(&app).0.len(), 18, "it is a search: the other lines are there");
    arrive(&mut app, vec![line(0, 100_000, "another ERROR")]);
    assert_eq!(place(&app), (Some(3), 4));
    app.press("n");
    assert_eq!(window(&app).1.as_deref(), Some("another ERROR"));
    search(&mut app, "nowhere");
    let says = "no line since 11:45:00 UTC has `nowhere`; k on the first line reads further back";
    assert_eq!(notice(&app), says);
    app.press("esc");
    assert!(matches!(app.state.screen().view, View::Logs(_)), "the search goes first");
    app.press("esc");
    assert!(matches!(app.state.screen().view, View::Service(_)));
}

#[test]
fn words_are_found_through_the_colours_they_were_written_in() {
    let mut app = opened();
    let mut lines = run(0, 30);
    lines[4].message = "\x1b[31mERROR\x1b[0m employee 7 has no address".to_owned();
    arrive(&mut app, lines);
    search(&mut app, "error employee");
    assert_eq!(place(&app), (Some(1), 1));
    let page = app.state.body.page().unwrap();
    let rows: Vec<String> = page.lines.iter().map(wharf::app::page::Line::text).collect();
    assert!(rows.iter().any(|row| row.ends_with(" ERROR employee 7 has no address")), "{rows:#?}");
    app.press("enter");
    let page = app.state.body.page().unwrap();
    let rows: Vec<String> = page.lines.iter().map(wharf::app::page::Line::text).collect();
    assert!(
        rows.iter().any(|row| row.contains("␛[31mERROR␛[0m employee 7")),
        "whole, it is as it was written: {rows:#?}"
    );
}

#[test]
fn a_search_knows_the_lines_that_come_in_and_forgets_those_that_fall_out() {
    let mut app = opened();
    let lines = |from: u64, count: u64| (from..from + count).map(|n| line(0, n, "error")).collect::<Vec<_>>();
    arrive(&mut app, lines(0, 10));
    search(&mut app, "error");
    assert_eq!(place(&app), (Some(10), 10));
    // While one reads, twice as many are kept.
    let most = 2 * wharf::app::tail::LINES;
    arrive(&mut app, lines(10, most as u64));
    assert_eq!((shown(&app).tail.dropped(), place(&app).1), (10, most));
}

#[test]
fn while_lines_are_still_missing_it_is_said_and_a_search_says_so_far() {
    let mut app = opened();
    assert!(shown(&app).is_filling(&app.state));
    search(&mut app, "x");
    assert!(notice(&app).starts_with("so far no line"), "{}", notice(&app));
    arrive(&mut app, run(0, 3));
    assert!(!shown(&app).is_filling(&app.state));
    let (services, tasks) = two();
    let app = opened_with(&services, &tasks, "enter enter l", &definition("splunk"));
    assert!(!shown(&app).is_filling(&app.state), "nothing will come");
}

#[test]
fn up_from_the_first_line_reads_further_back_and_the_reader_keeps_theirs() {
    let mut app = opened();
    arrive(&mut app, run(0, 30));
    app.press("g g");
    assert_eq!(notice(&app), "the first line since 11:45:00 UTC; k reads back to 11:00:00 UTC");
    app.press("k");
    assert!(notice(&app).starts_with("reading back to 11:00:"), "{}", notice(&app));
    let window_of = windows(&app);
    let fifteen = start().checked_sub(Duration::from_mins(15)).unwrap();
    assert_eq!(window_of.iter().filter_map(|window| window.until).collect::<Vec<_>>(), [fifteen]);
    app.press("k");
    assert!(notice(&app).starts_with("still reading back to 11:00:"), "{}", notice(&app));
    let mut older: Vec<LogLine> = run(0, 3);
    for (n, line) in older.iter_mut().enumerate() {
        line.at = start().checked_sub(Duration::from_mins(40 - n as u64)).unwrap();
        line.id = format!("older {n}");
        line.message = format!("older {n}");
    }
    app.answer(is_logs, Response::Complete(Payload::LogEvents(older)));
    assert!(!shown(&app).tail.is_backfilling());
    assert!(notice(&app).ends_with("UTC: 3 more lines"), "{}", notice(&app));
    assert_eq!(window(&app).1.as_deref(), Some("line 0"));
    app.press("k");
    assert_eq!(window(&app).1.as_deref(), Some("older 2"));
    for ago in ["6h", "24h", "3d", "7d"] {
        app.press("g g k");
        let says = notice(&app);
        assert!(says.starts_with("reading back to ") && says.ends_with(&format!(", {ago} ago")), "{ago}: {says}");
        arrive(&mut app, vec![]);
        assert!(notice(&app).ends_with("UTC: there are no more lines"), "{}", notice(&app));
    }
    app.press("g g k");
    assert_eq!(notice(&app), "lines older than a week are not read here; `wharf logs --since` prints older ones");
}

#[test]
fn where_nothing_was_written_lately_up_reads_further_back() {
    let mut app = opened();
    app.press("k");
    assert!(!shown(&app).tail.is_backfilling(), "what is asked for is not known yet");
    arrive(&mut app, vec![]);
    app.press("k");
    assert!(shown(&app).tail.is_backfilling());
}

#[test]
fn one_turns_from_the_lines_of_all_to_those_of_one_task_and_back() {
    let mut app = opened();
    arrive(&mut app, run(0, 60));
    app.press("l");
    assert_eq!(notice(&app), "k selects a line; l then shows only its task");
    app.press("k k l");
    assert!(is_of_a_task(&app));
    let own: Vec<LogLine> = run(0, 60).into_iter().filter(|line| line.stream.ends_with("1111")).collect();
    arrive(&mut app, own);
    assert_eq!(window(&app).1.as_deref(), Some("line 57"), "it stays selected");
    app.press("l");
    assert!(!is_of_a_task(&app));
    assert_eq!((window(&app).1.as_deref(), app.state.screens.len()), (Some("line 57"), 4));
    app.press("l");
    assert_eq!((window(&app).1.as_deref(), app.state.screens.len()), (Some("line 57"), 5));
    app.press("esc esc");
    assert!(matches!(app.state.screen().view, View::Service(_)));
}

#[test]
fn turning_to_a_task_takes_the_search_along_and_nothing_old_is_new_there() {
    let mut app = opened();
    arrive(&mut app, run(0, 60));
    search(&mut app, "line 5");
    assert_eq!(place(&app), (Some(11), 11));
    app.press("N l");
    let own: Vec<LogLine> = run(0, 60).into_iter().filter(|line| line.stream.ends_with("0000")).collect();
    arrive(&mut app, own);
    assert_eq!((place(&app), shown(&app).new_below()), ((Some(5), 5), 0));
    app.wait(60);
    arrive(&mut app, vec![line(0, 3_600_000, "line later")]);
    assert_eq!(shown(&app).new_below(), 1);
}

#[test]
fn whoever_opens_logs_again_follows_them() {
    let mut app = opened();
    arrive(&mut app, run(0, 60));
    search(&mut app, "line 5");
    app.press("q l");
    assert_eq!((window(&app).1, shown(&app).search.is_none()), (None, true));
}

#[test]
fn where_no_more_lines_are_kept_what_is_said_of_the_first_is_true() {
    let mut app = opened();
    let lines = (0..wharf::app::tail::LINES as u64 + 1_000).map(|n| line(0, n, &format!("x {n}"))).collect();
    arrive(&mut app, lines);
    app.press("g g");
    let says =
        "the first line since 12:00:01 UTC; at most 50000 lines are kept; `wharf logs --since` prints older ones";
    assert_eq!(notice(&app), says);
    search(&mut app, "y");
    assert!(notice(&app).starts_with("no line since 12:00:01 UTC has `y`"), "{}", notice(&app));
    let first = || window(&app).1;
    assert_eq!(first().as_deref(), Some("x 1000"));
    let more = (0..1_000).map(|n| line(0, 100_000 + n, "z")).collect();
    arrive(&mut app, more);
    assert_eq!(window(&app).1.as_deref(), Some("x 1000"), "what is read stays");
    app.press("G g g");
    assert_eq!(window(&app).1.as_deref(), Some("x 2000"), "until the newest are followed again");
}

#[test]
fn what_is_left_is_no_longer_asked_for_and_kept_a_while() {
    let mut app = opened();
    arrive(&mut app, run(0, 3));
    app.press("esc");
    app.wait(30);
    assert!(!app.asked().iter().any(|ask| is_logs(&ask.kind)));
    app.press("l");
    assert_eq!(window(&app).0.len(), 3, "the lines and letters are as they were");
    assert!(!windows(&app).is_empty(), "what came meanwhile is asked for");
    app.press("esc");
    for _ in 0..11 {
        app.wait(30);
    }
    assert!(app.state.logs.is_empty());
}
