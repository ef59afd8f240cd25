//! A call that changes something: made by an execution only.

use super::model::Target;
use super::proposal::PlanId;
use super::resource::Resource;
use super::steps::{Repeat, Request, Step};
use crate::fleet::ContextId;
use crate::fleet::operation::Operation;

/// One call that changes something. Only an [`Execution`](super::Execution) makes one, and the way
/// to AWS takes nothing else.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    plan: PlanId,
    context: ContextId,
    resource: Resource,
    operation: Operation,
    request: Request,
    attempts: Attempts,
}

/// How often a request may be sent by itself, without a look whether an earlier one had an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempts {
    /// Once: each that arrives has an effect of its own.
    One,
    /// Several times: twice has the effect of once.
    Several,
}

/// AWS took a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// AWS's request id.
    pub request_id: Option<String>,
}

impl Call {
    /// The call that `step` of `plan` makes; nothing if the step cannot be about the target's resource.
    pub(super) fn new(plan: &PlanId, target: &Target, step: &Step) -> Option<Self> {
        let kind = step.kind();
        Some(Self {
            plan: plan.clone(),
            context: target.context.clone(),
            resource: target.resource.clone(),
            operation: kind.operation(),
            request: kind.request(&target.resource)?,
            attempts: match kind.repeat(&target.resource) {
                Repeat::Idempotent => Attempts::Several,
                Repeat::Once { .. } => Attempts::One,
            },
        })
    }

    /// The plan it is part of.
    pub fn plan(&self) -> &PlanId {
        &self.plan
    }

    /// The context it is made through.
    pub fn context(&self) -> &ContextId {
        &self.context
    }

    /// The resource it changes.
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The AWS operation it calls.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// What is sent.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// How often it may be sent by itself.
    pub fn attempts(&self) -> Attempts {
        self.attempts
    }
}
