//! How a proposal becomes a plan: steps for each resource, or the reason why it is left out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::managed_by;
use super::model::{LeftOut, Location, Plan, Protection, Reason, Target, Track, WarningKind};
use super::policy::Policy;
use super::proposal::Proposal;
use super::queries::has_bounds;
use super::resource::Resource;
use super::steps::Step;
use super::warnings::{WarningDetail, WarningList};
use crate::fleet::overview::lost_zones;
use crate::fleet::tenancy::{Assignments, EnvironmentId};
use crate::fleet::{Arn, CloudError, ContextId, Fleet, Query, QueryKind, Scaling, Service, TaskFilter};
use crate::text::clean;

/// What is known when a plan is built.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// What was read.
    pub fleet: &'a Fleet,
    /// Whose each service is.
    pub places: &'a Assignments,
    /// What is protected, and what must not be done.
    pub policy: &'a Policy,
    /// Questions whose answer did not come, or not whole, and why.
    pub failed: &'a BTreeMap<Query, CloudError>,
}

/// A resource that somebody asked for, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct ResourceView<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// The context it is read and changed through.
    pub context: &'a ContextId,
    /// What is known.
    pub input: &'a PlanInput<'a>,
    /// When it was asked for: what was read before does not count.
    pub since: Timestamp,
}

/// A service that was described since it was asked for.
#[derive(Clone, Copy, Debug)]
pub struct ServiceView<'a> {
    /// The service.
    pub service: &'a Service,
    /// The context it is read and changed through.
    pub context: &'a ContextId,
    /// What is known.
    pub input: &'a PlanInput<'a>,
    /// When it was asked for: what was read before does not count.
    pub since: Timestamp,
}

/// What a verb does to one resource.
#[derive(Debug, Default)]
pub struct PlannedSteps {
    /// The steps, at least one.
    pub steps: Vec<Step>,
    /// Warnings, by kind, with the particulars of this resource.
    pub(super) notes: Vec<WarningDetail>,
    /// Resources of the same proposal that have to be done before it begins.
    pub after: Vec<Resource>,
}

/// Builds the plan of `proposal`, by what is known once [`preflight_queries`](super::preflight_queries()) has nothing left to ask.
///
/// Each resource is in exactly one of the plan's tracks and of what it leaves out.
pub fn build_plan(proposal: &Proposal, input: &PlanInput<'_>, now: Timestamp) -> Plan {
    let mut notes = WarningList::default();
    let (mut tracks, mut left_out): (Vec<Track>, Vec<LeftOut>) = (vec![], vec![]);
    let mut named: BTreeSet<&Resource> = BTreeSet::new();
    for resource in proposal.resources.iter().filter(|resource| named.insert(resource)) {
        let track = plan_resource(proposal, resource, input).and_then(|(target, planned)| {
            let after = positions(&planned.after, &tracks)?;
            Ok((Track { target, after, steps: planned.steps }, planned.notes))
        });
        match track {
            Ok((track, own)) => {
                notes.extend(&track.target.path, own);
                tracks.push(track);
            }
            Err(why) => left_out.push(LeftOut { resource: resource.clone(), path: path(input, resource), reason: why }),
        }
    }
    note_surroundings(&mut notes, &tracks, proposal, input, now);
    Plan {
        id: proposal.id.clone(),
        verb: proposal.verb.name(),
        made_at: now,
        undoes: proposal.undoes.clone(),
        reason: proposal.reason.clone(),
        locations: locations(&tracks, input.fleet),
        tracks,
        left_out,
        warnings: notes.into_warnings(),
    }
}

/// The context that `resource` is in, as far as it is known.
pub(super) fn locate<'a>(resource: &Resource, fleet: &'a Fleet) -> Option<&'a ContextId> {
    match resource {
        Resource::Service { arn, .. } => fleet.services.get(arn).map(|entry| &entry.context),
        Resource::Task { arn, cluster } => fleet.tasks.get(cluster)?.get(arn).map(|task| &task.context),
        other => fleet.clusters.get(other.cluster()?).map(|cluster| &cluster.context),
    }
}

