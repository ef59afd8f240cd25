//! Services, their deployments and what is remembered of them.

use jiff::Timestamp;

use super::{Life, Past, Revision, Tags};

/// A service.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>
#[derive(Clone, Debug)]
pub struct Service {
    /// Unique in its cluster.
    pub name: String,
    /// Whether ECS looks after it.
    pub status: ServiceStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: String,
    /// Tasks that are wished for.
    pub desired: u32,
    /// How many tasks it has.
    pub scheduling: Scheduling,
    /// Who rolls it out.
    pub controller: Controller,
    /// Who manages its resources.
    pub management: Management,
    /// Where its tasks run.
    pub launch: Launch,
    /// Percent of desired tasks that a rollout keeps healthy.
    pub minimum_percent: u32,
    /// Percent of desired tasks that a rollout may reach.
    pub maximum_percent: u32,
    /// Its deployment circuit breaker.
    pub breaker: Breaker,
    /// Indexes of the zones it may use (0 is a).
    pub zones: Vec<usize>,
    /// Those of them in which nothing can be placed at present.
    pub lost_zones: Vec<usize>,
    /// Its load balancer's target group.
    pub upstream: Option<Upstream>,
    /// Whether commands can be run in its tasks.
    pub exec: bool,
    /// Its tags.
    pub tags: Tags,
    /// The newest first; the first is the primary one.
    pub deployments: Vec<Deployment>,
    /// Its service deployments, the newest first.
    pub past: Vec<Past>,
    /// Its service revisions, the newest first.
    pub revisions: Vec<Revision>,
    /// At most 100, the newest first.
    pub events: Vec<Event>,
    /// What its scheduler remembers.
    pub(crate) life: Life,
}

/// How many tasks a service has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduling {
    /// As many as are wished for.
    Replica,
    /// One on each instance.
    Daemon,
}

/// Who rolls a service out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// ECS itself.
    Ecs,
    /// AWS `CodeDeploy`.
    CodeDeploy,
    /// Somebody else, by task sets.
    External,
}

/// Who manages a service's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Management {
    /// Its owner.
    Customer,
    /// ECS: an Express service.
    Ecs,
}

/// Whether ECS looks after a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum ServiceStatus {
    Active,
    Draining,
    Inactive,
}

/// Where tasks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launch {
    /// Launch type FARGATE.
    Fargate,
    /// Capacity provider `FARGATE_SPOT`.
    FargateSpot,
}

/// A deployment circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Whether it watches.
    pub enable: bool,
    /// Whether it rolls back.
    pub rollback: bool,
    /// The number of failures it allows, where its owner chose one.
    pub threshold: Option<u32>,
}

/// A load balancer's target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Its ARN.
    pub target_group: String,
    /// The container that takes the traffic.
    pub container: String,
    /// The port it listens on.
    pub port: u16,
    /// Seconds after a start in which failing checks are ignored.
    pub grace_seconds: u32,
}

/// A deployment, as services list them.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// `ecs-svc/…`.
    pub id: String,
    /// The part it plays.
    pub status: DeploymentStatus,
    /// `family:revision`.
    pub definition: String,
    /// Id of its service revision.
    pub revision: String,
    /// Tasks that it is to run.
    pub desired: u32,
    /// Tasks that failed one after another.
    pub failed: u32,
    /// How it goes.
    pub state: RolloutState,
    /// ECS's sentence on that.
    pub reason: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The part a deployment plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum DeploymentStatus {
    Primary,
    Active,
}

/// How a deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

/// A line of a service's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// A UUID.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// ECS's words.
    pub message: String,
}

impl Breaker {
    /// Failures at which it acts on a service of `desired` tasks: half of them, at least 3, at most 200.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
    pub fn limit(self, desired: u32) -> u32 {
        self.threshold.unwrap_or_else(|| desired.div_ceil(2).clamp(3, 200))
    }
}

impl Service {
    /// The definition it runs, or ran last: `family:revision`.
    pub fn definition(&self) -> Option<&str> {
        let primary = self.deployments.first().map(|deployment| deployment.definition.as_str());
        primary.or(self.revisions.first().map(|revision| revision.definition.as_str()))
    }

    /// Puts an event in its place among the others, and lets go of what is beyond the newest 100.
    pub fn tell(&mut self, event: Event) {
        let place = self.events.partition_point(|older| older.at > event.at);
        self.events.insert(place, event);
        self.events.truncate(100);
    }
}

impl Scheduling {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Replica => "REPLICA",
            Self::Daemon => "DAEMON",
        }
    }
}

impl Controller {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CODE_DEPLOY",
            Self::External => "EXTERNAL",
        }
    }
}

impl Management {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Ecs => "ECS",
        }
    }
}

impl ServiceStatus {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

impl DeploymentStatus {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
        }
    }
}

impl RolloutState {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}
