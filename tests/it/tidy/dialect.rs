//! Phrases that a reader has to decode, and the plain ones that replace them.

use super::{File, all, clean, root};

/// Phrases that must not stand in comments, messages and documentation, each with what to say instead.
///
/// They are compared without regard to case and line breaks.
const DIALECT: &[(&str, &str)] = &[
    ("wished for", "desired, requested"),
    ("wished", "desired, requested"),
    ("wishes", "desired, requests"),
    ("spelt", "listed, written out"),
    ("comes to rest", "becomes stable"),
    ("come to rest", "become stable"),
    ("came to rest", "became stable"),
    ("at rest", "stable"),
    ("under way", "in progress"),
    ("stands for", "means, represents"),
    ("stand for", "mean, represent"),
    ("as nobody", "say what is missing"),
    ("is told by", "is known from"),
    ("in AWS's words", "as AWS says"),
    ("in AWS's own words", "as AWS says"),
    ("AWS's own words on", "the raw JSON of"),
    ("taken for keys", "typed"),
    ("made anew", "rebuilt, created again"),
];

/// The folders and files, by the beginning of their paths, that are free of the dialect.
const PLAIN: &[&str] = &[
    ".github/",
    "src/app/",
    "src/args",
    "src/aws/",
    "src/cli.rs",
    "src/config",
    "src/event_loop.rs",
    "src/executor.rs",
    "src/fleet/",
    "src/headless",
    "src/journal.rs",
    "src/lib.rs",
    "src/log_file.rs",
    "src/main.rs",
    "src/plan/",
    "src/runner.rs",
    "src/signals.rs",
    "src/terminal.rs",
    "src/text/",
    "src/view/",
];

#[test]
fn what_a_reader_reads_is_plain_english() {
    let files: Vec<File> = [all(["src", "keymaps"]), root()].into_iter().flatten().collect();
    clean(&files, |file| if is_plain(&file.path) { dialect(file) } else { vec![] });
}

fn is_plain(path: &str) -> bool {
    PLAIN.iter().any(|start| path.starts_with(start))
}

/// Phrases of the dialect in `file`.
fn dialect(file: &File) -> Vec<String> {
    let (text, starts) = flow(&file.text);
    let mut found = vec![];
    for (phrase, instead) in DIALECT {
        let phrase = phrase.to_lowercase();
        for (at, _) in text.match_indices(&phrase) {
            let letter = |c: char| c.is_alphanumeric() || c == '_';
            let end = at + phrase.len();
            if text[..at].ends_with(letter) || text[end..].starts_with(letter) {
                continue;
            }
            let number = starts.partition_point(|start| *start <= at);
            found.push((number, format!("{}:{number}: `{phrase}` is not plain: say {instead}", file.path)));
        }
    }
    found.sort();
    // A longer phrase holds a shorter one.
    found.dedup_by_key(|(number, _)| *number);
    found.into_iter().map(|(_, says)| says).collect()
}

/// The text as one line in small letters, without the marks of comments and continued strings; and where each
/// line begins in it.
fn flow(text: &str) -> (String, Vec<usize>) {
    let mut flow = String::new();
    let mut starts = vec![];
    for line in text.lines() {
        starts.push(flow.len());
        let line = line.trim().trim_start_matches(['/', '!', '#', '*', '>']).trim_end_matches('\\');
        for word in line.split_whitespace() {
            flow.push_str(&word.to_lowercase());
            flow.push(' ');
        }
    }
    (flow, starts)
}

#[test]
fn a_phrase_of_the_dialect_is_found_however_it_is_written() {
    let planted = [
        ("//! Holds what is\n// wished for today.", 2, "wished for"),
        ("/// Rollouts that are Under\n    ///   way, by cluster.", 1, "under way"),
        ("let says = \"3 tasks are wished for already\";", 1, "wished for"),
        ("\n\nlet says = \"a change is under \\\n     way\";", 3, "under way"),
        ("A row *stands for* a service.", 1, "stands for"),
        ("the plan, spelt out", 1, "spelt"),
        ("# It has come to rest.", 1, "come to rest"),
        ("so, as nobody knows", 1, "as nobody"),
    ];
    for (text, number, phrase) in planted {
        let found = dialect(&File { path: "src/text/x.rs".to_owned(), text: text.to_owned() });
        let says = format!("src/text/x.rs:{number}: `");
        assert!(matches!(found.as_slice(), [one] if one.starts_with(&says)), "{phrase}: {found:?}");
    }
}

#[test]
fn plain_words_that_look_like_it_are_left_alone() {
    for text in
        ["the rest is at restart", "undone: it stood for hours", "misspelt", "as nobody_else()", "is told by_id"]
    {
        let found = dialect(&File { path: "src/text/x.rs".to_owned(), text: text.to_owned() });
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
    assert!(is_plain("src/text/clean.rs") && !is_plain("tests/it/tidy/dialect.rs"));
}
