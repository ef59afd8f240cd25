//! A plan as plain data: what is done to which resource in which order, from what to what, and what one should know.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::proposal::PlanId;
use super::resource::{Resource, counted};
use super::steps::Step;
use super::verbs::VerbName;
use crate::fleet::ContextId;
use crate::text::clean;

/// A change before it is made. Plain data: it is shown, written to the journal and read back; to be carried
/// out it has to pass the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its name.
    pub id: PlanId,
    /// The verb.
    pub verb: VerbName,
    /// When its facts were read.
    pub made_at: Timestamp,
    /// The plan that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<PlanId>,
    /// The reason that the operator gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Accounts and callers, one for each context.
    #[serde(rename = "accounts")]
    pub locations: Vec<Location>,
    /// What is done: tracks run side by side unless one waits for another; the steps of one run in order.
    pub tracks: Vec<Track>,
    /// What was asked for and is not done.
    pub left_out: Vec<LeftOut>,
    /// What one should know before.
    pub warnings: Vec<Warning>,
}

/// An account in a region, and who calls there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// The context's label.
    pub context: ContextId,
    /// Twelve digits; nothing where STS did not say.
    pub account: Option<String>,
    /// As in `us-east-1`.
    pub region: String,
    /// The caller's ARN; nothing where STS did not say.
    pub caller: Option<String>,
}

/// What is done to one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// The resource.
    pub target: Target,
    /// Positions of the tracks of the same plan that have to be done before it begins; all of them before its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// What is done to it, in order; at least one step.
    pub steps: Vec<Step>,
}

/// The resource that a track is about, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The resource.
    pub resource: Resource,
    /// The context it is changed through.
    pub context: ContextId,
    /// Its path, as in `california/production/web`.
    pub path: String,
    /// The path of its environment, as in `california/production`.
    pub environment: String,
    /// Its tenant, as in `california`.
    pub tenant: String,
    /// Whether its environment asks for more before a change.
    pub protection: Protection,
}

/// Whether an environment asks for more before a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protection {
    /// It does.
    Protected,
    /// It does not.
    Open,
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
    pub next: NextImage,
}

/// What new tasks will run of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextImage {
    /// What runs now.
    Same,
    /// What runs now: the tag points to this index, which lists it.
    Listed(String),
    /// The tag has moved: this digest.
    #[serde(rename = "moved")]
    Other(String),
    /// It is not known, and why.
    Unknown(String),
}

/// A resource that was asked for and is not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The resource.
    pub resource: Resource,
    /// Its path.
    pub path: String,
    /// Why.
    #[serde(rename = "reason")]
    pub reason: Reason,
}

/// Why a resource is not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
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
    #[serde(rename = "kind")]
    pub about: WarningKind,
    /// Paths of the services it is true of.
    pub paths: Vec<String>,
    /// A sentence.
    #[serde(rename = "message")]
    pub says: String,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// Minimum and maximum percent leave no room to start or stop a task.
    Deadlock,
    /// The count lies outside of autoscaling's bounds.
    OutOfBounds,
    /// Autoscaling may move the count again.
    Autoscaled,
    /// A deployment is in progress.
    InFlight,
    /// A deployment is in progress, and continues with another desired count.
    Rolling,
    /// The desired count is 0: a deployment proves nothing.
    NoTasks,
    /// All tasks are taken away.
    NothingRuns,
    /// The desired count becomes many times what it is.
    ManyMore,
    /// New tasks will run another image.
    OtherImage,
    /// It is not known which image new tasks will run.
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
    pub fn environments(&self) -> BTreeSet<&str> {
        self.tracks.iter().map(|track| track.target.environment.as_str()).collect()
    }

    /// Tenants that it changes.
    pub fn tenants(&self) -> BTreeSet<&str> {
        self.tracks.iter().map(|track| track.target.tenant.as_str()).collect()
    }

    /// How many resources it changes, as in `2 services`.
    pub fn size(&self) -> String {
        counted(self.tracks.iter().map(|track| &track.target.resource))
    }

    /// Whether it can be carried out at all.
    ///
    /// # Errors
    ///
    /// What is wrong with it: a track without a step, a step that is not for its resource, or a track that waits
    /// for one that does not come before it.
    pub fn check(&self) -> Result<(), String> {
        for (at, track) in self.tracks.iter().enumerate() {
            let path = clean(&track.target.path);
            if track.steps.is_empty() {
                return Err(format!("the track of {path} has no steps"));
            }
            let kind = track.target.resource.kind();
            if let Some(step) = track.steps.iter().find(|step| !step.kind().resources().contains(&kind)) {
                let operation = step.kind().operation().name();
                return Err(format!("a step of {path} is not for a {}: {operation}", kind.noun()));
            }
            if track.after.iter().any(|before| *before >= at) {
                return Err(format!("the track of {path} waits for one that does not come before it"));
            }
        }
        Ok(())
    }

    /// Names by which rules may deny `track`: the verb's own, and those of the verbs that its steps amount to.
    pub(super) fn deniable_names(&self, track: &Track) -> BTreeSet<&'static str> {
        let steps = track.steps.iter().map(|step| step.kind().verb());
        [self.verb.as_str()].into_iter().chain(steps).collect()
    }

    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// Whether an environment that it changes asks for more.
    pub fn is_protected(&self) -> bool {
        self.tracks.iter().any(|track| track.target.protection == Protection::Protected)
    }
}

impl NextImage {
    /// Whether new tasks run what runs now.
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Same | Self::Listed(_))
    }
}
