//! `DescribeLogStreams` and `CreateLogStream`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::ecs::WriteTime;
use super::super::json::JsonObject;
use super::super::pagination::page;
use super::super::world::Region;
use super::super::world::logs::LogStream;
use super::lines::Line;
use super::scan::{Position, StreamSource, scan_backward, scan_forward, sources};
use super::{ApiError, RequestBody, find_group, group_arn, group_not_found, invalid_token, new_name, page_size};

/// Default page size.
const PAGE: usize = 50;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
pub(super) fn describe(region: &Region, request: &RequestBody, now: Timestamp) -> Result<Value, ApiError> {
    let (name, _) = find_group(region, request)?;
    let prefix = request.text("logStreamNamePrefix")?;
    let order = request.one_of("orderBy", &["LogStreamName", "LastEventTime"])?.unwrap_or("LogStreamName");
    let descending = request.flag("descending")?.unwrap_or(false);
    if order == "LastEventTime" && prefix.is_some() {
        return Err(ApiError::invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut found = sources(region, name, now, |stream| prefix.is_none_or(|prefix| stream.starts_with(prefix)));
    if order == "LastEventTime" {
        found.sort_by_cached_key(|source| last(source).map(|line| line.key.at));
    }
    if descending {
        found.reverse();
    }
    let location = &region.location;
    let list = [
        "DescribeLogStreams",
        &location.account,
        &location.region,
        name,
        prefix.unwrap_or("-"),
        order,
        if descending { "down" } else { "up" },
    ];
    let names = found.iter().map(|source| source.stream.clone()).collect();
    let page = page(&list, names, page_size(request, PAGE)?, request.text("nextToken")?).ok_or_else(invalid_token)?;
    let shown = found.iter().filter(|source| page.items.contains(&source.stream));
    let shown = shown.map(|source| show(source, &group_arn(location, name)));
    Ok(JsonObject::new().list("logStreams", shown).set_if_some("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
pub(super) fn create(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let name = new_name(request, "logStreamName", |letter| letter != ':' && letter != '*')?;
    let of = request.text("logGroupName")?.unwrap_or_default();
    if !region.log_groups.contains_key(of) {
        return Err(group_not_found());
    }
    let written = !sources(region, of, time.now, |stream| stream == name).is_empty();
    let group = region.log_groups.get_mut(of).ok_or_else(group_not_found)?;
    if written {
        return Err(ApiError::new("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    group.streams.insert(name.to_owned(), LogStream::new(time.now));
    Ok(JsonObject::new().into())
}

fn show(source: &StreamSource<'_>, group: &str) -> JsonObject {
    let (first, last) =
        (scan_forward(std::slice::from_ref(source), &Position::at(0), i64::MAX, 1, &|_| true), last(source));
    JsonObject::new()
        .set("logStreamName", source.stream.as_str())
        .set("creationTime", source.created)
        .set_if_some("firstEventTimestamp", first.lines.first().map(|line| line.key.at))
        .set_if_some("lastEventTimestamp", last.as_ref().map(|line| line.key.at))
        .set_if_some("lastIngestionTime", last.as_ref().map(|line| line.key.ingested))
        .set("uploadSequenceToken", "49039859646000000000000000000000000000000000000000000000")
        .set("arn", format!("{group}:log-stream:{}", source.stream))
        // As with AWS since 2019.
        .set("storedBytes", 0)
}

/// The last line of the stream that has been ingested.
fn last(source: &StreamSource<'_>) -> Option<Line> {
    scan_backward(source, &Position::at(i64::MAX), 0, 1).lines.pop()
}
