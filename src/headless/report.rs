//! What one reading of AWS comes to, and which part of it was asked for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Session;
use super::collect::{Collected, LIMIT, collect, unread};
use crate::app::reads::{Needs, Scope};
use crate::fleet::health::{HealthState, ReadClock};
use crate::fleet::overview::{Overview, Row, overview};
use crate::fleet::target::{NotFound, Target};
use crate::fleet::tenancy::{self, Assignment, Assignments, EnvironmentId, Rules, assign};
use crate::fleet::{Arn, CloudError, ContextId, Fleet, Priority, Task, Trouble};
use crate::text::clean;

/// One reading, and what it means.
pub(super) struct Report {
    /// When it was finished.
    pub(super) at: Timestamp,
    /// All that was read.
    pub(super) fleet: Fleet,
    /// Whose every service is.
    pub(super) places: Assignments,
    /// How everything is.
    pub(super) overview: Overview,
    /// What could not be read.
    pub(super) errors: Vec<(ContextId, CloudError)>,
    /// What was noticed while connecting.
    pub(super) warnings: Vec<String>,
    /// Tenants by their bare name: a guess shares its own with others of other contexts.
    named: BTreeMap<String, BTreeSet<String>>,
}

/// Which part of a report is shown.
pub(super) enum Selection {
    /// All of it.
    Everything,
    /// What a target names.
    Target {
        /// The target, as it was written.
        target: String,
        /// Its services.
        services: BTreeSet<Arn>,
        /// Its homes.
        homes: BTreeSet<EnvironmentId>,
        /// Services that share their path with others elsewhere.
        ambiguous: usize,
    },
}

/// What errors have in common that are reported as one: the context, the operation, the kind and the code.
type ErrorGroup<'a> = (&'a ContextId, &'a str, Trouble, Option<&'a str>);

impl Report {
    /// Reads as much of AWS as `scope` says, within [`LIMIT`]; what does not come by then is an error like others.
    ///
    /// What is called like `target` is read first: in an account that is too large for the limit, what
    /// was asked for is there all the same.
    pub(super) async fn new(surface: &Session<'_>, scope: Scope, target: Option<&Target>) -> Self {
        let mut needs = ReportNeeds::new(scope, target);
        let fleet = Fleet::new(surface.cloud.contexts());
        let collected =
            collect(surface, fleet, Priority::Screen, |so_far, round| needs.now(surface, so_far, round)).await;
        let (errors, fleet) = (errors(&collected), collected.fleet);
        let at = (surface.clock)();
        let places = assign(&fleet, surface.rules);
        let overview = overview(&fleet, &places, ReadClock { now: at, interval: LIMIT });
        let named = named(&places);
        Self { at, fleet, places, overview, errors, warnings: surface.cloud.warnings(), named }
    }

    /// Works out again whose every service is, after some came or went.
    pub(super) fn reassign(&mut self, rules: &Rules) {
        self.places = assign(&self.fleet, rules);
        self.named = named(&self.places);
    }

