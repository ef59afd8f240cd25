//! A message as rows of a given width: folded, one row for each of its own lines, or whole.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthChar;

use crate::fleet::LogLine;
use crate::text::{bare, clean, fit};

/// Rows of a message that is folded.
const FOLDED: usize = 8;
/// Rows of a message that is unfolded: it may have a megabyte, and is wrapped for each frame.
const OPEN: usize = 2_000;
/// Letters of a date: `2026-11-20`.
const DAY: usize = 10;
/// How much a time at the beginning of a message may differ from the line's own and still say the same.
const SAME: Duration = Duration::from_secs(2);
/// Letters of a message that are looked at for one row of a column's width: more only combine.
const LETTERS: usize = 8;

/// How much of a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// Its own lines as they are read, without their colours and without the time that stands before them anyway,
    /// each cut to the width; eight of them.
    Closed,
    /// All of it as it was written, wrapped.
    Open,
}

/// How many rows the message of `line` takes.
pub(super) fn rows_of(line: &LogLine, room: usize, folding: Folding) -> usize {
    match folding {
        Folding::Closed => parts(&line.message).take(FOLDED).count().max(1),
        Folding::Open => rows(line, room, folding).len(),
    }
}

/// The rows of the message of `line` in `room` columns, clean; there is at least one.
pub fn rows(line: &LogLine, room: usize, folding: Folding) -> Vec<String> {
    let (room, message) = (room.max(2), line.message.as_str());
    let mut rows: Vec<String> = match folding {
        Folding::Open => wrapped(message, room),
        Folding::Closed => {
            let read = |(at, part): (usize, &str)| {
                let part = bare(part);
                cut(if at == 0 { untimed(&part, line.at) } else { &part }, room)
            };
            parts(message).take(FOLDED).enumerate().map(read).collect()
        }
    };
    if folding == Folding::Closed && parts(message).nth(FOLDED).is_some() {
        let more = parts(message).count() + 1 - FOLDED;
        rows.truncate(FOLDED - 1);
        rows.push(fit(&format!("… {more} more lines"), room));
    }
    if rows.is_empty() {
        rows.push(String::new());
    }
    rows
}

/// Whether something of the message of `line` is not seen while it is folded.
pub fn is_cut(line: &LogLine, room: usize) -> bool {
    rows(line, room, Folding::Closed) != rows(line, room, Folding::Open)
}

/// `message` without a time at its beginning that says what `at` says, as in `2026-11-20T16:30:22.829Z` or
/// `[2026-11-20 16:30:22,829]`; without a zone it is taken for UTC.
fn untimed(message: &str, at: Timestamp) -> &str {
    let bracket = message.starts_with('[');
    let text = message.strip_prefix('[').unwrap_or(message);
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return message;
    }
    let letters = |c: char| !(c.is_ascii_digit() || "-:.,TZ+".contains(c));
    let Some(day) = text.get(..DAY).filter(|_| text[DAY..].starts_with(['T', ' '])) else { return message };
    let rest = &text[DAY + 1..];
    let (hour, rest) = rest.split_at(rest.find(letters).unwrap_or(rest.len()));
    let time = format!("{day}T{}", hour.replace(',', "."));
    let zoned = || time.parse::<Timestamp>().ok();
    let civil = || time.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let same = zoned().or_else(civil).is_some_and(|own| own.duration_since(at).unsigned_abs() <= SAME);
    let rest = if bracket { rest.strip_prefix(']').unwrap_or(message) } else { rest };
    if same && rest.starts_with(' ') { rest.trim_start() } else { message }
}

/// Lines of a message; an end of line at its end begins no other.
fn parts(message: &str) -> impl Iterator<Item = &str> {
    message.trim_end_matches(['\n', '\r']).split('\n').map(|part| part.strip_suffix('\r').unwrap_or(part))
}

/// The beginning of `part` in `room` columns.
fn cut(part: &str, room: usize) -> String {
    let end = part.char_indices().nth(room * LETTERS).map_or(part.len(), |(at, _)| at);
    let text = fit(&part[..end], room);
    if end == part.len() || text.ends_with('…') { text } else { fit(&format!("{text}…"), room) }
}

/// `message` in rows of at most `room` columns, broken wherever one is full: a log line is shown as it is. There
/// are [`OPEN`] at most, of which the last says how much is left.
fn wrapped(message: &str, room: usize) -> Vec<String> {
    let mut rows: Vec<String> = vec![];
    // Where the last row begins.
    let mut last = message;
    for part in parts(message) {
        let mut rest = part;
        loop {
            if rows.len() == OPEN {
                // What is left of the message, and not only of its line.
                let from = last.as_ptr().addr() - message.as_ptr().addr();
                let left = message.len().saturating_sub(from).div_ceil(1_000);
                rows.truncate(OPEN - 1);
                rows.push(fit(&format!("… {left} kB more"), room));
                return rows;
            }
            let (row, more) = rest.split_at(row_end(rest, room));
            rows.push(clean(row).into_owned());
            (last, rest) = (rest, more);
            if rest.is_empty() {
                break;
            }
        }
    }
    rows
}

