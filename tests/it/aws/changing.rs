//! Changes: what goes over the wire, how often, and what comes back.

use serde_json::{Value, json};
use wharf::aws::{Access, Cloud, ConnectOptions, ContextSelection, ProcessEnv, connect};
use wharf::fleet::{Arn, CloudError, ContextId, QueryKind, Trouble};
use wharf::plan::{ImageChange, NextImage, PlanId, Range, Receipt, Step, steps};

use super::script::{Reply, Script, json as says, refusal};
use super::{clock, cluster, config, read};
use crate::fixture;
use crate::perform::plans::call;

const SCALE: Step = Step::DesiredCount(steps::DesiredCount { from: 2, to: 3 });
const BOUNDS: Step = Step::ScalingBounds(steps::ScalingBounds {
    from: Range { minimum: 1, maximum: 4 },
    to: Range { minimum: 1, maximum: 6 },
});

fn redeploy() -> Step {
    Step::Redeploy(steps::Redeploy {
        definition: Arn::new("arn:aws:ecs:us-east-1:111122223333:task-definition/web:1"),
        replaces: "ecs-svc/web-1".to_owned(),
        images: vec![ImageChange {
            reference: "web:1".to_owned(),
            runs: None,
            next: NextImage::Unknown("not ECR".to_owned()),
        }],
    })
}

/// The profile `ops`, answered by `script`.
async fn cloud(script: &Script, access: Access) -> Cloud {
    let env = ProcessEnv::given(&[("HOME", "/home/me")], &config());
    let selection = ContextSelection { profiles: vec!["ops".to_owned()], ..ContextSelection::default() };
    let options = ConnectOptions { env, http: Some(script.client()), ..ConnectOptions::new(clock(), access) };
    connect(&selection, options).await.unwrap()
}

fn context(cloud: &Cloud) -> ContextId {
    cloud.contexts().into_iter().next().unwrap().id
}

/// What becomes of `step`, sent to an AWS that answers by `script`.
async fn change(script: &Script, step: Step) -> Result<Receipt, CloudError> {
    let cloud = cloud(script, Access::ReadWrite).await;
    cloud.change(&call(&context(&cloud), &step)).await
}

/// The one request that `step` comes to: its operation and its body.
async fn sent(step: Step) -> (String, Value) {
    let script = Script::new(|_, _, _| says(&json!({})));
    assert_eq!(change(&script, step).await, Ok(Receipt { request_id: Some("req-1".to_owned()) }));
    let [sent] = script.sent().try_into().unwrap();
    (sent.operation, sent.body)
}

#[tokio::test(start_paused = true)]
async fn scaling_sends_a_count_and_nothing_else() {
    let (cluster, service) = (fixture::cluster_arn("main"), fixture::service_arn("main/web"));
    let body = json!({"cluster": cluster.as_str(), "service": service.as_str(), "desiredCount": 3});
    assert_eq!(sent(SCALE).await, ("UpdateService".to_owned(), body));
}

#[tokio::test(start_paused = true)]
async fn redeploying_forces_a_deployment_and_names_no_task_definition() {
    let (cluster, service) = (fixture::cluster_arn("main"), fixture::service_arn("main/web"));
    let body = json!({"cluster": cluster.as_str(), "service": service.as_str(), "forceNewDeployment": true});
    assert_eq!(sent(redeploy()).await, ("UpdateService".to_owned(), body));
}

#[tokio::test(start_paused = true)]
async fn bounds_are_sent_both_by_the_services_name_and_without_a_role() {
    let body = json!({
        "ServiceNamespace": "ecs",
        "ResourceId": "service/main/web",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1,
        "MaxCapacity": 6,
    });
    assert_eq!(sent(BOUNDS).await, ("RegisterScalableTarget".to_owned(), body));
}

#[tokio::test(start_paused = true)]
async fn a_change_carries_its_plans_name_and_a_read_beside_it_does_not() {
    let script = Script::new(|_, _, _| says(&json!({})));
    let cloud = cloud(&script, Access::ReadWrite).await;
    for step in [SCALE, redeploy(), BOUNDS] {
        cloud.change(&call(&context(&cloud), &step)).await.unwrap();
    }
    read(&cloud, QueryKind::ServiceArns(cluster())).await;
    let apps = script.sent().into_iter().map(|sent| {
        let words: Vec<&str> = sent.agent.split(' ').filter(|word| word.starts_with("app/")).collect();
        words.join(" ")
    });
    let plans = format!("app/{}", PlanId::new(7).app_name());
    assert_eq!(apps.collect::<Vec<_>>(), [&plans, &plans, &plans, "app/wharf"]);
}

#[tokio::test(start_paused = true)]
async fn a_forced_deployment_is_sent_once_whatever_comes_back_and_the_rest_is_tried_three_times() {
    for (name, reply) in TROUBLES {
        for (step, times) in [(redeploy(), 1), (SCALE, 3), (BOUNDS, 3)] {
            let script = Script::new(move |_, _, _| reply());
            let error = change(&script, step.clone()).await.unwrap_err();
            // Two attempts of eight seconds, and the third is cut short after twenty.
            assert_eq!(script.sent().len(), times, "{name}: {step:?}: {error}");
        }
    }
}

type Replies = fn() -> Reply;

