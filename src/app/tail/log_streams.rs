//! Where the lines of services and tasks are to be found: from each task's own task definition.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Group, LogStream, StreamSelector};
use crate::fleet::health::cause_of_task;
use crate::fleet::{Arn, Container, ContainerDefinition, ContextId, Definition, Fleet, LogRoute, Task, TaskStatus};

/// Whose lines are looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogTarget {
    /// All tasks of a service; without any, whatever its containers wrote.
    Service(Arn),
    /// One task.
    Task(Arn),
}

/// Where lines are, and what is in the way of more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStreams {
    /// Where to look; for [`super::Tail::follow`].
    pub found: BTreeMap<LogStream, Ends>,
    /// Task definitions that are to be read first.
    pub unread: BTreeSet<(ContextId, Arn)>,
    /// Clusters whose tasks are to be read first.
    pub blind: BTreeSet<Arn>,
    /// Tasks that could not start, by the name of their service or job: they wrote nothing.
    pub unstarted: BTreeMap<String, Unstarted>,
    /// Containers whose lines go where this program cannot follow, in words, as in
    /// `router of web:41 logs by splunk`.
    pub elsewhere: BTreeSet<String>,
    /// Services without a task, whose lines are found by a prefix: others' of the same may be among them.
    pub taskless: BTreeSet<Arn>,
}

/// Tasks that could not start: none of their containers ran, and nobody had wanted them to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstarted {
    /// How many.
    pub count: usize,
    /// When the last of them stopped, as far as ECS reports.
    pub at: Option<Timestamp>,
    /// Why that one did, in ECS's words.
    pub why: String,
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
pub fn log_streams<'a>(fleet: &Fleet, whose: impl IntoIterator<Item = &'a LogTarget>) -> LogStreams {
    let mut log_streams = LogStreams::default();
    for whose in whose {
        match whose {
            LogTarget::Task(arn) => {
                if let Some(task) = fleet.task(arn) {
                    log_streams.of_task(fleet, task);
                }
            }
            LogTarget::Service(arn) => log_streams.of_service(fleet, arn),
        }
    }
    log_streams
}

/// The container and the task's id in a stream's name: `prefix/container/task-id`.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>
pub fn writer(stream: &str) -> Option<(&str, &str)> {
    let (rest, task) = stream.rsplit_once('/')?;
    let (_, container) = rest.rsplit_once('/')?;
    Some((container, task))
}

impl LogStreams {
    fn of_service(&mut self, fleet: &Fleet, arn: &Arn) {
        let Some(entry) = fleet.services.get(arn) else { return };
        let mut any = false;
        for task in fleet.tasks_of(&entry.cluster, arn.name()) {
            any = true;
            self.of_task(fleet, task);
        }
        if !fleet.tasks_read.contains_key(&entry.cluster) {
            self.blind.insert(entry.cluster.clone());
            return;
        }
        if any {
            return;
        }
        let Some(service) = fleet.service(arn) else { return };
        let Some(definition) = self.definition(fleet, &entry.context, &service.definition) else { return };
        for container in &definition.containers {
            let Some((log, group)) = self.group(&definition.arn, container) else { continue };
            match &log.prefix {
                Some(prefix) => {
                    self.taskless.insert(arn.clone());
                    let streams = StreamSelector::Prefix(format!("{prefix}/{}/", container.name));
                    self.add(fleet, &entry.context, (log, group), streams, Ends::Open);
                }
                None => self.note(&definition.arn, container, "has no stream prefix, and no task runs"),
            }
        }
    }

