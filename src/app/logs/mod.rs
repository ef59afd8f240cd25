//! The logs screens: lines of many tasks in the order of time, and where one reads in them.

mod rows;
mod search;
mod viewport;
mod writers;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::page::Page;
use super::reads::{FeedKey, Ticket};
use super::state::{LogScope, Prompt, State, TextInput};
use super::tail::{Ends, LogStreams, LogTarget, Tail};
use crate::fleet::{Arn, LogLine, Query, TaskFilter};

pub use rows::{Folding, is_cut, rows};
pub use search::{Search, has, ranges};
pub use viewport::{Frame, Position, Viewport};
pub use writers::{Writer, Writers, letter};

/// Columns of a line's time with the space behind it: `12:00:00 `.
const TIME: usize = 9;
/// Columns of a task's letter with the space behind it.
const LETTER: usize = 2;
/// A terminal of this width has room for names, and one of that width for longer ones.
const NAMED: u16 = 80;
const WIDE: u16 = 120;

/// One logs screen.
#[derive(Clone, Debug)]
pub struct Logs {
    /// Lines, and what is asked for more of them.
    pub tail: Tail,
    /// Where the lines are, and what is in the way of more.
    pub outlets: LogStreams,
    /// Who wrote them.
    pub voices: Writers,
    /// Where one reads.
    pub reading: Position,
    /// The line that is shown whole.
    pub unfolded: Option<LineKey>,
    /// What is searched for.
    pub search: Option<Search>,
    /// When lines were last read.
    pub read_at: Option<Timestamp>,
    /// How many lines there were when older ones were asked for, until those are there.
    pub(super) older_than: Option<usize>,
    /// Since when no screen shows it.
    pub(super) left_at: Option<Timestamp>,
    /// Requests in progress.
    pub(super) flights: BTreeMap<Ticket, Query>,
}

/// The lines that are in the window, as they are painted.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Their text, or why there are none.
    pub page: Page,
    /// The selected line, and how many lines stand before it; while the newest are followed, none.
    pub selected: Option<(usize, Arc<LogLine>)>,
    /// The row in which the selected line begins.
    pub row: Option<isize>,
    /// Whether the selected line is unfolded, or could be.
    pub folding: Option<Folding>,
    /// Whether a line in the window is unfolded.
    pub is_unfolded: bool,
    /// The last line that has been in the window.
    pub seen: Option<LineKey>,
}

/// What distinguishes a line from all others, and which come before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineKey {
    at: Timestamp,
    ingested_at: Timestamp,
    id: String,
}

impl LineKey {
    /// The mark of `line`.
    pub fn of(line: &LogLine) -> Self {
        Self { at: line.at, ingested_at: line.ingested_at, id: line.id.clone() }
    }

    /// The mark before all lines of `at` and later.
    pub fn at(at: Timestamp) -> Self {
        Self { at, ..Self::default() }
    }

    /// Whether `line` is the one.
    pub fn is(&self, line: &LogLine) -> bool {
        (self.at, self.ingested_at, self.id.as_str()) == (line.at, line.ingested_at, line.id.as_str())
    }

    /// Whether `line` stands before it.
    pub fn is_after(&self, line: &LogLine) -> bool {
        (self.at, self.ingested_at, self.id.as_str()) > (line.at, line.ingested_at, line.id.as_str())
    }
}

/// The logs that `state`'s screen shows.
pub fn shown(state: &State) -> Option<(&LogScope, &Logs)> {
    let of = state.screen().view.logs()?;
    Some((of, state.logs.get(of)?))
}

/// The task that wrote the selected line.
pub fn writer(state: &State) -> Option<Arn> {
    let (_, logs) = shown(state)?;
    let (_, line) = state.body.logs()?.selected.as_ref()?;
    let (_, voice, _) = logs.voices.of(&line.stream)?;
    voice.task.clone()
}

