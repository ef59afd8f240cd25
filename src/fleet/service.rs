//! Clusters and services, as ECS describes them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Arn, ContextId};

/// Tags by key. Keys are case sensitive; ECS allows 50 of them.
pub type Tags = BTreeMap<String, String>;

/// A cluster: where services and tasks run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its ARN.
    pub arn: Arn,
    /// The context it was seen through.
    pub context: ContextId,
    /// `ACTIVE`, `PROVISIONING`, `DEPROVISIONING`, `FAILED` or `INACTIVE`.
    pub status: String,
    /// Services that are active in it, by ECS's own count.
    pub services: u32,
    /// Tasks that run in it, by ECS's own count.
    pub running: u32,
    /// Its tags.
    pub tags: Tags,
}

/// A service: keeps the desired count of tasks of one definition running.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its ARN.
    pub arn: Arn,
    /// Its name, which is unique within its cluster only.
    pub name: String,
    /// The cluster it is in.
    pub cluster: Arn,
    /// The context it was seen through.
    pub context: ContextId,
    /// Whether ECS still looks after it.
    pub status: ServiceStatus,
    /// The desired count.
    pub desired: u32,
    /// Tasks that run, whatever deployment they belong to.
    pub running: u32,
    /// Tasks on their way to running.
    pub pending: u32,
    /// A number of tasks, or one on each instance.
    pub scheduling: Scheduling,
    /// Who carries out its deployments.
    pub controller: Controller,
    /// Whether it is an Express service, which ECS manages and which has operations of its own.
    pub management: Management,
    /// `FARGATE`, `EC2`, … or the capacity providers of its strategy, as in `FARGATE_SPOT`.
    pub launch: String,
    /// The task definition of its primary deployment, with its revision.
    pub definition: Arn,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// The newest first; one with status PRIMARY, and those it replaces.
    pub deployments: Vec<Deployment>,
    /// At most the newest 100, newest first.
    pub events: Vec<Event>,
    /// Its tags.
    pub tags: Tags,
    /// Where the circuit breaker is configured: what it does.
    pub breaker: Option<Breaker>,
    /// The share of desired tasks that must stay healthy in a rollout, in percent.
    pub minimum_percent: Option<u32>,
    /// The share of desired tasks that may exist in a rollout, in percent.
    pub maximum_percent: Option<u32>,
    /// Subnets its tasks may run in.
    pub subnets: Vec<String>,
    /// Target groups of its load balancers.
    pub target_groups: Vec<String>,
    /// Seconds for which failing load balancer checks are ignored after a start.
    pub grace_seconds: Option<u32>,
    /// Whether commands can be run in its tasks.
    pub exec: Exec,
}

/// Whether ECS still looks after a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceStatus {
    /// Yes.
    Active,
    /// It was deleted, and its tasks are being stopped.
    Draining,
    /// It was deleted; it can be described for a while still.
    Inactive,
    /// A word that this version does not know.
    Other(String),
}

/// How many tasks a service wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduling {
    /// A number.
    Replica,
    /// One on each container instance.
    Daemon,
}

/// Who carries out a service's deployments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controller {
    /// ECS itself (also where AWS names none).
    Ecs,
    /// AWS `CodeDeploy`.
    CodeDeploy,
    /// Somebody else, through task sets.
    External,
    /// A word that this version does not know.
    Other(String),
}

/// Who manages a service's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Management {
    /// Its owner.
    Customer,
    /// ECS: an Express service.
    Ecs,
}

/// Whether commands can be run in tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exec {
    /// They can.
    Enabled,
    /// They cannot.
    Disabled,
}

/// The deployment circuit breaker's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Watches nothing.
    Off,
    /// Fails a deployment whose tasks do not start.
    Fails,
    /// Fails it and goes back to the last good one.
    RollsBack,
}

/// One rollout of a service, as `DescribeServices` lists them.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html>
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// `ecs-svc/…`; the tasks it starts carry it as `startedBy`.
    pub id: String,
    /// Which part it plays.
    pub status: DeploymentStatus,
    /// The task definition it rolls out.
    pub definition: Arn,
    /// The desired count.
    pub desired: u32,
    /// Tasks of its own that run.
    pub running: u32,
    /// Tasks of its own on their way.
    pub pending: u32,
    /// Tasks of its own that failed to start, as the circuit breaker counts them.
    pub failed: u32,
    /// How it goes; absent for blue/green and for services behind a Classic Load Balancer.
    pub rollout: Option<Rollout>,
    /// ECS's sentence on that.
    pub reason: Option<String>,
    /// When it began.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// Which part a deployment plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// The newest.
    Primary,
    /// Being replaced; still has tasks.
    Active,
    /// Replaced.
    Inactive,
    /// A word that this version does not know.
    Other(String),
}

/// How a rollout goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rollout {
    /// Tasks are being replaced. Without a circuit breaker a broken one stays so for ever.
    InProgress,
    /// Steady.
    Completed,
    /// The circuit breaker or an alarm ended it.
    Failed,
    /// A word that this version does not know.
    Other(String),
}

/// One line of a service's own journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Unique; the same event is seen again in each look.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// ECS's words.
    pub message: String,
}

impl DeploymentStatus {
    /// ECS's own word.
    pub fn word(&self) -> &str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Other(word) => word,
        }
    }
}

impl Rollout {
    /// ECS's own word.
    pub fn word(&self) -> &str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Other(word) => word,
        }
    }
}

impl Service {
    /// The deployment that the others make way for.
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary)
    }
}
