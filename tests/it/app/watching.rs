//! What comes of a change: progress, result, taking it back, and plans that were cut short.

use wharf::app::{Effect, Item, Message, Stage, State, Steer, UnreadableJournal, View, list};
use wharf::fleet::{Payload, Query, QueryKind, Response, Service};
use wharf::plan::{
    Activity, Answer as Said, Entry, Event, Phase, Plan, PlanId, Progress, Range, Record, Reply, Step, StepOutcome,
    StepResult, TrackProgress, steps,
};

use super::App;
use super::changing::{approved, fleet, go, on, plan};
use crate::fixture::{after, before, cluster_arn, context, service_arn};

fn notice(app: &App) -> String {
    app.notice().unwrap_or_default()
}

fn text(state: &State) -> String {
    state.body.page().unwrap().lines.iter().map(|line| line.text() + "\n").collect()
}

fn done(request: &str) -> StepResult {
    StepResult { verdict: StepOutcome::Done, why: String::new(), request_id: Some(request.to_owned()) }
}

fn progress(phase: Phase, tracks: Vec<(Activity, Vec<StepResult>)>) -> Progress {
    let tracks = tracks.into_iter().map(|(doing, endings)| TrackProgress { activity: doing, endings, settled: None });
    Progress { phase, tracks: tracks.collect(), journal: None }
}

/// The app with `keys` proposed for `home` and confirmed, and the plan that it was.
fn confirmed(home: &str, keys: &str) -> (App, Plan) {
    let mut app = on(home);
    app.press(keys);
    app.read(&fleet());
    let plan = plan(&app.state).clone();
    assert_eq!(app.press("y"), [Effect::Perform(approved(&plan, &Said::Yes))]);
    (app, plan)
}

fn tell(app: &mut App, id: &PlanId, progress: Progress) {
    assert_eq!(app.take(Message::Progressed(id.clone(), Box::new(progress))), []);
}

/// The fleet with another count for its first service.
fn counting(count: u32) -> Vec<Service> {
    let mut services = fleet();
    services[0].desired = count;
    services
}

#[test]
fn the_plan_turns_into_its_progress_and_ends_as_its_result() {
    let (mut app, plan) = confirmed("california/staging", "S 5 enter");
    assert!(text(&app.state).contains("nothing done yet"));
    tell(&mut app, &plan.id, progress(Phase::Running, vec![(Activity::Calling, vec![])]));
    assert!(text(&app.state).contains("> calling"), "{}", text(&app.state));
    tell(&mut app, &plan.id, progress(Phase::Finished, vec![(Activity::Settling(after(0)), vec![done("r-9")])]));
    app.wait(12);
    assert!(text(&app.state).contains("> watching 12s"), "{}", text(&app.state));
    assert!(text(&app.state).contains("request r-9"), "{}", text(&app.state));
    assert_eq!(app.press("y"), [], "confirmed once, and never again");
    assert_eq!(app.press("ctrl-r"), []);
    assert_eq!(notice(&app), "a confirmed plan cannot be built again");
}

#[test]
fn a_plan_under_way_can_be_paused_and_given_up_and_goes_on_without_its_screen() {
    let (mut app, plan) = confirmed("california/staging", "S 5 enter");
    assert_eq!(app.press("z"), [Effect::Steer(plan.id.clone(), Steer::Pause)]);
    assert_eq!(app.press("x"), [Effect::Steer(plan.id.clone(), Steer::GiveUp)]);
    app.press("esc");
    assert_eq!(notice(&app), "it continues; p shows it");
    tell(&mut app, &plan.id, progress(Phase::Finished, vec![(Activity::Over, vec![done("r-9")])]));
    assert_eq!(notice(&app), "scale california/staging/ca-api: 1 done");
    app.press("p");
    assert_eq!(list::selected(&app.state), Some(Item::Plan(plan.id.clone())));
    app.press("enter");
    assert_eq!(app.state.screen().view, View::Plan(plan.id));
    assert_eq!(app.press("z"), []);
    assert_eq!(notice(&app), "nothing is in progress here");
}

#[test]
fn news_of_a_plan_that_nobody_knows_change_nothing() {
    let (mut app, _) = confirmed("california/staging", "R");
    let before = app.state.changes.clone();
    tell(&mut app, &PlanId::new(1), progress(Phase::Over, vec![]));
    assert_eq!(app.state.changes, before);
}

