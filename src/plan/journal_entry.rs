//! The lines of a plan's journal: what was meant, what was called, what came of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::model::Plan;

/// A plan and what its journal says became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The plan.
    pub plan: Plan,
    /// All lines of the journal, the plan's own first.
    pub lines: Vec<Entry>,
}

/// One line of a plan's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub event: Event,
}

/// What a line says.
///
/// The first is the plan; then, for each step, an intent before its call, an outcome after it and an
/// end once a read has shown what came of it; the last says that all is done or why it is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// What is to be done; confirmed by somebody.
    Planned(Box<Plan>),
    /// An unfinished plan is resumed.
    Resumed,
    /// An unfinished plan is dismissed: it is not offered any more.
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
    Reply {
        /// The track.
        track: usize,
        /// The step of the track.
        step: usize,
        /// What it was.
        #[serde(rename = "reply")]
        outcome: Reply,
    },
    /// A step is over.
    StepEnded {
        /// The track.
        track: usize,
        /// The step of the track.
        step: usize,
        /// How it ended.
        #[serde(rename = "result")]
        ending: StepResult,
    },
    /// Every step is over.
    Finished,
    /// A resource became stable, or it did not.
    Stabilization {
        /// The track.
        track: usize,
        /// Which of both.
        #[serde(rename = "stabilization")]
        settling: Stabilization,
    },
    /// No more was done: wharf had to end.
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
pub enum Reply {
    /// AWS took it.
    Accepted {
        /// AWS's request id.
        request_id: Option<String>,
    },
    /// AWS refused it: nothing was done.
    Refused {
        /// What AWS said, with its code.
        #[serde(rename = "message")]
        says: String,
        /// AWS's request id.
        request_id: Option<String>,
    },
    /// No answer: it may have been done or not.
    Lost {
        /// Why there was none.
        #[serde(rename = "message")]
        says: String,
    },
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepResult {
    /// In one word.
    #[serde(rename = "outcome")]
    pub verdict: StepOutcome,
    /// What was seen, or why not.
    #[serde(rename = "reason")]
    pub why: String,
    /// AWS's request id, where there was a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// How a step ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// A read has shown that AWS took it (also where somebody has changed it again since).
    Done,
    /// It was like that already.
    AlreadyDone,
    /// What it relied on had changed: nothing was called.
    Skipped,
    /// AWS refused it, or nothing shows that it was done.
    Failed,
    /// It was not started.
    NotStarted,
}

/// Whether a resource is stable after its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stabilization {
    /// It is: of a service, the running count is the desired count, of one deployment.
    Stable,
    /// It did not become stable, and why or for how long.
    Unstable(String),
}

impl StepOutcome {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::AlreadyDone => "already so",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::NotStarted => "not started",
        }
    }
}
