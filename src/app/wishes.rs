//! What is wished for, how fresh, and which questions fulfil it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::fleet::{About, Arn, ContextId, Fleet, INDEXES, LOOK, Lane, SCALING, Subject, Which};

/// How long a list of clusters, and a cluster's list of services, count as fresh.
const ROSTER: Duration = Duration::from_mins(1);
const CLUSTERS: Duration = Duration::from_mins(5);
/// How long tasks count as fresh while nothing about their services changes.
const TASKS: Duration = Duration::from_mins(2);
/// How soon tasks are read again when something about their services has changed.
const CHANGED: Duration = Duration::from_secs(10);
/// How soon stopped tasks that have something to say are read again.
const STOPPED: Duration = Duration::from_mins(1);
/// How long bounds, histories and AWS's own words count as fresh while they are on the screen.
const BEHIND: Duration = Duration::from_secs(30);
/// How soon a service that is not on the screen is looked at again, at the least.
const REST: Duration = Duration::from_secs(30);
/// Questions a second about services, and about tasks, that one context is asked in the long run:
/// with pages and what is on the screen they stay below a quarter of the 20 a second that ECS
/// allows for each (see `aws::budget`).
const PER_SECOND: usize = 3;
/// Images on one page of a repository's list (API model).
const IMAGES: usize = 1_000;
/// Requests that a cluster's tasks take: a list and a description.
const PER_TASKS: usize = 2;

/// One thing that is asked again and again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Who we are in this context.
    Identity(ContextId),
    /// The clusters of this context.
    Clusters(ContextId),
    /// The services of this cluster.
    Roster(Arn),
    /// This service.
    Look(Arn),
    /// The tasks of this cluster.
    Tasks(Arn, Which),
    /// This task definition.
    Definition(Arn),
    /// The scaling bounds of this service.
    Scaling(Arn),
    /// The deployments of this service.
    Deployments(Arn),
    /// The images that this repository holds.
    Images(String),
    /// What this index of this repository lists.
    Index(String, String),
    /// AWS's own words on this.
    Raw(Subject),
}

/// Kinds of questions, in the order in which they are asked.
///
/// Services that are known are looked at before more are listed, so that a large account fills the
/// screen cluster by cluster; tasks drink from another of AWS's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Account,
    Look,
    Roster,
    Tasks,
    Behind,
}

/// What the screen needs, and how fresh.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Focus {
    /// Services on the screen.
    pub services: BTreeSet<Arn>,
    /// How soon those are looked at again.
    pub pace: Duration,
    /// Clusters whose running tasks are on the screen.
    pub tasks: BTreeSet<Arn>,
    /// Clusters whose stopped tasks are on the screen.
    pub stopped: BTreeSet<Arn>,
    /// Clusters whose stopped tasks have something to say.
    pub stirred: BTreeSet<Arn>,
    /// Services whose bounds and history are on the screen.
    pub behind: BTreeSet<Arn>,
    /// Services whose bounds alone are on the screen.
    pub bounds: BTreeSet<Arn>,
    /// Task definitions that tell the versions of services in trouble or in motion.
    pub unsettled: BTreeSet<(ContextId, Arn)>,
    /// Task definitions on the screen, with the context to ask.
    pub definitions: BTreeSet<(ContextId, Arn)>,
    /// Repositories on the screen, with the context to ask.
    pub images: BTreeSet<(ContextId, String)>,
    /// Indexes that something on the screen runs of, by repository and digest, with the context to ask.
    pub indexes: BTreeSet<(ContextId, String, String)>,
    /// What is shown in AWS's own words, with the context to ask.
    pub raw: Option<(ContextId, Subject)>,
}
/// One thing to ask, how urgently, and for how long its last answer is good.
pub(super) struct Wish {
    pub(super) topic: Topic,
    pub(super) context: ContextId,
    pub(super) lane: Lane,
    pub(super) interval: Duration,
}

impl Wish {
    /// Whose bucket of AWS's it drinks from.
    pub(super) fn bucket(&self) -> (ContextId, Bucket) {
        let bucket = match self.topic.kind() {
            Kind::Look | Kind::Roster => Bucket::Services,
            Kind::Tasks => Bucket::Tasks,
            Kind::Account | Kind::Behind => Bucket::Other,
        };
        (self.context.clone(), bucket)
    }
}

