//! The console's loop on the embedded AWS, in tokio's paused time: what an AWS does to the screen.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::poll_fn;
use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep};
use wharf::app::{Chord, Colours, Keymap, Message, Run, State};
use wharf::aws::{self, Clock, ConnectOptions, ContextSelection, EmbeddedAws, ProcessEnv};
use wharf::demo::{Aws, Fault, World};
use wharf::event_loop::{Canvas, End, EventLoop};
use wharf::fleet::Fleet;
use wharf::fleet::tenancy::Rules;
use wharf::journal::Journal;
use wharf::plan::{Access, Policy};
use wharf::view;

use crate::fixture::start;

/// Frames within which what is waited for is seen.
const FRAMES: usize = 2_000;

/// A clock that follows tokio's.
fn clock() -> Clock {
    let began = Instant::now();
    Arc::new(move || start() + SignedDuration::try_from(began.elapsed()).unwrap())
}

/// A screen of 80 × 24 that hands over each frame as text.
struct Glass {
    terminal: Terminal<TestBackend>,
    frames: UnboundedSender<String>,
    /// What is typed while a frame with these words is drawn for the first time, on this keyboard.
    ahead: Option<(&'static str, Message, UnboundedSender<Message>)>,
}

impl Canvas for Glass {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(state, frame)).unwrap();
        let frame = self.terminal.backend().to_string();
        if let Some((_, key, keyboard)) = self.ahead.take_if(|(words, ..)| frame.contains(*words)) {
            keyboard.send(key).map_err(io::Error::other)?;
        }
        self.frames.send(frame).map_err(io::Error::other)
    }
}

/// A user at the keyboard: sends keys, and sees frames.
struct User {
    keys: UnboundedSender<Message>,
    frames: UnboundedReceiver<String>,
    clock: Clock,
}

impl User {
    /// Presses `key` and looks at the frame that follows.
    async fn press(&mut self, key: &str) -> String {
        while self.frames.try_recv().is_ok() {}
        self.keys.send(Message::Pressed(key.parse::<Chord>().unwrap(), (self.clock)())).unwrap();
        self.frames.recv().await.unwrap()
    }

    /// Waits for a frame of which `fits` holds; in paused time there is no end to frames but this.
    async fn sees(&mut self, fits: impl Fn(&str) -> bool) -> String {
        let mut frame = String::new();
        for _ in 0..FRAMES {
            frame = self.frames.recv().await.unwrap();
            if fits(&frame) {
                return frame;
            }
        }
        panic!("it is not seen in {FRAMES} frames, of which the last is\n{frame}")
    }
}

/// Runs the loop on `aws` while `script` sits at the keyboard.
async fn with_console(aws: &Aws, clock: Clock, script: impl AsyncFnOnce(&mut User)) -> Option<End> {
    with_access(Access::ReadOnly, None, aws, clock, script).await
}

/// Likewise, where `access` is given; the key is typed while a frame with the words is drawn.
async fn with_access(
    access: Access,
    ahead: Option<(&'static str, &'static str)>,
    aws: &Aws,
    clock: Clock,
    script: impl AsyncFnOnce(&mut User),
) -> Option<End> {
    let inside = EmbeddedAws { http: aws.client(), region: "us-east-1".to_owned(), label: "demo".to_owned() };
    let options = ConnectOptions {
        env: ProcessEnv::given(&[], &[]),
        embedded: Some(inside),
        ..ConnectOptions::new(clock.clone(), access)
    };
    let cloud = aws::connect(&ContextSelection::default(), options).await.unwrap();
    let run = Run {
        banner: Some("DEMO"),
        policy: Policy { access, ..Policy::default() },
        warnings: vec![],
        colours: Colours::Sixteen,
        seed: 7,
    };
    let keymap = Arc::new(Keymap::load(None).unwrap());
    let state = State::new(Fleet::new(cloud.contexts()), Arc::new(Rules::default()), keymap, run, clock());
    let (keys, mut pressed) = unbounded_channel();
    let (frames, seen) = unbounded_channel();
    let ahead = ahead.map(|(words, key)| (words, Message::Pressed(key.parse().unwrap(), clock()), keys.clone()));
    let mut lap = EventLoop::new(state, cloud, Journal::in_memory(), clock.clone());
    let glass = Glass { terminal: Terminal::new(TestBackend::new(80, 24)).unwrap(), frames, ahead };
    let mut user = User { keys, frames: seen, clock };
    tokio::select! {
        biased;
        end = lap.turn(glass, poll_fn(move |context| pressed.poll_recv(context))) => Some(end.unwrap()),
        () = script(&mut user) => None,
    }
}

