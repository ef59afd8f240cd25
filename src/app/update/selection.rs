//! Rows that are marked, so that a change is about all of them.

use std::collections::BTreeSet;

use crate::app::list;
use crate::app::notice::Notice;
use crate::app::state::{Item, State};
use crate::fleet::tenancy::EnvironmentId;

/// Marks the selected row, or takes its mark away.
pub(super) fn toggle(state: &mut State) {
    if !state.body.is_table() {
        state.notify(Notice::NotMarkable);
        return;
    }
    let Some(item) = list::selected(state) else { return };
    if !can_be_marked(&item) {
        state.notify(Notice::Jobs);
    } else if !list::is_seen(state) {
        state.notify(Notice::LineOffScreen);
    } else {
        let marks = &mut state.screen_mut().list.marks;
        if !marks.remove(&item) {
            marks.insert(item);
        }
    }
}

/// Marks every row that is shown; if they are all marked, takes their marks away.
pub(super) fn toggle_all(state: &mut State) {
    if !state.body.is_table() {
        return toggle(state);
    }
    let shown: BTreeSet<Item> = state.body.rows().iter().filter(|item| can_be_marked(item)).cloned().collect();
    let marks = &mut state.screen_mut().list.marks;
    if shown.is_subset(marks) {
        marks.retain(|item| !shown.contains(item));
    } else {
        marks.extend(shown);
    }
    if marks.is_empty() {
        state.notify(Notice::NoRowMarked);
    }
}

fn can_be_marked(item: &Item) -> bool {
    match item {
        Item::Home(home) => *home != EnvironmentId::jobs(),
        Item::Service(_) => true,
        Item::Task(_) | Item::Plan(_) | Item::Line(_) => false,
    }
}
