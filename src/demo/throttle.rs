//! AWS's token buckets, one set for each account and region.

use std::collections::HashMap;

use jiff::Timestamp;

use super::wire::Api;
use super::world::Location;

/// ECS's buckets: their operations, their burst and their sustained rate per second.
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

/// The bucket of an ECS operation: its name, its burst and its sustained rate.
fn ecs(operation: &str) -> Option<(&'static str, f64, f64)> {
    let (actions, burst, sustained) = ECS.iter().find(|(actions, ..)| actions.contains(&operation))?;
    Some((actions.first()?, *burst, *sustained))
}

/// The bucket of a `CloudWatch` Logs operation: its name, its burst and its sustained rate. AWS documents only a rate
/// per second for each; the burst is one second of it.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
fn logs(operation: &str, region: &str) -> Option<(&'static str, f64, f64)> {
    let few = ["ap-northeast-3", "ap-southeast-3", "ca-west-1", "eu-central-1", "il-central-1"].contains(&region);
    let (name, rate) = match operation {
        "FilterLogEvents" if few => ("FilterLogEvents", 5.0),
        "FilterLogEvents" if region == "us-east-1" => ("FilterLogEvents", 25.0),
        "FilterLogEvents" => ("FilterLogEvents", 10.0),
        "GetLogEvents" if few || ["us-west-2", "eu-west-1"].contains(&region) => ("GetLogEvents", 10.0),
        "GetLogEvents" if region == "eu-west-3" => ("GetLogEvents", 30.0),
        "GetLogEvents" => ("GetLogEvents", 25.0),
        "DescribeLogGroups" => ("DescribeLogGroups", 10.0),
        "DescribeLogStreams" => ("DescribeLogStreams", 25.0),
        _ => return None,
    };
    Some((name, rate, rate))
}

/// The tokens in each bucket, and when they were last counted.
#[derive(Debug, Default)]
pub(crate) struct Buckets(HashMap<(Location, &'static str), (f64, Timestamp)>);

impl Buckets {
    /// Takes a token for `operation` of `api` at `location`. Returns whether there was one.
    ///
    /// Operations without a bucket are never throttled: AWS publishes no limits for them.
    pub(crate) fn try_take(&mut self, location: &Location, api: Api, operation: &str, now: Timestamp) -> bool {
        let bucket = match api {
            Api::Ecs => ecs(operation),
            Api::Logs => logs(operation, &location.region),
            Api::Ecr | Api::Scaling | Api::Sts => None,
        };
        let Some((name, burst, sustained)) = bucket else { return true };
        let (tokens, last) = self.0.entry((location.clone(), name)).or_insert((burst, now));
        let passed = now.duration_since(*last).as_secs_f64().max(0.0);
        *tokens = (*tokens + passed * sustained).min(burst);
        *last = now.max(*last);
        // Sums of fractions of a second can fall slightly short of a whole token.
        if *tokens + 1e-6 < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}
