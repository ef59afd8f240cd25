//! What the screens look like: painted, text and styles alike.

mod images;
mod logs;
pub mod paint;
mod plans;
mod properties;
mod scenes;

use std::sync::Arc;

use insta::assert_snapshot;
use wharf::app::{Colours, Keymap, Message, update};
use wharf::fleet::{Completeness, Payload, Query, QueryKind, Response, TaskFilter, Trouble};

use crate::app::{App, facts};
use crate::fixture::{cluster_arn, context, service, short, start, task};
use paint::{frame, painted, plain, sent};
use ratatui::style::Color;
use scenes::{add_context, five, hostile, job, refused, role, story, web};

#[test]
fn the_fleet_shows_the_worst_first_with_the_reason() {
    assert_snapshot!(painted(&story().state, 80, 24));
}

#[test]
fn a_wider_fleet_shows_zones_and_versions() {
    assert_snapshot!(painted(&story().state, 120, 24));
}

#[test]
fn the_widest_fleet_shows_how_far_rollouts_are() {
    assert_snapshot!(painted(&story().state, 160, 16));
}

#[test]
fn at_the_least_size_the_reason_stays_and_the_detail_says_what_left() {
    assert_snapshot!(painted(&story().state, 60, 15));
}

#[test]
fn below_the_least_size_only_that_is_said() {
    assert_snapshot!(painted(&story().state, 59, 14));
}

