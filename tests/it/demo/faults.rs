//! Faults by name.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::time::{Instant, timeout};
use wharf::demo::{Aws, Fault, Reply, World};

use super::{Clock, START, ask, at_start, ecs, filled, refused, request, response, whoami};

/// The code in STS's XML, with the status.
async fn sts(aws: &Aws) -> (u16, String) {
    let answer = response(aws, whoami()).await;
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    (answer.status().as_u16(), code.to_owned())
}

#[test]
fn every_fault_has_a_name_that_leads_back_to_it() {
    for fault in Fault::ALL {
        assert_eq!(fault.name().parse(), Ok(fault));
    }
    let wrong = "there is no fault `slo`; there are throttled, denied, expired, slow, silent, lost, cut-off";
    assert_eq!("slo".parse::<Fault>(), Err(wrong.to_owned()));
}

#[tokio::test]
async fn throttled_refuses_every_operation() {
    let aws = at_start(World::empty());
    aws.switch(Some(Fault::Throttled));
    let rate = "Rate exceeded".to_owned();
    assert_eq!(refused(&aws, "ListClusters", json!({})).await, ("ThrottlingException".to_owned(), rate));
    assert_eq!(sts(&aws).await, (400, "Throttling".to_owned()));
    aws.switch(None);
    assert_eq!(ask(&aws, "ListClusters", json!({})).await, json!({ "clusterArns": [] }));
}

#[tokio::test]
async fn denied_names_the_caller_the_action_and_the_resource() {
    let aws = at_start(World::empty());
    aws.switch(Some(Fault::Denied));
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
        assert_eq!(refused(&aws, operation, body).await, ("AccessDeniedException".to_owned(), message));
    }
    assert_eq!(sts(&aws).await, (200, String::new()), "nobody can be denied to ask who they are");
}

#[tokio::test]
async fn expired_comes_before_everything_else() {
    let aws = at_start(World::empty());
    aws.switch(Some(Fault::Expired));
    let expired =
        ("ExpiredTokenException".to_owned(), "The security token included in the request is expired".to_owned());
    let unread = request("ecs", "AmazonEC2ContainerServiceV20141113.ListClusters", "{");
    assert_eq!(super::refusal(&aws, unread).await, expired);
    for _ in 0..60 {
        assert_eq!(refused(&aws, "ListClusters", json!({})).await, expired, "no token is taken from a bucket");
    }
    assert_eq!(sts(&aws).await, (403, "ExpiredToken".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn slow_answers_rightly_but_late() {
    let aws = at_start(World::empty());
    aws.switch(Some(Fault::Slow));
    let asked = Instant::now();
    assert_eq!(ask(&aws, "ListClusters", json!({})).await, json!({ "clusterArns": [] }));
    assert_eq!(asked.elapsed().as_secs(), 7);
}

#[tokio::test]
async fn silent_never_answers_and_cut_off_ends_in_the_middle() {
    let aws = at_start(World::empty());
    aws.switch(Some(Fault::Silent));
    assert!(matches!(aws.answer(ecs("ListClusters", &json!({}))).await, Reply::Never));
    aws.switch(Some(Fault::CutOff));
    assert!(matches!(aws.answer(ecs("ListClusters", &json!({}))).await, Reply::CutOff(_)));
}

#[tokio::test]
async fn a_fault_can_be_for_one_operation_and_from_one_call_on() {
    let aws = filled(|region| region.add_services("default", 30));
    aws.switch_after("ListServices", 1, Fault::Denied);
    aws.switch_for("ListTasks", Fault::Throttled);
    let page = ask(&aws, "ListServices", json!({})).await;
    let second = refused(&aws, "ListServices", json!({ "nextToken": page["nextToken"] })).await;
    assert_eq!(second.0, "AccessDeniedException");
    assert_eq!(refused(&aws, "ListTasks", json!({})).await.0, "ThrottlingException");
    ask(&aws, "ListClusters", json!({})).await;
    aws.switch(None);
    ask(&aws, "ListServices", json!({})).await;
}

#[tokio::test]
async fn every_request_is_written_down_whatever_became_of_it() {
    let clock = Clock::new();
    let hand = clock.clone();
    let aws = Aws::new(World::empty(), move || hand.now());
    ask(&aws, "ListClusters", json!({})).await;
    clock.pass(SignedDuration::from_secs(5));
    aws.switch(Some(Fault::Silent));
    assert!(timeout(Duration::from_secs(5), aws.answer(whoami())).await.is_ok());
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
