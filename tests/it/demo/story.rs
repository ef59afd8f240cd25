//! The story's world is consistent for any size and seed.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use wharf::demo::{
    Cluster, Deployment, DeploymentStatus, Region, RolloutState, Service, ServiceDeploymentStatus, ServiceStatus, Size,
    Task, TaskStatus, World,
};

use super::START;

fn story(tenants: u32, services: u32, seed: u64) -> World {
    World::story(Size { tenants, services }, seed, START)
}

/// The running and the pending tasks of the deployment.
fn counts(cluster: &Cluster, deployment: &Deployment) -> (u32, u32) {
    let of = cluster.tasks.values().filter(|task| task.started_by.as_deref() == Some(&deployment.id));
    of.fold((0, 0), |(running, pending), task| match task.status {
        TaskStatus::Running => (running + 1, pending),
        TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => (running, pending + 1),
        _ => (running, pending),
    })
}

fn ordered(times: impl IntoIterator<Item = Option<Timestamp>>) -> bool {
    let times: Vec<Timestamp> = times.into_iter().flatten().collect();
    times.is_sorted() && times.iter().all(|at| *at <= START)
}

fn check_service(region: &Region, cluster: &Cluster, service: &Service) {
    let what = format!("{}/{}", cluster.name, service.name);
    let primary: Vec<_> = service.deployments.iter().filter(|one| one.status == DeploymentStatus::Primary).collect();
    if service.status == ServiceStatus::Inactive {
        assert!(primary.is_empty(), "{what}");
        return;
    }
    assert_eq!(primary.len(), 1, "{what}");
    assert_eq!(service.deployments[0].status, DeploymentStatus::Primary, "{what}: the newest comes first");
    let (mut running, mut pending) = (0, 0);
    for deployment in &service.deployments {
        let (runs, starts) = counts(cluster, deployment);
        (running, pending) = (running + runs, pending + starts);
        assert!(runs + starts <= deployment.desired, "{what}: {} has too many tasks", deployment.id);
        assert!(
            ordered([Some(service.created_at), Some(deployment.created_at), Some(deployment.updated_at)]),
            "{what}"
        );
        assert!(region.definition(&deployment.definition).is_some(), "{what}: {}", deployment.definition);
        assert!(service.revisions.iter().any(|revision| revision.id == deployment.revision), "{what}");
    }
    assert!((running + pending) * 100 <= service.desired * service.maximum_percent, "{what}: beyond the maximum");
    assert!(running * 100 >= service.desired * service.minimum_percent, "{what}: below the minimum");
    assert!(service.events.len() <= 100 && service.events.iter().rev().map(|event| event.at).is_sorted(), "{what}");
    assert!(service.events.iter().all(|event| event.at <= START), "{what}");
    let ids: BTreeSet<_> = service.events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), service.events.len(), "{what}");
    for deployment in &service.service_deployments {
        assert!(
            ordered([Some(deployment.created_at), deployment.started_at, Some(deployment.updated_at)]),
            "{what}: {deployment:?}"
        );
        assert_eq!(
            deployment.finished_at.is_none(),
            deployment.status == ServiceDeploymentStatus::InProgress,
            "{what}"
        );
        assert_eq!(
            deployment.rollback.is_some(),
            deployment.status == ServiceDeploymentStatus::RollbackSuccessful,
            "{what}"
        );
        let named = deployment.source_revisions.iter().map(|(id, _)| id).chain([&deployment.target_revision]);
        let named = named.chain(deployment.rollback.iter().map(|rollback| &rollback.revision));
        for id in named {
            assert!(service.revisions.iter().any(|revision| revision.id == *id), "{what}: revision {id}");
        }
    }
}

