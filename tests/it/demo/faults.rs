//! The faults.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::time::{Instant, timeout};
use wharf::demo::{Aws, Fault, Reply, World};

use super::{Clock, START, ask, at_start, aws_with, ecs, expect_error, get_caller_identity, request, response};

/// The HTTP status, and the code in STS's XML.
async fn sts(aws: &Aws) -> (u16, String) {
    let answer = response(aws, get_caller_identity()).await;
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    (answer.status().as_u16(), code.to_owned())
}

#[test]
fn every_fault_is_parsed_from_its_name() {
    for fault in Fault::ALL {
        assert_eq!(fault.name().parse(), Ok(fault));
    }
    let wrong = "unknown fault `slo`; the faults are throttled, denied, expired, slow, silent, lost, cut-off";
    assert_eq!("slo".parse::<Fault>(), Err(wrong.to_owned()));
}

#[tokio::test]
async fn throttled_fails_every_operation() {
    let aws = at_start(World::empty());
    aws.set_fault(Some(Fault::Throttled));
    let rate = "Rate exceeded".to_owned();
    assert_eq!(expect_error(&aws, "ListClusters", json!({})).await, ("ThrottlingException".to_owned(), rate));
    assert_eq!(sts(&aws).await, (400, "Throttling".to_owned()));
    aws.set_fault(None);
    assert_eq!(ask(&aws, "ListClusters", json!({})).await, json!({ "clusterArns": [] }));
}

#[tokio::test]
async fn denied_names_the_caller_the_action_and_the_resource() {
    let aws = at_start(World::empty());
    aws.set_fault(Some(Fault::Denied));
    let who = "User: arn:aws:sts::111122223333:assumed-role/Operator/ops@humangov";
    let here = "arn:aws:ecs:us-east-1:111122223333";
    for (operation, body, resource) in [
        ("ListServices", json!({ "cluster": "prod" }), "*".to_owned()),
        ("DescribeServices", json!({ "cluster": "prod", "services": ["web"] }), format!("{here}:service/prod/web")),
        ("DescribeClusters", json!({}), format!("{here}:cluster/default")),
        ("ListServices", json!(7), "*".to_owned()),
    ] {
        let message = format!(
            "{who} is not authorized to perform: ecs:{operation} on resource: {resource} because no identity-based \
             policy allows the ecs:{operation} action"
        );
        assert_eq!(expect_error(&aws, operation, body).await, ("AccessDeniedException".to_owned(), message));
    }
    assert_eq!(sts(&aws).await, (200, String::new()), "GetCallerIdentity cannot be denied");
}

#[tokio::test]
async fn expired_credentials_are_reported_before_anything_else() {
    let aws = at_start(World::empty());
    aws.set_fault(Some(Fault::Expired));
    let expired =
        ("ExpiredTokenException".to_owned(), "The security token included in the request is expired".to_owned());
    let unread = request("ecs", "AmazonEC2ContainerServiceV20141113.ListClusters", "{");
    assert_eq!(super::json_error(&aws, unread).await, expired);
    for _ in 0..60 {
        assert_eq!(expect_error(&aws, "ListClusters", json!({})).await, expired, "no token is taken from a bucket");
    }
    assert_eq!(sts(&aws).await, (403, "ExpiredToken".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn slow_responds_correctly_but_late() {
    let aws = at_start(World::empty());
    aws.set_fault(Some(Fault::Slow));
    let start = Instant::now();
    assert_eq!(ask(&aws, "ListClusters", json!({})).await, json!({ "clusterArns": [] }));
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[tokio::test]
async fn silent_never_responds_and_cut_off_ends_in_the_middle() {
    let aws = at_start(World::empty());
    aws.set_fault(Some(Fault::Silent));
    assert!(matches!(aws.respond(ecs("ListClusters", &json!({}))).await, Reply::NoResponse));
    aws.set_fault(Some(Fault::CutOff));
    assert!(matches!(aws.respond(ecs("ListClusters", &json!({}))).await, Reply::CutOff(_)));
}

#[tokio::test]
async fn a_fault_can_apply_to_one_operation_and_after_a_number_of_calls() {
    let aws = aws_with(|region| region.add_services("default", 30));
    aws.set_fault_after("ListServices", 1, Fault::Denied);
    aws.set_fault_for("ListTasks", Fault::Throttled);
    let page = ask(&aws, "ListServices", json!({})).await;
    let second = expect_error(&aws, "ListServices", json!({ "nextToken": page["nextToken"] })).await;
    assert_eq!(second.0, "AccessDeniedException");
    assert_eq!(expect_error(&aws, "ListTasks", json!({})).await.0, "ThrottlingException");
    ask(&aws, "ListClusters", json!({})).await;
    aws.set_fault(None);
    ask(&aws, "ListServices", json!({})).await;
}

#[tokio::test]
async fn every_request_is_recorded_whatever_its_outcome() {
    let clock = Clock::new();
    let hand = clock.clone();
    let aws = Aws::new(World::empty(), move || hand.now());
    ask(&aws, "ListClusters", json!({})).await;
    clock.pass(SignedDuration::from_secs(5));
    aws.set_fault(Some(Fault::Silent));
    assert!(timeout(Duration::from_secs(5), aws.respond(get_caller_identity())).await.is_ok());
    let seen: Vec<_> = aws.requests().into_iter().map(|one| (one.service, one.operation, one.region, one.at)).collect();
    let written = |service, operation: &str, at| (service, operation.to_owned(), "us-east-1".to_owned(), at);
    assert_eq!(
        seen,
        [
            written("ecs", "ListClusters", START),
            written("sts", "GetCallerIdentity", START + SignedDuration::from_secs(5))
        ]
    );
}
