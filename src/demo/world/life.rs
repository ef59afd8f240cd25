//! Timings of the simulation, and the scheduler's state for each service.

use jiff::{SignedDuration, Timestamp};

use super::super::random::Random;
use super::Service;

/// How long things take.
///
/// These are typical durations of single steps; the actual ones vary by about a third from task to task. The demo
/// shortens those that take long on AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long reads still return the state before a write, even for the client that wrote.
    ///
    /// AWS: "Amazon ECS API follows an eventual consistency model",
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>
    pub lag: SignedDuration,
    /// The scheduler's reaction time to a change; at least a second.
    pub look: SignedDuration,
    /// Creating a task's network interface.
    pub provisioning: SignedDuration,
    /// Placing a task.
    pub pending: SignedDuration,
    /// Pulling a task's images.
    pub pulling: SignedDuration,
    /// Retrying to pull an image that does not exist, until the task fails.
    pub retrying: SignedDuration,
    /// Starting a task's containers.
    pub starting: SignedDuration,
    /// Deregistering a task from its load balancer.
    pub draining: SignedDuration,
    /// Stopping a task's containers.
    pub stopping: SignedDuration,
    /// Deleting a task's network interface.
    pub deprovisioning: SignedDuration,
    /// From the last change until ECS says that the service is steady.
    pub settling: SignedDuration,
    /// The first pause of the scheduler after a task failed to start. It doubles with each further failure.
    pub first_pause: SignedDuration,
    /// The longest such pause. AWS: 27 minutes,
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html>
    pub longest_pause: SignedDuration,
    /// How often a scaling policy evaluates its metric.
    pub metric: SignedDuration,
}

impl Pace {
    /// The demo's timings: a task starts in a few seconds, and replacing three takes about twenty.
    pub const DEMO: Self = Self {
        lag: SignedDuration::from_millis(1_500),
        look: SignedDuration::from_secs(1),
        provisioning: SignedDuration::from_millis(1_000),
        pending: SignedDuration::from_millis(700),
        pulling: SignedDuration::from_millis(2_000),
        retrying: SignedDuration::from_secs(10),
        starting: SignedDuration::from_millis(800),
        draining: SignedDuration::from_secs(4),
        stopping: SignedDuration::from_secs(2),
        deprovisioning: SignedDuration::from_secs(2),
        settling: SignedDuration::from_secs(5),
        first_pause: SignedDuration::from_secs(5),
        longest_pause: SignedDuration::from_secs(75),
        metric: SignedDuration::from_secs(20),
    };

    /// Approximately AWS's timings.
    pub const AWS: Self = Self {
        lag: SignedDuration::from_millis(1_500),
        look: SignedDuration::from_secs(3),
        provisioning: SignedDuration::from_secs(11),
        pending: SignedDuration::from_secs(3),
        pulling: SignedDuration::from_secs(15),
        retrying: SignedDuration::from_secs(60),
        starting: SignedDuration::from_secs(4),
        draining: SignedDuration::from_secs(300),
        stopping: SignedDuration::from_secs(8),
        deprovisioning: SignedDuration::from_secs(12),
        settling: SignedDuration::from_secs(45),
        first_pause: SignedDuration::from_secs(30),
        longest_pause: SignedDuration::from_mins(27),
        metric: SignedDuration::from_mins(1),
    };

    /// The timings of one task: each step takes 80 to 139 percent of its typical duration.
    pub(crate) fn of(&self, task: &str) -> Self {
        let percent = Random::from_words(&["pace", task]).between(80, 139);
        let varied = |span: SignedDuration| {
            SignedDuration::from_millis(i64::try_from(span.as_millis()).unwrap_or(0).saturating_mul(percent) / 100)
        };
        Self {
            provisioning: varied(self.provisioning),
            pending: varied(self.pending),
            pulling: varied(self.pulling),
            retrying: varied(self.retrying),
            starting: varied(self.starting),
            draining: varied(self.draining),
            stopping: varied(self.stopping),
            deprovisioning: varied(self.deprovisioning),
            ..*self
        }
    }

    /// The scheduler's reaction time.
    pub(crate) fn reaction(&self) -> SignedDuration {
        // At least a second: otherwise a container that exits at once would be replaced endlessly at one point in time.
        self.look.max(SignedDuration::from_secs(1))
    }

    /// The scheduler's pause after `misses` consecutive tasks that failed to start.
    pub(crate) fn pause(&self, misses: u32) -> SignedDuration {
        let doubled = self.first_pause.checked_mul(1_i32 << misses.saturating_sub(1).min(20));
        doubled.unwrap_or(self.longest_pause).min(self.longest_pause)
    }
}

/// The scheduler's state for one service.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    /// When it runs next; `None` while there is nothing to do.
    pub(crate) due: Option<Timestamp>,
    /// Since when the service has been stable without an event that says so.
    pub(crate) calm_since: Option<Timestamp>,
    /// Whether the service is in a steady state and an event has said so.
    pub(crate) steady: bool,
    /// When the steady-state event is repeated.
    pub(crate) again: Option<Timestamp>,
    /// Consecutive tasks that failed to start.
    pub(crate) misses: u32,
    /// The scheduler starts no task before this, because of those failures.
    pub(crate) not_before: Option<Timestamp>,
    /// The id of the deployment that was last reported as stuck.
    pub(crate) stuck: Option<String>,
    /// The source of the service's random ids.
    pub(crate) random: Random,
    /// The service as reads still return it, and until when.
    pub(crate) stale: Option<(Timestamp, Box<Service>)>,
}

impl Life {
    /// The state of a service that has been steady for a long time.
    pub(crate) fn new(random: Random) -> Self {
        Self {
            due: None,
            calm_since: None,
            steady: true,
            again: None,
            misses: 0,
            not_before: None,
            stuck: None,
            random,
            stale: None,
        }
    }

    /// Schedules a run at `at` unless an earlier one is due, but never before the last write is visible.
    pub(crate) fn wake(&mut self, at: Timestamp) {
        let at = self.stale.as_ref().map_or(at, |(until, _)| at.max(*until));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When the next event of the service is due, apart from its tasks.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let stale = self.stale.as_ref().map(|(until, _)| *until);
        [self.due, self.again.filter(|_| self.steady), stale].into_iter().flatten().min()
    }
}

impl Service {
    /// The service as reads return it.
    pub(crate) fn shown(&self) -> &Self {
        self.life.stale.as_ref().map_or(self, |(_, stale)| stale)
    }

    /// Prepares a write: until `until`, reads return the present state and the scheduler waits.
    ///
    /// A second write in that time becomes visible together with the first.
    pub(crate) fn write(&mut self, until: Timestamp) {
        let until = self.life.stale.as_ref().map_or(until, |(until, _)| *until);
        if self.life.stale.is_none() {
            self.life.stale = Some((until, Box::new(self.clone())));
        }
        (self.life.due, self.life.not_before, self.life.misses) = (Some(until), None, 0);
    }
}
