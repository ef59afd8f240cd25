//! `UpdateService`.

use serde_json::Value;

use super::super::json::JsonObject;
use super::super::simulation;
use super::super::world::{
    CircuitBreaker, DeploymentController, Region, ResourceManagementType, SchedulingStrategy, Service, ServiceStatus,
    TaskDefinition, TaskDefinitionStatus,
};
use super::{ApiError, RequestBody, WriteTime, cluster, service_json};

/// Members without state in the embedded AWS, each with the only value that it accepts.
const FIXED: [(&str, &str); 4] = [
    ("availabilityZoneRebalancing", "\"ENABLED\""),
    ("enableECSManagedTags", "true"),
    ("propagateTags", "\"SERVICE\""),
    ("platformVersion", "\"LATEST\""),
];

/// Members that the embedded AWS does not support.
const UNSUPPORTED: [&str; 12] = [
    "capacityProviderStrategy",
    "networkConfiguration",
    "placementConstraints",
    "placementStrategy",
    "deploymentController",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "gatewayConnectors",
    "monitoring",
];

/// The requested changes of a service.
struct ServiceUpdate {
    desired: Option<u32>,
    /// The task definition to deploy.
    rollout: Option<TaskDefinition>,
    percents: (u32, u32),
    breaker: CircuitBreaker,
    grace: Option<u32>,
    exec: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>
pub(super) fn update(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let named = request.text("service")?.unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::invalid_parameter("Service cannot be empty."));
    }
    let in_cluster = cluster(region, request)?;
    let service = super::service(region, in_cluster, named)?;
    if service.status != ServiceStatus::Active {
        return Err(ApiError::new("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    let update = parse_update(region, service, request)?;
    let (in_cluster, name) = (in_cluster.name.clone(), service.name.clone());
    let changed = region.service(&in_cluster, &name).ok_or_else(super::service_not_found)?;
    apply(changed, update, time);
    let cluster = region.clusters.get(&in_cluster).ok_or_else(super::cluster_not_found)?;
    let changed = cluster.services.get(&name).ok_or_else(super::service_not_found)?;
    Ok(JsonObject::new().set("service", service_json::service(&region.location, cluster, changed, false)).into())
}

/// Parses the requested changes, and refuses those that the service does not allow.
fn parse_update(region: &Region, service: &Service, request: &RequestBody) -> Result<ServiceUpdate, ApiError> {
    check_supported(request)?;
    if service.management == ResourceManagementType::Ecs {
        return Err(ApiError::invalid_parameter(
            "The service is managed by Amazon ECS. Use UpdateExpressGatewayService to update it.",
        ));
    }
    let desired = request.number("desiredCount")?.map(count("desiredCount")).transpose()?;
    if desired.is_some() && service.scheduling == SchedulingStrategy::Daemon {
        return Err(ApiError::invalid_parameter(
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count \
             value and try again",
        ));
    }
    let named = request.text("taskDefinition")?;
    let force = request.flag("forceNewDeployment")?.unwrap_or(false);
    check_controller(service, named.is_some(), force)?;
    let same = service.definition().and_then(|name| region.definition(name));
    // The present task definition may have been deregistered since.
    let requested = named.map(|named| find_definition(region, named)).transpose()?.or(same.filter(|_| force).cloned());
    let another = requested.as_ref().is_some_and(|requested| service.definition() != Some(&requested.name()));
    let rollout = requested.filter(|_| another || force);
    let (percents, breaker) = configuration(service, request)?;
    let grace = request.number("healthCheckGracePeriodSeconds")?.map(count("healthCheckGracePeriodSeconds"));
    let grace = grace.transpose()?;
    if grace.is_some() && service.load_balancer.is_none() {
        return Err(ApiError::invalid_parameter(
            "Health check grace period is only valid for services configured to use load balancers",
        ));
    }
    Ok(ServiceUpdate { desired, rollout, percents, breaker, grace, exec: request.flag("enableExecuteCommand")? })
}

/// Refuses rollouts that belong to another deployment controller.
fn check_controller(service: &Service, definition: bool, force: bool) -> Result<(), ApiError> {
    let advice = match service.controller {
        DeploymentController::Ecs => return Ok(()),
        DeploymentController::CodeDeploy => "Use AWS CodeDeploy to trigger a new deployment.",
        DeploymentController::External => "Use CreateTaskSet to create a new task set.",
    };
    let what = match (definition, force) {
        (true, _) => "Unable to update task definition",
        (_, true) => "Cannot force a new deployment",
        _ => return Ok(()),
    };
    let controller = service.controller.as_str();
    Err(ApiError::invalid_parameter(format!("{what} on services with a {controller} deployment controller. {advice}")))
}

/// The task definition with this name, which must be active.
fn find_definition(region: &Region, named: &str) -> Result<TaskDefinition, ApiError> {
    if named.starts_with("arn:") {
        super::check_account(region, named)?;
    }
    let found = super::task_definitions::find(region, named);
    let found = found.ok_or_else(|| ApiError::new("ClientException", "TaskDefinition not found."))?;
    if found.status == TaskDefinitionStatus::Inactive {
        return Err(ApiError::new("ClientException", "TaskDefinition is inactive"));
    }
    Ok(found.clone())
}

/// The requested percentages (minimum, maximum) and circuit breaker.
fn configuration(service: &Service, request: &RequestBody) -> Result<((u32, u32), CircuitBreaker), ApiError> {
    let mut percents = (service.minimum_percent, service.maximum_percent);
    let mut breaker = service.breaker;
    let Some(given) = request.object("deploymentConfiguration")? else { return Ok((percents, breaker)) };
    for unsupported in
        ["alarms", "lifecycleHooks", "linearConfiguration", "canaryConfiguration", "earlySuccessCriteria"]
    {
        if given.has(unsupported) {
            return Err(super::unsupported(&format!("deploymentConfiguration.{unsupported}")));
        }
    }
    if given.text("strategy")?.is_some_and(|strategy| strategy != "ROLLING") {
        return Err(super::unsupported("a deployment strategy other than ROLLING"));
    }
    let percent = |key: &'static str| given.number(key)?.map(count(key)).transpose();
    percents.0 = percent("minimumHealthyPercent")?.unwrap_or(percents.0);
    percents.1 = percent("maximumPercent")?.unwrap_or(percents.1);
    if percents.0 > percents.1 {
        return Err(ApiError::invalid_parameter("maximumPercent cannot be less than minimumHealthyPercent."));
    }
    if percents == (100, 100) && service.scheduling == SchedulingStrategy::Replica {
        return Err(ApiError::invalid_parameter(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    if let Some(given) = given.object("deploymentCircuitBreaker")? {
        breaker.enable = given.flag("enable")?.unwrap_or(breaker.enable);
        breaker.rollback = given.flag("rollback")?.unwrap_or(breaker.rollback);
        if let Some(given) = given.object("thresholdConfiguration")? {
            if given.one_of("type", &["COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT"])? != Some("COUNT") {
                return Err(super::unsupported("a circuit breaker's threshold in percent"));
            }
            breaker.threshold = given.number("value")?.map(count("value")).transpose()?;
        }
    }
    Ok((percents, breaker))
}

fn apply(service: &mut Service, update: ServiceUpdate, time: WriteTime) {
    service.begin_write(time.visible_at);
    (service.minimum_percent, service.maximum_percent) = update.percents;
    service.breaker = update.breaker;
    service.desired = update.desired.unwrap_or(service.desired);
    service.exec = update.exec.unwrap_or(service.exec);
    if let (Some(grace), Some(load_balancer)) = (update.grace, &mut service.load_balancer) {
        load_balancer.grace_seconds = grace;
    }
    if let Some(definition) = update.rollout {
        simulation::start_rollout(service, &definition, time.now);
    }
}

/// Refuses members that the embedded AWS would ignore.
fn check_supported(request: &RequestBody) -> Result<(), ApiError> {
    for (key, value) in FIXED {
        if request.has(key) && request.raw_json(key) != value {
            return Err(super::unsupported(key));
        }
    }
    match UNSUPPORTED.into_iter().find(|key| request.has(key)) {
        Some(key) => Err(super::unsupported(key)),
        None => Ok(()),
    }
}

/// Converts a count and refuses negative ones.
fn count(key: &'static str) -> impl Fn(i64) -> Result<u32, ApiError> {
    move |number| {
        u32::try_from(number)
            .map_err(|_| ApiError::invalid_parameter(format!("{key} must be 0 or more, but was {number}.")))
    }
}
