//! A message as rows of a given width: folded, one row for each of its own lines, or whole.

use unicode_width::UnicodeWidthChar;

use crate::fleet::{bare, clean, fit};

/// Rows of a message that is folded.
const FOLDED: usize = 8;
/// Letters of a message that are looked at for one row of a column's width: more only combine.
const LETTERS: usize = 8;

/// How much of a message is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// Its own lines as they are read, without their colours, each cut to the width; eight of them.
    Closed,
    /// All of it as it was written, wrapped.
    Open,
}

/// How many rows `message` takes.
pub(super) fn rows_of(message: &str, room: usize, folding: Folding) -> usize {
    match folding {
        Folding::Closed => parts(message).take(FOLDED).count().max(1),
        Folding::Open => rows(message, room, folding).len(),
    }
}

/// The rows of `message` in `room` columns, clean; there is at least one.
pub fn rows(message: &str, room: usize, folding: Folding) -> Vec<String> {
    let room = room.max(2);
    let mut rows: Vec<String> = match folding {
        Folding::Open => parts(message).flat_map(|part| wrapped(part, room)).collect(),
        Folding::Closed => parts(message).take(FOLDED).map(|part| cut(&bare(part), room)).collect(),
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

/// Whether something of `message` is not seen while it is folded.
pub fn is_cut(message: &str, room: usize) -> bool {
    rows(message, room, Folding::Closed) != rows(message, room, Folding::Open)
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

/// `part` in pieces of at most `room` columns, broken wherever a piece is full: a log line is shown as it is.
fn wrapped(part: &str, room: usize) -> Vec<String> {
    let mut pieces = vec![];
    let (mut piece, mut columns) = (String::new(), 0);
    for c in clean(part).chars() {
        let width = c.width().unwrap_or(0);
        if columns + width > room {
            pieces.push(std::mem::take(&mut piece));
            columns = 0;
        }
        piece.push(c);
        columns += width;
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(rows(message, room, Folding::Closed), closed, "{message:?}");
            assert_eq!(rows(message, room, Folding::Open), open, "{message:?}");
            for (folding, expected) in [(Folding::Closed, closed.len()), (Folding::Open, open.len())] {
                assert_eq!(rows_of(message, room, folding), expected, "{message:?}");
            }
            assert_eq!(is_cut(message, room), closed != open, "{message:?}");
        }
    }

    #[test]
    fn of_many_lines_the_first_are_shown_and_how_many_follow() {
        let message: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
        let message = message.join("\n");
        let shown = ["1", "2", "3", "4", "5", "6", "7", "… 13 more lines"];
        assert_eq!(rows(&message, 20, Folding::Closed), shown);
        assert_eq!(rows_of(&message, 20, Folding::Closed), 8);
        assert_eq!(rows(&message, 20, Folding::Open).len(), 20);
    }
}
