//! What the verbs write when all goes well.

use std::collections::BTreeSet;
use std::io::Read;

use serde_json::Value;

use super::{Server, Wharf, finish};

#[test]
fn the_status_names_the_worst_first_and_counts_the_rest() {
    let ended = Wharf::new("status --demo").run();
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""));
    let lines: Vec<Vec<&str>> = ended.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["STATE", "TARGET", "TASKS", "VERSION", "SINCE", "WHY"]);
    assert_eq!(lines[1][..4], ["FAILING", "california/production", "7/10", "v2.14.1"]);
    assert!(ended.out.contains(" environments: 2 failing, 1 restarting, "), "{}", ended.out);
}

#[test]
fn a_target_is_told_service_by_service_and_all_well_is_success() {
    let ended = Wharf::new("status alabama --demo").run();
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let mut targets: Vec<&str> =
        ended.out.lines().skip(1).take(3).filter_map(|line| line.split_whitespace().nth(1)).collect();
    targets.sort_unstable();
    let expected = ["api", "web", "worker"].map(|name| format!("alabama/production/alabama-production-{name}"));
    assert_eq!(targets, expected);
}

#[test]
fn jobs_can_be_asked_for_like_an_environment() {
    let ended = Wharf::new("status (jobs) --demo --demo-size 4x3").run();
    assert!(ended.code == Some(0) && ended.out.contains("(jobs)"), "{ended:#?}");
}

#[test]
fn the_document_names_every_service_with_all_that_is_known_of_it() {
    let ended = Wharf::new("status --demo --json").run();
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""));
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let parts: Vec<&String> = document.as_object().unwrap().keys().collect();
    assert_eq!(parts, ["at", "complete", "contexts", "environments", "services", "jobs", "errors", "warnings"]);
    let services = document["services"].as_array().unwrap();
    let listed = Wharf::new("tenants --demo").run();
    let paths: BTreeSet<&str> = services.iter().filter_map(|service| service["path"].as_str()).collect();
    let targets: BTreeSet<&str> = listed.out.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(paths, targets);
    assert_eq!(services.len(), listed.out.lines().count());
    let web = services.iter().find(|service| service["path"] == "california/production/web").unwrap();
    for (part, expected) in [
        ("name", "web".into()),
        ("arn", "arn:aws:ecs:us-east-1:111122223333:service/california-production/web".into()),
        ("cluster", "arn:aws:ecs:us-east-1:111122223333:cluster/california-production".into()),
        ("context", "demo us-east-1".into()),
        ("account", "111122223333".into()),
        ("region", "us-east-1".into()),
        ("tenant", "california".into()),
        ("environment", "production".into()),
        ("desired", 6.into()),
        ("running", 3.into()),
        ("versions", serde_json::json!(["v2.14.1"])),
    ] {
        assert_eq!(web[part], expected, "{part}");
    }
    assert_eq!(web["health"]["state"], "FAILING");
    let since: jiff::Timestamp = web["health"]["since"].as_str().unwrap().parse().unwrap();
    let at: jiff::Timestamp = document["at"].as_str().unwrap().parse().unwrap();
    assert!(since < at);
    let image = &web["images"][0];
    let digest = image["digest"].as_str().unwrap();
    assert!(digest.starts_with("sha256:"), "{image}");
    assert!(image["image"].as_str().unwrap().ends_with(&format!(":v2.14.1@{digest}")), "{image}");
}

#[test]
fn each_line_of_the_tenants_begins_with_a_path_of_three_parts_and_a_tab() {
    let ended = Wharf::new("tenants --explain --demo").run();
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    for line in ended.out.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!((cells.len(), cells[0].split('/').count()), (5, 3), "{line}");
        assert!(cells[4].starts_with("arn:aws:ecs:") && cells[2].starts_with("tenant: "), "{line}");
    }
    let unassigned = ended.out.lines().filter(|line| line.starts_with("(unassigned)/unknown/"));
    assert_eq!(unassigned.count(), 2);
}

#[test]
fn the_first_column_can_be_given_back_as_a_target() {
    let ended = Wharf::new("tenants --demo --demo-size 3x2").run();
    for line in ended.out.lines() {
        let path = line.split('\t').next().unwrap();
        let status = Wharf::new("status --demo --demo-size 3x2 --json").arg(path).run();
        let document: Value = serde_json::from_str(&status.out).unwrap();
        assert_eq!(document["services"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!(document["services"][0]["path"], path);
    }
}

#[test]
fn the_demo_looks_at_nothing_of_awss_settings() {
    let bare = Wharf::new("tenants --demo").run();
    let wharf = Wharf::new("tenants --demo").at("http://127.0.0.1:1").env("AWS_PROFILE", "gone");
    let wharf = wharf.file(".aws/config", "[broken").file(".config/wharf/config.toml", "broken");
    assert_eq!(wharf.run(), bare);
}

#[test]
fn the_demo_and_its_server_show_the_same_world() {
    let server = Server::start("");
    let seen = Wharf::new("tenants").at(&server.url).run();
    assert_eq!(seen, Wharf::new("tenants --demo --demo-size 4x3").run());
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let mut child = Wharf::new("status --demo --json").start();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0]).unwrap();
    drop(out);
    let ended = finish(child);
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), ""));
}

#[test]
fn help_and_version_are_answers() {
    let help = Wharf::new("--help").run();
    assert!(help.code == Some(0) && help.out.contains("wharf --demo") && help.err.is_empty(), "{help:#?}");
    let version = Wharf::new("--version").run();
    assert_eq!(version.out, format!("wharf {}\n", env!("CARGO_PKG_VERSION")));
}
