//! What there is: plain data about contexts, clusters, services and tasks, and pure questions about it.

mod arn;
mod context;
mod definition;
mod error;
mod glob;
pub mod health;
pub mod image;
pub mod image_usage;
mod index;
mod inventory;
mod log;
pub mod operation;
pub mod overview;
mod query;
mod repository;
#[cfg(test)]
pub(crate) mod sample;
mod service;
pub mod spread;
mod tag;
pub mod target;
mod task;
pub mod tenancy;

pub use arn::{Arn, ContextId};
pub use context::{Context, Identity, caller};
pub use definition::{ContainerDefinition, Definition, Essential, LogRoute, PastDeployment, Scaling};
pub use error::{CloudError, Trouble};
pub use glob::Glob;
pub use inventory::{Completeness, Fleet, ServiceEntry, Snapshot};
pub use log::{LogLine, LogSource, STREAMS, Streams, Window};
pub use operation::Operation;
pub use query::{
    INDEXES_PER_QUERY, Payload, Priority, Query, QueryKind, Response, SCALABLE_TARGETS_PER_QUERY, SERVICES_PER_QUERY,
    Subject, TaskFilter,
};
pub use repository::{Index, IndexEntry, StoredImage};
pub use service::{
    Breaker, Cluster, Controller, Deployment, DeploymentStatus, Event, Exec, Management, Rollout, Scheduling, Service,
    ServiceStatus, Tags,
};
pub use tag::{Manifest, Tagged};
pub use task::{Container, Health as TaskHealth, Task, TaskStatus};
