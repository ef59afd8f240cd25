//! What has to be read before a plan can be built, and what shows whether it still holds.

use std::collections::{BTreeMap, BTreeSet};

use super::build::{PlanInput, ResourceView, locate};
use super::model::Plan;
use super::proposal::Proposal;
use super::resource::Resource;
use crate::fleet::{Arn, ContextId, Query, QueryKind, SCALABLE_TARGETS_PER_QUERY, SERVICES_PER_QUERY, TaskFilter};

/// Questions that are still to be put; none once a plan can be built of `proposal`, given that all that
/// was asked has been answered or is in what failed.
///
/// First what describes every resource, the running tasks of its cluster, the caller where that is unknown, and what
/// the verb asks for of each resource. Then what the verb asks for once the resource and its tasks are known. Nothing
/// is asked that is in `asked` already, in whatever batch.
pub fn preflight_queries(proposal: &Proposal, input: &PlanInput<'_>, asked: &BTreeSet<Query>) -> Vec<Query> {
    let resources: BTreeSet<&Resource> = proposal.resources.iter().collect();
    let located: Vec<(&Resource, &ContextId)> =
        resources.into_iter().filter_map(|resource| Some((resource, locate(resource, input.fleet)?))).collect();
    let verb = proposal.verb.kind();
    let contexts: BTreeSet<&ContextId> = located.iter().map(|(_, context)| *context).collect();
    let unnamed = |id: &&ContextId| input.fleet.contexts.get(*id).is_some_and(|context| context.identity.is_none());
    let identities = contexts.into_iter().filter(unnamed).map(|context| (context, QueryKind::Identity));
    let around = located.iter().flat_map(|(resource, context)| {
        let tasks = resource.cluster().map(|cluster| QueryKind::Tasks(cluster.clone(), TaskFilter::Running));
        let own = describe(resource).into_iter().chain(verb.queries(resource));
        tasks.into_iter().chain(own).map(|about| (*context, about))
    });
    let mut asks = batched(identities.chain(around), asked);
    let mut follow_ups: BTreeSet<Query> = BTreeSet::new();
    for (resource, context) in located {
        let view = ResourceView { resource, context, input, since: proposal.made_at };
        if view.is_described() && view.is_surveyed() && verb.refusal(&view).is_none() {
            let abouts = verb.follow_up_queries(&view).into_iter();
            follow_ups.extend(abouts.map(|about| Query { context: context.clone(), kind: about }));
        }
    }
    asks.extend(follow_ups.into_iter().filter(|ask| !asked.contains(ask)));
    asks
}

/// Questions that show whether `plan` still holds, but for those in `asked`.
pub fn drift_queries(plan: &Plan, asked: &BTreeSet<Query>) -> Vec<Query> {
    let abouts = plan.tracks.iter().flat_map(|track| {
        let queries = track.steps.iter().flat_map(|step| step.kind().drift_queries(&track.target.resource));
        queries.map(|about| (&track.target.context, about))
    });
    batched(abouts, asked)
}

/// What describes `resource` itself; nothing where another question about it does.
fn describe(resource: &Resource) -> Option<QueryKind> {
    match resource {
        Resource::Service { arn, cluster } => Some(QueryKind::Services(cluster.clone(), vec![arn.clone()])),
        _ => None,
    }
}

/// Whether autoscaling can be asked about `service`: its ARN has to name the cluster, which those
/// of the old format do not.
pub(super) fn has_bounds(service: &Arn) -> bool {
    let resource = service.as_str().splitn(6, ':').nth(5).unwrap_or_default();
    resource.starts_with("service/") && resource.split('/').count() == 3
}

/// These questions, each once and in batches as large as AWS takes, but for what is in `asked` in whatever batch.
fn batched<'a>(abouts: impl Iterator<Item = (&'a ContextId, QueryKind)>, asked: &BTreeSet<Query>) -> Vec<Query> {
    let mut seen = QueriedBatches::default();
    for ask in asked {
        seen.is_new(&ask.context, &ask.kind);
    }
    let mut single: Vec<Query> = vec![];
    let mut looks: BTreeMap<(&ContextId, Arn), BTreeSet<Arn>> = BTreeMap::new();
    let mut bounds: BTreeMap<&ContextId, BTreeSet<Arn>> = BTreeMap::new();
    for (context, about) in abouts {
        if !seen.is_new(context, &about) {
            continue;
        }
        match about {
            QueryKind::Services(cluster, services) => looks.entry((context, cluster)).or_default().extend(services),
            QueryKind::ScalableTargets(services) => bounds.entry(context).or_default().extend(services),
            about => single.push(Query { context: context.clone(), kind: about }),
        }
    }
    let ask = |context: &ContextId, about| Query { context: context.clone(), kind: about };
    for ((context, cluster), services) in looks {
        let services: Vec<Arn> = services.into_iter().collect();
        single.extend(
            services
                .chunks(SERVICES_PER_QUERY)
                .map(|some| ask(context, QueryKind::Services(cluster.clone(), some.to_vec()))),
        );
    }
    for (context, services) in bounds {
        let services: Vec<Arn> = services.into_iter().collect();
        single.extend(
            services
                .chunks(SCALABLE_TARGETS_PER_QUERY)
                .map(|some| ask(context, QueryKind::ScalableTargets(some.to_vec()))),
        );
    }
    single
}

/// What was asked already: services and clusters by themselves, in whatever batch and through whatever context.
#[derive(Default)]
struct QueriedBatches {
    looks: BTreeSet<Arn>,
    bounds: BTreeSet<Arn>,
    tasks: BTreeSet<Arn>,
    others: BTreeSet<(ContextId, QueryKind)>,
}

impl QueriedBatches {
    /// Records a question, and returns whether anything of it was not asked before.
    fn is_new(&mut self, context: &ContextId, about: &QueryKind) -> bool {
        let add = |all: &mut BTreeSet<Arn>, some: &[Arn]| {
            let before = all.len();
            all.extend(some.iter().cloned());
            all.len() > before
        };
        match about {
            QueryKind::Services(_, services) => add(&mut self.looks, services),
            QueryKind::ScalableTargets(services) => add(&mut self.bounds, services),
            QueryKind::Tasks(cluster, TaskFilter::Running) => self.tasks.insert(cluster.clone()),
            other => self.others.insert((context.clone(), other.clone())),
        }
    }
}
