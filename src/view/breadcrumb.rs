//! The breadcrumb: the path of what the screen is about, and the screen's own word.

use crate::app::State;

/// `fleet`, `california/production/web`, `california/production > explain`.
pub(super) fn path(state: &State) -> String {
    let view = &state.screen().view;
    let parts = [view.about().path(state), view.card().word.to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" > ")
}
