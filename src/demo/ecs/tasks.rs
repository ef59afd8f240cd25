//! `ListTasks`, `DescribeTasks`.

use serde_json::Value;

use super::super::doc::{self, Doc};
use super::super::random::Random;
use super::super::world::{Cluster, Container, Launch, Place, Region, Task, TaskStatus};
use super::services::LAUNCH;
use super::{Input, MOST, Refusal, cluster, missing, paged, service};

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html>
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let desired = input.word("desiredStatus", &["RUNNING", "PENDING", "STOPPED"])?.unwrap_or("RUNNING");
    let launch = input.word("launchType", &LAUNCH)?;
    let (started_by, family) = (input.text("startedBy")?, input.text("family")?);
    let (named, daemon) = (input.text("serviceName")?, input.text("daemonName")?);
    let instance = input.text("containerInstance")?;
    let others = [launch, family, named, daemon, instance];
    if started_by.is_some() && others.iter().any(Option::is_some) {
        return Err(Refusal::invalid("startedBy must be the only filter that is used."));
    }
    let cluster = cluster(region, input)?;
    let of = named.map(|named| service(region, cluster, named)).transpose()?;
    if let Some(instance) = instance {
        return Err(Refusal::invalid(format!("Referenced container instance {instance} not found.")));
    }
    let all = cluster
        .tasks
        .values()
        .filter(|task| task.desired() == desired && daemon.is_none())
        .filter(|_| launch.is_none_or(|launch| launch == "FARGATE"))
        .filter(|task| started_by.is_none_or(|by| task.started_by.as_deref() == Some(by)))
        .filter(|task| family.is_none_or(|family| task.family() == family))
        .filter(|task| of.is_none_or(|of| task.service() == Some(&of.name)))
        .map(|task| region.place.task(&cluster.name, &task.id))
        .collect();
    let filters = [Some(desired), launch, started_by, family, named].map(Option::unwrap_or_default).join(" ");
    let page = paged(input, &["ListTasks", &region.place.cluster(&cluster.name), &filters], all, MOST)?;
    Ok(Doc::new().list("taskArns", page.items).maybe("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html>
pub(super) fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let named = input.list("tasks")?.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::invalid("Tasks cannot be empty."));
    }
    if named.len() > MOST {
        return Err(Refusal::invalid(format!("task ids can have at most {MOST} items.")));
    }
    let tags = input.includes("TAGS", &["TAGS"])?;
    let cluster = cluster(region, input)?;
    let (mut tasks, mut failures) = (vec![], vec![]);
    for name in named {
        match find(region, cluster, name)? {
            Some(task) => tasks.push(show(&region.place, cluster, task, tags)),
            None if name.starts_with("arn:") => failures.push(missing(name.to_owned())),
            None => failures.push(missing(region.place.task(&cluster.name, name))),
        }
    }
    Ok(Doc::new().list("tasks", tasks).list("failures", failures).into())
}

/// The task with this id or ARN, if it is in `cluster`.
fn find<'a>(region: &Region, cluster: &'a Cluster, named: &str) -> Result<Option<&'a Task>, Refusal> {
    let id = if named.starts_with("arn:") {
        super::own(region, named)?;
        let rest = region.place.resource(named).and_then(|resource| resource.strip_prefix("task/"));
        let Some((of, id)) = rest.and_then(|rest| rest.split_once('/')) else { return Ok(None) };
        if of != cluster.name {
            return Ok(None);
        }
        id
    } else {
        named
    };
    if ![32, 36].contains(&id.len()) {
        return Err(Refusal::invalid("taskId length should be one of [32,36]"));
    }
    Ok(cluster.tasks.get(id))
}

