//! `PutLogEvents`.

use serde_json::Value;

use super::super::ecs::WriteTime;
use super::super::json::JsonObject;
use super::super::world::Region;
use super::super::world::logs::{LogStream, event_id};
use super::scan::sources;
use super::{ApiError, MAX_BYTES, MAX_EVENTS, OVERHEAD, RequestBody, group_not_found, stream_not_found};

const HOUR: i64 = 60 * 60 * 1_000;

/// How old a line may be, whatever the retention; milliseconds.
const OLDEST: i64 = 14 * 24 * HOUR;

/// How far in the future a line may be.
const NEWEST: i64 = 2 * HOUR;

/// The longest time span of a batch.
const SPAN: i64 = 24 * HOUR;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub(super) fn put(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let of = request.text("logGroupName")?.unwrap_or_default().to_owned();
    let name = request.text("logStreamName")?.unwrap_or_default().to_owned();
    let lines = lines(request)?;
    let retention = region.log_groups.get(&of).ok_or_else(group_not_found)?.retention_days;
    let created = sources(region, &of, time.now, |stream| stream == name).first().map(|source| source.created);
    let created = created.ok_or_else(stream_not_found)?;
    let now = time.now.as_millisecond();
    let expired = retention.map_or(i64::MIN, |days| now - i64::from(days) * 24 * HOUR);
    let before = |limit: i64| lines.partition_point(|(at, _)| *at < limit);
    let (too_old, expired, too_new) = (before(now - OLDEST), before(expired), before(now + NEWEST + 1));
    let ingested = time.visible_at.as_millisecond();
    let group = region.log_groups.get_mut(&of).ok_or_else(group_not_found)?;
    let made = jiff::Timestamp::from_millisecond(created).unwrap_or(time.now);
    let stream = group.streams.entry(name.clone()).or_insert_with(|| LogStream::new(made));
    for (at, message) in lines.get(too_old.max(expired)..too_new).unwrap_or_default() {
        stream.put(&format!("{of}:{name}"), *at, ingested, message);
    }
    let rejected = (too_old > 0 || expired > 0 || too_new < lines.len()).then(|| {
        JsonObject::new()
            .set_if_some("tooNewLogEventStartIndex", (too_new < lines.len()).then_some(too_new))
            .set_if_some("tooOldLogEventEndIndex", (too_old > 0).then_some(too_old))
            .set_if_some("expiredLogEventEndIndex", (expired > 0).then_some(expired))
    });
    // The token has no use any more, but AWS still returns one.
    Ok(JsonObject::new()
        .set("nextSequenceToken", event_id(now, &["sequence", &of, &name]))
        .set_if_some("rejectedLogEventsInfo", rejected)
        .into())
}

/// The batch of a request, validated.
fn lines(request: &RequestBody) -> Result<Vec<(i64, String)>, ApiError> {
    let events = request.objects("logEvents")?.unwrap_or_default();
    if events.is_empty() || events.len() > MAX_EVENTS {
        let message = "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have \
                       length between 1 and 10000";
        return Err(ApiError::invalid_parameter(message));
    }
    let mut lines = vec![];
    for event in &events {
        let at = super::epoch_millis(event, "timestamp")?;
        let at = at.ok_or_else(|| super::constraint_violation("null", "timestamp", "Member must not be null"))?;
        let message = event.text("message")?.unwrap_or_default();
        if message.is_empty() {
            return Err(super::constraint_violation(
                message,
                "message",
                "Member must have length greater than or equal to 1",
            ));
        }
        lines.push((at, message.to_owned()));
    }
    let bytes: usize = lines.iter().map(|(_, message)| message.len() + OVERHEAD).sum();
    if bytes > MAX_BYTES {
        return Err(ApiError::invalid_parameter(format!(
            "Upload too large: {bytes} bytes exceeds limit of {MAX_BYTES}"
        )));
    }
    if !lines.is_sorted_by_key(|(at, _)| *at) {
        return Err(ApiError::invalid_parameter(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let span = lines.first().zip(lines.last()).map_or(0, |((first, _), (last, _))| last - first);
    if span > SPAN {
        let message = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
        return Err(ApiError::invalid_parameter(message));
    }
    Ok(lines)
}
