//! `DescribeTaskDefinition`, `ListTaskDefinitions`.

use serde_json::Value;

use super::super::doc::{self, Doc};
use super::super::world::{ContainerDefinition, Definition, Place, Region};
use super::{Input, MOST, Refusal, paged};

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>
pub(super) fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let named = input.text("taskDefinition")?.unwrap_or_default();
    if named.is_empty() {
        return Err(Refusal::new("ClientException", "TaskDefinition cannot be blank."));
    }
    let tags = input.includes("TAGS", &["TAGS"])?;
    let definition =
        find(region, named).ok_or_else(|| Refusal::new("ClientException", "Unable to describe task definition."))?;
    Ok(Doc::new()
        .set("taskDefinition", show(&region.place, definition))
        .list("tags", if tags { doc::tags(&definition.tags) } else { vec![] })
        .into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html>
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let family = input.text("familyPrefix")?;
    let status = input.word("status", &["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"])?.unwrap_or("ACTIVE");
    let sort = input.word("sort", &["ASC", "DESC"])?.unwrap_or("ASC");
    let mut all: Vec<String> = region
        .families
        .values()
        .flatten()
        .filter(|definition| family.is_none_or(|family| definition.family == family))
        .filter(|definition| definition.status.word() == status)
        .map(|definition| region.place.definition(&definition.name()))
        .collect();
    if sort == "DESC" {
        all.reverse();
    }
    let list = ["ListTaskDefinitions", &region.place.region, family.unwrap_or_default(), status, sort];
    let page = paged(input, &list, all, MOST)?;
    Ok(Doc::new().list("taskDefinitionArns", page.items).maybe("nextToken", page.next).into())
}

/// The task definition with this family, `family:revision` or ARN.
pub(super) fn find<'a>(region: &'a Region, named: &str) -> Option<&'a Definition> {
    let name = match region.place.resource(named) {
        Some(resource) => resource.strip_prefix("task-definition/"),
        None => Some(named).filter(|name| !name.starts_with("arn:")),
    };
    region.definition(name?)
}

/// A task definition as ECS returns it: the registered members, and those that ECS adds.
pub(super) fn show(place: &Place, definition: &Definition) -> Doc {
    let registered = definition.document.as_ref().and_then(Value::as_object).cloned();
    registered
        .map_or_else(|| described(place, definition), Doc::from)
        .set("taskDefinitionArn", place.definition(&definition.name()))
        .set("family", definition.family.as_str())
        .set("revision", definition.revision)
        .set("status", definition.status.word())
        .list("requiresAttributes", [Doc::new().set("name", "com.amazonaws.ecs.capability.task-iam-role")])
        .list("compatibilities", ["EC2", "FARGATE"])
        .time("registeredAt", definition.registered_at)
        .time("deregisteredAt", definition.deregistered_at)
        .set("registeredBy", definition.registered_by.as_str())
}

/// The registered members of a task definition that was built with the world.
fn described(place: &Place, definition: &Definition) -> Doc {
    Doc::new()
        .list("containerDefinitions", definition.containers.iter().map(container))
        .set("taskRoleArn", place.role(&format!("{}-task", definition.family)))
        .set("executionRoleArn", place.role("ecs-task-execution"))
        .set("networkMode", "awsvpc")
        .list("volumes", Vec::<Doc>::new())
        .list("placementConstraints", Vec::<Doc>::new())
        .set("runtimePlatform", Doc::new().set("cpuArchitecture", "X86_64").set("operatingSystemFamily", "LINUX"))
        .list("requiresCompatibilities", ["FARGATE"])
        .set("cpu", definition.cpu.to_string())
        .set("memory", definition.memory.to_string())
}

fn container(container: &ContainerDefinition) -> Doc {
    let ports =
        container.port.map(|port| Doc::new().set("containerPort", port).set("hostPort", port).set("protocol", "tcp"));
    let check = container.health_check.as_ref().map(|command| {
        Doc::new()
            .list("command", ["CMD-SHELL", command])
            .set("interval", 30)
            .set("timeout", 5)
            .set("retries", 3)
            .set("startPeriod", 15)
    });
    let logs = container.logs.as_ref().map(|logs| {
        let options = Doc::new()
            .set("awslogs-group", logs.group.as_str())
            .set("awslogs-region", logs.region.as_str())
            .maybe("awslogs-stream-prefix", logs.prefix.as_deref());
        Doc::new().set("logDriver", "awslogs").set("options", options)
    });
    let environment = container.environment.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let secrets = container
        .secrets
        .iter()
        .map(|(name, from)| Doc::new().set("name", name.as_str()).set("valueFrom", from.as_str()));
    Doc::new()
        .set("name", container.name.as_str())
        .set("image", container.image.as_str())
        .set("cpu", 0)
        .list("portMappings", ports)
        .set("essential", container.essential)
        .list("environment", doc::pairs(environment))
        .list("mountPoints", Vec::<Doc>::new())
        .list("volumesFrom", Vec::<Doc>::new())
        .list("secrets", secrets)
        .maybe("logConfiguration", logs)
        .maybe("healthCheck", check)
        .list("systemControls", Vec::<Doc>::new())
}
