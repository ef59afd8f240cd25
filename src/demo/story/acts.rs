//! The building blocks of incidents: rollouts that start, tasks that stop, and their events.

use jiff::{SignedDuration, Timestamp};

use super::super::random::digest;
use super::super::world::{
    Deployment, DeploymentStatus, Flaw, Grown, Health, Past, PastStatus, RolloutState, Spec, Stop, Task, TaskStatus,
    words,
};
use super::names;
use super::scene::Environment;

/// How long the story's state stays as it is, so that there is time to look at it.
pub(super) const HELD: SignedDuration = SignedDuration::from_secs(75);

/// The service of an incident.
pub(super) struct Scene<'a> {
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
pub(super) fn end(task: &mut Task, at: Timestamp, code: &'static str, reason: &str, exit_code: i32) {
    let before = |seconds: i64| at - SignedDuration::from_secs(seconds);
    task.status = TaskStatus::Stopped;
    task.health = Health::Unknown;
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
        container.health = Health::Unknown;
    }
}

/// Starts a rollout of `version`: a task definition, a service revision, a service deployment and a primary deployment.
pub(super) fn begin(grown: &mut Grown<'_>, scene: &Scene<'_>, at: Timestamp, version: &str) -> Option<Rollout> {
    let spec = super::spec(grown, scene.environment, scene.index);
    let spec = Spec { version: version.to_owned(), revision: spec.revision + 1, ..spec };
    let definition = grown.register(&spec, at - SignedDuration::from_secs(45));
    let revision = grown.revision(&definition, at);
    let new = grown.deployment_id();
    let service = grown.found(&scene.cluster, &scene.service)?;
    let (desired, threshold) = (service.desired, service.breaker.limit(service.desired));
    let (old, source) = service.deployments.first().map(|one| (one.id.clone(), one.revision.clone()))?;
    let past = grown.past(&[(source, desired)], &revision.id, desired, at, at);
    let service = grown.found(&scene.cluster, &scene.service)?;
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
        reason: words::in_progress(&new),
        created_at: at,
        updated_at: at,
    };
    service.deployments.insert(0, deployment);
    service.past.insert(0, Past { status: PastStatus::InProgress, finished_at: None, threshold, ..past });
    let rollout = Rollout { old, new, definition, revision: revision.id.clone() };
    service.revisions.insert(0, revision);
    Some(rollout)
}

/// Adds three tasks of the new deployment that started and exited.
pub(super) fn fail(grown: &mut Grown<'_>, scene: &Scene<'_>, rollout: &Rollout, began: Timestamp) {
    for failure in 0..3_i64 {
        let asked = began + seconds(10 + 150 * failure);
        let mut task = grown.task(&rollout.definition, usize::try_from(failure).unwrap_or(0), asked);
        end(&mut task, asked + seconds(62), "EssentialContainerExited", words::ESSENTIAL_EXITED, 1);
        let id = adopt(grown, scene, &rollout.new, task);
        tell(grown, scene, asked + seconds(5), words::started(&scene.service, &[id]));
    }
    let digests = grown
        .found(&scene.cluster, &scene.service)
        .and_then(|service| service.revisions.iter_mut().find(|revision| revision.id == rollout.revision));
    for image in digests.into_iter().flat_map(|revision| &mut revision.images) {
        image.digest = Some(digest(&image.image));
    }
}

/// Stops `count` running tasks of the old deployment.
pub(super) fn drain(grown: &mut Grown<'_>, scene: &Scene<'_>, rollout: &Rollout, count: usize, at: Timestamp) {
    let stopped: Vec<String> = running(grown, scene, &rollout.old, |_| true).into_iter().take(count).collect();
    for id in &stopped {
        if let Some(task) = task(grown, scene, id) {
            end(task, at, "ServiceSchedulerInitiated", &words::scaling_activity(&rollout.old), 0);
        }
    }
    tell(grown, scene, at - SignedDuration::from_secs(20), words::stopped(&scene.service, &stopped));
}

/// Removes the tasks of a service. Returns their number.
pub(super) fn forget(grown: &mut Grown<'_>, scene: &Scene<'_>) -> usize {
    let Some(cluster) = grown.region.clusters.get_mut(&scene.cluster) else { return 0 };
    let before = cluster.tasks.len();
    cluster.tasks.retain(|_, task| task.service() != Some(&scene.service));
    before - cluster.tasks.len()
}

pub(super) fn primary(grown: &mut Grown<'_>, scene: &Scene<'_>) -> Option<Deployment> {
    grown.found(&scene.cluster, &scene.service)?.deployments.first().cloned()
}

/// Ids of the deployment's running tasks, the oldest first.
pub(super) fn running(
    grown: &Grown<'_>,
    scene: &Scene<'_>,
    deployment: &str,
    wanted: impl Fn(&Task) -> bool,
) -> Vec<String> {
    let Some(cluster) = grown.region.clusters.get(&scene.cluster) else { return vec![] };
    let of = |task: &&Task| task.started_by.as_deref() == Some(deployment) && task.status == TaskStatus::Running;
    let mut found: Vec<&Task> = cluster.tasks.values().filter(of).filter(|task| wanted(task)).collect();
    found.sort_by_key(|task| task.created_at);
    found.into_iter().map(|task| task.id.clone()).collect()
}

pub(super) fn task<'a>(grown: &'a mut Grown<'_>, scene: &Scene<'_>, id: &str) -> Option<&'a mut Task> {
    grown.region.clusters.get_mut(&scene.cluster)?.tasks.get_mut(id)
}

/// Adds a task to the deployment. Returns its id.
pub(super) fn adopt(grown: &mut Grown<'_>, scene: &Scene<'_>, deployment: &str, mut task: Task) -> String {
    task.group = format!("service:{}", scene.service);
    task.started_by = Some(deployment.to_owned());
    task.exec = true;
    grown.keep(&scene.cluster, task)
}

/// Delays the next transition of a task that is starting.
pub(super) fn hold(grown: &mut Grown<'_>, scene: &Scene<'_>, id: &str) {
    let resumed = grown.now + HELD;
    if let Some(task) = task(grown, scene, id) {
        task.due = Some(resumed);
    }
}

/// Makes the containers of this version of the service's image exit soon after their start.
pub(super) fn crashes(grown: &mut Grown<'_>, scene: &Scene<'_>, version: &str) {
    let repository = scene.environment.repository(&names::service(scene.index));
    let image = grown.region.place.image(&repository, version);
    grown.region.spoil(&image, Flaw::Exits { code: 1, after: 2 });
}

pub(super) fn tell(grown: &mut Grown<'_>, scene: &Scene<'_>, at: Timestamp, message: String) {
    let event = grown.event(at.min(grown.now), message);
    if let Some(service) = grown.found(&scene.cluster, &scene.service) {
        service.tell(event);
    }
}

pub(super) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub(super) fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Sets the update time of the newest rollout.
pub(super) fn touch(grown: &mut Grown<'_>, scene: &Scene<'_>, at: Timestamp) {
    let Some(service) = grown.found(&scene.cluster, &scene.service) else { return };
    if let Some(deployment) = service.deployments.first_mut() {
        deployment.updated_at = at;
    }
    if let Some(past) = service.past.first_mut() {
        past.updated_at = at;
    }
}