fn show(place: &Place, cluster: &Cluster, task: &Task, tags: bool) -> Doc {
    let attachment = attachment(place, task);
    let placed = task.pull_started_at;
    let zone = task.zone.filter(|_| task.status != TaskStatus::Provisioning);
    let doc = Doc::new()
        .list("attachments", [attachment.doc])
        .list("attributes", [Doc::new().set("name", "ecs.cpu-architecture").set("value", "x86_64")])
        .maybe("availabilityZone", zone.map(|zone| place.zone(zone)))
        .set("clusterArn", place.cluster(&cluster.name))
        .maybe("connectivity", placed.map(|_| "CONNECTED"))
        .time("connectivityAt", placed)
        .list("containers", task.containers.iter().map(|one| container(place, cluster, task, one, &attachment.id)))
        .set("cpu", task.cpu.to_string())
        .time("createdAt", task.created_at)
        .set("desiredStatus", task.desired())
        .set("enableExecuteCommand", task.exec)
        .time("executionStoppedAt", task.execution_stopped_at)
        .set("group", task.group.as_str())
        .set("healthStatus", task.health.word())
        .set("lastStatus", task.status.word())
        .set("launchType", "FARGATE")
        .maybe("capacityProviderName", (task.launch == Launch::FargateSpot).then_some("FARGATE_SPOT"))
        .set("memory", task.memory.to_string())
        .set("overrides", overrides(task))
        .set("platformVersion", "1.4.0")
        .set("platformFamily", "Linux");
    doc.time("pullStartedAt", task.pull_started_at)
        .time("pullStoppedAt", task.pull_stopped_at)
        .time("startedAt", task.started_at)
        .maybe("startedBy", task.started_by.as_deref())
        .maybe("stopCode", task.stop.as_ref().map(|stop| stop.code))
        .time("stoppedAt", task.stopped_at)
        .maybe("stoppedReason", task.stop.as_ref().map(|stop| stop.reason.as_str()))
        .time("stoppingAt", task.stopping_at)
        .list("tags", if tags { doc::tags(&task.tags) } else { vec![] })
        .set("taskArn", place.task(&cluster.name, &task.id))
        .set("taskDefinitionArn", place.definition(&task.definition))
        .set("version", task.version)
        .set("ephemeralStorage", Doc::new().set("sizeInGiB", 20))
        .set("fargateEphemeralStorage", Doc::new().set("sizeInGiB", 20))
}

fn overrides(task: &Task) -> Doc {
    let containers = task.containers.iter().map(|one| Doc::new().set("name", one.name.as_str()));
    Doc::new().list("containerOverrides", containers).list("inferenceAcceleratorOverrides", Vec::<Doc>::new())
}

struct Attachment {
    id: String,
    doc: Doc,
}

/// The network interface of a task.
fn attachment(place: &Place, task: &Task) -> Attachment {
    let mut random = Random::from_words(&["network interface", &task.id]);
    let id = random.uuid();
    let status = match task.status {
        TaskStatus::Provisioning => "PRECREATED",
        TaskStatus::Stopped => "DELETED",
        _ => "ATTACHED",
    };
    let mut details = vec![];
    if let Some(zone) = task.zone {
        details.push(("subnetId", place.subnet(zone)));
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
    let doc = Doc::new()
        .set("id", id.as_str())
        .set("type", "ElasticNetworkInterface")
        .set("status", status)
        .list("details", doc::pairs(details));
    Attachment { id, doc }
}

fn container(place: &Place, cluster: &Cluster, task: &Task, container: &Container, attachment: &str) -> Doc {
    let arn = place.ecs(&format!("container/{}/{}/{}", cluster.name, task.id, container.id));
    let interface = Doc::new().set("attachmentId", attachment).set("privateIpv4Address", task.address.as_str());
    let agent = Doc::new()
        .set("name", "ExecuteCommandAgent")
        .set("lastStatus", container.status)
        .time("lastStartedAt", task.started_at);
    Doc::new()
        .set("containerArn", arn)
        .set("taskArn", place.task(&cluster.name, &task.id))
        .set("name", container.name.as_str())
        .set("image", cluster.names(container))
        .maybe("imageDigest", container.digest.as_deref())
        .maybe("runtimeId", container.runtime_id.as_deref())
        .set("lastStatus", container.status)
        .maybe("exitCode", container.exit_code)
        .maybe("reason", container.reason.as_deref())
        .list("networkBindings", Vec::<Doc>::new())
        .list("networkInterfaces", [interface])
        .set("healthStatus", container.health.word())
        .maybe("managedAgents", task.exec.then(|| vec![Value::from(agent)]))
        .set("cpu", "0")
}
