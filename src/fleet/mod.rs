//! What there is: plain data about contexts, clusters, services and tasks, and pure questions about it.

mod arn;
mod ask;
mod context;
mod definition;
mod error;
mod glob;
pub mod health;
pub mod image;
mod index;
mod known;
mod log;
pub mod operation;
pub mod overview;
mod repository;
#[cfg(test)]
pub(crate) mod sample;
mod service;
pub mod spread;
pub mod stock;
mod tag;
pub mod target;
mod task;
pub mod tenancy;

pub use arn::{Arn, ContextId};
pub use ask::{About, Answer, Ask, Facts, INDEXES, LOOK, Lane, SCALING, Subject, Which};
pub use context::{Context, Identity, caller};
pub use definition::{ContainerDefinition, Definition, Essential, LogRoute, PastDeployment, Scaling};
pub use error::{CloudError, Trouble};
pub use glob::Glob;
pub use known::{Entry, Extent, Fleet, Look};
pub use log::{LogLine, LogSource, STREAMS, Streams, Window};
pub use operation::Operation;
pub use repository::{Index, Listed, StoredImage};
pub use service::{
    Breaker, Cluster, Controller, Deployment, DeploymentStatus, Event, Exec, Management, Rollout, Scheduling, Service,
    ServiceStatus, Tags,
};
pub use tag::{Manifest, Tagged};
pub use task::{Container, Health as TaskHealth, Task, TaskStatus};
