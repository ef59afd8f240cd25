//! Where one is: whose screen it is, its path, the contexts behind it, and how old what it shows is.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::app::layout::panes;
use crate::app::{Change, Explained, FeedKey, Item, Logged, Size, Stage, State, View, Words, listing};
use crate::fleet::stock::uses;
use crate::fleet::tenancy::Home;
use crate::fleet::{Arn, Context, ContextId, Subject, Task};
use crate::plan::PlanId;

/// What a screen is about.
enum About<'a> {
    Everything,
    Home(&'a Home),
    Service(&'a Arn),
    Task(&'a Arn),
}

/// The homes that the screen belongs to: one at the most, but on a plan all that it changes.
pub(super) fn homes(state: &State) -> Vec<Home> {
    match &state.screen().view {
        View::Plan(id) => {
            let homes = planned(state, id).into_iter().filter_map(|arn| place_of(state, arn));
            homes.cloned().collect::<BTreeSet<_>>().into_iter().collect()
        }
        _ => home(state).into_iter().collect(),
    }
}

/// Services that the plan `id` is about.
fn planned<'a>(state: &'a State, id: &PlanId) -> Vec<&'a Arn> {
    state.changes.get(id).map(Change::services).unwrap_or_default()
}

/// The home that the screen belongs to, if it belongs to one.
fn home(state: &State) -> Option<Home> {
    match about(state) {
        About::Everything => None,
        About::Home(home) => Some(home.clone()),
        About::Service(arn) => home_of(state, arn),
        About::Task(arn) => {
            let task = state.fleet.task(arn)?;
            match service_of(state, task) {
                Some(service) => home_of(state, &service),
                None => task.service().is_none().then(Home::jobs),
            }
        }
    }
}

/// The path of the screen: `fleet`, `california/production/web`, `california/production > explain`.
pub(super) fn path(state: &State) -> String {
    let screen = &state.screen().view;
    let path = match about(state) {
        About::Everything => String::new(),
        About::Home(home) => home.path(),
        About::Service(arn) => of_service(state, arn),
        About::Task(arn) => {
            let id: String = arn.name().chars().take(8).collect();
            let task = state.fleet.task(arn);
            match (task, task.and_then(|task| service_of(state, task))) {
                (_, Some(service)) => format!("{}/{id}", of_service(state, &service)),
                (Some(task), None) if task.service().is_none() => format!("{}/{id}", Home::jobs().path()),
                _ => id,
            }
        }
    };
    let last = match screen {
        View::Fleet => "fleet",
        View::Images(_) => "images",
        View::Image(..) => "image",
        View::Logs(_) => "logs",
        View::Explain(_) => "explain",
        View::Describe(..) => "describe",
        View::Errors => "errors",
        View::Help => "help",
        View::Plans => "plans",
        View::Plan(_) => "plan",
        View::Environment(_) | View::Service(_) | View::Task(_) => "",
    };
    let parts = [path.as_str(), last];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" > ")
}

/// Contexts behind what is on the screen, those first whose caller is known; all that are asked,
/// where it is about everything.
pub(super) fn contexts(state: &State) -> Vec<&Context> {
    let mut contexts = shown(state);
    contexts.sort_by_key(|context| context.identity.is_none());
    contexts
}

fn shown(state: &State) -> Vec<&Context> {
    let ids: BTreeSet<&ContextId> = match about(state) {
        About::Everything => BTreeSet::new(),
        About::Home(home) => state.board.row(home).into_iter().flat_map(|row| &row.contexts).collect(),
        About::Service(arn) => state.fleet.services.get(arn).map(|entry| &entry.context).into_iter().collect(),
        About::Task(arn) => state.fleet.task(arn).map(|task| &task.context).into_iter().collect(),
    };
    if ids.is_empty() {
        return state.fleet.contexts.values().filter(|context| context.same_as.is_none()).collect();
    }
    ids.into_iter().filter_map(|id| state.fleet.contexts.get(id)).collect()
}

