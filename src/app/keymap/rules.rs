//! What a keymap must keep to: every key can be typed, a key that confirms does nothing else, and there is always a
//! way out.

use std::collections::BTreeMap;
use std::ops::Range;

use super::file::{Binding, File};
use super::trie::Trie;
use super::{Keymap, written};
use crate::app::chord::{Chord, Key, Modifier};
use crate::app::command::{Command, Context};

/// Where a file breaks a rule, and how.
type Broken = (Range<usize>, String);

/// The keys that are proposed for confirming, the first that is free.
const EXAMPLES: &str = "yYoctvwxzaOCTVWXZA0123456789";

/// The rule that `keymap` breaks since `file` was merged into what it was `before`.
pub(super) fn broken(keymap: &Keymap, before: &BTreeMap<Context, Trie>, file: &File<'_>) -> Option<Broken> {
    shadowed(keymap, file).or_else(|| unsafe_confirm_key(keymap, file)).or_else(|| lost(keymap, before, file))
}

/// A key sequence that cannot be typed, because its beginning is bound in the same context.
fn shadowed(keymap: &Keymap, file: &File<'_>) -> Option<Broken> {
    for (context, bindings) in &keymap.bindings {
        let bound: Vec<(&Vec<Chord>, Command)> =
            bindings.iter().filter_map(|(chords, command)| Some((chords, (*command)?))).collect();
        for (chords, command) in &bound {
            let longer = bound.iter().find(|(other, _)| other.len() > chords.len() && other.starts_with(chords));
            let Some((longer, _)) = longer else { continue };
            let line = |chords: &[Chord]| line(file, |line| line.context == *context && line.chords == chords);
            let at = line(longer).or_else(|| line(chords)).unwrap_or_default();
            let (name, chords, longer) = (command.info().name, written(chords), written(longer));
            return Some((at, format!("`{longer}` can never be typed: it begins with `{chords}` ({name})")));
        }
    }
    None
}

/// A key that confirms a plan and that somebody could press for another reason.
fn unsafe_confirm_key(keymap: &Keymap, file: &File<'_>) -> Option<Broken> {
    let confirms = keymap.tries.get(&Context::Plan).map(Trie::bindings).unwrap_or_default();
    for (chords, _) in confirms.into_iter().filter(|(_, command)| *command == Command::Confirm) {
        let key = written(&chords);
        let own = line(file, |line| line.command == Some(Command::Confirm) && line.chords == chords);
        let example = example(keymap);
        let reason = match chords.as_slice() {
            [chord] => match (may_confirm(*chord), conflict(keymap, *chord)) {
                (Err(reason), _) => reason.to_owned(),
                (Ok(()), None) => continue,
                (Ok(()), Some((context, other, command))) => {
                    let (name, table) = (command.info().name, context.name());
                    let Some(at) = own else {
                        let at = line(file, |line| line.context == context && line.chords == other);
                        let problem = format!(
                            "`{}` ({name}) cannot be bound here: `{key}` confirms plans, and must do nothing else; to \
                             free it, write \"{key}\" = \"none\" and \"{example}\" = \"confirm\" in [plan]",
                            written(&other)
                        );
                        return Some((at.unwrap_or_default(), problem));
                    };
                    let part = if other.len() > 1 { format!("part of `{}`, ", written(&other)) } else { String::new() };
                    let proposes = command.info().proposes.map_or("", |_| " (which proposes a change)");
                    let problem = format!(
                        "`{key}` cannot confirm a plan: it is {part}`{name}`{proposes} in [{table}], and a key that \
                         confirms must do nothing else; use another key, such as `{example}`"
                    );
                    return Some((at, problem));
                }
            },
            _ => "it must be a single key".to_owned(),
        };
        let problem = format!("`{key}` cannot confirm a plan: {reason}; use another key, such as `{example}`");
        return Some((own.unwrap_or_default(), problem));
    }
    None
}

/// Whether somebody who presses `chord` can only mean to confirm: keys that move, open, mark or leave are pressed
/// without looking, and some keys arrive without being pressed.
fn may_confirm(chord: Chord) -> Result<(), &'static str> {
    match (chord.modifier, chord.key) {
        (Modifier::Alt, _) => Err("esc followed quickly by a key looks the same as alt- with it"),
        (Modifier::Ctrl, Key::Char('j')) => Err("a pasted line break looks the same"),
        (Modifier::Ctrl, Key::Char('a' | 'e' | 'w')) => Err("it edits a line while typing"),
        (Modifier::Ctrl, Key::Char(c)) if c.is_ascii_lowercase() => Ok(()),
        (Modifier::None, Key::F(_)) => Ok(()),
        (Modifier::None, Key::Char(c)) if c != ' ' => Ok(()),
        _ => Err("only a character, a function key or ctrl- with a letter can"),
    }
}

/// What else `chord` is bound to, alone or as a part of a sequence, in any context.
fn conflict(keymap: &Keymap, chord: Chord) -> Option<(Context, Vec<Chord>, Command)> {
    keymap.tries.iter().find_map(|(context, trie)| {
        let mut bindings = trie.bindings().into_iter();
        let (chords, command) =
            bindings.find(|(chords, command)| *command != Command::Confirm && chords.contains(&chord))?;
        Some((*context, chords, command))
    })
}

/// A key that could confirm in `keymap`.
fn example(keymap: &Keymap) -> char {
    let free = |c: &char| conflict(keymap, Chord::plain(Key::Char(*c))).is_none();
    EXAMPLES.chars().find(free).unwrap_or('y')
}

/// Commands that must have a key in `context`, whatever a file unbinds.
fn needed(context: Context) -> &'static [Command] {
    match context {
        Context::Screen | Context::Logs => &[Command::Back, Command::Leave, Command::Help, Command::Quit],
        Context::Plan => &[Command::Back, Command::Leave, Command::Help, Command::Quit, Command::Confirm],
        Context::Input => &[Command::Accept, Command::Cancel],
    }
}

/// A command that is needed and whose last key `file` takes away.
fn lost(keymap: &Keymap, before: &BTreeMap<Context, Trie>, file: &File<'_>) -> Option<Broken> {
    for (context, trie) in &keymap.tries {
        let bound: Vec<Command> = trie.bindings().into_iter().map(|(_, command)| command).collect();
        let Some(command) = needed(*context).iter().find(|command| !bound.contains(command)) else { continue };
        let had: Vec<Vec<Chord>> = before
            .get(context)
            .map(Trie::bindings)
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, had)| had == command)
            .map(|(chords, _)| chords)
            .collect();
        let takes = |line: &Binding| {
            let counts = line.context == *context || context.inherits() == Some(line.context);
            counts && had.iter().any(|had| had.starts_with(&line.chords) || line.chords.starts_with(had))
        };
        let at = file.bindings.iter().rev().find(|line| takes(line)).map(|line| line.at.clone());
        let (name, table) = (command.info().name, context.name());
        let example = match command {
            Command::Confirm => format!(", such as \"{}\" = \"confirm\"", example(keymap)),
            _ => String::new(),
        };
        let problem = format!("no key is left for `{name}` {}; bind one in [{table}]{example}", context.place());
        return Some((at.unwrap_or_default(), problem));
    }
    None
}

/// Where the line of `file` stands that is what `is` says.
fn line(file: &File<'_>, is: impl Fn(&Binding) -> bool) -> Option<Range<usize>> {
    file.bindings.iter().find(|line| is(line)).map(|line| line.at.clone())
}
