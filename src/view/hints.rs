//! Which keys the footer shows: those that do something here and now, the most useful first.

use super::confirm_bar;
use super::line_layout::KEPT;
use crate::app::layout::Layout;
use crate::app::screens::{self, Hint, Opens};
use crate::app::{Change, Command, Content, Item, Stage, State, list, subject};
use crate::plan::Access;

/// Commands that do something here and now, in the order of the footer.
pub(super) fn hints(state: &State) -> Vec<Hint> {
    let view = &state.screen().view;
    let own = view.card().shown_by;
    let mut hints = screens::hints(state);
    hints.extend(opens(state));
    inspects(state, &mut hints);
    changes(state, &mut hints);
    hints.extend(filter(state));
    hints.extend(back(state));
    hints.push(Hint::of(Command::Refresh, 7));
    let errors = state.errors.iter().count() + state.run.warnings.len() + state.changes.unreadable().len();
    if errors > 0 && own != Some(Command::Errors) {
        hints.push(Hint::new(Command::Errors, format!("{} ({errors})", Command::Errors.info().hint), 5));
    }
    if own != Some(Command::Help) {
        hints.push(Hint::of(Command::Help, KEPT));
    }
    if state.screens.len() == 1 {
        hints.push(Hint::new(Command::Leave, "quit", 6));
    }
    let may_change = state.run.policy.access == Access::ReadWrite;
    hints.retain(|hint| may_change || hint.command.info().proposes.is_none());
    hints
}

/// What enter does to the selected line.
fn opens(state: &State) -> Option<Hint> {
    // Enter there means the plan, and confirms nothing.
    if is_plan(state, |stage| matches!(stage, Stage::Ready(_))) {
        return None;
    }
    match list::selected(state)? {
        Item::Line(line) => match screens::opens(state, &line)? {
            Opens::View(_, word) => Some(Hint::new(Command::Open, word, 2)),
            Opens::Command(_) => Some(Hint::new(Command::Open, "run", 2)),
        },
        Item::Home(_) | Item::Service(_) | Item::Task(_) | Item::Plan(_) => Some(Hint::of(Command::Open, 2)),
    }
}

/// Whether the screen shows a plan of which `fits` holds.
fn is_plan(state: &State, fits: impl Fn(&Stage) -> bool) -> bool {
    let change = state.screen().view.plan().and_then(|id| state.changes.get(id));
    change.is_some_and(|change| fits(&change.stage))
}

/// What can be looked at of the subject.
fn inspects(state: &State, hints: &mut Vec<Hint>) {
    let subject = subject(state);
    let own = state.screen().view.card().shown_by;
    // On a screen that is one of them already, what is done there comes first.
    let ranks = if own.is_some() { [5, 5, 6, 6] } else { [3, 4, 5, 5] };
    let commands = [Command::Explain, Command::Logs, Command::Describe, Command::Images];
    for (command, rank) in commands.into_iter().zip(ranks) {
        // Images are a service's.
        let works = command.info().accepts.contains(&subject.kind())
            && (command != Command::Images || subject.service(state).is_some());
        if own == Some(command) && command == Command::Describe {
            hints.push(Hint::new(command, "more", 5));
        } else if works && own != Some(command) {
            hints.push(Hint::of(command, rank));
        }
    }
}

/// Changes that could be proposed here.
fn changes(state: &State, hints: &mut Vec<Hint>) {
    let subject = subject(state);
    let is_table = state.body.is_table();
    let row = Command::Redeploy.info().accepts.contains(&subject.kind()) && !subject.is_job(state);
    let selected = !is_table || list::selected(state).is_some();
    let marked = is_table && !state.screen().list.marks.is_empty();
    let ahead = is_plan(state, |stage| !matches!(stage, Stage::Confirmed(..)));
    if (marked || row && selected) && !ahead {
        hints.extend([Hint::of(Command::Redeploy, 4), Hint::of(Command::Scale, 4)]);
    }
    // Marks are for changes alone.
    if state.run.policy.access == Access::ReadWrite && is_table && row && selected {
        hints.push(Hint::of(Command::Mark, 8));
    }
    let over = |change: &Change| matches!(change.stage, Stage::Confirmed(..)) && !change.is_running();
    let card = state.screen().view.card();
    let here = card.shown_by == Some(Command::Plans) || card.word.is_empty() || is_table;
    if here && state.changes.iter().any(over) {
        hints.push(Hint::of(Command::Undo, 6));
    }
}

/// The filter, where there is something to filter.
fn filter(state: &State) -> Option<Hint> {
    let list = &state.screen().list;
    let rank = if list.filter.is_empty() { 3 } else { 6 };
    match (&state.body.content, state.screen().view.card().layout) {
        (Content::Table(_), _) if list.order.is_empty() => None,
        (Content::Table(_), _) | (_, Layout::Images) => Some(Hint::of(Command::Filter, rank)),
        // Logs are searched instead.
        (Content::Logs(_), _) => None,
        (Content::Page(_), Layout::Detail) if !is_plan(state, |stage| matches!(stage, Stage::Confirmed(..))) => None,
        (Content::Page(_), _) => Some(Hint::of(Command::Filter, 6)),
    }
}

/// What the way back leads out of.
fn back(state: &State) -> Option<Hint> {
    // What leaves a plan as it is stands above the footer.
    if confirm_bar::asked(state).is_some() {
        return None;
    }
    let list = &state.screen().list;
    let searched =
        state.screen().view.logs().and_then(|of| state.logs.get(of)).is_some_and(|logs| logs.search.is_some());
    let word = if !list.filter.is_empty() {
        "all rows"
    } else if state.body.logs().is_some_and(|window| window.is_unfolded) {
        "fold"
    } else if searched {
        "end search"
    } else if !list.marks.is_empty() {
        "unmark"
    } else if state.screens.len() == 1 {
        return None;
    } else {
        Command::Back.info().hint
    };
    Some(Hint::new(Command::Back, word, 1))
}
