//! `GetLogEvents`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::json::JsonObject;
use super::super::pagination::{decode_token, encode_token};
use super::super::world::Region;
use super::super::world::logs::LineKey;
use super::scan::{Position, Side, scan_backward, scan_forward, sources};
use super::{ApiError, MAX_EVENTS, RequestBody, epoch_millis, find_group, invalid_token, page_size, stream_not_found};

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
pub(super) fn get(region: &Region, request: &RequestBody, now: Timestamp) -> Result<Value, ApiError> {
    let (group, _) = find_group(region, request)?;
    let name = request.text("logStreamName")?.unwrap_or_default();
    let found = sources(region, group, now, |stream| stream == name);
    let Some(source) = found.first() else { return Err(stream_not_found()) };
    let from = epoch_millis(request, "startTime")?.unwrap_or(0);
    // Unlike in FilterLogEvents, `endTime` is exclusive.
    let until = epoch_millis(request, "endTime")?.unwrap_or(i64::MAX).max(from);
    let count = page_size(request, MAX_EVENTS)?;
    let list = ["GetLogEvents", &region.location.account, &region.location.region, group, name];
    let head = request.flag("startFromHead")?.unwrap_or(false);
    let range = match request.text("nextToken")? {
        None if head => scan_forward(&found, &Position::at(from), until, count, &|_| true),
        None => {
            let mut range = scan_backward(source, &Position::at(until), from, count);
            if range.lines.is_empty() && range.exhausted {
                // No lines yet: both tokens lead to those that come later.
                (range.start, range.end) = (Position::at(from), Position::at(from));
            }
            range
        }
        Some(token) => match decode(&list, token)? {
            (Direction::Forward, position) => {
                scan_forward(&found, &position.max(Position::at(from)), until, count, &|_| true)
            }
            (Direction::Backward, position) => scan_backward(source, &position.min(Position::at(until)), from, count),
        },
    };
    let events = range.lines.iter().map(|line| {
        JsonObject::new()
            .set("timestamp", line.key.at)
            .set("message", line.message.as_str())
            .set("ingestionTime", line.key.ingested)
    });
    let response = JsonObject::new()
        .list("events", events)
        .set("nextForwardToken", encode(&list, Direction::Forward, &range.end))
        .set("nextBackwardToken", encode(&list, Direction::Backward, &range.start));
    Ok(response.into())
}

/// The direction of a token.
#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

fn encode(list: &[&str], direction: Direction, position: &Position) -> String {
    let (direction, Position { key, side }) =
        (if matches!(direction, Direction::Forward) { "f/" } else { "b/" }, position);
    let side = if *side == Side::After { "after" } else { "before" };
    format!("{direction}{}", encode_token(list, 0, &format!("{side} {} {} {}", key.at, key.ingested, key.id)))
}

fn decode(list: &[&str], text: &str) -> Result<(Direction, Position), ApiError> {
    let parse = || {
        let (direction, sealed) = match text.split_at_checked(2)? {
            ("f/", sealed) => (Direction::Forward, sealed),
            ("b/", sealed) => (Direction::Backward, sealed),
            _ => return None,
        };
        let (_, shown) = decode_token(list, sealed)?;
        let mut parts = shown.splitn(4, ' ');
        let side = if parts.next()? == "after" { Side::After } else { Side::Before };
        let (at, ingested) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((direction, Position { key: LineKey { at, ingested, id: parts.next()?.to_owned() }, side }))
    };
    parse().ok_or_else(invalid_token)
}
