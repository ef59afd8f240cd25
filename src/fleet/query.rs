//! Questions that can be put to AWS, and the shape of their answers.

use super::{
    Arn, CloudError, Cluster, Completeness, ContextId, Definition, Identity, Index, LogLine, LogSource, Operation,
    PastDeployment, Scaling, Service, StoredImage, Tagged, Task, Window,
};

/// One question about one context.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Query {
    /// The context to ask in.
    pub context: ContextId,
    /// What to ask.
    pub kind: QueryKind,
}

impl Query {
    /// The operation of its first request.
    pub fn operation(&self) -> Operation {
        match &self.kind {
            QueryKind::Identity => Operation::GetCallerIdentity,
            QueryKind::Clusters => Operation::ListClusters,
            QueryKind::ServiceArns(_) => Operation::ListServices,
            QueryKind::Services(..) | QueryKind::RawJson(Subject::Service { .. }) => Operation::DescribeServices,
            QueryKind::Tasks(..) => Operation::ListTasks,
            QueryKind::TaskDefinition(_) | QueryKind::RawJson(Subject::Definition(_)) => {
                Operation::DescribeTaskDefinition
            }
            QueryKind::ScalableTargets(_) => Operation::DescribeScalableTargets,
            QueryKind::Deployments { .. } => Operation::ListServiceDeployments,
            QueryKind::ImageTag(_) | QueryKind::Images(_) => Operation::DescribeImages,
            QueryKind::ImageIndexes(..) => Operation::BatchGetImage,
            QueryKind::LogEvents(..) => Operation::FilterLogEvents,
            QueryKind::RawJson(Subject::Task { .. }) => Operation::DescribeTasks,
        }
    }

    /// What the operation is asked of, as in `cluster humangov`.
    pub fn on(&self) -> String {
        match &self.kind {
            QueryKind::Identity => "the caller".to_owned(),
            QueryKind::Clusters => "the region".to_owned(),
            QueryKind::ServiceArns(cluster)
            | QueryKind::Services(cluster, _)
            | QueryKind::Tasks(cluster, _)
            | QueryKind::Deployments { cluster, .. } => format!("cluster {}", cluster.name()),
            QueryKind::ScalableTargets(_) => "services".to_owned(),
            QueryKind::ImageTag(name) | QueryKind::Images(name) | QueryKind::ImageIndexes(name, _) => name.clone(),
            QueryKind::LogEvents(source, _) => format!("log group {}", source.group),
            QueryKind::TaskDefinition(arn)
            | QueryKind::RawJson(
                Subject::Definition(arn) | Subject::Service { service: arn, .. } | Subject::Task { task: arn, .. },
            ) => arn.name().to_owned(),
        }
    }
}

/// What a question is about. However many pages and batches it takes, it has one [`Response`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QueryKind {
    /// Who are we? `sts:GetCallerIdentity`.
    Identity,
    /// Which clusters are there, with their tags?
    Clusters,
    /// Which services does this cluster have?
    ServiceArns(Arn),
    /// How are these services of one cluster? At most [`SERVICES_PER_QUERY`] of them.
    Services(Arn, Vec<Arn>),
    /// Which tasks does this cluster have, its services' and others?
    Tasks(Arn, TaskFilter),
    /// What is in this task definition?
    TaskDefinition(Arn),
    /// How far may autoscaling move these services? At most [`SCALABLE_TARGETS_PER_QUERY`] of them.
    ScalableTargets(Vec<Arn>),
    /// What was deployed to this service of this cluster lately?
    Deployments {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// Which digest does this image's tag have now? An image in ECR, in the region of the context:
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`.
    ImageTag(String),
    /// Which images does this repository hold? `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, in the region
    /// of the context.
    Images(String),
    /// What do these indexes list? Digests in a repository, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, in the
    /// region of the context; at most [`INDEXES_PER_QUERY`] of them.
    ImageIndexes(String, Vec<String>),
    /// Which lines were written there in that time? Pages are drained, up to a limit.
    LogEvents(LogSource, Window),
    /// The raw JSON of this.
    RawJson(Subject),
}

/// Services in one look: `DescribeServices` takes 10
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>).
pub const SERVICES_PER_QUERY: usize = 10;

/// Services in one question about scaling: `DescribeScalableTargets` takes 50 resource ids
/// (<https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>).
pub const SCALABLE_TARGETS_PER_QUERY: usize = 50;

/// Indexes in one question about what they list: `BatchGetImage` takes 100 image ids
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html>).
pub const INDEXES_PER_QUERY: usize = 100;

/// Which tasks of a cluster: ECS lists the two kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TaskFilter {
    /// Those that run or are on their way to running.
    Running,
    /// Those that stopped within the last hour or so.
    Stopped,
}

/// What AWS is asked to describe as raw JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A service.
    Service {
        /// The service.
        service: Arn,
        /// The cluster it is in.
        cluster: Arn,
    },
    /// A task.
    Task {
        /// The task.
        task: Arn,
        /// The cluster it is in.
        cluster: Arn,
    },
    /// A task definition.
    Definition(Arn),
}

/// How urgent a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// A change, or the reads that check it.
    Change,
    /// What is on the screen.
    Screen,
    /// The rest.
    Rest,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// All that was asked for.
    Complete(Payload),
    /// Some of it: what had come before the error.
    Partial(Payload, CloudError),
    /// Nothing.
    Failed(CloudError),
}

impl Response {
    /// What came, whether that is all, and the error that is why it is not.
    pub fn into_parts(self) -> (Option<Payload>, Completeness, Option<CloudError>) {
        match self {
            Self::Complete(facts) => (Some(facts), Completeness::Complete, None),
            Self::Partial(facts, error) => (Some(facts), Completeness::Partial, Some(error)),
            Self::Failed(error) => (None, Completeness::Partial, Some(error)),
        }
    }
}

/// What AWS said. What is not named in it is not thereby gone, unless the answer is whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Who we are.
    Identity(Identity),
    /// Clusters of the context.
    Clusters(Vec<Cluster>),
    /// Names of the cluster's services.
    ServiceArns(Vec<Arn>),
    /// Services, and those of the asked that ECS does not know (`failures[]` with `MISSING`).
    Services(Vec<Service>, Vec<Arn>),
    /// Tasks of the cluster.
    Tasks(Vec<Task>),
    /// A task definition.
    TaskDefinition(Definition),
    /// Bounds of those services that have some.
    ScalableTargets(Vec<Scaling>),
    /// Deployments, newest first.
    Deployments(Vec<PastDeployment>),
    /// The digest of a tag.
    ImageTag(Tagged),
    /// Images of the repository, the newest first.
    Images(Vec<StoredImage>),
    /// What indexes list: those of the asked that could be read.
    ImageIndexes(Vec<Index>),
    /// Lines in the order of their time. A whole answer has all there were; a part ends with its last line.
    LogEvents(Vec<LogLine>),
    /// AWS's answer as indented JSON, without the values of environment variables and secrets.
    RawJson(String),
}
