//! Rows that are marked, so that a change is about all of them.

use std::collections::BTreeSet;

use super::propose::JOBS;
use crate::app::layout::is_table;
use crate::app::listing;
use crate::app::state::{Item, State};
use crate::fleet::tenancy::Home;

/// Marks the selected row, or takes its mark away.
pub(super) fn toggle(state: &mut State) {
    if !is_table(&state.screen().view) {
        state.notice = Some("rows of the fleet and services of an environment can be marked".to_owned());
        return;
    }
    let Some(item) = listing::selected(state) else { return };
    if !can_be_marked(&item) {
        state.notice = Some(JOBS.to_owned());
    } else if !listing::is_seen(state) {
        state.notice = Some("the selected line is not on the screen".to_owned());
    } else {
        let marks = &mut state.screen_mut().list.marks;
        if !marks.remove(&item) {
            marks.insert(item);
        }
    }
}

/// Marks every row that is shown; if they are all marked, takes their marks away.
pub(super) fn toggle_all(state: &mut State) {
    if !is_table(&state.screen().view) {
        return toggle(state);
    }
    let shown: BTreeSet<Item> = listing::rows(state).into_iter().filter(can_be_marked).collect();
    let marks = &mut state.screen_mut().list.marks;
    if shown.is_subset(marks) {
        marks.retain(|item| !shown.contains(item));
    } else {
        marks.extend(shown);
    }
    if marks.is_empty() {
        state.notice = Some("no row is marked".to_owned());
    }
}

fn can_be_marked(item: &Item) -> bool {
    match item {
        Item::Home(home) => *home != Home::jobs(),
        Item::Service(_) => true,
        Item::Task(_) | Item::Plan(_) | Item::Line(_) => false,
    }
}
