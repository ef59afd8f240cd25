//! The way of a change: from the key over the plan to the order that carries it out.

use wharf::app::{Effect, Message, Size, Stage, State, View, update};
use wharf::fleet::{Arn, QueryKind, Response, Service};
use wharf::plan::{Access, Answer as Said, Approved, Phase, Plan, PlanId, Policy, Step, gate, steps};

use super::{App, error};
use crate::fixture::{service, service_arn};

/// A tenant with a staging of two services and a production of one, and another tenant's production.
pub fn fleet() -> Vec<Service> {
    vec![
        service("humangov/ca-api", "california/staging", 2),
        service("humangov/ca-web", "california/staging", 3),
        service("humangov/ca-prod-web", "california/production", 4),
        service("humangov/tx-web", "texas/production", 2),
    ]
}

/// The app on the services of `home`.
pub fn on(home: &str) -> App {
    let mut app = App::showing(&fleet());
    go(&mut app, home);
    app
}

/// Goes to the services of `home`, whose words are given as a filter takes them.
pub fn go(app: &mut App, home: &str) {
    app.press("/");
    update(&mut app.state, Message::Pasted(home.to_owned()));
    app.press("enter enter");
}

/// The plan on the screen, which waits for a confirmation.
#[track_caller]
pub fn plan(state: &State) -> &Plan {
    let View::Plan(id) = &state.screen().view else { panic!("no plan on the screen; {:?}", state.notice) };
    let Stage::Ready(ready) = &state.changes.get(id).unwrap().stage else { panic!("not ready") };
    &ready.plan
}

/// What `plan` becomes when it is confirmed with `said`.
pub fn approved(plan: &Plan, said: &Said) -> Box<Approved> {
    Box::new(gate(plan.clone(), said, &Policy::default()).unwrap())
}

fn services(plan: &Plan) -> Vec<&Arn> {
    plan.tracks.iter().map(|track| track.target.resource.service().unwrap()).collect()
}

fn notice(app: &App) -> String {
    app.notice().unwrap_or_default()
}

#[test]
fn what_is_confirmed_is_what_was_asked_though_the_list_moves() {
    let mut app = on("california/staging");
    app.press("j R");
    let mut moved = fleet();
    moved[1].desired = 3;
    moved.insert(0, service("humangov/ca-aaa", "california/staging", 0));
    app.read(&moved);
    let asked = plan(&app.state).clone();
    assert_eq!(services(&asked), [&service_arn("humangov/ca-web")]);
    app.shows(&moved);
    assert_eq!(*plan(&app.state), asked, "the plan stays as it was drawn");
    assert_eq!(app.press("y"), [Effect::Perform(approved(&asked, &Said::Yes))]);
}

#[test]
fn a_number_is_asked_for_where_the_present_one_can_be_seen() {
    let mut app = on("california/staging");
    app.press("S 5 enter");
    app.read(&fleet());
    let asked = plan(&app.state).clone();
    assert_eq!(asked.tracks[0].steps, [Step::DesiredCount(steps::DesiredCount { from: 2, to: 5 })]);
    assert_eq!(app.press("y"), [Effect::Perform(approved(&asked, &Said::Yes))]);
}

#[test]
fn what_is_no_number_is_said_in_place_and_asked_on() {
    let mut app = on("california/staging");
    app.press("S");
    for (typed, says) in [
        ("abc", "`abc` is not a number of tasks; write 3, +1 or -1, 5000 at most"),
        ("-3", "ca-api has a desired count of 2: -3 would be below zero"),
    ] {
        update(&mut app.state, Message::Pasted(typed.to_owned()));
        app.press("enter");
        assert_eq!((notice(&app).as_str(), app.state.input.is_some()), (says, true));
        app.press("ctrl-u");
    }
    app.press("esc");
    assert_eq!((app.state.input.is_some(), app.state.changes.iter().count()), (false, 0));
}

