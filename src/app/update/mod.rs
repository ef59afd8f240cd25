//! How the app reacts: moves the state past messages, and says what is to be done in the world.

mod actions;
mod input;
mod inspect;
mod keys;
mod logs;
mod plans;
mod responses;
mod selection;

use std::sync::Arc;

use jiff::Timestamp;

use self::keys::Stroke;
use super::chord::Chord;
use super::fleet_view::FleetView;
use super::list::{self, IDLE};
use super::message::{Effect, Message};
use super::notice::ChangeNotice;
use super::reads::rest_interval;
use super::state::{SortMode, State};
use super::{body, image_cache, screens};

/// Services beyond which a fleet is judged once a second at the most.
const LARGE: usize = 1000;

/// Moves `state` past one `message`, and says what is now to be done in the world.
///
/// It neither waits nor reads a clock, and it cannot fail: whatever does is an [`Effect`].
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    update_all(state, [message])
}

/// Moves `state` past several `messages` at once: what follows from them is worked out only once, at the end.
///
/// A key acts on the body that its user saw, which is that of the update before; where messages before it in the
/// batch have changed something, on one that is built in between.
pub fn update_all(state: &mut State, messages: impl IntoIterator<Item = Message>) -> Vec<Effect> {
    let mut effects = vec![];
    let mut changed = Changed::Nothing;
    for message in messages {
        if message.is_typed() {
            match changed {
                Changed::Nothing => {}
                Changed::Screen => list::reconcile(state),
                Changed::Fleet => body::rebuild(state),
            }
        }
        changed = changed.max(take(state, message, &mut effects));
    }
    if changed == Changed::Fleet {
        refresh(state);
    }
    effects.extend(plans::advance(state));
    image_cache::refresh(state);
    list::reorder(state);
    effects.extend(logs::advance(state));
    body::rebuild(state);
    logs::seen(state);
    list::reselect(state);
    let needs = screens::needs(state);
    effects.extend(state.feeds.due(&state.fleet, &needs, state.now).into_iter().map(Effect::from));
    effects
}

/// What messages have changed since the body was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Changed {
    Nothing,
    /// What the user does: selection, screen, what is typed.
    Screen,
    /// What is known, or the time.
    Fleet,
}

fn take(state: &mut State, message: Message, effects: &mut Vec<Effect>) -> Changed {
    match message {
        Message::Pressed(chord, at) => effects.extend(press(state, chord, at, Stroke::Struck)),
        Message::Held(chord, at) => effects.extend(press(state, chord, at, Stroke::Repeated)),
        Message::PlanDrawn(at, dropped) => plans::drawn(state, at, &dropped),
        Message::Pasted(text) => input::paste(state, &text),
        Message::Resized(size) => {
            state.size = size;
            list::resized(state);
        }
        Message::Ticked(now, pressure) => {
            (state.now, state.pressure) = (now, pressure);
            return Changed::Fleet;
        }
        Message::Answered(ticket, answer) => {
            responses::apply(state, ticket, *answer);
            return Changed::Fleet;
        }
        Message::ObservedByPlan(ask, answer) => {
            responses::observed(state, &ask, *answer);
            return Changed::Fleet;
        }
        Message::Progressed(id, progress) => plans::progressed(state, &id, *progress),
        Message::Unfinished(records) => plans::unfinished(state, records),
        Message::UnreadableJournals(unreadable) => state.changes.set_unreadable(unreadable),
        Message::DismissFailed(record, why) => {
            plans::unfinished(state, vec![*record]);
            state.notify(ChangeNotice::NotDismissed { why });
        }
    }
    Changed::Screen
}

fn press(state: &mut State, chord: Chord, at: Timestamp, stroke: Stroke) -> Vec<Effect> {
    let effects = keys::read(state, chord, at, stroke);
    state.pressed_at = state.now;
    effects
}

/// Works out again what follows from what is known.
fn refresh(state: &mut State) {
    state.feeds.forget(&state.fleet);
    // A large fleet takes a while to judge: once a second must do, however fast answers come in.
    if state.fleet.services.len() < LARGE || state.fleet_view.at != state.now {
        let interval = rest_interval(&state.fleet);
        state.fleet_view = Arc::new(FleetView::new(&state.fleet, &state.rules, interval, state.now));
    }
    let read = state.feeds.progress(&state.fleet).is_none();
    let idle = state.since(state.pressed_at) >= IDLE;
    let list = &mut state.screen_mut().list;
    if read && list.sort_mode == SortMode::Live && !list.order.is_empty() {
        list::sort(state);
        state.screen_mut().list.sort_mode = SortMode::Frozen;
    } else if idle && list.top == 0 && state.input.is_none() {
        list::sort(state);
    }
}
