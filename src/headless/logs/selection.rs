//! Whose lines a target means, and the clusters in which their tasks are.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::reads::Scope;
use crate::app::tail::LogTarget;
use crate::fleet::target::{NotFound, Target};
use crate::fleet::tenancy::{self, Tenant, UNKNOWN};
use crate::fleet::{Arn, ContextId, Fleet, Task};
use crate::headless::report::Report;

/// What a target means: whose lines, and how they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogSelection {
    /// Whose, with the names that are printed.
    pub(super) whose: BTreeMap<LogTarget, String>,
    /// Where their tasks are.
    pub(super) clusters: BTreeSet<(ContextId, Arn)>,
}

/// What kind of thing is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetKind {
    /// One task.
    Task,
    /// Tasks that belong to no service.
    Jobs,
    /// One service.
    Service,
    /// Services that may be joined by others.
    Services,
}

impl TargetKind {
    /// The kind of what `target` means.
    pub(super) fn of(target: &Target) -> Self {
        match target {
            Target::Arn(arn) if arn.as_str().contains(":task/") => Self::Task,
            Target::Arn(arn) if arn.as_str().contains(":service/") => Self::Service,
            Target::Path { tenant, .. } if tenant == Tenant::Jobs.name() => Self::Jobs,
            Target::Path { service: Some(_), .. } => Self::Service,
            Target::Arn(_) | Target::Path { .. } => Self::Services,
        }
    }

    /// How much has to be read to find it.
    pub(super) fn scope(self) -> Scope {
        match self {
            Self::Task | Self::Jobs => Scope::Clusters,
            Self::Service | Self::Services => Scope::Services,
        }
    }
}

impl LogSelection {
    /// What `target` means in what was read.
    pub(super) fn of(target: &Target, report: &Report) -> Result<Self, NotFound> {
        match (TargetKind::of(target), target) {
            (TargetKind::Task, Target::Arn(arn)) => task(arn, &report.fleet),
            (TargetKind::Jobs, target) => Ok(jobs(target, &report.fleet)),
            _ => services(target, report),
        }
    }
}

fn task(arn: &Arn, fleet: &Fleet) -> Result<LogSelection, NotFound> {
    let in_it = arn.as_str().rsplit('/').nth(1).filter(|name| !name.ends_with(":task"));
    let clusters = fleet.clusters.values().filter(|cluster| {
        let same = (cluster.arn.account(), cluster.arn.region()) == (arn.account(), arn.region());
        same && in_it.is_none_or(|name| cluster.arn.name() == name)
    });
    let clusters: BTreeSet<_> = clusters.map(|cluster| (cluster.context.clone(), cluster.arn.clone())).collect();
    if clusters.is_empty() {
        return Err(NotFound::Arn(arn.clone()));
    }
    let job = fleet.task(arn).map_or(arn.name(), |task| task.service().unwrap_or(task.job()));
    Ok(LogSelection { whose: BTreeMap::from([(LogTarget::Task(arn.clone()), job.to_owned())]), clusters })
}

/// Jobs, or those of one name. They may be in every cluster, and be there before long where there are none.
fn jobs(target: &Target, fleet: &Fleet) -> LogSelection {
    let (name, id) = job(target);
    let is =
        |task: &Task| name.is_none_or(|name| task.job() == name) && id.is_none_or(|id| task.arn.name().starts_with(id));
    let meant = tenancy::jobs(fleet).filter(|task| is(task));
    let whose = meant.map(|task| (LogTarget::Task(task.arn.clone()), task.job().to_owned())).collect();
    let clusters = fleet.clusters.values().map(|cluster| (cluster.context.clone(), cluster.arn.clone())).collect();
    LogSelection { whose, clusters }
}

/// The name of the jobs that are meant, and how the id of their task begins: `(jobs)/NAME`, `(jobs)/NAME/ID`, or
/// `(jobs)/unknown/NAME`.
pub(super) fn job(target: &Target) -> (Option<&str>, Option<&str>) {
    let Target::Path { environment, service, .. } = target else { return (None, None) };
    match environment.as_deref() {
        None | Some(UNKNOWN) => (service.as_deref(), None),
        name => (name, service.as_deref()),
    }
}

fn services(target: &Target, report: &Report) -> Result<LogSelection, NotFound> {
    let services = target.find(&report.fleet, &report.places)?.services;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for arn in &services {
        *count.entry(arn.name()).or_default() += 1;
    }
    // Services of one name are distinguished by their path.
    let name = |arn: &Arn| match count.get(arn.name()) {
        Some(2..) => path(arn, report),
        _ => arn.name().to_owned(),
    };
    let entries = services.iter().filter_map(|arn| report.fleet.services.get(arn));
    let clusters = entries.map(|entry| (entry.context.clone(), entry.cluster.clone())).collect();
    Ok(LogSelection {
        whose: services.iter().map(|arn| (LogTarget::Service(arn.clone()), name(arn))).collect(),
        clusters,
    })
}

/// The path of the service `arn`.
pub(super) fn path(arn: &Arn, report: &Report) -> String {
    report.place(arn).map_or_else(|| arn.name().to_owned(), |(path, _)| path)
}
