//! Changes: the only requests that are not reads, each with exactly the members that the plan showed.

use aws_config::AppName;
use aws_sdk_applicationautoscaling::Client as AutoScaling;
use aws_sdk_applicationautoscaling::config::Builder as ScalingConfig;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::config::Builder as EcsConfig;
use aws_sdk_ecs::config::retry::RetryConfig;
use aws_types::request_id::RequestId;

use super::client::{ContextClient, RequestInfo};
use super::error::protocol_error;
use super::scaling::resource_id;
use crate::fleet::{Arn, CloudError, Priority, Trouble};
use crate::plan::{self, Attempts, Range, Receipt, Request, ServiceChange};

/// Sends `call` through `client`, under the app name of its plan, which `CloudTrail` keeps.
///
/// What may be repeated is tried three times in all; anything else is sent once.
pub(super) async fn change(client: &ContextClient, call: &plan::Call) -> Result<Receipt, CloudError> {
    let info = RequestInfo::new(call.operation(), call.resource().to_string());
    let app = call.plan().app_name();
    match call.request() {
        Request::UpdateService { cluster, service, change } => {
            let request = client.sdk::<Ecs>().update_service().cluster(cluster.as_str()).service(service.as_str());
            let request = match *change {
                ServiceChange::DesiredCount(count) => {
                    request.desired_count(i32::try_from(count).map_err(|_| beyond(&info, count))?)
                }
                ServiceChange::ForceNewDeployment => request.force_new_deployment(true),
            };
            let request = request.customize().config_override(ecs(&app, call.attempts()));
            let answer = client.send(Priority::Change, &info, request.send()).await?;
            Ok(receipt(answer.request_id()))
        }
        Request::RegisterScalableTarget { service, bounds: range } => {
            bounds(client, &info, &app, service, *range).await
        }
    }
}

async fn bounds(
    client: &ContextClient,
    info: &RequestInfo,
    app: &str,
    service: &Arn,
    range: Range,
) -> Result<Receipt, CloudError> {
    let Some(id) = resource_id(service) else {
        let message = format!("{service} does not say which cluster it is in");
        let advice = "A service with an ARN of the old format has to be created again to get a long one.";
        return Err(protocol_error(info, Trouble::Refused, &message, advice));
    };
    let request =
        client.sdk::<AutoScaling>().register_scalable_target().service_namespace(ServiceNamespace::Ecs).resource_id(id);
    let request = request.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
    let number = |count| i32::try_from(count).ok();
    let (Some(minimum), Some(maximum)) = (number(range.minimum), number(range.maximum)) else {
        return Err(beyond(info, range.maximum.max(range.minimum)));
    };
    let request = request.min_capacity(minimum).max_capacity(maximum);
    let mut config = ScalingConfig::new();
    config.set_app_name(AppName::new(app.to_owned()).ok());
    let answer = client.send(Priority::Change, info, request.customize().config_override(config).send()).await?;
    Ok(receipt(answer.request_id()))
}

fn ecs(app: &str, attempts: Attempts) -> EcsConfig {
    let mut config = EcsConfig::new();
    config.set_app_name(AppName::new(app.to_owned()).ok());
    match attempts {
        Attempts::Several => config,
        Attempts::One => config.retry_config(RetryConfig::standard().with_max_attempts(1)),
    }
}

fn receipt(id: Option<&str>) -> Receipt {
    Receipt { request_id: id.filter(|id| !id.is_empty()).map(str::to_owned) }
}

fn beyond(info: &RequestInfo, count: u32) -> CloudError {
    protocol_error(info, Trouble::Refused, &format!("{count} is more than AWS accepts"), "Request fewer tasks.")
}
