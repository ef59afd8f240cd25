//! The lifecycle of a task, from its request to its end.

use jiff::{SignedDuration, Timestamp};

use super::super::random::Random;
use super::super::world::registry::resolve;
use super::super::world::{
    Container, ContainerDefinition, Definition, Flaw, Health, Revision, Service, Stop, Task, TaskStatus, words,
};
use super::{Ground, REMEMBERED, Stage};

/// The effect of a task's transition on its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// No effect.
    Nothing,
    /// The task runs.
    Runs,
    /// The task failed to start.
    Missed,
    /// The task ran and exited by itself.
    Died,
}

/// When the next event of a task is due: its next transition, or its expiry.
pub(super) fn next(task: &Task) -> Option<Timestamp> {
    task.due.or_else(|| forgotten(task))
}

/// When ECS stops describing a stopped task.
pub(super) fn forgotten(task: &Task) -> Option<Timestamp> {
    task.stopped_at?.checked_add(REMEMBERED).ok()
}

/// Makes the next transition of a task at `at`. A service's `revision` pins the digests of its tasks.
pub(super) fn step(task: &mut Task, ground: Ground<'_>, revision: Option<&mut Revision>, at: Timestamp) -> Happened {
    let pace = ground.pace.of(&task.id);
    task.version += 1;
    match task.status {
        TaskStatus::Provisioning => go(task, TaskStatus::Pending, at + pace.pending),
        TaskStatus::Pending => {
            let there = task.containers.iter().all(|one| digest(ground, revision.as_deref(), one).is_some());
            task.pull_started_at = Some(at);
            go(task, TaskStatus::Activating, at + if there { pace.pulling } else { pace.retrying })
        }
        TaskStatus::Activating if task.pull_stopped_at.is_none() => pulled(task, ground, revision, at),
        TaskStatus::Activating => run(task, ground, at),
        TaskStatus::Running => die(task, ground, at),
        TaskStatus::Deactivating => go(task, TaskStatus::Stopping, at + pace.stopping),
        TaskStatus::Stopping => {
            end(task, at);
            go(task, TaskStatus::Deprovisioning, at + pace.deprovisioning)
        }
        TaskStatus::Deprovisioning | TaskStatus::Stopped => {
            (task.status, task.stopped_at, task.due) = (TaskStatus::Stopped, Some(at), None);
            Happened::Nothing
        }
    }
}

/// Begins to stop a task.
pub(super) fn stop(task: &mut Task, ground: Ground<'_>, stop: Stop, drains: bool, at: Timestamp) {
    let pace = ground.pace.of(&task.id);
    task.version += 1;
    (task.stop, task.stopping_at, task.health) = (Some(stop), Some(at), Health::Unknown);
    let (status, after) = match task.status {
        TaskStatus::Running if drains => (TaskStatus::Deactivating, pace.draining),
        TaskStatus::Running => (TaskStatus::Stopping, pace.stopping),
        _ => {
            end(task, at);
            (TaskStatus::Deprovisioning, pace.deprovisioning)
        }
    };
    go(task, status, at + after);
}

fn go(task: &mut Task, status: TaskStatus, due: Timestamp) -> Happened {
    (task.status, task.due) = (status, Some(due));
    Happened::Nothing
}

/// The digest of a container's image: pinned by the service revision, or what its tag points to now.
fn digest(ground: Ground<'_>, revision: Option<&Revision>, container: &Container) -> Option<String> {
    let images = revision.into_iter().flat_map(|revision| &revision.images);
    match images.into_iter().find(|image| image.container == container.name).and_then(|image| image.digest.clone()) {
        None => resolve(ground.repositories, ground.place, &container.image),
        Some(digest) => {
            let name = container.image.rsplit_once(':').map_or(container.image.as_str(), |(name, _)| name);
            let name = name.split_once('@').map_or(name, |(name, _)| name);
            resolve(ground.repositories, ground.place, &format!("{name}@{digest}"))
        }
    }
}

