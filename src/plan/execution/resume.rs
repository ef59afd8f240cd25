//! Taking up a plan that was cut short, from what its journal says.

use super::seek::{Sent, looking};
use super::walk::{Stage, Walk};
use super::{Execution, PATIENCE, Phase};
use crate::plan::entry::{Ending, Entry, Line, Outcome, Settled, Verdict};
use crate::plan::gate::Approved;

/// How a plan stands according to its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Every step is over, or somebody left it at that.
    Finished,
    /// It was ended before that, by what it says.
    Interrupted(String),
    /// It ends in the middle: whoever wrote it is gone, or still at it.
    Open,
}

/// How a plan stands according to the lines of its journal.
pub fn standing(lines: &[Line]) -> Standing {
    let finished = lines.iter().any(|line| matches!(line.entry, Entry::Finished | Entry::Dismissed));
    match lines.last().map(|line| &line.entry) {
        _ if finished => Standing::Finished,
        Some(Entry::Interrupted { by, .. }) => Standing::Interrupted(by.clone()),
        _ => Standing::Open,
    }
}

impl Execution {
    /// Takes up what passed the gate again, where the `lines` of its journal end.
    ///
    /// Steps that are over stay so. Of a call that may have been made the effect is looked for first;
    /// only where a read would have shown it by now, and does not, is it made (again).
    pub fn resume(approved: Approved, lines: &[Line]) -> Self {
        let plan = approved.into_plan();
        let walks = (0..plan.tracks.len()).map(|at| walk(at, plan.tracks[at].steps.len(), lines)).collect();
        let note = Some(Entry::Resumed);
        Self { plan, walks, phase: Phase::Running, note, noting: false, patience: PATIENCE, trouble: None }
    }
}

fn walk(at: usize, steps: usize, lines: &[Line]) -> Walk {
    let mut walk = Walk::new(at);
    let (mut endings, mut settled): (Vec<Ending>, Option<Settled>) = (vec![], None);
    for line in lines {
        match &line.entry {
            Entry::Intent { track, step, .. } if *track == at && *step == endings.len() => {
                let sent = Sent::Lost("wharf ended before an answer was written down".to_owned());
                walk.stage = looking(line.at, sent);
            }
            Entry::Outcome { track, step, outcome } if *track == at && *step == endings.len() => {
                // An intent alone does not say that the call was made.
                walk.calls += 1;
                walk.stage = match outcome.clone() {
                    Outcome::Accepted { request_id } => looking(line.at, Sent::Accepted(request_id)),
                    Outcome::Refused { says, request_id } => {
                        Stage::Ending(Ending { verdict: Verdict::Failed, why: says, request_id })
                    }
                    Outcome::Lost { says } => looking(line.at, Sent::Lost(says)),
                };
            }
            Entry::End { track, step, ending } if *track == at && *step == endings.len() => {
                endings.push(ending.clone());
                (walk.calls, walk.stage) = (0, Stage::Waiting);
            }
            Entry::Settled { track, settling } if *track == at => settled = Some(settling.clone()),
            _ => {}
        }
    }
    let done = endings.iter().any(|ending| ending.verdict == Verdict::Done);
    let stopped = endings.iter().any(|ending| !matches!(ending.verdict, Verdict::Done | Verdict::Already));
    if endings.len() >= steps {
        let since = lines.last().map(|line| line.at).unwrap_or_default();
        walk.stage = if done && settled.is_none() { Stage::Settling { since } } else { Stage::Over };
    } else if stopped {
        let why = "the step before it was not done".to_owned();
        walk.stage = Stage::Ending(Ending { verdict: Verdict::Untouched, why, request_id: None });
    }
    (walk.endings, walk.settled) = (endings, settled);
    walk
}