    fn of_task(&mut self, fleet: &Fleet, task: &Task) {
        if matches!(task.status, TaskStatus::Provisioning | TaskStatus::Pending) && !task.is_over() {
            return;
        }
        let unstarted = task.is_over() && task.started_at.is_none();
        let ran = |seen: &Container| seen.runtime_id.is_some() || seen.exit_code.is_some();
        let died = || cause_of_task(task).is_none_or(|cause| cause.is_failure());
        if unstarted && !task.containers.iter().any(ran) && died() {
            self.unstarted(task);
        }
        let Some(definition) = self.definition(fleet, &task.context, &task.definition) else { return };
        let stopped = matches!(task.status, TaskStatus::Stopped | TaskStatus::Deleted);
        let ends = match task.stopped_at.or(task.stopping_at.filter(|_| stopped)) {
            Some(at) => Ends::At(at),
            None => Ends::Open,
        };
        for container in &definition.containers {
            let seen = task.containers.iter().find(|seen| seen.name == container.name);
            let runtime = || seen?.runtime_id.clone();
            // Asking for streams that do not exist costs a question each: one of them fails all.
            if unstarted && !seen.is_some_and(ran) {
                continue;
            }
            let Some((log, group)) = self.group(&definition.arn, container) else { continue };
            let name = match &log.prefix {
                Some(prefix) => Some(format!("{prefix}/{}/{}", container.name, task.arn.name())),
                // Without a prefix the stream is called like the container's id.
                None => runtime(),
            };
            match name {
                Some(name) => self.add(fleet, &task.context, (log, group), StreamSelector::Stream(name), ends),
                None => self.note(&definition.arn, container, "has no stream prefix, and no id yet"),
            }
        }
    }

