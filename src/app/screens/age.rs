//! How old what a screen shows is.

use jiff::Timestamp;

use crate::app::reads::FeedKey;
use crate::app::state::State;
use crate::app::subject::Subject;
use crate::fleet::image_usage::references;
use crate::fleet::tenancy::EnvironmentId;
use crate::fleet::{Arn, Context};

/// How old the oldest part of what is on a screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Nothing on it is read from AWS again and again.
    Ageless,
    /// It was not read yet.
    Unread,
    /// It was read at this time.
    ReadAt(Timestamp),
}

impl From<Option<Timestamp>> for Age {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Unread, Self::ReadAt)
    }
}

/// When what is known of `subject` was read: of several services or tasks, the oldest.
pub(super) fn read_at(state: &State, subject: &Subject) -> Option<Timestamp> {
    match subject {
        Subject::Environment(home) if *home == EnvironmentId::jobs() => {
            state.fleet_view.jobs.iter().filter_map(|arn| task(state, arn)).min()
        }
        Subject::Environment(home) => state.fleet_view.services(home).filter_map(|arn| service(state, arn)).min(),
        Subject::Service(arn) | Subject::Image { service: arn, .. } => service(state, arn),
        Subject::Task(arn) => task(state, arn),
        Subject::Fleet | Subject::Plan(_) => None,
    }
}

/// When the oldest row in the window of a table was read; of a table without rows, the lists of clusters.
pub(super) fn of_rows(state: &State) -> Age {
    let list = &state.screen().list;
    let rows = state.body.rows();
    // That no row fits a filter is said of all of them.
    let rows = if rows.is_empty() { &list.order } else { rows };
    let height = usize::from(state.panes().height);
    let window = rows.iter().skip(list.top).take(height);
    let read = window.filter_map(|item| read_at(state, &Subject::of_item(item)?));
    let listed = || {
        let contexts = state.screen().view.about().contexts(state);
        contexts.into_iter().filter_map(|context| clusters(state, context)).min()
    };
    read.min().or_else(listed).into()
}

/// When the service `arn` was described last.
pub(super) fn service(state: &State, arn: &Arn) -> Option<Timestamp> {
    state.fleet.services.get(arn)?.snapshot.as_ref().map(|look| look.at)
}

fn task(state: &State, arn: &Arn) -> Option<Timestamp> {
    state.fleet.tasks_read.get(&state.fleet.task(arn)?.cluster).copied()
}

fn clusters(state: &State, context: &Context) -> Option<Timestamp> {
    state.feeds.get(&FeedKey::Clusters(context.id.clone()))?.answered
}

/// When the oldest of the service `arn` and its repositories was read.
pub(super) fn images(state: &State, arn: &Arn) -> Option<Timestamp> {
    let asked = references(&state.fleet, arn).into_iter().filter(|one| one.context.is_ok());
    let read = asked.filter_map(|one| state.feeds.get(&FeedKey::Images(one.repository))?.answered);
    read.chain(service(state, arn)).min()
}
