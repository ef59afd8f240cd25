//! `DescribeLogGroups` and `CreateLogGroup`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::doc::Doc;
use super::super::ecs::Moment;
use super::super::page::page;
use super::super::world::{LogGroup, Region};
use super::{Input, Refusal, arn, limit, named, token};

/// Default page size.
const PAGE: usize = 50;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
pub(super) fn describe(region: &Region, input: &Input, _now: Timestamp) -> Result<Value, Refusal> {
    let (prefix, pattern) = (input.text("logGroupNamePrefix")?, input.text("logGroupNamePattern")?);
    if prefix.is_some() && pattern.is_some() {
        return Err(Refusal::invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let fits = |name: &&String| {
        prefix.is_none_or(|prefix| name.starts_with(prefix)) && pattern.is_none_or(|pattern| name.contains(pattern))
    };
    let names = region.log_groups.keys().filter(fits).cloned().collect();
    let place = &region.place;
    let list = ["DescribeLogGroups", &place.account, &place.region, prefix.unwrap_or("-"), pattern.unwrap_or("-")];
    let page = page(&list, names, limit(input, PAGE)?, input.text("nextToken")?).ok_or_else(token)?;
    let found = page.items.iter().filter_map(|name| Some((name, region.log_groups.get(name)?)));
    let groups = found.map(|(name, group)| {
        let brief = Doc::new()
            .set("logGroupName", name.as_str())
            .set("creationTime", group.created_at.as_millisecond())
            .set("arn", format!("{}:*", arn(place, name)));
        // "If you specify a pattern, the results contain only the ARN, the creation time and the name."
        if pattern.is_some() { brief } else { show(brief, region, name, group) }
    });
    Ok(Doc::new().list("logGroups", groups).maybe("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
pub(super) fn create(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-/#".contains(letter);
    let name = named(input, "logGroupName", allowed)?;
    if let Some(class) = input.text("logGroupClass")?.filter(|class| *class != "STANDARD") {
        return Err(Refusal::invalid(format!("The embedded AWS does not support the log class {class}.")));
    }
    if region.log_groups.contains_key(name) {
        return Err(Refusal::new("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    region.log_groups.insert(name.to_owned(), LogGroup::new(moment.now, None));
    Ok(Doc::new().into())
}

fn show(brief: Doc, region: &Region, name: &str, group: &LogGroup) -> Doc {
    let put = group.streams.values().flat_map(|stream| stream.lines.values());
    brief
        .maybe("retentionInDays", group.retention_days)
        .set("metricFilterCount", 0)
        .set("storedBytes", put.map(|message| message.len() + super::OVERHEAD).sum::<usize>())
        .set("logGroupClass", "STANDARD")
        .set("logGroupArn", arn(&region.place, name))
}
