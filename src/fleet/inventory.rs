//! The fleet: all that is known, put together from answers that arrive part by part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::index::FleetIndex;
use super::{
    Arn, Cluster, Context, ContextId, Definition, Identity, IndexEntry, PastDeployment, Payload, Query, QueryKind,
    Scaling, Service, StoredImage, Tagged, Task, TaskFilter,
};

/// All that is known, by id.
///
/// Answers are merged as they arrive; what is not named in one stays, and leaves only after an
/// answer that is whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// Where we look, by label.
    pub contexts: BTreeMap<ContextId, Context>,
    /// Clusters by ARN.
    pub clusters: BTreeMap<Arn, Cluster>,
    /// Services by ARN: listed, and once looked at, with what was seen.
    pub services: BTreeMap<Arn, ServiceEntry>,
    /// Tasks by cluster, then by ARN; stopped ones among them.
    pub tasks: BTreeMap<Arn, BTreeMap<Arn, Arc<Task>>>,
    /// Task definitions by ARN.
    pub definitions: BTreeMap<Arn, Arc<Definition>>,
    /// Scaling bounds by service; `None` where a service was asked about and has none.
    pub scaling: BTreeMap<Arn, Option<Scaling>>,
    /// Histories of deployments by service.
    pub deployments: BTreeMap<Arn, Vec<PastDeployment>>,
    /// Digests of tags, by reference, as of the last read.
    pub tags: BTreeMap<String, Tagged>,
    /// Images that repositories hold, by repository (`HOST/NAME`), the newest first.
    pub images: BTreeMap<String, Arc<Vec<StoredImage>>>,
    /// What indexes list, by the digest of the index: once read, it stays.
    pub indexes: BTreeMap<String, Arc<Vec<IndexEntry>>>,
    /// Clusters whose running tasks have been read to the end at least once, and when last.
    pub tasks_read: BTreeMap<Arn, Timestamp>,
    /// Services by cluster and tasks by service: what was not taken in by [`Fleet::apply`] is not in it.
    index: FleetIndex,
}

/// A service that a roster names.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceEntry {
    /// The context it was seen through.
    pub context: ContextId,
    /// The cluster it is in.
    pub cluster: Arn,
    /// When it was first listed.
    pub listed_at: Timestamp,
    /// What the last look at it saw.
    pub snapshot: Option<Snapshot>,
}

/// What one look at a service saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The service.
    pub service: Arc<Service>,
    /// When it was seen.
    pub at: Timestamp,
}

/// Whether an answer names all there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It does: what it does not name is gone.
    Complete,
    /// It stopped short.
    Partial,
}

impl Fleet {
    /// A fleet of which nothing is known but where to look.
    pub fn new(contexts: impl IntoIterator<Item = Context>) -> Self {
        let contexts = contexts.into_iter().map(|context| (context.id.clone(), context)).collect();
        Self { contexts, ..Self::default() }
    }

    /// Takes in what came back for `ask` at `now`.
    pub fn apply(&mut self, ask: &Query, facts: Payload, extent: Completeness, now: Timestamp) {
        match (&ask.kind, facts) {
            (_, Payload::Identity(identity)) => self.identified(&ask.context, identity),
            (_, Payload::Clusters(clusters)) => self.clusters_seen(&ask.context, clusters, extent),
            (QueryKind::ServiceArns(cluster), Payload::ServiceArns(arns)) => {
                self.roster(&ask.context, cluster, arns, extent, now);
            }
            (_, Payload::Services(services, missing)) => self.looked(services, &missing, now),
            (QueryKind::Tasks(cluster, which), Payload::Tasks(tasks)) => {
                self.tasks_seen(cluster, *which, tasks, extent, now);
            }
            (_, Payload::TaskDefinition(definition)) => {
                self.definitions.insert(definition.arn.clone(), Arc::new(definition));
            }
            (QueryKind::ScalableTargets(services), Payload::ScalableTargets(found)) => {
                for service in services {
                    let bounds = found.iter().find(|scaling| scaling.service == *service).cloned();
                    self.scaling.insert(service.clone(), bounds);
                }
            }
            (QueryKind::Deployments { service, .. }, Payload::Deployments(found)) => {
                self.deployments.insert(service.clone(), found);
            }
            (_, Payload::ImageTag(tagged)) => {
                self.tags.insert(tagged.reference.clone(), tagged);
            }
            (QueryKind::Images(repository), Payload::Images(images)) => self.stocked(repository, images, extent),
            (_, Payload::ImageIndexes(found)) => {
                self.indexes.extend(found.into_iter().map(|index| (index.digest, Arc::new(index.lists))));
            }
            // A raw text is shown, not known; an answer of another kind than its question names nothing.
            _ => {}
        }
    }