fn story(clock: &Clock) -> Aws {
    let clock = clock.clone();
    Aws::new(World::story("6x3".parse().unwrap(), 7, clock()), move || clock())
}

#[tokio::test(start_paused = true)]
async fn with_an_aws_that_never_answers_every_key_yields_its_frame_at_once() {
    let clock = clock();
    let aws = story(&clock);
    aws.set_fault(Some(Fault::Silent));
    with_console(&aws, clock, async |user| {
        let keys = [
            "j",
            "k",
            "G",
            "enter",
            "e",
            "d",
            "?",
            "j",
            "esc",
            "!",
            "q",
            "ctrl-r",
            "/",
            "x",
            "backspace",
            "esc",
            "ctrl-d",
        ];
        for round in 0..4 {
            for key in keys {
                let before = Instant::now();
                user.press(key).await;
                assert_eq!(before.elapsed(), Duration::ZERO, "{key} in round {round}");
            }
            sleep(Duration::from_secs(7)).await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_aws_is_said_on_the_screen_within_seconds_and_listed_as_an_error() {
    let clock = clock();
    let aws = story(&clock);
    aws.set_fault(Some(Fault::Silent));
    with_console(&aws, clock, async |user| {
        let began = Instant::now();
        user.sees(|frame| frame.contains("still waiting")).await;
        assert!(began.elapsed() <= Duration::from_secs(7), "{:?}", began.elapsed());
        sleep(Duration::from_secs(25)).await;
        let errors = user.press("!").await;
        assert!(errors.contains("no answer"), "{errors}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_fleet_is_read_and_comes_back_after_a_fault_without_losing_what_was_shown() {
    let clock = clock();
    let aws = story(&clock);
    with_console(&aws, clock, async |user| {
        user.sees(|frame| frame.contains("STEADY") && !frame.contains("reading")).await;
        aws.set_fault(Some(Fault::Throttled));
        sleep(Duration::from_secs(40)).await;
        let frame = user.press("j").await;
        assert!(frame.contains("STEADY") && frame.contains("throttled"), "{frame}");
        aws.set_fault(None);
        user.sees(|frame| !frame.contains("throttled")).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn q_on_the_fleet_ends_the_loop() {
    let clock = clock();
    let aws = story(&clock);
    let end = with_console(&aws, clock, async |user| {
        user.keys.send(Message::Pressed("q".parse().unwrap(), start())).unwrap();
        user.sees(|_| false).await;
    })
    .await;
    assert_eq!(end, Some(End::Quit));
}

#[tokio::test(start_paused = true)]
async fn what_is_typed_while_a_plan_is_drawn_is_dropped_and_what_is_typed_after_that_counts() {
    let clock = clock();
    let aws = story(&clock);
    let ahead = Some(("CloudTrail names it", "y"));
    with_access(Access::ReadWrite, ahead, &aws, clock, async |user| {
        user.sees(|frame| frame.contains("STEADY") && !frame.contains("reading")).await;
        for key in ["/", "t", "e", "x", "a", "s", "enter", "R"] {
            user.press(key).await;
        }
        user.sees(|frame| frame.contains("keys pressed before the plan was shown were ignored")).await;
        sleep(Duration::from_secs(5)).await;
        let frame = user.press("j").await;
        assert!(frame.contains("PLAN  redeploy") && frame.contains("y carries it out"), "{frame}");
        user.press("y").await;
        user.sees(|frame| frame.contains("STABILIZING  redeploy") && frame.contains("request ")).await;
        user.sees(|frame| frame.contains("DONE  redeploy")).await;
    })
    .await;
}
