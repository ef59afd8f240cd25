//! Target tracking by Application Auto Scaling: a policy that follows its metric.
//!
//! Source: <https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html>

use jiff::Timestamp;

use super::super::world::{RolloutState, ScalableTarget, TaskStatus};
use super::ServiceSimulation;

/// When the policy of a target evaluates its metric next; `now` if it never has.
pub(super) fn next_evaluation(target: &ScalableTarget, now: Timestamp) -> Option<Timestamp> {
    let policy = target.policy.as_ref()?;
    policy.load.map(|_| policy.due.unwrap_or(now))
}

impl ServiceSimulation<'_> {
    /// Evaluates the metric of the policy and changes the desired count if necessary.
    pub(super) fn apply_scaling_policy(&mut self, at: Timestamp) {
        let timings = self.region.timings;
        let Some(target) = self.target.as_deref_mut() else { return };
        let Some(policy) = &mut target.policy else { return };
        policy.due = Some(at + timings.metric_period.max(timings.reaction()));
        let Some(load) = policy.load else { return };
        let running = self.tasks.values().filter(|task| task.status == TaskStatus::Running).count();
        let running = u32::try_from(running).unwrap_or(u32::MAX);
        // Without a running task there is no metric. While tasks start or stop, the policy is in its cooldown.
        if running == 0 || running != self.service.desired {
            return;
        }
        let needed = load.div_ceil(policy.value.max(1));
        let [no_in, no_out, _] = target.suspended;
        let rolling = self.service.deployments.len() != 1
            || self.service.deployments.iter().any(|one| one.state != RolloutState::Completed);
        // 90 percent: a policy scales in more cautiously than it scales out.
        let idle = u64::from(load) * 10 < u64::from(running) * u64::from(policy.value) * 9;
        let desired = if needed > running && !no_out {
            needed.clamp(target.minimum, target.maximum).max(running)
        } else if needed < running && idle && !no_in && !rolling {
            needed.clamp(target.minimum, target.maximum).min(running)
        } else {
            return;
        };
        if desired != self.service.desired {
            self.service.begin_write(at + timings.read_lag);
            self.service.desired = desired;
        }
    }
}
