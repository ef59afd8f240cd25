//! What has to be read, how fresh, and how urgently, given what is known and what is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::needs::{Needs, Scope};
use crate::fleet::operation::Bucket;
use crate::fleet::{Arn, ContextId, Fleet, Operation, Priority, Query, SERVICES_PER_QUERY, Subject, TaskFilter};

/// How long a list of clusters, and a cluster's list of services, count as fresh.
const ROSTER: Duration = Duration::from_mins(1);
const CLUSTERS: Duration = Duration::from_mins(5);
/// How long tasks count as fresh while nothing about their services changes.
const TASKS: Duration = Duration::from_mins(2);
/// How soon tasks are read again when something about their services has changed.
const CHANGED: Duration = Duration::from_secs(10);
/// How soon stopped tasks that explain a state are read again.
const STOPPED: Duration = Duration::from_mins(1);
/// How long bounds, deployments and raw JSON count as fresh while they are on the screen.
const DETAILS: Duration = Duration::from_secs(30);
/// How soon a service that is not on the screen is read again, at the least.
const REST: Duration = Duration::from_secs(30);
/// How soon a service is read again at the soonest, whatever is needed: never in the same moment.
const SOONEST: Duration = Duration::from_secs(1);
/// Queries a second about services, and about tasks, that one context is asked in the long run for what is not
/// on the screen: with pages and what is on the screen they stay below a quarter of the 20 a second that ECS
/// allows for each.
const PER_SECOND: usize = 3;
/// Queries a second about services on the screen, in the long run: the other part of that quarter.
const SHOWN_PER_SECOND: usize = 2;
/// Images on one page of a repository's list (API model).
const IMAGES: usize = 1_000;
/// Requests that a cluster's tasks take: a list and a description.
const PER_TASKS: usize = 2;

/// One thing that is read again and again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedKey {
    /// Who the caller is in this context.
    Identity(ContextId),
    /// The clusters of this context.
    Clusters(ContextId),
    /// The services of this cluster.
    Roster(Arn),
    /// This service.
    Look(Arn),
    /// The tasks of this cluster.
    Tasks(Arn, TaskFilter),
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
    /// The raw JSON of this.
    Raw(Subject),
    /// The answer to exactly this.
    Query(Query),
}

/// Kinds of reads, in the order in which they are sent.
///
/// Services that are known are read before more are listed, so that a large account fills the screen cluster by
/// cluster; tasks have a bucket of their own at AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadKind {
    Account,
    Services,
    ServiceLists,
    Tasks,
    Details,
}

/// One thing to read, how urgently, and for how long its last answer counts as fresh.
pub(super) struct ReadRequest {
    pub(super) key: FeedKey,
    pub(super) context: ContextId,
    pub(super) lane: Priority,
    pub(super) interval: Duration,
    /// Whether it is among what the needs want first.
    pub(super) is_first: bool,
    pub(super) state: ReadState,
}

/// How a read has gone so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReadState {
    /// Never answered, well or not.
    Unread,
    /// Answered before.
    Read,
}

/// One of AWS's token buckets: those of two contexts are apart.
pub(super) type ContextBucket = (ContextId, Bucket);

impl ReadRequest {
    /// The bucket that it takes a token from.
    pub(super) fn bucket(&self) -> ContextBucket {
        (self.context.clone(), self.key.operation().info().bucket)
    }
}

impl FeedKey {
    pub(super) fn kind(&self) -> ReadKind {
        match self {
            Self::Identity(_) | Self::Clusters(_) => ReadKind::Account,
            Self::Look(_) => ReadKind::Services,
            Self::Roster(_) => ReadKind::ServiceLists,
            Self::Tasks(..) => ReadKind::Tasks,
            Self::Definition(_)
            | Self::Scaling(_)
            | Self::Deployments(_)
            | Self::Images(_)
            | Self::Index(..)
            | Self::Raw(_)
            | Self::Query(_) => ReadKind::Details,
        }
    }

