//! A cluster.

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
    /// The version of the container agents that run its tasks.
    pub agent_version: AgentVersion,
    /// Its services by name.
    pub services: BTreeMap<String, Service>,
    /// Its tasks by id, including stopped ones.
    pub tasks: BTreeMap<String, Task>,
}

/// The version of a container agent. It decides how a task reports an image that its task definition names by tag only.
///
/// Source: <https://github.com/aws/amazon-ecs-agent/issues/4226>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentVersion {
    /// Before 1.83: reports the tag.
    Old,
    /// From 1.83: reports the tag and the digest.
    New,
}

/// Numbers of running and pending tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) running: u32,
    pub(crate) pending: u32,
}

impl Cluster {
    /// An active, empty cluster.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: "ACTIVE".to_owned(),
            tags: Tags::new(),
            agent_version: AgentVersion::Old,
            services: BTreeMap::new(),
            tasks: BTreeMap::new(),
        }
    }

    /// The image of a container as its task reports it.
    pub(crate) fn reported_image(&self, container: &Container) -> String {
        match &container.digest {
            Some(digest) if self.agent_version == AgentVersion::New && !container.image.contains('@') => {
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
    pub(crate) fn deployment_counts(&self, deployment: &Deployment) -> Counts {
        count(self.tasks.values().filter(|task| task.started_by.as_deref() == Some(&deployment.id)))
    }

    /// The number of active services.
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
