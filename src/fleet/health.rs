//! How a service is: one word, since when, and why.

mod assess;
mod cause;
mod events;
mod jobs;
mod rollout;
mod task_failures;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::Task;
use super::image::Definitions;
use crate::text::clean;

pub use assess::{health, lost_zone};
pub use cause::{Cause, cause_of_task, exit_meaning};
pub use jobs::jobs;

/// How a service or an environment is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthState {
    /// A rollout failed or cannot proceed; nothing runs that should.
    Failing,
    /// Tasks keep dying, even where as many run as should.
    Restarting,
    /// Fewer than desired, a zone lost, a dead sidecar, unhealthy.
    Degraded,
    /// Not read for too long: silence is never health.
    Unknown,
    /// Tasks are being replaced.
    Rolling,
    /// Tasks are being added or taken away.
    Scaling,
    /// Listed, and about to be read for the first time. Not trouble, and not health either.
    Reading,
    /// ECS is satisfied, no more.
    Steady,
    /// Scaled to zero.
    Parked,
    /// There is nothing.
    Empty,
}

/// What is said of a service or an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthStatus {
    /// How it is.
    pub state: HealthState,
    /// Why, the most important first.
    pub reasons: Vec<Reason>,
    /// When that began, as far as the data can tell; never in the future.
    pub since: Option<Timestamp>,
}

/// One reason for a state.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reason {
    /// A few words, the important ones first, fit for a cell of 28 columns where possible. Clean.
    pub text: String,
    /// What it rests on, the newest first.
    pub evidence: Vec<Evidence>,
}

/// Something that ECS said: an event, a stop reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// When, where that is known.
    pub at: Option<Timestamp>,
    /// ECS's own words, whole, clean.
    pub text: String,
}

/// When it is, and how often a service is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadClock {
    /// Now.
    pub now: Timestamp,
    /// The time between two looks; what is older than twice this is unknown.
    pub interval: Duration,
}

/// What is known around one service.
#[derive(Clone, Copy, Debug)]
pub struct ServiceContext<'a> {
    /// Its tasks, running and lately stopped ones.
    pub tasks: &'a [&'a Task],
    /// Whether the cluster's tasks have been read at all.
    pub tasks_read: Option<Timestamp>,
    /// Zones that its tasks could be in.
    pub zones: &'a BTreeSet<String>,
    /// Task definitions by ARN.
    pub definitions: &'a Definitions,
}

impl HealthState {
    /// All of them, the worst first.
    pub const ALL: [Self; 10] = [
        Self::Failing,
        Self::Restarting,
        Self::Degraded,
        Self::Unknown,
        Self::Rolling,
        Self::Scaling,
        Self::Reading,
        Self::Steady,
        Self::Parked,
        Self::Empty,
    ];

    /// Its word, at most ten letters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Failing => "FAILING",
            Self::Restarting => "RESTARTING",
            Self::Degraded => "DEGRADED",
            Self::Unknown => "UNKNOWN",
            Self::Rolling => "ROLLING",
            Self::Scaling => "SCALING",
            Self::Reading => "READING",
            Self::Steady => "STEADY",
            Self::Parked => "PARKED",
            Self::Empty => "EMPTY",
        }
    }

    /// Its mark, one column wide, in ASCII.
    pub fn mark(self) -> char {
        match self {
            Self::Failing => 'x',
            Self::Restarting => '@',
            Self::Degraded => '!',
            Self::Unknown => '?',
            Self::Rolling => '>',
            Self::Scaling => '^',
            Self::Reading => '-',
            Self::Steady => '.',
            Self::Parked => 'z',
            Self::Empty => '0',
        }
    }

    /// Whether somebody should look at it. What is unknown is.
    pub fn is_trouble(self) -> bool {
        self <= Self::Unknown
    }
}

impl Reason {
    /// A reason in these words, which rests on nothing but the counts.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: clean(&text.into()).into_owned(), evidence: vec![] }
    }

    /// With what it rests on: at most the newest eight.
    pub(super) fn with_evidence(mut self, mut evidence: Vec<Evidence>) -> Self {
        evidence.sort_by_key(|evidence| std::cmp::Reverse(evidence.at));
        evidence.dedup();
        evidence.truncate(8);
        self.evidence = evidence;
        self
    }
}

impl Evidence {
    /// What ECS said at `at`.
    pub(super) fn new(at: Option<Timestamp>, text: &str) -> Self {
        Self { at, text: clean(text).into_owned() }
    }
}

impl HealthStatus {
    /// The first reason's words; empty where there is nothing to say.
    pub fn why(&self) -> &str {
        self.reasons.first().map_or("", |reason| reason.text.as_str())
    }
}