#[test]
fn a_filter_and_marks_carry_exactly_the_services_that_they_show() {
    let mut app = App::showing(&fleet());
    app.press("/");
    update(&mut app.state, Message::Pasted("california".to_owned()));
    app.press("enter * esc R");
    app.read(&fleet());
    let all = ["humangov/ca-prod-web", "humangov/ca-api", "humangov/ca-web"].map(service_arn);
    let asked = plan(&app.state).clone();
    assert_eq!(services(&asked), all.iter().collect::<Vec<_>>());
    assert_eq!(app.press("y"), [], "more than one environment: words are asked for");
    assert_eq!(app.press("ctrl-u"), []);
    let words = Said::Words("3 services".to_owned());
    app.press("3");
    app.press("space");
    app.press("services");
    assert_eq!(app.press("enter"), [Effect::Perform(approved(&asked, &words))]);
}

#[test]
fn two_services_of_one_name_are_told_apart_by_their_arns() {
    let both = [service("blue/api", "acme/dev", 2), service("green/api", "acme/dev", 2)];
    let mut app = App::showing(&both);
    app.press("enter j R");
    app.read(&both);
    let asked = plan(&app.state).clone();
    assert_eq!(services(&asked), [&service_arn("green/api")]);
    assert_eq!(app.press("y"), [Effect::Perform(approved(&asked, &Said::Yes))]);
}

#[test]
fn marks_are_lifted_by_esc_after_the_filter_and_before_one_is_backfilling() {
    let mut app = on("california/staging");
    app.press("space j space /");
    app.press("api");
    app.press("enter");
    let marks = |app: &App| app.state.screen().list.marks.len();
    assert_eq!((marks(&app), app.rows()), (2, vec!["ca-api".to_owned()]));
    app.press("esc");
    assert_eq!((marks(&app), app.rows().len()), (2, 2));
    app.press("esc");
    assert_eq!((marks(&app), app.rows().len()), (0, 2));
    app.press("* space");
    assert_eq!(marks(&app), 1);
    app.press("* *");
    assert_eq!(marks(&app), 0);
    app.press("esc");
    assert_eq!(app.state.screen().view, View::Fleet);
}

#[test]
fn a_confirmation_that_is_typed_ahead_of_its_plan_counts_for_nothing() {
    let mut app = on("california/staging");
    assert_eq!(app.burst("R y"), []);
    assert_eq!(notice(&app), "`y` was ignored: the plan was not ready yet");
    app.read(&fleet());
    assert_eq!(app.burst("y"), [], "it may be the same press, held");
    assert_eq!(notice(&app), "`y` is held down: release it, then press it once");
    app.wait(2);
    let asked = plan(&app.state).clone();
    assert_eq!(app.press("y"), [Effect::Perform(approved(&asked, &Said::Yes))]);
}

#[test]
fn keys_that_are_there_when_the_plan_is_drawn_are_dropped_and_that_is_said() {
    let mut app = on("california/staging");
    app.press("R");
    app.answer_all(&fleet(), &[]);
    assert!(app.state.must_discard_typeahead());
    let keys = vec!["y".parse().unwrap(), "y".parse().unwrap()];
    assert_eq!(app.take(Message::PlanDrawn(app.now(), keys)), []);
    assert_eq!(notice(&app), "keys pressed before the plan was shown were ignored");
    assert!(!app.state.must_discard_typeahead());
    assert_eq!(app.press("y"), [], "half a second later: it may be held");
    app.wait(2);
    assert_eq!(app.press("y").len(), 1);
}

