//! What to change: a plan, the gate it has to pass, and how it is carried out.
//!
//! A [`Proposal`] becomes a [`Plan`] once what it needs to know has been read; the [`gate()`] lets it
//! through as [`Approved`], and an [`Execution`] carries it out step by step. Pure; nothing here calls
//! anything, reads a clock or writes a file.

mod build;
mod call;
mod estimate;
mod execution;
mod gate;
mod images;
mod journal_entry;
mod managed_by;
mod model;
mod policy;
mod proposal;
mod queries;
mod reading;
mod resource;
pub mod steps;
#[cfg(test)]
mod tests;
pub mod verbs;
mod warnings;

pub use build::{PlanInput, PlannedSteps, ResourceView, ServiceView, build_plan};
pub use call::{Attempts, Call, Receipt};
pub use estimate::{about, duration};
pub use execution::{
    Activity, Execution, Order, OrderResult, Phase, Progress, RecordState, STABLE_WITHIN, Scope, TrackProgress,
    record_state,
};
pub use gate::{Answer, Approved, Demand, Refusal, demand, gate};
pub use journal_entry::{Entry, Event, Record, Reply, Stabilization, StepOutcome, StepResult};
pub use model::{
    ImageChange, LeftOut, Location, NextImage, Plan, Protection, Reason, Target, Track, Warning, WarningKind,
};
pub use policy::{Access, Deny, Policy};
pub use proposal::{Count, PlanId, Proposal, Range};
pub use queries::{drift_queries, preflight_queries};
pub use reading::Reading;
pub use resource::{Resource, ResourceKind};
pub use steps::{Request, ServiceChange, Step, StepKind, UndoSummary};
pub use verbs::{Argument, BoundsPolicy, Verb, VerbKind, VerbName, deniable_verbs, undo};
