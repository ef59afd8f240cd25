//! What the SDK says of itself while requests are made stays out of the log file.

use std::fs;
use std::sync::Mutex;

use serde_json::json;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use wharf::log_file;

use super::script::json as says;
use super::{Arn, QueryKind, Script, clock, cloud, facts_of, read};

/// What `subscriber` lets through to the file at `path`, while a task definition is read.
async fn logged(subscriber: impl Subscriber + Send + Sync, path: &std::path::Path) -> String {
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::callsite::rebuild_interest_cache();
    let arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7";
    let variable = json!({"name": "PASSWORD", "value": "planted-value"});
    let container = json!({"name": "web", "image": "web:1", "environment": [variable]});
    let definition = json!({"taskDefinitionArn": arn, "family": "web", "containerDefinitions": [container]});
    let script = Script::new(move |_, _, _| says(&json!({"taskDefinition": definition})));
    let cloud = cloud(&script).await;
    facts_of(read(&cloud, QueryKind::TaskDefinition(Arn::new(arn))).await);
    assert_eq!(script.count("DescribeTaskDefinition"), 1);
    tracing::error!(target: "aws_smithy_runtime::client", "planted-event");
    tracing::error!(target: "wharfinger", "planted-event");
    fs::read_to_string(path).unwrap()
}

/// What tells the test that it runs in a process of its own.
const ALONE: &str = "WHARF_TEST_ALONE";

/// Which events a subscriber gets depends on all subscribers of a process: the test runs alone in another one.
#[test]
fn the_events_of_the_sdk_are_dropped_whatever_they_hold() {
    if std::env::var_os(ALONE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        return runtime.unwrap().block_on(events_are_dropped());
    }
    let name = "aws::log_file::the_events_of_the_sdk_are_dropped_whatever_they_hold";
    let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
    let ended = alone.args(["--exact", name, "--nocapture"]).env(ALONE, "1").output().unwrap();
    let out = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && out.contains("1 passed"), "{out}{}", String::from_utf8_lossy(&ended.stderr));
}

async fn events_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.log");
    let file = Mutex::new(fs::File::create(&path).unwrap());
    let all = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(file).with_ansi(false).finish();
    let all = logged(all, &path).await;
    // Otherwise this test would prove nothing.
    for word in ["planted-event", "planted-value", "AKIDOFTHEPROFILE", "authorization"] {
        assert!(all.contains(word), "the SDK says nothing of {word}:\n{all}");
    }

    let path = folder.path().join("own.log");
    let own = log_file::subscriber(fs::File::create(&path).unwrap(), &clock());
    let own = logged(own, &path).await;
    let lines: Vec<&str> = own.lines().collect();
    assert!(matches!(lines.as_slice(), [one] if one.contains("operation=\"DescribeTaskDefinition\"")), "{own}");
    assert!(!own.contains("planted") && !own.contains("AKID"), "{own}");
}
