//! Task definitions.

use jiff::Timestamp;

use super::{LogOptions, Tags};

/// One revision of a task definition.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>
#[derive(Clone, Debug)]
pub struct TaskDefinition {
    /// The name of its family.
    pub family: String,
    /// Its number in the family, from 1.
    pub revision: u32,
    /// Whether it can still be used.
    pub status: TaskDefinitionStatus,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Who registered it.
    pub registered_by: String,
    /// When it was deregistered.
    pub deregistered_at: Option<Timestamp>,
    /// CPU units of a task; 1,024 are one vCPU.
    pub cpu: u32,
    /// Memory of a task in MiB.
    pub memory: u32,
    /// The containers of a task.
    pub containers: Vec<ContainerDefinition>,
    /// Its tags.
    pub tags: Tags,
    /// The request that registered it, if there was one.
    pub document: Option<serde_json::Value>,
}

/// The status of a task definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskDefinitionStatus {
    /// It can be used.
    Active,
    /// Deregistered: only services that use it already can go on using it.
    Inactive,
}

/// A container definition.
#[derive(Clone, Debug)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// Its image with the tag.
    pub image: String,
    /// Whether the task stops when it stops.
    pub essential: bool,
    /// The port it listens on.
    pub port: Option<u16>,
    /// The command of its health check.
    pub health_check: Option<String>,
    /// Its environment variables.
    pub environment: Vec<(String, String)>,
    /// Its environment variables from Secrets Manager: the name of each, and the ARN of the secret.
    pub secrets: Vec<(String, String)>,
    /// Its log options, if it uses the `awslogs` driver.
    pub logs: Option<LogOptions>,
}

impl TaskDefinition {
    /// `family:revision`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }
}

impl TaskDefinitionStatus {
    /// ECS's name for the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }
}
