//! Reads the lines of many streams in order of time, a page at a time, and never holds more than a page.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::world::Region;
use super::super::world::logs::{LineKey, LogWriter};
use super::lines::{self, Line};
use super::{MAX_BYTES, OVERHEAD};

/// The length of the time span that is searched at once; milliseconds.
const CHUNK: i64 = 60_000;

/// The lines searched for one page. The page ends after them, full or not.
const MAX_WORK: usize = 50_000;

/// A stream, and the sources of its lines.
#[derive(Debug)]
pub(super) struct StreamSource<'a> {
    pub(super) stream: String,
    /// When it was created; milliseconds since 1970, like all times here.
    pub(super) created: i64,
    writer: Option<LogWriter>,
    put: Option<&'a BTreeMap<LineKey, String>>,
    /// Lines ingested later are not visible yet.
    now: i64,
    /// Lines written earlier have expired.
    kept: i64,
}

/// A position between two lines: right before or right after a line, which need not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) key: LineKey,
    pub(super) side: Side,
}

/// The side of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Before,
    After,
}

/// Consecutive lines, and the positions where they begin and end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineRange {
    /// The oldest first.
    pub(super) lines: Vec<Line>,
    pub(super) start: Position,
    pub(super) end: Position,
    /// Whether there are no more lines beyond it.
    pub(super) exhausted: bool,
}

impl Position {
    /// The position before all lines written at `at` or later.
    pub(super) fn at(at: i64) -> Self {
        Self { key: LineKey { at, ingested: i64::MIN, id: String::new() }, side: Side::Before }
    }

    fn beside(line: &Line, side: Side) -> Self {
        Self { key: line.key.clone(), side }
    }

    /// Whether the line comes after this position.
    fn precedes(&self, line: &Line) -> bool {
        *self <= Self::beside(line, Side::Before)
    }
}

/// The streams of `group` whose names are `wanted`, ordered by name.
pub(super) fn sources<'a>(
    region: &'a Region,
    group: &str,
    now: Timestamp,
    wanted: impl Fn(&str) -> bool,
) -> Vec<StreamSource<'a>> {
    let Some(found) = region.log_groups.get(group) else { return vec![] };
    let day = 24 * 60 * 60 * 1_000;
    let now = now.as_millisecond();
    let kept = found.retention_days.map_or(i64::MIN, |days| now - i64::from(days) * day);
    let source =
        |stream: &str, created| StreamSource { stream: stream.to_owned(), created, writer: None, put: None, now, kept };
    let mut sources: BTreeMap<String, StreamSource<'a>> = BTreeMap::new();
    for (name, stream) in found.streams.iter().filter(|(name, _)| wanted(name)) {
        let made = source(name, stream.created_at.as_millisecond());
        sources.insert(name.clone(), StreamSource { put: Some(&stream.lines), ..made });
    }
    for writer in region.writers(group).into_iter().filter(|writer| wanted(&writer.stream)) {
        let found = sources.entry(writer.stream.clone()).or_insert_with(|| source(&writer.stream, writer.since));
        found.writer = Some(writer);
    }
    sources.into_values().collect()
}

