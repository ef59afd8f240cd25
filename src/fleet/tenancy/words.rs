//! Words that name an environment, and which of them mean the same.

/// Groups of words with one meaning; the first of each is used for all.
const MEANINGS: [&[&str]; 16] = [
    &["production", "prod", "prd"],
    &["live"],
    &["preproduction", "preprod", "pre-prod", "pre-production", "pre-prd"],
    &["nonproduction", "nonprod", "non-prod", "non-production", "non-prd"],
    &["staging", "stage", "stg"],
    &["uat"],
    &["acceptance", "acc"],
    &["qa"],
    &["test", "testing", "tst"],
    &["integration", "int"],
    &["development", "dev", "devel"],
    &["sandbox", "sbx"],
    &["demo"],
    &["preview"],
    &["perf", "performance", "loadtest"],
    &["training"],
];

/// Words that are as often part of another name (`load-test-runner`, `dev-portal`, `live-chat`).
const WEAK: [&str; 12] =
    ["live", "stage", "acc", "qa", "test", "testing", "int", "integration", "dev", "demo", "preview", "training"];

/// Further words of which the same holds.
const ALSO_WEAK: [&str; 2] = ["perf", "performance"];

/// How sure a known word is to name an environment inside a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// It may be part of another name.
    Weak,
    /// It hardly means anything else.
    Strong,
}

/// How sure `word` is to name an environment; nothing for a word that is not known to.
///
/// A number may follow the word: `prod2`, `qa-3` is two words.
pub(super) fn strength(word: &str) -> Option<Strength> {
    let word = word.to_lowercase();
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    group(stem)?;
    let weak = WEAK.contains(&stem) || ALSO_WEAK.contains(&stem);
    Some(if weak { Strength::Weak } else { Strength::Strong })
}

/// What `word` means, whichever way it is written: `production` for `PRD`, `qa2` for `QA2`.
pub(super) fn meaning(word: &str) -> String {
    let word = word.to_lowercase();
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    match group(stem).and_then(|words| words.first()) {
        Some(first) => format!("{first}{}", &word[stem.len()..]),
        None => word,
    }
}

/// All ways to write what `word` means, itself among them, in lower case.
pub(super) fn synonyms(word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = &word[stem.len()..];
    match group(stem) {
        Some(words) => words.iter().map(|same| format!("{same}{number}")).collect(),
        None => vec![word],
    }
}

fn group(stem: &str) -> Option<&'static [&'static str]> {
    MEANINGS.into_iter().find(|words| words.contains(&stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_meanings_are_one_whatever_their_spelling() {
        for (word, means) in [
            ("prod", "production"),
            ("PRD", "production"),
            ("Production", "production"),
            ("live", "live"),
            ("stg", "staging"),
            ("Stage", "staging"),
            ("dev2", "development2"),
            ("pre-prod", "preproduction"),
            ("blue", "blue"),
            ("", ""),
            ("42", "42"),
        ] {
            assert_eq!(meaning(word), means, "{word}");
        }
    }

    #[test]
    fn a_word_is_known_with_or_without_a_number_and_weak_where_it_may_mean_something_else() {
        for (word, known) in [
            ("prod", Some(Strength::Strong)),
            ("PROD1", Some(Strength::Strong)),
            ("test", Some(Strength::Weak)),
            ("Demo", Some(Strength::Weak)),
            ("web", None),
            ("product", None),
            ("7", None),
            ("", None),
        ] {
            assert_eq!(strength(word), known, "{word}");
        }
    }
}
