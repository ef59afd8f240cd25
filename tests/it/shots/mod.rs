//! The pictures in `screenshots/`: the embedded AWS, seen through the real console at a fixed moment.

mod lines;
mod paint;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::poll_fn;
use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use wharf::app::{Colours, Keymap, Message, Run, Size, State};
use wharf::aws::{self, Clock, ConnectOptions, ContextSelection, EmbeddedAws, ProcessEnv};
use wharf::demo::{self, Aws, World};
use wharf::event_loop::{Canvas, EventLoop};
use wharf::fleet::Fleet;
use wharf::fleet::tenancy::Rules;
use wharf::journal::Journal;
use wharf::plan::{Access, Policy};
use wharf::view;

use crate::fixture::start;

/// A picture: its height, what is pressed from the fleet on, and words by which one knows that it came there.
struct Shot {
    name: &'static str,
    about: &'static str,
    rows: u16,
    keys: &'static str,
    shows: &'static str,
}

/// Every picture; another one is another row, and `WHARF_SHOTS=write`.
const SHOTS: [Shot; 6] = [
    Shot {
        name: "fleet",
        about: "The fleet: every tenant's environments, the worst first, each with the reason",
        rows: 30,
        keys: "",
        shows: "TENANT/ENVIRONMENT",
    },
    Shot {
        name: "environment",
        about: "An environment: its services, the worst first, each with the reason",
        rows: 15,
        keys: "enter",
        shows: "SERVICE",
    },
    Shot {
        name: "service",
        about: "A service: its tasks by zone, and why others stopped",
        rows: 34,
        keys: "enter enter",
        shows: "DEPLOYMENTS",
    },
    Shot {
        name: "images",
        about: "Images of a service's repositories, the newest first, and where in the fleet each runs",
        rows: 24,
        keys: "enter enter i",
        shows: "PUSHED",
    },
    Shot {
        name: "logs",
        about: "Logs of a service's tasks, merged in the order of time, and searched",
        rows: 24,
        keys: "enter l / e r r o r enter",
        shows: "/error",
    },
    Shot {
        name: "plan",
        about: "A plan: what is to be changed, spelt out before anything is",
        rows: 21,
        keys: "enter enter R",
        shows: "PLAN",
    },
];

const COLUMNS: u16 = 100;
const SEED: u64 = 7;
/// The fleet has been read by then.
const READ: Duration = Duration::from_millis(12_500);
/// Likewise what a key asks for.
const PRESSED: Duration = Duration::from_secs(5);
const RENEW: &str = "look at what has changed, then paint them anew with WHARF_SHOTS=write cargo test --test it shots";

#[tokio::test(start_paused = true)]
async fn the_pictures_are_what_the_console_shows() {
    let mut stale = vec![];
    for shot in &SHOTS {
        let painted = paint::svg(&seen(shot).await, shot.about);
        let path = folder().join(format!("{}.svg", shot.name));
        if std::env::var_os("WHARF_SHOTS").is_some_and(|what| what == "write") {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, painted).unwrap();
        } else if fs::read_to_string(&path).ok() != Some(painted) {
            stale.push(format!("screenshots/{}.svg", shot.name));
        }
    }
    assert!(stale.is_empty(), "{} are stale: {RENEW}", stale.join(", "));
}

#[test]
fn each_picture_is_painted_here_and_those_of_the_readme_are_there() {
    let names = SHOTS.map(|shot| format!("{}.svg", shot.name));
    for file in fs::read_dir(folder()).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&file), "screenshots/{file} is painted by nobody: add a row, or delete it");
    }
    let readme = include_str!("../../../README.md");
    let shown: Vec<&str> = readme.split("(screenshots/").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(shown.contains(&"fleet.svg"), "the README shows the fleet");
    for file in shown {
        assert!(names.iter().any(|name| name == file), "the README shows screenshots/{file}, which nobody paints");
    }
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "screenshots"].iter().collect()
}

