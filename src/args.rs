//! The command line: what may be written there, and what it comes to.

mod change;
mod logs;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use change::{Change, Confirmation, DryRun};
pub use logs::{Following, Logs};

use crate::demo::{Fault, Size};
use crate::fleet::target::Target;
use crate::plan::Access;

/// What is asked of wharf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Args {
    /// What to do.
    pub action: Action,
    /// Which AWS to look at.
    pub source: Source,
    /// Whether changes are possible.
    pub access: Access,
    /// The config file, where one is named.
    pub config: Option<PathBuf>,
    /// Where to write down what wharf does, if anywhere.
    pub log_file: Option<PathBuf>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the console.
    Console {
        /// Keys of one's own, laid over the default ones.
        keymap: Option<PathBuf>,
    },
    /// Say how everything is, or only this.
    Status(Option<Target>, Form),
    /// Say whose each service is.
    Tenants(Detail),
    /// Print what was written.
    Logs(Logs),
    /// Change something.
    Change(Change),
    /// Serve the demo's AWS on this port of loopback; 0 takes a free one.
    DemoServer(u16),
}

/// Which AWS to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The real one, or what stands in for it by an endpoint.
    Aws {
        /// Profiles, in order.
        profiles: Vec<String>,
        /// Regions, in order.
        regions: Vec<String>,
    },
    /// The one inside.
    Demo(Demo),
}

/// What the AWS inside is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demo {
    /// Tenants, and services of each.
    pub size: Size,
    /// The same seed gives the same world.
    pub seed: u64,
    /// How it lets its callers down, if it does.
    pub fault: Option<Fault>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What is so.
    Plain,
    /// And why.
    Explained,
}

/// Reads the command line `given`, the program's own name first.
///
/// # Errors
///
/// What is not understood, with the nearest word; and the texts of `--help` and `--version`.
pub fn parse(given: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Args, clap::Error> {
    let matches = command().try_get_matches_from(given)?;
    let Cli { everywhere, keymap } = Cli::from_arg_matches(&matches)?;
    let console = matches.subcommand().is_none();
    let (own, action) = match change::change(&matches)? {
        Some((everywhere, change)) => (everywhere, Action::Change(change)),
        None if console => (GlobalArgs::default(), Action::Console { keymap: keymap.clone() }),
        None => other(SubcommandArgs::from_arg_matches(&matches)?),
    };
    if !console && keymap.is_some() {
        return Err(conflict("--keymap is for the console: leave it out, or leave the verb out"));
    }
    let all = everywhere.with(own)?;
    let access = if all.read_only { Access::ReadOnly } else { Access::ReadWrite };
    let (config, log_file) = (all.config.clone(), all.log_file.clone());
    Ok(Args { action, access, config, log_file, source: all.source()? })
}

/// The whole command line, with a subcommand for every verb.
fn command() -> clap::Command {
    let command = change::subcommands(SubcommandArgs::augment_subcommands(Cli::command()));
    // Below everything that is done with real accounts.
    command.mut_subcommand("demo-server", |server| server.display_order(100))
}

/// What a subcommand that changes nothing asks for.
fn other(word: SubcommandArgs) -> (GlobalArgs, Action) {
    match word {
        SubcommandArgs::Status { target, json, everywhere } => {
            (everywhere, Action::Status(target, if json { Form::Json } else { Form::Text }))
        }
        SubcommandArgs::Tenants { explain, everywhere } => {
            (everywhere, Action::Tenants(if explain { Detail::Explained } else { Detail::Plain }))
        }
        SubcommandArgs::Logs(line) => {
            let (everywhere, logs) = line.logs();
            (everywhere, Action::Logs(logs))
        }
        SubcommandArgs::DemoServer { port, inside } => {
            (GlobalArgs { demo: true, inside, ..GlobalArgs::default() }, Action::DemoServer(port))
        }
    }
}

/// The terminal operations console for multi-tenant platforms on Amazon ECS; without a command, the console itself
#[derive(Parser)]
#[command(name = "wharf", version, after_help = EXAMPLES, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    everywhere: GlobalArgs,
    /// Your own keys for the console, on top of the default ones
    #[arg(long, value_name = "FILE")]
    keymap: Option<PathBuf>,
}

const EXAMPLES: &str = "\
AWS's own settings (profiles, AWS_REGION, AWS_ENDPOINT_URL, ...) apply as they do for `aws`.

Examples:
  wharf --demo                                  try it: needs no account and no network
  wharf --profile prod --profile staging        two accounts at once
  wharf --region us-east-1 --region us-west-2   two regions at once
  wharf status                                  one line per environment, the worst first
  wharf status california/production --json     one environment, for programs
  wharf logs california/production --follow     what all tasks of an environment write
  wharf scale acme/staging/web --to +1          a plan, then one more task
  wharf tenants --explain                       which rule named the tenant of each service

Exit codes:
  0 done, all well   1 something failed or is wrong   2 not understood   3 refused by a guard
  4 changed underneath   5 AWS could not be read, or not fully";

