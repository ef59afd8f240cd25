//! The simulation: advances the tasks, rollouts and scaling policies of a region to a given time.
//!
//! Services do not depend on one another. Each is advanced through its own events, one after the other. The result does
//! not depend on the size of the time steps: the same events happen at the same times.

mod begin;
mod breaker;
mod conclude;
mod rollout;
mod scaling;
mod task;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::world::logs::remember;
use super::world::{Cluster, Definition, Event, Flaw, Pace, Place, Region, Repository, Service, Target, Task};

pub(crate) use begin::begin;

/// How long ECS still describes a stopped task: "at least one hour".
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html>
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// The parts of a region that services and tasks depend on.
#[derive(Clone, Copy)]
struct Ground<'a> {
    place: &'a Place,
    pace: &'a Pace,
    families: &'a BTreeMap<String, Vec<Definition>>,
    repositories: &'a BTreeMap<String, Repository>,
    flaws: &'a BTreeMap<String, Flaw>,
}

/// A service and its tasks while they are advanced.
struct Stage<'a> {
    ground: Ground<'a>,
    service: &'a mut Service,
    tasks: BTreeMap<String, Task>,
    target: Option<&'a mut Target>,
    /// Tasks that ECS no longer describes.
    gone: &'a mut Vec<Task>,
}

/// Advances a region to `now`. Returns when its next event is due, if there is any.
pub(crate) fn advance(region: &mut Region, pace: &Pace, now: Timestamp) -> Option<Timestamp> {
    let Region { place, clusters, families, targets, repositories, log_groups, flaws } = region;
    let ground = Ground { place, pace, families, repositories, flaws };
    let mut next = Next(None);
    for cluster in clusters.values_mut() {
        let mut gone = vec![];
        for name in due(cluster, targets, now, &mut next) {
            let target = targets.iter_mut().find(|target| target.cluster == cluster.name && target.service == name);
            next.add(live(ground, cluster, &name, (target, &mut gone), now));
        }
        next.add(jobs(cluster, ground, &mut gone, now));
        for task in gone {
            if let Some(definition) = task::definition(ground, &task.definition) {
                remember(log_groups, &task, definition, &place.region);
            }
        }
    }
    next.0
}

/// The earliest of several times.
struct Next(Option<Timestamp>);

impl Next {
    fn add(&mut self, at: Option<Timestamp>) {
        self.0 = [self.0, at].into_iter().flatten().min();
    }
}

/// The services that have an event up to `now`. The next event of the others goes into `next`.
fn due(cluster: &Cluster, targets: &[Target], now: Timestamp, next: &mut Next) -> Vec<String> {
    let mut moments: BTreeMap<&str, Timestamp> = BTreeMap::new();
    let mut add = |name, at: Option<Timestamp>| {
        if let Some(at) = at {
            moments.entry(name).and_modify(|known: &mut Timestamp| *known = at.min(*known)).or_insert(at);
        }
    };
    for service in cluster.services.values() {
        add(&service.name, service.life.next());
    }
    for task in cluster.tasks.values() {
        if let Some(name) = task.service().filter(|name| cluster.services.contains_key(*name)) {
            add(name, task::next(task));
        }
    }
    for target in targets.iter().filter(|target| target.cluster == cluster.name) {
        add(&target.service, scaling::next(target, now));
    }
    let (due, later): (Vec<_>, Vec<_>) = moments.into_iter().partition(|(_, at)| *at <= now);
    next.add(later.into_iter().map(|(_, at)| at).min());
    due.into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Advances a service to `now`. Returns when its next event is due.
fn live(
    ground: Ground<'_>,
    cluster: &mut Cluster,
    name: &str,
    (target, gone): (Option<&mut Target>, &mut Vec<Task>),
    now: Timestamp,
) -> Option<Timestamp> {
    let service = cluster.services.get_mut(name)?;
    let own: BTreeSet<String> =
        cluster.tasks.values().filter(|task| task.service() == Some(name)).map(|task| task.id.clone()).collect();
    let tasks = own.into_iter().filter_map(|id| cluster.tasks.remove_entry(&id)).collect();
    let mut stage = Stage { ground, service, tasks, target, gone };
    let next = loop {
        match stage.next(now) {
            Some(at) if at <= now => stage.step(at, now),
            later => break later,
        }
    };
    cluster.tasks.append(&mut stage.tasks);
    next
}

/// Advances the tasks without a service to `now`. Returns when their next event is due.
fn jobs(cluster: &mut Cluster, ground: Ground<'_>, gone: &mut Vec<Task>, now: Timestamp) -> Option<Timestamp> {
    let Cluster { services, tasks, .. } = cluster;
    let own = |task: &Task| task.service().is_some_and(|name| services.contains_key(name));
    for task in tasks.values_mut().filter(|task| !own(task)) {
        while let Some(at) = task.due.filter(|at| *at <= now) {
            task::step(task, ground, None, at);
        }
    }
    gone.extend(
        tasks
            .extract_if(.., |_, task| !own(task) && task::next(task).is_some_and(|at| at <= now))
            .map(|(_, task)| task),
    );
    tasks.values().filter(|task| !own(task)).filter_map(task::next).min()
}

impl Stage<'_> {
    /// When the next event is due.
    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let tasks = self.tasks.values().filter_map(task::next).min();
        let target = self.target.as_ref().and_then(|target| scaling::next(target, now));
        [self.service.life.next(), tasks, target].into_iter().flatten().min()
    }

    /// Handles all events that are due at `at`: tasks first, then the scaling policy, then the scheduler.
    fn step(&mut self, at: Timestamp, now: Timestamp) {
        let life = &mut self.service.life;
        life.stale.take_if(|(until, _)| *until <= at);
        let over = self.tasks.extract_if(.., |_, task| task::forgotten(task).is_some_and(|gone| gone <= at));
        self.gone.extend(over.map(|(_, task)| task));
        let due = |task: &&Task| task.due.is_some_and(|due| due <= at);
        let moving: Vec<String> = self.tasks.values().filter(due).map(|task| task.id.clone()).collect();
        for id in moving {
            self.move_task(&id, at);
        }
        if self.target.as_ref().is_some_and(|target| scaling::next(target, now).is_some_and(|due| due <= at)) {
            self.scale(at);
        }
        if self.service.life.due.is_some_and(|due| due <= at) {
            self.look(at);
        }
        self.repeat(at);
    }

    /// Adds an event to the service.
    fn tell(&mut self, at: Timestamp, message: String) {
        let id = self.service.life.random.uuid();
        self.service.tell(Event { id, at, message });
    }
}
