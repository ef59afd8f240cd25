//! Lines in the order of their time, each once, and not more than fit.

use std::collections::VecDeque;
use std::sync::Arc;

use super::dedupe::Dedupe;
use crate::fleet::LogLine;

/// Lines that are kept while the newest are followed.
pub const LINES: usize = 50_000;
/// Bytes that are kept of what was written: one line may have a megabyte.
pub const BYTES: usize = 64 << 20;
/// How many times as much is kept while somebody reads what came before.
const READ: usize = 2;

/// What is to stay of more lines than are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// The newest.
    #[default]
    Newest,
    /// Also what somebody reads: until there is twice as much, nothing falls out.
    Read,
}

/// Lines in the order of time, then of arrival, then of id.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Buffer {
    lines: VecDeque<Arc<LogLine>>,
    /// Those that have come, also if they have fallen out.
    known: Dedupe,
    bytes: usize,
    dropped: usize,
    keep: Keep,
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
        if self.known.has(&line) {
            return None;
        }
        self.known.add(&line);
        // Most lines are the newest.
        let at = match self.lines.back() {
            Some(last) if **last >= line => self.lines.partition_point(|kept| **kept < line),
            _ => self.lines.len(),
        };
        let line = Arc::new(line);
        self.bytes += line.message.len();
        self.lines.insert(at, Arc::clone(&line));
        self.trim();
        Some(line)
    }

    /// Sets what stays of more lines than are kept.
    pub(super) fn keep(&mut self, keep: Keep) {
        if self.keep != keep {
            self.keep = keep;
            self.trim();
        }
    }

    fn trim(&mut self) {
        let times = match self.keep {
            Keep::Newest => 1,
            Keep::Read => READ,
        };
        while self.lines.len() > LINES * times || self.bytes > BYTES * times {
            let Some(first) = self.lines.pop_front() else { break };
            self.bytes -= first.message.len();
            self.dropped += 1;
        }
    }
}
