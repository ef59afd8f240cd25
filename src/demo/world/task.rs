//! Tasks and their containers.

use jiff::Timestamp;

use super::{LaunchType, Tags};

/// A task: pending, running or stopped.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>
#[derive(Clone, Debug)]
pub struct Task {
    /// 32 hexadecimal digits.
    pub id: String,
    /// `service:NAME`, or `family:NAME` for a task without a service.
    pub group: String,
    /// The id of the deployment that started it, or the `startedBy` of a standalone task.
    pub started_by: Option<String>,
    /// `family:revision`.
    pub definition: String,
    /// Index of its zone (0 is a); `None` until it is placed.
    pub zone: Option<usize>,
    /// Its launch type or capacity provider.
    pub launch: LaunchType,
    /// Its last status.
    pub status: TaskStatus,
    /// Its health status.
    pub health: HealthStatus,
    /// CPU units.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// Its private IP address.
    pub address: String,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When the pull of its images started.
    pub pull_started_at: Option<Timestamp>,
    /// When the pull of its images finished.
    pub pull_stopped_at: Option<Timestamp>,
    /// When it started to run.
    pub started_at: Option<Timestamp>,
    /// When it began to stop.
    pub stopping_at: Option<Timestamp>,
    /// When its containers had stopped.
    pub execution_stopped_at: Option<Timestamp>,
    /// When it had stopped.
    pub stopped_at: Option<Timestamp>,
    /// Why it stopped. The desired status is `STOPPED` exactly if there is a reason.
    pub stop: Option<Stop>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its tags.
    pub tags: Tags,
    /// Increases with each change of its status.
    pub version: u32,
    /// Whether ECS Exec is enabled.
    pub exec: bool,
    /// When its next transition is due; `None` if there is none.
    pub(crate) due: Option<Timestamp>,
}

/// Why a task stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// ECS's stop code, such as `EssentialContainerExited`.
    pub code: &'static str,
    /// ECS's stopped reason.
    pub reason: String,
}

/// The last status of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum TaskStatus {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

/// A health status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum HealthStatus {
    Healthy,
    Unhealthy,
    Unknown,
}

/// A container of a task.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The digest that was pulled; `None` until then.
    pub digest: Option<String>,
    /// `PENDING`, `RUNNING` or `STOPPED`.
    pub status: &'static str,
    /// Its exit code, if it ran and stopped.
    pub exit_code: Option<i32>,
    /// Why it stopped or did not start.
    pub reason: Option<String>,
    /// Its health status.
    pub health: HealthStatus,
    /// The container runtime's id; `None` until it was created.
    pub runtime_id: Option<String>,
    /// The last part of its own ARN.
    pub id: String,
}

impl TaskStatus {
    /// ECS's name for the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

impl HealthStatus {
    /// ECS's name for the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "HEALTHY",
            Self::Unhealthy => "UNHEALTHY",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl Task {
    /// The desired status: `RUNNING` or `STOPPED`.
    pub fn desired_status(&self) -> &'static str {
        if self.stop.is_some() { "STOPPED" } else { "RUNNING" }
    }

    /// The family of its task definition.
    pub fn family(&self) -> &str {
        self.definition.rsplit_once(':').map_or(self.definition.as_str(), |(family, _)| family)
    }

    /// Whether it runs or is pending.
    pub fn is_alive(&self) -> bool {
        self.status == TaskStatus::Running || self.is_pending()
    }

    /// Whether it is provisioning, pending or activating.
    pub fn is_pending(&self) -> bool {
        matches!(self.status, TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating)
    }

    /// The name of its service, if it has one.
    pub fn service_name(&self) -> Option<&str> {
        self.group.strip_prefix("service:")
    }
}
