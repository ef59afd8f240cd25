//! Where keys lead, and what stays where it is while the fleet moves.

use std::sync::Arc;

use wharf::app::page::Line;
use wharf::app::{
    DescribeForm, Effect, ExplainTarget, Keymap, LogScope, Message, Prompt, Size, TextInput, View, list, update,
};
use wharf::fleet::{QueryKind, Subject};

use super::App;
use crate::fixture::{cluster_arn, service, service_arn, short, start, task};

fn states(troubled: &[&str]) -> Vec<wharf::fleet::Service> {
    let homes = ["alabama/production", "california/production", "texas/production"];
    let of = |home: &str| {
        let steady = service(&format!("humangov/{}-web", home.split('/').next().unwrap()), home, 3);
        if troubled.contains(&home) { short(steady, 1) } else { steady }
    };
    homes.into_iter().map(of).collect()
}

#[test]
fn the_worst_stands_first() {
    let app = App::showing(&states(&["texas/production"]));
    assert_eq!(app.rows(), ["texas/production", "alabama/production", "california/production"]);
    assert_eq!(app.selected().as_deref(), Some("texas/production"));
}

#[test]
fn rows_keep_still_while_they_are_read_and_say_that_some_got_worse() {
    let mut app = App::showing(&states(&[]));
    app.press("j");
    app.shows(&states(&["texas/production"]));
    assert_eq!(app.rows(), ["alabama/production", "california/production", "texas/production"]);
    assert_eq!(list::worse_below(&app.state), 1);
    app.press("ctrl-r");
    assert_eq!(app.rows(), ["texas/production", "alabama/production", "california/production"]);
    assert_eq!(app.selected().as_deref(), Some("california/production"), "the selection follows its row");
    assert_eq!(list::worse_below(&app.state), 0);
}

#[test]
fn enter_opens_what_is_selected_though_the_list_has_moved() {
    let mut app = App::showing(&states(&[]));
    app.press("j");
    app.shows(&states(&["texas/production"]));
    app.press("ctrl-r enter");
    let View::Environment(home) = &app.state.screen().view else { panic!("not an environment") };
    assert_eq!(home.path(), "california/production");
}

#[test]
fn when_the_selected_row_goes_its_neighbour_is_selected() {
    let mut app = App::showing(&states(&[]));
    app.press("j");
    let mut rest = states(&[]);
    rest.remove(1);
    app.shows_later(&rest);
    assert_eq!(app.selected().as_deref(), Some("texas/production"));
    rest.pop();
    app.shows_later(&rest);
    assert_eq!(app.selected().as_deref(), Some("alabama/production"));
}

#[test]
fn keys_lead_down_to_a_task_and_back_up_to_where_one_was() {
    let services = states(&[]);
    let mut app = App::new();
    let tasks = [task("humangov/california-web", "0a1b2c3d", 'a'), task("humangov/california-web", "4e5f6071", 'b')];
    app.read_all(&services, &tasks);
    app.press("j enter enter");
    app.read_all(&services, &tasks);
    assert_eq!(app.state.screen().view, View::Service(service_arn("humangov/california-web")));
    app.press("j enter");
    assert_eq!(app.state.screen().view, View::Task(tasks[1].arn.clone()));
    app.press("esc esc esc");
    assert_eq!((&app.state.screen().view, app.selected().as_deref()), (&View::Fleet, Some("california/production")));
}

#[test]
fn explain_and_describe_work_from_a_row_and_on_its_screen() {
    let mut app = App::showing(&states(&[]));
    app.press("enter");
    let arn = service_arn("humangov/alabama-web");
    app.press("e");
    assert_eq!(app.state.screen().view, View::Explain(ExplainTarget::Service(arn.clone())));
    app.press("e d");
    let subject = Subject::Service { service: arn, cluster: cluster_arn("humangov") };
    assert_eq!(app.state.screen().view, View::Describe(subject.clone(), DescribeForm::Ours));
    app.press("d");
    assert_eq!(app.state.screen().view, View::Describe(subject.clone(), DescribeForm::Aws));
    app.press("d d");
    assert_eq!(app.state.screen().view, View::Describe(subject, DescribeForm::Ours));
}

#[test]
fn awss_own_words_are_there_again_when_one_comes_back_to_them() {
    let services = states(&[]);
    let mut app = App::showing(&services);
    app.press("enter d d");
    app.read(&services);
    let text = |app: &App| app.state.body.page().unwrap().lines.iter().map(Line::text).collect::<String>();
    assert!(text(&app).contains("{}"), "{}", text(&app));
    app.press("? ?");
    assert!(text(&app).contains("{}"), "after another screen: {}", text(&app));
    app.press("q d d");
    assert!(text(&app).contains("{}"), "described anew: {}", text(&app));
    app.press("ctrl-r");
    assert!(app.asked().iter().any(|ask| matches!(ask.kind, QueryKind::RawJson(_))), "asked for again by hand");
}

