//! What the screen needs from AWS, and how fresh.

use std::time::Duration;

use crate::app::changes::{Change, Ready, Stage};
use crate::app::layout::panes;
use crate::app::listing;
use crate::app::state::{Asked, Explained, Item, Logged, State, Typing, View, Words};
use crate::app::stocks::known;
use crate::app::wishes::Focus;
use crate::fleet::stock::uses;
use crate::fleet::tenancy::Home;
use crate::fleet::{Arn, SCALING, Subject};
use crate::plan::{PlanId, Step};

/// How soon services are looked at again that one has opened.
const OPEN: Duration = Duration::from_secs(5);
/// How soon services are looked at again whose row is in the window.
const ROW: Duration = Duration::from_secs(15);

/// What the screen needs, and how fresh.
pub(super) fn focus(state: &State) -> Focus {
    let mut focus = Focus { pace: OPEN, ..Focus::default() };
    focus.stirred.clone_from(&state.board.stirred);
    focus.unsettled.clone_from(&state.board.unsettled);
    // A page over a list needs what it shows; what lies below it can wait.
    match &state.screen().view {
        View::Fleet => {
            focus.pace = ROW;
            let list = &state.screen().list;
            let height = usize::from(panes(&View::Fleet, state.size).height);
            for item in listing::rows(state).iter().skip(list.top).take(height) {
                if let Item::Home(home) = item {
                    focus.services.extend(state.board.services(home).cloned());
                }
            }
        }
        View::Environment(home) | View::Explain(Explained::Home(home)) => environment(state, home, &mut focus),
        View::Service(arn) | View::Explain(Explained::Service(arn)) => service(state, arn, &mut focus),
        View::Images(arn) | View::Image(arn, _) => images(state, arn, &mut focus),
        View::Task(arn) => task(state, arn, &mut focus),
        View::Logs(of) => logs(state, of, &mut focus),
        View::Describe(subject, words) => describe(state, subject, *words, &mut focus),
        View::Plan(id) => plan(state, id, &mut focus),
        View::Errors | View::Help | View::Plans => {}
    }
    if let Some(Typing { asked: Asked::Count(services), .. }) = &state.input {
        focus.services.extend(services.iter().cloned());
        focus.bounds.extend(services.iter().take(SCALING).cloned());
    }
    focus
}

/// Tasks say which streams there are, those that stopped among them, and their definitions where.
fn logs(state: &State, of: &Logged, focus: &mut Focus) {
    match of {
        Logged::Home(home) => environment(state, home, focus),
        Logged::Service(arn) => {
            if let Some(entry) = state.fleet.services.get(arn) {
                focus.services.insert(arn.clone());
                focus.tasks.insert(entry.cluster.clone());
            }
        }
        Logged::Task(arn) => focus.tasks.extend(state.fleet.task(arn).map(|task| task.cluster.clone())),
    }
    focus.stopped.clone_from(&focus.tasks);
    if let Some(logs) = state.logs.get(of) {
        focus.definitions.extend(logs.outlets.unread.iter().cloned());
    }
}

/// A plan shows when the fleet is no longer as it says. One that was confirmed reads for itself.
fn plan(state: &State, id: &PlanId, focus: &mut Focus) {
    let Some(Change { stage: Stage::Ready(Ready { plan, .. }), .. }) = state.changes.get(id) else { return };
    for track in &plan.tracks {
        focus.services.insert(track.target.service.clone());
        if track.steps.iter().any(|step| matches!(step, Step::Bounds { .. })) {
            focus.bounds.insert(track.target.service.clone());
        }
    }
}

fn environment(state: &State, home: &Home, focus: &mut Focus) {
    for arn in state.board.services(home) {
        focus.services.insert(arn.clone());
        if let Some(entry) = state.fleet.services.get(arn) {
            focus.tasks.insert(entry.cluster.clone());
        }
    }
    // Jobs are not services: their clusters are those that their tasks were seen in.
    let is_jobs = *home == Home::jobs();
    if is_jobs {
        let jobs = state.board.jobs.iter().filter_map(|arn| state.fleet.task(arn));
        focus.tasks.extend(jobs.map(|task| task.cluster.clone()));
    }
    if is_jobs || matches!(state.screen().view, View::Explain(_)) {
        focus.stopped.clone_from(&focus.tasks);
    }
}

fn service(state: &State, arn: &Arn, focus: &mut Focus) {
    let Some(entry) = state.fleet.services.get(arn) else { return };
    focus.services.insert(arn.clone());
    focus.behind.insert(arn.clone());
    focus.tasks.insert(entry.cluster.clone());
    focus.stopped.insert(entry.cluster.clone());
    if let Some(look) = &entry.look {
        focus.definitions.insert((entry.context.clone(), look.service.definition.clone()));
    }
}

fn images(state: &State, arn: &Arn, focus: &mut Focus) {
    let Some(entry) = state.fleet.services.get(arn) else { return };
    focus.services.insert(arn.clone());
    focus.tasks.insert(entry.cluster.clone());
    if let Some(look) = &entry.look {
        focus.definitions.insert((entry.context.clone(), look.service.definition.clone()));
    }
    for one in uses(&state.fleet, arn) {
        let Ok(context) = one.asker else { continue };
        let stock = known(state, &one.repository);
        let index = |digest: &String| (context.clone(), one.repository.clone(), digest.clone());
        focus.indexes.extend(stock.unread.iter().map(index));
        focus.definitions.extend(stock.undefined.iter().cloned());
        focus.images.insert((context, one.repository));
    }
}

fn task(state: &State, arn: &Arn, focus: &mut Focus) {
    let Some(task) = state.fleet.task(arn) else { return };
    focus.tasks.insert(task.cluster.clone());
    focus.stopped.insert(task.cluster.clone());
    focus.definitions.insert((task.context.clone(), task.definition.clone()));
}

fn describe(state: &State, subject: &Subject, words: Words, focus: &mut Focus) {
    let (context, definition) = match subject {
        Subject::Service { service: arn, .. } => match state.fleet.services.get(arn) {
            Some(entry) => (entry.context.clone(), entry.look.as_ref().map(|look| look.service.definition.clone())),
            None => return,
        },
        Subject::Task { task: arn, .. } => match state.fleet.task(arn) {
            Some(task) => (task.context.clone(), Some(task.definition.clone())),
            None => return,
        },
        Subject::Definition(_) => return,
    };
    match words {
        Words::Ours => focus.definitions.extend(definition.map(|definition| (context.clone(), definition))),
        Words::Aws => focus.raw = Some((context, subject.clone())),
        Words::AwsDefinition => {
            focus.raw = definition.map(|definition| (context, Subject::Definition(definition)));
        }
    }
}
