//! Whether a plan still shows what is there: the plan stays as it is while the fleet moves.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::{About, Arn, Ask, ContextId, Fleet, LOOK, SCALING};
use crate::plan::{Plan, Range, Step, Track};

/// Tracks of `plan` whose service is no longer as the plan shows it, by their place in the plan, each
/// with what is there now.
pub fn outdated(plan: &Plan, fleet: &Fleet) -> Vec<(usize, String)> {
    let tracks = plan.tracks.iter().enumerate();
    tracks
        .filter_map(|(at, track)| Some((at, track.steps.iter().find_map(|step| differs(track, step, fleet))?)))
        .collect()
}

/// What `step` relies on and is otherwise now, in words.
fn differs(track: &Track, step: &Step, fleet: &Fleet) -> Option<String> {
    let Some(entry) = fleet.services.get(&track.target.service) else { return Some("it is gone now".to_owned()) };
    let service = &entry.look.as_ref()?.service;
    match step {
        Step::Count { from, .. } => (service.desired != *from).then(|| format!("{} now, not {from}", service.desired)),
        Step::Redeploy { replaces, .. } => {
            let primary = service.primary().map(|primary| primary.id.as_str());
            (primary != Some(replaces.as_str())).then(|| "another deployment has begun".to_owned())
        }
        Step::Bounds { from, .. } => {
            let now = fleet.scaling.get(&track.target.service)?;
            let now = now.as_ref().map(|scaling| Range { minimum: scaling.min, maximum: scaling.max });
            match now {
                Some(now) if now == *from => None,
                Some(now) => Some(format!("autoscaling {now} now, not {from}")),
                None => Some("it is not autoscaled any more".to_owned()),
            }
        }
    }
}

/// Questions that show how the services of `plan` are now, but for those in `asked`.
pub(super) fn looks(plan: &Plan, asked: &BTreeSet<Ask>) -> Vec<Ask> {
    let mut looks: BTreeMap<(&ContextId, &Arn), Vec<Arn>> = BTreeMap::new();
    let mut bounds: BTreeMap<&ContextId, Vec<Arn>> = BTreeMap::new();
    for Track { target, steps } in &plan.tracks {
        looks.entry((&target.context, &target.cluster)).or_default().push(target.service.clone());
        if steps.iter().any(|step| matches!(step, Step::Bounds { .. })) {
            bounds.entry(&target.context).or_default().push(target.service.clone());
        }
    }
    let looks = looks.into_iter().flat_map(|((context, cluster), services)| {
        let ask = |some: &[Arn]| Ask { context: context.clone(), about: About::Look(cluster.clone(), some.to_vec()) };
        services.chunks(LOOK).map(ask).collect::<Vec<_>>()
    });
    let bounds = bounds.into_iter().flat_map(|(context, services)| {
        let ask = |some: &[Arn]| Ask { context: context.clone(), about: About::Scaling(some.to_vec()) };
        services.chunks(SCALING).map(ask).collect::<Vec<_>>()
    });
    looks.chain(bounds).filter(|ask| !asked.contains(ask)).collect()
}
