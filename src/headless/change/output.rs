//! A plan and what became of it, in text and as one JSON document.

use std::collections::BTreeSet;
use std::io;

use serde::Serialize;

use crate::app::page::{plan_details, summary};
use crate::fleet::Arn;
use crate::plan::{Demand, Plan, Progress, Resource, Stabilization, StepOutcome, StepResult, demand};
use crate::text::clean;

/// Columns of the word that a line begins with.
const WORD: usize = 11;

/// Columns that a plan's lines are wrapped to.
const WIDTH: u16 = 100;

/// Reports the ends of steps once each, as they come.
pub(super) struct Lines<'a> {
    plan: &'a Plan,
    /// Tracks and steps that were reported; a track's stable tasks count as one beyond its last step.
    told: BTreeSet<(usize, usize)>,
}

#[derive(Serialize)]
struct Document<'a> {
    plan: &'a Plan,
    /// What has to be said to it: `y`, or words.
    confirm: String,
    /// What became of it; absent where nothing was done.
    result: Option<Result<'a>>,
}

#[derive(Serialize)]
struct Result<'a> {
    phase: &'static str,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    path: &'a str,
    resource: &'a Resource,
    /// The ARN, where the resource is a service.
    service: Option<&'a Arn>,
    operation: &'static str,
    verdict: &'static str,
    why: &'a str,
    request_id: Option<&'a str>,
    /// Of a track's last step: whether its tasks became stable, where that was watched.
    settled: Option<&'a Stabilization>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self { plan, told: BTreeSet::new() }
    }

    /// What `progress` has that was not reported yet, line by line.
    pub(super) fn news(&mut self, progress: &Progress) -> String {
        let mut news = String::new();
        for (at, (track, state)) in self.plan.tracks.iter().zip(&progress.tracks).enumerate() {
            for (step, ending) in state.endings.iter().enumerate() {
                if self.told.insert((at, step)) {
                    news += &line(ending.verdict.word(), &track.target.path, &reason(ending));
                }
            }
            if let Some(settled) = &state.settled
                && self.told.insert((at, track.steps.len()))
            {
                news += &match settled {
                    Stabilization::Stable => {
                        line("stable", &track.target.path, "the running count is the desired count")
                    }
                    Stabilization::Unstable(why) => line("not stable", &track.target.path, why),
                };
            }
        }
        news
    }
}

/// The plan, as its screen shows it.
pub(super) fn plan(plan: &Plan) -> String {
    let lines = plan_details::lines(plan, WIDTH)
        .iter()
        .map(|line| line.text().trim_end().to_owned() + "\n")
        .collect::<String>();
    format!("PLAN  {}\n{lines}", summary::subject(plan))
}

/// What it all came to, and how to go on.
pub(super) fn summary(plan: &Plan, progress: &Progress, watched: Watched) -> String {
    let count = |verdict| progress.endings().filter(|ending| ending.verdict == verdict).count();
    let verdicts = [
        StepOutcome::Done,
        StepOutcome::AlreadyDone,
        StepOutcome::Skipped,
        StepOutcome::Failed,
        StepOutcome::NotStarted,
    ];
    let counts = verdicts.into_iter().map(|verdict| (count(verdict), verdict.word())).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    let left = match &progress.phase {
        crate::plan::Phase::Interrupted(by) => format!("; interrupted by {by}"),
        _ => String::new(),
    };
    let rest = match (watched, plan.environments().first()) {
        (Watched::No, Some(home)) if count(StepOutcome::Done) > 0 => {
            format!("; its tasks may not be stable yet: wharf status {}", clean(home))
        }
        _ => String::new(),
    };
    format!("{} (plan {}){left}{rest}\n", counts.join(", "), plan.id)
}

/// Whether tasks were watched until they were stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// They were.
    Yes,
    /// They were not.
    No,
}

/// The plan, and what became of it.
pub(super) fn document(plan: &Plan, progress: Option<&Progress>) -> io::Result<String> {
    let confirm = match demand(plan) {
        Demand::Yes => "y".to_owned(),
        Demand::Words(words) => words,
    };
    let document = Document { plan, confirm, result: progress.map(|progress| result(plan, progress)) };
    let text = serde_json::to_string_pretty(&document).map_err(io::Error::other)?;
    Ok(text + "\n")
}

fn result<'a>(plan: &'a Plan, progress: &'a Progress) -> Result<'a> {
    let mut steps = vec![];
    for (track, state) in plan.tracks.iter().zip(&progress.tracks) {
        for (at, (step, ending)) in track.steps.iter().zip(&state.endings).enumerate() {
            steps.push(Step {
                path: &track.target.path,
                resource: &track.target.resource,
                service: track.target.resource.service(),
                operation: step.kind().operation().name(),
                verdict: ending.verdict.word(),
                why: &ending.why,
                request_id: ending.request_id.as_deref(),
                settled: state.settled.as_ref().filter(|_| at + 1 == track.steps.len()),
            });
        }
    }
    let phase = match progress.phase {
        crate::plan::Phase::Interrupted(_) => "interrupted",
        _ => "finished",
    };
    Result { phase, steps }
}

fn line(word: &str, path: &str, says: &str) -> String {
    format!("{word:<WORD$} {}  {}\n", clean(path), clean(says))
}

fn reason(ending: &StepResult) -> String {
    match &ending.request_id {
        Some(id) => format!("{} (request {id})", ending.why),
        None => ending.why.clone(),
    }
}
