//! From a key to a proposal: what it is about is captured, by ARN, when the key is pressed.

use super::keys::go;
use super::typing;
use crate::app::changes::{Asking, Change, Origin, Stage};
use crate::app::command::Command;
use crate::app::listing;
use crate::app::page::gist;
use crate::app::state::{Asked, Explained, Item, State, View};
use crate::fleet::Arn;
use crate::fleet::tenancy::Home;
use crate::plan::verbs::VerbInfo;
use crate::plan::{self, Access, Argument, BoundsPolicy, Count, PlanId, Proposal, Refusal, Resource, Verb, VerbName};
use crate::text::clean;

/// Why jobs cannot be changed.
pub(super) const JOBS: &str = "jobs are not services: there is nothing that could be changed";

/// Proposes a verb: at once, after a count was typed, or for the plan that is to be undone.
pub(super) fn verb(state: &mut State, info: &'static VerbInfo) {
    let proposed = match info.argument {
        Argument::None(make) => targets(state).map(|services| propose(state, make(), services)),
        Argument::Count(_) => {
            targets(state).map(|services| typing::ask(state, Asked::Count(info.verb_name(), services), ""))
        }
        Argument::Plan => changeable(state).map(|()| undo(state)),
    };
    if let Err(why) = proposed {
        state.notice = Some(why);
    }
}

/// Proposes the number of tasks that was typed; where it is none, says so and asks on.
pub(super) fn count(state: &mut State, verb: VerbName, services: Vec<Arn>, text: &str) {
    let Argument::Count(make) = verb.info().argument else { return };
    let count = Count::parse(text).and_then(|count| {
        let desired = |arn: &Arn| state.fleet.service(arn).map(|service| service.desired);
        let impossible = |arn: &Arn| desired(arn).is_some_and(|desired| count.of(desired).is_none());
        match services.as_slice() {
            [one] if impossible(one) => {
                let now = desired(one).unwrap_or_default();
                Err(format!("{} has a desired count of {now}: {count} would be fewer than none", clean(one.name())))
            }
            several if several.iter().all(impossible) => Err(format!("{count} would be fewer than none everywhere")),
            _ => Ok(count),
        }
    });
    match count {
        Ok(count) => {
            state.input = None;
            propose(state, make(count, BoundsPolicy::Keep), services);
        }
        Err(why) => state.notice = Some(why),
    }
}

/// Proposes to take a change back: the one on the screen, or of the list the selected one, else the
/// last that is finished; on a selected step of a result, only that step.
fn undo(state: &mut State) {
    let selected = listing::selected(state);
    let (id, only) = match (&state.screen().view, selected) {
        (View::Plan(id), Some(item)) => (Some(id.clone()), resource_of(state, id, &item)),
        (View::Plan(id), None) => (Some(id.clone()), None),
        (View::Plans, Some(Item::Plan(id))) => (Some(id), None),
        _ => (last_finished(state), None),
    };
    let Some(change) = id.and_then(|id| state.changes.get(&id)) else {
        state.notice = Some("nothing was changed in this session that could be undone".to_owned());
        return;
    };
    let plan = match (&change.stage, change.plan()) {
        _ if only.is_none() && state.changes.is_taken_back(change) => Err("it was taken back already".to_owned()),
        _ if change.is_running() => Err("it is still in progress; it can be undone once its steps are over".to_owned()),
        (Stage::Asking(_) | Stage::Ready(_) | Stage::Nothing(_), _) if matches!(change.origin, Origin::Proposed(_)) => {
            Err("nothing of it was done: there is nothing to undo".to_owned())
        }
        (_, Some(plan)) => Ok((plan.clone(), change.endings())),
        (_, None) => Err("nothing of it was done: there is nothing to undo".to_owned()),
    };
    let id = state.changes.next_id();
    let now = state.now;
    let proposal = plan.and_then(|(plan, endings)| plan::undo(&plan, &endings, only.as_ref(), id, now));
    match proposal {
        Ok(proposal) => start(state, proposal),
        Err(why) => state.notice = Some(why),
    }
}

/// The newest change whose steps are over, and were not left as they were.
fn last_finished(state: &State) -> Option<PlanId> {
    let over = |change: &&_| matches!(change, Change { stage: Stage::Confirmed(..), .. } if !change.is_running());
    state.changes.iter().find(over).map(|change| change.id.clone())
}

/// The resource of the plan `id` that `item` stands for.
fn resource_of(state: &State, id: &PlanId, item: &Item) -> Option<Resource> {
    let resources = state.changes.get(id)?.resources();
    resources.into_iter().find(|resource| gist::item(resource) == *item).cloned()
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
    if let Some(why) = proposal.resources.iter().find_map(|resource| busy(state, resource)) {
        state.notice = Some(why);
        return;
    }
    let id = proposal.id.clone();
    let origin = Origin::Proposed(proposal);
    state.changes.push(Change { id: id.clone(), origin, stage: Stage::Asking(Asking::default()) });
    go(state, View::Plan(id));
}

/// Why `resource` must not be changed now: another plan changes it.
pub(super) fn busy(state: &State, resource: &Resource) -> Option<String> {
    let change = state.changes.busy_with(resource)?;
    let plans = state.key(Command::Plans);
    let verb = change.verb();
    Some(format!("{} is being changed by another plan ({verb}); {plans} shows it", resource.name()))
}

/// Whether anything may be changed in this run.
pub(super) fn changeable(state: &State) -> Result<(), String> {
    match state.run.policy.access {
        Access::ReadOnly => Err(Refusal::ReadOnly.to_string()),
        Access::ReadWrite => Ok(()),
    }
}

/// The services that a change would be about: the marked rows', the selected row's, or the screen's own.
///
/// Else why there are none.
pub(super) fn targets(state: &State) -> Result<Vec<Arn>, String> {
    changeable(state)?;
    match &state.screen().view {
        View::Service(arn) | View::Explain(Explained::Service(arn)) => of_item(state, &Item::Service(arn.clone())),
        View::Fleet | View::Environment(_) => of_rows(state),
        View::Task(_) => Err("a task is not changed by itself; go back to its service".to_owned()),
        _ => Err("nothing here can be changed; select an environment or a service".to_owned()),
    }
}

fn of_rows(state: &State) -> Result<Vec<Arn>, String> {
    let list = &state.screen().list;
    if !list.marks.is_empty() {
        // In the order in which the rows stand, those among them that a filter hides.
        let marked = list.order.iter().filter(|item| list.marks.contains(item));
        let services: Vec<Arn> = marked.filter_map(|item| of_item(state, item).ok()).flatten().collect();
        let gone = || "the marked rows have no services any more".to_owned();
        return if services.is_empty() { Err(gone()) } else { Ok(services) };
    }
    match listing::selected(state) {
        None => Err("no row is selected".to_owned()),
        Some(_) if !listing::is_seen(state) => Err("the selected line is not on the screen".to_owned()),
        Some(item) => of_item(state, &item),
    }
}

fn of_item(state: &State, item: &Item) -> Result<Vec<Arn>, String> {
    let services: Vec<Arn> = match item {
        Item::Home(home) if *home != Home::jobs() => state.board.services(home).cloned().collect(),
        Item::Service(arn) if state.fleet.services.contains_key(arn) => vec![arn.clone()],
        Item::Home(_) | Item::Task(_) => return Err(JOBS.to_owned()),
        Item::Service(_) | Item::Plan(_) | Item::Line(_) => vec![],
    };
    if services.is_empty() { Err("it is gone".to_owned()) } else { Ok(services) }
}
