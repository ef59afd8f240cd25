//! `ListTasks`, `DescribeTasks`.

use serde_json::Value;

use super::super::json::{self, JsonObject};
use super::super::random::Random;
use super::super::world::{Cluster, Container, LaunchType, Location, Region, Task, TaskStatus};
use super::services::LAUNCH;
use super::{ApiError, MAX_ITEMS, RequestBody, cluster, missing_failure, paginate, service};

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html>
pub(super) fn list(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let desired = request.one_of("desiredStatus", &["RUNNING", "PENDING", "STOPPED"])?.unwrap_or("RUNNING");
    let launch = request.one_of("launchType", &LAUNCH)?;
    let (started_by, family) = (request.text("startedBy")?, request.text("family")?);
    let (named, daemon) = (request.text("serviceName")?, request.text("daemonName")?);
    let instance = request.text("containerInstance")?;
    let others = [launch, family, named, daemon, instance];
    if started_by.is_some() && others.iter().any(Option::is_some) {
        return Err(ApiError::invalid_parameter("startedBy must be the only filter that is used."));
    }
    let cluster = cluster(region, request)?;
    let of = named.map(|named| service(region, cluster, named)).transpose()?;
    if let Some(instance) = instance {
        return Err(ApiError::invalid_parameter(format!("Referenced container instance {instance} not found.")));
    }
    let all = cluster
        .tasks
        .values()
        .filter(|task| task.desired_status() == desired && daemon.is_none())
        .filter(|_| launch.is_none_or(|launch| launch == "FARGATE"))
        .filter(|task| started_by.is_none_or(|by| task.started_by.as_deref() == Some(by)))
        .filter(|task| family.is_none_or(|family| task.family() == family))
        .filter(|task| of.is_none_or(|of| task.service_name() == Some(&of.name)))
        .map(|task| region.location.task_arn(&cluster.name, &task.id))
        .collect();
    let filters = [Some(desired), launch, started_by, family, named].map(Option::unwrap_or_default).join(" ");
    let page =
        paginate(request, &["ListTasks", &region.location.cluster_arn(&cluster.name), &filters], all, MAX_ITEMS)?;
    Ok(JsonObject::new().list("taskArns", page.items).set_if_some("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html>
pub(super) fn describe(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let named = request.strings("tasks")?.unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::invalid_parameter("Tasks cannot be empty."));
    }
    if named.len() > MAX_ITEMS {
        return Err(ApiError::invalid_parameter(format!("task ids can have at most {MAX_ITEMS} items.")));
    }
    let tags = request.includes("TAGS", &["TAGS"])?;
    let cluster = cluster(region, request)?;
    let (mut tasks, mut failures) = (vec![], vec![]);
    for name in named {
        match find(region, cluster, name)? {
            Some(task) => tasks.push(task_json(&region.location, cluster, task, tags)),
            None if name.starts_with("arn:") => failures.push(missing_failure(name.to_owned())),
            None => failures.push(missing_failure(region.location.task_arn(&cluster.name, name))),
        }
    }
    Ok(JsonObject::new().list("tasks", tasks).list("failures", failures).into())
}

/// The task with this id or ARN, if it is in `cluster`.
fn find<'a>(region: &Region, cluster: &'a Cluster, named: &str) -> Result<Option<&'a Task>, ApiError> {
    let id = if named.starts_with("arn:") {
        super::check_account(region, named)?;
        let rest = region.location.ecs_resource(named).and_then(|resource| resource.strip_prefix("task/"));
        let Some((of, id)) = rest.and_then(|rest| rest.split_once('/')) else { return Ok(None) };
        if of != cluster.name {
            return Ok(None);
        }
        id
    } else {
        named
    };
    if ![32, 36].contains(&id.len()) {
        return Err(ApiError::invalid_parameter("taskId length should be one of [32,36]"));
    }
    Ok(cluster.tasks.get(id))
}

