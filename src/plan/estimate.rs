//! How long a plan will take.

use std::collections::BTreeMap;
use std::time::Duration;

use super::execution::{AT_ONCE, AT_ONCE_OVER_TENANTS};
use super::model::Plan;
use crate::fleet::ContextId;
use crate::fleet::operation::{Bucket, Mode};

/// How long `plan` will take, stabilization aside: as long as its slowest bucket of requests, or its longest row of
/// steps where that is longer.
pub fn duration(plan: &Plan) -> Duration {
    let mut requests: BTreeMap<(&ContextId, Bucket), (Mode, u32)> = BTreeMap::new();
    for track in &plan.tracks {
        for (operation, count) in track.steps.iter().flat_map(|step| step.kind().cost()) {
            let info = operation.info();
            let sum = requests.entry((&track.target.context, info.bucket)).or_insert((info.mode, 0));
            sum.1 = sum.1.saturating_add(count);
        }
    }
    let region = |context: &ContextId| {
        plan.locations
            .iter()
            .find(|place| place.context == *context)
            .map(|place| place.region.as_str())
            .unwrap_or_default()
    };
    let buckets =
        requests.into_iter().map(|((context, bucket), (mode, count))| time_for(bucket, mode, count, region(context)));
    let at_once = if plan.tenants().len() > 1 { AT_ONCE_OVER_TENANTS } else { AT_ONCE };
    let longest = plan.tracks.iter().map(|track| track.steps.iter().map(|step| step.kind().typical_duration()).sum());
    let longest: Duration = longest.max().unwrap_or_default();
    let rows = u32::try_from(plan.tracks.len().div_ceil(at_once)).unwrap_or(u32::MAX);
    buckets.max().unwrap_or_default().max(longest.saturating_mul(rows))
}

/// A length of time as it is spoken of: `about 40 s`, `about 3 min`.
pub fn about(length: Duration) -> String {
    match length.as_millis().div_ceil(1_000) {
        0..=2 => "a few seconds".to_owned(),
        seconds @ 3..10 => format!("about {seconds} s"),
        seconds @ 10..100 => format!("about {} s", seconds.next_multiple_of(10)),
        seconds => format!("about {} min", seconds.div_ceil(60)),
    }
}

/// How long the limiter takes to let so many requests through: nine tenths of AWS's burst at once, then a quarter of
/// AWS's rate. Of a bucket of reads the console has used the burst up already: two seconds' worth is left.
fn time_for(bucket: Bucket, mode: Mode, requests: u32, region: &str) -> Duration {
    let (burst, rate) = bucket.limits(region);
    // In quarters of a request, so that a quarter of a rate is a whole number.
    let at_once = match mode {
        Mode::Write => burst * 9 / 10 * 4,
        Mode::Read => rate * 2,
    };
    let late = u64::from(requests).saturating_mul(4).saturating_sub(u64::from(at_once));
    Duration::from_millis(late.saturating_mul(1_000).div_ceil(u64::from(rate)))
}
