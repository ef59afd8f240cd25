//! `ListServiceDeployments`, `DescribeServiceDeployments`, `DescribeServiceRevisions`, `StopServiceDeployment`.

use serde_json::Value;

use super::super::json::JsonObject;
use super::super::request_body::check_enum;
use super::super::world::{
    Cluster, Location, Region, RolloutState, Service, ServiceDeployment, ServiceDeploymentStatus, ServiceRevision,
};
use super::{
    ApiError, RequestBody, WriteTime, find_cluster, last_part, missing_failure, paginate, service, service_json,
};

/// ARNs in one request, and the default page size.
const BATCH: usize = 20;

/// The statuses that the API accepts.
const STATUS: [&str; 9] = [
    "PENDING",
    "SUCCESSFUL",
    "STOPPED",
    "STOP_REQUESTED",
    "IN_PROGRESS",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html>
pub(super) fn list(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let named = request.text("service")?.unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::invalid_parameter("Service cannot be empty."));
    }
    let statuses = request.strings("status")?.unwrap_or_default();
    statuses.iter().try_for_each(|status| check_enum("status", status, &STATUS))?;
    let created = request.object("createdAt")?;
    let (after, before) = match &created {
        Some(created) => (created.time("after")?, created.time("before")?),
        None => (None, None),
    };
    let cluster = service_cluster(region, request, named)?;
    let service = service(region, cluster, named)?.visible();
    let shown: Vec<&ServiceDeployment> = service
        .service_deployments
        .iter()
        .filter(|record| statuses.is_empty() || statuses.contains(&record.status.as_str()))
        .filter(|record| after.is_none_or(|after| record.created_at >= after))
        .filter(|record| before.is_none_or(|before| record.created_at <= before))
        .collect();
    let arn =
        |record: &ServiceDeployment| region.location.service_deployment_arn(&cluster.name, &service.name, &record.id);
    let filters = format!("{statuses:?} {after:?} {before:?}");
    let list = ["ListServiceDeployments", &region.location.service_arn(&cluster.name, &service.name), &filters];
    let page = paginate(request, &list, shown.iter().map(|record| arn(record)).collect(), BATCH)?;
    let briefs = shown.iter().filter(|record| page.items.contains(&arn(record)));
    Ok(JsonObject::new()
        .list("serviceDeployments", briefs.map(|record| deployment_brief(&region.location, cluster, service, record)))
        .set_if_some("nextToken", page.next)
        .into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html>
pub(super) fn describe(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let (mut found, mut failures) = (vec![], vec![]);
    for arn in requested_arns(request, "serviceDeploymentArns")? {
        let located = locate(region, arn, "service-deployment/")?;
        let record = located.and_then(|(cluster, service, id)| {
            service
                .service_deployments
                .iter()
                .find(|record| record.id == id)
                .map(|record| service_json::service_deployment(&region.location, cluster, service, record))
        });
        match record {
            Some(record) => found.push(record),
            None => failures.push(missing_failure(arn.to_owned())),
        }
    }
    Ok(JsonObject::new().list("serviceDeployments", found).list("failures", failures).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html>
pub(super) fn revisions(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let (mut found, mut failures) = (vec![], vec![]);
    for arn in requested_arns(request, "serviceRevisionArns")? {
        let located = locate(region, arn, "service-revision/")?;
        let revision = located.and_then(|(cluster, service, id)| {
            let revision = service.revisions.iter().find(|revision| revision.id == id);
            revision.map(|revision| revision_json(&region.location, cluster, service, revision))
        });
        match revision {
            Some(revision) => found.push(revision),
            None => failures.push(missing_failure(arn.to_owned())),
        }
    }
    Ok(JsonObject::new().list("serviceRevisions", found).list("failures", failures).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html>
pub(super) fn stop(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let arn = request.text("serviceDeploymentArn")?.unwrap_or_default().to_owned();
    let kind = request.one_of("stopType", &["ABORT", "ROLLBACK"])?.unwrap_or("ROLLBACK");
    let missing = || ApiError::new("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let (cluster, service, id) = locate(region, &arn, "service-deployment/")?.ok_or_else(missing)?;
    let (cluster, name, id) = (cluster.name.clone(), service.name.clone(), id.to_owned());
    let service = region.service(&cluster, &name).ok_or_else(missing)?;
    let record = service.service_deployments.iter().position(|record| record.id == id).ok_or_else(missing)?;
    if kind == "ABORT" {
        return Err(super::unsupported("the stop type ABORT"));
    }
    match service.service_deployments[record].status {
        ServiceDeploymentStatus::Pending | ServiceDeploymentStatus::InProgress => {
            let completed = service.deployments.iter().skip(1).any(|one| one.state == RolloutState::Completed);
            if !completed {
                let message = "There is no completed deployment that the service deployment could be rolled back to.";
                return Err(ApiError::new("ConflictException", message));
            }
            service.begin_write(time.visible_at);
            let record = &mut service.service_deployments[record];
            (record.status, record.updated_at) = (ServiceDeploymentStatus::RollbackRequested, time.now);
        }
        // It is stopping or rolling back already.
        ServiceDeploymentStatus::StopRequested
        | ServiceDeploymentStatus::RollbackRequested
        | ServiceDeploymentStatus::RollbackInProgress => {}
        status => {
            let message = format!("The service deployment is in status {} and cannot be stopped.", status.as_str());
            return Err(ApiError::new("ConflictException", message));
        }
    }
    Ok(JsonObject::new().set("serviceDeploymentArn", arn).into())
}

/// The cluster of a service: the `cluster` of the request, the one in the service's ARN, or `default`.
fn service_cluster<'a>(region: &'a Region, request: &RequestBody, service: &str) -> Result<&'a Cluster, ApiError> {
    let in_arn =
        region.location.ecs_resource(service).and_then(|resource| resource.strip_prefix("service/")?.split_once('/'));
    let named = request.text("cluster")?.or(in_arn.map(|(cluster, _)| cluster)).unwrap_or("default");
    find_cluster(region, named)?.ok_or_else(super::cluster_not_found)
}

/// The one to twenty ARNs of the request.
fn requested_arns<'a>(request: &'a RequestBody, key: &str) -> Result<Vec<&'a str>, ApiError> {
    let arns = request.strings(key)?.unwrap_or_default();
    if arns.is_empty() {
        return Err(ApiError::invalid_parameter(format!("{key} cannot be empty.")));
    }
    if arns.len() > BATCH {
        return Err(ApiError::invalid_parameter(format!("{key} can have at most {BATCH} items.")));
    }
    Ok(arns)
}

/// The cluster, the service and the id in an ARN of `kind`, if they exist.
fn locate<'a, 'b>(
    region: &'a Region,
    arn: &'b str,
    kind: &str,
) -> Result<Option<(&'a Cluster, &'a Service, &'b str)>, ApiError> {
    if !arn.starts_with("arn:") {
        return Err(ApiError::invalid_parameter(format!("Invalid ARN format: {arn}")));
    }
    super::check_account(region, arn)?;
    let rest = region.location.ecs_resource(arn).and_then(|resource| resource.strip_prefix(kind));
    let mut parts = rest.into_iter().flat_map(|rest| rest.split('/'));
    let cluster = parts.next().and_then(|name| region.clusters.get(name));
    let service = cluster.and_then(|cluster| cluster.services.get(parts.next()?));
    Ok(cluster.zip(service.map(Service::visible)).map(|(cluster, service)| (cluster, service, last_part(arn))))
}

fn deployment_brief(
    location: &Location,
    cluster: &Cluster,
    service: &Service,
    record: &ServiceDeployment,
) -> JsonObject {
    JsonObject::new()
        .set("serviceDeploymentArn", location.service_deployment_arn(&cluster.name, &service.name, &record.id))
        .set("serviceArn", location.service_arn(&cluster.name, &service.name))
        .set("clusterArn", location.cluster_arn(&cluster.name))
        .time("startedAt", record.started_at)
        .time("createdAt", record.created_at)
        .time("finishedAt", record.finished_at)
        .set(
            "targetServiceRevisionArn",
            location.service_revision_arn(&cluster.name, &service.name, &record.target_revision),
        )
        .set("status", record.status.as_str())
        .set_if_some("statusReason", record.status_reason.as_deref())
}

fn revision_json(location: &Location, cluster: &Cluster, service: &Service, revision: &ServiceRevision) -> JsonObject {
    let images = revision.images.iter().map(|image| {
        JsonObject::new()
            .set("containerName", image.container.as_str())
            .set_if_some("imageDigest", image.digest.as_deref())
            .set("image", image.image.as_str())
    });
    let object = JsonObject::new()
        .set("serviceRevisionArn", location.service_revision_arn(&cluster.name, &service.name, &revision.id))
        .set("serviceArn", location.service_arn(&cluster.name, &service.name))
        .set("clusterArn", location.cluster_arn(&cluster.name))
        .set("taskDefinition", location.definition_arn(&revision.definition));
    service_json::launch(object, service.launch)
        .set("platformVersion", "1.4.0")
        .set("platformFamily", "Linux")
        .list("loadBalancers", service_json::load_balancer(service))
        .list("serviceRegistries", Vec::<JsonObject>::new())
        .set("networkConfiguration", service_json::network(location, service))
        .list("containerImages", images)
        .set("guardDutyEnabled", false)
        .time("createdAt", revision.created_at)
}
