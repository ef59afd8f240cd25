//! The log file: what it says, what it never says, and what happens where it cannot be written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Server, Wharf};
use crate::pty::Terminal;

/// Values that must not be written, whatever is done.
const PLANTED: [&str; 3] = ["PLANTEDKEYID", "planted-secret-key", "planted-session-token"];

fn planted(arguments: &str, server: &Server) -> Wharf {
    let wharf = Wharf::new(arguments).env("AWS_ENDPOINT_URL", &server.url).env("AWS_REGION", "us-east-1");
    let wharf = wharf.env("AWS_ACCESS_KEY_ID", PLANTED[0]).env("AWS_SECRET_ACCESS_KEY", PLANTED[1]);
    wharf.env("AWS_SESSION_TOKEN", PLANTED[2]).env("RUST_LOG", "trace")
}

#[track_caller]
fn without_secrets(text: &str) {
    let own = ["Signature", "authorization", "DATABASE_URL", "secretsmanager", "LOG_LEVEL", "containerDefinitions"];
    for word in PLANTED.into_iter().chain(own) {
        assert!(!text.contains(word), "{word} is in the log:\n{text}");
    }
    for line in text.lines() {
        assert!(
            line.contains("Z  INFO wharf::") || line.contains("Z DEBUG wharf::") || line.contains("Z  WARN wharf::")
        );
    }
}

fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("wharf.log")).unwrap()
}

#[test]
fn requests_and_outcomes_are_written_without_values_and_runs_follow_each_other() {
    let server = Server::start("");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wharf.log");
    let run = |arguments: &str| planted(arguments, &server).arg("--log-file").arg(&path).run();
    run("status");
    let first = log(folder.path());
    for words in ["started version=\"", "command=\"Status\"", "operation=\"DescribeServices\"", "took_ms=", "ended"] {
        assert!(first.contains(words), "{words} is missing:\n{first}");
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    run("redeploy california/staging/web --yes --reason planted-session-token");
    let both = log(folder.path());
    assert!(both.starts_with(&first) && both.contains("operation=\"UpdateService\""), "{both}");
    assert!(both.contains("journal entry plan=") && both.contains("kind=\"Intent\""), "{both}");
    without_secrets(&both);
}

#[test]
fn an_error_is_written_with_its_code_and_request_id_but_not_its_message() {
    let server = Server::start("--demo-fault denied");
    let folder = tempfile::tempdir().unwrap();
    planted("status --log-file", &server).arg(folder.path().join("wharf.log")).run();
    let text = log(folder.path());
    let failed = text.lines().find(|line| line.contains(" failed ")).unwrap();
    for words in ["WARN", "operation=", "kind=Denied", "code=\"AccessDeniedException\"", "request_id=\""] {
        assert!(failed.contains(words), "{words} is missing: {failed}");
    }
    assert!(!text.contains("not authorized"), "{text}");
    without_secrets(&text);
}

#[test]
fn the_console_writes_what_it_did_but_not_what_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wharf.log");
    let mut terminal = Terminal::wharf(&format!("--demo --demo-size 3x2 --log-file {}", path.display()), &[]);
    terminal.shows("california");
    terminal.press_for("/sesame", "sesame");
    terminal.press_for("\r", "/ sesame");
    terminal.press("\x03");
    assert_eq!(terminal.ends_whole().0, 0);
    let text = log(folder.path());
    for words in ["command=\"Console\"", "message kind=\"Pressed\"", "effect kind=\"Read\"", "ended outcome=Well"] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
    assert!(!text.contains("sesame"), "{text}");
    without_secrets(&text);
}

#[test]
fn a_log_file_that_cannot_be_written_is_named() {
    let wharf = Wharf::new("status --demo --log-file nowhere/wharf.log").run();
    wharf.said(2, &["the log file nowhere/wharf.log cannot be written: No such file", "--log-file"]);
    Wharf::new("--log-file / status --demo").run().said(2, &["the log file / cannot be written"]);
    Wharf::new("--log-file a status --demo --log-file b").run().said(2, &["--log-file is given twice"]);
}
