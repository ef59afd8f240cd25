//! The only place with colours: the terminal's own sixteen, so that its theme applies.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::app::page::Role;
use crate::fleet::health::HealthState as Condition;

/// What is selected: reverse video and nothing else, so that it can be read in any theme.
const SELECTED: Style = Style::new().add_modifier(Modifier::REVERSED);

/// What was searched for is seen without colours as well.
const MATCH: Modifier = Modifier::BOLD.union(Modifier::UNDERLINED);

/// Colours of tasks that write log lines; each has a letter as well. Red is for what is bad.
const VOICES: [Color; 9] = [
    Color::Cyan,
    Color::Green,
    Color::Magenta,
    Color::Yellow,
    Color::Blue,
    Color::LightCyan,
    Color::LightGreen,
    Color::LightMagenta,
    Color::LightBlue,
];

/// How text in `role` looks. Words and marks say the same without it.
pub(super) fn of(role: Role) -> Style {
    let plain = Style::new();
    match role {
        Role::Plain | Role::Good => plain,
        Role::Strong | Role::Heading | Role::Key => plain.add_modifier(Modifier::BOLD),
        Role::Dim => plain.add_modifier(Modifier::DIM),
        Role::Warn => plain.fg(Color::Yellow),
        Role::Bad => plain.fg(Color::Red).add_modifier(Modifier::BOLD),
        Role::Busy => plain.fg(Color::Cyan),
        Role::Match => plain.fg(Color::Yellow).add_modifier(MATCH),
        Role::Series(number) => plain.fg(VOICES[usize::from(number) % VOICES.len()]),
        Role::State(condition) => of(role_of(condition)),
    }
}

/// What a state's word and mark are meant as.
fn role_of(condition: Condition) -> Role {
    match condition {
        Condition::Failing | Condition::Restarting => Role::Bad,
        Condition::Degraded | Condition::Unknown => Role::Warn,
        Condition::Rolling | Condition::Scaling => Role::Busy,
        Condition::Steady => Role::Plain,
        Condition::Reading | Condition::Parked | Condition::Empty => Role::Dim,
    }
}

/// Shows `area` as selected: plain text in reverse, whatever it was before.
pub(super) fn select(frame: &mut Frame<'_>, area: Rect) {
    let area = area.intersection(frame.area());
    let buffer = frame.buffer_mut();
    buffer.set_style(area, Style::reset());
    buffer.set_style(area, SELECTED);
}

/// Shows that `area`, which is selected, has what was searched for.
pub(super) fn mark(frame: &mut Frame<'_>, area: Rect) {
    let area = area.intersection(frame.area());
    frame.buffer_mut().set_style(area, Style::new().add_modifier(MATCH));
}

/// Takes all colours out and leaves bold, dim and reverse.
///
/// Not left to crossterm: with `NO_COLOR` set, version 0.29 writes `ESC [ ; m` for each change of
/// colour, which ends bold and reverse as well, and the selection with them.
pub(super) fn without_colours(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
    }
}
