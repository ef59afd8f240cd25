//! The strip above the fleet: one cell a tenant, in the order of their names, so that trouble stands
//! out at a glance and nothing moves.

use std::collections::BTreeMap;

use crate::app::page::{Role, Span};
use crate::app::{Size, State};
use crate::fleet::health::HealthState as Condition;
use crate::fleet::tenancy::{EnvironmentId, Tenant};

/// From this width on there is room for it.
const WIDE: u16 = 100;

/// The cells: of each tenant the mark of its worst environment. Nothing on other screens, where it
/// is too narrow, and for a single tenant.
pub(super) fn spans(state: &State, size: Size) -> Vec<Span> {
    if !state.body.is_fleet() || size.width < WIDE {
        return vec![];
    }
    let mut worst: BTreeMap<&Tenant, Condition> = BTreeMap::new();
    for (home, row) in state.fleet_view.rows().filter(|(home, _)| **home != EnvironmentId::jobs()) {
        let known = worst.entry(&home.tenant).or_insert(row.verdict.state);
        *known = row.verdict.state.min(*known);
    }
    if worst.len() < 2 {
        return vec![];
    }
    let cells: Vec<Condition> = worst.into_values().collect();
    let mut spans = vec![Span::plain(" ")];
    for run in cells.chunk_by(|a, b| a == b) {
        let marks: String = run.iter().map(|condition| condition.mark()).collect();
        spans.extend(run.first().map(|condition| Span::new(marks, Role::State(*condition))));
    }
    spans
}