fn plan_resource(
    proposal: &Proposal,
    resource: &Resource,
    input: &PlanInput<'_>,
) -> Result<(Target, PlannedSteps), Reason> {
    let denied = |home: &EnvironmentId, name: &str| match input.policy.denies(home, name) {
        Some(rule) => Err(Reason::Refused(format!("a rule of the config refuses it: {}", clean(&rule.reason)))),
        None => Ok(()),
    };
    let unread = || input.error(|about| describes(about, resource)).map(|error| Reason::Unread(error.what()));
    let Some(context) = locate(resource, input.fleet) else {
        let gone = || Reason::Refused("ECS does not know it; it may have been deleted just now".to_owned());
        return Err(unread().unwrap_or_else(gone));
    };
    let environment_id = environment_id(input, resource);
    denied(&environment_id, proposal.verb.name().as_str())?;
    let view = ResourceView { resource, context, input, since: proposal.made_at };
    if !view.is_described() {
        return Err(unread().unwrap_or_else(|| Reason::Unread("AWS has not described it".to_owned())));
    }
    let verb = proposal.verb.kind();
    if let Some(why) = verb.refusal(&view) {
        return Err(Reason::Refused(why));
    }
    let planned = verb.steps(&view)?;
    // A rule for a verb covers whatever amounts to it.
    planned.steps.iter().try_for_each(|step| denied(&environment_id, step.kind().verb()))?;
    Ok((target(resource, context, &environment_id, input), planned))
}

/// The positions of the tracks of `resources`, which have to be planned already.
fn positions(resources: &[Resource], tracks: &[Track]) -> Result<Vec<usize>, Reason> {
    let position = |resource: &Resource| {
        let found = tracks.iter().position(|track| track.target.resource == *resource);
        found.ok_or_else(|| Reason::Refused(format!("{resource} has to change first, and this plan leaves it out")))
    };
    resources.iter().map(position).collect()
}

fn target(resource: &Resource, context: &ContextId, home: &EnvironmentId, input: &PlanInput<'_>) -> Target {
    Target {
        resource: resource.clone(),
        context: context.clone(),
        path: path(input, resource),
        environment: home.path(),
        tenant: home.tenant.to_string(),
        protection: if input.policy.is_protected(home) { Protection::Protected } else { Protection::Open },
    }
}

/// The environment of `resource`: a task is in that of its service.
fn environment_id(input: &PlanInput<'_>, resource: &Resource) -> EnvironmentId {
    let service = match resource {
        Resource::Service { arn, .. } => Some(arn.clone()),
        Resource::Task { arn, cluster } => service_of(input.fleet, arn, cluster),
        _ => None,
    };
    let place = service.and_then(|arn| input.places.of_service(&arn));
    place.map_or_else(EnvironmentId::unassigned, |place| place.environment_id.clone())
}

/// The service that the task `arn` is of.
fn service_of(fleet: &Fleet, arn: &Arn, cluster: &Arn) -> Option<Arn> {
    let name = fleet.tasks.get(cluster)?.get(arn)?.service()?;
    fleet.services_of(cluster).find(|(service, _)| service.name() == name).map(|(service, _)| service.clone())
}

fn path(input: &PlanInput<'_>, resource: &Resource) -> String {
    let service = match resource {
        Resource::Environment { path } => return clean(path).into_owned(),
        Resource::Service { arn, .. } => input.places.path(arn),
        Resource::Task { arn, cluster } => service_of(input.fleet, arn, cluster)
            .and_then(|service| input.places.path(&service))
            .map(|path| format!("{path}/{}", resource.name())),
        _ => None,
    };
    service.unwrap_or_else(|| format!("{}/{}", EnvironmentId::unassigned(), resource.name()))
}

fn locations(tracks: &[Track], fleet: &Fleet) -> Vec<Location> {
    let contexts: BTreeSet<&ContextId> = tracks.iter().map(|track| &track.target.context).collect();
    let contexts = contexts.into_iter().map(|id| {
        let context = fleet.contexts.get(id);
        let identity = context.and_then(|context| context.identity.as_ref());
        Location {
            context: id.clone(),
            account: identity.map(|identity| identity.account.clone()),
            region: context.map(|context| context.region.clone()).unwrap_or_default(),
            caller: identity.map(|identity| identity.arn.clone()),
        }
    });
    contexts.collect()
}

