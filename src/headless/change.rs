//! Changes without a screen: the same proposal, reads, plan, gate and execution as the console's.

mod output;

use std::collections::BTreeSet;
use std::io::{self, BufRead, IsTerminal, Write};

use tokio::sync::mpsc::unbounded_channel;

use super::collect::collect;
use super::report::Report;
use super::{Session, complain, write};
use crate::app::page::summary;
use crate::app::reads::{Needs, Scope};
use crate::args::{Change, Confirmation, DryRun, Form};
use crate::cli::Outcome;
use crate::executor::{Control, Update, execute};
use crate::fleet::target::Target;
use crate::fleet::{Arn, Priority};
use crate::journal::Journal;
use crate::plan::{
    self, Approved, Demand, Entry, Execution, Phase, Plan, PlanId, PlanInput, Policy, Progress, Proposal, Reason,
    Refusal, Resource, StepOutcome, build_plan, demand, gate,
};
use crate::signals::Signals;
use crate::text::clean;

/// What a change works with beside AWS.
pub struct ChangeContext<'a> {
    /// What a change must heed.
    pub policy: &'a Policy,
    /// Where it is written down.
    pub journal: &'a Journal,
    /// The plan's name.
    pub id: PlanId,
}

/// Why nothing was changed.
struct Abort {
    outcome: Outcome,
    says: String,
}