/// The first lines after `from` that were written before `until` and are `wanted`: at most `count`, and at most 1 MB.
pub(super) fn scan_forward(
    sources: &[StreamSource<'_>],
    from: &Position,
    until: i64,
    count: usize,
    wanted: &dyn Fn(&str) -> bool,
) -> LineRange {
    let mut range = LineRange { lines: vec![], start: from.clone(), end: from.clone(), exhausted: false };
    let (mut at, mut bytes, mut work) = (from.key.at, 0, 0);
    loop {
        let next = sources.iter().filter_map(|source| source.next(at)).min().filter(|next| *next < until);
        let Some(begin) = next else {
            if let Some(last) = range.lines.last() {
                range.end = Position::beside(last, Side::After);
            }
            range.exhausted = true;
            return range;
        };
        let end = begin.saturating_add(CHUNK).min(until);
        let mut lines: Vec<Line> = sources.iter().flat_map(|source| source.lines(begin, end)).collect();
        lines.sort();
        work += lines.len() + sources.len();
        for line in lines.into_iter().filter(|line| from.precedes(line) && wanted(&line.message)) {
            bytes += line.message.len() + OVERHEAD;
            if range.lines.len() == count || (bytes > MAX_BYTES && !range.lines.is_empty()) {
                range.end = Position::beside(&line, Side::Before);
                return range;
            }
            range.lines.push(line);
        }
        at = end;
        if work > MAX_WORK {
            range.end = Position::at(at);
            return range;
        }
    }
}

/// The last lines of one stream before `upper` that were written at `from` or later: at most `count`, and at most 1 MB.
pub(super) fn scan_backward(source: &StreamSource<'_>, upper: &Position, from: i64, count: usize) -> LineRange {
    let mut range = LineRange { lines: vec![], start: upper.clone(), end: upper.clone(), exhausted: false };
    let (mut end, mut bytes, mut work) = (upper.key.at.saturating_add(1), 0, 0);
    'full: loop {
        let Some(last) = source.previous(end).filter(|last| *last >= from) else {
            range.exhausted = true;
            break;
        };
        let begin = (last + 1 - CHUNK).max(from);
        let mut lines: Vec<Line> = source.lines(begin, last + 1).collect();
        lines.sort();
        work += lines.len() + 1;
        for line in lines.into_iter().rev().filter(|line| !upper.precedes(line)) {
            bytes += line.message.len() + OVERHEAD;
            if range.lines.len() == count || (bytes > MAX_BYTES && !range.lines.is_empty()) {
                break 'full;
            }
            range.start = Position::beside(&line, Side::Before);
            range.lines.push(line);
        }
        end = begin;
        if work > MAX_WORK {
            range.start = Position::at(begin);
            break;
        }
    }
    range.lines.reverse();
    if let Some(last) = range.lines.last() {
        range.end = Position::beside(last, Side::After);
    }
    range
}

impl StreamSource<'_> {
    /// The visible lines written from `begin` until before `end`, in no order.
    fn lines(&self, begin: i64, end: i64) -> impl Iterator<Item = Line> {
        let begin = begin.max(self.kept);
        let end = end.max(begin);
        let written = self.writer.iter().flat_map(move |writer| lines::lines(writer, begin, end));
        let bounds = Position::at(begin).key..Position::at(end).key;
        let put = self.put.into_iter().flat_map(move |put| put.range(bounds.clone())).map(|(key, message)| Line {
            key: key.clone(),
            stream: self.stream.clone(),
            message: message.clone(),
        });
        written.chain(put).filter(|line| line.key.ingested <= self.now)
    }

    /// The earliest time, at `at` or later, at which there may be a line.
    fn next(&self, at: i64) -> Option<i64> {
        let at = at.max(self.kept);
        let written = self.writer.as_ref().map(|writer| at.max(writer.since)).filter(|next| *next < self.end());
        let put = self.put.and_then(|put| put.range(Position::at(at).key..).next()).map(|(key, _)| key.at);
        [written, put].into_iter().flatten().min()
    }

    /// The latest time before `at` at which there may be a line.
    fn previous(&self, at: i64) -> Option<i64> {
        let since = self.writer.as_ref().map(|writer| writer.since);
        let written = since.map(|since| (at.min(self.end()) - 1, since)).filter(|(last, since)| last >= since);
        let put = self.put.and_then(|put| put.range(..Position::at(at).key).next_back()).map(|(key, _)| key.at);
        let last = [written.map(|(last, _)| last), put].into_iter().flatten().max();
        last.filter(|last| *last >= self.kept)
    }

    /// The end of the time in which the writer's visible lines may be.
    fn end(&self) -> i64 {
        let end = self
            .writer
            .as_ref()
            .and_then(|writer| writer.end)
            .map_or(i64::MAX, |(end, _)| end + lines::WRITE_AFTER_END);
        end.min(self.now.saturating_add(1))
    }
}
