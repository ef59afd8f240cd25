//! What to change: a change spelt out, the gate it has to pass, and how it is carried out.
//!
//! A [`Proposal`] becomes a [`Plan`] once what it needs to know has been read; the [`gate()`] lets it
//! through as [`Approved`], and an [`Execution`] carries it out step by step. Pure; nothing here calls
//! anything, reads a clock or writes a file.

mod call;
mod draft;
mod entry;
mod execution;
mod gate;
mod images;
mod notes;
mod owner;
mod pace;
mod policy;
mod proposal;
mod reads;
mod redeploy;
mod scale;
mod step;
#[cfg(test)]
mod tests;
mod undo;

pub use call::{Call, Operation, Receipt};
pub use draft::{Known, draft};
pub use entry::{Ending, Entry, Line, Outcome, Record, Settled, Verdict};
pub use execution::{
    Doing, Execution, News, Order, PATIENCE, Part, Phase, Progress, Standing, TrackProgress, standing,
};
pub use gate::{Answer, Approved, Demand, Refusal, demand, gate};
pub use pace::{about, pace};
pub use policy::{Access, Deny, Policy, VERBS};
pub use proposal::{Bounds, Count, PlanId, Proposal, Range, Verb, Wanted, Wish};
pub use reads::reads;
pub use step::{Caution, Guard, ImageChange, LeftOut, Next, Plan, Step, Target, Track, Warning, Where, Why};
pub use undo::undo;
