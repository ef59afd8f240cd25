//! When a container writes: its lines are made when they are asked for, always the same ones.
//!
//! Time is cut into slots of a second or a few, each container having its own length; in each slot it writes one line.
//! A line depends on its task, its container and its slot only. It can be read once it was ingested, which takes a few
//! hundred milliseconds or, now and then, up to twenty seconds. Last lines take longer to arrive than they were written
//! before the end: until it has come about nobody could have read of it.

use super::super::random::Random;
use super::super::world::logs::{End, Key, Writer, id};
use super::talk;

/// Milliseconds after its end during which a container may still write.
pub(super) const AFTER: i64 = 1_000;

/// Milliseconds for which a container writes of its start, and of nothing else.
const START: i64 = 4_000;

/// On each full minute every container writes, all at the same moment.
const MINUTE: i64 = 60_000;

/// One line in so many comes late.
const LATE: u64 = 30;

/// A line of a stream. Lines are in order by their own time, then by their arrival.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) key: Key,
    pub(super) stream: String,
    pub(super) message: String,
}

/// What `writer` writes from `begin` until before `end`, whether it has arrived or not.
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

/// How long a line takes to arrive.
#[derive(Clone, Copy)]
enum Delay {
    /// A moment, or up to 20 seconds now and then.
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

/// The moment after a container's last line.
fn over(writer: &Writer) -> i64 {
    writer.end.map_or(i64::MAX, |(over, _)| over + AFTER)
}

/// How long a container's slots are; a divisor of a minute.
fn period(writer: &Writer) -> i64 {
    const PERIODS: [i64; 4] = [1_000, 2_000, 3_000, 5_000];
    let at = Random::from_words(&["period", &writer.task, &writer.container]).below(4);
    usize::try_from(at).ok().and_then(|at| PERIODS.get(at)).copied().unwrap_or(1_000)
}
