//! The ECS scheduler: which tasks of a service it starts and stops, within the minimum and maximum percent.

use jiff::Timestamp;

use super::super::world::{RolloutState, ServiceStatus, Task, TaskStatus, words};
use super::Stage;

/// The ids of a service's pending and running tasks, by deployment.
struct Tally {
    /// Those of the primary deployment.
    fresh_running: Vec<String>,
    fresh_pending: Vec<String>,
    /// Those of all other deployments.
    old_running: Vec<String>,
    old_pending: Vec<String>,
}

/// How many tasks must run, and how many there may be.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html>
#[derive(Clone, Copy)]
struct Bounds {
    /// Fewest running tasks: the minimum healthy percent, rounded up.
    lower: usize,
    /// Most running and pending tasks: the maximum percent, rounded down.
    upper: usize,
}

/// The result of a scheduler run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// Whether tasks were started or stopped.
    pub(super) moved: bool,
    /// Whether the desired tasks run, and no others.
    pub(super) quiet: bool,
}

impl Stage<'_> {
    /// Runs the scheduler after a change.
    pub(super) fn look(&mut self, at: Timestamp) {
        self.service.life.due = None;
        if self.service.status != ServiceStatus::Active || self.service.deployments.is_empty() {
            return;
        }
        self.take_up(at);
        self.judge(at);
        let moved =
            if self.service.deployments[0].state == RolloutState::Failed { self.keep_up(at) } else { self.balance(at) };
        let outcome = Outcome { moved, quiet: self.is_quiet() };
        self.apportion(at);
        self.conclude(outcome, at);
    }

    /// Brings the primary deployment to the desired count and replaces the tasks of the others. Returns whether any
    /// task was started or stopped.
    fn balance(&mut self, at: Timestamp) -> bool {
        let wanted = self.service.desired as usize;
        let bounds = self.bounds();
        let tally = self.tally();
        // Stop pending tasks of old deployments, and tasks beyond the desired count.
        let mut stops = tally.old_pending.clone();
        let fresh = tally.fresh_pending.len() + tally.fresh_running.len();
        let unwanted = fresh.saturating_sub(wanted);
        let early = unwanted.min(tally.fresh_pending.len());
        let mut pending = tally.fresh_pending.len() - early;
        stops.extend(self.pick(&tally.fresh_pending, early));
        stops.extend(self.pick(&tally.fresh_running, unwanted - early));
        let fresh = fresh - unwanted;
        let mut running = tally.fresh_running.len() - (unwanted - early) + tally.old_running.len();
        // Stop old tasks that are replaced already. If there is no room for new ones, stop more, down to the minimum.
        let need = wanted - fresh;
        let room = bounds.upper.saturating_sub(fresh + tally.old_running.len());
        let spare = running.saturating_sub(bounds.lower);
        let relieved = running.saturating_sub(wanted);
        let give = relieved.max(need.saturating_sub(room).min(spare)).min(tally.old_running.len());
        stops.extend(self.pick(&tally.old_running, give));
        running -= give;
        // The desired count may have fallen below the number of running and pending tasks.
        let over = (running + pending).saturating_sub(bounds.upper).min(pending);
        let late: Vec<String> = tally.fresh_pending.iter().filter(|id| !stops.contains(id)).cloned().collect();
        stops.extend(self.pick(&late, over));
        pending -= over;
        self.stop(&stops, at);
        let room = bounds.upper.saturating_sub(running + pending);
        let starts = self.allowed((need + over).min(room), pending, at);
        let started = self.place(0, starts, at);
        let stuck = need > 0 && room == 0 && give == 0 && pending == 0;
        if stuck {
            self.tell_stuck(at);
        }
        started || !stops.is_empty()
    }

    /// Keeps the desired count after a failed rollout: the last completed deployment replaces missing tasks.
    fn keep_up(&mut self, at: Timestamp) -> bool {
        let wanted = self.service.desired as usize;
        let tally = self.tally();
        let alive = [&tally.fresh_pending, &tally.old_pending, &tally.fresh_running, &tally.old_running];
        let total: usize = alive.iter().map(|ids| ids.len()).sum();
        let mut unwanted = total.saturating_sub(wanted);
        let mut stops = vec![];
        for ids in alive {
            let count = unwanted.min(ids.len());
            stops.extend(self.pick(ids, count));
            unwanted -= count;
        }
        self.stop(&stops, at);
        let good = self.service.deployments.iter().position(|one| one.state == RolloutState::Completed);
        let pending = tally.fresh_pending.len() + tally.old_pending.len();
        let starts = self.allowed(wanted.saturating_sub(total), pending, at);
        good.is_some_and(|good| self.place(good, starts, at)) || !stops.is_empty()
    }

    /// How many of `wanted` tasks may start now. After a failed start it is one at a time, with a pause before each.
    fn allowed(&mut self, wanted: usize, pending: usize, at: Timestamp) -> usize {
        let life = &mut self.service.life;
        match life.not_before {
            _ if wanted == 0 => 0,
            Some(not_before) if not_before > at => {
                life.wake(not_before);
                0
            }
            _ if life.misses > 0 => wanted.min(1_usize.saturating_sub(pending)),
            _ => wanted,
        }
    }

    /// Starts tasks of the deployment at `index`, if a zone has capacity. Returns whether any task was started.
    fn place(&mut self, index: usize, count: usize, at: Timestamp) -> bool {
        let before = self.tasks.len();
        self.start(index, count, at);
        let started = self.tasks.len() - before;
        if started < count {
            self.tell(at, words::unplaced(&self.service.name));
            let later = at + self.ground.pace.longest_pause.max(self.ground.pace.reaction());
            self.service.life.wake(later);
        }
        started > 0
    }

    fn tell_stuck(&mut self, at: Timestamp) {
        let id = self.service.deployments.first().map(|one| one.id.clone());
        if self.service.life.stuck != id {
            self.service.life.stuck = id;
            self.tell(at, words::stuck(&self.service.name));
        }
    }

    /// Updates the desired count of each deployment.
    fn apportion(&mut self, at: Timestamp) {
        let failed = self.service.deployments.first().is_some_and(|one| one.state == RolloutState::Failed);
        for index in 0..self.service.deployments.len() {
            let alive = self.tasks.values().filter(|task| task.alive() && self.is_of(task, index)).count();
            let Some(deployment) = self.service.deployments.get_mut(index) else { continue };
            let desired = match index {
                0 => self.service.desired,
                // After a failed rollout the last completed deployment keeps its size.
                _ if failed => {
                    deployment.desired.max(u32::try_from(alive).unwrap_or(u32::MAX)).min(self.service.desired)
                }
                _ => u32::try_from(alive).unwrap_or(u32::MAX),
            };
            if deployment.desired != desired {
                (deployment.desired, deployment.updated_at) = (desired, at);
            }
        }
    }

    fn is_quiet(&self) -> bool {
        let wanted = self.service.desired as usize;
        let tally = self.tally();
        let pending = tally.fresh_pending.len() + tally.old_pending.len();
        let given_up = self.service.deployments.first().is_some_and(|one| one.state == RolloutState::Failed);
        let running = tally.fresh_running.len() + if given_up { tally.old_running.len() } else { 0 };
        pending == 0 && running == wanted && (given_up || tally.old_running.is_empty())
    }

    fn is_of(&self, task: &Task, index: usize) -> bool {
        self.service.deployments.get(index).is_some_and(|one| task.started_by.as_ref() == Some(&one.id))
    }

    fn tally(&self) -> Tally {
        let ids = |fresh: bool, wanted: &dyn Fn(&Task) -> bool| {
            let of = self.tasks.values().filter(|task| wanted(task) && self.is_of(task, 0) == fresh);
            of.map(|task| task.id.clone()).collect::<Vec<_>>()
        };
        let runs = |task: &Task| task.status == TaskStatus::Running;
        Tally {
            fresh_running: ids(true, &runs),
            fresh_pending: ids(true, &Task::pending),
            old_running: ids(false, &runs),
            old_pending: ids(false, &Task::pending),
        }
    }

    fn bounds(&self) -> Bounds {
        let (desired, service) = (u64::from(self.service.desired), &self.service);
        let share = |percent: u32| desired * u64::from(percent);
        let count = |share: u64| usize::try_from(share).unwrap_or(usize::MAX);
        Bounds {
            lower: count(share(service.minimum_percent).div_ceil(100)),
            // At least the desired count, however small the maximum percent is.
            upper: count((share(service.maximum_percent) / 100).max(desired)),
        }
    }

    /// `count` of the tasks: from the zone with the most tasks first, the oldest first.
    fn pick(&self, from: &[String], count: usize) -> Vec<String> {
        let mut left: Vec<&Task> = from.iter().filter_map(|id| self.tasks.get(id)).collect();
        let mut picked = vec![];
        for _ in 0..count {
            let full = |task: &Task| left.iter().filter(|other| other.zone == task.zone).count();
            let key = |task: &&Task| (full(task), std::cmp::Reverse((task.created_at, task.id.clone())));
            let Some(next) = left.iter().copied().max_by_key(key) else { break };
            picked.push(next.id.clone());
            left.retain(|task| task.id != next.id);
        }
        picked
    }
}
