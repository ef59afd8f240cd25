//! Which lines have come already, so that none is taken for new again.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{Hash, Hasher};

use jiff::Timestamp;

use crate::fleet::LogLine;

/// Lines that are remembered: [`super::OVERLAP`] at more than 16,000 a second, in some 50 MB.
pub(super) const KNOWN: usize = 1_000_000;

/// Lines that have come.
///
/// Of each stream those that came first are forgotten beyond a bound, and then whatever is as old as
/// they are, or older, counts as known: a line of such a stream that comes so late is lost, but none comes twice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dedupe {
    most: usize,
    streams: Vec<Stream>,
    /// Streams by the names of their log group and their own.
    places: HashMap<(String, String), usize>,
    /// The stream of each line, in the order they came in.
    order: VecDeque<usize>,
}

/// Lines of one stream.
#[derive(Clone, Debug, Default, PartialEq)]
struct Stream {
    /// When each was written, and of its id, which an emulator may make as long as the line, what tells it
    /// from the others of its moment.
    lines: BTreeSet<(Timestamp, u64)>,
    /// The newest that was forgotten.
    forgotten: Option<Timestamp>,
}

impl Default for Dedupe {
    fn default() -> Self {
        Self::new(KNOWN)
    }
}

impl Dedupe {
    /// Remembers so many lines.
    fn new(most: usize) -> Self {
        Self { most, streams: vec![], places: HashMap::new(), order: VecDeque::new() }
    }

    /// Whether `line` has come, or counts as such.
    pub(super) fn has(&self, line: &LogLine) -> bool {
        let place = (line.group.clone(), line.stream.clone());
        self.places.get(&place).and_then(|at| self.streams.get(*at)).is_some_and(|stream| {
            stream.forgotten >= Some(line.at) || stream.lines.contains(&(line.at, short(&line.id)))
        })
    }

    /// From now on `line` has come.
    pub(super) fn add(&mut self, line: &LogLine) {
        let next = self.streams.len();
        let at = *self.places.entry((line.group.clone(), line.stream.clone())).or_insert(next);
        if at == next {
            self.streams.push(Stream::default());
        }
        if !self.streams.get_mut(at).is_some_and(|stream| stream.lines.insert((line.at, short(&line.id)))) {
            return;
        }
        self.order.push_back(at);
        if self.order.len() > self.most
            && let Some(stream) = self.order.pop_front().and_then(|at| self.streams.get_mut(at))
            && let Some((at, _)) = stream.lines.pop_first()
        {
            stream.forgotten = stream.forgotten.max(Some(at));
        }
    }
}

fn short(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(group: &str, stream: &str, second: i64, id: i64) -> LogLine {
        let at = Timestamp::from_second(second).unwrap_or_default();
        let (id, group, stream, message) = (id.to_string(), group.to_owned(), stream.to_owned(), String::new());
        LogLine { at, ingested_at: at, id, group, stream, message }
    }

    #[test]
    fn beyond_the_bound_the_oldest_of_a_stream_are_forgotten_and_still_do_not_come_again() {
        let mut known = Dedupe::new(100);
        // One writer's clock is an hour ahead.
        let ahead = line("/ecs", "busy", 3_600, 0);
        known.add(&ahead);
        let busy: Vec<LogLine> = (1..1_000).map(|id| line("/ecs", "busy", id / 10, id)).collect();
        for line in &busy {
            assert!(!known.has(line), "{line:?}");
            known.add(line);
            assert!(known.has(line) && known.has(&ahead), "{line:?}");
        }
        assert!(busy.iter().all(|line| known.has(line)));
        assert_eq!(known.order.len(), 100);
        assert_eq!(known.streams.iter().map(|stream| stream.lines.len()).sum::<usize>(), 100);
    }

    #[test]
    fn what_is_forgotten_of_one_stream_hides_nothing_of_another_that_lags_behind() {
        let mut known = Dedupe::new(100);
        for id in 1..1_000 {
            known.add(&line("/ecs", "busy", 5_000, id));
        }
        for id in 1..1_000 {
            let lagging = line("/ecs", "lagging", id, id);
            assert!(!known.has(&lagging), "{id}");
            known.add(&lagging);
        }
    }

    #[test]
    fn an_id_stands_for_its_line_in_its_own_group_only() {
        let mut known = Dedupe::default();
        known.add(&line("/ecs/web", "a", 1, 1));
        assert!(known.has(&line("/ecs/web", "a", 1, 1)));
        assert!(!known.has(&line("/ecs/api", "a", 1, 1)));
    }
}