/// Troubles after which an SDK asks again by itself.
const TROUBLES: [(&str, Replies); 5] = [
    ("refused", || Reply::Refused),
    ("closed", || Reply::Closed),
    ("silence", || Reply::Silence),
    ("throttled", || refusal("ThrottlingException", "Rate exceeded")),
    ("broken", || Reply::Says(500, "application/x-amz-json-1.1", r#"{"__type": "ServerException"}"#.to_owned())),
];

#[tokio::test(start_paused = true)]
async fn whether_a_change_may_have_been_made_can_be_told_from_its_error() {
    let html = || Reply::Says(502, "text/html", "<h1>Bad Gateway</h1>".to_owned());
    let torn = || Reply::Says(200, "application/x-amz-json-1.1", r#"{"service": {"#.to_owned());
    for (name, reply, kind, code) in [
        ("refused", TROUBLES[0].1, Trouble::Unreachable, None),
        ("closed", TROUBLES[1].1, Trouble::Unreachable, None),
        ("silence", TROUBLES[2].1, Trouble::TimedOut, None),
        ("throttled", TROUBLES[3].1, Trouble::Throttled, Some("ThrottlingException")),
        ("broken", TROUBLES[4].1, Trouble::Broken, Some("ServerException")),
        ("a web page", html, Trouble::Unreadable, None),
        ("half an answer", torn, Trouble::Unreadable, None),
        (
            "an emulator",
            || refusal("UnknownOperationException", "no such operation"),
            Trouble::Unreadable,
            Some("UnknownOperationException"),
        ),
    ] {
        let script = Script::new(move |_, _, _| reply());
        let error = change(&script, redeploy()).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, code), "{name}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_to_change_is_told_in_its_own_words_with_what_to_do() {
    let owned = "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.";
    for (code, said, kind, advice) in [
        ("InvalidParameterException", owned, Trouble::Refused, "AWS's message says what is wrong."),
        (
            "ServiceNotActiveException",
            "Service was not ACTIVE.",
            Trouble::Gone,
            "The service was deleted, or is being deleted.",
        ),
        (
            "ServiceNotFoundException",
            "Service not found.",
            Trouble::Gone,
            "Check the name, the account and the region (eu-west-1).",
        ),
        ("AccessDeniedException", "not authorized", Trouble::Denied, "Allow ecs:UpdateService to profile ops."),
        (
            "ExpiredTokenException",
            "expired",
            Trouble::Credentials,
            "Renew the credentials of profile ops; nothing needs a restart.",
        ),
        (
            "ThrottlingException",
            "Rate exceeded",
            Trouble::Throttled,
            "Nothing was changed: request it again in a moment.",
        ),
        (
            "ServerException",
            "Service Unavailable. Please try again later.",
            Trouble::Broken,
            "AWS may have done it all the same: look first; if this goes on, see https://health.aws.amazon.com.",
        ),
        ("ConflictException", "in another state", Trouble::Refused, "AWS's message says what is wrong."),
    ] {
        let script = Script::new(move |_, _, _| refusal(code, said));
        let error = change(&script, redeploy()).await.unwrap_err();
        let expected = CloudError {
            kind,
            operation: "UpdateService".to_owned(),
            on: "service web".to_owned(),
            code: Some(code.to_owned()),
            message: said.trim_end_matches('.').to_owned(),
            request_id: Some("req-1".to_owned()),
            advice: advice.to_owned(),
        };
        assert_eq!(error, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn bounds_that_are_denied_name_the_action_to_allow() {
    let script = Script::new(|_, _, _| refusal("AccessDeniedException", "no"));
    let error = change(&script, BOUNDS).await.unwrap_err();
    assert_eq!(error.advice, "Allow application-autoscaling:RegisterScalableTarget to profile ops.");
}

#[tokio::test(start_paused = true)]
async fn in_read_only_no_change_is_sent() {
    let script = Script::new(|_, _, _| says(&json!({})));
    let cloud = cloud(&script, Access::ReadOnly).await;
    for step in [SCALE, redeploy(), BOUNDS] {
        let error = cloud.change(&call(&context(&cloud), &step)).await.unwrap_err();
        let told = (error.kind, error.code.as_deref(), error.advice.as_str());
        assert_eq!(
            told,
            (Trouble::Refused, Some("ReadOnly"), "Start without --read-only to make changes."),
            "{step:?}"
        );
    }
    assert_eq!(script.sent(), []);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_change_shows_as_pressure() {
    let script = Script::new(|_, _, _| refusal("ThrottlingException", "Rate exceeded"));
    let cloud = cloud(&script, Access::ReadWrite).await;
    cloud.change(&call(&context(&cloud), &redeploy())).await.unwrap_err();
    assert!(cloud.pressure().into_values().all(|strain| strain.throttled));
}

#[tokio::test(start_paused = true)]
async fn changes_wait_for_their_turn_one_a_second_after_the_first_burst() {
    let script = Script::new(|_, _, _| says(&json!({})));
    let cloud = cloud(&script, Access::ReadWrite).await;
    let call = call(&context(&cloud), &SCALE);
    let start = tokio::time::Instant::now();
    futures_util::future::join_all((0..47).map(|_| cloud.change(&call))).await;
    let seconds = start.elapsed().as_millis().div_euclid(1000);
    assert_eq!((script.sent().len(), seconds), (47, 2));
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_context_that_is_not_connected_is_not_sent_anywhere() {
    let script = Script::new(|_, _, _| says(&json!({})));
    let cloud = cloud(&script, Access::ReadWrite).await;
    let error = cloud.change(&call(&ContextId::new("elsewhere"), &SCALE)).await.unwrap_err();
    assert_eq!((error.kind, error.operation.as_str(), script.sent().len()), (Trouble::Gone, "UpdateService", 0));
}
