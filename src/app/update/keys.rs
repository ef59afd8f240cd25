//! What keys do.

use tui_input::{Input, InputRequest};

use crate::app::chord::{Chord, Held, Key};
use crate::app::command::{Command, Layer};
use crate::app::keymap::Found;
use crate::app::layout::{is_table, panes};
use crate::app::listing::{self, Edge};
use crate::app::message::Effect;
use crate::app::state::{Explained, Hold, Item, List, Screen, State, View, Words};
use crate::fleet::tenancy::Home;
use crate::fleet::{Arn, Subject};

/// Takes one key press in.
pub(super) fn press(state: &mut State, chord: Chord) -> Vec<Effect> {
    state.notice = None;
    if state.input.is_some() {
        return typing(state, chord);
    }
    state.typed.push(chord);
    match state.keymap.find(Layer::Screen, &state.typed) {
        Found::Prefix => vec![],
        Found::Command(command) => {
            state.typed.clear();
            obey(state, command)
        }
        Found::Nothing if state.typed.len() > 1 || chord.held != Held::Alt => {
            let typed = state.typed.drain(..).map(|chord| chord.to_string()).collect::<Vec<_>>().join(" ");
            let help = state.keymap.keys(Command::Help).into_iter().next().unwrap_or_default();
            state.notice = Some(format!("`{typed}` does nothing here; {help} shows what does"));
            vec![]
        }
        // Escape and a key, sent within a moment of each other, look like alt and the key.
        Found::Nothing => {
            state.typed.clear();
            let mut effects = press(state, Chord::plain(Key::Esc));
            effects.extend(press(state, Chord::plain(chord.key)));
            effects
        }
    }
}

/// Takes a pasted text in: a filter being typed takes it, a screen does not.
pub(super) fn paste(state: &mut State, text: &str) {
    match &mut state.input {
        Some(input) => {
            for c in text.chars().filter(|c| !c.is_control()) {
                input.handle(InputRequest::InsertChar(c));
            }
            typed_on(state);
        }
        None => state.notice = Some("what was pasted was not taken for keys".to_owned()),
    }
}

fn typing(state: &mut State, chord: Chord) -> Vec<Effect> {
    let command = match state.keymap.find(Layer::Input, &[chord]) {
        Found::Command(command) => Some(command),
        Found::Prefix | Found::Nothing => None,
    };
    let Some(input) = &mut state.input else { return vec![] };
    match command {
        Some(Command::Accept) => {
            let filter = input.value().trim().to_owned();
            state.input = None;
            state.screen_mut().list.filter = filter;
        }
        Some(Command::Cancel) => state.input = None,
        Some(_) => input.reset(),
        None => {
            if let Some(request) = request(chord) {
                input.handle(request);
            }
        }
    }
    typed_on(state);
    vec![]
}

/// Rows follow the words while they are typed; the first that fits is selected.
fn typed_on(state: &mut State) {
    listing::sort(state);
    if state.input.is_some() {
        listing::jump(state, Edge::First);
    }
}

fn request(chord: Chord) -> Option<InputRequest> {
    Some(match (chord.key, chord.held) {
        (Key::Char(c), Held::Nothing) => InputRequest::InsertChar(c),
        (Key::Backspace, _) => InputRequest::DeletePrevChar,
        (Key::Delete, _) => InputRequest::DeleteNextChar,
        (Key::Left, _) => InputRequest::GoToPrevChar,
        (Key::Right, _) => InputRequest::GoToNextChar,
        (Key::Home, _) | (Key::Char('a'), Held::Ctrl) => InputRequest::GoToStart,
        (Key::End, _) | (Key::Char('e'), Held::Ctrl) => InputRequest::GoToEnd,
        (Key::Char('w'), Held::Ctrl) => InputRequest::DeletePrevWord,
        _ => return None,
    })
}

