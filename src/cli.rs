//! Puts the parts together: arguments, config and keymap become contexts, rules and a state, and the verb is carried out.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::panic;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{stderr, stdout};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{Colours, Keymap, Run, State};
use crate::args::{self, Action, Args, Demo, Source};
use crate::aws::{self, Clock, Cloud, ConnectOptions, ContextSelection, EmbeddedAws};
use crate::config::{self, Config};
use crate::demo::{self, Aws, World};
use crate::event_loop;
use crate::fleet::Fleet;
use crate::headless::{self, ChangeContext, Session};
use crate::journal::{self, Journal};
use crate::log_file;
use crate::plan::PlanId;
use crate::text::clean;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, all is well.
    Well,
    /// Something is wrong: a service in trouble, a terminal that fails.
    Wrong,
    /// Arguments, config, keymap or a target that is not understood.
    NotUnderstood,
    /// A guard refused a change: read-only, a rule, or what was not confirmed.
    Refused,
    /// What a change relied on was no longer so: it was not made.
    Changed,
    /// AWS could not be read, or not fully.
    Unread,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Well => 0,
            Outcome::Wrong => 1,
            Outcome::NotUnderstood => 2,
            Outcome::Refused => 3,
            Outcome::Changed => 4,
            Outcome::Unread => 5,
        })
    }
}

/// Why a run ended before it began.
struct Failure {
    outcome: Outcome,
    says: String,
}

/// Does what the command line `given` asks for.
///
/// What was asked for goes to `out`, what somebody should know beside it to `err`; of log lines, and of what is
/// said about them, to the process's own.
pub fn run(given: impl IntoIterator<Item = OsString>, out: &mut impl Write, err: &mut impl Write) -> Outcome {
    let args = match args::parse(given) {
        Ok(args) => args,
        Err(error) => return explained(&error, out, err),
    };
    let ended = dispatch(&args, out, err);
    let outcome = ended.as_ref().map_or_else(|failure| failure.outcome, |outcome| *outcome);
    tracing::info!(?outcome, "ended");
    match ended {
        Ok(outcome) => outcome,
        Err(failure) => {
            // Nothing is left to do when even this fails.
            let _ = writeln!(err, "wharf: {}", clean(&failure.says));
            failure.outcome
        }
    }
}

/// From now on a panic says where it happened, but not what was being handled there.
///
/// A message that was put together at run time may hold what AWS said, or worse; it is shown only
/// where `RUST_BACKTRACE` asks for everything.
pub fn redact_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return;
    }
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
        let says = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("RUST_BACKTRACE=1 shows more");
        let _ = writeln!(io::stderr(), "wharf has a bug, at {place}: {says}");
    }));
}

fn explained(error: &clap::Error, out: &mut impl Write, err: &mut impl Write) -> Outcome {
    let text = error.render().to_string();
    // `--help | head` may end early; that is no error.
    if error.use_stderr() {
        let _ = err.write_all(text.as_bytes());
        return Outcome::NotUnderstood;
    }
    let _ = out.write_all(text.as_bytes());
    Outcome::Well
}

/// Which wharf this is and how it was called: names and counts, for what was typed may be anything.
fn log_start(args: &Args) {
    let version = env!("CARGO_PKG_VERSION");
    let (command, access) = (log_file::name(&args.action), log_file::name(&args.access));
    match &args.source {
        Source::Aws { profiles, regions } => {
            let (profiles, regions) = (profiles.len(), regions.len());
            tracing::info!(version, command, access, profiles, regions, "started");
        }
        Source::Demo(demo) => tracing::info!(version, command, access, ?demo, "started"),
    }
}

