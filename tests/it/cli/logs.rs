//! Logs from the real binary: lines once and clean, and an end when it is asked for.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};

use rustix::process::{Pid, Signal, kill_process};

use super::{Server, Wharf, finish};

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

#[test]
fn following_prints_each_line_once_until_a_signal_ends_it_well() {
    let server = Server::start("");
    for signal in [Signal::TERM, Signal::INT] {
        let mut child = Wharf::new("logs california --follow --json --since 2s").at(&server.url).start();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (mut ids, mut count) = (BTreeSet::new(), 0);
        // More than there were when it began: some were written since.
        while count < 60 {
            let mut line = String::new();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended after {count} lines");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            ids.insert(line["id"].as_str().unwrap().to_owned());
            count += 1;
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ended = finish(child);
        assert_eq!((ids.len(), ended.code, ended.err.as_str()), (count, Some(0), ""));
    }
}

#[test]
fn a_closed_pipe_ends_it_well() {
    let mut child = Wharf::new("logs california --follow --demo --demo-size 4x3").start();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    drop(out);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
}

#[test]
fn logs_of_what_is_not_there_are_not_understood() {
    let ended = Wharf::new("logs californa --demo --demo-size 4x3").run();
    ended.said(2, &["no tenant `californa`; did you mean `california`?"]);
    Wharf::new("logs").run().said(2, &["<TARGET>", "wharf logs"]);
}
