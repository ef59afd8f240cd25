//! A change spelt out: what is done to which service in which order, from what to what, and what one should know.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::proposal::{PlanId, Range, Verb};
use crate::fleet::{Arn, ContextId};

/// A change spelt out. Plain data: it is shown, written to the journal and read back; to be carried
/// out it has to pass the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its name.
    pub id: PlanId,
    /// The verb.
    pub verb: Verb,
    /// When its facts were read.
    pub made_at: Timestamp,
    /// The plan that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<PlanId>,
    /// Why, in the operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Accounts and callers, one for each context.
    pub wheres: Vec<Where>,
    /// What is done: tracks run side by side, the steps of one in order.
    pub tracks: Vec<Track>,
    /// What was asked for and is not done.
    pub left_out: Vec<LeftOut>,
    /// What one should know before.
    pub warnings: Vec<Warning>,
}

/// An account in a region, and who calls there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Where {
    /// The context's label.
    pub context: ContextId,
    /// Twelve digits; nothing where STS did not say.
    pub account: Option<String>,
    /// As in `us-east-1`.
    pub region: String,
    /// The caller's ARN; nothing where STS did not say.
    pub caller: Option<String>,
}

/// What is done to one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// The service.
    pub target: Target,
    /// What is done to it, in order; at least one step.
    pub steps: Vec<Step>,
}

/// The service that a track is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The service.
    pub service: Arn,
    /// The cluster it is in.
    pub cluster: Arn,
    /// The context it is changed through.
    pub context: ContextId,
    /// Its path, as in `california/production/web`.
    pub path: String,
    /// Its environment's path, as in `california/production`.
    pub home: String,
    /// Its tenant, as in `california`.
    pub tenant: String,
    /// Whether its environment asks for more before a change.
    pub guard: Guard,
}

/// Whether an environment asks for more before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// It does.
    Protected,
    /// It does not.
    Open,
}

/// One change of one service, and what it relies on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Step {
    /// `UpdateService` with a desired count. Relies on the count it shows as the one before.
    Count {
        /// Tasks wished for before.
        from: u32,
        /// Tasks wished for after.
        to: u32,
    },
    /// `UpdateService` with `forceNewDeployment`. Relies on the deployment it replaces being the primary one.
    Redeploy {
        /// The task definition, which stays.
        definition: Arn,
        /// Id of the primary deployment before.
        replaces: String,
        /// What new tasks will run, compared with what runs.
        images: Vec<ImageChange>,
    },
    /// `RegisterScalableTarget` with other bounds. Relies on the bounds it shows as those before.
    Bounds {
        /// The bounds before.
        from: Range,
        /// The bounds after.
        to: Range,
    },
}

/// What a redeploy does to one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageChange {
    /// The containers' image, as the task definition names it; where that is not known, as the tasks do, without the
    /// digest beside a tag.
    pub reference: String,
    /// The digest that runs now; nothing where tasks do not say, or the reference names it.
    pub runs: Option<String>,
    /// What will run.
    pub next: Next,
}

/// What new tasks will run of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Next {
    /// What runs now.
    Same,
    /// What runs now: the tag stands for this index, which lists it.
    Listed(String),
    /// The tag has moved: this digest.
    Other(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// A service that was asked for and is not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The service.
    pub service: Arn,
    /// Its path.
    pub path: String,
    /// Why.
    pub why: Why,
}

/// Why a service is not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It is like that already.
    Already(String),
    /// It cannot, or must not, be done.
    Refused(String),
    /// AWS could not be asked about it.
    Unread(String),
}

/// Something one should know before a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What kind of thing it is.
    pub about: Caution,
    /// Paths of the services it is true of.
    pub paths: Vec<String>,
    /// A sentence.
    pub says: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caution {
    /// Minimum and maximum percent leave no room to start or stop a task.
    Deadlock,
    /// The count lies outside of autoscaling's bounds.
    OutOfBounds,
    /// Autoscaling may move the count again.
    Autoscaled,
    /// A deployment is under way.
    InFlight,
    /// A deployment is under way, and goes on with another number of tasks.
    Rolling,
    /// No task is wished for: a deployment proves nothing.
    NoTasks,
    /// All tasks are taken away.
    NothingRuns,
    /// Many more tasks are wished for than there are.
    ManyMore,
    /// New tasks will run another image.
    OtherImage,
    /// It cannot be told which image new tasks will run.
    UnknownImage,
    /// Something else owns the service and may take the change back.
    Owned,
    /// A zone has lost its tasks.
    ZoneLost,
    /// Something could not be read.
    Unread,
}

impl Plan {
    /// Environments that it changes.
    pub fn homes(&self) -> BTreeSet<&str> {
        self.tracks.iter().map(|track| track.target.home.as_str()).collect()
    }

    /// Tenants that it changes.
    pub fn tenants(&self) -> BTreeSet<&str> {
        self.tracks.iter().map(|track| track.target.tenant.as_str()).collect()
    }

    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Whether an environment that it changes asks for more.
    pub fn is_protected(&self) -> bool {
        self.tracks.iter().any(|track| track.target.guard == Guard::Protected)
    }
}

impl Next {
    /// Whether new tasks run what runs now.
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Same | Self::Listed(_))
    }
}

impl Step {
    /// The operation of AWS's that it comes to.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Count { .. } | Self::Redeploy { .. } => "UpdateService",
            Self::Bounds { .. } => "RegisterScalableTarget",
        }
    }

    /// Whether it takes something away, or brings what is not known: then more is asked before it.
    pub fn is_grave(&self) -> bool {
        match self {
            Self::Count { from, to } => to < from,
            Self::Redeploy { images, .. } => images.iter().any(|image| !image.next.is_same()),
            Self::Bounds { .. } => true,
        }
    }
}
