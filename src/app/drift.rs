//! Drift: whether a plan still shows what is there. The plan stays as it is while the fleet moves.

use crate::fleet::Fleet;
use crate::plan::Plan;

/// Positions of those tracks of `plan` whose resource is no longer as the plan shows it, each with what is there now.
pub fn drift(plan: &Plan, fleet: &Fleet) -> Vec<(usize, String)> {
    let drift = plan
        .tracks
        .iter()
        .map(|track| track.steps.iter().find_map(|step| step.kind().drift(&track.target.resource, fleet)));
    drift.enumerate().filter_map(|(at, drift)| Some((at, drift?))).collect()
}
