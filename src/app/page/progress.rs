//! A plan in progress, and its result: a row a step, with its reason and request id.

use std::time::Duration;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::{Line, Page, Role, Span, summary};
use crate::app::state::Item;
use crate::plan::{Activity, Phase, Plan, Progress, Stabilization, StepOutcome, StepResult, Track, TrackProgress};
use crate::text::{duration, fit_end, padded};

/// Columns of a step's mark and word.
const WORD: usize = 16;
/// Columns that a path has at the most, of eighty.
const PATH: usize = 34;

/// The line of a result that represents all of it: undone from there, all of it is.
pub const WHOLE: &str = "all of it";

/// How `plan` stands at `now` by its `progress`, in lines of at most `width` columns: what went wrong
/// first, the rest in the plan's order.
pub fn lines(plan: &Plan, progress: &Progress, now: Timestamp, width: u16) -> Vec<Line> {
    let mut page = Page::default();
    summary(&mut page, progress, width);
    page.push(Line::empty());
    let longest = plan.tracks.iter().map(|track| track.target.path.width()).max().unwrap_or(0);
    let path = longest.min(PATH + usize::from(width).saturating_sub(80) / 2);
    let (bad, rest): (Vec<_>, Vec<_>) =
        plan.tracks.iter().zip(&progress.tracks).partition(|(_, stands)| is_trouble(stands));
    for (track, stands) in bad.into_iter().chain(rest) {
        rows(&mut page, track, stands, now, path, width);
    }
    page.lines
}

/// Whether somebody should look at it: among many it stands first.
fn is_trouble(stands: &TrackProgress) -> bool {
    let bad = |ending: &StepResult| matches!(ending.verdict, StepOutcome::Failed | StepOutcome::Skipped);
    stands.endings.iter().any(bad) || matches!(stands.settled, Some(Stabilization::Unstable(_)))
}

/// What it comes to.
fn summary(page: &mut Page, progress: &Progress, width: u16) {
    let tally = Span::new(format!(" {}", summary::tally(progress)), Role::Strong);
    page.push(Line::of([tally]).stop(Item::Line(WHOLE.to_owned())));
    match &progress.phase {
        Phase::Stopping(by) | Phase::Interrupted(by) => {
            let text = Span::new(format!("ended by {by}: the remaining steps were not started"), Role::Warn);
            page.wrapped(vec![Span::plain(" ")], &text, width, None);
        }
        Phase::Paused => page.push(Line::of([Span::dim(" no more steps are started")])),
        Phase::Running | Phase::Finished | Phase::Over => {}
    }
    if let Some(trouble) = &progress.journal {
        let text = Span::new(format!("the journal cannot be written: {trouble}"), Role::Bad);
        page.wrapped(vec![Span::plain(" ")], &text, width, None);
    }
}

fn rows(page: &mut Page, track: &Track, stands: &TrackProgress, now: Timestamp, path: usize, width: u16) {
    let item = summary::item(&track.target.resource);
    for (at, step) in track.steps.iter().enumerate() {
        let ending = stands.endings.get(at);
        let current = at == stands.endings.len();
        let last = at + 1 == track.steps.len();
        let rest = if last { rest(stands, now) } else { None };
        let (word, role) = rest.unwrap_or_else(|| word(ending, stands.activity, current));
        let spans = [
            Span::new(padded(&word, WORD), role),
            Span::new(padded(&fit_end(&track.target.path, path), path + 2), Role::Strong),
            Span::plain(step.kind().summary()),
        ];
        page.push(Line::of(spans).stop(item.clone()));
        let said = ending.map(|ending| said(ending, &step.kind().summary())).unwrap_or_default();
        if !said.is_empty() {
            let role = match ending.map(|ending| ending.verdict) {
                Some(StepOutcome::Done | StepOutcome::AlreadyDone) | None => Role::Dim,
                Some(StepOutcome::Skipped | StepOutcome::Failed | StepOutcome::NotStarted) => Role::Plain,
            };
            page.wrapped(vec![Span::plain(" ".repeat(WORD))], &Span::new(said, role), width, Some(&item));
        }
    }
    if let Some(Stabilization::Unstable(why)) = &stands.settled {
        let lead = vec![Span::plain(" ".repeat(WORD))];
        page.wrapped(lead, &Span::new(format!("not stable: {why}"), Role::Warn), width, Some(&item));
    }
}

/// A step's mark and word: how it ended, or what is being done.
fn word(ending: Option<&StepResult>, doing: Activity, current: bool) -> (String, Role) {
    if let Some(ending) = ending {
        let (mark, role) = summary::mark(ending.verdict);
        return (format!(" {mark} {}", ending.verdict.word()), role);
    }
    let (word, role) = match doing {
        Activity::Checking if current => ("checking", Role::Busy),
        Activity::Calling if current => ("calling", Role::Busy),
        Activity::Looking if current => ("called", Role::Busy),
        _ => ("waiting", Role::Dim),
    };
    let mark = if role == Role::Busy { '>' } else { ' ' };
    (format!(" {mark} {word}"), role)
}

/// How it stands with a service's tasks after its last step was done.
fn rest(stands: &TrackProgress, now: Timestamp) -> Option<(String, Role)> {
    let since = |at| Duration::try_from(now.duration_since(at)).unwrap_or_default();
    match (&stands.settled, stands.activity) {
        (Some(Stabilization::Stable), _) => Some((" . stable".to_owned(), Role::Good)),
        (Some(Stabilization::Unstable(_)), _) => Some((" ! not stable".to_owned(), Role::Warn)),
        (None, Activity::Settling(at)) => Some((format!(" > watching {}", duration(since(at))), Role::Busy)),
        (None, _) => None,
    }
}

/// What was seen, or why not, unless that is just what was `meant`; and AWS's request id.
fn said(ending: &StepResult, meant: &str) -> String {
    let id = ending.request_id.as_ref().map(|id| format!("request {id}"));
    let why = (!ending.why.is_empty() && ending.why != meant).then(|| ending.why.clone());
    [why, id].into_iter().flatten().collect::<Vec<_>>().join("; ")
}
