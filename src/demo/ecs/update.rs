//! `UpdateService`.

use serde_json::Value;

use super::super::doc::Doc;
use super::super::life;
use super::super::world::{
    Breaker, Controller, Definition, DefinitionStatus, Management, Region, Scheduling, Service, ServiceStatus,
};
use super::{Input, Moment, Refusal, cluster, service, show};

/// Members without state in the embedded AWS, each with the only value that it accepts.
const FIXED: [(&str, &str); 4] = [
    ("availabilityZoneRebalancing", "\"ENABLED\""),
    ("enableECSManagedTags", "true"),
    ("propagateTags", "\"SERVICE\""),
    ("platformVersion", "\"LATEST\""),
];

/// Members that the embedded AWS does not support.
const UNHELD: [&str; 12] = [
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
struct Wish {
    desired: Option<u32>,
    /// The task definition to deploy.
    rollout: Option<Definition>,
    percents: (u32, u32),
    breaker: Breaker,
    grace: Option<u32>,
    exec: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html>
pub(super) fn update(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let named = input.text("service")?.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid("Service cannot be empty."));
    }
    let in_cluster = cluster(region, input)?;
    let found = service(region, in_cluster, named)?;
    if found.status != ServiceStatus::Active {
        return Err(Refusal::new("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    let wish = wish(region, found, input)?;
    let (in_cluster, name) = (in_cluster.name.clone(), found.name.clone());
    let changed = region.service(&in_cluster, &name).ok_or_else(super::no_service)?;
    carry_out(changed, wish, moment);
    let cluster = region.clusters.get(&in_cluster).ok_or_else(super::no_cluster)?;
    let changed = cluster.services.get(&name).ok_or_else(super::no_service)?;
    Ok(Doc::new().set("service", show::service(&region.place, cluster, changed, false)).into())
}

/// Parses the requested changes, and refuses those that the service does not allow.
fn wish(region: &Region, service: &Service, input: &Input) -> Result<Wish, Refusal> {
    held(input)?;
    if service.management == Management::Ecs {
        return Err(Refusal::invalid(
            "The service is managed by Amazon ECS. Use UpdateExpressGatewayService to update it.",
        ));
    }
    let desired = input.number("desiredCount")?.map(count("desiredCount")).transpose()?;
    if desired.is_some() && service.scheduling == Scheduling::Daemon {
        return Err(Refusal::invalid(
            "The daemon scheduling strategy does not support a desired count for services. Remove the desired count \
             value and try again",
        ));
    }
    let named = input.text("taskDefinition")?;
    let force = input.flag("forceNewDeployment")?.unwrap_or(false);
    elsewhere(service, named.is_some(), force)?;
    let same = service.definition().and_then(|name| region.definition(name));
    // The present task definition may have been deregistered since.
    let wished = named.map(|named| definition(region, named)).transpose()?.or(same.filter(|_| force).cloned());
    let another = wished.as_ref().is_some_and(|wished| service.definition() != Some(&wished.name()));
    let rollout = wished.filter(|_| another || force);
    let (percents, breaker) = configuration(service, input)?;
    let grace = input.number("healthCheckGracePeriodSeconds")?.map(count("healthCheckGracePeriodSeconds"));
    let grace = grace.transpose()?;
    if grace.is_some() && service.upstream.is_none() {
        return Err(Refusal::invalid(
            "Health check grace period is only valid for services configured to use load balancers",
        ));
    }
    Ok(Wish { desired, rollout, percents, breaker, grace, exec: input.flag("enableExecuteCommand")? })
}

/// Refuses rollouts that belong to another deployment controller.
fn elsewhere(service: &Service, definition: bool, force: bool) -> Result<(), Refusal> {
    let advice = match service.controller {
        Controller::Ecs => return Ok(()),
        Controller::CodeDeploy => "Use AWS CodeDeploy to trigger a new deployment.",
        Controller::External => "Use CreateTaskSet to create a new task set.",
    };
    let what = match (definition, force) {
        (true, _) => "Unable to update task definition",
        (_, true) => "Cannot force a new deployment",
        _ => return Ok(()),
    };
    let controller = service.controller.word();
    Err(Refusal::invalid(format!("{what} on services with a {controller} deployment controller. {advice}")))
}

/// The task definition with this name, which must be active.
fn definition(region: &Region, named: &str) -> Result<Definition, Refusal> {
    if named.starts_with("arn:") {
        super::own(region, named)?;
    }
    let found = super::definitions::find(region, named);
    let found = found.ok_or_else(|| Refusal::new("ClientException", "TaskDefinition not found."))?;
    if found.status == DefinitionStatus::Inactive {
        return Err(Refusal::new("ClientException", "TaskDefinition is inactive"));
    }
    Ok(found.clone())
}

/// The requested percentages (minimum, maximum) and circuit breaker.
fn configuration(service: &Service, input: &Input) -> Result<((u32, u32), Breaker), Refusal> {
    let mut percents = (service.minimum_percent, service.maximum_percent);
    let mut breaker = service.breaker;
    let Some(given) = input.object("deploymentConfiguration")? else { return Ok((percents, breaker)) };
    for unheld in ["alarms", "lifecycleHooks", "linearConfiguration", "canaryConfiguration", "earlySuccessCriteria"] {
        if given.has(unheld) {
            return Err(super::unheld(&format!("deploymentConfiguration.{unheld}")));
        }
    }
    if given.text("strategy")?.is_some_and(|strategy| strategy != "ROLLING") {
        return Err(super::unheld("a deployment strategy other than ROLLING"));
    }
    let percent = |key: &'static str| given.number(key)?.map(count(key)).transpose();
    percents.0 = percent("minimumHealthyPercent")?.unwrap_or(percents.0);
    percents.1 = percent("maximumPercent")?.unwrap_or(percents.1);
    if percents.0 > percents.1 {
        return Err(Refusal::invalid("maximumPercent cannot be less than minimumHealthyPercent."));
    }
    if percents == (100, 100) && service.scheduling == Scheduling::Replica {
        return Err(Refusal::invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    if let Some(given) = given.object("deploymentCircuitBreaker")? {
        breaker.enable = given.flag("enable")?.unwrap_or(breaker.enable);
        breaker.rollback = given.flag("rollback")?.unwrap_or(breaker.rollback);
        if let Some(given) = given.object("thresholdConfiguration")? {
            if given.word("type", &["COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT"])? != Some("COUNT") {
                return Err(super::unheld("a circuit breaker's threshold in percent"));
            }
            breaker.threshold = given.number("value")?.map(count("value")).transpose()?;
        }
    }
    Ok((percents, breaker))
}

fn carry_out(service: &mut Service, wish: Wish, moment: Moment) {
    service.write(moment.shows);
    (service.minimum_percent, service.maximum_percent) = wish.percents;
    service.breaker = wish.breaker;
    service.desired = wish.desired.unwrap_or(service.desired);
    service.exec = wish.exec.unwrap_or(service.exec);
    if let (Some(grace), Some(upstream)) = (wish.grace, &mut service.upstream) {
        upstream.grace_seconds = grace;
    }
    if let Some(definition) = wish.rollout {
        life::begin(service, &definition, moment.now);
    }
}

/// Refuses members that the embedded AWS would ignore.
fn held(input: &Input) -> Result<(), Refusal> {
    for (key, value) in FIXED {
        if input.has(key) && input.written(key) != value {
            return Err(super::unheld(key));
        }
    }
    match UNHELD.into_iter().find(|key| input.has(key)) {
        Some(key) => Err(super::unheld(key)),
        None => Ok(()),
    }
}

/// Converts a count and refuses negative ones.
fn count(key: &'static str) -> impl Fn(i64) -> Result<u32, Refusal> {
    move |number| {
        u32::try_from(number).map_err(|_| Refusal::invalid(format!("{key} must be 0 or more, but was {number}.")))
    }
}
