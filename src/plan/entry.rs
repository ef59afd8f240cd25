//! The lines of a plan's journal: what was meant, what was called, what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::step::Plan;

/// A plan and what its journal says became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The plan.
    pub plan: Plan,
    /// All lines of the journal, the plan's own first.
    pub lines: Vec<Line>,
}

/// One line of a plan's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a line says.
///
/// The first is the plan; then, for each step, an intent before its call, an outcome after it and an
/// end once a read has shown what came of it; the last says that all is done or why it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// What is to be done; confirmed by somebody.
    Plan(Box<Plan>),
    /// A plan that was cut short is taken up again.
    Resumed,
    /// A plan that was cut short is left as it is: somebody said so.
    Dismissed,
    /// A call is about to be made.
    Intent {
        /// The track.
        track: usize,
        /// The step of the track.
        step: usize,
        /// What is called: AWS's name, the service, and what is set.
        call: String,
    },
    /// What came back from the call.
    Outcome {
        /// The track.
        track: usize,
        /// The step of the track.
        step: usize,
        /// What it was.
        outcome: Outcome,
    },
    /// A step is over.
    End {
        /// The track.
        track: usize,
        /// The step of the track.
        step: usize,
        /// How it ended.
        ending: Ending,
    },
    /// Every step is over.
    Finished,
    /// Tasks came to rest, or they did not.
    Settled {
        /// The track.
        track: usize,
        /// How it stands with them.
        settling: Settled,
    },
    /// No more was done: wharf was told to end.
    Interrupted {
        /// By what: `quit`, `SIGTERM`, `SIGHUP`, ….
        by: String,
        /// What was left: steps that were not started, steps whose effect was not seen, settling that was not watched.
        left: String,
    },
}

/// What came back from a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Outcome {
    /// AWS took it.
    Accepted {
        /// AWS's request id.
        request_id: Option<String>,
    },
    /// AWS refused it: nothing was done.
    Refused {
        /// What AWS said, with its code.
        says: String,
        /// AWS's request id.
        request_id: Option<String>,
    },
    /// No answer: it may have been done or not.
    Lost {
        /// Why there was none.
        says: String,
    },
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// In one word.
    pub verdict: Verdict,
    /// What was seen, or why not.
    pub why: String,
    /// AWS's request id, where there was a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// How a step ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A read has shown that AWS took it (also where somebody has changed it again since).
    Done,
    /// It was like that already.
    Already,
    /// What it relied on had changed: nothing was called.
    Skipped,
    /// AWS refused it, or nothing shows that it was done.
    Failed,
    /// It was not started.
    Untouched,
}

/// How it stands with the tasks after a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Settled {
    /// As many run as are wished for, of one deployment.
    Steady,
    /// They did not come to rest, and why or for how long.
    Not(String),
}

impl Verdict {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already so",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Untouched => "untouched",
        }
    }
}
