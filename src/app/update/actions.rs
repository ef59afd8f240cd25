//! From a key to a proposal: what it is about is captured, by ARN, when the key is pressed.

use super::input;
use super::keys::go;
use crate::app::changes::{Change, Origin, Preflight, Stage};
use crate::app::command::Command;
use crate::app::list;
use crate::app::notice::{ChangeNotice, Notice};
use crate::app::page::summary;
use crate::app::state::{Item, Prompt, State, View};
use crate::app::subject::{Subject, subjects};
use crate::fleet::Arn;
use crate::plan::verbs::VerbInfo;
use crate::plan::{self, Access, Argument, BoundsPolicy, Count, PlanId, Proposal, Refusal, Resource, Verb, VerbName};
use crate::text::clean;

/// Proposes a verb: at once, after a count was typed, or for the plan that is to be undone.
pub(super) fn verb(state: &mut State, info: &'static VerbInfo) {
    let proposed = match info.argument {
        Argument::None(make) => targets(state).map(|services| propose(state, make(), services)),
        Argument::Count(_) => {
            targets(state).map(|services| input::ask(state, Prompt::Count(info.verb_name(), services), ""))
        }
        Argument::Plan => changeable(state).map(|()| undo(state)),
    };
    if let Err(why) = proposed {
        state.notify(why);
    }
}

/// Proposes the number of tasks that was typed; where it is none, says so and asks on.
pub(super) fn count(state: &mut State, verb: VerbName, services: Vec<Arn>, text: &str) {
    let Argument::Count(make) = verb.info().argument else { return };
    let count = Count::parse(text).map_err(Notice::Plan).and_then(|count| {
        let desired = |arn: &Arn| state.fleet.service(arn).map(|service| service.desired);
        let impossible = |arn: &Arn| desired(arn).is_some_and(|desired| count.of(desired).is_none());
        match services.as_slice() {
            [one] if impossible(one) => {
                let desired = desired(one).unwrap_or_default();
                let service = clean(one.name()).into_owned();
                Err(ChangeNotice::BelowZero { service, desired, count }.into())
            }
            several if several.iter().all(impossible) => Err(ChangeNotice::BelowZeroEverywhere(count).into()),
            _ => Ok(count),
        }
    });
    match count {
        Ok(count) => {
            state.input = None;
            propose(state, make(count, BoundsPolicy::Keep), services);
        }
        Err(why) => state.notify(why),
    }
}

/// Proposes to take a change back: the one on the screen, or of the list the selected one, else the
/// last that is finished; on a selected step of a result, only that step.
fn undo(state: &mut State) {
    let selected = list::selected(state);
    let (id, only) = match (state.screen().view.plan(), selected) {
        (Some(id), Some(item)) => (Some(id.clone()), resource_of(state, id, &item)),
        (Some(id), None) => (Some(id.clone()), None),
        (None, Some(Item::Plan(id))) => (Some(id), None),
        (None, _) => (last_finished(state), None),
    };
    let Some(change) = id.and_then(|id| state.changes.get(&id)) else {
        state.notify(ChangeNotice::NothingToUndo);
        return;
    };
    let plan = match (&change.stage, change.plan()) {
        _ if only.is_none() && state.changes.is_taken_back(change) => Err(ChangeNotice::AlreadyUndone.into()),
        _ if change.is_running() => Err(ChangeNotice::UndoTooEarly.into()),
        (Stage::Reading(_) | Stage::Ready(_) | Stage::Nothing(_), _)
            if matches!(change.origin, Origin::Proposed(_)) =>
        {
            Err(ChangeNotice::NothingDone.into())
        }
        (_, Some(plan)) => Ok((plan.clone(), change.endings())),
        (_, None) => Err(ChangeNotice::NothingDone.into()),
    };
    let id = state.changes.next_id();
    let now = state.now;
    let proposal =
        plan.and_then(|(plan, endings)| plan::undo(&plan, &endings, only.as_ref(), id, now).map_err(Notice::Plan));
    match proposal {
        Ok(proposal) => start(state, proposal),
        Err(why) => state.notify(why),
    }
}

/// The newest change whose steps are over, and were not left as they were.
fn last_finished(state: &State) -> Option<PlanId> {
    let over = |change: &&_| matches!(change, Change { stage: Stage::Confirmed(..), .. } if !change.is_running());
    state.changes.iter().find(over).map(|change| change.id.clone())
}

/// The resource of the plan `id` that `item` represents.
fn resource_of(state: &State, id: &PlanId, item: &Item) -> Option<Resource> {
    let resources = state.changes.get(id)?.resources();
    resources.into_iter().find(|resource| summary::item(resource) == *item).cloned()
}

fn propose(state: &mut State, verb: Verb, services: Vec<Arn>) {
    let id = state.changes.next_id();
    let clusters = &state.fleet.services;
    let resource = |arn: Arn| {
        let cluster = clusters.get(&arn)?.cluster.clone();
        Some(Resource::Service { arn, cluster })
    };
    let resources = services.into_iter().filter_map(resource).collect();
    let made_at = state.now;
    start(state, Proposal { id, verb, resources, undoes: None, reason: None, made_at });
}

/// Goes to the plan that `proposal` becomes; two plans never change one service at once.
fn start(state: &mut State, proposal: Proposal) {
    if let Some(why) = proposal.resources.iter().find_map(|resource| busy_reason(state, resource)) {
        state.notify(why);
        return;
    }
    let id = proposal.id.clone();
    let origin = Origin::Proposed(proposal);
    state.changes.push(Change { id: id.clone(), origin, stage: Stage::Reading(Preflight::default()) });
    go(state, View::Plan(id));
}

/// Why `resource` must not be changed now: another plan changes it.
pub(super) fn busy_reason(state: &State, resource: &Resource) -> Option<ChangeNotice> {
    let change = state.changes.busy_with(resource)?;
    let plans = state.key(Command::Plans);
    Some(ChangeNotice::Busy { resource: resource.name(), verb: change.verb(), plans })
}

/// Whether anything may be changed in this run.
pub(super) fn changeable(state: &State) -> Result<(), Notice> {
    match state.run.policy.access {
        Access::ReadOnly => Err(Refusal::ReadOnly.into()),
        Access::ReadWrite => Ok(()),
    }
}

/// The services that a change would be about: those of the subjects.
///
/// Else why there are none.
pub(super) fn targets(state: &State) -> Result<Vec<Arn>, Notice> {
    changeable(state)?;
    if super::plans::awaits_confirmation(state) || super::plans::is_reading(state) {
        let back = state.key(Command::Back);
        return Err(ChangeNotice::PlanFirst { back }.into());
    }
    let subjects = subjects(state)?;
    let mut services = vec![];
    for subject in &subjects {
        match services_of(state, subject) {
            Ok(own) => services.extend(own),
            // Of several marked rows some may be gone.
            Err(why) if subjects.len() == 1 => return Err(why),
            Err(_) => {}
        }
    }
    if services.is_empty() { Err(ChangeNotice::NoServicesLeft.into()) } else { Ok(services) }
}

fn services_of(state: &State, subject: &Subject) -> Result<Vec<Arn>, Notice> {
    if subject.is_job(state) {
        return Err(Notice::Jobs);
    }
    let services: Vec<Arn> = match subject {
        Subject::Environment(home) => state.fleet_view.services(home).cloned().collect(),
        other => other.service(state).filter(|arn| state.fleet.services.contains_key(arn)).into_iter().collect(),
    };
    if services.is_empty() { Err(Notice::Gone) } else { Ok(services) }
}
