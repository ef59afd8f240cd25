//! How it looks: one frame from one state. It reads, and changes nothing.

mod columns;
mod detail;
mod empty;
mod footer;
mod header;
mod logs;
mod news;
mod offers;
mod page;
mod parts;
mod place;
mod prompt;
mod rows;
mod strip;
mod style;
mod table;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text;
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::layout::{LEAST, fits, panes};
use crate::app::page::{Span, page as page_of};
use crate::app::{Colours, Size, State, View};

/// Draws the screen that `state` is on, whatever the frame's size.
pub fn draw(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    let size = Size { width: area.width, height: area.height };
    if fits(size) {
        screen(state, frame, size);
    } else {
        too_small(frame, size);
    }
    if state.run.colours == Colours::None {
        style::without_colours(frame.buffer_mut());
    }
}

fn screen(state: &State, frame: &mut Frame<'_>, size: Size) {
    let page = page_of(state);
    line(frame, 0, &parts::line(header::parts(state, size), size.width));
    line(frame, 1, &parts::line(news::parts(state, page.as_ref()), size.width));
    line(frame, 2, &strip::spans(state, size));
    match &page {
        Some(page) => page::draw(state, page, frame, size),
        None => table::draw(state, frame, size),
    }
    if let (View::Logs(_), Some(y)) = (&state.screen().view, panes(&state.screen().view, size).detail) {
        line(frame, y, &parts::line(logs::detail(state), size.width));
    }
    footer::draw(state, page.as_ref(), frame, size);
}

/// Below the least size, what is missing is said, and nothing else.
fn too_small(frame: &mut Frame<'_>, size: Size) {
    let text = format!("wharf needs {}x{}; this is {}x{}", LEAST.width, LEAST.height, size.width, size.height);
    let area = frame.area();
    let rows = u16::try_from(text.len()).unwrap_or(u16::MAX).div_ceil(size.width.max(1));
    let top = area.height.saturating_sub(rows) / 2;
    let middle = Rect { y: top, height: area.height - top, ..area };
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }).centered(), middle);
}

/// Paints `spans` in the row `y`; what does not fit is cut, and seen to be.
fn line(frame: &mut Frame<'_>, y: u16, spans: &[Span]) {
    let area = frame.area();
    let row = Rect { x: 0, y, width: area.width, height: 1 }.intersection(area);
    let spans = parts::cut(spans.to_vec(), usize::from(row.width));
    let spans = spans.into_iter().map(|span| text::Span::styled(span.text, style::of(span.role)));
    frame.render_widget(spans.collect::<text::Line<'_>>(), row);
}
