//! Which keys ask for which command: read from TOML, checked, and asked in both directions.

use std::collections::BTreeMap;
use std::ops::Range;

use thiserror::Error;
use toml::de::{DeTable, DeValue};

use super::chord::{Chord, Key};
use super::command::{COMMANDS, Command, Layer};
use crate::text::nearest;

/// The keys that are compiled in.
pub const DEFAULT: &str = include_str!("../../keymaps/default.toml");

/// Commands that must stay reachable, whatever a file unbinds.
const NEEDED: [Command; 6] =
    [Command::Back, Command::Leave, Command::Help, Command::Quit, Command::Accept, Command::Cancel];

/// Chords in the order they are typed, by layer, and what they ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: BTreeMap<Layer, BTreeMap<Vec<Chord>, Command>>,
}

/// What typed chords have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A command.
    Command(Command),
    /// The beginning of longer ones.
    Prefix,
    /// Nothing.
    Nothing,
}

/// What is wrong with a keymap: where, what stands there, and what to write instead.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {problem}")]
pub struct KeymapError {
    /// The file, or `keymaps/default.toml` for the one compiled in.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// The offending text, and the nearest valid word.
    pub problem: String,
}

impl Keymap {
    /// The keymap that is compiled in, with the file `name` of text `text` laid over it, if one is given.
    ///
    /// # Errors
    ///
    /// The first thing in the file that is not understood; nothing is bound half-way.
    pub fn load(over: Option<(&str, &str)>) -> Result<Self, KeymapError> {
        let mut keymap = Self { bindings: BTreeMap::new() };
        keymap.lay("keymaps/default.toml", DEFAULT)?;
        if let Some((name, text)) = over {
            keymap.lay(name, text)?;
        }
        Ok(keymap)
    }

    /// What `typed` has come to in `layer`.
    pub fn find(&self, layer: Layer, typed: &[Chord]) -> Found {
        let Some(bindings) = self.bindings.get(&layer) else { return Found::Nothing };
        if let Some(command) = bindings.get(typed) {
            return Found::Command(*command);
        }
        if bindings.keys().any(|chords| chords.starts_with(typed)) { Found::Prefix } else { Found::Nothing }
    }

    /// The keys that ask for `command`, as they are written in keymaps; the shortest first.
    pub fn keys(&self, command: Command) -> Vec<String> {
        let bindings = self.bindings.get(&command.about().layer);
        let bound = bindings.into_iter().flatten().filter(|(_, bound)| **bound == command);
        let mut keys: Vec<String> = bound.map(|(chords, _)| written(chords)).collect();
        keys.sort_by_key(|key| (key.chars().count(), key.clone()));
        keys
    }

    /// The shortest key that asks for `command`; nothing where none does.
    pub fn key(&self, command: Command) -> String {
        self.keys(command).into_iter().next().unwrap_or_default()
    }

    fn lay(&mut self, file: &str, text: &str) -> Result<(), KeymapError> {
        let at = |span: Range<usize>, problem: String| KeymapError {
            file: file.to_owned(),
            line: text[..span.start.min(text.len())].matches('\n').count() + 1,
            problem,
        };
        let document =
            DeTable::parse(text).map_err(|error| at(error.span().unwrap_or_default(), error.message().to_owned()))?;
        let mut places: BTreeMap<(Layer, Vec<Chord>), Range<usize>> = BTreeMap::new();
        for (name, table) in document.get_ref() {
            let layer = Layer::ALL.into_iter().find(|layer| layer.name() == name.get_ref());
            let layer =
                layer.ok_or_else(|| at(name.span(), unknown("table", name.get_ref(), &Layer::ALL.map(Layer::name))))?;
            let Some(bindings) = table.get_ref().as_table() else {
                return Err(at(table.span(), format!("`{}` must be a table of keys", name.get_ref())));
            };
            for (chords, command) in bindings {
                let typed = read(chords.get_ref()).map_err(|problem| at(chords.span(), problem))?;
                let bound = bound(layer, command.get_ref()).map_err(|problem| at(command.span(), problem))?;
                places.insert((layer, typed.clone()), chords.span());
                let known = self.bindings.entry(layer).or_default();
                let taken = match bound {
                    Some(command) => known.insert(typed, command),
                    None => known.remove(&typed),
                };
                // One can always go back, get help and get out.
                let lost = taken.filter(|command| NEEDED.contains(command) && self.keys(*command).is_empty());
                if let Some(command) = lost.filter(|command| !is_bound_in(table, *command)) {
                    return Err(at(chords.span(), format!("no key is left for `{}`; bind one", command.about().name)));
                }
            }
        }
        let wrong = self.unreachable(&places).or_else(|| self.careless(&places));
        wrong.map_or(Ok(()), |(span, problem)| Err(at(span, problem)))
    }

