//! The lifecycle of a task, from its request to its end.

use jiff::{SignedDuration, Timestamp};

use super::super::random::Random;
use super::super::world::registry::resolve_digest;
use super::super::world::{
    Container, ContainerDefinition, HealthStatus, ImageFault, Service, ServiceRevision, Stop, Task, TaskDefinition,
    TaskStatus, messages,
};
use super::{RegionView, STOPPED_TASK_RETENTION, ServiceSimulation};

/// The effect of a task's transition on its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskEffect {
    /// No effect.
    Nothing,
    /// The task runs.
    Started,
    /// The task failed to start.
    FailedToStart,
    /// The task ran and exited by itself.
    Exited,
}

/// When the next event of a task is due: its next transition, or its expiry.
pub(super) fn next_event(task: &Task) -> Option<Timestamp> {
    task.due.or_else(|| expires_at(task))
}

/// When ECS stops describing a stopped task.
pub(super) fn expires_at(task: &Task) -> Option<Timestamp> {
    task.stopped_at?.checked_add(STOPPED_TASK_RETENTION).ok()
}

/// Makes the next transition of a task at `at`. A service's `revision` pins the digests of its tasks.
pub(super) fn advance(
    task: &mut Task,
    region: RegionView<'_>,
    revision: Option<&mut ServiceRevision>,
    at: Timestamp,
) -> TaskEffect {
    let timings = region.timings.for_task(&task.id);
    task.version += 1;
    match task.status {
        TaskStatus::Provisioning => transition(task, TaskStatus::Pending, at + timings.pending),
        TaskStatus::Pending => {
            let exists = task.containers.iter().all(|one| image_digest(region, revision.as_deref(), one).is_some());
            task.pull_started_at = Some(at);
            transition(task, TaskStatus::Activating, at + if exists { timings.pulling } else { timings.failed_pull })
        }
        TaskStatus::Activating if task.pull_stopped_at.is_none() => finish_pull(task, region, revision, at),
        TaskStatus::Activating => start_containers(task, region, at),
        TaskStatus::Running => fail(task, region, at),
        TaskStatus::Deactivating => transition(task, TaskStatus::Stopping, at + timings.stopping),
        TaskStatus::Stopping => {
            stop_containers(task, at);
            transition(task, TaskStatus::Deprovisioning, at + timings.deprovisioning)
        }
        TaskStatus::Deprovisioning | TaskStatus::Stopped => {
            (task.status, task.stopped_at, task.due) = (TaskStatus::Stopped, Some(at), None);
            TaskEffect::Nothing
        }
    }
}

/// Begins to stop a task.
pub(super) fn begin_stop(task: &mut Task, region: RegionView<'_>, stop: Stop, drains: bool, at: Timestamp) {
    let timings = region.timings.for_task(&task.id);
    task.version += 1;
    (task.stop, task.stopping_at, task.health) = (Some(stop), Some(at), HealthStatus::Unknown);
    let (status, after) = match task.status {
        TaskStatus::Running if drains => (TaskStatus::Deactivating, timings.draining),
        TaskStatus::Running => (TaskStatus::Stopping, timings.stopping),
        _ => {
            stop_containers(task, at);
            (TaskStatus::Deprovisioning, timings.deprovisioning)
        }
    };
    transition(task, status, at + after);
}

fn transition(task: &mut Task, status: TaskStatus, due: Timestamp) -> TaskEffect {
    (task.status, task.due) = (status, Some(due));
    TaskEffect::Nothing
}

/// The digest of a container's image: pinned by the service revision, or what its tag points to now.
fn image_digest(region: RegionView<'_>, revision: Option<&ServiceRevision>, container: &Container) -> Option<String> {
    let images = revision.into_iter().flat_map(|revision| &revision.images);
    match images.into_iter().find(|image| image.container == container.name).and_then(|image| image.digest.clone()) {
        None => resolve_digest(region.repositories, region.location, &container.image),
        Some(digest) => {
            let name = container.image.rsplit_once(':').map_or(container.image.as_str(), |(name, _)| name);
            let name = name.split_once('@').map_or(name, |(name, _)| name);
            resolve_digest(region.repositories, region.location, &format!("{name}@{digest}"))
        }
    }
}

/// Completes the pull of the images, or fails the task if one of them does not exist.
fn finish_pull(
    task: &mut Task,
    region: RegionView<'_>,
    revision: Option<&mut ServiceRevision>,
    at: Timestamp,
) -> TaskEffect {
    let digests: Vec<_> = task.containers.iter().map(|one| image_digest(region, revision.as_deref(), one)).collect();
    if let Some(missing) = digests.iter().position(Option::is_none) {
        let reason = messages::cannot_pull(&task.containers[missing].image);
        for container in &mut task.containers {
            container.reason = Some(reason.clone());
        }
        let failed = Stop { code: "TaskFailedToStart", reason };
        begin_stop(task, region, failed, false, at);
        return TaskEffect::FailedToStart;
    }
    for (container, digest) in task.containers.iter_mut().zip(&digests) {
        container.digest.clone_from(digest);
    }
    // The first task of a service revision pins the digests for all later ones.
    for image in revision.into_iter().flat_map(|revision| &mut revision.images) {
        if let (None, Some(of)) = (&image.digest, task.containers.iter().find(|one| one.name == image.container)) {
            image.digest.clone_from(&of.digest);
        }
    }
    task.pull_stopped_at = Some(at);
    let starting = region.timings.for_task(&task.id).starting;
    transition(task, TaskStatus::Activating, at + starting)
}