/// Makes `change`: reads, shows the plan, has it confirmed, carries it out, and says what became of it.
///
/// Reads for 24 s at most before it changes anything. Fails only where `out` or `err` cannot be
/// written to.
pub async fn change(
    surface: &Session<'_>,
    means: &ChangeContext<'_>,
    change: &Change,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<Outcome> {
    let report = Report::new(surface, Scope::Services, change.targets.first()).await;
    complain(err, &report)?;
    let services = match services(&report, &change.targets) {
        Ok(services) => services,
        Err(not) => return refuse(err, &not),
    };
    let resource = |arn: &Arn| {
        let cluster = report.fleet.services.get(arn)?.cluster.clone();
        Some(Resource::Service { arn: arn.clone(), cluster })
    };
    let resources = services.iter().filter_map(resource).collect();
    let proposal = propose(change, means.id.clone(), resources, (surface.clock)());
    let plan = read_and_plan(surface, means, report, &proposal).await;
    if change.form == Form::Text {
        write(out, &output::plan(&plan))?;
    }
    if let Some(not) = obstacle(&plan) {
        if change.form == Form::Json {
            write(out, &output::document(&plan, None)?)?;
        }
        return refuse(err, &not);
    }
    if change.rehearsal == DryRun::DryRun || plan.is_empty() {
        if change.form == Form::Json {
            write(out, &output::document(&plan, None)?)?;
        }
        return Ok(Outcome::Well);
    }
    let shown = plan.clone();
    let approved = match confirmed(plan, &change.confirmation, means.policy, err)? {
        Ok(approved) => approved,
        Err(not) => {
            if change.form == Form::Json {
                write(out, &output::document(&shown, None)?)?;
            }
            return refuse(err, &not);
        }
    };
    let progress = match execute_plan(surface, means, change, approved, out).await? {
        Ok(progress) => progress,
        Err(not) => return refuse(err, &not),
    };
    if change.form == Form::Json {
        write(out, &output::document(&shown, Some(&progress))?)?;
    }
    if let Some(trouble) = &progress.journal {
        write(err, &format!("wharf: the journal could not be written: {}\n", clean(trouble)))?;
    }
    Ok(outcome(&progress, watches(change)))
}

fn refuse(err: &mut impl Write, not: &Abort) -> io::Result<Outcome> {
    write(err, &format!("wharf: {}\n", not.says))?;
    Ok(not.outcome)
}

/// The services that `targets` name. A path that could mean more than one thing is refused.
fn services(report: &Report, targets: &[Target]) -> Result<BTreeSet<Arn>, Abort> {
    let mut services = BTreeSet::new();
    for target in targets {
        let found = target.find(&report.fleet, &report.places).map_err(|missing| {
            let blind = if report.is_whole() { "" } else { "in what could be read there is " };
            let outcome = if report.is_whole() { Outcome::NotUnderstood } else { Outcome::Unread };
            Abort { outcome, says: format!("{blind}{missing}") }
        })?;
        if !found.ambiguous.is_empty() {
            let arns: Vec<String> = found.ambiguous.iter().map(|arn| clean(arn.as_str()).into_owned()).collect();
            let arns = arns.join("\n  ");
            let says = format!("{target} names services in more than one place; name one of them:\n  {arns}");
            return Err(Abort { outcome: Outcome::Refused, says });
        }
        // What could not be read might be meant as well, unless it is an ARN.
        if !report.is_whole() && !matches!(target, Target::Arn(_)) {
            let says = format!(
                "AWS was not read fully: {target} may name more services than were read; name services by their ARN"
            );
            return Err(Abort { outcome: Outcome::Unread, says });
        }
        if found.services.is_empty() {
            return Err(Abort { outcome: Outcome::NotUnderstood, says: format!("{target} has no services") });
        }
        services.extend(found.services);
    }
    Ok(services)
}

fn propose(change: &Change, id: PlanId, resources: Vec<Resource>, made_at: jiff::Timestamp) -> Proposal {
    Proposal { id, verb: change.verb.clone(), resources, undoes: None, reason: change.reason.clone(), made_at }
}

/// Reads what the plan has to know, and spells it out.
async fn read_and_plan(surface: &Session<'_>, means: &ChangeContext<'_>, report: Report, proposal: &Proposal) -> Plan {
    let Report { fleet, places, .. } = report;
    let mut needs = Needs { scope: Scope::Named, ..Needs::default() };
    let mut planned = None;
    let collected = collect(surface, fleet, Priority::Change, |so_far, round| {
        // What is to be read next follows from all that was read before.
        if planned.replace(round) != Some(round) {
            let input =
                PlanInput { fleet: &so_far.fleet, places: &places, policy: means.policy, failed: &so_far.failed };
            let asks = plan::preflight_queries(proposal, &input, &needs.queries);
            needs.queries.extend(asks);
        }
        needs.clone()
    })
    .await;
    let input = PlanInput { fleet: &collected.fleet, places: &places, policy: means.policy, failed: &collected.failed };
    build_plan(proposal, &input, (surface.clock)())
}

/// What stands in the way of the whole, because a part of it cannot be done.
fn obstacle(plan: &Plan) -> Option<Abort> {
    let unread = plan.left_out.iter().find(|left| matches!(left.reason, Reason::Unread(_)));
    let refused = plan.left_out.iter().find(|left| matches!(left.reason, Reason::Refused(_)));
    let (left, outcome) = match (unread, refused) {
        (Some(left), _) => (left, Outcome::Unread),
        (None, Some(left)) => (left, Outcome::Refused),
        (None, None) => return None,
    };
    let says = format!("nothing was changed: {} {}", clean(&left.path), summary::why(&left.reason));
    Some(Abort { outcome, says })
}

/// Has the plan confirmed: by what was said in advance, or by a person at the terminal.
fn confirmed(
    plan: Plan,
    said: &Confirmation,
    policy: &Policy,
    err: &mut impl Write,
) -> io::Result<Result<Approved, Abort>> {
    let wanted = demand(&plan);
    let answer = match said {
        Confirmation::Yes => plan::Answer::Yes,
        Confirmation::Words(words) => plan::Answer::Words(words.clone()),
        Confirmation::Asked if policy.access == plan::Access::ReadOnly => plan::Answer::Yes,
        Confirmation::Asked => {
            let Some(answer) = asked(&wanted, err)? else {
                let flag = match &wanted {
                    Demand::Yes => "--yes".to_owned(),
                    Demand::Words(words) => format!("--confirm '{words}'"),
                };
                let says = format!("nothing was changed: there is no terminal to confirm on; pass {flag}");
                return Ok(Err(Abort { outcome: Outcome::Refused, says }));
            };
            answer
        }
    };
    Ok(gate(plan, &answer, policy).map_err(|refusal| {
        let hint = match &refusal {
            Refusal::Unconfirmed(Demand::Words(words)) => format!("; pass --confirm '{words}'"),
            _ => String::new(),
        };
        Abort { outcome: Outcome::Refused, says: format!("nothing was changed: {refusal}{hint}") }
    }))
}

/// What a person at the terminal says; nothing where there is none.
fn asked(wanted: &Demand, err: &mut impl Write) -> io::Result<Option<plan::Answer>> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return Ok(None);
    }
    let what = match wanted {
        Demand::Yes => "y",
        Demand::Words(words) => words,
    };
    write(err, &format!("type {what}, then enter; anything else changes nothing\n> "))?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    let line = line.trim();
    Ok(Some(if line == "y" { plan::Answer::Yes } else { plan::Answer::Words(line.to_owned()) }))
}

