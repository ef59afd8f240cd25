//! The real binary without a screen: exit codes, messages and output.

mod changes;
mod log_file;
mod logs;
mod output;
mod refusals;
mod unread;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than wharf may ever take (25 s), on a machine that has other things to do.
const HANGS: Duration = Duration::from_secs(90);

/// The binary in an environment in which nothing is set up.
pub struct Wharf {
    home: TempDir,
    command: Command,
}

/// How a run ended, and what it wrote.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Wharf {
    /// `wharf`, with `arguments` (split at spaces).
    pub fn new(arguments: &str) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
        command.env_clear().env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.args(arguments.split_whitespace()).stdin(Stdio::null());
        Self { home, command }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With keys that any emulator takes, a region, and everything sent to `endpoint`.
    pub fn at(self, endpoint: &str) -> Self {
        self.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1").keys()
    }

    pub fn keys(self) -> Self {
        self.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret")
    }

    /// With a file in its home directory.
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// The path of a file in its home directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Ended {
        let child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        finish(child)
    }

    /// Starts it, with its output to be read.
    pub fn start(mut self) -> Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// Waits for `child` and gathers what it wrote; a child that hangs is ended, and so is the test.
pub fn finish(child: Child) -> Ended {
    let id = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = receiver.recv_timeout(HANGS) else {
        kill_process(id, Signal::KILL).unwrap();
        panic!("wharf hangs");
    };
    let output = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl Ended {
    /// Asserts that it ended with `code` after saying all of `words` on its standard error.
    #[track_caller]
    pub fn said(&self, code: i32, words: &[&str]) {
        let missing: Vec<&&str> = words.iter().filter(|words| !self.err.contains(**words)).collect();
        assert!(self.code == Some(code) && missing.is_empty(), "expected {code}, and said {missing:?}: {self:#?}");
    }
}

/// `wharf demo-server` on a port of its own, ended when dropped.
pub struct Server {
    child: Child,
    _out: BufReader<ChildStdout>,
    /// `http://127.0.0.1:…`.
    pub url: String,
}

impl Server {
    /// A server started with further `arguments`.
    pub fn start(arguments: &str) -> Self {
        let mut child = Wharf::new("demo-server --port 0 --demo-size 4x3").args(arguments).start();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        let url = url.trim_end_matches(',').to_owned();
        Self { child, _out: out, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Wharf {
    fn args(mut self, arguments: &str) -> Self {
        self.command.args(arguments.split_whitespace());
        self
    }
}
