//! The footer: what is being typed, what the last key came to, or the keys that work here and now.

use ratatui::Frame;
use ratatui::layout::Position;
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use super::news::key;
use super::parts::{self, KEPT, Part};
use crate::app::layout::{is_table, panes};
use crate::app::page::{Page, Role, Span};
use crate::app::{Command, Explained, Item, Size, State, View, listing};
use crate::fleet::clean;

/// Columns that a text being typed has at the least.
const TYPED: usize = 20;

/// Draws the footer; `page` is what the screen shows, unless it is a table.
pub(super) fn draw(state: &State, page: Option<&Page>, frame: &mut Frame<'_>, size: Size) {
    let y = panes(&state.screen().view, size).footer;
    if let Some(input) = &state.input {
        return typing(state, input, frame, y, size.width);
    }
    let parts = match &state.notice {
        Some(notice) => vec![Part::new([Span::plain(notice)], KEPT)],
        None => keys(state, page, size),
    };
    super::line(frame, y, &parts::line(parts, size.width));
}

/// The text that is being typed, the cursor in it, and the keys that end it.
fn typing(state: &State, input: &Input, frame: &mut Frame<'_>, y: u16, width: u16) {
    let hints = [Command::Accept, Command::Cancel, Command::Clear];
    let hints = hints.into_iter().map(|command| hint(state, command, command.about().short, 1).right());
    let lead = [Span::plain(" "), Span::new("/ ", Role::Key)];
    let mut room = usize::from(width).saturating_sub(4);
    let mut hints = parts::line(hints.collect(), width.saturating_sub(4).saturating_sub(TYPED as u16));
    if parts::columns(&hints) + TYPED < room {
        room -= parts::columns(&hints);
    } else {
        hints.clear();
    }
    let before: String = input.value().chars().take(input.cursor()).collect();
    let (text, at) = window(&clean(&before), &clean(input.value()), room);
    let fill = " ".repeat(room.saturating_sub(text.width()));
    let spans: Vec<Span> = lead.into_iter().chain([Span::plain(text), Span::plain(fill)]).chain(hints).collect();
    super::line(frame, y, &spans);
    let x = u16::try_from(3 + at).unwrap_or(u16::MAX).min(width.saturating_sub(1));
    frame.set_cursor_position(Position { x, y });
}

/// The part of `text` that is shown in `room` columns so that the end of `before` can be seen, and
/// the column that this end is in.
fn window(before: &str, text: &str, room: usize) -> (String, usize) {
    let mut skipped = 0;
    let mut at = before.width();
    while at >= room.max(1) {
        let Some(c) = before[skipped..].chars().next() else { break };
        skipped += c.len_utf8();
        at = before[skipped..].width();
    }
    let mut shown = String::new();
    for c in text.get(skipped..).unwrap_or_default().chars() {
        shown.push(c);
        if shown.width() > room {
            shown.pop();
            break;
        }
    }
    (shown, at)
}

/// The keys that work here and now, the most useful first, and where in the lines one is.
fn keys(state: &State, page: Option<&Page>, size: Size) -> Vec<Part> {
    let mut parts = vec![];
    if !state.typed.is_empty() {
        let typed: Vec<String> = state.typed.iter().map(ToString::to_string).collect();
        parts.push(Part::new([Span::new(format!("{}…", typed.join(" ")), Role::Key)], KEPT));
    }
    for (command, word, rank) in offered(state, page) {
        parts.push(hint(state, command, &word, rank));
    }
    parts.extend(position(state, page, size));
    parts
}

/// Commands that do something here and now, in the order of the footer: a word and a rank for each.
fn offered(state: &State, page: Option<&Page>) -> Vec<(Command, String, u8)> {
    let view = &state.screen().view;
    let selected = match page {
        Some(page) => {
            let first = || page.stops().into_iter().next().map(|stop| stop.item);
            state.screen().list.selected.clone().or_else(first)
        }
        None => listing::selected(state),
    };
    let short = |command: Command| command.about().short.to_owned();
    let mut offered = vec![];
    match &selected {
        Some(Item::Home(_) | Item::Service(_) | Item::Task(_)) => {
            offered.push((Command::Open, short(Command::Open), 2));
        }
        Some(Item::Line(_)) if *view == View::Help => offered.push((Command::Open, "run".to_owned(), 2)),
        _ => {}
    }
    let row = matches!(&selected, Some(Item::Home(_) | Item::Service(_)));
    if matches!(view, View::Service(_) | View::Task(_)) || row && !matches!(view, View::Explain(_)) {
        offered.push((Command::Explain, short(Command::Explain), 3));
    }
    let thing = matches!(&selected, Some(Item::Service(_) | Item::Task(_)));
    let about =
        matches!(view, View::Service(_) | View::Task(_) | View::Explain(Explained::Service(_)) | View::Describe(..));
    if thing || about {
        let word = if matches!(view, View::Describe(..)) { "more".to_owned() } else { short(Command::Describe) };
        offered.push((Command::Describe, word, 4));
    }
    let filtered = !state.screen().list.filter.is_empty();
    if is_table(view) && !state.screen().list.order.is_empty() {
        offered.push((Command::Filter, short(Command::Filter), 4));
    }
    match (filtered, state.screens.len()) {
        (true, _) => offered.push((Command::Back, "all rows".to_owned(), 1)),
        (false, 1) => {}
        (false, _) => offered.push((Command::Back, short(Command::Back), 1)),
    }
    offered.push((Command::Refresh, short(Command::Refresh), 7));
    let errors = state.troubles.iter().count() + state.run.warnings.len();
    if errors > 0 && *view != View::Errors {
        offered.push((Command::Errors, format!("{} ({errors})", short(Command::Errors)), 5));
    }
    if *view != View::Help {
        offered.push((Command::Help, short(Command::Help), KEPT));
    }
    if state.screens.len() == 1 {
        offered.push((Command::Leave, "quit".to_owned(), 6));
    }
    offered
}

/// A key and its word; nothing where no key is bound.
fn hint(state: &State, command: Command, word: &str, rank: u8) -> Part {
    match key(state, command) {
        key if key.is_empty() => Part::new([], rank),
        key => Part::new([Span::new(key, Role::Key), Span::plain(format!(" {word}"))], rank),
    }
}

/// `12-31 of 80`, where there are more lines than fit.
fn position(state: &State, page: Option<&Page>, size: Size) -> Option<Part> {
    let height = usize::from(panes(&state.screen().view, size).height);
    let all = page.map_or_else(|| listing::rows(state).len(), |page| page.lines.len());
    let first = state.screen().list.top;
    let last = (first + height).min(all);
    let text = format!("{}-{last} of {all}", first + 1);
    (all > height && first < last).then(|| Part::new([Span::dim(text)], 2).right())
}
