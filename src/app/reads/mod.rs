//! Which queries are due: from what is needed, what is known, what was asked, and the time.
//!
//! A screen or a command says what it needs ([`Needs`]). From that and from the fleet follows what has to be read
//! and how fresh (`required.rs`); what is due of it is put together in batches and sent ([`Feeds::due`]). The console
//! keeps what it needs fresh; a command reads each thing once ([`ReadOnce`]): the same planner, for which no time
//! passes.

mod batch;
mod feed;
mod feeds;
mod needs;
mod once;
mod progress;
mod required;
mod share;
#[cfg(test)]
mod tests;

pub(in crate::app) use feed::pause;
pub use feed::{Feed, Ticket};
pub use feeds::{Feeds, Read};
pub use needs::{Needs, Scope};
pub use once::ReadOnce;
pub use progress::Progress;
pub use required::{FeedKey, rest_interval};
