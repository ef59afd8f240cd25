//! What is behind a service: its task definition, its scaling bounds, its past deployments.

use jiff::Timestamp;

use super::Arn;

/// A task definition, without what must not be shown: of environment variables only the names.
///
/// Immutable but for its status, so that it is read once.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its ARN, with the revision.
    pub arn: Arn,
    /// `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`.
    pub status: String,
    /// CPU units for the whole task, as text.
    pub cpu: Option<String>,
    /// MiB for the whole task, as text.
    pub memory: Option<String>,
    /// `X86_64` or `ARM64`; absent means x86.
    pub architecture: Option<String>,
    /// `awsvpc`, `bridge`, ….
    pub network: Option<String>,
    /// When it was registered.
    pub registered_at: Option<Timestamp>,
    /// The ARN of who registered it.
    pub registered_by: Option<String>,
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
}

/// One container of a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// The image to start from.
    pub image: String,
    /// Whether the task ends when it does.
    pub essential: Essential,
    /// CPU units reserved for it.
    pub cpu: u32,
    /// MiB above which it is killed.
    pub memory: Option<u32>,
    /// Names of its environment variables, never their values.
    pub environment: Vec<String>,
    /// Names of its secrets, never where they come from.
    pub secrets: Vec<String>,
    /// Container ports it listens on.
    pub ports: Vec<u16>,
    /// Where its output goes.
    pub log: Option<LogRoute>,
}

/// Whether a task ends when one of its containers does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Essential {
    /// It ends.
    Yes,
    /// It goes on.
    No,
}

/// Where a container's output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRoute {
    /// `awslogs`, `awsfirelens`, `splunk`, ….
    pub driver: String,
    /// The log group, for `awslogs`.
    pub group: Option<String>,
    /// The region of the log group, which may be another than the task's.
    pub region: Option<String>,
    /// What the stream's name begins with, before `/container/task-id`.
    pub prefix: Option<String>,
}

/// How far autoscaling may move a service's desired count.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The service.
    pub service: Arn,
    /// The lowest count.
    pub min: u32,
    /// The highest count.
    pub max: u32,
    /// Which of scaling in, scaling out and schedules are suspended, in words.
    pub suspended: Vec<&'static str>,
}

/// One deployment in a service's history; ECS keeps them for 90 days.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastDeployment {
    /// Its ARN.
    pub arn: Arn,
    /// `SUCCESSFUL`, `IN_PROGRESS`, `ROLLBACK_SUCCESSFUL`, ….
    pub status: String,
    /// ECS's sentence on that.
    pub reason: Option<String>,
    /// The revision it brings.
    pub target: Option<Arn>,
    /// The task definition of that revision, once the revision has been described.
    pub definition: Option<Arn>,
    /// Images of that revision, as `container image@digest`.
    pub images: Vec<String>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What the circuit breaker has counted, as `failures of threshold`.
    pub breaker: Option<(u32, u32)>,
}
