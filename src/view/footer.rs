//! The footer: what is being typed, what the last key came to, or the keys that work here and now.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Clear;
use tui_input::Input;
use unicode_width::UnicodeWidthStr;

use super::line_layout::{self, KEPT, Part};
use super::status_line::key;
use super::{confirm_bar, hints};
use crate::app::layout::{Layout, panes};
use crate::app::page::{Role, Span};
use crate::app::screens::Hint;
use crate::app::{Command, Context, Prompt, Size, State, TextInput};
use crate::text::{clean, wrap};

/// Columns that a text being typed has at the least.
const TYPED: usize = 20;
/// Lines that a notice has at the most.
const LINES: usize = 3;

/// Draws the footer.
pub(super) fn draw(state: &State, frame: &mut Frame<'_>, size: Size) {
    let y = panes(state.screen().view.card().layout, size).footer;
    let asked = confirm_bar::asked(state);
    if let Some(input) = &state.input {
        // Letters stand where the place in the lines is shown otherwise.
        above(state, asked.into_iter().chain(position(state, size)).collect(), frame, y, size.width);
        return typing(state, &input.line, frame, y, size.width);
    }
    if let Some(asked) = asked {
        above(state, vec![asked], frame, y, size.width);
    } else if let Some(notice) = &state.notice {
        return say(&notice.to_string(), frame, y, size.width);
    }
    super::line(frame, y, &line_layout::line(keys(state, size), size.width));
}

/// Above the footer: what is asked, and above that what the last key came to.
fn above(state: &State, asked: Vec<Part>, frame: &mut Frame<'_>, footer: u16, width: u16) {
    let y = footer.saturating_sub(1);
    let told = if asked.is_empty() { y } else { y.saturating_sub(1) };
    if !asked.is_empty() {
        whole(frame, y, &line_layout::line(asked, width));
    }
    if let Some(notice) = &state.notice {
        say(&notice.to_string(), frame, told, width);
    }
}

/// Writes `notice` so that its last line stands in the row `y`.
fn say(notice: &str, frame: &mut Frame<'_>, y: u16, width: u16) {
    let mut lines = wrap(notice, usize::from(width).saturating_sub(2));
    lines.truncate(LINES);
    for (line, y) in lines.iter().rev().zip((0..=y).rev()) {
        whole(frame, y, &[Span::plain(format!(" {line}"))]);
    }
}

/// Writes `spans` over the whole row `y`, whatever stood there before.
fn whole(frame: &mut Frame<'_>, y: u16, spans: &[Span]) {
    let row = Rect { x: 0, y, width: frame.area().width, height: 1 }.intersection(frame.area());
    frame.render_widget(Clear, row);
    super::line(frame, y, spans);
}

/// The text that is being typed, the cursor in it, and the keys that end it.
fn typing(state: &State, input: &Input, frame: &mut Frame<'_>, y: u16, width: u16) {
    let hints = [Command::Accept, Command::Cancel, Command::Clear];
    let hints = hints.into_iter().map(|command| hint(state, command, word(state, command), 1));
    let sign = if matches!(&state.input, Some(TextInput { asked: Prompt::Filter | Prompt::Search, .. })) {
        "/ "
    } else {
        "> "
    };
    let lead = [Span::plain(" "), Span::new(sign, Role::Key)];
    let mut room = usize::from(width).saturating_sub(4);
    let mut hints = line_layout::line(hints.collect(), width.saturating_sub(4).saturating_sub(TYPED as u16));
    if line_layout::columns(&hints) + TYPED < room {
        room -= line_layout::columns(&hints);
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

/// What a key that ends typing does to what is typed.
fn word(state: &State, command: Command) -> &'static str {
    match (&state.input, command) {
        (Some(TextInput { asked: Prompt::Search, .. }), Command::Accept) => "search",
        (Some(TextInput { asked: Prompt::Count(..), .. }), Command::Accept) => "plan it",
        (Some(TextInput { asked: Prompt::Words(_), .. }), Command::Accept) => "carry it out",
        (Some(TextInput { asked: Prompt::Words(_), .. }), Command::Cancel) => "leave it",
        _ => command.info().hint,
    }
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
fn keys(state: &State, size: Size) -> Vec<Part> {
    if !state.typed.is_empty() {
        return continuations(state);
    }
    let hints = hints::hints(state).into_iter();
    let hints = hints.map(|Hint { command, word, rank }| hint(state, command, &word, rank));
    hints.chain(position(state, size)).collect()
}

/// What was typed of a key sequence, and what can follow: the rest of each sequence, and what it does.
fn continuations(state: &State) -> Vec<Part> {
    let typed: Vec<String> = state.typed.iter().map(ToString::to_string).collect();
    let context = Context::of(&state.screen().view);
    let rest =
        state.keymap.continuations(context, &state.typed).into_iter().enumerate().map(|(at, (keys, command))| {
            let rank = u8::try_from(at).unwrap_or(u8::MAX).saturating_add(1);
            Part::new([Span::new(keys, Role::Key), Span::plain(format!(" {}", command.info().hint))], rank)
        });
    [Part::new([Span::new(format!("{}…", typed.join(" ")), Role::Key)], KEPT)].into_iter().chain(rest).collect()
}

/// A key and its word; nothing where no key is bound.
fn hint(state: &State, command: Command, word: &str, rank: u8) -> Part {
    match key(state, command) {
        key if key.is_empty() => Part::new([], rank),
        key => Part::new([Span::new(key, Role::Key), Span::plain(format!(" {word}"))], rank),
    }
}

/// `12-31 of 80`, where there are more lines than fit: lines, but of images those.
fn position(state: &State, size: Size) -> Option<Part> {
    let layout = state.screen().view.card().layout;
    let height = usize::from(panes(layout, size).height);
    let lines = state.body.count();
    let (top, end) = (state.screen().list.top, (state.screen().list.top + height).min(lines));
    let (first, last, all) = match state.body.page() {
        Some(page) if layout == Layout::Images => {
            let before = |line: usize| page.lines[..line].iter().filter(|line| line.item.is_some()).count();
            (before(top.min(lines)), before(end), before(lines))
        }
        _ => (top, end, lines),
    };
    let text = format!("{}-{last} of {all}", first + 1);
    (lines > height && first < last).then(|| Part::new([Span::dim(text)], 2).right())
}
