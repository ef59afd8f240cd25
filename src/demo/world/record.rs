//! What is remembered of a service: its rollouts, and what it was at each time.

use jiff::Timestamp;

/// A service deployment: the record of a rollout, kept for 90 days.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>
#[derive(Clone, Debug)]
pub struct Past {
    /// The last part of its ARN.
    pub id: String,
    /// How it went.
    pub status: PastStatus,
    /// ECS's sentence on that.
    pub status_reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began; nothing while it is pending.
    pub started_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
    /// Ids of the revisions it replaces, with the tasks each had.
    pub sources: Vec<(String, u32)>,
    /// Id of the revision it rolls out.
    pub target: String,
    /// Tasks that were wished for.
    pub desired: u32,
    /// Failures that the circuit breaker counted.
    pub failures: u32,
    /// Failures at which it acts.
    pub threshold: u32,
    /// How it was rolled back.
    pub rollback: Option<Rollback>,
}

/// How a service deployment was rolled back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// ECS's sentence.
    pub reason: String,
    /// When that began.
    pub started_at: Timestamp,
    /// Id of the revision it went back to.
    pub revision: String,
}

/// How a service deployment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum PastStatus {
    Pending,
    InProgress,
    StopRequested,
    Stopped,
    Successful,
    RollbackRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

/// A service revision: what a service was at one time, whole.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html>
#[derive(Clone, Debug)]
pub struct Revision {
    /// The last part of its ARN.
    pub id: String,
    /// `family:revision`.
    pub definition: String,
    /// When it came to be.
    pub created_at: Timestamp,
    /// What its containers run.
    pub images: Vec<Image>,
}

/// What a container of a revision runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The container.
    pub container: String,
    /// Its image.
    pub image: String,
    /// What the image was when the first task pulled it; nothing if none could.
    pub digest: Option<String>,
}

impl PastStatus {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::StopRequested => "STOP_REQUESTED",
            Self::Stopped => "STOPPED",
            Self::Successful => "SUCCESSFUL",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether nothing becomes of it any more.
    pub fn over(self) -> bool {
        matches!(self, Self::Stopped | Self::Successful | Self::RollbackSuccessful | Self::RollbackFailed)
    }
}

impl Past {
    /// Ends it at `at`, for `reason` if there is one.
    pub(crate) fn end(&mut self, status: PastStatus, reason: Option<String>, at: Timestamp) {
        (self.status, self.updated_at, self.finished_at) = (status, at, Some(at));
        self.status_reason = reason.or(self.status_reason.take());
    }
}
