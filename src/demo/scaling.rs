//! Application Auto Scaling: what may be scaled, and within which bounds.

use serde_json::Value;

use super::doc::Doc;
use super::input::Input;
use super::page::page;
use super::wire::Refusal;
use super::world::{Region, Target};

/// Ids in one request, and targets on one page.
const BATCH: usize = 50;

/// What Application Auto Scaling scales in ECS.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// The namespaces and dimensions that the API knows; all but ECS's are empty here.
const NAMESPACES: [&str; 15] = [
    "ecs",
    "elasticmapreduce",
    "ec2",
    "appstream",
    "dynamodb",
    "rds",
    "sagemaker",
    "custom-resource",
    "comprehend",
    "lambda",
    "cassandra",
    "kafka",
    "elasticache",
    "neptune",
    "workspaces",
];

/// Answers an operation of Application Auto Scaling.
pub(crate) fn answer(region: &Region, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    match operation {
        "DescribeScalableTargets" => describe(region, &Input::parse(body)?),
        _ => Err(Refusal::unknown(operation)),
    }
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>
fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let namespace = input.text("ServiceNamespace")?.ok_or_else(|| {
        refused("Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
    })?;
    if !NAMESPACES.contains(&namespace) {
        return Err(refused(&format!(
            "Value '{namespace}' at 'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value \
             set: [{}]",
            NAMESPACES.join(", ")
        )));
    }
    let ids = input.list("ResourceIds")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > BATCH) {
        return Err(refused(
            "Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let dimension = input.text("ScalableDimension")?;
    if dimension.is_some_and(|dimension| dimension.split(':').next() != Some(namespace)) {
        return Err(Refusal::new(
            "ValidationException",
            "Unsupported service namespace, resource type or scalable dimension",
        ));
    }
    let size = match input.number("MaxResults")? {
        None => BATCH,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=BATCH).contains(size))
            .ok_or_else(|| Refusal::new("ValidationException", "MaxResults must be between 1 and 50"))?,
    };
    let asked = |target: &&Target| ids.as_ref().is_none_or(|ids| ids.contains(&id(target).as_str()));
    let fits = namespace == "ecs" && dimension.is_none_or(|dimension| dimension == DIMENSION);
    let found: Vec<&Target> = region.targets.iter().filter(|_| fits).filter(asked).collect();
    let list = ["DescribeScalableTargets", namespace, &ids.as_ref().map(|ids| ids.join(" ")).unwrap_or_default()];
    let names = found.iter().map(|target| id(target)).collect();
    let page = page(&list, names, size, input.text("NextToken")?)
        .ok_or_else(|| Refusal::new("InvalidNextTokenException", "The specified next token is invalid"))?;
    let shown = found.iter().filter(|target| page.items.contains(&id(target))).map(|target| show(region, target));
    Ok(Doc::new().list("ScalableTargets", shown).maybe("NextToken", page.next).into())
}

fn refused(problem: &str) -> Refusal {
    Refusal::new("ValidationException", format!("1 validation error detected: {problem}"))
}

fn id(target: &Target) -> String {
    format!("service/{}/{}", target.cluster, target.service)
}

fn show(region: &Region, target: &Target) -> Doc {
    let place = &region.place;
    let [dynamic_in, dynamic_out, scheduled] = target.suspended;
    let suspended = Doc::new()
        .set("DynamicScalingInSuspended", dynamic_in)
        .set("DynamicScalingOutSuspended", dynamic_out)
        .set("ScheduledScalingSuspended", scheduled);
    let role = format!(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService",
        place.account
    );
    let arn = format!(
        "arn:aws:application-autoscaling:{}:{}:scalable-target/{}",
        place.region,
        place.account,
        super::random::Random::from_words(&["target", &place.region, &id(target)]).hex(35)
    );
    Doc::new()
        .set("ServiceNamespace", "ecs")
        .set("ResourceId", id(target))
        .set("ScalableDimension", DIMENSION)
        .set("MinCapacity", target.minimum)
        .set("MaxCapacity", target.maximum)
        .set("RoleARN", role)
        .time("CreationTime", target.created_at)
        .set("SuspendedState", suspended)
        .set("ScalableTargetARN", arn)
}
