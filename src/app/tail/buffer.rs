//! Lines in the order of their time, each once, and not more than fit.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::fleet::LogLine;

/// Lines that are kept.
pub const LINES: usize = 50_000;
/// Bytes that are kept of what was written: one line may have a megabyte.
pub const BYTES: usize = 64 << 20;
/// Lines that are known by their id, so that one that has fallen out is not taken for new.
const KNOWN: usize = 2 * LINES;

/// Lines in the order of time, then of arrival, then of id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buffer {
    lines: VecDeque<Arc<LogLine>>,
    known: HashSet<Arc<str>>,
    /// The ids in the order they came in.
    order: VecDeque<Arc<str>>,
    bytes: usize,
    dropped: usize,
}

impl Buffer {
    pub(super) fn lines(&self) -> &VecDeque<Arc<LogLine>> {
        &self.lines
    }

    /// How many have fallen out: the oldest go first.
    pub(super) fn dropped(&self) -> usize {
        self.dropped
    }

    /// Takes `line` in at its place; nothing if it is there already, or has been.
    pub(super) fn insert(&mut self, line: LogLine) -> Option<Arc<LogLine>> {
        if self.known.contains(line.id.as_str()) {
            return None;
        }
        // Most lines are the newest; one whose id was forgotten may still be here.
        let at = match self.lines.back() {
            Some(last) if **last >= line => self.lines.binary_search_by(|kept| (**kept).cmp(&line)).err()?,
            _ => self.lines.len(),
        };
        self.remember(&line.id);
        let line = Arc::new(line);
        self.bytes += line.message.len();
        self.lines.insert(at, Arc::clone(&line));
        while self.lines.len() > LINES || self.bytes > BYTES {
            let Some(first) = self.lines.pop_front() else { break };
            self.bytes -= first.message.len();
            self.dropped += 1;
        }
        Some(line)
    }

    fn remember(&mut self, id: &str) {
        let id: Arc<str> = Arc::from(id);
        self.known.insert(Arc::clone(&id));
        self.order.push_back(id);
        if self.order.len() > KNOWN
            && let Some(first) = self.order.pop_front()
        {
            self.known.remove(&first);
        }
    }
}
