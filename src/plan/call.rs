//! A call that changes something: made by an execution only.

use super::proposal::{PlanId, Range};
use crate::fleet::{Arn, ContextId};

/// One call that changes something. Only an [`Execution`](super::Execution) makes one, and the way
/// to AWS takes nothing else.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    pub(super) plan: PlanId,
    pub(super) context: ContextId,
    pub(super) operation: Operation,
}

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `UpdateService` with this count and nothing else. May be repeated.
    SetCount {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
        /// Tasks wished for.
        count: u32,
    },
    /// `UpdateService` with `forceNewDeployment` and nothing else. To be sent once: each starts a deployment.
    Redeploy {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// `RegisterScalableTarget` with both bounds and nothing else. May be repeated.
    SetBounds {
        /// The service.
        service: Arn,
        /// The bounds.
        range: Range,
    },
}

/// AWS took a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// AWS's request id.
    pub request_id: Option<String>,
}

impl Call {
    /// The plan it is part of.
    pub fn plan(&self) -> &PlanId {
        &self.plan
    }

    /// The context it is made through.
    pub fn context(&self) -> &ContextId {
        &self.context
    }

    /// What is called.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }
}

impl Operation {
    /// AWS's name for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SetCount { .. } | Self::Redeploy { .. } => "UpdateService",
            Self::SetBounds { .. } => "RegisterScalableTarget",
        }
    }

    /// The service it changes.
    pub fn service(&self) -> &Arn {
        match self {
            Self::SetCount { service, .. } | Self::Redeploy { service, .. } | Self::SetBounds { service, .. } => {
                service
            }
        }
    }
}
