//! Plans carried out: on an AWS inside, in paused time, with crashes and races at every point.

mod crashes;
mod format;
mod journal;
pub mod plans;
mod races;
mod stage;
mod stopping;
mod troubles;
mod wire;
