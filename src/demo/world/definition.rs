//! Task definitions.

use jiff::Timestamp;

use super::{LogOptions, Tags};

/// One revision of a task definition.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html>
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its family.
    pub family: String,
    /// Counts up from 1 in its family.
    pub revision: u32,
    /// Whether it may still be used.
    pub status: DefinitionStatus,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Who registered it.
    pub registered_by: String,
    /// When it became inactive.
    pub deregistered_at: Option<Timestamp>,
    /// CPU units of a task; 1,024 are one vCPU.
    pub cpu: u32,
    /// Memory of a task in MiB.
    pub memory: u32,
    /// What a task consists of.
    pub containers: Vec<ContainerDefinition>,
    /// Its tags.
    pub tags: Tags,
    /// The whole of it as it was registered, where that came over the wire.
    pub document: Option<serde_json::Value>,
}

/// Whether a definition may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionStatus {
    /// It may.
    Active,
    /// Only by what uses it already.
    Inactive,
}

/// One container of a definition.
#[derive(Clone, Debug)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// Its image, with the tag.
    pub image: String,
    /// Whether its task ends with it.
    pub essential: bool,
    /// The port it listens on.
    pub port: Option<u16>,
    /// What is run to see whether it is well.
    pub health_check: Option<String>,
    /// Its environment.
    pub environment: Vec<(String, String)>,
    /// Variables whose values come from where secrets are kept.
    pub secrets: Vec<(String, String)>,
    /// Where its lines go, if the `awslogs` driver takes them.
    pub logs: Option<LogOptions>,
}

impl Definition {
    /// `family:revision`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }
}

impl DefinitionStatus {
    /// ECS's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }
}
