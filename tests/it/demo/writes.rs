//! Single writes: their responses, their errors and how they are recorded.

use jiff::SignedDuration;
use serde_json::{Value, json};
use wharf::demo::{
    Aws, DeploymentController, Fault, Region, Reply, ResourceManagementType, SchedulingStrategy, ServiceStatus, World,
};

use super::{Clock, START, ask, at_start, aws_with, ecs, expect_error, json_error, request, response};

const INVALID: &str = "InvalidParameterException";

/// The JSON response of an operation of any API.
async fn ask_api(aws: &Aws, service: &str, prefix: &str, operation: &str, body: Value) -> Value {
    let response = response(aws, request(service, &format!("{prefix}.{operation}"), &body.to_string())).await;
    let answer = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{operation} {body}: {answer}");
    answer
}

async fn scaling(aws: &Aws, operation: &str, body: Value) -> Value {
    ask_api(aws, "application-autoscaling", "AnyScaleFrontendService", operation, body).await
}

async fn ecr(aws: &Aws, operation: &str, body: Value) -> Value {
    ask_api(aws, "ecr", "AmazonEC2ContainerRegistry_V20150921", operation, body).await
}

/// Adds services of every kind.
fn add_all_kinds(region: &mut Region) {
    for name in ["web", "daemon", "green", "external", "express", "draining"] {
        region.add_service("prod", name, 2);
    }
    let mut of = |name: &str, change: &dyn Fn(&mut wharf::demo::Service)| change(region.service("prod", name).unwrap());
    of("daemon", &|service| service.scheduling = SchedulingStrategy::Daemon);
    of("green", &|service| service.controller = DeploymentController::CodeDeploy);
    of("external", &|service| service.controller = DeploymentController::External);
    of("express", &|service| service.management = ResourceManagementType::Ecs);
    of("draining", &|service| service.status = ServiceStatus::Draining);
}

#[tokio::test]
async fn updates_that_a_service_does_not_allow_are_refused() {
    let aws = aws_with(add_all_kinds);
    let update = |service: &str, change: Value| {
        let mut body = change;
        body["cluster"] = json!("prod");
        body["service"] = json!(service);
        body
    };
    let unsupported = "UnsupportedFeatureException";
    for (body, code, message) in [
        (json!({}), INVALID, "Service cannot be empty."),
        (json!({ "cluster": "nope", "service": "web" }), "ClusterNotFoundException", "Cluster not found."),
        (update("nope", json!({})), "ServiceNotFoundException", "Service not found."),
        (update("draining", json!({ "desiredCount": 1 })), "ServiceNotActiveException", "Service was not ACTIVE."),
        (
            update("daemon", json!({ "desiredCount": 1 })),
            INVALID,
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count \
             value and try again",
        ),
        (
            update("green", json!({ "taskDefinition": "prod-green:1" })),
            INVALID,
            "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy \
             to trigger a new deployment.",
        ),
        (
            update("green", json!({ "forceNewDeployment": true })),
            INVALID,
            "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to \
             trigger a new deployment.",
        ),
        (
            update("external", json!({ "taskDefinition": "prod-green:1" })),
            INVALID,
            "Unable to update task definition on services with a EXTERNAL deployment controller. Use CreateTaskSet to \
             create a new task set.",
        ),
        (
            update("express", json!({ "desiredCount": 1 })),
            INVALID,
            "The service is managed by Amazon ECS. Use UpdateExpressGatewayService to update it.",
        ),
        (update("web", json!({ "desiredCount": -1 })), INVALID, "desiredCount must be 0 or more, but was -1."),
        (update("web", json!({ "taskDefinition": "nope" })), "ClientException", "TaskDefinition not found."),
        (update("web", json!({ "taskDefinition": "prod-web:9" })), "ClientException", "TaskDefinition not found."),
        (
            update("web", json!({ "deploymentConfiguration": { "maximumPercent": 100 } })),
            INVALID,
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ),
        (
            update("web", json!({ "healthCheckGracePeriodSeconds": 30 })),
            INVALID,
            "Health check grace period is only valid for services configured to use load balancers",
        ),
        (
            update("web", json!({ "loadBalancers": [] })),
            unsupported,
            "The embedded AWS does not support loadBalancers.",
        ),
        (
            update("web", json!({ "propagateTags": "NONE" })),
            unsupported,
            "The embedded AWS does not support propagateTags.",
        ),
        (
            update("web", json!({ "forceNewDeployment": "yes" })),
            "SerializationException",
            "STRING_VALUE can not be converted to a Boolean",
        ),
    ] {
        let got = expect_error(&aws, "UpdateService", body.clone()).await;
        assert_eq!(got, (code.to_owned(), message.to_owned()), "{body}");
    }
    let before = aws.change(|world| format!("{:?}", world.home().clusters));
    let harmless = json!({ "propagateTags": "SERVICE", "desiredCount": 2 });
    ask(&aws, "UpdateService", update("web", harmless)).await;
    ask(&aws, "UpdateService", update("green", json!({ "desiredCount": 2 }))).await;
    assert_ne!(
        before,
        aws.change(|world| format!("{:?}", world.home().clusters)),
        "reads still return the state before both writes"
    );
}

