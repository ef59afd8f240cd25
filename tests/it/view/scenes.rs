//! Fleets worth looking at.

use wharf::app::State;
use wharf::fleet::{
    Arn, CloudError, ContainerDefinition, Context, ContextId, Definition, Deployment, DeploymentStatus, Essential,
    Event, Identity, Response, Rollout, Service, Task, TaskStatus, Trouble,
};

use crate::app::App;
use crate::fixture::{before, context, service, short, task};

/// Five environments: one failing, one with a lost zone, one rolling, one steady, one parked.
pub fn five() -> (Vec<Service>, Vec<Task>) {
    let mut services = vec![
        unpulled(),
        service("ca-prod/api", "california/production", 2),
        service("nc-prod/web", "north-carolina/production", 3),
        service("tx-prod/web", "texas/production", 3),
        service("al-prod/web", "alabama/production", 3),
        service("demo/web", "demo/demo", 0),
    ];
    rolling(&mut services[2]);
    services[5].tags.insert("wharf:parked".to_owned(), "d=7".to_owned());
    let mut tasks = vec![dead("ca-prod/web", "dddd0001", 130), dead("ca-prod/web", "dddd0002", 250)];
    for (service, zones) in [
        ("ca-prod/web", "aab"),
        ("ca-prod/api", "ab"),
        ("nc-prod/web", "abc"),
        ("tx-prod/web", "aaa"),
        ("al-prod/web", "abc"),
    ] {
        let name = service.split('/').next_back().unwrap();
        tasks.extend(
            zones.chars().enumerate().map(|(at, zone)| task(service, &format!("{at}{at}{at}{at}{name}"), zone)),
        );
    }
    for task in tasks.iter_mut().filter(|task| task.cluster.name() == "nc-prod").take(2) {
        task.definition = definition("web:2");
        task.started_by = Some("ecs-svc/web-2".to_owned());
        task.containers[0].image = Some("111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v2".to_owned());
    }
    for service in &mut services {
        service.subnets = ["subnet-a", "subnet-b", "subnet-c"].map(str::to_owned).into();
    }
    (services, tasks)
}

/// The same, read to the end.
pub fn story() -> App {
    let (services, tasks) = five();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.wait(4);
    app
}

/// A service whose new image cannot be pulled.
fn unpulled() -> Service {
    let mut service = short(service("ca-prod/web", "california/production", 6), 3);
    let primary = Deployment {
        id: "ecs-svc/web-2".to_owned(),
        status: DeploymentStatus::Primary,
        definition: definition("web:2"),
        running: 0,
        failed: 5,
        rollout: Some(Rollout::InProgress),
        reason: Some("ECS deployment ecs-svc/web-2 in progress.".to_owned()),
        created_at: Some(before(720)),
        updated_at: Some(before(60)),
        ..service.deployments[0].clone()
    };
    service.definition = definition("web:2");
    service.deployments[0].status = DeploymentStatus::Active;
    service.deployments.insert(0, primary);
    service.events = vec![
        event("e2", 120, "(service web) is unable to consistently start tasks successfully."),
        event("e1", 9 * 86_400, "(service web) has reached a steady state."),
    ];
    service
}

fn rolling(service: &mut Service) {
    let new = Deployment {
        id: "ecs-svc/web-2".to_owned(),
        definition: definition("web:2"),
        running: 2,
        rollout: Some(Rollout::InProgress),
        created_at: Some(before(90)),
        updated_at: Some(before(10)),
        ..service.deployments[0].clone()
    };
    service.deployments[0].status = DeploymentStatus::Active;
    service.deployments[0].running = 1;
    service.definition = new.definition.clone();
    service.deployments.insert(0, new);
}

fn event(id: &str, ago: u64, message: &str) -> Event {
    Event { id: id.to_owned(), at: before(ago), message: message.to_owned() }
}

fn definition(name: &str) -> Arn {
    Arn::new(format!("arn:aws:ecs:us-east-1:111122223333:task-definition/{name}"))
}

