//! The times at which a container writes lines. Lines are generated when they are read, always the same ones.
//!
//! Time is divided into slots of one to a few seconds, depending on the container. In each slot it writes one line,
//! which depends only on its task, its container and the slot. A line can be read once it is ingested, which takes a
//! few hundred milliseconds, or up to twenty seconds now and then. The last lines are ingested only after the container
//! has ended: until then, its end is not known.

use super::super::random::Random;
use super::super::world::logs::{ContainerEnd, LineKey, LogWriter, event_id};
use super::log_generator;

/// How long after its end a container may still write; milliseconds.
pub(super) const WRITE_AFTER_END: i64 = 1_000;

/// How long a container writes about its start only; milliseconds.
const STARTUP: i64 = 4_000;

/// Every container writes a line on each full minute, all at the same time.
const MINUTE: i64 = 60_000;

/// One in this many lines is late.
const LATE_ODDS: u64 = 30;

/// A line of a stream. Lines are ordered by their own time, then by their ingestion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) key: LineKey,
    pub(super) stream: String,
    pub(super) message: String,
}

/// The lines that `writer` writes from `begin` until before `end`, ingested or not.
pub(super) fn lines(writer: &LogWriter, begin: i64, end: i64) -> Vec<Line> {
    let (begin, end) = (begin.max(writer.since), end.min(write_end(writer)));
    let mut lines = vec![];
    let in_range = |at: i64| begin <= at && at < end;
    for (after, message) in log_generator::startup_lines(writer) {
        let at = writer.since + after;
        if in_range(at) && writer.end.is_none_or(|(over, _)| at < over) {
            lines.push(line(writer, at, Delay::Normal, message));
        }
    }
    let slot = period(writer);
    let rest = writer.end.map_or(end, |(over, _)| end.min(over));
    let mut number = begin.max(writer.since + STARTUP).div_euclid(slot);
    while number * slot < rest {
        let random = || Random::from_words(&["slot", &writer.task, &writer.container, &number.to_string()]);
        let start = number * slot;
        let at = if start % MINUTE == 0 { start } else { start + random().between(0, slot - 1) };
        if in_range(at) && at >= writer.since + STARTUP && at < rest {
            lines.push(line(writer, at, Delay::Normal, log_generator::routine_line(writer, at, &mut random())));
        }
        number += 1;
    }
    if let Some((over, how)) = writer.end {
        let delay = if how == ContainerEnd::Stopped { Delay::Normal } else { Delay::Long };
        for (after, message) in log_generator::shutdown_lines(writer, how) {
            let at = (over + after).max(writer.since);
            if in_range(at) {
                lines.push(line(writer, at, delay, message));
            }
        }
    }
    lines
}

/// How long the ingestion of a line takes.
#[derive(Clone, Copy)]
enum Delay {
    /// 0.3 to 2.5 seconds, and up to 20 now and then.
    Normal,
    /// 5 to 8 seconds.
    Long,
}

fn line(writer: &LogWriter, at: i64, delay: Delay, message: String) -> Line {
    let id = event_id(at, &[&writer.task, &writer.container, &at.to_string(), &message]);
    let mut random = Random::from_words(&["delay", &id]);
    let late = random.below(LATE_ODDS) == 0;
    let delay = match delay {
        Delay::Normal if late => random.between(5_000, 20_000),
        Delay::Normal => random.between(300, 2_500),
        Delay::Long => random.between(5_000, 8_000),
    };
    Line { key: LineKey { at, ingested: at + delay, id }, stream: writer.stream.clone(), message }
}

/// The end of the time in which a container writes.
fn write_end(writer: &LogWriter) -> i64 {
    writer.end.map_or(i64::MAX, |(over, _)| over + WRITE_AFTER_END)
}

/// The length of a container's slots in milliseconds; divides a minute.
fn period(writer: &LogWriter) -> i64 {
    const PERIODS: [i64; 4] = [1_000, 2_000, 3_000, 5_000];
    let at = Random::from_words(&["period", &writer.task, &writer.container]).below(4);
    usize::try_from(at).ok().and_then(|at| PERIODS.get(at)).copied().unwrap_or(1_000)
}