fn task_json(location: &Location, cluster: &Cluster, task: &Task, tags: bool) -> JsonObject {
    let attachment = attachment(location, task);
    let placed = task.pull_started_at;
    let zone = task.zone.filter(|_| task.status != TaskStatus::Provisioning);
    let object = JsonObject::new()
        .list("attachments", [attachment.object])
        .list("attributes", [JsonObject::new().set("name", "ecs.cpu-architecture").set("value", "x86_64")])
        .set_if_some("availabilityZone", zone.map(|zone| location.zone_name(zone)))
        .set("clusterArn", location.cluster_arn(&cluster.name))
        .set_if_some("connectivity", placed.map(|_| "CONNECTED"))
        .time("connectivityAt", placed)
        .list(
            "containers",
            task.containers.iter().map(|one| container_json(location, cluster, task, one, &attachment.id)),
        )
        .set("cpu", task.cpu.to_string())
        .time("createdAt", task.created_at)
        .set("desiredStatus", task.desired_status())
        .set("enableExecuteCommand", task.exec)
        .time("executionStoppedAt", task.execution_stopped_at)
        .set("group", task.group.as_str())
        .set("healthStatus", task.health.as_str())
        .set("lastStatus", task.status.as_str())
        .set("launchType", "FARGATE")
        .set_if_some("capacityProviderName", (task.launch == LaunchType::FargateSpot).then_some("FARGATE_SPOT"))
        .set("memory", task.memory.to_string())
        .set("overrides", overrides(task))
        .set("platformVersion", "1.4.0")
        .set("platformFamily", "Linux");
    object
        .time("pullStartedAt", task.pull_started_at)
        .time("pullStoppedAt", task.pull_stopped_at)
        .time("startedAt", task.started_at)
        .set_if_some("startedBy", task.started_by.as_deref())
        .set_if_some("stopCode", task.stop.as_ref().map(|stop| stop.code))
        .time("stoppedAt", task.stopped_at)
        .set_if_some("stoppedReason", task.stop.as_ref().map(|stop| stop.reason.as_str()))
        .time("stoppingAt", task.stopping_at)
        .list("tags", if tags { json::tags(&task.tags) } else { vec![] })
        .set("taskArn", location.task_arn(&cluster.name, &task.id))
        .set("taskDefinitionArn", location.definition_arn(&task.definition))
        .set("version", task.version)
        .set("ephemeralStorage", JsonObject::new().set("sizeInGiB", 20))
        .set("fargateEphemeralStorage", JsonObject::new().set("sizeInGiB", 20))
}

fn overrides(task: &Task) -> JsonObject {
    let containers = task.containers.iter().map(|one| JsonObject::new().set("name", one.name.as_str()));
    JsonObject::new()
        .list("containerOverrides", containers)
        .list("inferenceAcceleratorOverrides", Vec::<JsonObject>::new())
}

struct Attachment {
    id: String,
    object: JsonObject,
}

/// The network interface of a task.
fn attachment(location: &Location, task: &Task) -> Attachment {
    let mut random = Random::from_words(&["network interface", &task.id]);
    let id = random.uuid();
    let status = match task.status {
        TaskStatus::Provisioning => "PRECREATED",
        TaskStatus::Stopped => "DELETED",
        _ => "ATTACHED",
    };
    let mut details = vec![];
    if let Some(zone) = task.zone {
        details.push(("subnetId", location.subnet_id(zone)));
    }
    details.extend([
        ("networkInterfaceId", format!("eni-{}", random.hex(17))),
        (
            "macAddress",
            format!("0a:{}:{}:{}:{}:{}", random.hex(2), random.hex(2), random.hex(2), random.hex(2), random.hex(2)),
        ),
        ("privateDnsName", format!("ip-{}.ec2.internal", task.address.replace('.', "-"))),
        ("privateIPv4Address", task.address.clone()),
    ]);
    let object = JsonObject::new()
        .set("id", id.as_str())
        .set("type", "ElasticNetworkInterface")
        .set("status", status)
        .list("details", json::name_value_pairs(details));
    Attachment { id, object }
}

fn container_json(
    location: &Location,
    cluster: &Cluster,
    task: &Task,
    container: &Container,
    attachment: &str,
) -> JsonObject {
    let arn = location.ecs_arn(&format!("container/{}/{}/{}", cluster.name, task.id, container.id));
    let interface = JsonObject::new().set("attachmentId", attachment).set("privateIpv4Address", task.address.as_str());
    let agent = JsonObject::new()
        .set("name", "ExecuteCommandAgent")
        .set("lastStatus", container.status)
        .time("lastStartedAt", task.started_at);
    JsonObject::new()
        .set("containerArn", arn)
        .set("taskArn", location.task_arn(&cluster.name, &task.id))
        .set("name", container.name.as_str())
        .set("image", cluster.reported_image(container))
        .set_if_some("imageDigest", container.digest.as_deref())
        .set_if_some("runtimeId", container.runtime_id.as_deref())
        .set("lastStatus", container.status)
        .set_if_some("exitCode", container.exit_code)
        .set_if_some("reason", container.reason.as_deref())
        .list("networkBindings", Vec::<JsonObject>::new())
        .list("networkInterfaces", [interface])
        .set("healthStatus", container.health.as_str())
        .set_if_some("managedAgents", task.exec.then(|| vec![Value::from(agent)]))
        .set("cpu", "0")
}
