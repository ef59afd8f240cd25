//! A screen as a picture: one rectangle a run of one background, one text of fixed length a run of one look.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::lines::shape;

/// A cell, in pixels; fonts are fitted to it.
const CELL: (u32, u32) = (9, 20);
/// From the top of a row to where its letters stand.
const BASE: u32 = 15;
const MARGIN: u32 = 18;
const FONTS: &str = "'DejaVu Sans Mono', Menlo, 'SF Mono', 'Cascadia Mono', Consolas, monospace";

const GROUND: u32 = 0x0017_1a1f;
const EDGE: u32 = 0x0033_3942;
const INK: u32 = 0x00c3_c9d2;
const BRIGHT: u32 = 0x00ee_f1f5;
/// Black, red, green, yellow, blue, magenta, cyan, grey; then the same, brighter.
const SIXTEEN: [u32; 16] = [
    0x0026_2b33,
    0x00e8_7476,
    0x0093_b87f,
    0x00d9_b06a,
    0x007f_a6d6,
    0x00b5_92c9,
    0x0073_b8bd,
    INK, //
    0x006b_7480,
    0x00f0_8f90,
    0x00a8_cb95,
    0x00e6_c485,
    0x009a_bbe3,
    0x00c8_abd9,
    0x008f_cdd1,
    BRIGHT,
];

/// How the text of a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    ink: u32,
    bold: bool,
    italic: bool,
}

/// Text that stands together, from this cell on.
struct Text {
    look: Look,
    column: usize,
    cells: usize,
    words: String,
}

/// `buffer` as an SVG document that is called `about`. The same cells always give the same bytes.
pub fn svg(buffer: &Buffer, about: &str) -> String {
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let about = escaped(about);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{about}\">\n<title>{about}</title>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/>\n\
         <g font-family=\"{FONTS}\" font-size=\"15\">\n",
        width - 1,
        height - 1,
        hex(GROUND),
        hex(EDGE),
    );
    for (row, cells) in buffer.content.chunks(usize::from(buffer.area.width)).enumerate() {
        let top = MARGIN + number(row) * CELL.1;
        grounds(&mut svg, cells, top);
        shapes(&mut svg, cells, top);
        texts(&mut svg, cells, top);
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn grounds(svg: &mut String, cells: &[Cell], top: u32) {
    for (column, run) in runs(cells, ground) {
        let colour = ground(&run[0]);
        if colour != GROUND {
            rectangle(svg, [left(column), top, number(run.len()) * CELL.0, CELL.1], colour);
        }
    }
}

/// Lines below and through the text, and characters that are lines themselves.
fn shapes(svg: &mut String, cells: &[Cell], top: u32) {
    for (modifier, down) in [(Modifier::UNDERLINED, BASE + 2), (Modifier::CROSSED_OUT, BASE - 5)] {
        for (column, run) in runs(cells, |cell| cell.modifier.contains(modifier).then(|| look(cell).ink)) {
            if run[0].modifier.contains(modifier) {
                rectangle(svg, [left(column), top + down, number(run.len()) * CELL.0, 1], look(&run[0]).ink);
            }
        }
    }
    for (column, cell) in cells.iter().enumerate() {
        if let Some(shape) = shape(cell.symbol()) {
            svg.push_str(&shape.element([left(column), top, CELL.0, CELL.1], &hex(look(cell).ink)));
            svg.push('\n');
        }
    }
}

fn texts(svg: &mut String, cells: &[Cell], top: u32) {
    for Text { look, column, cells, words } in together(cells) {
        let weight = if look.bold { " font-weight=\"700\"" } else { "" };
        let slant = if look.italic { " font-style=\"italic\"" } else { "" };
        let (x, y, length) = (left(column), top + BASE, number(cells) * CELL.0);
        let (fill, text) = (hex(look.ink), escaped(&words));
        writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" \
             fill=\"{fill}\"{weight}{slant}>{text}</text>"
        )
        .unwrap();
    }
}

/// The texts of a row. One blank may stand within a text, two end it; a wide character and one that
/// fonts may lack are a text of their own, so that they move nothing else.
fn together(row: &[Cell]) -> Vec<Text> {
    let mut texts: Vec<Text> = vec![];
    let mut column = 0;
    while let Some(cell) = row.get(column) {
        let symbol = cell.symbol();
        let cells = symbol.width().max(1);
        let blank = symbol.trim().is_empty() || cell.modifier.contains(Modifier::HIDDEN) || shape(symbol).is_some();
        if !blank {
            let look = look(cell);
            match texts.last_mut() {
                Some(text) if joins(text, look, column, row) && plain(symbol) && plain(&text.words) => {
                    text.words.push_str(&" ".repeat(column - text.column - text.cells));
                    text.words.push_str(symbol);
                    text.cells = column + cells - text.column;
                }
                _ => texts.push(Text { look, column, cells, words: symbol.to_owned() }),
            }
        }
        column += cells;
    }
    texts
}

/// Whether what stands in `column` goes on with `text`.
fn joins(text: &Text, look: Look, column: usize, row: &[Cell]) -> bool {
    let end = text.column + text.cells;
    text.look == look && column <= end + 1 && row[end..column].iter().all(|cell| cell.symbol() == " ")
}

/// What every fixed-width font has in its one width.
fn plain(text: &str) -> bool {
    text.chars().all(|character| character.is_ascii() || matches!(character, '·' | '…' | '–' | 'à'..='ÿ'))
}

