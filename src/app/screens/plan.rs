//! The plan screen: a change in full; once it is confirmed, its progress and its result.

use jiff::Timestamp;

use super::{Age, Card, Hint, Kind, Opens, age::service, selected_or, text};
use crate::app::body::Content;
use crate::app::changes::{Change, Origin, Preflight, Ready, Stage, recorded_progress};
use crate::app::command::{Command, Context};
use crate::app::drift::drift;
use crate::app::layout::Layout;
use crate::app::page::{Line, Page, Role, Span, plan_details, progress, summary};
use crate::app::reads::Needs;
use crate::app::state::State;
use crate::app::subject::{Subject, planned};
use crate::fleet::QueryKind;
use crate::plan::{Phase, Plan, PlanId, Record};
use crate::text::duration;

/// One change: its plan, then its progress, then its result.
pub(super) struct OnePlan<'a>(pub(super) &'a PlanId);

impl Kind for OnePlan<'_> {
    fn card(&self) -> Card {
        Card { word: "plan", context: Context::Plan, layout: Layout::Detail, shown_by: None, preselects: true }
    }

    fn about(&self) -> Subject {
        Subject::Plan(self.0.clone())
    }

    fn subject(&self, state: &State) -> Subject {
        selected_or(state, self.about())
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        required(state, self.0, needs);
    }

    fn age(&self, state: &State) -> Age {
        age(state, self.0).into()
    }

    fn content(&self, state: &State) -> Content {
        text(page(state, self.0))
    }

    fn hints(&self, state: &State) -> Vec<Hint> {
        hints(state, self.0)
    }
}

/// The page of the change `id`.
fn page(state: &State, id: &PlanId) -> Page {
    let mut page = Page::default();
    let Some(change) = state.changes.get(id) else {
        page.title = vec![Span::new("this plan no longer exists", Role::Warn)];
        page.push(Line::of([Span::plain(" Nobody confirmed it, and nothing was changed.")]));
        return page;
    };
    page.title = title(state, change);
    match (&change.stage, &change.origin) {
        (Stage::Reading(asking), _) => waits(state, &mut page, asking),
        (Stage::Ready(Ready { plan, .. }), Origin::Proposed(_)) => {
            changed_since(state, &mut page, plan);
            page.lines.extend(plan_details::lines(plan, state.size.width));
        }
        (Stage::Ready(_) | Stage::Dormant, Origin::Unfinished(record)) => cut_short(state, &mut page, record),
        (Stage::Nothing(plan), _) => page.lines.extend(plan_details::lines(plan, state.size.width)),
        (Stage::Confirmed(plan, now), _) => {
            page.lines.extend(progress::lines(plan, now, state.now, state.size.width));
            page.push(Line::empty());
            plan_details::record(&mut page, plan, state.now, state.size.width);
        }
        (Stage::Dormant, Origin::Proposed(_)) => {}
    }
    page
}

/// `PLAN scale california/production/web`.
fn title(state: &State, change: &Change) -> Vec<Span> {
    let subject = match change.plan() {
        Some(plan) => summary::subject(plan),
        None => format!("{} {}", change.verb(), summary::proposed(&change.resources(), &state.fleet_view.places)),
    };
    let (word, role) = match &change.stage {
        Stage::Confirmed(..) if state.changes.is_taken_back(change) => ("undone", Role::Dim),
        Stage::Confirmed(_, progress) => summary::state(progress),
        Stage::Nothing(_) => ("nothing to do", Role::Warn),
        _ if matches!(change.origin, Origin::Unfinished(_)) => ("unfinished", Role::Warn),
        Stage::Reading(_) | Stage::Ready(_) | Stage::Dormant => ("plan", Role::Strong),
    };
    vec![Span::new(word.to_uppercase(), role), Span::plain(format!("  {subject}"))]
}

fn waits(state: &State, page: &mut Page, asking: &Preflight) {
    let all = asking.asked.len();
    let done = all - asking.flights.len();
    let text = format!("Reading from AWS what the plan needs: {done} of {all} answers…");
    page.wrapped(vec![Span::plain(" ")], &Span::dim(text), state.size.width, None);
    for error in asking.failed.values() {
        page.wrapped(vec![Span::plain(" ")], &Span::new(error.what(), Role::Warn), state.size.width, None);
    }
}

