//! Reports for people, in columns; and the tenants, in columns that `cut` and `awk` can split.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::report::{Report, Selection, settled};
use crate::args::Detail;
use crate::fleet::health::{HealthState, HealthStatus, cause_of_task};
use crate::fleet::tenancy::{EnvironmentId, Rule};
use crate::fleet::{Arn, Context, Task, image};
use crate::text::{clean, duration};

/// One line: everything but the reason is one word, so that `awk` counts columns right.
type Line = [String; 6];

/// How everything in `selection` is: one line an environment, or of a target one line a service.
pub(super) fn status(report: &Report, selection: &Selection) -> String {
    let lines: Vec<Line> = match selection {
        Selection::Everything => {
            selection.environments(report).into_iter().map(|(home, _)| environment(report, home)).collect()
        }
        Selection::Target { services, .. } if services.is_empty() => {
            selection.jobs(report).into_iter().map(|task| job(report, task)).collect()
        }
        Selection::Target { .. } => selection.services(report).into_iter().map(|arn| service(report, arn)).collect(),
    };
    let mut text = String::new();
    if !lines.is_empty() {
        let head = ["STATE", "TARGET", "TASKS", "VERSION", "SINCE", "WHY"].map(str::to_owned);
        text = aligned(&[vec![head], lines].concat());
        text.push('\n');
    }
    text.push_str(&summary(report, selection));
    text.push('\n');
    text
}

/// Whose each service is: first its path, then a tab; a guess is marked.
pub(super) fn tenants(report: &Report, detail: Detail) -> String {
    let mut rows: Vec<(String, &Arn)> =
        report.places.services().filter_map(|(arn, _)| Some((report.place(arn)?.0, arn))).collect();
    rows.sort();
    let mut text = String::new();
    for (path, arn) in rows {
        let Some(place) = report.places.of_service(arn) else { continue };
        let mark = if place.environment_id.tenant.is_guess() { "guess" } else { "rule" };
        let by = |by: Option<&Rule>| by.map_or_else(|| "no rule".to_owned(), ToString::to_string);
        // Writing to a String cannot fail.
        let _ = match detail {
            Detail::Plain => writeln!(text, "{path}\t{}", if place.tenant_rule.is_none() { "none" } else { mark }),
            Detail::Explained => writeln!(
                text,
                "{path}\t{}\ttenant: {}\tenvironment: {}\t{}",
                if place.tenant_rule.is_none() { "none" } else { mark },
                by(place.tenant_rule.as_ref()),
                by(place.environment_rule.as_ref()),
                clean(arn.as_str())
            ),
        };
    }
    text
}

fn environment(report: &Report, home: &EnvironmentId) -> Line {
    let Some(row) = report.overview.rows.get(home) else { return Line::default() };
    let read = row.services.is_empty() || row.services.iter().any(|arn| report.fleet.service(arn).is_some());
    let tasks = if read { format!("{}/{}", row.running, row.desired) } else { "?/?".to_owned() };
    let version = match row.versions.len() {
        0 => "-".to_owned(),
        1 => row.versions.iter().cloned().collect(),
        several => format!("{several}-versions"),
    };
    line(report, &row.verdict, report.path(home), tasks, version)
}

/// A job: its state is ECS's, for there is nothing that it should be.
fn job(report: &Report, task: &Task) -> Line {
    let versions = image::versions([task], &report.fleet.definitions);
    let version = if versions.is_empty() { "-".to_owned() } else { versions.into_iter().collect::<Vec<_>>().join(",") };
    let at = task.stopped_at.or(task.started_at).or(task.created_at);
    let since = at.map(|at| duration(report.at.duration_since(at).unsigned_abs()));
    let why = cause_of_task(task).map(|cause| cause.text()).unwrap_or_default();
    let why = [clean(task.job()).into_owned(), why].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let path = report.path(&EnvironmentId::jobs());
    let since = since.unwrap_or_else(|| "-".to_owned());
    [task.status.word().to_owned(), path, "-".to_owned(), version, since, why.join(": ")]
}

