//! Pages of text: lines of spans, each with the role it plays. Colours are the view's.

pub(super) mod filter;
pub(super) mod image_label;
pub mod plan_details;
pub(super) mod progress;
pub mod summary;
pub(super) mod tasks;

use unicode_width::UnicodeWidthStr;

use super::state::Item;
use crate::fleet::health::HealthState as Condition;
use crate::text::{clean, wrap};

pub use plan_details::lines as plan_lines;
pub use progress::{WHOLE, lines as told};

/// A screen's worth of text, and more: the window over it is the screen's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What it comes to, for the header.
    pub title: Vec<Span>,
    /// The lines.
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// From left to right.
    pub spans: Vec<Span>,
    /// What one selects by stopping here; lines that belong together have the same.
    pub item: Option<Item>,
    /// How it stands to the lines around it.
    pub level: Level,
}

/// How a line stands to those around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// The head of a section.
    Section,
    /// The head of what follows within a section.
    Head,
    /// It says something by itself.
    #[default]
    Text,
    /// It goes on with what the line above it says.
    More,
}

/// A piece of text that plays one role. Its text is clean: nothing in it acts on a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What stands there.
    pub text: String,
    /// How it is meant.
    pub role: Role,
    /// What one selects by stopping here, where a line has several stops.
    pub item: Option<Item>,
}

/// A place to stop at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// What is selected there.
    pub item: Item,
    /// Its first line.
    pub first: usize,
    /// Its last line.
    pub last: usize,
}

/// How a piece of text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// As it is.
    Plain,
    /// To be seen first.
    Strong,
    /// To be seen last.
    Dim,
    /// The head of a section or a column.
    Heading,
    /// A key to press.
    Key,
    /// Good news.
    Good,
    /// Something to look at.
    Warn,
    /// Bad news.
    Bad,
    /// In motion.
    Busy,
    /// What was searched for.
    Match,
    /// The letter of a task that writes log lines, by its number.
    Series(u8),
    /// The word or mark of a state.
    State(Condition),
}

impl Span {
    /// `text`, cleaned, in `role`.
    pub fn new(text: impl AsRef<str>, role: Role) -> Self {
        Self { text: clean(text.as_ref()).into_owned(), role, item: None }
    }

    /// The same span, to be stopped at for `item`.
    #[must_use]
    pub fn stop(mut self, item: Item) -> Self {
        self.item = Some(item);
        self
    }

    /// Plain text.
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self::new(text, Role::Plain)
    }

    /// Text to be seen last.
    pub fn dim(text: impl AsRef<str>) -> Self {
        Self::new(text, Role::Dim)
    }
}

impl Line {
    /// A line of `spans`.
    pub fn of(spans: impl IntoIterator<Item = Span>) -> Self {
        Self { spans: spans.into_iter().collect(), ..Self::default() }
    }

    /// An empty line.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The head of a section.
    pub fn heading(text: &str) -> Self {
        Self { level: Level::Section, ..Self::of([Span::new(text, Role::Heading)]) }
    }

    /// The same line, as the head of what follows within a section.
    #[must_use]
    pub fn head(mut self) -> Self {
        self.level = Level::Head;
        self
    }

    /// The same line, to be stopped at for `item`.
    #[must_use]
    pub fn stop(mut self, item: Item) -> Self {
        self.item = Some(item);
        self
    }

    /// Its text alone.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

impl Page {
    /// Adds a section's head, with an empty line above it unless it is the first.
    pub fn section(&mut self, name: &str) {
        if !self.lines.is_empty() {
            self.lines.push(Line::empty());
        }
        self.lines.push(Line::heading(name));
    }

    /// Places to stop at, from top to bottom; where lines have several, column after column.
    pub fn anchors(&self) -> Vec<Anchor> {
        let mut stops: Vec<Anchor> = vec![];
        let mut block: Vec<(usize, Anchor)> = vec![];
        for (at, line) in self.lines.iter().enumerate() {
            let spans = line.spans.iter().enumerate().filter_map(|(column, span)| Some((column, span.item.clone()?)));
            let before = block.len();
            block.extend(spans.map(|(column, item)| (column, Anchor { item, first: at, last: at })));
            if block.len() == before {
                flush(&mut block, &mut stops);
            }
            match (&line.item, stops.last_mut()) {
                (Some(item), Some(last)) if last.item == *item => last.last = at,
                (Some(item), _) => stops.push(Anchor { item: item.clone(), first: at, last: at }),
                (None, _) => {}
            }
        }
        flush(&mut block, &mut stops);
        stops
    }

    /// Adds `line`.
    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Adds `lead` followed by `text`, wrapped to `width` columns; what is wrapped stands below the text.
    pub fn wrapped(&mut self, lead: Vec<Span>, text: &Span, width: u16, item: Option<&Item>) {
        let indent: usize = lead.iter().map(|span| span.text.width()).sum();
        let room = usize::from(width).saturating_sub(indent + 1).max(16);
        let mut lead = Some(lead);
        for part in wrap(&text.text, room) {
            let level = if lead.is_some() { Level::Text } else { Level::More };
            let mut spans = lead.take().unwrap_or_else(|| vec![Span::plain(" ".repeat(indent))]);
            spans.push(Span { text: part.into_owned(), ..text.clone() });
            self.lines.push(Line { spans, item: item.cloned(), level });
        }
    }
}

/// Moves a block of stops that stand side by side to the others, column after column.
fn flush(block: &mut Vec<(usize, Anchor)>, stops: &mut Vec<Anchor>) {
    block.sort_by_key(|(column, stop)| (*column, stop.first));
    stops.extend(block.drain(..).map(|(_, stop)| stop));
}
