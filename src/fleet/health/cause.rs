//! Why a task ended, read from what ECS wrote about it.

use crate::fleet::Task;
use crate::fleet::image::{Image, is_helper};
use crate::text::fit;

/// Why a task ended.
///
/// Codes and sentences: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The image, of this version where it is known, could not be pulled.
    Pull(Option<String>),
    /// It used more memory than it may.
    Memory,
    /// A secret or parameter could not be read.
    Secret,
    /// A role could not be assumed.
    Role,
    /// ECS stopped it because health checks failed.
    HealthCheck,
    /// There was no room for it.
    Capacity,
    /// It got no network interface, or could not reach what it needs to start.
    Network,
    /// A volume could not be mounted.
    Volume,
    /// Its log group or log driver could not be used.
    Logs,
    /// A container could not be started.
    Start,
    /// A container ended with this exit code.
    Exit(i32),
    /// The instance under it went away.
    Host,
    /// AWS took its spot capacity back.
    Spot,
    /// Somebody stopped it.
    Person,
    /// ECS stopped it, to deploy or to scale in.
    Scheduler,
    /// Anything else, in ECS's words, cut to 40 columns.
    Other(String),
}

/// Why `task` ended; nothing while it has not, or where nothing is written down.
pub fn cause_of_task(task: &Task) -> Option<Cause> {
    if !task.is_over() {
        return None;
    }
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    let reasons = task.containers.iter().filter_map(|container| container.reason.as_deref());
    let text = std::iter::once(reason).chain(reasons).collect::<Vec<_>>().join("\n");
    match task.stop_code.as_deref() {
        Some("UserInitiated") => return Some(Cause::Person),
        Some("SpotInterruption") => return Some(Cause::Spot),
        Some("TerminationNotice" | "InfrastructureHealth") => return Some(Cause::Host),
        _ => {}
    }
    if reason.starts_with("Scaling activity initiated by") {
        return Some(Cause::Scheduler);
    }
    let told = cause_of_text(&text);
    if let Some(Cause::Pull(_)) = told {
        return Some(Cause::Pull(unpulled(task)));
    }
    if told.is_some() {
        return told;
    }
    if task.stop_code.as_deref() == Some("ServiceSchedulerInitiated") {
        return Some(Cause::Scheduler);
    }
    if let Some(code) = exit_code(task) {
        return Some(Cause::Exit(code));
    }
    let words = if reason.is_empty() { task.stop_code.as_deref()? } else { reason };
    Some(Cause::Other(fit(words, 40)))
}

/// What a sentence of ECS's says went wrong; nothing where it names none of the known troubles.
pub(super) fn cause_of_text(text: &str) -> Option<Cause> {
    // The placement's own codes, as in RESOURCE:MEMORY; IAM speaks of resources in lower case.
    let placement = text.contains("RESOURCE:");
    let text = text.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    Some(if any(&["cannotpull", "unable to pull image", "pull image manifest"]) {
        Cause::Pull(None)
    } else if any(&["outofmemory", "out of memory", "oomkilled"]) {
        Cause::Memory
    } else if any(&[
        "failed elb health checks",
        "failed container health checks",
        "is unhealthy in",
        "unhealthy status",
    ]) {
        Cause::HealthCheck
    } else if any(&["retrieve ecr registry auth", "ecr:getauthorizationtoken"]) {
        Cause::Network
    } else if any(&[
        "unable to pull secrets",
        "secretsmanager",
        "retrieve secret",
        "ssm parameter",
        "from asm",
        "from ssm",
    ]) {
        Cause::Secret
    } else if any(&["unable to assume the role", "unable to assume the service linked role", "sts:assumerole"]) {
        Cause::Role
    } else if placement || any(&["unable to place", "capacity is unavailable", "no container instance met"]) {
        Cause::Capacity
    } else if any(&["network interface", "i/o timeout", "networking"]) {
        Cause::Network
    } else if any(&["invoke efs", "volume", "failed to mount", "mount.nfs"]) {
        Cause::Volume
    } else if any(&["log group", "logger", "log driver"]) {
        Cause::Logs
    } else if any(&["cannotstartcontainer", "cannotcreatecontainer", "containerruntime", "internalerror"]) {
        Cause::Start
    } else if text.contains("host ec2") {
        Cause::Host
    } else if text.contains("spot task was interrupted") {
        Cause::Spot
    } else {
        return None;
    })
}

impl Cause {
    /// Whether something went wrong in it or around it, rather than somebody wanting it so or
    /// AWS taking the machine away.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Scheduler | Self::Person | Self::Spot | Self::Host)
    }

    /// What happened, in at most 28 columns but for versions and ECS's own words.
    pub fn text(&self) -> String {
        match self {
            Self::Pull(Some(version)) => format!("{version} cannot be pulled"),
            Self::Pull(None) => "image cannot be pulled".to_owned(),
            Self::Memory => "out of memory".to_owned(),
            Self::Secret => "a secret cannot be read".to_owned(),
            Self::Role => "role cannot be assumed".to_owned(),
            Self::HealthCheck => "fails health checks".to_owned(),
            Self::Capacity => "no room to place tasks".to_owned(),
            Self::Network => "no network to start with".to_owned(),
            Self::Volume => "a volume cannot be mounted".to_owned(),
            Self::Logs => "log group cannot be used".to_owned(),
            Self::Start => "container cannot be started".to_owned(),
            Self::Exit(code) => match exit_meaning(*code) {
                Some(meaning) => format!("{meaning} (exit {code})"),
                None => format!("exit {code}"),
            },
            Self::Host => "instance went away".to_owned(),
            Self::Spot => "spot capacity taken back".to_owned(),
            Self::Person => "stopped by hand".to_owned(),
            Self::Scheduler => "replaced or scaled in".to_owned(),
            Self::Other(words) => words.clone(),
        }
    }
}

/// What an exit code usually means: of a shell up to 128, of a signal (128 and its number) above.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>
/// and signal(7).
pub fn exit_meaning(code: i32) -> Option<&'static str> {
    Some(match code {
        0 => "ended by itself",
        1 | 2 => "error",
        125 => "container did not start",
        126 => "cannot be executed",
        127 => "command not found",
        129 => "hung up",
        130 => "interrupted",
        131 => "quit",
        132 => "illegal instruction",
        134 => "aborted",
        135 => "bus error",
        136 => "arithmetic error",
        137 => "killed",
        139 => "segmentation fault",
        141 => "broken pipe",
        143 => "terminated",
        255 => "error, or not known",
        _ => return None,
    })
}

/// The version of the image that could not be pulled.
fn unpulled(task: &Task) -> Option<String> {
    let blamed = |reason: &str| reason.to_lowercase().contains("pull");
    let mut containers = task.containers.iter();
    let named = containers.find(|container| container.reason.as_deref().is_some_and(blamed));
    let left = || task.containers.iter().find(|container| container.digest.is_none() && !is_helper(&container.name));
    let image = named.or_else(left)?.image.as_deref()?;
    Some(Image::parse(image).version())
}

/// The exit code that ended the task: the first that is not zero, else zero if there is any.
fn exit_code(task: &Task) -> Option<i32> {
    let codes = || task.containers.iter().filter_map(|container| container.exit_code);
    // Helpers are stopped once the task ends, and exit with codes of their own.
    let own = task.containers.iter().filter(|container| !is_helper(&container.name));
    own.filter_map(|container| container.exit_code)
        .find(|code| *code != 0)
        .or_else(|| codes().find(|code| *code != 0))
        .or_else(|| codes().next())
}
