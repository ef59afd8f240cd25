//! Application Auto Scaling at work: a target-tracking policy that follows its metric.
//!
//! Source: <https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html>

use jiff::Timestamp;

use super::super::world::{RolloutState, Target, TaskStatus};
use super::Stage;

/// When the policy of a target looks at its metric next; at once, if it never has.
pub(super) fn next(target: &Target, now: Timestamp) -> Option<Timestamp> {
    let policy = target.policy.as_ref()?;
    policy.load.map(|_| policy.due.unwrap_or(now))
}

impl Stage<'_> {
    /// Lets the policy look at its metric, and change the count if it must.
    pub(super) fn scale(&mut self, at: Timestamp) {
        let pace = self.ground.pace;
        let Some(target) = self.target.as_deref_mut() else { return };
        let Some(policy) = &mut target.policy else { return };
        policy.due = Some(at + pace.metric.max(pace.reaction()));
        let Some(load) = policy.load else { return };
        let running = self.tasks.values().filter(|task| task.status == TaskStatus::Running).count();
        let running = u32::try_from(running).unwrap_or(u32::MAX);
        // Without a task there is no metric, and while tasks still come or go there is a cooldown.
        if running == 0 || running != self.service.desired {
            return;
        }
        let needed = load.div_ceil(policy.value.max(1));
        let [no_in, no_out, _] = target.suspended;
        let rolling = self.service.deployments.len() != 1
            || self.service.deployments.iter().any(|one| one.state != RolloutState::Completed);
        // Nine tenths: a policy scales in more cautiously than out.
        let idle = u64::from(load) * 10 < u64::from(running) * u64::from(policy.value) * 9;
        let wished = if needed > running && !no_out {
            needed.clamp(target.minimum, target.maximum).max(running)
        } else if needed < running && idle && !no_in && !rolling {
            needed.clamp(target.minimum, target.maximum).min(running)
        } else {
            return;
        };
        if wished != self.service.desired {
            self.service.write(at + pace.lag);
            self.service.desired = wished;
        }
    }
}