/// Warnings about what lies around the resources: what manages them, where their tasks are, and what could not be
/// read.
fn note_surroundings(
    notes: &mut WarningList,
    tracks: &[Track],
    proposal: &Proposal,
    input: &PlanInput<'_>,
    now: Timestamp,
) {
    let services: BTreeSet<&Arn> = tracks.iter().filter_map(|track| track.target.resource.service()).collect();
    let lost = lost_zones(input.fleet, &services, now);
    for Track { target, steps, .. } in tracks {
        let mut add = |about: WarningKind, detail: String| notes.add(&target.path, (about, detail));
        let service = target.resource.service();
        let tags = service.and_then(|arn| input.fleet.service(arn)).map(|service| &service.tags);
        if let Some(owner) = tags.and_then(managed_by::owner) {
            add(WarningKind::Owned, owner);
        }
        // One task cannot be in two zones.
        let few = steps.iter().any(|step| matches!(step.kind().effect().desired_count, Some(0 | 1)));
        if let Some(text) = service.and_then(|arn| lost.get(arn)).filter(|_| !few) {
            add(WarningKind::ZoneLost, text.clone());
        }
        if let Some(cluster) = target.resource.cluster().filter(|cluster| !input.tasks_read(cluster, proposal.made_at))
        {
            let lacks = |about: &QueryKind| matches!(about, QueryKind::Tasks(of, TaskFilter::Running) if of == cluster);
            add(WarningKind::Unread, input.error(lacks).map_or_else(|| "its tasks".to_owned(), CloudError::what));
        }
        let who = Query { context: target.context.clone(), kind: QueryKind::Identity };
        if let Some(error) = input.failed.get(&who) {
            add(WarningKind::Unread, error.what());
        }
    }
}

/// Whether the answer to `about` describes `resource`.
fn describes(about: &QueryKind, resource: &Resource) -> bool {
    match (about, resource) {
        (QueryKind::Services(_, services), Resource::Service { arn, .. }) => services.contains(arn),
        (QueryKind::Tasks(of, TaskFilter::Running), Resource::Task { cluster, .. }) => of == cluster,
        _ => false,
    }
}

impl<'a> ResourceView<'a> {
    /// The service that it is; nothing if it is something else, or was not described since it was asked for.
    pub fn service(&self) -> Option<ServiceView<'a>> {
        let service = self.input.seen(self.resource.service()?, self.since)?;
        Some(ServiceView { service, context: self.context, input: self.input, since: self.since })
    }

    /// Whether it was described since it was asked for.
    pub(super) fn is_described(&self) -> bool {
        match self.resource {
            Resource::Service { .. } => self.service().is_some(),
            Resource::Task { cluster, .. } => self.input.tasks_read(cluster, self.since),
            _ => true,
        }
    }

    /// Whether the running tasks around it were read, or could not be.
    pub(super) fn is_surveyed(&self) -> bool {
        self.resource.cluster().is_none_or(|cluster| {
            let tasks = |about: &QueryKind| matches!(about, QueryKind::Tasks(of, TaskFilter::Running) if of == cluster);
            self.input.tasks_read(cluster, self.since) || self.input.error(tasks).is_some()
        })
    }
}

impl<'a> PlanInput<'a> {
    /// The service `arn`, if it was described at `since` or later.
    pub(super) fn seen(&self, arn: &Arn, since: Timestamp) -> Option<&'a Service> {
        let look = self.fleet.services.get(arn)?.snapshot.as_ref()?;
        (look.at >= since).then_some(look.service.as_ref())
    }

    /// Whether all running tasks of `cluster` were read at `since` or later.
    pub(super) fn tasks_read(&self, cluster: &Arn, since: Timestamp) -> bool {
        self.fleet.tasks_read.get(cluster).is_some_and(|at| *at >= since)
    }

    /// Why the first question that is about this has no whole answer.
    pub(super) fn error(&self, is: impl Fn(&QueryKind) -> bool) -> Option<&'a CloudError> {
        self.failed.iter().find(|(ask, _)| is(&ask.kind)).map(|(_, error)| error)
    }

    /// The scalable target of the service `arn`, if it has one.
    ///
    /// # Errors
    ///
    /// Why that is not known.
    pub fn scaling(&self, arn: &Arn) -> Result<Option<&'a Scaling>, String> {
        if !has_bounds(arn) {
            return Err("autoscaling's bounds, because the service's ARN is of the old format".to_owned());
        }
        let asks = |about: &QueryKind| matches!(about, QueryKind::ScalableTargets(services) if services.contains(arn));
        if let Some(error) = self.error(asks) {
            return Err(error.what());
        }
        let known = self.fleet.scaling.get(arn).map(Option::as_ref);
        known.ok_or_else(|| "autoscaling's bounds, which AWS did not name".to_owned())
    }
}
