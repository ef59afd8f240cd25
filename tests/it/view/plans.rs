//! What changes look like: asked for, spelt out, under way, and what came of them.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use wharf::app::{Message, Stage, View, update};
use wharf::fleet::{Scaling, Service, Tags, Task};
use wharf::plan::{Activity, Phase, PlanId, Progress, Stabilization, StepOutcome, StepResult};

use super::paint::painted;
use crate::app::App;
use crate::app::changing::{fleet, go, plan};
use crate::app::watching::record;
use crate::fixture::{after, service, service_arn, task};

/// Three tenants, some of whose services are owned by others or scaled by them.
fn tenants() -> (Vec<Service>, Vec<Task>) {
    let mut services = vec![
        service("humangov/ca-api", "california/staging", 2),
        service("humangov/ca-web", "california/production", 4),
        service("humangov/ca-worker", "california/production", 0),
        service("humangov/tx-web", "texas/production", 2),
        service("humangov/nc-web", "north-carolina/production", 3),
    ];
    services[1].tags.insert("aws:cloudformation:stack-name".to_owned(), "humangov-web-ca".to_owned());
    services[4].minimum_percent = Some(100);
    services[4].maximum_percent = Some(100);
    let tasks = services
        .iter()
        .flat_map(|service| (0..service.desired).map(move |at| (service, at)))
        .map(|(service, at)| {
            let zone = ['a', 'b', 'c'][at as usize % 3];
            let mut task = task(&format!("humangov/{}", service.name), &format!("{at}{}", service.name), zone);
            task.containers[0].digest = Some(format!("sha256:{}", "77ab90cd".repeat(8)));
            task
        })
        .collect();
    (services, tasks)
}

/// The app on the services of `home`, with everything read.
fn on(home: &str) -> App {
    let (services, tasks) = tenants();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.wait(4);
    go(&mut app, home);
    app
}

fn read(app: &mut App) {
    let (services, tasks) = tenants();
    app.read_all(&services, &tasks);
}

fn at(app: &App, sizes: &[(u16, u16)]) -> String {
    sizes.iter().map(|(width, height)| painted(&app.state, *width, *height)).collect::<Vec<_>>().join("\n")
}

const BOTH: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// A plan over three environments.
fn bulk() -> App {
    let (services, tasks) = tenants();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.press("* R");
    read(&mut app);
    app
}

fn ended(verdict: StepOutcome, why: &str, request: Option<&str>) -> StepResult {
    StepResult { verdict, why: why.to_owned(), request_id: request.map(str::to_owned) }
}

/// The id of the newest plan, and its progress with `change` made to it.
fn progressed(app: &mut App, change: impl Fn(&mut Progress)) {
    let newest = app.state.changes.iter().next().unwrap();
    let Stage::Confirmed(_, progress) = &newest.stage else { panic!("not confirmed: {:?}", newest.stage) };
    let (id, mut progress): (PlanId, Progress) = (newest.id.clone(), progress.clone());
    change(&mut progress);
    app.take(Message::Progressed(id, Box::new(progress)));
}

/// A plan over several environments, confirmed, with its tracks in all kinds of states.
fn under_way() -> App {
    let mut app = bulk();
    let words = format!("{} services", plan(&app.state).tracks.len());
    update(&mut app.state, Message::Pasted(words));
    assert_eq!(app.press("enter").len(), 1, "{:?}", app.state.notice);
    progressed(&mut app, |progress| {
        progress.tracks[0].activity = Activity::Settling(after(2));
        progress.tracks[0].endings =
            vec![ended(StepOutcome::Done, "new deployment ecs-svc/2", Some("8d3f0c1e-0000-4000-8000-000000000001"))];
        progress.tracks[1].activity = Activity::Checking;
        progress.tracks[2].activity = Activity::Calling;
        progress.tracks[3].activity = Activity::Looking;
    });
    app.wait(12);
    app
}

#[test]
fn a_number_is_asked_for_beside_what_there_is() {
    let mut app = on("california/prod");
    let bounds = Scaling { service: service_arn("humangov/ca-web"), min: 2, max: 6, suspended: vec![] };
    app.state.fleet.scaling = BTreeMap::from([(bounds.service.clone(), Some(bounds))]);
    app.press("S 5");
    let typed = at(&app, &BOTH);
    app.press("x enter");
    assert_snapshot!(format!("{typed}\n{}", at(&app, &[(80, 24)])));
}

#[test]
fn marked_rows_are_seen_and_counted() {
    let (services, tasks) = tenants();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.press("* j space /");
    app.press("texas");
    app.press("enter");
    assert_snapshot!(at(&app, &[(80, 15)]));
}

#[test]
fn a_plan_of_one_service_is_spelt_out() {
    let mut app = on("california/staging");
    app.press("S +1 enter");
    read(&mut app);
    assert_snapshot!(at(&app, &[BOTH[0], BOTH[1], (60, 15)]));
}

