//! The embedded AWS: a small ECS, ECR, `CloudWatch` Logs, Application Auto Scaling and STS with their wire protocols.
//!
//! `wharf --demo` puts [`Aws::client`] under the real SDK clients, `wharf demo-server` serves the same world through
//! [`serve`], and tests use both. A request passes through stages: identity, faults, throttling, parsing of the body,
//! the operation. Operations read and change a [`World`]. It stores state, not responses: counts are computed from
//! tasks, ARNs from names. The world advances to the present before each request, so the result does not depend on how
//! often it is read.

mod client;
mod ecr;
mod ecs;
mod fault;
mod handler;
mod json;
mod logs;
mod pagination;
mod random;
mod request_body;
mod scaling;
mod server;
mod simulation;
mod story;
mod sts;
mod throttle;
mod wire;
mod world;

pub use fault::Fault;
pub use handler::{Aws, RecordedRequest};
pub use server::serve;
pub use story::Size;
pub use wire::Reply;
pub use world::{
    Account, AgentVersion, CircuitBreaker, Cluster, Container, ContainerDefinition, ContainerImage, Deployment,
    DeploymentController, DeploymentStatus, Event, HealthStatus, ImageFault, ImageKind, ImageStatus, LaunchType,
    LoadBalancer, Location, LogGroup, LogOptions, Region, Repository, ResourceManagementType, Rollback, RolloutState,
    ScalableTarget, ScalingPolicy, SchedulingStrategy, Service, ServiceDeployment, ServiceDeploymentStatus,
    ServiceRevision, ServiceStatus, Stop, StoredImage, Tags, Task, TaskDefinition, TaskDefinitionStatus, TaskStatus,
    Timings, World,
};