fn check_task(region: &Region, cluster: &Cluster, task: &Task) {
    let what = format!("{}/{}", cluster.name, task.id);
    let starts = [Some(task.created_at), task.pull_started_at, task.pull_stopped_at, task.started_at];
    let ends = [task.stopping_at, task.execution_stopped_at, task.stopped_at];
    assert!(ordered(starts.into_iter().chain(ends)), "{what}: {task:?}");
    assert_eq!(task.status == TaskStatus::Stopped, task.stop.is_some(), "{what}");
    assert_eq!(task.stopped_at.is_some(), task.stop.is_some(), "{what}");
    assert!(task.stopped_at.is_none_or(|at| START.duration_since(at) < SignedDuration::from_hours(1)), "{what}");
    let definition = region.definition(&task.definition).unwrap();
    let images: Vec<_> = definition.containers.iter().map(|one| (&one.name, &one.image)).collect();
    assert_eq!(task.containers.iter().map(|one| (&one.name, &one.image)).collect::<Vec<_>>(), images, "{what}");
    if let Some(name) = task.service_name() {
        let service = &cluster.services[name];
        let known = service.deployments.iter().any(|one| task.started_by.as_deref() == Some(&one.id));
        assert!(known || task.status == TaskStatus::Stopped, "{what} runs for no deployment of {name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_story_of_any_size_and_seed_is_consistent(
        tenants in 1_u32..=120, services in 1_u32..=14, seed: u64,
    ) {
        let world = story(tenants, services, seed);
        for region in world.regions() {
            for cluster in region.clusters.values() {
                cluster.services.values().for_each(|service| check_service(region, cluster, service));
                cluster.tasks.values().for_each(|task| check_task(region, cluster, task));
            }
            for target in &region.scalable_targets {
                prop_assert!(region.clusters[&target.cluster].services.contains_key(&target.service));
                prop_assert!(target.minimum <= target.maximum);
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_story_and_another_seed_other_ids() {
    let text = |seed| format!("{:?}", story(5, 2, seed));
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn the_incidents_exist() {
    let mut world = story(50, 3, 7);
    let home = world.home();
    let service = |cluster: &str, name: &str| home.clusters[cluster].services[name].clone();
    let tally = |cluster: &str, name: &str| {
        let deployments = service(cluster, name).deployments;
        let tally =
            deployments.iter().map(|one| (one.state, one.desired, counts(&home.clusters[cluster], one), one.failed));
        tally.collect::<Vec<_>>()
    };
    let (done, in_progress, failed) = (RolloutState::Completed, RolloutState::InProgress, RolloutState::Failed);
    assert_eq!(tally("california-production", "web"), [(in_progress, 6, (0, 1), 5), (done, 3, (3, 0), 0)]);
    assert_eq!(tally("north-carolina-production", "web"), [(in_progress, 6, (4, 1), 0), (done, 2, (2, 0), 0)]);
    assert_eq!(tally("california-staging", "api"), [(failed, 1, (0, 0), 3), (done, 1, (1, 0), 0)]);
    assert_eq!(tally("ohio-production", "api"), [(done, 2, (2, 0), 0)]);
    assert_eq!(
        service("ohio-production", "api").service_deployments[0].status,
        ServiceDeploymentStatus::RollbackSuccessful
    );
    assert_eq!(tally("georgia-production", "worker"), [(done, 2, (2, 0), 0)]);
    assert_eq!(tally("demo-demo", "web"), [(done, 0, (0, 0), 0)]);
    assert!(
        service("demo-demo", "web").tags["wharf:parked"].starts_with("v1:d=2:min=2:max=6:s=000:at=2026-11-19T14.55Z")
    );

    let of = |cluster: &str| home.clusters[cluster].tasks.values();
    let killed = of("georgia-production").filter(|task| task.containers[0].exit_code == Some(137)).count();
    assert!(killed > 8, "killed for memory {killed} times within the hour");
    let unpulled = of("california-production").filter(|task| {
        task.stop.as_ref().is_some_and(|stop| stop.code == "TaskFailedToStart" && stop.reason.contains("web:v2.15.0"))
    });
    assert_eq!(unpulled.count(), 5);
    let zones: BTreeSet<_> = of("texas-production").filter(|task| task.stop.is_none()).map(|task| task.zone).collect();
    assert_eq!(zones, BTreeSet::from([Some(0)]));
    let dead =
        of("virginia-production").flat_map(|task| &task.containers).filter(|one| one.status == "STOPPED").count();
    assert_eq!(dead, 1, "exited sidecars of running tasks");
    let jobs = |cluster: &str| of(cluster).filter(|task| task.service_name().is_none()).count();
    assert_eq!((jobs("california-production"), jobs("default")), (1, 2));
}

#[test]
fn sizes_are_written_as_tenants_x_services() {
    for (text, tenants, services) in [("50x6", 50, 6), ("1x1", 1, 1), ("1000x50", 1000, 50)] {
        assert_eq!(text.parse(), Ok(Size { tenants, services }));
        assert_eq!(Size { tenants, services }.to_string(), text);
    }
    for text in ["", "50", "x", "0x1", "1x0", "1001x1", "1x51", "50x6x2", "+5x6", "5 x6", "99999999999x1"] {
        let problem =
            format!("`{text}` is not a size; write TENANTSxSERVICES, as in 50x6: 1 to 1000 tenants, 1 to 50 services");
        assert_eq!(text.parse::<Size>(), Err(problem));
    }
}

#[tokio::test]
async fn stopped_tasks_expire_after_an_hour() {
    let aws = super::at_start(story(1, 1, 1));
    let stopped = |aws: &wharf::demo::Aws| {
        aws.change(|world| {
            world.home().clusters.values().flat_map(|one| one.tasks.values()).filter(|task| task.stop.is_some()).count()
        })
    };
    assert!(stopped(&aws) > 5);
    let later = wharf::demo::Aws::new(story(1, 1, 1), || START + SignedDuration::from_hours(2));
    super::ask(&later, "ListClusters", serde_json::json!({})).await;
    assert_eq!(stopped(&later), 0);
}

#[tokio::test]
async fn the_incidents_develop_over_time() {
    let clock = super::Clock::new();
    let hand = clock.clone();
    let aws = wharf::demo::Aws::new(story(8, 3, 1), move || hand.now());
    let after = async |minutes: i64| {
        clock.pass(SignedDuration::from_mins(minutes));
        let rollouts = async |cluster: &str, name: &str| {
            let body = serde_json::json!({ "cluster": cluster, "services": [name] });
            let answer = super::ask(&aws, "DescribeServices", body).await;
            let deployments = answer["services"][0]["deployments"].as_array().unwrap().iter();
            let summary = deployments
                .map(|one| format!("{} {}/{}", one["rolloutState"], one["runningCount"], one["desiredCount"]));
            summary.collect::<Vec<_>>().join(", ").replace('"', "")
        };
        [
            rollouts("california-production", "web").await,
            rollouts("california-staging", "api").await,
            rollouts("north-carolina-production", "web").await,
            rollouts("georgia-production", "worker").await,
            rollouts("texas-production", "web").await,
        ]
    };
    let failed = "FAILED 0/1, COMPLETED 1/1";
    assert_eq!(
        after(0).await,
        ["IN_PROGRESS 0/6, COMPLETED 3/3", failed, "IN_PROGRESS 4/6, COMPLETED 2/2", "COMPLETED 2/2", "COMPLETED 2/2"]
    );
    let soon = after(3).await;
    assert_eq!(soon[..3], ["IN_PROGRESS 0/6, COMPLETED 3/3", failed, "COMPLETED 6/6"]);
    let later = after(7).await;
    assert_eq!(
        later[..3],
        ["COMPLETED 6/6", failed, "COMPLETED 6/6"],
        "the circuit breaker has rolled california back"
    );
    aws.change(|world| {
        let home = world.home();
        assert_eq!(
            home.clusters["california-production"].services["web"].service_deployments[0].status,
            ServiceDeploymentStatus::RollbackSuccessful
        );
        assert_eq!(home.clusters["california-production"].services["web"].service_deployments[0].failures, 9);
        let texas = home.clusters["texas-production"].tasks.values().filter(|task| task.stop.is_none());
        assert_eq!(texas.map(|task| task.zone).collect::<BTreeSet<_>>(), BTreeSet::from([Some(0)]));
        let since = START + SignedDuration::from_mins(1);
        let killed = home.clusters["georgia-production"]
            .tasks
            .values()
            .filter(|task| task.containers[0].exit_code == Some(137) && task.stopped_at.is_some_and(|at| at > since));
        assert!(killed.count() >= 2, "georgia's worker is still killed");
    });
    clock.pass(SignedDuration::from_hours(30));
    super::ask(&aws, "ListClusters", serde_json::json!({})).await;
}
