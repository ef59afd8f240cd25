//! The embedded AWS: its wire protocols, and the consistency of its world.

mod changes;
mod faults;
mod images;
mod logs;
mod pages;
mod properties;
mod refusals;
mod sdk;
mod served;
mod snapshot;
mod story;
mod throttling;
mod writes;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wharf::demo::{Aws, Reply, World};

/// The start time of every test: 2026-11-20 09:00 UTC.
const START: Timestamp = Timestamp::constant(1_795_165_200, 0);

/// A clock that is moved by hand.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(0)))
    }

    fn now(&self) -> Timestamp {
        START + SignedDuration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn pass(&self, span: SignedDuration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// An AWS with this `world` at the start time.
fn at_start(world: World) -> Aws {
    Aws::new(world, || START)
}

/// An AWS with a us-east-1 that `fill` has built.
fn aws_with(fill: impl FnOnce(&mut wharf::demo::Region)) -> Aws {
    let mut world = World::empty();
    fill(world.home());
    at_start(world)
}

/// The `Authorization` header of a request to `service` in `region`. Its signature is not verified.
fn authorization(service: &str, region: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261120/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00"
    )
}

/// A request in the AWS JSON protocol.
fn request(service: &str, target: &str, body: &str) -> Request<Bytes> {
    Request::post("http://aws.invalid/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target)
        .header("authorization", authorization(service, "us-east-1"))
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

/// A request to ECS.
fn ecs(operation: &str, body: &Value) -> Request<Bytes> {
    request("ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &body.to_string())
}

/// The JSON response of a `CloudWatch` Logs operation.
async fn ask_logs(aws: &Aws, operation: &str, body: Value) -> Value {
    let response = response(aws, logs_request(operation, &body)).await;
    let answer = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{operation} {body}: {answer}");
    answer
}

/// A request to `CloudWatch` Logs.
fn logs_request(operation: &str, body: &Value) -> Request<Bytes> {
    request("logs", &format!("Logs_20140328.{operation}"), &body.to_string())
}

/// A `GetCallerIdentity` request to STS.
fn get_caller_identity() -> Request<Bytes> {
    Request::post("http://aws.invalid/")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", authorization("sts", "us-east-1"))
        .body(Bytes::from_static(b"Action=GetCallerIdentity&Version=2011-06-15"))
        .unwrap()
}

/// The complete response.
async fn response(aws: &Aws, request: Request<Bytes>) -> Response<Bytes> {
    match aws.respond(request).await {
        Reply::Complete(response) => response,
        other => panic!("no whole answer: {other:?}"),
    }
}

/// The JSON response of an ECS operation.
async fn ask(aws: &Aws, operation: &str, body: Value) -> Value {
    let response = response(aws, ecs(operation, &body)).await;
    let answer = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{operation} {body}: {answer}");
    answer
}

/// The code and the message of the error of an ECS operation.
async fn expect_error(aws: &Aws, operation: &str, body: Value) -> (String, String) {
    json_error(aws, ecs(operation, &body)).await
}

/// The code and the message of a JSON error. Checks everything else about its format.
async fn json_error(aws: &Aws, request: Request<Bytes>) -> (String, String) {
    let response = response(aws, request).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let code = answer["__type"].as_str().unwrap_or_default().to_owned();
    let message = answer["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (response.status().as_u16(), header("x-amzn-errortype"), header("content-type")),
        (400, Some(code.clone()), Some("application/x-amz-json-1.1".to_owned())),
        "{answer}"
    );
    assert_eq!(header("x-amzn-requestid").map(|id| id.len()), Some(36));
    assert_eq!(answer, json!({ "__type": code, "message": message }));
    (code, message)
}

/// The strings of a list.
fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}
