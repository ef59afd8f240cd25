//! What may be written about a change.

use std::time::Duration;

use jiff::SignedDuration;

use super::{Everywhere, Form};
use crate::fleet::target::Target;
use crate::plan::{Bounds, Count, PATIENCE, Wanted};

/// A change that is asked for without a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is about: one or more.
    pub targets: Vec<Target>,
    /// What each service is to be like.
    pub wanted: Wanted,
    /// Whether autoscaling's bounds are moved.
    pub bounds: Bounds,
    /// Whether it is only shown.
    pub rehearsal: Rehearsal,
    /// What was said to the plan in advance.
    pub confirmation: Confirmation,
    /// Why, for the journal.
    pub reason: Option<String>,
    /// How long tasks are watched afterwards; not at all where nothing is said.
    pub wait: Option<Duration>,
    /// How it is told.
    pub form: Form,
}

/// Whether a change is made, or only shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehearsal {
    /// It is made.
    Real,
    /// Its plan is shown.
    DryRun,
}

/// What was said to a plan in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Nothing: on a terminal it is asked for.
    Asked,
    /// `y`.
    Yes,
    /// These words.
    Words(String),
}

/// `wharf scale`.
#[derive(clap::Args)]
pub(super) struct Scale {
    /// tenant, tenant/environment, tenant/environment/service, or an ARN; may be repeated
    #[arg(required = true, value_name = "TARGET", value_parser = Target::parse)]
    targets: Vec<Target>,
    /// 3 for that many tasks, +1 or -1 for more or fewer
    #[arg(long, value_name = "COUNT", value_parser = Count::parse, allow_hyphen_values = true)]
    to: Count,
    /// Widen autoscaling's bounds where the count lies outside of them
    #[arg(long)]
    bounds: bool,
    #[command(flatten)]
    manner: Manner,
}

/// `wharf redeploy`.
#[derive(clap::Args)]
pub(super) struct Redeploy {
    /// tenant, tenant/environment, tenant/environment/service, or an ARN; may be repeated
    #[arg(required = true, value_name = "TARGET", value_parser = Target::parse)]
    targets: Vec<Target>,
    #[command(flatten)]
    manner: Manner,
}

#[derive(clap::Args)]
struct Manner {
    /// Show the plan, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Say `y` to the plan; where it asks for words, --confirm says them
    #[arg(long)]
    yes: bool,
    /// Say the words that the plan asks for, as in california/production or `12 services`
    #[arg(long, value_name = "WORDS")]
    confirm: Option<String>,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait until tasks have come to rest, for so long at most [default: 15m]
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "15m", value_parser = length)]
    wait: Option<Duration>,
    /// One JSON document: the plan, and what became of it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    everywhere: Everywhere,
}

pub(super) const SCALE_EXAMPLES: &str = "\
Shows the plan, asks, changes, and ends once a read shows that AWS took it; --wait watches the tasks, too.
Without a terminal to ask on, --yes or --confirm is needed; nothing is changed where neither fits.

Examples:
  wharf scale acme/staging/web --to 3
  wharf scale acme/staging/web --to -1 --yes
  wharf scale california/production/web --to 2 --confirm california/production --reason 'end of enrolment'
  wharf scale acme/staging --to 0 --dry-run --json";

pub(super) const REDEPLOY_EXAMPLES: &str = "\
New tasks of the same task definition replace the running ones, as many at a time as the service allows.
Shows the plan, asks, changes, and ends once a read shows that AWS took it; --wait watches the tasks, too.

Examples:
  wharf redeploy acme/staging/web
  wharf redeploy acme/staging --yes --wait
  wharf redeploy california texas --confirm '6 services'";

impl Scale {
    pub(super) fn change(self) -> (Everywhere, Change) {
        let bounds = if self.bounds { Bounds::Follow } else { Bounds::Stay };
        self.manner.change(self.targets, Wanted::Count(self.to), bounds)
    }
}

impl Redeploy {
    pub(super) fn change(self) -> (Everywhere, Change) {
        self.manner.change(self.targets, Wanted::NewTasks, Bounds::Stay)
    }
}

impl Manner {
    fn change(self, targets: Vec<Target>, wanted: Wanted, bounds: Bounds) -> (Everywhere, Change) {
        let confirmation = match (self.confirm, self.yes) {
            (Some(words), _) => Confirmation::Words(words),
            (None, true) => Confirmation::Yes,
            (None, false) => Confirmation::Asked,
        };
        let change = Change {
            targets,
            wanted,
            bounds,
            rehearsal: if self.dry_run { Rehearsal::DryRun } else { Rehearsal::Real },
            confirmation,
            reason: self.reason,
            wait: self.wait,
            form: if self.json { Form::Json } else { Form::Text },
        };
        (self.everywhere, change)
    }
}

/// Reads `90s` or `15m`.
fn length(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time to wait; write 90s or 15m, {} min at most", PATIENCE.as_secs() / 60);
    let length: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(length).ok().filter(|length| *length <= PATIENCE).ok_or_else(wrong)
}