    /// The operation of its first request.
    fn operation(&self) -> Operation {
        match self {
            Self::Identity(_) => Operation::GetCallerIdentity,
            Self::Clusters(_) => Operation::ListClusters,
            Self::Roster(_) => Operation::ListServices,
            Self::Look(_) | Self::Raw(Subject::Service { .. }) => Operation::DescribeServices,
            Self::Tasks(..) => Operation::ListTasks,
            Self::Definition(_) | Self::Raw(Subject::Definition(_)) => Operation::DescribeTaskDefinition,
            Self::Scaling(_) => Operation::DescribeScalableTargets,
            Self::Deployments(_) => Operation::ListServiceDeployments,
            Self::Images(_) => Operation::DescribeImages,
            Self::Index(..) => Operation::BatchGetImage,
            Self::Raw(Subject::Task { .. }) => Operation::DescribeTasks,
            Self::Query(ask) => ask.operation(),
        }
    }
}

/// How soon a service that is not on the screen is read again.
///
/// Half a minute, or as long as it takes to read all of the largest context within its budget.
pub fn rest_interval(fleet: &Fleet) -> Duration {
    let mut halves: BTreeMap<&ContextId, usize> = BTreeMap::new();
    for cluster in fleet.clusters.values() {
        // Services are listed half as often as they are read.
        let reads = fleet.service_count(&cluster.arn).div_ceil(SERVICES_PER_QUERY);
        *halves.entry(&cluster.context).or_default() += 2 * reads + 1;
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

/// Everything that has to be read, given what is known and what is needed. Tasks of `changed` clusters are
/// read again soon.
pub(super) fn required_reads(fleet: &Fleet, needs: &Needs, changed: &BTreeSet<Arn>) -> Vec<ReadRequest> {
    let mut requests = Requests { list: vec![], needs };
    of_contexts(fleet, &mut requests);
    of_clusters(fleet, changed, &mut requests);
    of_services(fleet, &mut requests);
    of_details(fleet, &mut requests);
    requests.list
}

/// What has been found to be required so far.
struct Requests<'a> {
    list: Vec<ReadRequest>,
    needs: &'a Needs,
}

impl Requests<'_> {
    fn add(&mut self, key: FeedKey, context: &ContextId, lane: Priority, interval: Duration) {
        self.add_named(key, context, lane, interval, &[]);
    }

    fn add_named(&mut self, key: FeedKey, context: &ContextId, lane: Priority, interval: Duration, names: &[&Arn]) {
        let is_first = self.needs.is_first(names.iter().copied());
        let (context, state) = (context.clone(), ReadState::Unread);
        self.list.push(ReadRequest { key, context, lane, interval, is_first, state });
    }
}

fn of_contexts(fleet: &Fleet, requests: &mut Requests<'_>) {
    for context in fleet.contexts.values().filter(|_| requests.needs.scope >= Scope::Clusters) {
        let id = &context.id;
        if context.identity.is_none() {
            requests.add(FeedKey::Identity(id.clone()), id, Priority::Rest, Duration::MAX);
        }
        if context.same_as.is_none() {
            requests.add(FeedKey::Clusters(id.clone()), id, Priority::Rest, CLUSTERS);
        }
    }
}

fn of_clusters(fleet: &Fleet, changed: &BTreeSet<Arn>, requests: &mut Requests<'_>) {
    let needs = requests.needs;
    let list = ROSTER.max(rest_interval(fleet) * 2);
    let rest = tasks_interval(fleet);
    for cluster in fleet.clusters.values() {
        let (arn, context) = (&cluster.arn, &cluster.context);
        let mut add = |key, lane, interval| requests.add_named(key, context, lane, interval, &[arn]);
        if needs.scope >= Scope::Services || needs.lists.contains(arn) {
            add(FeedKey::Roster(arn.clone()), Priority::Rest, list);
        }
        let shown = needs.tasks.contains(arn);
        if needs.scope >= Scope::Tasks || shown {
            let interval = if shown || changed.contains(arn) { CHANGED } else { rest };
            let lane = if shown { Priority::Screen } else { Priority::Rest };
            add(FeedKey::Tasks(arn.clone(), TaskFilter::Running), lane, interval);
        }
        if needs.stopped.contains(arn) {
            add(FeedKey::Tasks(arn.clone(), TaskFilter::Stopped), Priority::Screen, CHANGED);
        } else if needs.clusters_with_stopped.contains(arn) {
            add(FeedKey::Tasks(arn.clone(), TaskFilter::Stopped), Priority::Rest, STOPPED);
        }
    }
}

