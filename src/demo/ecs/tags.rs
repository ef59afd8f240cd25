//! `ListTagsForResource`.

use serde_json::Value;

use super::super::doc::{self, Doc};
use super::super::world::{Region, Tags};
use super::{Input, Refusal};

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let arn = input.text("resourceArn")?.unwrap_or_default();
    if !arn.starts_with("arn:") {
        return Err(Refusal::invalid("Invalid resource ARN."));
    }
    super::own(region, arn)?;
    let resource = region.place.resource(arn).unwrap_or_default();
    let tags = find(region, resource).ok_or_else(|| {
        Refusal::invalid("The specified resource was not found. Specify a valid resource and try again.")
    })?;
    Ok(Doc::new().list("tags", doc::tags(tags)).into())
}

fn find<'a>(region: &'a Region, resource: &str) -> Option<&'a Tags> {
    let (kind, rest) = resource.split_once('/')?;
    let parts = rest.split_once('/');
    let in_cluster = || Some((region.clusters.get(parts?.0)?, parts?.1));
    match kind {
        "cluster" => region.clusters.get(rest).map(|cluster| &cluster.tags),
        "service" => {
            in_cluster().and_then(|(cluster, name)| cluster.services.get(name)).map(|service| &service.shown().tags)
        }
        "task" => in_cluster().and_then(|(cluster, id)| cluster.tasks.get(id)).map(|task| &task.tags),
        "task-definition" if rest.contains(':') => region.definition(rest).map(|definition| &definition.tags),
        _ => None,
    }
}