#[tokio::test]
async fn services_return_their_kind() {
    let aws = aws_with(add_all_kinds);
    let names = ["web", "daemon", "green", "external", "express"];
    let found = ask(&aws, "DescribeServices", json!({ "cluster": "prod", "services": names })).await;
    let kinds =
        found["services"].as_array().unwrap().iter().map(|one| {
            (&one["schedulingStrategy"], &one["deploymentController"]["type"], &one["resourceManagementType"])
        });
    let kinds: Vec<String> = kinds.map(|(one, two, three)| format!("{one} {two} {three}").replace('"', "")).collect();
    assert_eq!(
        kinds,
        [
            "REPLICA ECS CUSTOMER",
            "DAEMON ECS CUSTOMER",
            "REPLICA CODE_DEPLOY CUSTOMER",
            "REPLICA EXTERNAL CUSTOMER",
            "REPLICA ECS ECS"
        ]
    );
    let daemons = ask(&aws, "ListServices", json!({ "cluster": "prod", "schedulingStrategy": "DAEMON" })).await;
    assert_eq!(daemons["serviceArns"], json!(["arn:aws:ecs:us-east-1:111122223333:service/prod/daemon"]));
}

#[tokio::test]
async fn a_task_definition_is_returned_as_it_was_registered() {
    let aws = aws_with(|region| region.add_service("prod", "web", 1));
    let given = json!({
        "family": "prod-web",
        "containerDefinitions": [
            { "name": "web", "image": "web:v2", "essential": true, "cpu": 7, "memoryReservation": 64,
              "environment": [{ "name": "A", "value": "b" }], "dockerLabels": { "new": "thing" },
              "restartPolicy": { "enabled": true, "ignoredExitCodes": [0] } },
            { "name": "side", "image": "side:v1", "essential": false }
        ],
        "cpu": "512", "memory": "1024", "networkMode": "awsvpc", "pidMode": "task",
        "runtimePlatform": { "cpuArchitecture": "ARM64" }, "volumes": [{ "name": "data" }],
        "tags": [{ "key": "wharf:plan", "value": "p1" }]
    });
    let answer = ask(&aws, "RegisterTaskDefinition", given.clone()).await;
    let body = json!({ "taskDefinition": "prod-web", "include": ["TAGS"] });
    let described = ask(&aws, "DescribeTaskDefinition", body).await;
    assert_eq!(described, answer);
    assert_eq!(described["tags"], given["tags"]);
    let definition = &described["taskDefinition"];
    assert_eq!((&definition["revision"], &definition["status"]), (&json!(3), &json!("ACTIVE")));
    for key in ["family", "cpu", "memory", "networkMode", "pidMode", "runtimePlatform", "volumes"] {
        assert_eq!(definition[key], given[key], "{key}");
    }
    for (one, given) in [0, 1].map(|at| (&definition["containerDefinitions"][at], &given["containerDefinitions"][at])) {
        for (key, value) in given.as_object().unwrap() {
            assert_eq!(&one[key], value, "{key}");
        }
        assert_eq!((&one["portMappings"], &one["mountPoints"]), (&json!([]), &json!([])));
    }
    assert_eq!(definition["containerDefinitions"][1]["cpu"], json!(0));
    assert_eq!(definition.get("tags"), None);
}