#[test]
fn the_last_finished_change_is_taken_back_by_a_plan_of_its_own() {
    let (mut app, first) = confirmed("california/staging", "S 5 enter");
    app.press("U");
    assert_eq!(notice(&app), "it is still in progress; it can be undone once its steps have ended");
    tell(&mut app, &first.id, progress(Phase::Over, vec![(Activity::Over, vec![done("r-9")])]));
    app.press("esc U");
    app.read(&counting(5));
    let back = plan(&app.state).clone();
    assert_eq!(back.tracks[0].steps, [Step::DesiredCount(steps::DesiredCount { from: 5, to: 2 })]);
    assert_eq!(back.undoes, Some(first.id.clone()));
    assert_eq!(app.press("y"), [Effect::Perform(approved(&back, &Said::Yes))]);
    app.press("esc p j enter");
    assert_eq!(app.state.screen().view, View::Plan(first.id));
    let title = |app: &App| app.state.body.page().unwrap().title[0].text.clone();
    let failed = || StepResult { verdict: StepOutcome::Failed, ..done("r-10") };
    for (ending, word) in [(None, "DONE"), (Some(failed()), "DONE"), (Some(done("r-10")), "UNDONE")] {
        let phase = if ending.is_some() { Phase::Over } else { Phase::Running };
        tell(&mut app, &back.id, progress(phase, vec![(Activity::Over, ending.into_iter().collect())]));
        assert_eq!(title(&app), word);
    }
}

#[test]
fn on_a_step_of_a_result_only_that_step_is_taken_back() {
    let mut app = on("california/staging");
    app.press("* S +1 enter");
    app.read(&fleet());
    let both = plan(&app.state).clone();
    assert_eq!(both.tracks.len(), 2);
    app.press("y");
    let ended = || (Activity::Over, vec![done("r-9")]);
    tell(&mut app, &both.id, progress(Phase::Over, vec![ended(), ended()]));
    let mut now = fleet();
    (now[0].desired, now[1].desired) = (3, 4);
    app.press("j j U");
    app.read(&now);
    let one = plan(&app.state).clone();
    let changed = |plan: &Plan| -> Vec<String> {
        plan.tracks.iter().map(|track| track.target.resource.service().unwrap().name().to_owned()).collect()
    };
    assert_eq!(changed(&one), ["ca-web"]);
    app.press("esc");
    assert_eq!(app.state.screen().view, View::Plan(both.id.clone()));
    app.press("g g U");
    app.read(&now);
    assert_eq!(changed(plan(&app.state)), ["ca-api", "ca-web"]);
}

#[test]
fn without_anything_done_there_is_nothing_to_undo() {
    let mut app = on("california/staging");
    app.press("U");
    assert_eq!(notice(&app), "no change of this session can be undone");
    app.press("R");
    app.read(&fleet());
    app.press("U");
    assert_eq!(notice(&app), "none of its steps was done: there is nothing to undo");
}

#[test]
fn what_was_redeployed_says_why_it_cannot_be_taken_back() {
    let (mut app, plan) = confirmed("california/staging", "R");
    tell(&mut app, &plan.id, progress(Phase::Over, vec![(Activity::Over, vec![done("r-9")])]));
    app.press("U");
    assert_eq!(app.state.screen().view, View::Plan(plan.id));
    assert!(notice(&app).starts_with("a redeploy leaves nothing to restore"), "{}", notice(&app));
}

/// A plan that scaled `california/staging/ca-api` from 2 to 5 and was cut short after the call.
pub fn record() -> Record {
    let (_, plan) = confirmed("california/staging", "S 5 enter");
    let plan = Plan { id: PlanId::new(99), ..plan };
    let line = |seconds, entry| Entry { at: before(seconds), event: entry };
    let lines = vec![
        line(90, Event::Planned(Box::new(plan.clone()))),
        line(89, Event::Intent { track: 0, step: 0, call: "UpdateService".to_owned() }),
        line(88, Event::Reply { track: 0, step: 0, outcome: Reply::Accepted { request_id: Some("r-1".to_owned()) } }),
    ];
    Record { plan, lines }
}

