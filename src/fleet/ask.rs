//! Questions that can be put to AWS, and the shape of their answers.

use super::{
    Arn, CloudError, Cluster, ContextId, Definition, Extent, Identity, Index, LogLine, LogSource, Operation,
    PastDeployment, Scaling, Service, StoredImage, Tagged, Task, Window,
};

/// One question about one context.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ask {
    /// Whom to ask.
    pub context: ContextId,
    /// What to ask.
    pub about: About,
}

impl Ask {
    /// The operation of its first request.
    pub fn operation(&self) -> Operation {
        match &self.about {
            About::Identity => Operation::GetCallerIdentity,
            About::Clusters => Operation::ListClusters,
            About::Roster(_) => Operation::ListServices,
            About::Look(..) | About::Raw(Subject::Service { .. }) => Operation::DescribeServices,
            About::Tasks(..) => Operation::ListTasks,
            About::Definition(_) | About::Raw(Subject::Definition(_)) => Operation::DescribeTaskDefinition,
            About::Scaling(_) => Operation::DescribeScalableTargets,
            About::Deployments { .. } => Operation::ListServiceDeployments,
            About::Tag(_) | About::Images(_) => Operation::DescribeImages,
            About::Indexes(..) => Operation::BatchGetImage,
            About::Logs(..) => Operation::FilterLogEvents,
            About::Raw(Subject::Task { .. }) => Operation::DescribeTasks,
        }
    }

    /// What the operation is asked of, as in `cluster humangov`.
    pub fn on(&self) -> String {
        match &self.about {
            About::Identity => "the caller".to_owned(),
            About::Clusters => "the region".to_owned(),
            About::Roster(cluster)
            | About::Look(cluster, _)
            | About::Tasks(cluster, _)
            | About::Deployments { cluster, .. } => format!("cluster {}", cluster.name()),
            About::Scaling(_) => "services".to_owned(),
            About::Tag(name) | About::Images(name) | About::Indexes(name, _) => name.clone(),
            About::Logs(source, _) => format!("log group {}", source.group),
            About::Definition(arn)
            | About::Raw(
                Subject::Definition(arn) | Subject::Service { service: arn, .. } | Subject::Task { task: arn, .. },
            ) => arn.name().to_owned(),
        }
    }
}

/// What a question is about. However many pages and batches it takes, it has one [`Answer`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    /// Who are we? `sts:GetCallerIdentity`.
    Identity,
    /// Which clusters are there, with their tags?
    Clusters,
    /// Which services does this cluster have?
    Roster(Arn),
    /// How are these services of one cluster? At most [`LOOK`] of them.
    Look(Arn, Vec<Arn>),
    /// Which tasks does this cluster have, its services' and others?
    Tasks(Arn, Which),
    /// What is in this task definition?
    Definition(Arn),
    /// How far may autoscaling move these services? At most [`SCALING`] of them.
    Scaling(Vec<Arn>),
    /// What was deployed to this service of this cluster lately?
    Deployments {
        /// The cluster.
        cluster: Arn,
        /// The service.
        service: Arn,
    },
    /// Which digest does this image's tag stand for now? An image in ECR, in the region of the context:
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`.
    Tag(String),
    /// Which images does this repository hold? `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, in the region
    /// of the context.
    Images(String),
    /// What do these indexes list? Digests in a repository, `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, in the
    /// region of the context; at most [`INDEXES`] of them.
    Indexes(String, Vec<String>),
    /// Which lines were written there in that time? Pages are drained, up to a limit.
    Logs(LogSource, Window),
    /// What does AWS say, word for word, of this?
    Raw(Subject),
}

/// Services in one look: `DescribeServices` takes 10
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html>).
pub const LOOK: usize = 10;

/// Services in one question about scaling: `DescribeScalableTargets` takes 50 resource ids
/// (<https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalableTargets.html>).
pub const SCALING: usize = 50;

/// Indexes in one question about what they list: `BatchGetImage` takes 100 image ids
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html>).
pub const INDEXES: usize = 100;

/// Which tasks of a cluster: ECS lists the two kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// Those that run or are on their way to running.
    Running,
    /// Those that stopped within the last hour or so.
    Stopped,
}

/// What AWS is asked to describe word for word.
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
pub enum Lane {
    /// A change, or the reads that check it.
    Change,
    /// What is on the screen.
    Screen,
    /// The rest.
    Rest,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// All that was asked for.
    Whole(Facts),
    /// Some of it: what had come before the error.
    Part(Facts, CloudError),
    /// Nothing.
    None(CloudError),
}

impl Answer {
    /// What came, whether that is all, and the error that is why it is not.
    pub fn into_parts(self) -> (Option<Facts>, Extent, Option<CloudError>) {
        match self {
            Self::Whole(facts) => (Some(facts), Extent::Whole, None),
            Self::Part(facts, error) => (Some(facts), Extent::Part, Some(error)),
            Self::None(error) => (None, Extent::Part, Some(error)),
        }
    }
}

/// What AWS said. What is not named in it is not thereby gone, unless the answer is whole.
#[derive(Clone, Debug, PartialEq)]
pub enum Facts {
    /// Who we are.
    Identity(Identity),
    /// Clusters of the context.
    Clusters(Vec<Cluster>),
    /// Names of the cluster's services.
    Roster(Vec<Arn>),
    /// Services, and those of the asked that ECS does not know (`failures[]` with `MISSING`).
    Look(Vec<Service>, Vec<Arn>),
    /// Tasks of the cluster.
    Tasks(Vec<Task>),
    /// A task definition.
    Definition(Definition),
    /// Bounds of those services that have some.
    Scaling(Vec<Scaling>),
    /// Deployments, newest first.
    Deployments(Vec<PastDeployment>),
    /// What stands behind a tag.
    Tag(Tagged),
    /// Images of the repository, the newest first.
    Images(Vec<StoredImage>),
    /// What indexes list: those of the asked that could be read.
    Indexes(Vec<Index>),
    /// Lines in the order of their time. A whole answer has all there were; a part ends with its last line.
    Logs(Vec<LogLine>),
    /// AWS's answer as indented JSON, without the values of environment variables and secrets.
    Raw(String),
}
