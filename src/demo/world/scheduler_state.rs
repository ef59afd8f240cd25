//! The scheduler's state for each service, and the delay until reads return a write.

use jiff::Timestamp;

use super::super::random::Random;
use super::Service;

/// The scheduler's state for one service.
#[derive(Clone, Debug)]
pub(crate) struct SchedulerState {
    /// When it runs next; `None` while there is nothing to do.
    pub(crate) due: Option<Timestamp>,
    /// When the service became stable; `None` once the steady-state event is added, or while it is not stable.
    pub(crate) stable_since: Option<Timestamp>,
    /// Whether the service is in a steady state and has the event of it.
    pub(crate) steady: bool,
    /// When the steady-state event is repeated.
    pub(crate) repeat_at: Option<Timestamp>,
    /// Consecutive tasks that failed to start.
    pub(crate) failed_starts: u32,
    /// The scheduler starts no task before this, because of those failures.
    pub(crate) not_before: Option<Timestamp>,
    /// The id of the deployment that was last reported as stuck.
    pub(crate) reported_stuck: Option<String>,
    /// The source of the service's random ids.
    pub(crate) random: Random,
    /// The service as reads still return it, and until when.
    pub(crate) stale_view: Option<(Timestamp, Box<Service>)>,
}

impl SchedulerState {
    /// The state of a service that has been steady for a long time.
    pub(crate) fn new(random: Random) -> Self {
        Self {
            due: None,
            stable_since: None,
            steady: true,
            repeat_at: None,
            failed_starts: 0,
            not_before: None,
            reported_stuck: None,
            random,
            stale_view: None,
        }
    }

    /// Schedules a run at `at` unless an earlier one is due, but never before the last write is visible.
    pub(crate) fn run_at(&mut self, at: Timestamp) {
        let at = self.stale_view.as_ref().map_or(at, |(until, _)| at.max(*until));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When the next event of the service is due, apart from its tasks.
    pub(crate) fn next_event(&self) -> Option<Timestamp> {
        let stale_view = self.stale_view.as_ref().map(|(until, _)| *until);
        [self.due, self.repeat_at.filter(|_| self.steady), stale_view].into_iter().flatten().min()
    }
}

impl Service {
    /// The service as reads return it.
    pub(crate) fn visible(&self) -> &Self {
        self.scheduler.stale_view.as_ref().map_or(self, |(_, stale_view)| stale_view)
    }

    /// Prepares a write: until `until`, reads return the present state and the scheduler waits.
    ///
    /// A second write in that time becomes visible together with the first.
    pub(crate) fn begin_write(&mut self, until: Timestamp) {
        let until = self.scheduler.stale_view.as_ref().map_or(until, |(until, _)| *until);
        if self.scheduler.stale_view.is_none() {
            self.scheduler.stale_view = Some((until, Box::new(self.clone())));
        }
        (self.scheduler.due, self.scheduler.not_before, self.scheduler.failed_starts) = (Some(until), None, 0);
    }
}
