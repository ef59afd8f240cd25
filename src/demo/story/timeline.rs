//! The building blocks of incidents: rollouts that start, tasks that stop, and their events.

use jiff::{SignedDuration, Timestamp};

use super::super::random::digest;
use super::super::world::{
    Deployment, DeploymentStatus, HealthStatus, ImageFault, RegionBuilder, RolloutState, ServiceDeployment,
    ServiceDeploymentStatus, ServiceSpec, Stop, Task, TaskStatus, messages,
};
use super::names;
use super::scenario::Environment;

/// How long the story's incidents stay unchanged, so that there is time to look at them.
pub(super) const FREEZE: SignedDuration = SignedDuration::from_secs(75);

/// The service of an incident.
pub(super) struct AffectedService<'a> {
    pub(super) environment: &'a Environment,
    /// The index of the service in its environment.
    pub(super) index: u32,
    pub(super) cluster: String,
    pub(super) service: String,
}

/// A rollout that has just started: the ids of the old and the new deployment.
pub(super) struct Rollout {
    pub(super) old: String,
    pub(super) new: String,
    pub(super) definition: String,
    /// Id of the new service revision.
    pub(super) revision: String,
}

/// Stops a task at `at`. Its containers that still ran exit with `exit_code`.
pub(super) fn stop_task(task: &mut Task, at: Timestamp, code: &'static str, reason: &str, exit_code: i32) {
    let before = |seconds: i64| at - SignedDuration::from_secs(seconds);
    task.status = TaskStatus::Stopped;
    task.health = HealthStatus::Unknown;
    task.stop = Some(Stop { code, reason: reason.to_owned() });
    let earliest = task.started_at.or(task.pull_started_at).unwrap_or(task.created_at);
    task.stopping_at = Some(before(20).max(earliest));
    task.execution_stopped_at = Some(before(12).max(earliest));
    task.stopped_at = Some(at);
    task.version += 3;
    for container in &mut task.containers {
        if container.status == "RUNNING" {
            container.exit_code = Some(exit_code);
        }
        container.status = "STOPPED";
        container.health = HealthStatus::Unknown;
    }
}

/// Starts a rollout of `version`: a task definition, a service revision, a service deployment and a primary deployment.
pub(super) fn start_rollout(
    builder: &mut RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    at: Timestamp,
    version: &str,
) -> Option<Rollout> {
    let spec = super::spec(builder, affected.environment, affected.index);
    let spec = ServiceSpec { version: version.to_owned(), revision: spec.revision + 1, ..spec };
    let definition = builder.register_definition(&spec, at - SignedDuration::from_secs(45));
    let revision = builder.service_revision(&definition, at);
    let new = builder.new_deployment_id();
    let service = builder.service_mut(&affected.cluster, &affected.service)?;
    let (desired, threshold) = (service.desired, service.breaker.limit(service.desired));
    let (old, source) = service.deployments.first().map(|one| (one.id.clone(), one.revision.clone()))?;
    let record = builder.succeeded_deployment(&[(source, desired)], &revision.id, desired, at, at);
    let service = builder.service_mut(&affected.cluster, &affected.service)?;
    // ECS's events since then would have been different.
    service.events.retain(|event| event.at < at);
    for deployment in &mut service.deployments {
        deployment.status = DeploymentStatus::Active;
    }
    let deployment = Deployment {
        id: new.clone(),
        status: DeploymentStatus::Primary,
        definition: definition.clone(),
        revision: revision.id.clone(),
        desired,
        failed: 0,
        state: RolloutState::InProgress,
        reason: messages::in_progress(&new),
        created_at: at,
        updated_at: at,
    };
    service.deployments.insert(0, deployment);
    service.service_deployments.insert(
        0,
        ServiceDeployment { status: ServiceDeploymentStatus::InProgress, finished_at: None, threshold, ..record },
    );
    let rollout = Rollout { old, new, definition, revision: revision.id.clone() };
    service.revisions.insert(0, revision);
    Some(rollout)
}

