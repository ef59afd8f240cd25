//! Log lines, and where they are asked for.

use jiff::Timestamp;

/// One line of a log, as `CloudWatch` Logs has it.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogLine {
    /// When it was written, by the writer's clock; to the millisecond.
    pub at: Timestamp,
    /// When it arrived.
    pub ingested_at: Timestamp,
    /// Unique; the same line is seen again in each window that it lies in.
    pub id: String,
    /// The log group.
    pub group: String,
    /// The stream: `prefix/container/task-id` for the awslogs driver.
    pub stream: String,
    /// What was written. May hold newlines and anything else: it is cleaned before it is shown.
    pub message: String,
}

/// Where lines are asked for: some streams of one log group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogSource {
    /// The log group's name.
    pub group: String,
    /// Its region, where that is another than the context's.
    pub region: Option<String>,
    /// Which of its streams.
    pub streams: Streams,
}

/// Which streams of a log group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Streams {
    /// These; at most [`STREAMS`].
    Named(Vec<String>),
    /// All whose name begins so.
    Prefix(String),
    /// All.
    All,
}

/// Streams in one question: `FilterLogEvents` takes 100
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>).
pub const STREAMS: usize = 100;

/// A stretch of time in a log, both ends included, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends; nothing for as far as there are lines.
    pub until: Option<Timestamp>,
}