fn dispatch(args: &Args, out: &mut impl Write, err: &mut impl Write) -> Result<Outcome, Failure> {
    let clock = event_loop::wall_clock();
    if let Some(path) = &args.log_file {
        log_file::start(path, &clock).map_err(usage_error)?;
        log_start(args);
    }
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(failure)?;
    let outcome = match args.action.clone() {
        Action::Console { keymap } => console(args, keymap.as_deref(), &clock, &runtime, err),
        Action::Status(target, form) => runtime.block_on(async {
            let (cloud, config) = connected(args, &clock).await?;
            let surface = Session { cloud: &cloud, clock: &clock, rules: &config.rules };
            headless::status(&surface, target.as_ref(), form, out, err).await.map_err(failure)
        }),
        Action::Tenants(detail) => runtime.block_on(async {
            let (cloud, config) = connected(args, &clock).await?;
            let surface = Session { cloud: &cloud, clock: &clock, rules: &config.rules };
            headless::tenants(&surface, detail, out, err).await.map_err(failure)
        }),
        Action::Logs(logs) => runtime.block_on(async {
            let (cloud, config) = connected(args, &clock).await?;
            let surface = Session { cloud: &cloud, clock: &clock, rules: &config.rules };
            // Where nobody reads, `out` would hold up this thread, and with it any signal.
            headless::logs(&surface, &logs, &mut stdout(), &mut stderr()).await.map_err(failure)
        }),
        Action::Change(change) => runtime.block_on(async {
            let (cloud, config) = connected(args, &clock).await?;
            let surface = Session { cloud: &cloud, clock: &clock, rules: &config.rules };
            let (journal, id) = (journal(&args.source)?, PlanId::new(random()));
            let means = ChangeContext { policy: &config.policy, journal: &journal, id };
            headless::change(&surface, &means, &change, out, err).await.map_err(failure)
        }),
        Action::DemoServer(port) => match &args.source {
            Source::Demo(demo) => runtime.block_on(serve(*demo, port, &clock, out)),
            Source::Aws { .. } => Err(failure("the demo's server serves the demo only")),
        },
    };
    // A name that is being looked up, or an AWS that never answers, holds nobody up.
    runtime.shutdown_background();
    outcome
}

/// The console, on the terminal.
fn console(
    args: &Args,
    keymap: Option<&Path>,
    clock: &Clock,
    runtime: &Runtime,
    err: &mut impl Write,
) -> Result<Outcome, Failure> {
    let keymap = keys(keymap)?;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(usage_error("the console needs a terminal; without one, try `wharf status`"));
    }
    runtime.block_on(async {
        let (cloud, Config { rules, policy, .. }) = connected(args, clock).await?;
        let banner = matches!(args.source, Source::Demo(_)).then_some("DEMO");
        let run = Run { banner, policy, warnings: cloud.warnings(), colours: colours(), seed: random() };
        let state = State::new(Fleet::new(cloud.contexts()), Arc::new(rules), Arc::new(keymap), run, clock());
        let ended = event_loop::event_loop(state, cloud, journal(&args.source)?, panic_for_test(clock)).await;
        let interrupted = ended.map_err(|error| failure(format!("{error:#}")))?;
        if interrupted > 0 {
            let plans = if interrupted == 1 { "1 plan is" } else { &format!("{interrupted} plans are") };
            let says =
                format!("wharf: {plans} unfinished; the journal lists what was left, and the next start offers it\n");
            headless::write(err, &says).map_err(failure)?;
        }
        Ok(Outcome::Well)
    })
}

/// Where changes are written down: the demo's are gone with it.
fn journal(source: &Source) -> Result<Journal, Failure> {
    match (source, journal::default_directory()) {
        (Source::Demo(_), _) => Ok(Journal::in_memory()),
        (Source::Aws { .. }, Some(directory)) => Ok(Journal::in_directory(directory)),
        (Source::Aws { .. }, None) => {
            Err(failure("there is no home directory to keep the journal in: set XDG_STATE_HOME"))
        }
    }
}

/// Random bits: std's own hashers are keyed with what the system gives.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Colours, unless `NO_COLOR` is set to anything (<https://no-color.org/>).
fn colours() -> Colours {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if unwanted { Colours::None } else { Colours::Sixteen }
}

