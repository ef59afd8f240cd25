//! What the scheduler remembers of a service from one look at it to the next, and how fast things go.

use jiff::{SignedDuration, Timestamp};

use super::super::random::Random;
use super::Service;

/// How fast things go.
///
/// Durations are those of one step, from which single tasks differ by a third or so; what takes a while on AWS is
/// shortened in the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Reads show what was before a write for so long, the writer's own reads too.
    ///
    /// AWS: "Amazon ECS API follows an eventual consistency model", <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html>
    pub lag: SignedDuration,
    /// From something that happens until the scheduler does something about it; at least a second.
    pub look: SignedDuration,
    /// A task's network interface is made.
    pub provisioning: SignedDuration,
    /// A task waits to be placed.
    pub pending: SignedDuration,
    /// Its images are pulled.
    pub pulling: SignedDuration,
    /// How long it is tried to pull an image that is not there.
    pub retrying: SignedDuration,
    /// Its containers start.
    pub starting: SignedDuration,
    /// A task behind a load balancer is let go of.
    pub draining: SignedDuration,
    /// Containers end once they are told to.
    pub stopping: SignedDuration,
    /// A task's network interface is given back.
    pub deprovisioning: SignedDuration,
    /// From the last task's start until ECS says that all is steady.
    pub settling: SignedDuration,
    /// The first pause of a scheduler whose tasks do not start; it doubles with each further one.
    pub first_pause: SignedDuration,
    /// The longest such pause. AWS: 27 minutes,
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html>
    pub longest_pause: SignedDuration,
    /// How often a scaling policy looks at its metric.
    pub metric: SignedDuration,
}

impl Pace {
    /// The demo's: a task starts in a few seconds, and three are replaced in about twenty.
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

    /// About AWS's own.
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

    /// The pace of one task: 80 to 139 percent of what a step takes, as no two take equally long.
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

    /// From something that happens until the scheduler looks.
    pub(crate) fn reaction(&self) -> SignedDuration {
        // Without a pause, a container that dies at once would be replaced for ever within one moment.
        self.look.max(SignedDuration::from_secs(1))
    }

    /// How long the scheduler waits after so many tasks in a row that never ran.
    pub(crate) fn pause(&self, misses: u32) -> SignedDuration {
        let doubled = self.first_pause.checked_mul(1_i32 << misses.saturating_sub(1).min(20));
        doubled.unwrap_or(self.longest_pause).min(self.longest_pause)
    }
}

/// What the scheduler remembers of a service.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    /// When it looks at the service; nothing while there is nothing to do.
    pub(crate) due: Option<Timestamp>,
    /// Since when nothing is left to do that ECS has not declared steady yet.
    pub(crate) calm_since: Option<Timestamp>,
    /// Whether the service has been declared steady, and nothing has happened since.
    pub(crate) steady: bool,
    /// When it is declared steady again.
    pub(crate) again: Option<Timestamp>,
    /// Tasks in a row that never ran.
    pub(crate) misses: u32,
    /// No task is started before then, because of those.
    pub(crate) not_before: Option<Timestamp>,
    /// The deployment that was said to be stuck.
    pub(crate) stuck: Option<String>,
    /// Where its ids and its luck come from.
    pub(crate) random: Random,
    /// What reads still show, and until when.
    pub(crate) stale: Option<(Timestamp, Box<Service>)>,
}

impl Life {
    /// That of a service which has been steady for long.
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

    /// Looks at `at`, or earlier if that was so already; never before what was written is there to be seen.
    pub(crate) fn wake(&mut self, at: Timestamp) {
        let at = self.stale.as_ref().map_or(at, |(until, _)| at.max(*until));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When something happens next, tasks aside.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let stale = self.stale.as_ref().map(|(until, _)| *until);
        [self.due, self.again.filter(|_| self.steady), stale].into_iter().flatten().min()
    }
}

impl Service {
    /// The service as reads show it.
    pub(crate) fn shown(&self) -> &Self {
        self.life.stale.as_ref().map_or(self, |(_, stale)| stale)
    }

    /// Prepares for a write: reads show what is there now until `until`, and the scheduler waits for that.
    ///
    /// A write that soon follows another is seen together with it.
    pub(crate) fn write(&mut self, until: Timestamp) {
        let until = self.life.stale.as_ref().map_or(until, |(until, _)| *until);
        if self.life.stale.is_none() {
            self.life.stale = Some((until, Box::new(self.clone())));
        }
        (self.life.due, self.life.not_before, self.life.misses) = (Some(until), None, 0);
    }
}
