//! wharf: the terminal operations console for multi-tenant platforms on Amazon ECS.
//!
//! # Bird's eye
//!
//! One screen shows every tenant's environments in every account and region, the worst first, with
//! the reason. Keys go down from there to services, tasks and what AWS says of them. The same
//! reading, without a screen, is what `wharf status`, `wharf tenants` and `wharf logs` print; `wharf scale`
//! and `wharf redeploy` go the same way as the console's changes.
//!
//! ```text
//!   keys ──┐                                   ┌── effects ──> runner ──> aws ──> AWS, or demo
//!   clock ─┼──> messages ──> app::update(State)┤                 │
//!   inbox ─┘        ^                          └── view::draw    │
//!                   └───────────── one answer, one message ──────┘
//! ```
//!
//! One [`app::State`] holds everything a frame depends on. [`app::update`] moves it past one message
//! and says, as plain data, what is to be done; [`view::draw`] paints it. Neither waits, neither
//! fails, neither reads a clock: so every journey can be tested by typing keys and comparing effects.
//!
//! # Rooms, and what each may use
//!
//! | room | holds | uses |
//! |---|---|---|
//! | [`text`] | terminal text: clean, cut, padded, wrapped; numbers, durations, the nearest word | nothing |
//! | [`fleet`] | what there is: contexts, clusters, services, tasks; whose they are, how they are, why AWS could not be asked, and the table of AWS operations | `text` |
//! | [`plan`] | what to change: proposals, plans spelt out, the gate, executions; one file a verb, one file a step | `fleet`, `text` |
//! | [`app`] | how it reacts: state, messages, effects, commands, keymap, what is read when, changes, the tail of logs, pages of text | `fleet`, `plan`, `text` |
//! | [`view`] | how it looks: frames from the state; the only colours | `app`, `plan`, `fleet`, `text` |
//! | [`aws`] | the way to AWS: the only SDK imports; budgets, time limits, errors in words | `fleet`, `plan`, `text` |
//! | [`demo`] | an AWS inside: a small ECS that speaks AWS's wire protocol | none of them |
//!
//! The files beside the rooms ([`cli`], [`event_loop`], [`headless`], …) put them together and may use
//! every room; no room uses them. `tests/it/tidy.rs` holds all of this.
//!
//! # Invariants
//!
//! - Nothing in `app` or `view` does IO, reads a clock or waits. The wall clock is read in
//!   [`event_loop`] only, tasks are started in [`runner`] only.
//! - Selections and screens hold ids (ARNs, homes), never row numbers: lists move under them.
//! - A question under way is joined, never repeated; an answer that nobody waits for changes nothing.
//! - The last good value stays, with its age. An error stands beside it and is kept in a list. What
//!   has not been read for twice its interval is UNKNOWN, never steady.
//! - No SDK type leaves `aws`, and no value of an environment variable does.
//! - What comes from AWS is cleaned ([`text::clean`]) before a terminal sees it.
//! - `demo` and `aws` meet only on the wire: the console reaches the AWS inside through the same SDK
//!   clients, byte for byte, as the real one.
//! - Every change goes one way: [`plan::Proposal`], the reads it needs, [`plan::Plan`], [`plan::gate`],
//!   [`plan::Execution`]. What the gate lets through ([`plan::Approved`]) can be made nowhere else and is
//!   used once; [`aws::Cloud::change`] takes only what an execution ordered ([`plan::Call`]).
//! - Before a call its intent lasts in the [`journal`]. A call that must not be repeated is sent once;
//!   after a crash or a lost answer its effect is looked for first.
//! - A write is never aborted. Ending takes ten seconds at most, and the journal says what was left.
//! - Requests name an operation of the one table ([`fleet::operation`]); what is not in it is never sent. In
//!   read-only the connector itself refuses every operation that is not a read there.
//!
//! # Where to put things
//!
//! A new verb is a file in [`plan::verbs`] (what it refuses, its steps, its warnings) with its row in that table, which
//! the command line follows, and a row in [`app::COMMANDS`]. A new step is a file in [`plan::steps`]: what it is about,
//! its preconditions, its request, what shows that AWS took it, what takes it back. A new key's command is a row in [`app::COMMANDS`] and an arm where commands are run. A new screen
//! is a file in `app/screens`, and a variant of [`app::View`] with its arm there. A new question to AWS is a variant
//! of [`fleet::About`], its answer one of [`fleet::Facts`], a file in `aws`, and a row in
//! [`fleet::operation`]; the embedded AWS learns to answer it in `demo/ecs`.

pub mod text;

pub mod fleet;
pub mod plan;

pub mod app;
pub mod view;

pub mod aws;
pub mod demo;

pub mod args;
pub mod cli;
pub mod config;
pub mod event_loop;
pub mod executor;
pub mod headless;
pub mod journal;
pub mod log_file;
pub mod runner;
pub mod signals;
pub mod terminal;
