//! Where things stand on a screen: pure geometry, the same for what is drawn and for what keys do.

use super::state::{Size, View};

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

/// The panes of `view`: two rows of header and an empty one (on a wide fleet, one cell a tenant);
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
pub fn panes(view: &View, size: Size) -> Panes {
    let footer = size.height.saturating_sub(1);
    if matches!(view, View::Plan(_) | View::Logs(_)) {
        let detail = size.height.saturating_sub(2);
        return Panes { top: 3, height: size.height.saturating_sub(6), detail: Some(detail), footer };
    }
    if matches!(view, View::Images(_)) {
        let detail = size.height.saturating_sub(3);
        return Panes { top: 3, height: size.height.saturating_sub(7), detail: Some(detail), footer };
    }
    if is_table(view) {
        let detail = size.height.saturating_sub(2);
        return Panes { top: 4, height: size.height.saturating_sub(7), detail: Some(detail), footer };
    }
    Panes { top: 3, height: size.height.saturating_sub(4), detail: None, footer }
}

/// Whether `view` is a table; the others are pages of text.
pub fn is_table(view: &View) -> bool {
    matches!(view, View::Fleet | View::Environment(_))
}

/// Whether wharf can be used at this size.
pub fn fits(size: Size) -> bool {
    size.width >= LEAST.width && size.height >= LEAST.height
}
