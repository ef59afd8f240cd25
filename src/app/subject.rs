//! What the screen and its selected line are about: decided here once, for keys, hints and header alike.

use std::collections::BTreeSet;

use super::command::Command;
use super::list;
use super::notice::Notice;
use super::screens;
use super::state::{Item, State};
use crate::fleet::tenancy::EnvironmentId;
use crate::fleet::{Arn, Context, ContextId};
use crate::plan::PlanId;

/// What a screen, or one of its lines, is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Everything: no command acts on it.
    Fleet,
    /// An environment, or all jobs.
    Environment(EnvironmentId),
    /// A service.
    Service(Arn),
    /// A task of a service, or a job.
    Task(Arn),
    /// An image, as seen from a service: commands on services act on that service.
    Image {
        /// The service.
        service: Arn,
        /// The image's reference.
        reference: String,
    },
    /// A plan.
    Plan(PlanId),
}

/// The kinds of subjects, as commands accept them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKind {
    /// [`Subject::Fleet`].
    Fleet,
    /// [`Subject::Environment`].
    Environment,
    /// [`Subject::Service`].
    Service,
    /// [`Subject::Task`].
    Task,
    /// [`Subject::Image`].
    Image,
    /// [`Subject::Plan`].
    Plan,
}

/// What the screen and its selected line are about.
pub fn subject(state: &State) -> Subject {
    screens::subject(state)
}

/// The subjects of a change: the marked rows of a table, else its selected row, if that is in the window; on other
/// screens the subject.
///
/// # Errors
///
/// A table has no such row; the notice says why.
pub fn subjects(state: &State) -> Result<Vec<Subject>, Notice> {
    if !state.body.is_table() {
        return Ok(vec![subject(state)]);
    }
    let list = &state.screen().list;
    if !list.marks.is_empty() {
        // In the order of the rows, those that a filter hides included.
        let marked = list.order.iter().filter(|item| list.marks.contains(item));
        return Ok(marked.filter_map(Subject::of_item).collect());
    }
    match list::selected(state) {
        None => Err(Notice::NoRowSelected),
        Some(_) if !list::is_seen(state) => Err(Notice::LineOffScreen),
        Some(item) => Ok(Subject::of_item(&item).into_iter().collect()),
    }
}

/// Whether `command` can be given here: whether its subjects are of a kind that it accepts.
///
/// # Errors
///
/// They are not; the notice says what to select.
pub(super) fn check(state: &State, command: Command) -> Result<(), Notice> {
    let accepts = command.info().accepts;
    let refused = || {
        // An image is always seen from a service.
        let nouns = accepts.iter().filter(|kind| **kind != SubjectKind::Image).map(|kind| kind.noun()).collect();
        Notice::Needs { command: command.info().name, nouns }
    };
    let fits = accepts.is_empty() || accepts.contains(&subject(state).kind());
    if fits { Ok(()) } else { Err(refused()) }
}

/// The service of a task, if it is listed.
pub(super) fn service_of_task(state: &State, task: &Arn) -> Option<Arn> {
    let task = state.fleet.task(task)?;
    let name = task.service()?;
    let mut services = state.fleet.services_of(&task.cluster);
    services.find(|(arn, _)| arn.name() == name).map(|(arn, _)| arn.clone())
}

impl Subject {
    /// What a line is about whose item is `item`; nothing where only its screen knows.
    pub fn of_item(item: &Item) -> Option<Self> {
        match item {
            Item::Home(home) => Some(Self::Environment(home.clone())),
            Item::Service(arn) => Some(Self::Service(arn.clone())),
            Item::Task(arn) => Some(Self::Task(arn.clone())),
            Item::Plan(id) => Some(Self::Plan(id.clone())),
            Item::Line(_) => None,
        }
    }

    /// Its kind.
    pub fn kind(&self) -> SubjectKind {
        match self {
            Self::Fleet => SubjectKind::Fleet,
            Self::Environment(_) => SubjectKind::Environment,
            Self::Service(_) => SubjectKind::Service,
            Self::Task(_) => SubjectKind::Task,
            Self::Image { .. } => SubjectKind::Image,
            Self::Plan(_) => SubjectKind::Plan,
        }
    }

    /// The service that it is or belongs to, if it is listed.
    pub fn service(&self, state: &State) -> Option<Arn> {
        match self {
            Self::Service(arn) | Self::Image { service: arn, .. } => Some(arn.clone()),
            Self::Task(arn) => service_of_task(state, arn),
            Self::Fleet | Self::Environment(_) | Self::Plan(_) => None,
        }
    }

