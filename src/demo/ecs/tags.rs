//! `ListTagsForResource`, `TagResource`, `UntagResource`.

use serde_json::Value;

use super::super::doc::{self, Doc};
use super::super::world::{Region, Tags};
use super::{Input, Moment, Refusal};

/// The most tags on one resource.
///
/// Source, also for the other limits: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html>
const MOST: usize = 50;

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let resource = resource(region, input)?;
    let tags = find(region, &resource).ok_or_else(missing)?;
    Ok(Doc::new().list("tags", doc::tags(tags)).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html>
pub(super) fn tag(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let resource = resource(region, input)?;
    let given = given(input)?;
    if given.is_empty() {
        return Err(Refusal::invalid("Tags cannot be empty."));
    }
    let tags = change(region, &resource, moment, |tags| {
        let mut changed = tags.clone();
        changed.extend(given);
        changed
    });
    tags.ok_or_else(missing)?.map(|()| Doc::new().into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UntagResource.html>
pub(super) fn untag(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let resource = resource(region, input)?;
    let keys = input.list("tagKeys")?.unwrap_or_default();
    if keys.is_empty() {
        return Err(Refusal::invalid("Tag keys cannot be empty."));
    }
    if let Some(reserved) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(Refusal::invalid(format!("Tag keys starting with aws: are reserved, but was {reserved}.")));
    }
    let tags = change(region, &resource, moment, |tags| {
        let kept = tags.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    });
    tags.ok_or_else(missing)?.map(|()| Doc::new().into())
}

/// Parses and validates the tags of a request.
pub(super) fn given(input: &Input) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for tag in input.objects("tags")?.unwrap_or_default() {
        let (key, value) = (tag.text("key")?.unwrap_or_default(), tag.text("value")?.unwrap_or_default());
        check("key", key, 1..=128)?;
        check("value", value, 0..=256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refusal::invalid(format!("Tag keys starting with aws: are reserved, but was {key}.")));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    if tags.len() > MOST { Err(many()) } else { Ok(tags) }
}

/// Validates text against `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, the pattern in the API reference.
fn check(what: &str, text: &str, length: std::ops::RangeInclusive<usize>) -> Result<(), Refusal> {
    let fits = |letter: char| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter);
    let count = text.chars().count();
    if !length.contains(&count) {
        let message =
            format!("Tag {what} must have {} to {} characters, but had {count}.", length.start(), length.end());
        return Err(Refusal::invalid(message));
    }
    if text.chars().all(fits) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("Tag {what} must match [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]*, but was {text}")))
}

/// Changes the tags of a resource; `None` if it does not exist. Refuses too many tags.
fn change(
    region: &mut Region,
    resource: &str,
    moment: Moment,
    change: impl FnOnce(&Tags) -> Tags,
) -> Option<Result<(), Refusal>> {
    let (kind, rest) = resource.split_once('/')?;
    let parts = rest.split_once('/');
    if let ("service", Some((cluster, name))) = (kind, parts) {
        let service = region.service(cluster, name)?;
        let changed = change(&service.tags);
        if changed.len() > MOST {
            return Some(Err(many()));
        }
        service.write(moment.shows);
        service.tags = changed;
        return Some(Ok(()));
    }
    let tags = match kind {
        "cluster" => &mut region.clusters.get_mut(rest)?.tags,
        "task" => &mut region.clusters.get_mut(parts?.0)?.tasks.get_mut(parts?.1)?.tags,
        "task-definition" => &mut region.definition_mut(rest)?.tags,
        _ => return None,
    };
    let changed = change(tags);
    if changed.len() > MOST {
        return Some(Err(many()));
    }
    *tags = changed;
    Some(Ok(()))
}

/// The resource part of the request's ARN.
fn resource(region: &Region, input: &Input) -> Result<String, Refusal> {
    let arn = input.text("resourceArn")?.unwrap_or_default();
    if !arn.starts_with("arn:") {
        return Err(Refusal::invalid("Invalid resource ARN."));
    }
    super::own(region, arn)?;
    let resource = region.place.resource(arn).unwrap_or_default();
    if resource.strip_prefix("service/").is_some_and(|rest| !rest.contains('/')) {
        return Err(Refusal::invalid("Long arn format must be used for tagging operations"));
    }
    Ok(resource.to_owned())
}

fn missing() -> Refusal {
    Refusal::invalid("The specified resource was not found. Specify a valid resource and try again.")
}

fn many() -> Refusal {
    Refusal::new("LimitExceededException", format!("A resource can have at most {MOST} tags."))
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
