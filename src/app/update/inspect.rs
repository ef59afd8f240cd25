//! Commands that show more of the subject: explain, describe, images.

use super::keys::go;
use crate::app::command::Command;
use crate::app::notice::Notice;
use crate::app::state::{DescribeForm, ExplainTarget, State, View};
use crate::app::subject::{Subject, subject};
use crate::fleet::tenancy::EnvironmentId;
use crate::fleet::{self, Arn};

/// Goes to why the subject is in the state it is in.
pub(super) fn explain(state: &mut State) {
    let explained = match subject(state) {
        Subject::Environment(home) => Some(ExplainTarget::Home(home)),
        job if job.is_job(state) => Some(ExplainTarget::Home(EnvironmentId::jobs())),
        other => other.service(state).map(ExplainTarget::Service),
    };
    match explained {
        Some(explained) => go(state, View::Explain(explained)),
        None => gone(state),
    }
}

/// Goes to the definition of the subject: a task, or a service.
pub(super) fn describe(state: &mut State) {
    let target = match subject(state) {
        Subject::Task(arn) => state.fleet.task(&arn).map(|task| {
            let cluster = task.cluster.clone();
            fleet::Subject::Task { task: arn, cluster }
        }),
        other => other.service(state).and_then(|arn| service(state, arn)),
    };
    match target {
        Some(target) => go(state, View::Describe(target, DescribeForm::Ours)),
        None => gone(state),
    }
}

/// Goes to the images of the subject's service; of an environment with one service, of that.
pub(super) fn images(state: &mut State) {
    let subject = subject(state);
    if let Subject::Environment(home) = &subject {
        let services: Vec<Arn> = state.fleet_view.services(home).cloned().collect();
        return match <[Arn; 1]>::try_from(services) {
            Ok([service]) => go(state, View::Images(service)),
            Err(_) => no_images(state),
        };
    }
    match subject.service(state) {
        Some(service) => go(state, View::Images(service)),
        None if subject.is_job(state) => no_images(state),
        None => gone(state),
    }
}

fn no_images(state: &mut State) {
    let open = state.key(Command::Open);
    state.notify(Notice::ImagesOfService { open });
}

fn gone(state: &mut State) {
    state.notify(Notice::Gone);
}

fn service(state: &State, arn: Arn) -> Option<fleet::Subject> {
    let cluster = state.fleet.services.get(&arn)?.cluster.clone();
    Some(fleet::Subject::Service { service: arn, cluster })
}
