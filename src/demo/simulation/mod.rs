//! The simulation: advances the tasks, rollouts and scaling policies of a region to a given time.
//!
//! Services do not depend on one another. Each is advanced through its own events, one after the other. The result does
//! not depend on the size of the time steps: the same events happen at the same times.

mod circuit_breaker;
mod rollout_start;
mod scheduler;
mod stabilize;
mod target_tracking;
mod task_lifecycle;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::world::logs::keep_writers;
use super::world::{
    Cluster, Event, ImageFault, Location, Region, Repository, ScalableTarget, Service, Task, TaskDefinition, Timings,
};

pub(crate) use rollout_start::start_rollout;

/// How long ECS still describes a stopped task: "at least one hour".
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html>
const STOPPED_TASK_RETENTION: SignedDuration = SignedDuration::from_hours(1);

/// The parts of a region that services and tasks depend on.
#[derive(Clone, Copy)]
struct RegionView<'a> {
    location: &'a Location,
    timings: &'a Timings,
    families: &'a BTreeMap<String, Vec<TaskDefinition>>,
    repositories: &'a BTreeMap<String, Repository>,
    image_faults: &'a BTreeMap<String, ImageFault>,
}

/// A service and its tasks while they are advanced.
struct ServiceSimulation<'a> {
    region: RegionView<'a>,
    service: &'a mut Service,
    tasks: BTreeMap<String, Task>,
    target: Option<&'a mut ScalableTarget>,
    /// Tasks that ECS no longer describes.
    expired: &'a mut Vec<Task>,
}

/// Advances a region to `now`. Returns when its next event is due, if there is any.
pub(crate) fn advance(region: &mut Region, timings: &Timings, now: Timestamp) -> Option<Timestamp> {
    let Region { location, clusters, families, scalable_targets, repositories, log_groups, image_faults } = region;
    let region = RegionView { location, timings, families, repositories, image_faults };
    let mut next = Earliest(None);
    for cluster in clusters.values_mut() {
        let mut expired = vec![];
        for name in due_services(cluster, scalable_targets, now, &mut next) {
            let target =
                scalable_targets.iter_mut().find(|target| target.cluster == cluster.name && target.service == name);
            next.add(advance_service(region, cluster, &name, (target, &mut expired), now));
        }
        next.add(advance_standalone_tasks(cluster, region, &mut expired, now));
        for task in expired {
            if let Some(definition) = task_lifecycle::definition(region, &task.definition) {
                keep_writers(log_groups, &task, definition, &location.region);
            }
        }
    }
    next.0
}

/// The earliest of several times.
struct Earliest(Option<Timestamp>);

impl Earliest {
    fn add(&mut self, at: Option<Timestamp>) {
        self.0 = [self.0, at].into_iter().flatten().min();
    }
}

/// The services that have an event up to `now`. The next event of the others goes into `next`.
fn due_services(
    cluster: &Cluster,
    scalable_targets: &[ScalableTarget],
    now: Timestamp,
    next: &mut Earliest,
) -> Vec<String> {
    let mut moments: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut add = |name, at: Option<Timestamp>| {
        if let Some(at) = at {
            moments.entry(name).and_modify(|known: &mut Timestamp| *known = at.min(*known)).or_insert(at);
        }
    };
    for service in cluster.services.values() {
        add(&service.name, service.scheduler.next_event());
    }
    for task in cluster.tasks.values() {
        if let Some(name) = task.service_name().filter(|name| cluster.services.contains_key(*name)) {
            add(name, task_lifecycle::next_event(task));
        }
    }
    for target in scalable_targets.iter().filter(|target| target.cluster == cluster.name) {
        add(&target.service, target_tracking::next_evaluation(target, now));
    }
    let (due, later): (Vec<_>, Vec<_>) = moments.into_iter().partition(|(_, at)| *at <= now);
    next.add(later.into_iter().map(|(_, at)| at).min());
    due.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Advances a service to `now`. Returns when its next event is due.
fn advance_service(
    region: RegionView<'_>,
    cluster: &mut Cluster,
    name: &str,
    (target, expired): (Option<&mut ScalableTarget>, &mut Vec<Task>),
    now: Timestamp,
) -> Option<Timestamp> {
    let service = cluster.services.get_mut(name)?;
    let own: BTreeSet<String> =
        cluster.tasks.values().filter(|task| task.service_name() == Some(name)).map(|task| task.id.clone()).collect();
    let tasks = own.into_iter().filter_map(|id| cluster.tasks.remove_entry(&id)).collect();
    let mut simulation = ServiceSimulation { region, service, tasks, target, expired };
    let next = loop {
        match simulation.next_event(now) {
            Some(at) if at <= now => simulation.step(at, now),
            later => break later,
        }
    };
    cluster.tasks.append(&mut simulation.tasks);
    next
}

/// Advances the tasks without a service to `now`. Returns when their next event is due.
fn advance_standalone_tasks(
    cluster: &mut Cluster,
    region: RegionView<'_>,
    expired: &mut Vec<Task>,
    now: Timestamp,
) -> Option<Timestamp> {
    let Cluster { services, tasks, .. } = cluster;
    let own = |task: &Task| task.service_name().is_some_and(|name| services.contains_key(name));
    for task in tasks.values_mut().filter(|task| !own(task)) {
        while let Some(at) = task.due.filter(|at| *at <= now) {
            task_lifecycle::advance(task, region, None, at);
        }
    }
    expired.extend(
        tasks
            .extract_if(.., |_, task| !own(task) && task_lifecycle::next_event(task).is_some_and(|at| at <= now))
            .map(|(_, task)| task),
    );
    tasks.values().filter(|task| !own(task)).filter_map(task_lifecycle::next_event).min()
}

impl ServiceSimulation<'_> {
    /// When the next event is due.
    fn next_event(&self, now: Timestamp) -> Option<Timestamp> {
        let tasks = self.tasks.values().filter_map(task_lifecycle::next_event).min();
        let target = self.target.as_ref().and_then(|target| target_tracking::next_evaluation(target, now));
        [self.service.scheduler.next_event(), tasks, target].into_iter().flatten().min()
    }

    /// Handles all events that are due at `at`: tasks first, then the scaling policy, then the scheduler.
    fn step(&mut self, at: Timestamp, now: Timestamp) {
        let scheduler = &mut self.service.scheduler;
        scheduler.stale_view.take_if(|(until, _)| *until <= at);
        let over = self.tasks.extract_if(.., |_, task| task_lifecycle::expires_at(task).is_some_and(|gone| gone <= at));
        self.expired.extend(over.map(|(_, task)| task));
        let due = |task: &&Task| task.due.is_some_and(|due| due <= at);
        let moving: Vec<String> = self.tasks.values().filter(due).map(|task| task.id.clone()).collect();
        for id in moving {
            self.advance_task(&id, at);
        }
        if self
            .target
            .as_ref()
            .is_some_and(|target| target_tracking::next_evaluation(target, now).is_some_and(|due| due <= at))
        {
            self.apply_scaling_policy(at);
        }
        if self.service.scheduler.due.is_some_and(|due| due <= at) {
            self.run_scheduler(at);
        }
        self.repeat_steady_event(at);
    }

    /// Adds an event to the service.
    fn add_event(&mut self, at: Timestamp, message: String) {
        let id = self.service.scheduler.random.uuid();
        self.service.add_event(Event { id, at, message });
    }
}
