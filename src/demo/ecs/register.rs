//! `RegisterTaskDefinition`.

use serde_json::{Map, Value};

use super::super::doc::{self, Doc};
use super::super::world::{ContainerDefinition, Definition, DefinitionStatus, LogOptions, Region};
use super::{Input, Moment, Refusal, definitions, tags};

/// The largest size of a task definition in bytes.
///
/// Source, also for the number of containers:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html>
const LARGEST: usize = 64 * 1024;

/// The most containers in one task definition.
const CONTAINERS: usize = 10;

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
pub(super) fn register(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let family = input.text("family")?.unwrap_or_default();
    if family.is_empty() {
        return Err(client("Family should not be null or empty."));
    }
    super::check("Family", family)?;
    let tags = tags::given(input)?;
    let mut document = input.whole();
    document.remove("tags");
    let given = input.objects("containerDefinitions")?.unwrap_or_default();
    if given.is_empty() || given.len() > CONTAINERS {
        return Err(client(format!("A task definition must have 1 to {CONTAINERS} containers.")));
    }
    let containers = given.iter().map(|one| container(one, &region.place.region)).collect::<Result<Vec<_>, _>>()?;
    if let Some(twice) =
        containers.iter().enumerate().find(|(at, one)| containers[..*at].iter().any(|o| o.name == one.name))
    {
        return Err(client(format!("Container name '{}' is used more than once.", twice.1.name)));
    }
    if !containers.iter().any(|one| one.essential) {
        return Err(client("At least one container in a task definition must be essential."));
    }
    if Value::Object(document.clone()).to_string().len() > LARGEST {
        return Err(client("Actual size of the task definition is above the limit of 64 KB."));
    }
    let whole = given.iter().map(|one| Value::Object(defaults(one.whole()))).collect();
    document.insert("containerDefinitions".to_owned(), Value::Array(whole));
    for list in ["volumes", "placementConstraints"] {
        document.entry(list).or_insert_with(|| Value::Array(vec![]));
    }
    let place = &region.place;
    let registered_by = format!("arn:aws:sts::{}:assumed-role/Operator/ops", place.account);
    let revisions = region.families.entry(family.to_owned()).or_default();
    let definition = Definition {
        family: family.to_owned(),
        revision: revisions.last().map_or(1, |last| last.revision + 1),
        status: DefinitionStatus::Active,
        registered_at: moment.now,
        registered_by,
        deregistered_at: None,
        cpu: units(input, "cpu", 256)?,
        memory: units(input, "memory", 512)?,
        containers,
        tags,
        document: Some(Value::Object(document)),
    };
    let answer = Doc::new()
        .set("taskDefinition", definitions::show(place, &definition))
        .list("tags", doc::tags(&definition.tags));
    revisions.push(definition);
    Ok(answer.into())
}

/// Parses the parts of a container definition that the simulation needs.
fn container(given: &Input, region: &str) -> Result<ContainerDefinition, Refusal> {
    let text = |key: &str| {
        let text = given.text(key)?.unwrap_or_default();
        if text.is_empty() {
            return Err(client(format!("Container.{key} should not be null or empty.")));
        }
        Ok(text.to_owned())
    };
    let (name, image) = (text("name")?, text("image")?);
    super::check("Container name", &name)?;
    let port = match given.objects("portMappings")?.unwrap_or_default().first() {
        Some(first) => first.number("containerPort")?.and_then(|port| u16::try_from(port).ok()),
        None => None,
    };
    let check = given.object("healthCheck")?;
    let check = match &check {
        Some(check) => check.list("command")?.map(|command| command.join(" ")),
        None => None,
    };
    Ok(ContainerDefinition {
        name,
        image,
        essential: given.flag("essential")?.unwrap_or(true),
        port,
        health_check: check,
        environment: named(given, "environment", "value")?,
        secrets: named(given, "secrets", "valueFrom")?,
        logs: logs(given, region)?,
    })
}

/// Parses a container's `awslogs` options; `None` for other log drivers.
fn logs(given: &Input, region: &str) -> Result<Option<LogOptions>, Refusal> {
    let Some(logs) = given.object("logConfiguration")? else { return Ok(None) };
    let Some(options) = logs.object("options")?.filter(|_| logs.written("logDriver") == "\"awslogs\"") else {
        return Ok(None);
    };
    let text = |key: &str| options.text(key).map(|text| text.map(str::to_owned));
    let (Some(group), prefix) = (text("awslogs-group")?, text("awslogs-stream-prefix")?) else { return Ok(None) };
    let region = text("awslogs-region")?.unwrap_or_else(|| region.to_owned());
    Ok(Some(LogOptions { group, region, prefix }))
}

/// Parses a list of name-value pairs.
fn named(given: &Input, key: &str, value: &str) -> Result<Vec<(String, String)>, Refusal> {
    let mut pairs = vec![];
    for pair in given.objects(key)?.unwrap_or_default() {
        let text = |key: &str| pair.text(key).map(|text| text.unwrap_or_default().to_owned());
        pairs.push((text("name")?, text(value)?));
    }
    Ok(pairs)
}

/// Adds ECS's default values to a container definition.
fn defaults(mut container: Map<String, Value>) -> Map<String, Value> {
    for (key, value) in [("cpu", Value::from(0)), ("essential", Value::from(true))] {
        container.entry(key).or_insert(value);
    }
    for list in ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"] {
        container.entry(list).or_insert_with(|| Value::Array(vec![]));
    }
    container
}

/// Parses CPU units or MiB, which are numbers in a string.
fn units(input: &Input, key: &str, default: u32) -> Result<u32, Refusal> {
    let Some(text) = input.text(key)? else { return Ok(default) };
    text.parse().map_err(|_| client(format!("Invalid '{key}' setting for task: {text}")))
}

fn client(message: impl Into<String>) -> Refusal {
    Refusal::new("ClientException", message)
}
