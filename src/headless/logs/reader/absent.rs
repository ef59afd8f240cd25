//! Why there is nothing to print, or less than somebody may expect.

use std::collections::BTreeSet;

use super::Reader;
use super::Stage;
use crate::app::tail::{LogStreams, LogTarget};
use crate::fleet::Arn;
use crate::fleet::target::{NotFound, Target};
use crate::fleet::tenancy;
use crate::headless::logs::output;
use crate::headless::logs::selection::{TargetKind, job, path};

impl Reader<'_> {
    /// That there was no line to print, where lines could have been.
    pub(in crate::headless::logs) fn nothing(&self) -> Option<String> {
        let read = self.tail.lines().len() + self.tail.dropped();
        (self.stage == Stage::StoredRecord).then(|| output::nothing(read, self.logs))
    }

    /// Whether all has been read that was there when it began.
    pub(in crate::headless::logs) fn has_caught_up(&self) -> bool {
        self.stage == Stage::StoredRecord && self.tail.has_read() && self.tail.complete_to().is_none()
    }

    /// Says that tasks never started, once for each kind of reason: nothing else would show why lines are missing.
    pub(super) fn tell_unstarted(&mut self, whose: &LogTarget, outlets: &LogStreams) {
        for (name, of) in &outlets.unstarted {
            let name = match whose {
                LogTarget::Service(arn) => path(arn, &self.report),
                LogTarget::Task(_) => name.clone(),
            };
            let kind = of.why.split(':').next().unwrap_or_default();
            let what = format!("{name} never started: {kind}");
            self.tell(what, output::unstarted(&name, of));
        }
    }

    /// Says that lines may be somebody else's.
    pub(super) fn tell_taskless(&mut self, outlets: &LogStreams) {
        for arn in &outlets.taskless {
            let name = path(arn, &self.report);
            self.tell(format!("{name} has no task"), output::taskless(&name));
        }
    }

    /// Says why there is nothing to read, where that is not known yet.
    pub(super) fn tell_nothing(&mut self) {
        if self.stage != Stage::Nowhere {
            return;
        }
        match &self.logs.target {
            target if self.is_forgotten() && !self.names.is_empty() => {
                let of = if let Target::Arn(arn) = target { Some(arn.name()) } else { self.logs.task.as_deref() };
                let says = format!("ECS has forgotten the task {}, so no more lines come", of.unwrap_or_default());
                self.tell(says.clone(), says);
            }
            Target::Arn(arn) if self.is_forgotten() => {
                let says = format!("{}; ECS forgets a task an hour after it has stopped", NotFound::Arn(arn.clone()));
                self.tell(says.clone(), says);
            }
            _ if self.is_forgotten() => {
                let id = self.logs.task.clone().unwrap_or_default();
                let of: Vec<String> = self.services().map(|arn| path(arn, &self.report)).collect();
                let of = of.join(", ");
                let says =
                    format!("no task of {of} begins with `{id}`; ECS forgets a task an hour after it has stopped");
                self.tell(says.clone(), says);
            }
            target if TargetKind::of(target) == TargetKind::Jobs && self.selection.whose.is_empty() => {
                let jobs: BTreeSet<&str> = tenancy::jobs(&self.report.fleet).map(|task| task.job()).collect();
                let says = match (job(target), jobs.is_empty()) {
                    ((Some(name), Some(id)), false) if jobs.contains(name) => {
                        format!("no task of {name} begins with `{id}`; ECS forgets a task an hour after it has stopped")
                    }
                    ((Some(name), _), false) => {
                        let jobs: Vec<&str> = jobs.into_iter().collect();
                        format!("there is no job `{name}`; those that ECS knows of are {}", jobs.join(", "))
                    }
                    _ => "there are no jobs: every task that ECS knows of belongs to a service".to_owned(),
                };
                self.tell(says.clone(), says);
            }
            _ => {}
        }
    }

    /// Whether nothing has the name of the jobs that are meant. It may have once they are followed.
    pub(super) fn is_unknown_job(&self) -> bool {
        let named = || job(&self.logs.target).0.is_some();
        TargetKind::of(&self.logs.target) == TargetKind::Jobs && self.stage == Stage::Nowhere && named()
    }

    /// Whether the task that is meant is one that ECS does not know.
    pub(super) fn is_forgotten(&self) -> bool {
        if let (Some(id), TargetKind::Service) = (&self.logs.task, TargetKind::of(&self.logs.target)) {
            return self.stage == Stage::Nowhere && self.services().all(|arn| self.tasks(arn, id).is_empty());
        }
        let Target::Arn(arn) = &self.logs.target else { return false };
        let task = TargetKind::of(&self.logs.target) == TargetKind::Task;
        task && self.stage == Stage::Nowhere && self.report.fleet.task(arn).is_none()
    }

    fn services(&self) -> impl Iterator<Item = &Arn> {
        self.selection
            .whose
            .keys()
            .filter_map(|whose| if let LogTarget::Service(arn) = whose { Some(arn) } else { None })
    }

    /// Tasks of a service whose id begins so.
    pub(super) fn tasks(&self, service: &Arn, id: &str) -> Vec<LogTarget> {
        let Some(entry) = self.report.fleet.services.get(service) else { return vec![] };
        let tasks = self.report.fleet.tasks_of(&entry.cluster, service.name());
        tasks.filter(|task| task.arn.name().starts_with(id)).map(|task| LogTarget::Task(task.arn.clone())).collect()
    }
}
