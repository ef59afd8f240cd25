//! The lines of a screen: in which order they stand, what is selected, and which part is in the window.

use std::collections::BTreeSet;
use std::time::Duration;

use super::layout::{is_table, panes};
use super::page::{Stop, page};
use super::state::{Asked, Hold, Item, List, State, Typing, View};

/// Idle for so long, a list that shows its top sorts itself anew: nobody is reading it.
pub const IDLE: Duration = Duration::from_secs(30);

/// The lines of a screen: how many, and where one can stop.
pub struct Lines {
    /// How many there are.
    pub count: usize,
    /// Where one can stop, in the order in which one does.
    pub stops: Vec<Stop>,
}

/// The lines of the screen.
pub fn lines(state: &State) -> Lines {
    if let Some(page) = page(state) {
        return Lines { count: page.lines.len(), stops: page.stops() };
    }
    let rows = rows(state).into_iter().enumerate();
    let stops: Vec<Stop> = rows.map(|(at, item)| Stop { item, first: at, last: at }).collect();
    Lines { count: stops.len(), stops }
}

/// The rows of a table, in the order they stand in.
pub fn rows(state: &State) -> Vec<Item> {
    let list = &state.screen().list;
    let words = words(state);
    let fits = |item: &Item| {
        words.is_empty() || {
            let text = state.board.text(item).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        }
    };
    list.order.iter().filter(|item| fits(item)).cloned().collect()
}

/// The words that rows must have, in lower case: those being typed, or the filter's.
pub(super) fn words(state: &State) -> Vec<String> {
    let words = match &state.input {
        Some(Typing { asked: Asked::Filter, line, .. }) => line.value(),
        _ => &state.screen().list.filter,
    };
    words.split_whitespace().map(str::to_lowercase).collect()
}

/// What is selected, as it is drawn: the first stop, where nothing has been selected yet.
pub fn selected(state: &State) -> Option<Item> {
    let selected = &state.screen().list.selected;
    selected.clone().or_else(|| lines(state).stops.into_iter().next().map(|stop| stop.item))
}

/// Whether what is selected is in the window; where one has read on below the last stop, it is not.
pub fn is_seen(state: &State) -> bool {
    let selected = selected(state);
    let (top, height) = (state.screen().list.top, usize::from(panes(&state.screen().view, state.size).height));
    let window = top..top + height.max(1);
    lines(state).stops.iter().any(|stop| Some(&stop.item) == selected.as_ref() && window.contains(&stop.last))
}

/// Rows in trouble below one that is better off: what sorting anew would bring up.
pub fn worse_below(state: &State) -> usize {
    let ranks: Vec<_> = rows(state).iter().filter_map(|item| state.board.condition(item)).collect();
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

/// Sorts the rows anew, and keeps them so.
pub fn sort(state: &mut State) {
    if is_table(&state.screen().view) {
        let order = state.board.order(&state.screen().view);
        state.screen_mut().list.order = order;
    }
}

/// Brings order, selection and window in line with what there is now.
///
/// Rows that keep still stay in their order; new ones stand below, gone ones leave. When what is
/// selected goes, its neighbour takes over; the window moves only as far as it must to show it.
pub fn settle(state: &mut State) {
    // Log lines have a window of their own.
    if matches!(state.screen().view, View::Logs(_)) {
        return;
    }
    if is_table(&state.screen().view) {
        match state.screen().list.hold {
            Hold::Loose => sort(state),
            Hold::Still => {
                let live = state.board.order(&state.screen().view);
                let order = &mut state.screen_mut().list.order;
                let there: BTreeSet<&Item> = live.iter().collect();
                order.retain(|item| there.contains(item));
                let known: BTreeSet<Item> = order.iter().cloned().collect();
                order.extend(live.into_iter().filter(|item| !known.contains(item)));
            }
        }
    }
    let is_table = is_table(&state.screen().view);
    let Lines { count, stops } = lines(state);
    let height = usize::from(panes(&state.screen().view, state.size).height).max(1);
    let list = &mut state.screen_mut().list;
    if !list.marks.is_empty() {
        let there: BTreeSet<&Item> = list.order.iter().collect();
        list.marks.retain(|item| there.contains(item));
    }
    let known = list.selected.as_ref().map(|selected| stops.iter().position(|stop| stop.item == *selected));
    let place = match (known, list.hold) {
        (None, Hold::Loose) => None,
        // What nobody has chosen on a page of text stays its first stop, whatever comes in above.
        (None, Hold::Still) if !is_table => None,
        (None, Hold::Still) => (!stops.is_empty()).then_some(0),
        (Some(None), _) => (!stops.is_empty()).then(|| list.place.min(stops.len() - 1)),
        (Some(known), _) => known,
    };
    list.top = list.top.min(count.saturating_sub(height));
    list.selected = place.map(|place| stops[place].item.clone());
    if let Some(place) = place {
        list.place = place;
        show(list, &stops, place, height);
    }
}

/// After the window has become higher: shows the top of a table again, if what is selected still fits.
pub fn widen(state: &mut State) {
    let height = usize::from(panes(&state.screen().view, state.size).height);
    let screen = state.screen_mut();
    if is_table(&screen.view) && screen.list.place < height {
        screen.list.top = 0;
    }
}

/// Moves the selection to the next stop in the direction of `by`, or by that many lines where
/// `by` is more than one; where there is no stop left, the window moves instead.
pub fn step(state: &mut State, by: isize) {
    let now = selected(state);
    let stops = lines(state).stops;
    let now = stops.iter().position(|stop| Some(&stop.item) == now.as_ref());
    let list = &mut state.screen_mut().list;
    list.hold = Hold::Still;
    let to = now.map(|now| match by {
        -1 | 1 => now.saturating_add_signed(by).min(stops.len() - 1),
        _ => {
            let line = stops[now].first.saturating_add_signed(by);
            let nearest = (0..stops.len()).min_by_key(|at| stops[*at].first.abs_diff(line)).unwrap_or(now);
            // Where none is as near as half a screen, the next one is meant.
            if nearest == now { now.saturating_add_signed(by.signum()).min(stops.len() - 1) } else { nearest }
        }
    });
    let moved = to.filter(|to| Some(*to) != now);
    if let Some(to) = moved {
        list.selected = Some(stops[to].item.clone());
    }
    // Half a screen moves the window as well; one line only where there is no stop left.
    if moved.is_none() || by.unsigned_abs() > 1 {
        list.top = list.top.saturating_add_signed(by);
    }
}

/// Selects the first stop, or the last.
pub fn jump(state: &mut State, to: Edge) {
    let Lines { count, stops } = lines(state);
    let (stop, top) = match to {
        Edge::First => (stops.first(), 0),
        Edge::Last => (stops.last(), count),
    };
    let list = &mut state.screen_mut().list;
    list.hold = Hold::Still;
    list.selected = stop.map(|stop| stop.item.clone());
    list.top = top;
}

/// An end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its top.
    First,
    /// Its bottom.
    Last,
}

/// Moves the window as little as possible so that all lines of the stop at `place` are in it.
///
/// With the first stop everything above it is shown, too; below the last one can read on.
fn show(list: &mut List, stops: &[Stop], place: usize, height: usize) {
    let Stop { first, last, .. } = stops[place];
    let lowest = (last + 1).saturating_sub(height);
    list.top = match (place == 0, place + 1 == stops.len()) {
        (true, true) => list.top,
        (true, false) if last < height => 0,
        (true, false) => list.top.min(first),
        (false, true) => list.top.max(lowest),
        (false, false) => list.top.max(lowest).min(first),
    };
}
