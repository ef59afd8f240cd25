//! The body of the screen: built once an update, kept in the state, and painted from there.

use std::sync::Arc;

use super::logs::Window;
use super::page::{Anchor, Page};
use super::screens;
use super::state::{Item, State};

/// What stands between header and footer.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// What it shows.
    pub content: Content,
    /// Lines that can be selected, in the order in which the selection moves.
    pub anchors: Vec<Anchor>,
    /// How many bodies were built before this one.
    pub serial: u64,
}

/// What a body shows.
#[derive(Clone, Debug)]
pub enum Content {
    /// Rows with columns; the view makes their cells.
    Table(Table),
    /// Lines of text.
    Page(Page),
    /// Log lines in a window of their own.
    Logs(Window),
}

/// The rows of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What its rows are.
    pub rows_are: RowKind,
    /// Those that the filter leaves, in their order.
    pub rows: Vec<Item>,
}

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowKind {
    /// The environments of the fleet.
    #[default]
    Environments,
    /// The services of an environment.
    Services,
    /// Tasks that belong to no service.
    Jobs,
}

impl Default for Content {
    fn default() -> Self {
        Self::Table(Table::default())
    }
}

impl Content {
    /// Where the selection can stop.
    fn anchors(&self) -> Vec<Anchor> {
        match self {
            Self::Table(Table { rows, .. }) => {
                let rows = rows.iter().cloned().enumerate();
                rows.map(|(at, item)| Anchor { item, first: at, last: at }).collect()
            }
            Self::Page(page) | Self::Logs(Window { page, .. }) => page.anchors(),
        }
    }
}

impl Body {
    /// Rows of a table, or lines of text.
    pub fn count(&self) -> usize {
        self.page().map_or_else(|| self.rows().len(), |page| page.lines.len())
    }

    /// The rows of a table, as the filter leaves them; none on a page.
    pub fn rows(&self) -> &[Item] {
        match &self.content {
            Content::Table(Table { rows, .. }) => rows,
            Content::Page(_) | Content::Logs(_) => &[],
        }
    }

    /// Its text; nothing for a table.
    pub fn page(&self) -> Option<&Page> {
        match &self.content {
            Content::Table(_) => None,
            Content::Page(page) | Content::Logs(Window { page, .. }) => Some(page),
        }
    }

    /// The log lines that it shows; nothing on other screens.
    pub fn logs(&self) -> Option<&Window> {
        match &self.content {
            Content::Logs(window) => Some(window),
            Content::Table(_) | Content::Page(_) => None,
        }
    }

    /// Whether it is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.content, Content::Table(_))
    }

    /// Whether it is the table of the whole fleet.
    pub fn is_fleet(&self) -> bool {
        matches!(self.content, Content::Table(Table { rows_are: RowKind::Environments, .. }))
    }
}

/// Builds the body of the screen again.
pub(super) fn rebuild(state: &mut State) {
    let content = screens::content(state);
    let serial = state.body.serial + 1;
    state.body = Arc::new(Body { anchors: content.anchors(), content, serial });
}