fn start_containers(task: &mut Task, region: RegionView<'_>, at: Timestamp) -> TaskEffect {
    (task.status, task.started_at) = (TaskStatus::Running, Some(at));
    let definition = definition(region, &task.definition);
    let mut random = Random::from_words(&["runtime", &task.id]);
    for container in &mut task.containers {
        let of = definition.and_then(|found| found.containers.iter().find(|one| one.name == container.name));
        let checked = of.is_some_and(|of| of.health_check.is_some());
        container.status = "RUNNING";
        container.health = if checked { HealthStatus::Healthy } else { HealthStatus::Unknown };
        container.runtime_id = Some(format!("{}-{}", task.id, random.digits(10)));
    }
    let checked = task.containers.iter().any(|one| one.health == HealthStatus::Healthy);
    task.health = if checked { HealthStatus::Healthy } else { HealthStatus::Unknown };
    task.due = planned_failure(task, region).map(|failure| at + failure.after);
    TaskEffect::Started
}

/// How a task will fail by itself.
struct PlannedFailure {
    after: SignedDuration,
    container: usize,
    code: i32,
    reason: Option<String>,
}

/// The failure that a task is going to have, if its fault persists.
fn planned_failure(task: &Task, region: RegionView<'_>) -> Option<PlannedFailure> {
    let mut containers = task.containers.iter().enumerate();
    let of_image = containers.find_map(|(at, one)| Some((at, region.image_faults.get(&one.image)?)));
    let of_task = || region.image_faults.get(&task.id).or_else(|| region.image_faults.get(task.family()));
    let (container, fault) = of_image.or_else(|| Some((0, of_task()?)))?;
    let after = |seconds: u32| {
        let more = Random::from_words(&["doom", &task.id]).below(u64::from(seconds) * 3 / 4 + 1);
        SignedDuration::from_secs(i64::from(seconds) + i64::try_from(more).unwrap_or(0))
    };
    match fault {
        ImageFault::Exits { code, after: seconds } => {
            Some(PlannedFailure { after: after(*seconds), container, code: *code, reason: None })
        }
        ImageFault::NeedsMemory { memory, after: seconds } => (task.memory < *memory).then(|| PlannedFailure {
            after: after(*seconds),
            container,
            code: 137,
            reason: Some(messages::OUT_OF_MEMORY.to_owned()),
        }),
    }
}

/// Fails the task, unless its fault has been fixed.
fn fail(task: &mut Task, region: RegionView<'_>, at: Timestamp) -> TaskEffect {
    task.due = None;
    let Some(failure) = planned_failure(task, region) else { return TaskEffect::Nothing };
    if let Some(container) = task.containers.get_mut(failure.container) {
        (container.status, container.exit_code, container.reason) = ("STOPPED", Some(failure.code), failure.reason);
        container.health = HealthStatus::Unknown;
    }
    let stopped = Stop { code: "EssentialContainerExited", reason: messages::ESSENTIAL_EXITED.to_owned() };
    begin_stop(task, region, stopped, false, at);
    TaskEffect::Exited
}

/// Stops the containers that still run.
fn stop_containers(task: &mut Task, at: Timestamp) {
    task.execution_stopped_at = Some(at);
    for container in &mut task.containers {
        if container.status == "RUNNING" {
            // They received SIGTERM and exited cleanly.
            container.exit_code = Some(0);
        }
        (container.status, container.health) = ("STOPPED", HealthStatus::Unknown);
    }
}

/// The task definition called `name`, `family:revision`.
pub(super) fn definition<'a>(region: RegionView<'a>, name: &str) -> Option<&'a TaskDefinition> {
    let (family, revision) = name.rsplit_once(':')?;
    let revision: u32 = revision.parse().ok()?;
    region.families.get(family)?.iter().find(|definition| definition.revision == revision)
}

