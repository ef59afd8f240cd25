//! Which keys the footer offers: those that do something here and now, the most useful first.

use super::parts::KEPT;
use super::prompt;
use crate::app::layout::is_table;
use crate::app::logs::{self, Folding, Reading};
use crate::app::page::{Page, folding};
use crate::app::{Change, Command, Explained, Item, Logged, Origin, Stage, State, View, listing};
use crate::fleet::tenancy::Home;
use crate::plan::{Access, Phase};

/// A command, its word and its rank.
type Offer = (Command, String, u8);

/// Commands that do something here and now, in the order of the footer: a word and a rank for each.
pub(super) fn offered(state: &State, page: Option<&Page>) -> Vec<Offer> {
    let view = &state.screen().view;
    let selected = match page {
        Some(page) => {
            let first = || page.stops().into_iter().next().map(|stop| stop.item);
            state.screen().list.selected.clone().or_else(first)
        }
        None => listing::selected(state),
    };
    let mut offered = vec![];
    of_a_plan(state, &mut offered);
    of_logs(state, &mut offered);
    match &selected {
        // Enter there means the plan, and confirms nothing.
        _ if is_awaiting(state) => {}
        Some(Item::Home(_) | Item::Service(_) | Item::Task(_) | Item::Plan(_)) => {
            offered.push((Command::Open, hint(Command::Open), 2));
        }
        Some(Item::Line(_)) if matches!(view, View::Images(_)) => {
            offered.push((Command::Open, "where it runs".to_owned(), 2));
        }
        Some(Item::Line(_)) if *view == View::Help => offered.push((Command::Open, "run".to_owned(), 2)),
        _ => {}
    }
    of_things(state, selected.as_ref(), &mut offered);
    of_changes(state, selected.as_ref(), &mut offered);
    let filtered = !state.screen().list.filter.is_empty();
    match view {
        View::Fleet | View::Environment(_) if state.screen().list.order.is_empty() => {}
        View::Fleet | View::Environment(_) | View::Images(_) => {
            let filtered = !state.screen().list.filter.is_empty();
            offered.push((Command::Filter, hint(Command::Filter), if filtered { 6 } else { 3 }));
        }
        View::Logs(_) => {}
        View::Plan(id) if state.changes.get(id).is_none_or(|change| !matches!(change.stage, Stage::Confirmed(..))) => {}
        _ => offered.push((Command::Filter, hint(Command::Filter), 6)),
    }
    let marked = !state.screen().list.marks.is_empty();
    // What leaves a plan as it is stands above the footer.
    let asks = prompt::asked(state).is_some();
    let logs = logs::shown(state).map(|(_, logs)| logs);
    let unfolded = logs.is_some_and(|logs| logs.is_unfolded(state));
    let searched = logs.is_some_and(|logs| logs.search.is_some());
    match (filtered, marked, state.screens.len()) {
        _ if asks => {}
        (true, ..) => offered.push((Command::Back, "all rows".to_owned(), 1)),
        _ if unfolded => offered.push((Command::Back, "fold".to_owned(), 1)),
        _ if searched => offered.push((Command::Back, "end search".to_owned(), 1)),
        (_, true, _) => offered.push((Command::Back, "unmark".to_owned(), 1)),
        (_, _, 1) => {}
        _ => offered.push((Command::Back, hint(Command::Back), 1)),
    }
    offered.push((Command::Refresh, hint(Command::Refresh), 7));
    let errors = state.troubles.iter().count() + state.run.warnings.len() + state.changes.unreadable().len();
    if errors > 0 && *view != View::Errors {
        offered.push((Command::Errors, format!("{} ({errors})", hint(Command::Errors)), 5));
    }
    if *view != View::Help {
        offered.push((Command::Help, hint(Command::Help), KEPT));
    }
    if state.screens.len() == 1 {
        offered.push((Command::Leave, "quit".to_owned(), 6));
    }
    let may_change = state.run.policy.access == Access::ReadWrite;
    offered.retain(|(command, ..)| may_change || command.info().proposes.is_none());
    offered
}

/// What can be looked at of what is selected, or of what the screen is about.
fn of_things(state: &State, selected: Option<&Item>, offered: &mut Vec<Offer>) {
    let view = &state.screen().view;
    let row = matches!(selected, Some(Item::Home(_) | Item::Service(_)));
    if matches!(view, View::Service(_) | View::Task(_)) || row && !matches!(view, View::Explain(_)) {
        offered.push((Command::Explain, hint(Command::Explain), 3));
    }
    let whose = matches!(selected, Some(Item::Home(_) | Item::Service(_) | Item::Task(_)));
    if whose || matches!(view, View::Service(_) | View::Task(_)) {
        offered.push((Command::Logs, hint(Command::Logs), 4));
    }
    let thing = matches!(selected, Some(Item::Service(_) | Item::Task(_)));
    let about =
        matches!(view, View::Service(_) | View::Task(_) | View::Explain(Explained::Service(_)) | View::Describe(..));
    if thing || about {
        let word = if matches!(view, View::Describe(..)) { "more".to_owned() } else { hint(Command::Describe) };
        offered.push((Command::Describe, word, 5));
    }
    let of_service = match view {
        View::Service(_) | View::Explain(Explained::Service(_)) => true,
        View::Task(arn) => state.fleet.task(arn).is_some_and(|task| task.service().is_some()),
        _ => false,
    };
    if of_service || is_table(view) && matches!(selected, Some(Item::Service(_))) {
        offered.push((Command::Images, hint(Command::Images), 5));
    }
}

