//! Frames as text, with their styles: what a snapshot shows.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ratatui::backend::{CrosstermBackend, TestBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use ratatui::{Terminal, TerminalOptions, Viewport};
use unicode_width::UnicodeWidthStr;
use wharf::app::{Message, Size, State, update};
use wharf::view;

/// The frame of `state` as `width` × `height` cells; each place to stop at on it is another thing.
pub fn frame(state: &State, width: u16, height: u16) -> Buffer {
    let body = &state.body;
    let stops: Vec<_> = body.page().iter().flat_map(|_| &body.anchors).map(|anchor| &anchor.item).collect();
    let once: BTreeSet<_> = stops.iter().collect();
    assert_eq!(once.len(), stops.len(), "two places of one name: {stops:#?}");
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(state, frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// What a terminal of 80 × 24 is sent for the frame of `state`.
pub fn sent(state: &State) -> String {
    let mut bytes = vec![];
    let options = TerminalOptions { viewport: Viewport::Fixed(Rect { x: 0, y: 0, width: 80, height: 24 }) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options).unwrap();
    terminal.draw(|frame| view::draw(state, frame)).unwrap();
    drop(terminal);
    String::from_utf8(bytes).unwrap()
}

/// `state` on a terminal of this size: what a person sees there, styles included.
///
/// Each row of the frame stands between bars; below it, where anything is not plain, a row of
/// letters: `r`, `y`, `c`, `g` are red, yellow, cyan and green, capital where bold; `B` is bold, `d` dim,
/// `#` reverse, `_` underlined.
pub fn painted(state: &State, width: u16, height: u16) -> String {
    let mut state = state.clone();
    update(&mut state, Message::Resized(Size { width, height }));
    let buffer = frame(&state, width, height);
    let mut painted = String::new();
    for row in buffer.content.chunks(usize::from(width)) {
        writeln!(painted, "|{}|", text(row)).unwrap();
        let letters: String = row.iter().map(letter).collect();
        if letters.trim() != "" {
            writeln!(painted, " {}", letters.trim_end()).unwrap();
        }
    }
    painted
}

/// The text of the frame alone, without spaces at the ends of rows.
pub fn plain(state: &State, width: u16, height: u16) -> String {
    let mut state = state.clone();
    update(&mut state, Message::Resized(Size { width, height }));
    let buffer = frame(&state, width, height);
    let rows = buffer.content.chunks(usize::from(width)).map(|row| text(row).trim_end().to_owned());
    rows.collect::<Vec<_>>().join("\n")
}

/// A wide character takes two cells, of which the second is a blank that is not printed.
fn text(row: &[Cell]) -> String {
    let mut text = String::new();
    let mut covered = 0;
    for cell in row {
        if covered == 0 {
            text.push_str(cell.symbol());
            covered = cell.symbol().width().max(1);
        }
        covered -= 1;
    }
    text
}

fn letter(cell: &Cell) -> char {
    let has = |modifier| cell.modifier.contains(modifier);
    let colour = match cell.fg {
        _ if cell.bg != Color::Reset => return '?',
        Color::Reset => None,
        Color::Red => Some('r'),
        Color::Yellow => Some('y'),
        Color::Cyan => Some('c'),
        Color::Green => Some('g'),
        _ => Some('?'),
    };
    match colour {
        _ if has(Modifier::UNDERLINED) => '_',
        _ if has(Modifier::REVERSED) => '#',
        Some(colour) if has(Modifier::BOLD) => colour.to_ascii_uppercase(),
        Some(colour) => colour,
        None if has(Modifier::BOLD) => 'B',
        None if has(Modifier::DIM) => 'd',
        None => ' ',
    }
}