    /// Whether everything could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.errors.is_empty()
    }

    /// The shortest path that names `home` and nothing else: a guess is written with its context
    /// only where another tenant has the same name.
    pub(super) fn path(&self, home: &EnvironmentId) -> String {
        let name = home.tenant.name();
        match self.named.get(name) {
            Some(same) if same.len() == 1 && home.tenant.is_guess() => {
                clean(&format!("{name}/{}", home.environment_name())).into_owned()
            }
            _ => clean(&home.path()).into_owned(),
        }
    }

    /// The path of the service `arn`, and whose it is.
    pub(super) fn place(&self, arn: &Arn) -> Option<(String, &Assignment)> {
        let place = self.places.of_service(arn)?;
        let path = if place.environment_id.tenant.is_guess() {
            format!("{}/{}", self.path(&place.environment_id), clean(arn.name()))
        } else {
            clean(&self.places.path(arn)?).into_owned()
        };
        Some((path, place))
    }

    /// How the service `arn` is. What was listed and not read is unknown.
    pub(super) fn state(&self, arn: &Arn) -> HealthState {
        settled(self.overview.services.get(arn).map_or(HealthState::Unknown, |verdict| verdict.state))
    }

    /// What somebody should know beside the report, line by line.
    pub(super) fn complaints(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.warnings.iter().cloned().chain(self.fleet.twins()).collect();
        if self.is_whole() && self.fleet.clusters.is_empty() {
            let regions: BTreeSet<&str> = self.fleet.contexts.values().map(|context| context.region.as_str()).collect();
            let regions = regions.into_iter().collect::<Vec<_>>().join(", ");
            lines.push(format!("no cluster in {regions}: if there should be one, check --region and --profile"));
        }
        let mut alike: BTreeMap<ErrorGroup<'_>, (usize, &CloudError)> = BTreeMap::new();
        for (context, error) in &self.errors {
            let kin = (context, error.operation.as_str(), error.kind, error.code.as_deref());
            alike.entry(kin).or_insert((0, error)).0 += 1;
        }
        for ((context, ..), (count, error)) in alike {
            let more = if count > 1 { format!(" ({} more like it)", count - 1) } else { String::new() };
            lines.push(format!("{context}: {error}{more}"));
        }
        if !self.is_whole() {
            lines.push("AWS was not read fully: there may be more than is shown".to_owned());
        }
        lines
    }
}

/// What a report needs: what its scope says, and then what explains the states that were found.
struct ReportNeeds {
    needs: Needs,
    explained: bool,
}

impl ReportNeeds {
    fn new(scope: Scope, target: Option<&Target>) -> Self {
        let first = target.map(|target| match target {
            Target::Path { tenant, .. } => tenant.to_lowercase(),
            Target::Arn(arn) => arn.name().to_lowercase(),
        });
        Self { needs: Needs { scope, first, identity_first: true, ..Needs::default() }, explained: false }
    }

    /// What is needed, given what was read so far.
    fn now(&mut self, surface: &Session<'_>, so_far: &Collected, round: usize) -> Needs {
        if self.needs.scope == Scope::Tasks {
            // Why what was asked for is in trouble does not wait until all else is read. Jobs may be anywhere.
            let jobs = self.needs.first.as_ref().is_some_and(|part| *part == EnvironmentId::jobs().path());
            let clusters = so_far.fleet.clusters.keys().filter(|arn| jobs || self.needs.is_first([*arn]));
            let clusters: Vec<Arn> = clusters.cloned().collect();
            self.needs.stopped.extend(clusters);
            if round > 0 && !std::mem::replace(&mut self.explained, true) {
                self.explain(surface, &so_far.fleet);
            }
        }
        self.needs.clone()
    }

    /// Adds what can be known only once all else is: why services are in trouble, and which images run where tasks
    /// do not name them.
    fn explain(&mut self, surface: &Session<'_>, fleet: &Fleet) {
        let now = (surface.clock)();
        let overview = overview(fleet, &assign(fleet, surface.rules), ReadClock { now, interval: LIMIT });
        let with_stopped = overview.clusters_with_stopped(fleet, now).into_iter().map(|(_, cluster)| cluster);
        self.needs.clusters_with_stopped.extend(with_stopped);
        self.needs.definitions_to_read.extend(overview.definitions_to_read(fleet));
        let tasks = fleet.tasks.values().flat_map(BTreeMap::values);
        let unnamed =
            tasks.filter(|task| !task.is_over() && task.containers.iter().any(|container| container.image.is_none()));
        self.needs.definitions_to_read.extend(unnamed.map(|task| (task.context.clone(), task.definition.clone())));
    }
}

