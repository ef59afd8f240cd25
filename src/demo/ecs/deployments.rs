//! `ListServiceDeployments`, `DescribeServiceDeployments`, `DescribeServiceRevisions`, `StopServiceDeployment`.

use serde_json::Value;

use super::super::doc::Doc;
use super::super::input::allowed;
use super::super::world::{Cluster, Past, PastStatus, Place, Region, Revision, RolloutState, Service};
use super::{Input, Moment, Refusal, find_cluster, last, missing, paged, service, show};

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
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let named = input.text("service")?.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid("Service cannot be empty."));
    }
    let statuses = input.list("status")?.unwrap_or_default();
    statuses.iter().try_for_each(|status| allowed("status", status, &STATUS))?;
    let created = input.object("createdAt")?;
    let (after, before) = match &created {
        Some(created) => (created.time("after")?, created.time("before")?),
        None => (None, None),
    };
    let cluster = of_service(region, input, named)?;
    let service = service(region, cluster, named)?.shown();
    let shown: Vec<&Past> = service
        .past
        .iter()
        .filter(|past| statuses.is_empty() || statuses.contains(&past.status.word()))
        .filter(|past| after.is_none_or(|after| past.created_at >= after))
        .filter(|past| before.is_none_or(|before| past.created_at <= before))
        .collect();
    let arn = |past: &Past| region.place.service_deployment(&cluster.name, &service.name, &past.id);
    let filters = format!("{statuses:?} {after:?} {before:?}");
    let list = ["ListServiceDeployments", &region.place.service(&cluster.name, &service.name), &filters];
    let page = paged(input, &list, shown.iter().map(|past| arn(past)).collect(), BATCH)?;
    let briefs = shown.iter().filter(|past| page.items.contains(&arn(past)));
    Ok(Doc::new()
        .list("serviceDeployments", briefs.map(|past| brief(&region.place, cluster, service, past)))
        .maybe("nextToken", page.next)
        .into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html>
pub(super) fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let (mut found, mut failures) = (vec![], vec![]);
    for arn in asked(input, "serviceDeploymentArns")? {
        let place = locate(region, arn, "service-deployment/")?;
        let past = place.and_then(|(cluster, service, id)| {
            service.past.iter().find(|past| past.id == id).map(|past| show::past(&region.place, cluster, service, past))
        });
        match past {
            Some(past) => found.push(past),
            None => failures.push(missing(arn.to_owned())),
        }
    }
    Ok(Doc::new().list("serviceDeployments", found).list("failures", failures).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html>
pub(super) fn revisions(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let (mut found, mut failures) = (vec![], vec![]);
    for arn in asked(input, "serviceRevisionArns")? {
        let place = locate(region, arn, "service-revision/")?;
        let revision = place.and_then(|(cluster, service, id)| {
            let revision = service.revisions.iter().find(|revision| revision.id == id);
            revision.map(|revision| show_revision(&region.place, cluster, service, revision))
        });
        match revision {
            Some(revision) => found.push(revision),
            None => failures.push(missing(arn.to_owned())),
        }
    }
    Ok(Doc::new().list("serviceRevisions", found).list("failures", failures).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html>
pub(super) fn stop(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let arn = input.text("serviceDeploymentArn")?.unwrap_or_default().to_owned();
    let kind = input.word("stopType", &["ABORT", "ROLLBACK"])?.unwrap_or("ROLLBACK");
    let missing = || Refusal::new("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let (cluster, service, id) = locate(region, &arn, "service-deployment/")?.ok_or_else(missing)?;
    let (cluster, name, id) = (cluster.name.clone(), service.name.clone(), id.to_owned());
    let service = region.service(&cluster, &name).ok_or_else(missing)?;
    let past = service.past.iter().position(|past| past.id == id).ok_or_else(missing)?;
    if kind == "ABORT" {
        return Err(super::unheld("the stop type ABORT"));
    }
    match service.past[past].status {
        PastStatus::Pending | PastStatus::InProgress => {
            let good = service.deployments.iter().skip(1).any(|one| one.state == RolloutState::Completed);
            if !good {
                let message = "There is no completed deployment that the service deployment could be rolled back to.";
                return Err(Refusal::new("ConflictException", message));
            }
            service.write(moment.shows);
            let past = &mut service.past[past];
            (past.status, past.updated_at) = (PastStatus::RollbackRequested, moment.now);
        }
        // It is stopping or rolling back already.
        PastStatus::StopRequested | PastStatus::RollbackRequested | PastStatus::RollbackInProgress => {}
        over => {
            let message = format!("The service deployment is in status {} and cannot be stopped.", over.word());
            return Err(Refusal::new("ConflictException", message));
        }
    }
    Ok(Doc::new().set("serviceDeploymentArn", arn).into())
}

/// The cluster of a service: the `cluster` of the request, the one in the service's ARN, or `default`.
fn of_service<'a>(region: &'a Region, input: &Input, service: &str) -> Result<&'a Cluster, Refusal> {
    let in_arn = region.place.resource(service).and_then(|resource| resource.strip_prefix("service/")?.split_once('/'));
    let named = input.text("cluster")?.or(in_arn.map(|(cluster, _)| cluster)).unwrap_or("default");
    find_cluster(region, named)?.ok_or_else(super::no_cluster)
}

/// The one to twenty ARNs of the request.
fn asked<'a>(input: &'a Input, key: &str) -> Result<Vec<&'a str>, Refusal> {
    let arns = input.list(key)?.unwrap_or_default();
    if arns.is_empty() {
        return Err(Refusal::invalid(format!("{key} cannot be empty.")));
    }
    if arns.len() > BATCH {
        return Err(Refusal::invalid(format!("{key} can have at most {BATCH} items.")));
    }
    Ok(arns)
}

/// The cluster, the service and the id in an ARN of `kind`, if they exist.
fn locate<'a, 'b>(
    region: &'a Region,
    arn: &'b str,
    kind: &str,
) -> Result<Option<(&'a Cluster, &'a Service, &'b str)>, Refusal> {
    if !arn.starts_with("arn:") {
        return Err(Refusal::invalid(format!("Invalid ARN format: {arn}")));
    }
    super::own(region, arn)?;
    let rest = region.place.resource(arn).and_then(|resource| resource.strip_prefix(kind));
    let mut parts = rest.into_iter().flat_map(|rest| rest.split('/'));
    let cluster = parts.next().and_then(|name| region.clusters.get(name));
    let service = cluster.and_then(|cluster| cluster.services.get(parts.next()?));
    Ok(cluster.zip(service.map(Service::shown)).map(|(cluster, service)| (cluster, service, last(arn))))
}

fn brief(place: &Place, cluster: &Cluster, service: &Service, past: &Past) -> Doc {
    Doc::new()
        .set("serviceDeploymentArn", place.service_deployment(&cluster.name, &service.name, &past.id))
        .set("serviceArn", place.service(&cluster.name, &service.name))
        .set("clusterArn", place.cluster(&cluster.name))
        .time("startedAt", past.started_at)
        .time("createdAt", past.created_at)
        .time("finishedAt", past.finished_at)
        .set("targetServiceRevisionArn", place.service_revision(&cluster.name, &service.name, &past.target))
        .set("status", past.status.word())
        .maybe("statusReason", past.status_reason.as_deref())
}

fn show_revision(place: &Place, cluster: &Cluster, service: &Service, revision: &Revision) -> Doc {
    let images = revision.images.iter().map(|image| {
        Doc::new()
            .set("containerName", image.container.as_str())
            .maybe("imageDigest", image.digest.as_deref())
            .set("image", image.image.as_str())
    });
    let doc = Doc::new()
        .set("serviceRevisionArn", place.service_revision(&cluster.name, &service.name, &revision.id))
        .set("serviceArn", place.service(&cluster.name, &service.name))
        .set("clusterArn", place.cluster(&cluster.name))
        .set("taskDefinition", place.definition(&revision.definition));
    show::launch(doc, service.launch)
        .set("platformVersion", "1.4.0")
        .set("platformFamily", "Linux")
        .list("loadBalancers", show::upstream(service))
        .list("serviceRegistries", Vec::<Doc>::new())
        .set("networkConfiguration", show::network(place, service))
        .list("containerImages", images)
        .set("guardDutyEnabled", false)
        .time("createdAt", revision.created_at)
}
