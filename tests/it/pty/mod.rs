//! The real binary in a terminal: what a person sees, and what is left behind.

mod changes;
mod ending;
mod journeys;
mod restored;

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than anything here takes, on a machine that has other things to do.
const HANGS: Duration = Duration::from_secs(30);

/// A terminal of 80 columns and 24 rows, and what runs in it.
pub struct Terminal {
    _home: TempDir,
    master: Box<dyn MasterPty + Send>,
    slave: Option<Box<dyn SlavePty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    before: String,
}

impl Terminal {
    /// `wharf` with `arguments` (split at spaces) and further variables.
    pub fn wharf(arguments: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wharf"));
        command.args(arguments.split_whitespace());
        Self::open(command, variables)
    }

    /// A shell with job control, whose prompt is `READY`.
    pub fn shell() -> Self {
        let mut command = CommandBuilder::new("/bin/sh");
        command.arg("-i");
        Self::open(command, &[("PS1", "READY"), ("ENV", "")])
    }

    fn open(mut command: CommandBuilder, variables: &[(&str, &str)]) -> Self {
        let home = TempDir::new().unwrap();
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        command.env_clear();
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.cwd(home.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let before = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 8_192];
            // The reading ends with an error once nobody has the terminal open any more.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(cells(24), cells(80), 0);
        Self { _home: home, master: pair.master, slave: Some(pair.slave), child, keyboard, output, screen, before }
    }

    /// Types `keys`.
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Types `keys` and waits until `text` is on the screen.
    #[track_caller]
    pub fn press_for(&mut self, keys: &str, text: &str) {
        self.press(keys);
        self.shows(text);
    }

    /// Waits until `text` is on the screen.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until `text` is not on the screen any more.
    #[track_caller]
    pub fn hides(&mut self, text: &str) {
        self.until(text, |screen| !screen.contents().contains(text));
    }

    /// Waits until the screen is as `wanted`.
    #[track_caller]
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        // The console's clock paints a frame a second: only the time in all says that nothing comes.
        let end = Instant::now() + HANGS;
        while !wanted(self.screen.screen()) {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => {
                    let _ = self.child.kill();
                    panic!("waiting for `{what}`: {error}; the screen says\n{}", self.screen.screen().contents())
                }
            }
        }
    }

    /// The rows of the screen.
    pub fn rows(&self) -> Vec<String> {
        let screen = self.screen.screen();
        screen.rows(0, screen.size().1.get()).collect()
    }

    /// Makes the terminal so wide and so high.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.screen.screen_mut().set_size(cells(rows), cells(cols));
        self.master.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// Sends `signal` to what runs in it.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for the end, asserts that the terminal is as it was before, and gives the exit code
    /// and what stands on the screen then.
    #[track_caller]
    pub fn ends_whole(mut self) -> (u32, String) {
        let (sender, receiver) = channel();
        let mut child = self.child;
        thread::spawn(move || sender.send(child.wait().unwrap()));
        let ended = receiver.recv_timeout(HANGS).expect("wharf ends");
        assert_eq!(modes(self.master.as_ref()), self.before, "the line's modes are as they were");
        drop(self.slave.take());
        loop {
            match self.output.recv_timeout(HANGS) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(error) => panic!("the output does not end: {error}"),
            }
        }
        let screen = self.screen.screen();
        assert_eq!(
            (screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste()),
            (false, false, false),
            "alternate screen, cursor and bracketed paste are as they were"
        );
        (ended.exit_code(), screen.contents())
    }

    /// Whether the terminal is in the state in which a shell wants it.
    pub fn is_plain(screen: &vt100::Screen) -> bool {
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        // Whoever asks a terminal where its cursor is waits for the answer.
        if bytes.windows(4).any(|four| four == b"\x1b[6n") {
            self.press("\x1b[1;1R");
        }
    }
}

/// All modes and special characters of the line.
fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}
