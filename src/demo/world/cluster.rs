//! A cluster, and what its own things say of each other.

use std::collections::BTreeMap;

use super::{Container, Deployment, Service, ServiceStatus, Tags, Task, TaskStatus};

/// A cluster with its services and tasks.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Unique in its region.
    pub name: String,
    /// `ACTIVE`, or `INACTIVE` for a while after it was deleted.
    pub status: String,
    /// Its tags.
    pub tags: Tags,
    /// How the agents of its tasks are.
    pub agents: Agents,
    /// Its services by name.
    pub services: BTreeMap<String, Service>,
    /// Its tasks by id, stopped ones too.
    pub tasks: BTreeMap<String, Task>,
}

/// How the agents that run tasks name an image that a definition writes with its tag alone.
///
/// Source: <https://github.com/aws/amazon-ecs-agent/issues/4226>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agents {
    /// By its tag.
    Older,
    /// From version 1.83 on: by its tag with the digest beside it.
    Newer,
}

/// Tasks that run, and tasks on their way to running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) running: u32,
    pub(crate) pending: u32,
}

impl Cluster {
    /// An active cluster with nothing in it.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: "ACTIVE".to_owned(),
            tags: Tags::new(),
            agents: Agents::Older,
            services: BTreeMap::new(),
            tasks: BTreeMap::new(),
        }
    }

    /// The image of a container as its agent names it.
    pub(crate) fn names(&self, container: &Container) -> String {
        match &container.digest {
            Some(digest) if self.agents == Agents::Newer && !container.image.contains('@') => {
                format!("{}@{digest}", container.image)
            }
            _ => container.image.clone(),
        }
    }

    /// Counts all its tasks.
    pub(crate) fn counts(&self) -> Counts {
        count(self.tasks.values())
    }

    /// Counts the tasks of the deployment.
    pub(crate) fn counts_of(&self, deployment: &Deployment) -> Counts {
        count(self.tasks.values().filter(|task| task.started_by.as_deref() == Some(&deployment.id)))
    }

    /// Services that ECS looks after.
    pub(crate) fn active_services(&self) -> usize {
        self.services.values().filter(|service| service.status == ServiceStatus::Active).count()
    }
}

fn count<'a>(tasks: impl Iterator<Item = &'a Task>) -> Counts {
    tasks.fold(Counts::default(), |counts, task| match task.status {
        TaskStatus::Running => Counts { running: counts.running + 1, ..counts },
        TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => {
            Counts { pending: counts.pending + 1, ..counts }
        }
        _ => counts,
    })
}