/// Completes the pull of the images, or fails the task if one of them does not exist.
fn pulled(task: &mut Task, ground: Ground<'_>, revision: Option<&mut Revision>, at: Timestamp) -> Happened {
    let digests: Vec<_> = task.containers.iter().map(|one| digest(ground, revision.as_deref(), one)).collect();
    if let Some(missing) = digests.iter().position(Option::is_none) {
        let reason = words::cannot_pull(&task.containers[missing].image);
        for container in &mut task.containers {
            container.reason = Some(reason.clone());
        }
        let failed = Stop { code: "TaskFailedToStart", reason };
        stop(task, ground, failed, false, at);
        return Happened::Missed;
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
    let starting = ground.pace.of(&task.id).starting;
    go(task, TaskStatus::Activating, at + starting)
}

fn run(task: &mut Task, ground: Ground<'_>, at: Timestamp) -> Happened {
    (task.status, task.started_at) = (TaskStatus::Running, Some(at));
    let definition = definition(ground, &task.definition);
    let mut random = Random::from_words(&["runtime", &task.id]);
    for container in &mut task.containers {
        let of = definition.and_then(|found| found.containers.iter().find(|one| one.name == container.name));
        let checked = of.is_some_and(|of| of.health_check.is_some());
        container.status = "RUNNING";
        container.health = if checked { Health::Healthy } else { Health::Unknown };
        container.runtime_id = Some(format!("{}-{}", task.id, random.digits(10)));
    }
    let checked = task.containers.iter().any(|one| one.health == Health::Healthy);
    task.health = if checked { Health::Healthy } else { Health::Unknown };
    task.due = doom(task, ground).map(|doom| at + doom.after);
    Happened::Runs
}

/// How a task will fail by itself.
struct Doom {
    after: SignedDuration,
    container: usize,
    code: i32,
    reason: Option<String>,
}

/// The failure that a task is going to have, if its fault persists.
fn doom(task: &Task, ground: Ground<'_>) -> Option<Doom> {
    let mut containers = task.containers.iter().enumerate();
    let of_image = containers.find_map(|(at, one)| Some((at, ground.flaws.get(&one.image)?)));
    let of_task = || ground.flaws.get(&task.id).or_else(|| ground.flaws.get(task.family()));
    let (container, flaw) = of_image.or_else(|| Some((0, of_task()?)))?;
    let after = |seconds: u32| {
        let more = Random::from_words(&["doom", &task.id]).below(u64::from(seconds) * 3 / 4 + 1);
        SignedDuration::from_secs(i64::from(seconds) + i64::try_from(more).unwrap_or(0))
    };
    match flaw {
        Flaw::Exits { code, after: seconds } => {
            Some(Doom { after: after(*seconds), container, code: *code, reason: None })
        }
        Flaw::Needs { memory, after: seconds } => (task.memory < *memory).then(|| Doom {
            after: after(*seconds),
            container,
            code: 137,
            reason: Some(words::OUT_OF_MEMORY.to_owned()),
        }),
    }
}

/// Fails the task, unless its fault has been fixed.
fn die(task: &mut Task, ground: Ground<'_>, at: Timestamp) -> Happened {
    task.due = None;
    let Some(doom) = doom(task, ground) else { return Happened::Nothing };
    if let Some(container) = task.containers.get_mut(doom.container) {
        (container.status, container.exit_code, container.reason) = ("STOPPED", Some(doom.code), doom.reason);
        container.health = Health::Unknown;
    }
    let stopped = Stop { code: "EssentialContainerExited", reason: words::ESSENTIAL_EXITED.to_owned() };
    stop(task, ground, stopped, false, at);
    Happened::Died
}

/// Stops the containers that still run.
fn end(task: &mut Task, at: Timestamp) {
    task.execution_stopped_at = Some(at);
    for container in &mut task.containers {
        if container.status == "RUNNING" {
            // They received SIGTERM and exited cleanly.
            container.exit_code = Some(0);
        }
        (container.status, container.health) = ("STOPPED", Health::Unknown);
    }
}

/// The task definition called `name`, `family:revision`.
pub(super) fn definition<'a>(ground: Ground<'a>, name: &str) -> Option<&'a Definition> {
    let (family, revision) = name.rsplit_once(':')?;
    let revision: u32 = revision.parse().ok()?;
    ground.families.get(family)?.iter().find(|definition| definition.revision == revision)
}