/// What could not be read, and through which context. What comes again by itself in the console does not here.
fn errors(collected: &Collected) -> Vec<(ContextId, CloudError)> {
    let failed = collected.failed.iter().map(|(ask, error)| {
        let mut error = error.clone();
        if matches!(error.kind, Trouble::Throttled | Trouble::Broken) {
            "Try again in a minute.".clone_into(&mut error.advice);
        }
        (ask.context.clone(), error)
    });
    let unanswered = collected.unanswered.iter().map(|ask| {
        let strain = collected.pressure.get(&ask.context).copied().unwrap_or_default();
        (ask.context.clone(), unread(ask, strain, LIMIT))
    });
    failed.chain(unanswered).collect()
}

impl Selection {
    /// What `target` names in `report`.
    pub(super) fn of(target: &Target, report: &Report) -> Result<Self, NotFound> {
        let found = target.find(&report.fleet, &report.places)?;
        let services: BTreeSet<Arn> = found.services.into_iter().collect();
        let mut homes: BTreeSet<EnvironmentId> =
            services.iter().filter_map(|arn| Some(report.places.of_service(arn)?.environment_id.clone())).collect();
        if services.is_empty() && matches!(target, Target::Path { .. }) {
            // The only home without services.
            homes.insert(EnvironmentId::jobs());
        }
        Ok(Self::Target { target: target.to_string(), services, homes, ambiguous: found.ambiguous.len() })
    }

    /// Whether it shows the service `arn`.
    pub(super) fn has(&self, arn: &Arn) -> bool {
        match self {
            Self::Everything => true,
            Self::Target { services, .. } => services.contains(arn),
        }
    }

    /// Whether it shows the environment `home`.
    pub(super) fn has_environment(&self, home: &EnvironmentId) -> bool {
        match self {
            Self::Everything => true,
            Self::Target { homes, .. } => homes.contains(home),
        }
    }

    /// Whether a service in it is failing, restarting or degraded, or a job ended badly.
    pub(super) fn is_troubled(&self, report: &Report) -> bool {
        let jobs =
            report.overview.rows.get(&EnvironmentId::jobs()).filter(|_| self.has_environment(&EnvironmentId::jobs()));
        if jobs.is_some_and(|jobs| jobs.verdict.state < HealthState::Unknown) {
            return true;
        }
        report.fleet.services.keys().any(|arn| self.has(arn) && report.state(arn) < HealthState::Unknown)
    }

    /// Its services, the worst first, then by path.
    pub(super) fn services<'a>(&self, report: &'a Report) -> Vec<&'a Arn> {
        let mut services: Vec<&Arn> = report.fleet.services.keys().filter(|arn| self.has(arn)).collect();
        services.sort_by_cached_key(|arn| (report.state(arn), report.place(arn).map(|(path, _)| path)));
        services
    }

    /// Jobs in it, those that run first, then the latest.
    pub(super) fn jobs<'a>(&self, report: &'a Report) -> Vec<&'a Task> {
        if !self.has_environment(&EnvironmentId::jobs()) {
            return vec![];
        }
        let mut jobs: Vec<&Task> = tenancy::jobs(&report.fleet).map(AsRef::as_ref).collect();
        jobs.sort_by_key(|task| (task.is_over(), std::cmp::Reverse(task.created_at), task.arn.clone()));
        jobs
    }

    /// Its environments, the worst first, then by path.
    pub(super) fn environments<'a>(&self, report: &'a Report) -> Vec<(&'a EnvironmentId, &'a Row)> {
        let mut homes: Vec<(&EnvironmentId, &Row)> =
            report.overview.rows.iter().filter(|(home, _)| self.has_environment(home)).collect();
        homes.sort_by_cached_key(|(home, row)| {
            (settled(row.verdict.state), row.verdict.reasons.is_empty(), report.path(home))
        });
        homes
    }
}

fn named(places: &Assignments) -> BTreeMap<String, BTreeSet<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (home, _) in places.environments() {
        named.entry(home.tenant.name().to_owned()).or_default().insert(home.tenant.to_string());
    }
    named
}

/// Nothing is about to be read any more: what was not is unknown.
pub(super) fn settled(state: HealthState) -> HealthState {
    match state {
        HealthState::Reading => HealthState::Unknown,
        state => state,
    }
}
