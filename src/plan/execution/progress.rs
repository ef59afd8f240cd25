//! How an execution stands, for those who watch.

use jiff::Timestamp;

use super::Phase;
use super::track::{Stage, TrackRun};
use crate::plan::journal_entry::{Stabilization, StepResult};

/// How a plan stands, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How far it has come.
    pub phase: Phase,
    /// How its tracks stand, in the plan's order.
    pub tracks: Vec<TrackProgress>,
    /// Why the journal could not be written, if so.
    pub journal: Option<String>,
}

/// How a track stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackProgress {
    /// What is being done.
    pub activity: Activity,
    /// How its steps ended so far.
    pub endings: Vec<StepResult>,
    /// How it stands with its tasks, once that is known.
    pub settled: Option<Stabilization>,
}

/// What is being done in a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing yet.
    Waiting,
    /// What it relies on is read again.
    Checking,
    /// AWS is called.
    Calling,
    /// Its effect is looked for.
    Looking,
    /// Its tasks are on their way, since then.
    Settling(Timestamp),
    /// Nothing more.
    Over,
}

impl Progress {
    /// The ends of all steps, so far.
    pub fn endings(&self) -> impl Iterator<Item = &StepResult> {
        self.tracks.iter().flat_map(|track| &track.endings)
    }
}

/// Whether the track's resource is watched until it is stable.
pub(super) fn is_settling(run: &TrackRun) -> bool {
    matches!(activity(&run.stage), Activity::Settling(_))
}

/// What is being done in `stage`.
pub(super) fn activity(stage: &Stage) -> Activity {
    match stage {
        Stage::Waiting => Activity::Waiting,
        Stage::Checking { .. } | Stage::Intending => Activity::Checking,
        Stage::Calling { .. } | Stage::Noting(_) => Activity::Calling,
        Stage::Looking { .. } | Stage::Recalling { .. } | Stage::Ending(_) => Activity::Looking,
        Stage::Settling { since } => Activity::Settling(*since),
        Stage::Resting { then, .. } => activity(then),
        Stage::Concluding(_) | Stage::Over => Activity::Over,
    }
}
