//! What screens need from AWS, and how fresh: what several of them have in common.

use std::time::Duration;

use super::kind;
use crate::app::reads::Needs;
use crate::app::state::{Prompt, State, TextInput};
use crate::fleet::tenancy::EnvironmentId;
use crate::fleet::{Arn, SCALABLE_TARGETS_PER_QUERY};

/// How soon services are read again that one has opened.
const OPEN: Duration = Duration::from_secs(5);
/// How soon services are read again whose row is in the window.
pub(super) const ROW: Duration = Duration::from_secs(15);

/// What the screen needs, and how fresh.
///
/// A page over a list needs what it shows; what lies below it can wait.
pub(in crate::app) fn needs(state: &State) -> Needs {
    let mut needs = Needs { pace: OPEN, ..Needs::default() };
    needs.clusters_with_stopped.clone_from(&state.fleet_view.stirred);
    needs.definitions_to_read.clone_from(&state.fleet_view.unsettled);
    kind(&state.screen().view).needs(state, &mut needs);
    if let Some(TextInput { asked: Prompt::Count(_, services), .. }) = &state.input {
        needs.services.extend(services.iter().cloned());
        needs.bounds.extend(services.iter().take(SCALABLE_TARGETS_PER_QUERY).cloned());
    }
    needs
}

/// The services of an environment with their tasks; of jobs, their tasks with those that stopped.
pub(super) fn environment(state: &State, home: &EnvironmentId, needs: &mut Needs) {
    for arn in state.fleet_view.services(home) {
        needs.services.insert(arn.clone());
        if let Some(entry) = state.fleet.services.get(arn) {
            needs.tasks.insert(entry.cluster.clone());
        }
    }
    // Jobs are not services: their clusters are those that their tasks were seen in.
    if *home == EnvironmentId::jobs() {
        let jobs = state.fleet_view.jobs.iter().filter_map(|arn| state.fleet.task(arn));
        needs.tasks.extend(jobs.map(|task| task.cluster.clone()));
        needs.stopped.clone_from(&needs.tasks);
    }
}

/// A service with its tasks, bounds, history and definition.
pub(super) fn service(state: &State, arn: &Arn, needs: &mut Needs) {
    let Some(entry) = state.fleet.services.get(arn) else { return };
    needs.services.insert(arn.clone());
    needs.deployments.insert(arn.clone());
    needs.tasks.insert(entry.cluster.clone());
    needs.stopped.insert(entry.cluster.clone());
    if let Some(look) = &entry.snapshot {
        needs.definitions.insert((entry.context.clone(), look.service.definition.clone()));
    }
}
