//! A TOML document whose every part knows its line.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, suggestion};

/// A file and its text.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    file: &'a Path,
    text: &'a str,
}

/// A table all of whose keys are known.
pub(super) struct Table<'a> {
    document: Document<'a>,
    entries: &'a DeTable<'a>,
}

/// A value, or a key.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    document: Document<'a>,
    value: &'a Spanned<DeValue<'a>>,
}

/// A key that may be any text.
pub(super) struct Key<'a> {
    document: Document<'a>,
    text: &'a str,
    at: Range<usize>,
}

impl<'a> Document<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text }
    }

    /// The whole of it, as TOML.
    pub(super) fn root(self) -> Result<Spanned<DeTable<'a>>, ConfigError> {
        DeTable::parse(self.text).map_err(|error| match error.span() {
            Some(span) => self.wrong(&span, &format!("not TOML: {}", error.message())),
            None => self.wrong(&(0..0), &format!("not TOML: {}", error.message())),
        })
    }

    fn wrong(self, at: &Range<usize>, what: &str) -> ConfigError {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let text = self.text.get(at.clone()).and_then(|text| text.lines().next()).unwrap_or_default().trim();
        ConfigError { file: self.file.to_owned(), line: Some(line), text: text.to_owned(), what: what.to_owned() }
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(
        document: Document<'a>,
        table: &'a Spanned<DeTable<'a>>,
        known: &[&str],
    ) -> Result<Self, ConfigError> {
        Self::of(document, table.get_ref(), known)
    }

    /// The table, unless it has a key that is not `known`; of several the first in the file is named.
    fn of(document: Document<'a>, entries: &'a DeTable<'a>, known: &[&str]) -> Result<Self, ConfigError> {
        let unknown = entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        match unknown.min_by_key(|key| key.span().start) {
            Some(key) => {
                Err(document.wrong(&key.span(), &format!("unknown key; {}", suggestion(key.get_ref(), known))))
            }
            None => Ok(Self { document, entries }),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        self.entries.get(key).map(|value| Value { document: self.document, value })
    }

    /// The items of the array under `key`; none where there is no such key.
    pub(super) fn array(&self, key: &str) -> Result<Vec<Value<'a>>, ConfigError> {
        self.get(key).map_or(Ok(vec![]), Value::items)
    }

    /// The table under `key`, which may have the keys `known`.
    pub(super) fn table(&self, key: &str, known: &[&str]) -> Result<Option<Self>, ConfigError> {
        self.get(key).map(|value| value.table(known)).transpose()
    }

    /// The table under `key`, whose keys are free, in the order of the file.
    pub(super) fn entries(&self, key: &str) -> Result<Vec<(Key<'a>, Value<'a>)>, ConfigError> {
        let Some(value) = self.get(key) else {
            return Ok(vec![]);
        };
        let table = value.value.get_ref().as_table().ok_or_else(|| value.not("a table"))?;
        let document = self.document;
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let text: &std::borrow::Cow<'a, str> = key.get_ref();
            (Key { document, text, at: key.span() }, Value { document, value })
        };
        let mut entries: Vec<(Key<'a>, Value<'a>)> = table.iter().map(entry).collect();
        entries.sort_by_key(|(key, _)| key.at.start);
        Ok(entries)
    }
}

impl<'a> Value<'a> {
    /// The text of a string that is not blank.
    pub(super) fn word(self) -> Result<&'a str, ConfigError> {
        let text = self.value.get_ref().as_str().ok_or_else(|| self.not("a text in quotes"))?;
        if text.trim() != text || text.is_empty() {
            return Err(self.wrong("it is empty, or has spaces around it"));
        }
        Ok(text)
    }

    /// The items of an array.
    pub(super) fn items(self) -> Result<Vec<Value<'a>>, ConfigError> {
        let array = self.value.get_ref().as_array().ok_or_else(|| self.not("a list"))?;
        Ok(array.iter().map(|value| Value { document: self.document, value }).collect())
    }

    /// A table with the keys `known`.
    pub(super) fn table(self, known: &[&str]) -> Result<Table<'a>, ConfigError> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.not("a table"))?;
        Table::of(self.document, table, known)
    }

    /// An error about this value.
    pub(super) fn wrong(self, what: &str) -> ConfigError {
        self.document.wrong(&self.value.span(), what)
    }

    fn not(self, wanted: &str) -> ConfigError {
        self.wrong(&format!("{wanted} is expected here, not {}", kind(self.value.get_ref())))
    }
}

impl Key<'_> {
    pub(super) fn text(&self) -> &str {
        self.text
    }

    /// An error about this key.
    pub(super) fn wrong(&self, what: &str) -> ConfigError {
        self.document.wrong(&self.at, what)
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
