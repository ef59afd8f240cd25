//! Where things stand on a screen: pure geometry, the same for what is drawn and for what keys do.

use super::state::Size;

/// Below this wharf only says that it needs more room.
pub const LEAST: Size = Size { width: 60, height: 15 };

/// Rows from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panes {
    /// First row of the lines, below header and column heads.
    pub top: u16,
    /// Rows for lines.
    pub height: u16,
    /// The row that spells out the selected line (of an image, the first of two), or on a plan what is asked, where the screen has one.
    pub detail: Option<u16>,
    /// The row of keys.
    pub footer: u16,
}

/// Which panes a screen has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A table with column heads, and the detail of the selected row.
    Table,
    /// A page of text.
    Page,
    /// A page of text, and a row for details or a question.
    Detail,
    /// A page of text, and two rows on the selected image.
    Images,
}

/// The panes of `layout`: two rows of header and an empty one (on a wide fleet, one cell a tenant);
/// below, for tables, the column heads,
/// and above the footer an empty row and the detail; on a plan, what is asked stands there,
/// and on a logs screen who wrote the selected line.
///
/// ```text
///  where, who, how old                     header
///  what it comes to
///
///    STATE      TENANT/ENVIRONMENT …       column heads (tables)
///  x FAILING    california/production …    lines
///
///  california/production  a3 b0 c0 …       detail (tables)
///  enter open  e explain  ? help           footer
/// ```
pub fn panes(layout: Layout, size: Size) -> Panes {
    let footer = size.height.saturating_sub(1);
    // The first row of the lines, the rows that they do not have, and how far the detail is above the bottom.
    let (top, taken, detail) = match layout {
        Layout::Page => (3, 4, 0),
        Layout::Detail => (3, 6, 2),
        Layout::Images => (3, 7, 3),
        Layout::Table => (4, 7, 2),
    };
    let detail = (detail > 0).then(|| size.height.saturating_sub(detail));
    Panes { top, height: size.height.saturating_sub(taken), detail, footer }
}

/// Whether wharf can be used at this size.
pub fn fits(size: Size) -> bool {
    size.width >= LEAST.width && size.height >= LEAST.height
}
