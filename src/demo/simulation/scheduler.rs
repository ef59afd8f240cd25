//! The ECS scheduler: which tasks of a service it starts and stops, within the minimum and maximum percent.

use jiff::Timestamp;

use super::super::world::{RolloutState, ServiceStatus, Task, TaskStatus, messages};
use super::ServiceSimulation;

/// The ids of a service's pending and running tasks, by deployment.
struct TasksByDeployment {
    /// Those of the primary deployment.
    primary_running: Vec<String>,
    primary_pending: Vec<String>,
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
pub(super) struct RunResult {
    /// Whether tasks were started or stopped.
    pub(super) moved: bool,
    /// Whether the desired tasks run, and no others.
    pub(super) stable: bool,
}

impl ServiceSimulation<'_> {
    /// Runs the scheduler after a change.
    pub(super) fn run_scheduler(&mut self, at: Timestamp) {
        self.service.scheduler.due = None;
        if self.service.status != ServiceStatus::Active || self.service.deployments.is_empty() {
            return;
        }
        self.apply_requests(at);
        self.check_breaker(at);
        let moved = if self.service.deployments[0].state == RolloutState::Failed {
            self.maintain_count(at)
        } else {
            self.replace_tasks(at)
        };
        let result = RunResult { moved, stable: self.is_stable() };
        self.update_desired_counts(at);
        self.check_stable(result, at);
    }

    /// Brings the primary deployment to the desired count and replaces the tasks of the others. Returns whether any
    /// task was started or stopped.
    fn replace_tasks(&mut self, at: Timestamp) -> bool {
        let desired = self.service.desired as usize;
        let bounds = self.bounds();
        let tasks = self.tasks_by_deployment();
        // Stop pending tasks of old deployments, and tasks beyond the desired count.
        let mut stops = tasks.old_pending.clone();
        let primary = tasks.primary_pending.len() + tasks.primary_running.len();
        let excess = primary.saturating_sub(desired);
        let early = excess.min(tasks.primary_pending.len());
        let mut pending = tasks.primary_pending.len() - early;
        stops.extend(self.pick(&tasks.primary_pending, early));
        stops.extend(self.pick(&tasks.primary_running, excess - early));
        let primary = primary - excess;
        let mut running = tasks.primary_running.len() - (excess - early) + tasks.old_running.len();
        // Stop old tasks that are replaced already. If there is no room for new ones, stop more, down to the minimum.
        let need = desired - primary;
        let room = bounds.upper.saturating_sub(primary + tasks.old_running.len());
        let spare = running.saturating_sub(bounds.lower);
        let surplus = running.saturating_sub(desired);
        let replaced = surplus.max(need.saturating_sub(room).min(spare)).min(tasks.old_running.len());
        stops.extend(self.pick(&tasks.old_running, replaced));
        running -= replaced;
        // The desired count may have fallen below the number of running and pending tasks.
        let over = (running + pending).saturating_sub(bounds.upper).min(pending);
        let late: Vec<String> = tasks.primary_pending.iter().filter(|id| !stops.contains(id)).cloned().collect();
        stops.extend(self.pick(&late, over));
        pending -= over;
        self.stop_tasks(&stops, at);
        let room = bounds.upper.saturating_sub(running + pending);
        let starts = self.startable((need + over).min(room), pending, at);
        let started = self.start_tasks(0, starts, at);
        let stuck = need > 0 && room == 0 && replaced == 0 && pending == 0;
        if stuck {
            self.report_stuck(at);
        }
        started || !stops.is_empty()
    }

    /// Keeps the desired count after a failed rollout: the last completed deployment replaces missing tasks.
    fn maintain_count(&mut self, at: Timestamp) -> bool {
        let desired = self.service.desired as usize;
        let tasks = self.tasks_by_deployment();
        let alive = [&tasks.primary_pending, &tasks.old_pending, &tasks.primary_running, &tasks.old_running];
        let total: usize = alive.iter().map(|ids| ids.len()).sum();
        let mut excess = total.saturating_sub(desired);
        let mut stops = vec![];
        for ids in alive {
            let count = excess.min(ids.len());
            stops.extend(self.pick(ids, count));
            excess -= count;
        }
        self.stop_tasks(&stops, at);
        let completed = self.service.deployments.iter().position(|one| one.state == RolloutState::Completed);
        let pending = tasks.primary_pending.len() + tasks.old_pending.len();
        let starts = self.startable(desired.saturating_sub(total), pending, at);
        completed.is_some_and(|completed| self.start_tasks(completed, starts, at)) || !stops.is_empty()
    }

    /// How many of `count` tasks may start now. After a failed start it is one at a time, with a pause before each.
    fn startable(&mut self, count: usize, pending: usize, at: Timestamp) -> usize {
        let scheduler = &mut self.service.scheduler;
        match scheduler.not_before {
            _ if count == 0 => 0,
            Some(not_before) if not_before > at => {
                scheduler.run_at(not_before);
                0
            }
            _ if scheduler.failed_starts > 0 => count.min(1_usize.saturating_sub(pending)),
            _ => count,
        }
    }

    /// Starts tasks of the deployment at `index`, if a zone has capacity. Returns whether any task was started.
    fn start_tasks(&mut self, index: usize, count: usize, at: Timestamp) -> bool {
        let before = self.tasks.len();
        self.create_tasks(index, count, at);
        let started = self.tasks.len() - before;
        if started < count {
            self.add_event(at, messages::unplaced(&self.service.name));
            let later = at + self.region.timings.max_backoff.max(self.region.timings.reaction());
            self.service.scheduler.run_at(later);
        }
        started > 0
    }

    fn report_stuck(&mut self, at: Timestamp) {
        let id = self.service.deployments.first().map(|one| one.id.clone());
        if self.service.scheduler.reported_stuck != id {
            self.service.scheduler.reported_stuck = id;
            self.add_event(at, messages::stuck(&self.service.name));
        }
    }

    /// Updates the desired count of each deployment.
    fn update_desired_counts(&mut self, at: Timestamp) {
        let failed = self.service.deployments.first().is_some_and(|one| one.state == RolloutState::Failed);
        for index in 0..self.service.deployments.len() {
            let alive = self.tasks.values().filter(|task| task.is_alive() && self.belongs_to(task, index)).count();
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

    fn is_stable(&self) -> bool {
        let desired = self.service.desired as usize;
        let tasks = self.tasks_by_deployment();
        let pending = tasks.primary_pending.len() + tasks.old_pending.len();
        let rollout_failed = self.service.deployments.first().is_some_and(|one| one.state == RolloutState::Failed);
        let running = tasks.primary_running.len() + if rollout_failed { tasks.old_running.len() } else { 0 };
        pending == 0 && running == desired && (rollout_failed || tasks.old_running.is_empty())
    }

    fn belongs_to(&self, task: &Task, index: usize) -> bool {
        self.service.deployments.get(index).is_some_and(|one| task.started_by.as_ref() == Some(&one.id))
    }

    fn tasks_by_deployment(&self) -> TasksByDeployment {
        let ids = |primary: bool, matches: &dyn Fn(&Task) -> bool| {
            let of = self.tasks.values().filter(|task| matches(task) && self.belongs_to(task, 0) == primary);
            of.map(|task| task.id.clone()).collect::<Vec<_>>()
        };
        let runs = |task: &Task| task.status == TaskStatus::Running;
        TasksByDeployment {
            primary_running: ids(true, &runs),
            primary_pending: ids(true, &Task::is_pending),
            old_running: ids(false, &runs),
            old_pending: ids(false, &Task::is_pending),
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