    /// A key that would confirm a plan and is pressed for other reasons: enter, and those that propose one.
    fn careless(&self, places: &BTreeMap<(Layer, Vec<Chord>), Range<usize>>) -> Option<(Range<usize>, String)> {
        let confirming = self.bindings.get(&Layer::Plan).into_iter().flatten();
        for (chords, _) in confirming.filter(|(_, command)| **command == Command::Confirm) {
            let last = chords.last().map(|chord| chord.key);
            let proposes = self.bindings.get(&Layer::Screen).into_iter().flatten().find(|(other, command)| {
                let proposes = matches!(command, Command::Redeploy | Command::Scale | Command::Undo);
                proposes && other.last() == chords.last()
            });
            let why = match (last, proposes) {
                (Some(Key::Enter), _) => "enter alone must not confirm a plan".to_owned(),
                (_, Some((other, command))) => {
                    format!(
                        "`{}` ({}) must not confirm the plan that it asks for",
                        written(other),
                        command.about().name
                    )
                }
                _ => continue,
            };
            let screen = proposes.and_then(|(other, _)| places.get(&(Layer::Screen, other.clone())));
            let place = places.get(&(Layer::Plan, chords.clone())).or(screen).cloned().unwrap_or_default();
            return Some((place, why));
        }
        None
    }

    /// A key that is the beginning of another, and where this file binds either of the two.
    fn unreachable(&self, places: &BTreeMap<(Layer, Vec<Chord>), Range<usize>>) -> Option<(Range<usize>, String)> {
        for (layer, bindings) in &self.bindings {
            for (chords, command) in bindings {
                let longer = bindings.keys().find(|other| other.len() > chords.len() && other.starts_with(chords));
                let Some(longer) = longer else { continue };
                let place = |chords: &Vec<Chord>| places.get(&(*layer, chords.clone()));
                let place = place(longer).or_else(|| place(chords)).cloned().unwrap_or_default();
                let (name, chords, longer) = (command.about().name, written(chords), written(longer));
                let problem = format!("`{chords}` ({name}) is the beginning of `{longer}`, which could never be typed");
                return Some((place, problem));
            }
        }
        None
    }
}

fn read(chords: &str) -> Result<Vec<Chord>, String> {
    match chords.split(' ').map(str::parse).collect::<Result<Vec<Chord>, String>>() {
        Ok(typed) if typed.len() <= 2 => Ok(typed),
        Ok(_) => Err(format!("`{chords}`: at most two chords can follow each other")),
        Err(problem) => Err(problem),
    }
}

fn bound(layer: Layer, command: &DeValue<'_>) -> Result<Option<Command>, String> {
    let Some(name) = command.as_str() else {
        return Err(format!("a command's name was expected here, not {}", command.type_str()));
    };
    let here = COMMANDS.iter().filter(|about| about.layer == layer).map(|about| about.name);
    match Command::named(name) {
        _ if name == "none" => Ok(None),
        Some(about) if about.layer == layer => Ok(Some(about.command)),
        Some(about) => Err(format!("`{name}` belongs into [{}], not [{}]", about.layer.name(), layer.name())),
        None => Err(unknown("command", name, &here.collect::<Vec<_>>())),
    }
}

/// Whether `table` binds `command` to some key itself, before or after.
fn is_bound_in(table: &toml::Spanned<DeValue<'_>>, command: Command) -> bool {
    let mut bound = table.get_ref().as_table().into_iter().flatten().filter_map(|(_, name)| name.get_ref().as_str());
    bound.any(|name| name == command.about().name)
}

