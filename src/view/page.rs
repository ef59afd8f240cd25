//! Pages of text: the window over their lines, and what is selected in it.

use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::style;
use crate::app::layout::{Panes, panes};
use crate::app::page::{Line, Page, Role, image_detail};
use crate::app::{Item, Size, State, View};

/// Draws the lines of `page` that are in the window.
pub(super) fn draw(state: &State, page: &Page, frame: &mut Frame<'_>, size: Size) {
    let Panes { top, height, detail, .. } = panes(&state.screen().view, size);
    let list = &state.screen().list;
    let selected = list.selected.clone().or_else(|| page.stops().into_iter().next().map(|stop| stop.item));
    let window = page.lines.iter().skip(list.top).take(usize::from(height));
    for (y, line) in (top..).zip(window) {
        super::line(frame, y, &line.spans);
        if let Some(item) = &selected {
            select(line, item, frame, y, size.width);
        }
    }
    if let (Some(y), Some(item), View::Images(_)) = (detail, &selected, &state.screen().view) {
        let [first, second] = image_detail(state, item);
        super::line(frame, y, &first);
        super::line(frame, y + 1, &second);
    }
}

/// Shows that `item` is selected: the whole line, or the span that stands for it.
fn select(line: &Line, item: &Item, frame: &mut Frame<'_>, y: u16, width: u16) {
    if line.item.as_ref() == Some(item) {
        style::select(frame, Rect { x: 0, y, width, height: 1 });
    }
    let mut x = 0_usize;
    for span in &line.spans {
        let columns = span.text.width();
        if line.item.as_ref() == Some(item)
            && span.role == Role::Match
            && let (Ok(x), Ok(columns)) = (u16::try_from(x), u16::try_from(columns))
        {
            style::mark(frame, Rect { x, y, width: columns, height: 1 });
        }
        if span.item.as_ref() == Some(item)
            && let (Ok(x), Ok(columns)) = (u16::try_from(x), u16::try_from(span.text.trim_end().width()))
        {
            style::select(frame, Rect { x, y, width: columns, height: 1 });
        }
        x += columns;
    }
}