/// Adds three tasks of the new deployment that started and exited.
pub(super) fn add_failed_tasks(
    builder: &mut RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    rollout: &Rollout,
    began: Timestamp,
) {
    for failure in 0..3_i64 {
        let requested_at = began + seconds(10 + 150 * failure);
        let mut task = builder.new_task(&rollout.definition, usize::try_from(failure).unwrap_or(0), requested_at);
        stop_task(&mut task, requested_at + seconds(62), "EssentialContainerExited", messages::ESSENTIAL_EXITED, 1);
        let id = add_to_deployment(builder, affected, &rollout.new, task);
        add_event(builder, affected, requested_at + seconds(5), messages::started(&affected.service, &[id]));
    }
    let digests = builder
        .service_mut(&affected.cluster, &affected.service)
        .and_then(|service| service.revisions.iter_mut().find(|revision| revision.id == rollout.revision));
    for image in digests.into_iter().flat_map(|revision| &mut revision.images) {
        image.digest = Some(digest(&image.image));
    }
}

/// Stops `count` running tasks of the old deployment.
pub(super) fn stop_old_tasks(
    builder: &mut RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    rollout: &Rollout,
    count: usize,
    at: Timestamp,
) {
    let stopped: Vec<String> = running(builder, affected, &rollout.old, |_| true).into_iter().take(count).collect();
    for id in &stopped {
        if let Some(task) = task(builder, affected, id) {
            stop_task(task, at, "ServiceSchedulerInitiated", &messages::scaling_activity(&rollout.old), 0);
        }
    }
    add_event(builder, affected, at - SignedDuration::from_secs(20), messages::stopped(&affected.service, &stopped));
}

/// Removes the tasks of a service. Returns their number.
pub(super) fn remove_tasks(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) -> usize {
    let Some(cluster) = builder.region.clusters.get_mut(&affected.cluster) else { return 0 };
    let before = cluster.tasks.len();
    cluster.tasks.retain(|_, task| task.service_name() != Some(&affected.service));
    before - cluster.tasks.len()
}

pub(super) fn primary(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) -> Option<Deployment> {
    builder.service_mut(&affected.cluster, &affected.service)?.deployments.first().cloned()
}

/// Ids of the deployment's running tasks, the oldest first.
pub(super) fn running(
    builder: &RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    deployment: &str,
    wanted: impl Fn(&Task) -> bool,
) -> Vec<String> {
    let Some(cluster) = builder.region.clusters.get(&affected.cluster) else { return vec![] };
    let of = |task: &&Task| task.started_by.as_deref() == Some(deployment) && task.status == TaskStatus::Running;
    let mut found: Vec<&Task> = cluster.tasks.values().filter(of).filter(|task| wanted(task)).collect();
    found.sort_by_key(|task| task.created_at);
    found.into_iter().map(|task| task.id.clone()).collect()
}

pub(super) fn task<'a>(
    builder: &'a mut RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    id: &str,
) -> Option<&'a mut Task> {
    builder.region.clusters.get_mut(&affected.cluster)?.tasks.get_mut(id)
}

/// Adds a task to the deployment. Returns its id.
pub(super) fn add_to_deployment(
    builder: &mut RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    deployment: &str,
    mut task: Task,
) -> String {
    task.group = format!("service:{}", affected.service);
    task.started_by = Some(deployment.to_owned());
    task.exec = true;
    builder.insert_task(&affected.cluster, task)
}

/// Delays the next transition of a task that is starting.
pub(super) fn delay_task(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>, id: &str) {
    let resumed = builder.now + FREEZE;
    if let Some(task) = task(builder, affected, id) {
        task.due = Some(resumed);
    }
}

/// Makes the containers of this version of the service's image exit soon after their start.
pub(super) fn make_version_crash(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>, version: &str) {
    let repository = affected.environment.repository(&names::service(affected.index));
    let image = builder.region.location.image_uri(&repository, version);
    builder.region.inject(&image, ImageFault::Exits { code: 1, after: 2 });
}

pub(super) fn add_event(
    builder: &mut RegionBuilder<'_>,
    affected: &AffectedService<'_>,
    at: Timestamp,
    message: String,
) {
    let event = builder.new_event(at.min(builder.now), message);
    if let Some(service) = builder.service_mut(&affected.cluster, &affected.service) {
        service.add_event(event);
    }
}

pub(super) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub(super) fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Sets the update time of the newest rollout.
pub(super) fn set_updated_at(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>, at: Timestamp) {
    let Some(service) = builder.service_mut(&affected.cluster, &affected.service) else { return };
    if let Some(deployment) = service.deployments.first_mut() {
        deployment.updated_at = at;
    }
    if let Some(record) = service.service_deployments.first_mut() {
        record.updated_at = at;
    }
}
