//! What keys and answers do on a logs screen.

use super::keys::{go, leave};
use super::typing;
use crate::app::command::Command;
use crate::app::feed::Ticket;
use crate::app::layout::panes;
use crate::app::listing;
use crate::app::logs::{self, Logs, Mark, Reading, find, is_cut};
use crate::app::message::Effect;
use crate::app::state::{Asked, Explained, Item, Logged, State, View};
use crate::app::tail::{Tail, outlets};
use crate::fleet::{About, Answer, Arn, Ask, CloudError, Lane, Subject};

/// How far back lines are read at first.
const BACK: std::time::Duration = std::time::Duration::from_mins(15);

/// Opens the logs of what is selected or shown; on a logs screen goes back.
pub(super) fn open(state: &mut State) {
    // On a service, the task that is drawn as selected before one has chosen any is not what is meant.
    let chosen = state.screen().list.selected.is_some();
    let of = match (&state.screen().view, listing::selected(state)) {
        (View::Logs(_), _) => return leave(state),
        (View::Service(arn), _) if !chosen => Some(Logged::Service(arn.clone())),
        (_, Some(Item::Task(arn))) => Some(Logged::Task(arn)),
        (_, Some(Item::Service(arn))) => Some(Logged::Service(arn)),
        (View::Task(arn) | View::Describe(Subject::Task { task: arn, .. }, _), _) => Some(Logged::Task(arn.clone())),
        (
            View::Service(arn)
            | View::Explain(Explained::Service(arn))
            | View::Describe(Subject::Service { service: arn, .. }, _),
            _,
        ) => Some(Logged::Service(arn.clone())),
        (_, Some(Item::Home(home))) => Some(Logged::Home(home)),
        (View::Environment(home) | View::Explain(Explained::Home(home)), _) => Some(Logged::Home(home.clone())),
        _ => None,
    };
    match of {
        Some(of) => go(state, View::Logs(of)),
        None => state.notice = Some("there are no logs here; select an environment, a service or a task".to_owned()),
    }
}

/// Carries out what `command` means on a logs screen; says whether it means anything there.
pub(super) fn obey(state: &mut State, command: Command) -> Taken {
    let View::Logs(of) = &state.screen().view else { return Taken::No };
    let of = of.clone();
    let half = isize::try_from(panes(&state.screen().view, state.size).height / 2).unwrap_or(1).max(2);
    match command {
        Command::Next => read(state, &of, |logs, state| logs.sheet(state).step(&logs.reading, 1)),
        Command::Previous => read(state, &of, |logs, state| logs.sheet(state).step(&logs.reading, -1)),
        Command::HalfDown => read(state, &of, |logs, state| logs.sheet(state).scroll(&logs.reading, half)),
        Command::HalfUp => read(state, &of, |logs, state| logs.sheet(state).scroll(&logs.reading, -half)),
        Command::First => read(state, &of, |logs, state| logs.sheet(state).go(&logs.reading, 0)),
        Command::Last => read(state, &of, |_, _| Reading::Following),
        Command::Open => unfold(state, &of),
        Command::Filter => typing::ask(state, Asked::Search, ""),
        Command::NextMatch => again(state, &of, Direction::Down),
        Command::PreviousMatch => again(state, &of, Direction::Up),
        Command::Back => return back(state, &of),
        _ => return Taken::No,
    }
    Taken::Yes
}

/// Whether a command was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Down,
    Up,
}

fn read(state: &mut State, of: &Logged, to: impl Fn(&Logs, &State) -> Reading) {
    let Some(logs) = state.logs.get(of) else { return };
    let reading = to(logs, state);
    if let Some(logs) = state.logs.get_mut(of) {
        logs.reading = reading;
    }
}

/// Shows the selected line whole, or while following the newest; again: folds it.
fn unfold(state: &mut State, of: &Logged) {
    let Some(logs) = state.logs.get(of) else { return };
    let sheet = logs.sheet(state);
    let at = match &logs.reading {
        Reading::At { selected, .. } => sheet.find(selected),
        Reading::Following => sheet.lines.len().saturating_sub(1),
    };
    let Some(line) = sheet.lines.get(at) else { return };
    let mark = Mark::of(line);
    let open = logs.unfolded.as_ref() == Some(&mark);
    if !open && !is_cut(&line.message, sheet.room) {
        state.notice = Some("the line is shown whole already".to_owned());
        return;
    }
    if let Some(logs) = state.logs.get_mut(of) {
        logs.unfolded = (!open).then_some(mark);
    }
    read(state, of, |logs, state| logs.sheet(state).go(&logs.reading, at));
}

/// Folds a line, then forgets the words, else goes back.
fn back(state: &mut State, of: &Logged) -> Taken {
    let Some(logs) = state.logs.get_mut(of) else { return Taken::No };
    if logs.unfolded.take().is_some() {
        return Taken::Yes;
    }
    if logs.words.is_empty() {
        return Taken::No;
    }
    logs.words.clear();
    Taken::Yes
}

/// Searches for `words`: goes to the line that has them from here on, else to the last one before.
pub(super) fn search(state: &mut State, words: &str) {
    let View::Logs(of) = &state.screen().view else { return };
    let of = of.clone();
    let Some(logs) = state.logs.get_mut(&of) else { return };
    words.trim().clone_into(&mut logs.words);
    if logs.words.is_empty() {
        return;
    }
    let from = here(state, &of);
    let Some(logs) = state.logs.get(&of) else { return };
    let lines = logs.tail.lines();
    let found = find(lines, words.trim(), from..lines.len())
        .or_else(|| find(lines, words.trim(), (0..from.min(lines.len())).rev()));
    match found {
        Some(at) => show(state, &of, at),
        None => state.notice = Some(format!("no line has `{}`", words.trim())),
    }
}

