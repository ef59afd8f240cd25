//! What the README says is true: screens, commands, keys, states, config, and the permissions that are needed.

mod examples;
mod walk;

use std::path::Path;

use wharf::app::{COMMANDS, CommandInfo, Context, Keymap};
use wharf::fleet::health::HealthState;
use wharf::fleet::operation::{Mode, OPERATIONS};

const README: &str = include_str!("../../README.md");

/// The blocks of code in `text` that are in `language`.
fn blocks<'a>(language: &str, text: &'a str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The section of the README under `heading`.
fn section(heading: &str) -> &'static str {
    let found = README.split("\n## ").find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'));
    found.unwrap_or_else(|| panic!("the README has no section `{heading}`"))
}

/// The rows of the README's table of keys.
fn table_of_keys() -> String {
    let keymap = Keymap::load(None).unwrap();
    let row = |info: &CommandInfo| {
        let keys: Vec<String> = keymap.keys(info.command).iter().map(|key| format!("`{key}`")).collect();
        let help = match info.home() {
            Context::Screen => info.help.to_owned(),
            context => format!("{}: {}", context.place(), info.help),
        };
        let variants = info.variants.iter().map(|(context, help)| format!(". {}: {help}", capital(context.place())));
        let cli = info.cli.map(|cli| format!(" (`{cli}`)"));
        let text: String = [help].into_iter().chain(variants).chain(cli).collect();
        format!("| {} | `{}` | {} |\n", keys.join(", "), info.name, text.replace('|', "\\|"))
    };
    COMMANDS.iter().map(row).collect()
}

fn capital(text: &str) -> String {
    let first: String = text.chars().take(1).flat_map(char::to_uppercase).collect();
    first + text.get(1..).unwrap_or_default()
}

#[test]
fn the_table_of_keys_is_the_command_table_with_the_keymap_that_is_compiled_in() {
    let table = table_of_keys();
    let shown = README.split("| keys | command | what it does |\n|---|---|---|\n").nth(1);
    let shown = shown.and_then(|rest| rest.split_once("\n\n")).map(|(rows, _)| format!("{rows}\n"));
    assert!(shown.as_deref() == Some(&table), "put these rows into README.md, under Keys:\n\n{table}");
}

#[test]
fn the_table_of_states_is_complete_and_in_order() {
    let shown: Vec<(String, String)> = README
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" | `")?.1.split_once("` | ").map(|_| line))
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let word = cells.get(1)?;
            word.chars().all(|c| c.is_ascii_uppercase()).then(|| ((*word).to_owned(), cells[2].replace('`', "")))
        })
        .collect();
    let all: Vec<(String, String)> =
        HealthState::ALL.iter().map(|state| (state.word().to_owned(), state.mark().to_string())).collect();
    assert_eq!(shown, all);
}

#[test]
fn the_examples_of_files_are_understood() {
    let [config, keymap] = blocks("toml", README).try_into().unwrap();
    Keymap::load(Some(("README.md", keymap))).unwrap();
    wharf::config::parse(Path::new("README.md"), config).unwrap();
}

/// The IAM actions that a policy of the README allows, sorted.
fn allowed(policy: &str) -> Vec<String> {
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    let mut actions: Vec<String> = actions.map(|action| action.as_str().unwrap().to_owned()).collect();
    actions.sort();
    actions
}

/// The IAM actions that the operations of `mode` need, sorted.
fn needed(mode: Mode) -> Vec<String> {
    let rows = OPERATIONS.iter().filter(|info| info.mode == mode);
    let mut actions: Vec<String> = rows.filter_map(|info| info.iam_action.map(str::to_owned)).collect();
    actions.sort();
    actions
}

#[test]
fn the_policies_allow_exactly_what_the_operations_need() {
    let [read, change] = blocks("json", README).try_into().unwrap();
    assert_eq!(allowed(read), needed(Mode::Read));
    assert_eq!(allowed(change), needed(Mode::Write));
}

#[test]
fn every_statement_of_a_policy_is_explained_by_its_sid() {
    let policies = section("IAM policies");
    for policy in blocks("json", policies) {
        let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
        for statement in policy["Statement"].as_array().unwrap() {
            let row = format!("| `{}` |", statement["Sid"].as_str().unwrap());
            assert!(policies.contains(&row), "the table says nothing about {row}");
        }
    }
}
