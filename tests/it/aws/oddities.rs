//! Whatever is missing, unknown or empty in an answer, there is a fleet to show.

use serde_json::{Value, json};
use wharf::fleet::{
    Arn, Controller, Deployment, DeploymentStatus, Exec, Management, Payload, QueryKind, Rollout, Scheduling, Service,
    ServiceStatus, Subject, TaskFilter, TaskHealth, TaskStatus,
};

use super::script::{Script, json as says};
use super::{cloud, cluster, facts_of, read, service};

async fn look_at(described: Value) -> Service {
    let script = Script::new(move |_, _, _| says(&json!({"services": [described.clone()]})));
    match facts_of(read(&cloud(&script).await, QueryKind::Services(cluster(), vec![service("web")])).await) {
        Payload::Services(mut services, _) => services.remove(0),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_of_which_only_the_name_is_said_is_a_service() {
    let seen = look_at(json!({"serviceArn": service("web").as_str()})).await;
    let expected = Service {
        arn: service("web"),
        name: "web".to_owned(),
        cluster: cluster(),
        context: seen.context.clone(),
        status: ServiceStatus::Active,
        desired: 0,
        running: 0,
        pending: 0,
        scheduling: Scheduling::Replica,
        controller: Controller::Ecs,
        management: Management::Customer,
        launch: String::new(),
        definition: Arn::new(""),
        created_at: None,
        deployments: vec![],
        events: vec![],
        tags: wharf::fleet::Tags::new(),
        breaker: None,
        minimum_percent: None,
        maximum_percent: None,
        subnets: vec![],
        target_groups: vec![],
        grace_seconds: None,
        exec: Exec::Disabled,
    };
    assert_eq!(seen, expected);
}

#[tokio::test(start_paused = true)]
async fn unknown_words_negative_counts_nulls_and_bare_names_are_taken_as_they_are() {
    let seen = look_at(json!({
        "serviceArn": service("web").as_str(),
        "serviceName": null,
        "status": "HIBERNATING",
        "desiredCount": -3,
        "launchType": "QUANTUM",
        "schedulingStrategy": "SOMETIMES",
        "deploymentController": {"type": "ROBOT"},
        "taskDefinition": "web:2",
        "createdAt": null,
        "somethingNew": {"a": [1, null]},
        "deployments": [{
            "id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": "web:2", "desiredCount": -1,
            "rolloutState": "PAUSED", "rolloutStateReason": "", "createdAt": 1.5,
        }],
        "events": [{"id": "e1", "message": "early", "createdAt": 1}, {"id": "e2", "message": "no time"}, {"id": "e3", "message": "late", "createdAt": 2}],
        "tags": [{"key": "Tenant"}, {"value": "no key"}],
    }))
    .await;
    assert_eq!((seen.name.as_str(), seen.desired, seen.launch.as_str()), ("web", 0, "QUANTUM"));
    assert_eq!((seen.status, seen.scheduling), (ServiceStatus::Other("HIBERNATING".to_owned()), Scheduling::Replica));
    assert_eq!(seen.controller, Controller::Other("ROBOT".to_owned()));
    assert_eq!(seen.definition, Arn::new("web:2"));
    let deployment = Deployment {
        id: "ecs-svc/1".to_owned(),
        status: DeploymentStatus::Primary,
        definition: Arn::new("web:2"),
        desired: 0,
        running: 0,
        pending: 0,
        failed: 0,
        rollout: Some(Rollout::Other("PAUSED".to_owned())),
        reason: None,
        created_at: Some("1970-01-01T00:00:01.5Z".parse().unwrap()),
        updated_at: None,
    };
    assert_eq!(seen.deployments, [deployment]);
    assert_eq!(seen.events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e3", "e1"]);
    assert_eq!(seen.tags, [("Tenant".to_owned(), String::new())].into());
}

#[tokio::test(start_paused = true)]
async fn task_sets_stand_in_for_deployments_where_ecs_does_not_deploy() {
    let seen = look_at(json!({
        "serviceArn": service("web").as_str(),
        "deploymentController": {"type": "CODE_DEPLOY"},
        "taskSets": [{"id": "ecs-svc/9", "status": "PRIMARY", "taskDefinition": "web:7", "computedDesiredCount": 4, "runningCount": 3}],
    }))
    .await;
    assert_eq!((seen.controller.clone(), seen.definition.as_str()), (Controller::CodeDeploy, "web:7"));
    let primary = seen.primary().unwrap();
    assert_eq!((primary.id.as_str(), primary.desired, primary.running), ("ecs-svc/9", 4, 3));
}

#[tokio::test(start_paused = true)]
async fn a_service_answered_under_another_form_of_its_arn_keeps_the_one_it_was_asked_by() {
    let seen = look_at(json!({"serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/web"})).await;
    assert_eq!(seen.arn, service("web"));
}

#[tokio::test(start_paused = true)]
async fn a_task_with_hardly_anything_said_is_a_task() {
    let script = Script::new(|operation, _, _| match operation {
        "ListTasks" => says(&json!({"taskArns": ["t1", "t2"]})),
        _ => says(&json!({"tasks": [
            {"taskArn": "t1", "stopCode": "", "stoppedReason": "", "lastStatus": "DREAMING", "healthStatus": "FINE",
             "containers": [{"name": "web", "exitCode": 137, "healthStatus": "UNHEALTHY"}],
             "attachments": [{"details": [{"name": "privateIPv4Address", "value": "10.0.0.7"}]}]},
            {"lastStatus": "RUNNING"},
        ]})),
    });
    let Payload::Tasks(tasks) =
        facts_of(read(&cloud(&script).await, QueryKind::Tasks(cluster(), TaskFilter::Stopped)).await)
    else {
        panic!()
    };
    let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
    assert_eq!((task.stop_code.as_ref(), task.stopped_reason.as_ref()), (None, None));
    assert_eq!((&task.status, task.health), (&TaskStatus::Other("DREAMING".to_owned()), TaskHealth::Unknown));
    assert_eq!(task.address.as_deref(), Some("10.0.0.7"));
    let container = task.containers.first().unwrap();
    assert_eq!((container.exit_code, container.health), (Some(137), TaskHealth::Unhealthy));
}

/// A definition with a secret in every place that could hold one.
fn definition() -> Value {
    json!({"taskDefinition": {
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:41",
        "zebra": 1,
        "containerDefinitions": [{
            "name": "web", "image": "web:v2", "cpu": 256,
            "environment": [{"name": "MODE", "value": "hunter2"}, {"name": "DB", "value": "postgres://u:hunter2@db/x"}],
            "secrets": [{"name": "KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key"}],
            "command": ["serve", "--password", "hunter2", "--token=hunter2", "--url", "amqp://u:hunter2@mq/"],
            "portMappings": [{"containerPort": 8080}],
            "dockerLabels": {"api-token": "hunter2", "team": "web"},
            "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter2", "splunk-url": "https://s", "Shared_Key": "hunter2"}},
        }],
    }, "tags": [{"key": "Tenant", "value": "california"}]})
}

#[tokio::test(start_paused = true)]
async fn the_raw_description_keeps_its_order_and_unknown_members_and_loses_its_secrets() {
    let script = Script::new(|_, _, _| says(&definition()));
    let arn = Arn::new("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:41");
    let Payload::RawJson(text) =
        facts_of(read(&cloud(&script).await, QueryKind::RawJson(Subject::Definition(arn))).await)
    else {
        panic!()
    };
    assert!(!text.contains("hunter2"), "{text}");
    for kept in
        ["\"zebra\": 1", "parameter/key", "california", "https://s", "\"team\": \"web\"", "amqp://u:(hidden)@mq/"]
    {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(text.find("zebra").unwrap() < text.find("containerDefinitions").unwrap());
}

#[tokio::test(start_paused = true)]
async fn of_a_definition_only_names_of_variables_are_known() {
    let script = Script::new(|_, _, _| says(&definition()));
    let Payload::TaskDefinition(found) =
        facts_of(read(&cloud(&script).await, QueryKind::TaskDefinition(Arn::new("web:41"))).await)
    else {
        panic!()
    };
    assert_eq!(found.arn, Arn::new("web:41"));
    let container = found.containers.first().unwrap();
    assert_eq!(
        (container.environment.as_slice(), container.ports.as_slice()),
        (&["MODE".to_owned(), "DB".to_owned()][..], &[8080][..])
    );
    assert!(!format!("{found:?}").contains("hunter2"));
}

#[tokio::test(start_paused = true)]
async fn the_raw_description_of_a_service_is_of_that_one_only_and_of_a_missing_one_an_error() {
    let script = Script::new(|_, _, _| says(&json!({"failures": [], "services": [{"serviceArn": "a", "new": null}]})));
    let subject = || QueryKind::RawJson(Subject::Service { service: service("web"), cluster: cluster() });
    assert_eq!(
        facts_of(read(&cloud(&script).await, subject()).await),
        Payload::RawJson("{\n  \"serviceArn\": \"a\",\n  \"new\": null\n}".to_owned())
    );
    let script = Script::new(|_, _, _| says(&json!({"services": [], "failures": [{"arn": "a", "reason": "MISSING"}]})));
    let error = super::error_of(read(&cloud(&script).await, subject()).await);
    assert_eq!(error.kind, wharf::fleet::Trouble::Gone);
}