fn of_services(fleet: &Fleet, requests: &mut Requests<'_>) {
    let needs = requests.needs;
    let rest = rest_interval(fleet);
    let shown_interval = shown_interval(fleet, needs, rest);
    for (arn, entry) in &fleet.services {
        let context = &entry.context;
        let shown = needs.services.contains(arn);
        if needs.scope >= Scope::Services || shown {
            let (lane, interval) = if shown { (Priority::Screen, shown_interval) } else { (Priority::Rest, rest) };
            requests.add_named(FeedKey::Look(arn.clone()), context, lane, interval, &[arn, &entry.cluster]);
        }
        let deployments = needs.deployments.contains(arn);
        if deployments || needs.bounds.contains(arn) {
            requests.add(FeedKey::Scaling(arn.clone()), context, Priority::Screen, DETAILS);
        }
        if deployments {
            requests.add(FeedKey::Deployments(arn.clone()), context, Priority::Screen, DETAILS);
        }
    }
}

/// How soon services on the screen are read again: at the pace that is needed, or where there are many, so seldom
/// that the others keep their part of the budget.
fn shown_interval(fleet: &Fleet, needs: &Needs, rest: Duration) -> Duration {
    let mut clusters: BTreeMap<&Arn, (&ContextId, usize)> = BTreeMap::new();
    for entry in needs.services.iter().filter_map(|arn| fleet.services.get(arn)) {
        clusters.entry(&entry.cluster).or_insert((&entry.context, 0)).1 += 1;
    }
    let mut reads: BTreeMap<&ContextId, usize> = BTreeMap::new();
    for (context, services) in clusters.into_values() {
        *reads.entry(context).or_default() += services.div_ceil(SERVICES_PER_QUERY);
    }
    let most = reads.into_values().max().unwrap_or(0);
    needs.pace.max(SOONEST).max(rest.min(Duration::from_secs((most / SHOWN_PER_SECOND) as u64)))
}

fn of_details(fleet: &Fleet, requests: &mut Requests<'_>) {
    let needs = requests.needs;
    for (definitions, lane) in [(&needs.definitions, Priority::Screen), (&needs.definitions_to_read, Priority::Rest)] {
        for (context, definition) in definitions {
            requests.add_named(FeedKey::Definition(definition.clone()), context, lane, Duration::MAX, &[definition]);
        }
    }
    for (context, repository) in &needs.images {
        // A list takes a request for each thousand images: a long one is read less often.
        let pages = fleet.images.get(repository).map_or(1, |images| images.len().div_ceil(IMAGES).max(1));
        let interval = DETAILS.saturating_mul(u32::try_from(pages).unwrap_or(u32::MAX));
        requests.add(FeedKey::Images(repository.clone()), context, Priority::Screen, interval);
    }
    // An index is read once: what has its digest never changes.
    for (context, repository, digest) in &needs.indexes {
        let key = FeedKey::Index(repository.clone(), digest.clone());
        requests.add(key, context, Priority::Screen, Duration::MAX);
    }
    if let Some((context, subject)) = &needs.raw {
        requests.add(FeedKey::Raw(subject.clone()), context, Priority::Screen, DETAILS);
    }
    for ask in &needs.queries {
        requests.add(FeedKey::Query(ask.clone()), &ask.context, Priority::Screen, Duration::MAX);
    }
}