/// The screen after the keys of `shot` were pressed and answered.
async fn seen(shot: &Shot) -> Buffer {
    let size = Size { width: COLUMNS, height: shot.rows };
    let session = Session { size, seed: SEED, label: "demo", between: PRESSED, after: PRESSED };
    let frame = session.frames(&[shot.keys]).await.pop().unwrap();
    let text = text(&frame);
    assert!(text.contains(shot.shows) && !text.contains("reading"), "{} is not there:\n{text}", shot.name);
    frame
}

/// A console on the embedded AWS, and how fast somebody types there.
pub struct Session {
    pub size: Size,
    pub seed: u64,
    /// The name of the one context.
    pub label: &'static str,
    /// How long it takes from one key to the next.
    pub between: Duration,
    /// How long a screen is looked at after a group of keys.
    pub after: Duration,
}

impl Session {
    /// The screens after each of `groups` of keys.
    pub async fn frames(&self, groups: &[&str]) -> Vec<Buffer> {
        let began = Instant::now();
        let clock: Clock = Arc::new(move || start() + SignedDuration::try_from(began.elapsed()).unwrap());
        let (keys, mut pressed) = unbounded_channel();
        let (drawn, seen) = watch::channel(Buffer::default());
        let mut lap = self.console(&clock).await;
        let terminal = Terminal::new(TestBackend::new(self.size.width, self.size.height)).unwrap();
        let easel = Easel { terminal, frames: drawn };
        let mut frames = vec![];
        let user = async {
            sleep(READ).await;
            for group in groups {
                let mut rest = group.split_whitespace().peekable();
                while let Some(key) = rest.next() {
                    keys.send(Message::Pressed(key.parse().unwrap(), clock())).unwrap();
                    sleep(if rest.peek().is_some() { self.between } else { self.after }).await;
                }
                frames.push(seen.borrow().clone());
            }
        };
        tokio::select! {
            biased;
            end = lap.turn(easel, poll_fn(|context| pressed.poll_recv(context))) => panic!("it ended: {end:?}"),
            () = user => (),
        }
        frames
    }

    /// The console, on the story as it stands at the start.
    async fn console(&self, clock: &Clock) -> EventLoop {
        let aws = Aws::new(World::story(demo::Size::default(), self.seed, start()), {
            let clock = Clock::clone(clock);
            move || clock()
        });
        let label = self.label.to_owned();
        let embedded = EmbeddedAws { http: aws.client(), region: "us-east-1".to_owned(), label };
        let options = ConnectOptions {
            env: ProcessEnv::given(&[], &[]),
            embedded: Some(embedded),
            ..ConnectOptions::new(Clock::clone(clock), Access::ReadWrite)
        };
        let cloud = aws::connect(&ContextSelection::default(), options).await.unwrap();
        let run = Run {
            banner: Some("DEMO"),
            policy: Policy::default(),
            warnings: vec![],
            colours: Colours::Sixteen,
            seed: self.seed,
        };
        let keymap = Arc::new(Keymap::load(None).unwrap());
        let mut state = State::new(Fleet::new(cloud.contexts()), Arc::new(Rules::default()), keymap, run, clock());
        state.size = self.size;
        EventLoop::new(state, cloud, Journal::in_memory(), Clock::clone(clock))
    }
}

/// A screen whose last frame can be had.
struct Easel {
    terminal: Terminal<TestBackend>,
    frames: watch::Sender<Buffer>,
}

impl Canvas for Easel {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(state, frame)).unwrap();
        self.frames.send_replace(self.terminal.backend().buffer().clone());
        Ok(())
    }
}

/// The characters of `frame`, a line for each row.
pub fn text(frame: &Buffer) -> String {
    let rows = frame.content.chunks(usize::from(frame.area.width));
    rows.map(|row| row.iter().map(Cell::symbol).chain(["\n"]).collect::<String>()).collect()
}
