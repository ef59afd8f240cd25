//! Tables: the fleet's environments, an environment's services, the jobs.

use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::columns::{Cells, Columns, Wanted};
use super::{detail, empty, rows, style};
use crate::app::layout::{Panes, panes};
use crate::app::{Item, RowKind, Size, State, Table, list};

/// Draws heads, rows and the detail of the selected row; without rows, why there are none.
pub(super) fn draw(state: &State, table: &Table, frame: &mut Frame<'_>, size: Size) {
    let Panes { top, height, detail, .. } = panes(state.screen().view.card().layout, size);
    let all = &table.rows;
    if all.is_empty() {
        let area = Rect { x: 0, y: top.saturating_sub(1), width: size.width, height: height.saturating_add(1) };
        return empty::draw(state, frame, area);
    }
    let window = all.iter().skip(state.screen().list.top).take(usize::from(height));
    let window: Vec<(&Item, Cells)> = window.filter_map(|item| Some((item, rows::cells(state, item)?))).collect();
    let columns = Columns::of(size.width, wanted(state, all, &window));
    super::line(frame, top.saturating_sub(1), &columns.heads(title(table.rows_are)));
    let selected = list::selected(state);
    for (y, (item, cells)) in (top..).zip(&window) {
        let lead = if state.screen().list.marks.contains(*item) { '*' } else { ' ' };
        super::line(frame, y, &columns.row(lead, cells));
        if selected.as_ref() == Some(*item) {
            style::select(frame, Rect { x: 0, y, width: size.width, height: 1 });
        }
    }
    if let (Some(item), Some(y)) = (selected, detail) {
        super::line(frame, y, &detail::line(state, &item, columns, size.width));
    }
}

/// What stands over the names.
fn title(rows: RowKind) -> &'static str {
    match rows {
        RowKind::Environments => "TENANT/ENVIRONMENT",
        RowKind::Services => "SERVICE",
        RowKind::Jobs => "JOB",
    }
}

/// What the longest cells take. Names and counts are measured in all rows, so that columns stand
/// still while one scrolls; what has to be worked out for each row, in the window only.
fn wanted(state: &State, all: &[Item], window: &[(&Item, Cells)]) -> Wanted {
    let name = |item: &Item| {
        let (tenant, environment) = rows::name(state, item);
        tenant.width() + environment.map_or(0, |environment| environment.width() + 1)
    };
    let shown = |cell: fn(&Cells) -> &String| window.iter().map(|(_, cells)| cell(cells).width()).max().unwrap_or(0);
    Wanted {
        target: all.iter().map(name).max().unwrap_or(0),
        tasks: all.iter().map(|item| rows::tasks(state, item).width()).max().unwrap_or(0),
        zones: shown(|cells| &cells.zones).max(8),
        version: shown(|cells| &cells.version).max(10),
        rollout: shown(|cells| &cells.rollout),
    }
}
