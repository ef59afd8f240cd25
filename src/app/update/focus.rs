//! What the screen needs from AWS, and how fresh.

use std::time::Duration;

use crate::app::changes::{Change, Ready, Stage};
use crate::app::layout::panes;
use crate::app::listing;
use crate::app::reads::Needs;
use crate::app::state::{Asked, Explained, Item, Logged, State, Typing, View, Words};
use crate::app::stocks::known;
use crate::fleet::stock::uses;
use crate::fleet::tenancy::Home;
use crate::fleet::{About, Arn, SCALING, Subject};
use crate::plan::PlanId;

/// How soon services are looked at again that one has opened.
const OPEN: Duration = Duration::from_secs(5);
/// How soon services are looked at again whose row is in the window.
const ROW: Duration = Duration::from_secs(15);

/// What the screen needs, and how fresh.
pub(super) fn focus(state: &State) -> Needs {
    let mut needs = Needs { pace: OPEN, ..Needs::default() };
    needs.clusters_with_stopped.clone_from(&state.board.stirred);
    needs.definitions_to_read.clone_from(&state.board.unsettled);
    // A page over a list needs what it shows; what lies below it can wait.
    match &state.screen().view {
        View::Fleet => {
            needs.pace = ROW;
            let list = &state.screen().list;
            let height = usize::from(panes(&View::Fleet, state.size).height);
            for item in listing::rows(state).iter().skip(list.top).take(height) {
                if let Item::Home(home) = item {
                    needs.services.extend(state.board.services(home).cloned());
                }
            }
        }
        View::Environment(home) | View::Explain(Explained::Home(home)) => environment(state, home, &mut needs),
        View::Service(arn) | View::Explain(Explained::Service(arn)) => service(state, arn, &mut needs),
        View::Images(arn) | View::Image(arn, _) => images(state, arn, &mut needs),
        View::Task(arn) => task(state, arn, &mut needs),
        View::Logs(of) => logs(state, of, &mut needs),
        View::Describe(subject, words) => describe(state, subject, *words, &mut needs),
        View::Plan(id) => plan(state, id, &mut needs),
        View::Errors | View::Help | View::Plans => {}
    }
    if let Some(Typing { asked: Asked::Count(_, services), .. }) = &state.input {
        needs.services.extend(services.iter().cloned());
        needs.bounds.extend(services.iter().take(SCALING).cloned());
    }
    needs
}

/// Tasks say which streams there are, those that stopped among them, and their definitions where.
fn logs(state: &State, of: &Logged, needs: &mut Needs) {
    match of {
        Logged::Home(home) => environment(state, home, needs),
        Logged::Service(arn) => {
            if let Some(entry) = state.fleet.services.get(arn) {
                needs.services.insert(arn.clone());
                needs.tasks.insert(entry.cluster.clone());
            }
        }
        Logged::Task(arn) => needs.tasks.extend(state.fleet.task(arn).map(|task| task.cluster.clone())),
    }
    needs.stopped.clone_from(&needs.tasks);
    if let Some(logs) = state.logs.get(of) {
        needs.definitions.extend(logs.outlets.unread.iter().cloned());
    }
}

/// A plan shows when the fleet is no longer as it says. One that was confirmed reads for itself.
fn plan(state: &State, id: &PlanId, needs: &mut Needs) {
    let Some(Change { stage: Stage::Ready(Ready { plan, .. }), .. }) = state.changes.get(id) else { return };
    for track in &plan.tracks {
        for about in track.steps.iter().flat_map(|step| step.kind().drift_queries(&track.target.resource)) {
            match about {
                About::Look(_, services) => needs.services.extend(services),
                About::Scaling(services) => needs.bounds.extend(services),
                About::Tasks(cluster, _) => drop(needs.tasks.insert(cluster)),
                _ => {}
            }
        }
    }
}

fn environment(state: &State, home: &Home, needs: &mut Needs) {
    for arn in state.board.services(home) {
        needs.services.insert(arn.clone());
        if let Some(entry) = state.fleet.services.get(arn) {
            needs.tasks.insert(entry.cluster.clone());
        }
    }
    // Jobs are not services: their clusters are those that their tasks were seen in.
    let is_jobs = *home == Home::jobs();
    if is_jobs {
        let jobs = state.board.jobs.iter().filter_map(|arn| state.fleet.task(arn));
        needs.tasks.extend(jobs.map(|task| task.cluster.clone()));
    }
    if is_jobs || matches!(state.screen().view, View::Explain(_)) {
        needs.stopped.clone_from(&needs.tasks);
    }
}

fn service(state: &State, arn: &Arn, needs: &mut Needs) {
    let Some(entry) = state.fleet.services.get(arn) else { return };
    needs.services.insert(arn.clone());
    needs.deployments.insert(arn.clone());
    needs.tasks.insert(entry.cluster.clone());
    needs.stopped.insert(entry.cluster.clone());
    if let Some(look) = &entry.look {
        needs.definitions.insert((entry.context.clone(), look.service.definition.clone()));
    }
}

fn images(state: &State, arn: &Arn, needs: &mut Needs) {
    let Some(entry) = state.fleet.services.get(arn) else { return };
    needs.services.insert(arn.clone());
    needs.tasks.insert(entry.cluster.clone());
    if let Some(look) = &entry.look {
        needs.definitions.insert((entry.context.clone(), look.service.definition.clone()));
    }
    for one in uses(&state.fleet, arn) {
        let Ok(context) = one.asker else { continue };
        let stock = known(state, &one.repository);
        let index = |digest: &String| (context.clone(), one.repository.clone(), digest.clone());
        needs.indexes.extend(stock.unread.iter().map(index));
        needs.definitions.extend(stock.undefined.iter().cloned());
        needs.images.insert((context, one.repository));
    }
}

fn task(state: &State, arn: &Arn, needs: &mut Needs) {
    let Some(task) = state.fleet.task(arn) else { return };
    needs.tasks.insert(task.cluster.clone());
    needs.stopped.insert(task.cluster.clone());
    needs.definitions.insert((task.context.clone(), task.definition.clone()));
}

fn describe(state: &State, subject: &Subject, words: Words, needs: &mut Needs) {
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
        Words::Ours => needs.definitions.extend(definition.map(|definition| (context.clone(), definition))),
        Words::Aws => needs.raw = Some((context, subject.clone())),
        Words::AwsDefinition => {
            needs.raw = definition.map(|definition| (context, Subject::Definition(definition)));
        }
    }
}
