//! The JSON of services and their deployments.

use super::super::json::{self, JsonObject};
use super::super::world::{
    CircuitBreaker, Cluster, Deployment, DeploymentController, Event, LaunchType, Location, RolloutState, Service,
    ServiceDeployment, ServiceStatus,
};

/// A service, as `DescribeServices` returns it.
pub(super) fn service(location: &Location, cluster: &Cluster, service: &Service, tags: bool) -> JsonObject {
    let deployments: Vec<JsonObject> =
        service.deployments.iter().map(|one| deployment(location, cluster, service, one)).collect();
    let counts = service.deployments.iter().map(|one| cluster.deployment_counts(one));
    let (running, pending) = counts.fold((0, 0), |(r, p), counts| (r + counts.running, p + counts.pending));
    let in_progress = service.service_deployments.first().filter(|record| !record.status.is_finished());
    let object = JsonObject::new()
        .set("serviceArn", location.service_arn(&cluster.name, &service.name))
        .set("serviceName", service.name.as_str())
        .set("clusterArn", location.cluster_arn(&cluster.name))
        .list("loadBalancers", load_balancer(service))
        .list("serviceRegistries", Vec::<JsonObject>::new())
        .set("status", service.status.as_str())
        .set("desiredCount", if service.status == ServiceStatus::Active { service.desired } else { 0 })
        .set("runningCount", running)
        .set("pendingCount", pending);
    launch(object, service.launch)
        .set("platformVersion", "LATEST")
        .set("platformFamily", "Linux")
        .set_if_some("taskDefinition", service.definition().map(|name| location.definition_arn(name)))
        .set("deploymentConfiguration", configuration(service))
        .list("deployments", deployments)
        .set(
            "roleArn",
            format!("arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", location.account),
        )
        .list("events", service.events.iter().map(event))
        .time("createdAt", service.created_at)
        .set_if_some(
            "currentServiceDeployment",
            in_progress.map(|record| location.service_deployment_arn(&cluster.name, &service.name, &record.id)),
        )
        .list("currentServiceRevisions", revisions(location, cluster, service))
        .list("placementConstraints", Vec::<JsonObject>::new())
        .list("placementStrategy", Vec::<JsonObject>::new())
        .set("networkConfiguration", network(location, service))
        .set(
            "healthCheckGracePeriodSeconds",
            service.load_balancer.as_ref().map_or(0, |load_balancer| load_balancer.grace_seconds),
        )
        .set("schedulingStrategy", service.scheduling.as_str())
        .set("deploymentController", JsonObject::new().set("type", service.controller.as_str()))
        .set_if_some("tags", tags.then(|| json::tags(&service.tags)))
        .set("createdBy", service.created_by.as_str())
        .set("enableECSManagedTags", true)
        .set("propagateTags", "SERVICE")
        .set("enableExecuteCommand", service.exec)
        .set("availabilityZoneRebalancing", "ENABLED")
        .set("resourceManagementType", service.management.as_str())
}

/// Adds a launch type, or the capacity provider strategy that replaces it.
pub(super) fn launch(object: JsonObject, launch: LaunchType) -> JsonObject {
    match launch {
        LaunchType::Fargate => object.set("launchType", "FARGATE"),
        LaunchType::FargateSpot => {
            let spot = JsonObject::new().set("capacityProvider", "FARGATE_SPOT").set("weight", 1).set("base", 0);
            object.list("capacityProviderStrategy", [spot])
        }
    }
}

/// The subnets and the security group of a service's tasks.
pub(super) fn network(location: &Location, service: &Service) -> JsonObject {
    let group = super::super::random::Random::from_words(&["security group", &location.region]).hex(17);
    let vpc = JsonObject::new()
        .list("subnets", service.zones.iter().map(|zone| location.subnet_id(*zone)))
        .list("securityGroups", [format!("sg-{group}")])
        .set("assignPublicIp", "DISABLED");
    JsonObject::new().set("awsvpcConfiguration", vpc)
}

/// The load balancer of a service, if it has one.
pub(super) fn load_balancer(service: &Service) -> Option<JsonObject> {
    service.load_balancer.as_ref().map(|load_balancer| {
        JsonObject::new()
            .set("targetGroupArn", load_balancer.target_group.as_str())
            .set("containerName", load_balancer.container.as_str())
            .set("containerPort", load_balancer.port)
    })
}

/// The deployment configuration of a service.
pub(super) fn configuration(service: &Service) -> JsonObject {
    let CircuitBreaker { enable, rollback, threshold } = service.breaker;
    let count = threshold.map(|value| JsonObject::new().set("type", "COUNT").set("value", value));
    let breaker =
        JsonObject::new().set("enable", enable).set("rollback", rollback).set_if_some("thresholdConfiguration", count);
    JsonObject::new()
        .set("deploymentCircuitBreaker", breaker)
        .set("maximumPercent", service.maximum_percent)
        .set("minimumHealthyPercent", service.minimum_percent)
        .set("strategy", "ROLLING")
        .set("bakeTimeInMinutes", 0)
}

