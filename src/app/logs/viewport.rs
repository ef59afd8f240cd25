//! Where one reads in lines that come in anywhere: at their end, or at one line that keeps its place.

use std::collections::VecDeque;
use std::sync::Arc;

use super::LineKey;
use super::rows::{Folding, rows_of};
use crate::fleet::LogLine;

/// Where one reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// At the end: the newest line is the last in the window.
    #[default]
    Following,
    /// At one line, which keeps its place in the window whatever comes in above and below.
    At {
        /// The line.
        selected: LineKey,
        /// The row of the window in which it begins; above it for one that is higher than the window.
        row: isize,
        /// The last line that has been in the window: those behind it are new.
        seen: LineKey,
    },
}

/// Lines, and the window over them.
#[derive(Clone, Copy)]
pub struct Viewport<'a> {
    /// Every line, sorted.
    pub lines: &'a VecDeque<Arc<LogLine>>,
    /// Rows of the window.
    pub height: usize,
    /// Columns for a message.
    pub room: usize,
    /// The line that is unfolded.
    pub unfolded: Option<&'a LineKey>,
}

/// The part of the lines that is in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first line that is in it.
    pub first: usize,
    /// Rows of that line that stand above the window.
    pub skip: usize,
    /// The last line that is in it.
    pub last: usize,
    /// The selected line, and the row it begins in.
    pub selected: Option<(usize, isize)>,
}

