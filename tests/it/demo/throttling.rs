//! AWS's token buckets, with a clock moved by hand.

use jiff::SignedDuration;
use serde_json::{Value, json};
use wharf::demo::{Aws, World};

use super::{Clock, authorization, ecs, expect_error, response};

/// How many of `count` calls succeed.
async fn answered(aws: &Aws, operation: &str, body: &Value, count: usize) -> usize {
    let mut answered = 0;
    for _ in 0..count {
        answered += usize::from(response(aws, ecs(operation, body)).await.status() == 200);
    }
    answered
}

fn aws_with_clock() -> (Aws, Clock) {
    let clock = Clock::new();
    let mut world = World::empty();
    world.home().add_service("default", "web", 1);
    let hand = clock.clone();
    (Aws::new(world, move || hand.now()), clock)
}

#[tokio::test]
async fn each_bucket_holds_its_burst_and_refills_at_its_rate() {
    for (operation, body, burst) in [
        ("ListClusters", json!({}), 50),
        ("DescribeServices", json!({ "services": ["web"] }), 100),
        ("ListTasks", json!({}), 100),
        ("ListTaskDefinitions", json!({}), 50),
        ("ListServiceDeployments", json!({ "service": "web" }), 50),
    ] {
        let (aws, clock) = aws_with_clock();
        assert_eq!(answered(&aws, operation, &body, burst + 30).await, burst, "{operation} at once");
        let error = expect_error(&aws, operation, body.clone()).await;
        assert_eq!(error, ("ThrottlingException".to_owned(), "Rate exceeded".to_owned()));
        clock.pass(SignedDuration::from_millis(500));
        assert_eq!(answered(&aws, operation, &body, 30).await, 10, "{operation} half a second later");
        clock.pass(SignedDuration::from_hours(1));
        assert_eq!(answered(&aws, operation, &body, burst + 30).await, burst, "{operation} an hour later");
    }
}

#[tokio::test]
async fn operations_share_only_the_buckets_that_aws_documents() {
    let (aws, _) = aws_with_clock();
    answered(&aws, "ListServices", &json!({}), 60).await;
    assert_eq!(answered(&aws, "DescribeServices", &json!({ "services": ["web"] }), 100).await, 40);
    assert_eq!(answered(&aws, "DescribeTasks", &json!({ "tasks": ["0".repeat(32)] }), 100).await, 100);
}

#[tokio::test]
async fn each_region_has_its_own_buckets() {
    let (aws, _) = aws_with_clock();
    answered(&aws, "ListClusters", &json!({}), 60).await;
    let mut elsewhere = ecs("ListClusters", &json!({}));
    elsewhere.headers_mut().insert("authorization", authorization("ecs", "eu-west-1").parse().unwrap());
    let answer = response(&aws, elsewhere).await;
    assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"{\"clusterArns\":[]}"[..]));
}
