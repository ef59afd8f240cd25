//! Planted violations: each check finds what it is for, and leaves alone what is allowed.

use super::{Check, File, homes, lengths, opening, rooms, root_of_the_library, source, words};

#[track_caller]
fn finds(check: Check, path: &str, text: &str, says: &str) {
    let found = check(&File { path: path.to_owned(), text: text.to_owned() });
    assert!(matches!(found.as_slice(), [one] if one.contains(says)), "{text}\n{says}: {found:?}");
}

/// Ways to reach a room that must not be used, with the line, the room and the name that is reached.
const HIDDEN: [(&str, usize, &str); 34] = [
    ("src/fleet/task.rs\nuse crate::app::State;", 1, "`fleet` must not use `app`"),
    ("src/app/state.rs\n\nuse crate::{fleet, view};", 2, "`app` must not use `view`"),
    ("src/app/state.rs\nuse crate::{\n    fleet,\n    view::{draw},\n};", 3, "`app` must not use `view`"),
    ("src/app/state.rs\nuse crate::{fleet::{Arn, Context}, aws::{self, Cloud as C}};", 1, "`app` must not use `aws`"),
    ("src/demo/mod.rs\nfn f() -> crate::fleet::Arn {}", 1, "`demo` must not use `fleet`; it may use no other room"),
    ("src/view/mod.rs\nuse crate::config::Config;", 1, "`view` must not use `config`"),
    ("src/app/keymap.rs\nuse super::super::view;", 1, "`app` must not use `view`"),
    ("src/app/mod.rs\nuse super::view::draw;", 1, "`app` must not use `view`"),
    ("src/app/page/mod.rs\nuse super::super::view::draw;", 1, "`app` must not use `view`"),
    ("src/app/page/help.rs\nuse super::super::super::view::draw;", 1, "`app` must not use `view`"),
    ("src/text.rs\nuse super::fleet::Arn;", 1, "`text` must not use `fleet`"),
    ("src/app/keymap.rs\nuse self::super::super::view;", 1, "`app` must not use `view`"),
    ("src/app/keymap.rs\nfn f() { super::super::view::draw(); }", 1, "`app` must not use `view`"),
    ("src/app/keymap.rs\nmod inner { use super::super::super::view; }", 1, "`app` must not use `view`"),
    ("src/plan/gate.rs\nfn f() {\n    let at = crate\n        ::run\n        ::wall_clock();\n}", 2, "not use `run`"),
    ("src/plan/gate.rs\nfn f() -> Box<dyn Fn(&crate::aws::Cloud)> {}", 1, "`plan` must not use `aws`"),
    ("src/plan/gate.rs\nfn f() { <crate::aws::Cloud as Clone>::clone(); }", 1, "`plan` must not use `aws`"),
    ("src/plan/gate.rs\nfn f(x: u8) { if let crate::app::X = x {} }", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nfn f() { assert_eq!(1, crate::app::one()); }", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nfn f() { vec![{ super::super::app::one() }]; }", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nmacro_rules! m { () => { $crate::app::one() } }", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nmacro_rules! m {\n    () => { use crate::{fleet, app::{one}}; }\n}", 2, "not use `app`"),
    ("src/plan/gate.rs\n#[serde(with = \"crate::app::times\")]\nstruct S;", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nuse wharf::app::State;", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nuse ::wharf::{app::State};", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nuse crate::r#app::State;", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\npub use crate::app;", 1, "`plan` must not use `app`"),
    ("src/plan/gate.rs\nuse crate::State;", 1, "`plan` must not use `State`"),
    ("src/plan/gate.rs\nuse crate as house;", 1, "`plan` must not use the root of the crate"),
    ("src/plan/gate.rs\nuse crate::{self as house};", 1, "`plan` must not use the root of the crate"),
    ("src/plan/mod.rs\nuse super as house;", 1, "`plan` must not use the root of the crate"),
    ("src/plan/mod.rs\nuse super::*;", 1, "`plan` must not use the root of the crate"),
    ("src/plan/gate.rs\nextern crate self as house;", 1, "`plan` must not use the root of the crate"),
    ("src/plan/gate.rs\n#[cfg(test)]\nmod tests {\n    use crate::app;\n}\n\nuse crate::view;", 6, "not use `view`"),
];

#[test]
fn a_room_that_reaches_another_is_caught_with_its_file_its_line_and_the_remedy() {
    for (planted, number, says) in HIDDEN {
        let (path, text) = planted.split_once('\n').unwrap();
        finds(rooms, path, text, says);
        let remedy = if says.contains("root") { "name the room and the item" } else { "pass it in" };
        finds(rooms, path, text, remedy);
        finds(rooms, path, text, &format!("{path}:{number}: `"));
    }
}

#[test]
fn code_that_cannot_be_followed_is_caught() {
    let planted = [
        "include!(\"../app/state.rs\");",
        "fn f() { std::include!(\"../app/state.rs\") }",
        "#[path = \"../app/state.rs\"]\nmod state;",
        "#[macro_export]\nmacro_rules! m { () => {} }",
        "#[macro_use]\nmod macros;",
    ];
    for text in planted {
        finds(rooms, "src/plan/gate.rs", text, "behind which other rooms can hide");
    }
    finds(rooms, "src/plan/gate.rs", "fn f( {}", "src/plan/gate.rs:1: this is not Rust");
    let mut library = vec!["pub use app::State;", "macro_rules! m { () => {} }", "pub mod app {}", "fn f() {}"];
    library.extend(["#[macro_use]\nmod app;", "#[path = \"x.rs\"]\nmod app;", "use std::fmt;"]);
    for text in library {
        finds(root_of_the_library, "src/lib.rs", text, "src/lib.rs:1: only module declarations");
    }
}

#[test]
fn what_rooms_may_use_is_not_complained_of() {
    let legal = [
        ("src/view/mod.rs", "use crate::{app::State, fleet::{Arn, Context}};"),
        ("src/view/mod.rs", "use super::app::State;\nuse super::plan;"),
        (
            "src/fleet/task.rs",
            "// like crate::app\n/* crate::app::X */\n#[cfg(test)]\nmod tests {\n    use crate::app::State;\n}",
        ),
        ("src/fleet/task.rs", "#[cfg(all(unix, test))]\nuse crate::app::State;\n#[test]\nfn f() { crate::app::f(); }"),
        ("src/fleet/task.rs", "impl Task {\n    #[cfg(test)]\n    fn f() { crate::app::f(); }\n}"),
        ("src/fleet/task.rs", "/// See [`crate::app::State`].\nstruct S;\nconst S: &str = \"crate::app::State\";"),
        ("src/fleet/task.rs", "use super::super::text::clean;\nuse super::arn::Arn;\npub(in crate::fleet) fn f() {}"),
        ("src/fleet/task.rs", "pub(crate) mod inner {\n    use super::super::super::text;\n    use super::f;\n}"),
        ("src/app/page/help.rs", "use super::super::*;\nuse super::super::super::{text, plan};"),
        ("src/aws/list.rs", "use other::app::State;\nuse ::app::X;\nfn f(view: V) { view::<u8>(); self.app.view() }"),
        ("src/aws/list.rs", "fn f() { format!(\"crate::app\"); let app = 1; println!(\"{}\", app) }"),
        ("src/demo/mod.rs", "mod app;\nuse self::app::X;\nuse crate::demo::view;\nuse std::{fmt, io as run};"),
        ("src/cli.rs", "use crate::{app, view, aws as cloud};\nuse crate as house;"),
    ];
    for (path, text) in legal {
        let found = rooms(&File { path: path.to_owned(), text: text.to_owned() });
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
    let library =
        File { path: "src/lib.rs".to_owned(), text: "//! wharf.\n\n/// One.\npub mod app;\nmod x;".to_owned() };
    assert_eq!(root_of_the_library(&library), Vec::<String>::new());
}

#[test]
fn files_that_are_tests_are_known_by_how_they_are_declared() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("src/plan/mod.rs", "pub mod gate;\n#[cfg(test)]\nmod tests;\n#[cfg(not(test))]\nmod real;\nmod x;"),
        file("src/plan/tests/mod.rs", "mod any;"),
        file("src/plan/tests/any.rs", ""),
        file("src/plan/gate.rs", "#[cfg(any(test, unix))]\nmod both;\n#[cfg(all(test, unix))] mod own;"),
        file("src/plan/gate/both.rs", ""),
        file("src/plan/gate/own.rs", ""),
        file("src/plan/real.rs", ""),
        file("src/plan/x.rs", ""),
        file("src/plan/tests_of_others.rs", ""),
    ];
    let found: Vec<String> = source::test_files(&files).into_iter().collect();
    assert_eq!(found, ["src/plan/gate/own.rs", "src/plan/tests/any.rs", "src/plan/tests/mod.rs"]);
}

