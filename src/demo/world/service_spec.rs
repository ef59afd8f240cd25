//! The properties of a service to build.

use jiff::SignedDuration;

use super::{LaunchType, Tags};

/// The properties of a service to build.
#[derive(Clone, Debug)]
pub(crate) struct ServiceSpec {
    pub(crate) cluster: String,
    pub(crate) service: String,
    /// Name of the main container.
    pub(crate) container: String,
    /// Family of its task definitions.
    pub(crate) family: String,
    /// Repository of its image.
    pub(crate) repository: String,
    /// Tag of its image.
    pub(crate) version: String,
    /// Tag of the previous revision's image.
    pub(crate) previous_version: String,
    /// Revision of its task definition; at least 2.
    pub(crate) revision: u32,
    /// Desired count. All of these tasks run.
    pub(crate) desired: u32,
    /// How long ago it was deployed.
    pub(crate) age: SignedDuration,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) launch: LaunchType,
    /// The zone of each task in turn.
    pub(crate) zones: Vec<usize>,
    /// The port it listens on, if it is behind a load balancer.
    pub(crate) port: Option<u16>,
    /// Whether each task also has a log router, which is not essential.
    pub(crate) sidecar: bool,
    pub(crate) tags: Tags,
}

impl ServiceSpec {
    /// A small Fargate service that was just deployed in all zones, with a desired count of 0, no load balancer and no
    /// tags.
    pub(crate) fn small(cluster: &str, name: &str) -> Self {
        Self {
            cluster: cluster.to_owned(),
            service: name.to_owned(),
            container: name.to_owned(),
            family: format!("{cluster}-{name}"),
            repository: name.to_owned(),
            version: "v1.0.0".to_owned(),
            previous_version: "v0.9.0".to_owned(),
            revision: 2,
            desired: 0,
            age: SignedDuration::ZERO,
            cpu: 256,
            memory: 512,
            launch: LaunchType::Fargate,
            zones: vec![0, 1, 2],
            port: None,
            sidecar: false,
            tags: Tags::new(),
        }
    }
}
