//! What is searched for in lines: words as they were typed, in any case unless they have capitals.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::Range;
use std::sync::Arc;

use super::LineKey;
use crate::fleet::LogLine;
use crate::text::{bare, clean, colour};

/// What is searched for, and the lines that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    words: String,
    hits: BTreeSet<LineKey>,
}

impl Search {
    /// Looks for `words` in `lines`; nothing is looked for without any.
    pub fn new(words: &str, lines: &VecDeque<Arc<LogLine>>) -> Option<Self> {
        let words = words.trim().to_owned();
        if words.is_empty() {
            return None;
        }
        let mut search = Self { words, hits: BTreeSet::new() };
        for line in lines {
            search.observe(line);
        }
        Some(search)
    }

    /// The words.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Looks at a line that has come in.
    pub fn observe(&mut self, line: &LogLine) {
        if has(&line.message, &self.words) {
            self.hits.insert(LineKey::of(line));
        }
    }

    /// Forgets the lines before `first`: they have fallen out.
    pub fn begin_at(&mut self, first: &LogLine) {
        if self.hits.first().is_some_and(|hit| !hit.is(first) && !hit.is_after(first)) {
            self.hits = self.hits.split_off(&LineKey::of(first));
        }
    }

    /// How many lines have the words.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// Which of the lines that have the words `mark` is, counted from 1.
    pub fn place(&self, mark: &LineKey) -> Option<usize> {
        self.hits.contains(mark).then(|| self.hits.range(..=mark.clone()).count())
    }

    /// The line that has the words, and is `mark` or the first behind it.
    pub fn from(&self, mark: &LineKey) -> Option<&LineKey> {
        self.hits.range(mark.clone()..).next()
    }

    /// The first behind `mark`.
    pub fn after(&self, mark: &LineKey) -> Option<&LineKey> {
        self.hits.range((Excluded(mark.clone()), Unbounded)).next()
    }

    /// The last before `mark`; without one, the last of all.
    pub fn before(&self, mark: Option<&LineKey>) -> Option<&LineKey> {
        match mark {
            Some(mark) => self.hits.range(..mark.clone()).next_back(),
            None => self.hits.last(),
        }
    }
}

/// Whether `message` has `words` in it, as it is read: colours do not count.
pub fn has(message: &str, words: &str) -> bool {
    Needle::new(words).find(&clean(&bare(message)), 0).is_some()
}

/// Where `words` stand in `text`, in bytes, from left to right and side by side at the most. What sets colours
/// may stand among them.
pub fn ranges(text: &str, words: &str) -> Vec<Range<usize>> {
    let wanted = Needle::new(words);
    let mut found = vec![];
    let mut from = 0;
    while let Some(range) = wanted.find(text, from) {
        from = range.end;
        found.push(range);
    }
    found
}

struct Needle {
    letters: Vec<char>,
    case: Case,
}

enum Case {
    Matters,
    Folded,
}

impl Needle {
    fn new(words: &str) -> Self {
        let case = if words.chars().any(char::is_uppercase) { Case::Matters } else { Case::Folded };
        let words = clean(words);
        let letters = words.chars().map(|c| case.of(c)).collect();
        Self { letters, case }
    }

    /// The first place in `text` from the byte `from` on; nothing is found nowhere.
    fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        let first = self.letters.first()?;
        let rest = text.get(from..)?;
        let starts = rest.char_indices().filter(|(_, c)| self.case.of(*c) == *first);
        starts.map(|(at, _)| from + at).find_map(|at| Some(at..self.end(text, at)?))
    }

    /// Where the letters end in `text`, if they begin at the byte `at`.
    fn end(&self, text: &str, at: usize) -> Option<usize> {
        let mut end = at;
        for wanted in &self.letters {
            end += colour(&text[end..]);
            let letter = text[end..].chars().next().filter(|letter| self.case.of(*letter) == *wanted)?;
            end += letter.len_utf8();
        }
        Some(end)
    }
}

impl Case {
    fn of(&self, c: char) -> char {
        match self {
            Self::Matters => c,
            Self::Folded => c.to_lowercase().next().unwrap_or(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case_unless_they_have_capitals() {
        for (text, words, found) in [
            ("an Error, an error", "error", vec![3..8, 13..18]),
            ("an error, an Error, an Error", "Error", vec![13..18, 23..28]),
            ("aaaa", "aa", vec![0..2, 2..4]),
            ("␛[31mERROR␛[0m employee, error emp", "error emp", vec![7..22, 29..38]),
            ("größe GRÖSSE", "grö", vec![0..4, 8..12]),
            ("nothing", "", vec![]),
            ("", "a", vec![]),
            ("short", "longer than that", vec![]),
        ] {
            assert_eq!(ranges(text, words), found, "{words} in {text}");
        }
    }
}