    /// Services of `cluster`, by ARN.
    pub fn services_of(&self, cluster: &Arn) -> impl Iterator<Item = (&Arn, &ServiceEntry)> + '_ {
        self.index.services(cluster).filter_map(|arn| self.services.get_key_value(arn))
    }

    /// The service that `arn` names, if it has been looked at.
    pub fn service(&self, arn: &Arn) -> Option<&Arc<Service>> {
        self.services.get(arn)?.snapshot.as_ref().map(|look| &look.service)
    }

    /// Tasks of the service `name` in `cluster`, running and lately stopped ones alike.
    pub fn tasks_of(&self, cluster: &Arn, name: &str) -> impl Iterator<Item = &Arc<Task>> + '_ {
        let tasks = self.tasks.get(cluster);
        self.index.tasks(cluster, name).filter_map(move |arn| tasks?.get(arn))
    }

    /// How many services `cluster` has.
    pub fn service_count(&self, cluster: &Arn) -> usize {
        self.index.service_count(cluster)
    }

    /// The task that `arn` names.
    pub fn task(&self, arn: &Arn) -> Option<&Arc<Task>> {
        self.tasks.values().find_map(|tasks| tasks.get(arn))
    }

    /// Contexts that lead to where another one leads already, in words.
    pub fn twins(&self) -> impl Iterator<Item = String> {
        self.contexts.values().filter_map(|context| {
            let (same, account) = (context.same_as.as_ref()?, &context.identity.as_ref()?.account);
            Some(format!("{} is left out: it leads to account {account} like {same}, in the same region", context.id))
        })
    }

    /// Knows of a service, in whatever way.
    pub(super) fn put_service(&mut self, arn: Arn, entry: ServiceEntry) {
        self.index.add_service(&entry.cluster, &arn);
        self.services.insert(arn, entry);
    }

    fn remove_service(&mut self, arn: &Arn) {
        if let Some(entry) = self.services.remove(arn) {
            self.index.remove_service(&entry.cluster, arn);
        }
    }

    /// Knows of a task, in whatever way.
    #[cfg(test)]
    pub(crate) fn put_task(&mut self, task: Task) {
        let cluster = task.cluster.clone();
        let known = self.tasks.entry(cluster.clone()).or_default();
        known.insert(task.arn.clone(), Arc::new(task));
        self.index.set_tasks(&cluster, known);
    }

    /// Takes in who `context` is. A second way to the same account and region is noted as such,
    /// and what was seen through it belongs to the first from then on.
    fn identified(&mut self, context: &ContextId, identity: Identity) {
        let Some(mut known) = self.contexts.get(context).cloned() else { return };
        known.identity = Some(identity);
        let first = self.contexts.values().find(|other| other.id != known.id && leads_alike(other, &known));
        known.same_as = first.map(|other| other.id.clone());
        if let Some(first) = &known.same_as {
            self.hand_over(context, first);
        }
        self.contexts.insert(context.clone(), known);
    }

    /// What was seen through `twin` is from now on what was seen through `first`.
    fn hand_over(&mut self, twin: &ContextId, first: &ContextId) {
        for cluster in self.clusters.values_mut().filter(|cluster| cluster.context == *twin) {
            cluster.context = first.clone();
        }
        for entry in self.services.values_mut().filter(|entry| entry.context == *twin) {
            entry.context = first.clone();
            if let Some(look) = &mut entry.snapshot {
                Arc::make_mut(&mut look.service).context = first.clone();
            }
        }
        let tasks = self.tasks.values_mut().flat_map(BTreeMap::values_mut);
        for task in tasks.filter(|task| task.context == *twin) {
            Arc::make_mut(task).context = first.clone();
        }
    }

    fn clusters_seen(&mut self, context: &ContextId, clusters: Vec<Cluster>, extent: Completeness) {
        // An answer may come after it has turned out that another context leads to the same place.
        let known = self.contexts.get(context);
        let context = &known.and_then(|known| known.same_as.clone()).unwrap_or_else(|| context.clone());
        if extent == Completeness::Complete {
            let named: BTreeSet<&Arn> = clusters.iter().map(|cluster| &cluster.arn).collect();
            let gone = |cluster: &Cluster| cluster.context == *context && !named.contains(&cluster.arn);
            let gone: Vec<Arn> = self.clusters.values().filter(|c| gone(c)).map(|c| c.arn.clone()).collect();
            for cluster in gone {
                self.clusters.remove(&cluster);
                self.tasks.remove(&cluster);
                self.tasks_read.remove(&cluster);
                for service in self.index.remove_cluster(&cluster) {
                    self.services.remove(&service);
                }
            }
        }
        for cluster in clusters {
            self.clusters.insert(cluster.arn.clone(), Cluster { context: context.clone(), ..cluster });
        }
    }

    fn roster(&mut self, context: &ContextId, cluster: &Arn, arns: Vec<Arn>, extent: Completeness, now: Timestamp) {
        if extent == Completeness::Complete {
            let named: BTreeSet<&Arn> = arns.iter().collect();
            let gone: Vec<Arn> = self.index.services(cluster).filter(|arn| !named.contains(arn)).cloned().collect();
            for arn in gone {
                self.remove_service(&arn);
            }
        }
        for arn in arns {
            // An ARN of the old format may be in two clusters: it stays where it was seen first.
            if !self.services.contains_key(&arn) {
                let (context, cluster) = (context.clone(), cluster.clone());
                self.put_service(arn, ServiceEntry { context, cluster, listed_at: now, snapshot: None });
            }
        }
    }

    fn looked(&mut self, services: Vec<Service>, missing: &[Arn], now: Timestamp) {
        for arn in missing {
            self.remove_service(arn);
        }
        for service in services {
            // A service that has left the roster while it was being looked at stays away.
            if let Some(entry) = self.services.get_mut(&service.arn) {
                entry.snapshot = Some(Snapshot { service: Arc::new(service), at: now });
            }
        }
    }

    /// Of a part, an image that it does not name stays, without tags that another one has now.
    fn stocked(&mut self, repository: &str, mut images: Vec<StoredImage>, extent: Completeness) {
        let known = self.images.get(repository).filter(|_| extent == Completeness::Partial);
        if let Some(known) = known {
            let digests: BTreeSet<&str> = images.iter().map(|image| image.digest.as_str()).collect();
            let tags: BTreeSet<&String> = images.iter().flat_map(|image| &image.tags).collect();
            let kept = known.iter().filter(|image| !digests.contains(image.digest.as_str())).cloned();
            let kept: Vec<StoredImage> = kept
                .map(|mut image| {
                    image.tags.retain(|tag| !tags.contains(tag));
                    image
                })
                .collect();
            images.extend(kept);
            images.sort_by_key(|image| std::cmp::Reverse(image.pushed_at));
        }
        self.images.insert(repository.to_owned(), Arc::new(images));
    }

    fn tasks_seen(&mut self, cluster: &Arn, which: TaskFilter, tasks: Vec<Task>, extent: Completeness, now: Timestamp) {
        let known = self.tasks.entry(cluster.clone()).or_default();
        if extent == Completeness::Complete {
            known.retain(|_, task| task.is_over() != (which == TaskFilter::Stopped));
        }
        known.extend(tasks.into_iter().map(|task| (task.arn.clone(), Arc::new(task))));
        self.index.set_tasks(cluster, known);
        if which == TaskFilter::Running && extent == Completeness::Complete {
            self.tasks_read.insert(cluster.clone(), now);
        }
    }
}

/// Whether `other`, which is asked, leads to where `context` leads.
fn leads_alike(other: &Context, context: &Context) -> bool {
    let account = |context: &Context| context.identity.as_ref().map(|identity| identity.account.clone());
    other.same_as.is_none()
        && other.region == context.region
        && other.endpoint == context.endpoint
        && account(other).is_some()
        && account(other) == account(context)
}

#[cfg(test)]
mod tests;
