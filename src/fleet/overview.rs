//! The whole fleet at one glance: a verdict for each service, a row for each home.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::health::{HealthState, HealthStatus, ReadClock, Reason, ServiceContext, health, lost_zone};
use super::spread::Spread;
use super::tenancy::{Assignments, EnvironmentId, jobs};
use super::{Arn, ContextId, Fleet, Service, Task, TaskStatus, image, spread};

/// What is to be said of every service and of every home.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    /// Verdicts by service.
    pub services: BTreeMap<Arn, HealthStatus>,
    /// Rows by home.
    pub rows: BTreeMap<EnvironmentId, Row>,
}

/// What is to be said of one home: an environment of a tenant, or the jobs.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// How it is: as its worst service.
    pub verdict: HealthStatus,
    /// Its services, by ARN.
    pub services: Vec<Arn>,
    /// The contexts that they were seen through.
    pub contexts: BTreeSet<ContextId>,
    /// Tasks that run, by its services' own counts.
    pub running: u32,
    /// The desired count, likewise.
    pub desired: u32,
    /// Its running tasks by zone; nothing where they span several contexts, whose zones differ.
    pub spread: Option<Spread>,
    /// Versions that run.
    pub versions: BTreeSet<String>,
}

impl Overview {
    /// Clusters whose stopped tasks have something to say at `now`, and the contexts they were seen
    /// through: those with a service in trouble, and those where tasks were started within the hour
    /// for which ECS remembers stopped ones. A task that dies is replaced, and that is an event.
    pub fn clusters_with_stopped(&self, fleet: &Fleet, now: Timestamp) -> BTreeSet<(ContextId, Arn)> {
        let hour = SignedDuration::from_hours(1);
        let started = |arn: &Arn| {
            let events = fleet.service(arn).map(|service| service.events.as_slice()).unwrap_or_default();
            let late = events.iter().take_while(|event| now.duration_since(event.at) <= hour);
            late.into_iter().any(|event| event.message.contains("has started "))
        };
        let bad = self.services.iter().filter(|(arn, verdict)| verdict.state < HealthState::Unknown || started(arn));
        let entries = bad.filter_map(|(arn, _)| fleet.services.get(arn));
        entries.map(|entry| (entry.context.clone(), entry.cluster.clone())).collect()
    }

    /// Task definitions of services in trouble or in motion, and the contexts they were seen
    /// through: a version that no task runs is known from its definition only.
    pub fn definitions_to_read(&self, fleet: &Fleet) -> BTreeSet<(ContextId, Arn)> {
        let moving = self.services.iter().filter(|(_, verdict)| verdict.state < HealthState::Scaling);
        let services = moving.filter_map(|(arn, _)| fleet.service(arn));
        let definitions = services.flat_map(|service| {
            let own = service.deployments.iter().map(|deployment| deployment.definition.clone());
            own.map(|definition| (service.context.clone(), definition))
        });
        definitions.collect()
    }
}

/// Looks at everything in `fleet`, at the time of `clock`.
///
/// To be called when the fleet, the places or the minute change, not for each frame: 1,500 services
/// with 100 events each take tens of milliseconds.
pub fn overview(fleet: &Fleet, places: &Assignments, clock: ReadClock) -> Overview {
    let tasks = by_service(fleet);
    let reach = KnownZones::of(fleet);
    let mut services = BTreeMap::new();
    for (arn, entry) in &fleet.services {
        let tasks = tasks.get(&(&entry.cluster, arn.name())).map_or(&[] as &[&Task], Vec::as_slice);
        let look = entry.snapshot.as_ref().map(|look| look.service.as_ref());
        let zones = reach.zones(&entry.context, &entry.cluster, look);
        let tasks_read = fleet.tasks_read.get(&entry.cluster).copied();
        let around = ServiceContext { tasks, tasks_read, zones: &zones, definitions: &fleet.definitions };
        services.insert(arn.clone(), health(entry, &around, clock));
    }
    let mut rows: BTreeMap<EnvironmentId, Row> = BTreeMap::new();
    for (home, arns) in places.environments() {
        rows.insert(home.clone(), row(fleet, arns, &services, &tasks, &reach));
    }
    let jobs: Vec<&Task> = jobs(fleet).map(Arc::as_ref).collect();
    if !jobs.is_empty() {
        rows.insert(EnvironmentId::jobs(), jobs_row(&jobs, fleet, &reach));
    }
    Overview { services, rows }
}