#[test]
fn no_key_counts_before_the_plan_was_drawn_and_again_after_it_was_out_of_sight() {
    let mut app = on("california/staging");
    app.press("R");
    app.answer_all(&fleet(), &[]);
    app.wait(0);
    let yes = |app: &App| Message::Pressed("y".parse().unwrap(), app.now());
    for size in [Size { width: 50, height: 10 }, Size { width: 80, height: 24 }] {
        // Below the least size a plan cannot be seen.
        app.take_only(Message::Resized(size));
        app.pressing += 5_000;
        assert_eq!(app.take_only(yes(&app)), []);
        assert_eq!(notice(&app), "not yet: the plan has not been shown");
    }
    assert!(app.state.must_discard_typeahead());
    app.take(Message::PlanDrawn(app.now(), vec![]));
    app.take_only(Message::Pressed("?".parse().unwrap(), app.now()));
    app.take_only(Message::Pressed("esc".parse().unwrap(), app.now()));
    app.pressing += 5_000;
    assert_eq!(app.take_only(yes(&app)), [], "it has to be drawn again");
}

#[test]
fn a_held_key_never_confirms_however_long_it_is_held() {
    let mut app = on("california/staging");
    app.press("R");
    app.take_only(Message::Pressed("y".parse().unwrap(), app.now()));
    app.read(&fleet());
    for _ in 0..100 {
        app.pressing += 30;
        assert_eq!(app.take(Message::Pressed("y".parse().unwrap(), app.now())), []);
    }
    app.pressing += 5_000;
    assert_eq!(app.take(Message::Held("y".parse().unwrap(), app.now())), [], "the terminal says that it is held");
    app.pressing += 5_000;
    assert_eq!(app.take(Message::Pressed("y".parse().unwrap(), app.now())).len(), 1);
}

#[test]
fn neither_enter_nor_the_key_that_asked_nor_a_paste_confirms() {
    let mut app = on("california/staging");
    app.press("R");
    app.read(&fleet());
    assert_eq!(app.press("R"), []);
    assert_eq!(app.take(Message::Pasted("y".to_owned())), []);
    assert_eq!(notice(&app), "the pasted text was ignored: it is not run as commands");
    assert_eq!(app.press("enter"), []);
    assert_eq!(notice(&app), "enter does not confirm a plan; y carries it out");
    app.press("e");
    assert!(matches!(app.state.screen().view, View::Explain(_)));
    app.press("esc");
    assert!(matches!(app.state.screen().view, View::Plan(_)));
    assert_eq!(app.press("y").len(), 1, "after the plan was drawn again");
}

#[test]
fn words_count_only_once_they_stand_there_exactly() {
    let mut app = on("california/prod");
    app.press("S 1 enter");
    app.read(&fleet());
    let asked = plan(&app.state).clone();
    for wrong in ["", "y", "california", "california/prod", "California/production", "california/production "] {
        update(&mut app.state, Message::Pasted(wrong.to_owned()));
        assert_eq!(app.press("enter"), [], "{wrong:?}");
        assert_eq!(notice(&app), "not confirmed: `california/production` is required");
        app.press("ctrl-u");
    }
    update(&mut app.state, Message::Pasted("\x1bcalifornia/production\r".to_owned()));
    let words = Said::Words("california/production".to_owned());
    assert_eq!(app.press("enter"), [Effect::Perform(approved(&asked, &words))]);
}

#[test]
fn a_plan_of_which_a_filter_hides_a_part_is_not_confirmed() {
    let mut app = on("california/staging");
    app.press("R");
    app.read(&fleet());
    assert_eq!(app.press("/ yes enter"), [], "no letter of the words confirms");
    assert_eq!(app.press("y"), []);
    assert_eq!(notice(&app), "part of the plan is hidden; esc shows all of it");
    assert!(matches!(app.press("esc y").as_slice(), [Effect::Perform(..)]));
}

#[test]
fn esc_leaves_everything_as_it_is() {
    for keys in ["R", "S 1 enter"] {
        let mut app = on("california/prod");
        app.press(keys);
        app.read(&fleet());
        plan(&app.state);
        assert_eq!(app.press("esc"), []);
        assert!(matches!(app.state.screen().view, View::Environment(_)));
        assert_eq!((notice(&app).as_str(), app.state.changes.iter().count()), ("nothing was changed", 0));
    }
}

