//! Lines made of parts that give way to each other where room is short.

use unicode_width::UnicodeWidthStr;

use crate::app::page::Span;
use crate::fleet::fit;

/// A part of a line, in several forms, the longest first.
#[derive(Clone, Debug)]
pub(super) struct Part {
    forms: Vec<Form>,
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
const GAP: usize = 2;

impl Part {
    /// `spans`, which give way the sooner, the higher their `rank`.
    pub(super) fn new(spans: impl IntoIterator<Item = Span>, rank: u8) -> Self {
        Self { forms: vec![Form { spans: spans.into_iter().collect(), rank }], side: Side::Left }
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

    fn width(&self) -> usize {
        self.forms.first().map_or(0, |form| columns(&form.spans))
    }

    fn rank(&self) -> u8 {
        self.forms.first().map_or(KEPT, |form| form.rank)
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
    parts.retain(|part| part.width() > 0);
    let total = |parts: &[Part]| parts.iter().map(|part| part.width() + GAP).sum::<usize>().saturating_sub(GAP);
    while total(&parts) > room {
        let yielding = (0..parts.len()).filter(|at| parts[*at].rank() > KEPT);
        let Some(at) = yielding.max_by_key(|at| parts[*at].rank()) else { break };
        parts[at].forms.remove(0);
        if parts[at].width() == 0 {
            parts.remove(at);
        }
    }
    let spare = room.saturating_sub(total(&parts));
    let mut spans = vec![Span::plain(" ")];
    let mut side = Side::Left;
    for part in parts {
        let first = spans.len() == 1;
        let gap = if first { 0 } else { GAP };
        let fill = if side != part.side { spare } else { 0 };
        side = part.side;
        spans.push(Span::plain(" ".repeat(gap + fill)));
        spans.extend(part.forms.into_iter().next().map(|form| form.spans).unwrap_or_default());
    }
    cut(spans, usize::from(width))
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
    fn what_has_the_highest_rank_gives_way_first_and_what_is_kept_is_cut_last() {
        let parts = || vec![part("where", KEPT), part("long", 3).or([Span::plain("s")], 1), part("who", 2).right()];
        for (width, line) in [
            (24, " where  long        who"),
            (18, " where  long  who"),
            (17, " where  s    who"),
            (15, " where  s  who"),
            (14, " where  s"),
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