fn unknown(what: &str, word: &str, words: &[&str]) -> String {
    match nearest(word, words.iter().copied(), 1).first() {
        Some(near) => format!("unknown {what} `{word}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{word}`; known are {}", words.join(", ")),
    }
}

fn written(chords: &[Chord]) -> String {
    chords.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Vec<Chord> {
        read(text).unwrap_or_default()
    }

    fn problem(text: &str) -> String {
        Keymap::load(Some(("my.toml", text))).map_or_else(|error| error.to_string(), |_| "fine".to_owned())
    }

    #[test]
    fn the_default_keymap_is_sound_and_binds_every_command() {
        let keymap = Keymap::load(None);
        let unbound =
            |keymap: Keymap| COMMANDS.iter().filter(move |about| keymap.keys(about.command).is_empty()).count();
        assert_eq!(keymap.map(unbound), Ok(0));
    }

    #[test]
    fn two_chords_make_a_command_and_the_first_alone_a_prefix() {
        let keymap = Keymap::load(None);
        let find = |text| keymap.as_ref().map(|keymap| keymap.find(Layer::Screen, &typed(text)));
        assert_eq!(find("g"), Ok(Found::Prefix));
        assert_eq!(find("g g"), Ok(Found::Command(Command::First)));
        assert_eq!(find("g j"), Ok(Found::Nothing));
        assert_eq!(find("G"), Ok(Found::Command(Command::Last)));
    }

    #[test]
    fn a_file_of_ones_own_is_laid_over_the_default() {
        let keymap = Keymap::load(Some(("my.toml", "[screen]\nn = \"next\"\n\"j\" = \"none\"\n")));
        assert_eq!(keymap.map(|keymap| keymap.keys(Command::Next)), Ok(vec!["n".to_owned(), "down".to_owned()]));
    }

    #[test]
    fn a_mistake_is_named_with_its_line_and_the_nearest_word() {
        for (text, says) in [
            ("[screen]\n\n\"x\" = \"opne\"", "my.toml:3: unknown command `opne`; did you mean `open`?"),
            ("[scren]\n\"x\" = \"open\"", "my.toml:1: unknown table `scren`; did you mean `screen`?"),
            ("[screen]\n\"ctrl-I\" = \"open\"", "my.toml:2: `ctrl-I`: terminals do not tell ctrl-I from ctrl-i"),
            ("[screen]\n\"x\" = 3", "my.toml:2: a command's name was expected here, not integer"),
            ("[screen]\n\"x\" = \"accept\"", "my.toml:2: `accept` belongs into [input], not [screen]"),
            (
                "[screen]\n\"g\" = \"open\"",
                "my.toml:2: `g` (open) is the beginning of `g g`, which could never be typed",
            ),
            (
                "[screen]\n\n\"j x\" = \"open\"",
                "my.toml:3: `j` (next) is the beginning of `j x`, which could never be typed",
            ),
            ("[screen]\n\"?\" = \"none\"\n\"h\" = \"help\"", "fine"),
            ("[screen]\n\"?\" = \"none\"", "my.toml:2: no key is left for `help`; bind one"),
            ("[screen]\n\"a b c\" = \"open\"", "my.toml:2: `a b c`: at most two chords can follow each other"),
            ("[plan]\n\"enter\" = \"confirm\"", "my.toml:2: enter alone must not confirm a plan"),
            ("[plan]\n\"R\" = \"confirm\"", "my.toml:2: `R` (redeploy) must not confirm the plan that it asks for"),
            ("[screen]\n\"y\" = \"scale\"", "my.toml:2: `y` (scale) must not confirm the plan that it asks for"),
            ("screen = 1", "my.toml:1: `screen` must be a table of keys"),
        ] {
            assert_eq!(problem(text), says);
        }
        assert!(
            problem("[screen]\n\"x\" = \"open\"\n\"x\" = \"back\"").starts_with("my.toml:3: "),
            "twice the same key"
        );
    }
}