fn look(cell: &Cell) -> Look {
    let has = |modifier| cell.modifier.contains(modifier);
    let (ink, back) = colours(cell);
    let ink = match (has(Modifier::BOLD) && ink == INK, has(Modifier::DIM)) {
        (true, _) => BRIGHT,
        (false, true) => between(ink, back),
        (false, false) => ink,
    };
    Look { ink, bold: has(Modifier::BOLD), italic: has(Modifier::ITALIC) }
}

fn ground(cell: &Cell) -> u32 {
    colours(cell).1
}

/// The colours of text and ground.
fn colours(cell: &Cell) -> (u32, u32) {
    let (ink, back) = (colour(cell.fg).unwrap_or(INK), colour(cell.bg).unwrap_or(GROUND));
    if cell.modifier.contains(Modifier::REVERSED) { (back, ink) } else { (ink, back) }
}

/// One of the sixteen, or nothing where the terminal's own is meant.
fn colour(colour: Color) -> Option<u32> {
    let order = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    let place = order.iter().position(|known| *known == colour);
    assert!(place.is_some() || colour == Color::Reset, "{colour:?} is none of the terminal's sixteen");
    place.map(|place| SIXTEEN[place])
}

/// Text that is dim: four parts of `ink`, three of `back`.
fn between(ink: u32, back: u32) -> u32 {
    let part = |shift: u32| (((ink >> shift & 0xff) * 4 + (back >> shift & 0xff) * 3) / 7) << shift;
    part(16) | part(8) | part(0)
}

/// Neighbours for which `of` is the same, each run with its first column.
fn runs<T: PartialEq>(cells: &[Cell], of: impl Fn(&Cell) -> T) -> Vec<(usize, &[Cell])> {
    let mut column = 0;
    let mut found = vec![];
    for run in cells.chunk_by(|a, b| of(a) == of(b)) {
        found.push((column, run));
        column += run.len();
    }
    found
}

fn rectangle(svg: &mut String, [x, y, width, height]: [u32; 4], colour: u32) {
    let fill = hex(colour);
    writeln!(svg, r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#).unwrap();
}

fn left(column: usize) -> u32 {
    MARGIN + number(column) * CELL.0
}

fn number(cells: usize) -> u32 {
    u32::try_from(cells).unwrap()
}

fn hex(colour: u32) -> String {
    format!("#{colour:06x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    /// What is painted of one row with these texts, each in its style from its column on.
    fn painted(texts: &[(u16, &str, Style)]) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        for (column, text, style) in texts {
            buffer.set_string(*column, 0, text, *style);
        }
        let svg = svg(&buffer, "a row");
        let inside = svg.split("font-size=\"15\">\n").nth(1).and_then(|rest| rest.strip_suffix("</g>\n</svg>\n"));
        inside.unwrap().lines().map(str::to_owned).collect()
    }

    fn text(column: u32, cells: u32, rest: &str) -> String {
        let (x, length) = (MARGIN + column * 9, cells * 9);
        format!("<text x=\"{x}\" y=\"33\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" {rest}</text>")
    }

    #[test]
    fn a_blank_stands_within_a_text_and_two_end_it_so_that_columns_stay_where_they_are() {
        let plain = Style::new();
        assert_eq!(
            painted(&[(1, "a b  <c>", plain)]),
            [text(1, 3, "fill=\"#c3c9d2\">a b"), text(6, 3, "fill=\"#c3c9d2\">&lt;c&gt;")]
        );
    }

    #[test]
    fn a_wide_character_takes_two_cells_and_moves_nothing() {
        assert_eq!(
            painted(&[(0, "a日b", Style::new())]),
            [text(0, 1, "fill=\"#c3c9d2\">a"), text(1, 2, "fill=\"#c3c9d2\">日"), text(3, 1, "fill=\"#c3c9d2\">b")]
        );
    }

    #[test]
    fn what_is_bold_dim_underlined_or_in_reverse_looks_so() {
        let bold = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        let dim = Style::new().add_modifier(Modifier::DIM);
        let line = Style::new().add_modifier(Modifier::UNDERLINED);
        let turned = Style::new().add_modifier(Modifier::REVERSED);
        let ground = r##"<rect x="108" y="18" width="36" height="20" fill="#c3c9d2"/>"##;
        let under = r##"<rect x="72" y="35" width="36" height="1" fill="#c3c9d2"/>"##;
        assert_eq!(
            painted(&[(0, "b", bold), (2, "d", dim), (6, "u  u", line), (10, " r  ", turned)]),
            [
                ground.to_owned(),
                under.to_owned(),
                text(0, 1, "fill=\"#e87476\" font-weight=\"700\">b"),
                text(2, 1, "fill=\"#797e85\">d"),
                text(6, 1, "fill=\"#c3c9d2\">u"),
                text(9, 1, "fill=\"#c3c9d2\">u"),
                text(11, 1, "fill=\"#171a1f\">r"),
            ]
        );
    }

    #[test]
    fn lines_are_shapes_and_not_text() {
        let painted = painted(&[(0, "│a│", Style::new())]);
        assert_eq!(painted.iter().filter(|line| line.starts_with("<path")).count(), 2, "{painted:?}");
        assert_eq!(painted.last(), Some(&text(1, 1, "fill=\"#c3c9d2\">a")));
    }
}
