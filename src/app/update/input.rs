//! What keys do while a text is typed: words of a filter, a number of tasks, the words that confirm a plan.

use tui_input::{Input, InputRequest};

use super::keys::{self, Press};
use super::{actions, logs, plans};
use crate::app::chord::{Chord, Key, Modifier};
use crate::app::command::{Command, Context};
use crate::app::keymap::Lookup;
use crate::app::list::{self, Edge};
use crate::app::message::Effect;
use crate::app::notice::Notice;
use crate::app::state::{Prompt, State, TextInput};
use crate::plan::Answer;

/// Letters that a line takes: more than any path has.
const LONGEST: usize = 500;

/// Asks for a text.
pub(super) fn ask(state: &mut State, asked: Prompt, line: &str) {
    let before = state.screen().list.clone();
    state.input = Some(TextInput { asked, line: Input::new(line.to_owned()), before });
}

/// Asks for the words of a filter: new ones, which take the place of the old as they are typed.
pub(super) fn filter(state: &mut State) {
    ask(state, Prompt::Filter, "");
}

/// Takes a pasted text in: a line being typed takes it, a screen does not.
pub(super) fn paste(state: &mut State, text: &str) {
    match &mut state.input {
        Some(TextInput { asked, line, .. }) => {
            let room = LONGEST.saturating_sub(line.value().chars().count());
            // Words of several lines stay words.
            let apart = matches!(asked, Prompt::Filter | Prompt::Search);
            let shown = |c: char| if apart && c.is_whitespace() { ' ' } else { c };
            for c in text.chars().map(shown).filter(|c| !c.is_control()).take(room) {
                line.handle(InputRequest::InsertChar(c));
            }
            typed_on(state);
        }
        None => state.notify(Notice::Pasted),
    }
}

/// Takes one key press in.
pub(super) fn press(state: &mut State, press: Press) -> Vec<Effect> {
    let Press { chord, .. } = press;
    let Some(TextInput { asked, line, .. }) = &mut state.input else { return vec![] };
    let command = match state.keymap.lookup(Context::Input, &[chord]) {
        Lookup::Command(command) => Some(command),
        Lookup::Pending | Lookup::None => None,
    };
    match (command, request(chord)) {
        (Some(Command::Accept), _) => {
            let (asked, text) = (asked.clone(), line.value().to_owned());
            return accept(state, asked, &text);
        }
        (Some(Command::Cancel), _) => {
            let asked = asked.clone();
            let before = state.input.take().map(|typing| typing.before);
            match asked {
                Prompt::Filter => {
                    if let Some(before) = before {
                        let list = &mut state.screen_mut().list;
                        (list.selected, list.place, list.top) = (before.selected, before.place, before.top);
                    }
                    list::sort(state);
                }
                Prompt::Search | Prompt::Count(..) => {}
                Prompt::Words(_) => return keys::run_command(state, Command::Back),
            }
        }
        (Some(_), _) => line.reset(),
        (None, Some(InputRequest::InsertChar(_))) if line.value().chars().count() >= LONGEST => {}
        (None, Some(request)) => {
            line.handle(request);
        }
        // A plan can be read to its end while its words are typed.
        (None, None) if matches!(asked, Prompt::Words(_)) => return keys::command(state, press),
        (None, None) => {}
    }
    typed_on(state);
    vec![]
}

fn accept(state: &mut State, asked: Prompt, text: &str) -> Vec<Effect> {
    match asked {
        Prompt::Filter => {
            state.input = None;
            text.trim().clone_into(&mut state.screen_mut().list.filter);
            list::sort(state);
        }
        Prompt::Search => {
            state.input = None;
            logs::search(state, text);
        }
        Prompt::Count(verb, services) => actions::count(state, verb, services, text),
        Prompt::Words(id) => return plans::confirm(state, &id, &Answer::Words(text.to_owned())),
    }
    vec![]
}

/// Rows follow the words of a filter while they are typed; the first that fits is selected.
fn typed_on(state: &mut State) {
    if matches!(&state.input, Some(TextInput { asked: Prompt::Filter, .. })) {
        list::sort(state);
        list::jump(state, Edge::First);
    }
}

fn request(chord: Chord) -> Option<InputRequest> {
    Some(match (chord.key, chord.modifier) {
        (Key::Char(c), Modifier::None) => InputRequest::InsertChar(c),
        (Key::Backspace, _) => InputRequest::DeletePrevChar,
        (Key::Delete, _) => InputRequest::DeleteNextChar,
        (Key::Left, _) => InputRequest::GoToPrevChar,
        (Key::Right, _) => InputRequest::GoToNextChar,
        (Key::Home, _) | (Key::Char('a'), Modifier::Ctrl) => InputRequest::GoToStart,
        (Key::End, _) | (Key::Char('e'), Modifier::Ctrl) => InputRequest::GoToEnd,
        (Key::Char('w'), Modifier::Ctrl) => InputRequest::DeletePrevWord,
        _ => return None,
    })
}
