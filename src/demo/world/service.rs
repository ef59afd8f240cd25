//! Services and their deployments.

use jiff::Timestamp;

use super::{SchedulerState, ServiceDeployment, ServiceRevision, Tags};

/// An ECS service.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html>
#[derive(Clone, Debug)]
pub struct Service {
    /// Unique in its cluster.
    pub name: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: ServiceStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// The ARN of the principal that created it.
    pub created_by: String,
    /// The desired count.
    pub desired: u32,
    /// Its scheduling strategy.
    pub scheduling: SchedulingStrategy,
    /// Its deployment controller.
    pub controller: DeploymentController,
    /// Who manages its resources.
    pub management: ResourceManagementType,
    /// Its launch type or capacity provider.
    pub launch: LaunchType,
    /// The minimum healthy percent of the desired count.
    pub minimum_percent: u32,
    /// The maximum percent of the desired count.
    pub maximum_percent: u32,
    /// Its deployment circuit breaker.
    pub breaker: CircuitBreaker,
    /// Indexes of the zones of its subnets (0 is a).
    pub zones: Vec<usize>,
    /// Those of its zones that have no capacity at present.
    pub lost_zones: Vec<usize>,
    /// Its load balancer's target group.
    pub load_balancer: Option<LoadBalancer>,
    /// Whether ECS Exec is enabled.
    pub exec: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its deployments, the newest first. The first one is primary.
    pub deployments: Vec<Deployment>,
    /// Its service deployments, the newest first.
    pub service_deployments: Vec<ServiceDeployment>,
    /// Its service revisions, the newest first.
    pub revisions: Vec<ServiceRevision>,
    /// Its newest 100 events, the newest first.
    pub events: Vec<Event>,
    /// The scheduler's state.
    pub(crate) scheduler: SchedulerState,
}

/// The scheduling strategy of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchedulingStrategy {
    /// The desired count.
    Replica,
    /// One task on each container instance.
    Daemon,
}

/// The deployment controller of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentController {
    /// ECS: rolling deployments.
    Ecs,
    /// AWS `CodeDeploy`.
    CodeDeploy,
    /// An external controller, with task sets.
    External,
}

/// Who manages the resources of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceManagementType {
    /// The customer.
    Customer,
    /// ECS: an Express service.
    Ecs,
}

/// The status of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum ServiceStatus {
    Active,
    Draining,
    Inactive,
}

/// The launch type or capacity provider of a service's tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchType {
    /// Launch type FARGATE.
    Fargate,
    /// The capacity provider `FARGATE_SPOT`.
    FargateSpot,
}

/// A deployment circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Whether it is enabled.
    pub enable: bool,
    /// Whether it rolls back.
    pub rollback: bool,
    /// The failures at which it triggers, if its owner configured a number.
    pub threshold: Option<u32>,
}

/// A load balancer's target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub target_group: String,
    /// The container that receives the traffic.
    pub container: String,
    /// The port it listens on.
    pub port: u16,
    /// The health check grace period in seconds.
    pub grace_seconds: u32,
}

/// A deployment in a service's list of deployments.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// `ecs-svc/…`.
    pub id: String,
    /// Primary, or active and being replaced.
    pub status: DeploymentStatus,
    /// `family:revision`.
    pub definition: String,
    /// Id of its service revision.
    pub revision: String,
    /// The number of tasks it should run.
    pub desired: u32,
    /// Its failed tasks.
    pub failed: u32,
    /// Its rollout state.
    pub state: RolloutState,
    /// ECS's reason for the rollout state.
    pub reason: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last updated.
    pub updated_at: Timestamp,
}

/// The status of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum DeploymentStatus {
    Primary,
    Active,
}

/// The rollout state of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words are ECS's own")]
pub enum RolloutState {
    InProgress,
    Completed,
    Failed,
}

/// An event of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// A UUID.
    pub id: String,
    /// When ECS created it.
    pub at: Timestamp,
    /// ECS's message.
    pub message: String,
}

impl CircuitBreaker {
    /// The failures at which it triggers for this desired count: half of it, at least 3, at most 200.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>
    pub fn limit(self, desired: u32) -> u32 {
        self.threshold.unwrap_or_else(|| desired.div_ceil(2).clamp(3, 200))
    }
}

impl Service {
    /// The task definition it runs or ran last: `family:revision`.
    pub fn definition(&self) -> Option<&str> {
        let primary = self.deployments.first().map(|deployment| deployment.definition.as_str());
        primary.or(self.revisions.first().map(|revision| revision.definition.as_str()))
    }

    /// Inserts an event in order of time, and drops all beyond the newest 100.
    pub fn add_event(&mut self, event: Event) {
        let index = self.events.partition_point(|older| older.at > event.at);
        self.events.insert(index, event);
        self.events.truncate(100);
    }
}

impl SchedulingStrategy {
    /// ECS's name for the strategy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replica => "REPLICA",
            Self::Daemon => "DAEMON",
        }
    }
}

impl DeploymentController {
    /// ECS's name for the controller.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CODE_DEPLOY",
            Self::External => "EXTERNAL",
        }
    }
}

impl ResourceManagementType {
    /// ECS's name for the resource management type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Ecs => "ECS",
        }
    }
}

impl ServiceStatus {
    /// ECS's name for the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

impl DeploymentStatus {
    /// ECS's name for the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
        }
    }
}

impl RolloutState {
    /// ECS's name for the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}