/// When the oldest of what is on the screen was seen; nothing where nothing has been seen yet.
pub(super) fn seen_at(state: &State, size: Size) -> Option<Timestamp> {
    let view = &state.screen().view;
    match view {
        View::Fleet | View::Environment(_) => {
            let height = usize::from(panes(view, size).height);
            let mut rows = listing::rows(state);
            if rows.is_empty() {
                // That no row fits a filter is said of all of them.
                rows.clone_from(&state.screen().list.order);
            }
            let rows = rows.into_iter().skip(state.screen().list.top).take(height);
            let seen = rows.filter_map(|item| match &item {
                Item::Home(home) => home_seen_at(state, home),
                Item::Service(arn) => looked_at(state, arn),
                Item::Task(arn) => task_seen_at(state, arn),
                Item::Plan(_) | Item::Line(_) => None,
            });
            // Without rows, what is shown is that the lists of clusters have none.
            let listed = || contexts(state).into_iter().filter_map(|context| clusters_seen_at(state, context));
            seen.min().or_else(|| listed().min())
        }
        View::Plan(id) => match state.changes.get(id).map(|change| (&change.stage, change.plan())) {
            Some((Stage::Ready(_) | Stage::Nothing(_), Some(plan))) => Some(plan.made_at),
            _ => planned(state, id).into_iter().filter_map(|arn| looked_at(state, arn)).min(),
        },
        View::Logs(of) => state.logs.get(of)?.read_at,
        View::Describe(subject, Words::Aws) => state.feeds.get(&FeedKey::Raw(subject.clone()))?.answered,
        View::Images(arn) | View::Image(arn, _) => {
            let asked = uses(&state.fleet, arn).into_iter().filter(|one| one.asker.is_ok());
            let read = asked.filter_map(|one| state.feeds.get(&FeedKey::Images(one.repository))?.answered);
            read.chain(looked_at(state, arn)).min()
        }
        // A definition never changes, so that it never ages.
        View::Describe(_, Words::AwsDefinition) => None,
        _ => match about(state) {
            About::Everything => None,
            About::Home(home) => home_seen_at(state, home),
            About::Service(arn) => looked_at(state, arn),
            About::Task(arn) => task_seen_at(state, arn),
        },
    }
}

fn home_seen_at(state: &State, home: &Home) -> Option<Timestamp> {
    if *home == Home::jobs() {
        return state.board.jobs.iter().filter_map(|arn| task_seen_at(state, arn)).min();
    }
    state.board.services(home).filter_map(|arn| looked_at(state, arn)).min()
}

fn looked_at(state: &State, service: &Arn) -> Option<Timestamp> {
    state.fleet.services.get(service)?.look.as_ref().map(|look| look.at)
}

fn task_seen_at(state: &State, task: &Arn) -> Option<Timestamp> {
    state.fleet.tasks_read.get(&state.fleet.task(task)?.cluster).copied()
}

fn clusters_seen_at(state: &State, context: &Context) -> Option<Timestamp> {
    state.feeds.get(&FeedKey::Clusters(context.id.clone()))?.answered
}

fn about(state: &State) -> About<'_> {
    match &state.screen().view {
        View::Fleet | View::Errors | View::Help | View::Plans | View::Describe(Subject::Definition(_), _) => {
            About::Everything
        }
        View::Plan(id) => match planned(state, id).as_slice() {
            [one] => About::Service(one),
            several => {
                let homes: BTreeSet<&Home> = several.iter().filter_map(|arn| place_of(state, arn)).collect();
                match homes.len() {
                    1 => homes.first().map_or(About::Everything, |home| About::Home(home)),
                    _ => About::Everything,
                }
            }
        },
        View::Environment(home) | View::Explain(Explained::Home(home)) | View::Logs(Logged::Home(home)) => {
            About::Home(home)
        }
        View::Service(arn)
        | View::Images(arn)
        | View::Image(arn, _)
        | View::Logs(Logged::Service(arn))
        | View::Explain(Explained::Service(arn))
        | View::Describe(Subject::Service { service: arn, .. }, _) => About::Service(arn),
        View::Task(arn) | View::Logs(Logged::Task(arn)) | View::Describe(Subject::Task { task: arn, .. }, _) => {
            About::Task(arn)
        }
    }
}

fn home_of(state: &State, service: &Arn) -> Option<Home> {
    place_of(state, service).cloned()
}

fn place_of<'a>(state: &'a State, service: &Arn) -> Option<&'a Home> {
    state.board.places.of_service(service).map(|place| &place.home)
}

fn of_service(state: &State, service: &Arn) -> String {
    state.board.places.path(service).unwrap_or_else(|| service.name().to_owned())
}

fn service_of(state: &State, task: &Task) -> Option<Arn> {
    let name = task.service()?;
    let mut services = state.fleet.services_of(&task.cluster);
    services.find(|(arn, _)| arn.name() == name).map(|(arn, _)| arn.clone())
}
