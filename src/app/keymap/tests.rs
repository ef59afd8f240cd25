//! Keymaps: what is found, what is merged, and what is refused.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::file::sequence;
use super::*;
use crate::app::command::COMMANDS;

fn typed(text: &str) -> Vec<Chord> {
    sequence(Context::Screen, text).unwrap_or_default()
}

/// The default keymap with `text` merged into it.
fn keymap(text: &str) -> Keymap {
    Keymap::load(Some(("my.toml", text))).unwrap_or_else(|error| panic!("{error}"))
}

fn problem(text: &str) -> String {
    Keymap::load(Some(("my.toml", text))).map_or_else(|error| error.to_string(), |_| "fine".to_owned())
}

#[test]
fn the_default_keymap_is_sound_and_binds_every_command() {
    let keymap = keymap("");
    for info in COMMANDS {
        assert_ne!(keymap.key(info.command), "", "{}", info.name);
    }
}

#[test]
fn chords_lead_to_a_command_to_more_chords_or_to_nothing() {
    let keymap = keymap("[screen]\n\"z a b c\" = \"last\"\n\"z d\" = \"first\"");
    for (text, found) in [
        ("g", Lookup::Pending),
        ("g g", Lookup::Command(Command::First)),
        ("g g g", Lookup::None),
        ("g j", Lookup::None),
        ("G", Lookup::Command(Command::Last)),
        ("z", Lookup::Pending),
        ("z a b", Lookup::Pending),
        ("z a b c", Lookup::Command(Command::Last)),
        ("z b", Lookup::None),
    ] {
        assert_eq!(keymap.lookup(Context::Screen, &typed(text)), found, "{text}");
    }
    let can_follow = keymap.continuations(Context::Screen, &typed("z"));
    assert_eq!(can_follow, [("a b c".to_owned(), Command::Last), ("d".to_owned(), Command::First)]);
    assert_eq!(keymap.continuations(Context::Screen, &typed("z d")), []);
    assert_eq!(keymap.keys(Command::Last), ["G", "end", "z a b c"]);
}

#[test]
fn a_file_is_merged_into_the_default() {
    let keymap = keymap("[screen]\nn = \"next\"\n\"j\" = \"none\"\n\"g\" = \"none\"\n");
    assert_eq!(keymap.keys(Command::Next), ["n", "down"]);
    assert_eq!(keymap.keys(Command::First), ["home"], "what begins with a key goes with it");
    assert_eq!(keymap.lookup(Context::Screen, &typed("g")), Lookup::None);
}

#[test]
fn a_key_can_be_unbound_and_bound_in_one_file() {
    let keymap = keymap("[screen]\n\"g\" = \"none\"\n\"g t\" = \"first\"");
    assert_eq!(keymap.keys(Command::First), ["g t", "home"]);
}

#[test]
fn a_context_inherits_what_it_does_not_bind_itself() {
    let keymap = keymap(
        "[screen]\n\"m\" = \"next\"\n\"v\" = \"mark\"\n[logs]\n\"m\" = \"last\"\n\"g e\" = \"last\"\n\"R\" = \"none\"\n\
         [plan]\n\"v\" = \"pause\"\n\"j\" = \"none\"",
    );
    let found = |context, text| keymap.lookup(context, &typed(text));
    assert_eq!(found(Context::Screen, "m"), Lookup::Command(Command::Next));
    assert_eq!(found(Context::Logs, "m"), Lookup::Command(Command::Last));
    assert_eq!(found(Context::Plan, "m"), Lookup::Command(Command::Next));
    assert_eq!(found(Context::Plan, "v"), Lookup::Command(Command::Pause));
    assert_eq!(found(Context::Logs, "g g"), Lookup::Command(Command::First), "beside `g e`");
    assert_eq!(found(Context::Logs, "R"), Lookup::None, "nothing is inherited by a key that is unbound here");
    assert_eq!(found(Context::Screen, "R"), Lookup::Command(Command::Redeploy));
    assert_eq!(found(Context::Plan, "j"), Lookup::None);
    assert_eq!(found(Context::Input, "m"), Lookup::None);
    assert_eq!(keymap.key_in(Context::Logs, Command::Redeploy), "");
    assert_eq!(keymap.keys_in(Context::Logs, Command::Last), ["G", "m", "end", "g e"]);
    assert_eq!(keymap.key_in(Context::Logs, Command::Confirm), "y", "of the context that has it");
}

