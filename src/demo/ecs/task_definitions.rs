//! `DescribeTaskDefinition`, `ListTaskDefinitions`.

use serde_json::Value;

use super::super::json::{self, JsonObject};
use super::super::world::{ContainerDefinition, Location, Region, TaskDefinition};
use super::{ApiError, MAX_ITEMS, RequestBody, paginate};

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html>
pub(super) fn describe(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let named = request.text("taskDefinition")?.unwrap_or_default();
    if named.is_empty() {
        return Err(ApiError::new("ClientException", "TaskDefinition cannot be blank."));
    }
    let tags = request.includes("TAGS", &["TAGS"])?;
    let definition =
        find(region, named).ok_or_else(|| ApiError::new("ClientException", "Unable to describe task definition."))?;
    Ok(JsonObject::new()
        .set("taskDefinition", to_json(&region.location, definition))
        .list("tags", if tags { json::tags(&definition.tags) } else { vec![] })
        .into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html>
pub(super) fn list(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let family = request.text("familyPrefix")?;
    let status = request.one_of("status", &["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"])?.unwrap_or("ACTIVE");
    let sort = request.one_of("sort", &["ASC", "DESC"])?.unwrap_or("ASC");
    let mut all: Vec<String> = region
        .families
        .values()
        .flatten()
        .filter(|definition| family.is_none_or(|family| definition.family == family))
        .filter(|definition| definition.status.as_str() == status)
        .map(|definition| region.location.definition_arn(&definition.name()))
        .collect();
    if sort == "DESC" {
        all.reverse();
    }
    let list = ["ListTaskDefinitions", &region.location.region, family.unwrap_or_default(), status, sort];
    let page = paginate(request, &list, all, MAX_ITEMS)?;
    Ok(JsonObject::new().list("taskDefinitionArns", page.items).set_if_some("nextToken", page.next).into())
}

/// The task definition with this family, `family:revision` or ARN.
pub(super) fn find<'a>(region: &'a Region, named: &str) -> Option<&'a TaskDefinition> {
    let name = match region.location.ecs_resource(named) {
        Some(resource) => resource.strip_prefix("task-definition/"),
        None => Some(named).filter(|name| !name.starts_with("arn:")),
    };
    region.definition(name?)
}

/// A task definition as ECS returns it: the registered members, and those that ECS adds.
pub(super) fn to_json(location: &Location, definition: &TaskDefinition) -> JsonObject {
    let registered = definition.document.as_ref().and_then(Value::as_object).cloned();
    registered
        .map_or_else(|| built_members(location, definition), JsonObject::from)
        .set("taskDefinitionArn", location.definition_arn(&definition.name()))
        .set("family", definition.family.as_str())
        .set("revision", definition.revision)
        .set("status", definition.status.as_str())
        .list("requiresAttributes", [JsonObject::new().set("name", "com.amazonaws.ecs.capability.task-iam-role")])
        .list("compatibilities", ["EC2", "FARGATE"])
        .time("registeredAt", definition.registered_at)
        .time("deregisteredAt", definition.deregistered_at)
        .set("registeredBy", definition.registered_by.as_str())
}

/// The registered members of a task definition that was built with the world.
fn built_members(location: &Location, definition: &TaskDefinition) -> JsonObject {
    JsonObject::new()
        .list("containerDefinitions", definition.containers.iter().map(container_json))
        .set("taskRoleArn", location.role_arn(&format!("{}-task", definition.family)))
        .set("executionRoleArn", location.role_arn("ecs-task-execution"))
        .set("networkMode", "awsvpc")
        .list("volumes", Vec::<JsonObject>::new())
        .list("placementConstraints", Vec::<JsonObject>::new())
        .set(
            "runtimePlatform",
            JsonObject::new().set("cpuArchitecture", "X86_64").set("operatingSystemFamily", "LINUX"),
        )
        .list("requiresCompatibilities", ["FARGATE"])
        .set("cpu", definition.cpu.to_string())
        .set("memory", definition.memory.to_string())
}

fn container_json(container: &ContainerDefinition) -> JsonObject {
    let ports = container
        .port
        .map(|port| JsonObject::new().set("containerPort", port).set("hostPort", port).set("protocol", "tcp"));
    let check = container.health_check.as_ref().map(|command| {
        JsonObject::new()
            .list("command", ["CMD-SHELL", command])
            .set("interval", 30)
            .set("timeout", 5)
            .set("retries", 3)
            .set("startPeriod", 15)
    });
    let logs = container.logs.as_ref().map(|logs| {
        let options = JsonObject::new()
            .set("awslogs-group", logs.group.as_str())
            .set("awslogs-region", logs.region.as_str())
            .set_if_some("awslogs-stream-prefix", logs.prefix.as_deref());
        JsonObject::new().set("logDriver", "awslogs").set("options", options)
    });
    let environment = container.environment.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let secrets = container
        .secrets
        .iter()
        .map(|(name, from)| JsonObject::new().set("name", name.as_str()).set("valueFrom", from.as_str()));
    JsonObject::new()
        .set("name", container.name.as_str())
        .set("image", container.image.as_str())
        .set("cpu", 0)
        .list("portMappings", ports)
        .set("essential", container.essential)
        .list("environment", json::name_value_pairs(environment))
        .list("mountPoints", Vec::<JsonObject>::new())
        .list("volumesFrom", Vec::<JsonObject>::new())
        .list("secrets", secrets)
        .set_if_some("logConfiguration", logs)
        .set_if_some("healthCheck", check)
        .list("systemControls", Vec::<JsonObject>::new())
}