#[test]
fn a_violation_is_caught_with_its_file_its_line_and_the_remedy() {
    let long = format!("//! Holds something.\nfn long() {{\n{}}}\n", "    step();\n".repeat(69));
    let lengthy = format!("//! Holds something.\n{}", "// a line\n".repeat(400));
    let issue = format!("// see {} 2", "issue");
    let lint = format!("#[{}(dead_code)]", "allow");
    let outside = format!("// see ../{}/notes", "shared");
    finds(homes, "src/app/state.rs", "use aws_sdk_ecs::Client;", "`aws_sdk_` belongs into src/aws/");
    finds(
        homes,
        "src/view/table.rs",
        "fn f() { Color::Red }",
        "src/view/table.rs:1: `Color::` belongs into src/view/style.rs",
    );
    finds(homes, "src/view/table.rs", "\nuse ratatui::style::{\n    Color::Red,\n};", "src/view/table.rs:3: `Color::`");
    finds(homes, "src/app/state.rs", "use tokio::{\n    sync,\n    spawn,\n};", "src/app/state.rs:3: `tokio::spawn`");
    finds(
        homes,
        "src/app/state.rs",
        "#[cfg(test)]\nmod tests {\n}\nfn f() { tokio ::spawn(x) }",
        "src/app/state.rs:4: ",
    );
    finds(lengths, "src/app/state.rs", &long, "src/app/state.rs:2: `long` has 71 lines, 70 at most");
    finds(lengths, "src/app/state.rs", &lengthy, "401 lines, 400 at most");
    finds(opening, "src/app/state.rs", "use std::fmt;", "src/app/state.rs:1: begin with a `//!` line");
    finds(words, "src/app/state.rs", &lint, "must not stand here");
    finds(words, "README.md", &issue, "not part of the project");
    finds(words, "src/lib.rs", &outside, "not part of the project");
}

#[test]
fn what_is_allowed_is_not_complained_of() {
    let cases: [(Check, &str, &str); 5] = [
        (homes, "src/aws/seat.rs", "use aws_sdk_ecs::Client;"),
        (homes, "src/app/state.rs", "// aws_sdk_ecs\n#[cfg(test)]\nmod tests {\n    use aws_sdk_ecs::Client;\n}"),
        (homes, "src/app/state.rs", "const S: &str = \"aws_config\";"),
        (lengths, "src/app/state.rs", "trait T {\n    fn declared(&self);\n}\nfn one() {}\nfn two() {\n}\n"),
        (words, "src/lib.rs", "service/humangov-shared/web, an issue of tokens"),
    ];
    for (check, path, text) in cases {
        let found = check(&File { path: path.to_owned(), text: text.to_owned() });
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
}
