//! Which logs are opened: of what is selected, and from logs those of one task, or of all of its service.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::Command;
use crate::app::logs::{self, LineKey, Logs, Position, Search};
use crate::app::notice::LogNotice;
use crate::app::state::{LogScope, State, View};
use crate::app::subject::{Subject, service_of_task, subject};
use crate::app::tail::Tail;
use crate::app::update::keys::{go, leave};
use crate::fleet::Arn;

/// How far back lines are read at first.
const BACK: Duration = Duration::from_mins(15);

/// Opens the logs of the subject.
pub(in crate::app::update) fn open(state: &mut State) {
    let of = match subject(state) {
        Subject::Environment(home) => LogScope::Home(home),
        Subject::Task(arn) => LogScope::Task(arn),
        other => match other.service(state) {
            Some(arn) => LogScope::Service(arn),
            None => return,
        },
    };
    follow(state, of);
}

/// From the lines of one task to those of its whole service, and from those of several to those of the selected
/// line's task. A selected line stays so, in its row.
pub(in crate::app::update) fn turn(state: &mut State, of: &LogScope) {
    let other = match of {
        LogScope::Task(arn) => service_of_task(state, arn).map(LogScope::Service).ok_or(LogNotice::TaskWithoutService),
        LogScope::Service(_) | LogScope::Home(_) => writer(state).map(LogScope::Task),
    };
    match other {
        Ok(other) => turn_to(state, of, other),
        Err(notice) => state.notify(notice),
    }
}

/// The task that wrote the selected line, or what is in the way of knowing it.
fn writer(state: &State) -> Result<Arn, LogNotice> {
    if state.body.logs().is_none_or(|window| window.selected.is_none()) {
        let (up, logs) = (state.key(Command::Previous), state.key(Command::Logs));
        return Err(LogNotice::SelectLine { up, logs });
    }
    logs::writer(state).ok_or(LogNotice::UnknownTask)
}

/// Goes to logs, at their end, whatever was read of them before.
fn follow(state: &mut State, of: LogScope) {
    if let Some(logs) = state.logs.get_mut(&of) {
        (logs.reading, logs.search, logs.unfolded) = (Position::Following, None, None);
    }
    go(state, View::Logs(of));
}

/// Goes to other logs, or back to them where one came from there: turning to and fro leads nowhere deeper. What
/// is searched for is searched there, too.
fn turn_to(state: &mut State, from: &LogScope, to: LogScope) {
    let now = state.now;
    let Some(logs) = state.logs.get(from) else { return };
    let words = logs.search.as_ref().map(|search| search.words().to_owned()).unwrap_or_default();
    let selected = logs.selected(state).map(|line| LineKey::of(line));
    let row = state.body.logs().and_then(|window| window.row).unwrap_or_default();
    // What was written before is nothing new, even where it is read only now.
    let reading = selected.map(|selected| Position::At { selected, row, seen: LineKey::at(now) }).unwrap_or_default();
    let since = logs.tail.since();
    let below = state.screens.iter().rev().nth(1).map(|screen| &screen.view);
    if below == Some(&View::Logs(to.clone())) {
        leave(state);
    } else {
        go(state, View::Logs(to.clone()));
    }
    let logs = state.logs.entry(to).or_insert_with(|| Logs::new(Tail::following(since)));
    logs.tail.backfill(since);
    logs.search = Search::new(&words, logs.tail.lines());
    (logs.reading, logs.unfolded) = (reading, None);
}

/// From when on the lines of `of` are read at first: a while back, and of a task that has stopped, a while before that.
pub(super) fn since(state: &State, of: &LogScope) -> Timestamp {
    let stopped = match of {
        LogScope::Task(arn) => state.fleet.task(arn).and_then(|task| task.stopped_at),
        LogScope::Service(_) | LogScope::Home(_) => None,
    };
    let from = stopped.map_or(state.now, |stopped| stopped.min(state.now));
    from.checked_sub(BACK).unwrap_or(from)
}
