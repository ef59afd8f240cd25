//! Which keys ask for which command: read from TOML, checked, and asked in both directions.

mod file;
mod rules;
#[cfg(test)]
mod tests;
mod trie;

use std::collections::BTreeMap;

use thiserror::Error;

use super::chord::Chord;
use super::command::{Command, Context};
use file::File;
use trie::Trie;

/// The keys that are compiled in.
pub const DEFAULT: &str = include_str!("../../keymaps/default.toml");

/// What each context's own table binds; nothing for a key that does nothing there, whatever is inherited.
type Bindings = BTreeMap<Context, BTreeMap<Vec<Chord>, Option<Command>>>;

/// Key sequences by context, and the commands that they are bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    bindings: Bindings,
    /// All that counts in a context, its own bindings and those that it inherits.
    tries: BTreeMap<Context, Trie>,
}

/// What typed chords lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A command.
    Command(Command),
    /// More chords.
    Pending,
    /// Nothing.
    None,
}

/// What is wrong with a keymap, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {problem}")]
pub struct KeymapError {
    /// The file, or `keymaps/default.toml` for the one compiled in.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// The offending text, and what could be written instead.
    pub problem: String,
}

impl Keymap {
    /// The keymap that is compiled in, with the file `name` of text `text` merged into it, if one is given.
    ///
    /// # Errors
    ///
    /// The first mistake in the file: TOML, a table, a key or a command that is unknown, a key that could never be
    /// typed, one that may not confirm a plan, or a command that one cannot do without and has no key left.
    pub fn load(over: Option<(&str, &str)>) -> Result<Self, KeymapError> {
        let mut keymap = Self { bindings: Bindings::new(), tries: BTreeMap::new() };
        keymap.merge(&File::read("keymaps/default.toml", DEFAULT)?)?;
        if let Some((name, text)) = over {
            keymap.merge(&File::read(name, text)?)?;
        }
        Ok(keymap)
    }

    /// What `typed` leads to in `context`.
    pub fn lookup(&self, context: Context, typed: &[Chord]) -> Lookup {
        self.tries.get(&context).map_or(Lookup::None, |trie| trie.lookup(typed))
    }

    /// What can follow `typed` in `context`: the keys that are still to be typed, and their command.
    pub fn continuations(&self, context: Context, typed: &[Chord]) -> Vec<(String, Command)> {
        let continuations = self.tries.get(&context).map(|trie| trie.continuations(typed)).unwrap_or_default();
        continuations.into_iter().map(|(chords, command)| (written(&chords), command)).collect()
    }

    /// The keys that ask for `command` in `context`, as they are written in keymaps; the shortest first. Where the
    /// command cannot be asked for there, its keys in the context that it belongs to.
    pub fn keys_in(&self, context: Context, command: Command) -> Vec<String> {
        let info = command.info();
        let context = if info.can_be_bound_in(context) { context } else { info.home() };
        let bound = self.tries.get(&context).map(Trie::bindings).unwrap_or_default().into_iter();
        let mut keys: Vec<String> =
            bound.filter(|(_, bound)| *bound == command).map(|(chords, _)| written(&chords)).collect();
        keys.sort_by_key(|key| (key.chars().count(), key.clone()));
        keys
    }

    /// The shortest key that asks for `command` in `context`; empty where none does.
    pub fn key_in(&self, context: Context, command: Command) -> String {
        self.keys_in(context, command).into_iter().next().unwrap_or_default()
    }

    /// The keys that ask for `command` in the context that it belongs to; the shortest first.
    pub fn keys(&self, command: Command) -> Vec<String> {
        self.keys_in(command.info().home(), command)
    }

    /// The shortest key that asks for `command` in the context that it belongs to; empty where none does.
    pub fn key(&self, command: Command) -> String {
        self.key_in(command.info().home(), command)
    }

    /// Adds the bindings of `file`, which take precedence, and checks the result.
    fn merge(&mut self, file: &File<'_>) -> Result<(), KeymapError> {
        let before = std::mem::take(&mut self.tries);
        // A key is unbound first, so that a file can bind it to something else at once.
        for unbound in file.bindings.iter().filter(|binding| binding.command.is_none()) {
            let own = self.bindings.entry(unbound.context).or_default();
            own.retain(|chords, _| !chords.starts_with(&unbound.chords));
            own.insert(unbound.chords.clone(), None);
        }
        for binding in file.bindings.iter().filter(|binding| binding.command.is_some()) {
            self.bindings.entry(binding.context).or_default().insert(binding.chords.clone(), binding.command);
        }
        self.tries = Context::ALL.map(|context| (context, self.trie(context))).into();
        match rules::broken(self, &before, file) {
            Some((at, problem)) => Err(file.error(&at, problem)),
            None => Ok(()),
        }
    }

    /// All that counts in `context`: what it inherits, and on top of that its own bindings.
    fn trie(&self, context: Context) -> Trie {
        let mut trie = context.inherits().map(|inherited| self.trie(inherited)).unwrap_or_default();
        for (chords, command) in self.bindings.get(&context).into_iter().flatten() {
            match command {
                Some(command) => trie.bind(chords, *command),
                None => trie.unbind(chords),
            }
        }
        trie
    }
}

/// Chords as they are written in keymaps.
fn written(chords: &[Chord]) -> String {
    chords.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
}