/// The keymap, with the file `over` laid over it.
fn keys(over: Option<&Path>) -> Result<Keymap, Failure> {
    let Some(path) = over else { return Keymap::load(None).map_err(usage_error) };
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        usage_error(format!("the keymap {name} cannot be read: {error}. Leave --keymap out for the default keys"))
    })?;
    Keymap::load(Some((&name, &text))).map_err(usage_error)
}

/// The config, and the way to every context that it and the command line name. Sends nothing.
///
/// The demo reads no config but one that is named, and nothing of AWS's.
async fn connected(args: &Args, clock: &Clock) -> Result<(Cloud, Config), Failure> {
    let default = config::default_path().filter(|_| matches!(args.source, Source::Aws { .. }));
    let mut config = config::load(args.config.as_deref(), default.as_deref()).map_err(usage_error)?;
    config.policy.access = args.access;
    let mut options = ConnectOptions::new(Arc::clone(clock), args.access);
    let mut selection = ContextSelection::default();
    match &args.source {
        Source::Demo(demo) => options.embedded = Some(embedded_aws(*demo, clock)),
        Source::Aws { profiles, regions } => {
            selection.profiles.clone_from(profiles);
            selection.regions.clone_from(regions);
            let pairs = config.contexts.iter();
            selection.pairs = pairs.map(|pair| (pair.profile.clone(), pair.region.clone())).collect();
        }
    }
    let cloud = aws::connect(&selection, options).await.map_err(usage_error)?;
    Ok((cloud, config))
}

/// The world of `demo`, as it stands now.
fn world(Demo { size, seed, fault }: Demo, clock: &Clock) -> Aws {
    let time = Arc::clone(clock);
    let aws = Aws::new(World::story(size, seed, clock()), move || time());
    aws.set_fault(fault);
    aws
}

fn embedded_aws(demo: Demo, clock: &Clock) -> EmbeddedAws {
    let region = "us-east-1".to_owned();
    EmbeddedAws { http: world(demo, clock).client(), label: format!("demo {region}"), region }
}

/// Serves `demo` on loopback until a signal ends it.
async fn serve(demo: Demo, port: u16, clock: &Clock, out: &mut impl Write) -> Result<Outcome, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "Give another with --port; 0 takes a free one",
            _ => "Give another with --port",
        };
        failure(format!("port {port} on 127.0.0.1 cannot be served: {error}. {advice}"))
    })?;
    let address = listener.local_addr().map_err(failure)?;
    let says = format!(
        "The embedded AWS is listening on http://{address}, on loopback only. Press ctrl-c to stop it.\n\
         Try: AWS_ENDPOINT_URL=http://{address} AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any \
         AWS_REGION=us-east-1 wharf\n"
    );
    headless::write(out, &says).map_err(failure)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failure)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failure)?;
    let stop = async {
        tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
    };
    demo::serve(world(demo, clock), listener, stop).await.map_err(failure)?;
    Ok(Outcome::Well)
}

/// In debug builds, `WHARF_PANIC=1` makes the console's clock panic at its second tick: that is how
/// a test sees what a panic leaves behind. Release builds do not look at it.
fn panic_for_test(clock: &Clock) -> Clock {
    let clock = Arc::clone(clock);
    if !cfg!(debug_assertions) || std::env::var_os("WHARF_PANIC").is_none() {
        return clock;
    }
    let ticks = AtomicU32::new(0);
    Arc::new(move || {
        assert!(ticks.fetch_add(1, Ordering::Relaxed) == 0, "WHARF_PANIC asked for it");
        clock()
    })
}

fn usage_error(error: impl Display) -> Failure {
    Failure { outcome: Outcome::NotUnderstood, says: error.to_string() }
}

fn failure(error: impl Display) -> Failure {
    Failure { outcome: Outcome::Wrong, says: error.to_string() }
}
