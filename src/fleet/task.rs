//! Tasks and their containers, as ECS describes them.

use jiff::Timestamp;

use super::{Arn, ContextId};

/// One running (or lately stopped) copy of a task definition.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its ARN; [`Arn::name`] is its id.
    pub arn: Arn,
    /// The cluster it is in.
    pub cluster: Arn,
    /// The context it was seen through.
    pub context: ContextId,
    /// `service:NAME` for a service's task, `family:NAME` for one that was run by itself.
    pub group: String,
    /// The deployment (`ecs-svc/…`), user or schedule that started it.
    pub started_by: Option<String>,
    /// The task definition it was made from, with its revision.
    pub definition: Arn,
    /// `us-east-1a`; absent until it has been placed.
    pub zone: Option<String>,
    /// Its state.
    pub status: TaskStatus,
    /// Where ECS wants it: `RUNNING` or `STOPPED`.
    pub desired: String,
    /// What the health checks of its essential containers say.
    pub health: Health,
    /// `FARGATE`, `EC2`, …, or its capacity provider.
    pub launch: String,
    /// CPU units (1,024 are one vCPU), as text, as ECS gives them.
    pub cpu: Option<String>,
    /// Memory in MiB, as text, as ECS gives it.
    pub memory: Option<String>,
    /// Private address of its network interface.
    pub address: Option<String>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When its containers ran.
    pub started_at: Option<Timestamp>,
    /// When it began to stop.
    pub stopping_at: Option<Timestamp>,
    /// When it had stopped. ECS forgets it an hour or so later.
    pub stopped_at: Option<Timestamp>,
    /// Why it stopped, in one word: `EssentialContainerExited`, `TaskFailedToStart`, ….
    pub stop_code: Option<String>,
    /// Why it stopped, in a sentence.
    pub stopped_reason: Option<String>,
    /// Its containers.
    pub containers: Vec<Container>,
}

/// The state of a task.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    /// Gets what it needs before it starts, such as a network interface.
    Provisioning,
    /// Waits for a place.
    Pending,
    /// Pulls images and starts containers.
    Activating,
    /// Runs.
    Running,
    /// Leaves its load balancer.
    Deactivating,
    /// Its containers are being stopped.
    Stopping,
    /// Gives back what it needed.
    Deprovisioning,
    /// Over.
    Stopped,
    /// Forgotten; seen in passing only.
    Deleted,
    /// A word that this version does not know.
    Other(String),
}

/// What health checks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Passing.
    Healthy,
    /// Failing.
    Unhealthy,
    /// Not checked, or not yet.
    Unknown,
}

/// One container of a task.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// The image it was started from, as the agent writes it: newer ones put the digest to a tag that is alone in
    /// the task definition. See [`asked`](super::image::asked).
    pub image: Option<String>,
    /// The digest that was really pulled; absent until then and for some sidecars.
    pub digest: Option<String>,
    /// `PENDING`, `RUNNING`, `STOPPED`.
    pub status: String,
    /// Its exit code, once it has ended.
    pub exit_code: Option<i32>,
    /// Why it stopped or did not start, up to 1,024 characters.
    pub reason: Option<String>,
    /// What its health check says.
    pub health: Health,
    /// The id the container runtime knows it by.
    pub runtime_id: Option<String>,
}

impl Task {
    /// The name of the service it belongs to; nothing for a job.
    pub fn service(&self) -> Option<&str> {
        self.group.strip_prefix("service:")
    }

    /// What a task that belongs to no service is called: the family of its definition.
    pub fn job(&self) -> &str {
        self.group.strip_prefix("family:").unwrap_or(&self.group)
    }

    /// Whether it has ended or is being ended.
    pub fn is_over(&self) -> bool {
        self.desired == "STOPPED" || matches!(self.status, TaskStatus::Stopped | TaskStatus::Deleted)
    }
}

impl TaskStatus {
    /// ECS's own word.
    pub fn word(&self) -> &str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
            Self::Deleted => "DELETED",
            Self::Other(word) => word,
        }
    }
}
