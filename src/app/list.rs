//! The lines of a screen: in which order they stand, what is selected, and which part is in the window.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::body;
use super::layout::Layout;
use super::page::Anchor;
use super::state::{Item, List, Prompt, SortMode, State, TextInput};

/// Idle for so long, a list that shows its top sorts itself again: nobody is reading it.
pub const IDLE: Duration = Duration::from_secs(30);

/// The rows of a table that the filter leaves, in their order.
pub(super) fn filtered(state: &State) -> Vec<Item> {
    let list = &state.screen().list;
    let words = words(state);
    let fits = |item: &Item| {
        words.is_empty() || {
            let text = state.fleet_view.text(item).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        }
    };
    list.order.iter().filter(|item| fits(item)).cloned().collect()
}

/// The words that rows must have, in lower case: those being typed, or the filter's.
pub(super) fn words(state: &State) -> Vec<String> {
    let words = match &state.input {
        Some(TextInput { asked: Prompt::Filter, line, .. }) => line.value(),
        _ => &state.screen().list.filter,
    };
    words.split_whitespace().map(str::to_lowercase).collect()
}

/// What is selected, as it is drawn: the first line that can be, where nothing has been selected yet.
pub fn selected(state: &State) -> Option<Item> {
    let selected = state.screen().list.selected.clone();
    selected.or_else(|| state.body.anchors.first().map(|anchor| anchor.item.clone()))
}

/// Whether what is selected is in the window; where one has read on below the last anchor, it is not.
pub fn is_seen(state: &State) -> bool {
    let selected = selected(state);
    let (top, height) = (state.screen().list.top, usize::from(state.panes().height));
    let window = top..top + height.max(1);
    state.body.anchors.iter().any(|anchor| Some(&anchor.item) == selected.as_ref() && window.contains(&anchor.last))
}

/// Rows in trouble below one that is better off: what sorting again would bring up.
pub fn worse_below(state: &State) -> usize {
    let ranks = state.body.rows().iter().filter_map(|item| state.fleet_view.state(item));
    let mut best = None;
    let mut worse = 0;
    for rank in ranks {
        if best.is_some_and(|best| rank < best) && rank.is_trouble() {
            worse += 1;
        }
        best = best.max(Some(rank));
    }
    worse
}

/// Sorts the rows again.
pub fn sort(state: &mut State) {
    let order = live(state);
    state.screen_mut().list.order = order;
}

/// The rows of the table, sorted; none on a page.
fn live(state: &State) -> Vec<Item> {
    let view = &state.screen().view;
    if view.card().layout == Layout::Table { state.fleet_view.order(&view.about()) } else { vec![] }
}

/// Builds the body from what is known now, and brings order, selection and window in line with it.
pub(super) fn reconcile(state: &mut State) {
    reorder(state);
    body::rebuild(state);
    reselect(state);
}

/// Brings the order of the rows in line with what is known.
///
/// Rows that keep their order stay where they are; new ones are added below, gone ones leave.
pub(super) fn reorder(state: &mut State) {
    let live = live(state);
    let list = &mut state.screen_mut().list;
    match list.sort_mode {
        SortMode::Live => list.order = live,
        SortMode::Frozen => {
            let there: BTreeSet<&Item> = live.iter().collect();
            list.order.retain(|item| there.contains(item));
            let known: BTreeSet<Item> = list.order.iter().cloned().collect();
            list.order.extend(live.into_iter().filter(|item| !known.contains(item)));
        }
    }
    if !list.marks.is_empty() {
        let there: BTreeSet<&Item> = list.order.iter().collect();
        list.marks.retain(|item| there.contains(item));
    }
}

