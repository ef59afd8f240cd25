//! What is asked when, and what comes of the answers.

use wharf::app::View;
use wharf::fleet::{Payload, QueryKind, Response, TaskFilter};

use super::{App, arn, error, facts};
use crate::fixture::{cluster_arn, service, service_arn};

fn abouts(app: &App) -> Vec<QueryKind> {
    app.asked().into_iter().map(|ask| ask.kind.clone()).collect()
}

#[test]
fn first_comes_who_we_are_and_which_clusters_there_are() {
    assert_eq!(abouts(&App::new()), [QueryKind::Identity, QueryKind::Clusters]);
}

#[test]
fn then_each_clusters_services_and_tasks_and_then_looks_of_ten() {
    let services: Vec<_> = (0..25).map(|n| service(&format!("c/web{n:02}"), "acme/prod", 1)).collect();
    let mut app = App::new();
    for _ in 0..2 {
        let ask = app.asked()[0].clone();
        app.answer(|about| *about == ask.kind, Response::Complete(facts(&ask, &services, &[])));
    }
    assert_eq!(abouts(&app), [QueryKind::ServiceArns(arn("c")), QueryKind::Tasks(arn("c"), TaskFilter::Running)]);
    let roster = services.iter().map(|service| service.arn.clone()).collect();
    app.answer(|about| matches!(about, QueryKind::ServiceArns(_)), Response::Complete(Payload::ServiceArns(roster)));
    let looks: Vec<usize> = abouts(&app)
        .iter()
        .filter_map(|about| match about {
            QueryKind::Services(_, services) => Some(services.len()),
            _ => None,
        })
        .collect();
    assert_eq!(looks, [10, 10, 5]);
}

#[test]
fn nothing_is_asked_twice_while_it_is_under_way() {
    let mut app = App::new();
    app.wait(3600);
    assert_eq!(abouts(&app), [QueryKind::Identity, QueryKind::Clusters]);
    app.press("ctrl-r ctrl-r ctrl-r");
    assert_eq!(abouts(&app), [QueryKind::Identity, QueryKind::Clusters], "a refresh joins the read under way");
}

#[test]
fn an_answer_nobody_waits_for_any_more_changes_nothing() {
    let mut app = App::showing(&[service("c/web", "acme/prod", 3)]);
    let before = app.state.fleet.clone();
    let stale =
        wharf::app::Message::Answered(wharf::app::Ticket(1), Box::new(Response::Complete(Payload::Clusters(vec![]))));
    wharf::app::update(&mut app.state, stale);
    assert_eq!(app.state.fleet, before);
}

#[test]
fn an_error_keeps_the_last_values_the_screen_and_the_selection_and_is_listed() {
    let services = [service("c/api", "acme/prod", 2), service("c/web", "acme/prod", 3)];
    let mut app = App::showing(&services);
    app.press("enter j");
    let (rows, selected) = (app.rows(), app.selected());
    app.wait(10);
    app.answer(|about| matches!(about, QueryKind::Services(..)), Response::Failed(error("DescribeServices")));
    assert_eq!((app.rows(), app.selected()), (rows, selected));
    assert!(matches!(app.state.screen().view, View::Environment(_)), "nothing navigates away by itself");
    let seen: Vec<String> = app.state.errors.iter().map(|seen| seen.error.to_string()).collect();
    assert_eq!(
        seen,
        [
            "DescribeServices on cluster c: ThrottlingException: Rate exceeded (request r-1). It is asked again by itself."
        ]
    );
    assert!(app.state.fleet.service(&service_arn("c/web")).is_some());
}

#[test]
fn what_came_before_an_error_on_the_second_page_is_shown_and_nothing_is_taken_for_gone() {
    let services = [service("c/api", "acme/prod", 2), service("c/web", "acme/prod", 3)];
    let mut app = App::showing(&services);
    app.wait(100);
    let part = Payload::ServiceArns(vec![service_arn("c/api"), service_arn("c/new")]);
    app.answer(|about| matches!(about, QueryKind::ServiceArns(_)), Response::Partial(part, error("ListServices")));
    let known: Vec<&str> = app.state.fleet.services.keys().map(wharf::fleet::Arn::name).collect();
    assert_eq!(known, ["api", "new", "web"]);
    assert_eq!(app.state.errors.iter().count(), 1);
    let again = |app: &App| abouts(app).iter().filter(|about| matches!(about, QueryKind::ServiceArns(_))).count();
    assert_eq!(again(&app), 0, "it does not spin");
    app.wait(6);
    assert_eq!(again(&app), 1, "it asks again after a while");
}

#[test]
fn a_service_that_is_not_read_for_twice_its_interval_is_unknown() {
    let mut app = App::showing(&[service("c/web", "acme/prod", 3)]);
    let word = |app: &App| app.state.fleet_view.verdict(&service_arn("c/web")).map(|verdict| verdict.state.word());
    assert_eq!(word(&app), Some("STEADY"));
    app.wait(61);
    assert_eq!(word(&app), Some("UNKNOWN"));
}

#[test]
fn what_is_on_the_screen_is_looked_at_every_five_seconds() {
    let services = [service("c/web", "acme/prod", 3)];
    let mut app = App::showing(&services);
    app.press("enter");
    app.read(&services);
    let looks = |app: &App| abouts(app).iter().filter(|about| matches!(about, QueryKind::Services(..))).count();
    app.wait(4);
    assert_eq!(looks(&app), 0);
    app.wait(1);
    assert_eq!(looks(&app), 1);
}

#[test]
fn tasks_are_read_again_soon_after_something_about_their_service_has_changed() {
    let mut app = App::showing(&[service("c/web", "acme/prod", 3)]);
    let about = QueryKind::Tasks(cluster_arn("c"), TaskFilter::Running);
    app.wait(31);
    app.read(&[service("c/web", "acme/prod", 3)]);
    app.wait(31);
    assert!(!abouts(&app).contains(&about), "nothing has changed");
    app.read(&[service("c/web", "acme/prod", 4)]);
    app.wait(1);
    assert!(app.asked().is_empty() || abouts(&app).contains(&about));
    let read = app.state.fleet.tasks_read.get(&cluster_arn("c")).copied();
    assert!(read > Some(crate::fixture::start()), "the tasks were read again");
}

#[test]
fn in_a_large_account_everything_is_read_once_before_much_is_read_again() {
    let services: Vec<_> = (0..120).map(|n| service(&format!("c{n:03}/web"), &format!("t{n:03}/prod"), 1)).collect();
    let mut app = App::new();
    app.press("?");
    let mut answered = 0;
    // AWS answers two questions a second: two for the account, and three for each cluster.
    while app.state.feeds.progress(&app.state.fleet).is_some() && answered < 1000 {
        app.wait(1);
        for _ in 0..2 {
            let Some(ask) = app.asked().first().map(|ask| (*ask).clone()) else { break };
            app.answer(|about| *about == ask.kind, Response::Complete(facts(&ask, &services, &[])));
            answered += 1;
        }
    }
    // While the last are under way already, a few are read again: that is no reason to sit idle.
    let needed = 2 + 3 * 120;
    assert!((needed..needed + needed / 8).contains(&answered), "{answered} questions");
}
