//! The rules of the house, as a test: which room may use which, which words have a home, how long things may be.

mod dialect;
mod planted;
mod reach;
mod retired;
mod source;

use std::fs;
use std::path::Path;

use reach::Reached;

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
const HOMES: [(&str, &[&str]); 13] = [
    ("aws_sdk_", &["src/aws/"]),
    ("aws_config", &["src/aws/"]),
    ("aws_smithy_", &["src/aws/", "src/demo/client.rs"]),
    ("widgets::", &["src/view/"]),
    ("Color::", &["src/view/style.rs"]),
    ("tokio::spawn", &["src/runner.rs"]),
    ("JoinSet", &["src/runner.rs", "src/demo/server.rs"]),
    ("Timestamp::now", &["src/event_loop.rs"]),
    ("SystemTime::now", &["src/event_loop.rs"]),
    ("Instant::now", &["src/event_loop.rs"]),
    ("clap", &["src/args.rs", "src/args/", "src/cli.rs"]),
    ("std::env::", &["src/cli.rs", "src/main.rs"]),
    ("tracing::", &["src/aws/", "src/log_file.rs", "src/executor.rs", "src/event_loop.rs", "src/cli.rs"]),
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
    let mut files = files("src");
    let tests = source::test_files(&files);
    files.retain(|file| !tests.contains(&file.path));
    clean(&files, rooms);
}

#[test]
fn the_root_of_the_library_holds_modules_only() {
    clean(&files("src"), root_of_the_library);
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
    let path = &file.path;
    let reached = match reach::reached(file) {
        Ok(reached) => reached,
        Err(error) => return vec![unreadable(file, &error)],
    };
    let mut found = vec![];
    for (number, reached) in reached {
        found.push(match reached {
            Reached::Name(name) if name == *room || may.contains(&name.as_str()) => continue,
            Reached::Name(name) => {
                let advice = if may.is_empty() { "no other room".to_owned() } else { may.join(", ") };
                format!(
                    "{path}:{number}: `{room}` must not use `{name}`; it may use {advice}: \
                     move what is needed there, or pass it in"
                )
            }
            Reached::Root => format!(
                "{path}:{number}: `{room}` must not use the root of the crate as a whole: \
                 name the room and the item, as in `use crate::text::clean`"
            ),
            Reached::Unseen(how) => format!(
                "{path}:{number}: `{room}` must not use {how}, behind which other rooms can hide: \
                 declare the module where its file is, or use a function"
            ),
        });
    }
    // One line may name a room more than once.
    found.dedup();
    found
}

/// What the root of the library re-exported or defined could be used without naming its room.
fn root_of_the_library(file: &File) -> Vec<String> {
    if file.path != "src/lib.rs" {
        return vec![];
    }
    let parsed = match syn::parse_file(&file.text) {
        Ok(parsed) => parsed,
        Err(error) => return vec![unreadable(file, &error)],
    };
    let is_module = |item: &&syn::Item| match item {
        syn::Item::Mod(item) => item.content.is_none() && item.attrs.iter().all(|attr| attr.path().is_ident("doc")),
        _ => false,
    };
    let others = parsed.items.iter().filter(|item| !is_module(item));
    others
        .map(|item| {
            let number = syn::spanned::Spanned::span(item).start().line;
            format!("src/lib.rs:{number}: only module declarations without attributes stand here: move it into a room")
        })
        .collect()
}

fn unreadable(file: &File, error: &syn::Error) -> String {
    format!("{}:{}: this is not Rust: {error}", file.path, error.span().start().line)
}

fn homes(file: &File) -> Vec<String> {
    let mut found = vec![];
    if Path::new(&file.path).extension().is_none_or(|kind| kind != "rs") {
        return found;
    }
    let lines = source::code(file).and_then(|mut lines| {
        lines.extend(reach::imports(file)?);
        lines.sort();
        Ok(lines)
    });
    let lines = match lines {
        Ok(lines) => lines,
        Err(error) => return vec![unreadable(file, &error)],
    };
    for (number, line) in lines {
        for (word, homes) in HOMES {
            let home =
                homes.iter().any(|home| file.path == *home || (home.ends_with('/') && file.path.starts_with(home)));
            if line.contains(word) && !home {
                let homes = homes.join(" or ");
                found.push(format!("{}:{number}: `{word}` belongs into {homes}: move it there", file.path));
            }
        }
    }
    // An import is seen twice: as it is written, and as a whole path.
    found.dedup();
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
    ["README.md", "Cargo.toml", ".ci/run", ".deny.toml", ".github/CONTRIBUTING.md", ".github/workflows/ci.yml"]
        .map(|name| file(&root.join(name)))
        .into()
}

fn file(path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
    File { path: path.to_str().unwrap().to_owned(), text }
}
