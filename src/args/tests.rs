//! Command lines, and what they come to.

use super::*;

fn read(line: &str) -> Result<Args, String> {
    parse(line.split_whitespace()).map_err(|error| error.to_string())
}

fn aws(profiles: &[&str], regions: &[&str]) -> Source {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Source::Aws { profiles: owned(profiles), regions: owned(regions) }
}

#[test]
fn the_command_is_sound() {
    command().debug_assert();
}

#[test]
fn without_a_verb_the_console_is_meant() {
    let args = Args {
        action: Action::Console { keymap: None },
        source: aws(&[], &[]),
        access: Access::ReadWrite,
        config: None,
        log_file: None,
    };
    assert_eq!(read("wharf"), Ok(args));
}

#[test]
fn what_counts_everywhere_may_stand_before_the_verb_and_behind_it() {
    let args = read("wharf --profile a --read-only status --profile b --region us-east-1 --json");
    let expected = Args {
        action: Action::Status(None, Form::Json),
        source: aws(&["a", "b"], &["us-east-1"]),
        access: Access::ReadOnly,
        config: None,
        log_file: None,
    };
    assert_eq!(args, Ok(expected));
}

#[test]
fn the_demo_has_a_size_a_seed_and_a_fault() {
    let demo = |size, seed, fault| Source::Demo(Demo { size, seed, fault });
    let sources: Vec<Source> = [
        "wharf --demo",
        "wharf tenants --demo --demo-seed 7",
        "wharf demo-server --port 0 --demo-size 2x6 --demo-fault cut-off",
    ]
    .into_iter()
    .filter_map(|line| read(line).ok().map(|args| args.source))
    .collect();
    let small = Size { tenants: 2, services: 6 };
    let expected =
        [demo(Size::default(), 1, None), demo(Size::default(), 7, None), demo(small, 1, Some(Fault::CutOff))];
    assert_eq!(sources, expected);
}

#[test]
fn what_is_not_understood_is_said_with_the_nearest_word() {
    for (line, says) in [
        ("wharf --profil a", "'--profile'"),
        ("wharf statu", "'status'"),
        ("wharf status --jsn", "'--json'"),
        ("wharf --demo --demo-fault thottled", "'throttled'"),
        ("wharf --demo --demo-size 50", "write TENANTSxSERVICES"),
        ("wharf --demo --profile a", "leave --profile and --region out"),
        ("wharf --demo-seed 3", "go with --demo"),
        ("wharf --keymap k.toml status", "--keymap is for the console"),
        ("wharf --config a status --config b", "--config is given twice"),
        ("wharf status a/b/c/d", "is not a target"),
        ("wharf --profile a demo-server", "leave --profile and --region out"),
    ] {
        let error = read(line).err().unwrap_or_default();
        assert!(error.contains(says), "{line}: {error}");
    }
}

#[test]
fn logs_begin_five_minutes_ago_unless_told_otherwise() {
    let logs = |line: &str| match read(line) {
        Ok(Args { action: Action::Logs(logs), .. }) => {
            Ok((logs.since.as_secs(), logs.following, logs.filter, logs.form))
        }
        Ok(other) => Err(format!("{other:?}")),
        Err(error) => Err(error),
    };
    assert_eq!(logs("wharf logs acme"), Ok((300, Following::No, None, Form::Text)));
    let line = "wharf logs acme/staging/web --since 2h -f --filter ERROR --json";
    assert_eq!(logs(line), Ok((7_200, Following::Yes, Some("ERROR".to_owned()), Form::Json)));
    assert_eq!(logs("wharf logs acme --since 1d").map(|found| found.0), Ok(86_400));
    let whose = |target: &str| match read(&format!("wharf logs {target}")) {
        Ok(Args { action: Action::Logs(logs), .. }) => Ok((logs.target, logs.task)),
        other => Err(format!("{other:?}")),
    };
    let web = Target::parse("acme/staging/web").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(whose("acme/staging/web"), Ok((web.clone(), None)));
    assert_eq!(whose("acme/staging/web/6f1f"), Ok((web, Some("6f1f".to_owned()))));
    for wrong in ["acme/staging/web/", "acme//web/6f1f", "a/b/c/d/e"] {
        assert!(whose(wrong).is_err_and(|error| error.contains("TARGET")), "{wrong}");
    }
    let arn = "arn:aws:ecs:us-east-1:111122223333:task/humangov/0123456789abcdef";
    assert_eq!(whose(arn).map(|(_, task)| task), Ok(None));
    for wrong in ["never", "-5m", "99999999999999999999d", "1000000d", ""] {
        let said = logs(&format!("wharf logs acme --since={wrong}"));
        assert!(said.is_err_and(|error| error.contains("--since")), "{wrong}");
    }
}

#[test]
fn every_verb_of_the_table_has_a_subcommand_with_its_own_help() {
    let all = read("wharf --help").err().unwrap_or_default();
    for info in crate::plan::verbs::VERBS {
        let help = read(&format!("wharf {} --help", info.name)).err().unwrap_or_default();
        let typed = !matches!(info.argument, crate::plan::Argument::Plan);
        // Lines of the text below it are wrapped to the terminal.
        let example = format!("\n  wharf {} ", info.name);
        assert_eq!(help.starts_with(info.help) && help.contains(&example), typed, "{help}");
        assert_eq!(all.contains(info.help), typed, "{all}");
    }
    let order = ["status ", "tenants ", "logs ", "scale ", "redeploy ", "demo-server "];
    let places: Vec<Option<usize>> = order.iter().map(|name| all.find(&format!("\n  {name}"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{all}");
}
