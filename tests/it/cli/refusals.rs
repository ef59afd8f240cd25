//! What is not understood: each with a message that says what to do next, and nothing sent to AWS.

use super::Wharf;

/// Two profiles, of which one has no region.
const PROFILES: &str = "[profile prod]\nregion = us-east-1\n[profile placeless]\nsso_start_url = https://x\n";

#[test]
fn an_unknown_flag_or_word_is_answered_with_the_nearest() {
    Wharf::new("--demoo").run().said(2, &["unexpected argument '--demoo'", "'--demo'", "--help"]);
    Wharf::new("statsu").run().said(2, &["unrecognized subcommand 'statsu'", "'status'"]);
    Wharf::new("status --demo --demo-fault slaw").run().said(2, &["'slaw'", "'slow'"]);
}

#[test]
fn an_unknown_profile_is_named_with_the_files_and_the_nearest() {
    let wharf = Wharf::new("status --profile prdo").file(".aws/config", PROFILES);
    wharf.run().said(2, &["profile `prdo` (--profile) is not defined", ".aws/config", "Is `prod` meant?"]);
    let wharf = Wharf::new("status").env("AWS_PROFILE", "gone").file(".aws/config", PROFILES);
    wharf.run().said(2, &["profile `gone` (AWS_PROFILE) is not defined", "aws configure --profile gone"]);
    let wharf = Wharf::new("status").file(".config/wharf/config.toml", "[[context]]\nprofile = \"prd\"\n");
    wharf.file(".aws/config", PROFILES).run().said(2, &["profile `prd` (the config) is not defined"]);
}

#[test]
fn a_missing_region_is_asked_for() {
    Wharf::new("status").keys().run().said(2, &["no region for the default credentials", "--region", "AWS_REGION"]);
    let wharf = Wharf::new("tenants --profile placeless").file(".aws/config", PROFILES);
    wharf.run().said(2, &["no region for profile `placeless`", "--region"]);
    Wharf::new("status --region US_EAST").keys().run().said(2, &["`US_EAST` is not a region", "us-east-1"]);
}

#[test]
fn a_broken_keymap_is_named_with_its_line_and_the_nearest_word() {
    let wharf = Wharf::new("--demo --keymap").file("keys.toml", "[screen]\n\"x\" = \"opne\"\n");
    let path = wharf.path("keys.toml");
    let says = format!("{}:2: unknown command `opne`; did you mean `open`?", path.display());
    wharf.arg(&path).run().said(2, &[&says]);
    Wharf::new("--demo --keymap nowhere.toml").run().said(2, &["nowhere.toml cannot be read", "Leave --keymap out"]);
}

#[test]
fn a_broken_config_is_named_with_its_line_and_the_nearest_word() {
    let broken = "protected = [\"prod*\"]\n[tenant]\n";
    let wharf = Wharf::new("status").file(".config/wharf/config.toml", broken);
    let says = format!("{}:2: `tenant`", wharf.path(".config/wharf/config.toml").display());
    wharf.run().said(2, &[&says, "`tenants`"]);
    Wharf::new("status --demo --config nowhere.toml").run().said(2, &["nowhere.toml", "there is no such file"]);
}

#[test]
fn broken_files_of_awss_are_named() {
    let wharf = Wharf::new("status").file(".aws/config", "[profile a\nregion = us-east-1\n");
    wharf.run().said(2, &[".aws/config", "AWS_CONFIG_FILE"]);
}

#[test]
fn a_target_that_does_not_exist_is_named_with_the_nearest() {
    Wharf::new("status californa --demo --demo-size 5x3")
        .run()
        .said(2, &["no tenant `californa`", "did you mean `california`?"]);
    let wharf = Wharf::new("status california/produktion --demo --demo-size 5x3");
    wharf.run().said(2, &["no environment `produktion` in california", "`production`"]);
    let wharf = Wharf::new("status california/production/wep --demo --demo-size 5x3");
    wharf.run().said(2, &["no service `wep` in california/production", "`web`"]);
    Wharf::new("status a/b/c/d --demo").run().said(2, &["is not a target", "tenant/environment/service"]);
    let arn = "arn:aws:ecs:us-east-1:111122223333:service/none/none";
    Wharf::new("status --demo --demo-size 2x1").arg(arn).run().said(2, &["nothing that is shown has the ARN", arn]);
}

#[test]
fn without_a_terminal_the_console_sends_to_the_verbs() {
    Wharf::new("--demo").run().said(2, &["needs a terminal", "wharf status"]);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    Wharf::new("demo-server --port").arg(port.to_string()).run().said(1, &["cannot be served", "--port"]);
}
