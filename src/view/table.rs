//! Tables: the fleet's environments, an environment's services, the jobs.

use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::columns::{Columns, Wishes};
use super::{detail, empty, rows, style};
use crate::app::layout::{Panes, panes};
use crate::app::{Item, Size, State, View, listing};
use crate::fleet::tenancy::Home;

/// Draws heads, rows and the detail of the selected row; without rows, why there are none.
pub(super) fn draw(state: &State, frame: &mut Frame<'_>, size: Size) {
    let Panes { top, height, detail, .. } = panes(&state.screen().view, size);
    let all = listing::rows(state);
    if all.is_empty() {
        let area = Rect { x: 0, y: top.saturating_sub(1), width: size.width, height: height.saturating_add(1) };
        return empty::draw(state, frame, area);
    }
    let columns = Columns::of(size.width, wishes(state, &all));
    super::line(frame, top.saturating_sub(1), &columns.heads(title(&state.screen().view)));
    let selected = listing::selected(state);
    let window = all.iter().skip(state.screen().list.top).take(usize::from(height));
    for (y, item) in (top..).zip(window) {
        let Some(cells) = rows::cells(state, item, columns.target) else { continue };
        super::line(frame, y, &columns.row(&cells));
        if selected.as_ref() == Some(item) {
            style::select(frame, Rect { x: 0, y, width: size.width, height: 1 });
        }
    }
    if let (Some(item), Some(y)) = (selected, detail) {
        super::line(frame, y, &detail::line(state, &item, columns, size.width));
    }
}

/// What stands over the names.
fn title(view: &View) -> &'static str {
    match view {
        View::Fleet => "TENANT/ENVIRONMENT",
        View::Environment(home) if *home == Home::jobs() => "JOB",
        _ => "SERVICE",
    }
}

/// What the longest cells of all rows take, so that columns stand still while rows move.
fn wishes(state: &State, all: &[Item]) -> Wishes {
    let longest = |cell: &dyn Fn(&Item) -> String| all.iter().map(|item| cell(item).width()).max().unwrap_or(0);
    Wishes {
        target: longest(&|item| rows::name(state, item)),
        tasks: longest(&|item| rows::tasks(state, item)),
        zones: longest(&|item| rows::zones(state, item)).max(8),
        version: longest(&|item| rows::version(state, item)).max(10),
    }
}
