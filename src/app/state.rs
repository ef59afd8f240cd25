//! Everything a frame depends on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tui_input::Input;

use super::board::Board;
use super::chord::Chord;
use super::feeds::Feeds;
use super::keymap::Keymap;
use super::layout::is_table;
use super::troubles::Troubles;

use crate::fleet::tenancy::{Home, Rules};
use crate::fleet::{Arn, Fleet, Subject};
use crate::plan::Policy;

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
    /// The words of a filter, while they are typed.
    pub input: Option<Input>,
    /// When a key was pressed last.
    pub pressed_at: Timestamp,
    /// One line on the last key, until the next.
    pub notice: Option<String>,
    /// What is known.
    pub fleet: Fleet,
    /// What names tenants and environments.
    pub rules: Arc<Rules>,
    /// The rows that follow from the two.
    pub board: Arc<Board>,
    /// What is asked when.
    pub feeds: Feeds,
    /// What went wrong between us and AWS.
    pub troubles: Troubles,
    /// AWS's own words on what is being described.
    pub raw: BTreeMap<Subject, Arc<str>>,
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
    Environment(Home),
    /// One service.
    Service(Arn),
    /// One task.
    Task(Arn),
    /// Why an environment or a service is in the state it is in.
    Explain(Explained),
    /// What AWS says of something: put in order, or word for word.
    Describe(Subject, Words),
    /// What went wrong between us and AWS.
    Errors,
    /// What every key does.
    Help,
}

/// What is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Explained {
    /// An environment.
    Home(Home),
    /// A service.
    Service(Arn),
}

/// Whose words a description is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Ours: what matters, in order.
    Ours,
    /// AWS's on the thing itself: JSON.
    Aws,
    /// AWS's on its task definition: JSON.
    AwsDefinition,
}

impl Words {
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
    /// Rows in the order they stand in, while they keep still.
    pub order: Vec<Item>,
    /// Whether the rows keep still.
    pub hold: Hold,
}

/// Whether rows keep still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// They are sorted anew whenever something changes.
    #[default]
    Loose,
    /// They keep still until they are asked to sort themselves.
    Still,
}

/// A line that can be selected, by what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// An environment.
    Home(Home),
    /// A service.
    Service(Arn),
    /// A task.
    Task(Arn),
    /// A deployment, an event, an error or a key: something to stop at, by its own id.
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
            notice: None,
            fleet,
            rules,
            board: Arc::new(Board::default()),
            feeds: Feeds::default(),
            troubles: Troubles::default(),
            raw: BTreeMap::new(),
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

    /// How long ago `then` was; nothing for what lies ahead.
    pub fn since(&self, then: Timestamp) -> Duration {
        Duration::try_from(self.now.duration_since(then)).unwrap_or_default()
    }
}

impl Screen {
    /// `view`, from its top.
    pub fn new(view: View) -> Self {
        let hold = if is_table(&view) { Hold::Loose } else { Hold::Still };
        Self { view, list: List { hold, ..List::default() } }
    }
}
