//! Warnings, gathered service by service and said once for all of them.

use std::collections::BTreeMap;

use super::model::{Warning, WarningKind};

/// The kind of a warning, and the details of one resource.
pub(super) type WarningDetail = (WarningKind, String);

/// Warnings by kind.
#[derive(Debug, Default)]
pub(super) struct WarningList(BTreeMap<WarningKind, Gathered>);

#[derive(Debug, Default)]
struct Gathered {
    paths: Vec<String>,
    details: Vec<String>,
}

/// Details listed in one sentence; the rest is counted.
const DETAILS: usize = 3;

impl WarningList {
    /// Adds a warning for the resource at `path`.
    pub(super) fn add(&mut self, path: &str, (about, detail): WarningDetail) {
        let gathered = self.0.entry(about).or_default();
        for (all, one) in [(&mut gathered.paths, path), (&mut gathered.details, &detail)] {
            if !all.iter().any(|other| other == one) {
                all.push(one.to_owned());
            }
        }
    }

    /// Adds several warnings for the resource at `path`.
    pub(super) fn extend(&mut self, path: &str, notes: Vec<WarningDetail>) {
        for note in notes {
            self.add(path, note);
        }
    }

    /// One warning for each kind of thing, the gravest first.
    pub(super) fn into_warnings(self) -> Vec<Warning> {
        let warnings = self.0.into_iter().map(|(about, gathered)| Warning {
            about,
            says: sentence(about, &list(&gathered.details)),
            paths: gathered.paths,
        });
        warnings.collect()
    }
}

/// `details` in a row, the first few of them.
fn list(details: &[String]) -> String {
    let few = details.iter().take(DETAILS).map(String::as_str).collect::<Vec<_>>().join("; ");
    match details.len().saturating_sub(DETAILS) {
        0 => few,
        more => format!("{few}; {more} more"),
    }
}

fn sentence(about: WarningKind, details: &str) -> String {
    match about {
        WarningKind::Deadlock => format!(
            "no task could be stopped or started ({details}): the deployment would not progress; change the percentages first"
        ),
        WarningKind::OutOfBounds => format!(
            "outside of autoscaling's bounds ({details}): it may bring the count back when it next acts, unless its bounds are moved too"
        ),
        WarningKind::Autoscaled => format!("autoscaling may move the count again ({details})"),
        WarningKind::InFlight => format!("a deployment is in progress ({details}): this stops it and starts another"),
        WarningKind::Rolling => format!("a deployment is in progress ({details}): it continues with the new count"),
        WarningKind::NoTasks => {
            format!("no tasks will run ({details}): the deployment ends at once and proves nothing")
        }
        WarningKind::NothingRuns => format!("nothing will run: {details}"),
        WarningKind::ManyMore => format!("many times as many tasks as now: {details}"),
        WarningKind::OtherImage => format!("the tag has moved, new tasks run another image: {details}"),
        WarningKind::UnknownImage => format!("it is not known whether new tasks run another image: {details}"),
        WarningKind::Owned => format!("owned by {details}: what manages it may change this again"),
        WarningKind::ZoneLost => {
            format!("a zone of the service has no tasks ({details}): new ones may not start there")
        }
        WarningKind::Unread => format!("could not be read: {details}"),
    }
}
