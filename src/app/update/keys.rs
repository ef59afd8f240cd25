//! What keys do.

use std::time::Duration;

use jiff::Timestamp;

use super::{logs, marks, plans, propose, typing};
use crate::app::chord::{Chord, Key, Modifier};
use crate::app::command::{Command, Context};
use crate::app::keymap::Lookup;
use crate::app::layout::panes;
use crate::app::listing::{self, Edge};
use crate::app::message::Effect;
use crate::app::state::{Explained, Hold, Item, List, Logged, Screen, State, View, Words};
use crate::fleet::tenancy::Home;
use crate::fleet::{Arn, Subject};
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
    if state.input.is_some() { typing::press(state, press) } else { command(state, press) }
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
            if plans::is_asking(state) && chord.typed().is_some() && !matches!(command, Command::Leave | Command::Help)
            {
                state.notice = Some(format!("`{chord}` was not taken: the plan was not there yet"));
                return vec![];
            }
            if command == Command::Leave && state.screens.len() > 1 {
                state.left_at = Some(press.at);
            } else if command == Command::Leave && is_another(state, press) {
                state.left_at = None;
                state.notice = Some(format!("this is the fleet: `{chord}` once more quits"));
                return vec![];
            }
            let own = command.info().home() == Context::Plan;
            if own { plans::obey(state, command, press) } else { obey(state, command) }
        }
        Lookup::None if state.typed.len() > 1 || chord.modifier != Modifier::Alt => {
            let typed = state.typed.drain(..).map(|chord| chord.to_string()).collect::<Vec<_>>().join(" ");
            let help = state.key(Command::Help);
            state.notice = Some(format!("`{typed}` does nothing here; {help} shows what does"));
            vec![]
        }
        // Escape and a key, sent within a moment of each other, look like alt and the key.
        Lookup::None => {
            state.typed.clear();
            let mut effects = self::press(state, Press { chord: Chord::plain(Key::Esc), ..press });
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
pub(super) fn obey(state: &mut State, command: Command) -> Vec<Effect> {
    if logs::obey(state, command) == logs::Taken::Yes {
        return vec![];
    }
    let half = isize::try_from(panes(&state.screen().view, state.size).height / 2).unwrap_or(1).max(2);
    match command {
        Command::Next => listing::step(state, 1),
        Command::Previous => listing::step(state, -1),
        Command::HalfDown => listing::step(state, half),
        Command::HalfUp => listing::step(state, -half),
        Command::First => {
            listing::sort(state);
            listing::jump(state, Edge::First);
        }
        Command::Last => listing::jump(state, Edge::Last),
        Command::Open => return open(state),
        Command::Back => back(state),
        Command::Leave if state.screens.len() == 1 => return vec![Effect::Quit],
        Command::Leave => leave(state),
        Command::Filter => typing::filter(state),
        Command::Mark => marks::toggle(state),
        Command::MarkAll => marks::toggle_all(state),
        Command::Redeploy => propose::verb(state, &verbs::REDEPLOY),
        Command::Scale => propose::verb(state, &verbs::SCALE),
        Command::Undo => propose::verb(state, &verbs::UNDO),
        Command::Plans => changes(state),
        Command::Logs => logs::open(state),
        Command::Explain => explain(state),
        Command::Describe => describe(state),
        Command::Images => images(state),
        Command::Refresh => refresh(state),
        Command::Errors => toggle(state, View::Errors),
        Command::Help => toggle(state, View::Help),
        Command::Suspend => {
            plans::unseen(state);
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

fn open(state: &mut State) -> Vec<Effect> {
    // Who presses enter there means the plan, and not what is in it.
    if plans::is_awaiting(state) {
        let yes = state.key(Command::Confirm);
        state.notice = Some(format!("enter alone confirms nothing; {yes} carries the plan out"));
        return vec![];
    }
    if listing::selected(state).is_none() {
        state.notice = Some("there is nothing here to open".to_owned());
        return vec![];
    }
    if !listing::is_seen(state) {
        state.notice = Some("the selected line is not on the screen".to_owned());
        return vec![];
    }
    let view = match (listing::selected(state), &state.screen().view) {
        (Some(Item::Home(home)), _) => View::Environment(home),
        (Some(Item::Service(arn)), _) => View::Service(arn),
        (Some(Item::Task(arn)), View::Task(_)) => View::Describe(task(state, &arn), Words::Ours),
        (Some(Item::Task(arn)), _) => View::Task(arn),
        (Some(Item::Line(reference)), View::Images(arn)) => View::Image(arn.clone(), reference),
        (Some(Item::Plan(id)), _) => return plans::open(state, &id),
        (Some(Item::Line(name)), View::Help) => {
            leave(state);
            return Command::named(&name).map(|info| obey(state, info.command)).unwrap_or_default();
        }
        _ => {
            state.notice = Some("nothing here opens any further".to_owned());
            return vec![];
        }
    };
    go(state, view);
    vec![]
}

fn back(state: &mut State) {
    let list = &mut state.screen_mut().list;
    if !list.filter.is_empty() {
        list.filter.clear();
        listing::sort(state);
    } else if !list.marks.is_empty() {
        list.marks.clear();
    } else if state.screens.len() > 1 {
        leave(state);
    } else {
        let quit = state.key(Command::Leave);
        state.notice = Some(format!("this is the fleet; {quit} quits"));
    }
}

/// Takes the screen off. A plan that nobody confirmed goes with it.
pub(super) fn leave(state: &mut State) {
    if state.screens.len() > 1 {
        let left = state.screens.pop();
        state.input = None;
        listing::sort(state);
        if let Some(Screen { view: View::Plan(id), .. }) = left {
            plans::left(state, &id);
        }
    }
}

/// Goes to `view`. What was selected on the way stays so for the way back; the task that a service's screen
/// begins with counts only where it is what one goes to.
pub(super) fn go(state: &mut State, view: View) {
    let selected = listing::selected(state);
    let of_service = matches!(state.screen().view, View::Service(_)) && !matches!(view, View::Task(_));
    let list = &mut state.screen_mut().list;
    if list.selected.is_some() || !of_service {
        list.selected = selected;
    }
    list.hold = Hold::Still;
    state.screens.push(Screen::new(view));
}

fn toggle(state: &mut State, view: View) {
    if state.screen().view == view { leave(state) } else { go(state, view) }
}

/// Goes to the list of changes; back to it, where one came from there.
fn changes(state: &mut State) {
    if !state.screens.iter().any(|screen| screen.view == View::Plans) || state.screen().view == View::Plans {
        return toggle(state, View::Plans);
    }
    while state.screen().view != View::Plans {
        leave(state);
    }
}

fn explain(state: &mut State) {
    let explained = match (&state.screen().view, listing::selected(state)) {
        (View::Explain(_), _) => return leave(state),
        (_, Some(Item::Home(home))) => Some(Explained::Home(home)),
        (_, Some(Item::Service(arn))) => Some(Explained::Service(arn)),
        (View::Service(arn) | View::Logs(Logged::Service(arn)), _) => Some(Explained::Service(arn.clone())),
        (View::Environment(home) | View::Logs(Logged::Home(home)), _) => Some(Explained::Home(home.clone())),
        (View::Task(arn) | View::Logs(Logged::Task(arn)), _) => {
            let service = service_of(state, arn).map(Explained::Service);
            service.or_else(|| state.fleet.task(arn).map(|_| Explained::Home(Home::jobs())))
        }
        _ => None,
    };
    match explained {
        Some(explained) => go(state, View::Explain(explained)),
        None => state.notice = Some("there is nothing to explain here; select an environment or a service".to_owned()),
    }
}

fn images(state: &mut State) {
    let service = match (&state.screen().view, listing::selected(state)) {
        (View::Images(_), _) => return leave(state),
        (
            View::Service(arn)
            | View::Explain(Explained::Service(arn))
            | View::Image(arn, _)
            | View::Logs(Logged::Service(arn)),
            _,
        ) => Some(arn.clone()),
        (View::Describe(Subject::Service { service, .. }, _), _) => Some(service.clone()),
        (View::Task(arn) | View::Logs(Logged::Task(arn)) | View::Describe(Subject::Task { task: arn, .. }, _), _) => {
            service_of(state, arn)
        }
        (_, Some(Item::Service(arn))) => Some(arn),
        (_, Some(Item::Home(home))) => {
            let mut services = state.board.services(&home);
            services.next().filter(|_| services.next().is_none()).cloned()
        }
        _ => None,
    };
    if let Some(service) = service {
        return go(state, View::Images(service));
    }
    let open = state.key(Command::Open);
    state.notice = Some(format!("images are a service's; {open} goes to services"));
}

fn describe(state: &mut State) {
    if let View::Describe(_, words) = &mut state.screen_mut().view {
        *words = words.next();
        state.screen_mut().list = List::default();
        return;
    }
    let subject = match (&state.screen().view, listing::selected(state)) {
        (View::Task(arn), _) => Some(task(state, arn)),
        (View::Logs(_), _) => logs::task(state).map(|arn| task(state, &arn)),
        (View::Service(arn) | View::Images(arn) | View::Explain(Explained::Service(arn)), _) => service(state, arn),
        (_, Some(Item::Task(arn))) => Some(task(state, &arn)),
        (_, Some(Item::Service(arn))) => service(state, &arn),
        _ => None,
    };
    if let Some(subject) = subject {
        return go(state, View::Describe(subject, Words::Ours));
    }
    let open = state.key(Command::Open);
    state.notice = Some(format!("services and tasks can be described; {open} goes to them"));
}

fn service(state: &State, arn: &Arn) -> Option<Subject> {
    let entry = state.fleet.services.get(arn)?;
    Some(Subject::Service { service: arn.clone(), cluster: entry.cluster.clone() })
}

fn task(state: &State, arn: &Arn) -> Subject {
    let cluster = state.fleet.task(arn).map_or_else(|| arn.clone(), |task| task.cluster.clone());
    Subject::Task { task: arn.clone(), cluster }
}

/// The service of a task.
pub(super) fn service_of(state: &State, task: &Arn) -> Option<Arn> {
    let task = state.fleet.task(task)?;
    let name = task.service()?;
    let mut services = state.fleet.services_of(&task.cluster);
    services.find(|(arn, _)| arn.name() == name).map(|(arn, _)| arn.clone())
}

fn refresh(state: &mut State) {
    if let View::Plan(id) = &state.screen().view {
        let id = id.clone();
        return plans::anew(state, &id);
    }
    let focus = super::focus::focus(state);
    state.feeds.refresh(&state.fleet, &focus);
    listing::sort(state);
    state.notice = Some("asking AWS again".to_owned());
}
