//! Tasks as they appear on other screens: a cell of a zone's column, the lines of a stopped one.

use super::{Line, Page, Role, Span};
use crate::app::state::{Item, State};
use crate::fleet::health::{Cause, cause_of_task, exit_meaning};
use crate::fleet::{Task, TaskHealth, TaskStatus};
use crate::text::{duration, padded};

/// `task` in a column of `width`: mark, the beginning of its id, its age or what it is doing.
pub(in crate::app) fn cell(state: &State, task: &Task, width: usize) -> Span {
    let (mark, role) = mark(task);
    let id = id(task);
    let age = task.started_at.or(task.created_at).map(|at| duration(state.since(at))).unwrap_or_default();
    let doing = match (&task.status, task.health) {
        (TaskStatus::Running, TaskHealth::Unhealthy) => format!("unhealthy {age}"),
        (TaskStatus::Running, _) => age,
        (status, _) => status.word().to_lowercase(),
    };
    Span::new(padded(&format!("{mark} {id} {doing}"), width), role)
}

/// The beginning of a task's id: enough to distinguish it.
pub(in crate::app) fn id(task: &Task) -> String {
    task.arn.name().chars().take(8).collect()
}

/// One character and a role for how `task` is.
pub(in crate::app) fn mark(task: &Task) -> (char, Role) {
    let dead = task.containers.iter().any(|container| container.status == "STOPPED");
    match (&task.status, task.health) {
        (TaskStatus::Running, TaskHealth::Unhealthy) => ('!', Role::Bad),
        (TaskStatus::Running, _) if dead => ('!', Role::Warn),
        (TaskStatus::Running, _) => ('.', Role::Plain),
        (TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating, _) => ('>', Role::Busy),
        (TaskStatus::Other(_), _) => ('?', Role::Plain),
        _ => ('x', Role::Dim),
    }
}

/// A stopped task: when, why in few words, then ECS's own unless the task `above` says the same.
pub(in crate::app) fn stopped(state: &State, page: &mut Page, task: &Task, above: Option<&Task>) {
    let item = Item::Task(task.arn.clone());
    let ago = task.stopped_at.or(task.stopping_at).map(|at| format!("{} ago", duration(state.since(at))));
    let lead = vec![Span::plain(format!("   {}  ", id(task))), Span::dim(padded(&ago.unwrap_or_default(), 9))];
    let cause = cause_of_task(task).map(|cause| cause.text());
    let what = cause.or_else(|| task.stop_code.clone()).unwrap_or_else(|| "stopped".to_owned());
    page.wrapped(lead, &Span::new(what, Role::Strong), state.size.width, Some(&item));
    let words = [task.stop_code.as_deref(), task.stopped_reason.as_deref()];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let said = above.is_some_and(|above| above.stopped_reason == task.stopped_reason);
    if !words.is_empty() && !said {
        let lead = vec![Span::plain(" ".repeat(13))];
        page.wrapped(lead, &Span::dim(words.join(": ")), state.size.width, Some(&item));
    }
}

/// A task that belongs to no service: what it is, how it is, and if it ended, why.
pub(in crate::app) fn job(state: &State, page: &mut Page, task: &Task) {
    let item = Item::Task(task.arn.clone());
    let cause = cause_of_task(task);
    let (mark, role) = match &cause {
        Some(cause) if cause.is_failure() && *cause != Cause::Exit(0) => ('x', Role::Bad),
        _ if task.is_over() => (' ', Role::Dim),
        _ => mark(task),
    };
    let by = task.started_by.as_ref().map(|by| format!("  started by {by}")).unwrap_or_default();
    let age = task.stopped_at.or(task.started_at).or(task.created_at);
    let age = age.map(|at| format!("  {} ago", duration(state.since(at)))).unwrap_or_default();
    page.push(
        Line::of([
            Span::new(format!(" {mark} {} ", padded(task.status.word(), 10)), role),
            Span::new(task.job(), Role::Strong),
            Span::dim(format!("{age}{by}")),
        ])
        .stop(item.clone()),
    );
    if let Some(cause) = cause {
        page.wrapped(vec![Span::plain("   ")], &Span::plain(cause.text()), state.size.width, Some(&item));
    }
}

/// An exit code with what it means.
pub(in crate::app) fn exit(code: i32) -> String {
    match exit_meaning(code) {
        Some(meaning) => format!("exit {code}, {meaning}"),
        None => format!("exit {code}"),
    }
}
