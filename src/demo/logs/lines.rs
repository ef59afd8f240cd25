//! The times at which a container writes lines. Lines are generated when they are read, always the same ones.
//!
//! Time is divided into slots of one to a few seconds, depending on the container. In each slot it writes one line,
//! which depends only on its task, its container and the slot. A line can be read once it is ingested, which takes a
//! few hundred milliseconds, or up to twenty seconds now and then. The last lines are ingested only after the container
//! has ended: until then, its end is not known.

use super::super::random::Random;
use super::super::world::logs::{End, Key, Writer, id};
use super::talk;

/// How long after its end a container may still write; milliseconds.
pub(super) const AFTER: i64 = 1_000;

/// How long a container writes about its start only; milliseconds.
const START: i64 = 4_000;

/// Every container writes a line on each full minute, all at the same time.
const MINUTE: i64 = 60_000;

/// One in this many lines is late.
const LATE: u64 = 30;

/// A line of a stream. Lines are ordered by their own time, then by their ingestion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) key: Key,
    pub(super) stream: String,
    pub(super) message: String,
}

/// The lines that `writer` writes from `begin` until before `end`, ingested or not.
pub(super) fn lines(writer: &Writer, begin: i64, end: i64) -> Vec<Line> {
    let (begin, end) = (begin.max(writer.since), end.min(over(writer)));
    let mut lines = vec![];
    let told = |at: i64| begin <= at && at < end;
    for (after, message) in talk::first(writer) {
        let at = writer.since + after;
        if told(at) && writer.end.is_none_or(|(over, _)| at < over) {
            lines.push(line(writer, at, Delay::Usual, message));
        }
    }
    let slot = period(writer);
    let rest = writer.end.map_or(end, |(over, _)| end.min(over));
    let mut number = begin.max(writer.since + START).div_euclid(slot);
    while number * slot < rest {
        let random = || Random::from_words(&["slot", &writer.task, &writer.container, &number.to_string()]);
        let start = number * slot;
        let at = if start % MINUTE == 0 { start } else { start + random().between(0, slot - 1) };
        if told(at) && at >= writer.since + START && at < rest {
            lines.push(line(writer, at, Delay::Usual, talk::usual(writer, at, &mut random())));
        }
        number += 1;
    }
    if let Some((over, how)) = writer.end {
        let delay = if how == End::Told { Delay::Usual } else { Delay::Long };
        for (after, message) in talk::last(writer, how) {
            let at = (over + after).max(writer.since);
            if told(at) {
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
    Usual,
    /// 5 to 8 seconds.
    Long,
}

fn line(writer: &Writer, at: i64, delay: Delay, message: String) -> Line {
    let id = id(at, &[&writer.task, &writer.container, &at.to_string(), &message]);
    let mut random = Random::from_words(&["delay", &id]);
    let late = random.below(LATE) == 0;
    let delay = match delay {
        Delay::Usual if late => random.between(5_000, 20_000),
        Delay::Usual => random.between(300, 2_500),
        Delay::Long => random.between(5_000, 8_000),
    };
    Line { key: Key { at, ingested: at + delay, id }, stream: writer.stream.clone(), message }
}

/// The end of the time in which a container writes.
fn over(writer: &Writer) -> i64 {
    writer.end.map_or(i64::MAX, |(over, _)| over + AFTER)
}

/// The length of a container's slots in milliseconds; divides a minute.
fn period(writer: &Writer) -> i64 {
    const PERIODS: [i64; 4] = [1_000, 2_000, 3_000, 5_000];
    let at = Random::from_words(&["period", &writer.task, &writer.container]).below(4);
    usize::try_from(at).ok().and_then(|at| PERIODS.get(at)).copied().unwrap_or(1_000)
}
