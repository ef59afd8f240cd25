//! Clusters and services: from the SDK's types to the fleet's, whatever is missing or unknown.

use aws_sdk_ecs::types as sdk;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::client::{ContextClient, RequestInfo};
use super::error;
use crate::fleet::{
    Arn, Breaker, CloudError, Cluster, ContextId, Controller, Deployment, DeploymentStatus, Event, Exec, Management,
    Rollout, Scheduling, Service, ServiceStatus, Tags,
};

/// A cluster; nothing where the answer does not even name it.
pub(super) fn cluster(context: &ContextId, cluster: &sdk::Cluster) -> Option<Cluster> {
    Some(Cluster {
        arn: Arn::new(text(cluster.cluster_arn())?),
        context: context.clone(),
        status: text(cluster.status()).unwrap_or_default(),
        services: count(cluster.active_services_count()),
        running: count(cluster.running_tasks_count()),
        tags: tags(cluster.tags()),
    })
}

/// A service of `cluster`; nothing where the answer does not even name it.
pub(super) fn service(context: &ContextId, cluster: &Arn, service: &sdk::Service) -> Option<Service> {
    let arn = Arn::new(text(service.service_arn())?);
    let settings = service.deployment_configuration();
    let network = service.network_configuration().and_then(|network| network.awsvpc_configuration());
    let deployments = deployments(service);
    let primary = deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary);
    let definition = text(service.task_definition()).map(Arn::new);
    let definition = definition.or_else(|| primary.map(|primary| primary.definition.clone()));
    Some(Service {
        name: text(service.service_name()).unwrap_or_else(|| arn.name().to_owned()),
        arn,
        cluster: cluster.clone(),
        context: context.clone(),
        status: status(service.status()),
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        pending: count(service.pending_count()),
        scheduling: match service.scheduling_strategy() {
            Some(sdk::SchedulingStrategy::Daemon) => Scheduling::Daemon,
            _ => Scheduling::Replica,
        },
        controller: controller(service.deployment_controller()),
        management: match service.resource_management_type() {
            Some(sdk::ResourceManagementType::Ecs) => Management::Ecs,
            _ => Management::Customer,
        },
        launch: launch(service.launch_type(), service.capacity_provider_strategy()),
        definition: definition.unwrap_or_else(|| Arn::new("")),
        created_at: time(service.created_at()),
        deployments,
        events: events(service.events()),
        tags: tags(service.tags()),
        breaker: settings.and_then(|settings| settings.deployment_circuit_breaker()).map(breaker),
        minimum_percent: settings.and_then(sdk::DeploymentConfiguration::minimum_healthy_percent).map(count),
        maximum_percent: settings.and_then(sdk::DeploymentConfiguration::maximum_percent).map(count),
        subnets: network.map(|network| network.subnets().to_vec()).unwrap_or_default(),
        target_groups: service.load_balancers().iter().filter_map(|lb| text(lb.target_group_arn())).collect(),
        grace_seconds: service.health_check_grace_period_seconds().map(count),
        exec: if service.enable_execute_command() { Exec::Enabled } else { Exec::Disabled },
    })
}

/// One of `failures[]` as an error.
pub(super) fn failure(client: &ContextClient, info: &RequestInfo, failure: &sdk::Failure) -> CloudError {
    let (arn, reason, detail) = (failure.arn(), failure.reason(), failure.detail());
    let reason = reason.unwrap_or_default();
    error::failure(&client.principal, info, arn.unwrap_or_default(), reason, detail.unwrap_or_default())
}

