//! The JSON of services and their deployments.

use super::super::doc::{self, Doc};
use super::super::world::{
    Breaker, Cluster, Controller, Deployment, Event, Launch, Past, Place, RolloutState, Service, ServiceStatus,
};

/// A service, as `DescribeServices` returns it.
pub(super) fn service(place: &Place, cluster: &Cluster, service: &Service, tags: bool) -> Doc {
    let deployments: Vec<Doc> =
        service.deployments.iter().map(|one| deployment(place, cluster, service, one)).collect();
    let counts = service.deployments.iter().map(|one| cluster.counts_of(one));
    let (running, pending) = counts.fold((0, 0), |(r, p), counts| (r + counts.running, p + counts.pending));
    let under_way = service.past.first().filter(|past| !past.status.over());
    let doc = Doc::new()
        .set("serviceArn", place.service(&cluster.name, &service.name))
        .set("serviceName", service.name.as_str())
        .set("clusterArn", place.cluster(&cluster.name))
        .list("loadBalancers", upstream(service))
        .list("serviceRegistries", Vec::<Doc>::new())
        .set("status", service.status.word())
        .set("desiredCount", if service.status == ServiceStatus::Active { service.desired } else { 0 })
        .set("runningCount", running)
        .set("pendingCount", pending);
    launch(doc, service.launch)
        .set("platformVersion", "LATEST")
        .set("platformFamily", "Linux")
        .maybe("taskDefinition", service.definition().map(|name| place.definition(name)))
        .set("deploymentConfiguration", configuration(service))
        .list("deployments", deployments)
        .set(
            "roleArn",
            format!("arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", place.account),
        )
        .list("events", service.events.iter().map(event))
        .time("createdAt", service.created_at)
        .maybe(
            "currentServiceDeployment",
            under_way.map(|past| place.service_deployment(&cluster.name, &service.name, &past.id)),
        )
        .list("currentServiceRevisions", revisions(place, cluster, service))
        .list("placementConstraints", Vec::<Doc>::new())
        .list("placementStrategy", Vec::<Doc>::new())
        .set("networkConfiguration", network(place, service))
        .set("healthCheckGracePeriodSeconds", service.upstream.as_ref().map_or(0, |upstream| upstream.grace_seconds))
        .set("schedulingStrategy", service.scheduling.word())
        .set("deploymentController", Doc::new().set("type", service.controller.word()))
        .maybe("tags", tags.then(|| doc::tags(&service.tags)))
        .set("createdBy", service.created_by.as_str())
        .set("enableECSManagedTags", true)
        .set("propagateTags", "SERVICE")
        .set("enableExecuteCommand", service.exec)
        .set("availabilityZoneRebalancing", "ENABLED")
        .set("resourceManagementType", service.management.word())
}

/// Adds a launch type, or the capacity provider strategy that replaces it.
pub(super) fn launch(doc: Doc, launch: Launch) -> Doc {
    match launch {
        Launch::Fargate => doc.set("launchType", "FARGATE"),
        Launch::FargateSpot => {
            let spot = Doc::new().set("capacityProvider", "FARGATE_SPOT").set("weight", 1).set("base", 0);
            doc.list("capacityProviderStrategy", [spot])
        }
    }
}

/// The subnets and the security group of a service's tasks.
pub(super) fn network(place: &Place, service: &Service) -> Doc {
    let group = super::super::random::Random::from_words(&["security group", &place.region]).hex(17);
    let vpc = Doc::new()
        .list("subnets", service.zones.iter().map(|zone| place.subnet(*zone)))
        .list("securityGroups", [format!("sg-{group}")])
        .set("assignPublicIp", "DISABLED");
    Doc::new().set("awsvpcConfiguration", vpc)
}

/// The load balancer of a service, if it has one.
pub(super) fn upstream(service: &Service) -> Option<Doc> {
    service.upstream.as_ref().map(|upstream| {
        Doc::new()
            .set("targetGroupArn", upstream.target_group.as_str())
            .set("containerName", upstream.container.as_str())
            .set("containerPort", upstream.port)
    })
}

/// The deployment configuration of a service.
pub(super) fn configuration(service: &Service) -> Doc {
    let Breaker { enable, rollback, threshold } = service.breaker;
    let count = threshold.map(|value| Doc::new().set("type", "COUNT").set("value", value));
    let breaker = Doc::new().set("enable", enable).set("rollback", rollback).maybe("thresholdConfiguration", count);
    Doc::new()
        .set("deploymentCircuitBreaker", breaker)
        .set("maximumPercent", service.maximum_percent)
        .set("minimumHealthyPercent", service.minimum_percent)
        .set("strategy", "ROLLING")
        .set("bakeTimeInMinutes", 0)
}

