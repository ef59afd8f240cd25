//! `FilterLogEvents`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::json::JsonObject;
use super::super::pagination::{decode_token, encode_token};
use super::super::random::Random;
use super::super::world::Region;
use super::super::world::logs::LineKey;
use super::pattern::Pattern;
use super::scan::{Position, Side, StreamSource, scan_forward, sources};
use super::{ApiError, MAX_EVENTS, RequestBody, epoch_millis, find_group, invalid_token, page_size, stream_not_found};

/// The most streams in one request.
const MAX_STREAMS: usize = 100;

/// How long a token is valid; seconds.
const TOKEN_LIFETIME: i64 = 24 * 60 * 60;

/// One in this many pages has no events although there are more, as with AWS, which may search a part without a match.
const EMPTY_PAGE_ODDS: u64 = 5;

/// The start of a page, and whether the page before it was empty.
struct PageStart {
    position: Position,
    empty: bool,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
pub(super) fn filter(region: &Region, request: &RequestBody, now: Timestamp) -> Result<Value, ApiError> {
    let (name, _) = find_group(region, request)?;
    if request.flag("startFromHead")? == Some(false) {
        return Err(ApiError::invalid_parameter("The embedded AWS does not support reading a log from its end."));
    }
    let from = epoch_millis(request, "startTime")?.unwrap_or(0);
    let last = epoch_millis(request, "endTime")?;
    if last.is_some_and(|last| last < from) {
        return Err(ApiError::invalid_parameter("endTime must not be before startTime"));
    }
    let until = last.map_or(i64::MAX, |last| last.saturating_add(1));
    let pattern = Pattern::parse(request.text("filterPattern")?.unwrap_or_default())?;
    let sources = requested_sources(region, request, name, now)?;
    let count = page_size(request, MAX_EVENTS)?;
    let scope = token_scope(region, request, name);
    let scope: Vec<&str> = scope.iter().map(String::as_str).collect();
    let start = match request.text("nextToken")? {
        None => PageStart { position: Position::at(from), empty: false },
        Some(token) => decode(&scope, token, now)?,
    };
    if !start.empty && is_empty_page(&scope, &start.position) {
        let next = encode(&scope, &PageStart { empty: true, ..start }, now);
        return Ok(response(vec![], Some(next)));
    }
    let range = scan_forward(&sources, &start.position, until, count, &|message| pattern.matches(message));
    let next = (!range.exhausted).then(|| encode(&scope, &PageStart { position: range.end, empty: false }, now));
    let events = range.lines.into_iter().map(|line| {
        JsonObject::new()
            .set("logStreamName", line.stream)
            .set("timestamp", line.key.at)
            .set("message", line.message)
            .set("ingestionTime", line.key.ingested)
            .set("eventId", line.key.id)
    });
    Ok(response(events.map(Value::from).collect(), next))
}

fn response(events: Vec<Value>, next: Option<String>) -> Value {
    // "searchedLogStreams: this list is always empty."
    JsonObject::new()
        .list("events", events)
        .list("searchedLogStreams", Vec::<JsonObject>::new())
        .set_if_some("nextToken", next)
        .into()
}

/// The streams of the request.
fn requested_sources<'a>(
    region: &'a Region,
    request: &RequestBody,
    group: &str,
    now: Timestamp,
) -> Result<Vec<StreamSource<'a>>, ApiError> {
    let (names, prefix) = (request.strings("logStreamNames")?, request.text("logStreamNamePrefix")?);
    let Some(names) = names else {
        return Ok(sources(region, group, now, |stream| prefix.is_none_or(|prefix| stream.starts_with(prefix))));
    };
    if prefix.is_some() {
        return Err(ApiError::invalid_parameter(
            "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.",
        ));
    }
    if names.is_empty() || names.len() > MAX_STREAMS {
        let message = "1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: Member must \
                       have length between 1 and 100";
        return Err(ApiError::invalid_parameter(message));
    }
    let found = sources(region, group, now, |stream| names.contains(&stream));
    if names.iter().any(|name| !found.iter().any(|source| source.stream == **name)) {
        return Err(stream_not_found());
    }
    Ok(found)
}

/// The request that a token belongs to.
fn token_scope(region: &Region, request: &RequestBody, group: &str) -> Vec<String> {
    let group_key = [&region.location.account, &region.location.region, group];
    let members = ["logStreamNames", "logStreamNamePrefix", "startTime", "endTime", "filterPattern"];
    let members = members.into_iter().map(|key| request.raw_json(key));
    ["FilterLogEvents"]
        .into_iter()
        .chain(group_key.into_iter().map(|part| part as &str))
        .map(str::to_owned)
        .chain(members)
        .collect()
}

/// Whether the page that starts here is empty.
fn is_empty_page(scope: &[&str], position: &Position) -> bool {
    let page = [position.key.at.to_string(), position.key.id.clone()];
    let seed: Vec<&str> = scope.iter().copied().chain(page.iter().map(String::as_str)).collect();
    Random::from_words(&seed).below(EMPTY_PAGE_ODDS) == 0
}

fn encode(scope: &[&str], start: &PageStart, now: Timestamp) -> String {
    let PageStart { position: Position { key, side }, empty } = start;
    let empty = if *empty { "bare" } else { "full" };
    let side = if *side == Side::After { "after" } else { "before" };
    let issued = usize::try_from(now.as_second()).unwrap_or(0);
    encode_token(scope, issued, &format!("{empty} {side} {} {} {}", key.at, key.ingested, key.id))
}

fn decode(scope: &[&str], text: &str, now: Timestamp) -> Result<PageStart, ApiError> {
    let (issued, shown) = decode_token(scope, text).ok_or_else(invalid_token)?;
    let issued = i64::try_from(issued).map_err(|_| invalid_token())?;
    if now.as_second() - issued > TOKEN_LIFETIME {
        return Err(ApiError::invalid_parameter("The specified nextToken has expired."));
    }
    let parse = || {
        let mut parts = shown.splitn(5, ' ');
        let empty = parts.next()? == "bare";
        let side = if parts.next()? == "after" { Side::After } else { Side::Before };
        let (at, ingested) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let key = LineKey { at, ingested, id: parts.next()?.to_owned() };
        Some(PageStart { position: Position { key, side }, empty })
    };
    parse().ok_or_else(invalid_token)
}
