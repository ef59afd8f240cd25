//! Searches in logs: to the nearest line that has the words, and from one to the next.

use super::read;
use crate::app::logs::{self, LineKey, Position, Search, has};
use crate::app::notice::LogNotice;
use crate::app::state::{LogScope, State};
use crate::app::{Command, logs::Folding};
use crate::text::moment;

/// Which way one goes from line to line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Down,
    Up,
}

/// Searches for `words`: goes to the line that has them from here on, else to the last one before.
pub(in crate::app::update) fn search(state: &mut State, words: &str) {
    let Some(of) = state.screen().view.logs().cloned() else { return };
    let Some(logs) = state.logs.get_mut(&of) else { return };
    logs.search = Search::new(words, logs.tail.lines());
    let here = here(state, &of);
    let Some((logs, search)) = searched(state, &of) else { return };
    let found = here.as_ref().and_then(|here| search.from(here)).or_else(|| search.before(here.as_ref()));
    if let Some(mark) = found.cloned() {
        return show(state, &of, &mark);
    }
    let so_far = logs.is_filling(state) || logs.tail.is_backfilling();
    let since = moment(logs.begins(), state.now);
    let words = search.words().to_owned();
    state.notify(LogNotice::NoMatch { words, since, so_far, up: state.key(Command::Previous) });
}

/// Goes to the next line in that direction that has the words.
pub(super) fn again(state: &mut State, of: &LogScope, direction: Direction) {
    let here = here(state, of);
    let Some((logs, search)) = searched(state, of) else {
        state.notify(LogNotice::NoSearch { search: state.key(Command::Filter) });
        return;
    };
    let found = match (direction, &here) {
        (Direction::Down, Some(here)) => search.after(here),
        (Direction::Down, None) => None,
        (Direction::Up, here) => search.before(here.as_ref()),
    };
    let words = search.words().to_owned();
    match (found.cloned(), direction) {
        (Some(mark), _) => show(state, of, &mark),
        (None, Direction::Down) => {
            let up = state.key(Command::PreviousMatch);
            state.notify(LogNotice::NoMatchBelow { words, up });
        }
        (None, Direction::Up) => {
            let since = moment(logs.begins(), state.now);
            state.notify(LogNotice::NoMatchAbove { words, since });
        }
    }
}

fn searched<'a>(state: &'a State, of: &LogScope) -> Option<(&'a logs::Logs, &'a Search)> {
    let logs = state.logs.get(of)?;
    Some((logs, logs.search.as_ref()?))
}

/// The selected line; while following, none: one is behind the last.
fn here(state: &State, of: &LogScope) -> Option<LineKey> {
    let logs = state.logs.get(of)?;
    match &logs.reading {
        Position::At { .. } => logs.selected(state).map(|line| LineKey::of(line)),
        Position::Following => None,
    }
}

/// Goes to the line at `mark`; where the words are in what is cut off, it is unfolded.
fn show(state: &mut State, of: &LogScope, mark: &LineKey) {
    let Some((logs, search)) = searched(state, of) else { return };
    let sheet = logs.viewport(state);
    let at = sheet.find(mark);
    let Some(line) = sheet.lines.get(at) else { return };
    let rows = logs::rows(line, sheet.room, Folding::Closed);
    let seen = rows.iter().any(|row| has(row, search.words()));
    if let (Some(logs), false) = (state.logs.get_mut(of), seen) {
        logs.unfolded = Some(mark.clone());
    }
    read(state, of, |logs, state| logs.viewport(state).go(&logs.reading, at));
}