/// Goes to the next line in that direction that has the words.
fn again(state: &mut State, of: &Logged, direction: Direction) {
    let Some(logs) = state.logs.get(of) else { return };
    if logs.words.is_empty() {
        let key = state.keymap.keys(Command::Filter).into_iter().next().unwrap_or_default();
        state.notice = Some(format!("nothing is searched for; {key} searches"));
        return;
    }
    let (lines, from) = (logs.tail.lines(), here(state, of));
    let found = match direction {
        Direction::Down => find(lines, &logs.words, from + 1..lines.len()),
        Direction::Up => find(lines, &logs.words, (0..from.min(lines.len())).rev()),
    };
    match (found, direction) {
        (Some(at), _) => show(state, of, at),
        (None, Direction::Down) => state.notice = Some(format!("no line further down has `{}`", logs.words)),
        (None, Direction::Up) => state.notice = Some(format!("no line further up has `{}`", logs.words)),
    }
}

/// The selected line; while following, behind the last.
fn here(state: &State, of: &Logged) -> usize {
    let Some(logs) = state.logs.get(of) else { return 0 };
    match &logs.reading {
        Reading::At { selected, .. } => logs.sheet(state).find(selected),
        Reading::Following => logs.tail.lines().len(),
    }
}

/// Goes to the line `at`; where the words are in what is cut off, it is unfolded.
fn show(state: &mut State, of: &Logged, at: usize) {
    let Some(logs) = state.logs.get(of) else { return };
    let sheet = logs.sheet(state);
    let Some(line) = sheet.lines.get(at) else { return };
    let rows = logs::rows(&line.message, sheet.room, logs::Folding::Closed);
    let seen = rows.iter().any(|row| !logs::ranges(row, &logs.words).is_empty());
    let mark = (!seen).then(|| Mark::of(line));
    if let (Some(logs), Some(mark)) = (state.logs.get_mut(of), mark) {
        logs.unfolded = Some(mark);
    }
    read(state, of, |logs, state| logs.sheet(state).go(&logs.reading, at));
}

/// Takes in what came back for a question about lines.
pub(super) fn answered(state: &mut State, ticket: Ticket, answer: &Answer) {
    let State { logs, fleet, now, .. } = state;
    for (of, logs) in logs {
        let Some(ask) = logs.flights.remove(&ticket) else { continue };
        if !matches!(answer, Answer::None(_)) {
            logs.read_at = Some(*now);
        }
        for line in logs.tail.take(&ask, answer.clone(), *now) {
            logs.voices.meet(fleet, of, &line);
        }
    }
}

/// Whether `error`, which came back for `ask`, is one to tell of. A stream that is not there yet, or an
/// answer that goes on in the next, is nothing that goes wrong with logs: their tail knows how to go on.
pub(super) fn is_trouble(state: &State, ask: &Ask, error: &CloudError) -> bool {
    let told = |logs: &Logs| logs.tail.errors().any(|(_, told)| told == error);
    !matches!(ask.about, About::Logs(..)) || state.logs.values().any(told)
}

/// Asks for what is due of the logs on the screen, and forgets those of screens that were left.
pub(super) fn advance(state: &mut State) -> Vec<Effect> {
    let views: Vec<&View> = state.screens.iter().map(|screen| &screen.view).collect();
    state.logs.retain(|of, _| views.iter().any(|view| matches!(view, View::Logs(own) if own == of)));
    let View::Logs(of) = &state.screen().view else { return vec![] };
    let of = of.clone();
    let outlets = outlets(&state.fleet, &logs::whose(state, &of));
    let now = state.now;
    let logs = state
        .logs
        .entry(of.clone())
        .or_insert_with(|| Logs::new(Tail::following(now.checked_sub(BACK).unwrap_or(now))));
    logs.tail.follow(&outlets.found, now);
    logs.outlets = outlets;
    let due = logs.tail.due(now);
    let effects = due.into_iter().map(|ask| {
        let (ticket, effect) = state.feeds.alone(ask.clone(), Lane::Screen, now);
        logs.flights.insert(ticket, ask);
        effect
    });
    effects.collect()
}

/// Notes what is in the window now: in which row the selected line stands, and what has been seen.
pub(super) fn seen(state: &mut State) {
    let View::Logs(of) = &state.screen().view else { return };
    let of = of.clone();
    let Some(logs) = state.logs.get(&of) else { return };
    let sheet = logs.sheet(state);
    let (now, frame) = (sheet.seen(&logs.reading), sheet.frame(&logs.reading));
    let Some((_, place)) = frame.and_then(|frame| frame.selected) else { return };
    if let Some(Logs { reading: Reading::At { seen, row, .. }, .. }) = state.logs.get_mut(&of) {
        (*seen, *row) = (now, place);
    }
}

/// The task whose line is selected.
pub(super) fn task(state: &State) -> Option<Arn> {
    let (logs, line) = crate::app::page::log_line(state)?;
    let (_, voice, _) = logs.voices.of(&line.stream)?;
    voice.task.clone()
}
