//! What the rows of the tables say: environments, services and jobs.

use std::sync::Arc;

use crate::app::page::Role;
use crate::app::{FeedKey, Item, State};
use crate::fleet::health::{Cause, HealthStatus, cause_of_task};
use crate::fleet::overview::Row;
use crate::fleet::spread::{Spread, spread, zones_of};
use crate::fleet::tenancy::{EnvironmentId, Tenant};
use crate::fleet::{Arn, Rollout, ServiceEntry, Task, TaskFilter, TaskStatus, image};

use super::columns::Cells;
use crate::text::{clean, duration};

/// Cells of a rollout's bar, without its ends.
const BAR: u64 = 8;

/// The cells of `item`'s row; nothing for what is no row, or gone.
pub(super) fn cells(state: &State, item: &Item) -> Option<Cells> {
    match item {
        Item::Home(home) => Some(environment(state, home, state.fleet_view.row(home)?)),
        Item::Service(arn) => service(state, arn, state.fleet.services.get(arn)?),
        Item::Task(arn) => Some(job(state, state.fleet.task(arn)?)),
        Item::Plan(_) | Item::Line(_) => None,
    }
}

/// The name of `item` as its row shows it: a tenant and an environment, or one name.
pub(super) fn name(state: &State, item: &Item) -> (String, Option<String>) {
    match item {
        Item::Home(home) => names(state, home),
        Item::Service(arn) if state.fleet_view.namesakes.contains(arn) => {
            let cluster = state.fleet.services.get(arn).map(|entry| clean(entry.cluster.name()).into_owned());
            (cluster.unwrap_or_default(), Some(clean(arn.name()).into_owned()))
        }
        Item::Service(arn) => (clean(arn.name()).into_owned(), None),
        Item::Task(arn) => {
            let task = state.fleet.task(arn);
            (task.map(|task| clean(task.job()).into_owned()).unwrap_or_default(), None)
        }
        Item::Plan(id) => (id.to_string(), None),
        Item::Line(line) => (line.clone(), None),
    }
}

/// `3/6`: running and desired. Nothing is said of what was never looked at.
pub(super) fn tasks(state: &State, item: &Item) -> String {
    let looked = |arn: &Arn| state.fleet.service(arn);
    match item {
        Item::Home(home) => match state.fleet_view.row(home) {
            Some(row) if *home == EnvironmentId::jobs() || row.services.iter().any(|arn| looked(arn).is_some()) => {
                format!("{}/{}", row.running, row.desired)
            }
            _ => "-".to_owned(),
        },
        Item::Service(arn) => match looked(arn) {
            Some(service) => format!("{}/{}", service.running, service.desired),
            None => "-".to_owned(),
        },
        Item::Task(_) | Item::Plan(_) | Item::Line(_) => String::new(),
    }
}

/// `a3 b3 c0`; nothing where the zones of several accounts would be mixed.
pub(super) fn zones(state: &State, item: &Item) -> String {
    match item {
        Item::Home(home) => {
            let read = |arn: &Arn| Some(state.fleet.tasks_read.contains_key(&state.fleet.services.get(arn)?.cluster));
            let row = state.fleet_view.row(home).filter(|row| row.services.iter().all(|arn| read(arn) == Some(true)));
            let spread = row.and_then(|row| row.spread.as_ref());
            spread.map(Spread::letters).unwrap_or_default()
        }
        Item::Service(arn) => {
            let Some(entry) = state.fleet.services.get(arn) else { return String::new() };
            if !state.fleet.tasks_read.contains_key(&entry.cluster) {
                return String::new();
            }
            let tasks = state.fleet.tasks_of(&entry.cluster, arn.name()).map(Arc::as_ref);
            // The row of its home knows the zones already, unless it spans several contexts.
            let home =
                state.fleet_view.places.of_service(arn).and_then(|place| state.fleet_view.row(&place.environment_id));
            let known = home.and_then(|row| row.spread.as_ref()).map(|spread| spread.zones.keys().cloned().collect());
            spread(tasks, &known.unwrap_or_else(|| zones_of(&state.fleet, &entry.context))).letters()
        }
        Item::Task(arn) => state.fleet.task(arn).and_then(|task| task.zone.clone()).unwrap_or_default(),
        Item::Plan(_) | Item::Line(_) => String::new(),
    }
}

/// The version that runs, or how many do.
pub(super) fn version(state: &State, item: &Item) -> String {
    let version = match item {
        Item::Home(home) => state.fleet_view.row(home).and_then(|row| image::summary(&row.versions)),
        Item::Service(arn) => state.fleet.services.get(arn).and_then(|entry| version_of(state, arn, entry)),
        Item::Task(arn) => {
            state.fleet.task(arn).and_then(|task| image::version_of_task(task, &state.fleet.definitions))
        }
        Item::Plan(_) | Item::Line(_) => None,
    };
    version.unwrap_or_default()
}

