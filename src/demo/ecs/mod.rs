//! ECS: its operations, and what they have in common.

mod clusters;
mod deployments;
mod register_task_definition;
mod service_json;
mod services;
mod tags;
mod task_definitions;
mod tasks;
mod update_service;

use jiff::Timestamp;
use serde_json::Value;

use super::json::JsonObject;
use super::pagination::{Page, page};
use super::request_body::RequestBody;
use super::wire::ApiError;
use super::world::{Cluster, Location, Region, Service};

/// The largest page of every ECS list, and the most clusters or tasks in one request to describe them.
const MAX_ITEMS: usize = 100;

/// An operation that changes a region.
pub(crate) type WriteOperation = fn(&mut Region, &RequestBody, WriteTime) -> Result<Value, ApiError>;

/// The time of a write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteTime {
    /// The present, by the injected clock.
    pub(crate) now: Timestamp,
    /// When reads begin to return the change.
    pub(crate) visible_at: Timestamp,
}

/// The ECS write operation of this name.
pub(crate) fn write_operation(operation: &str) -> Option<WriteOperation> {
    match operation {
        "UpdateService" => Some(update_service::update),
        "StopServiceDeployment" => Some(deployments::stop),
        "RegisterTaskDefinition" => Some(register_task_definition::register),
        "TagResource" => Some(tags::tag),
        "UntagResource" => Some(tags::untag),
        _ => None,
    }
}

/// Runs an ECS read operation.
pub(crate) fn read(region: &Region, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
    let operation: fn(&Region, &RequestBody) -> Result<Value, ApiError> = match operation {
        "ListClusters" => clusters::list,
        "DescribeClusters" => clusters::describe,
        "ListServices" => services::list,
        "DescribeServices" => services::describe,
        "ListTasks" => tasks::list,
        "DescribeTasks" => tasks::describe,
        "DescribeTaskDefinition" => task_definitions::describe,
        "ListTaskDefinitions" => task_definitions::list,
        "ListServiceDeployments" => deployments::list,
        "DescribeServiceDeployments" => deployments::describe,
        "DescribeServiceRevisions" => deployments::revisions,
        "ListTagsForResource" => tags::list,
        _ => return Err(ApiError::unknown_operation(operation)),
    };
    operation(region, &RequestBody::parse(body)?)
}

/// The resource in AWS's message when an operation is denied; `*` for operations without resource-level permissions.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>
pub(crate) fn denied_resource(location: &Location, operation: &str, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let first = |key: &str| body.get(key)?.as_array()?.first()?.as_str();
    let cluster = last_part(text("cluster").unwrap_or("default"));
    match operation {
        "DescribeClusters" => location.cluster_arn(first("clusters").map_or("default", last_part)),
        "DescribeServices" => location.service_arn(cluster, first("services").map_or("*", last_part)),
        "ListServiceDeployments" | "UpdateService" => {
            location.service_arn(cluster, text("service").map_or("*", last_part))
        }
        "DescribeTasks" => location.task_arn(cluster, first("tasks").map_or("*", last_part)),
        "StopServiceDeployment" => text("serviceDeploymentArn").unwrap_or("*").to_owned(),
        "DescribeServiceDeployments" => first("serviceDeploymentArns").unwrap_or("*").to_owned(),
        "DescribeServiceRevisions" => first("serviceRevisionArns").unwrap_or("*").to_owned(),
        "ListTagsForResource" | "TagResource" | "UntagResource" => text("resourceArn").unwrap_or("*").to_owned(),
        _ => "*".to_owned(),
    }
}

/// The cluster of the request: a name, an ARN, or `default` if there is none.
fn cluster<'a>(region: &'a Region, request: &RequestBody) -> Result<&'a Cluster, ApiError> {
    let named = request.text("cluster")?.unwrap_or("default");
    find_cluster(region, named)?.ok_or_else(cluster_not_found)
}

fn cluster_not_found() -> ApiError {
    ApiError::new("ClusterNotFoundException", "Cluster not found.")
}

fn service_not_found() -> ApiError {
    ApiError::new("ServiceNotFoundException", "Service not found.")
}

/// The error for features that the embedded AWS does not support. They are refused, never ignored.
fn unsupported(what: &str) -> ApiError {
    ApiError::new("UnsupportedFeatureException", format!("The embedded AWS does not support {what}."))
}

/// The cluster with this name or ARN, if it exists. Fails if it is not a valid cluster name.
fn find_cluster<'a>(region: &'a Region, named: &str) -> Result<Option<&'a Cluster>, ApiError> {
    if named.starts_with("arn:") {
        check_account(region, named)?;
        let name = region.location.ecs_resource(named).and_then(|resource| resource.strip_prefix("cluster/"));
        return Ok(name.and_then(|name| region.clusters.get(name)));
    }
    check_name("Cluster", named)?;
    Ok(region.clusters.get(named))
}

/// The service with this name or ARN in `cluster`, if it exists.
fn find_service<'a>(region: &Region, cluster: &'a Cluster, named: &str) -> Result<Option<&'a Service>, ApiError> {
    if !named.starts_with("arn:") {
        check_name("Service", named)?;
        return Ok(cluster.services.get(named));
    }
    check_account(region, named)?;
    let resource = region.location.ecs_resource(named).and_then(|resource| resource.strip_prefix("service/"));
    // The old short ARN format has no cluster name.
    let name = resource.and_then(|rest| match rest.split_once('/') {
        Some((of, name)) => Some(name).filter(|_| of == cluster.name),
        None => Some(rest),
    });
    Ok(name.and_then(|name| cluster.services.get(name)))
}

/// The service with this name or ARN in `cluster`.
fn service<'a>(region: &Region, cluster: &'a Cluster, named: &str) -> Result<&'a Service, ApiError> {
    let found = find_service(region, cluster, named)?;
    found.ok_or_else(service_not_found)
}

/// A page of `all`, which is the list called `list`.
fn paginate(request: &RequestBody, list: &[&str], all: Vec<String>, size: usize) -> Result<Page, ApiError> {
    let size = match request.number("maxResults")? {
        None => size,
        Some(size) => usize::try_from(size).ok().filter(|size| (1..=MAX_ITEMS).contains(size)).ok_or_else(|| {
            ApiError::invalid_parameter(format!("maxResults must be between 1 and {MAX_ITEMS}, but was {size}."))
        })?,
    };
    // Some clients send an empty token instead of none.
    let token = request.text("nextToken")?.filter(|token| !token.is_empty());
    page(list, all, size, token).ok_or_else(|| ApiError::invalid_parameter("Invalid token."))
}

/// An entry of `failures[]` for a resource that does not exist.
fn missing_failure(arn: String) -> JsonObject {
    JsonObject::new().set("arn", arn).set("reason", "MISSING")
}

/// The part after the last slash.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Refuses an ARN of another account.
fn check_account(region: &Region, arn: &str) -> Result<(), ApiError> {
    let mut parts = arn.splitn(6, ':').skip(4);
    match (parts.next(), parts.next()) {
        (Some(account), Some(_)) if account == region.location.account => Ok(()),
        (Some(account), Some(_)) => Err(ApiError::invalid_parameter(format!(
            "Identifier is for {account}. Your accountId is {}",
            region.location.account
        ))),
        _ => Err(ApiError::invalid_parameter("Invalid ARN format")),
    }
}

/// Refuses an invalid name.
fn check_name(what: &str, name: &str) -> Result<(), ApiError> {
    let fits = (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits {
        return Ok(());
    }
    Err(ApiError::invalid_parameter(format!("{what} must match ^[a-zA-Z0-9\\-_]{{1,255}}$, but was {name}")))
}
