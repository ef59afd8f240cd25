//! Writes, and their effects over time.

use jiff::SignedDuration;
use serde_json::{Value, json};
use wharf::demo::{AgentVersion, Aws, ImageFault, Region, Timings, World};

use super::{Clock, ask, expect_error};

/// An AWS with a us-east-1 that `fill` has built, and its clock.
fn aws_with_clock(fill: impl FnOnce(&mut Region)) -> (Aws, Clock) {
    let (clock, mut world) = (Clock::new(), World::empty());
    fill(world.home());
    let hand = clock.clone();
    (Aws::new(world, move || hand.now()), clock)
}

async fn describe(aws: &Aws) -> Value {
    ask(aws, "DescribeServices", json!({ "cluster": "prod", "services": ["web"] })).await["services"][0].clone()
}

/// Updates the service `web`. Returns it as the response shows it.
async fn update(aws: &Aws, mut change: Value) -> Value {
    change["cluster"] = json!("prod");
    change["service"] = json!("web");
    ask(aws, "UpdateService", change).await["service"].clone()
}

/// The counts of the service, and the status, rollout state and counts of its deployments.
fn summary(service: &Value) -> String {
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

/// The newest events without ids, the oldest first.
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

/// The tasks of `web` with this desired status.
async fn tasks(aws: &Aws, desired: &str) -> Vec<Value> {
    let body = json!({ "cluster": "prod", "serviceName": "web", "desiredStatus": desired });
    let listed = ask(aws, "ListTasks", body).await["taskArns"].clone();
    if listed == json!([]) {
        return vec![];
    }
    let body = json!({ "cluster": "prod", "tasks": listed });
    ask(aws, "DescribeTasks", body).await["tasks"].as_array().unwrap().clone()
}

/// The statuses of the service deployments of `web`, the newest first.
async fn service_deployments(aws: &Aws) -> Vec<String> {
    let listed = ask(aws, "ListServiceDeployments", json!({ "cluster": "prod", "service": "web" })).await;
    let listed = listed["serviceDeployments"].as_array().unwrap().iter();
    listed.map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

/// Registers the next revision of `prod-web` with this image.
async fn register(aws: &Aws, image: &str) {
    let containers = json!([{ "name": "web", "image": image }]);
    ask(aws, "RegisterTaskDefinition", json!({ "family": "prod-web", "containerDefinitions": containers })).await;
}

/// Lets seconds pass until the summary of the service is `wanted`. Returns how many.
async fn until(aws: &Aws, clock: &Clock, wanted: &str) -> u32 {
    for second in 0..600 {
        if summary(&describe(aws).await) == wanted {
            return second;
        }
        clock.pass(SignedDuration::from_secs(1));
    }
    panic!("never {wanted}, but {}", summary(&describe(aws).await));
}

#[tokio::test]
async fn scaling_out_and_in_creates_no_deployment() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 2));
    let before = describe(&aws).await;
    assert_eq!(summary(&before), "2/2 +0: PRIMARY COMPLETED 2/2");
    let answer = update(&aws, json!({ "desiredCount": 3 })).await;
    assert_eq!(answer["desiredCount"], json!(3));
    assert!(until(&aws, &clock, "3/3 +0: PRIMARY COMPLETED 3/3").await <= 10);
    clock.pass(SignedDuration::from_secs(10));
    let after = describe(&aws).await;
    assert_eq!(after["deployments"][0]["id"], before["deployments"][0]["id"]);
    assert!(events(&after, 1)[0].ends_with("has reached a steady state."), "{:?}", events(&after, 3));
    update(&aws, json!({ "desiredCount": 0 })).await;
    until(&aws, &clock, "0/0 +0: PRIMARY COMPLETED 0/0").await;
    let past = ask(&aws, "ListServiceDeployments", json!({ "cluster": "prod", "service": "web" })).await;
    assert_eq!(past["serviceDeployments"].as_array().unwrap().len(), 2, "no service deployment is added");
}

