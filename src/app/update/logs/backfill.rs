//! Lines from further back than were read at first: up from the first line.

use std::time::Duration;

use jiff::Timestamp;

use super::read;
use crate::app::Command;
use crate::app::logs::Logs;
use crate::app::notice::LogNotice;
use crate::app::state::{LogScope, State};
use crate::text::{duration, moment};

/// How far back lines are read, one after the other.
const STEPS: [Duration; 5] = [
    Duration::from_hours(1),
    Duration::from_hours(6),
    Duration::from_hours(24),
    Duration::from_hours(3 * 24),
    Duration::from_hours(7 * 24),
];

/// A step up: from the first line on further back.
pub(super) fn up(state: &mut State, of: &LogScope, rows: isize) {
    let Some(logs) = state.logs.get(of) else { return };
    if is_at_first(state, logs) {
        return go_back(state, of);
    }
    read(state, of, |logs, state| match rows {
        1 => logs.viewport(state).step(&logs.reading, -1),
        rows => logs.viewport(state).scroll(&logs.reading, -rows),
    });
}

/// To the first line that has been read; says how those before are.
pub(super) fn first(state: &mut State, of: &LogScope) {
    read(state, of, |logs, state| logs.viewport(state).go(&logs.reading, 0));
    let Some(logs) = state.logs.get(of) else { return };
    let (since, up) = (moment(logs.begins(), state.now), state.key(Command::Previous));
    let so_far = logs.is_filling(state);
    let further = match next(state, of, logs) {
        Ok(to) => LogNotice::CanReadBack { up, to: moment(to, state.now) },
        Err(why) => why,
    };
    state.notify(LogNotice::FirstLine { since, so_far, further: Box::new(further) });
}

/// Whether the first row of the first line is selected, or there are no lines at all.
fn is_at_first(state: &State, logs: &Logs) -> bool {
    if logs.tail.lines().is_empty() {
        return logs.tail.has_read();
    }
    let window = state.body.logs();
    let selected = window.and_then(|window| Some((window.selected.as_ref()?.0, window.row?)));
    selected.is_some_and(|(at, row)| at == 0 && row >= 0)
}

fn go_back(state: &mut State, of: &LogScope) {
    let Some(logs) = state.logs.get(of) else { return };
    let since = moment(logs.tail.since(), state.now);
    let notice = match next(state, of, logs) {
        _ if logs.tail.is_backfilling() => LogNotice::StillReadingBack { to: since },
        Ok(to) => {
            let ago = duration(state.since(to));
            let notice = LogNotice::ReadingBack { to: moment(to, state.now), ago };
            if let Some(logs) = state.logs.get_mut(of) {
                logs.tail.backfill(to);
                logs.older_than = logs.tail.is_backfilling().then(|| logs.tail.lines().len());
            }
            notice
        }
        Err(why) => why,
    };
    state.notify(notice);
}

/// Says what has come of reading further back, once it has.
pub(super) fn ended(logs: &mut Logs, now: Timestamp) -> Option<LogNotice> {
    let before = logs.older_than.filter(|_| !logs.tail.is_backfilling())?;
    logs.older_than = None;
    let (lines, since) = (logs.tail.lines().len().saturating_sub(before), moment(logs.begins(), now));
    Some(LogNotice::ReadBack { since, lines })
}

/// Until when the next step would read, or why there is none.
fn next(state: &State, of: &LogScope, logs: &Logs) -> Result<Timestamp, LogNotice> {
    let lines = logs.tail.lines();
    if logs.tail.dropped() > 0 {
        return Err(LogNotice::LinesLimit { lines: lines.len() });
    }
    let made = match of {
        LogScope::Task(arn) => state.fleet.task(arn).and_then(|task| task.created_at),
        LogScope::Service(_) | LogScope::Home(_) => None,
    };
    if let Some(made) = made.filter(|made| *made >= logs.tail.since()) {
        return Err(LogNotice::TaskCreated { at: moment(made, state.now) });
    }
    let steps = STEPS.iter().filter_map(|step| state.now.checked_sub(*step).ok());
    let mut further = steps.filter(|to| *to < logs.tail.since());
    further.next().ok_or(LogNotice::WeekLimit)
}
