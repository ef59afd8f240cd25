//! Reads of how far autoscaling may move services.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::Client as AutoScaling;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget, ServiceNamespace, SuspendedState};

use super::answer;
use super::client::{ContextClient, RequestInfo, service_client};
use super::convert::count;
use super::error::protocol_error;
use super::pages::pages;
use crate::fleet::operation::AwsService;
use crate::fleet::{
    Arn, CloudError, Operation, Payload, Priority, Response, SCALABLE_TARGETS_PER_QUERY, Scaling, Trouble,
};

service_client!(aws_sdk_applicationautoscaling, AwsService::ApplicationAutoScaling);

/// The largest page of `DescribeScalableTargets` (API model).
const PAGE: i32 = 50;

/// Bounds of those `services` that have some: one `DescribeScalableTargets` for each 50.
pub(super) async fn scaling(client: &ContextClient, lane: Priority, services: &[Arn]) -> Response {
    let info = RequestInfo::new(Operation::DescribeScalableTargets, format!("{} services", services.len()));
    let mut trouble: Option<CloudError> = None;
    let mut by_id: BTreeMap<String, &Arn> = BTreeMap::new();
    for arn in services {
        let Some(id) = resource_id(arn) else {
            let message = format!("{arn} does not say which cluster it is in, so its bounds cannot be asked for");
            let advice = "A service with an ARN of the old format has to be created again to get a long one.";
            trouble.get_or_insert(protocol_error(&info, Trouble::Refused, &message, advice));
            continue;
        };
        by_id.insert(id, arn);
    }
    let ids: Vec<String> = by_id.keys().cloned().collect();
    let mut found = vec![];
    for batch in ids.chunks(SCALABLE_TARGETS_PER_QUERY) {
        let listed = pages(&info, usize::MAX, |token| async {
            let request =
                client.sdk::<AutoScaling>().describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
            let request = request.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
            let request = request.set_resource_ids(Some(batch.to_vec())).max_results(PAGE).set_next_token(token);
            let page = client.send(lane, &info, request.send()).await?;
            Ok((page.scalable_targets.unwrap_or_default(), page.next_token))
        })
        .await;
        found.extend(listed.items.iter().filter_map(|target| bounds(by_id.get(target.resource_id())?, target)));
        match listed.error {
            Some(error) if listed.pages == 0 && found.is_empty() => return Response::Failed(error),
            Some(error) => return Response::Partial(Payload::ScalableTargets(found), error),
            None => {}
        }
    }
    answer(Payload::ScalableTargets(found), trouble)
}

/// `service/CLUSTER/NAME`, which the long format of a service's ARN ends in.
pub(super) fn resource_id(service: &Arn) -> Option<String> {
    let resource = service.as_str().splitn(6, ':').nth(5)?;
    (resource.starts_with("service/") && resource.split('/').count() == 3).then(|| resource.to_owned())
}

fn bounds(service: &Arn, target: &ScalableTarget) -> Option<Scaling> {
    let suspended = target.suspended_state().map(suspended).unwrap_or_default();
    (*target.scalable_dimension() == ScalableDimension::EcsServiceDesiredCount).then(|| Scaling {
        service: service.clone(),
        min: count(target.min_capacity()),
        max: count(target.max_capacity()),
        suspended,
    })
}

fn suspended(state: &SuspendedState) -> Vec<&'static str> {
    let states = [
        (state.dynamic_scaling_in_suspended(), "scaling in"),
        (state.dynamic_scaling_out_suspended(), "scaling out"),
        (state.scheduled_scaling_suspended(), "schedules"),
    ];
    states.into_iter().filter(|(state, _)| *state == Some(true)).map(|(_, word)| word).collect()
}
