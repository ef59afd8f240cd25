//! What keys and news do to a plan: it is built, confirmed, watched and steered.

use std::time::Duration;

use jiff::Timestamp;

use super::keys::{Press, Stroke, go, leave};
use super::{actions, input};
use crate::app::changes::{Change, Origin, Preflight, Ready, Stage, untouched};
use crate::app::chord::{Chord, Key};
use crate::app::command::Command;
use crate::app::drift::drift;
use crate::app::message::{Effect, Steer};
use crate::app::notice::{ChangeNotice, Notice};
use crate::app::page::summary;
use crate::app::reads::Ticket;
use crate::app::state::{Prompt, State, View};
use crate::fleet::{CloudError, Priority};
use crate::plan::{self, Answer, Demand, Phase, PlanId, PlanInput, Progress, Record, demand, gate};

/// A key that was down before a plan was drawn, and comes again within this time, may have been held
/// since: keyboards wait 200 to 1,000 ms before they begin to repeat.
const HELD: Duration = Duration::from_secs(1);

/// Goes to the plan `id`; an unfinished one is read again.
pub(super) fn open(state: &mut State, id: &PlanId) -> Vec<Effect> {
    if let Some(change) = state.changes.get_mut(id)
        && change.stage == Stage::Dormant
    {
        change.stage = Stage::Reading(Preflight::default());
    }
    go(state, View::Plan(id.clone()));
    vec![]
}

/// Builds the plan again, from new reads.
pub(super) fn rebuild(state: &mut State, id: &PlanId) {
    let now = state.now;
    let Some(change) = state.changes.get_mut(id) else { return };
    if matches!(change.stage, Stage::Confirmed(..)) {
        state.notify(ChangeNotice::ConfirmedIsFixed);
        return;
    }
    if let Origin::Proposed(proposal) = &mut change.origin {
        proposal.made_at = now;
    }
    change.stage = Stage::Reading(Preflight::default());
    state.input = None;
    state.notify(ChangeNotice::Rebuilt);
}

/// After one has left the plan's screen: a plan that was not confirmed changes nothing.
pub(super) fn left(state: &mut State, id: &PlanId) {
    let shown = state.screens.iter().any(|screen| screen.view.plan() == Some(id));
    let Some(change) = state.changes.get_mut(id).filter(|_| !shown) else { return };
    match (&change.stage, &change.origin) {
        (Stage::Reading(_) | Stage::Ready(_), Origin::Proposed(_)) => {
            state.changes.forget(id);
            state.notify(ChangeNotice::NothingChanged);
        }
        (Stage::Reading(_) | Stage::Ready(_), Origin::Unfinished(_)) => {
            change.stage = Stage::Dormant;
            state.notify(ChangeNotice::NothingChanged);
        }
        (Stage::Confirmed(_, progress), _) if change.is_running() => {
            let plans = state.keymap.key(Command::Plans);
            let paused = progress.phase == Phase::Paused;
            state.notify(ChangeNotice::Continues { paused, plans });
        }
        _ => {}
    }
}

/// Plans that are not on the screen have to be seen again before a key counts.
pub(super) fn forget_drawn(state: &mut State) {
    for change in state.changes.iter_mut() {
        if let Stage::Ready(ready) = &mut change.stage {
            ready.drawn = None;
        }
    }
    state.input.take_if(|typing| matches!(typing.asked, Prompt::Words(_)));
}

/// The plan on the screen was drawn at `at`, after which `dropped` were thrown away.
pub(super) fn drawn(state: &mut State, at: Timestamp, dropped: &[Chord]) {
    if let Some(chord) = dropped.last() {
        state.last_press = Some((*chord, at));
        state.notify(ChangeNotice::TypedAhead);
    }
    if !state.must_discard_typeahead() {
        return;
    }
    let Some(id) = state.screen().view.plan().cloned() else { return };
    // What a filter hides has not been seen: another frame shows all of it.
    let typing = state.input.take_if(|typing| matches!(typing.asked, Prompt::Filter)).is_some();
    if !std::mem::take(&mut state.screen_mut().list.filter).is_empty() || typing {
        return;
    }
    let Some(Change { stage: Stage::Ready(ready), .. }) = state.changes.get_mut(&id) else { return };
    ready.drawn = Some(at);
    if matches!(demand(&ready.plan), Demand::Words(_)) {
        input::ask(state, Prompt::Words(id), "");
    }
}

/// Whether the screen shows a plan that is not built yet.
pub(super) fn is_reading(state: &State) -> bool {
    let Some(id) = state.screen().view.plan() else { return false };
    matches!(state.changes.get(id), Some(Change { stage: Stage::Reading(_), .. }))
}

