//! `CloudWatch` Logs: its operations, and what they have in common.

mod filter;
mod get;
mod groups;
mod lines;
mod pattern;
mod put;
mod scan;
mod streams;
mod talk;

use jiff::Timestamp;
use serde_json::Value;

use super::ecs::Write;
use super::input::Input;
use super::wire::Refusal;
use super::world::{LogGroup, Place, Region};

/// The largest page in lines, and the largest batch of PutLogEvents.
const EVENTS: usize = 10_000;

/// The largest page in bytes, and the largest batch.
const PAGE_BYTES: usize = 1_048_576;

/// Bytes that AWS adds to the size of each message.
const OVERHEAD: usize = 26;

/// Runs a `CloudWatch` Logs read operation.
pub(crate) fn answer(region: &Region, operation: &str, body: &[u8], now: Timestamp) -> Result<Value, Refusal> {
    let operation: fn(&Region, &Input, Timestamp) -> Result<Value, Refusal> = match operation {
        "DescribeLogGroups" => groups::describe,
        "DescribeLogStreams" => streams::describe,
        "FilterLogEvents" => filter::filter,
        "GetLogEvents" => get::get,
        _ => return Err(Refusal::unknown(operation)),
    };
    operation(region, &Input::parse(body)?, now)
}

/// The `CloudWatch` Logs write operation of this name.
pub(crate) fn write(operation: &str) -> Option<Write> {
    match operation {
        "CreateLogGroup" => Some(groups::create),
        "CreateLogStream" => Some(streams::create),
        "PutLogEvents" => Some(put::put),
        _ => None,
    }
}

/// The resource in AWS's message when an operation is denied.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html>
pub(crate) fn resource(place: &Place, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let group = text("logGroupName").or(text("logGroupIdentifier")).unwrap_or_default();
    let name = group.rsplit_once(":log-group:").map_or(group, |(_, name)| name.trim_end_matches(":*"));
    format!("{}:log-stream:{}", arn(place, name), text("logStreamName").unwrap_or_default())
}

/// The log group of a request, by name or by identifier. One of them is required.
fn group<'a>(region: &'a Region, input: &'a Input) -> Result<(&'a str, &'a LogGroup), Refusal> {
    let name = group_name(&region.place, input)?;
    region.log_groups.get_key_value(name).map(|(name, group)| (name.as_str(), group)).ok_or_else(no_group)
}

/// The name of the log group of a request.
fn group_name<'a>(place: &Place, input: &'a Input) -> Result<&'a str, Refusal> {
    match (input.text("logGroupName")?, input.text("logGroupIdentifier")?) {
        (None, Some(arn)) if arn.starts_with("arn:") => {
            let here = self::arn(place, "");
            let name = arn.strip_prefix(&here).ok_or_else(no_group)?;
            Ok(name.strip_suffix(":*").unwrap_or(name))
        }
        (Some(name), None) | (None, Some(name)) => Ok(name),
        (Some(_), Some(_)) => {
            Err(Refusal::invalid("LogGroup name and LogGroup identifier are mutually exclusive parameters."))
        }
        (None, None) => Err(Refusal::invalid("Either logGroupName or logGroupIdentifier must be specified.")),
    }
}

/// The ARN of a log group, without the `:*` that policies need.
fn arn(place: &Place, name: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", place.region, place.account)
}

fn no_group() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log group does not exist.")
}

fn no_stream() -> Refusal {
    Refusal::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

fn token() -> Refusal {
    Refusal::invalid("The specified nextToken is invalid.")
}

/// The page size of a request: its `limit`, 1 to `most`; the default is `most`.
fn limit(input: &Input, most: usize) -> Result<usize, Refusal> {
    let Some(limit) = input.number("limit")? else { return Ok(most) };
    let bound =
        if limit < 1 { "greater than or equal to 1".to_owned() } else { format!("less than or equal to {most}") };
    usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| violated(&limit.to_string(), "limit", &format!("Member must have value {bound}")))
}

/// A time in milliseconds since 1970; 0 or more.
fn moment(input: &Input, key: &str) -> Result<Option<i64>, Refusal> {
    let moment = input.long(key)?;
    match moment.filter(|moment| *moment < 0) {
        None => Ok(moment),
        Some(early) => Err(violated(&early.to_string(), key, "Member must have value greater than or equal to 0")),
    }
}

/// The error for a member that violates a constraint of the API model.
fn violated(value: &str, key: &str, constraint: &str) -> Refusal {
    let message =
        format!("1 validation error detected: Value '{value}' at '{key}' failed to satisfy constraint: {constraint}");
    Refusal::invalid(message)
}

/// The name of a log group or stream to create.
fn named<'a>(input: &'a Input, key: &str, allowed: fn(char) -> bool) -> Result<&'a str, Refusal> {
    let name = input.text(key)?.unwrap_or_default();
    let length = name.chars().count();
    if !(1..=512).contains(&length) {
        return Err(violated(name, key, "Member must have length between 1 and 512"));
    }
    if !name.chars().all(allowed) {
        return Err(violated(name, key, "Member must satisfy regular expression pattern"));
    }
    Ok(name)
}
