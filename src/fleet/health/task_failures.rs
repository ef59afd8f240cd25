//! Tasks that ended although nobody stopped them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::events::EventKind;
use super::{Cause, Evidence, cause_of_task};
use crate::fleet::{DeploymentStatus, Event, Rollout, Service, Task};

/// A task that ended although nobody stopped it.
pub(super) struct TaskFailure<'a> {
    pub(super) task: &'a Task,
    pub(super) at: Option<Timestamp>,
    pub(super) cause: Cause,
}

/// How long back deaths count together.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_mins(30);

/// Without another death for so long, it is over.
const QUIET_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// How many make a habit.
const LOOP_FAILURES: usize = 3;

/// Deaths among `tasks`, the newest first.
pub(super) fn task_failures<'a>(tasks: &[&'a Task]) -> Vec<TaskFailure<'a>> {
    let mut deaths: Vec<TaskFailure<'a>> = tasks
        .iter()
        .filter_map(|task| {
            let cause = cause_of_task(task).filter(Cause::is_failure)?;
            Some(TaskFailure { task, at: task.stopped_at.or(task.stopping_at).or(task.created_at), cause })
        })
        .collect();
    deaths.sort_by_key(|death| std::cmp::Reverse(death.at));
    deaths
}

/// The cause that most of `deaths` have, of equally many the newest.
pub(super) fn main_cause(deaths: &[&TaskFailure<'_>]) -> Option<Cause> {
    let mut counts: BTreeMap<&Cause, usize> = BTreeMap::new();
    for death in deaths {
        *counts.entry(&death.cause).or_default() += 1;
    }
    let most = counts.values().max()?;
    let newest = deaths.iter().find(|death| counts.get(&death.cause) == Some(most));
    newest.map(|death| death.cause.clone())
}

/// What ECS wrote down about `deaths`: of those that ended alike, only the newest.
pub(super) fn evidence(deaths: &[&TaskFailure<'_>]) -> Vec<Evidence> {
    let mut alike: Vec<(String, Vec<&TaskFailure<'_>>)> = vec![];
    for death in deaths {
        let words = words(death.task);
        match alike.iter_mut().find(|(known, _)| *known == words) {
            Some((_, deaths)) => deaths.push(death),
            None => alike.push((words, vec![death])),
        }
    }
    let said = alike.into_iter().filter_map(|(words, deaths)| {
        let first = deaths.first()?;
        let more = match deaths.len() - 1 {
            0 => String::new(),
            1 => " (1 more task ended alike)".to_owned(),
            more => format!(" ({more} more tasks ended alike)"),
        };
        Some(Evidence::new(first.at, &format!("task {}: {words}{more}", first.task.arn.name())))
    });
    said.collect()
}

fn words(task: &Task) -> String {
    let said = task.stopped_reason.as_deref().or(task.stop_code.as_deref()).unwrap_or("no reason given");
    let mut words = said.to_owned();
    for container in &task.containers {
        let reason = container.reason.as_ref().filter(|reason| !said.contains(reason.as_str()));
        match (container.exit_code, reason) {
            (None | Some(0), None) => {}
            (code, reason) => {
                let code = code.map(|code| format!(" exit {code}")).unwrap_or_default();
                let reason = reason.as_ref().map(|reason| format!(" {reason}")).unwrap_or_default();
                words.extend(["; ", &container.name, &code, &reason]);
            }
        }
    }
    words
}

/// Whether the task was started by a deployment that still counts: one that is listed and has not failed.
pub(super) fn counts(service: &Service, task: &Task) -> bool {
    let Some(by) = task.started_by.as_deref().filter(|by| by.starts_with("ecs-svc/")) else {
        return true;
    };
    let known = service.deployments.iter().find(|deployment| deployment.id == by);
    match known {
        Some(deployment) => {
            deployment.rollout != Some(Rollout::Failed) || deployment.status == DeploymentStatus::Primary
        }
        None => service.deployments.is_empty(),
    }
}

/// How often tasks died lately, since when, and in what way.
pub(super) struct CrashLoop {
    pub(super) count: usize,
    pub(super) since: Timestamp,
    pub(super) cause: Option<Cause>,
    pub(super) evidence: Vec<Evidence>,
}

/// Whether tasks keep dying, by those that stopped and by the events since the last deployment.
pub(super) fn crash_loop(
    service: &Service,
    deaths: &[TaskFailure<'_>],
    events: &[(EventKind, &Event)],
    now: Timestamp,
) -> Option<CrashLoop> {
    // What a deployment that was given up had started is over with it, though the one before it is older.
    let given_up = events.iter().filter(|(said, _)| matches!(said, EventKind::Failed(_) | EventKind::RollingBack(_)));
    let given_up = given_up.map(|(_, event)| event.at).max();
    let begun = service.primary().and_then(|primary| primary.created_at).max(given_up);
    let recent = |at: Timestamp| now.duration_since(at) <= WINDOW;
    let lived = |death: &TaskFailure<'_>| {
        death.task.started_at.is_some() || matches!(death.cause, Cause::Exit(_) | Cause::Memory | Cause::HealthCheck)
    };
    // What never lived does not restart: that is said of the rollout, or of too few.
    let ever: Vec<&TaskFailure<'_>> =
        deaths.iter().filter(|death| lived(death) && counts(service, death.task)).collect();
    let dead: Vec<&TaskFailure<'_>> = ever.iter().filter(|death| death.at.is_some_and(recent)).copied().collect();
    let own = |event: &&Event| recent(event.at) && begun.is_none_or(|begun| event.at >= begun);
    let unhealthy: Vec<&Event> =
        events.iter().filter(|(said, _)| *said == EventKind::Unhealthy).map(|(_, event)| *event).filter(own).collect();
    let replaced = replaced(service, events, own);
    let count = dead.len().max(unhealthy.len()).max(replaced.len());
    if count < LOOP_FAILURES {
        return None;
    }
    let times: Vec<Timestamp> = if count == dead.len() {
        series(ever.iter().filter_map(|death| death.at))
    } else if count == unhealthy.len() {
        unhealthy.iter().map(|event| event.at).collect()
    } else {
        replaced.clone()
    };
    let (first, last) = (times.iter().min()?, times.iter().max()?);
    if now.duration_since(*last) > QUIET_AFTER {
        return None;
    }
    let mut evidence = evidence(&dead);
    evidence.extend(unhealthy.iter().map(|event| Evidence::new(Some(event.at), &event.message)));
    let cause = main_cause(&dead).or_else(|| (!unhealthy.is_empty()).then_some(Cause::HealthCheck));
    Some(CrashLoop { count, since: *first, cause, evidence })
}

/// The newest of `times`, and those before them for as long as no calm lies between; `times` are
/// given the newest first.
fn series(times: impl Iterator<Item = Timestamp>) -> Vec<Timestamp> {
    let mut series: Vec<Timestamp> = vec![];
    for at in times {
        if series.last().is_some_and(|after| after.duration_since(at) > QUIET_AFTER) {
            break;
        }
        series.push(at);
    }
    series
}

/// Starts that neither the tasks that are there nor those that ECS stopped account for, the newest:
/// each means a task that died unseen. A lower bound, so that scaling up and down, or a
/// rollout, never looks like it.
fn replaced(service: &Service, events: &[(EventKind, &Event)], own: impl Fn(&&Event) -> bool) -> Vec<Timestamp> {
    let mut accounted = usize_of(service.running) + usize_of(service.pending);
    let mut starts: Vec<Timestamp> = vec![];
    for (said, event) in events {
        match said {
            EventKind::Stopped(count) if own(event) => accounted += usize_of(*count),
            EventKind::Started(count) if own(event) => starts.extend(std::iter::repeat_n(event.at, usize_of(*count))),
            _ => {}
        }
    }
    starts.truncate(starts.len().saturating_sub(accounted));
    starts
}

/// A count, within reason whatever an endpoint claims.
fn usize_of(count: u32) -> usize {
    count.min(10_000) as usize
}
