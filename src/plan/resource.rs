//! What a change is about: any resource, by AWS's identifier.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fleet::Arn;
use crate::text::clean;

/// A resource that a track changes. Two values are the same resource if they are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Resource {
    /// An ECS service.
    Service {
        /// The service.
        arn: Arn,
        /// The cluster it is in.
        cluster: Arn,
    },
    /// An ECS task.
    Task {
        /// The task.
        arn: Arn,
        /// The cluster it is in.
        cluster: Arn,
    },
    /// An environment: all that one tenant has in one stage.
    Environment {
        /// Its path, as in `california/production`.
        path: String,
    },
    /// An ECS cluster.
    Cluster {
        /// The cluster.
        arn: Arn,
    },
    /// A target of Application Auto Scaling.
    ScalableTarget {
        /// Its resource id, as in `service/main/web`.
        id: String,
    },
    /// An Auto Scaling group.
    AutoScalingGroup {
        /// Its name, unique in its account and region.
        name: String,
    },
    /// A capacity provider of ECS.
    CapacityProvider {
        /// Its name, unique in its account and region.
        name: String,
    },
    /// A load balancer.
    LoadBalancer {
        /// The load balancer.
        arn: Arn,
    },
    /// A rule of a load balancer's listener.
    ListenerRule {
        /// The rule.
        arn: Arn,
    },
    /// A target group.
    TargetGroup {
        /// The target group.
        arn: Arn,
    },
}

/// A kind of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceKind {
    /// An ECS service.
    Service,
    /// An ECS task.
    Task,
    /// An environment of a tenant.
    Environment,
    /// An ECS cluster.
    Cluster,
    /// A target of Application Auto Scaling.
    ScalableTarget,
    /// An Auto Scaling group.
    AutoScalingGroup,
    /// A capacity provider of ECS.
    CapacityProvider,
    /// A load balancer.
    LoadBalancer,
    /// A rule of a load balancer's listener.
    ListenerRule,
    /// A target group.
    TargetGroup,
}

impl Resource {
    /// Its kind.
    pub fn kind(&self) -> ResourceKind {
        match self {
            Self::Service { .. } => ResourceKind::Service,
            Self::Task { .. } => ResourceKind::Task,
            Self::Environment { .. } => ResourceKind::Environment,
            Self::Cluster { .. } => ResourceKind::Cluster,
            Self::ScalableTarget { .. } => ResourceKind::ScalableTarget,
            Self::AutoScalingGroup { .. } => ResourceKind::AutoScalingGroup,
            Self::CapacityProvider { .. } => ResourceKind::CapacityProvider,
            Self::LoadBalancer { .. } => ResourceKind::LoadBalancer,
            Self::ListenerRule { .. } => ResourceKind::ListenerRule,
            Self::TargetGroup { .. } => ResourceKind::TargetGroup,
        }
    }

    /// Its identifier: an ARN where it has one, else the name that AWS knows it by.
    pub fn id(&self) -> &str {
        match self {
            Self::Service { arn, .. }
            | Self::Task { arn, .. }
            | Self::Cluster { arn }
            | Self::LoadBalancer { arn }
            | Self::ListenerRule { arn }
            | Self::TargetGroup { arn } => arn.as_str(),
            Self::Environment { path } => path,
            Self::ScalableTarget { id } => id,
            Self::AutoScalingGroup { name } | Self::CapacityProvider { name } => name,
        }
    }

    /// Its name for people: the last part of an ARN. Clean.
    pub fn name(&self) -> String {
        match self {
            Self::Service { arn, .. } | Self::Task { arn, .. } | Self::Cluster { arn } => {
                clean(arn.name()).into_owned()
            }
            Self::LoadBalancer { arn } | Self::ListenerRule { arn } | Self::TargetGroup { arn } => {
                // `loadbalancer/app/NAME/ID`, `targetgroup/NAME/ID`: the id alone says nothing.
                let parts: Vec<&str> = arn.as_str().split('/').collect();
                let name = parts.iter().rev().nth(1).or(parts.last()).copied().unwrap_or_default();
                clean(name).into_owned()
            }
            Self::Environment { .. }
            | Self::ScalableTarget { .. }
            | Self::AutoScalingGroup { .. }
            | Self::CapacityProvider { .. } => clean(self.id()).into_owned(),
        }
    }

    /// The ARN of the service that it is; nothing if it is something else.
    pub fn service(&self) -> Option<&Arn> {
        match self {
            Self::Service { arn, .. } => Some(arn),
            _ => None,
        }
    }

    /// The cluster that it is, or is in.
    pub fn cluster(&self) -> Option<&Arn> {
        match self {
            Self::Service { cluster, .. } | Self::Task { cluster, .. } => Some(cluster),
            Self::Cluster { arn } => Some(arn),
            _ => None,
        }
    }
}

impl ResourceKind {
    /// Its noun, in singular.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Task => "task",
            Self::Environment => "environment",
            Self::Cluster => "cluster",
            Self::ScalableTarget => "scalable target",
            Self::AutoScalingGroup => "Auto Scaling group",
            Self::CapacityProvider => "capacity provider",
            Self::LoadBalancer => "load balancer",
            Self::ListenerRule => "listener rule",
            Self::TargetGroup => "target group",
        }
    }
}

/// `2 services`; `3 resources` of several kinds.
pub(super) fn counted<'a>(resources: impl Iterator<Item = &'a Resource>) -> String {
    let kinds: Vec<ResourceKind> = resources.map(Resource::kind).collect();
    let noun = match kinds.as_slice() {
        [first, rest @ ..] if rest.iter().all(|kind| kind == first) => first.noun(),
        [] => ResourceKind::Service.noun(),
        _ => "resource",
    };
    let plural = if kinds.len() == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", kinds.len())
}

impl fmt::Display for Resource {
    /// As in `service web`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind().noun(), self.name())
    }
}
