//! The fleet screen: a row for each tenant's environment, the worst first.

use super::needs::ROW;
use super::{Age, Card, Hint, Kind, Opens, age, selected_or};
use crate::app::body::{Content, RowKind, Table};
use crate::app::command::Context;
use crate::app::layout::Layout;
use crate::app::list;
use crate::app::reads::Needs;
use crate::app::state::{Item, State};
use crate::app::subject::Subject;

/// Every tenant's environments.
pub(super) struct Fleet;

impl Kind for Fleet {
    fn card(&self) -> Card {
        Card { word: "fleet", context: Context::Screen, layout: Layout::Table, shown_by: None, preselects: true }
    }

    fn about(&self) -> Subject {
        Subject::Fleet
    }

    fn subject(&self, state: &State) -> Subject {
        selected_or(state, self.about())
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        needs.pace = ROW;
        let list = &state.screen().list;
        let height = usize::from(state.panes().height);
        for item in state.body.rows().iter().skip(list.top).take(height) {
            if let Item::Home(home) = item {
                needs.services.extend(state.fleet_view.services(home).cloned());
            }
        }
    }

    fn age(&self, state: &State) -> Age {
        age::of_rows(state)
    }

    fn content(&self, state: &State) -> Content {
        Content::Table(Table { rows_are: RowKind::Environments, rows: list::filtered(state) })
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}
