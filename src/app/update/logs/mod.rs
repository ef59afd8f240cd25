//! What keys and answers do on a logs screen.

mod backfill;
mod opening;
mod searching;

use std::time::Duration;

use super::input;
use crate::app::command::Command;
use crate::app::logs::{self, LineKey, Logs, Position, Window, is_cut};
use crate::app::message::Effect;
use crate::app::notice::LogNotice;
use crate::app::reads::Ticket;
use crate::app::state::{LogScope, Prompt, State};
use crate::app::tail::{Keep, Tail, log_streams};
use crate::fleet::{CloudError, Priority, Query, QueryKind, Response};
pub(super) use opening::{open, turn};
use searching::Direction;
pub(super) use searching::search;

/// How long lines are kept that no screen shows.
const KEPT: Duration = Duration::from_mins(5);
/// How many screens' lines are kept so at the most.
const LEFT: usize = 4;

/// Carries out what `command` means on a logs screen; says whether it means anything there.
pub(super) fn run_command(state: &mut State, command: Command) -> Handled {
    let Some(of) = state.screen().view.logs().cloned() else { return Handled::No };
    let half = isize::try_from(state.panes().height / 2).unwrap_or(1).max(2);
    match command {
        Command::Next => read(state, &of, |logs, state| logs.viewport(state).step(&logs.reading, 1)),
        Command::Previous => backfill::up(state, &of, 1),
        Command::HalfDown => read(state, &of, |logs, state| logs.viewport(state).scroll(&logs.reading, half)),
        Command::HalfUp => backfill::up(state, &of, half),
        Command::First => backfill::first(state, &of),
        Command::Last => read(state, &of, |_, _| Position::Following),
        Command::Open => unfold(state, &of),
        Command::Filter => input::ask(state, Prompt::Search, ""),
        Command::NextMatch => searching::again(state, &of, Direction::Down),
        Command::PreviousMatch => searching::again(state, &of, Direction::Up),
        Command::Back => return back(state, &of),
        _ => return Handled::No,
    }
    Handled::Yes
}

/// Whether a command was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handled {
    Yes,
    No,
}

fn read(state: &mut State, of: &LogScope, to: impl Fn(&Logs, &State) -> Position) {
    let Some(logs) = state.logs.get(of) else { return };
    let reading = to(logs, state);
    if let Some(logs) = state.logs.get_mut(of) {
        logs.reading = reading;
    }
}

/// Shows the selected line whole, or while following the newest; again: folds it.
fn unfold(state: &mut State, of: &LogScope) {
    let Some(logs) = state.logs.get(of) else { return };
    let sheet = logs.viewport(state);
    let at = match &logs.reading {
        Position::At { selected, .. } => sheet.find(selected),
        Position::Following => sheet.lines.len().saturating_sub(1),
    };
    let Some(line) = sheet.lines.get(at) else { return };
    let mark = LineKey::of(line);
    let open = logs.unfolded.as_ref() == Some(&mark);
    if !open && !is_cut(line, sheet.room) {
        state.notify(LogNotice::ShownWhole);
        return;
    }
    if let Some(logs) = state.logs.get_mut(of) {
        logs.unfolded = (!open).then_some(mark);
    }
    read(state, of, |logs, state| logs.viewport(state).go(&logs.reading, at));
}

/// Folds a line that is in the window, then forgets the words, else goes back.
fn back(state: &mut State, of: &LogScope) -> Handled {
    let seen = state.body.logs().is_some_and(|window| window.is_unfolded);
    let Some(logs) = state.logs.get_mut(of) else { return Handled::No };
    logs.unfolded = None;
    if seen {
        return Handled::Yes;
    }
    if logs.search.take().is_some() { Handled::Yes } else { Handled::No }
}

/// Takes in what came back for a question about lines.
pub(super) fn answered(state: &mut State, ticket: Ticket, answer: &Response) {
    let State { logs, fleet, now, screens, input, notice, .. } = state;
    for (of, logs) in logs {
        let Some(ask) = logs.flights.remove(&ticket) else { continue };
        if !matches!(answer, Response::Failed(_)) {
            logs.read_at = Some(*now);
        }
        for line in logs.tail.take(&ask, answer.clone(), *now) {
            logs.voices.observe(fleet, of, &line);
            if let Some(search) = &mut logs.search {
                search.observe(&line);
            }
        }
        if let Some((search, first)) = logs.search.as_mut().zip(logs.tail.lines().front()) {
            search.begin_at(first);
        }
        let says = backfill::ended(logs, *now);
        let shown = screens.last().is_some_and(|screen| screen.view.logs() == Some(of));
        if shown && input.is_none() && says.is_some() {
            *notice = says.map(Into::into);
        }
    }
}

/// Whether `error`, which came back for `ask`, is one to tell of. A stream that is not there yet, or an
/// answer that goes on in the next, is nothing that goes wrong with logs: their tail knows how to go on.
pub(super) fn is_trouble(state: &State, ask: &Query, error: &CloudError) -> bool {
    let told = |logs: &Logs| logs.tail.errors().any(|(_, told)| told == error);
    !matches!(ask.kind, QueryKind::LogEvents(..)) || state.logs.values().any(told)
}

/// Asks for what is due of the logs on the screen, and forgets those of screens that were left.
pub(super) fn advance(state: &mut State) -> Vec<Effect> {
    forget(state);
    let Some(of) = state.screen().view.logs().cloned() else { return vec![] };
    let log_streams = log_streams(&state.fleet, &logs::targets(state, &of));
    let now = state.now;
    let since = opening::since(state, &of);
    let logs = state.logs.entry(of.clone()).or_insert_with(|| Logs::new(Tail::following(since)));
    logs.tail.keep(match logs.reading {
        Position::Following => Keep::Newest,
        Position::At { .. } => Keep::Read,
    });
    logs.tail.follow(&log_streams.found, now);
    logs.tail.exclude_tasks(&state.fleet);
    logs.outlets = log_streams;
    let due = logs.tail.due(now);
    let effects = due.into_iter().map(|ask| {
        let read = state.feeds.one_off(ask.clone(), Priority::Screen, now);
        logs.flights.insert(read.ticket, ask);
        read.into()
    });
    effects.collect()
}

/// Forgets lines that no screen has shown for a while: whoever comes back sooner finds them, and the same letters.
fn forget(state: &mut State) {
    let State { logs, screens, now, .. } = state;
    for (of, logs) in logs.iter_mut() {
        let shown = screens.iter().any(|screen| screen.view.logs() == Some(of));
        logs.left_at = if shown { None } else { logs.left_at.or(Some(*now)) };
    }
    let mut left: Vec<_> = logs.iter().filter_map(|(of, logs)| Some((logs.left_at?, of.clone()))).collect();
    left.sort();
    let fresh = |at: &jiff::Timestamp| now.duration_since(*at).unsigned_abs() < KEPT;
    let kept: Vec<LogScope> =
        left.iter().rev().filter(|(at, _)| fresh(at)).take(LEFT).map(|(_, of)| of.clone()).collect();
    logs.retain(|of, logs| logs.left_at.is_none() || kept.contains(of));
}

/// Notes what is in the window now: in which row the selected line stands, and what has been seen.
pub(super) fn seen(state: &mut State) {
    let Some(of) = state.screen().view.logs().cloned() else { return };
    let Some(Window { seen: Some(now), row: Some(place), .. }) = state.body.logs() else { return };
    let (now, place) = (now.clone(), *place);
    if let Some(Logs { reading: Position::At { seen, row, .. }, .. }) = state.logs.get_mut(&of) {
        (*seen, *row) = (now, place);
    }
}
