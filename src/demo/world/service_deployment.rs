//! The history of a service: its service deployments and its service revisions.

use jiff::Timestamp;

/// A service deployment, which ECS keeps for 90 days.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>
#[derive(Clone, Debug)]
pub struct ServiceDeployment {
    /// The last part of its ARN.
    pub id: String,
    /// Its status.
    pub status: ServiceDeploymentStatus,
    /// ECS's reason for the status.
    pub status_reason: Option<String>,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When it started; `None` while it is pending.
    pub started_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
    /// Ids of the service revisions it replaces, each with its number of tasks.
    pub source_revisions: Vec<(String, u32)>,
    /// Id of the service revision it deploys.
    pub target_revision: String,
    /// The desired count.
    pub desired: u32,
    /// Failures that the circuit breaker has counted.
    pub failures: u32,
    /// Failures at which the circuit breaker triggers.
    pub threshold: u32,
    /// Its rollback, if there was one.
    pub rollback: Option<Rollback>,
}

/// The rollback of a service deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// ECS's reason for it.
    pub reason: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Id of the service revision it rolled back to.
    pub revision: String,
}

/// The status of a service deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum ServiceDeploymentStatus {
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

/// A service revision: the configuration of a service at one time.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html>
#[derive(Clone, Debug)]
pub struct ServiceRevision {
    /// The last part of its ARN.
    pub id: String,
    /// `family:revision`.
    pub definition: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// The images of its containers.
    pub images: Vec<ContainerImage>,
}

/// The image of one container of a service revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerImage {
    /// The name of the container.
    pub container: String,
    /// The image, as the task definition names it.
    pub image: String,
    /// The digest that the first task pulled; `None` until then.
    pub digest: Option<String>,
}

impl ServiceDeploymentStatus {
    /// ECS's name for the status.
    pub fn as_str(self) -> &'static str {
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

    /// Whether it is final.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Stopped | Self::Successful | Self::RollbackSuccessful | Self::RollbackFailed)
    }
}

impl ServiceDeployment {
    /// Finishes the deployment at `at` with this status, and with `reason` if there is one.
    pub(crate) fn finish(&mut self, status: ServiceDeploymentStatus, reason: Option<String>, at: Timestamp) {
        (self.status, self.updated_at, self.finished_at) = (status, at, Some(at));
        self.status_reason = reason.or(self.status_reason.take());
    }
}
