//! Sets the autoscaling bounds of a service: `RegisterScalableTarget` with both bounds and nothing else.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Check, Effect, Inverse, Observation, Repeat, Request, Step, StepKind, UndoSummary, service};
use crate::fleet::operation::Operation;
use crate::fleet::{Fleet, QueryKind};
use crate::plan::build::PlanInput;
use crate::plan::journal_entry::{Stabilization, StepOutcome};
use crate::plan::model::{ImageChange, Reason};
use crate::plan::proposal::Range;
use crate::plan::reading::Reading;
use crate::plan::resource::{Resource, ResourceKind};

/// Sets the autoscaling bounds of a service. Relies on the bounds that it shows as those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingBounds {
    /// The bounds before.
    pub from: Range,
    /// The bounds after.
    pub to: Range,
}

/// What is said where the scalable target is gone.
const GONE: &str = "autoscaling does not know the service any more";

impl StepKind for ScalingBounds {
    fn resources(&self) -> &'static [ResourceKind] {
        service::ONLY
    }

    fn verb(&self) -> &'static str {
        "scale"
    }

    fn operation(&self) -> Operation {
        Operation::RegisterScalableTarget
    }

    fn request(&self, resource: &Resource) -> Option<Request> {
        let (service, _) = service::ids(resource)?;
        Some(Request::RegisterScalableTarget { service: service.clone(), bounds: self.to })
    }

    fn journal_form(&self) -> String {
        format!("MinCapacity={} MaxCapacity={}", self.to.minimum, self.to.maximum)
    }

    fn repeat(&self, _: &Resource) -> Repeat {
        Repeat::Idempotent
    }

    fn preconditions(&self, resource: &Resource) -> Vec<QueryKind> {
        vec![service::bounds_query(resource)]
    }

    fn check(&self, resource: &Resource, reading: &Reading) -> Check {
        let Self { from, to } = self;
        match reading.scaling(resource.id()).map(service::range) {
            Some(now) if now == *to => Check::Ends(StepOutcome::AlreadyDone, format!("the bounds are {to} already")),
            Some(now) if now == *from => Check::Holds,
            Some(now) => {
                Check::Ends(StepOutcome::Skipped, format!("somebody changed the bounds to {now}: they were {from}"))
            }
            None => Check::Ends(StepOutcome::Skipped, GONE.to_owned()),
        }
    }

    fn confirm_query(&self, resource: &Resource) -> QueryKind {
        service::bounds_query(resource)
    }

    fn observe(&self, resource: &Resource, reading: &Reading) -> Observation {
        let Self { from, to } = self;
        match reading.scaling(resource.id()).map(service::range) {
            Some(now) if now == *to => Observation::Taken(format!("bounds {from} > {to}")),
            Some(now) if now == *from => Observation::NotYet,
            Some(now) => Observation::Different(format!("bounds {now}")),
            None => Observation::Different(GONE.to_owned()),
        }
    }

    fn stabilization_query(&self, resource: &Resource) -> Option<QueryKind> {
        // Bounds that exclude the desired count move it, and tasks with it.
        Some(service::query(resource))
    }

    fn stabilization(&self, resource: &Resource, reading: &Reading, after: Duration) -> Option<Stabilization> {
        service::stabilization(resource, reading, None, after)
    }

    fn drift_queries(&self, resource: &Resource) -> Vec<QueryKind> {
        vec![service::query(resource), service::bounds_query(resource)]
    }

    fn drift(&self, resource: &Resource, fleet: &Fleet) -> Option<String> {
        if let Err(gone) = service::known(resource, fleet) {
            return gone;
        }
        let now = resource.service().and_then(|arn| fleet.scaling.get(arn))?;
        match now.as_ref().map(service::range) {
            Some(now) if now == self.from => None,
            Some(now) => Some(format!("autoscaling {now} now, not {}", self.from)),
            None => Some("it is not autoscaled any more".to_owned()),
        }
    }

    fn inverse(&self) -> Inverse {
        Inverse::Step(Step::ScalingBounds(Self { from: self.to, to: self.from }))
    }

    fn rebase(&self, resource: &Resource, input: &PlanInput<'_>) -> Result<Option<Step>, Reason> {
        let arn = resource.service();
        let now = arn.map(|arn| input.scaling(arn)).transpose().map_err(Reason::Unread)?.flatten();
        let Some(from) = now.map(service::range) else {
            let says = format!(
                "autoscaling does not know it any more, so that its bounds cannot be {} again; scale it instead",
                self.to
            );
            return Err(Reason::Refused(says));
        };
        Ok((from != self.to).then_some(Step::ScalingBounds(Self { from, to: self.to })))
    }

    fn sets_the_same(&self, other: &Step) -> bool {
        matches!(other, Step::ScalingBounds(_))
    }

    fn effect(&self) -> Effect {
        Effect { bounds: Some(self.to), ..Effect::default() }
    }

    fn is_grave(&self) -> bool {
        true
    }

    fn cost(&self) -> Vec<(Operation, u32)> {
        vec![(Operation::DescribeScalableTargets, 2), (Operation::RegisterScalableTarget, 1)]
    }

    fn typical_duration(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn summary(&self) -> String {
        format!("autoscaling {} > {}", self.from, self.to)
    }

    fn call_summary(&self) -> &'static str {
        "RegisterScalableTarget, bounds"
    }

    fn undo_summary(&self) -> UndoSummary {
        UndoSummary::SetsBack("the bounds")
    }

    fn images(&self) -> &[ImageChange] {
        &[]
    }
}