/// Whether the screen shows a plan that waits for somebody to confirm it.
pub(super) fn awaits_confirmation(state: &State) -> bool {
    let Some(id) = state.screen().view.plan() else { return false };
    matches!(state.changes.get(id), Some(Change { stage: Stage::Ready(_), .. }))
}

/// Carries out a command that is a plan's own.
pub(super) fn run_command(state: &mut State, command: Command, press: Press) -> Vec<Effect> {
    let Some(id) = state.screen().view.plan().cloned() else { return vec![] };
    match command {
        Command::Confirm => return confirm_key(state, &id, press),
        Command::MoveBounds => move_bounds(state, &id),
        Command::Pause => return steer(state, &id, Steer::Pause),
        Command::GiveUp => return dismiss(state, &id).unwrap_or_else(|| steer(state, &id, Steer::GiveUp)),
        _ => {}
    }
    vec![]
}

/// The answer `y`, if it is one: a key of its own, struck by somebody who saw the plan.
fn confirm_key(state: &mut State, id: &PlanId, press: Press) -> Vec<Effect> {
    let Press { chord, at, stroke, before } = press;
    let Some(Change { stage: Stage::Ready(Ready { drawn: Some(drawn), .. }), .. }) = state.changes.get(id) else {
        return confirm(state, id, &Answer::Yes);
    };
    let held = before.is_some_and(|then| then <= *drawn && at.duration_since(then).unsigned_abs() < HELD);
    if chord.key == Key::Enter {
        state.notify(ChangeNotice::EnterIsNoAnswer { confirm: None });
    } else if held || stroke == Stroke::Repeated {
        state.notify(ChangeNotice::Held { key: chord.to_string() });
    } else {
        return confirm(state, id, &Answer::Yes);
    }
    vec![]
}

/// Lets the plan `id` through the gate, if `answer` is what it demands and the screen shows it.
pub(super) fn confirm(state: &mut State, id: &PlanId, answer: &Answer) -> Vec<Effect> {
    match approve(state, id, answer) {
        Ok(effect) => {
            state.input = None;
            let list = &mut state.screen_mut().list;
            (list.selected, list.place, list.top) = (None, 0, 0);
            // What was marked has been dealt with.
            state.screens.iter_mut().for_each(|screen| screen.list.marks.clear());
            vec![effect]
        }
        Err(why) => {
            state.notify(why);
            vec![]
        }
    }
}

fn approve(state: &mut State, id: &PlanId, answer: &Answer) -> Result<Effect, Notice> {
    let change = state.changes.get(id).ok_or(ChangeNotice::PlanGone)?;
    let Stage::Ready(Ready { plan, drawn }) = &change.stage else {
        return Err(match &change.stage {
            Stage::Reading(_) => ChangeNotice::StillReading.into(),
            Stage::Confirmed(_, progress) if progress.phase.is_over() => ChangeNotice::Over.into(),
            Stage::Confirmed(..) => ChangeNotice::AlreadyConfirmed.into(),
            _ => ChangeNotice::NothingToConfirm.into(),
        });
    };
    if drawn.is_none() {
        return Err(ChangeNotice::NotShown.into());
    }
    if !state.screen().list.filter.is_empty() {
        let back = state.key(Command::Back);
        return Err(ChangeNotice::PartlyHidden { back }.into());
    }
    if let Some(why) = plan.tracks.iter().find_map(|track| actions::busy_reason(state, &track.target.resource)) {
        return Err(why.into());
    }
    if matches!(change.origin, Origin::Proposed(_)) && drift(plan, &state.fleet).len() == plan.tracks.len() {
        let refresh = state.key(Command::Refresh);
        return Err(ChangeNotice::Outdated { refresh }.into());
    }
    let plan = plan.clone();
    let approved = gate(plan.clone(), answer, &state.run.policy)?;
    let change = state.changes.get_mut(id).ok_or(ChangeNotice::PlanGone)?;
    let (effect, progress) = match &change.origin {
        Origin::Proposed(_) => (Effect::Perform(Box::new(approved)), untouched(&plan)),
        Origin::Unfinished(record) => {
            let progress = Progress { phase: Phase::Running, ..crate::app::changes::recorded_progress(record) };
            (Effect::Resume(Box::new(approved), record.lines.clone()), progress)
        }
    };
    change.stage = Stage::Confirmed(plan, progress);
    Ok(effect)
}

/// Lets autoscaling's bounds follow the count, or stay.
fn move_bounds(state: &mut State, id: &PlanId) {
    let Some(change) = state.changes.get_mut(id) else { return };
    if !change.could_move_bounds() {
        state.notify(ChangeNotice::BoundsFit);
        return;
    }
    if let Origin::Proposed(proposal) = &mut change.origin {
        let Some((verb, bounds)) = proposal.verb.kind().with_other_bounds() else { return };
        proposal.verb = verb;
        rebuild(state, id);
        state.notify(ChangeNotice::RebuiltWithBounds(bounds));
    }
}

