//! The verdict on tasks that belong to no service.

use std::collections::BTreeMap;

use super::task_failures::{TaskFailure, evidence, task_failures};
use super::{Cause, HealthState, HealthStatus, Reason};
use crate::fleet::Task;
use crate::text::clean;

/// Says how `jobs` are: degraded where the last of a family ended badly, steady while some run,
/// else empty. A job that ends by itself without an error has ended well.
pub fn jobs(jobs: &[&Task]) -> HealthStatus {
    let mut latest: BTreeMap<&str, &Task> = BTreeMap::new();
    for job in jobs {
        let newest = latest.entry(job.group.as_str()).or_insert(job);
        if job.created_at > newest.created_at {
            *newest = job;
        }
    }
    let failed: Vec<TaskFailure<'_>> = task_failures(&latest.into_values().collect::<Vec<_>>())
        .into_iter()
        .filter(|death| death.cause != Cause::Exit(0))
        .collect();
    let running: Vec<&&Task> = jobs.iter().filter(|job| !job.is_over()).collect();
    let reason = |death: &TaskFailure<'_>| {
        let name = death.task.group.strip_prefix("family:").unwrap_or(&death.task.group);
        Reason::new(format!("{}: {}", clean(name), death.cause.text())).with_evidence(evidence(&[death]))
    };
    let mut reasons: Vec<Reason> = failed.iter().map(reason).collect();
    if !running.is_empty() {
        reasons.push(Reason::new(format!("{} in progress", running.len())));
    }
    let (state, since) = match (failed.first(), running.is_empty()) {
        (Some(_), _) => (HealthState::Degraded, failed.iter().filter_map(|death| death.at).min()),
        (None, false) => {
            (HealthState::Steady, running.iter().filter_map(|job| job.started_at.or(job.created_at)).max())
        }
        (None, true) => (HealthState::Empty, None),
    };
    HealthStatus { state, reasons, since }
}
