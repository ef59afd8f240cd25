//! Application Auto Scaling: scalable targets and their policies.

use serde_json::Value;

use super::ecs::{WriteOperation, WriteTime};
use super::json::JsonObject;
use super::pagination::{Page, page};
use super::random::Random;
use super::request_body::RequestBody;
use super::wire::ApiError;
use super::world::{Region, ScalableTarget, ScalingPolicy, ServiceStatus};

/// The most ids in one request, and the largest page.
const BATCH: usize = 50;

/// The only scalable dimension of ECS.
const DIMENSION: &str = "ecs:service:DesiredCount";

/// The members of `SuspendedState`, in the order of the world's `suspended`.
const SUSPENDED_STATE: [&str; 3] =
    ["DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"];

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
pub(crate) fn read(region: &Region, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
    match operation {
        "DescribeScalableTargets" => describe_targets(region, &RequestBody::parse(body)?),
        "DescribeScalingPolicies" => describe_policies(region, &RequestBody::parse(body)?),
        _ => Err(ApiError::unknown_operation(operation)),
    }
}

/// The Application Auto Scaling write operation of this name.
pub(crate) fn write_operation(operation: &str) -> Option<WriteOperation> {
    (operation == "RegisterScalableTarget").then_some(register)
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>
fn describe_targets(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let namespace = namespace(request)?;
    let ids = request.strings("ResourceIds")?;
    if ids.as_ref().is_some_and(|ids| ids.len() > BATCH) {
        return Err(validation_error(
            "Value at 'resourceIds' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let dimension = dimension(request, namespace)?;
    let requested =
        |target: &&ScalableTarget| ids.as_ref().is_none_or(|ids| ids.contains(&resource_id(target).as_str()));
    let fits = namespace == "ecs" && dimension.is_none_or(|dimension| dimension == DIMENSION);
    let found: Vec<&ScalableTarget> = region.scalable_targets.iter().filter(|_| fits).filter(requested).collect();
    let list = ["DescribeScalableTargets", namespace, &ids.as_ref().map(|ids| ids.join(" ")).unwrap_or_default()];
    let names = found.iter().map(|target| resource_id(target)).collect();
    let page = paginate(request, &list, names)?;
    let shown = found
        .iter()
        .filter(|target| page.items.contains(&resource_id(target)))
        .map(|target| target_json(region, target));
    Ok(JsonObject::new().list("ScalableTargets", shown).set_if_some("NextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingPolicies.html>
fn describe_policies(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let namespace = namespace(request)?;
    let dimension = dimension(request, namespace)?;
    let (resource, names) = (request.text("ResourceId")?, request.strings("PolicyNames")?);
    if names.as_ref().is_some_and(|names| names.len() > BATCH) {
        return Err(validation_error(
            "Value at 'policyNames' failed to satisfy constraint: Member must have length less than or equal to 50",
        ));
    }
    let fits = namespace == "ecs" && dimension.is_none_or(|dimension| dimension == DIMENSION);
    let all =
        region.scalable_targets.iter().filter(|_| fits).filter_map(|target| Some((target, target.policy.as_ref()?)));
    let found: Vec<(&ScalableTarget, &ScalingPolicy)> = all
        .filter(|(target, _)| resource.is_none_or(|resource| resource == resource_id(target)))
        .filter(|(_, policy)| names.as_ref().is_none_or(|names| names.contains(&policy.name.as_str())))
        .collect();
    let list = ["DescribeScalingPolicies", namespace, resource.unwrap_or_default(), &format!("{names:?}")];
    let arns = found.iter().map(|(target, policy)| policy_arn(region, target, policy)).collect();
    let page = paginate(request, &list, arns)?;
    let shown = found.iter().filter(|(target, policy)| page.items.contains(&policy_arn(region, target, policy)));
    let shown = shown.map(|(target, policy)| policy_json(region, target, policy));
    Ok(JsonObject::new().list("ScalingPolicies", shown).set_if_some("NextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html>
///
/// Omitted members of an existing target keep their values. In any case the desired count is clamped to the bounds.
fn register(region: &mut Region, request: &RequestBody, time: WriteTime) -> Result<Value, ApiError> {
    let namespace = namespace(request)?;
    let resource = request.text("ResourceId")?.unwrap_or_default();
    if namespace != "ecs" || dimension(request, namespace)? != Some(DIMENSION) {
        return Err(unsupported_target());
    }
    let mut parts = resource.strip_prefix("service/").unwrap_or_default().splitn(2, '/');
    let (cluster, name) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let alive = region.service(&cluster, &name).is_some_and(|service| service.status == ServiceStatus::Active);
    if !alive {
        let message = format!("ECS service doesn't exist: {resource}");
        return Err(ApiError::new("ValidationException", message));
    }
    let at = region.scalable_targets.iter().position(|target| target.cluster == cluster && target.service == name);
    let known = at.map(|at| &region.scalable_targets[at]);
    let capacity = |key: &str, known: Option<u32>| match request.number(key)? {
        Some(number) => u32::try_from(number)
            .map_err(|_| ApiError::new("ValidationException", "Minimum and maximum capacity must be 0 or more")),
        None => known.ok_or_else(|| {
            ApiError::new("ValidationException", "Min capacity and max capacity are required for a new scalable target")
        }),
    };
    let minimum = capacity("MinCapacity", known.map(|target| target.minimum))?;
    let maximum = capacity("MaxCapacity", known.map(|target| target.maximum))?;
    if minimum > maximum {
        let message = "Maximum capacity cannot be less than minimum capacity";
        return Err(ApiError::new("ValidationException", message));
    }
    let mut suspended = known.map_or([false; 3], |target| target.suspended);
    if let Some(given) = request.object("SuspendedState")? {
        for (flag, key) in suspended.iter_mut().zip(SUSPENDED_STATE) {
            *flag = given.flag(key)?.unwrap_or(*flag);
        }
    }
    let index = at.unwrap_or(region.scalable_targets.len());
    if let Some(target) = region.scalable_targets.get_mut(index) {
        (target.minimum, target.maximum, target.suspended) = (minimum, maximum, suspended);
    } else {
        let created_at = time.now;
        let (cluster, service) = (cluster.clone(), name.clone());
        region.scalable_targets.push(ScalableTarget {
            cluster,
            service,
            minimum,
            maximum,
            suspended,
            created_at,
            policy: None,
        });
    }
    if let Some(service) = region.service(&cluster, &name) {
        let clamped = service.desired.clamp(minimum, maximum);
        if clamped != service.desired {
            service.begin_write(time.visible_at);
            service.desired = clamped;
        }
    }
    Ok(JsonObject::new().set("ScalableTargetARN", target_arn(region, &region.scalable_targets[index])).into())
}

fn namespace(request: &RequestBody) -> Result<&str, ApiError> {
    let namespace = request.text("ServiceNamespace")?.ok_or_else(|| {
        validation_error("Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null")
    })?;
    if NAMESPACES.contains(&namespace) {
        return Ok(namespace);
    }
    Err(validation_error(&format!(
        "Value '{namespace}' at 'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value set: \
         [{}]",
        NAMESPACES.join(", ")
    )))
}

fn dimension<'a>(request: &'a RequestBody, namespace: &str) -> Result<Option<&'a str>, ApiError> {
    let dimension = request.text("ScalableDimension")?;
    if dimension.is_some_and(|dimension| dimension.split(':').next() != Some(namespace)) {
        return Err(unsupported_target());
    }
    Ok(dimension)
}

fn unsupported_target() -> ApiError {
    ApiError::new("ValidationException", "Unsupported service namespace, resource type or scalable dimension")
}

fn paginate(request: &RequestBody, list: &[&str], names: Vec<String>) -> Result<Page, ApiError> {
    let size = match request.number("MaxResults")? {
        None => BATCH,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| (1..=BATCH).contains(size))
            .ok_or_else(|| ApiError::new("ValidationException", "MaxResults must be between 1 and 50"))?,
    };
    page(list, names, size, request.text("NextToken")?)
        .ok_or_else(|| ApiError::new("InvalidNextTokenException", "The specified next token is invalid"))
}

fn validation_error(problem: &str) -> ApiError {
    ApiError::new("ValidationException", format!("1 validation error detected: {problem}"))
}

fn resource_id(target: &ScalableTarget) -> String {
    format!("service/{}/{}", target.cluster, target.service)
}

fn target_json(region: &Region, target: &ScalableTarget) -> JsonObject {
    let location = &region.location;
    let suspended =
        SUSPENDED_STATE.into_iter().zip(target.suspended).fold(JsonObject::new(), |doc, (key, on)| doc.set(key, on));
    let role = format!(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService",
        location.account
    );
    JsonObject::new()
        .set("ServiceNamespace", "ecs")
        .set("ResourceId", resource_id(target))
        .set("ScalableDimension", DIMENSION)
        .set("MinCapacity", target.minimum)
        .set("MaxCapacity", target.maximum)
        .set("RoleARN", role)
        .time("CreationTime", target.created_at)
        .set("SuspendedState", suspended)
        .set("ScalableTargetARN", target_arn(region, target))
}

fn target_arn(region: &Region, target: &ScalableTarget) -> String {
    let location = &region.location;
    let id = Random::from_words(&["target", &location.region, &resource_id(target)]).hex(35);
    format!("arn:aws:application-autoscaling:{}:{}:scalable-target/{id}", location.region, location.account)
}

fn policy_arn(region: &Region, target: &ScalableTarget, policy: &ScalingPolicy) -> String {
    let location = &region.location;
    let uuid = Random::from_words(&["policy", &location.region, &resource_id(target), &policy.name]).uuid();
    format!(
        "arn:aws:autoscaling:{}:{}:scalingPolicy:{uuid}:resource/ecs/{}:policyName/{}",
        location.region,
        location.account,
        resource_id(target),
        policy.name
    )
}

fn policy_json(region: &Region, target: &ScalableTarget, policy: &ScalingPolicy) -> JsonObject {
    let metric = JsonObject::new().set("PredefinedMetricType", "ECSServiceAverageCPUUtilization");
    let tracking = JsonObject::new()
        .set("TargetValue", f64::from(policy.value))
        .set("PredefinedMetricSpecification", metric)
        .set("ScaleOutCooldown", 60)
        .set("ScaleInCooldown", 300)
        .set("DisableScaleIn", false);
    JsonObject::new()
        .set("PolicyARN", policy_arn(region, target, policy))
        .set("PolicyName", policy.name.as_str())
        .set("ServiceNamespace", "ecs")
        .set("ResourceId", resource_id(target))
        .set("ScalableDimension", DIMENSION)
        .set("PolicyType", "TargetTrackingScaling")
        .set("TargetTrackingScalingPolicyConfiguration", tracking)
        .list("Alarms", Vec::<JsonObject>::new())
        .time("CreationTime", policy.created_at)
}
