//! Application Auto Scaling: scalable targets and their policies.

use serde_json::Value;

use super::doc::Doc;
use super::ecs::{Moment, Write};
use super::input::Input;
use super::page::{Page, page};
use super::random::Random;
use super::wire::Refusal;
use super::world::{Policy, Region, ServiceStatus, Target};

/// The most ids in one request, and the largest page.
const BATCH: usize = 50;

/// The only scalable dimension of ECS.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// The members of `SuspendedState`, in the order of the world's `suspended`.
const SUSPENDED: [&str; 3] = ["DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"];

/// The namespaces that the API accepts. All but ECS's are empty here.
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

/// Runs an Application Auto Scaling read operation.
pub(crate) fn answer(region: &Region, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    match operation {
        "DescribeScalableTargets" => describe(region, &Input::parse(body)?),
        "DescribeScalingPolicies" => policies(region, &Input::parse(body)?),
        _ => Err(Refusal::unknown(operation)),
    }
}

/// The Application Auto Scaling write operation of this name.
pub(crate) fn write(operation: &str) -> Option<Write> {
    (operation == "RegisterScalableTarget").then_some(register)
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>
fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let namespace = namespace(input)?;
    let ids = input.list("ResourceIds")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > BATCH) {
        return Err(refused(
            "Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let dimension = dimension(input, namespace)?;
    let asked = |target: &&Target| ids.as_ref().is_none_or(|ids| ids.contains(&id(target).as_str()));
    let fits = namespace == "ecs" && dimension.is_none_or(|dimension| dimension == DIMENSION);
    let found: Vec<&Target> = region.targets.iter().filter(|_| fits).filter(asked).collect();
    let list = ["DescribeScalableTargets", namespace, &ids.as_ref().map(|ids| ids.join(" ")).unwrap_or_default()];
    let names = found.iter().map(|target| id(target)).collect();
    let page = paged(input, &list, names)?;
    let shown = found.iter().filter(|target| page.items.contains(&id(target))).map(|target| show(region, target));
    Ok(Doc::new().list("ScalableTargets", shown).maybe("NextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html>
fn policies(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let namespace = namespace(input)?;
    let dimension = dimension(input, namespace)?;
    let (wanted, names) = (input.text("ResourceId")?, input.list("PolicyNames")?);
    if names.as_ref().is_some_and(|names| names.len() > BATCH) {
        return Err(refused(
            "Value at 'policyNames' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let fits = namespace == "ecs" && dimension.is_none_or(|dimension| dimension == DIMENSION);
    let all = region.targets.iter().filter(|_| fits).filter_map(|target| Some((target, target.policy.as_ref()?)));
    let found: Vec<(&Target, &Policy)> = all
        .filter(|(target, _)| wanted.is_none_or(|wanted| wanted == id(target)))
        .filter(|(_, policy)| names.as_ref().is_none_or(|names| names.contains(&policy.name.as_str())))
        .collect();
    let list = ["DescribeScalingPolicies", namespace, wanted.unwrap_or_default(), &format!("{names:?}")];
    let arns = found.iter().map(|(target, policy)| policy_arn(region, target, policy)).collect();
    let page = paged(input, &list, arns)?;
    let shown = found.iter().filter(|(target, policy)| page.items.contains(&policy_arn(region, target, policy)));
    let shown = shown.map(|(target, policy)| show_policy(region, target, policy));
    Ok(Doc::new().list("ScalingPolicies", shown).maybe("NextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>
///
/// Omitted members of an existing target keep their values. In any case the desired count is clamped to the bounds.
fn register(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let namespace = namespace(input)?;
    let wanted = input.text("ResourceId")?.unwrap_or_default();
    if namespace != "ecs" || dimension(input, namespace)? != Some(DIMENSION) {
        return Err(unsupported());
    }
    let mut parts = wanted.strip_prefix("service/").unwrap_or_default().splitn(2, '/');
    let (cluster, name) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let alive = region.service(&cluster, &name).is_some_and(|service| service.status == ServiceStatus::Active);
    if !alive {
        let message = format!("ECS service doesn't exist: {wanted}");
        return Err(Refusal::new("ValidationException", message));
    }
    let at = region.targets.iter().position(|target| target.cluster == cluster && target.service == name);
    let known = at.map(|at| &region.targets[at]);
    let capacity = |key: &str, known: Option<u32>| match input.number(key)? {
        Some(number) => u32::try_from(number)
            .map_err(|_| Refusal::new("ValidationException", "Minimum and maximum capacity must be 0 or more")),
        None => known.ok_or_else(|| {
            Refusal::new("ValidationException", "Min capacity and max capacity are required for a new scalable target")
        }),
    };
    let minimum = capacity("MinCapacity", known.map(|target| target.minimum))?;
    let maximum = capacity("MaxCapacity", known.map(|target| target.maximum))?;
    if minimum > maximum {
        let message = "Maximum capacity cannot be less than minimum capacity";
        return Err(Refusal::new("ValidationException", message));
    }
    let mut suspended = known.map_or([false; 3], |target| target.suspended);
    if let Some(given) = input.object("SuspendedState")? {
        for (flag, key) in suspended.iter_mut().zip(SUSPENDED) {
            *flag = given.flag(key)?.unwrap_or(*flag);
        }
    }
    let index = at.unwrap_or(region.targets.len());
    if let Some(target) = region.targets.get_mut(index) {
        (target.minimum, target.maximum, target.suspended) = (minimum, maximum, suspended);
    } else {
        let created_at = moment.now;
        let (cluster, service) = (cluster.clone(), name.clone());
        region.targets.push(Target { cluster, service, minimum, maximum, suspended, created_at, policy: None });
    }
    if let Some(service) = region.service(&cluster, &name) {
        let clamped = service.desired.clamp(minimum, maximum);
        if clamped != service.desired {
            service.write(moment.shows);
            service.desired = clamped;
        }
    }
    Ok(Doc::new().set("ScalableTargetARN", target_arn(region, &region.targets[index])).into())
}

fn namespace(input: &Input) -> Result<&str, Refusal> {
    let namespace = input.text("ServiceNamespace")?.ok_or_else(|| {
        refused("Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
    })?;
    if NAMESPACES.contains(&namespace) {
        return Ok(namespace);
    }
    Err(refused(&format!(
        "Value '{namespace}' at 'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value set: \
         [{}]",
        NAMESPACES.join(", ")
    )))
}

fn dimension<'a>(input: &'a Input, namespace: &str) -> Result<Option<&'a str>, Refusal> {
    let dimension = input.text("ScalableDimension")?;
    if dimension.is_some_and(|dimension| dimension.split(':').next() != Some(namespace)) {
        return Err(unsupported());
    }
    Ok(dimension)
}

fn unsupported() -> Refusal {
    Refusal::new("ValidationException", "Unsupported service namespace, resource type or scalable dimension")
}

fn paged(input: &Input, list: &[&str], names: Vec<String>) -> Result<Page, Refusal> {
    let size = match input.number("MaxResults")? {
        None => BATCH,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=BATCH).contains(size))
            .ok_or_else(|| Refusal::new("ValidationException", "MaxResults must be between 1 and 50"))?,
    };
    page(list, names, size, input.text("NextToken")?)
        .ok_or_else(|| Refusal::new("InvalidNextTokenException", "The specified next token is invalid"))
}

fn refused(problem: &str) -> Refusal {
    Refusal::new("ValidationException", format!("1 validation error detected: {problem}"))
}

fn id(target: &Target) -> String {
    format!("service/{}/{}", target.cluster, target.service)
}

fn show(region: &Region, target: &Target) -> Doc {
    let place = &region.place;
    let suspended = SUSPENDED.into_iter().zip(target.suspended).fold(Doc::new(), |doc, (key, on)| doc.set(key, on));
    let role = format!(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService",
        place.account
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
        .set("ScalableTargetARN", target_arn(region, target))
}

fn target_arn(region: &Region, target: &Target) -> String {
    let place = &region.place;
    let id = Random::from_words(&["target", &place.region, &id(target)]).hex(35);
    format!("arn:aws:application-autoscaling:{}:{}:scalable-target/{id}", place.region, place.account)
}

fn policy_arn(region: &Region, target: &Target, policy: &Policy) -> String {
    let place = &region.place;
    let uuid = Random::from_words(&["policy", &place.region, &id(target), &policy.name]).uuid();
    format!(
        "arn:aws:autoscaling:{}:{}:scalingPolicy:{uuid}:resource/ecs/{}:policyName/{}",
        place.region,
        place.account,
        id(target),
        policy.name
    )
}

fn show_policy(region: &Region, target: &Target, policy: &Policy) -> Doc {
    let metric = Doc::new().set("PredefinedMetricType", "ECSServiceAverageCPUUtilization");
    let tracking = Doc::new()
        .set("TargetValue", f64::from(policy.value))
        .set("PredefinedMetricSpecification", metric)
        .set("ScaleOutCooldown", 60)
        .set("ScaleInCooldown", 300)
        .set("DisableScaleIn", false);
    Doc::new()
        .set("PolicyARN", policy_arn(region, target, policy))
        .set("PolicyName", policy.name.as_str())
        .set("ServiceNamespace", "ecs")
        .set("ResourceId", id(target))
        .set("ScalableDimension", DIMENSION)
        .set("PolicyType", "TargetTrackingScaling")
        .set("TargetTrackingScalingPolicyConfiguration", tracking)
        .list("Alarms", Vec::<Doc>::new())
        .time("CreationTime", policy.created_at)
}