/// A task that stopped so many seconds ago, because its image could not be pulled.
fn dead(service: &str, id: &str, ago: u64) -> Task {
    let mut task = task(service, id, 'c');
    task.status = TaskStatus::Stopped;
    "STOPPED".clone_into(&mut task.desired);
    task.definition = definition("web:2");
    task.started_by = Some("ecs-svc/web-2".to_owned());
    (task.created_at, task.started_at, task.stopped_at) = (Some(before(ago + 40)), None, Some(before(ago)));
    task.stop_code = Some("TaskFailedToStart".to_owned());
    let reason = "CannotPullContainerError: 111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v2: not found";
    task.stopped_reason = Some(reason.to_owned());
    task.containers[0].image = Some("111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v2".to_owned());
    "STOPPED".clone_into(&mut task.containers[0].status);
    task
}

/// A task that was run by itself.
pub fn job(id: &str, family: &str, exit: Option<i32>) -> Task {
    let mut task = task("jobs/job", id, 'a');
    task.group = format!("family:{family}");
    task.started_at = Some(before(3_000));
    task.containers[0].exit_code = exit;
    if exit.is_some() {
        (task.status, task.desired) = (TaskStatus::Stopped, "STOPPED".to_owned());
        task.stopped_at = Some(before(600));
        task.stop_code = Some("EssentialContainerExited".to_owned());
        "STOPPED".clone_into(&mut task.containers[0].status);
    }
    task
}

/// What is in `web:1`.
pub fn web() -> Definition {
    Definition {
        arn: definition("web:1"),
        status: "ACTIVE".to_owned(),
        cpu: Some("256".to_owned()),
        memory: Some("512".to_owned()),
        architecture: None,
        network: Some("awsvpc".to_owned()),
        registered_at: Some(before(9 * 86_400)),
        registered_by: Some("arn:aws:sts::111122223333:assumed-role/deploy/github-actions".to_owned()),
        containers: vec![ContainerDefinition {
            name: "web".to_owned(),
            image: "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v1".to_owned(),
            essential: Essential::Yes,
            cpu: 0,
            memory: Some(512),
            environment: vec!["LOG_LEVEL".to_owned()],
            secrets: vec!["DATABASE_URL".to_owned()],
            ports: vec![8080],
            log: None,
        }],
    }
}

/// Nothing but this error.
pub fn refused(kind: Trouble, operation: &str, on: &str) -> Response {
    let (code, message, advice) = match kind {
        Trouble::Credentials => (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            "Log in again: aws sso login --profile dev --use-device-code",
        ),
        Trouble::Throttled => ("ThrottlingException", "Rate exceeded", "It is asked again by itself."),
        _ => ("AccessDeniedException", "User ops is not authorized", "Ask for ecs:ListClusters."),
    };
    Response::Failed(CloudError {
        kind,
        operation: operation.to_owned(),
        on: on.to_owned(),
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: Some("6c5b1ed4-9b8c".to_owned()),
        advice: advice.to_owned(),
    })
}

/// Adds a context to those that are looked at.
pub fn add_context(state: &mut State, profile: &str, region: &str) {
    let id = ContextId::new(format!("{profile} {region}"));
    let profile = Some(profile.to_owned());
    let added = Context { id: id.clone(), profile, region: region.to_owned(), ..context() };
    state.fleet.contexts.insert(id, added);
}

/// A caller who has assumed a role.
pub fn role() -> Identity {
    Identity {
        account: "111122223333".to_owned(),
        arn: "arn:aws:sts::111122223333:assumed-role/AdministratorAccess/someone@humangov.example".to_owned(),
    }
}

/// Names as nobody should choose them.
pub fn hostile() -> (Vec<Service>, Vec<Task>) {
    let mut services = vec![
        service("evil/web\u{1b}[31m", "acme\u{202e}/prod\u{7}", 2),
        service("wide/日本語のとても長いサービス名前です", "東京都庁の環境局と水道局/production", 1),
        short(service("long/worker", "an-agency-with-a-name-that-does-not-end/production-emea", 120_000), 119_999),
    ];
    let name = "this-service-name-has-two-hundred-and-fifty-five-characters-".repeat(4);
    services.push(service(&format!("long/{name}"), "long/staging", 1));
    services[0].events =
        vec![event("e\u{1b}", 5, "(service \u{1b}]0;title\u{7}) was \u{9b}2J unable to \u{200b}place")];
    let mut tasks =
        vec![task("evil/web\u{1b}[31m", "\u{1b}c", 'a'), task("wide/日本語のとても長いサービス名前です", "幅", 'b')];
    tasks[0].containers[0].image = Some("repo/web:\u{1b}[2J\u{202e}".to_owned());
    (services, tasks)
}
