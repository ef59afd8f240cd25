//! Sets the desired count of a service: `UpdateService` with `desiredCount` and nothing else.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Check, Effect, Inverse, Observation, Repeat, Request, ServiceChange, Step, StepKind, UndoSummary, service,
};
use crate::fleet::operation::Operation;
use crate::fleet::{Fleet, QueryKind};
use crate::plan::build::PlanInput;
use crate::plan::journal_entry::{Stabilization, StepOutcome};
use crate::plan::model::{ImageChange, Reason};
use crate::plan::reading::Reading;
use crate::plan::resource::{Resource, ResourceKind};

/// Sets the desired count of a service. Relies on the count that it shows as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesiredCount {
    /// The desired count before.
    pub from: u32,
    /// The desired count after.
    pub to: u32,
}

impl StepKind for DesiredCount {
    fn resources(&self) -> &'static [ResourceKind] {
        service::ONLY
    }

    fn verb(&self) -> &'static str {
        "scale"
    }

    fn operation(&self) -> Operation {
        Operation::UpdateService
    }

    fn request(&self, resource: &Resource) -> Option<Request> {
        let (service, cluster) = service::ids(resource)?;
        let change = ServiceChange::DesiredCount(self.to);
        Some(Request::UpdateService { cluster: cluster.clone(), service: service.clone(), change })
    }

    fn journal_form(&self) -> String {
        format!("desiredCount={}", self.to)
    }

    fn repeat(&self, _: &Resource) -> Repeat {
        Repeat::Idempotent
    }

    fn preconditions(&self, resource: &Resource) -> Vec<QueryKind> {
        vec![service::query(resource)]
    }

    fn check(&self, resource: &Resource, reading: &Reading) -> Check {
        let Self { from, to } = self;
        match service::active(resource, reading).map(|service| service.desired) {
            Err(why) => Check::Ends(StepOutcome::Skipped, why),
            Ok(now) if now == *to => {
                Check::Ends(StepOutcome::AlreadyDone, format!("the desired count is {to} already"))
            }
            Ok(now) if now == *from => Check::Holds,
            Ok(now) => {
                Check::Ends(StepOutcome::Skipped, format!("somebody changed the desired count to {now}: it was {from}"))
            }
        }
    }

    fn confirm_query(&self, resource: &Resource) -> QueryKind {
        service::query(resource)
    }

    fn observe(&self, resource: &Resource, reading: &Reading) -> Observation {
        match service::active(resource, reading).map(|service| service.desired) {
            Err(why) => Observation::Different(why),
            Ok(now) if now == self.to => Observation::Taken(self.summary()),
            Ok(now) if now == self.from => Observation::NotYet,
            Ok(now) => Observation::Different(format!("the desired count is {now}")),
        }
    }

    fn stabilization_query(&self, resource: &Resource) -> Option<QueryKind> {
        Some(service::query(resource))
    }

    fn stabilization(&self, resource: &Resource, reading: &Reading, after: Duration) -> Option<Stabilization> {
        service::stabilization(resource, reading, None, after)
    }

    fn drift_queries(&self, resource: &Resource) -> Vec<QueryKind> {
        vec![service::query(resource)]
    }

    fn drift(&self, resource: &Resource, fleet: &Fleet) -> Option<String> {
        match service::known(resource, fleet) {
            Ok(service) => {
                (service.desired != self.from).then(|| format!("{} now, not {}", service.desired, self.from))
            }
            Err(gone) => gone,
        }
    }

    fn inverse(&self) -> Inverse {
        Inverse::Step(Step::DesiredCount(Self { from: self.to, to: self.from }))
    }

    fn rebase(&self, resource: &Resource, input: &PlanInput<'_>) -> Result<Option<Step>, Reason> {
        let service = service::known(resource, input.fleet);
        let service =
            service.map_err(|why| Reason::Unread(why.unwrap_or_else(|| "it was not described".to_owned())))?;
        let from = service.desired;
        Ok((from != self.to).then_some(Step::DesiredCount(Self { from, to: self.to })))
    }

    fn sets_the_same(&self, other: &Step) -> bool {
        matches!(other, Step::DesiredCount(_))
    }

    fn effect(&self) -> Effect {
        Effect { desired_count: Some(self.to), ..Effect::default() }
    }

    fn is_grave(&self) -> bool {
        self.to < self.from
    }

    fn cost(&self) -> Vec<(Operation, u32)> {
        vec![(Operation::DescribeServices, 3), (Operation::UpdateService, 1)]
    }

    fn typical_duration(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn summary(&self) -> String {
        format!("{} > {} tasks", self.from, self.to)
    }

    fn call_summary(&self) -> &'static str {
        "UpdateService, count"
    }

    fn undo_summary(&self) -> UndoSummary {
        UndoSummary::SetsBack("the count")
    }

    fn images(&self) -> &[ImageChange] {
        &[]
    }
}