/// Those of `services` that have lost a zone, with the words for it: `all 3 in zone a, b c empty`.
pub fn lost_zones(fleet: &Fleet, services: &BTreeSet<&Arn>, now: Timestamp) -> BTreeMap<Arn, String> {
    let tasks = by_service(fleet);
    let reach = KnownZones::of(fleet);
    let lost = |arn: &&Arn| {
        let (entry, service) = (fleet.services.get(*arn)?, fleet.service(arn)?);
        let tasks = tasks.get(&(&entry.cluster, arn.name())).map_or(&[] as &[&Task], Vec::as_slice);
        let zones = reach.zones(&entry.context, &entry.cluster, Some(service));
        let tasks_read = fleet.tasks_read.get(&entry.cluster).copied();
        let around = ServiceContext { tasks, tasks_read, zones: &zones, definitions: &fleet.definitions };
        Some(((*arn).clone(), lost_zone(service, &around, now)?))
    };
    services.iter().filter_map(lost).collect()
}

type ByService<'a> = BTreeMap<(&'a Arn, &'a str), Vec<&'a Task>>;

fn by_service(fleet: &Fleet) -> ByService<'_> {
    let mut tasks: ByService<'_> = BTreeMap::new();
    for (cluster, known) in &fleet.tasks {
        for task in known.values() {
            if let Some(service) = task.service() {
                tasks.entry((cluster, service)).or_default().push(task);
            }
        }
    }
    tasks
}

/// Subnets, and the zones that tasks of services in just these were seen in.
type SubnetZones<'a> = (BTreeSet<&'a str>, BTreeSet<String>);

/// Where tasks were seen, so that a zone counts as lost only to services that could have used it.
struct KnownZones<'a> {
    contexts: BTreeMap<&'a ContextId, BTreeSet<String>>,
    clusters: BTreeMap<&'a Arn, BTreeSet<String>>,
    subnets: BTreeMap<&'a ContextId, Vec<SubnetZones<'a>>>,
}

impl<'a> KnownZones<'a> {
    fn of(fleet: &'a Fleet) -> Self {
        let mut reach = Self { contexts: BTreeMap::new(), clusters: BTreeMap::new(), subnets: BTreeMap::new() };
        let mut seen: BTreeMap<(&Arn, &str), BTreeSet<String>> = BTreeMap::new();
        for (cluster, tasks) in &fleet.tasks {
            for task in tasks.values() {
                let Some(zone) = &task.zone else { continue };
                reach.contexts.entry(&task.context).or_default().insert(zone.clone());
                reach.clusters.entry(cluster).or_default().insert(zone.clone());
                if let Some(service) = task.service() {
                    seen.entry((cluster, service)).or_default().insert(zone.clone());
                }
            }
        }
        for (arn, entry) in &fleet.services {
            let Some(look) = &entry.snapshot else { continue };
            let Some(zones) = seen.remove(&(&entry.cluster, arn.name())) else { continue };
            let subnets: BTreeSet<&str> = look.service.subnets.iter().map(String::as_str).collect();
            let known = reach.subnets.entry(&entry.context).or_default();
            match known.iter_mut().find(|(other, _)| *other == subnets) {
                Some((_, all)) => all.extend(zones),
                None => known.push((subnets, zones)),
            }
        }
        reach
    }

    /// Zones that tasks of `service` could be in: those that tasks in the same subnets were seen
    /// in; without subnets, those of its cluster.
    fn zones(&self, context: &ContextId, cluster: &Arn, service: Option<&Service>) -> BTreeSet<String> {
        let own: BTreeSet<&str> =
            service.into_iter().flat_map(|service| &service.subnets).map(String::as_str).collect();
        if own.is_empty() {
            return self.clusters.get(cluster).cloned().unwrap_or_default();
        }
        let known = self.subnets.get(context).into_iter().flatten();
        let same = known.filter(|(subnets, _)| !subnets.is_empty() && subnets.is_subset(&own));
        same.flat_map(|(_, zones)| zones).cloned().collect()
    }
}

