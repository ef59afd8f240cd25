//! wharf: the terminal operations console for multi-tenant platforms on Amazon ECS.
//!
//! # Bird's eye
//!
//! One screen shows every tenant's environments in every account and region, the worst first, with the reason. Keys
//! lead from there to services, tasks, logs, images and raw JSON. The commands `wharf status`, `wharf tenants` and
//! `wharf logs` print what the same reads return; `wharf scale` and `wharf redeploy` make the same changes as
//! the console.
//!
//! ```text
//!   keys ──┐                                   ┌── effects ──> runner ──> aws ──> AWS, or demo
//!   clock ─┼──> messages ──> app::update(State)┤                 │
//!   inbox ─┘        ^                          └── view::draw    │
//!                   └───────── one response, one message ────────┘
//! ```
//!
//! One [`app::State`] holds everything that a frame depends on. [`app::update`] takes one message and returns, as plain
//! data, what to do; [`view::draw`] paints the state. Neither waits, fails or reads a clock: a test types keys and
//! compares effects.
//!
//! # Rooms, and what each may use
//!
//! ```text
//!         main, args, start, run, runner, executor, headless, journal …   may use every room
//!        ┌──────────────┬───────────────┬──────────────┐
//!        │     view     │      aws      │     demo     │
//!        ├──────────────┤               │              │
//!        │     app      │               │  (uses none  │   A room uses rooms below it, never one above
//!        ├──────────────┴───────────────┤   of them)   │   or beside it.
//!        │             plan             │              │
//!        ├──────────────────────────────┤              │
//!        │            fleet             │              │
//!        ├──────────────────────────────┤              │
//!        │             text             │              │
//!        └──────────────────────────────┴──────────────┘
//! ```
//!
//! | room | holds | where in it |
//! |---|---|---|
//! | [`text`] | terminal text: cleaned, cut, padded, wrapped; numbers, durations, the nearest valid word | |
//! | [`fleet`] | plain data about contexts, clusters, services, tasks and images, their owners and their health; the queries, and why AWS did not answer | [`fleet::operation`]: the table of AWS operations; `fleet/health`, `fleet/tenancy`, `fleet/image_usage` |
//! | [`plan`] | changes: proposals, plans, the gate, executions | [`plan::verbs`]: one file a verb; [`plan::steps`]: one file a step; `plan/execution`: the state machine |
//! | [`app`] | how the console reacts: state, messages, effects, commands, keymap | `app/command/table.rs`: the commands; [`app::screens`]: one file a screen; [`app::reads`]: what is read when; `app/subject.rs`: what commands act on; `app/body.rs`: what a screen shows, built once an update; [`app::page`]: pages of text |
//! | [`view`] | how it looks: frames from the state | `view/style.rs`: the only colours |
//! | [`aws`] | the way to AWS: the only SDK imports; limiter, timeouts, errors with advice | `aws/change.rs`: the only requests that write |
//! | [`demo`] | an AWS of its own that speaks AWS's wire protocol: a simulated ECS, ECR, logs, autoscaling | `demo/ecs`: its operations; `demo/simulation`: what happens by itself |
//!
//! The files beside the rooms ([`cli`], [`event_loop`], [`runner`], [`executor`], [`headless`], [`journal`], …) put them
//! together and may use every room; no room uses them. `tests/it/tidy.rs` checks all of this.
//!
//! # The way of one key
//!
//! `R` on a service, from the terminal to AWS and back:
//!
//! 1. **Key.** [`terminal`] turns the terminal's event into a message, and [`event_loop`] gives it to [`app::update`].
//! 2. **Command table.** The keymap finds the command `redeploy` for `R`; its row in `app/command/table.rs` has its help,
//!    its hint and the kinds of subjects that it accepts.
//! 3. **Subject.** `app/subject.rs` says what the command acts on: the marked rows, or the selected one. The service is
//!    captured by its ARN.
//! 4. **Verb and proposal.** `app/update/actions.rs` makes a [`plan::Proposal`]: the verb from [`plan::verbs`], and the
//!    resources. The plan's screen opens.
//! 5. **Preflight queries.** [`plan::preflight_queries`] lists what has to be read first: the service, its tasks, the caller, and
//!    what the verb needs besides. The effects go to [`runner`], which reads through [`aws::Cloud`].
//! 6. **Plan.** Once every query has its response, [`plan::build_plan`] builds the [`plan::Plan`]: a track for each
//!    resource, with its steps, warnings, and how to undo it. The screen shows it.
//! 7. **Gate.** `y` asks [`plan::gate`], which checks read-only, the config's `deny` rules and the confirmation. It alone
//!    makes a [`plan::Approved`].
//! 8. **Execution.** [`runner`] opens a [`journal`] and starts [`executor`], which does what the [`plan::Execution`]
//!    orders. First it reads the step's preconditions again.
//! 9. **Journal.** The intent is written and synced to disk before the request.
//! 10. **Request.** [`aws::Cloud::change`] sends `UpdateService` with `forceNewDeployment`, through the limiter. The
//!     outcome is written to the journal.
//! 11. **Confirm.** Reads show that AWS took the request, then that the service is stable. Each progress is a message;
//!     [`app::update`] puts it into the state, and [`view::draw`] paints it.
//!
//! # Invariants
//!
//! - Nothing in `app` or `view` does IO, reads a clock or waits. Only [`event_loop`] reads the wall clock, only [`runner`]
//!   starts tasks.
//! - Selections and screens hold ids (ARNs, tenants and environments), never row numbers: lists change under them.
//! - A query in progress is joined, never repeated. A response that nothing waits for changes nothing.
//! - The last good value stays, with its age. An error is shown beside it and kept in a list. What has not been read for
//!   twice its interval is UNKNOWN, never steady.
//! - No SDK type leaves `aws`, and no value of an environment variable does.
//! - Text from AWS is cleaned ([`text::clean`]) before a terminal shows it.
//! - `demo` and `aws` meet only on the wire: the console reaches the embedded AWS through the same SDK clients, byte for
//!   byte, as the real one.
//! - There is one way to a change: [`plan::Proposal`], the reads it needs, [`plan::Plan`], [`plan::gate`],
//!   [`plan::Execution`]. Only the gate makes a [`plan::Approved`], and each is used once; [`aws::Cloud::change`] takes
//!   only a [`plan::Call`], which only an execution orders.
//! - The intent of a call is in the [`journal`], on disk, before the call. A call that must not be repeated is sent once;
//!   after a crash or a lost response, a read looks for its effect first.
//! - A write is never aborted. Ending takes ten seconds at most, and the journal says what was not started.
//! - Requests name an operation of the table ([`fleet::operation`]); what is not in it is never sent. In read-only, the
//!   SDK client itself refuses every operation that is not a read.
//!
//! # Where to add things
//!
//! - **A verb:** a file in [`plan::verbs`] and its line there; the command line follows from it. A row in
//!   `app/command/table.rs`, an arm in `app/update/keys.rs` and a key in `keymaps/default.toml` bring it to the console.
//! - **A step:** a file in [`plan::steps`] and its variant there: resource, preconditions, request, how a read confirms
//!   it, how to undo it. A request that is new is an arm in `aws/change.rs`.
//! - **A screen:** a file in [`app::screens`], a variant of [`app::View`], and its arm in `app/screens/mod.rs`.
//! - **A read:** a row in [`fleet::operation`], a variant of the query and of its payload in `fleet/query.rs`, a file in
//!   `aws`, and its arm in `aws/mod.rs`. The embedded AWS learns it in `demo/ecs`, `demo/ecr.rs` or `demo/logs`.
//!
//! `.github/CONTRIBUTING.md` has the steps of each, and an example.

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