#[test]
fn before_the_first_answer_the_fleet_says_that_it_is_looking_and_where() {
    let mut app = App::new();
    app.wait(6);
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn while_a_large_account_is_read_its_progress_is_shown() {
    let (services, tasks) = five();
    let mut app = App::new();
    for asked in [is_clusters, is_roster, is_roster, is_look] {
        let ask = app.asked().into_iter().find(|ask| asked(&ask.kind)).cloned().unwrap();
        app.answer(asked, Response::Complete(facts(&ask, &services, &tasks)));
    }
    app.state.pressure.throttled = true;
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn an_empty_account_says_where_was_looked_and_how_to_look_elsewhere() {
    assert_snapshot!(painted(&App::showing(&[]).state, 80, 24));
}

#[test]
fn a_fleet_that_cannot_be_read_says_why_and_what_to_do() {
    let mut app = App::new();
    app.answer(is_clusters, refused(Trouble::Credentials, "ListClusters", "region us-east-1"));
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn what_is_between_us_and_aws_stands_beside_the_values_that_stay() {
    let mut app = story();
    add_context(&mut app.state, "dev", "eu-west-1");
    add_context(&mut app.state, "stage", "us-east-1");
    app.wait(0);
    app.answer(is_clusters, refused(Trouble::Credentials, "ListClusters", "region eu-west-1"));
    app.wait(30);
    app.answer(is_look, refused(Trouble::Throttled, "DescribeServices", "cluster al-prod"));
    assert_snapshot!(painted(&app.state, 120, 24));
}

#[test]
fn rows_keep_still_and_say_that_worse_stands_below() {
    let mut app = story();
    let (mut services, tasks) = five();
    app.press("j k");
    services[4] = short(services[4].clone(), 0);
    app.wait(20);
    app.read_all(&services, &tasks);
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn a_filter_is_typed_in_the_footer_and_the_rows_follow() {
    let mut app = story();
    app.press("/");
    update(&mut app.state, Message::Pasted("prod zone".to_owned()));
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn a_filter_that_nothing_fits_says_how_to_see_everything_again() {
    let mut app = story();
    app.press("/");
    app.press("nobody");
    app.press("enter");
    assert_snapshot!(plain(&app.state, 80, 24));
}

#[test]
fn names_that_are_long_wide_or_hostile_stay_in_their_columns() {
    let (services, tasks) = hostile();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn guesses_and_what_nobody_can_name_are_marked() {
    let mut services = ["acme/api", "acme/web", "default/thing"].map(|path| service(path, "x/y", 1));
    for service in &mut services {
        service.tags.clear();
    }
    let mut app = App::showing(&services);
    app.press("enter");
    let inside = painted(&app.state, 80, 15);
    app.press("esc");
    assert_snapshot!(format!("{}\n{inside}", painted(&app.state, 80, 15)));
}

#[test]
fn an_environment_shows_its_services() {
    let mut app = story();
    app.press("enter");
    app.state.fleet.contexts.values_mut().for_each(|context| context.identity = Some(role()));
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn jobs_show_what_they_are_and_how_they_ended() {
    let tasks =
        [job("aaaa0001", "migrate", Some(1)), job("aaaa0002", "report", Some(0)), job("aaaa0003", "import", None)];
    let mut app = App::new();
    app.read_all(&[service("jobs/web", "x/dev", 0)], &tasks);
    let ask = Query { context: context().id, kind: QueryKind::Tasks(cluster_arn("jobs"), TaskFilter::Stopped) };
    let over = tasks.iter().filter(|task| task.is_over()).cloned().collect();
    app.state.fleet.apply(&ask, Payload::Tasks(over), Completeness::Complete, start());
    app.wait(1);
    app.press("enter");
    assert_snapshot!(painted(&app.state, 120, 15));
}

#[test]
fn a_service_shows_its_tasks_by_zone_and_why_others_stopped() {
    let mut app = story();
    let (services, tasks) = five();
    app.press("enter enter");
    app.read_all(&services, &tasks);
    assert_snapshot!(painted(&app.state, 80, 40));
}

#[test]
fn further_down_a_page_the_line_one_stands_on_is_in_reverse() {
    let mut app = story();
    let (services, tasks) = five();
    app.press("enter enter");
    app.read_all(&services, &tasks);
    app.press("ctrl-d ctrl-d");
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn a_task_its_definition_and_the_words_of_aws_are_pages() {
    let mut app = App::new();
    let (services, tasks) = ([service("dev/web", "acme/dev", 1)], [task("dev/web", "0123456789abcdef", 'a')]);
    app.read_all(&services, &tasks);
    let mut frames = String::new();
    for keys in ["enter enter enter", "d", "d"] {
        app.press(keys);
        if app.asked().iter().any(|ask| matches!(ask.kind, QueryKind::TaskDefinition(_))) {
            let is_definition = |about: &QueryKind| matches!(about, QueryKind::TaskDefinition(_));
            app.answer(is_definition, Response::Complete(Payload::TaskDefinition(web())));
        }
        app.read_all(&services, &tasks);
        frames.push_str(&painted(&app.state, 80, 24));
        frames.push('\n');
    }
    assert_snapshot!(frames);
}

#[test]
fn what_is_explained_rests_on_evidence() {
    let mut app = story();
    app.press("e");
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn errors_say_what_failed_and_what_to_do() {
    let mut app = App::new();
    app.answer(is_clusters, refused(Trouble::Denied, "ListClusters", "region us-east-1"));
    app.press("!");
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn help_lists_every_key() {
    let mut app = story();
    app.press("?");
    assert_snapshot!(painted(&app.state, 80, 40));
}

/// The lines of the help, without their styles.
fn help(app: &App) -> Vec<String> {
    let page = app.state.body.page().unwrap();
    page.lines.iter().map(|line| line.text().trim_end().to_owned()).collect()
}

#[test]
fn help_begins_with_the_keys_of_the_screen_below() {
    let mut app = story();
    app.press("l ?");
    assert_eq!(
        help(&app)[..8],
        [
            " IN LOGS",
            " n            next-match     go down to the next match",
            " N            previous-match go up to the previous match",
            " enter  right open           show the whole of a long line; again: only as much",
            "                             as fits",
            " esc  left    back           fold a long line, or end the search; otherwise go",
            " backspace                   back",
            " k  up        previous       stop following and move up; at the first line,",
        ]
    );
    assert!(help(&app).iter().any(|line| line == " ON A PLAN"));
    app.press("esc esc R ?");
    assert_eq!(help(&app)[0], " ON A PLAN");
    assert_eq!(help(&app)[1], " y            confirm        confirm the plan, unless it asks you to type words");
}

#[test]
fn a_filter_of_the_help_finds_commands_by_their_names() {
    let mut app = story();
    app.press("? /");
    app.press("half-u");
    app.press("enter");
    assert_eq!(help(&app), [" KEYS", " ctrl-u       half-up        move up half a screen", " pageup"]);
}

#[test]
fn the_footer_shows_what_can_follow_a_key_and_what_was_wrong_with_one() {
    let last = |app: &App| plain(&app.state, 80, 24).lines().last().map(str::to_owned);
    let mut app = story();
    app.press("g");
    assert_eq!(last(&app).as_deref(), Some(" g…  g top"));
    app.press("x");
    assert_eq!(last(&app).as_deref(), Some(" `g x` does nothing here; ? shows what does"));
    let more = "[screen]\n\"g e\" = \"last\"\n\"g i x\" = \"images\"\n[logs]\n\"g n\" = \"next-match\"\n";
    app.state.keymap = Arc::new(Keymap::load(Some(("my.toml", more))).unwrap());
    app.press("g");
    assert_eq!(last(&app).as_deref(), Some(" g…  e bottom  g top  i x images"));
    let narrow = plain(&app.state, 60, 15);
    assert!(narrow.ends_with(" g…  e bottom  g top  i x images"), "{narrow}");
    app.press("i");
    assert_eq!(last(&app).as_deref(), Some(" g i…  x images"));
    app.press("Z l g");
    assert_eq!(last(&app).as_deref(), Some(" g…  e bottom  g top  i x images  n next"));
}

#[test]
fn a_filter_that_nothing_fits_makes_nothing_older() {
    let (services, tasks) = five();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    for _ in 0..2 {
        app.wait(20);
        app.answer_all(&services, &tasks);
    }
    let age = |app: &App| {
        let screen = plain(&app.state, 80, 24);
        screen.lines().next().and_then(|line| line.split_whitespace().rev().nth(1).map(str::to_owned))
    };
    let before = age(&app);
    app.press("/ z z z enter");
    assert_eq!((before.as_deref(), age(&app)), (Some("0s"), before.clone()));
}

#[test]
fn what_is_old_or_never_looked_at_is_not_called_steady() {
    let mut app = story();
    app.wait(90);
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn without_colours_nothing_is_lost_but_the_colours() {
    let mut app = story();
    let coloured = frame(&app.state, 80, 24);
    app.state.run.colours = Colours::None;
    let bare = frame(&app.state, 80, 24);
    for (before, after) in coloured.content.iter().zip(&bare.content) {
        assert_eq!((after.symbol(), after.modifier), (before.symbol(), before.modifier));
        assert_eq!((after.fg, after.bg), (Color::Reset, Color::Reset));
    }
    assert!(coloured.content.iter().any(|cell| cell.fg != Color::Reset));
    let sent = sent(&app.state);
    assert!(sent.contains("\u{1b}[7m") && sent.contains("\u{1b}[1m") && sent.contains("\u{1b}[2m"));
    assert!(!sent.contains("\u{1b}[38;"), "{sent:?}");
}

fn is_clusters(about: &QueryKind) -> bool {
    matches!(about, QueryKind::Clusters)
}

fn is_roster(about: &QueryKind) -> bool {
    matches!(about, QueryKind::ServiceArns(_))
}

fn is_look(about: &QueryKind) -> bool {
    matches!(about, QueryKind::Services(..))
}

#[test]
fn services_of_one_name_in_one_environment_are_told_apart_by_their_cluster() {
    let mut app = App::showing(&[service("blue/web", "acme/prod", 2), service("green/web", "acme/prod", 2)]);
    app.press("enter");
    let screen = plain(&app.state, 80, 24);
    assert!(screen.contains(" blue/web ") && screen.contains(" green/web "), "{screen}");
}