/// What can be done in logs: follow them again, search, and go from match to match.
fn of_logs(state: &State, offered: &mut Vec<Offer>) {
    let Some((of, logs)) = logs::shown(state) else { return };
    if logs.tail.lines().is_empty() {
        if logs.tail.has_read() {
            offered.push((Command::Previous, "further back".to_owned(), 2));
        }
        return;
    }
    match (&logs.reading, logs.ended()) {
        (Reading::Following, None) => offered.push((Command::Previous, "pause".to_owned(), 3)),
        (Reading::Following, Some(_)) => offered.push((Command::Previous, "select".to_owned(), 3)),
        (Reading::At { .. }, None) => offered.push((Command::Last, "follow".to_owned(), 1)),
        (Reading::At { .. }, Some(_)) => offered.push((Command::Last, "end".to_owned(), 1)),
    }
    if logs.search.is_some() {
        offered.push((Command::NextMatch, hint(Command::NextMatch), 2));
        offered.push((Command::PreviousMatch, hint(Command::PreviousMatch), 2));
    }
    let line = logs.selected(state);
    match line.and_then(|line| folding(state, logs, line)) {
        // What leaves it says so.
        Some(Folding::Open) | None => {}
        Some(Folding::Closed) => offered.push((Command::Open, "whole line".to_owned(), 2)),
    }
    offered.push((Command::Filter, "search".to_owned(), 3));
    match (of, line) {
        (Logged::Task(arn), _) if state.fleet.task(arn).is_none_or(|task| task.service().is_none()) => {}
        (Logged::Task(_), _) => offered.push((Command::Logs, "whole service".to_owned(), 4)),
        (_, Some(_)) => offered.push((Command::Logs, "this task".to_owned(), 4)),
        _ => {}
    }
}

/// Whether the screen shows a plan that waits for somebody to confirm it.
fn is_awaiting(state: &State) -> bool {
    let View::Plan(id) = &state.screen().view else { return false };
    state.changes.get(id).is_some_and(|change| matches!(change.stage, Stage::Ready(_)))
}

fn hint(command: Command) -> String {
    command.info().hint.to_owned()
}

/// What can be done to a plan that is under way, and after it. What confirms one is said above the footer.
fn of_a_plan(state: &State, offered: &mut Vec<Offer>) {
    let View::Plan(id) = &state.screen().view else { return };
    let Some(change) = state.changes.get(id) else { return };
    match &change.stage {
        Stage::Confirmed(_, progress) if change.is_running() => {
            let paused = progress.phase == Phase::Paused;
            offered.push((Command::Pause, if paused { "go on".to_owned() } else { hint(Command::Pause) }, 1));
            offered.push((Command::GiveUp, hint(Command::GiveUp), 2));
        }
        Stage::Confirmed(..) if change.can_be_undone() && !state.changes.is_taken_back(change) => {
            offered.push((Command::Undo, hint(Command::Undo), 2));
        }
        // What an earlier run did of it can be taken back as well.
        Stage::Ready(_) if matches!(change.origin, Origin::CutShort(_)) => {
            if change.has_done() {
                offered.push((Command::Undo, hint(Command::Undo), 2));
            }
            offered.push((Command::GiveUp, "leave it at that".to_owned(), 2));
        }
        _ if change.could_move_bounds() => offered.push((Command::MoveBounds, hint(Command::MoveBounds), 2)),
        _ => {}
    }
}

/// Changes that could be proposed here.
fn of_changes(state: &State, selected: Option<&Item>, offered: &mut Vec<Offer>) {
    let view = &state.screen().view;
    let row = match selected {
        Some(Item::Home(home)) => *home != Home::jobs(),
        Some(Item::Service(_)) => true,
        _ => false,
    };
    let marked = is_table(view) && !state.screen().list.marks.is_empty();
    let service = matches!(view, View::Service(_) | View::Explain(Explained::Service(_)));
    if service || marked || is_table(view) && row {
        offered.push((Command::Redeploy, hint(Command::Redeploy), 4));
        offered.push((Command::Scale, hint(Command::Scale), 4));
    }
    // Marks are for changes alone.
    if state.run.policy.access == Access::ReadWrite && is_table(view) && row {
        offered.push((Command::Mark, hint(Command::Mark), 8));
    }
    let over = |change: &Change| matches!(change.stage, Stage::Confirmed(..)) && !change.is_running();
    let here = is_table(view) || matches!(view, View::Service(_) | View::Plans);
    if here && state.changes.iter().any(over) {
        offered.push((Command::Undo, hint(Command::Undo), 6));
    }
}
