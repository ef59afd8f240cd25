//! `ListServices`, `DescribeServices`.

use serde_json::Value;

use super::super::json::JsonObject;
use super::super::world::{LaunchType, ServiceStatus};
use super::{ApiError, Region, RequestBody, cluster, find_service, last_part, missing_failure, paginate, service_json};

/// The most services in one request to describe them.
const BATCH: usize = 10;

/// Default page size.
const PAGE: usize = 10;

/// The launch types that the API accepts.
pub(super) const LAUNCH: [&str; 4] = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"];

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html>
pub(super) fn list(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let launch = request.one_of("launchType", &LAUNCH)?;
    let scheduling = request.one_of("schedulingStrategy", &["REPLICA", "DAEMON"])?;
    let management = request.one_of("resourceManagementType", &["CUSTOMER", "ECS"])?;
    let cluster = cluster(region, request)?;
    let all = cluster
        .services
        .values()
        .filter(|service| service.status != ServiceStatus::Inactive)
        .filter(|service| launch.is_none_or(|launch| launch == "FARGATE" && service.launch == LaunchType::Fargate))
        .filter(|service| scheduling.is_none_or(|strategy| strategy == service.scheduling.as_str()))
        .filter(|service| management.is_none_or(|management| management == service.management.as_str()))
        .map(|service| region.location.service_arn(&cluster.name, &service.name))
        .collect();
    let filters = [launch, scheduling, management].map(Option::unwrap_or_default).join(" ");
    let page = paginate(request, &["ListServices", &region.location.cluster_arn(&cluster.name), &filters], all, PAGE)?;
    Ok(JsonObject::new().list("serviceArns", page.items).set_if_some("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
pub(super) fn describe(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let named = request.strings("services")?.unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::invalid_parameter("Services cannot be empty."));
    }
    if named.len() > BATCH {
        return Err(ApiError::invalid_parameter("service names can have at most 10 items."));
    }
    let tags = request.includes("TAGS", &["TAGS"])?;
    let cluster = cluster(region, request)?;
    let (mut services, mut failures) = (vec![], vec![]);
    for name in named {
        match find_service(region, cluster, name)? {
            Some(service) => services.push(service_json::service(&region.location, cluster, service.visible(), tags)),
            None if name.starts_with("arn:") => failures.push(missing_failure(name.to_owned())),
            None => failures.push(missing_failure(region.location.service_arn(&cluster.name, last_part(name)))),
        }
    }
    Ok(JsonObject::new().list("services", services).list("failures", failures).into())
}