fn row(
    fleet: &Fleet,
    arns: &[Arn],
    verdicts: &BTreeMap<Arn, HealthStatus>,
    tasks: &ByService<'_>,
    reach: &KnownZones<'_>,
) -> Row {
    let entries: Vec<_> = arns.iter().filter_map(|arn| Some((arn, fleet.services.get(arn)?))).collect();
    let contexts: BTreeSet<ContextId> = entries.iter().map(|(_, entry)| entry.context.clone()).collect();
    let looks = || entries.iter().filter_map(|(_, entry)| entry.snapshot.as_ref());
    let own = entries.iter().filter_map(|(arn, entry)| tasks.get(&(&entry.cluster, arn.name())));
    let own: Vec<&Task> = own.flatten().copied().collect();
    let named = arns.iter().filter_map(|arn| Some((arn.name(), verdicts.get(arn)?)));
    let spread = spread_of(&contexts, &own, reach);
    let mut verdict = worst(named);
    if let Some(spread) = &spread {
        merge_zone_reasons(&mut verdict, spread);
    }
    Row {
        verdict,
        services: arns.to_vec(),
        running: looks().fold(0, |sum, look| sum.saturating_add(look.service.running)),
        desired: looks().fold(0, |sum, look| sum.saturating_add(look.service.desired)),
        spread,
        versions: image::versions(own.iter().copied(), &fleet.definitions),
        contexts,
    }
}

/// Says once of a whole environment what several services say of themselves: all in one zone.
fn merge_zone_reasons(verdict: &mut HealthStatus, spread: &Spread) {
    let Some(lopsided) = spread.lopsided() else { return };
    let is_alike = |reason: &Reason| reason.text.ends_with(&lopsided);
    let Some(first) = verdict.reasons.iter().position(is_alike) else { return };
    let alike: Vec<Reason> = verdict.reasons.extract_if(.., |reason| is_alike(reason)).collect();
    if alike.len() == 1 {
        verdict.reasons.splice(first..first, alike);
        return;
    }
    let running: usize = spread.zones.values().sum();
    let evidence = alike.into_iter().flat_map(|reason| reason.evidence).collect();
    verdict.reasons.insert(first, Reason { text: format!("all {running} {lopsided}"), evidence });
}

/// The tasks by zone, where one context holds them all.
fn spread_of(contexts: &BTreeSet<ContextId>, tasks: &[&Task], reach: &KnownZones<'_>) -> Option<Spread> {
    let one = contexts.first().filter(|_| contexts.len() == 1)?;
    let known = reach.contexts.get(one)?;
    Some(spread::spread(tasks.iter().copied(), known))
}

/// The verdicts of several services in one: the worst state, the reasons of all that have it and
/// of those that are worse than steady, the worst first, each with its service's name in front.
///
/// Of nothing, the verdict is that there is nothing.
pub fn worst<'a>(verdicts: impl IntoIterator<Item = (&'a str, &'a HealthStatus)>) -> HealthStatus {
    let mut verdicts: Vec<(&str, &HealthStatus)> = verdicts.into_iter().collect();
    // The longest in a state first: it is the cause more often than the others.
    verdicts.sort_by_key(|(name, verdict)| (verdict.state, verdict.since.is_none(), verdict.since, *name));
    let Some((_, first)) = verdicts.first() else {
        return HealthStatus { state: HealthState::Empty, reasons: vec![], since: None };
    };
    let state = first.state;
    let reasons = verdicts.iter().flat_map(|(name, verdict)| {
        verdict.reasons.iter().map(move |reason| Reason {
            text: format!("{} {}", crate::text::clean(name), reason.text),
            evidence: reason.evidence.clone(),
        })
    });
    // What is steady is so since its last service became so; trouble since its first began.
    let same = verdicts.iter().filter(|(_, verdict)| verdict.state == state).filter_map(|(_, verdict)| verdict.since);
    let since = if state >= HealthState::Reading { same.max() } else { same.min() };
    HealthStatus { state, reasons: reasons.collect(), since }
}

/// Jobs come and go: those that run are steady, those that ended badly are said.
fn jobs_row(jobs: &[&Task], fleet: &Fleet, reach: &KnownZones<'_>) -> Row {
    let running: Vec<&Task> = jobs.iter().filter(|task| !task.is_over()).copied().collect();
    let contexts: BTreeSet<ContextId> = jobs.iter().map(|task| task.context.clone()).collect();
    let count = running.iter().filter(|task| task.status == TaskStatus::Running).count();
    Row {
        verdict: super::health::jobs(jobs),
        services: vec![],
        running: u32::try_from(count).unwrap_or(u32::MAX),
        desired: u32::try_from(running.len()).unwrap_or(u32::MAX),
        spread: spread_of(&contexts, &running, reach),
        versions: image::versions(running.iter().copied(), &fleet.definitions),
        contexts,
    }
}