#[tokio::test]
async fn task_definitions_that_ecs_would_refuse_are_refused() {
    let aws = at_start(World::empty());
    let of = |containers: Value| json!({ "family": "web", "containerDefinitions": containers });
    let web = json!({ "name": "web", "image": "i" });
    let tag =
        |key: &str| json!({ "family": "web", "containerDefinitions": [web], "tags": [{ "key": key, "value": "" }] });
    for (body, code) in [
        (json!({ "containerDefinitions": [web] }), "ClientException"),
        (json!({ "family": "a b", "containerDefinitions": [web] }), INVALID),
        (of(json!([])), "ClientException"),
        (of(json!([{ "name": "web" }])), "ClientException"),
        (of(json!([{ "image": "i" }])), "ClientException"),
        (of(json!([{ "name": "web", "image": "i", "essential": false }])), "ClientException"),
        (of(json!([web, web])), "ClientException"),
        (of(json!(vec![web.clone(); 11])), "ClientException"),
        (of(json!([{ "name": "web", "image": "i", "command": ["x".repeat(70_000)] }])), "ClientException"),
        (of(json!("web")), "SerializationException"),
        (json!({ "family": "web", "containerDefinitions": [web], "cpu": "much" }), "ClientException"),
        (tag("aws:mine"), INVALID),
        (tag("a;b"), INVALID),
    ] {
        assert_eq!(expect_error(&aws, "RegisterTaskDefinition", body.clone()).await.0, code, "{body}");
    }
    let first = ask(&aws, "RegisterTaskDefinition", of(json!([web]))).await;
    assert_eq!(
        first["taskDefinition"]["taskDefinitionArn"],
        "arn:aws:ecs:us-east-1:111122223333:task-definition/web:1"
    );
}

