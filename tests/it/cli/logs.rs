//! Logs from the real binary: lines once and clean, and an end when it is asked for.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout};

use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Ended, Server, Wharf, finish};

#[test]
fn lines_of_an_environment_are_printed_in_order_and_move_no_cursor() {
    let ended = Wharf::new("logs california/production --since 2m --demo --demo-size 4x3").run();
    ended.said(0, &[]);
    assert!(ended.out.lines().count() > 50, "{}", ended.out);
    assert!(ended.out.chars().all(|c| c == '\n' || !c.is_control()), "{}", ended.out);
    let times: Vec<&str> =
        ended.out.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.get(..24)).collect();
    assert!(times.is_sorted(), "{}", ended.out);
}

/// `wharf logs --follow` and what it prints; ended when dropped.
struct Follower {
    child: Option<Child>,
    out: BufReader<ChildStdout>,
}

impl Follower {
    fn new(server: &Server, arguments: &str) -> Self {
        let mut child = Wharf::new(&format!("logs {arguments} --follow")).at(&server.url).start();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child: Some(child), out }
    }

    /// The next line, as the document that it is.
    fn next(&mut self) -> Value {
        let mut line = String::new();
        assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "it has ended");
        serde_json::from_str(&line).unwrap()
    }

    fn end(mut self, signal: Signal) -> Ended {
        let child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        finish(child)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

#[test]
fn following_prints_each_line_once_until_a_signal_ends_it_well() {
    let server = Server::start("");
    // Side by side, for each has to wait for lines that are not written yet.
    let signals = [Signal::TERM, Signal::INT];
    let followers = signals.map(|signal| (Follower::new(&server, "texas --json --since 20s"), signal));
    for (mut follower, signal) in followers {
        let mut seen: Vec<(Timestamp, String)> = vec![];
        // The first is 20 s old at the most, and is read again whenever new ones are asked for, every other second:
        // so the last was written four seconds or more after it began.
        while !seen.iter().any(|(at, _)| *at >= seen[0].0 + SignedDuration::from_secs(24)) {
            let line = follower.next();
            let [time, id] = ["time", "id"].map(|key| line[key].as_str().unwrap().to_owned());
            seen.push((time.parse().unwrap(), id));
        }
        let ended = follower.end(signal);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
        let ids: BTreeSet<&String> = seen.iter().map(|(_, id)| id).collect();
        assert!(ids.len() == seen.len() && seen.len() > 30, "{} of {} lines are different", ids.len(), seen.len());
    }
}

#[test]
fn a_closed_pipe_ends_it_well() {
    let mut child = Wharf::new("logs texas --follow --demo --demo-size 4x3").start();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    drop(out);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

/// `wharf logs` with more to say than a pipe holds, to nobody who reads on.
fn unheard() -> (Child, ChildStdout) {
    let mut child = Wharf::new("logs texas --since 1h --follow --demo --demo-size 4x3").start();
    let mut out = child.stdout.take().unwrap();
    // It is written at once: from its first letter on it waits for somebody to read.
    out.read_exact(&mut [0]).unwrap();
    (child, out)
}

#[test]
fn a_signal_ends_it_well_though_nobody_reads() {
    let signals = [Signal::TERM, Signal::HUP, Signal::INT];
    for ((child, mut out), signal) in signals.map(|signal| (unheard(), signal)) {
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ended = finish(child);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{signal:?}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert!(rest.len() > 10_000, "{} bytes", rest.len());
    }
}

#[test]
fn a_signal_cuts_no_line_off_where_somebody_reads() {
    let (child, mut out) = unheard();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(rest.len() > 100_000 && rest.ends_with('\n'), "{} bytes", rest.len());
}

#[test]
fn logs_of_what_is_not_there_are_not_understood() {
    let ended = Wharf::new("logs californa --demo --demo-size 4x3").run();
    ended.said(2, &["no tenant `californa`; did you mean `california`?"]);
    Wharf::new("logs").run().said(2, &["<TARGET>", "wharf logs"]);
}

#[test]
fn tasks_that_never_started_are_told_and_jobs_have_lines_too() {
    let server = Server::start("");
    let ended = Wharf::new("logs california/production/web").at(&server.url).run();
    ended.said(
        0,
        &["wharf: california/production/web: ", " tasks never started, so they have no lines; the last one: "],
    );
    assert_eq!(ended.err.matches("CannotPullContainerError").count(), 1, "{}", ended.err);
    let ended = Wharf::new("logs (jobs) --since 1h").at(&server.url).run();
    ended.said(0, &[]);
    assert!(!ended.out.is_empty(), "{}", ended.err);
}

#[test]
fn a_text_is_found_as_it_is_read_whatever_colours_are_written_in_it() {
    let server = Server::start("");
    let lines = |filter: &[&str]| {
        let wharf = Wharf::new("logs texas --since 10m --json").at(&server.url);
        let ended = filter.iter().fold(wharf, Wharf::arg).run();
        ended.said(0, &[]);
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap()["message"].as_str().unwrap().to_owned();
        ended.out.lines().map(line).collect::<Vec<_>>()
    };
    // As in `ESC[31mERROR ESC[0m employee`; the newest such line, which is still within ten minutes when it is searched for.
    let coloured = lines(&[]).into_iter().rev().find_map(|line| {
        let (before, after) = line.split_once("\u{1b}[0m ")?;
        let word = before.rsplit_once('m')?.1.trim_end();
        Some(format!("{word} {}", after.split(' ').next()?))
    });
    let text = coloured.expect("the demo's services write in colours");
    let found = lines(&["--filter", &text]);
    assert!(found.iter().any(|line| line.contains('\u{1b}')), "{text} in {found:?}");
}

#[test]
fn logs_that_are_denied_end_it_with_the_action_to_allow() {
    Wharf::new("logs texas --demo --demo-size 4x3 --demo-fault denied").run().said(5, &["Allow ecs:ListClusters"]);
}
