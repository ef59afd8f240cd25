//! `RegisterTaskDefinition`.

use serde_json::{Map, Value};

use super::super::json::{self, JsonObject};
use super::super::world::{ContainerDefinition, LogOptions, Region, TaskDefinition, TaskDefinitionStatus};
use super::{ApiError, RequestBody, WriteTime, tags, task_definitions};

/// The largest size of a task definition in bytes.
///
/// Source, also for the number of containers:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const MAX_BYTES: usize = 64 * 1024;

/// The most containers in one task definition.
const MAX_CONTAINERS: usize = 10;

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
pub(super) fn register(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let family = request.text("family")?.unwrap_or_default();
    if family.is_empty() {
        return Err(client_exception("Family should not be null or empty."));
    }
    super::check_name("Family", family)?;
    let tags = tags::parse_tags(request)?;
    let mut document = request.members();
    document.remove("tags");
    let given = request.objects("containerDefinitions")?.unwrap_or_default();
    if given.is_empty() || given.len() > MAX_CONTAINERS {
        return Err(client_exception(format!("A task definition must have 1 to {MAX_CONTAINERS} containers.")));
    }
    let containers =
        given.iter().map(|one| parse_container(one, &region.location.region)).collect::<Result<Vec<_>, _>>()?;
    if let Some(duplicate) =
        containers.iter().enumerate().find(|(at, one)| containers[..*at].iter().any(|o| o.name == one.name))
    {
        return Err(client_exception(format!("Container name '{}' is used more than once.", duplicate.1.name)));
    }
    if !containers.iter().any(|one| one.essential) {
        return Err(client_exception("At least one container in a task definition must be essential."));
    }
    if Value::Object(document.clone()).to_string().len() > MAX_BYTES {
        return Err(client_exception("Actual size of the task definition is above the limit of 64 KB."));
    }
    let whole = given.iter().map(|one| Value::Object(with_defaults(one.members()))).collect();
    document.insert("containerDefinitions".to_owned(), Value::Array(whole));
    for list in ["volumes", "placementConstraints"] {
        document.entry(list).or_insert_with(|| Value::Array(vec![]));
    }
    let location = &region.location;
    let registered_by = format!("arn:aws:sts::{}:assumed-role/Operator/ops", location.account);
    let revisions = region.families.entry(family.to_owned()).or_default();
    let definition = TaskDefinition {
        family: family.to_owned(),
        revision: revisions.last().map_or(1, |last| last.revision + 1),
        status: TaskDefinitionStatus::Active,
        registered_at: time.now,
        registered_by,
        deregistered_at: None,
        cpu: parse_units(request, "cpu", 256)?,
        memory: parse_units(request, "memory", 512)?,
        containers,
        tags,
        document: Some(Value::Object(document)),
    };
    let answer = JsonObject::new()
        .set("taskDefinition", task_definitions::to_json(location, &definition))
        .list("tags", json::tags(&definition.tags));
    revisions.push(definition);
    Ok(answer.into())
}

/// Parses the parts of a container definition that the simulation needs.
fn parse_container(given: &RequestBody, region: &str) -> Result<ContainerDefinition, ApiError> {
    let text = |key: &str| {
        let text = given.text(key)?.unwrap_or_default();
        if text.is_empty() {
            return Err(client_exception(format!("Container.{key} should not be null or empty.")));
        }
        Ok(text.to_owned())
    };
    let (name, image) = (text("name")?, text("image")?);
    super::check_name("Container name", &name)?;
    let port = match given.objects("portMappings")?.unwrap_or_default().first() {
        Some(first) => first.number("containerPort")?.and_then(|port| u16::try_from(port).ok()),
        None => None,
    };
    let check = given.object("healthCheck")?;
    let check = match &check {
        Some(check) => check.strings("command")?.map(|command| command.join(" ")),
        None => None,
    };
    Ok(ContainerDefinition {
        name,
        image,
        essential: given.flag("essential")?.unwrap_or(true),
        port,
        health_check: check,
        environment: parse_pairs(given, "environment", "value")?,
        secrets: parse_pairs(given, "secrets", "valueFrom")?,
        logs: parse_log_options(given, region)?,
    })
}

/// Parses a container's `awslogs` options; `None` for other log drivers.
fn parse_log_options(given: &RequestBody, region: &str) -> Result<Option<LogOptions>, ApiError> {
    let Some(logs) = given.object("logConfiguration")? else { return Ok(None) };
    let Some(options) = logs.object("options")?.filter(|_| logs.raw_json("logDriver") == "\"awslogs\"") else {
        return Ok(None);
    };
    let text = |key: &str| options.text(key).map(|text| text.map(str::to_owned));
    let (Some(group), prefix) = (text("awslogs-group")?, text("awslogs-stream-prefix")?) else { return Ok(None) };
    let region = text("awslogs-region")?.unwrap_or_else(|| region.to_owned());
    Ok(Some(LogOptions { group, region, prefix }))
}

/// Parses a list of name-value pairs.
fn parse_pairs(given: &RequestBody, key: &str, value: &str) -> Result<Vec<(String, String)>, ApiError> {
    let mut pairs = vec![];
    for pair in given.objects(key)?.unwrap_or_default() {
        let text = |key: &str| pair.text(key).map(|text| text.unwrap_or_default().to_owned());
        pairs.push((text("name")?, text(value)?));
    }
    Ok(pairs)
}

/// Adds ECS's default values to a container definition.
fn with_defaults(mut container: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in [("cpu", Value::from(0)), ("essential", Value::from(true))] {
        container.entry(key).or_insert(value);
    }
    for list in ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"] {
        container.entry(list).or_insert_with(|| Value::Array(vec![]));
    }
    container
}

/// Parses CPU units or MiB, which are numbers in a string.
fn parse_units(request: &RequestBody, key: &str, default: u32) -> Result<u32, ApiError> {
    let Some(text) = request.text(key)? else { return Ok(default) };
    text.parse().map_err(|_| client_exception(format!("Invalid '{key}' setting for task: {text}")))
}

fn client_exception(message: impl Into<String>) -> ApiError {
    ApiError::new("ClientException", message)
}
