//! The console's loop: keys, answers and the clock go in, one frame comes out.

use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context, Result};
use crossterm::event::EventStream;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use ratatui::backend::Backend;
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::app::{self, Effect, Message, Notice, Pressure, Size, State};
use crate::aws::{Clock, Cloud};
use crate::journal::Journal;
use crate::log_file::name;
use crate::runner::Runner;
use crate::signals::Signals;
use crate::terminal::{self, Terminal};
use crate::view;

/// Messages that are taken in before the next frame, if so many are waiting.
const BATCH: usize = 256;
/// How often the clock speaks.
const TICK: Duration = Duration::from_secs(1);

/// The wall clock: the only place that reads it.
pub fn wall_clock() -> Clock {
    std::sync::Arc::new(Timestamp::now)
}

/// Shows the console on the real terminal until the user has had enough, or a signal says so; gives how
/// many plans that ended in the middle of their steps.
///
/// # Errors
///
/// The terminal cannot be taken over, or fails. What AWS says is never an error here.
pub async fn event_loop(mut state: State, cloud: Cloud, journal: Journal, clock: Clock) -> Result<usize> {
    let mut taken = Terminal::take().context("wharf needs a terminal; without one, try `wharf status`")?;
    let size = taken.screen.size()?;
    state.size = Size { width: size.width, height: size.height };
    let (mut signals, mut continued) = (Signals::new()?, signal(SignalKind::from_raw(Signal::CONT.as_raw()))?);
    let mut lap = EventLoop::new(state, cloud, journal, Clock::clone(&clock));
    lap.runner.find_unfinished();
    let mut keys = EventStream::new();
    // Whatever ends the loop, and be it that the terminal is gone, plans in progress are ended in order.
    let ended = async {
        loop {
            let ended = {
                let read = |event| terminal::message(event, clock());
                let keys = keys.by_ref().filter_map(|event| std::future::ready(event.ok().and_then(&read)));
                let keys = std::pin::pin!(keys);
                tokio::select! {
                    biased;
                    by = signals.end() => return Ok(by),
                    _ = continued.recv() => End::Continue,
                    ended = lap.turn(Synchronized(&mut taken), keys) => ended?,
                }
            };
            match ended {
                End::Quit => return Ok("quit"),
                End::Suspend => {
                    terminal::restore();
                    kill_current_process_group(Signal::TSTP).context("wharf could not be suspended")?;
                    // The signal may take a moment to stop us; without a shell nothing stops us, and we go on.
                    tokio::select! { _ = continued.recv() => (), () = sleep(TICK / 5) => () }
                    taken.retake()?;
                }
                End::Continue => taken.retake()?,
            }
        }
    };
    let ended: Result<&str> = ended.await;
    let by = *ended.as_ref().unwrap_or(&"the terminal's end");
    let running = lap.finish(by, Synchronized(&mut taken)).await;
    ended.map(|_| running)
}

/// Why the loop came to a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The user or a signal said so.
    Quit,
    /// The terminal is wanted by the shell.
    Suspend,
    /// The terminal may have been somebody else's in the meantime.
    Continue,
}

/// Where frames are drawn: the real terminal, or a test's.
pub trait Canvas {
    /// Draws `state` as one frame.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    fn draw(&mut self, state: &State) -> io::Result<()>;
}

impl<B: Backend<Error = io::Error>> Canvas for ratatui::Terminal<B> {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        ratatui::Terminal::draw(self, |frame| view::draw(state, frame)).map(|_| ())
    }
}

/// The real terminal; a frame is shown whole or not at all where the terminal can do that.
struct Synchronized<'a>(&'a mut Terminal);

impl Canvas for Synchronized<'_> {
    fn draw(&mut self, state: &State) -> io::Result<()> {
        crossterm::execute!(io::stdout(), BeginSynchronizedUpdate)?;
        Canvas::draw(&mut self.0.screen, state)?;
        crossterm::execute!(io::stdout(), EndSynchronizedUpdate)
    }
}

