//! Clusters, services and tasks for tests, made with a few words each.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::health::ReadClock;
use super::{
    Arn, Cluster, Container, ContainerDefinition, Context, ContextId, Controller, Definition, Deployment,
    DeploymentStatus, Essential, Event, Exec, Fleet, Management, Rollout, Scheduling, Service, ServiceEntry,
    ServiceStatus, Snapshot, Tags, Task, TaskHealth, TaskStatus,
};

/// So many minutes before now.
pub(crate) fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// The moment at which all tests happen.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).unwrap_or_default()
}

/// Now, with a look every 30 seconds.
pub(crate) fn clock() -> ReadClock {
    ReadClock { now: now(), interval: Duration::from_secs(30) }
}

pub(crate) fn context(name: &str) -> Context {
    Context {
        id: ContextId::new(name),
        profile: Some(name.to_owned()),
        region: "us-east-1".to_owned(),
        endpoint: None,
        identity: None,
        same_as: None,
    }
}

pub(crate) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn cluster(account: &str, name: &str) -> Cluster {
    Cluster {
        arn: Arn::new(format!("arn:aws:ecs:us-east-1:{account}:cluster/{name}")),
        context: ContextId::new(account),
        status: "ACTIVE".to_owned(),
        services: 0,
        running: 0,
        tags: Tags::new(),
    }
}

/// A service that wants three tasks, has them, and has been steady since yesterday.
pub(crate) fn service(cluster: &Cluster, name: &str) -> Service {
    let account = cluster.context.as_str();
    Service {
        arn: Arn::new(format!("arn:aws:ecs:us-east-1:{account}:service/{}/{name}", cluster.arn.name())),
        name: name.to_owned(),
        cluster: cluster.arn.clone(),
        context: cluster.context.clone(),
        status: ServiceStatus::Active,
        desired: 3,
        running: 3,
        pending: 0,
        scheduling: Scheduling::Replica,
        controller: Controller::Ecs,
        management: Management::Customer,
        launch: "FARGATE".to_owned(),
        definition: definition("web:41"),
        created_at: Some(ago(60 * 24 * 30)),
        deployments: vec![deployment("new", "web:41", 3)],
        events: vec![],
        tags: Tags::new(),
        breaker: None,
        minimum_percent: Some(100),
        maximum_percent: Some(200),
        subnets: vec![],
        target_groups: vec![],
        grace_seconds: None,
        exec: Exec::Disabled,
    }
}

pub(crate) fn definition(name: &str) -> Arn {
    Arn::new(format!("arn:aws:ecs:us-east-1:1:task-definition/{name}"))
}

/// A task definition that has been read: these containers, by name and image.
pub(crate) fn defined(arn: &Arn, containers: &[(&str, &str)]) -> Definition {
    let container = |(name, image): &(&str, &str)| ContainerDefinition {
        name: (*name).to_owned(),
        image: (*image).to_owned(),
        essential: Essential::Yes,
        cpu: 0,
        memory: None,
        environment: vec![],
        secrets: vec![],
        ports: vec![],
        log: None,
    };
    Definition {
        arn: arn.clone(),
        status: "ACTIVE".to_owned(),
        cpu: None,
        memory: None,
        architecture: None,
        network: None,
        registered_at: None,
        registered_by: None,
        containers: containers.iter().map(container).collect(),
    }
}

/// A primary deployment that was completed a day ago.
pub(crate) fn deployment(id: &str, made_of: &str, count: u32) -> Deployment {
    Deployment {
        id: format!("ecs-svc/{id}"),
        status: DeploymentStatus::Primary,
        definition: definition(made_of),
        desired: count,
        running: count,
        pending: 0,
        failed: 0,
        rollout: Some(Rollout::Completed),
        reason: None,
        created_at: Some(ago(60 * 24 + 5)),
        updated_at: Some(ago(60 * 24)),
    }
}

pub(crate) fn event(minutes: i64, message: &str) -> Event {
    Event { id: format!("{minutes} {message}"), at: ago(minutes), message: format!("(service web) {message}") }
}