/// Where the first row of `part` ends.
fn row_end(part: &str, room: usize) -> usize {
    let mut columns = 0;
    for (count, (at, c)) in part.char_indices().enumerate() {
        let shown = clean(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c);
        columns += shown.width().unwrap_or(0);
        if columns > room || count == room * LETTERS {
            return at;
        }
    }
    part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str) -> LogLine {
        let at = "2026-11-20T16:30:22.829Z".parse().unwrap_or_default();
        let (id, group, stream) = ("1".to_owned(), "/ecs".to_owned(), "ecs/web/1".to_owned());
        LogLine { at, ingested_at: at, id, group, stream, message: message.to_owned() }
    }

    #[test]
    fn a_time_that_says_what_the_lines_own_says_is_left_out_and_no_other() {
        for (message, read) in [
            ("2026-11-20T16:30:22.829Z INFO ready", "INFO ready"),
            ("2026-11-20T17:30:21+01:00 ready", "ready"),
            ("2026-11-20 16:30:24,100 INFO ready", "INFO ready"),
            ("[2026-11-20 16:30:22.829]  ready", "ready"),
            ("2026-11-20T16:30:22 ready", "ready"),
            ("2026-11-20T16:30:30Z late", "2026-11-20T16:30:30Z late"),
            ("2026-11-20T16:30:22Z", "2026-11-20T16:30:22Z"),
            ("2026-11-20T16:30:22Z,x", "2026-11-20T16:30:22Z,x"),
            ("[2026-11-20 16:30:22 x", "[2026-11-20 16:30:22 x"),
            ("2026-11-20", "2026-11-20"),
            ("2026-11-2é16:30:22 x", "2026-11-2é16:30:22 x"),
            ("2026-99-99T16:30:22Z x", "2026-99-99T16:30:22Z x"),
            ("16:30:22 x", "16:30:22 x"),
            ("", ""),
        ] {
            let line = line(message);
            assert_eq!(rows(&line, 80, Folding::Closed), [read]);
            assert_eq!(
                (rows(&line, 80, Folding::Open), is_cut(&line, 80)),
                (vec![message.to_owned()], read != message)
            );
        }
    }

    #[test]
    fn a_message_takes_a_row_for_each_of_its_lines_and_what_is_cut_is_seen_to_be() {
        for (message, room, closed, open) in [
            ("ready", 10, vec!["ready"], vec!["ready"]),
            ("", 10, vec![""], vec![""]),
            ("ready\n", 10, vec!["ready"], vec!["ready"]),
            ("one\r\ntwo\n\nfour", 10, vec!["one", "two", "", "four"], vec!["one", "two", "", "four"]),
            ("abcdefgh", 4, vec!["abc…"], vec!["abcd", "efgh"]),
            ("日本語", 5, vec!["日本…"], vec!["日本", "語"]),
            ("a\x1b[2Jb\rc", 9, vec!["a␛[2Jb␍c"], vec!["a␛[2Jb␍c"]),
            ("\x1b[31mred\x1b[m x", 6, vec!["red x"], vec!["␛[31mr", "ed␛[m ", "x"]),
        ] {
            assert_eq!(rows(&line(message), room, Folding::Closed), closed, "{message:?}");
            assert_eq!(rows(&line(message), room, Folding::Open), open, "{message:?}");
            for (folding, expected) in [(Folding::Closed, closed.len()), (Folding::Open, open.len())] {
                assert_eq!(rows_of(&line(message), room, folding), expected, "{message:?}");
            }
            assert_eq!(is_cut(&line(message), room), closed != open, "{message:?}");
        }
    }

    #[test]
    fn of_many_lines_the_first_are_shown_and_how_many_follow() {
        let message: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        let message = message.join("\n");
        let shown = ["1", "2", "3", "4", "5", "6", "7", "… 13 more lines"];
        assert_eq!(rows(&line(&message), 20, Folding::Closed), shown);
        assert_eq!(rows_of(&line(&message), 20, Folding::Closed), 8);
        assert_eq!(rows(&line(&message), 20, Folding::Open).len(), 20);
    }

    #[test]
    fn an_unfolded_message_has_so_many_rows_at_most_and_each_so_many_letters() {
        // Letters that only combine take no column.
        let combining = "\u{301}".repeat(1_000);
        let open = rows(&line(&combining), 10, Folding::Open);
        assert_eq!(
            open.iter().map(|row| row.chars().count()).collect::<Vec<_>>(),
            [80; 12].iter().copied().chain([40]).collect::<Vec<_>>()
        );
        for (message, length, last) in [
            ("x".repeat(20_000), 2_000, "xxxxxxxxxx"),
            ("x".repeat(20_001), 2_000, "… 1 kB more"),
            ("x".repeat(1_000_000), 2_000, "… 981 kB more"),
            ("ab\n".repeat(1_000_000), 2_000, "… 2995 kB more"),
            ("é".repeat(20_000), 2_000, "éééééééééé"),
        ] {
            let open = rows(&line(&message), 10, Folding::Open);
            let last = fit(last, 10);
            assert_eq!((open.len(), open.last()), (length, Some(&last)), "{} bytes", message.len());
            assert_eq!(rows_of(&line(&message), 10, Folding::Open), length);
        }
    }
}
