//! Pages of text: the window over their lines, and what is selected in it.

use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::style;
use crate::app::layout::{Layout, Panes, panes};
use crate::app::page::{Line, Page, Role};
use crate::app::screens::image_detail;
use crate::app::{Item, Size, State, list};

/// Draws the lines of `page` that are in the window.
pub(super) fn draw(state: &State, page: &Page, frame: &mut Frame<'_>, size: Size) {
    let layout = state.screen().view.card().layout;
    let Panes { top, height, detail, .. } = panes(layout, size);
    let selected = list::selected(state);
    let window = page.lines.iter().skip(state.screen().list.top).take(usize::from(height));
    for (y, line) in (top..).zip(window) {
        super::line(frame, y, &line.spans);
        if let Some(item) = &selected {
            select(line, item, frame, y, size.width);
        }
    }
    if let (Some(y), Some(item), Layout::Images) = (detail, &selected, layout) {
        let [first, second] = image_detail(state, item);
        super::line(frame, y, &first);
        super::line(frame, y + 1, &second);
    }
}

/// Shows that `item` is selected: the whole line, or the span that represents it.
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
