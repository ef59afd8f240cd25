//! Small fleets to test with: what AWS would say, made by hand.

use std::time::Duration;

use jiff::Timestamp;
use wharf::fleet::{
    Arn, Cluster, Container, Context, ContextId, Controller, Deployment, DeploymentStatus, Exec, Identity, Management,
    Rollout, Scheduling, Service, ServiceStatus, Tags, Task, TaskHealth, TaskStatus,
};

/// The moment at which the tests' clocks start.
pub fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// So many seconds after [`start`].
pub fn after(seconds: u64) -> Timestamp {
    start().checked_add(Duration::from_secs(seconds)).unwrap()
}

/// So many seconds before [`start`].
pub fn before(seconds: u64) -> Timestamp {
    start().checked_sub(Duration::from_secs(seconds)).unwrap()
}

/// The one context of most tests.
pub fn context() -> Context {
    Context {
        id: ContextId::new("prod us-east-1"),
        profile: Some("prod".to_owned()),
        region: "us-east-1".to_owned(),
        endpoint: None,
        identity: None,
        same_as: None,
    }
}

/// Who we are in it.
pub fn identity() -> Identity {
    Identity { account: "111122223333".to_owned(), arn: "arn:aws:iam::111122223333:user/ops".to_owned() }
}

/// The ARN of the cluster `name`.
pub fn cluster_arn(name: &str) -> Arn {
    Arn::new(format!("arn:aws:ecs:us-east-1:111122223333:cluster/{name}"))
}

/// The ARN of a service, given as `cluster/name`.
pub fn service_arn(path: &str) -> Arn {
    Arn::new(format!("arn:aws:ecs:us-east-1:111122223333:service/{path}"))
}

/// The cluster `name`.
pub fn cluster(name: &str) -> Cluster {
    Cluster {
        arn: cluster_arn(name),
        context: context().id,
        status: "ACTIVE".to_owned(),
        services: 0,
        running: 0,
        tags: Tags::new(),
    }
}

/// A steady service `cluster/name` of `tenant/environment`, with so many tasks.
pub fn service(path: &str, home: &str, tasks: u32) -> Service {
    let (cluster, name) = path.split_once('/').unwrap();
    let (tenant, environment) = home.split_once('/').unwrap();
    let tags =
        [("tenant", tenant), ("environment", environment)].map(|(key, value)| (key.to_owned(), value.to_owned()));
    let definition = Arn::new(format!("arn:aws:ecs:us-east-1:111122223333:task-definition/{name}:1"));
    Service {
        arn: service_arn(path),
        name: name.to_owned(),
        cluster: cluster_arn(cluster),
        context: context().id,
        status: ServiceStatus::Active,
        desired: tasks,
        running: tasks,
        pending: 0,
        scheduling: Scheduling::Replica,
        controller: Controller::Ecs,
        management: Management::Customer,
        launch: "FARGATE".to_owned(),
        definition: definition.clone(),
        created_at: Some(before(9 * 86_400)),
        deployments: vec![Deployment {
            id: format!("ecs-svc/{name}-1"),
            status: DeploymentStatus::Primary,
            definition,
            desired: tasks,
            running: tasks,
            pending: 0,
            failed: 0,
            rollout: Some(Rollout::Completed),
            reason: None,
            created_at: Some(before(9 * 86_400)),
            updated_at: Some(before(9 * 86_400)),
        }],
        events: vec![],
        tags: tags.into_iter().collect(),
        breaker: None,
        minimum_percent: None,
        maximum_percent: None,
        subnets: vec![],
        target_groups: vec![],
        grace_seconds: None,
        exec: Exec::Disabled,
    }
}

/// The same service with fewer tasks running than desired.
pub fn short(mut service: Service, running: u32) -> Service {
    service.running = running;
    for deployment in &mut service.deployments {
        deployment.running = running;
    }
    service
}

/// A running task of the service `cluster/name`, in the zone of that letter.
pub fn task(service: &str, id: &str, zone: char) -> Task {
    let (cluster, name) = service.split_once('/').unwrap();
    Task {
        arn: Arn::new(format!("arn:aws:ecs:us-east-1:111122223333:task/{cluster}/{id}")),
        cluster: cluster_arn(cluster),
        context: context().id,
        group: format!("service:{name}"),
        started_by: Some(format!("ecs-svc/{name}-1")),
        definition: Arn::new(format!("arn:aws:ecs:us-east-1:111122223333:task-definition/{name}:1")),
        zone: Some(format!("us-east-1{zone}")),
        status: TaskStatus::Running,
        desired: "RUNNING".to_owned(),
        health: TaskHealth::Healthy,
        launch: "FARGATE".to_owned(),
        cpu: Some("256".to_owned()),
        memory: Some("512".to_owned()),
        address: None,
        created_at: Some(before(9 * 86_400)),
        started_at: Some(before(9 * 86_400 - 60)),
        stopping_at: None,
        stopped_at: None,
        stop_code: None,
        stopped_reason: None,
        containers: vec![Container {
            name: name.to_owned(),
            image: Some(format!("111122223333.dkr.ecr.us-east-1.amazonaws.com/{name}:v1")),
            digest: None,
            status: "RUNNING".to_owned(),
            exit_code: None,
            reason: None,
            health: TaskHealth::Healthy,
            runtime_id: None,
        }],
    }
}
