//! ECS: its operations, and what they have in common.

mod clusters;
mod definitions;
mod deployments;
mod register;
mod services;
mod show;
mod tags;
mod tasks;
mod update;

use jiff::Timestamp;
use serde_json::Value;

use super::doc::Doc;
use super::input::Input;
use super::page::{Page, page};
use super::wire::Refusal;
use super::world::{Cluster, Place, Region, Service};

/// The largest page of every ECS list, and the most clusters or tasks in one request to describe them.
const MOST: usize = 100;

/// An operation that changes a region.
pub(crate) type Write = fn(&mut Region, &Input, Moment) -> Result<Value, Refusal>;

/// The time of a write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The present, by the injected clock.
    pub(crate) now: Timestamp,
    /// When reads begin to return the change.
    pub(crate) shows: Timestamp,
}

/// The ECS write operation of this name.
pub(crate) fn write(operation: &str) -> Option<Write> {
    match operation {
        "UpdateService" => Some(update::update),
        "StopServiceDeployment" => Some(deployments::stop),
        "RegisterTaskDefinition" => Some(register::register),
        "TagResource" => Some(tags::tag),
        "UntagResource" => Some(tags::untag),
        _ => None,
    }
}

/// Runs an ECS read operation.
pub(crate) fn answer(region: &Region, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    let operation: fn(&Region, &Input) -> Result<Value, Refusal> = match operation {
        "ListClusters" => clusters::list,
        "DescribeClusters" => clusters::describe,
        "ListServices" => services::list,
        "DescribeServices" => services::describe,
        "ListTasks" => tasks::list,
        "DescribeTasks" => tasks::describe,
        "DescribeTaskDefinition" => definitions::describe,
        "ListTaskDefinitions" => definitions::list,
        "ListServiceDeployments" => deployments::list,
        "DescribeServiceDeployments" => deployments::describe,
        "DescribeServiceRevisions" => deployments::revisions,
        "ListTagsForResource" => tags::list,
        _ => return Err(Refusal::unknown(operation)),
    };
    operation(region, &Input::parse(body)?)
}

/// The resource in AWS's message when an operation is denied; `*` for operations without resource-level permissions.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html>
pub(crate) fn resource(place: &Place, operation: &str, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let first = |key: &str| body.get(key)?.as_array()?.first()?.as_str();
    let cluster = last(text("cluster").unwrap_or("default"));
    match operation {
        "DescribeClusters" => place.cluster(first("clusters").map_or("default", last)),
        "DescribeServices" => place.service(cluster, first("services").map_or("*", last)),
        "ListServiceDeployments" | "UpdateService" => place.service(cluster, text("service").map_or("*", last)),
        "DescribeTasks" => place.task(cluster, first("tasks").map_or("*", last)),
        "StopServiceDeployment" => text("serviceDeploymentArn").unwrap_or("*").to_owned(),
        "DescribeServiceDeployments" => first("serviceDeploymentArns").unwrap_or("*").to_owned(),
        "DescribeServiceRevisions" => first("serviceRevisionArns").unwrap_or("*").to_owned(),
        "ListTagsForResource" | "TagResource" | "UntagResource" => text("resourceArn").unwrap_or("*").to_owned(),
        _ => "*".to_owned(),
    }
}

/// The cluster of the request: a name, an ARN, or `default` if there is none.
fn cluster<'a>(region: &'a Region, input: &Input) -> Result<&'a Cluster, Refusal> {
    let named = input.text("cluster")?.unwrap_or("default");
    find_cluster(region, named)?.ok_or_else(no_cluster)
}

fn no_cluster() -> Refusal {
    Refusal::new("ClusterNotFoundException", "Cluster not found.")
}

fn no_service() -> Refusal {
    Refusal::new("ServiceNotFoundException", "Service not found.")
}

/// The error for features that the embedded AWS does not support. They are refused, never ignored.
fn unheld(what: &str) -> Refusal {
    Refusal::new("UnsupportedFeatureException", format!("The embedded AWS does not support {what}."))
}

/// The cluster with this name or ARN, if it exists. Fails if it is not a valid cluster name.
fn find_cluster<'a>(region: &'a Region, named: &str) -> Result<Option<&'a Cluster>, Refusal> {
    if named.starts_with("arn:") {
        own(region, named)?;
        let name = region.place.resource(named).and_then(|resource| resource.strip_prefix("cluster/"));
        return Ok(name.and_then(|name| region.clusters.get(name)));
    }
    check("Cluster", named)?;
    Ok(region.clusters.get(named))
}

/// The service with this name or ARN in `cluster`, if it exists.
fn find_service<'a>(region: &Region, cluster: &'a Cluster, named: &str) -> Result<Option<&'a Service>, Refusal> {
    if !named.starts_with("arn:") {
        check("Service", named)?;
        return Ok(cluster.services.get(named));
    }
    own(region, named)?;
    let resource = region.place.resource(named).and_then(|resource| resource.strip_prefix("service/"));
    // The old short ARN format has no cluster name.
    let name = resource.and_then(|rest| match rest.split_once('/') {
        Some((of, name)) => Some(name).filter(|_| of == cluster.name),
        None => Some(rest),
    });
    Ok(name.and_then(|name| cluster.services.get(name)))
}

/// The service with this name or ARN in `cluster`.
fn service<'a>(region: &Region, cluster: &'a Cluster, named: &str) -> Result<&'a Service, Refusal> {
    let found = find_service(region, cluster, named)?;
    found.ok_or_else(no_service)
}

/// A page of `all`, which is the list called `list`.
fn paged(input: &Input, list: &[&str], all: Vec<String>, size: usize) -> Result<Page, Refusal> {
    let size = match input.number("maxResults")? {
        None => size,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=MOST).contains(size))
            .ok_or_else(|| Refusal::invalid(format!("maxResults must be between 1 and {MOST}, but was {size}.")))?,
    };
    // Some clients send an empty token instead of none.
    let token = input.text("nextToken")?.filter(|token| !token.is_empty());
    page(list, all, size, token).ok_or_else(|| Refusal::invalid("Invalid token."))
}

/// An entry of `failures[]` for a resource that does not exist.
fn missing(arn: String) -> Doc {
    Doc::new().set("arn", arn).set("reason", "MISSING")
}

/// The part after the last slash.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Refuses an ARN of another account.
fn own(region: &Region, arn: &str) -> Result<(), Refusal> {
    let mut parts = arn.splitn(6, ':').skip(4);
    match (parts.next(), parts.next()) {
        (Some(account), Some(_)) if account == region.place.account => Ok(()),
        (Some(account), Some(_)) => {
            Err(Refusal::invalid(format!("Identifier is for {account}. Your accountId is {}", region.place.account)))
        }
        _ => Err(Refusal::invalid("Invalid ARN format")),
    }
}

/// Refuses an invalid name.
fn check(what: &str, name: &str) -> Result<(), Refusal> {
    let fits = (1..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits {
        return Ok(());
    }
    Err(Refusal::invalid(format!("{what} must match ^[a-zA-Z0-9\\-_]{{1,255}}$, but was {name}")))
}
