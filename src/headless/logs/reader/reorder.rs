//! Lines that wait for earlier ones, as many as there is room for.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::tail::{BYTES, LINES};
use crate::fleet::LogLine;

/// Lines that wait for earlier ones, in the order of their time: [`LINES`] and [`BYTES`] at most.
pub(super) struct ReorderBuffer {
    lines: BTreeSet<Arc<LogLine>>,
    bytes: usize,
    most: (usize, usize),
}

/// A line whose turn it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ready {
    /// All that are earlier have come.
    Own(Arc<LogLine>),
    /// Earlier ones may still come, and there is no room to wait for them.
    Early(Arc<LogLine>),
}

impl ReorderBuffer {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { lines: BTreeSet::new(), bytes: 0, most: (LINES, BYTES) }
    }

    /// Holds `lines`, too.
    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = Arc<LogLine>>) {
        for line in lines {
            let bytes = line.message.len();
            if self.lines.insert(line) {
                self.bytes += bytes;
            }
        }
    }

    /// The next that is to be printed, where all before `until` have come.
    pub(super) fn pop(&mut self, until: Option<Timestamp>) -> Option<Ready> {
        let early = until.is_some_and(|until| self.lines.first().is_some_and(|line| line.at >= until));
        if early && self.lines.len() <= self.most.0 && self.bytes <= self.most.1 {
            return None;
        }
        let line = self.lines.pop_first()?;
        self.bytes -= line.message.len();
        Some(if early { Ready::Early(line) } else { Ready::Own(line) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: i64, message: &str) -> Arc<LogLine> {
        let at = Timestamp::from_second(second).unwrap_or_default();
        let [id, group, stream] = [""; 3].map(str::to_owned);
        Arc::new(LogLine { at, ingested_at: at, id, group, stream, message: message.to_owned() })
    }

    /// What is printed of lines of one second each, where so many and so many bytes fit.
    fn printed(most: (usize, usize), messages: &[&str], until: Option<i64>) -> Vec<Ready> {
        let mut buffer = ReorderBuffer { most, ..ReorderBuffer::new() };
        buffer.extend((0..).zip(messages).map(|(second, message)| line(second, message)));
        let until = until.and_then(|second| Timestamp::from_second(second).ok());
        std::iter::from_fn(|| buffer.pop(until)).collect()
    }

    #[test]
    fn what_waits_for_earlier_lines_is_printed_in_its_turn_or_when_there_is_no_more_room() {
        let five = ["a", "b", "c", "d", "e"];
        let own = |second| Ready::Own(line(second, five[usize::try_from(second).unwrap_or(0)]));
        let early = |second| Ready::Early(line(second, five[usize::try_from(second).unwrap_or(0)]));
        assert_eq!(printed((9, 9), &five, Some(0)), []);
        assert_eq!(printed((9, 9), &five, Some(2)), [own(0), own(1)]);
        assert_eq!(printed((9, 9), &five, None), [own(0), own(1), own(2), own(3), own(4)]);
        assert_eq!(printed((3, 9), &five, Some(0)), [early(0), early(1)]);
        assert_eq!(printed((3, 9), &five, Some(1)), [own(0), early(1)]);
        assert_eq!(printed((9, 4), &five, Some(0)), [early(0)]);
        assert_eq!(printed((9, 2), &["long"], Some(0)), [Ready::Early(line(0, "long"))]);
    }
}