/// Brings selection and window in line with the body.
///
/// When what is selected goes, its neighbour takes over; the window moves only as far as it must to show it.
pub(super) fn reselect(state: &mut State) {
    let body = Arc::clone(&state.body);
    // Log lines have a window of their own.
    if body.logs().is_some() {
        return;
    }
    let anchors = &body.anchors;
    let height = usize::from(state.panes().height).max(1);
    let list = &mut state.screen_mut().list;
    let known = list.selected.as_ref().map(|selected| anchors.iter().position(|anchor| anchor.item == *selected));
    let place = match (known, list.sort_mode) {
        (None, SortMode::Live) => None,
        // What nobody has chosen on a page of text stays its first anchor, whatever comes in above.
        (None, SortMode::Frozen) if !body.is_table() => None,
        (None, SortMode::Frozen) => (!anchors.is_empty()).then_some(0),
        (Some(None), _) => (!anchors.is_empty()).then(|| list.place.min(anchors.len() - 1)),
        (Some(known), _) => known,
    };
    list.top = list.top.min(body.count().saturating_sub(height));
    list.selected = place.map(|place| anchors[place].item.clone());
    if let Some(place) = place {
        list.place = place;
        show(list, anchors, place, height);
    }
}

/// After the window has become higher: shows the top of a table again, if what is selected still fits.
pub fn resized(state: &mut State) {
    let height = usize::from(state.panes().height);
    let is_table = state.body.is_table();
    let list = &mut state.screen_mut().list;
    if is_table && list.place < height {
        list.top = 0;
    }
}

/// Moves the selection to the next anchor in the direction of `by`, or by that many lines where
/// `by` is more than one; where there is no anchor left, the window moves instead.
pub fn step(state: &mut State, by: isize) {
    let now = selected(state);
    let body = Arc::clone(&state.body);
    let anchors = &body.anchors;
    let now = anchors.iter().position(|anchor| Some(&anchor.item) == now.as_ref());
    let list = &mut state.screen_mut().list;
    list.sort_mode = SortMode::Frozen;
    let to = now.map(|now| match by {
        -1 | 1 => now.saturating_add_signed(by).min(anchors.len() - 1),
        _ => {
            let line = anchors[now].first.saturating_add_signed(by);
            let nearest = (0..anchors.len()).min_by_key(|at| anchors[*at].first.abs_diff(line)).unwrap_or(now);
            // Where none is as near as half a screen, the next one is meant.
            if nearest == now { now.saturating_add_signed(by.signum()).min(anchors.len() - 1) } else { nearest }
        }
    });
    let moved = to.filter(|to| Some(*to) != now);
    if let Some(to) = moved {
        list.selected = Some(anchors[to].item.clone());
        list.place = to;
    }
    // Half a screen moves the window as well; one line only where there is no anchor left.
    if moved.is_none() || by.unsigned_abs() > 1 {
        list.top = list.top.saturating_add_signed(by);
    }
}

/// Selects the first line that can be, or the last.
///
/// A table may have been sorted or filtered again since its body was built: its first row is the one that the next
/// body begins with.
pub fn jump(state: &mut State, to: Edge) {
    let body = Arc::clone(&state.body);
    let (anchor, place, top) = match to {
        Edge::First if body.is_table() => (None, 0, 0),
        Edge::First => (body.anchors.first(), 0, 0),
        Edge::Last => (body.anchors.last(), body.anchors.len().saturating_sub(1), body.count()),
    };
    let list = &mut state.screen_mut().list;
    list.sort_mode = SortMode::Frozen;
    list.selected = anchor.map(|anchor| anchor.item.clone());
    (list.place, list.top) = (place, top);
}

/// An end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its top.
    First,
    /// Its bottom.
    Last,
}

/// Moves the window as little as possible so that all lines of the anchor at `place` are in it.
///
/// With the first anchor everything above it is shown, too; below the last one can read on.
fn show(list: &mut List, anchors: &[Anchor], place: usize, height: usize) {
    let Anchor { first, last, .. } = anchors[place];
    let lowest = (last + 1).saturating_sub(height);
    list.top = match (place == 0, place + 1 == anchors.len()) {
        (true, true) => list.top,
        (true, false) if last < height => 0,
        (true, false) => list.top.min(first),
        (false, true) => list.top.max(lowest),
        (false, false) => list.top.max(lowest).min(first),
    };
}