    /// Whether it is a task of no service, or all of those.
    pub fn is_job(&self, state: &State) -> bool {
        match self {
            Self::Environment(home) => *home == EnvironmentId::jobs(),
            Self::Task(arn) => state.fleet.task(arn).is_some_and(|task| task.service().is_none()),
            Self::Fleet | Self::Service(_) | Self::Image { .. } | Self::Plan(_) => false,
        }
    }

    /// The environments that it belongs to: one at most, but all those that a plan changes.
    pub fn environments(&self, state: &State) -> Vec<EnvironmentId> {
        match self {
            Self::Fleet => vec![],
            Self::Environment(home) => vec![home.clone()],
            Self::Plan(id) => {
                let homes: BTreeSet<&EnvironmentId> =
                    planned(state, id).into_iter().filter_map(|arn| environment_of(state, arn)).collect();
                homes.into_iter().cloned().collect()
            }
            Self::Task(_) if self.is_job(state) => vec![EnvironmentId::jobs()],
            Self::Service(_) | Self::Task(_) | Self::Image { .. } => {
                let service = self.service(state);
                service.and_then(|arn| environment_of(state, &arn).cloned()).into_iter().collect()
            }
        }
    }

    /// Its path: `california/production/web`; empty for what belongs to no single environment.
    pub fn path(&self, state: &State) -> String {
        match self {
            Self::Fleet => String::new(),
            Self::Environment(home) => home.path(),
            Self::Service(arn) | Self::Image { service: arn, .. } => {
                state.fleet_view.places.path(arn).unwrap_or_else(|| arn.name().to_owned())
            }
            Self::Task(arn) => {
                let id: String = arn.name().chars().take(8).collect();
                match self.service(state) {
                    Some(service) => format!("{}/{id}", Self::Service(service).path(state)),
                    None if self.is_job(state) => format!("{}/{id}", EnvironmentId::jobs().path()),
                    None => id,
                }
            }
            Self::Plan(_) => self.scope(state).map(|scope| scope.path(state)).unwrap_or_default(),
        }
    }

    /// The contexts that it was read through, those first whose caller is known; all of them for the fleet.
    pub fn contexts<'a>(&self, state: &'a State) -> Vec<&'a Context> {
        let ids: BTreeSet<&ContextId> = match self {
            Self::Fleet => BTreeSet::new(),
            Self::Environment(home) => state.fleet_view.row(home).into_iter().flat_map(|row| &row.contexts).collect(),
            Self::Service(arn) | Self::Image { service: arn, .. } => {
                state.fleet.services.get(arn).map(|entry| &entry.context).into_iter().collect()
            }
            Self::Task(arn) => state.fleet.task(arn).map(|task| &task.context).into_iter().collect(),
            Self::Plan(_) => {
                return self.scope(state).unwrap_or(Self::Fleet).contexts(state);
            }
        };
        let mut contexts: Vec<&Context> = ids.into_iter().filter_map(|id| state.fleet.contexts.get(id)).collect();
        if contexts.is_empty() {
            contexts = state.fleet.contexts.values().filter(|context| context.same_as.is_none()).collect();
        }
        contexts.sort_by_key(|context| context.identity.is_none());
        contexts
    }

    /// The one service, or the one environment, that a plan is about.
    fn scope(&self, state: &State) -> Option<Self> {
        let Self::Plan(id) = self else { return None };
        match planned(state, id).as_slice() {
            [one] => Some(Self::Service((*one).clone())),
            _ => match self.environments(state).as_slice() {
                [home] => Some(Self::Environment(home.clone())),
                _ => None,
            },
        }
    }
}

impl SubjectKind {
    /// What it is called in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Fleet => "the fleet",
            Self::Environment => "an environment",
            Self::Service => "a service",
            Self::Task => "a task",
            Self::Image => "an image",
            Self::Plan => "a plan",
        }
    }
}

/// Services that the plan `id` is about.
pub(super) fn planned<'a>(state: &'a State, id: &PlanId) -> Vec<&'a Arn> {
    state.changes.get(id).map(super::changes::Change::services).unwrap_or_default()
}

fn environment_of<'a>(state: &'a State, service: &Arn) -> Option<&'a EnvironmentId> {
    state.fleet_view.places.of_service(service).map(|place| &place.environment_id)
}