impl ServiceSimulation<'_> {
    /// Makes the next transition of a task, and schedules a scheduler run if it affects the service.
    pub(super) fn advance_task(&mut self, id: &str, at: Timestamp) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        let deployment = self.service.deployments.iter().position(|one| task.started_by.as_ref() == Some(&one.id));
        let of = deployment.map(|at| self.service.deployments[at].revision.clone());
        let revision = self.service.revisions.iter_mut().find(|revision| of.as_ref() == Some(&revision.id));
        let effect = advance(task, self.region, revision, at);
        let reaction = at + self.region.timings.reaction();
        match effect {
            TaskEffect::Nothing => return,
            TaskEffect::Started => {
                (self.service.scheduler.failed_starts, self.service.scheduler.not_before) = (0, None);
                self.register_target(at);
            }
            TaskEffect::FailedToStart => self.back_off(at),
            TaskEffect::Exited => {
                self.deregister_targets(1, at);
                self.service.scheduler.steady = false;
            }
        }
        if matches!(effect, TaskEffect::FailedToStart | TaskEffect::Exited) {
            self.count_failure(deployment, at);
        }
        self.service.scheduler.run_at(reaction);
    }

    /// Starts `count` tasks of the deployment at `index`.
    pub(super) fn create_tasks(&mut self, index: usize, count: usize, at: Timestamp) {
        let Some(deployment) = self.service.deployments.get(index).cloned() else { return };
        let Some(definition) = definition(self.region, &deployment.definition) else { return };
        let mut started = vec![];
        for _ in 0..count {
            let Some(zone) = self.zone(&deployment.id) else { break };
            let mut task = new_task(self.service, definition, zone, at);
            task.started_by = Some(deployment.id.clone());
            task.due = Some(at + self.region.timings.for_task(&task.id).provisioning);
            started.push(task.id.clone());
            self.tasks.insert(task.id.clone(), task);
        }
        if !started.is_empty() {
            self.add_event(at, messages::started(&self.service.name, &started));
        }
    }

    /// Stops tasks on behalf of the scheduler.
    pub(super) fn stop_tasks(&mut self, ids: &[String], at: Timestamp) {
        let drains = self.service.load_balancer.is_some();
        let primary = self.service.deployments.first().map(|one| one.id.clone()).unwrap_or_default();
        let mut ran = vec![];
        for id in ids {
            let Some(task) = self.tasks.get_mut(id) else { continue };
            if task.status == TaskStatus::Running {
                ran.push(id.clone());
            }
            let reason = messages::scaling_activity(task.started_by.as_deref().unwrap_or(&primary));
            begin_stop(task, self.region, Stop { code: "ServiceSchedulerInitiated", reason }, drains, at);
        }
        if ran.is_empty() {
            return;
        }
        if drains {
            self.add_event(at, messages::draining(&self.service.name, ran.len()));
        }
        self.deregister_targets(ran.len(), at);
        self.add_event(at, messages::stopped(&self.service.name, &ran));
    }

    /// The zone of the deployment's next task: one with capacity, with the fewest tasks of the deployment, then with
    /// the fewest tasks at all.
    fn zone(&self, deployment: &str) -> Option<usize> {
        let alive = |zone: usize| {
            let there = self.tasks.values().filter(|task| task.is_alive() && task.zone == Some(zone));
            let own = there.clone().filter(|task| task.started_by.as_deref() == Some(deployment)).count();
            (own, there.count())
        };
        let there = self.service.zones.iter().filter(|zone| !self.service.lost_zones.contains(zone));
        there.copied().min_by_key(|zone| (alive(*zone), *zone))
    }

    /// Registers a task with the target group.
    fn register_target(&mut self, at: Timestamp) {
        if let Some(load_balancer) = &self.service.load_balancer {
            let message = messages::registered(&self.service.name, 1, &load_balancer.target_group);
            self.add_event(at, message);
        }
    }

    /// Deregisters tasks from the target group.
    fn deregister_targets(&mut self, count: usize, at: Timestamp) {
        if let Some(load_balancer) = &self.service.load_balancer {
            let message = messages::deregistered(&self.service.name, count, &load_balancer.target_group);
            self.add_event(at, message);
        }
    }

    /// Pauses the scheduler after a task failed to start, longer each time.
    fn back_off(&mut self, at: Timestamp) {
        let scheduler = &mut self.service.scheduler;
        scheduler.failed_starts = scheduler.failed_starts.saturating_add(1);
        scheduler.not_before = Some(at + self.region.timings.backoff(scheduler.failed_starts));
        scheduler.steady = false;
        if scheduler.failed_starts.is_multiple_of(3) {
            self.add_event(at, messages::inconsistent(&self.service.name));
        }
    }
}

/// A new task of the service, which has just been requested.
fn new_task(service: &mut Service, definition: &TaskDefinition, zone: usize, at: Timestamp) -> Task {
    let random = &mut service.scheduler.random;
    let address = format!("10.{}.{}.{}", 20 + zone, random.below(250), 4 + random.below(250));
    let container = |of: &ContainerDefinition| Container {
        name: of.name.clone(),
        image: of.image.clone(),
        digest: None,
        status: "PENDING",
        exit_code: None,
        reason: None,
        health: HealthStatus::Unknown,
        runtime_id: None,
        id: random.uuid(),
    };
    let containers = definition.containers.iter().map(container).collect();
    Task {
        id: service.scheduler.random.hex(32),
        group: format!("service:{}", service.name),
        started_by: None,
        definition: definition.name(),
        zone: Some(zone),
        launch: service.launch,
        status: TaskStatus::Provisioning,
        health: HealthStatus::Unknown,
        cpu: definition.cpu,
        memory: definition.memory,
        address,
        created_at: at,
        pull_started_at: None,
        pull_stopped_at: None,
        started_at: None,
        stopping_at: None,
        execution_stopped_at: None,
        stopped_at: None,
        stop: None,
        containers,
        // Tags are propagated from the service.
        tags: service.tags.clone(),
        version: 1,
        exec: service.exec,
        due: None,
    }
}