#[test]
fn only_q_on_the_fleet_and_ctrl_c_anywhere_quit() {
    let mut app = App::showing(&states(&[]));
    assert_eq!(app.press("esc"), []);
    assert_eq!(app.press("enter q"), []);
    assert_eq!(app.state.screen().view, View::Fleet);
    app.wait(2);
    assert_eq!(app.press("q"), [Effect::Quit]);
    assert_eq!(app.press("enter ctrl-c"), [Effect::Quit]);
}

#[test]
fn a_filter_follows_the_typing_is_kept_by_enter_and_cleared_by_esc() {
    let mut app = App::showing(&states(&[]));
    app.press("/ tex");
    assert_eq!(app.rows(), ["texas/production"]);
    app.press("enter");
    assert_eq!(
        (app.rows(), app.selected().as_deref()),
        (vec!["texas/production".to_owned()], Some("texas/production"))
    );
    app.shows(&states(&["alabama/production"]));
    assert_eq!(app.rows(), ["texas/production"], "a refresh does not lift the filter");
    app.press("esc");
    assert_eq!(app.rows().len(), 3);
    assert_eq!(app.selected().as_deref(), Some("texas/production"), "what was selected stays selected");
    app.press("/ q esc");
    assert_eq!(app.rows().len(), 3, "esc gives the words up");
}

#[test]
fn new_words_take_the_place_of_a_filters_old_ones_unless_they_are_given_up() {
    let mut app = App::showing(&states(&[]));
    app.press("/ tex enter / esc");
    assert_eq!(app.rows(), ["texas/production"]);
    app.press("/ cal enter");
    assert_eq!(app.rows(), ["california/production"]);
    app.press("/ enter");
    assert_eq!(app.rows().len(), 3, "no words, no filter");
}

#[test]
fn a_page_keeps_the_lines_that_have_the_words_under_their_heads_and_no_letter_is_obeyed() {
    let mut app = App::showing(&states(&[]));
    let lines = |app: &App| {
        let page = app.state.body.page().unwrap();
        page.lines.iter().map(wharf::app::page::Line::text).collect::<Vec<_>>()
    };
    app.press("? / QUIT enter");
    assert!(matches!(app.state.screen().view, View::Help));
    assert_eq!(
        lines(&app),
        [
            " KEYS",
            " q            leave          leave this screen; on the fleet, quit",
            " ctrl-c       quit           quit wharf from any screen",
        ]
    );
    app.press("/ nothing space like space it enter");
    assert_eq!(lines(&app), [" No line has the words `nothing like it`.", " esc shows all lines again."]);
    app.press("esc");
    assert!(lines(&app).len() > 40);
    app.press("/ while space typing enter");
    assert_eq!(
        (lines(&app).len(), lines(&app)[0].as_str()),
        (4, " WHILE TYPING"),
        "a section whose head has the words"
    );
    app.press("/ in space logs");
    let found = lines(&app);
    assert!(found.iter().any(|line| line.ends_with("again: only as much")), "{found:#?}");
    assert!(found.iter().any(|line| line.trim() == "as fits"), "what is wrapped stays together: {found:#?}");
}

#[test]
fn a_filter_that_is_given_up_leaves_everything_where_it_was() {
    let mut app = App::showing(&states(&[]));
    app.press("j");
    let before = app.state.screen().clone();
    app.press("/ tex");
    assert_ne!(app.state.screen(), &before);
    app.press("esc");
    assert_eq!(app.state.screen(), &before);
    app.press("enter enter / a esc l");
    assert!(matches!(app.state.screen().view, View::Logs(LogScope::Service(_))), "no task was chosen meanwhile");
}

#[test]
fn q_that_is_held_or_pressed_once_too_often_stops_at_the_fleet() {
    let mut app = App::showing(&states(&[]));
    app.press("enter enter");
    assert_eq!(app.burst("q q q q"), []);
    assert_eq!(app.state.screens.len(), 1);
    assert_eq!(app.notice().as_deref(), Some("this is the fleet: press `q` again to quit"));
    let held = |app: &mut App, after: u64| {
        app.pressing += after;
        app.take(Message::Pressed("q".parse().unwrap(), app.now()))
    };
    for _ in 0..100 {
        assert_eq!(held(&mut app, 30), []);
    }
    assert_eq!(held(&mut app, 200), [Effect::Quit], "whoever presses it again means it");
    app.press("enter");
    assert_eq!((held(&mut app, 2_000), held(&mut app, 600)), (vec![], vec![]));
    assert_eq!(held(&mut app, 600), [Effect::Quit]);
}