#[test]
fn what_cannot_be_read_before_a_change_leaves_no_plan_and_is_said() {
    let mut app = on("california/staging");
    app.wait(1);
    app.press("R");
    while app.asked().iter().any(|ask| matches!(ask.kind, QueryKind::Services(..))) {
        app.answer(|about| matches!(about, QueryKind::Services(..)), Response::Failed(error("DescribeServices")));
    }
    app.read(&[]);
    assert!(matches!(app.state.screen().view, View::Environment(_)));
    assert_eq!(
        notice(&app),
        "california/staging/ca-api: not read: DescribeServices on cluster c: ThrottlingException: Rate exceeded"
    );
}

#[test]
fn what_is_so_already_opens_no_plan() {
    let mut app = on("california/staging");
    app.press("S 2 enter");
    app.read(&fleet());
    assert!(matches!(app.state.screen().view, View::Environment(_)));
    assert_eq!(notice(&app), "california/staging/ca-api: already 2");
    app.press("p enter");
    assert!(matches!(app.state.screen().view, View::Plan(_)), "what was left out can be read");
}

#[test]
fn a_change_by_somebody_else_between_plan_and_confirmation_is_seen_and_stops_it() {
    let mut app = on("california/staging");
    app.press("S 5 enter");
    app.read(&fleet());
    let mut theirs = fleet();
    theirs[0].desired = 3;
    app.wait(6);
    app.read(&theirs);
    let text: String = app.state.body.page().unwrap().lines.iter().map(|line| line.text() + "\n").collect();
    assert!(text.contains("changed since: 3 now, not 2; ctrl-r builds the plan again"), "{text}");
    assert_eq!(app.press("y"), []);
    assert_eq!(notice(&app), "no longer as the plan shows; ctrl-r builds the plan again");
    app.press("ctrl-r");
    app.read(&theirs);
    let anew = plan(&app.state).clone();
    assert_eq!(anew.tracks[0].steps, [Step::DesiredCount(steps::DesiredCount { from: 3, to: 5 })]);
    app.wait(2);
    assert_eq!(app.press("y"), [Effect::Perform(approved(&anew, &Said::Yes))]);
}

#[test]
fn in_read_only_every_proposing_key_says_why_it_does_nothing() {
    let mut app = on("california/staging");
    app.state.run.policy.access = Access::ReadOnly;
    for key in ["R", "S", "U"] {
        assert_eq!(app.press(key), []);
        assert_eq!(notice(&app), "wharf runs read-only: nothing can be changed");
        assert_eq!((app.state.changes.iter().count(), app.state.input.is_some()), (0, false));
    }
}

#[test]
fn what_has_no_service_is_not_changed_and_the_reason_is_said() {
    let mut app = on("california/staging");
    app.press("?");
    app.press("R");
    assert_eq!(notice(&app), "`redeploy` needs an environment, a service or a task: select one");
    app.press("q p S");
    assert_eq!(notice(&app), "`scale` needs an environment, a service or a task: select one");
}

#[test]
fn two_plans_never_change_one_service_at_once() {
    let mut app = on("california/staging");
    app.press("R");
    app.read(&fleet());
    assert_eq!(app.press("y").len(), 1);
    app.press("esc S 9 enter");
    assert_eq!(notice(&app), "ca-api is being changed by another plan (redeploy); p shows it");
    assert!(matches!(app.state.screen().view, View::Environment(_)));
    let first: PlanId = app.state.changes.iter().next().unwrap().id.clone();
    let mut progress = match &app.state.changes.get(&first).unwrap().stage {
        Stage::Confirmed(_, progress) => progress.clone(),
        other => panic!("{other:?}"),
    };
    progress.phase = Phase::Finished;
    app.take(Message::Progressed(first, Box::new(progress)));
    app.press("S 9 enter");
    app.read(&fleet());
    assert_eq!(
        plan(&app.state).tracks[0].steps,
        [Step::DesiredCount(steps::DesiredCount { from: 2, to: 9 })],
        "tasks that settle hold nothing up"
    );
}
