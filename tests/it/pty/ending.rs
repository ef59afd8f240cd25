//! Changes that are ended in the middle, by whoever made them or by a crash.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use super::Terminal;

/// How long wharf may take to end, whatever is under way.
const ENDING: Duration = Duration::from_secs(10);

/// The demo's AWS in a process of its own, and a place for journals.
struct Stage {
    server: Child,
    url: String,
    state: TempDir,
}

impl Stage {
    fn new() -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_wharf"))
            .args(["demo-server", "--port", "0", "--demo-size", "5x3"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split(&[' ', ','][..]).find(|word| word.starts_with("http://")).unwrap().to_owned();
        Self { server, url, state: TempDir::new().unwrap() }
    }

    /// A console on the page of ohio's web, which is steady.
    fn console(&self) -> Terminal {
        let state = self.state.path().display().to_string();
        let variables = [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
            ("XDG_STATE_HOME", &state),
        ];
        let mut terminal = Terminal::wharf("", &variables);
        terminal.shows("ohio/production");
        terminal.press_for("/", "enter keep");
        terminal.press_for("ohio/prod\r", "/ ohio/prod");
        terminal.press_for("\r", "STATE      SERVICE");
        terminal.press_for("/", "enter keep");
        terminal.press_for("web\r", "/ web");
        terminal
    }

    /// What stands in the only journal, line by line.
    fn journal(&self) -> Vec<serde_json::Value> {
        let folder = self.state.path().join("wharf/journal");
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        let [file] = files.as_slice() else { panic!("{files:?}") };
        lines(file)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn lines(file: &Path) -> Vec<serde_json::Value> {
    fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn told_to_end_in_the_middle_of_a_rollout_wharf_ends_in_time_and_its_journal_says_so() {
    type End = fn(&mut Terminal);
    let ends: [(&str, End); 3] = [
        ("SIGTERM", |terminal| terminal.signal(Signal::TERM)),
        ("SIGHUP", |terminal| terminal.signal(Signal::HUP)),
        ("quit", |terminal| terminal.press("\x03")),
    ];
    for (by, end) in ends {
        let stage = Stage::new();
        let mut terminal = stage.console();
        terminal.press_for("R", "carries it out");
        terminal.press_for("y", "1 stabilizing");
        let told = Instant::now();
        end(&mut terminal);
        assert_eq!(terminal.ends_whole().0, 0, "{by}");
        assert!(told.elapsed() < ENDING, "{by} took {:?}", told.elapsed());
        let journal = stage.journal();
        let entries: Vec<&str> = journal.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(entries, ["planned", "intent", "reply", "step-ended", "finished", "interrupted"], "{by}");
        let last = journal.last().unwrap();
        assert_eq!((last["by"].as_str(), last["left"].as_str()), (Some(by), Some("1 not watched until stable")));
    }
}

#[test]
fn a_plan_that_was_cut_short_by_a_crash_is_told_at_the_next_start_and_can_be_taken_up() {
    let stage = Stage::new();
    let mut terminal = stage.console();
    terminal.press_for("R", "carries it out");
    terminal.press_for("y", "1 stabilizing");
    terminal.signal(Signal::KILL);
    drop(terminal);
    // As a crash would have left it that came between the call and its answer.
    let folder = stage.state.path().join("wharf/journal");
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.lines().take(2).collect();
    fs::write(&file, kept.join("\n") + "\n").unwrap();

    let mut terminal = stage.console();
    terminal.press_for("q", "TENANT/ENVIRONMENT");
    terminal.press_for("p", "unfinished");
    terminal.press_for("\r", "resumes it");
    terminal.press_for("y", "(the answer was");
    terminal.press("\x03");
    assert_eq!(terminal.ends_whole().0, 0);
    let entries: Vec<String> = stage.journal().iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(entries[..5], ["planned", "intent", "resumed", "step-ended", "finished"], "{entries:?}");
}