#[test]
fn while_a_filter_is_typed_letters_are_letters() {
    let mut app = App::showing(&states(&[]));
    assert_eq!(app.press("/ q"), [], "q is typed, not obeyed");
    assert_eq!(app.press("esc q"), [Effect::Quit]);
}

#[test]
fn a_key_without_meaning_changes_nothing_and_says_so() {
    let mut app = App::showing(&states(&[]));
    let before = app.state.screen().clone();
    assert_eq!(app.press("g x"), []);
    assert_eq!(app.state.screen(), &before);
    app.state.notice = None;
    update(&mut app.state, Message::Pressed("Z".parse().unwrap(), start()));
    assert_eq!(app.notice().as_deref(), Some("`Z` does nothing here; ? shows what does"));
}

#[test]
fn keys_of_a_context_count_on_its_screens_only() {
    let mut app = App::showing(&states(&[]));
    for (keys, key) in [("n", "n"), ("N", "N"), ("enter n", "n"), ("e n", "n")] {
        app.press(keys);
        let says = format!("`{key}` does nothing here; ? shows what does");
        assert_eq!(app.notice().as_deref(), Some(says.as_str()), "{keys}");
    }
    app.press("q q l n");
    assert!(matches!(app.state.screen().view, View::Logs(_)));
    assert_eq!(app.notice().as_deref(), Some("no search yet; / starts one"));
    let own = "[screen]\n\"v\" = \"errors\"\n[logs]\n\"v\" = \"filter\"\n\"?\" = \"none\"\n\"H\" = \"help\"\n";
    app.state.keymap = Arc::new(Keymap::load(Some(("my.toml", own))).unwrap());
    app.press("?");
    assert_eq!(app.notice().as_deref(), Some("`?` does nothing here; H shows what does"));
    app.press("v");
    assert!(matches!(&app.state.input, Some(TextInput { asked: Prompt::Search, .. })));
    app.press("esc q v");
    assert_eq!(app.state.screen().view, View::Errors);
}

#[test]
fn escape_and_a_key_in_one_burst_are_not_alt_and_the_key() {
    let mut app = App::showing(&states(&[]));
    app.press("enter alt-j");
    assert_eq!((&app.state.screen().view, app.selected().as_deref()), (&View::Fleet, Some("california/production")));
}

#[test]
fn a_paste_is_taken_by_a_filter_and_refused_by_a_screen() {
    let mut app = App::showing(&states(&[]));
    assert_eq!(update(&mut app.state, Message::Pasted("q".to_owned())), []);
    assert_eq!(app.notice().as_deref(), Some("the pasted text was ignored: it is not run as commands"));
    app.press("/");
    update(&mut app.state, Message::Pasted("tex\x1b[2J".to_owned()));
    assert_eq!(app.state.input.as_ref().map(|input| input.line.value().to_owned()).as_deref(), Some("tex[2J"));
}

#[test]
fn help_runs_the_selected_line() {
    let mut app = App::showing(&states(&[]));
    app.press("?");
    assert_eq!(app.state.screen().view, View::Help);
    while app.selected().as_deref() != Some("errors") {
        app.press("j");
    }
    app.press("enter");
    assert_eq!(app.state.screen().view, View::Errors);
    assert_eq!(app.state.screens.len(), 2);
}

#[test]
fn a_smaller_terminal_still_shows_the_selected_row() {
    let many: Vec<_> = (0..60).map(|n| service(&format!("c/web{n:02}"), &format!("t{n:02}/prod"), 1)).collect();
    let mut app = App::showing(&many);
    app.press("G");
    update(&mut app.state, Message::Resized(Size { width: 60, height: 15 }));
    let list = &app.state.screen().list;
    assert!((list.top..list.top + 8).contains(&59), "top {}", list.top);
    app.press("g g");
    assert_eq!(app.state.screen().list.top, 0);
}

#[test]
fn half_a_screen_down_and_up_again_moves_window_and_selection_alike() {
    let many: Vec<_> = (0..60).map(|n| service(&format!("c/web{n:02}"), &format!("t{n:02}/prod"), 1)).collect();
    let mut app = App::showing(&many);
    let place = |app: &App| (app.state.screen().list.top, app.selected());
    app.press("ctrl-d");
    assert_eq!(place(&app), (8, Some("t08/prod".to_owned())));
    app.press("ctrl-d");
    assert_eq!(place(&app), (16, Some("t16/prod".to_owned())));
    app.press("ctrl-u ctrl-u");
    assert_eq!(place(&app), (0, Some("t00/prod".to_owned())));
}

#[test]
fn an_idle_list_sorts_itself_anew_but_keeps_the_selection() {
    let mut app = App::showing(&states(&[]));
    app.shows_later(&states(&["texas/production"]));
    assert_eq!(app.rows()[0], "texas/production", "nobody has touched a key for minutes");
    assert_eq!(app.selected().as_deref(), Some("alabama/production"));
}
