//! The rules of the house, as a test: which room may use which, which words have a home, how long things may be.

use std::fs;
use std::path::Path;

/// One source file: its path below the crate's root, and its text.
struct File {
    path: String,
    text: String,
}

/// Rooms, and the other rooms that each may name.
const ROOMS: [(&str, &[&str]); 7] = [
    ("text", &[]),
    ("fleet", &["text"]),
    ("plan", &["fleet", "text"]),
    ("app", &["fleet", "plan", "text"]),
    ("view", &["app", "plan", "fleet", "text"]),
    ("aws", &["plan", "fleet", "text"]),
    ("demo", &[]),
];

/// Words, and the only places under `src/` where they may stand. Paths that end in `/` are rooms.
const HOMES: [(&str, &[&str]); 12] = [
    ("aws_sdk_", &["src/aws/"]),
    ("aws_config", &["src/aws/"]),
    ("aws_smithy_", &["src/aws/", "src/demo/client.rs"]),
    ("widgets::", &["src/view/"]),
    ("Color::", &["src/view/style.rs"]),
    ("tokio::spawn", &["src/runner.rs"]),
    ("JoinSet", &["src/runner.rs", "src/demo/server.rs"]),
    ("Timestamp::now", &["src/run.rs"]),
    ("SystemTime::now", &["src/run.rs"]),
    ("Instant::now", &["src/run.rs"]),
    ("clap", &["src/args.rs", "src/args/", "src/start.rs"]),
    ("std::env::", &["src/start.rs", "src/main.rs"]),
];

/// Words that stand nowhere, put together here so that this file does not contain them.
fn nowhere() -> [String; 3] {
    [["#[al", "low"], ["#![al", "low"], ["design", ".md"]].map(|parts| parts.concat())
}

const LINES_OF_A_FILE: usize = 400;
const LINES_OF_A_FUNCTION: usize = 70;
const LINES_OF_MAIN: usize = 40;

/// Pure tables, which may be longer than other files.
const TABLES: [&str; 1] = ["src/demo/story/names.rs"];

#[test]
fn rooms_use_only_what_they_may() {
    clean(&files("src"), rooms);
}

#[test]
fn each_thing_is_done_in_one_place() {
    clean(&files("src"), homes);
}

#[test]
fn files_and_functions_fit_a_reader() {
    clean(&files("src"), lengths);
}

#[test]
fn each_file_says_what_it_holds() {
    clean(&all(["src", "tests"]), opening);
}

#[test]
fn exceptions_give_reasons_and_nothing_points_outside() {
    clean(&[all(["src", "tests", "keymaps"]), root()].into_iter().flatten().collect::<Vec<_>>(), words);
}

/// What is wrong with a file, each with its line and the remedy.
type Check = fn(&File) -> Vec<String>;

