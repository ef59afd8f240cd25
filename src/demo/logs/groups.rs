//! `DescribeLogGroups` and `CreateLogGroup`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::ecs::WriteTime;
use super::super::json::JsonObject;
use super::super::pagination::page;
use super::super::world::{LogGroup, Region};
use super::{ApiError, RequestBody, group_arn, invalid_token, new_name, page_size};

/// Default page size.
const PAGE: usize = 50;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
pub(super) fn describe(region: &Region, request: &RequestBody, _now: Timestamp) -> Result<Value, ApiError> {
    let (prefix, pattern) = (request.text("logGroupNamePrefix")?, request.text("logGroupNamePattern")?);
    if prefix.is_some() && pattern.is_some() {
        return Err(ApiError::invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let fits = |name: &&String| {
        prefix.is_none_or(|prefix| name.starts_with(prefix)) && pattern.is_none_or(|pattern| name.contains(pattern))
    };
    let names = region.log_groups.keys().filter(fits).cloned().collect();
    let location = &region.location;
    let list =
        ["DescribeLogGroups", &location.account, &location.region, prefix.unwrap_or("-"), pattern.unwrap_or("-")];
    let page = page(&list, names, page_size(request, PAGE)?, request.text("nextToken")?).ok_or_else(invalid_token)?;
    let found = page.items.iter().filter_map(|name| Some((name, region.log_groups.get(name)?)));
    let groups = found.map(|(name, group)| {
        let brief = JsonObject::new()
            .set("logGroupName", name.as_str())
            .set("creationTime", group.created_at.as_millisecond())
            .set("arn", format!("{}:*", group_arn(location, name)));
        // "If you specify a pattern, the results contain only the ARN, the creation time and the name."
        if pattern.is_some() { brief } else { show(brief, region, name, group) }
    });
    Ok(JsonObject::new().list("logGroups", groups).set_if_some("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
pub(super) fn create(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-/#".contains(letter);
    let name = new_name(request, "logGroupName", allowed)?;
    if let Some(class) = request.text("logGroupClass")?.filter(|class| *class != "STANDARD") {
        return Err(ApiError::invalid_parameter(format!("The embedded AWS does not support the log class {class}.")));
    }
    if region.log_groups.contains_key(name) {
        return Err(ApiError::new("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    region.log_groups.insert(name.to_owned(), LogGroup::new(time.now, None));
    Ok(JsonObject::new().into())
}

fn show(brief: JsonObject, region: &Region, name: &str, group: &LogGroup) -> JsonObject {
    let put = group.streams.values().flat_map(|stream| stream.lines.values());
    brief
        .set_if_some("retentionInDays", group.retention_days)
        .set("metricFilterCount", 0)
        .set("storedBytes", put.map(|message| message.len() + super::OVERHEAD).sum::<usize>())
        .set("logGroupClass", "STANDARD")
        .set("logGroupArn", group_arn(&region.location, name))
}