#[test]
fn a_plan_that_was_cut_short_is_said_shown_with_fresh_reads_and_taken_up_by_the_same_confirmation() {
    let record = record();
    let mut app = App::showing(&counting(5));
    app.take(Message::Unfinished(vec![record.clone()]));
    assert_eq!(app.state.changes.unfinished(), 1);
    assert_eq!(app.press("p"), []);
    app.press("enter");
    let looks: Vec<&Query> =
        app.asked().into_iter().filter(|ask| matches!(ask.kind, QueryKind::Services(..))).collect();
    assert!(
        looks
            .iter()
            .any(|ask| ask.kind == QueryKind::Services(cluster_arn("humangov"), vec![service_arn("humangov/ca-api")]))
    );
    assert_eq!(app.press("y"), [], "not before the answers");
    app.read(&counting(5));
    assert!(text(&app.state).contains("> called"), "{}", text(&app.state));
    assert!(text(&app.state).contains("california/staging/ca-api  desired count 5, running 2"), "{}", text(&app.state));
    let top = app.state.screen().list.top;
    app.state.size.height = 15;
    app.press("j j j j");
    assert!(app.state.screen().list.top > top, "it can be read to its end");
    app.wait(2);
    let resumed = Effect::Resume(approved(&record.plan, &Said::Yes), record.lines);
    assert_eq!(app.press("y"), [resumed]);
    assert_eq!(app.state.changes.unfinished(), 0);
}

#[test]
fn a_plan_that_was_cut_short_can_be_left_as_it_is_for_good() {
    let record = record();
    let mut app = App::showing(&counting(5));
    app.take(Message::Unfinished(vec![record.clone()]));
    app.press("p enter");
    app.read(&counting(5));
    assert_eq!(app.press("x"), [Effect::Dismiss(Box::new(record.clone()))]);
    assert_eq!(
        (notice(&app).as_str(), app.state.changes.unfinished()),
        ("dismissed: nothing more is changed; its journal records this", 0)
    );
    assert_eq!(app.state.screen().view, View::Plans);
    app.take(Message::DismissFailed(Box::new(record), "no space left".to_owned()));
    assert_eq!(app.state.changes.unfinished(), 1);
    assert_eq!(notice(&app), "not dismissed: the journal could not be written: no space left");
}

#[test]
fn what_was_called_and_not_seen_to_have_an_effect_is_taken_back_as_well() {
    let record = record();
    assert!(!record.lines.iter().any(|line| matches!(line.event, Event::StepEnded { .. })));
    let mut app = App::showing(&counting(5));
    app.take(Message::Unfinished(vec![record]));
    app.press("p U");
    app.read(&counting(5));
    assert_eq!(plan(&app.state).tracks[0].steps, [Step::DesiredCount(steps::DesiredCount { from: 5, to: 2 })]);
}

#[test]
fn what_was_done_of_a_plan_that_was_cut_short_can_be_taken_back() {
    let mut record = record();
    record.lines.push(Entry { at: before(80), event: Event::StepEnded { track: 0, step: 0, ending: done("r-1") } });
    let mut app = App::showing(&counting(5));
    app.take(Message::Unfinished(vec![record.clone()]));
    app.press("p U");
    app.read(&counting(5));
    let back = plan(&app.state);
    assert_eq!(
        (back.undoes.as_ref(), &back.tracks[0].steps),
        (Some(&record.plan.id), &vec![Step::DesiredCount(steps::DesiredCount { from: 5, to: 2 })])
    );
    app.press("esc enter");
    app.read(&counting(5));
    app.press("esc");
    assert_eq!(app.state.changes.unfinished(), 1, "left as it was");
    app.press("U");
    app.read(&counting(5));
    assert_eq!(app.press("y").len(), 1);
    assert_eq!(app.state.changes.unfinished(), 0, "taken back");
}

#[test]
fn what_a_plan_under_way_has_read_is_taken_in_and_no_older_look_puts_it_back() {
    let (mut app, _) = confirmed("california/staging", "S 5 enter");
    app.wait(20);
    assert_eq!(
        app.asked().iter().filter(|ask| matches!(ask.kind, QueryKind::Services(..))).count(),
        0,
        "it reads for itself"
    );
    app.press("esc");
    app.wait(20);
    let looks = app.asked().iter().filter(|ask| matches!(ask.kind, QueryKind::Services(..))).count();
    assert!(looks > 0, "a look is under way");
    let ask = Query {
        context: context().id,
        kind: QueryKind::Services(cluster_arn("humangov"), vec![service_arn("humangov/ca-api")]),
    };
    let seen = Response::Complete(Payload::Services(vec![counting(5)[0].clone()], vec![]));
    app.take(Message::ObservedByPlan(Box::new(ask), Box::new(seen)));
    let desired = |app: &App| app.state.fleet.service(&service_arn("humangov/ca-api")).unwrap().desired;
    assert_eq!(desired(&app), 5);
    app.read(&fleet());
    assert_eq!(desired(&app), 5, "asked before, answered after");
    app.wait(20);
    app.read(&counting(6));
    assert_eq!(desired(&app), 6, "asked after");
}

