//! How it looks: one frame from one state. It reads, and changes nothing.

mod breadcrumb;
mod columns;
mod confirm_bar;
mod detail;
mod empty;
mod footer;
mod header;
mod hints;
mod line_layout;
mod logs;
mod page;
mod rows;
mod status_line;
mod style;
mod table;
mod tenant_bar;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text;
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::layout::{LEAST, fits, panes};
use crate::app::page::Span;
use crate::app::{Colours, Content, Size, State};

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
    line(frame, 0, &line_layout::line(header::parts(state), size.width));
    line(frame, 1, &line_layout::line(status_line::parts(state), size.width));
    line(frame, 2, &tenant_bar::spans(state, size));
    match &state.body.content {
        Content::Table(table) => table::draw(state, table, frame, size),
        Content::Page(page) => page::draw(state, page, frame, size),
        Content::Logs(window) => {
            page::draw(state, &window.page, frame, size);
            if let Some(y) = panes(state.screen().view.card().layout, size).detail {
                line(frame, y, &line_layout::line(logs::detail(state), size.width));
            }
        }
    }
    footer::draw(state, frame, size);
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
    let spans = line_layout::cut(spans.to_vec(), usize::from(row.width));
    let spans = spans.into_iter().map(|span| text::Span::styled(span.text, style::of(span.role)));
    frame.render_widget(spans.collect::<text::Line<'_>>(), row);
}