/// AWS's buckets, as far as it matters what is asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bucket {
    Services,
    Tasks,
    Other,
}

impl Topic {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Identity(_) | Self::Clusters(_) => Kind::Account,
            Self::Look(_) => Kind::Look,
            Self::Roster(_) => Kind::Roster,
            Self::Tasks(..) => Kind::Tasks,
            Self::Definition(_)
            | Self::Scaling(_)
            | Self::Deployments(_)
            | Self::Images(_)
            | Self::Index(..)
            | Self::Raw(_) => Kind::Behind,
        }
    }
}

/// How soon a service that is not on the screen is looked at again.
///
/// Half a minute, or as long as it takes to look at all of the largest context within its budget.
pub fn rest_interval(fleet: &Fleet) -> Duration {
    let services = by_cluster(fleet);
    let mut halves: BTreeMap<&ContextId, usize> = BTreeMap::new();
    for cluster in fleet.clusters.values() {
        // Rosters are read half as often as services are looked at.
        let looks = services.get(&cluster.arn).map_or(0, |services| services.div_ceil(LOOK));
        *halves.entry(&cluster.context).or_default() += 2 * looks + 1;
    }
    let most = halves.into_values().max().unwrap_or(0);
    REST.max(Duration::from_secs((most / (2 * PER_SECOND)) as u64))
}

/// How long the tasks of clusters that are not on the screen count as fresh: as long as it takes
/// to read those of all clusters of the largest context within its budget.
fn tasks_interval(fleet: &Fleet) -> Duration {
    let mut clusters: BTreeMap<&ContextId, usize> = BTreeMap::new();
    for cluster in fleet.clusters.values() {
        *clusters.entry(&cluster.context).or_default() += 1;
    }
    let most = clusters.into_values().max().unwrap_or(0);
    TASKS.max(Duration::from_secs((most * PER_TASKS / PER_SECOND) as u64))
}
/// Everything that is wished for, given what is known and what is on the screen.
pub(super) fn wishes(fleet: &Fleet, focus: &Focus, changed: &BTreeSet<Arn>) -> Vec<Wish> {
    let mut wishes = of_contexts(fleet);
    let mut wish = |topic, context: &ContextId, lane, interval| {
        wishes.push(Wish { topic, context: context.clone(), lane, interval });
    };
    let (rest, tasks) = (rest_interval(fleet), tasks_interval(fleet));
    for cluster in fleet.clusters.values() {
        let (arn, context) = (&cluster.arn, &cluster.context);
        wish(Topic::Roster(arn.clone()), context, Lane::Rest, ROSTER.max(rest * 2));
        let shown = |set: &BTreeSet<Arn>| if set.contains(arn) { Lane::Screen } else { Lane::Rest };
        let fresh = if focus.tasks.contains(arn) || changed.contains(arn) { CHANGED } else { tasks };
        wish(Topic::Tasks(arn.clone(), Which::Running), context, shown(&focus.tasks), fresh);
        if focus.stopped.contains(arn) {
            wish(Topic::Tasks(arn.clone(), Which::Stopped), context, Lane::Screen, CHANGED);
        } else if focus.stirred.contains(arn) {
            wish(Topic::Tasks(arn.clone(), Which::Stopped), context, Lane::Rest, STOPPED);
        }
    }
    for (arn, entry) in &fleet.services {
        let shown = focus.services.contains(arn);
        let (lane, interval) = if shown { (Lane::Screen, focus.pace) } else { (Lane::Rest, rest) };
        wish(Topic::Look(arn.clone()), &entry.context, lane, interval);
        if focus.behind.contains(arn) || focus.bounds.contains(arn) {
            wish(Topic::Scaling(arn.clone()), &entry.context, Lane::Screen, BEHIND);
        }
        if focus.behind.contains(arn) {
            wish(Topic::Deployments(arn.clone()), &entry.context, Lane::Screen, BEHIND);
        }
    }
    for (definitions, lane) in [(&focus.definitions, Lane::Screen), (&focus.unsettled, Lane::Rest)] {
        for (context, definition) in definitions {
            wish(Topic::Definition(definition.clone()), context, lane, Duration::MAX);
        }
    }
    for (context, repository) in &focus.images {
        // A list takes a request for each thousand images: a long one is read less often.
        let pages = fleet.images.get(repository).map_or(1, |images| images.len().div_ceil(IMAGES).max(1));
        let interval = BEHIND.saturating_mul(u32::try_from(pages).unwrap_or(u32::MAX));
        wish(Topic::Images(repository.clone()), context, Lane::Screen, interval);
    }
    // An index is read once: what has its digest never changes.
    for (context, repository, digest) in &focus.indexes {
        wish(Topic::Index(repository.clone(), digest.clone()), context, Lane::Screen, Duration::MAX);
    }
    if let Some((context, subject)) = &focus.raw {
        wish(Topic::Raw(subject.clone()), context, Lane::Screen, BEHIND);
    }
    wishes
}

