//! How long the steps of the simulation take.

use jiff::SignedDuration;

use super::super::random::Random;

/// How long things take.
///
/// These are typical durations of single steps; the actual ones vary by about a third from task to task. The demo
/// shortens those that take long on AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long reads still return the state before a write, even for the client that wrote.
    ///
    /// AWS: "Amazon ECS API follows an eventual consistency model",
    /// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>
    pub read_lag: SignedDuration,
    /// The scheduler's reaction time to a change; at least a second.
    pub scheduler_delay: SignedDuration,
    /// Creating a task's network interface.
    pub provisioning: SignedDuration,
    /// Placing a task.
    pub pending: SignedDuration,
    /// Pulling a task's images.
    pub pulling: SignedDuration,
    /// Retrying to pull an image that does not exist, until the task fails.
    pub failed_pull: SignedDuration,
    /// Starting a task's containers.
    pub starting: SignedDuration,
    /// Deregistering a task from its load balancer.
    pub draining: SignedDuration,
    /// Stopping a task's containers.
    pub stopping: SignedDuration,
    /// Deleting a task's network interface.
    pub deprovisioning: SignedDuration,
    /// From the last change until the steady-state event.
    pub steady_delay: SignedDuration,
    /// The first pause of the scheduler after a task failed to start. It doubles with each further failure.
    pub first_backoff: SignedDuration,
    /// The longest such pause. AWS: 27 minutes,
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html>
    pub max_backoff: SignedDuration,
    /// How often a scaling policy evaluates its metric.
    pub metric_period: SignedDuration,
}

impl Timings {
    /// The demo's timings: a task starts in a few seconds, and replacing three takes about twenty.
    pub const DEMO: Self = Self {
        read_lag: SignedDuration::from_millis(1_500),
        scheduler_delay: SignedDuration::from_secs(1),
        provisioning: SignedDuration::from_millis(1_000),
        pending: SignedDuration::from_millis(700),
        pulling: SignedDuration::from_millis(2_000),
        failed_pull: SignedDuration::from_secs(10),
        starting: SignedDuration::from_millis(800),
        draining: SignedDuration::from_secs(4),
        stopping: SignedDuration::from_secs(2),
        deprovisioning: SignedDuration::from_secs(2),
        steady_delay: SignedDuration::from_secs(5),
        first_backoff: SignedDuration::from_secs(5),
        max_backoff: SignedDuration::from_secs(75),
        metric_period: SignedDuration::from_secs(20),
    };

    /// Approximately AWS's timings.
    pub const AWS: Self = Self {
        read_lag: SignedDuration::from_millis(1_500),
        scheduler_delay: SignedDuration::from_secs(3),
        provisioning: SignedDuration::from_secs(11),
        pending: SignedDuration::from_secs(3),
        pulling: SignedDuration::from_secs(15),
        failed_pull: SignedDuration::from_secs(60),
        starting: SignedDuration::from_secs(4),
        draining: SignedDuration::from_secs(300),
        stopping: SignedDuration::from_secs(8),
        deprovisioning: SignedDuration::from_secs(12),
        steady_delay: SignedDuration::from_secs(45),
        first_backoff: SignedDuration::from_secs(30),
        max_backoff: SignedDuration::from_mins(27),
        metric_period: SignedDuration::from_mins(1),
    };

    /// The timings of one task: each step takes 80 to 139 percent of its typical duration.
    pub(crate) fn for_task(&self, task: &str) -> Self {
        let percent = Random::from_words(&["pace", task]).between(80, 139);
        let varied = |span: SignedDuration| {
            SignedDuration::from_millis(i64::try_from(span.as_millis()).unwrap_or(0).saturating_mul(percent) / 100)
        };
        Self {
            provisioning: varied(self.provisioning),
            pending: varied(self.pending),
            pulling: varied(self.pulling),
            failed_pull: varied(self.failed_pull),
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
        self.scheduler_delay.max(SignedDuration::from_secs(1))
    }

    /// The scheduler's pause after `failed_starts` consecutive tasks that failed to start.
    pub(crate) fn backoff(&self, failed_starts: u32) -> SignedDuration {
        let doubled = self.first_backoff.checked_mul(1_i32 << failed_starts.saturating_sub(1).min(20));
        doubled.unwrap_or(self.max_backoff).min(self.max_backoff)
    }
}
