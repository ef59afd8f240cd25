//! Where the lines of services and tasks are to be found: from each task's own task definition.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Group, Outlet, Place};
use crate::fleet::{Arn, ContainerDefinition, ContextId, Definition, Fleet, LogRoute, Task, TaskStatus};

/// Whose lines are looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// All tasks of a service; without any, whatever its containers wrote.
    Service(Arn),
    /// One task.
    Task(Arn),
}

/// Where lines are, and what is in the way of more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlets {
    /// Where to look; for [`super::Tail::follow`].
    pub found: BTreeMap<Outlet, Ends>,
    /// Task definitions that are to be read first.
    pub unread: BTreeSet<(ContextId, Arn)>,
    /// Containers whose lines go where this program cannot follow, in words, as in
    /// `router of web:41 logs by splunk`.
    pub elsewhere: BTreeSet<String>,
}

/// When the lines of an outlet end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Not yet.
    Open,
    /// Its task had stopped by then.
    At(Timestamp),
}

/// Where the lines of `whose` are, as far as `fleet` knows.
///
/// A service is followed by its prefixes only once its cluster's tasks have been read and none is its.
pub fn outlets<'a>(fleet: &Fleet, whose: impl IntoIterator<Item = &'a Whose>) -> Outlets {
    let mut outlets = Outlets::default();
    for whose in whose {
        match whose {
            Whose::Task(arn) => {
                if let Some(task) = fleet.task(arn) {
                    outlets.of_task(fleet, task);
                }
            }
            Whose::Service(arn) => outlets.of_service(fleet, arn),
        }
    }
    outlets
}

/// The container and the task's id in a stream's name: `prefix/container/task-id`.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>
pub fn writer(stream: &str) -> Option<(&str, &str)> {
    let (rest, task) = stream.rsplit_once('/')?;
    let (_, container) = rest.rsplit_once('/')?;
    Some((container, task))
}

impl Outlets {
    fn of_service(&mut self, fleet: &Fleet, arn: &Arn) {
        let Some(entry) = fleet.services.get(arn) else { return };
        let mut any = false;
        for task in fleet.tasks_of(&entry.cluster, arn.name()) {
            any = true;
            self.of_task(fleet, task);
        }
        if any || !fleet.tasks_read.contains_key(&entry.cluster) {
            return;
        }
        let Some(service) = fleet.service(arn) else { return };
        let Some(definition) = self.definition(fleet, &entry.context, &service.definition) else { return };
        for container in &definition.containers {
            let Some((log, group)) = self.group(&definition.arn, container) else { continue };
            match &log.prefix {
                Some(prefix) => {
                    let streams = Place::Prefix(format!("{prefix}/{}/", container.name));
                    self.add(fleet, &entry.context, (log, group), streams, Ends::Open);
                }
                None => self.says(&definition.arn, container, "has no stream prefix, and no task runs"),
            }
        }
    }

    fn of_task(&mut self, fleet: &Fleet, task: &Task) {
        if matches!(task.status, TaskStatus::Provisioning | TaskStatus::Pending) && !task.is_over() {
            return;
        }
        let Some(definition) = self.definition(fleet, &task.context, &task.definition) else { return };
        let stopped = matches!(task.status, TaskStatus::Stopped | TaskStatus::Deleted);
        let ends = match task.stopped_at.or(task.stopping_at.filter(|_| stopped)) {
            Some(at) => Ends::At(at),
            None => Ends::Open,
        };
        for container in &definition.containers {
            let Some((log, group)) = self.group(&definition.arn, container) else { continue };
            let runtime = || {
                let seen = task.containers.iter().find(|seen| seen.name == container.name)?;
                seen.runtime_id.clone()
            };
            let name = match &log.prefix {
                Some(prefix) => Some(format!("{prefix}/{}/{}", container.name, task.arn.name())),
                // Without a prefix the stream is called like the container's id.
                None => runtime(),
            };
            match name {
                Some(name) => self.add(fleet, &task.context, (log, group), Place::Stream(name), ends),
                None => self.says(&definition.arn, container, "has no stream prefix, and no id yet"),
            }
        }
    }

    fn definition<'a>(&mut self, fleet: &'a Fleet, context: &ContextId, arn: &Arn) -> Option<&'a Definition> {
        let found = fleet.definitions.get(arn);
        if found.is_none() {
            self.unread.insert((context.clone(), arn.clone()));
        }
        found.map(AsRef::as_ref)
    }

    /// The route of what `container` writes, and its log group; what goes elsewhere is noted.
    fn group<'a>(&mut self, of: &Arn, container: &'a ContainerDefinition) -> Option<(&'a LogRoute, &'a str)> {
        let what = match &container.log {
            Some(LogRoute { driver, group, .. }) if driver == "awslogs" => {
                if let Some(found) = container.log.as_ref().zip(group.as_deref()) {
                    return Some(found);
                }
                "names no log group".to_owned()
            }
            Some(log) => format!("logs by {}", log.driver),
            None => "has no log driver".to_owned(),
        };
        self.says(of, container, &what);
        None
    }

    fn says(&mut self, of: &Arn, container: &ContainerDefinition, what: &str) {
        self.elsewhere.insert(format!("{} of {} {what}", container.name, of.name()));
    }

    fn add(&mut self, fleet: &Fleet, context: &ContextId, to: (&LogRoute, &str), place: Place, ends: Ends) {
        let (log, group) = to;
        let own = fleet.contexts.get(context).map(|known| known.region.as_str());
        let region = log.region.clone().filter(|region| Some(region.as_str()) != own);
        let group = Group { context: context.clone(), name: group.to_owned(), region };
        self.found.insert(Outlet { group, place }, ends);
    }
}
