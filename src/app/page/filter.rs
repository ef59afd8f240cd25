//! A page of which only those lines are shown that have the words of a filter.

use super::{Level, Line, Page, Role, Span};
use crate::app::command::Command;
use crate::app::logs::ranges;
use crate::app::state::State;

/// A head, until a line below it is kept.
struct Head {
    line: Line,
    /// It has the words: all below it is kept.
    fits: bool,
    shown: bool,
}

/// The lines of `page` that have all `words`, which are in lower case, below the heads that they stand under; all
/// that stands under a head which has them. What was wrapped, or is about one thing, stays together.
pub(in crate::app) fn sift(state: &State, page: Page, words: &[String]) -> Page {
    let has = |text: &str| words.iter().all(|word| text.to_lowercase().contains(word.as_str()));
    let mut sifted = Page::default();
    let (mut kept, mut all) = (0, 0);
    let mut heads: Vec<Head> = vec![];
    for group in page.lines.chunk_by(|above, below| below.belongs_to(above)) {
        let Some(first) = group.first().filter(|first| !first.spans.is_empty()) else { continue };
        let text: String = group.iter().map(|line| line.text() + " ").collect();
        if matches!(first.level, Level::Section | Level::Head) {
            heads.truncate(if first.level == Level::Section { 0 } else { depth(&heads) });
            heads.push(Head { line: first.clone(), fits: has(&text), shown: false });
            if !heads.iter().any(|head| head.fits) {
                continue;
            }
        } else {
            all += group.len();
            if !has(&text) && !heads.iter().any(|head| head.fits) {
                continue;
            }
            kept += group.len();
        }
        for head in heads.iter_mut().filter(|head| !head.shown) {
            if head.line.level == Level::Section && !sifted.lines.is_empty() {
                sifted.push(Line::empty());
            }
            sifted.push(marked(&head.line, words));
            head.shown = true;
        }
        if first.level == Level::Text {
            sifted.lines.extend(group.iter().map(|line| marked(line, words)));
        }
    }
    if sifted.lines.is_empty() {
        let back = state.key(Command::Back);
        sifted.push(Line::of([Span::new(format!(" No line has the words `{}`.", words.join(" ")), Role::Strong)]));
        sifted.push(Line::of([Span::plain(format!(" {back} shows all lines again."))]));
    }
    let count = Span::plain(format!(" {kept} of {all} lines  "));
    let lead = [Span::new("/ ", Role::Key), Span::plain(words.join(" ")), count];
    sifted.title = lead.into_iter().chain(page.title).collect();
    sifted
}

/// How many of `heads` a head within a section stands under.
fn depth(heads: &[Head]) -> usize {
    heads.iter().take_while(|head| head.line.level == Level::Section).count()
}

impl Line {
    fn belongs_to(&self, above: &Self) -> bool {
        let about_one = self.item.is_some() && self.item == above.item && above.level != Level::Head;
        self.level == Level::More || self.level == Level::Text && about_one
    }
}

/// `line` with `words` marked where they stand in it.
fn marked(line: &Line, words: &[String]) -> Line {
    let mut spans = line.spans.clone();
    for word in words {
        spans = spans.into_iter().flat_map(|span| split(&span, word)).collect();
    }
    Line { spans, ..line.clone() }
}

fn split(span: &Span, word: &str) -> Vec<Span> {
    let piece = |text: &str, role: Role| Span { text: text.to_owned(), role, ..span.clone() };
    if span.role == Role::Match {
        return vec![span.clone()];
    }
    let (mut pieces, mut from) = (vec![], 0);
    for range in ranges(&span.text, word) {
        pieces.push(piece(&span.text[from..range.start], span.role));
        pieces.push(piece(&span.text[range.clone()], Role::Match));
        from = range.end;
    }
    pieces.push(piece(&span.text[from..], span.role));
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}
