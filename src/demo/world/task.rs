//! Tasks and their containers.

use jiff::Timestamp;

use super::{Launch, Tags};

/// A task, on its way, running or lately stopped.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>
#[derive(Clone, Debug)]
pub struct Task {
    /// 32 hexadecimal digits.
    pub id: String,
    /// `service:NAME`, or `family:NAME` for a task that was run by itself.
    pub group: String,
    /// The deployment that started it, or whoever ran it.
    pub started_by: Option<String>,
    /// `family:revision`.
    pub definition: String,
    /// Index of its zone (0 is a); nothing before it is placed.
    pub zone: Option<usize>,
    /// Where it runs.
    pub launch: Launch,
    /// Where it stands.
    pub status: TaskStatus,
    /// What its health checks say.
    pub health: Health,
    /// CPU units.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// Private address.
    pub address: String,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its first image began to be pulled.
    pub pull_started_at: Option<Timestamp>,
    /// When the last had been pulled.
    pub pull_stopped_at: Option<Timestamp>,
    /// When its containers ran.
    pub started_at: Option<Timestamp>,
    /// When it began to stop.
    pub stopping_at: Option<Timestamp>,
    /// When its containers had ended.
    pub execution_stopped_at: Option<Timestamp>,
    /// When it had stopped.
    pub stopped_at: Option<Timestamp>,
    /// Why it is over; ECS wishes it stopped exactly if there is a reason.
    pub stop: Option<Stop>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its tags.
    pub tags: Tags,
    /// Goes up with each change of state.
    pub version: u32,
    /// Whether commands can be run in it.
    pub exec: bool,
    /// When it goes on by itself; nothing while it rests.
    pub(crate) due: Option<Timestamp>,
}

/// Why a task is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// ECS's one word, such as `EssentialContainerExited`.
    pub code: &'static str,
    /// ECS's sentence.
    pub reason: String,
}

/// Where a task stands in its life.
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

/// What health checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum Health {
    Healthy,
    Unhealthy,
    Unknown,
}

/// A container of a task.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name in the definition.
    pub name: String,
    /// Its image.
    pub image: String,
    /// What was pulled; nothing until then.
    pub digest: Option<String>,
    /// `PENDING`, `RUNNING` or `STOPPED`.
    pub status: &'static str,
    /// How it ended.
    pub exit_code: Option<i32>,
    /// Why it ended or did not start.
    pub reason: Option<String>,
    /// What its health check says.
    pub health: Health,
    /// What the runtime knows it by; nothing until it was made.
    pub runtime_id: Option<String>,
    /// The last part of its own ARN.
    pub id: String,
}

impl TaskStatus {
    /// ECS's word.
    pub fn word(self) -> &'static str {
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

impl Health {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "HEALTHY",
            Self::Unhealthy => "UNHEALTHY",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl Task {
    /// Where ECS wants it: `RUNNING` or `STOPPED`.
    pub fn desired(&self) -> &'static str {
        if self.stop.is_some() { "STOPPED" } else { "RUNNING" }
    }

    /// The family of its definition.
    pub fn family(&self) -> &str {
        self.definition.rsplit_once(':').map_or(self.definition.as_str(), |(family, _)| family)
    }

    /// Whether it runs or is on its way there.
    pub fn alive(&self) -> bool {
        self.status == TaskStatus::Running || self.pending()
    }

    /// Whether it is on its way to running.
    pub fn pending(&self) -> bool {
        matches!(self.status, TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating)
    }

    /// The service it belongs to.
    pub fn service(&self) -> Option<&str> {
        self.group.strip_prefix("service:")
    }
}