fn of_contexts(fleet: &Fleet) -> Vec<Wish> {
    let mut wishes = vec![];
    for context in fleet.contexts.values() {
        let id = &context.id;
        let wish = |topic, interval| Wish { topic, context: id.clone(), lane: Lane::Rest, interval };
        if context.identity.is_none() {
            wishes.push(wish(Topic::Identity(id.clone()), Duration::MAX));
        }
        if context.same_as.is_none() {
            wishes.push(wish(Topic::Clusters(id.clone()), CLUSTERS));
        }
    }
    wishes
}
/// The question that the first of `wishes` is part of, with the wishes that it fulfils beside.
pub(super) fn question(fleet: &Fleet, wishes: &[Wish], taken: &BTreeSet<Topic>) -> Option<(About, Vec<Topic>)> {
    let first = wishes.first()?;
    let alike = |kin: &dyn Fn(&Topic) -> Option<Arn>, most: usize| -> Vec<Arn> {
        let others = wishes.iter().filter(|wish| wish.context == first.context && !taken.contains(&wish.topic));
        others.filter_map(|wish| kin(&wish.topic)).take(most).collect()
    };
    let alone = |about| Some((about, vec![first.topic.clone()]));
    match &first.topic {
        Topic::Identity(_) => alone(About::Identity),
        Topic::Clusters(_) => alone(About::Clusters),
        Topic::Roster(cluster) => alone(About::Roster(cluster.clone())),
        Topic::Tasks(cluster, which) => alone(About::Tasks(cluster.clone(), *which)),
        Topic::Definition(arn) => alone(About::Definition(arn.clone())),
        Topic::Images(repository) => alone(About::Images(repository.clone())),
        Topic::Raw(subject) => alone(About::Raw(subject.clone())),
        Topic::Deployments(service) => {
            let cluster = fleet.services.get(service)?.cluster.clone();
            alone(About::Deployments { cluster, service: service.clone() })
        }
        Topic::Index(repository, _) => {
            let of = |wish: &Wish| match &wish.topic {
                Topic::Index(of, digest) if of == repository && wish.context == first.context => Some(digest.clone()),
                _ => None,
            };
            let digests: Vec<String> =
                wishes.iter().filter(|wish| !taken.contains(&wish.topic)).filter_map(of).take(INDEXES).collect();
            let topics = digests.iter().map(|digest| Topic::Index(repository.clone(), digest.clone())).collect();
            Some((About::Indexes(repository.clone(), digests), topics))
        }
        Topic::Look(service) => {
            let cluster = &fleet.services.get(service)?.cluster;
            let kin = |topic: &Topic| match topic {
                Topic::Look(arn) if fleet.services.get(arn).is_some_and(|entry| entry.cluster == *cluster) => {
                    Some(arn.clone())
                }
                _ => None,
            };
            let services = alike(&kin, LOOK);
            let topics = services.iter().cloned().map(Topic::Look).collect();
            Some((About::Look(cluster.clone(), services), topics))
        }
        Topic::Scaling(_) => {
            let kin = |topic: &Topic| match topic {
                Topic::Scaling(arn) => Some(arn.clone()),
                _ => None,
            };
            let services = alike(&kin, SCALING);
            let topics = services.iter().cloned().map(Topic::Scaling).collect();
            Some((About::Scaling(services), topics))
        }
    }
}

fn by_cluster(fleet: &Fleet) -> BTreeMap<&Arn, usize> {
    let mut counts: BTreeMap<&Arn, usize> = BTreeMap::new();
    for entry in fleet.services.values() {
        *counts.entry(&entry.cluster).or_default() += 1;
    }
    counts
}