#[test]
fn bounds_are_moved_only_where_the_count_lies_outside() {
    let services = fleet();
    let mut app = on("california/staging");
    app.press("S 9 enter");
    let scaling = wharf::fleet::Scaling { service: service_arn("humangov/ca-api"), min: 2, max: 6, suspended: vec![] };
    let answer = |app: &mut App| {
        while app.asked().iter().any(|ask| matches!(ask.kind, QueryKind::ScalableTargets(_))) {
            let facts = Response::Complete(Payload::ScalableTargets(vec![scaling.clone()]));
            app.answer(|about| matches!(about, QueryKind::ScalableTargets(_)), facts);
        }
        app.read(&services);
    };
    answer(&mut app);
    assert_eq!(plan(&app.state).tracks[0].steps, [Step::DesiredCount(steps::DesiredCount { from: 2, to: 9 })]);
    app.press("b");
    answer(&mut app);
    let (from, to) = (Range { minimum: 2, maximum: 6 }, Range { minimum: 2, maximum: 9 });
    assert_eq!(
        plan(&app.state).tracks[0].steps,
        [
            Step::ScalingBounds(steps::ScalingBounds { from, to }),
            Step::DesiredCount(steps::DesiredCount { from: 2, to: 9 })
        ]
    );
    app.press("b");
    answer(&mut app);
    assert_eq!(plan(&app.state).tracks[0].steps, [Step::DesiredCount(steps::DesiredCount { from: 2, to: 9 })]);
    let mut app = on("california/staging");
    app.press("S 5 enter");
    app.read(&services);
    app.press("b");
    assert_eq!(notice(&app), "the desired count is within the autoscaling bounds");
}

#[test]
fn jobs_are_not_services() {
    let tasks = [crate::fixture::task("humangov/ca-api", "0a1b", 'a')].map(|mut task| {
        task.group = "family:report".to_owned();
        task
    });
    let mut app = App::new();
    app.read_all(&fleet(), &tasks);
    go(&mut app, "jobs");
    for key in ["R", "S", "space"] {
        app.press(key);
        assert_eq!(notice(&app), "jobs cannot be changed: they belong to no service");
    }
    app.press("esc");
    while app.selected().as_deref() != Some("(jobs)") {
        app.press("j");
    }
    app.press("R");
    assert_eq!(notice(&app), "jobs cannot be changed: they belong to no service");
}

#[test]
fn plans_are_listed_the_newest_first_and_each_has_an_id_of_its_own() {
    let mut app = on("california/staging");
    for count in ["2", "2", "2"] {
        app.press("S");
        app.press(count);
        app.press("enter");
        app.read(&fleet());
    }
    let ids: Vec<PlanId> = app.state.changes.iter().map(|change| change.id.clone()).collect();
    let mut made: Vec<PlanId> = ids.clone();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 3);
    assert!(app.state.changes.iter().all(|change| matches!(change.stage, Stage::Nothing(_))));
    app.press("p");
    let shown: Vec<Item> = app.state.body.anchors.iter().map(|anchor| anchor.item.clone()).collect();
    assert_eq!(shown, ids.into_iter().map(Item::Plan).collect::<Vec<_>>());
}

#[test]
fn a_journal_that_cannot_be_read_is_counted_and_shown_with_its_path_line_and_reason() {
    let mut app = App::new();
    let journal = |path: &str, line, why: &str| UnreadableJournal { path: path.to_owned(), line, why: why.to_owned() };
    let (damaged, newer) = ("/state/20261120T120000Z-a.jsonl", "/state/20261120T120000Z-b.jsonl");
    app.take(Message::UnreadableJournals(vec![
        journal(damaged, Some(2), "it has no checksum: it is damaged"),
        journal(newer, None, "permission denied"),
    ]));
    let frame = crate::view::paint::plain(&app.state, 80, 24);
    assert!(frame.contains("2 journals unreadable, p"), "{frame}");
    for key in ["p", "!"] {
        app.press(key);
        let shown = text(&app.state);
        for says in [damaged, "line 2: it has no checksum: it is damaged", newer, "permission denied"] {
            assert!(shown.contains(says), "{key}: {shown}");
        }
        // Nothing is to be opened, confirmed or undone there.
        let before = app.state.screen().view.clone();
        assert_eq!((app.press("enter y U"), &app.state.screen().view), (vec![], &before), "{key}");
        app.press("q");
    }
    assert_eq!(app.state.changes.iter().count(), 0);
}