/// `[####..]`: how many of the tasks that rollouts are to bring run already; nothing without one.
fn rollout(state: &State, item: &Item) -> String {
    let services: Vec<&Arn> = match item {
        Item::Home(home) => state.fleet_view.services(home).collect(),
        Item::Service(arn) => vec![arn],
        Item::Task(_) | Item::Plan(_) | Item::Line(_) => vec![],
    };
    let primaries = services.into_iter().filter_map(|arn| state.fleet.service(arn)?.primary());
    let moving = primaries.filter(|primary| primary.rollout == Some(Rollout::InProgress));
    let (done, all) = moving
        .fold((0, 0), |(done, all), primary| (done + u64::from(primary.running), all + u64::from(primary.desired)));
    if all == 0 {
        return String::new();
    }
    let filled = usize::try_from(BAR * done.min(all) / all).unwrap_or_default();
    format!("[{:.<1$}]", "#".repeat(filled), BAR as usize)
}

fn version_of(state: &State, arn: &Arn, entry: &ServiceEntry) -> Option<String> {
    let tasks = || state.fleet.tasks_of(&entry.cluster, arn.name()).map(Arc::as_ref);
    let running = image::versions(tasks(), &state.fleet.definitions);
    image::summary(&running).or_else(|| {
        let service = &entry.snapshot.as_ref()?.service;
        Some(image::version(&service.definition, tasks(), &state.fleet.definitions))
    })
}

fn environment(state: &State, home: &EnvironmentId, row: &Row) -> Cells {
    let error = row.services.iter().find_map(|arn| unread(state, arn));
    Cells { error, ..judged(state, &Item::Home(home.clone()), &row.verdict) }
}

fn service(state: &State, arn: &Arn, entry: &ServiceEntry) -> Option<Cells> {
    let cells = judged(state, &Item::Service(arn.clone()), state.fleet_view.verdict(arn)?);
    let error = unread(state, arn).or_else(|| {
        let feed = state.feeds.get(&FeedKey::Tasks(entry.cluster.clone(), TaskFilter::Running))?;
        Some(format!("tasks {}", feed.error.as_ref()?.kind.word()))
    });
    Some(Cells { error, ..cells })
}

/// The cells that follow from a verdict.
fn judged(state: &State, item: &Item, verdict: &HealthStatus) -> Cells {
    Cells {
        mark: verdict.state.mark(),
        state: verdict.state.word().to_owned(),
        role: Role::State(verdict.state),
        target: name(state, item),
        tasks: tasks(state, item),
        since: verdict.since.map(|since| duration(state.since(since))).unwrap_or_default(),
        zones: zones(state, item),
        version: version(state, item),
        rollout: rollout(state, item),
        why: verdict.why().to_owned(),
        error: None,
    }
}

/// Why the last look at the service `arn`, or the last list that could name it, failed.
fn unread(state: &State, arn: &Arn) -> Option<String> {
    let roster = state.fleet.services.get(arn).map(|entry| FeedKey::Roster(entry.cluster.clone()));
    let feeds = [Some(FeedKey::Look(arn.clone())), roster].into_iter().flatten();
    let errors = feeds.filter_map(|topic| state.feeds.get(&topic)?.error.as_ref());
    errors.map(|error| error.kind.word().to_owned()).next()
}

fn job(state: &State, task: &Task) -> Cells {
    let item = Item::Task(task.arn.clone());
    let cause = cause_of_task(task);
    let died = cause.as_ref().is_some_and(|cause| cause.is_failure() && *cause != Cause::Exit(0));
    let (mark, role) = match (&task.status, task.is_over()) {
        (_, true) if died => ('x', Role::Bad),
        (_, true) => (' ', Role::Dim),
        (TaskStatus::Running, _) => ('.', Role::Plain),
        (TaskStatus::Other(_), _) => ('?', Role::Warn),
        _ => ('>', Role::Busy),
    };
    let since = task.stopped_at.or(task.started_at).or(task.created_at);
    Cells {
        mark,
        state: task.status.word().to_owned(),
        role,
        target: name(state, &item),
        tasks: String::new(),
        since: since.map(|since| duration(state.since(since))).unwrap_or_default(),
        zones: zones(state, &item),
        version: version(state, &item),
        rollout: String::new(),
        why: cause.map(|cause| cause.text()).unwrap_or_default(),
        error: None,
    }
}

/// The tenant, `~` in front of a guess, and the environment where there is one to speak of.
fn names(state: &State, home: &EnvironmentId) -> (String, Option<String>) {
    let tenant = match &home.tenant {
        // The context tells guesses of one name apart.
        Tenant::Guessed(..) if state.fleet.contexts.len() > 1 => format!("~{}", home.tenant),
        Tenant::Guessed(name, _) => format!("~{name}"),
        other => other.to_string(),
    };
    let nameless = matches!(home.tenant, Tenant::Unassigned | Tenant::Jobs) && home.environment.is_none();
    (clean(&tenant).into_owned(), (!nameless).then(|| clean(home.environment_name()).into_owned()))
}
