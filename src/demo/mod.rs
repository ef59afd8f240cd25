//! An AWS inside: a small ECS that holds a world and speaks AWS's wire protocol.
//!
//! `wharf --demo` puts [`Aws::client`] under the real SDK clients, `wharf demo-server` serves the same world
//! through [`serve`], and tests do either. A request goes through stages: who asks (credentials and faults), the
//! throttling buckets, the parsing of its body, the operation. Operations read and change a [`World`], which holds
//! state and not answers: counts are counted from its tasks, ARNs are written from its names. Before each request the
//! world is taken to the moment of it, so that it lives whether anybody looks or not.

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