#[test]
fn matches_are_gone_to_in_logs_only() {
    let keymap = keymap("");
    assert_eq!(keymap.lookup(Context::Logs, &typed("n")), Lookup::Command(Command::NextMatch));
    for context in [Context::Screen, Context::Plan] {
        assert_eq!(keymap.lookup(context, &typed("n")), Lookup::None);
        assert_eq!(keymap.lookup(context, &typed("N")), Lookup::None);
    }
}

#[test]
fn a_mistake_is_named_with_its_line_and_the_nearest_word() {
    for (text, says) in [
        ("[screen]\n\n\"x\" = \"opne\"", "my.toml:3: unknown command `opne`; did you mean `open`?"),
        ("[scren]\n\"x\" = \"open\"", "my.toml:1: unknown table `scren`; did you mean `screen`?"),
        ("[screen]\n\"ctrl-I\" = \"open\"", "my.toml:2: `ctrl-I`: terminals cannot distinguish ctrl-I from ctrl-i"),
        ("[screen]\n\"x\" = 3", "my.toml:2: expected the name of a command, not integer"),
        ("[screen]\n\"x\" = \"accept\"", "my.toml:2: `accept` belongs in [input], not in [screen]"),
        ("[screen]\n\"x\" = \"next-match\"", "my.toml:2: `next-match` belongs in [logs], not in [screen]"),
        ("[screen]\n\"x\" = \"confirm\"", "my.toml:2: `confirm` belongs in [plan], not in [screen]"),
        ("[logs]\n\"x\" = \"confirm\"", "my.toml:2: `confirm` belongs in [plan], not in [logs]"),
        ("[logs]\n\"x\" = \"redeploy\"", "fine"),
        ("[screen]\n\"g\" = \"open\"", "my.toml:2: `g g` can never be typed: it begins with `g` (open)"),
        ("[screen]\n\n\"j x y\" = \"open\"", "my.toml:3: `j x y` can never be typed: it begins with `j` (next)"),
        (
            "[input]\n\"j j\" = \"cancel\"",
            "my.toml:2: `j j`: in [input], a key is a single chord: others are typed into the text",
        ),
        ("screen = 1", "my.toml:1: `screen` must be a table of keys"),
    ] {
        assert_eq!(problem(text), says);
    }
    assert!(problem("[screen]\n\"x\" = \"open\"\n\"x\" = \"back\"").starts_with("my.toml:3: "), "twice the same key");
}

#[test]
fn what_one_cannot_do_without_keeps_a_key_in_every_context() {
    for (text, says) in [
        ("[screen]\n\"?\" = \"none\"\n\"h\" = \"help\"", "fine"),
        ("[screen]\n\"?\" = \"none\"", "my.toml:2: no key is left for `help` on a screen; bind one in [screen]"),
        ("[screen]\n\n\"q\" = \"next\"", "my.toml:3: no key is left for `leave` on a screen; bind one in [screen]"),
        (
            "[logs]\n\"?\" = \"next\"\n[screen]\n\"H\" = \"next\"",
            "my.toml:2: no key is left for `help` in logs; bind one in [logs]",
        ),
        ("[logs]\n\"?\" = \"next\"\n\"H\" = \"help\"", "fine"),
        ("[plan]\n\"ctrl-c x\" = \"pause\"", "my.toml:2: no key is left for `quit` on a plan; bind one in [plan]"),
        (
            "[plan]\n\"esc\" = \"none\"\n\"left\" = \"none\"\n\"backspace\" = \"pause\"",
            "my.toml:4: no key is left for `back` on a plan; bind one in [plan]",
        ),
        ("[input]\n\"enter\" = \"clear\"", "my.toml:2: no key is left for `accept` while typing; bind one in [input]"),
        (
            "[input]\n\"esc\" = \"none\"\n\"ctrl-c\" = \"none\"",
            "my.toml:3: no key is left for `cancel` while typing; bind one in [input]",
        ),
        (
            "[plan]\n\"y\" = \"none\"",
            "my.toml:2: no key is left for `confirm` on a plan; bind one in [plan], such as \"y\" = \"confirm\"",
        ),
        (
            "[plan]\n\"y\" = \"pause\"",
            "my.toml:2: no key is left for `confirm` on a plan; bind one in [plan], such as \"Y\" = \"confirm\"",
        ),
    ] {
        assert_eq!(problem(text), says);
    }
}

