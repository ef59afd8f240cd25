//! The service as it was last read: what the steps about services share.

use std::time::Duration;

use super::VISIBLE_WITHIN;
use crate::fleet::{Arn, Fleet, QueryKind, Rollout, Scaling, Service, ServiceStatus};
use crate::plan::journal_entry::Stabilization;
use crate::plan::proposal::Range;
use crate::plan::reading::Reading;
use crate::plan::resource::{Resource, ResourceKind};
use crate::text::clean;

/// Services alone.
pub(super) const ONLY: &[ResourceKind] = &[ResourceKind::Service];

/// The service and the cluster that `resource` is.
pub(super) fn ids(resource: &Resource) -> Option<(&Arn, &Arn)> {
    match resource {
        Resource::Service { arn, cluster } => Some((arn, cluster)),
        _ => None,
    }
}

/// What reads the service; a resource that is none is never asked about, because its plan passes no gate.
pub(super) fn query(resource: &Resource) -> QueryKind {
    let arn = resource.service().cloned().unwrap_or_else(|| Arn::new(resource.id()));
    let cluster = resource.cluster().cloned().unwrap_or_else(|| Arn::new(""));
    QueryKind::Services(cluster, vec![arn])
}

/// What reads the autoscaling bounds of the service.
pub(super) fn bounds_query(resource: &Resource) -> QueryKind {
    QueryKind::ScalableTargets(vec![Arn::new(resource.id())])
}

/// The service that was read, if it is active.
///
/// # Errors
///
/// Why it is not.
pub(super) fn active<'a>(resource: &Resource, reading: &'a Reading) -> Result<&'a Service, String> {
    let service = reading.service(resource.id()).ok_or_else(|| "ECS does not know the service any more".to_owned())?;
    match service.status {
        ServiceStatus::Active => Ok(service),
        ServiceStatus::Draining => Err("the service was deleted and is draining".to_owned()),
        ServiceStatus::Inactive => Err("the service was deleted".to_owned()),
        ServiceStatus::Other(ref word) => Err(format!("the service is {}", clean(word))),
    }
}

/// The service as the fleet has it.
///
/// # Errors
///
/// In words that it is gone; nothing where it was never described.
pub(super) fn known<'a>(resource: &Resource, fleet: &'a Fleet) -> Result<&'a Service, Option<String>> {
    let gone = || Some("it is gone now".to_owned());
    let entry = resource.service().and_then(|arn| fleet.services.get(arn)).ok_or_else(gone)?;
    entry.snapshot.as_ref().map(|look| look.service.as_ref()).ok_or(None)
}

/// The bounds of a scalable target.
pub(super) fn range(scaling: &Scaling) -> Range {
    Range { minimum: scaling.min, maximum: scaling.max }
}

/// Whether the tasks of the service are stable so long after a step; nothing while that is open.
///
/// `replaced` is the deployment that a step has replaced: if it is the primary one, it was rolled back.
pub(super) fn stabilization(
    resource: &Resource,
    reading: &Reading,
    replaced: Option<&str>,
    after: Duration,
) -> Option<Stabilization> {
    let service = match active(resource, reading) {
        Ok(service) => service,
        Err(why) => return Some(Stabilization::Unstable(why)),
    };
    let primary = service.primary();
    if let Some(failed) = primary.filter(|primary| primary.rollout == Some(Rollout::Failed)) {
        let reason = failed.reason.as_deref().unwrap_or("the deployment failed");
        return Some(Stabilization::Unstable(clean(reason).into_owned()));
    }
    // A deployment that the circuit breaker has rolled back gives way to the one before it. Soon after
    // the call that one may also be seen because a read is late.
    if let (Some(replaced), Some(primary)) = (replaced, primary)
        && primary.id == replaced
    {
        return (after >= VISIBLE_WITHIN)
            .then(|| Stabilization::Unstable(format!("rolled back to {}", clean(&primary.id))));
    }
    let rolling = primary.is_some_and(|primary| primary.rollout == Some(Rollout::InProgress));
    let full = service.running == service.desired && service.pending == 0;
    (full && !rolling && service.deployments.len() <= 1).then_some(Stabilization::Stable)
}
