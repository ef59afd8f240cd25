//! Restore: what a plan changed, as it was before. Also called undo.

use jiff::Timestamp;

use super::super::build::{PlannedSteps, ResourceView};
use super::{Argument, BoundsPolicy, Verb, VerbInfo, VerbKind, scale};
use crate::fleet::QueryKind;
use crate::plan::journal_entry::{StepOutcome, StepResult};
use crate::plan::model::{Plan, Reason, Track};
use crate::plan::proposal::{PlanId, Proposal};
use crate::plan::resource::Resource;
use crate::plan::steps::{Inverse, Step};

/// Its row in the table of verbs.
pub static INFO: VerbInfo =
    VerbInfo { name: "undo", help: "Restore what a plan changed", examples: "", argument: Argument::Plan };

/// What a plan changed, as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restore {
    /// For each resource, the steps that take back what was done to it, in order.
    pub steps: Vec<(Resource, Vec<Step>)>,
}

impl VerbKind for Restore {
    fn info(&self) -> &'static VerbInfo {
        &INFO
    }

    fn queries(&self, resource: &Resource) -> Vec<QueryKind> {
        scale::bounds_query(resource)
    }

    fn follow_up_queries(&self, _: &ResourceView<'_>) -> Vec<QueryKind> {
        vec![]
    }

    fn refusal(&self, view: &ResourceView<'_>) -> Option<String> {
        scale::refusal(&view.service()?)
    }

    fn steps(&self, view: &ResourceView<'_>) -> Result<PlannedSteps, Reason> {
        let own = self.steps.iter().filter(|(resource, _)| resource == view.resource);
        let mut steps = vec![];
        for step in own.flat_map(|(_, steps)| steps) {
            steps.extend(step.kind().rebase(view.resource, view.input)?);
        }
        if steps.is_empty() {
            return Err(Reason::Already("already as it was before".to_owned()));
        }
        let notes = view.service().and_then(|view| scale::autoscaling(&view, &steps)).into_iter().collect();
        Ok(PlannedSteps { steps, notes, after: vec![] })
    }

    fn with_other_bounds(&self) -> Option<(Verb, BoundsPolicy)> {
        None
    }
}

/// What takes back those steps of `plan` that were done: of all its resources, or of `only` one.
///
/// `endings` are those of its tracks, in order; a track that has none, and steps after the last of
/// them, were not done. The plan that comes of it starts from the state that is read then, like any other.
///
/// # Errors
///
/// Nothing was done, or what was done leaves nothing to be restored; in words.
pub fn undo(
    plan: &Plan,
    endings: &[Vec<StepResult>],
    only: Option<&Resource>,
    id: PlanId,
    now: Timestamp,
) -> Result<Proposal, String> {
    let meant = |track: &&Track| only.is_none_or(|only| track.target.resource == *only);
    if let Some(only) = only.filter(|_| !plan.tracks.iter().any(|track| meant(&track))) {
        return Err(format!("{} is not among what plan {} changes", only.name(), plan.id));
    }
    let with_endings =
        plan.tracks.iter().enumerate().map(|(at, track)| (track, endings.get(at).map_or(&[][..], Vec::as_slice)));
    let done: Vec<(&Track, Vec<&Step>)> = with_endings
        .filter(|(track, _)| meant(track))
        .map(|(track, endings)| (track, done(track, endings)))
        .filter(|(_, steps)| !steps.is_empty())
        .collect();
    if done.is_empty() {
        return Err("nothing was done that could be undone".to_owned());
    }
    let inverses = done.iter().map(|(track, done)| (track.target.resource.clone(), inverse(done)));
    let steps: Vec<(Resource, Vec<Step>)> = inverses.filter(|(_, steps)| !steps.is_empty()).collect();
    if steps.is_empty() {
        return Err(nothing_to_restore(&done));
    }
    let resources = steps.iter().map(|(resource, _)| resource.clone()).collect();
    let verb = Verb::Restore(Restore { steps });
    Ok(Proposal { id, verb, resources, undoes: Some(plan.id.clone()), reason: None, made_at: now })
}

/// The steps that were done.
fn done<'a>(track: &'a Track, endings: &[StepResult]) -> Vec<&'a Step> {
    let ended = track.steps.iter().zip(endings);
    ended.filter(|(_, ending)| ending.verdict == StepOutcome::Done).map(|(step, _)| step).collect()
}

/// The steps that take `done` back: the last first, and for what was set several times only what was there first.
fn inverse(done: &[&Step]) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![];
    for step in done.iter().rev() {
        let Inverse::Step(inverse) = step.kind().inverse() else { continue };
        match steps.iter_mut().find(|later| inverse.kind().sets_the_same(later)) {
            Some(later) => *later = inverse,
            None => steps.push(inverse),
        }
    }
    steps
}

/// Why nothing of what was done can be taken back: the reason that names most.
fn nothing_to_restore(done: &[(&Track, Vec<&Step>)]) -> String {
    let reasons = done.iter().flat_map(|(_, steps)| steps).filter_map(|step| match step.kind().inverse() {
        Inverse::Nothing(why) => Some((step.kind().is_grave(), why)),
        Inverse::Step(_) => None,
    });
    // A grave step has replaced something: what that was is worth more than that nothing was.
    reasons.max_by_key(|(grave, _)| *grave).map(|(_, why)| why).unwrap_or_default()
}
