//! What keys do.

use std::time::Duration;

use jiff::Timestamp;

use super::{actions, input, inspect, logs, plans, selection};
use crate::app::chord::{Chord, Key, Modifier};
use crate::app::command::{Command, Context};
use crate::app::keymap::Lookup;
use crate::app::list::{self, Edge};
use crate::app::message::Effect;
use crate::app::notice::{ChangeNotice, Notice};
use crate::app::screens::{self, Opens};
use crate::app::state::{Item, List, Screen, SortMode, State, View};
use crate::app::subject::Subject;
use crate::app::{body, subject};
use crate::plan::verbs;

/// A key that left a screen, and comes again within this time, may be held since: keyboards wait 200 to 1,000 ms
/// before they begin to repeat it.
const LEFT: Duration = Duration::from_secs(1);
/// Afterwards they repeat it sooner than this.
const PACE: Duration = Duration::from_millis(150);
/// The same key again within this time is taken for one that is held: keyboards repeat one every
/// 20 to 100 ms.
const REPEATS: Duration = Duration::from_millis(400);

/// One key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Press {
    /// What was pressed.
    pub(super) chord: Chord,
    /// When it was read.
    pub(super) at: Timestamp,
    /// Whether somebody struck the key for it.
    pub(super) stroke: Stroke,
    /// When the same key was read last, if no other was read in between.
    pub(super) before: Option<Timestamp>,
}

/// Where a press comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stroke {
    /// Somebody struck the key.
    Struck,
    /// The key is held, and repeats by itself.
    Repeated,
}

/// Takes one key press in; keyboards do not always say that a key repeats, its pace does.
pub(super) fn read(state: &mut State, chord: Chord, at: Timestamp, stroke: Stroke) -> Vec<Effect> {
    let last = state.last_press.replace((chord, at));
    let before = last.filter(|(other, _)| *other == chord).map(|(_, then)| then);
    let again = before.is_some_and(|then| at.duration_since(then).unsigned_abs() < REPEATS);
    let stroke = if again { Stroke::Repeated } else { stroke };
    press(state, Press { chord, at, stroke, before })
}

fn press(state: &mut State, press: Press) -> Vec<Effect> {
    state.notice = None;
    if state.input.is_some() { input::press(state, press) } else { command(state, press) }
}

/// Adds a press to those that a command is made of, and carries the command out once it is whole.
pub(super) fn command(state: &mut State, press: Press) -> Vec<Effect> {
    let Press { chord, .. } = press;
    state.typed.push(chord);
    let context = Context::of(&state.screen().view);
    match state.keymap.lookup(context, &state.typed) {
        Lookup::Pending => vec![],
        Lookup::Command(command) => {
            state.typed.clear();
            if plans::is_reading(state) && chord.typed().is_some() && !matches!(command, Command::Leave | Command::Help)
            {
                state.notify(ChangeNotice::BeforePlan { key: chord.to_string() });
                return vec![];
            }
            if command == Command::Leave && state.screens.len() > 1 {
                state.left_at = Some(press.at);
            } else if command == Command::Leave && is_another(state, press) {
                state.left_at = None;
                state.notify(Notice::QuitsNext { key: chord.to_string() });
                return vec![];
            }
            let own = command.info().home() == Context::Plan;
            if own { plans::run_command(state, command, press) } else { run_command(state, command) }
        }
        Lookup::None if state.typed.len() > 1 || chord.modifier != Modifier::Alt => {
            let typed = state.typed.drain(..).map(|chord| chord.to_string()).collect::<Vec<_>>().join(" ");
            let help = state.key(Command::Help);
            state.notify(Notice::Unbound { typed, help });
            vec![]
        }
        // Escape and a key, sent within a moment of each other, look like alt and the key.
        Lookup::None => {
            state.typed.clear();
            let mut effects = self::press(state, Press { chord: Chord::plain(Key::Esc), ..press });
            // The key acts on the screen that the escape has led to.
            list::reconcile(state);
            effects.extend(self::press(state, Press { chord: Chord::plain(chord.key), ..press }));
            effects
        }
    }
}

/// Whether a key that would end the console may still be held since it left another screen.
fn is_another(state: &State, press: Press) -> bool {
    let within = |then: Timestamp, limit: Duration| press.at.duration_since(then).unsigned_abs() < limit;
    press.before.is_some_and(|then| {
        within(then, PACE) || state.left_at.is_some_and(|left| left <= press.at && within(left, LEFT))
    })
}

