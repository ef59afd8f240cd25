//! Verbs: one file each, with what it refuses, its steps and its warnings.
//!
//! A verb is a row in [`VERBS`], a variant of [`Verb`] and an arm in [`Verb::kind`]. The command line, the console and
//! the rules of the config go by the table; the trait has no default methods.

mod redeploy;
mod restore;
mod scale;
mod service;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::build::{PlannedSteps, ResourceView};
use super::model::Reason;
use super::proposal::Count;
use super::resource::Resource;
use crate::fleet::QueryKind;
pub use redeploy::{INFO as REDEPLOY, Redeploy};
pub use restore::{INFO as UNDO, Restore, undo};
pub use scale::{INFO as SCALE, Scale};

/// What is asked for, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// New tasks of the same task definition.
    Redeploy(Redeploy),
    /// Another desired count.
    Scale(Scale),
    /// What a plan changed, as it was before.
    Restore(Restore),
}

/// Every verb, in the order in which they are listed.
pub static VERBS: &[&VerbInfo] = &[&SCALE, &REDEPLOY, &UNDO];

impl Verb {
    /// What is known of it.
    pub fn kind(&self) -> &dyn VerbKind {
        match self {
            Self::Redeploy(verb) => verb,
            Self::Scale(verb) => verb,
            Self::Restore(verb) => verb,
        }
    }

    /// Its name.
    pub fn name(&self) -> VerbName {
        VerbName(self.kind().info())
    }
}

/// Everything that is known of one verb.
pub trait VerbKind {
    /// Its row in the table.
    fn info(&self) -> &'static VerbInfo;

    /// What has to be read beside the resource itself, before anything is known of it.
    fn queries(&self, resource: &Resource) -> Vec<QueryKind>;

    /// What has to be read once the resource and its tasks were.
    fn follow_up_queries(&self, view: &ResourceView<'_>) -> Vec<QueryKind>;

    /// Why it cannot be done to this resource at all, with what to do instead.
    fn refusal(&self, view: &ResourceView<'_>) -> Option<String>;

    /// The steps, and what one should know before.
    ///
    /// # Errors
    ///
    /// Why nothing is done to the resource.
    fn steps(&self, view: &ResourceView<'_>) -> Result<PlannedSteps, Reason>;

    /// The same with the other policy for autoscaling's bounds; nothing where bounds do not matter.
    fn with_other_bounds(&self) -> Option<(Verb, BoundsPolicy)>;
}

/// A row in the table of verbs.
#[derive(Debug)]
pub struct VerbInfo {
    /// Its name: typed, shown, written to journals and denied by rules of the config.
    pub name: &'static str,
    /// One line for the help of the command line.
    pub help: &'static str,
    /// What stands below that help: more about it, and examples.
    pub examples: &'static str,
    /// What it asks for beside its targets.
    pub argument: Argument,
}

/// What a verb asks for beside its targets.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// Nothing: it is proposed at once.
    None(fn() -> Verb),
    /// A number of tasks, and whether autoscaling's bounds follow it.
    Count(fn(Count, BoundsPolicy) -> Verb),
    /// A plan instead of targets: it is proposed from the plan's screen.
    Plan,
}

/// Whether autoscaling's bounds follow a desired count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundsPolicy {
    /// They stay; a count outside of them is warned of.
    Keep,
    /// They are widened so that the count lies within them.
    Widen,
}

/// The name of a verb in the table. A name that is not in it cannot be read.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerbName(&'static VerbInfo);

/// Names that a rule of the config may deny though no verb has them yet: a config may be written ahead.
const PLANNED: [&str; 6] = ["rollback", "deploy", "stop", "park", "wake", "teardown"];

/// Names that a rule of the config may deny.
pub fn deniable_verbs() -> Vec<&'static str> {
    let mut names: Vec<&str> = VERBS.iter().filter(|info| info.is_deniable()).map(|info| info.name).collect();
    let planned = PLANNED.into_iter().filter(|name| VERBS.iter().all(|info| info.name != *name));
    names.extend(planned);
    names
}

impl VerbInfo {
    /// Whether rules deny it by its own name. A verb that restores is denied by what it does.
    fn is_deniable(&self) -> bool {
        !matches!(self.argument, Argument::Plan)
    }

    /// Its name, as plans and screens keep it.
    pub fn verb_name(&'static self) -> VerbName {
        VerbName(self)
    }
}

impl VerbName {
    /// The verb that is called `name`.
    pub fn find(name: &str) -> Option<Self> {
        VERBS.iter().find(|info| info.name == name).map(|info| Self(info))
    }

    /// Its row in the table.
    pub fn info(self) -> &'static VerbInfo {
        self.0
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0.name
    }
}

impl PartialEq for VerbName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for VerbName {}

impl fmt::Debug for VerbName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for VerbName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<VerbName> for String {
    fn from(name: VerbName) -> Self {
        name.as_str().to_owned()
    }
}

impl TryFrom<String> for VerbName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::find(&name).ok_or_else(|| format!("unknown verb `{name}`"))
    }
}
