//! What may be written about a change.

use std::time::Duration;

use clap::{ArgMatches, Args as _, Command, FromArgMatches as _};
use jiff::SignedDuration;

use super::{Form, GlobalArgs};
use crate::fleet::target::Target;
use crate::plan::verbs::VERBS;
use crate::plan::{Argument, BoundsPolicy, Count, STABLE_WITHIN, Verb, VerbName};

/// A change that is asked for without a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is about: one or more.
    pub targets: Vec<Target>,
    /// What is done, with its parameters.
    pub verb: Verb,
    /// Whether it is only shown.
    pub rehearsal: DryRun,
    /// What was said to the plan in advance.
    pub confirmation: Confirmation,
    /// Why, for the journal.
    pub reason: Option<String>,
    /// How long tasks are watched afterwards; not at all where nothing is said.
    pub wait: Option<Duration>,
    /// How it is written.
    pub form: Form,
}

/// Whether a change is made, or only shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
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

// The targets of a change, and how it is made.
#[derive(clap::Args)]
struct ChangeArgs {
    /// tenant, tenant/environment, tenant/environment/service, or an ARN; may be repeated
    #[arg(required = true, value_name = "TARGET", value_parser = Target::parse)]
    targets: Vec<Target>,
    /// Show the plan, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Answer `y` to the plan; where it asks for more than `y`, use --confirm
    #[arg(long)]
    yes: bool,
    /// Answer what the plan asks for, such as california/production or `12 services`
    #[arg(long, value_name = "WORDS")]
    confirm: Option<String>,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait until tasks are stable, at most this long [default: 15m]
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "15m", value_parser = length)]
    wait: Option<Duration>,
    /// One JSON document: the plan, and what became of it
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    everywhere: GlobalArgs,
}

// What a verb with a count takes.
#[derive(clap::Args)]
struct CountArgs {
    /// 3 for that many tasks, +1 or -1 for more or fewer
    #[arg(long, value_name = "COUNT", value_parser = Count::parse, allow_hyphen_values = true)]
    to: Count,
    /// Widen autoscaling's bounds where the count lies outside of them
    #[arg(long)]
    bounds: bool,
}

/// Adds a subcommand for every verb that can be asked for without a screen.
pub(super) fn subcommands(command: Command) -> Command {
    VERBS.iter().fold(command, |command, info| {
        let own = Command::new(info.name);
        let own = match info.argument {
            Argument::None(_) => ChangeArgs::augment_args(own),
            // Its own options stand before those of every change.
            Argument::Count(_) => ChangeArgs::augment_args(CountArgs::augment_args(own)),
            Argument::Plan => return command,
        };
        command.subcommand(own.about(info.help).after_help(info.examples))
    })
}

/// The change that a subcommand asks for; nothing where it is no verb.
///
/// # Errors
///
/// Its arguments cannot be read.
pub(super) fn change(matches: &ArgMatches) -> Result<Option<(GlobalArgs, Change)>, clap::Error> {
    let Some((name, matches)) = matches.subcommand() else { return Ok(None) };
    let Some(verb) = VerbName::find(name) else { return Ok(None) };
    let verb = match verb.info().argument {
        Argument::None(make) => make(),
        Argument::Count(make) => {
            let CountArgs { to, bounds } = CountArgs::from_arg_matches(matches)?;
            make(to, if bounds { BoundsPolicy::Widen } else { BoundsPolicy::Keep })
        }
        Argument::Plan => return Ok(None),
    };
    Ok(Some(ChangeArgs::from_arg_matches(matches)?.change(verb)))
}

impl ChangeArgs {
    fn change(self, verb: Verb) -> (GlobalArgs, Change) {
        let confirmation = match (self.confirm, self.yes) {
            (Some(words), _) => Confirmation::Words(words),
            (None, true) => Confirmation::Yes,
            (None, false) => Confirmation::Asked,
        };
        let change = Change {
            targets: self.targets,
            verb,
            rehearsal: if self.dry_run { DryRun::DryRun } else { DryRun::Real },
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
    let wrong =
        || format!("`{text}` is not a time to wait; write 90s or 15m, {} min at most", STABLE_WITHIN.as_secs() / 60);
    let length: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(length).ok().filter(|length| *length <= STABLE_WITHIN).ok_or_else(wrong)
}
