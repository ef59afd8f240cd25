//! What to change: so far, what a change must heed before it is even asked for.
//!
//! Whether changes are possible at all, which environments ask for more, and which changes a rule
//! refuses. Pure; nothing here calls anything.

mod policy;

pub use policy::{Access, Deny, Policy, VERBS};