    fn unstarted(&mut self, task: &Task) {
        let at = task.stopped_at.or(task.stopping_at);
        let why = || task.stopped_reason.clone().or_else(|| task.stop_code.clone()).unwrap_or_default();
        let name = task.service().unwrap_or_else(|| task.job()).to_owned();
        let known = self.unstarted.entry(name).or_insert_with(|| Unstarted { count: 0, at, why: why() });
        known.count += 1;
        if at > known.at {
            (known.at, known.why) = (at, why());
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
        self.note(of, container, &what);
        None
    }

    fn note(&mut self, of: &Arn, container: &ContainerDefinition, what: &str) {
        self.elsewhere.insert(format!("{} of {} {what}", container.name, of.name()));
    }

    fn add(&mut self, fleet: &Fleet, context: &ContextId, to: (&LogRoute, &str), place: StreamSelector, ends: Ends) {
        let (log, group) = to;
        let own = fleet.contexts.get(context).map(|known| known.region.as_str());
        let region = log.region.clone().filter(|region| Some(region.as_str()) != own);
        let group = Group { context: context.clone(), name: group.to_owned(), region };
        self.found.insert(LogStream { group, place }, ends);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fleet::LogRoute;
    use crate::fleet::sample::{cluster, defined, fleet, service, task};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap_or_default()
    }

    /// A definition `web:v1` whose container `web` logs so.
    fn definition(arn: &str, log: &LogRoute) -> Definition {
        let mut definition = defined(&Arn::new(arn), &[("web", "web")]);
        for container in &mut definition.containers {
            container.log = Some(log.clone());
        }
        definition
    }

    fn route(region: Option<&str>, prefix: Option<&str>) -> LogRoute {
        LogRoute {
            driver: "awslogs".to_owned(),
            group: Some("/ecs/web".to_owned()),
            region: region.map(str::to_owned),
            prefix: prefix.map(str::to_owned),
        }
    }

    /// A service `web` with so many tasks, one of them stopped a second after the start.
    fn known(tasks: usize, log: &LogRoute) -> (Fleet, Arn) {
        let gov = cluster("1", "gov");
        let web = service(&gov, "web");
        let mut all = vec![];
        for n in 0..tasks {
            let mut task = task(&format!("t{n}"), "a", "web:v1");
            task.cluster = gov.arn.clone();
            task.group = "service:web".to_owned();
            task.definition = web.definition.clone();
            if n == 1 {
                (task.status, task.stopped_at) = (TaskStatus::Stopped, Some(at(1_000)));
                "STOPPED".clone_into(&mut task.desired);
            }
            all.push(task);
        }
        let (arn, named) = (web.arn.clone(), web.definition.clone());
        let mut fleet = fleet(std::slice::from_ref(&gov), &[web], &all);
        fleet.tasks_read.insert(gov.arn, at(0));
        fleet.definitions.insert(named.clone(), Arc::new(definition(named.as_str(), log)));
        (fleet, arn)
    }

    fn places(found: &LogStreams) -> Vec<(&str, Ends)> {
        found.found.iter().map(|(outlet, ends)| (outlet.place.text(), *ends)).collect()
    }

    #[test]
    fn lines_are_looked_for_where_each_tasks_own_definition_sends_them() {
        let (fleet, arn) = known(2, &route(None, Some("ecs")));
        let whose = [LogTarget::Service(arn)];
        let found = log_streams(&fleet, &whose);
        assert_eq!(places(&found), [("ecs/web/t0", Ends::Open), ("ecs/web/t1", Ends::At(at(1_000)))]);
        assert_eq!((found.unread.len(), found.elsewhere.len()), (0, 0));
        assert_eq!(found.taskless, BTreeSet::new());
        let (fleet, arn) = known(0, &route(Some("eu-west-1"), Some("ecs")));
        let found = log_streams(&fleet, &[LogTarget::Service(arn.clone())]);
        assert_eq!(found.taskless, BTreeSet::from([arn]));
        assert_eq!(places(&found), [("ecs/web/", Ends::Open)]);
        let region = found.found.keys().next().and_then(|outlet| outlet.group.region.as_deref());
        assert_eq!(region, Some("eu-west-1"));
    }

    #[test]
    fn what_cannot_be_followed_is_said_and_what_is_not_read_is_asked_for() {
        let splunk = LogRoute { driver: "splunk".to_owned(), group: None, region: None, prefix: None };
        let (mut fleet, arn) = known(1, &splunk);
        let whose = [LogTarget::Service(arn)];
        let found = log_streams(&fleet, &whose);
        assert_eq!((found.found.len(), found.elsewhere.len()), (0, 1));
        assert!(found.elsewhere.iter().all(|says| says.starts_with("web of ") && says.ends_with("logs by splunk")));
        fleet.definitions.clear();
        let found = log_streams(&fleet, &whose);
        assert_eq!((found.found.len(), found.unread.len()), (0, 1));
    }

    #[test]
    fn without_its_clusters_tasks_nothing_is_known_of_a_service() {
        let (mut fleet, arn) = known(0, &route(None, Some("ecs")));
        fleet.tasks_read.clear();
        let found = log_streams(&fleet, &[LogTarget::Service(arn)]);
        assert_eq!((found.found.len(), found.blind.len()), (0, 1));
    }

    #[test]
    fn tasks_that_never_started_are_counted_with_the_last_ones_reason_and_not_asked_for() {
        let (mut fleet, arn) = known(1, &route(None, Some("ecs")));
        let running = fleet.tasks_of(&fleet.services[&arn].cluster, "web").next().cloned();
        let mut failed: Vec<Task> = vec![];
        for (id, millis, runtime) in [("f0", 1_000, None), ("f1", 3_000, None), ("f2", 2_000, Some("0123"))] {
            let mut task = running.as_deref().cloned().unwrap_or_else(|| task(id, "a", "web:v1"));
            task.arn = Arn::new(task.arn.as_str().replace("t0", id));
            (task.status, task.started_at, task.stopped_at) = (TaskStatus::Stopped, None, Some(at(millis)));
            "STOPPED".clone_into(&mut task.desired);
            task.stopped_reason = Some(format!("CannotPullContainerError {id}"));
            for container in &mut task.containers {
                (container.runtime_id, container.exit_code) = (runtime.map(str::to_owned), None);
            }
            failed.push(task);
        }
        for task in failed {
            fleet.put_task(task);
        }
        let found = log_streams(&fleet, &[LogTarget::Service(arn)]);
        let last = Unstarted { count: 2, at: Some(at(3_000)), why: "CannotPullContainerError f1".to_owned() };
        assert_eq!(found.unstarted, BTreeMap::from([("web".to_owned(), last)]));
        assert_eq!(places(&found), [("ecs/web/f2", Ends::At(at(2_000))), ("ecs/web/t0", Ends::Open)]);
    }

    #[test]
    fn a_streams_name_tells_who_writes_it() {
        for (stream, told) in [
            ("ecs/web/0123", Some(("web", "0123"))),
            ("a/b/web/0123", Some(("web", "0123"))),
            ("web/0123", None),
            ("0123", None),
            ("", None),
        ] {
            assert_eq!(writer(stream), told, "{stream}");
        }
    }
}