#[track_caller]
fn clean(files: &[File], check: Check) {
    assert!(!files.is_empty(), "there are no files to check");
    let found: Vec<String> = files.iter().flat_map(check).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Names of other rooms in code, in whatever way they are reached.
fn rooms(file: &File) -> Vec<String> {
    let Some((room, may)) = ROOMS
        .iter()
        .find(|(room, _)| file.path == format!("src/{room}.rs") || file.path.starts_with(&format!("src/{room}/")))
    else {
        return vec![];
    };
    let mut found = vec![];
    for (number, line) in code(file) {
        for name in reached(line) {
            let known = ROOMS.iter().any(|(other, _)| other == &name) || root_files().contains(&name.as_str());
            if known && name != *room && !may.contains(&name.as_str()) {
                let advice = if may.is_empty() { "no other room".to_owned() } else { may.join(", ") };
                found.push(format!(
                    "{}:{number}: `{room}` must not use `{name}`; it may use {advice}: move what is wanted there, or pass it in",
                    file.path
                ));
            }
        }
    }
    found
}

/// What follows `crate::` on a line, also in braces, and `wharf::`.
fn reached(line: &str) -> Vec<String> {
    let mut names = vec![];
    for start in ["crate::", "wharf::"] {
        for (at, _) in line.match_indices(start) {
            let rest = &line[at + start.len()..];
            let name = |text: &str| -> String {
                text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
            };
            match rest.strip_prefix('{') {
                Some(list) => names.extend(list.split(['}', ';']).next().unwrap_or("").split(',').map(name)),
                None => names.push(name(rest)),
            }
        }
    }
    names
}

/// The files beside the rooms, which no room may use.
fn root_files() -> [&'static str; 10] {
    ["args", "config", "headless", "journal", "perform", "run", "runner", "signals", "start", "terminal"]
}

fn homes(file: &File) -> Vec<String> {
    let mut found = vec![];
    for (number, line) in code(file) {
        for (word, homes) in HOMES {
            let home =
                homes.iter().any(|home| file.path == *home || (home.ends_with('/') && file.path.starts_with(home)));
            if line.contains(word) && !home {
                let homes = homes.join(" or ");
                found.push(format!("{}:{number}: `{word}` belongs into {homes}: move it there", file.path));
            }
        }
    }
    found
}

fn lengths(file: &File) -> Vec<String> {
    let mut found = vec![];
    let lines = file.text.lines().count();
    let most = if file.path == "src/main.rs" { LINES_OF_MAIN } else { LINES_OF_A_FILE };
    if lines > most && !TABLES.contains(&file.path.as_str()) {
        found.push(format!("{}: {lines} lines, {most} at most: move a topic out whole", file.path));
    }
    for (number, name, length) in functions(&file.text) {
        if length > LINES_OF_A_FUNCTION {
            let path = &file.path;
            found.push(format!(
                "{path}:{number}: `{name}` has {length} lines, {LINES_OF_A_FUNCTION} at most: take a step out of it"
            ));
        }
    }
    found
}

/// Functions with the line they start on, and their length: to the first line that closes at the
/// same depth, which is how rustfmt writes them. What ends in a semicolon has no body.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut found = vec![];
    for (at, line) in lines.iter().enumerate() {
        let words = ["pub ", "pub(super) ", "pub(crate) ", "const ", "async "];
        let head = words.iter().fold(line.trim_start(), |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        let Some(rest) = head.strip_prefix("fn ") else { continue };
        let name = rest.split(['(', '<']).next().unwrap_or(rest).to_owned();
        let same = |other: &&&str| depth(other) == depth(line) && !other.trim().is_empty();
        let ends = |other: &str| other.trim_start().starts_with('}') || other.ends_with([';', '}']);
        let length = lines[at..].iter().position(|other| same(&other) && ends(other)).map_or(1, |end| end + 1);
        found.push((at + 1, name, length));
    }
    found
}

fn opening(file: &File) -> Vec<String> {
    if Path::new(&file.path).extension().is_none_or(|kind| kind != "rs") {
        return vec![];
    }
    let holds = file.text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 10);
    if holds { vec![] } else { vec![format!("{}:1: begin with a `//!` line that says what the file holds", file.path)] }
}

fn words(file: &File) -> Vec<String> {
    let mut found = vec![];
    for (number, line) in file.text.lines().enumerate() {
        for word in nowhere() {
            if line.contains(&word) {
                let advice =
                    "say in our own words what a reader must know; exceptions to lints are `#[expect(…, reason)]`";
                found.push(format!("{}:{}: `{word}` must not stand here: {advice}", file.path, number + 1));
            }
        }
        if points_outside(line) {
            let advice = "say in our own words what a reader must know";
            let (path, number) = (&file.path, number + 1);
            found.push(format!("{path}:{number}: what it points to is not part of the project: {advice}"));
        }
    }
    found
}

/// A folder that is not ours, or the number of an issue, which only its tracker understands.
fn points_outside(line: &str) -> bool {
    let line = line.to_lowercase();
    let folder = ["shar", "ed/"].concat();
    let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let numbered = |at: usize| {
        let rest = &line[at + "issue".len()..];
        rest.trim_start_matches([' ', '#']).starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with([' ', '#'])
    };
    line.match_indices(&folder).any(|(at, _)| begins(at)) || line.match_indices("issue").any(|(at, _)| numbered(at))
}

