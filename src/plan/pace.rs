//! How long a plan will take.

use std::collections::BTreeMap;
use std::time::Duration;

use super::execution::{AT_ONCE, AT_ONCE_OVER_TENANTS};
use super::step::{Next, Plan, Step};
use crate::fleet::ContextId;

/// A token bucket as wharf drinks from it: requests at once, and each second after that.
///
/// The same figures as those of the budget in the way to AWS: nine tenths of AWS's burst once, then
/// a quarter of its rate (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html>).
/// Of the read buckets the first look has drunk the burst: what is left is two seconds' worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bucket {
    /// `UpdateService`: 50 at once, 5 a second.
    Updates,
    /// `DescribeServices`: 100 at once, 20 a second.
    Services,
    /// Application Auto Scaling, which publishes no figures: 10 at once, 4 a second.
    Scaling,
    /// `DescribeImages`, for which ECR publishes no figures: 10 at once, 4 a second.
    Images,
}

/// How long one step takes by itself: a read, a call, and a read that shows its effect.
const STEP: Duration = Duration::from_secs(2);

/// How long `plan` will take, tasks that come to rest afterwards not counted: as long as its slowest
/// bucket, or its longest row of steps where that is longer.
pub fn pace(plan: &Plan) -> Duration {
    let mut requests: BTreeMap<(&ContextId, Bucket), u32> = BTreeMap::new();
    for track in &plan.tracks {
        for (bucket, count) in track.steps.iter().flat_map(drinks) {
            let sum = requests.entry((&track.target.context, bucket)).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    let buckets = requests.into_iter().map(|((_, bucket), count)| bucket.time_for(count));
    let at_once = if plan.tenants().len() > 1 { AT_ONCE_OVER_TENANTS } else { AT_ONCE };
    let steps = plan.tracks.iter().map(|track| track.steps.len()).max().unwrap_or_default();
    let rows = plan.tracks.len().div_ceil(at_once).saturating_mul(steps);
    let steps = STEP.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX));
    buckets.max().unwrap_or_default().max(steps)
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

/// Requests that a step comes to: what it relies on is read, it is called, and its effect is looked
/// for, twice where the first look is too early.
fn drinks(step: &Step) -> Vec<(Bucket, u32)> {
    match step {
        Step::Count { .. } => vec![(Bucket::Services, 3), (Bucket::Updates, 1)],
        Step::Redeploy { images, .. } => {
            let told = images.iter().filter(|image| !matches!(image.next, Next::Unknown(_)) && image.runs.is_some());
            let told = u32::try_from(told.count()).unwrap_or(u32::MAX);
            vec![(Bucket::Services, 3), (Bucket::Images, told), (Bucket::Updates, 1)]
        }
        Step::Bounds { .. } => vec![(Bucket::Scaling, 3)],
    }
}

impl Bucket {
    fn time_for(self, requests: u32) -> Duration {
        let (burst, rate): (u32, u32) = match self {
            Self::Updates => (50, 5),
            Self::Services => (100, 20),
            Self::Scaling | Self::Images => (10, 4),
        };
        // In quarters of a request, so that a quarter of a rate is a whole number.
        let at_once = match self {
            Self::Updates => burst * 9 / 10 * 4,
            Self::Services | Self::Scaling | Self::Images => rate * 2,
        };
        let late = u64::from(requests).saturating_mul(4).saturating_sub(u64::from(at_once));
        Duration::from_millis(late.saturating_mul(1_000).div_ceil(u64::from(rate)))
    }
}
