//! Notices about log lines.

use std::fmt;

/// One sentence about the lines on a logs screen.
///
/// Times are written as the screen writes them, in UTC. Fields named after a command hold the key that is bound to
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogNotice {
    /// The selected line has no more rows.
    ShownWhole,
    /// The task of the logs has no service to turn to.
    TaskWithoutService,
    /// No line is selected whose task could be turned to.
    SelectLine {
        /// The key that selects one.
        up: String,
        /// The key that then shows its task's lines.
        logs: String,
    },
    /// The task of the selected line is not known any more.
    UnknownTask,
    /// No search is in progress.
    NoSearch {
        /// The key that starts one.
        search: String,
    },
    /// No line has the words.
    NoMatch {
        /// The words.
        words: String,
        /// When the lines begin.
        since: String,
        /// Whether older lines are still being read.
        so_far: bool,
        /// The key that reads further back.
        up: String,
    },
    /// No line below the selected one has the words.
    NoMatchBelow {
        /// The words.
        words: String,
        /// The key that goes to the match above.
        up: String,
    },
    /// No line above the selected one has the words.
    NoMatchAbove {
        /// The words.
        words: String,
        /// When the lines begin.
        since: String,
    },
    /// The first line is selected.
    FirstLine {
        /// When the lines begin.
        since: String,
        /// Whether older lines are still being read.
        so_far: bool,
        /// How to read further back, or why that is not possible.
        further: Box<LogNotice>,
    },
    /// Older lines can be read.
    CanReadBack {
        /// The key that does.
        up: String,
        /// When they begin.
        to: String,
    },
    /// Older lines are requested.
    ReadingBack {
        /// When they begin.
        to: String,
        /// How long ago that is.
        ago: String,
    },
    /// Older lines were requested before, and have not all been read.
    StillReadingBack {
        /// When they begin.
        to: String,
    },
    /// Older lines have been read.
    ReadBack {
        /// When they begin.
        since: String,
        /// How many there are.
        lines: usize,
    },
    /// So many lines are kept that older ones would be dropped at once.
    LinesLimit {
        /// How many.
        lines: usize,
    },
    /// The lines begin with the task.
    TaskCreated {
        /// When it was created.
        at: String,
    },
    /// The lines begin as long ago as they are read.
    WeekLimit,
}

impl fmt::Display for LogNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShownWhole => f.write_str("the line is already shown in full"),
            Self::TaskWithoutService => f.write_str("this task belongs to no service"),
            Self::SelectLine { up, logs } => write!(f, "{up} selects a line; {logs} then shows only its task"),
            Self::UnknownTask => f.write_str("the task that wrote this line is no longer known"),
            Self::NoSearch { search } => write!(f, "no search yet; {search} starts one"),
            Self::NoMatch { words, since, so_far, up } => {
                let so_far = if *so_far { "so far " } else { "" };
                write!(f, "{so_far}no line since {since} UTC has `{words}`; {up} on the first line reads further back")
            }
            Self::NoMatchBelow { words, up } => write!(f, "no line further down has `{words}`; {up} goes up"),
            Self::NoMatchAbove { words, since } => {
                write!(f, "no line further up has `{words}`, back to {since} UTC")
            }
            Self::FirstLine { since, so_far, further } => {
                let so_far = if *so_far { " so far" } else { "" };
                write!(f, "the first line since {since} UTC{so_far}; {further}")
            }
            Self::CanReadBack { up, to } => write!(f, "{up} reads back to {to} UTC"),
            Self::ReadingBack { to, ago } => write!(f, "reading back to {to} UTC, {ago} ago"),
            Self::StillReadingBack { to } => write!(f, "still reading back to {to} UTC"),
            Self::ReadBack { since, lines: 0 } => write!(f, "read back to {since} UTC: there are no more lines"),
            Self::ReadBack { since, lines: 1 } => write!(f, "read back to {since} UTC: one more line"),
            Self::ReadBack { since, lines } => write!(f, "read back to {since} UTC: {lines} more lines"),
            Self::LinesLimit { lines } => {
                write!(f, "at most {lines} lines are kept; `wharf logs --since` prints older ones")
            }
            Self::TaskCreated { at } => write!(f, "the task was created at {at} UTC: there are no older lines"),
            Self::WeekLimit => {
                f.write_str("lines older than a week are not read here; `wharf logs --since` prints older ones")
            }
        }
    }
}