/// Text that says something: emulators answer with empty strings where AWS leaves a member out.
pub(super) fn text(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A count; a negative one, which no AWS gives, counts as none.
pub(super) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// A time; nothing for one beyond the calendar.
pub(super) fn time(time: Option<&DateTime>) -> Option<Timestamp> {
    let time = time?;
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

fn tags(tags: &[sdk::Tag]) -> Tags {
    let pair = |tag: &sdk::Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    tags.iter().filter_map(pair).collect()
}

fn status(status: Option<&str>) -> ServiceStatus {
    match status {
        // A service that is listed without a status is one that ECS looks after.
        Some("ACTIVE" | "") | None => ServiceStatus::Active,
        Some("DRAINING") => ServiceStatus::Draining,
        Some("INACTIVE") => ServiceStatus::Inactive,
        Some(word) => ServiceStatus::Other(word.to_owned()),
    }
}

fn controller(controller: Option<&sdk::DeploymentController>) -> Controller {
    match controller.map(sdk::DeploymentController::r#type) {
        None | Some(sdk::DeploymentControllerType::Ecs) => Controller::Ecs,
        Some(sdk::DeploymentControllerType::CodeDeploy) => Controller::CodeDeploy,
        Some(sdk::DeploymentControllerType::External) => Controller::External,
        Some(other) if other.as_str().is_empty() => Controller::Ecs,
        Some(other) => Controller::Other(other.as_str().to_owned()),
    }
}

fn breaker(breaker: &sdk::DeploymentCircuitBreaker) -> Breaker {
    match (breaker.enable(), breaker.rollback()) {
        (false, _) => Breaker::Off,
        (true, false) => Breaker::Fails,
        (true, true) => Breaker::RollsBack,
    }
}

fn launch(kind: Option<&sdk::LaunchType>, strategy: &[sdk::CapacityProviderStrategyItem]) -> String {
    match kind.map(sdk::LaunchType::as_str).filter(|kind| !kind.is_empty()) {
        Some(kind) => kind.to_owned(),
        None => {
            strategy.iter().map(sdk::CapacityProviderStrategyItem::capacity_provider).collect::<Vec<_>>().join(", ")
        }
    }
}

/// Deployments under the ECS controller, task sets under the others: either is what replaces what.
fn deployments(service: &sdk::Service) -> Vec<Deployment> {
    if service.deployments().is_empty() {
        return service.task_sets().iter().map(task_set).collect();
    }
    service.deployments().iter().map(deployment).collect()
}

fn deployment(deployment: &sdk::Deployment) -> Deployment {
    Deployment {
        id: text(deployment.id()).unwrap_or_default(),
        status: deployment_status(deployment.status()),
        definition: Arn::new(deployment.task_definition().unwrap_or_default()),
        desired: count(deployment.desired_count()),
        running: count(deployment.running_count()),
        pending: count(deployment.pending_count()),
        failed: count(deployment.failed_tasks()),
        rollout: deployment.rollout_state().and_then(rollout),
        reason: text(deployment.rollout_state_reason()),
        created_at: time(deployment.created_at()),
        updated_at: time(deployment.updated_at()),
    }
}

fn task_set(set: &sdk::TaskSet) -> Deployment {
    Deployment {
        id: text(set.id()).unwrap_or_default(),
        status: deployment_status(set.status()),
        definition: Arn::new(set.task_definition().unwrap_or_default()),
        desired: count(set.computed_desired_count()),
        running: count(set.running_count()),
        pending: count(set.pending_count()),
        failed: 0,
        rollout: None,
        reason: None,
        created_at: time(set.created_at()),
        updated_at: time(set.updated_at()),
    }
}

fn deployment_status(status: Option<&str>) -> DeploymentStatus {
    match status {
        Some("PRIMARY") => DeploymentStatus::Primary,
        Some("ACTIVE") => DeploymentStatus::Active,
        Some("INACTIVE") => DeploymentStatus::Inactive,
        other => DeploymentStatus::Other(other.unwrap_or_default().to_owned()),
    }
}

fn rollout(state: &sdk::DeploymentRolloutState) -> Option<Rollout> {
    match state {
        sdk::DeploymentRolloutState::InProgress => Some(Rollout::InProgress),
        sdk::DeploymentRolloutState::Completed => Some(Rollout::Completed),
        sdk::DeploymentRolloutState::Failed => Some(Rollout::Failed),
        other if other.as_str().is_empty() => None,
        other => Some(Rollout::Other(other.as_str().to_owned())),
    }
}

/// Newest first. An event without a time cannot be placed among the others, and is left out.
fn events(events: &[sdk::ServiceEvent]) -> Vec<Event> {
    let event = |event: &sdk::ServiceEvent| {
        let (id, message) = (event.id().unwrap_or_default(), event.message().unwrap_or_default());
        Some(Event { id: id.to_owned(), at: time(event.created_at())?, message: message.to_owned() })
    };
    let mut events: Vec<Event> = events.iter().filter_map(event).collect();
    events.sort_by_key(|event| std::cmp::Reverse(event.at));
    events
}