/// Carries a command out.
pub(super) fn run_command(state: &mut State, command: Command) -> Vec<Effect> {
    if logs::run_command(state, command) == logs::Handled::Yes {
        return vec![];
    }
    if state.screen().view.card().shown_by == Some(command) {
        again(state);
        return vec![];
    }
    if let Err(why) = subject::check(state, command) {
        state.notify(why);
        return vec![];
    }
    let half = isize::try_from(state.panes().height / 2).unwrap_or(1).max(2);
    match command {
        Command::Next => list::step(state, 1),
        Command::Previous => list::step(state, -1),
        Command::HalfDown => list::step(state, half),
        Command::HalfUp => list::step(state, -half),
        Command::First => {
            list::sort(state);
            list::jump(state, Edge::First);
        }
        Command::Last => list::jump(state, Edge::Last),
        Command::Open => return open(state),
        Command::Back => back(state),
        Command::Leave if state.screens.len() == 1 => return vec![Effect::Quit],
        Command::Leave => leave(state),
        Command::Filter => input::filter(state),
        Command::Mark => selection::toggle(state),
        Command::MarkAll => selection::toggle_all(state),
        Command::Redeploy => actions::verb(state, &verbs::REDEPLOY),
        Command::Scale => actions::verb(state, &verbs::SCALE),
        Command::Undo => actions::verb(state, &verbs::UNDO),
        Command::Plans => changes(state),
        Command::Logs => logs::open(state),
        Command::Explain => inspect::explain(state),
        Command::Describe => inspect::describe(state),
        Command::Images => inspect::images(state),
        Command::Refresh => refresh(state),
        Command::Errors => go(state, View::Errors),
        Command::Help => go(state, View::Help),
        Command::Suspend => {
            plans::forget_drawn(state);
            return vec![Effect::Suspend];
        }
        Command::Quit => return vec![Effect::Quit],
        // These belong to other contexts: a screen's keys never lead to them.
        Command::NextMatch
        | Command::PreviousMatch
        | Command::Accept
        | Command::Cancel
        | Command::Clear
        | Command::Confirm
        | Command::MoveBounds
        | Command::Pause
        | Command::GiveUp => {}
    }
    vec![]
}

/// The command that goes to the screen, given on it: back, or to the next of several ways to show the same.
fn again(state: &mut State) {
    if let Some(of) = state.screen().view.logs().cloned() {
        logs::turn(state, &of);
    } else if state.screen_mut().view.turn_words() {
        state.screen_mut().list = List::default();
    } else {
        leave(state);
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    // Who presses enter there means the plan, and not what is in it.
    if plans::awaits_confirmation(state) {
        let confirm = Some(state.key(Command::Confirm));
        state.notify(ChangeNotice::EnterIsNoAnswer { confirm });
        return vec![];
    }
    if list::selected(state).is_none() {
        state.notify(Notice::NothingToOpen);
        return vec![];
    }
    if !list::is_seen(state) {
        state.notify(Notice::LineOffScreen);
        return vec![];
    }
    let view = match list::selected(state) {
        Some(Item::Home(home)) => View::Environment(home),
        Some(Item::Service(arn)) => View::Service(arn),
        Some(Item::Task(arn)) => View::Task(arn),
        Some(Item::Plan(id)) => return plans::open(state, &id),
        Some(Item::Line(line)) => match screens::opens(state, &line) {
            Some(Opens::View(view, _)) => view,
            Some(Opens::Command(command)) => {
                leave(state);
                // The command acts on the screen below, as it is now.
                body::rebuild(state);
                return run_command(state, command);
            }
            None => {
                state.notify(Notice::OpensNoFurther);
                return vec![];
            }
        },
        None => return vec![],
    };
    go(state, view);
    vec![]
}

fn back(state: &mut State) {
    let list = &mut state.screen_mut().list;
    if !list.filter.is_empty() {
        list.filter.clear();
        list::sort(state);
    } else if !list.marks.is_empty() {
        list.marks.clear();
    } else if state.screens.len() > 1 {
        leave(state);
    } else {
        let quit = state.key(Command::Leave);
        state.notify(Notice::FirstScreen { quit });
    }
}

/// Takes the screen off. A plan that nobody confirmed goes with it.
pub(super) fn leave(state: &mut State) {
    if state.screens.len() > 1 {
        let left = state.screens.pop();
        state.input = None;
        list::sort(state);
        if let Some(id) = left.as_ref().and_then(|Screen { view, .. }| view.plan()) {
            plans::left(state, id);
        }
    }
}

/// Goes to `view`. What was selected on the way stays so for the way back; a line that counts as selected only once
/// somebody has moved to it, only where it is what one goes to.
pub(super) fn go(state: &mut State, view: View) {
    let selected = list::selected(state);
    let into = selected.as_ref().and_then(Subject::of_item) == Some(view.about());
    let preselects = state.screen().view.card().preselects;
    let list = &mut state.screen_mut().list;
    if list.selected.is_some() || preselects || into {
        list.selected = selected;
    }
    list.sort_mode = SortMode::Frozen;
    state.screens.push(Screen::new(view));
}

/// Goes to the list of changes; back to it, where one came from there.
fn changes(state: &mut State) {
    if !state.screens.iter().any(|screen| screen.view == View::Plans) {
        return go(state, View::Plans);
    }
    while state.screen().view != View::Plans {
        leave(state);
    }
}

fn refresh(state: &mut State) {
    if let Some(id) = state.screen().view.plan().cloned() {
        return plans::rebuild(state, &id);
    }
    let needs = screens::needs(state);
    state.feeds.refresh(&state.fleet, &needs);
    list::sort(state);
    state.notify(Notice::Refreshing);
}
