//! Everything a frame depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tui_input::Input;

use super::body::Body;
use super::changes::{Changes, Stage};
use super::chord::Chord;
use super::command::{Command, Context};
use super::errors::Errors;
use super::fleet_view::FleetView;
use super::image_cache::ImageCache;
use super::keymap::Keymap;
use super::layout::{Layout, Panes, fits, panes};
use super::logs::Logs;
use super::notice::Notice;
use super::reads::Feeds;

use crate::fleet::tenancy::{EnvironmentId, Rules};
use crate::fleet::{Arn, Fleet, Subject};
use crate::plan::{PlanId, Policy, VerbName};

/// Everything a frame depends on. It holds no handle to the world and reads no clock.
#[derive(Clone, Debug)]
pub struct State {
    /// The terminal's size.
    pub size: Size,
    /// The time, as of the last tick.
    pub now: Timestamp,
    /// Which keys ask for what.
    pub keymap: Arc<Keymap>,
    /// Chords typed so far of a command that has several.
    pub typed: Vec<Chord>,
    /// Where one is, and how one came there; never empty.
    pub screens: Vec<Screen>,
    /// A text, while it is typed.
    pub input: Option<TextInput>,
    /// When a key was pressed last, by the last tick.
    pub pressed_at: Timestamp,
    /// The last chord that was read, and when.
    pub last_press: Option<(Chord, Timestamp)>,
    /// When a key that leaves a screen, or else ends the console, left one last.
    pub left_at: Option<Timestamp>,
    /// One line on the last key, until the next.
    pub notice: Option<Notice>,
    /// What is known.
    pub fleet: Fleet,
    /// What names tenants and environments.
    pub rules: Arc<Rules>,
    /// The rows that follow from the two.
    pub fleet_view: Arc<FleetView>,
    /// What the screen shows, as of the last update.
    pub body: Arc<Body>,
    /// What is asked when.
    pub feeds: Feeds,
    /// What the repositories on the screen come to: it follows from what is known and asked.
    pub image_cache: ImageCache,
    /// What went wrong between us and AWS.
    pub errors: Errors,
    /// The changes of this session.
    pub changes: Changes,
    /// The raw JSON of what is being described.
    pub raw: BTreeMap<Subject, Arc<str>>,
    /// Lines of the logs screens that one is on or came through.
    pub logs: BTreeMap<LogScope, Logs>,
    /// How hard AWS's budgets are pressed.
    pub pressure: Pressure,
    /// What the header says of this run.
    pub run: Run,
}

/// What stays the same for a whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// `DEMO`, or nothing.
    pub banner: Option<&'static str>,
    /// Whether anything may be changed, and what asks for more before it.
    pub policy: Policy,
    /// What was noticed at the start, such as a profile whose settings cannot all be honoured.
    pub warnings: Vec<String>,
    /// Which colours may be used.
    pub colours: Colours,
    /// Random bits, of which the ids of plans are made.
    pub seed: u64,
}

/// A text that is being typed.
#[derive(Clone, Debug)]
pub struct TextInput {
    /// What is asked for.
    pub asked: Prompt,
    /// What stands there so far.
    pub line: Input,
    /// What the screen's lines were like before: a filter that is given up leaves them so.
    pub before: List,
}

/// What a typed text is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Words that rows must have.
    Filter,
    /// What is searched for in log lines.
    Search,
    /// The count that this verb takes, for these services.
    Count(VerbName, Vec<Arn>),
    /// The words that confirm this plan.
    Words(PlanId),
}

/// Which colours a frame may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// The terminal's own sixteen.
    Sixteen,
    /// None: `NO_COLOR` is set (<https://no-color.org/>).
    None,
}

/// Columns and rows of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// How hard AWS's budgets are pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    /// Questions that wait for their turn.
    pub waiting: usize,
    /// Until then AWS is asked more slowly, because it said that we ask too much.
    pub throttled: bool,
}

/// One screen, with what is selected on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// What it shows.
    pub view: View,
    /// Its lines, from the reader's side.
    pub list: List,
}

/// What a screen shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Every tenant's environments.
    Fleet,
    /// One environment's services and jobs.
    Environment(EnvironmentId),
    /// One service.
    Service(Arn),
    /// One task.
    Task(Arn),
    /// The images of a service's repositories.
    Images(Arn),
    /// One of them, by its reference, as seen from that service.
    Image(Arn, String),
    /// The lines that its tasks write, in the order of time.
    Logs(LogScope),
    /// Why an environment or a service is in the state it is in.
    Explain(ExplainTarget),
    /// What AWS says of something: put in order, or word for word.
    Describe(Subject, DescribeForm),
    /// What went wrong between us and AWS.
    Errors,
    /// What every key does.
    Help,
    /// The changes of this session, and unfinished ones.
    Plans,
    /// One change: its plan, then its progress, then its result.
    Plan(PlanId),
}

