//! Everything is paged and batched to the end, and not a step further.

use serde_json::{Value, json};
use wharf::aws::Cloud;
use wharf::fleet::{Arn, Payload, QueryKind, Response, TaskFilter, Trouble};

use super::script::{Reply, Script, json as says, refusal};
use super::{cloud, cluster, error_of, facts_of, read, service};

/// A listing of `total` ARNs under `member`, in pages as large as asked for.
fn page(member: &str, prefix: &str, total: usize, body: &Value) -> Reply {
    let size = usize::try_from(body["maxResults"].as_u64().unwrap_or(10)).unwrap();
    let start: usize = body["nextToken"].as_str().map_or(0, |token| token.parse().unwrap());
    let end = (start + size).min(total);
    let arns: Vec<String> = (start..end).map(|n| format!("{prefix}{n}")).collect();
    let next = (end < total).then(|| end.to_string());
    says(&json!({member: arns, "nextToken": next}))
}

const ACCOUNT: &str = "arn:aws:ecs:eu-west-1:111122223333";

/// An account with so many clusters, and so many services and tasks in each of them.
fn account(clusters: usize, services: usize, tasks: usize) -> Script {
    Script::new(move |operation, body, _| match operation {
        "ListClusters" => page("clusterArns", &format!("{ACCOUNT}:cluster/c"), clusters, body),
        "ListServices" => page("serviceArns", &format!("{ACCOUNT}:service/main/s"), services, body),
        "ListTasks" => page("taskArns", &format!("{ACCOUNT}:task/main/t"), tasks, body),
        "DescribeClusters" => batch(body, 100, "clusters", "clusters", "clusterArn"),
        "DescribeServices" => batch(body, 10, "services", "services", "serviceArn"),
        "DescribeTasks" => batch(body, 100, "tasks", "tasks", "taskArn"),
        other => refusal("UnknownOperationException", other),
    })
}

/// One of each that is asked for, unless those are none or too many.
fn batch(body: &Value, most: usize, asked: &str, member: &str, name: &str) -> Reply {
    let asked = body[asked].as_array().unwrap();
    if asked.is_empty() || asked.len() > most {
        return refusal("InvalidParameterException", "too few or too many");
    }
    let found: Vec<Value> = asked.iter().map(|arn| json!({name: arn})).collect();
    says(&json!({member: found, "failures": []}))
}