fn steer(state: &mut State, id: &PlanId, steer: Steer) -> Vec<Effect> {
    if state.changes.get(id).is_some_and(Change::is_running) {
        return vec![Effect::Steer(id.clone(), steer)];
    }
    state.notify(ChangeNotice::NotInProgress);
    vec![]
}

/// Dismisses an unfinished plan for good; nothing for any other.
fn dismiss(state: &mut State, id: &PlanId) -> Option<Vec<Effect>> {
    let change = state.changes.get(id)?;
    let (Stage::Reading(_) | Stage::Ready(_), Origin::Unfinished(record)) = (&change.stage, &change.origin) else {
        return None;
    };
    let record = Box::new(record.clone());
    leave(state);
    state.changes.forget(id);
    state.notify(ChangeNotice::Dismissed);
    Some(vec![Effect::Dismiss(record)])
}

/// Asks what plans need to know, and builds those that know it.
pub(super) fn advance(state: &mut State) -> Vec<Effect> {
    if state.screen().view.plan().is_none() || !crate::app::layout::fits(state.size) {
        forget_drawn(state);
    }
    let mut effects = vec![];
    let asking: Vec<PlanId> =
        state.changes.iter().filter(|change| change.is_idle()).map(|change| change.id.clone()).collect();
    for id in asking {
        effects.extend(read_further(state, &id));
    }
    effects
}

/// The next questions of the plan `id`; its plan, once there are none.
fn read_further(state: &mut State, id: &PlanId) -> Vec<Effect> {
    let State { changes, fleet, fleet_view: board, run, feeds, now, .. } = state;
    let Some(Change { origin, stage, .. }) = changes.get_mut(id) else { return vec![] };
    let Stage::Reading(asking) = stage else { return vec![] };
    let input = PlanInput { fleet, places: &board.places, policy: &run.policy, failed: &asking.failed };
    let asks = match origin {
        Origin::Proposed(proposal) => plan::preflight_queries(proposal, &input, &asking.asked),
        Origin::Unfinished(record) => plan::drift_queries(&record.plan, &asking.asked),
    };
    if !asks.is_empty() {
        return asks
            .into_iter()
            .map(|ask| {
                let read = feeds.one_off(ask.clone(), Priority::Change, *now);
                asking.asked.insert(ask.clone());
                asking.flights.insert(read.ticket, ask);
                read.into()
            })
            .collect();
    }
    let plan = match origin {
        Origin::Proposed(proposal) => plan::build_plan(proposal, &input, *now),
        Origin::Unfinished(record) => record.plan.clone(),
    };
    if !plan.is_empty() {
        *stage = Stage::Ready(Ready { plan, drawn: None });
        return vec![];
    }
    let says = summary::nothing(&plan);
    *stage = Stage::Nothing(plan);
    if state.screen().view.plan() == Some(id) {
        leave(state);
        state.notify(says);
    }
    vec![]
}

/// The question of a plan's that was sent under `ticket` was answered, but for `error`.
pub(super) fn answered(state: &mut State, ticket: Ticket, error: Option<&CloudError>) {
    for change in state.changes.iter_mut() {
        if let Stage::Reading(asking) = &mut change.stage
            && let Some(ask) = asking.flights.remove(&ticket)
            && let Some(error) = error
        {
            asking.failed.insert(ask, error.clone());
        }
    }
}

/// The plan `id` stands like this now. When it ends, that is said on other screens than plans', too.
pub(super) fn progressed(state: &mut State, id: &PlanId, progress: Progress) {
    // Where a plan is read or something is typed, what is asked there must stay in sight.
    let shown = state.screen().view.plan().is_some() || state.input.is_some();
    let Some(Change { stage: Stage::Confirmed(plan, known), .. }) = state.changes.get_mut(id) else { return };
    let before = std::mem::replace(known, progress);
    let ends = |phase: &Phase| matches!(phase, Phase::Finished) || phase.is_over();
    let news = (ends(&known.phase) && !ends(&before.phase)) || (known.phase.is_over() && !before.phase.is_over());
    if news && !shown {
        let notice = summary::ended(plan, known);
        state.notify(notice);
    }
}

/// Journals of unfinished plans were found.
pub(super) fn unfinished(state: &mut State, records: Vec<Record>) {
    for record in records {
        if state.changes.get(&record.plan.id).is_none() {
            let id = record.plan.id.clone();
            state.changes.push(Change { id, origin: Origin::Unfinished(record), stage: Stage::Dormant });
        }
    }
}