impl Viewport<'_> {
    /// Rows that the line `at` takes.
    fn rows(&self, at: usize) -> usize {
        let line = &self.lines[at];
        let folding = match self.unfolded {
            Some(mark) if mark.is(line) => Folding::Open,
            _ => Folding::Closed,
        };
        rows_of(line, self.room, folding)
    }

    /// The line at `mark`, or where that is gone, the next; the last at the most.
    pub fn find(&self, mark: &LineKey) -> usize {
        let at = self.lines.partition_point(|line| mark.is_after(line));
        at.min(self.lines.len().saturating_sub(1))
    }

    /// Rows above the line `at`, counted up to `most`.
    fn above(&self, at: usize, most: usize) -> usize {
        let mut rows = 0;
        for line in (0..at).rev() {
            if rows >= most {
                break;
            }
            rows += self.rows(line);
        }
        rows.min(most)
    }

    /// Rows from the line `at` on, counted up to `most`.
    fn from(&self, at: usize, most: usize) -> usize {
        let mut rows = 0;
        for line in at..self.lines.len() {
            if rows >= most {
                break;
            }
            rows += self.rows(line);
        }
        rows.min(most)
    }

    /// The part of the lines that is in the window; nothing without lines.
    pub fn frame(&self, reading: &Position) -> Option<Frame> {
        let end = self.lines.len().checked_sub(1)?;
        let (anchor, row, selected) = match reading {
            Position::Following => (end, signed(self.height) - signed(self.rows(end)), false),
            Position::At { selected, row, .. } => (self.find(selected), *row, true),
        };
        let row = self.settled(anchor, row);
        let (first, skip) = match usize::try_from(row) {
            Ok(rows) => self.back(anchor, rows),
            Err(_) => (anchor, row.unsigned_abs()),
        };
        let mut last = first;
        let mut bottom = signed(self.rows(first)) - signed(skip);
        while last < end && bottom < signed(self.height) {
            last += 1;
            bottom += signed(self.rows(last));
        }
        Some(Frame { first, skip, last, selected: selected.then_some((anchor, row)) })
    }

    /// The row that the line `at` begins in, if `row` is requested: no row is left empty as long as
    /// there are lines for it.
    fn settled(&self, at: usize, row: isize) -> isize {
        let below = signed(self.from(at, self.height + row.unsigned_abs()));
        let lowest = (signed(self.height) - signed(self.rows(at))).max(0);
        let row = row.min(lowest).max(signed(self.height) - below);
        row.min(signed(self.above(at, self.height)))
    }

    /// The line that is so many rows above the line `at`, and how many of its rows are above that.
    fn back(&self, at: usize, rows: usize) -> (usize, usize) {
        let (mut at, mut left) = (at, rows);
        while left > 0 && at > 0 {
            at -= 1;
            let own = self.rows(at);
            if own >= left {
                return (at, own - left);
            }
            left -= own;
        }
        (at, 0)
    }

    /// Where one reads `at`: in the row `row`, or as near to it as the whole line is in the window.
    fn at(&self, at: usize, row: isize, seen: LineKey) -> Position {
        let lowest = (signed(self.height) - signed(self.rows(at))).max(0);
        Position::At { selected: LineKey::of(&self.lines[at]), row: row.clamp(0, lowest), seen }
    }

    /// What one reads after a step of one line down (1) or up (-1): within a line that is higher
    /// than the window, a row. Down from the last line the newest are followed again.
    pub fn step(&self, reading: &Position, by: isize) -> Position {
        let Some((at, row, seen)) = self.place(reading) else { return Position::Following };
        let end = row + signed(self.rows(at));
        let selected = || LineKey::of(&self.lines[at]);
        match by.signum() {
            1 if end > signed(self.height) => Position::At { selected: selected(), row: row - 1, seen },
            1 if at + 1 == self.lines.len() => Position::Following,
            1 => self.at(at + 1, end, seen),
            _ if row < 0 => Position::At { selected: selected(), row: row + 1, seen },
            _ if at == 0 => self.at(0, 0, seen),
            _ => self.at(at - 1, row - signed(self.rows(at - 1)), seen),
        }
    }

    /// What one reads after the window has moved so many rows.
    pub fn scroll(&self, reading: &Position, by: isize) -> Position {
        let Some((at, row, seen)) = self.place(reading) else { return Position::Following };
        // The line that comes to where the selected one stands, and how many of its rows are above that.
        let (to, skip) = if by < 0 { self.back(at, by.unsigned_abs()) } else { self.on(at, by.unsigned_abs()) };
        let (skip, rows) = (signed(skip), signed(self.rows(to)));
        let high = rows > signed(self.height);
        let within = (row - skip).clamp((signed(self.height) - rows).min(0), 0);
        if to == at && (!high || within == row) {
            return self.step(reading, by);
        }
        if high {
            return Position::At { selected: LineKey::of(&self.lines[to]), row: within, seen };
        }
        self.at(to, row - skip, seen)
    }

    /// The line that is so many rows below the beginning of the line `at`, and how many of its rows
    /// are above that; the last at the most.
    fn on(&self, at: usize, rows: usize) -> (usize, usize) {
        let (mut at, mut left) = (at, rows);
        while left >= self.rows(at) {
            if at + 1 == self.lines.len() {
                return (at, 0);
            }
            left -= self.rows(at);
            at += 1;
        }
        (at, left)
    }

    /// What one reads at the line `at`: where it stands, if it is in the window, else with lines around it.
    pub fn go(&self, reading: &Position, at: usize) -> Position {
        let Some(frame) = self.frame(reading) else { return Position::Following };
        let seen = self.seen_in(frame, reading);
        let within = (frame.first..=frame.last).contains(&at);
        let row = if within {
            let before: usize = (frame.first..at).map(|line| self.rows(line)).sum();
            signed(before) - signed(frame.skip)
        } else {
            signed(self.height / 3)
        };
        self.at(at, row, seen)
    }

    /// The selected line, or when following the newest, and the row it begins in.
    fn place(&self, reading: &Position) -> Option<(usize, isize, LineKey)> {
        let frame = self.frame(reading)?;
        let seen = self.seen_in(frame, reading);
        if let Some((at, row)) = frame.selected {
            return Some((at, row, seen));
        }
        let end = self.lines.len() - 1;
        Some((end, self.settled(end, signed(self.height) - signed(self.rows(end))), seen))
    }

    /// The last line that has been in the window by now.
    pub fn seen_in(&self, frame: Frame, reading: &Position) -> LineKey {
        let shown = LineKey::of(&self.lines[frame.last]);
        match reading {
            Position::Following => shown,
            Position::At { seen, .. } => seen.clone().max(shown),
        }
    }
}

/// How many of `lines` stand behind `mark`.
pub(super) fn behind(lines: &VecDeque<Arc<LogLine>>, mark: &LineKey) -> usize {
    lines.len() - lines.partition_point(|line| mark.is_after(line) || mark.is(line))
}

fn signed(rows: usize) -> isize {
    isize::try_from(rows).unwrap_or(isize::MAX)
}
