//! Log groups: what was put into their streams, and which containers write or wrote there.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::random::Random;
use super::{Container, Definition, Region, Task};

/// Containers of forgotten tasks that a group remembers; those that ended first go first.
const REMEMBERED: usize = 2_000;

/// Lines that a stream keeps of those that were put; the oldest go first.
const KEPT: usize = 100_000;

/// A log group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html>
#[derive(Clone, Debug)]
pub struct LogGroup {
    /// When it was made.
    pub created_at: Timestamp,
    /// How long its lines are kept; nothing for ever.
    pub retention_days: Option<u32>,
    pub(crate) streams: BTreeMap<String, Stream>,
    pub(crate) past: Vec<Writer>,
}

/// Where a container's lines go, as its definition's `awslogs` options say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// The log group.
    pub group: String,
    /// The region it is in.
    pub region: String,
    /// What stands before `/container/task-id` in a stream's name; without it the API cannot tell the stream.
    pub prefix: Option<String>,
}

/// A stream that was made through the API, with the lines that were put into it.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) created_at: Timestamp,
    pub(crate) lines: BTreeMap<Key, String>,
    /// Lines that were ever put.
    count: u64,
}

/// A line's place among all lines of a group: by its own time, then by its arrival. Milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) at: i64,
    pub(crate) ingested: i64,
    pub(crate) id: String,
}

/// A container that writes lines, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    /// `prefix/container/task-id`.
    pub(crate) stream: String,
    pub(crate) task: String,
    pub(crate) container: String,
    /// What follows the image's last colon.
    pub(crate) version: String,
    /// MiB of its task.
    pub(crate) memory: u32,
    /// When it started; milliseconds since 1970.
    pub(crate) since: i64,
    /// When and how it ended, if it has.
    pub(crate) end: Option<(i64, End)>,
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It took more memory than it may.
    Killed,
    /// By itself, with this exit code.
    Exited(i32),
    /// Its health check failed too often.
    Unhealthy,
    /// It was told to, and did.
    Told,
}

impl LogGroup {
    /// A group with nothing in it.
    pub(crate) fn new(created_at: Timestamp, retention_days: Option<u32>) -> Self {
        Self { created_at, retention_days, streams: BTreeMap::new(), past: vec![] }
    }
}

impl Stream {
    /// A stream with nothing in it.
    pub(crate) fn new(created_at: Timestamp) -> Self {
        Self { created_at, lines: BTreeMap::new(), count: 0 }
    }

    /// Puts a line into the stream called `name`, which arrives at `ingested`.
    pub(crate) fn put(&mut self, name: &str, at: i64, ingested: i64, message: &str) {
        self.count += 1;
        let id = id(at, &["put", name, &self.count.to_string()]);
        self.lines.insert(Key { at, ingested, id }, message.to_owned());
        if self.lines.len() > KEPT {
            self.lines.pop_first();
        }
    }
}

/// An event's id: 56 digits, always the same for the same `words`.
pub(crate) fn id(at: i64, words: &[&str]) -> String {
    let mut random = Random::from_words(words);
    format!("{at:016}{:020}{:020}", random.next(), random.next())
}

impl Region {
    /// Adds a log group, unless there is one of that name.
    pub fn add_log_group(&mut self, name: &str, retention_days: Option<u32>, at: Timestamp) -> &mut LogGroup {
        self.log_groups.entry(name.to_owned()).or_insert_with(|| LogGroup::new(at, retention_days))
    }

    /// Puts a line into a stream, both made if need be; it has arrived as soon as it was written.
    pub fn put_log(&mut self, group: &str, stream: &str, at: Timestamp, message: &str) {
        self.put_late_log(group, stream, at, at, message);
    }

    /// Puts a line that was written at `at` and arrives at `ingested`.
    pub fn put_late_log(&mut self, group: &str, stream: &str, at: Timestamp, ingested: Timestamp, message: &str) {
        let group = self.add_log_group(group, None, at);
        let found = group.streams.entry(stream.to_owned()).or_insert_with(|| Stream::new(at));
        found.put(stream, at.as_millisecond(), ingested.as_millisecond(), message);
    }

    /// The containers that write, or wrote, into the group called `name`.
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

/// Notes what a task that is being forgotten has written, so that its lines stay.
pub(crate) fn remember(groups: &mut BTreeMap<String, LogGroup>, task: &Task, definition: &Definition, region: &str) {
    for (group, writer) in writers(task, definition, region) {
        let Some(group) = groups.get_mut(&group) else { continue };
        group.past.push(writer);
        if group.past.len() > REMEMBERED {
            group.past.remove(0);
        }
    }
}

/// The containers of a task that have begun to write in `region`, each with its group.
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

/// When and how a container ended, if it has or is about to.
fn end(task: &Task, container: &Container, essential: bool, started: Timestamp) -> Option<(i64, End)> {
    if let Some(code) = container.exit_code.filter(|code| *code != 0 && !essential) {
        // One that its task does without has died right after its start.
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
