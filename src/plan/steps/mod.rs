//! Steps: one file each, with everything that is known of it.
//!
//! A step is data in the journal and behaviour behind [`StepKind`]. The trait has no default methods: what a new
//! step does not say does not compile. The only match over steps in the crate is [`Step::kind`].

mod desired_count;
mod redeploy;
mod scaling_bounds;
mod service;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::build::PlanInput;
use super::journal_entry::{Stabilization, StepOutcome};
use super::model::{ImageChange, Reason};
use super::proposal::Range;
use super::reading::Reading;
use super::resource::{Resource, ResourceKind};
use crate::fleet::operation::Operation;
use crate::fleet::{Arn, CloudError, Fleet, QueryKind, Response};
pub use desired_count::DesiredCount;
pub use redeploy::Redeploy;
pub use scaling_bounds::ScalingBounds;

/// How long a read may take to show that AWS took a request.
pub(super) const VISIBLE_WITHIN: Duration = Duration::from_secs(30);

/// One change of one resource, with the state it relies on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Sets the desired count of a service.
    DesiredCount(DesiredCount),
    /// Starts a new deployment of what a service runs already.
    Redeploy(Redeploy),
    /// Sets the autoscaling bounds of a service.
    ScalingBounds(ScalingBounds),
}

impl Step {
    /// What is known of it.
    pub fn kind(&self) -> &dyn StepKind {
        match self {
            Self::DesiredCount(step) => step,
            Self::Redeploy(step) => step,
            Self::ScalingBounds(step) => step,
        }
    }
}

/// What is sent to AWS: exactly the members that are set, and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `UpdateService`.
    UpdateService {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
        /// The one thing that is changed.
        change: ServiceChange,
    },
    /// `RegisterScalableTarget` for the desired count of a service, with both bounds.
    RegisterScalableTarget {
        /// The service.
        service: Arn,
        /// The bounds.
        bounds: Range,
    },
}

/// The one thing that an `UpdateService` changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceChange {
    /// `desiredCount`.
    DesiredCount(u32),
    /// `forceNewDeployment`.
    ForceNewDeployment,
}

/// Everything that is known of one kind of step.
pub trait StepKind {
    /// Kinds of resources that it can be about.
    fn resources(&self) -> &'static [ResourceKind];

    /// The verb that a rule of the config denies it by, also where it is part of another verb.
    fn verb(&self) -> &'static str;

    /// The AWS operation that it calls. Its IAM action follows from the table of operations.
    fn operation(&self) -> Operation;

    /// What is sent; nothing if it cannot be about `resource`.
    fn request(&self, resource: &Resource) -> Option<Request>;

    /// What the journal says is set: AWS's member names and values, never anything secret.
    fn journal_form(&self) -> String;

    /// Whether the request may be sent again after its answer was lost.
    fn repeat(&self, resource: &Resource) -> Repeat;

    /// What has to be read right before the request.
    fn preconditions(&self, resource: &Resource) -> Vec<QueryKind>;

    /// Whether what the step relies on still holds, by the answers to [`preconditions`](Self::preconditions).
    fn check(&self, resource: &Resource, reading: &Reading) -> Check;

    /// What shows whether AWS took the request.
    fn confirm_query(&self, resource: &Resource) -> QueryKind;

    /// Whether the answer to [`confirm_query`](Self::confirm_query) shows that AWS took the request.
    fn observe(&self, resource: &Resource, reading: &Reading) -> Observation;

    /// What shows whether the resource is stable afterwards; nothing where there is nothing to wait for.
    fn stabilization_query(&self, resource: &Resource) -> Option<QueryKind>;

    /// Whether the answer to [`stabilization_query`](Self::stabilization_query), this long after the step, shows a
    /// stable resource or one that will not become stable; nothing while that is open.
    fn stabilization(&self, resource: &Resource, reading: &Reading, after: Duration) -> Option<Stabilization>;

    /// What has to be read to see drift.
    fn drift_queries(&self, resource: &Resource) -> Vec<QueryKind>;

    /// How the state that the step relies on differs from what was read last, in words; nothing where it does not.
    fn drift(&self, resource: &Resource, fleet: &Fleet) -> Option<String>;

    /// What takes it back once it is done.
    fn inverse(&self) -> Inverse;

    /// The same goal from the state that was read last; nothing where the resource is in that state already.
    ///
    /// # Errors
    ///
    /// Why the goal cannot be reached any more, or why the state is not known.
    fn rebase(&self, resource: &Resource, input: &PlanInput<'_>) -> Result<Option<Step>, Reason>;

    /// Whether `other` sets the same thing of a resource, so that only the earlier of both has to be undone.
    fn sets_the_same(&self, other: &Step) -> bool;

    /// What it leaves behind, for warnings about the plan as a whole.
    fn effect(&self) -> Effect;

    /// Whether it takes something away or brings something unknown: then more is asked before it.
    fn is_grave(&self) -> bool;

    /// Requests that it costs: its preconditions, its call, and two looks for its effect.
    fn cost(&self) -> Vec<(Operation, u32)>;

    /// How long it takes by itself, stabilization aside.
    fn typical_duration(&self) -> Duration;

    /// What it changes, in a few words: `2 > 3 tasks`.
    fn summary(&self) -> String;

    /// What it calls, in a few words: `UpdateService, count`.
    fn call_summary(&self) -> &'static str;

    /// What undoing it would do, in a few words.
    fn undo_summary(&self) -> UndoSummary;

    /// Images that it brings to new tasks, compared with those that run.
    fn images(&self) -> &[ImageChange];
}

/// Whether a request may be sent again after its answer was lost.
#[derive(Clone, Debug)]
pub enum Repeat {
    /// Twice has the effect of once.
    Idempotent,
    /// Each request that arrives has an effect of its own. It is sent again only if the answer to `query` shows
    /// none that an earlier one had.
    Once {
        /// What shows effects that the step's own confirmation no longer does.
        query: QueryKind,
        /// Looks for an effect of a request sent at that time.
        find: FindEffect,
    },
}

/// Looks in an answer for the effect of a request that was sent at this time, and describes it.
///
/// Fails where the answer does not show whether there was one.
pub type FindEffect = for<'a> fn(&'a Response, Timestamp) -> Result<Option<String>, &'a CloudError>;

/// What a check of preconditions comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Everything is as the plan shows it.
    Holds,
    /// The step ends here, without a request.
    Ends(StepOutcome, String),
}

/// What a read after a request shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    /// The state before the step.
    NotYet,
    /// The state after the step.
    Taken(String),
    /// Neither.
    Different(String),
}

/// What takes a step back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inverse {
    /// This step, which starts from the state that the step left.
    Step(Step),
    /// Nothing can, or has to; why.
    Nothing(String),
}

/// What undoing a step would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoSummary {
    /// It sets this back: `the count`.
    SetsBack(&'static str),
    /// It cannot be undone, or there is nothing to undo; why.
    Nothing(&'static str),
}

/// What a step leaves behind, as far as warnings ask for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// The desired count that it sets.
    pub desired_count: Option<u32>,
    /// The autoscaling bounds that it sets.
    pub bounds: Option<Range>,
}