/// A service deployment, as `DescribeServiceDeployments` returns it.
pub(super) fn past(place: &Place, cluster: &Cluster, service: &Service, past: &Past) -> Doc {
    let arn = |id: &str| place.service_revision(&cluster.name, &service.name, id);
    let counts = |revision: &str| {
        let of = service.deployments.iter().filter(|one| one.revision == revision).map(|one| cluster.counts_of(one));
        of.fold((0, 0), |(r, p), counts| (r + counts.running, p + counts.pending))
    };
    let summary = |id: &str, requested: u32| {
        // A finished deployment keeps its final counts. The counts of one in progress are those of its tasks.
        let (running, pending) = if past.finished_at.is_some() { (requested, 0) } else { counts(id) };
        Doc::new()
            .set("arn", arn(id))
            .set("requestedTaskCount", requested)
            .set("runningTaskCount", running)
            .set("pendingTaskCount", pending)
    };
    let kept = past.rollback.is_none();
    let rollback = past.rollback.as_ref().map(|rollback| {
        Doc::new()
            .set("reason", rollback.reason.as_str())
            .time("startedAt", rollback.started_at)
            .set("serviceRevisionArn", arn(&rollback.revision))
    });
    let breaker = Doc::new()
        .set("status", breaker_status(service.breaker, past))
        .set("failureCount", if service.breaker.enable { past.failures } else { 0 })
        .set("threshold", past.threshold);
    Doc::new()
        .set("serviceDeploymentArn", place.service_deployment(&cluster.name, &service.name, &past.id))
        .set("serviceArn", place.service(&cluster.name, &service.name))
        .set("clusterArn", place.cluster(&cluster.name))
        .time("createdAt", past.created_at)
        .time("startedAt", past.started_at)
        .time("finishedAt", past.finished_at)
        .time("updatedAt", past.updated_at)
        .list("sourceServiceRevisions", past.sources.iter().map(|(id, count)| summary(id, *count)))
        .set("targetServiceRevision", summary(&past.target, if kept { past.desired } else { 0 }))
        .set("status", past.status.word())
        .maybe("statusReason", past.status_reason.as_deref())
        .maybe("lifecycleStage", past.finished_at.is_none().then_some("SCALE_UP"))
        .set("deploymentConfiguration", configuration(service))
        .maybe("rollback", rollback)
        .set("deploymentCircuitBreaker", breaker)
}

fn breaker_status(breaker: Breaker, past: &Past) -> &'static str {
    match past.finished_at {
        _ if !breaker.enable => "DISABLED",
        _ if past.failures >= past.threshold => "TRIGGERED",
        Some(_) => "MONITORING_COMPLETE",
        None => "MONITORING",
    }
}

fn deployment(place: &Place, cluster: &Cluster, service: &Service, deployment: &Deployment) -> Doc {
    let counts = cluster.counts_of(deployment);
    // ECS resets the failed tasks when the rollout completes.
    let failed = if deployment.state == RolloutState::Completed { 0 } else { deployment.failed };
    let doc = Doc::new()
        .set("id", deployment.id.as_str())
        .set("status", deployment.status.word())
        .set("taskDefinition", place.definition(&deployment.definition))
        .set("desiredCount", deployment.desired)
        .set("pendingCount", counts.pending)
        .set("runningCount", counts.running)
        .set("failedTasks", failed)
        .time("createdAt", deployment.created_at)
        .time("updatedAt", deployment.updated_at);
    // Only rolling deployments have a rollout state.
    let rolling = service.controller == Controller::Ecs;
    launch(doc, service.launch)
        .set("platformVersion", "1.4.0")
        .set("platformFamily", "Linux")
        .set("networkConfiguration", network(place, service))
        .maybe("rolloutState", rolling.then(|| deployment.state.word()))
        .maybe("rolloutStateReason", rolling.then_some(deployment.reason.as_str()))
}

fn revisions(place: &Place, cluster: &Cluster, service: &Service) -> Vec<Doc> {
    let summary = |one: &Deployment| {
        let counts = cluster.counts_of(one);
        Doc::new()
            .set("arn", place.service_revision(&cluster.name, &service.name, &one.revision))
            .set("requestedTaskCount", one.desired)
            .set("runningTaskCount", counts.running)
            .set("pendingTaskCount", counts.pending)
    };
    service.deployments.iter().map(summary).collect()
}

fn event(event: &Event) -> Doc {
    Doc::new().set("id", event.id.as_str()).time("createdAt", event.at).set("message", event.message.as_str())
}
