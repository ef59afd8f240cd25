//! What the footer says about the last key: every notice is worded here, and nowhere else.

mod change;
mod logs;

use std::fmt;

pub use change::ChangeNotice;
pub use logs::LogNotice;

use super::state::State;
use crate::plan::Refusal;

/// One sentence about the last key, or about news, until the next key.
///
/// Fields named after a command hold the key that is bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Nothing is bound to what was typed.
    Unbound {
        /// The keys.
        typed: String,
        /// The key of the help.
        help: String,
    },
    /// A text was pasted where none is typed.
    Pasted,
    /// Nothing is selected that could be opened.
    NothingToOpen,
    /// The selected line shows all that there is.
    OpensNoFurther,
    /// The selected line is outside of the window.
    LineOffScreen,
    /// There is no screen to go back to.
    FirstScreen {
        /// The key that quits.
        quit: String,
    },
    /// A key that left a screen may still be held; on this one it would end the console.
    QuitsNext {
        /// The key.
        key: String,
    },
    /// What the screen shows is requested again.
    Refreshing,
    /// The console ends, once requests in progress have ended.
    Ending,
    /// The subject is not there any more.
    Gone,
    /// The table has no selected row.
    NoRowSelected,
    /// All marks were taken away.
    NoRowMarked,
    /// The screen has no rows that could be marked.
    NotMarkable,
    /// Jobs cannot be changed.
    Jobs,
    /// The command acts on other kinds of subjects.
    Needs {
        /// The command.
        command: &'static str,
        /// The kinds, with their articles.
        nouns: Vec<&'static str>,
    },
    /// Images are shown of one service.
    ImagesOfService {
        /// The key that opens a row.
        open: String,
    },
    /// A plan is refused.
    Refused(Refusal),
    /// A plan cannot be made, as the plan itself says why.
    Plan(String),
    /// About a change.
    Change(ChangeNotice),
    /// About logs.
    Log(LogNotice),
}

impl State {
    /// Shows `notice` until the next key.
    pub fn notify(&mut self, notice: impl Into<Notice>) {
        self.notice = Some(notice.into());
    }
}

impl From<ChangeNotice> for Notice {
    fn from(notice: ChangeNotice) -> Self {
        Self::Change(notice)
    }
}

impl From<LogNotice> for Notice {
    fn from(notice: LogNotice) -> Self {
        Self::Log(notice)
    }
}

impl From<Refusal> for Notice {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unbound { typed, help } => write!(f, "`{typed}` does nothing here; {help} shows what does"),
            Self::Pasted => f.write_str("the pasted text was ignored: it is not run as commands"),
            Self::NothingToOpen => f.write_str("there is nothing here to open"),
            Self::OpensNoFurther => f.write_str("this line does not open"),
            Self::LineOffScreen => f.write_str("the selected line is not on the screen"),
            Self::FirstScreen { quit } => write!(f, "this is the fleet; {quit} quits"),
            Self::QuitsNext { key } => write!(f, "this is the fleet: press `{key}` again to quit"),
            Self::Refreshing => f.write_str("reading from AWS again"),
            Self::Ending => f.write_str("quitting: waits up to 10 s for calls in progress"),
            Self::Gone => f.write_str("it no longer exists"),
            Self::NoRowSelected => f.write_str("no row is selected"),
            Self::NoRowMarked => f.write_str("no row is marked"),
            Self::NotMarkable => f.write_str("only environments and services can be marked"),
            Self::Jobs => f.write_str("jobs cannot be changed: they belong to no service"),
            Self::Needs { command, nouns } => write!(f, "`{command}` needs {}: select one", any_of(nouns)),
            Self::ImagesOfService { open } => {
                write!(f, "images are shown for one service; {open} opens its environment")
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Plan(why) => f.write_str(why),
            Self::Change(notice) => notice.fmt(f),
            Self::Log(notice) => notice.fmt(f),
        }
    }
}

/// `a service, a task or a plan`.
fn any_of(nouns: &[&str]) -> String {
    match nouns {
        [several @ .., last] if !several.is_empty() => format!("{} or {last}", several.join(", ")),
        nouns => nouns.concat(),
    }
}