/// Whose lines `of` are.
pub fn targets(state: &State, of: &LogScope) -> Vec<LogTarget> {
    match of {
        LogScope::Service(arn) => vec![LogTarget::Service(arn.clone())],
        LogScope::Task(arn) => vec![LogTarget::Task(arn.clone())],
        LogScope::Home(home) if *home == crate::fleet::tenancy::EnvironmentId::jobs() => {
            state.fleet_view.jobs.iter().cloned().map(LogTarget::Task).collect()
        }
        LogScope::Home(home) => state.fleet_view.services(home).cloned().map(LogTarget::Service).collect(),
    }
}

impl Logs {
    /// No lines yet.
    pub fn new(tail: Tail) -> Self {
        Self {
            tail,
            outlets: LogStreams::default(),
            voices: Writers::default(),
            reading: Position::default(),
            unfolded: None,
            search: None,
            read_at: None,
            older_than: None,
            left_at: None,
            flights: BTreeMap::new(),
        }
    }

    /// Columns for the names of who writes, on a terminal so wide; none where one name says nothing.
    pub fn names(&self, width: u16) -> usize {
        match width {
            ..NAMED => 0,
            NAMED..WIDE => self.voices.longest().min(14),
            WIDE.. => self.voices.longest().min(24),
        }
    }

    /// Columns before a message.
    pub fn lead(&self, width: u16) -> usize {
        let names = self.names(width);
        1 + TIME + LETTER + if names == 0 { 0 } else { names + 1 }
    }

    /// The window over the lines on `state`'s terminal.
    pub fn viewport(&self, state: &State) -> Viewport<'_> {
        let room = usize::from(state.size.width).saturating_sub(self.lead(state.size.width));
        Viewport {
            lines: self.tail.lines(),
            height: usize::from(state.panes().height).max(1),
            room,
            unfolded: self.unfolded.as_ref(),
        }
    }

    /// What is searched for, as it is typed.
    pub fn words<'a>(&'a self, state: &'a State) -> &'a str {
        match &state.input {
            Some(TextInput { asked: Prompt::Search, line, .. }) => line.value().trim(),
            _ => self.search.as_ref().map_or("", Search::words),
        }
    }

    /// The line that is selected; while the newest are followed, none.
    pub fn selected(&self, state: &State) -> Option<&Arc<LogLine>> {
        let Position::At { selected, .. } = &self.reading else { return None };
        self.tail.lines().get(self.viewport(state).find(selected))
    }

    /// From when on lines are kept: older ones have fallen out, or were not read.
    pub fn begins(&self) -> Timestamp {
        let first = self.tail.lines().front().filter(|_| self.tail.dropped() > 0);
        first.map_or(self.tail.since(), |line| line.at)
    }

    /// When the last of those who write stopped: no more lines come but late ones.
    pub fn ended(&self) -> Option<Timestamp> {
        let ends = self.outlets.found.values().map(|ends| match ends {
            Ends::At(at) => Some(*at),
            Ends::Open => None,
        });
        ends.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Whether lines are still missing that were there when the screen was opened: until then they come in
    /// one log group after the other.
    pub fn is_filling(&self, state: &State) -> bool {
        let awaited = |topic: &FeedKey| state.feeds.get(topic).is_none_or(|feed| feed.error.is_none());
        let definitions = self.outlets.unread.iter().map(|(_, arn)| FeedKey::Definition(arn.clone()));
        let clusters = self.outlets.blind.iter().map(|arn| FeedKey::Tasks(arn.clone(), TaskFilter::Running));
        self.tail.complete_to().is_some() || definitions.chain(clusters).any(|topic| awaited(&topic))
    }

    /// Lines that have come in behind what has been in the window; none while they are followed.
    pub fn new_below(&self) -> usize {
        match &self.reading {
            Position::Following => 0,
            Position::At { seen, .. } => viewport::behind(self.tail.lines(), seen),
        }
    }
}
