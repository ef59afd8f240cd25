//! Log groups: the lines that were put into their streams, and the containers that write or wrote to them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::random::Random;
use super::{Container, Definition, Region, Task};

/// The number of expired tasks' containers that a group keeps. Those that ended first are dropped.
const REMEMBERED: usize = 2_000;

/// The number of put lines that a stream keeps. The oldest are dropped.
const KEPT: usize = 100_000;

/// A log group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html>
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// When it was created.
    pub created_at: Timestamp,
    /// How many days its lines are kept; `None` means forever.
    pub retention_days: Option<u32>,
    pub(crate) streams: BTreeMap<String, Stream>,
    pub(crate) past: Vec<Writer>,
}

/// A container's `awslogs` options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// The log group.
    pub group: String,
    /// The region it is in.
    pub region: String,
    /// The first part of a stream's name, `PREFIX/CONTAINER/TASK-ID`. Without it, the API cannot tell a container's
    /// stream.
    pub prefix: Option<String>,
}

/// A stream created through the API, with the lines that were put into it.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) created_at: Timestamp,
    pub(crate) lines: BTreeMap<Key, String>,
    /// The number of lines ever put.
    count: u64,
}

/// The sort key of a line in its group: its own time, then its ingestion time. In milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) at: i64,
    pub(crate) ingested: i64,
    pub(crate) id: String,
}

/// A container that writes lines, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
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
    pub(crate) end: Option<(i64, End)>,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was killed because it used too much memory.
    Killed,
    /// It exited by itself, with this exit code.
    Exited(i32),
    /// Its health check failed too often.
    Unhealthy,
    /// ECS stopped it.
    Told,
}

impl LogGroup {
    /// An empty group.
    pub(crate) fn new(created_at: Timestamp, retention_days: Option<u32>) -> Self {
        Self { created_at, retention_days, streams: BTreeMap::new(), past: vec![] }
    }
}

impl Stream {
    /// An empty stream.
    pub(crate) fn new(created_at: Timestamp) -> Self {
        Self { created_at, lines: BTreeMap::new(), count: 0 }
    }

    /// Puts a line into the stream called `name`. It is ingested at `ingested`.
    pub(crate) fn put(&mut self, name: &str, at: i64, ingested: i64, message: &str) {
        self.count += 1;
        let id = id(at, &["put", name, &self.count.to_string()]);
        self.lines.insert(Key { at, ingested, id }, message.to_owned());
        if self.lines.len() > KEPT {
            self.lines.pop_first();
        }
    }
}

/// The id of a log event: 56 digits, always the same for the same `words`.
pub(crate) fn id(at: i64, words: &[&str]) -> String {
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
        let found = group.streams.entry(stream.to_owned()).or_insert_with(|| Stream::new(at));
        found.put(stream, at.as_millisecond(), ingested.as_millisecond(), message);
    }

    /// The containers that write, or wrote, to the group called `name`.
    pub(crate) fn writers(&self, name: &str) -> Vec<Writer> {
        let Some(group) = self.log_groups.get(name) else { return vec![] };
        let tasks = self.clusters.values().flat_map(|cluster| cluster.tasks.values());
        let present = tasks.flat_map(|task| {
            let writers =
                self.definition(&task.definition).map(|definition| writers(task, definition, &self.place.region));
            writers.unwrap_or_default()
        });
        let present = present.filter(|(group, _)| group == name).map(|(_, writer)| writer);
        present.chain(group.past.iter().cloned()).collect()
    }
}

/// Keeps the log writers of a task that expires, so that its lines remain.
pub(crate) fn remember(groups: &mut BTreeMap<String, LogGroup>, task: &Task, definition: &Definition, region: &str) {
    for (group, writer) in writers(task, definition, region) {
        let Some(group) = groups.get_mut(&group) else { continue };
        group.past.push(writer);
        if group.past.len() > REMEMBERED {
            group.past.remove(0);
        }
    }
}

/// The containers of a task that have started and log to `region`, each with its log group.
fn writers(task: &Task, definition: &Definition, region: &str) -> Vec<(String, Writer)> {
    let Some(started) = task.started_at else { return vec![] };
    let writer = |container: &super::Container| {
        let of = definition.containers.iter().find(|of| of.name == container.name)?;
        let logs = of.logs.as_ref().filter(|logs| logs.region == region)?;
        let prefix = logs.prefix.as_ref()?;
        let writer = Writer {
            stream: format!("{prefix}/{}/{}", container.name, task.id),
            task: task.id.clone(),
            container: container.name.clone(),
            version: container.image.rsplit_once(':').map_or("latest", |(_, tag)| tag).to_owned(),
            memory: task.memory,
            since: started.as_millisecond(),
            end: end(task, container, of.essential, started),
        };
        Some((logs.group.clone(), writer))
    };
    task.containers.iter().filter_map(writer).collect()
}

/// When and how a container ended or is about to end.
fn end(task: &Task, container: &Container, essential: bool, started: Timestamp) -> Option<(i64, End)> {
    if let Some(code) = container.exit_code.filter(|code| *code != 0 && !essential) {
        // A container that is not essential fails right after its start.
        return Some((started.as_millisecond() + 4_000, End::Exited(code)));
    }
    let stopping = task.stopping_at?.as_millisecond();
    let exited = task.stop.as_ref().is_some_and(|stop| stop.code == "EssentialContainerExited");
    let end = match (container.exit_code, &container.reason, &task.stop) {
        (_, Some(reason), _) if reason.starts_with("OutOfMemory") => End::Killed,
        (Some(code), ..) if exited && (code != 0 || task.containers.len() == 1) => End::Exited(code),
        (_, _, Some(stop)) if stop.reason.contains("health checks") => End::Unhealthy,
        _ => End::Told,
    };
    Some((stopping, end))
}