/// A service deployment, as `DescribeServiceDeployments` returns it.
pub(super) fn service_deployment(
    location: &Location,
    cluster: &Cluster,
    service: &Service,
    record: &ServiceDeployment,
) -> JsonObject {
    let arn = |id: &str| location.service_revision_arn(&cluster.name, &service.name, id);
    let counts = |revision: &str| {
        let of =
            service.deployments.iter().filter(|one| one.revision == revision).map(|one| cluster.deployment_counts(one));
        of.fold((0, 0), |(r, p), counts| (r + counts.running, p + counts.pending))
    };
    let summary = |id: &str, requested: u32| {
        // A finished deployment keeps its final counts. The counts of one in progress are those of its tasks.
        let (running, pending) = if record.finished_at.is_some() { (requested, 0) } else { counts(id) };
        JsonObject::new()
            .set("arn", arn(id))
            .set("requestedTaskCount", requested)
            .set("runningTaskCount", running)
            .set("pendingTaskCount", pending)
    };
    let active = record.rollback.is_none();
    let rollback = record.rollback.as_ref().map(|rollback| {
        JsonObject::new()
            .set("reason", rollback.reason.as_str())
            .time("startedAt", rollback.started_at)
            .set("serviceRevisionArn", arn(&rollback.revision))
    });
    let breaker = JsonObject::new()
        .set("status", breaker_status(service.breaker, record))
        .set("failureCount", if service.breaker.enable { record.failures } else { 0 })
        .set("threshold", record.threshold);
    JsonObject::new()
        .set("serviceDeploymentArn", location.service_deployment_arn(&cluster.name, &service.name, &record.id))
        .set("serviceArn", location.service_arn(&cluster.name, &service.name))
        .set("clusterArn", location.cluster_arn(&cluster.name))
        .time("createdAt", record.created_at)
        .time("startedAt", record.started_at)
        .time("finishedAt", record.finished_at)
        .time("updatedAt", record.updated_at)
        .list("sourceServiceRevisions", record.source_revisions.iter().map(|(id, count)| summary(id, *count)))
        .set("targetServiceRevision", summary(&record.target_revision, if active { record.desired } else { 0 }))
        .set("status", record.status.as_str())
        .set_if_some("statusReason", record.status_reason.as_deref())
        .set_if_some("lifecycleStage", record.finished_at.is_none().then_some("SCALE_UP"))
        .set("deploymentConfiguration", configuration(service))
        .set_if_some("rollback", rollback)
        .set("deploymentCircuitBreaker", breaker)
}

fn breaker_status(breaker: CircuitBreaker, record: &ServiceDeployment) -> &'static str {
    match record.finished_at {
        _ if !breaker.enable => "DISABLED",
        _ if record.failures >= record.threshold => "TRIGGERED",
        Some(_) => "MONITORING_COMPLETE",
        None => "MONITORING",
    }
}

fn deployment(location: &Location, cluster: &Cluster, service: &Service, deployment: &Deployment) -> JsonObject {
    let counts = cluster.deployment_counts(deployment);
    // ECS resets the failed tasks when the rollout completes.
    let failed = if deployment.state == RolloutState::Completed { 0 } else { deployment.failed };
    let object = JsonObject::new()
        .set("id", deployment.id.as_str())
        .set("status", deployment.status.as_str())
        .set("taskDefinition", location.definition_arn(&deployment.definition))
        .set("desiredCount", deployment.desired)
        .set("pendingCount", counts.pending)
        .set("runningCount", counts.running)
        .set("failedTasks", failed)
        .time("createdAt", deployment.created_at)
        .time("updatedAt", deployment.updated_at);
    // Only rolling deployments have a rollout state.
    let rolling = service.controller == DeploymentController::Ecs;
    launch(object, service.launch)
        .set("platformVersion", "1.4.0")
        .set("platformFamily", "Linux")
        .set("networkConfiguration", network(location, service))
        .set_if_some("rolloutState", rolling.then(|| deployment.state.as_str()))
        .set_if_some("rolloutStateReason", rolling.then_some(deployment.reason.as_str()))
}

fn revisions(location: &Location, cluster: &Cluster, service: &Service) -> Vec<JsonObject> {
    let summary = |one: &Deployment| {
        let counts = cluster.deployment_counts(one);
        JsonObject::new()
            .set("arn", location.service_revision_arn(&cluster.name, &service.name, &one.revision))
            .set("requestedTaskCount", one.desired)
            .set("runningTaskCount", counts.running)
            .set("pendingTaskCount", counts.pending)
    };
    service.deployments.iter().map(summary).collect()
}

fn event(event: &Event) -> JsonObject {
    JsonObject::new().set("id", event.id.as_str()).time("createdAt", event.at).set("message", event.message.as_str())
}
