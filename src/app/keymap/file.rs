//! A keymap file: TOML, read into bindings that remember their lines.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::KeymapError;
use crate::app::chord::Chord;
use crate::app::command::{COMMANDS, Command, Context};
use crate::text::nearest;

/// A keymap file that was understood.
pub(super) struct File<'a> {
    name: &'a str,
    text: &'a str,
    /// What it binds, in the order of its lines.
    pub(super) bindings: Vec<Binding>,
}

/// One line of a keymap file.
pub(super) struct Binding {
    pub(super) context: Context,
    pub(super) chords: Vec<Chord>,
    /// What the chords do; nothing for `none`.
    pub(super) command: Option<Command>,
    /// Where the chords stand in the file.
    pub(super) at: Range<usize>,
}

impl<'a> File<'a> {
    /// Reads the file `name`, which contains `text`.
    pub(super) fn read(name: &'a str, text: &'a str) -> Result<Self, KeymapError> {
        let mut file = Self { name, text, bindings: vec![] };
        file.bindings = file.parse().map_err(|(at, problem)| file.error(&at, problem))?;
        file.bindings.sort_by_key(|binding| binding.at.start);
        Ok(file)
    }

    /// The error `problem`, on the line that `at` begins on.
    pub(super) fn error(&self, at: &Range<usize>, problem: String) -> KeymapError {
        let before = self.text.get(..at.start).unwrap_or_default();
        KeymapError { file: self.name.to_owned(), line: before.matches('\n').count() + 1, problem }
    }

    fn parse(&self) -> Result<Vec<Binding>, (Range<usize>, String)> {
        let document = DeTable::parse(self.text)
            .map_err(|error| (error.span().unwrap_or_default(), error.message().to_owned()))?;
        let mut bindings = vec![];
        for (name, table) in document.get_ref() {
            let context = Context::ALL.into_iter().find(|context| context.name() == name.get_ref());
            let names = Context::ALL.map(Context::name);
            let context = context.ok_or_else(|| (name.span(), unknown("table", name.get_ref(), &names)))?;
            let Some(rows) = table.get_ref().as_table() else {
                return Err((table.span(), format!("`{}` must be a table of keys", name.get_ref())));
            };
            for (chords, command) in rows {
                bindings.push(Binding {
                    context,
                    chords: sequence(context, chords.get_ref()).map_err(|problem| (chords.span(), problem))?,
                    command: bound(context, command.get_ref()).map_err(|problem| (command.span(), problem))?,
                    at: chords.span(),
                });
            }
        }
        Ok(bindings)
    }
}

/// Chords with a space between them, in the order they are typed.
pub(super) fn sequence(context: Context, text: &str) -> Result<Vec<Chord>, String> {
    let chords = text.split(' ').map(str::parse).collect::<Result<Vec<Chord>, String>>()?;
    if context == Context::Input && chords.len() > 1 {
        return Err(format!("`{text}`: in [input], a key is a single chord: others are typed into the text"));
    }
    Ok(chords)
}

/// The command that a value of the table of `context` names; nothing for `none`.
fn bound(context: Context, value: &DeValue<'_>) -> Result<Option<Command>, String> {
    let Some(name) = value.as_str() else {
        return Err(format!("expected the name of a command, not {}", value.type_str()));
    };
    let here = COMMANDS.iter().filter(|info| info.can_be_bound_in(context)).map(|info| info.name);
    match Command::named(name) {
        _ if name == "none" => Ok(None),
        Some(info) if info.can_be_bound_in(context) => Ok(Some(info.command)),
        Some(info) => Err(format!("`{name}` belongs in [{}], not in [{}]", info.home().name(), context.name())),
        None => Err(unknown("command", name, &here.collect::<Vec<_>>())),
    }
}

fn unknown(what: &str, word: &str, words: &[&str]) -> String {
    match nearest(word, words.iter().copied(), 1).first() {
        Some(near) => format!("unknown {what} `{word}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{word}`; known are {}", words.join(", ")),
    }
}