async fn roster(cloud: &Cloud) -> Vec<Arn> {
    match facts_of(read(cloud, QueryKind::ServiceArns(cluster())).await) {
        Payload::ServiceArns(arns) => arns,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn every_service_is_listed_and_looked_at_whatever_their_number() {
    for (total, lists, looks) in
        [(0, 1, 0), (1, 1, 1), (9, 1, 1), (10, 1, 1), (11, 1, 2), (99, 1, 10), (100, 1, 10), (101, 2, 11), (250, 3, 25)]
    {
        let script = account(1, total, 0);
        let cloud = cloud(&script).await;
        let listed = roster(&cloud).await;
        let mut seen = vec![];
        for asked in listed.chunks(wharf::fleet::SERVICES_PER_QUERY) {
            match facts_of(read(&cloud, QueryKind::Services(cluster(), asked.to_vec())).await) {
                Payload::Services(services, missing) if missing.is_empty() => {
                    seen.extend(services.into_iter().map(|service| service.arn));
                }
                other => panic!("{other:?}"),
            }
        }
        let expected: Vec<Arn> = (0..total).map(|n| Arn::new(format!("{ACCOUNT}:service/main/s{n}"))).collect();
        assert_eq!((&listed, &seen), (&expected, &expected), "{total} services");
        let counts = (script.count("ListServices"), script.count("DescribeServices"));
        assert_eq!(counts, (lists, looks), "calls for {total} services");
    }
}

#[tokio::test(start_paused = true)]
async fn every_task_is_described_whatever_their_number() {
    for (total, calls) in [(0, (1, 0)), (100, (1, 1)), (101, (2, 2)), (250, (3, 3))] {
        let script = account(1, 0, total);
        let cloud = cloud(&script).await;
        let Payload::Tasks(tasks) = facts_of(read(&cloud, QueryKind::Tasks(cluster(), TaskFilter::Running)).await)
        else {
            panic!()
        };
        let named: Vec<Arn> = tasks.into_iter().map(|task| task.arn).collect();
        let expected: Vec<Arn> = (0..total).map(|n| Arn::new(format!("{ACCOUNT}:task/main/t{n}"))).collect();
        assert_eq!(named, expected);
        assert_eq!((script.count("ListTasks"), script.count("DescribeTasks")), calls, "{total} tasks");
    }
}

#[tokio::test(start_paused = true)]
async fn stopped_tasks_are_asked_for_apart() {
    let script = account(1, 0, 1);
    let cloud = cloud(&script).await;
    for (which, word) in [(TaskFilter::Running, "RUNNING"), (TaskFilter::Stopped, "STOPPED")] {
        read(&cloud, QueryKind::Tasks(cluster(), which)).await;
        let asked = script.sent().into_iter().rfind(|sent| sent.operation == "ListTasks").unwrap();
        assert_eq!(asked.body["desiredStatus"], word);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_and_one_clusters_take_two_pages_and_two_batches() {
    let script = account(101, 0, 0);
    let Payload::Clusters(found) = facts_of(read(&cloud(&script).await, QueryKind::Clusters).await) else { panic!() };
    assert_eq!(found.len(), 101);
    assert_eq!((script.count("ListClusters"), script.count("DescribeClusters")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn an_error_on_the_second_page_keeps_what_came_and_says_so() {
    let script = Script::new(|operation, body, _| match operation {
        "ListServices" if body["nextToken"].is_string() => refusal("AccessDeniedException", "not this page"),
        "ListServices" => page("serviceArns", &format!("{ACCOUNT}:service/main/s"), 250, body),
        other => refusal("UnknownOperationException", other),
    });
    let answer = read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await;
    let Response::Partial(Payload::ServiceArns(arns), error) = answer else { panic!("{answer:?}") };
    assert_eq!((arns.len(), error.kind), (100, Trouble::Denied));
    assert_eq!(script.count("ListServices"), 2);
}

#[tokio::test(start_paused = true)]
async fn pages_that_go_round_in_circles_end() {
    for circle in [1, 2, 3] {
        let script = Script::new(move |_, _, before| {
            says(
                &json!({"serviceArns": ["arn:aws:ecs:eu-west-1:1:service/main/s"], "nextToken": format!("t{}", before % circle)}),
            )
        });
        let error = error_of(read(&cloud(&script).await, QueryKind::ServiceArns(cluster())).await);
        assert_eq!((error.kind, script.sent().len()), (Trouble::Unreadable, circle + 1));
    }
}

#[tokio::test(start_paused = true)]
async fn services_that_ecs_does_not_know_are_named_missing_and_other_failures_are_errors() {
    let script = Script::new(|_, _, _| {
        says(&json!({
            "services": [{"serviceArn": service("web").as_str(), "serviceName": "web"}],
            "failures": [
                {"arn": service("gone").as_str(), "reason": "MISSING"},
                {"arn": service("odd").as_str(), "reason": "INTERNAL", "detail": "try again"},
            ],
        }))
    });
    let asked = vec![service("web"), service("gone"), service("odd"), service("unmentioned")];
    let answer = read(&cloud(&script).await, QueryKind::Services(cluster(), asked)).await;
    let Response::Partial(Payload::Services(found, missing), error) = answer else { panic!("{answer:?}") };
    assert_eq!(found.into_iter().map(|found| found.arn).collect::<Vec<_>>(), [service("web")]);
    assert_eq!(missing, [service("gone")]);
    assert_eq!(error.what(), format!("DescribeServices on cluster main: INTERNAL: {}: try again", service("odd")));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_the_answer_is_silent_on_is_never_taken_for_described() {
    let script = Script::always(200, "application/json", r#"{"services": [], "failures": []}"#);
    let error = error_of(read(&cloud(&script).await, QueryKind::Services(cluster(), vec![service("web")])).await);
    assert_eq!(error.kind, Trouble::Unreadable);
    assert!(error.message.contains("lacks 1 of 1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_ends_between_listing_and_describing_is_simply_not_there() {
    let script = Script::new(|operation, body, _| match operation {
        "ListTasks" => page("taskArns", &format!("{ACCOUNT}:task/main/t"), 2, body),
        _ => says(&json!({
            "tasks": [{"taskArn": format!("{ACCOUNT}:task/main/t0")}],
            "failures": [{"arn": format!("{ACCOUNT}:task/main/t1"), "reason": "MISSING"}],
        })),
    });
    let Payload::Tasks(tasks) =
        facts_of(read(&cloud(&script).await, QueryKind::Tasks(cluster(), TaskFilter::Running)).await)
    else {
        panic!()
    };
    assert_eq!(tasks.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn bounds_are_asked_for_fifty_services_at_a_time_and_found_by_service() {
    let script = Script::new(|_, body, _| {
        let asked = body["ResourceIds"].as_array().unwrap();
        assert!(asked.len() <= 50);
        assert_eq!(
            (&body["ServiceNamespace"], &body["ScalableDimension"]),
            (&json!("ecs"), &json!("ecs:service:DesiredCount"))
        );
        let first = json!({
            "ServiceNamespace": "ecs", "ResourceId": asked[0], "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 2, "MaxCapacity": 10, "RoleARN": "r", "CreationTime": 1.0,
            "SuspendedState": {"DynamicScalingInSuspended": true, "ScheduledScalingSuspended": true},
        });
        says(&json!({"ScalableTargets": [first]}))
    });
    let services = (0..51).map(|n| service(&format!("s{n:02}"))).collect();
    let Payload::ScalableTargets(found) =
        facts_of(read(&cloud(&script).await, QueryKind::ScalableTargets(services)).await)
    else {
        panic!()
    };
    let bounds = |name| wharf::fleet::Scaling {
        service: service(name),
        min: 2,
        max: 10,
        suspended: vec!["scaling in", "schedules"],
    };
    assert_eq!(found, [bounds("s00"), bounds("s50")]);
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_newest_twenty_deployments_come_with_the_images_of_their_revisions() {
    let script = Script::new(|operation, body, _| match operation {
        "ListServiceDeployments" => {
            let start = body["nextToken"].as_str().map_or(0, |token| token.parse::<u32>().unwrap());
            let brief = |n: u32| {
                json!({
                    "serviceDeploymentArn": format!("d{n}"), "status": "SUCCESSFUL", "createdAt": 1000 - n,
                    "targetServiceRevisionArn": "r1",
                })
            };
            let briefs: Vec<Value> = (start..start + 15).map(brief).collect();
            says(&json!({"serviceDeployments": briefs, "nextToken": (start + 15).to_string()}))
        }
        "DescribeServiceDeployments" => says(&json!({
            "serviceDeployments": [{"serviceDeploymentArn": "d0", "deploymentCircuitBreaker": {"failureCount": 5, "threshold": 9, "status": "TRIGGERED"}}],
            "failures": [{"arn": "d1", "reason": "MISSING"}],
        })),
        "DescribeServiceRevisions" => {
            assert_eq!(body["serviceRevisionArns"], json!(["r1"]));
            says(&json!({"serviceRevisions": [{
                "serviceRevisionArn": "r1", "taskDefinition": "web:41",
                "containerImages": [{"containerName": "web", "image": "repo/web:v2", "imageDigest": "sha256:9f"}],
            }]}))
        }
        other => refusal("UnknownOperationException", other),
    });
    let answer =
        read(&cloud(&script).await, QueryKind::Deployments { cluster: cluster(), service: service("web") }).await;
    let Payload::Deployments(past) = facts_of(answer) else { panic!() };
    assert_eq!((past.len(), script.count("ListServiceDeployments")), (20, 2));
    let first = past.first().unwrap();
    assert_eq!((first.arn.as_str(), first.breaker), ("d0", Some((5, 9))));
    assert_eq!(first.images, ["web repo/web:v2@sha256:9f"]);
    assert_eq!(first.definition, Some(Arn::new("web:41")));
}