fn service(report: &Report, arn: &Arn) -> Line {
    let path = report.place(arn).map_or_else(|| clean(arn.as_str()).into_owned(), |(path, _)| path);
    let look = report.fleet.service(arn);
    let tasks = look.map_or_else(|| "?/?".to_owned(), |look| format!("{}/{}", look.running, look.desired));
    let own = look.map(|look| report.fleet.tasks_of(&look.cluster, &look.name).map(AsRef::as_ref));
    let versions = own.map(|tasks| image::versions(tasks, &report.fleet.definitions)).unwrap_or_default();
    let version = if versions.is_empty() { "-".to_owned() } else { versions.into_iter().collect::<Vec<_>>().join(",") };
    match report.overview.services.get(arn) {
        Some(verdict) => line(report, verdict, path, tasks, version),
        None => Line::default(),
    }
}

fn line(report: &Report, verdict: &HealthStatus, path: String, tasks: String, version: String) -> Line {
    let since = verdict.since.map(|since| duration(report.at.duration_since(since).unsigned_abs()));
    let mut why = clean(verdict.why()).into_owned();
    if verdict.reasons.len() > 1 {
        let _ = write!(why, " (+{} more)", verdict.reasons.len() - 1);
    }
    let state = settled(verdict.state).word().to_owned();
    [state, path, tasks, version, since.unwrap_or_else(|| "-".to_owned()), why]
}

/// Columns as wide as their widest cell, whatever the terminal; nothing behind the last.
fn aligned(lines: &[Line]) -> String {
    let width = |at: usize| lines.iter().map(|line| line[at].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            row.push_str(cell);
            row.push_str(&" ".repeat(width - cell.width() + 2));
        }
        row.push_str(&line[5]);
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// How many there are of each state, where, and as which caller.
fn summary(report: &Report, selection: &Selection) -> String {
    let (what, states): (&str, Vec<HealthState>) = match selection {
        Selection::Everything => {
            let environments =
                selection.environments(report).into_iter().filter(|(home, _)| **home != EnvironmentId::jobs());
            ("environment", environments.map(|(_, row)| settled(row.verdict.state)).collect())
        }
        Selection::Target { .. } => {
            ("service", selection.services(report).into_iter().map(|arn| report.state(arn)).collect())
        }
    };
    let counts = HealthState::ALL.into_iter().filter_map(|state| {
        let count = states.iter().filter(|other| **other == state).count();
        (count > 0).then(|| format!("{count} {}", state.word().to_lowercase()))
    });
    let counts: Vec<String> = counts.collect();
    let blind = if report.is_whole() { "" } else { "as far as AWS could be read: " };
    let mut text = match selection {
        Selection::Target { homes, .. } if homes.contains(&EnvironmentId::jobs()) => {
            count(selection.jobs(report).len(), "job")
        }
        _ => count(states.len(), what),
    };
    if !counts.is_empty() {
        let _ = write!(text, ": {}", counts.join(", "));
    }
    match selection {
        Selection::Everything => {
            let (services, clusters) = (report.fleet.services.len(), report.fleet.clusters.len());
            let _ = write!(text, "; {} in {}", count(services, "service"), count(clusters, "cluster"));
            let guessed = report.places.guessed();
            if guessed > 0 {
                let _ = write!(text, ", {guessed} with a guessed tenant");
            }
        }
        Selection::Target { target, ambiguous, .. } => {
            let _ = write!(text, "; {target}");
            if *ambiguous > 0 {
                let _ = write!(text, ", {ambiguous} of them in more than one cluster: --json names their ARNs");
            }
        }
    }
    let asked = report.fleet.contexts.values().filter(|context| context.same_as.is_none());
    format!("{blind}{text}\n{}", asked.map(caller).collect::<Vec<_>>().join("; "))
}

/// A context, and who we are there.
fn caller(context: &Context) -> String {
    let whom = match context.identity.as_ref() {
        Some(identity) => format!("{}, as {}", clean(&identity.account), clean(identity.short())),
        None => "caller unknown".to_owned(),
    };
    let endpoint = context.endpoint.as_deref().map(|endpoint| format!(" at {}", clean(endpoint))).unwrap_or_default();
    format!("{}{endpoint} ({whom})", clean(context.id.as_str()))
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
