//! The embedded AWS: a small ECS, ECR, `CloudWatch` Logs, Application Auto Scaling and STS with their wire protocols.
//!
//! `wharf --demo` puts [`Aws::client`] under the real SDK clients, `wharf demo-server` serves the same world through
//! [`serve`], and tests use both. A request passes through stages: identity, faults, throttling, parsing of the body,
//! the operation. Operations read and change a [`World`]. It stores state, not responses: counts are computed from
//! tasks, ARNs from names. The world advances to the present before each request, so the result does not depend on how
//! often it is read.

mod answer;
mod client;
mod doc;
mod ecr;
mod ecs;
mod fault;
mod input;
mod life;
mod logs;
mod page;
mod random;
mod scaling;
mod server;
mod story;
mod sts;
mod throttle;
mod wire;
mod world;

pub use answer::{Aws, Recorded};
pub use fault::Fault;
pub use server::serve;
pub use story::Size;
pub use wire::Reply;
pub use world::{
    Account, Agents, Breaker, Cluster, Container, ContainerDefinition, Controller, Definition, DefinitionStatus,
    Deployment, DeploymentStatus, Event, Flaw, Health, Image, ImageStatus, Kind, Launch, LogGroup, LogOptions,
    Management, Pace, Past, PastStatus, Place, Policy, Region, Repository, Revision, Rollback, RolloutState,
    Scheduling, Service, ServiceStatus, Stop, Stored, Tags, Target, Task, TaskStatus, Upstream, World,
};
