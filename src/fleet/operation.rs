//! The one table of AWS operations: what each is called, which service has it, and what it takes.
//!
//! An operation that is not a row here cannot be sent: requests name an [`Operation`], never a string. The
//! limiter's buckets, the read-only lock, the advice on permissions, estimates and the README's policies follow
//! from the table.

/// An AWS service that has operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AwsService {
    /// Amazon ECS.
    Ecs,
    /// Amazon ECR.
    Ecr,
    /// Amazon `CloudWatch` Logs.
    Logs,
    /// Application Auto Scaling.
    ApplicationAutoScaling,
    /// AWS STS.
    Sts,
}

/// Whether an operation changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// It only reads.
    Read,
    /// It changes something: it is refused in read-only.
    Write,
}

/// One of AWS's token buckets, per account and region. Operations in one bucket throttle each other.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// Reads of clusters.
    Clusters,
    /// Reads of services.
    Services,
    /// Changes of services.
    ServiceWrites,
    /// Reads of deployments.
    Deployments,
    /// Reads of service revisions.
    ServiceRevisions,
    /// Reads of tasks.
    Tasks,
    /// Reads of task definitions.
    TaskDefinitions,
    /// Reads of images.
    Images,
    /// Reads of scalable targets.
    ScalableTargets,
    /// Changes of scalable targets.
    ScalableTargetWrites,
    /// Searches of log events.
    LogEvents,
    /// Questions about the caller.
    CallerIdentity,
}

/// What there is to know of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationInfo {
    /// The operation.
    pub operation: Operation,
    /// AWS's name for it, as in `DescribeServices`.
    pub name: &'static str,
    /// The service that has it.
    pub service: AwsService,
    /// The bucket that a request takes a token from.
    pub bucket: Bucket,
    /// Whether it changes anything.
    pub mode: Mode,
    /// The IAM action that allows it, as in `ecs:DescribeServices`; nothing where none is needed.
    pub iam_action: Option<&'static str>,
}

/// Makes [`Operation`] and its table of the same rows.
macro_rules! operations {
    ($($(#[$doc:meta])* $operation:ident: $mode:ident of $service:ident, $bucket:expr, $iam_action:expr;)*) => {
        /// An AWS operation that wharf can send.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[$doc])* $operation,)*
        }

        /// Every operation, once, in the order of [`Operation`].
        pub const OPERATIONS: &[OperationInfo] = &[$(OperationInfo {
            operation: Operation::$operation,
            name: stringify!($operation),
            service: AwsService::$service,
            bucket: $bucket,
            mode: Mode::$mode,
            iam_action: $iam_action,
        },)*];
    };
}

operations! {
    // Needs no permission: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    /// Who the caller is.
    GetCallerIdentity: Read of Sts, Bucket::CallerIdentity, None;
    /// The clusters of a region.
    ListClusters: Read of Ecs, Bucket::Clusters, Some("ecs:ListClusters");
    /// Up to 100 clusters, with their tags.
    DescribeClusters: Read of Ecs, Bucket::Clusters, Some("ecs:DescribeClusters");
    /// The services of a cluster.
    ListServices: Read of Ecs, Bucket::Services, Some("ecs:ListServices");
    /// Up to 10 services of a cluster.
    DescribeServices: Read of Ecs, Bucket::Services, Some("ecs:DescribeServices");
    /// The deployments of a service, newest first.
    ListServiceDeployments: Read of Ecs, Bucket::Deployments, Some("ecs:ListServiceDeployments");
    /// Up to 20 deployments.
    DescribeServiceDeployments: Read of Ecs, Bucket::Deployments, Some("ecs:DescribeServiceDeployments");
    /// Up to 20 service revisions.
    DescribeServiceRevisions: Read of Ecs, Bucket::ServiceRevisions, Some("ecs:DescribeServiceRevisions");
    /// The tasks of a cluster.
    ListTasks: Read of Ecs, Bucket::Tasks, Some("ecs:ListTasks");
    /// Up to 100 tasks of a cluster.
    DescribeTasks: Read of Ecs, Bucket::Tasks, Some("ecs:DescribeTasks");
    /// One task definition.
    DescribeTaskDefinition: Read of Ecs, Bucket::TaskDefinitions, Some("ecs:DescribeTaskDefinition");
    /// The autoscaling bounds of up to 50 services.
    DescribeScalableTargets: Read of ApplicationAutoScaling, Bucket::ScalableTargets, Some("application-autoscaling:DescribeScalableTargets");
    /// Images of a repository.
    DescribeImages: Read of Ecr, Bucket::Images, Some("ecr:DescribeImages");
    // Two thousand requests a second by its own quota, of which wharf needs one now and then:
    // <https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>
    /// Manifests of up to 100 images.
    BatchGetImage: Read of Ecr, Bucket::Images, Some("ecr:BatchGetImage");
    /// Log lines of a time span.
    FilterLogEvents: Read of Logs, Bucket::LogEvents, Some("logs:FilterLogEvents");
    /// Changes a service's count, or starts a deployment.
    UpdateService: Write of Ecs, Bucket::ServiceWrites, Some("ecs:UpdateService");
    /// Changes a service's autoscaling bounds.
    RegisterScalableTarget: Write of ApplicationAutoScaling, Bucket::ScalableTargetWrites, Some("application-autoscaling:RegisterScalableTarget");
}

impl Operation {
    /// Its row in the table.
    pub fn info(self) -> &'static OperationInfo {
        &OPERATIONS[self as usize]
    }

    /// AWS's name for it.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Whether it only reads.
    pub fn is_read(self) -> bool {
        self.info().mode == Mode::Read
    }

    /// The operation that AWS calls `name`, of the service with that [`AwsService::id`]: services share names.
    pub fn named(service_id: &str, name: &str) -> Option<Self> {
        let mut rows = OPERATIONS.iter();
        rows.find(|info| info.name == name && info.service.id() == service_id).map(|info| info.operation)
    }
}

impl AwsService {
    /// Its service id in AWS's API models, which the SDK and `AWS_ENDPOINT_URL_…` call it by.
    ///
    /// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html>
    pub fn id(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::Ecr => "ECR",
            Self::Logs => "CloudWatch Logs",
            Self::ApplicationAutoScaling => "Application Auto Scaling",
            Self::Sts => "STS",
        }
    }
}

impl Bucket {
    /// Requests that AWS lets through at once, and each second after that, in `region`.
    ///
    /// ECR, Application Auto Scaling and STS publish no figures for these operations: the ones here are small.
    /// Log events: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
    pub fn limits(self, region: &str) -> (u32, u32) {
        match self {
            Self::Services | Self::Tasks => (100, 20),
            Self::Clusters | Self::Deployments | Self::ServiceRevisions | Self::TaskDefinitions => (50, 20),
            Self::ServiceWrites => (50, 5),
            Self::LogEvents => match region {
                "us-east-1" => (25, 25),
                "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "eu-central-1" | "il-central-1" => (5, 5),
                _ => (10, 10),
            },
            Self::Images | Self::ScalableTargets | Self::ScalableTargetWrites | Self::CallerIdentity => (10, 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_name_and_its_action_ends_in_it() {
        for info in OPERATIONS {
            assert_eq!(Operation::named(info.service.id(), info.name), Some(info.operation));
            assert_eq!(info.operation.info(), info);
            if let Some(action) = info.iam_action {
                assert_eq!(action.split_once(':').map(|(_, name)| name), Some(info.name));
            }
        }
    }
}
