//! `ListServices`, `DescribeServices`.

use serde_json::Value;

use super::super::doc::Doc;
use super::super::world::{Launch, ServiceStatus};
use super::{Input, Refusal, Region, cluster, find_service, last, missing, paged, show};

/// The most services in one request to describe them.
const BATCH: usize = 10;

/// Default page size.
const PAGE: usize = 10;

/// The launch types that the API accepts.
pub(super) const LAUNCH: [&str; 4] = ["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"];

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServices.html>
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let launch = input.word("launchType", &LAUNCH)?;
    let scheduling = input.word("schedulingStrategy", &["REPLICA", "DAEMON"])?;
    let management = input.word("resourceManagementType", &["CUSTOMER", "ECS"])?;
    let cluster = cluster(region, input)?;
    let all = cluster
        .services
        .values()
        .filter(|service| service.status != ServiceStatus::Inactive)
        .filter(|service| launch.is_none_or(|launch| launch == "FARGATE" && service.launch == Launch::Fargate))
        .filter(|service| scheduling.is_none_or(|strategy| strategy == service.scheduling.word()))
        .filter(|service| management.is_none_or(|management| management == service.management.word()))
        .map(|service| region.place.service(&cluster.name, &service.name))
        .collect();
    let filters = [launch, scheduling, management].map(Option::unwrap_or_default).join(" ");
    let page = paged(input, &["ListServices", &region.place.cluster(&cluster.name), &filters], all, PAGE)?;
    Ok(Doc::new().list("serviceArns", page.items).maybe("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>
pub(super) fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let named = input.list("services")?.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid("Services cannot be empty."));
    }
    if named.len() > BATCH {
        return Err(Refusal::invalid("service names can have at most 10 items."));
    }
    let tags = input.includes("TAGS", &["TAGS"])?;
    let cluster = cluster(region, input)?;
    let (mut services, mut failures) = (vec![], vec![]);
    for name in named {
        match find_service(region, cluster, name)? {
            Some(service) => services.push(show::service(&region.place, cluster, service.shown(), tags)),
            None if name.starts_with("arn:") => failures.push(missing(name.to_owned())),
            None => failures.push(missing(region.place.service(&cluster.name, last(name)))),
        }
    }
    Ok(Doc::new().list("services", services).list("failures", failures).into())
}