/// What is no longer as `plan` shows it.
fn changed_since(state: &State, page: &mut Page, plan: &Plan) {
    let drift = drift(plan, &state.fleet);
    let refresh = state.key(Command::Refresh);
    for (at, now) in &drift {
        let path = plan.tracks.get(*at).map(|track| track.target.path.clone()).unwrap_or_default();
        let whose = if plan.tracks.len() > 1 { format!("{path} ") } else { String::new() };
        let text = Span::new(format!("changed since: {whose}{now}; {refresh} builds the plan again"), Role::Bad);
        page.wrapped(vec![Span::plain(" ")], &text, state.size.width, None);
    }
    if !drift.is_empty() {
        page.push(Line::empty());
    }
}

/// What the journal says was done, and how it is now.
fn cut_short(state: &State, page: &mut Page, record: &Record) {
    let width = state.size.width;
    let recorded_progress = recorded_progress(record);
    let last = record.lines.last().map(|line| format!("{} ago", duration(state.since(line.at)))).unwrap_or_default();
    let text = format!("This plan was interrupted {last}. Its journal says:");
    page.wrapped(vec![Span::plain(" ")], &Span::plain(text), width, None);
    page.lines.extend(progress::lines(&record.plan, &recorded_progress, state.now, width));
    page.section(" AS IT IS NOW");
    for track in &record.plan.tracks {
        let service = track.target.resource.service().and_then(|arn| state.fleet.service(arn));
        let now = service.map_or("it was not read".to_owned(), |service| {
            let primary = service.primary().map(|primary| format!(", deployment {}", primary.id)).unwrap_or_default();
            format!(
                "desired count {}, running {}, {}{primary}",
                service.desired,
                service.running,
                service.definition.name()
            )
        });
        let lead = vec![Span::plain(format!(" {}  ", track.target.path))];
        page.wrapped(lead, &Span::plain(now), width, None);
    }
    page.section(" AS IT WAS PLANNED");
    // One stops at a service once: above.
    page.lines.extend(plan_details::lines(&record.plan, width).into_iter().map(|line| Line { item: None, ..line }));
}

/// A plan shows when the fleet is no longer as it says. One that was confirmed reads for itself.
fn required(state: &State, id: &PlanId, needs: &mut Needs) {
    let Some(Change { stage: Stage::Ready(Ready { plan, .. }), .. }) = state.changes.get(id) else { return };
    for track in &plan.tracks {
        for about in track.steps.iter().flat_map(|step| step.kind().drift_queries(&track.target.resource)) {
            match about {
                QueryKind::Services(_, services) => needs.services.extend(services),
                QueryKind::ScalableTargets(services) => needs.bounds.extend(services),
                QueryKind::Tasks(cluster, _) => drop(needs.tasks.insert(cluster)),
                _ => {}
            }
        }
    }
}

/// When what the plan says was read.
fn age(state: &State, id: &PlanId) -> Option<Timestamp> {
    match state.changes.get(id).map(|change| (&change.stage, change.plan())) {
        Some((Stage::Ready(_) | Stage::Nothing(_), Some(plan))) => Some(plan.made_at),
        _ => planned(state, id).into_iter().filter_map(|arn| service(state, arn)).min(),
    }
}

/// What can be done to a plan in progress, and after it. What confirms one is said above the footer.
fn hints(state: &State, id: &PlanId) -> Vec<Hint> {
    let Some(change) = state.changes.get(id) else { return vec![] };
    match &change.stage {
        Stage::Confirmed(_, progress) if change.is_running() => {
            let pause = if progress.phase == Phase::Paused { "continue" } else { Command::Pause.info().hint };
            vec![Hint::new(Command::Pause, pause, 1), Hint::of(Command::GiveUp, 2)]
        }
        Stage::Confirmed(..) if change.can_be_undone() && !state.changes.is_taken_back(change) => {
            vec![Hint::of(Command::Undo, 2)]
        }
        // What an earlier run did of it can be undone as well.
        Stage::Ready(_) if matches!(change.origin, Origin::Unfinished(_)) => {
            let undo = change.has_done().then(|| Hint::of(Command::Undo, 2));
            undo.into_iter().chain([Hint::new(Command::GiveUp, "dismiss", 2)]).collect()
        }
        _ if change.could_move_bounds() => vec![Hint::of(Command::MoveBounds, 2)],
        _ => vec![],
    }
}
