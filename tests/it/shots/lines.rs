//! Box-drawing and block characters as shapes: fonts leave gaps between them, shapes do not.

/// What a character looks like in a cell, if it is one of lines or blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Lines from the middle to these edges: up, right, down, left.
    Arms([bool; 4]),
    /// A quarter of a circle between two edges that meet.
    Bend([bool; 4]),
    /// So many eighths filled, from below.
    Rising(u32),
    /// So many eighths filled, from the left.
    Growing(u32),
}

/// The shape of the character `symbol`.
pub fn shape(symbol: &str) -> Option<Shape> {
    let mut all = symbol.chars();
    let (Some(character), None) = (all.next(), all.next()) else { return None };
    let arms = |edges: [u8; 4]| Some(Shape::Arms(edges.map(|edge| edge == 1)));
    let bend = |edges: [u8; 4]| Some(Shape::Bend(edges.map(|edge| edge == 1)));
    match character {
        '─' => arms([0, 1, 0, 1]),
        '│' => arms([1, 0, 1, 0]),
        '┌' => arms([0, 1, 1, 0]),
        '┐' => arms([0, 0, 1, 1]),
        '└' => arms([1, 1, 0, 0]),
        '┘' => arms([1, 0, 0, 1]),
        '├' => arms([1, 1, 1, 0]),
        '┤' => arms([1, 0, 1, 1]),
        '┬' => arms([0, 1, 1, 1]),
        '┴' => arms([1, 1, 0, 1]),
        '┼' => arms([1, 1, 1, 1]),
        '╭' => bend([0, 1, 1, 0]),
        '╮' => bend([0, 0, 1, 1]),
        '╰' => bend([1, 1, 0, 0]),
        '╯' => bend([1, 0, 0, 1]),
        '▁'..='█' => Some(Shape::Rising(u32::from(character) - u32::from('▁') + 1)),
        '▉'..='▏' => Some(Shape::Growing(u32::from('▏') - u32::from(character) + 1)),
        _ => None,
    }
}

impl Shape {
    /// It as an SVG element in `colour`, in the cell at `x`, `y` of this size.
    pub fn element(self, [x, y, width, height]: [u32; 4], colour: &str) -> String {
        let middle = format!("{}.5 {}.5", x + width / 2, y + height / 2);
        let edges = [
            format!("{}.5 {y}", x + width / 2),
            format!("{} {}.5", x + width, y + height / 2),
            format!("{}.5 {}", x + width / 2, y + height),
            format!("{x} {}.5", y + height / 2),
        ];
        let wanted = |which: [bool; 4]| edges.iter().zip(which).filter(|(_, wanted)| *wanted).map(|(edge, _)| edge);
        let path = |drawn: String| format!(r#"<path d="{drawn}" fill="none" stroke="{colour}"/>"#);
        let filled = |[x, y, width, height]: [String; 4]| {
            format!(r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{colour}"/>"#)
        };
        match self {
            Self::Arms(which) => {
                path(wanted(which).map(|edge| format!("M{middle}L{edge}")).collect::<Vec<_>>().concat())
            }
            Self::Bend(which) => {
                let ends: Vec<&String> = wanted(which).collect();
                path(format!("M{}Q{middle} {}", ends[0], ends[1]))
            }
            Self::Rising(eighths) => {
                let part = f64::from(height * eighths) / 8.0;
                let top = f64::from(y + height) - part;
                filled([x.to_string(), top.to_string(), width.to_string(), part.to_string()])
            }
            Self::Growing(eighths) => {
                let part = f64::from(width * eighths) / 8.0;
                filled([x.to_string(), y.to_string(), part.to_string(), height.to_string()])
            }
        }
    }
}

#[test]
fn lines_reach_the_edges_of_their_cells_so_that_borders_are_closed() {
    let cell = |symbol: &str, x| shape(symbol).map(|shape| shape.element([x, 20, 9, 19], "#fff"));
    let path = |drawn: &str| Some(format!(r##"<path d="{drawn}" fill="none" stroke="#fff"/>"##));
    assert_eq!(cell("┌", 0), path("M4.5 29.5L9 29.5M4.5 29.5L4.5 39"));
    assert_eq!(cell("─", 9), path("M13.5 29.5L18 29.5M13.5 29.5L9 29.5"));
    assert_eq!(cell("╮", 9), path("M13.5 39Q13.5 29.5 9 29.5"));
    assert_eq!(cell("a", 9), None);
}

#[test]
fn blocks_fill_their_eighths() {
    let filled = |symbol: &str| shape(symbol).map(|shape| shape.element([0, 0, 8, 16], "#fff"));
    let rect = |y: u32, width: u32, height: u32| {
        format!(r##"<rect x="0" y="{y}" width="{width}" height="{height}" fill="#fff"/>"##)
    };
    assert_eq!(["▁", "▄", "█"].map(filled), [rect(14, 8, 2), rect(8, 8, 8), rect(0, 8, 16)].map(Some));
    assert_eq!(["▉", "▌", "▏"].map(filled), [rect(0, 7, 16), rect(0, 4, 16), rect(0, 1, 16)].map(Some));
}
