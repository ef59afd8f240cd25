//! Changes without a screen: what is said, what is done, and the code that tells programs.

use std::fs;

use super::Wharf;

fn demo(line: &str) -> Wharf {
    Wharf::new(&format!("{line} --demo --demo-size 5x3"))
}

#[test]
fn a_change_ends_with_the_code_that_says_what_became_of_it() {
    for (line, code, says) in [
        ("scale ohio/production/web --to 3 --yes", 0, "done        ohio/production/web  2 > 3 tasks (request "),
        ("scale ohio/production/web --to 2 --yes", 0, "ohio/production/web  already 2"),
        ("scale ohio/production/web --to -2 --dry-run", 0, "2 > 0 tasks"),
        ("redeploy ohio/production/web --yes", 0, "done        ohio/production/web  new deployment ecs-svc/"),
        ("scale ohio/production/web --to 3", 3, "there is no terminal to confirm on; pass --yes"),
        ("scale ohio/production/web --to 1", 3, "pass --confirm 'ohio/production'"),
        ("scale ohio/production/web --to 1 --yes", 3, "not confirmed: `ohio/production` is required"),
        ("scale ohio/production/web --to 3 --yes --read-only", 3, "wharf runs read-only"),
        ("scale ohio/production/web --to -3 --yes", 3, "fewer than none"),
        ("redeploy ohio texas --yes", 3, "`6 services` is required"),
        ("scale ohio/production/wbe --to 3 --yes", 2, "did you mean `web`?"),
        ("scale ohio/production/web --to three --yes", 2, "write 3, +1 or -1"),
        ("scale ohio/production/web --yes", 2, "--to <COUNT>"),
        ("redeploy ohio/production/web --yes --demo-fault denied", 5, "AccessDenied"),
    ] {
        let ended = demo(line).run();
        let said = format!("{}{}", ended.out, ended.err);
        assert_eq!((ended.code, said.contains(says)), (Some(code), true), "{line}: {said}");
    }
}

#[test]
fn what_is_typed_out_in_full_confirms_what_yes_does_not() {
    let ended = demo("scale ohio/production/web --to 1 --reason enrolment --json --confirm ohio/production").run();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["confirm"], "ohio/production");
    assert_eq!(document["plan"]["reason"], "enrolment");
    assert_eq!(
        document["plan"]["tracks"][0]["steps"][0],
        serde_json::json!({"step": "desired-count", "from": 2, "to": 1})
    );
    let step = &document["result"]["steps"][0];
    assert_eq!((step["path"].as_str(), step["verdict"].as_str()), (Some("ohio/production/web"), Some("done")));
    assert!(step["request_id"].is_string());
}

#[test]
fn with_wait_a_change_ends_once_its_tasks_are_at_rest_or_says_that_they_are_not() {
    let ended = demo("redeploy ohio/production/web --yes --wait").run();
    assert_eq!((ended.code, ended.out.contains("stable      ohio/production/web")), (Some(0), true), "{ended:?}");
    let ended = demo("redeploy ohio/production/web --yes --wait=1s").run();
    assert_eq!((ended.code, ended.out.contains("not stable  ohio/production/web")), (Some(1), true), "{ended:?}");
}

#[test]
fn a_rule_of_the_config_refuses_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    let rule = "[[deny]]\ntarget = \"ohio/prod\"\nverbs = [\"redeploy\"]\nreason = \"the state's contract\"\n";
    fs::write(&config, rule).unwrap();
    let with = |line: &str| demo(line).arg("--config").arg(&config).run();
    let refused = with("redeploy ohio/production --yes");
    assert_eq!((refused.code, refused.err.contains("the state's contract")), (Some(3), true), "{refused:?}");
    assert_eq!(with("scale ohio/production/web --to 3 --yes").code, Some(0));
}