#[tokio::test]
async fn tags_are_added_and_removed_within_their_limits() {
    let clock = Clock::new();
    let mut world = World::empty();
    world.home().add_service("prod", "web", 1);
    let hand = clock.clone();
    let aws = Aws::new(world, move || hand.now());
    let arn = "arn:aws:ecs:us-east-1:111122223333:service/prod/web";
    let listed =
        async |arn: &str| ask(&aws, "ListTagsForResource", json!({ "resourceArn": arn })).await["tags"].clone();
    let tagged = json!([{ "key": "wharf:parked", "value": "v1:d=3:at=2026-11-20T08.39Z" }]);
    assert_eq!(ask(&aws, "TagResource", json!({ "resourceArn": arn, "tags": tagged })).await, json!({}));
    assert_eq!(listed(arn).await, json!([]), "reads still return the state before the write");
    clock.pass(SignedDuration::from_secs(2));
    assert_eq!(listed(arn).await, tagged);
    ask(&aws, "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["wharf:parked", "never"] })).await;
    clock.pass(SignedDuration::from_secs(2));
    assert_eq!(listed(arn).await, json!([]));
    for other in ["cluster/prod", "task-definition/prod-web:2"] {
        let arn = format!("arn:aws:ecs:us-east-1:111122223333:{other}");
        ask(&aws, "TagResource", json!({ "resourceArn": arn, "tags": tagged })).await;
        assert_eq!(listed(&arn).await, tagged, "{other}");
    }
    let many: Vec<Value> = (0..51).map(|at| json!({ "key": format!("k{at}"), "value": "" })).collect();
    ask(&aws, "TagResource", json!({ "resourceArn": arn, "tags": many[..50] })).await;
    let one = |key: &str, value: &str| json!([{ "key": key, "value": value }]);
    for (arn, tags, code) in [
        (arn, json!(many), "LimitExceededException"),
        (arn, json!(many[50..]), "LimitExceededException"),
        (arn, json!([]), INVALID),
        (arn, one("", ""), INVALID),
        (arn, one(&"k".repeat(129), ""), INVALID),
        (arn, one("k", &"v".repeat(257)), INVALID),
        (arn, one("k", "{\"json\":1}"), INVALID),
        (arn, one("aws:k", ""), INVALID),
        ("arn:aws:ecs:us-east-1:111122223333:service/web", one("k", ""), INVALID),
        ("arn:aws:ecs:us-east-1:111122223333:service/prod/nope", one("k", ""), INVALID),
        ("web", one("k", ""), INVALID),
    ] {
        let body = json!({ "resourceArn": arn, "tags": tags });
        clock.pass(SignedDuration::from_secs(1));
        assert_eq!(expect_error(&aws, "TagResource", body.clone()).await.0, code, "{body}");
    }
}

#[tokio::test]
async fn registering_a_target_clamps_the_desired_count_to_its_bounds() {
    let clock = Clock::new();
    let mut world = World::empty();
    world.home().add_service("prod", "web", 3);
    let hand = clock.clone();
    let aws = Aws::new(world, move || hand.now());
    let target = |change: Value| {
        let mut body = change;
        body["ServiceNamespace"] = json!("ecs");
        body["ResourceId"] = json!("service/prod/web");
        body["ScalableDimension"] = json!("ecs:service:DesiredCount");
        body
    };
    let desired = async || {
        clock.pass(SignedDuration::from_secs(2));
        let look = ask(&aws, "DescribeServices", json!({ "cluster": "prod", "services": ["web"] })).await;
        look["services"][0]["desiredCount"].as_u64().unwrap()
    };
    let kept = async || {
        let found = scaling(&aws, "DescribeScalableTargets", json!({ "ServiceNamespace": "ecs" })).await;
        let one = found["ScalableTargets"][0].clone();
        (one["MinCapacity"].as_u64().unwrap(), one["MaxCapacity"].as_u64().unwrap(), one["SuspendedState"].clone())
    };
    let suspended = |inwards: bool| json!({ "DynamicScalingInSuspended": inwards, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false });
    let answer = scaling(&aws, "RegisterScalableTarget", target(json!({ "MinCapacity": 1, "MaxCapacity": 2 }))).await;
    assert!(answer["ScalableTargetARN"].as_str().unwrap().starts_with("arn:aws:application-autoscaling:us-east-1:"));
    assert_eq!(desired().await, 2);
    ask(&aws, "UpdateService", json!({ "cluster": "prod", "service": "web", "desiredCount": 0 })).await;
    assert_eq!(desired().await, 0, "ECS itself does not mind");
    let suspend = json!({ "SuspendedState": { "DynamicScalingInSuspended": true } });
    scaling(&aws, "RegisterScalableTarget", target(suspend)).await;
    assert_eq!(
        (desired().await, kept().await),
        (1, (1, 2, suspended(true))),
        "even though the request has neither bound"
    );
    scaling(&aws, "RegisterScalableTarget", target(json!({ "MinCapacity": 0 }))).await;
    assert_eq!((desired().await, kept().await), (1, (0, 2, suspended(true))));
    for (body, code) in [
        (target(json!({ "MinCapacity": 5 })), "ValidationException"),
        (target(json!({ "MaxCapacity": -1 })), "ValidationException"),
        (json!({ "ServiceNamespace": "ecs", "ResourceId": "service/prod/web" }), "ValidationException"),
        (
            json!({ "ServiceNamespace": "ecs", "ResourceId": "service/prod/nope",
                 "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 1 }),
            "ValidationException",
        ),
        (json!({}), "ValidationException"),
    ] {
        let target = "AnyScaleFrontendService.RegisterScalableTarget";
        assert_eq!(
            json_error(&aws, request("application-autoscaling", target, &body.to_string())).await.0,
            code,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_policy_follows_its_load_unless_it_is_suspended() {
    let clock = Clock::new();
    let mut world = World::empty();
    world.home().add_service("prod", "web", 2);
    world.home().add_target("prod", "web", 1, 5);
    world.home().add_policy("prod", "web", 60, Some(120));
    let hand = clock.clone();
    let aws = Aws::new(world, move || hand.now());
    let after = async |load: u32, suspended: [bool; 3]| {
        aws.change(|world| {
            let target = &mut world.home().scalable_targets[0];
            target.suspended = suspended;
            target.policy.as_mut().unwrap().load = Some(load);
        });
        clock.pass(SignedDuration::from_mins(3));
        let look = ask(&aws, "DescribeServices", json!({ "cluster": "prod", "services": ["web"] })).await;
        look["services"][0]["runningCount"].as_u64().unwrap()
    };
    for (load, suspended, running) in [
        (120, [false; 3], 2),
        (230, [false, true, false], 2),
        (230, [false; 3], 4),
        (900, [false; 3], 5),
        (0, [true, false, false], 5),
        (100, [false; 3], 2),
        (0, [false; 3], 1),
    ] {
        assert_eq!(after(load, suspended).await, running, "{load} {suspended:?}");
    }
    let found = scaling(&aws, "DescribeScalingPolicies", json!({ "ServiceNamespace": "ecs" })).await;
    let policy = &found["ScalingPolicies"][0];
    assert_eq!(
        (
            &policy["PolicyName"],
            &policy["PolicyType"],
            &policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        ),
        (&json!("web-cpu"), &json!("TargetTrackingScaling"), &json!(60.0))
    );
    let none = json!({ "ServiceNamespace": "ecs", "ResourceId": "service/prod/nope" });
    assert_eq!(scaling(&aws, "DescribeScalingPolicies", none).await, json!({ "ScalingPolicies": [] }));
}

#[tokio::test]
async fn a_tag_points_to_the_image_that_was_pushed_last() {
    let aws = aws_with(|region| region.add_service("prod", "web", 1));
    let of = |id: Value| json!({ "repositoryName": "web", "imageIds": [id] });
    let digest = async |id: Value| ecr(&aws, "DescribeImages", of(id)).await["imageDetails"][0]["imageDigest"].clone();
    let tagged = json!({ "imageTag": "v1.0.0" });
    let body = json!({ "cluster": "prod" });
    let tasks = ask(&aws, "ListTasks", body).await["taskArns"].clone();
    let tasks = ask(&aws, "DescribeTasks", json!({ "cluster": "prod", "tasks": tasks })).await;
    let first = digest(tagged.clone()).await;
    assert_eq!(first, tasks["tasks"][0]["containers"][0]["imageDigest"]);
    let second = json!(aws.change(|world| world.home().push("web", "v1.0.0", START)));
    assert_eq!(digest(tagged).await, second);
    assert_ne!(first, second);
    let old = ecr(&aws, "DescribeImages", of(json!({ "imageDigest": first }))).await;
    assert_eq!(old["imageDetails"][0].get("imageTags"), None);
    let all = ecr(&aws, "DescribeImages", json!({ "repositoryName": "web" })).await;
    assert_eq!(all["imageDetails"].as_array().unwrap().len(), 3);
    let found = ecr(&aws, "DescribeRepositories", json!({})).await;
    assert_eq!(found["repositories"][0]["repositoryUri"], "111122223333.dkr.ecr.us-east-1.amazonaws.com/web");
    let refuse = async |operation: &str, body: Value| {
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        json_error(&aws, request("ecr", &target, &body.to_string())).await
    };
    let missing = "The image with imageId {imageDigest:'null', imageTag:'nope'} does not exist within the repository \
                   with name 'web' in the registry with id '111122223333'";
    for (operation, body, code, message) in [
        ("DescribeImages", of(json!({ "imageTag": "nope" })), "ImageNotFoundException", missing),
        (
            "DescribeImages",
            json!({ "repositoryName": "nope" }),
            "RepositoryNotFoundException",
            "The repository with name 'nope' does not exist in the registry with id '111122223333'",
        ),
        (
            "DescribeRepositories",
            json!({ "repositoryNames": ["nope"] }),
            "RepositoryNotFoundException",
            "The repository with name 'nope' does not exist in the registry with id '111122223333'",
        ),
        (
            "DescribeImages",
            json!({ "repositoryName": "web", "imageIds": [{}] }),
            INVALID,
            "Invalid parameter at 'imageIds': an image tag or an image digest is required",
        ),
    ] {
        assert_eq!(refuse(operation, body.clone()).await, (code.to_owned(), message.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn silent_drops_a_write_and_lost_drops_only_its_response() {
    let scale = json!({ "cluster": "prod", "service": "web", "desiredCount": 5 });
    for (fault, desired) in
        [(Fault::Silent, 1), (Fault::Lost, 5), (Fault::CutOff, 5), (Fault::Denied, 1), (Fault::Throttled, 1)]
    {
        let aws = aws_with(|region| region.add_service("prod", "web", 1));
        aws.set_fault_for("UpdateService", fault);
        let answered = matches!(aws.respond(ecs("UpdateService", &scale)).await, Reply::Complete(_));
        assert_eq!(answered, matches!(fault, Fault::Denied | Fault::Throttled), "{fault}");
        let held = aws.change(|world| world.home().service("prod", "web").unwrap().desired);
        assert_eq!(held, desired, "{fault}");
    }
}

#[tokio::test]
async fn a_request_is_recorded_with_its_body_and_app_name() {
    let aws = aws_with(|region| region.add_service("prod", "web", 1));
    let scale = json!({ "cluster": "prod", "service": "web", "desiredCount": 5 });
    let mut named = ecs("UpdateService", &scale);
    let agent = "aws-sdk-rust/1.3 ua/2.1 api/ecs/1.156.0 os/linux lang/rust/1.95 m/E app/wharf-p1 md/x";
    named.headers_mut().insert("x-amz-user-agent", agent.parse().unwrap());
    response(&aws, named).await;
    ask(&aws, "ListClusters", json!({})).await;
    let seen: Vec<_> = aws.requests().into_iter().map(|one| (one.operation, one.body, one.app)).collect();
    assert_eq!(
        seen,
        [
            ("UpdateService".to_owned(), scale, Some("wharf-p1".to_owned())),
            ("ListClusters".to_owned(), json!({}), None)
        ]
    );
}