impl Stage<'_> {
    /// Makes the next transition of a task, and schedules a scheduler run if it affects the service.
    pub(super) fn move_task(&mut self, id: &str, at: Timestamp) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        let deployment = self.service.deployments.iter().position(|one| task.started_by.as_ref() == Some(&one.id));
        let of = deployment.map(|at| self.service.deployments[at].revision.clone());
        let revision = self.service.revisions.iter_mut().find(|revision| of.as_ref() == Some(&revision.id));
        let happened = step(task, self.ground, revision, at);
        let reaction = at + self.ground.pace.reaction();
        match happened {
            Happened::Nothing => return,
            Happened::Runs => {
                (self.service.life.misses, self.service.life.not_before) = (0, None);
                self.join(at);
            }
            Happened::Missed => self.missed(at),
            Happened::Died => {
                self.leave(1, at);
                self.service.life.steady = false;
            }
        }
        if matches!(happened, Happened::Missed | Happened::Died) {
            self.count_failure(deployment, at);
        }
        self.service.life.wake(reaction);
    }

    /// Starts `count` tasks of the deployment at `index`.
    pub(super) fn start(&mut self, index: usize, count: usize, at: Timestamp) {
        let Some(deployment) = self.service.deployments.get(index).cloned() else { return };
        let Some(definition) = definition(self.ground, &deployment.definition) else { return };
        let mut started = vec![];
        for _ in 0..count {
            let Some(zone) = self.zone(&deployment.id) else { break };
            let mut task = ask(self.service, definition, zone, at);
            task.started_by = Some(deployment.id.clone());
            task.due = Some(at + self.ground.pace.of(&task.id).provisioning);
            started.push(task.id.clone());
            self.tasks.insert(task.id.clone(), task);
        }
        if !started.is_empty() {
            self.tell(at, words::started(&self.service.name, &started));
        }
    }

    /// Stops tasks on behalf of the scheduler.
    pub(super) fn stop(&mut self, ids: &[String], at: Timestamp) {
        let drains = self.service.upstream.is_some();
        let primary = self.service.deployments.first().map(|one| one.id.clone()).unwrap_or_default();
        let mut ran = vec![];
        for id in ids {
            let Some(task) = self.tasks.get_mut(id) else { continue };
            if task.status == TaskStatus::Running {
                ran.push(id.clone());
            }
            let reason = words::scaling_activity(task.started_by.as_deref().unwrap_or(&primary));
            stop(task, self.ground, Stop { code: "ServiceSchedulerInitiated", reason }, drains, at);
        }
        if ran.is_empty() {
            return;
        }
        if drains {
            self.tell(at, words::draining(&self.service.name, ran.len()));
        }
        self.leave(ran.len(), at);
        self.tell(at, words::stopped(&self.service.name, &ran));
    }

    /// The zone of the deployment's next task: one with capacity, with the fewest tasks of the deployment, then with
    /// the fewest tasks at all.
    fn zone(&self, deployment: &str) -> Option<usize> {
        let alive = |zone: usize| {
            let there = self.tasks.values().filter(|task| task.alive() && task.zone == Some(zone));
            let own = there.clone().filter(|task| task.started_by.as_deref() == Some(deployment)).count();
            (own, there.count())
        };
        let there = self.service.zones.iter().filter(|zone| !self.service.lost_zones.contains(zone));
        there.copied().min_by_key(|zone| (alive(*zone), *zone))
    }

    /// Registers a task with the target group.
    fn join(&mut self, at: Timestamp) {
        if let Some(upstream) = &self.service.upstream {
            let message = words::registered(&self.service.name, 1, &upstream.target_group);
            self.tell(at, message);
        }
    }

    /// Deregisters tasks from the target group.
    fn leave(&mut self, count: usize, at: Timestamp) {
        if let Some(upstream) = &self.service.upstream {
            let message = words::deregistered(&self.service.name, count, &upstream.target_group);
            self.tell(at, message);
        }
    }

    /// Pauses the scheduler after a task failed to start, longer each time.
    fn missed(&mut self, at: Timestamp) {
        let life = &mut self.service.life;
        life.misses = life.misses.saturating_add(1);
        life.not_before = Some(at + self.ground.pace.pause(life.misses));
        life.steady = false;
        if life.misses.is_multiple_of(3) {
            self.tell(at, words::inconsistent(&self.service.name));
        }
    }
}

/// A new task of the service, which has just been requested.
fn ask(service: &mut Service, definition: &Definition, zone: usize, at: Timestamp) -> Task {
    let random = &mut service.life.random;
    let address = format!("10.{}.{}.{}", 20 + zone, random.below(250), 4 + random.below(250));
    let container = |of: &ContainerDefinition| Container {
        name: of.name.clone(),
        image: of.image.clone(),
        digest: None,
        status: "PENDING",
        exit_code: None,
        reason: None,
        health: Health::Unknown,
        runtime_id: None,
        id: random.uuid(),
    };
    let containers = definition.containers.iter().map(container).collect();
    Task {
        id: service.life.random.hex(32),
        group: format!("service:{}", service.name),
        started_by: None,
        definition: definition.name(),
        zone: Some(zone),
        launch: service.launch,
        status: TaskStatus::Provisioning,
        health: Health::Unknown,
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