/// A task of service `web` that has run since yesterday.
pub(crate) fn task(id: &str, zone: &str, image: &str) -> Task {
    Task {
        arn: Arn::new(format!("arn:aws:ecs:us-east-1:1:task/c/{id}")),
        cluster: Arn::new("arn:aws:ecs:us-east-1:1:cluster/c"),
        context: ContextId::new("1"),
        group: "service:web".to_owned(),
        started_by: Some("ecs-svc/new".to_owned()),
        definition: definition("web:41"),
        zone: Some(format!("us-east-1{zone}")),
        status: TaskStatus::Running,
        desired: "RUNNING".to_owned(),
        health: TaskHealth::Healthy,
        launch: "FARGATE".to_owned(),
        cpu: None,
        memory: None,
        address: None,
        created_at: Some(ago(60 * 24)),
        started_at: Some(ago(60 * 24)),
        stopping_at: None,
        stopped_at: None,
        stop_code: None,
        stopped_reason: None,
        containers: vec![container("web", image)],
    }
}

pub(crate) fn container(name: &str, image: &str) -> Container {
    Container {
        name: name.to_owned(),
        image: Some(image.to_owned()),
        digest: None,
        status: "RUNNING".to_owned(),
        exit_code: None,
        reason: None,
        health: TaskHealth::Unknown,
        runtime_id: None,
    }
}

/// `task`, which stopped so many minutes ago for this code and reason.
pub(crate) fn stopped(task: Task, minutes: i64, code: &str, reason: &str) -> Task {
    Task {
        status: TaskStatus::Stopped,
        desired: "STOPPED".to_owned(),
        stopped_at: Some(ago(minutes)),
        stop_code: Some(code.to_owned()),
        stopped_reason: Some(reason.to_owned()),
        ..task
    }
}

/// A task that ran for two minutes and whose container ended with `code`.
pub(crate) fn exited(id: &str, minutes: i64, code: i32) -> Task {
    let mut task =
        stopped(task(id, "a", "web:v1"), minutes, "EssentialContainerExited", "Essential container in task exited");
    task.started_at = Some(ago(minutes + 2));
    task.created_at = Some(ago(minutes + 3));
    for container in &mut task.containers {
        container.status = "STOPPED".to_owned();
        container.exit_code = Some(code);
    }
    task
}

/// A task of deployment `by` whose image could not be pulled.
pub(crate) fn unpulled(id: &str, minutes: i64, by: &str) -> Task {
    let reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
                  1.dkr.ecr.us-east-1.amazonaws.com/web:v2.15.0: not found";
    let task =
        stopped(task(id, "a", "1.dkr.ecr.us-east-1.amazonaws.com/web:v2.15.0"), minutes, "TaskFailedToStart", reason);
    Task { started_at: None, started_by: Some(format!("ecs-svc/{by}")), definition: definition("web:42"), ..task }
}

/// A fleet of these clusters, with services and tasks that have just been looked at.
pub(crate) fn fleet(clusters: &[Cluster], services: &[Service], tasks: &[Task]) -> Fleet {
    let mut names: Vec<&str> = clusters.iter().map(|cluster| cluster.context.as_str()).collect();
    names.dedup();
    let mut fleet = Fleet::new(names.into_iter().map(context));
    for cluster in clusters {
        fleet.clusters.insert(cluster.arn.clone(), cluster.clone());
        fleet.tasks_read.insert(cluster.arn.clone(), now());
    }
    for service in services {
        fleet.put_service(service.arn.clone(), entry(service));
    }
    for task in tasks {
        fleet.put_task(task.clone());
    }
    fleet
}

/// A service that has just been looked at.
pub(crate) fn entry(service: &Service) -> ServiceEntry {
    ServiceEntry {
        context: service.context.clone(),
        cluster: service.cluster.clone(),
        listed_at: ago(60),
        snapshot: Some(Snapshot { service: Arc::new(service.clone()), at: now() }),
    }
}
