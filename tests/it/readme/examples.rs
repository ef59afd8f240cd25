//! The README's commands: they are understood, and those without a screen run and end as the README says.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use super::{blocks, section};
use crate::cli::{Ended, finish};

/// How a test runs a command that cannot simply be run to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instead {
    /// Read its first line, then end it.
    FirstLine,
    /// Expect this exit code.
    Code(i32),
    /// Run the part before the pipe, and expect this exit code.
    BeforePipe(i32),
    /// Do not run it.
    Skip,
}

/// Commands that are not run as they are: text that they contain, what is done instead, and why. The first that fits counts.
const INSTEAD: [(&str, Instead, &str); 4] = [
    ("aws ", Instead::Skip, "the AWS CLI may not be installed; .ci/run tries it against the same server"),
    ("--follow", Instead::FirstLine, "it follows logs without end"),
    ("--to +1", Instead::Code(3), "it asks on a terminal, and there is none"),
    ("| jq", Instead::BeforePipe(1), "jq may not be installed; what it looks for is checked below"),
];

/// A line of a `sh` block: its command, and the comment behind it.
fn split_comment(line: &str) -> (&str, &str) {
    let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
    (command.trim_end(), comment)
}

fn commands(text: &'static str) -> Vec<(&'static str, &'static str)> {
    let lines = blocks("sh", text).into_iter().flat_map(str::lines);
    lines.map(split_comment).filter(|(command, _)| !command.is_empty()).collect()
}

fn instead(command: &str) -> Option<Instead> {
    INSTEAD.iter().find(|(words, ..)| command.contains(words)).map(|(_, instead, _)| *instead)
}

/// The exit code that a comment names; 0 where it names none.
fn documented(comment: &str) -> i32 {
    let code = comment.split_once("exit code ").map(|(_, rest)| rest);
    code.map_or(0, |rest| rest[..1].parse().unwrap())
}

/// A shell with this wharf in its path, an empty home directory and nothing else set.
fn shell(home: &Path, line: &str) -> Child {
    let bin = Path::new(env!("CARGO_BIN_EXE_wharf")).parent().unwrap();
    let mut path = OsString::from(bin);
    path.push(":/usr/bin:/bin");
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(home).env_clear().env("PATH", path).env("HOME", home);
    shell.env("AWS_EC2_METADATA_DISABLED", "true");
    shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Runs a command of the README, and says what is wrong with how it ended.
fn try_out(before: &str, command: &str, comment: &str) -> Result<Ended, String> {
    let home = TempDir::new().unwrap();
    let whole = |command: &str| finish(shell(home.path(), &format!("{before}{command}")));
    let (ended, code) = match instead(command) {
        None => (whole(command), documented(comment)),
        Some(Instead::Code(code)) => (whole(command), code),
        Some(Instead::BeforePipe(code)) => (whole(command.split_once('|').unwrap().0), code),
        Some(Instead::Skip) => return Ok(Ended { code: None, out: String::new(), err: String::new() }),
        Some(Instead::FirstLine) => {
            let mut child = shell(home.path(), &format!("{before}exec {command}"));
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            return if line.is_empty() {
                Err(format!("{command}: no line"))
            } else {
                Ok(Ended { code: None, out: line, err: String::new() })
            };
        }
    };
    if ended.code == Some(code) { Ok(ended) } else { Err(format!("{command}: {code} is documented: {ended:#?}")) }
}

#[test]
fn every_command_is_understood() {
    for (command, _) in commands(super::README) {
        let command = command.split_once(" | ").map_or(command, |(command, _)| command);
        if command.starts_with("wharf") {
            let words = words(command);
            wharf::args::parse(&words).unwrap_or_else(|error| panic!("{command}: {error}"));
        }
    }
}

/// The words of a command, as a shell would split them: at blanks, unless they are in single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![];
    for (i, part) in command.split('\'').enumerate() {
        if i % 2 == 0 {
            words.extend(part.split_whitespace().map(str::to_owned));
        } else {
            words.push(part.to_owned());
        }
    }
    words
}

#[test]
fn the_commands_without_a_screen_run_against_the_demo_and_end_as_documented() {
    let commands = commands(section("Without a screen"));
    assert!(commands.len() >= 10 && commands.iter().all(|(command, _)| command.contains("--demo")), "{commands:?}");
    let running: Vec<_> = commands
        .into_iter()
        .map(|(command, comment)| (command, thread::spawn(move || try_out("", command, comment))))
        .collect();
    let ended: Vec<_> = running.into_iter().map(|(command, run)| (command, run.join().unwrap())).collect();
    let wrong: Vec<&str> = ended.iter().filter_map(|(_, ended)| Some(ended.as_ref().err()?.as_str())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let json = ended.iter().find(|(command, _)| command.contains("| jq")).unwrap().1.as_ref().unwrap();
    what_jq_looks_for_is_there(&json.out);
    let line = ended.iter().find(|(command, _)| command.contains("--follow")).unwrap().1.as_ref().unwrap();
    let line: Value = serde_json::from_str(&line.out).unwrap();
    let group = line["group"].as_str().unwrap();
    assert!(group.starts_with("/ecs/florida-sandbox-"), "{group}: `aws logs tail` in the README names another group");
}

/// What the README's filters for jq pick out: paths of services by their state and by their version.
fn what_jq_looks_for_is_there(status: &str) {
    let status: Value = serde_json::from_str(status).unwrap();
    let services = status["services"].as_array().unwrap();
    let failing = services.iter().filter(|service| service["health"]["state"] == "FAILING");
    let paths: Vec<&str> = failing.map(|service| service["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["california/production/web", "california/staging/api"]);
    let runs = |service: &&Value| service["versions"].as_array().unwrap().iter().any(|version| version == "v2.14.1");
    assert!(services.iter().filter(runs).count() > 100, "{status}");
}

#[test]
fn the_commands_for_the_demo_server_run_against_one() {
    let server = TempDir::new().unwrap();
    let mut child = shell(server.path(), "exec wharf demo-server --port 0");
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap().trim_end_matches(',');
    let commands = commands(section("The demo's AWS for other programs"));
    let (exports, commands): (Vec<_>, Vec<_>) = commands.into_iter().partition(|(line, _)| line.starts_with("export "));
    let exports: Vec<String> = exports.iter().map(|(line, _)| line.replace("http://127.0.0.1:4599", url)).collect();
    let before = exports.join("; ") + "; ";
    let ended: Vec<_> = commands.iter().map(|(command, comment)| try_out(&before, command, comment)).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(before.contains(url), "{before}");
    assert!(commands.iter().any(|(command, _)| command.starts_with("wharf ")), "{commands:?}");
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
}

#[test]
fn the_example_of_a_config_refuses_what_it_denies() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("config.toml"), blocks("toml", section("Configuration"))[0]).unwrap();
    let refused = finish(shell(home.path(), "wharf redeploy california/production --yes --demo --config config.toml"));
    refused.said(3, &["the state's contract"]);
    let planned = finish(shell(home.path(), "wharf redeploy california/staging --dry-run --demo --config config.toml"));
    planned.said(0, &[]);
}

#[test]
fn the_table_of_exit_codes_is_complete() {
    let codes =
        section("Without a screen").lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    assert_eq!(codes.collect::<Vec<u8>>(), [0, 1, 2, 3, 4, 5]);
}