/// The state, and everything that feeds it but the keys.
pub struct EventLoop {
    state: State,
    cloud: Cloud,
    clock: Clock,
    runner: Runner,
    inbox: UnboundedReceiver<Message>,
}

impl EventLoop {
    /// A loop about `state` that asks `cloud`.
    pub fn new(state: State, cloud: Cloud, journal: Journal, clock: Clock) -> Self {
        let (sender, inbox) = unbounded_channel();
        let runner = Runner::new(cloud.clone(), Clock::clone(&clock), journal, sender);
        Self { state, cloud, clock, runner, inbox }
    }

    /// Ends the plans in progress, because of `by`; takes ten seconds at most, and says that it does.
    ///
    /// Gives how many plans were in progress whose steps were not over.
    pub async fn finish(&mut self, by: &str, mut canvas: impl Canvas) -> usize {
        let running = self.state.changes.running();
        if running > 0 {
            self.state.notify(Notice::Ending);
            // The terminal may be what is gone.
            let _ = canvas.draw(&self.state);
        }
        self.runner.shutdown(by).await;
        running
    }

    /// Goes round until something only its caller can do is wanted, or `keys` end.
    ///
    /// Keys come first, then answers, then the clock; all that waits is taken in before a frame is
    /// drawn, and a frame is drawn only when something has happened.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub async fn turn(
        &mut self,
        mut canvas: impl Canvas,
        mut keys: impl Stream<Item = Message> + Unpin,
    ) -> io::Result<End> {
        let mut clock = interval(TICK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        clock.tick().await;
        let mut messages = vec![self.tick()];
        loop {
            if let Some(end) = self.take(messages) {
                return Ok(end);
            }
            canvas.draw(&self.state)?;
            if self.state.must_discard_typeahead() {
                messages = self.drained(&mut keys).await;
                continue;
            }
            let first = tokio::select! {
                biased;
                key = keys.next() => match key {
                    Some(key) => key,
                    None => return Ok(End::Quit),
                },
                Some(answer) = self.inbox.recv() => answer,
                _ = clock.tick() => self.tick(),
            };
            messages = vec![first];
            while messages.len() < BATCH
                && let Ok(answer) = self.inbox.try_recv()
            {
                messages.push(answer);
            }
        }
    }

    /// What was typed before a plan's frame was drawn is dropped, and a notice says so.
    async fn drained(&self, keys: &mut (impl Stream<Item = Message> + Unpin)) -> Vec<Message> {
        let (mut messages, mut dropped) = (vec![], vec![]);
        // Not `now_or_never`: it would leave the stream with a waker that wakes nobody.
        poll_fn(|context| {
            while let Poll::Ready(Some(message)) = keys.poll_next_unpin(context) {
                match message {
                    Message::Pressed(chord, _) | Message::Held(chord, _) => dropped.push(chord),
                    Message::Pasted(_) => {}
                    other => messages.push(other),
                }
            }
            Poll::Ready(())
        })
        .await;
        messages.push(Message::PlanDrawn((self.clock)(), dropped));
        messages
    }

    fn tick(&self) -> Message {
        Message::Ticked((self.clock)(), pressure(&self.cloud))
    }

    fn take(&mut self, messages: Vec<Message>) -> Option<End> {
        for message in messages.iter().filter(|message| !matches!(message, Message::Ticked(..))) {
            tracing::debug!(kind = name(message), "message");
        }
        let effects = app::update_all(&mut self.state, messages);
        let mut end = None;
        for effect in effects {
            tracing::debug!(kind = name(&effect), "effect");
            end = match self.runner.start(effect) {
                Some(Effect::Quit) => Some(End::Quit),
                Some(Effect::Suspend) => Some(End::Suspend),
                _ => end,
            };
        }
        end
    }
}

/// How hard the budgets of all contexts together are pressed.
fn pressure(cloud: &Cloud) -> Pressure {
    let strains = cloud.pressure();
    let waiting = strains.values().map(|strain| strain.waiting).sum();
    Pressure { waiting, throttled: strains.values().any(|strain| strain.throttled) }
}
