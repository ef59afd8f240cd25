//! The screens, one file each. Only this file knows which view is which screen.

mod age;
mod describe;
mod environment;
mod errors;
mod explain;
mod fleet;
mod help;
mod image;
mod images;
mod logs;
mod needs;
mod plan;
mod plans;
mod service;
mod task;

use super::body::Content;
use super::command::{Command, Context};
use super::layout::Layout;
use super::page::{Page, filter};
use super::reads::Needs;
use super::state::{ExplainTarget, LogScope, State, View};
use super::subject::Subject;
use crate::plan::PlanId;

pub use age::Age;
pub use images::detail as image_detail;
pub(super) use needs::needs;
pub use plans::counted as unreadable_journals;

/// The questions that every screen answers. There are no default methods: what a new screen forgets does not compile.
trait Kind {
    /// What never changes about it.
    fn card(&self) -> Card;

    /// What the whole screen is about, whichever line is selected.
    fn about(&self) -> Subject;

    /// What it and its selected line are about.
    fn subject(&self, state: &State) -> Subject;

    /// What the selected line `line`, which is no subject of its own, opens.
    fn opens(&self, line: &str) -> Option<Opens>;

    /// Adds what it needs from AWS, and how fresh.
    fn needs(&self, state: &State, needs: &mut Needs);

    /// How old the oldest part of what is in its window is.
    fn age(&self, state: &State) -> Age;

    /// Builds its body.
    fn content(&self, state: &State) -> Content;

    /// Commands that mean something special on it, for the footer.
    fn hints(&self, state: &State) -> Vec<Hint>;
}

/// What never changes about a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its word at the end of the breadcrumb; empty where the subject's path says it all.
    pub word: &'static str,
    /// Whose keys work on it.
    pub context: Context,
    /// Its panes.
    pub layout: Layout,
    /// The command that goes to it; given on the screen itself, the command goes back, or means something else.
    pub shown_by: Option<Command>,
    /// Whether its first line counts as selected before the selection is moved.
    pub preselects: bool,
}

/// What a line opens that is no subject of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opens {
    /// Another screen, with a word for the footer.
    View(View, &'static str),
    /// It leaves the screen and runs a command.
    Command(Command),
}

/// A command as the footer shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The command.
    pub command: Command,
    /// What it does here, in one or two words.
    pub word: String,
    /// The higher it is, the sooner it gives way where room is short; 0 stays.
    pub rank: u8,
}

impl Hint {
    /// `command` with a word of this screen's own.
    pub fn new(command: Command, word: impl Into<String>, rank: u8) -> Self {
        Self { command, word: word.into(), rank }
    }

    /// `command` with the word of the command table.
    pub fn of(command: Command, rank: u8) -> Self {
        Self::new(command, command.info().hint, rank)
    }
}

fn kind(view: &View) -> Box<dyn Kind + '_> {
    match view {
        View::Fleet => Box::new(fleet::Fleet),
        View::Environment(home) => Box::new(environment::Environment(home)),
        View::Service(arn) => Box::new(service::OneService(arn)),
        View::Task(arn) => Box::new(task::OneTask(arn)),
        View::Images(service) => Box::new(images::Images(service)),
        View::Image(service, reference) => Box::new(image::OneImage { service, reference }),
        View::Logs(of) => Box::new(logs::LogLines(of)),
        View::Explain(what) => Box::new(explain::Explain(what)),
        View::Describe(target, words) => Box::new(describe::Describe { target, words: *words }),
        View::Errors => Box::new(errors::Errors),
        View::Help => Box::new(help::Help),
        View::Plans => Box::new(plans::Plans),
        View::Plan(id) => Box::new(plan::OnePlan(id)),
    }
}

impl View {
    /// The plan that it shows.
    pub fn plan(&self) -> Option<&PlanId> {
        match self {
            Self::Plan(id) => Some(id),
            _ => None,
        }
    }

    /// Whose log lines it shows.
    pub fn logs(&self) -> Option<&LogScope> {
        match self {
            Self::Logs(of) => Some(of),
            _ => None,
        }
    }

    /// Turns a description to the next words; whether it is one.
    pub(super) fn turn_words(&mut self) -> bool {
        match self {
            Self::Describe(_, words) => {
                *words = words.next();
                true
            }
            _ => false,
        }
    }

    /// What never changes about it.
    pub fn card(&self) -> Card {
        kind(self).card()
    }

    /// What the whole screen is about, whichever line is selected.
    pub fn about(&self) -> Subject {
        kind(self).about()
    }
}

impl ExplainTarget {
    /// What is explained.
    fn subject(&self) -> Subject {
        match self {
            Self::Home(home) => Subject::Environment(home.clone()),
            Self::Service(arn) => Subject::Service(arn.clone()),
        }
    }
}

/// What the screen and its selected line are about.
pub(super) fn subject(state: &State) -> Subject {
    kind(&state.screen().view).subject(state)
}

/// What the selected line `line` opens.
pub fn opens(state: &State, line: &str) -> Option<Opens> {
    kind(&state.screen().view).opens(line)
}

/// How old the oldest part of what is in the window is.
pub fn age(state: &State) -> Age {
    kind(&state.screen().view).age(state)
}

/// Commands that mean something special on the screen, for the footer.
pub fn hints(state: &State) -> Vec<Hint> {
    kind(&state.screen().view).hints(state)
}

/// The content of the screen, or what the filter leaves of it.
pub(super) fn content(state: &State) -> Content {
    let kind = kind(&state.screen().view);
    let words = super::list::words(state);
    match kind.content(state) {
        // A table and images filter their own rows.
        Content::Page(page) if !words.is_empty() && kind.card().layout != Layout::Images => {
            Content::Page(filter::sift(state, page, &words))
        }
        content => content,
    }
}

/// What a screen is about whose selected line may be a subject of its own.
fn selected_or(state: &State, about: Subject) -> Subject {
    let selected = super::list::selected(state);
    selected.and_then(|item| Subject::of_item(&item)).unwrap_or(about)
}

/// A page of text as content.
fn text(page: Page) -> Content {
    Content::Page(page)
}
