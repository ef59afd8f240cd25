//! What may be written about logs.

use std::time::Duration;

use jiff::SignedDuration;

use super::{Form, GlobalArgs};
use crate::fleet::target::{NotFound, Target};

/// Whose lines are to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// Whose.
    pub target: Target,
    /// Of a service, only the tasks whose id begins so.
    pub task: Option<String>,
    /// How far back they begin.
    pub since: Duration,
    /// Whether what is written from now on is printed as well.
    pub following: Following,
    /// Only lines with this text in them.
    pub filter: Option<String>,
    /// How they are written.
    pub form: Form,
}

/// Whether what is written from now on counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Following {
    /// It does, without end.
    Yes,
    /// Only what was written until now.
    No,
}

/// `wharf logs`.
#[derive(clap::Args)]
pub(super) struct LogsArgs {
    /// tenant, tenant/environment, tenant/environment/service, the same with /TASK (the beginning of its id),
    /// '(jobs)', '(jobs)/NAME', or an ARN, of a task as well
    #[arg(value_name = "TARGET", value_parser = logs_target)]
    whose: LogsTarget,
    /// How far back to begin, as in 90s, 5m, 2h or 1d
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = length)]
    since: Duration,
    /// Print what is written from now on as well, until ctrl-c
    #[arg(long, short)]
    follow: bool,
    /// Print only lines with this text in them; in any case, unless it has capitals; colours do not count
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// One JSON document a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    everywhere: GlobalArgs,
}

pub(super) const EXAMPLES: &str = "\
Prints the time, the service and the beginning of the task's id, the container and the message.
Each line is printed once. With --follow one that arrives late is printed when it comes; new tasks
and jobs are followed within ten seconds or so (more where they may be in more than seven
clusters), new services of an environment or a tenant within a minute. Tasks that never started
have no lines: wharf prints why.

If something cannot be read, wharf reports it and ends with exit code 5 within 25 seconds; a longer
read goes on as long as AWS answers, and ends 10 seconds after its last answer. With --follow, wharf
retries without end what it could read once, and reports a silence of 5 seconds once.
Needs logs:FilterLogEvents.

Examples:
  wharf logs california/production/web
  wharf logs california/production/web/6f1f7296
  wharf logs california/production --since 1h --filter ERROR
  wharf logs acme/staging/web --follow --json | jq -r .message
  wharf logs '(jobs)' --since 1h
  wharf logs arn:aws:ecs:us-east-1:111122223333:task/humangov/0123456789abcdef";

impl LogsArgs {
    pub(super) fn logs(self) -> (GlobalArgs, Logs) {
        let LogsTarget { target, task } = self.whose;
        let logs = Logs {
            target,
            task,
            since: self.since,
            following: if self.follow { Following::Yes } else { Following::No },
            filter: self.filter,
            form: if self.json { Form::Json } else { Form::Text },
        };
        (self.everywhere, logs)
    }
}

/// A target, and which of its tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LogsTarget {
    target: Target,
    task: Option<String>,
}

/// Reads a target, or a service's path with the beginning of a task's id behind it.
fn logs_target(text: &str) -> Result<LogsTarget, NotFound> {
    match text.trim().rsplit_once('/') {
        Some((service, task)) if !text.trim().starts_with("arn:") && service.matches('/').count() == 2 => {
            let task = task.trim().to_owned();
            if task.is_empty() {
                return Err(NotFound::Unreadable(text.to_owned()));
            }
            Ok(LogsTarget { target: Target::parse(service)?, task: Some(task) })
        }
        _ => Ok(LogsTarget { target: Target::parse(text)?, task: None }),
    }
}

/// Reads `90s`, `5m`, `2h` or `1d`.
fn length(text: &str) -> Result<Duration, String> {
    /// Ten years: nothing is kept longer by default, and much less is wanted.
    const MOST: Duration = Duration::from_hours(3_650 * 24);
    let wrong = || format!("`{text}` is not a time; write 90s, 5m, 2h or 1d");
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
    let length = match days {
        Some(days) => Duration::from_secs(days.saturating_mul(86_400)),
        None => Duration::try_from(text.parse::<SignedDuration>().map_err(|_| wrong())?).map_err(|_| wrong())?,
    };
    Some(length).filter(|length| *length <= MOST).ok_or_else(wrong)
}
