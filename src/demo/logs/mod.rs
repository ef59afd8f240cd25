//! `CloudWatch` Logs: its operations, and what they have in common.

mod filter;
mod get;
mod groups;
mod lines;
mod log_generator;
mod pattern;
mod put;
mod scan;
mod streams;

use jiff::Timestamp;
use serde_json::Value;

use super::ecs::WriteOperation;
use super::request_body::RequestBody;
use super::wire::ApiError;
use super::world::{Location, LogGroup, Region};

/// The largest page in lines, and the largest batch of `PutLogEvents`.
const MAX_EVENTS: usize = 10_000;

/// The largest page in bytes, and the largest batch.
const MAX_BYTES: usize = 1_048_576;

/// Bytes that AWS adds to the size of each message.
const OVERHEAD: usize = 26;

/// Runs a `CloudWatch` Logs read operation.
pub(crate) fn read(region: &Region, operation: &str, body: &[u8], now: Timestamp) -> Result<Value, ApiError> {
    let operation: fn(&Region, &RequestBody, Timestamp) -> Result<Value, ApiError> = match operation {
        "DescribeLogGroups" => groups::describe,
        "DescribeLogStreams" => streams::describe,
        "FilterLogEvents" => filter::filter,
        "GetLogEvents" => get::get,
        _ => return Err(ApiError::unknown_operation(operation)),
    };
    operation(region, &RequestBody::parse(body)?, now)
}

/// The `CloudWatch` Logs write operation of this name.
pub(crate) fn write_operation(operation: &str) -> Option<WriteOperation> {
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
pub(crate) fn denied_resource(location: &Location, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let group = text("logGroupName").or(text("logGroupIdentifier")).unwrap_or_default();
    let name = group.rsplit_once(":log-group:").map_or(group, |(_, name)| name.trim_end_matches(":*"));
    format!("{}:log-stream:{}", group_arn(location, name), text("logStreamName").unwrap_or_default())
}

/// The log group of a request, by name or by identifier. One of them is required.
fn find_group<'a>(region: &'a Region, request: &'a RequestBody) -> Result<(&'a str, &'a LogGroup), ApiError> {
    let name = group_name(&region.location, request)?;
    region.log_groups.get_key_value(name).map(|(name, group)| (name.as_str(), group)).ok_or_else(group_not_found)
}

/// The name of the log group of a request.
fn group_name<'a>(location: &Location, request: &'a RequestBody) -> Result<&'a str, ApiError> {
    match (request.text("logGroupName")?, request.text("logGroupIdentifier")?) {
        (None, Some(arn)) if arn.starts_with("arn:") => {
            let here = self::group_arn(location, "");
            let name = arn.strip_prefix(&here).ok_or_else(group_not_found)?;
            Ok(name.strip_suffix(":*").unwrap_or(name))
        }
        (Some(name), None) | (None, Some(name)) => Ok(name),
        (Some(_), Some(_)) => {
            Err(ApiError::invalid_parameter("LogGroup name and LogGroup identifier are mutually exclusive parameters."))
        }
        (None, None) => {
            Err(ApiError::invalid_parameter("Either logGroupName or logGroupIdentifier must be specified."))
        }
    }
}

/// The ARN of a log group, without the `:*` that policies need.
fn group_arn(location: &Location, name: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", location.region, location.account)
}

fn group_not_found() -> ApiError {
    ApiError::new("ResourceNotFoundException", "The specified log group does not exist.")
}

fn stream_not_found() -> ApiError {
    ApiError::new("ResourceNotFoundException", "The specified log stream does not exist.")
}

fn invalid_token() -> ApiError {
    ApiError::invalid_parameter("The specified nextToken is invalid.")
}

/// The page size of a request: its `limit`, 1 to `most`; the default is `most`.
fn page_size(request: &RequestBody, most: usize) -> Result<usize, ApiError> {
    let Some(limit) = request.number("limit")? else { return Ok(most) };
    let bound =
        if limit < 1 { "greater than or equal to 1".to_owned() } else { format!("less than or equal to {most}") };
    usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=most).contains(limit))
        .ok_or_else(|| constraint_violation(&limit.to_string(), "limit", &format!("Member must have value {bound}")))
}

/// A time in milliseconds since 1970; 0 or more.
fn epoch_millis(request: &RequestBody, key: &str) -> Result<Option<i64>, ApiError> {
    let time = request.long(key)?;
    match time.filter(|time| *time < 0) {
        None => Ok(time),
        Some(early) => {
            Err(constraint_violation(&early.to_string(), key, "Member must have value greater than or equal to 0"))
        }
    }
}

/// The error for a member that violates a constraint of the API model.
fn constraint_violation(value: &str, key: &str, constraint: &str) -> ApiError {
    let message =
        format!("1 validation error detected: Value '{value}' at '{key}' failed to satisfy constraint: {constraint}");
    ApiError::invalid_parameter(message)
}

/// The name of a log group or stream to create.
fn new_name<'a>(request: &'a RequestBody, key: &str, allowed: fn(char) -> bool) -> Result<&'a str, ApiError> {
    let name = request.text(key)?.unwrap_or_default();
    let length = name.chars().count();
    if !(1..=512).contains(&length) {
        return Err(constraint_violation(name, key, "Member must have length between 1 and 512"));
    }
    if !name.chars().all(allowed) {
        return Err(constraint_violation(name, key, "Member must satisfy regular expression pattern"));
    }
    Ok(name)
}
