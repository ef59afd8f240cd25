//! What is searched for in lines: words as they were typed, in any case unless they have capitals.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::fleet::{LogLine, clean};

/// Where `words` stand in `text`, in bytes, from left to right and side by side at the most.
pub fn ranges(text: &str, words: &str) -> Vec<Range<usize>> {
    let wanted = Wanted::new(words);
    let mut found = vec![];
    let mut from = 0;
    while let Some(range) = wanted.find(text, from) {
        from = range.end;
        found.push(range);
    }
    found
}

/// The first of the lines `among` that has `words`, in the order in which they are named.
pub fn find(lines: &VecDeque<Arc<LogLine>>, words: &str, mut among: impl Iterator<Item = usize>) -> Option<usize> {
    let wanted = Wanted::new(words);
    among.find(|at| lines.get(*at).is_some_and(|line| wanted.find(&clean(&line.message), 0).is_some()))
}

struct Wanted {
    letters: Vec<char>,
    case: Case,
}

enum Case {
    Matters,
    Folded,
}

impl Wanted {
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
        let mut letters = text[at..].chars();
        let mut end = at;
        for wanted in &self.letters {
            let letter = letters.next().filter(|letter| self.case.of(*letter) == *wanted)?;
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
            ("größe GRÖSSE", "grö", vec![0..4, 8..12]),
            ("nothing", "", vec![]),
            ("", "a", vec![]),
            ("short", "longer than that", vec![]),
        ] {
            assert_eq!(ranges(text, words), found, "{words} in {text}");
        }
    }
}