/// Lines of code, numbered from one: comments and what follows the tests of a file are left out.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let all = file.text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let own = all.take_while(|(_, line)| !line.starts_with("mod tests {"));
    own.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Every file of code under any of `folders`.
fn all<const N: usize>(folders: [&str; N]) -> Vec<File> {
    folders.into_iter().flat_map(files).collect()
}

/// Every file of code under `folder`.
fn files(folder: &str) -> Vec<File> {
    let mut found = vec![];
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if matches!(kind, "rs" | "toml") {
                found.push(file(&path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// What lies beside `src/`.
fn root() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["README.md", "Cargo.toml", ".ci/run"].map(|name| file(&root.join(name))).into()
}

fn file(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    File { path: path.to_str().unwrap().to_owned(), text }
}

#[test]
fn a_violation_is_caught_with_its_file_its_line_and_the_remedy() {
    let long = format!("//! Holds something.\nfn long() {{\n{}}}\n", "    step();\n".repeat(69));
    let lengthy = format!("//! Holds something.\n{}", "// a line\n".repeat(400));
    let issue = format!("// see {} 2", "issue");
    let lint = format!("#[{}(dead_code)]", "allow");
    let outside = format!("// see ../{}/notes", "shared");
    let cases: [(Check, &str, &str, &str); 12] = [
        (rooms, "src/fleet/task.rs", "use crate::app::State;", "src/fleet/task.rs:1: `fleet` must not use `app`"),
        (rooms, "src/app/state.rs", "\nuse crate::{fleet, view};", "src/app/state.rs:2: `app` must not use `view`"),
        (
            rooms,
            "src/demo/mod.rs",
            "fn f() -> crate::fleet::Arn {}",
            "`demo` must not use `fleet`; it may use no other room",
        ),
        (rooms, "src/view/mod.rs", "use crate::config::Config;", "`view` must not use `config`"),
        (homes, "src/app/state.rs", "use aws_sdk_ecs::Client;", "`aws_sdk_` belongs into src/aws/"),
        (homes, "src/view/table.rs", "Color::Red", "src/view/table.rs:1: `Color::` belongs into src/view/style.rs"),
        (lengths, "src/app/state.rs", &long, "src/app/state.rs:2: `long` has 71 lines, 70 at most"),
        (lengths, "src/app/state.rs", &lengthy, "401 lines, 400 at most"),
        (opening, "src/app/state.rs", "use std::fmt;", "src/app/state.rs:1: begin with a `//!` line"),
        (words, "src/app/state.rs", &lint, "must not stand here"),
        (words, "README.md", &issue, "not part of the project"),
        (words, "src/lib.rs", &outside, "not part of the project"),
    ];
    for (check, path, text, says) in cases {
        let found = check(&File { path: path.to_owned(), text: text.to_owned() });
        assert!(matches!(found.as_slice(), [one] if one.contains(says)), "{says}: {found:?}");
    }
}

#[test]
fn what_is_allowed_is_not_complained_of() {
    let cases: [(Check, &str, &str); 6] = [
        (rooms, "src/view/mod.rs", "use crate::{app::State, fleet::Arn};"),
        (rooms, "src/fleet/task.rs", "// like crate::app\nmod tests {\n    use crate::app::State;"),
        (rooms, "src/start.rs", "use crate::app::State;"),
        (homes, "src/aws/seat.rs", "use aws_sdk_ecs::Client;"),
        (lengths, "src/app/state.rs", "trait T {\n    fn declared(&self);\n}\nfn one() {}\nfn two() {\n}\n"),
        (words, "src/lib.rs", "service/humangov-shared/web, an issue of tokens"),
    ];
    for (check, path, text) in cases {
        let found = check(&File { path: path.to_owned(), text: text.to_owned() });
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
}