/// The start of every refusal of a key that would confirm.
fn refusal(key: &str) -> String {
    format!("my.toml:2: `{key}` cannot confirm a plan: ")
}

#[test]
fn no_key_that_does_something_else_confirms() {
    let default = keymap("");
    let mut tried = 0;
    for context in Context::ALL {
        for info in COMMANDS.iter().filter(|info| info.home() != Context::Plan && info.can_be_bound_in(context)) {
            for key in default.keys_in(context, info.command) {
                let says = problem(&format!("[plan]\n\"{key}\" = \"confirm\""));
                assert!(says.starts_with(&refusal(&key)) && says.ends_with("such as `y`"), "{key}: {says}");
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
    assert_eq!(
        problem("[plan]\n\"j\" = \"confirm\""),
        "my.toml:2: `j` cannot confirm a plan: it is `next` in [screen], and a key that confirms must do nothing else; \
         use another key, such as `y`"
    );
    assert_eq!(
        problem("[plan]\n\"R\" = \"confirm\""),
        "my.toml:2: `R` cannot confirm a plan: it is `redeploy` (which proposes a change) in [screen], and a key that \
         confirms must do nothing else; use another key, such as `y`"
    );
    assert_eq!(
        problem("[plan]\n\"g\" = \"confirm\""),
        "my.toml:2: `g` cannot confirm a plan: it is part of `g g`, `first` in [screen], and a key that confirms must \
         do nothing else; use another key, such as `y`"
    );
}

#[test]
fn the_key_that_confirms_cannot_be_bound_to_anything_else() {
    for (text, key, name, example) in [
        ("[screen]\n\"y\" = \"next\"", "y", "next", "Y"),
        ("[logs]\n\"y\" = \"next-match\"", "y", "next-match", "Y"),
        ("[input]\n\"y\" = \"clear\"", "y", "clear", "Y"),
        ("[screen]\n\"g y\" = \"redeploy\"", "g y", "redeploy", "Y"),
        ("[screen]\n\"y y\" = \"redeploy\"", "y y", "redeploy", "Y"),
        ("[screen]\n\"y\" = \"scale\"\n\"Y\" = \"scale\"", "y", "scale", "o"),
    ] {
        let says = format!(
            "my.toml:2: `{key}` ({name}) cannot be bound here: `y` confirms plans, and must do nothing else; to free \
             it, write \"y\" = \"none\" and \"{example}\" = \"confirm\" in [plan]"
        );
        assert_eq!(problem(text), says);
    }
    assert_eq!(problem("[screen]\n\"y\" = \"next\"\n[plan]\n\"y\" = \"none\"\n\"Y\" = \"confirm\""), "fine");
}

#[test]
fn only_a_key_that_is_pressed_on_purpose_confirms() {
    for key in [
        "enter",
        "space",
        "esc",
        "backspace",
        "tab",
        "backtab",
        "up",
        "down",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "insert",
        "delete",
        "alt-y",
        "alt-f1",
        "ctrl-f1",
        "ctrl-a",
        "ctrl-e",
        "ctrl-w",
        "ctrl-j",
        "ctrl-1",
        "ctrl-enter",
        "o o",
    ] {
        // Whatever else it was bound to, it is not any more.
        let freed = format!("[plan]\n\"{key}\" = \"confirm\"\n[screen]\n\"{key}\" = \"none\"\n");
        let says = problem(&freed);
        assert!(says.starts_with(&refusal(key)) && says.ends_with("such as `y`"), "{key}: {says}");
    }
    for key in ["Y", "o", "0", "+", "ä", "f5", "ctrl-y", "ctrl-o"] {
        let keymap = keymap(&format!("[plan]\n\"{key}\" = \"confirm\"\n\"y\" = \"none\"\n"));
        assert_eq!(keymap.keys(Command::Confirm), [key]);
    }
}

/// Keymap files that have much in common with the default one, and little sense.
fn files() -> impl Strategy<Value = Vec<(Context, String, &'static str)>> {
    let key = prop_oneof![
        4 => prop::sample::select(vec!["y", "Y", "o", "f5", "ctrl-o"]),
        2 => prop::sample::select(vec!["j", "k", "g", "G", "R", "n", "q", "?", "z", "x"]),
        1 => prop::sample::select(vec!["enter", "esc", "space", "down", "pagedown", "tab", "alt-y", "ctrl-c", "ctrl-u"]),
    ];
    let keys = prop_oneof![6 => prop::collection::vec(key.clone(), 1), 1 => prop::collection::vec(key, 2..4)];
    let names: Vec<&str> = COMMANDS.iter().map(|info| info.name).chain(["none"]).collect();
    let name = prop_oneof![1 => Just("confirm"), 1 => Just("none"), 2 => prop::sample::select(names)];
    let context = prop::sample::select(Context::ALL.to_vec());
    prop::collection::vec((context, keys.prop_map(|keys| keys.join(" ")), name), 1..5)
}

/// The file of `lines`, without those that are refused for what they are alone.
fn text(lines: &[(Context, String, &str)]) -> String {
    let mut text = String::new();
    for context in Context::ALL {
        text = format!("{text}[{}]\n", context.name());
        let mut taken = vec![];
        for (own, keys, name) in lines {
            let fits = *name == "none" || Command::named(name).is_some_and(|info| info.can_be_bound_in(context));
            let typed = context != Context::Input || !keys.contains(' ');
            if *own == context && fits && typed && !taken.contains(keys) {
                text = format!("{text}\"{keys}\" = \"{name}\"\n");
                taken.push(keys.clone());
            }
        }
    }
    text
}

#[test]
fn whatever_is_merged_a_key_that_confirms_does_nothing_else_and_there_is_a_way_out() {
    let (taken, moved, refused) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: 3_000, failure_persistence: None, ..Config::default() });
    let story = runner.run(&files(), |lines| {
        let text = text(&lines);
        let Ok(keymap) = Keymap::load(Some(("my.toml", &text))) else {
            refused.set(refused.get() + 1);
            return Ok(());
        };
        taken.set(taken.get() + 1);
        let confirms = keymap.keys(Command::Confirm);
        moved.set(moved.get() + usize::from(confirms != ["y"]));
        for context in Context::ALL {
            for info in COMMANDS.iter().filter(|info| info.can_be_bound_in(context)) {
                let keys = keymap.keys_in(context, info.command);
                let has = |key: &String| keys.iter().any(|keys| keys.split(' ').any(|chord| chord == key));
                if info.command != Command::Confirm && confirms.iter().any(has) {
                    return Err(TestCaseError::fail(format!(
                        "{confirms:?} confirm, {} is {keys:?}\n{text}",
                        info.name
                    )));
                }
                let needed = ["back", "leave", "help", "quit", "accept", "cancel", "confirm"].contains(&info.name);
                if needed && keys.is_empty() {
                    return Err(TestCaseError::fail(format!("no {} in {context:?}\n{text}", info.name)));
                }
            }
        }
        Ok(())
    });
    assert!(story.is_ok(), "{story:?}");
    let counts = (taken.get(), moved.get(), refused.get());
    assert!(counts.0 > 300 && counts.1 > 30 && counts.2 > 300, "taken, moved, refused: {counts:?}");
}
