//! Writes, and what they lead to in time.

use jiff::SignedDuration;
use serde_json::{Value, json};
use wharf::demo::{Aws, Region, World};

use super::{Clock, ask, refused};

/// An AWS in which `fill` has been at work, and the clock that moves it.
fn moving(fill: impl FnOnce(&mut Region)) -> (Aws, Clock) {
    let (clock, mut world) = (Clock::new(), World::empty());
    fill(world.home());
    let hand = clock.clone();
    (Aws::new(world, move || hand.now()), clock)
}

async fn look(aws: &Aws) -> Value {
    ask(aws, "DescribeServices", json!({ "cluster": "prod", "services": ["web"] })).await["services"][0].clone()
}

/// Changes the service `web`; gives it as the answer shows it.
async fn update(aws: &Aws, mut change: Value) -> Value {
    change["cluster"] = json!("prod");
    change["service"] = json!("web");
    ask(aws, "UpdateService", change).await["service"].clone()
}

/// (desired, running, pending) of the service, and (status, rollout, desired, running) of its deployments.
fn gist(service: &Value) -> String {
    let deployments = service["deployments"].as_array().unwrap().iter().map(|one| {
        let text = |key: &str| one[key].as_str().unwrap_or_default();
        format!("{} {} {}/{}", text("status"), text("rolloutState"), one["runningCount"], one["desiredCount"])
    });
    let deployments: Vec<String> = deployments.collect();
    let count = |key: &str| &service[key];
    format!(
        "{}/{} +{}: {}",
        count("runningCount"),
        count("desiredCount"),
        count("pendingCount"),
        deployments.join(", ")
    )
}

/// The newest events, the oldest of them first, without ids.
fn events(service: &Value, count: usize) -> Vec<String> {
    let events = service["events"].as_array().unwrap();
    let text = |event: &Value| {
        let words = event["message"].as_str().unwrap().split(' ');
        let plain = words.map(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            if digits > 8 { "ID" } else { word }
        });
        plain.collect::<Vec<_>>().join(" ").replace("(task ID", "(task").replace("(task (task", "(task")
    };
    events.iter().take(count).map(text).rev().collect()
}

/// Lets seconds pass until the service is what `wanted` says; gives how many.
async fn until(aws: &Aws, clock: &Clock, wanted: &str) -> u32 {
    for second in 0..600 {
        if gist(&look(aws).await) == wanted {
            return second;
        }
        clock.pass(SignedDuration::from_secs(1));
    }
    panic!("never {wanted}, but {}", gist(&look(aws).await));
}

#[tokio::test]
async fn a_service_is_scaled_out_and_in_without_a_new_deployment() {
    let (aws, clock) = moving(|region| region.add_service("prod", "web", 2));
    let before = look(&aws).await;
    assert_eq!(gist(&before), "2/2 +0: PRIMARY COMPLETED 2/2");
    let answer = update(&aws, json!({ "desiredCount": 3 })).await;
    assert_eq!(answer["desiredCount"], json!(3));
    assert!(until(&aws, &clock, "3/3 +0: PRIMARY COMPLETED 3/3").await <= 10);
    clock.pass(SignedDuration::from_secs(10));
    let after = look(&aws).await;
    assert_eq!(after["deployments"][0]["id"], before["deployments"][0]["id"]);
    assert!(events(&after, 1)[0].ends_with("has reached a steady state."), "{:?}", events(&after, 3));
    update(&aws, json!({ "desiredCount": 0 })).await;
    until(&aws, &clock, "0/0 +0: PRIMARY COMPLETED 0/0").await;
    let past = ask(&aws, "ListServiceDeployments", json!({ "cluster": "prod", "service": "web" })).await;
    assert_eq!(past["serviceDeployments"].as_array().unwrap().len(), 2, "what there was before");
}

#[tokio::test]
async fn a_forced_deployment_replaces_task_by_task_and_completes() {
    let (aws, clock) = moving(|region| region.add_service("prod", "web", 3));
    let old = look(&aws).await["deployments"][0]["id"].clone();
    update(&aws, json!({ "forceNewDeployment": true })).await;
    assert_eq!(gist(&look(&aws).await), "3/3 +0: PRIMARY COMPLETED 3/3", "reads lag behind");
    clock.pass(SignedDuration::from_secs(2));
    let shown = look(&aws).await;
    assert_eq!(gist(&shown), "3/3 +3: PRIMARY IN_PROGRESS 0/3, ACTIVE COMPLETED 3/3");
    assert_eq!(shown["deployments"][1]["id"], old);
    let took = until(&aws, &clock, "3/3 +0: PRIMARY COMPLETED 3/3").await;
    assert!(took <= 25, "{took} s");
    let after = look(&aws).await;
    assert_ne!(after["deployments"][0]["id"], old);
    assert_eq!(after.get("currentServiceDeployment"), None);
}

#[tokio::test]
async fn what_is_not_there_is_not_updated() {
    let (aws, _) = moving(|region| region.add_service("prod", "web", 1));
    for (body, code, message) in [
        (json!({ "cluster": "nope", "service": "web" }), "ClusterNotFoundException", "Cluster not found."),
        (json!({ "cluster": "prod", "service": "nope" }), "ServiceNotFoundException", "Service not found."),
    ] {
        assert_eq!(refused(&aws, "UpdateService", body).await, (code.to_owned(), message.to_owned()));
    }
}
