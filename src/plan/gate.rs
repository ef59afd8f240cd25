//! The gate: the one way from a plan to its being carried out.

use std::fmt;

use super::model::Plan;
use super::policy::{Access, Policy};
use crate::text::clean;

/// What a person has to say before a plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// `y`.
    Yes,
    /// These words, exactly.
    Words(String),
}

/// What a person said to a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `y`.
    Yes,
    /// These words.
    Words(String),
}

/// Why a plan is not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing may be changed in this run.
    ReadOnly,
    /// A rule of the config refuses it.
    Denied {
        /// The environment it is about.
        environment: String,
        /// The rule's reason.
        reason: String,
    },
    /// There is nothing to do.
    Nothing,
    /// It cannot be carried out as it stands; why.
    Malformed(String),
    /// Something else has to be said.
    Unconfirmed(Demand),
}

/// A plan that passed the gate. Nothing else is carried out, and each only once.
///
/// It can be made by [`gate`] alone: its fields are private, and it is neither cloned nor read from
/// anywhere.
///
/// ```
/// use wharf::plan::{Answer, Approved, Plan, Policy, Refusal, gate};
/// fn approve(plan: Plan, policy: &Policy) -> Result<Approved, Refusal> {
///     gate(plan, &Answer::Yes, policy)
/// }
/// ```
/// ```compile_fail
/// use wharf::plan::{Approved, Plan};
/// fn approve(plan: Plan) -> Approved {
///     Approved { plan }
/// }
/// ```
/// ```compile_fail
/// use wharf::plan::Approved;
/// fn twice(approved: &Approved) -> Approved {
///     Approved::clone(approved)
/// }
/// ```
/// ```compile_fail
/// use wharf::plan::Approved;
/// fn read(line: &str) -> Option<Approved> {
///     serde_json::from_str(line).ok()
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Approved {
    plan: Plan,
}

/// Lets `plan` through if this run may change things, no rule refuses it and `answer` is what it demands.
///
/// # Errors
///
/// Why it is not let through.
pub fn gate(plan: Plan, answer: &Answer, policy: &Policy) -> Result<Approved, Refusal> {
    if policy.access == Access::ReadOnly {
        return Err(Refusal::ReadOnly);
    }
    if let Some(refusal) = denied(&plan, policy) {
        return Err(refusal);
    }
    if plan.is_empty() {
        return Err(Refusal::Nothing);
    }
    plan.check().map_err(Refusal::Malformed)?;
    let demand = demand(&plan);
    let said = match (&demand, answer) {
        (Demand::Yes, Answer::Yes) => true,
        (Demand::Words(asked), Answer::Words(said)) => asked == said,
        // Who types the words where `y` would do means it all the more.
        (Demand::Yes, Answer::Words(said)) => plan.environments().contains(said.as_str()),
        (Demand::Words(_), Answer::Yes) => false,
    };
    if said { Ok(Approved { plan }) } else { Err(Refusal::Unconfirmed(demand)) }
}

/// What has to be said before `plan` is carried out.
///
/// More than one environment: the number of resources. A protected environment that loses something
/// or gets what is not known: its path. Else `y`.
pub fn demand(plan: &Plan) -> Demand {
    let environments = plan.environments();
    if environments.len() > 1 {
        return Demand::Words(plan.size());
    }
    let grave = plan.tracks.iter().flat_map(|track| &track.steps).any(|step| step.kind().is_grave());
    match environments.first() {
        Some(environment) if grave && plan.is_protected() => Demand::Words(clean(environment).into_owned()),
        _ => Demand::Yes,
    }
}

/// The rule that refuses a track of `plan`, if one does.
fn denied(plan: &Plan, policy: &Policy) -> Option<Refusal> {
    plan.tracks.iter().find_map(|track| {
        let environment = &track.target.environment;
        let names = plan.deniable_names(track);
        let deny = names.into_iter().find_map(|name| policy.denies_path(environment, name))?;
        Some(Refusal::Denied { environment: environment.clone(), reason: deny.reason.clone() })
    })
}

impl Approved {
    /// What was let through.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn into_plan(self) -> Plan {
        self.plan
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadOnly => f.write_str("wharf runs read-only: nothing can be changed"),
            Self::Denied { environment, reason } => {
                write!(f, "refused in {} by a rule of the config: {}", clean(environment), clean(reason))
            }
            Self::Nothing => f.write_str("there is nothing to do"),
            Self::Malformed(why) => write!(f, "this plan cannot be carried out: {why}"),
            Self::Unconfirmed(Demand::Yes) => f.write_str("not confirmed: `y` is required"),
            Self::Unconfirmed(Demand::Words(words)) => write!(f, "not confirmed: `{words}` is required"),
        }
    }
}
