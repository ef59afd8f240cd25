//! The errors of AWS and their messages.

use http::Request;
use serde_json::{Value, json};
use wharf::demo::World;

use super::{
    ask, at_start, authorization, aws_with, ecs, expect_error, get_caller_identity, json_error, request, response,
};

const INVALID: &str = "InvalidParameterException";

#[tokio::test]
async fn parameters_are_checked_against_aws_limits_with_aws_messages() {
    let aws = aws_with(|region| region.add_service("default", "web", 1));
    let names = |count: usize| vec!["name"; count];
    for (operation, body, code, message) in [
        ("ListClusters", json!({ "maxResults": 0 }), INVALID, "maxResults must be between 1 and 100, but was 0."),
        ("ListTasks", json!({ "maxResults": 101 }), INVALID, "maxResults must be between 1 and 100, but was 101."),
        ("DescribeServices", json!({}), INVALID, "Services cannot be empty."),
        ("DescribeServices", json!({ "services": names(11) }), INVALID, "service names can have at most 10 items."),
        ("DescribeTasks", json!({ "tasks": [] }), INVALID, "Tasks cannot be empty."),
        ("DescribeTasks", json!({ "tasks": names(101) }), INVALID, "task ids can have at most 100 items."),
        ("DescribeTasks", json!({ "tasks": ["x"] }), INVALID, "taskId length should be one of [32,36]"),
        ("DescribeClusters", json!({ "clusters": names(101) }), INVALID, "cluster names can have at most 100 items."),
        (
            "DescribeServiceRevisions",
            json!({ "serviceRevisionArns": names(21) }),
            INVALID,
            "serviceRevisionArns can have at most 20 items.",
        ),
        ("ListServices", json!({ "cluster": "nope" }), "ClusterNotFoundException", "Cluster not found."),
        ("ListTasks", json!({ "serviceName": "nope" }), "ServiceNotFoundException", "Service not found."),
        ("ListServiceDeployments", json!({ "service": "nope" }), "ServiceNotFoundException", "Service not found."),
        (
            "ListServices",
            json!({ "cluster": "a b" }),
            INVALID,
            "Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was a b",
        ),
        (
            "DescribeTaskDefinition",
            json!({ "taskDefinition": "web:9" }),
            "ClientException",
            "Unable to describe task definition.",
        ),
        (
            "ListServices",
            json!({ "cluster": "arn:aws:ecs:us-east-1:999999999999:cluster/default" }),
            INVALID,
            "Identifier is for 999999999999. Your accountId is 111122223333",
        ),
        (
            "ListTasks",
            json!({ "desiredStatus": "running" }),
            INVALID,
            "1 validation error detected: Value 'running' at 'desiredStatus' failed to satisfy constraint: Member must \
             satisfy enum value set: [RUNNING, PENDING, STOPPED]",
        ),
    ] {
        let got = expect_error(&aws, operation, body.clone()).await;
        assert_eq!(got, (code.to_owned(), message.to_owned()), "{operation} {body}");
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_type_is_a_serialization_exception() {
    let aws = at_start(World::empty());
    for (body, message) in [
        ("{", "The body is not valid JSON"),
        ("[]", "Unexpected token START_ARRAY at the start of the body"),
        (r#"{"maxResults":"10"}"#, "STRING_VALUE can not be converted to an Integer"),
        (r#"{"maxResults":1.5}"#, "NUMBER_VALUE can not be converted to an Integer"),
        (r#"{"maxResults":99999999999}"#, "NUMBER_VALUE can not be converted to an Integer"),
        (r#"{"nextToken":["a"]}"#, "START_ARRAY can not be converted to a String"),
    ] {
        let got = json_error(&aws, request("ecs", "AmazonEC2ContainerServiceV20141113.ListClusters", body)).await;
        assert_eq!(got, ("SerializationException".to_owned(), message.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn unknown_and_null_members_are_ignored() {
    let aws = at_start(World::empty());
    let body = json!({ "maxResults": null, "colour": { "deep": [1] } });
    assert_eq!(ask(&aws, "ListClusters", body).await, json!({ "clusterArns": [] }));
}

#[tokio::test]
async fn requests_that_cannot_be_parsed_get_errors_in_aws_format() {
    let aws = at_start(World::empty());
    let mut unsigned = ecs("ListClusters", &json!({}));
    unsigned.headers_mut().remove("authorization");
    let mut elsewhere = ecs("ListClusters", &json!({}));
    elsewhere.headers_mut().insert("authorization", authorization("s3", "us-east-1").parse().unwrap());
    let mut nowhere = ecs("ListClusters", &json!({}));
    nowhere.headers_mut().insert("authorization", authorization("ecs", "nowhere").parse().unwrap());
    let bare = Request::get("http://aws.invalid/").body(bytes::Bytes::new()).unwrap();
    for (request, code) in [
        (unsigned, "MissingAuthenticationTokenException"),
        (elsewhere, "InvalidSignatureException"),
        (nowhere, "InvalidSignatureException"),
        (ecs("LaunchRocket", &json!({})), "UnknownOperationException"),
        (request("ecs", "Nobody.ListClusters", "{}"), "UnknownOperationException"),
        (request("ecs", "", "{}"), "UnknownOperationException"),
        (bare, "UnknownOperationException"),
    ] {
        assert_eq!(json_error(&aws, request).await.0, code);
    }
}

#[tokio::test]
async fn sts_responses_and_errors_are_xml() {
    let aws = at_start(World::empty());
    let answer = response(&aws, get_caller_identity()).await;
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "text/xml"));
    assert!(text.contains("<Account>111122223333</Account>"), "{text}");
    let mut unsigned = get_caller_identity();
    unsigned.headers_mut().remove("authorization");
    let answer = response(&aws, unsigned).await;
    let text = String::from_utf8(answer.body().to_vec()).unwrap();
    assert_eq!(answer.status(), 403);
    assert!(text.contains("<Code>MissingAuthenticationToken</Code>"), "{text}");
}

#[tokio::test]
async fn scaling_targets_are_described_by_namespace_and_id() {
    let aws = aws_with(|region| {
        region.add_service("prod", "web", 2);
        region.add_target("prod", "web", 1, 6);
        region.add_target("prod", "api", 0, 4);
    });
    let request_for = |body: Value| {
        request("application-autoscaling", "AnyScaleFrontendService.DescribeScalableTargets", &body.to_string())
    };
    let body = json!({ "ServiceNamespace": "ecs", "ResourceIds": ["service/prod/api", "service/prod/none"] });
    let answer: Value = serde_json::from_slice(response(&aws, request_for(body)).await.body()).unwrap();
    let found: Vec<_> = answer["ScalableTargets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["ResourceId"], &one["MaxCapacity"]))
        .collect();
    assert_eq!(found, [(&json!("service/prod/api"), &json!(4))]);
    for (body, code) in [
        (json!({}), "ValidationException"),
        (json!({ "ServiceNamespace": "ecs", "MaxResults": 51 }), "ValidationException"),
        (json!({ "ServiceNamespace": "ecs", "ResourceIds": vec!["x"; 51] }), "ValidationException"),
        (json!({ "ServiceNamespace": "ecs", "NextToken": "x" }), "InvalidNextTokenException"),
    ] {
        assert_eq!(json_error(&aws, request_for(body)).await.0, code);
    }
}
