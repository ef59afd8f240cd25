//! Log groups: the lines that were put into their streams, and the containers that write or wrote to them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::random::Random;
use super::{Container, Region, Task, TaskDefinition};

/// The number of expired tasks' containers that a group keeps. Those that ended first are dropped.
const MAX_FORMER_WRITERS: usize = 2_000;

/// The number of put lines that a stream keeps. The oldest are dropped.
const MAX_LINES: usize = 100_000;

/// A log group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html>
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// When it was created.
    pub created_at: Timestamp,
    /// How many days its lines are kept; `None` means forever.
    pub retention_days: Option<u32>,
    pub(crate) streams: BTreeMap<String, LogStream>,
    pub(crate) former_writers: Vec<LogWriter>,
}

/// A container's `awslogs` options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// The log group.
    pub group: String,
    /// The region it is in.
    pub region: String,
    /// The first part of a stream's name, `PREFIX/CONTAINER/TASK-ID`. Without it, the API does not know a container's
    /// stream.
    pub prefix: Option<String>,
}

/// A stream created through the API, with the lines that were put into it.
#[derive(Clone, Debug)]
pub(crate) struct LogStream {
    pub(crate) created_at: Timestamp,
    pub(crate) lines: BTreeMap<LineKey, String>,
    /// The number of lines ever put.
    count: u64,
}

/// The sort key of a line in its group: its own time, then its ingestion time. In milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineKey {
    pub(crate) at: i64,
    pub(crate) ingested: i64,
    pub(crate) id: String,
}

/// A container that writes lines, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogWriter {
    /// `PREFIX/CONTAINER/TASK-ID`.
    pub(crate) stream: String,
    pub(crate) task: String,
    pub(crate) container: String,
    /// The tag of its image.
    pub(crate) version: String,
    /// Memory of its task in MiB.
    pub(crate) memory: u32,
    /// When it started; milliseconds since 1970.
    pub(crate) since: i64,
    /// When and how it ended, if it has.
    pub(crate) end: Option<(i64, ContainerEnd)>,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContainerEnd {
    /// It was killed because it used too much memory.
    Killed,
    /// It exited by itself, with this exit code.
    Exited(i32),
    /// Its health check failed too often.
    Unhealthy,
    /// ECS stopped it.
    Stopped,
}

impl LogGroup {
    /// An empty group.
    pub(crate) fn new(created_at: Timestamp, retention_days: Option<u32>) -> Self {
        Self { created_at, retention_days, streams: BTreeMap::new(), former_writers: vec![] }
    }
}

impl LogStream {
    /// An empty stream.
    pub(crate) fn new(created_at: Timestamp) -> Self {
        Self { created_at, lines: BTreeMap::new(), count: 0 }
    }

    /// Puts a line into the stream called `name`. It is ingested at `ingested`.
    pub(crate) fn put(&mut self, name: &str, at: i64, ingested: i64, message: &str) {
        self.count += 1;
        let id = event_id(at, &["put", name, &self.count.to_string()]);
        self.lines.insert(LineKey { at, ingested, id }, message.to_owned());
        if self.lines.len() > MAX_LINES {
            self.lines.pop_first();
        }
    }
}

/// The id of a log event: 56 digits, always the same for the same `words`.
pub(crate) fn event_id(at: i64, words: &[&str]) -> String {
    let mut random = Random::from_words(words);
    format!("{at:016}{:020}{:020}", random.next(), random.next())
}

impl Region {
    /// Adds a log group, unless it exists.
    pub fn add_log_group(&mut self, name: &str, retention_days: Option<u32>, at: Timestamp) -> &mut LogGroup {
        self.log_groups.entry(name.to_owned()).or_insert_with(|| LogGroup::new(at, retention_days))
    }

    /// Puts a line into a stream and creates both group and stream if necessary. The line is ingested at once.
    pub fn put_log(&mut self, group: &str, stream: &str, at: Timestamp, message: &str) {
        self.put_late_log(group, stream, at, at, message);
    }

    /// Puts a line with the time `at` that is ingested at `ingested`.
    pub fn put_late_log(&mut self, group: &str, stream: &str, at: Timestamp, ingested: Timestamp, message: &str) {
        let group = self.add_log_group(group, None, at);
        let found = group.streams.entry(stream.to_owned()).or_insert_with(|| LogStream::new(at));
        found.put(stream, at.as_millisecond(), ingested.as_millisecond(), message);
    }

    /// The containers that write, or wrote, to the group called `name`.
    pub(crate) fn writers(&self, name: &str) -> Vec<LogWriter> {
        let Some(group) = self.log_groups.get(name) else { return vec![] };
        let tasks = self.clusters.values().flat_map(|cluster| cluster.tasks.values());
        let present = tasks.flat_map(|task| {
            let writers = self
                .definition(&task.definition)
                .map(|definition| task_writers(task, definition, &self.location.region));
            writers.unwrap_or_default()
        });
        let present = present.filter(|(group, _)| group == name).map(|(_, writer)| writer);
        present.chain(group.former_writers.iter().cloned()).collect()
    }
}

/// Keeps the log writers of a task that expires, so that its lines remain.
pub(crate) fn keep_writers(
    groups: &mut BTreeMap<String, LogGroup>,
    task: &Task,
    definition: &TaskDefinition,
    region: &str,
) {
    for (group, writer) in task_writers(task, definition, region) {
        let Some(group) = groups.get_mut(&group) else { continue };
        group.former_writers.push(writer);
        if group.former_writers.len() > MAX_FORMER_WRITERS {
            group.former_writers.remove(0);
        }
    }
}

/// The containers of a task that have started and log to `region`, each with its log group.
fn task_writers(task: &Task, definition: &TaskDefinition, region: &str) -> Vec<(String, LogWriter)> {
    let Some(started) = task.started_at else { return vec![] };
    let writer = |container: &super::Container| {
        let of = definition.containers.iter().find(|of| of.name == container.name)?;
        let logs = of.logs.as_ref().filter(|logs| logs.region == region)?;
        let prefix = logs.prefix.as_ref()?;
        let writer = LogWriter {
            stream: format!("{prefix}/{}/{}", container.name, task.id),
            task: task.id.clone(),
            container: container.name.clone(),
            version: container.image.rsplit_once(':').map_or("latest", |(_, tag)| tag).to_owned(),
            memory: task.memory,
            since: started.as_millisecond(),
            end: container_end(task, container, of.essential, started),
        };
        Some((logs.group.clone(), writer))
    };
    task.containers.iter().filter_map(writer).collect()
}

/// When and how a container ended or is about to end.
fn container_end(
    task: &Task,
    container: &Container,
    essential: bool,
    started: Timestamp,
) -> Option<(i64, ContainerEnd)> {
    if let Some(code) = container.exit_code.filter(|code| *code != 0 && !essential) {
        // A container that is not essential fails right after its start.
        return Some((started.as_millisecond() + 4_000, ContainerEnd::Exited(code)));
    }
    let stopping = task.stopping_at?.as_millisecond();
    let exited = task.stop.as_ref().is_some_and(|stop| stop.code == "EssentialContainerExited");
    let end = match (container.exit_code, &container.reason, &task.stop) {
        (_, Some(reason), _) if reason.starts_with("OutOfMemory") => ContainerEnd::Killed,
        (Some(code), ..) if exited && (code != 0 || task.containers.len() == 1) => ContainerEnd::Exited(code),
        (_, _, Some(stop)) if stop.reason.contains("health checks") => ContainerEnd::Unhealthy,
        _ => ContainerEnd::Stopped,
    };
    Some((stopping, end))
}
