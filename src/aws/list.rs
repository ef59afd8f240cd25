//! Reads of the caller, of clusters and of services.

use std::collections::BTreeSet;

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types::{ClusterField, ServiceField};
use aws_sdk_sts::Client as Sts;

use super::client::{ContextClient, RequestInfo, service_client};
use super::pages::{Listed, pages};
use super::{answer, convert, error};
use crate::fleet::operation::AwsService;
use crate::fleet::{Arn, CloudError, Identity, Operation, Payload, Priority, Response, SERVICES_PER_QUERY, Trouble};

service_client!(aws_sdk_ecs, AwsService::Ecs);
service_client!(aws_sdk_sts, AwsService::Sts);

/// The largest page of every ECS listing (API model).
pub(super) const PAGE: i32 = 100;
/// Clusters that `DescribeClusters` takes (API model).
const CLUSTERS: usize = 100;

/// Who the credentials belong to: one `sts:GetCallerIdentity`.
pub(super) async fn identity(client: &ContextClient, lane: Priority) -> Response {
    let info = RequestInfo::new(Operation::GetCallerIdentity, client.principal.name());
    let caller = match client.send(lane, &info, client.sdk::<Sts>().get_caller_identity().send()).await {
        Ok(caller) => caller,
        Err(error) => return Response::Failed(error),
    };
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match (given(caller.account()), given(caller.arn())) {
        (Some(account), Some(arn)) => Response::Complete(Payload::Identity(Identity { account, arn })),
        _ => Response::Failed(error::protocol_error(
            &info,
            Trouble::Unreadable,
            "the answer names no account or no caller",
            "An emulator or a proxy may answer like this; check the endpoint.",
        )),
    }
}

/// Every cluster with its tags: one `ListClusters` and one `DescribeClusters` for each 100.
pub(super) async fn clusters(client: &ContextClient, lane: Priority) -> Response {
    let info = RequestInfo::new(Operation::ListClusters, format!("region {}", client.context.region));
    let listed = pages(&info, usize::MAX, |token| async {
        let request = client.sdk::<Ecs>().list_clusters().max_results(PAGE).set_next_token(token);
        let page = client.send(lane, &info, request.send()).await?;
        Ok((page.cluster_arns.unwrap_or_default(), page.next_token))
    })
    .await;
    if let (0, Some(error)) = (listed.pages, listed.error.clone()) {
        return Response::Failed(error);
    }
    let mut trouble = listed.error;
    let mut clusters = vec![];
    for arns in listed.items.chunks(CLUSTERS) {
        let info = RequestInfo::new(Operation::DescribeClusters, format!("region {}", client.context.region));
        let request =
            client.sdk::<Ecs>().describe_clusters().set_clusters(Some(arns.to_vec())).include(ClusterField::Tags);
        match client.send(lane, &info, request.send()).await {
            Ok(described) => {
                for failure in described.failures() {
                    // A cluster may go between the two calls.
                    if failure.reason() != Some("MISSING") {
                        trouble.get_or_insert(convert::failure(client, &info, failure));
                    }
                }
                let found = described.clusters.unwrap_or_default();
                clusters.extend(found.iter().filter_map(|cluster| convert::cluster(&client.context.id, cluster)));
            }
            Err(error) if clusters.is_empty() => return Response::Failed(error),
            Err(error) => {
                trouble.get_or_insert(error);
                break;
            }
        }
    }
    answer(Payload::Clusters(clusters), trouble)
}

/// The ARN of every service of `cluster`: one `ListServices` for each 100.
pub(super) async fn list_services(client: &ContextClient, lane: Priority, cluster: &Arn) -> Response {
    let info = RequestInfo::on_cluster(Operation::ListServices, cluster);
    let listed: Listed<String> = pages(&info, usize::MAX, |token| async {
        let request =
            client.sdk::<Ecs>().list_services().cluster(cluster.as_str()).max_results(PAGE).set_next_token(token);
        let page = client.send(lane, &info, request.send()).await?;
        Ok((page.service_arns.unwrap_or_default(), page.next_token))
    })
    .await;
    match listed.error {
        Some(error) if listed.pages == 0 => Response::Failed(error),
        error => answer(Payload::ServiceArns(listed.items.into_iter().map(Arn::new).collect()), error),
    }
}

/// How `services` of `cluster` are, with their tags: one `DescribeServices` for each ten.
pub(super) async fn describe_services(
    client: &ContextClient,
    lane: Priority,
    cluster: &Arn,
    services: &[Arn],
) -> Response {
    let info = RequestInfo::on_cluster(Operation::DescribeServices, cluster);
    let (mut found, mut missing, mut trouble) = (vec![], vec![], None::<CloudError>);
    for asked in services.chunks(SERVICES_PER_QUERY) {
        let names = asked.iter().map(|arn| arn.as_str().to_owned()).collect();
        let request = client.sdk::<Ecs>().describe_services().cluster(cluster.as_str()).set_services(Some(names));
        let described = match client.send(lane, &info, request.include(ServiceField::Tags).send()).await {
            Ok(described) => described,
            Err(error) if found.is_empty() && missing.is_empty() => return Response::Failed(error),
            Err(error) => return Response::Partial(Payload::Services(found, missing), error),
        };
        let mut silent: BTreeSet<&Arn> = asked.iter().collect();
        for service in described.services() {
            let Some(mut service) = convert::service(&client.context.id, cluster, service) else { continue };
            if let Some(arn) = named(asked, service.arn.as_str()) {
                // Asked by an ARN of the old format, ECS may answer with one of the new.
                service.arn = arn.clone();
                silent.remove(arn);
            }
            found.push(service);
        }
        for failure in described.failures() {
            let arn = failure.arn().and_then(|text| named(asked, text));
            silent.retain(|asked| Some(*asked) != arn);
            match (failure.reason(), arn) {
                (Some("MISSING"), Some(arn)) => missing.push(arn.clone()),
                _ => {
                    trouble.get_or_insert(convert::failure(client, &info, failure));
                }
            }
        }
        if let Some(arn) = silent.first() {
            let message = format!("the answer lacks {} of {} services, {arn} first", silent.len(), asked.len());
            let advice = "wharf reads them again by itself.";
            trouble.get_or_insert(error::protocol_error(&info, Trouble::Unreadable, &message, advice));
        }
    }
    answer(Payload::Services(found, missing), trouble)
}

/// The one of `asked` that `text` means: that very ARN, or else the same name.
fn named<'a>(asked: &'a [Arn], text: &str) -> Option<&'a Arn> {
    let name = Arn::new(text);
    asked.iter().find(|arn| arn.as_str() == text).or_else(|| asked.iter().find(|arn| arn.name() == name.name()))
}
