//! What has to be read before a proposal can be spelt out.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Known, Seen, refusal};
use super::proposal::{Proposal, Verb};
use super::redeploy;
use crate::fleet::{About, Arn, Ask, ContextId, Entry, Fleet, LOOK, SCALING, Which};

/// Questions that are still to be put; none once `proposal` can be spelt out, given that all that
/// was asked has been answered or is in what failed.
///
/// First a look at every wished service, the running tasks of their clusters, who we are where that
/// is unknown, and for a count the bounds of autoscaling. Then, for a redeploy, what stands behind
/// the tags of the images that run, what their task definition writes where tasks show more than a tag, and what an
/// index lists that such a tag stands for. Nothing is asked that is in `asked` already, in whatever batch.
pub fn reads(proposal: &Proposal, known: &Known<'_>, asked: &BTreeSet<Ask>) -> Vec<Ask> {
    let wished: BTreeMap<&Arn, &Entry> =
        proposal.wishes.iter().filter_map(|wish| known.fleet.services.get_key_value(&wish.service)).collect();
    let mut asks = around(&wished, known.fleet, asked);
    asks.extend(looks(&wished, asked));
    match proposal.verb {
        Verb::Scale => asks.extend(bounds(&wished, asked)),
        Verb::Redeploy => asks.extend(images(proposal, &wished, known, asked)),
    }
    asks
}

/// Whether autoscaling can be asked about `service`: its ARN has to name the cluster, which those
/// of the old format do not.
pub(super) fn has_bounds(service: &Arn) -> bool {
    let resource = service.as_str().splitn(6, ':').nth(5).unwrap_or_default();
    resource.starts_with("service/") && resource.split('/').count() == 3
}

type Wished<'a> = BTreeMap<&'a Arn, &'a Entry>;

/// Who we are, and which tasks run.
fn around(wished: &Wished<'_>, fleet: &Fleet, asked: &BTreeSet<Ask>) -> Vec<Ask> {
    let contexts: BTreeSet<&ContextId> = wished.values().map(|entry| &entry.context).collect();
    let nameless = |id: &&ContextId| fleet.contexts.get(*id).is_some_and(|context| context.identity.is_none());
    let who = contexts.into_iter().filter(nameless);
    let who = who.map(|id| Ask { context: id.clone(), about: About::Identity }).filter(|ask| !asked.contains(ask));
    let clusters: BTreeMap<&Arn, &ContextId> = wished.values().map(|entry| (&entry.cluster, &entry.context)).collect();
    let is_tasks = |about: &About, cluster: &Arn| matches!(about, About::Tasks(of, Which::Running) if of == cluster);
    let unasked = |cluster: &Arn| !asked.iter().any(|ask| is_tasks(&ask.about, cluster));
    let tasks = clusters.into_iter().filter(|(cluster, _)| unasked(cluster)).map(|(cluster, context)| Ask {
        context: context.clone(),
        about: About::Tasks(cluster.clone(), Which::Running),
    });
    who.chain(tasks).collect()
}

/// How the services are.
fn looks(wished: &Wished<'_>, asked: &BTreeSet<Ask>) -> Vec<Ask> {
    let named = |ask: &Ask| match &ask.about {
        About::Look(_, services) => services.clone(),
        _ => vec![],
    };
    let asked: BTreeSet<Arn> = asked.iter().flat_map(named).collect();
    let mut groups: BTreeMap<(&ContextId, &Arn), Vec<Arn>> = BTreeMap::new();
    for (arn, entry) in wished.iter().filter(|(arn, _)| !asked.contains(**arn)) {
        groups.entry((&entry.context, &entry.cluster)).or_default().push((*arn).clone());
    }
    let batches = groups.into_iter().flat_map(|((context, cluster), services)| {
        let batch = |some: &[Arn]| Ask { context: context.clone(), about: About::Look(cluster.clone(), some.to_vec()) };
        services.chunks(LOOK).map(batch).collect::<Vec<_>>()
    });
    batches.collect()
}

/// How far autoscaling may move them.
fn bounds(wished: &Wished<'_>, asked: &BTreeSet<Ask>) -> Vec<Ask> {
    let named = |ask: &Ask| match &ask.about {
        About::Scaling(services) => services.clone(),
        _ => vec![],
    };
    let asked: BTreeSet<Arn> = asked.iter().flat_map(named).collect();
    let mut groups: BTreeMap<&ContextId, Vec<Arn>> = BTreeMap::new();
    for (arn, entry) in wished.iter().filter(|(arn, _)| has_bounds(arn) && !asked.contains(**arn)) {
        groups.entry(&entry.context).or_default().push((*arn).clone());
    }
    let batches = groups.into_iter().flat_map(|(context, services)| {
        let batch = |some: &[Arn]| Ask { context: context.clone(), about: About::Scaling(some.to_vec()) };
        services.chunks(SCALING).map(batch).collect::<Vec<_>>()
    });
    batches.collect()
}

/// What stands behind the tags that run, once it is known which do.
fn images(proposal: &Proposal, wished: &Wished<'_>, known: &Known<'_>, asked: &BTreeSet<Ask>) -> BTreeSet<Ask> {
    let since = proposal.made_at;
    let mut asks = BTreeSet::new();
    for (arn, entry) in wished {
        let Some(service) = known.seen(arn, since) else { continue };
        let tasks = |about: &About| matches!(about, About::Tasks(of, Which::Running) if *of == entry.cluster);
        let answered = known.tasks_read(&entry.cluster, since) || known.error(tasks).is_some();
        if !answered || refusal(service, proposal.verb).is_some() {
            continue;
        }
        let abouts = redeploy::asks(&Seen { service, context: &entry.context, known, since }).into_iter();
        asks.extend(abouts.map(|about| Ask { context: entry.context.clone(), about }));
    }
    asks.retain(|ask| !asked.contains(ask));
    asks
}