#[tokio::test]
async fn a_forced_deployment_replaces_all_tasks_and_completes() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 3));
    let old = describe(&aws).await["deployments"][0]["id"].clone();
    update(&aws, json!({ "forceNewDeployment": true })).await;
    assert_eq!(
        summary(&describe(&aws).await),
        "3/3 +0: PRIMARY COMPLETED 3/3",
        "reads still return the state before the write"
    );
    clock.pass(SignedDuration::from_secs(2));
    let shown = describe(&aws).await;
    assert_eq!(summary(&shown), "3/3 +3: PRIMARY IN_PROGRESS 0/3, ACTIVE COMPLETED 3/3");
    assert_eq!(shown["deployments"][1]["id"], old);
    let took = until(&aws, &clock, "3/3 +0: PRIMARY COMPLETED 3/3").await;
    assert!(took <= 25, "{took} s");
    let after = describe(&aws).await;
    assert_ne!(after["deployments"][0]["id"], old);
    assert_eq!(after.get("currentServiceDeployment"), None);
}

#[tokio::test]
async fn a_rollout_blocked_by_its_percentages_reports_it_once() {
    let (aws, clock) = aws_with_clock(|region| {
        region.add_service("prod", "web", 2);
        let web = region.service("prod", "web").unwrap();
        (web.minimum_percent, web.maximum_percent) = (75, 125);
    });
    update(&aws, json!({ "forceNewDeployment": true })).await;
    clock.pass(SignedDuration::from_mins(5));
    let stuck = describe(&aws).await;
    assert_eq!(summary(&stuck), "2/2 +0: PRIMARY IN_PROGRESS 0/2, ACTIVE COMPLETED 2/2");
    let words = "(service web) was unable to stop or start tasks during a deployment because of the service deployment \
                 configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
    assert_eq!(events(&stuck, 1), [words]);
    let configuration = json!({ "minimumHealthyPercent": 50 });
    update(&aws, json!({ "deploymentConfiguration": configuration })).await;
    until(&aws, &clock, "2/2 +0: PRIMARY COMPLETED 2/2").await;
}

#[tokio::test]
async fn a_rollout_with_a_missing_image_is_rolled_back() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 3));
    let completed = describe(&aws).await["deployments"][0]["id"].clone();
    let image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v9";
    register(&aws, image).await;
    update(&aws, json!({ "taskDefinition": "prod-web:3" })).await;
    until(&aws, &clock, "3/3 +0: PRIMARY IN_PROGRESS 3/3, ACTIVE FAILED 0/0").await;
    let back = describe(&aws).await;
    assert_eq!((&back["deployments"][0]["id"], &back["deployments"][1]["failedTasks"]), (&completed, &json!(3)));
    assert_eq!(service_deployments(&aws).await, ["ROLLBACK_IN_PROGRESS", "SUCCESSFUL", "SUCCESSFUL"]);
    let messages = events(&back, 3);
    assert!(messages[0].ends_with("is unable to consistently start tasks successfully."), "{messages:?}");
    assert!(messages[1].ends_with("deployment failed: tasks failed to start."), "{messages:?}");
    assert!(messages[2].starts_with("(service web) rolling back to deployment"), "{messages:?}");
    until(&aws, &clock, "3/3 +0: PRIMARY COMPLETED 3/3").await;
    assert_eq!(service_deployments(&aws).await, ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"]);
    let stopped = tasks(&aws, "STOPPED").await;
    let ends: Vec<_> = stopped.iter().map(|task| (&task["stopCode"], &task["stoppedReason"])).collect();
    let reason = json!(format!(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: \
         {image}: not found"
    ));
    assert_eq!(ends, vec![(&json!("TaskFailedToStart"), &reason); 3]);
}

