//! The environment screen: a row for each of its services, or for each job.

use super::{Age, Card, Hint, Kind, Opens, age, needs, selected_or};
use crate::app::body::{Content, RowKind, Table};
use crate::app::command::Context;
use crate::app::layout::Layout;
use crate::app::list;
use crate::app::reads::Needs;
use crate::app::state::State;
use crate::app::subject::Subject;
use crate::fleet::tenancy::EnvironmentId;

/// One environment's services, or all jobs.
pub(super) struct Environment<'a>(pub(super) &'a EnvironmentId);

impl Kind for Environment<'_> {
    fn card(&self) -> Card {
        Card { word: "", context: Context::Screen, layout: Layout::Table, shown_by: None, preselects: true }
    }

    fn about(&self) -> Subject {
        Subject::Environment(self.0.clone())
    }

    fn subject(&self, state: &State) -> Subject {
        selected_or(state, self.about())
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        needs::environment(state, self.0, needs);
    }

    fn age(&self, state: &State) -> Age {
        age::of_rows(state)
    }

    fn content(&self, state: &State) -> Content {
        let rows_are = if *self.0 == EnvironmentId::jobs() { RowKind::Jobs } else { RowKind::Services };
        Content::Table(Table { rows_are, rows: list::filtered(state) })
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}