/// Carries the plan out until its steps are over, or with `--wait` until its tasks are stable.
async fn execute_plan(
    surface: &Session<'_>,
    means: &ChangeContext<'_>,
    change: &Change,
    approved: Approved,
    out: &mut impl Write,
) -> io::Result<Result<Progress, Abort>> {
    let shown = approved.plan().clone();
    let mut log = match means.journal.open(approved.plan(), (surface.clock)()) {
        Ok(log) => log,
        Err(error) => {
            let says = format!("nothing was changed: the journal cannot be written: {error}");
            return Ok(Err(Abort { outcome: Outcome::Wrong, says }));
        }
    };
    let execution = Execution::new(approved).watching_for(change.wait.unwrap_or_default());
    let mut signals = Signals::new()?;
    let (steer, steering) = unbounded_channel();
    let (tell, mut told) = unbounded_channel();
    let mut work = std::pin::pin!(execute(
        execution,
        surface.cloud,
        |line: &Entry| log.write(line),
        surface.clock,
        steering,
        move |news| {
            if let Update::Progress(progress) = news {
                let _ = tell.send(progress);
            }
        }
    ));
    let mut lines = output::Lines::new(&shown);
    // Output that cannot be written does not end what was begun: it is an error only afterwards.
    let mut written = Ok(());
    loop {
        tokio::select! {
            biased;
            by = signals.end() => { let _ = steer.send(Control::Stop(by.to_owned())); }
            Some(progress) = told.recv() => {
                if change.form == Form::Text {
                    written = written.and(write(out, &lines.news(&progress)));
                }
            }
            progress = &mut work => {
                written?;
                if change.form == Form::Text {
                    write(out, &lines.news(&progress))?;
                    write(out, &output::summary(&shown, &progress, watches(change)))?;
                }
                return Ok(Ok(progress));
            }
        }
    }
}

fn watches(change: &Change) -> output::Watched {
    if change.wait.is_some() { output::Watched::Yes } else { output::Watched::No }
}

/// What an execution comes to: failed steps weigh more than skipped ones.
fn outcome(progress: &Progress, watched: output::Watched) -> Outcome {
    let any = |verdict| progress.endings().any(|ending| ending.verdict == verdict);
    let restless =
        || progress.tracks.iter().any(|track| matches!(track.settled, Some(plan::Stabilization::Unstable(_))));
    if any(StepOutcome::Failed) || any(StepOutcome::NotStarted) && !any(StepOutcome::Skipped) {
        Outcome::Wrong
    } else if any(StepOutcome::Skipped) {
        Outcome::Changed
    } else if matches!(progress.phase, Phase::Interrupted(_)) || watched == output::Watched::Yes && restless() {
        Outcome::Wrong
    } else {
        Outcome::Well
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Activity, Stabilization, StepResult, TrackProgress};

    #[test]
    fn the_worst_that_happened_decides_the_code() {
        let track = |verdict, settled| TrackProgress {
            activity: Activity::Over,
            endings: vec![StepResult { verdict, why: String::new(), request_id: None }],
            settled,
        };
        let of = |verdicts: &[StepOutcome]| Progress {
            phase: Phase::Over,
            tracks: verdicts.iter().map(|verdict| track(*verdict, None)).collect(),
            journal: None,
        };
        for (verdicts, expected) in [
            (&[StepOutcome::Done, StepOutcome::AlreadyDone][..], Outcome::Well),
            (&[StepOutcome::Done, StepOutcome::Skipped], Outcome::Changed),
            (&[StepOutcome::Skipped, StepOutcome::NotStarted], Outcome::Changed),
            (&[StepOutcome::Skipped, StepOutcome::Failed], Outcome::Wrong),
            (&[StepOutcome::NotStarted], Outcome::Wrong),
        ] {
            assert_eq!(outcome(&of(verdicts), output::Watched::No), expected, "{verdicts:?}");
        }
        let interrupted = Progress { phase: Phase::Interrupted("SIGTERM".to_owned()), ..of(&[StepOutcome::Done]) };
        assert_eq!(outcome(&interrupted, output::Watched::No), Outcome::Wrong);
        let restless = track(StepOutcome::Done, Some(Stabilization::Unstable("not stable after 15 min".to_owned())));
        let restless = Progress { tracks: vec![restless], ..of(&[]) };
        assert_eq!(outcome(&restless, output::Watched::Yes), Outcome::Wrong);
        assert_eq!(outcome(&restless, output::Watched::No), Outcome::Well);
    }
}
