//! Errors say what failed, what AWS said, and what to do next; and nothing waits for ever.

use std::time::Duration;

use serde_json::json;
use wharf::fleet::{QueryKind, Trouble};

use super::script::{Reply, Script, json as says, refusal};
use super::{cloud, cluster, error_of, facts_of, read, service};

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_is_told_in_its_own_words_with_its_code_and_what_to_do() {
    for (code, message, kind, advice) in [
        ("AccessDeniedException", "no", Trouble::Denied, "Allow ecs:ListServices to profile ops."),
        (
            "ExpiredTokenException",
            "old",
            Trouble::Credentials,
            "Renew the credentials of profile ops; nothing needs a restart.",
        ),
        (
            "ClusterNotFoundException",
            "Cluster not found.",
            Trouble::Gone,
            "Check the name, the account and the region (eu-west-1).",
        ),
        ("com.amazonaws.ecs#InvalidParameterException", "bad", Trouble::Refused, "AWS's message says what is wrong."),
    ] {
        let script = Script::new(move |_, _, _| refusal(code, message));
        let error = error_of(read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await);
        let told = (error.kind, error.code.as_deref(), error.message.as_str(), error.advice.as_str());
        let bare = code.rsplit('#').next();
        assert_eq!(told, (kind, bare, message.trim_end_matches('.'), advice), "{code}");
        assert_eq!((error.operation.as_str(), error.on.as_str()), ("ListServices", "cluster main"));
        assert_eq!(error.request_id.as_deref(), Some("req-1"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_aws_that_never_answers_is_given_up_after_twenty_seconds() {
    let script = Script::new(|_, _, _| Reply::Silence);
    let cloud = cloud(&script).await;
    let start = tokio::time::Instant::now();
    let error = error_of(read(&cloud, QueryKind::ServiceArns(cluster())).await);
    let waited = start.elapsed();
    assert_eq!(error.kind, Trouble::TimedOut);
    assert!(error.message.contains("no answer within 20 s"), "{error}");
    assert!(waited >= Duration::from_secs(19) && waited <= Duration::from_secs(21), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_not_awss_is_said_to_be_one() {
    let html = "<!doctype html><h1>Internal Server Error</h1>";
    for (status, kind, body) in [
        (500, "text/html; charset=utf-8", html),
        (502, "text/html", html),
        (501, "text/plain", ""),
        (404, "application/json", "{}"),
        (200, "text/html", html),
        (200, "application/x-amz-json-1.1", r#"{"serviceArns": ["arn"#),
        (200, "application/x-amz-json-1.1", r#"{"serviceArns": 7}"#),
        (200, "application/x-amz-json-1.1", "[1, 2]"),
    ] {
        let script = Script::always(status, kind, body);
        let error = error_of(read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await);
        assert_eq!(error.kind, Trouble::Unreadable, "{status} {kind} {body}: {error}");
        assert!(error.message.contains(&format!("HTTP {status}")), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_followed_but_told() {
    let script = Script::new(|_, _, _| Reply::Elsewhere("https://login.example/"));
    let error = error_of(read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await);
    assert_eq!(error.kind, Trouble::Unreadable);
    assert!(error.message.contains("HTTP 301, sent on to https://login.example/"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_tried_three_times_and_called_unreachable() {
    let script = Script::new(|_, _, _| Reply::Refused);
    let error = error_of(read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await);
    assert_eq!((error.kind, script.sent().len()), (Trouble::Unreachable, 3));
    assert_eq!(error.message, "AWS could not be reached: connection refused");
}

#[tokio::test(start_paused = true)]
async fn throttling_is_retried_then_told_and_shows_as_pressure() {
    let script = Script::new(|_, _, before| match before {
        0..3 => refusal("ThrottlingException", "Rate exceeded"),
        _ => says(&json!({"serviceArns": []})),
    });
    let cloud = cloud(&script).await;
    let strained = |cloud: &wharf::aws::Cloud| cloud.pressure().into_values().next().unwrap().throttled;
    assert!(!strained(&cloud));
    let error = error_of(read(&cloud, QueryKind::ServiceArns(cluster())).await);
    assert_eq!((error.kind, script.sent().len()), (Trouble::Throttled, 3));
    assert!(strained(&cloud));

    // The bucket is empty now: the next read waits for its token, and then goes through.
    let start = tokio::time::Instant::now();
    facts_of(read(&cloud, QueryKind::ServiceArns(cluster())).await);
    assert!(start.elapsed() >= Duration::from_millis(200), "{:?}", start.elapsed());

    tokio::time::advance(Duration::from_secs(61)).await;
    assert!(!strained(&cloud));
}

#[tokio::test(start_paused = true)]
async fn secrets_are_never_part_of_a_message() {
    let script = Script::new(|_, _, _| {
        refusal(
            "SignatureDoesNotMatch",
            "Key AKIAIOSFODNN7EXAMPLE with SecretAccessKey=hunter2 is bad.\nThe Canonical String for this request should have been\n'x-amz-security-token:IQoJb3Jp'",
        )
    });
    let error = error_of(read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await);
    assert_eq!(error.message, "Key (hidden) with SecretAccessKey=(hidden) is bad");
    assert_eq!(error.kind, Trouble::Credentials);
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_is_not_there_is_gone() {
    let script = Script::new(|_, _, _| refusal("ClientException", "Unable to describe task definition."));
    let error = error_of(read(&cloud(&script).await, QueryKind::TaskDefinition(service("web:1"))).await);
    assert_eq!(error.kind, Trouble::Gone);
}

#[tokio::test(start_paused = true)]
async fn however_many_ask_for_the_screen_only_seven_requests_are_under_way() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let script = Script::new(|_, _, _| Reply::Silence);
    let cloud = cloud(&script).await;
    let done = Arc::new(AtomicUsize::new(0));
    let asks = (0..50).map(|_| {
        let (cloud, done) = (cloud.clone(), Arc::clone(&done));
        async move {
            read(&cloud, QueryKind::ServiceArns(cluster())).await;
            done.fetch_add(1, Ordering::Relaxed);
        }
    });
    let all = futures_util::future::join_all(asks);
    let _ = tokio::time::timeout(Duration::from_secs(5), all).await;
    assert_eq!((done.load(Ordering::Relaxed), script.sent().len()), (0, 7));
}

#[tokio::test(start_paused = true)]
async fn retries_of_the_sdk_are_paid_for_like_any_other_request() {
    let script = Script::new(|_, _, _| {
        let body = "<ErrorResponse><Error><Code>InternalFailure</Code><Message>m</Message></Error></ErrorResponse>";
        Reply::Says(500, "text/xml", body.to_owned())
    });
    let cloud = cloud(&script).await;
    let reads = (0..6).map(|_| read(&cloud, QueryKind::Identity));
    for answer in futures_util::future::join_all(reads).await {
        assert_eq!(error_of(answer).kind, Trouble::Broken);
    }
    assert_eq!(script.sent().len(), 18);
    // Nine at first, of which six were asked for; twelve retries leave the bucket deep in debt.
    let start = tokio::time::Instant::now();
    read(&cloud, QueryKind::Identity).await;
    assert!(start.elapsed() >= Duration::from_secs(5), "{:?}", start.elapsed());
}