#[tokio::test]
async fn a_failed_rollout_without_rollback_stays_failed_and_keeps_the_desired_count() {
    let (aws, clock) = aws_with_clock(|region| {
        region.add_service("prod", "web", 2);
        region.service("prod", "web").unwrap().breaker.rollback = false;
        region.push("web", "v9", super::START);
        let image = region.location.image_uri("web", "v9");
        region.inject(&image, ImageFault::Exits { code: 3, after: 2 });
    });
    register(&aws, "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v9").await;
    update(&aws, json!({ "taskDefinition": "prod-web:3" })).await;
    clock.pass(SignedDuration::from_mins(3));
    assert_eq!(service_deployments(&aws).await, ["STOPPED", "SUCCESSFUL", "SUCCESSFUL"]);
    let failed = describe(&aws).await;
    assert_eq!(failed["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(failed["runningCount"], json!(2), "{}", summary(&failed));
    let codes: Vec<_> =
        tasks(&aws, "STOPPED").await.iter().map(|task| task["containers"][0]["exitCode"].clone()).collect();
    assert!(codes.contains(&json!(3)), "{codes:?}");
    clock.pass(SignedDuration::from_mins(10));
    assert_eq!(describe(&aws).await["runningCount"], json!(2));
}

#[tokio::test]
async fn a_new_rollout_stops_the_one_in_progress() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 2));
    update(&aws, json!({ "forceNewDeployment": true })).await;
    clock.pass(SignedDuration::from_secs(3));
    assert_eq!(service_deployments(&aws).await, ["IN_PROGRESS", "SUCCESSFUL", "SUCCESSFUL"]);
    update(&aws, json!({ "taskDefinition": "prod-web:1" })).await;
    clock.pass(SignedDuration::from_secs(2));
    assert_eq!(service_deployments(&aws).await, ["IN_PROGRESS", "STOPPED", "SUCCESSFUL", "SUCCESSFUL"]);
    until(&aws, &clock, "2/2 +0: PRIMARY COMPLETED 2/2").await;
    assert!(describe(&aws).await["taskDefinition"].as_str().unwrap().ends_with("prod-web:1"));
}

#[tokio::test]
async fn stopping_a_rollout_rolls_it_back_and_a_finished_one_cannot_be_stopped() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 4));
    let completed = describe(&aws).await["deployments"][0]["id"].clone();
    update(&aws, json!({ "forceNewDeployment": true })).await;
    clock.pass(SignedDuration::from_secs(3));
    let arn = describe(&aws).await["currentServiceDeployment"].clone();
    let stop = json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
    assert_eq!(ask(&aws, "StopServiceDeployment", stop.clone()).await, json!({ "serviceDeploymentArn": arn }));
    ask(&aws, "StopServiceDeployment", stop.clone()).await;
    until(&aws, &clock, "4/4 +0: PRIMARY COMPLETED 4/4").await;
    assert_eq!(describe(&aws).await["deployments"][0]["id"], completed);
    assert_eq!(service_deployments(&aws).await, ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL", "SUCCESSFUL"]);
    assert_eq!(expect_error(&aws, "StopServiceDeployment", stop).await.0, "ConflictException");
}

#[tokio::test]
async fn digests_are_resolved_at_the_first_start_and_kept_until_the_next_rollout() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 1));
    let digests = async || {
        let mut all: Vec<_> =
            tasks(&aws, "RUNNING").await.iter().map(|task| task["containers"][0]["imageDigest"].clone()).collect();
        all.dedup();
        all
    };
    let first = digests().await;
    let moved = aws.change(|world| world.home().push("web", "v1.0.0", clock.now()));
    update(&aws, json!({ "desiredCount": 4 })).await;
    until(&aws, &clock, "4/4 +0: PRIMARY COMPLETED 4/4").await;
    assert_eq!(digests().await, first, "a moved tag does not affect new tasks of the same deployment");
    update(&aws, json!({ "forceNewDeployment": true })).await;
    clock.pass(SignedDuration::from_secs(60));
    assert_eq!(digests().await, [json!(moved)]);
    let revision = describe(&aws).await["currentServiceRevisions"][0]["arn"].clone();
    let revision = ask(&aws, "DescribeServiceRevisions", json!({ "serviceRevisionArns": [revision] })).await;
    assert_eq!(revision["serviceRevisions"][0]["containerImages"][0]["imageDigest"], json!(moved));
}

#[tokio::test]
async fn newer_agents_report_the_digest_with_the_tag_of_the_task_definition() {
    let tag = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v1.0.0";
    for agents in [AgentVersion::Old, AgentVersion::New] {
        let (aws, _) = aws_with_clock(|region| {
            region.add_cluster("prod").agent_version = agents;
            region.add_service("prod", "web", 1);
        });
        let container = tasks(&aws, "RUNNING").await[0]["containers"][0].clone();
        let digest = container["imageDigest"].as_str().unwrap();
        let shown = if agents == AgentVersion::New { format!("{tag}@{digest}") } else { tag.to_owned() };
        assert_eq!(container["image"], json!(shown));
        let definition = ask(&aws, "DescribeTaskDefinition", json!({ "taskDefinition": "prod-web" })).await;
        assert_eq!(definition["taskDefinition"]["containerDefinitions"][0]["image"], json!(tag));
    }
}