#[test]
fn a_plan_in_a_protected_environment_asks_for_its_words() {
    let mut app = on("california/prod");
    app.press("R");
    read(&mut app);
    update(&mut app.state, Message::Pasted("california/produ".to_owned()));
    let typed = at(&app, &[BOTH[0], (60, 15)]);
    app.press("enter");
    assert_snapshot!(format!("{typed}\n{}", at(&app, &[(80, 24)])));
}

#[test]
fn a_plan_over_many_services_is_summed_up_with_its_warnings_first() {
    assert_snapshot!(at(&bulk(), &BOTH));
}

#[test]
fn a_plan_says_when_the_fleet_is_no_longer_as_it_shows_it() {
    let mut app = on("california/staging");
    app.press("S 5 enter");
    read(&mut app);
    let (mut services, tasks) = tenants();
    services[0].desired = 3;
    app.wait(6);
    app.read_all(&services, &tasks);
    assert_snapshot!(at(&app, &[(80, 24)]));
}

#[test]
fn before_the_answers_are_there_a_plan_says_that_it_waits() {
    let mut app = on("california/staging");
    app.press("R");
    assert_snapshot!(at(&app, &[(80, 24)]));
}

#[test]
fn a_plan_under_way_shows_what_is_being_done_to_each_service() {
    assert_snapshot!(at(&under_way(), &BOTH));
}

#[test]
fn what_came_of_a_plan_is_a_table_with_reasons_and_request_ids() {
    let mut app = under_way();
    progressed(&mut app, |progress| {
        progress.phase = Phase::Over;
        for track in &mut progress.tracks {
            track.activity = Activity::Over;
        }
        progress.tracks[0].settled = Some(Stabilization::Stable);
        progress.tracks[1].endings = vec![ended(
            StepOutcome::Failed,
            "AccessDeniedException: not allowed. Allow ecs:UpdateService",
            Some("id-2"),
        )];
        progress.tracks[2].endings = vec![ended(StepOutcome::Skipped, "another deployment has begun", None)];
        progress.tracks[3].endings = vec![ended(StepOutcome::Done, "new deployment ecs-svc/9", Some("id-4"))];
        progress.tracks[3].settled = Some(Stabilization::Unstable("not stable after 15 min".to_owned()));
        for track in &mut progress.tracks[4..] {
            track.endings = vec![ended(StepOutcome::NotStarted, "not started, because another failed", None)];
        }
    });
    assert_snapshot!(at(&app, &BOTH));
}

#[test]
fn plans_are_listed_the_newest_first() {
    let mut app = under_way();
    progressed(&mut app, |progress| progress.phase = Phase::Over);
    app.press("esc");
    go(&mut app, "california/staging");
    app.press("S 2 enter");
    read(&mut app);
    app.press("S 3 enter");
    read(&mut app);
    app.press("y");
    assert!(matches!(app.state.screen().view, View::Plan(_)));
    app.press("esc p");
    assert_snapshot!(at(&app, &BOTH));
}

#[test]
fn a_plan_that_was_cut_short_is_said_and_shown_beside_what_there_is_now() {
    let record = record();
    let mut app = App::showing(&fleet());
    app.take(Message::Unfinished(vec![record]));
    let said = at(&app, &[(80, 15)]);
    app.press("p enter");
    app.read(&fleet());
    assert_snapshot!(format!("{said}\n{}", at(&app, &[(80, 24)])));
}

#[test]
fn elsewhere_a_change_under_way_is_said_in_the_header() {
    let mut app = under_way();
    app.press("esc");
    assert_snapshot!(at(&app, &[(80, 15)]));
}

#[test]
fn in_read_only_nothing_is_offered_that_changes_anything() {
    let mut app = on("california/staging");
    app.state.run.policy.access = wharf::plan::Access::ReadOnly;
    assert_snapshot!(at(&app, &[(80, 15)]));
}

#[test]
fn what_comes_from_aws_into_a_plan_is_clean() {
    let mut evil = service("evil/web\u{1b}[31m", "acme\u{202e}/dev\u{7}", 2);
    evil.tags = Tags::from([("tenant".to_owned(), "ac\u{1b}me".to_owned()), ("env".to_owned(), "dev\u{7}".to_owned())]);
    let mut app = App::showing(&[evil.clone()]);
    app.press("R");
    app.read(&[evil]);
    assert!(matches!(app.state.screen().view, View::Plan(_)));
    let painted = at(&app, &[(80, 24)]);
    assert!(painted.chars().all(|c| c == '\n' || !c.is_control()), "{painted:?}");
    assert!(painted.contains("ac␛me/dev␇/web␛[31m"), "{painted}");
}