/// Whose lines are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogScope {
    /// All services of an environment.
    Home(EnvironmentId),
    /// All tasks of a service.
    Service(Arn),
    /// One task.
    Task(Arn),
}

/// What is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExplainTarget {
    /// An environment.
    Home(EnvironmentId),
    /// A service.
    Service(Arn),
}

/// Whose words a description is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DescribeForm {
    /// Ours: what matters, in order.
    Ours,
    /// AWS's on the thing itself: JSON.
    Aws,
    /// AWS's on its task definition: JSON.
    AwsDefinition,
}

impl DescribeForm {
    /// Which come next when one asks again.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Ours => Self::Aws,
            Self::Aws => Self::AwsDefinition,
            Self::AwsDefinition => Self::Ours,
        }
    }
}

/// The lines of a screen from the reader's side: what is selected, by id, and where the window stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// What is selected; nothing until the reader or the first full reading settles on a line.
    pub selected: Option<Item>,
    /// Where the selected line stood last: its neighbour takes over when it goes.
    pub place: usize,
    /// The first line in the window.
    pub top: usize,
    /// Words that rows must have.
    pub filter: String,
    /// Rows that were marked: a change is about all of them.
    pub marks: BTreeSet<Item>,
    /// Rows in the order they stand in, while they keep still.
    pub order: Vec<Item>,
    /// Whether the rows keep their order.
    pub sort_mode: SortMode,
}

/// Whether rows keep their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortMode {
    /// They are sorted again whenever something changes.
    #[default]
    Live,
    /// They keep their order until they are asked to sort themselves.
    Frozen,
}

/// A line that can be selected, by what it represents.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// An environment.
    Home(EnvironmentId),
    /// A service.
    Service(Arn),
    /// A task.
    Task(Arn),
    /// A change, by its plan.
    Plan(PlanId),
    /// A deployment, an event, an image, an error or a key: something to stop at, by its own id.
    Line(String),
}

impl State {
    /// Nothing known yet of `fleet`'s contexts, on the fleet screen.
    pub fn new(fleet: Fleet, rules: Arc<Rules>, keymap: Arc<Keymap>, run: Run, now: Timestamp) -> Self {
        Self {
            size: Size { width: 80, height: 24 },
            now,
            keymap,
            typed: vec![],
            screens: vec![Screen::new(View::Fleet)],
            input: None,
            pressed_at: now,
            last_press: None,
            left_at: None,
            notice: None,
            fleet,
            rules,
            fleet_view: Arc::new(FleetView::default()),
            body: Arc::new(Body::default()),
            feeds: Feeds::default(),
            image_cache: ImageCache::default(),
            errors: Errors::default(),
            changes: Changes::new(run.seed),
            raw: BTreeMap::new(),
            logs: BTreeMap::new(),
            pressure: Pressure::default(),
            run,
        }
    }

    /// The screen one is on.
    pub fn screen(&self) -> &Screen {
        // The stack starts with one screen and the last is never taken off.
        &self.screens[self.screens.len() - 1]
    }

    /// The same, to change it.
    pub fn screen_mut(&mut self) -> &mut Screen {
        let last = self.screens.len() - 1;
        &mut self.screens[last]
    }

    /// The shortest key for `command` here and now; empty where none is bound to it.
    pub fn key(&self, command: Command) -> String {
        let screen = Context::of(&self.screen().view);
        let typing = self.input.is_some() && command.info().can_be_bound_in(Context::Input);
        self.keymap.key_in(if typing { Context::Input } else { screen }, command)
    }

    /// Whether the next frame shows a plan for the first time: keys that are there already when it
    /// has been drawn were not typed by somebody who saw it. They are to be dropped, and that is to
    /// be reported with [`Message::PlanDrawn`](super::Message::PlanDrawn).
    pub fn must_discard_typeahead(&self) -> bool {
        let Some(id) = self.screen().view.plan() else { return false };
        let change = self.changes.get(id);
        fits(self.size)
            && change.is_some_and(|change| matches!(&change.stage, Stage::Ready(ready) if ready.drawn.is_none()))
    }

    /// Where things stand on the screen.
    pub fn panes(&self) -> Panes {
        panes(self.screen().view.card().layout, self.size)
    }

    /// How long ago `then` was; nothing for what lies ahead.
    pub fn since(&self, then: Timestamp) -> Duration {
        Duration::try_from(self.now.duration_since(then)).unwrap_or_default()
    }
}

impl Screen {
    /// `view`, from its top.
    pub fn new(view: View) -> Self {
        let sort_mode = match view.card().layout {
            Layout::Table => SortMode::Live,
            Layout::Page | Layout::Detail | Layout::Images => SortMode::Frozen,
        };
        Self { view, list: List { sort_mode, ..List::default() } }
    }
}
