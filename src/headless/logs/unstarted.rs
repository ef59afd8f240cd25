//! Tasks that never wrote a line, because none of their containers ever ran.

use std::collections::BTreeMap;

use super::meant::path;
use crate::app::tail::Whose;
use crate::fleet::health::{Cause, cause_of_task};
use crate::fleet::{Task, clean, fit};
use crate::headless::report::Report;

/// Columns of what ECS says of a task; it takes up to 1,024 characters.
const REASON: usize = 300;

/// Why tasks of `whose` never started, in words, by what went wrong; those that ECS still knows of.
pub(super) fn unstarted(whose: &Whose, report: &Report) -> BTreeMap<Cause, String> {
    let (name, tasks) = match whose {
        Whose::Service(arn) => {
            let cluster = report.fleet.services.get(arn).map(|entry| &entry.cluster);
            let tasks = cluster.into_iter().flat_map(|cluster| report.fleet.tasks_of(cluster, arn.name()));
            (path(arn, report), tasks.map(AsRef::as_ref).collect::<Vec<_>>())
        }
        Whose::Task(arn) => {
            let task = report.fleet.task(arn).map(AsRef::as_ref);
            (task.map(|task| clean(task.job()).into_owned()).unwrap_or_default(), task.into_iter().collect())
        }
    };
    let mut causes: BTreeMap<Cause, Vec<&Task>> = BTreeMap::new();
    for task in tasks.into_iter().filter(|task| never_ran(task)) {
        if let Some(cause) = cause_of_task(task).filter(Cause::is_death) {
            causes.entry(cause).or_default().push(task);
        }
    }
    causes.into_iter().map(|(cause, tasks)| (cause, says(&name, &tasks))).collect()
}

/// Whether it is over and no container of it ever ran. A task that was never `RUNNING` may have written all
/// the same: one of its containers ran before another failed.
fn never_ran(task: &Task) -> bool {
    let ran = task.containers.iter().any(|container| container.exit_code.is_some() || container.runtime_id.is_some());
    task.is_over() && task.started_at.is_none() && !ran
}

fn says(name: &str, tasks: &[&Task]) -> String {
    let last = tasks.iter().max_by_key(|task| task.stopped_at.or(task.stopping_at));
    let reason = last.map(|task| reason(task)).unwrap_or_default();
    let reason = fit(reason.trim_end_matches('.'), REASON);
    match tasks.len() {
        1 => format!("{name}: a task never started ({reason}), so that it has no lines"),
        count => format!("{name}: {count} tasks never started ({reason}), so that they have no lines"),
    }
}

/// What ECS says of why it ended: of a container, where it says anything of one, for that is the root of it.
fn reason(task: &Task) -> &str {
    let told = task.containers.iter().filter_map(|container| container.reason.as_deref());
    let said = task.stopped_reason.as_deref().into_iter();
    let mut words = told.chain(said).chain(task.stop_code.as_deref()).filter(|words| !words.is_empty());
    words.next().unwrap_or("ECS does not say why")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample::task;

    #[test]
    fn a_task_that_never_ran_is_told_with_the_root_of_it() {
        let failed = |id: &str, second: i64| {
            let mut task = task(id, "a", "web:v1");
            (task.desired, task.stop_code) = ("STOPPED".to_owned(), Some("TaskFailedToStart".to_owned()));
            task.stopped_reason = Some("Task failed to start".to_owned());
            (task.started_at, task.stopped_at) = (None, jiff::Timestamp::from_second(second).ok());
            task
        };
        let (first, mut second) = (failed("t1", 1), failed("t2", 2));
        for container in &mut second.containers {
            (container.runtime_id, container.exit_code) = (None, None);
            container.reason = Some(format!("CannotPullContainerError: \x1b[31mno {}.", "x".repeat(400)));
        }
        assert_eq!(says("web", &[&first]), "web: a task never started (Task failed to start), so that it has no lines");
        let both = says("web", &[&second, &first]);
        assert!(both.starts_with("web: 2 tasks never started (CannotPullContainerError: ␛[31mno xxx"), "{both}");
        assert!(both.ends_with("x…), so that they have no lines") && both.len() < 400, "{both}");
        assert!(never_ran(&second));
        let Some(container) = second.containers.first_mut() else { return };
        container.exit_code = Some(1);
        assert!(!never_ran(&second), "it wrote before another container failed");
    }
}
