//! Changes in few words: what a plan is about, what it came to, how a step reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::notice::ChangeNotice;
use crate::app::page::Role;
use crate::app::state::Item;
use crate::fleet::tenancy::Assignments;
use crate::plan::{Activity, LeftOut, Phase, Plan, Progress, Reason, Resource, Stabilization, StepOutcome};

/// The verb, and what the plan is about: `scale california/production/web`, `redeploy 12 services of 5 environments`.
pub fn subject(plan: &Plan) -> String {
    let left = || plan.left_out.iter().map(|left| left.path.as_str());
    let mut paths: Vec<&str> = plan.tracks.iter().map(|track| track.target.path.as_str()).collect();
    if paths.is_empty() {
        paths.extend(left());
    }
    let of = match plan.environments().len() {
        0 => String::new(),
        1 => plan.environments().first().map(|home| format!(" of {home}")).unwrap_or_default(),
        homes => format!(" of {homes} environments"),
    };
    let counted = if plan.tracks.is_empty() { format!("{} services", paths.len()) } else { plan.size() };
    format!("{} {}", verb(plan), some(&paths, &counted, &of))
}

/// The verb, and of an undo what it amounts to: `undo: scale`.
fn verb(plan: &Plan) -> String {
    let steps = plan.tracks.iter().flat_map(|track| &track.steps).map(|step| step.kind().verb());
    let steps: BTreeSet<&str> = steps.collect();
    if plan.undoes.is_none() || steps.is_empty() {
        return plan.verb.to_string();
    }
    format!("{}: {}", plan.verb, steps.into_iter().collect::<Vec<_>>().join(" and "))
}

/// What a proposal is about, before its plan is there.
pub(in crate::app) fn proposed(resources: &[&Resource], places: &Assignments) -> String {
    let path = |resource: &Resource| resource.service().and_then(|arn| places.path(arn));
    let paths: Vec<String> =
        resources.iter().map(|resource| path(resource).unwrap_or_else(|| resource.name())).collect();
    let counted = format!("{} services", paths.len());
    some(&paths.iter().map(String::as_str).collect::<Vec<_>>(), &counted, "")
}

fn some(paths: &[&str], counted: &str, of: &str) -> String {
    match paths {
        [one] => (*one).to_owned(),
        _ => format!("{counted}{of}"),
    }
}

/// What one stops at for `resource`.
pub(in crate::app) fn item(resource: &Resource) -> Item {
    match resource {
        Resource::Service { arn, .. } => Item::Service(arn.clone()),
        Resource::Task { arn, .. } => Item::Task(arn.clone()),
        other => Item::Line(other.id().to_owned()),
    }
}

/// Why a service is left out.
pub fn why(why: &Reason) -> String {
    match why {
        Reason::Already(says) => says.clone(),
        Reason::Refused(says) => format!("refused: {says}"),
        Reason::Unread(says) => format!("not read: {says}"),
    }
}

/// Why a plan has nothing in it.
pub(in crate::app) fn nothing(plan: &Plan) -> ChangeNotice {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for LeftOut { reason, .. } in &plan.left_out {
        *reasons.entry(why(reason)).or_default() += 1;
    }
    let path = match plan.left_out.as_slice() {
        [one] => Some(one.path.clone()),
        _ => None,
    };
    ChangeNotice::NothingToDo { path, reasons: reasons.into_iter().collect() }
}

/// What a plan came to, for screens that show something else.
pub(in crate::app) fn ended(plan: &Plan, progress: &Progress) -> ChangeNotice {
    ChangeNotice::Ended { subject: subject(plan), tally: tally(progress) }
}

/// `1 failed, 11 done, 2 called; 9 stable`: how many steps ended how, how many services wait for the effect
/// of a call, and how many are stable.
pub fn tally(progress: &Progress) -> String {
    let verdicts = [
        StepOutcome::Failed,
        StepOutcome::Skipped,
        StepOutcome::NotStarted,
        StepOutcome::Done,
        StepOutcome::AlreadyDone,
    ];
    let count = |verdict| progress.endings().filter(|ending| ending.verdict == verdict).count();
    let called =
        progress.tracks.iter().filter(|track| matches!(track.activity, Activity::Calling | Activity::Looking)).count();
    let ended = list(verdicts.map(|verdict| (count(verdict), verdict.word())));
    let ended = [ended, list([(called, "called")])].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let ended = ended.join(", ");
    let tracks = || progress.tracks.iter();
    let rest =
        |fits: fn(&Stabilization) -> bool| tracks().filter(|track| track.settled.as_ref().is_some_and(fits)).count();
    let settling = tracks().filter(|track| matches!(track.activity, Activity::Settling(_))).count();
    let settled = list([
        (rest(|settled| matches!(settled, Stabilization::Unstable(_))), "not stable"),
        (settling, "stabilizing"),
        (rest(|settled| *settled == Stabilization::Stable), "stable"),
    ]);
    match (ended.is_empty(), settled.is_empty()) {
        (true, _) => "nothing done yet".to_owned(),
        (false, true) => ended,
        (false, false) => format!("{ended}; {settled}"),
    }
}

fn list<const N: usize>(counts: [(usize, &str); N]) -> String {
    let some = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    some.collect::<Vec<_>>().join(", ")
}

/// How far a plan has come, in one word, and how that is meant.
pub(in crate::app) fn state(progress: &Progress) -> (&'static str, Role) {
    let any = |verdict| progress.endings().any(|ending| ending.verdict == verdict);
    let unsettled = progress.tracks.iter().any(|track| matches!(track.settled, Some(Stabilization::Unstable(_))));
    match &progress.phase {
        Phase::Running => ("running", Role::Busy),
        Phase::Paused => ("paused", Role::Warn),
        Phase::Stopping(_) => ("stopping", Role::Warn),
        Phase::Interrupted(_) => ("interrupted", Role::Warn),
        Phase::Finished | Phase::Over if any(StepOutcome::Failed) => ("failed", Role::Bad),
        Phase::Finished | Phase::Over if any(StepOutcome::Skipped) || any(StepOutcome::NotStarted) => {
            ("not whole", Role::Warn)
        }
        Phase::Finished => ("stabilizing", Role::Busy),
        Phase::Over if unsettled => ("not stable", Role::Warn),
        Phase::Over => ("done", Role::Good),
    }
}

/// One character and a role for how a step ended.
pub(in crate::app) fn mark(verdict: StepOutcome) -> (char, Role) {
    match verdict {
        StepOutcome::Done => ('.', Role::Good),
        StepOutcome::AlreadyDone => ('.', Role::Dim),
        StepOutcome::Skipped => ('!', Role::Warn),
        StepOutcome::Failed => ('x', Role::Bad),
        StepOutcome::NotStarted => ('-', Role::Warn),
    }
}