#[derive(Subcommand)]
enum SubcommandArgs {
    /// Show how everything is: one line per environment, the worst first
    #[command(after_help = STATUS_EXAMPLES)]
    Status {
        /// tenant, tenant/environment, tenant/environment/service, or an ARN: one line per service
        #[arg(value_parser = Target::parse)]
        target: Option<Target>,
        /// One JSON document that names every service
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        everywhere: GlobalArgs,
    },
    /// Show the tenant of each service: one line per service, first its target path, then a tab
    #[command(after_help = TENANTS_EXAMPLES)]
    Tenants {
        /// Show which rule named the tenant and the environment, and the ARN
        #[arg(long)]
        explain: bool,
        #[command(flatten)]
        everywhere: GlobalArgs,
    },
    /// Print what tasks have written, all of them together, in the order of time
    #[command(after_help = logs::EXAMPLES)]
    Logs(logs::LogsArgs),
    /// Serve the demo's AWS on loopback, for the AWS CLI and any SDK
    #[command(after_help = SERVER_EXAMPLES)]
    DemoServer {
        /// The port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 4599, value_name = "PORT")]
        port: u16,
        #[command(flatten)]
        inside: DemoArgs,
    },
}

const STATUS_EXAMPLES: &str = "\
Ends within 25 seconds, whatever AWS does. Exit code 0 if all is well, 1 if a service is FAILING,
RESTARTING or DEGRADED, 5 if AWS could not be read fully; then what was read is shown.

Examples:
  wharf status
  wharf status california
  wharf status california/production/web --json
  wharf status --json | jq -r '.services[] | select(.health.state == \"FAILING\") | .path'";

const TENANTS_EXAMPLES: &str = "\
Examples:
  wharf tenants | cut -f1
  wharf tenants --explain";

const SERVER_EXAMPLES: &str = "\
Examples:
  wharf demo-server --port 4599
  aws ecs list-services --cluster humangov --endpoint-url http://127.0.0.1:4599
  AWS_ENDPOINT_URL=http://127.0.0.1:4599 wharf";

#[derive(clap::Args, Default)]
struct GlobalArgs {
    /// An AWS profile; may be repeated
    #[arg(long = "profile", value_name = "PROFILE")]
    profiles: Vec<String>,
    /// A region; may be repeated: every profile in every region
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Refuse every change, in the connector itself
    #[arg(long)]
    read_only: bool,
    /// The config file [default: ~/.config/wharf/config.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Append what wharf does to this file: requests, outcomes, errors; never values or secrets
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// Use the AWS built into wharf: no account, no network, no files, and no AWS settings
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    inside: DemoArgs,
}

#[derive(clap::Args, Default)]
struct DemoArgs {
    /// Tenants x services of each, as in 50x6 [default: 50x3]
    #[arg(long = "demo-size", value_name = "SIZE")]
    size: Option<Size>,
    /// The same number gives the same world [default: 1]
    #[arg(long = "demo-seed", value_name = "NUMBER")]
    seed: Option<u64>,
    /// Make the demo's AWS fail in one way
    #[arg(long = "demo-fault", value_name = "FAULT", value_parser = fault())]
    fault: Option<Fault>,
}

fn fault() -> impl TypedValueParser<Value = Fault> {
    PossibleValuesParser::new(Fault::ALL.map(Fault::name)).try_map(|name| name.parse::<Fault>())
}

impl GlobalArgs {
    /// What stands before the verb and what stands behind it, together.
    fn with(self, own: Self) -> Result<Self, clap::Error> {
        Ok(Self {
            profiles: [self.profiles, own.profiles].concat(),
            regions: [self.regions, own.regions].concat(),
            read_only: self.read_only || own.read_only,
            config: once("--config", self.config, own.config)?,
            log_file: once("--log-file", self.log_file, own.log_file)?,
            demo: self.demo || own.demo,
            inside: DemoArgs {
                size: once("--demo-size", self.inside.size, own.inside.size)?,
                seed: once("--demo-seed", self.inside.seed, own.inside.seed)?,
                fault: once("--demo-fault", self.inside.fault, own.inside.fault)?,
            },
        })
    }

    fn source(self) -> Result<Source, clap::Error> {
        let DemoArgs { size, seed, fault } = self.inside;
        let named = !self.profiles.is_empty() || !self.regions.is_empty();
        let sized = size.is_some() || seed.is_some() || fault.is_some();
        match self.demo {
            true if named => {
                Err(conflict("the demo has one account of its own: leave --profile and --region out, or --demo"))
            }
            true => Ok(Source::Demo(Demo { size: size.unwrap_or_default(), seed: seed.unwrap_or(1), fault })),
            false if sized => {
                Err(conflict("--demo-size, --demo-seed and --demo-fault go with --demo: add it, or leave them out"))
            }
            false => Ok(Source::Aws { profiles: self.profiles, regions: self.regions }),
        }
    }
}

fn once<T>(name: &str, before: Option<T>, behind: Option<T>) -> Result<Option<T>, clap::Error> {
    match (before, behind) {
        (Some(_), Some(_)) => Err(conflict(&format!("{name} is given twice, before the verb and behind it"))),
        (before, behind) => Ok(before.or(behind)),
    }
}

fn conflict(says: &str) -> clap::Error {
    command().error(ErrorKind::ArgumentConflict, says)
}

#[cfg(test)]
mod tests;
