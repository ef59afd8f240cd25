//! Resuming an unfinished plan, from its journal.

use super::confirm::{Sent, confirm};
use super::track::{Stage, TrackRun, settles};
use super::{Execution, Phase, STABLE_WITHIN};
use crate::plan::gate::Approved;
use crate::plan::journal_entry::{Entry, Event, Reply, Stabilization, StepOutcome, StepResult};
use crate::plan::model::Track;

/// How a plan stands according to its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// Every step is over, or somebody left it at that.
    Finished,
    /// It was ended before that, by what it says.
    Interrupted(String),
    /// It ends in the middle: whoever wrote it is gone, or still at it.
    Open,
}

/// How a plan stands according to the lines of its journal.
pub fn record_state(lines: &[Entry]) -> RecordState {
    let finished = lines.iter().any(|line| matches!(line.event, Event::Finished | Event::Dismissed));
    match lines.last().map(|line| &line.event) {
        _ if finished => RecordState::Finished,
        Some(Event::Interrupted { by, .. }) => RecordState::Interrupted(by.clone()),
        _ => RecordState::Open,
    }
}

impl Execution {
    /// Takes up what passed the gate again, where the `lines` of its journal end.
    ///
    /// Steps that are over stay so. Of a call that may have been made the effect is looked for first;
    /// only where a read would have shown it by now, and does not, is it made (again).
    pub fn resume(approved: Approved, lines: &[Entry]) -> Self {
        let plan = approved.into_plan();
        let runs = plan.tracks.iter().enumerate().map(|(at, track)| track_run(at, track, lines)).collect();
        let note = Some(Event::Resumed);
        Self { plan, runs, phase: Phase::Running, note, noting: false, stable_within: STABLE_WITHIN, trouble: None }
    }
}

fn track_run(at: usize, of: &Track, lines: &[Entry]) -> TrackRun {
    let mut run = TrackRun::new(at);
    let (mut endings, mut settled): (Vec<StepResult>, Option<Stabilization>) = (vec![], None);
    for line in lines {
        match &line.event {
            Event::Intent { track, step, .. } if *track == at && *step == endings.len() => {
                let sent = Sent::Lost("wharf ended before an answer was written down".to_owned());
                run.stage = confirm(line.at, sent);
            }
            Event::Reply { track, step, outcome } if *track == at && *step == endings.len() => {
                // An intent alone does not say that the call was made.
                run.calls += 1;
                run.stage = match outcome.clone() {
                    Reply::Accepted { request_id } => confirm(line.at, Sent::Accepted(request_id)),
                    Reply::Refused { says, request_id } => {
                        Stage::Ending(StepResult { verdict: StepOutcome::Failed, why: says, request_id })
                    }
                    Reply::Lost { says } => confirm(line.at, Sent::Lost(says)),
                };
            }
            Event::StepEnded { track, step, ending } if *track == at && *step == endings.len() => {
                endings.push(ending.clone());
                (run.calls, run.stage) = (0, Stage::Waiting);
            }
            Event::Stabilization { track, settling } if *track == at => settled = Some(settling.clone()),
            _ => {}
        }
    }
    let done = endings.iter().any(|ending| ending.verdict == StepOutcome::Done);
    let stopped = endings.iter().any(|ending| !matches!(ending.verdict, StepOutcome::Done | StepOutcome::AlreadyDone));
    if endings.len() >= of.steps.len() {
        let since = lines.last().map(|line| line.at).unwrap_or_default();
        run.stage = if done && settled.is_none() && settles(of) { Stage::Settling { since } } else { Stage::Over };
    } else if stopped {
        let why = "the step before it was not done".to_owned();
        run.stage = Stage::Ending(StepResult { verdict: StepOutcome::NotStarted, why, request_id: None });
    }
    (run.endings, run.settled) = (endings, settled);
    run
}
