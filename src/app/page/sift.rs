//! A page of which only those lines are shown that have the words of a filter.

use super::{Line, Page, Role, Span};
use crate::app::command::Command;
use crate::app::logs::ranges;
use crate::app::state::State;

/// The lines of `page` that have all `words`, which are in lower case, below the heads of their sections; all of a
/// section whose head has them. What was wrapped, or is about one thing, stays together.
pub(super) fn sift(state: &State, page: Page, words: &[String]) -> Page {
    let all = page.lines.iter().filter(|line| !line.is_head() && !line.spans.is_empty()).count();
    let mut sifted = Page::default();
    let mut kept = 0;
    let has = |text: &str| words.iter().all(|word| text.to_lowercase().contains(word.as_str()));
    // The head that is to come yet, and whether it has the words.
    let mut head: Option<Line> = None;
    let mut whole = false;
    for group in page.lines.chunk_by(|above, below| below.belongs_to(above)) {
        if let [line] = group
            && (line.is_head() || line.spans.is_empty())
        {
            if line.is_head() {
                (head, whole) = (Some(line.clone()), has(&line.text()));
            }
            continue;
        }
        let text: String = group.iter().map(|line| line.text() + " ").collect();
        if !whole && !has(&text) {
            continue;
        }
        if let Some(head) = head.take() {
            if !sifted.lines.is_empty() {
                sifted.push(Line::empty());
            }
            sifted.push(head);
        }
        kept += group.len();
        sifted.lines.extend(group.iter().map(|line| marked(line, words)));
    }
    if kept == 0 {
        let back = state.keymap.keys(Command::Back).into_iter().next().unwrap_or_default();
        sifted.push(Line::of([Span::new(format!(" No line has the words `{}`.", words.join(" ")), Role::Strong)]));
        sifted.push(Line::of([Span::plain(format!(" {back} shows all lines again."))]));
    }
    let count = Span::plain(format!(" {kept} of {all} lines  "));
    let lead = [Span::new("/ ", Role::Key), Span::plain(words.join(" ")), count];
    sifted.title = lead.into_iter().chain(page.title).collect();
    sifted
}

impl Line {
    fn is_head(&self) -> bool {
        self.spans.first().is_some_and(|span| span.role == Role::Heading)
    }

    fn belongs_to(&self, above: &Self) -> bool {
        self.continues || self.item.is_some() && self.item == above.item
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