#[tokio::test]
async fn stopped_tasks_are_replaced_but_not_in_lost_zones() {
    let (aws, clock) = aws_with_clock(|region| {
        region.add_service("prod", "web", 3);
        region.service("prod", "web").unwrap().lost_zones = vec![1, 2];
    });
    for _ in 0..3 {
        aws.change(|world| world.home().kill_task("prod", "web", clock.now()));
        clock.pass(SignedDuration::from_secs(30));
    }
    let zones: Vec<_> = tasks(&aws, "RUNNING").await.iter().map(|task| task["availabilityZone"].clone()).collect();
    assert_eq!(zones, vec![json!("us-east-1a"); 3]);
    let codes: Vec<_> = tasks(&aws, "STOPPED").await.iter().map(|task| task["stopCode"].clone()).collect();
    assert_eq!(codes, vec![json!("EssentialContainerExited"); 3]);
    aws.change(|world| world.home().service("prod", "web").unwrap().lost_zones.clear());
    update(&aws, json!({ "forceNewDeployment": true })).await;
    clock.pass(SignedDuration::from_secs(60));
    let mut zones: Vec<_> = tasks(&aws, "RUNNING").await.iter().map(|task| task["availabilityZone"].clone()).collect();
    zones.sort_by_key(Value::to_string);
    assert_eq!(zones, [json!("us-east-1a"), json!("us-east-1b"), json!("us-east-1c")]);
}

#[tokio::test]
async fn a_container_without_enough_memory_is_killed_until_its_task_has_enough() {
    let (aws, clock) = aws_with_clock(|region| {
        region.add_service("prod", "web", 1);
        region.inject("prod-web", ImageFault::NeedsMemory { memory: 900, after: 20 });
    });
    // The fault does not affect tasks that run already.
    update(
        &aws,
        json!({ "forceNewDeployment": true, "deploymentConfiguration": {
        "deploymentCircuitBreaker": { "enable": false, "rollback": false }
    } }),
    )
    .await;
    clock.pass(SignedDuration::from_mins(4));
    let killed = tasks(&aws, "STOPPED").await;
    let killed: Vec<_> = killed.iter().filter(|task| task["containers"][0]["exitCode"] == json!(137)).collect();
    assert!(killed.len() > 3, "{}", killed.len());
    let reason = &killed[0]["containers"][0]["reason"];
    assert_eq!(reason, "OutOfMemoryError: Container killed due to memory usage");
    let containers = json!([{ "name": "web", "image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v1.0.0" }]);
    let body = json!({ "family": "prod-web", "memory": "1024", "containerDefinitions": containers });
    ask(&aws, "RegisterTaskDefinition", body).await;
    update(&aws, json!({ "taskDefinition": "prod-web" })).await;
    clock.pass(SignedDuration::from_mins(1));
    let before = tasks(&aws, "RUNNING").await;
    clock.pass(SignedDuration::from_mins(30));
    assert_eq!(tasks(&aws, "RUNNING").await, before);
}

#[tokio::test]
async fn the_steady_state_event_is_repeated_every_six_hours() {
    let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 1));
    update(&aws, json!({ "desiredCount": 2 })).await;
    clock.pass(SignedDuration::from_mins(2));
    let count = |service: &Value| service["events"].as_array().unwrap().len();
    let before = count(&describe(&aws).await);
    clock.pass(SignedDuration::from_hours(25));
    let after = describe(&aws).await;
    assert_eq!(count(&after), before + 4);
    assert_eq!(events(&after, 4), vec!["(service web) has reached a steady state."; 4]);
}

#[tokio::test]
async fn the_timings_of_the_world_set_the_speed_of_a_rollout() {
    for (timings, least, most) in [(Timings::DEMO, 5, 25), (Timings::AWS, 60, 180)] {
        let (aws, clock) = aws_with_clock(|region| region.add_service("prod", "web", 3));
        aws.change(|world| world.timings = timings);
        update(&aws, json!({ "forceNewDeployment": true })).await;
        until(&aws, &clock, "3/3 +3: PRIMARY IN_PROGRESS 0/3, ACTIVE COMPLETED 3/3").await;
        let took = until(&aws, &clock, "3/3 +0: PRIMARY COMPLETED 3/3").await;
        assert!((least..=most).contains(&took), "{took} s");
    }
}
