//! Reads of what was deployed to a service lately.

use std::collections::BTreeMap;

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types as sdk;

use super::answer;
use super::client::{ContextClient, RequestInfo};
use super::convert::{self, count, text, time};
use super::pages::pages;
use crate::fleet::{Arn, CloudError, Operation, PastDeployment, Payload, Priority, Response};

/// Deployments that are read, and that `DescribeServiceDeployments` and `DescribeServiceRevisions`
/// take at once (API model).
const NEWEST: usize = 20;
/// The largest page of `ListServiceDeployments` (API model).
const PAGE: i32 = 20;

/// The newest 20 deployments of `service`, with the images of what each brought.
///
/// One `ListServiceDeployments`, one `DescribeServiceDeployments` and one `DescribeServiceRevisions`.
/// What only the latter two know is left out where they fail.
pub(super) async fn deployments(client: &ContextClient, lane: Priority, cluster: &Arn, service: &Arn) -> Response {
    let on = format!("service {} of cluster {}", service.name(), cluster.name());
    let info = RequestInfo::new(Operation::ListServiceDeployments, on.clone());
    let listed = pages(&info, NEWEST, |token| async {
        let request =
            client.sdk::<Ecs>().list_service_deployments().cluster(cluster.as_str()).service(service.as_str());
        let page = client.send(lane, &info, request.max_results(PAGE).set_next_token(token).send()).await?;
        Ok((page.service_deployments.unwrap_or_default(), page.next_token))
    })
    .await;
    if let (0, Some(error)) = (listed.pages, listed.error.clone()) {
        return Response::Failed(error);
    }
    let mut trouble = listed.error;
    let mut past: Vec<PastDeployment> = listed.items.iter().filter_map(brief).collect();
    past.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
    past.truncate(NEWEST);
    let arns: Vec<String> = past.iter().map(|deployment| deployment.arn.as_str().to_owned()).collect();
    if !arns.is_empty() {
        let info = RequestInfo::new(Operation::DescribeServiceDeployments, on.clone());
        match details(client, lane, &info, arns, &mut trouble).await {
            Ok(details) => past.iter_mut().for_each(|deployment| detailed(deployment, &details)),
            Err(error) => drop(trouble.get_or_insert(error)),
        }
    }
    let mut arns: Vec<String> =
        past.iter().filter_map(|past| Some(past.target.as_ref()?.as_str().to_owned())).collect();
    arns.sort();
    arns.dedup();
    if !arns.is_empty() {
        let info = RequestInfo::new(Operation::DescribeServiceRevisions, on);
        match revisions(client, lane, &info, arns, &mut trouble).await {
            Ok(revisions) => past.iter_mut().for_each(|deployment| revised(deployment, &revisions)),
            Err(error) => drop(trouble.get_or_insert(error)),
        }
    }
    answer(Payload::Deployments(past), trouble)
}

type Details = BTreeMap<String, sdk::ServiceDeployment>;
type Revisions = BTreeMap<String, sdk::ServiceRevision>;

async fn details(
    client: &ContextClient,
    lane: Priority,
    info: &RequestInfo,
    arns: Vec<String>,
    trouble: &mut Option<CloudError>,
) -> Result<Details, CloudError> {
    let request = client.sdk::<Ecs>().describe_service_deployments().set_service_deployment_arns(Some(arns));
    let described = client.send(lane, info, request.send()).await?;
    failed(client, info, described.failures(), trouble);
    let found = described.service_deployments.unwrap_or_default();
    Ok(found.into_iter().filter_map(|found| Some((text(found.service_deployment_arn())?, found))).collect())
}

async fn revisions(
    client: &ContextClient,
    lane: Priority,
    info: &RequestInfo,
    arns: Vec<String>,
    trouble: &mut Option<CloudError>,
) -> Result<Revisions, CloudError> {
    let request = client.sdk::<Ecs>().describe_service_revisions().set_service_revision_arns(Some(arns));
    let described = client.send(lane, info, request.send()).await?;
    failed(client, info, described.failures(), trouble);
    let found = described.service_revisions.unwrap_or_default();
    Ok(found.into_iter().filter_map(|found| Some((text(found.service_revision_arn())?, found))).collect())
}

/// Deployments and revisions before 2024-10-25 and after 90 days are `MISSING`, which is no trouble
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html>).
fn failed(client: &ContextClient, info: &RequestInfo, failures: &[sdk::Failure], trouble: &mut Option<CloudError>) {
    for failure in failures.iter().filter(|failure| failure.reason() != Some("MISSING")) {
        trouble.get_or_insert_with(|| convert::failure(client, info, failure));
    }
}

fn brief(brief: &sdk::ServiceDeploymentBrief) -> Option<PastDeployment> {
    Some(PastDeployment {
        arn: Arn::new(text(brief.service_deployment_arn())?),
        status: text(brief.status().map(sdk::ServiceDeploymentStatus::as_str)).unwrap_or_default(),
        reason: text(brief.status_reason()),
        target: text(brief.target_service_revision_arn()).map(Arn::new),
        definition: None,
        images: vec![],
        created_at: time(brief.created_at()).or_else(|| time(brief.started_at())),
        finished_at: time(brief.finished_at()),
        breaker: None,
    })
}

fn detailed(past: &mut PastDeployment, details: &Details) {
    let Some(found) = details.get(past.arn.as_str()) else { return };
    let target = found.target_service_revision().and_then(|revision| text(revision.arn()));
    past.target = target.map(Arn::new).or_else(|| past.target.take());
    past.reason = text(found.status_reason()).or_else(|| past.reason.take());
    past.finished_at = past.finished_at.or_else(|| time(found.finished_at())).or_else(|| time(found.stopped_at()));
    let breaker = found.deployment_circuit_breaker();
    past.breaker = breaker.map(|breaker| (count(breaker.failure_count()), count(breaker.threshold())));
}

fn revised(past: &mut PastDeployment, revisions: &Revisions) {
    let Some(revision) = past.target.as_ref().and_then(|target| revisions.get(target.as_str())) else { return };
    past.definition = text(revision.task_definition()).map(Arn::new);
    past.images = revision.container_images().iter().map(image).collect();
}

/// `web registry/web:v2@sha256:…`.
fn image(image: &sdk::ContainerImage) -> String {
    let name = image.container_name().unwrap_or_default();
    let reference = image.image().unwrap_or_default();
    match text(image.image_digest()).filter(|digest| !reference.contains(digest.as_str())) {
        Some(digest) => format!("{name} {reference}@{digest}"),
        None => format!("{name} {reference}"),
    }
}
