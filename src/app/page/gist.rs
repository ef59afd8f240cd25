//! Changes in few words: what a plan is about, what it came to, how a step reads.

use std::collections::BTreeMap;

use crate::app::page::Role;
use crate::fleet::Arn;
use crate::fleet::tenancy::Places;
use crate::plan::{Doing, LeftOut, Phase, Plan, Progress, Settled, Step, Verdict, Why};

/// The verb, and what the plan is about: `scale california/production/web`, `redeploy 12 services of 5 environments`.
pub fn subject(plan: &Plan) -> String {
    let left = || plan.left_out.iter().map(|left| left.path.as_str());
    let mut paths: Vec<&str> = plan.tracks.iter().map(|track| track.target.path.as_str()).collect();
    if paths.is_empty() {
        paths.extend(left());
    }
    let undoing = if plan.undoes.is_some() { "undo: " } else { "" };
    let of = match plan.homes().len() {
        0 => String::new(),
        1 => plan.homes().first().map(|home| format!(" of {home}")).unwrap_or_default(),
        homes => format!(" of {homes} environments"),
    };
    format!("{undoing}{} {}", plan.verb.word(), some(&paths, &of))
}

/// What a proposal is about, before its plan is there.
pub(super) fn proposed(services: &[&Arn], places: &Places) -> String {
    let paths: Vec<String> =
        services.iter().map(|arn| places.path(arn).unwrap_or_else(|| arn.name().to_owned())).collect();
    some(&paths.iter().map(String::as_str).collect::<Vec<_>>(), "")
}

fn some(paths: &[&str], of: &str) -> String {
    match paths {
        [one] => (*one).to_owned(),
        several => format!("{} services{of}", several.len()),
    }
}

/// What one step does: `2 > 3 tasks`, `new tasks of web:41`, `autoscaling 2-6 > 2-8`.
pub fn step(step: &Step) -> String {
    match step {
        Step::Count { from, to } => format!("{from} > {to} tasks"),
        Step::Redeploy { definition, .. } => format!("new tasks of {}", definition.name()),
        Step::Bounds { from, to } => format!("autoscaling {from} > {to}"),
    }
}

/// Why a service is left out.
pub fn why(why: &Why) -> String {
    match why {
        Why::Already(says) => says.clone(),
        Why::Refused(says) => format!("refused: {says}"),
        Why::Unread(says) => format!("not read: {says}"),
    }
}

/// Why a plan has nothing in it.
pub(in crate::app) fn nothing(plan: &Plan) -> String {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for LeftOut { why: reason, .. } in &plan.left_out {
        *reasons.entry(why(reason)).or_default() += 1;
    }
    let reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    match (reasons.as_slice(), plan.left_out.as_slice()) {
        ([(reason, _)], [one]) => format!("{}: {reason}", one.path),
        ([(reason, all)], _) => format!("{all} services: {reason}"),
        ([], _) => "there is nothing to do".to_owned(),
        (several, _) => {
            let said: Vec<String> = several.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            format!("nothing to do: {}", said.join(", "))
        }
    }
}

/// What a plan came to, for screens that show something else.
pub(in crate::app) fn ended(plan: &Plan, progress: &Progress) -> String {
    format!("{}: {}", subject(plan), tally(progress))
}

/// `1 failed, 11 done, 2 called; 9 settled`: how many steps ended how, how many services wait for the effect
/// of a call, and how many came to rest.
pub fn tally(progress: &Progress) -> String {
    let verdicts = [Verdict::Failed, Verdict::Skipped, Verdict::Untouched, Verdict::Done, Verdict::Already];
    let count = |verdict| progress.endings().filter(|ending| ending.verdict == verdict).count();
    let called = progress.tracks.iter().filter(|track| matches!(track.doing, Doing::Calling | Doing::Looking)).count();
    let ended = list(verdicts.map(|verdict| (count(verdict), verdict.word())));
    let ended = [ended, list([(called, "called")])].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let ended = ended.join(", ");
    let tracks = || progress.tracks.iter();
    let rest = |fits: fn(&Settled) -> bool| tracks().filter(|track| track.settled.as_ref().is_some_and(fits)).count();
    let settling = tracks().filter(|track| matches!(track.doing, Doing::Settling(_))).count();
    let settled = list([
        (rest(|settled| matches!(settled, Settled::Not(_))), "not settled"),
        (settling, "settling"),
        (rest(|settled| *settled == Settled::Steady), "settled"),
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
pub(super) fn state(progress: &Progress) -> (&'static str, Role) {
    let any = |verdict| progress.endings().any(|ending| ending.verdict == verdict);
    let unsettled = progress.tracks.iter().any(|track| matches!(track.settled, Some(Settled::Not(_))));
    match &progress.phase {
        Phase::Running => ("running", Role::Busy),
        Phase::Paused => ("paused", Role::Warn),
        Phase::Stopping(_) => ("stopping", Role::Warn),
        Phase::Interrupted(_) => ("interrupted", Role::Warn),
        Phase::Finished | Phase::Over if any(Verdict::Failed) => ("failed", Role::Bad),
        Phase::Finished | Phase::Over if any(Verdict::Skipped) || any(Verdict::Untouched) => ("not whole", Role::Warn),
        Phase::Finished => ("settling", Role::Busy),
        Phase::Over if unsettled => ("not settled", Role::Warn),
        Phase::Over => ("done", Role::Good),
    }
}

/// One character and a role for how a step ended.
pub(super) fn mark(verdict: Verdict) -> (char, Role) {
    match verdict {
        Verdict::Done => ('.', Role::Good),
        Verdict::Already => ('.', Role::Dim),
        Verdict::Skipped => ('!', Role::Warn),
        Verdict::Failed => ('x', Role::Bad),
        Verdict::Untouched => ('-', Role::Warn),
    }
}
