//! `ListTagsForResource`, `TagResource`, `UntagResource`.

use serde_json::Value;

use super::super::json::{self, JsonObject};
use super::super::world::{Region, Tags};
use super::{ApiError, RequestBody, WriteTime};

/// The most tags on one resource.
///
/// Source, also for the other limits: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html>
const MAX_TAGS: usize = 50;

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let resource = resource(region, request)?;
    let tags = find(region, &resource).ok_or_else(resource_not_found)?;
    Ok(JsonObject::new().list("tags", json::tags(tags)).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html>
pub(super) fn tag(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let resource = resource(region, request)?;
    let given = parse_tags(request)?;
    if given.is_empty() {
        return Err(ApiError::invalid_parameter("Tags cannot be empty."));
    }
    let tags = change(region, &resource, time, |tags| {
        let mut changed = tags.clone();
        changed.extend(given);
        changed
    });
    tags.ok_or_else(resource_not_found)?.map(|()| JsonObject::new().into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UntagResource.html>
pub(super) fn untag(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let resource = resource(region, request)?;
    let keys = request.strings("tagKeys")?.unwrap_or_default();
    if keys.is_empty() {
        return Err(ApiError::invalid_parameter("Tag keys cannot be empty."));
    }
    if let Some(reserved) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(ApiError::invalid_parameter(format!(
            "Tag keys starting with aws: are reserved, but was {reserved}."
        )));
    }
    let tags = change(region, &resource, time, |tags| {
        let kept = tags.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    });
    tags.ok_or_else(resource_not_found)?.map(|()| JsonObject::new().into())
}

/// Parses and validates the tags of a request.
pub(super) fn parse_tags(request: &RequestBody) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for tag in request.objects("tags")?.unwrap_or_default() {
        let (key, value) = (tag.text("key")?.unwrap_or_default(), tag.text("value")?.unwrap_or_default());
        check("key", key, 1..=128)?;
        check("value", value, 0..=256)?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ApiError::invalid_parameter(format!(
                "Tag keys starting with aws: are reserved, but was {key}."
            )));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    if tags.len() > MAX_TAGS { Err(too_many_tags()) } else { Ok(tags) }
}

/// Validates text against `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, the pattern in the API reference.
fn check(what: &str, text: &str, length: std::ops::RangeInclusive<usize>) -> Result<(), ApiError> {
    let fits = |letter: char| letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter);
    let count = text.chars().count();
    if !length.contains(&count) {
        let message =
            format!("Tag {what} must have {} to {} characters, but had {count}.", length.start(), length.end());
        return Err(ApiError::invalid_parameter(message));
    }
    if text.chars().all(fits) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(format!(
        "Tag {what} must match [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]*, but was {text}"
    )))
}

/// Changes the tags of a resource; `None` if it does not exist. Refuses too many tags.
fn change(
    region: &mut Region,
    resource: &str,
    time: WriteTime,
    change: impl FnOnce(&Tags) -> Tags,
) -> Option<Result<(), ApiError>> {
    let (kind, rest) = resource.split_once('/')?;
    let parts = rest.split_once('/');
    if let ("service", Some((cluster, name))) = (kind, parts) {
        let service = region.service(cluster, name)?;
        let changed = change(&service.tags);
        if changed.len() > MAX_TAGS {
            return Some(Err(too_many_tags()));
        }
        service.begin_write(time.visible_at);
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
    if changed.len() > MAX_TAGS {
        return Some(Err(too_many_tags()));
    }
    *tags = changed;
    Some(Ok(()))
}

/// The resource part of the request's ARN.
fn resource(region: &Region, request: &RequestBody) -> Result<String, ApiError> {
    let arn = request.text("resourceArn")?.unwrap_or_default();
    if !arn.starts_with("arn:") {
        return Err(ApiError::invalid_parameter("Invalid resource ARN."));
    }
    super::check_account(region, arn)?;
    let resource = region.location.ecs_resource(arn).unwrap_or_default();
    if resource.strip_prefix("service/").is_some_and(|rest| !rest.contains('/')) {
        return Err(ApiError::invalid_parameter("Long arn format must be used for tagging operations"));
    }
    Ok(resource.to_owned())
}

fn resource_not_found() -> ApiError {
    ApiError::invalid_parameter("The specified resource was not found. Specify a valid resource and try again.")
}

fn too_many_tags() -> ApiError {
    ApiError::new("LimitExceededException", format!("A resource can have at most {MAX_TAGS} tags."))
}

fn find<'a>(region: &'a Region, resource: &str) -> Option<&'a Tags> {
    let (kind, rest) = resource.split_once('/')?;
    let parts = rest.split_once('/');
    let in_cluster = || Some((region.clusters.get(parts?.0)?, parts?.1));
    match kind {
        "cluster" => region.clusters.get(rest).map(|cluster| &cluster.tags),
        "service" => {
            in_cluster().and_then(|(cluster, name)| cluster.services.get(name)).map(|service| &service.visible().tags)
        }
        "task" => in_cluster().and_then(|(cluster, id)| cluster.tasks.get(id)).map(|task| &task.tags),
        "task-definition" if rest.contains(':') => region.definition(rest).map(|definition| &definition.tags),
        _ => None,
    }
}
