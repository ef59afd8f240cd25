//! Lines made of parts that give way to each other where room is short.

use unicode_width::UnicodeWidthStr;

use crate::app::page::Span;
use crate::text::fit;

/// A part of a line, in several forms, the longest first.
#[derive(Clone, Debug)]
pub(super) struct Part {
    forms: Vec<Form>,
    /// Which form is shown; none of them once it has given way entirely.
    shown: usize,
    side: Side,
}

#[derive(Clone, Debug)]
struct Form {
    spans: Vec<Span>,
    rank: u8,
}

/// Which end of the line a part keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The rank of what never gives way: it is cut where even alone it does not fit.
pub(super) const KEPT: u8 = 0;

/// Columns between two parts.
pub(super) const GAP: usize = 2;

impl Part {
    /// `spans`, which give way the sooner, the higher their `rank`.
    pub(super) fn new(spans: impl IntoIterator<Item = Span>, rank: u8) -> Self {
        Self { forms: vec![], shown: 0, side: Side::Left }.or(spans, rank)
    }

    /// The same part, shorter: what the form before gives way to.
    pub(super) fn or(mut self, spans: impl IntoIterator<Item = Span>, rank: u8) -> Self {
        self.forms.push(Form { spans: spans.into_iter().collect(), rank });
        self
    }

    /// The same part at the right end of the line.
    pub(super) fn right(mut self) -> Self {
        self.side = Side::Right;
        self
    }

    fn spans(&self) -> &[Span] {
        self.forms.get(self.shown).map_or(&[], |form| &form.spans)
    }

    fn rank(&self) -> u8 {
        self.forms.get(self.shown).map_or(KEPT, |form| form.rank)
    }
}

/// Columns that `spans` take.
pub(super) fn columns(spans: &[Span]) -> usize {
    spans.iter().map(|span| span.text.width()).sum()
}

/// One line of at most `width` columns: a space, then as many `parts` as fit.
pub(super) fn line(mut parts: Vec<Part>, width: u16) -> Vec<Span> {
    // A space at either end.
    let room = usize::from(width).saturating_sub(2);
    shrink(&mut parts, room);
    parts.retain(|part| columns(part.spans()) > 0);
    let spare = room.saturating_sub(total(&parts));
    let mut spans = vec![Span::plain(" ")];
    let mut side = Side::Left;
    for (at, part) in parts.iter().enumerate() {
        let gap = if at == 0 { 0 } else { GAP };
        let fill = if side == part.side { 0 } else { spare };
        side = part.side;
        spans.push(Span::plain(" ".repeat(gap + fill)));
        spans.extend(part.spans().iter().cloned());
    }
    cut(spans, usize::from(width))
}

/// Shortens `parts` until they take `room` columns or none can give way any more; what has given
/// way for too little comes back, the most important first.
fn shrink(parts: &mut [Part], room: usize) {
    while total(parts) > room {
        let yielding = (0..parts.len()).filter(|at| parts[*at].rank() > KEPT);
        let Some(at) = yielding.max_by_key(|at| parts[*at].rank()) else { return };
        parts[at].shown += 1;
    }
    let mut order: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].shown > 0).collect();
    order.sort_by_key(|at| parts[*at].forms.get(parts[*at].shown).map_or(u8::MAX, |form| form.rank));
    for at in order {
        let settled = parts[at].shown;
        for longer in 0..=settled {
            parts[at].shown = longer;
            if total(parts) <= room {
                break;
            }
        }
    }
}

/// Columns that `parts` take with the gaps between them.
fn total(parts: &[Part]) -> usize {
    let widths = parts.iter().map(|part| columns(part.spans())).filter(|width| *width > 0);
    widths.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
}

/// `spans`, cut to `width` columns; what was cut off shows as `…`.
pub(super) fn cut(spans: Vec<Span>, width: usize) -> Vec<Span> {
    if columns(&spans) <= width {
        return spans;
    }
    let mut left = width;
    let mut kept = vec![];
    for mut span in spans {
        let columns = span.text.width();
        if columns < left {
            left -= columns;
            kept.push(span);
            continue;
        }
        // More follows, so that even what would just fill the line is cut.
        span.text = fit(&format!("{}  ", span.text), left);
        kept.push(span);
        break;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, rank: u8) -> Part {
        Part::new([Span::plain(text)], rank)
    }

    fn text(parts: Vec<Part>, width: u16) -> String {
        line(parts, width).iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn what_has_the_highest_rank_gives_way_first_and_room_that_is_left_is_used() {
        let parts = || vec![part("where", KEPT), part("long", 3).or([Span::plain("s")], 1), part("who", 2).right()];
        for (width, line) in [
            (24, " where  long        who"),
            (18, " where  long  who"),
            (17, " where  s    who"),
            (15, " where  s  who"),
            (14, " where  long"),
            (13, " where  long"),
            (12, " where  s"),
            (10, " where  s"),
            (9, " where"),
            (6, " where"),
            (5, " whe…"),
            (1, "…"),
            (0, ""),
        ] {
            assert_eq!(text(parts(), width), line, "at {width}");
        }
    }
}
