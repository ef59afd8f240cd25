//! AWS's token buckets, one set for each account and region.

use std::collections::HashMap;

use jiff::Timestamp;

use super::world::Place;

/// ECS's buckets: their actions, their burst and what they sustain.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>
const ECS: [(&[&str], f64, f64); 10] = [
    (&["DescribeClusters", "ListClusters"], 50.0, 20.0),
    (&["DescribeServices", "ListServices"], 100.0, 20.0),
    (&["ListServiceDeployments", "DescribeServiceDeployments"], 50.0, 20.0),
    (&["DescribeServiceRevisions"], 50.0, 20.0),
    (&["ListTasks", "DescribeTasks"], 100.0, 20.0),
    (&["DescribeTaskDefinition", "ListTaskDefinitions"], 50.0, 20.0),
    (&["ListTagsForResource"], 50.0, 20.0),
    (&["UpdateService"], 50.0, 5.0),
    (&["RegisterTaskDefinition"], 20.0, 1.0),
    (&["TagResource", "UntagResource"], 20.0, 10.0),
];

/// How full each bucket is.
#[derive(Debug, Default)]
pub(crate) struct Buckets(HashMap<(Place, usize), (f64, Timestamp)>);

impl Buckets {
    /// Takes a token for `operation` of ECS at `place`; whether there was one.
    ///
    /// Operations that no bucket names are not held back: AWS publishes no limits for them.
    pub(crate) fn take(&mut self, place: &Place, operation: &str, now: Timestamp) -> bool {
        let named = |(actions, ..): &(&[&str], f64, f64)| actions.contains(&operation);
        let Some(at) = ECS.iter().position(named) else { return true };
        let (_, burst, sustained) = ECS[at];
        let (tokens, last) = self.0.entry((place.clone(), at)).or_insert((burst, now));
        let passed = now.duration_since(*last).as_secs_f64().max(0.0);
        *tokens = (*tokens + passed * sustained).min(burst);
        *last = now.max(*last);
        // A sum of fractions of a second falls short of the whole now and then.
        if *tokens + 1e-6 < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}