/// Carries a command out.
pub(super) fn obey(state: &mut State, command: Command) -> Vec<Effect> {
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
        Command::Filter => filter(state),
        Command::Explain => explain(state),
        Command::Describe => describe(state),
        Command::Refresh => refresh(state),
        Command::Errors => toggle(state, View::Errors),
        Command::Help => toggle(state, View::Help),
        Command::Suspend => return vec![Effect::Suspend],
        Command::Quit => return vec![Effect::Quit],
        Command::Accept | Command::Cancel | Command::Clear => {}
    }
    vec![]
}

fn open(state: &mut State) -> Vec<Effect> {
    if !listing::is_seen(state) {
        state.notice = Some("the selected line is not on the screen".to_owned());
        return vec![];
    }
    let view = match (listing::selected(state), &state.screen().view) {
        (Some(Item::Home(home)), _) => View::Environment(home),
        (Some(Item::Service(arn)), _) => View::Service(arn),
        (Some(Item::Task(arn)), View::Task(_)) => View::Describe(task(state, &arn), Words::Ours),
        (Some(Item::Task(arn)), _) => View::Task(arn),
        (Some(Item::Line(name)), View::Help) => {
            leave(state);
            return Command::named(&name).map(|about| obey(state, about.command)).unwrap_or_default();
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
    if !state.screen().list.filter.is_empty() {
        state.screen_mut().list.filter.clear();
        listing::sort(state);
    } else if state.screens.len() > 1 {
        leave(state);
    } else {
        let quit = state.keymap.keys(Command::Leave).into_iter().next().unwrap_or_default();
        state.notice = Some(format!("this is the fleet; {quit} quits"));
    }
}

fn leave(state: &mut State) {
    if state.screens.len() > 1 {
        state.screens.pop();
        listing::sort(state);
    }
}

/// Goes to `view`. What was selected on the way stays so for the way back.
fn go(state: &mut State, view: View) {
    let selected = listing::selected(state);
    let list = &mut state.screen_mut().list;
    list.selected = selected;
    list.hold = Hold::Still;
    state.screens.push(Screen::new(view));
}

fn toggle(state: &mut State, view: View) {
    if state.screen().view == view { leave(state) } else { go(state, view) }
}

fn filter(state: &mut State) {
    if is_table(&state.screen().view) {
        state.input = Some(Input::new(state.screen().list.filter.clone()));
    } else {
        state.notice = Some("filters are for the fleet and for an environment's services".to_owned());
    }
}

fn explain(state: &mut State) {
    let explained = match (&state.screen().view, listing::selected(state)) {
        (View::Explain(_), _) => return leave(state),
        (_, Some(Item::Home(home))) => Some(Explained::Home(home)),
        (_, Some(Item::Service(arn))) => Some(Explained::Service(arn)),
        (View::Service(arn), _) => Some(Explained::Service(arn.clone())),
        (View::Environment(home), _) => Some(Explained::Home(home.clone())),
        (View::Task(arn), _) => {
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

fn describe(state: &mut State) {
    if let View::Describe(_, words) = &mut state.screen_mut().view {
        *words = words.next();
        state.screen_mut().list = List::default();
        return;
    }
    let subject = match (&state.screen().view, listing::selected(state)) {
        (View::Task(arn), _) => Some(task(state, arn)),
        (View::Service(arn) | View::Explain(Explained::Service(arn)), _) => service(state, arn),
        (_, Some(Item::Task(arn))) => Some(task(state, &arn)),
        (_, Some(Item::Service(arn))) => service(state, &arn),
        _ => None,
    };
    if let Some(subject) = subject {
        return go(state, View::Describe(subject, Words::Ours));
    }
    let open = state.keymap.keys(Command::Open).into_iter().next().unwrap_or_default();
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

fn service_of(state: &State, task: &Arn) -> Option<Arn> {
    let task = state.fleet.task(task)?;
    let name = task.service()?;
    let mut services = state.fleet.services_of(&task.cluster);
    services.find(|(arn, _)| arn.name() == name).map(|(arn, _)| arn.clone())
}

fn refresh(state: &mut State) {
    let focus = super::focus::focus(state);
    state.feeds.want(&state.fleet, &focus);
    listing::sort(state);
    state.notice = Some("asking AWS again".to_owned());
}
