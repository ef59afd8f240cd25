//! Commands work wherever their subject is clear, and elsewhere say what to select; each key builds one body.

use wharf::app::{Command, ExplainTarget, LogScope, Message, Prompt, State, Subject, View, subject};
use wharf::fleet::{self, Definition, Service, Task};
use wharf::plan::verbs;

use super::App;
use super::images::running;
use super::logging::{arrive, definition, read_with, run};
use crate::fixture::{service, service_arn, task};

const WEB: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web:v1";

/// An environment of two services, of which the first has two tasks, another environment, and a job.
fn world() -> (Vec<Service>, Vec<Task>, Definition) {
    let services = vec![
        service("dev/web", "acme/dev", 2),
        service("dev/api", "acme/dev", 0),
        service("dev/other", "zebra/dev", 1),
    ];
    let mut job = task("dev/web", "2c2c2c2c2222", 'a');
    "family:report".clone_into(&mut job.group);
    let tasks = vec![
        running("dev/web", "0a0a0a0a0000", WEB, "a"),
        running("dev/web", "1b1b1b1b1111", WEB, "a"),
        running("dev/other", "3d3d3d3d3333", WEB, "a"),
        job,
    ];
    (services, tasks, definition("awslogs"))
}

/// The screen that `keys` lead to, read after each of them; `lines` arrive in logs, `jobs` filters for those.
fn at(keys: &str) -> App {
    let (services, tasks, definition) = world();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    for key in keys.split_whitespace() {
        if key == "lines" {
            arrive(&mut app, run(0, 3));
        } else if key == "jobs" {
            app.press("/");
            app.take(Message::Pasted("(jobs)".to_owned()));
            app.press("enter");
        } else {
            app.press(key);
            read_with(&mut app, &services, &tasks, &definition);
        }
    }
    app
}

/// Ways to screens of one service, and whether a task of it is meant there.
const OF_ONE_SERVICE: [(&str, bool); 18] = [
    ("enter", false),
    ("enter enter", false),
    ("enter enter j", false),
    ("e", false),
    ("enter e", false),
    ("enter enter e", false),
    ("enter d", false),
    ("enter enter d d", false),
    ("enter enter d d d", false),
    ("enter enter i", false),
    ("enter enter i j k", false),
    ("enter enter i enter", false),
    ("enter enter l", false),
    ("enter enter l lines", false),
    ("enter enter l lines k", true),
    ("enter enter enter", true),
    ("enter enter enter d", true),
    ("enter enter enter l lines", true),
];

fn web() -> fleet::Arn {
    service_arn("dev/web")
}

/// Whether `state` shows what `command` shows of the service, or where `task`, of one of its tasks.
fn shows(state: &State, command: Command, task: bool) -> bool {
    let of_web = |arn: &fleet::Arn| state.fleet.task(arn).and_then(|task| task.service()) == Some("web");
    match (command, &state.screen().view) {
        (Command::Explain, View::Explain(ExplainTarget::Service(arn))) | (Command::Images, View::Images(arn)) => {
            *arn == web()
        }
        (Command::Logs, View::Logs(LogScope::Task(arn)))
        | (Command::Describe, View::Describe(fleet::Subject::Task { task: arn, .. }, _)) => task && of_web(arn),
        (Command::Logs, View::Logs(LogScope::Service(arn)))
        | (Command::Describe, View::Describe(fleet::Subject::Service { service: arn, .. }, _)) => {
            !task && *arn == web()
        }
        (Command::Redeploy, View::Plan(id)) => state.changes.get(id).unwrap().services() == [&web()],
        (Command::Scale, _) => {
            matches!(&state.input, Some(typing) if typing.asked == Prompt::Count(verbs::SCALE.verb_name(), vec![web()]))
        }
        _ => false,
    }
}

const COMMANDS: [(&str, Command); 6] = [
    ("e", Command::Explain),
    ("l", Command::Logs),
    ("d", Command::Describe),
    ("i", Command::Images),
    ("R", Command::Redeploy),
    ("S", Command::Scale),
];

#[test]
fn commands_work_on_every_screen_of_one_service() {
    for (keys, task) in OF_ONE_SERVICE {
        for (key, command) in COMMANDS {
            let mut app = at(keys);
            // A command that led to the screen means something else on it.
            if app.state.screen().view.card().shown_by == Some(command) {
                continue;
            }
            app.press(key);
            let (view, notice) = (&app.state.screen().view, &app.state.notice);
            assert!(shows(&app.state, command, task), "`{keys}` and {key}: {view:?}, {notice:?}");
        }
    }
}

#[test]
fn commands_work_on_every_screen_of_an_environment() {
    for keys in ["", "l"] {
        for (key, command) in COMMANDS {
            let mut app = at(keys);
            if app.state.screen().view.card().shown_by == Some(command) {
                continue;
            }
            app.press(key);
            let environment = app.state.fleet_view.places.of_service(&web()).unwrap().environment_id.clone();
            let view = &app.state.screen().view;
            let says = app.notice();
            let says = says.as_deref();
            let both = [service_arn("dev/api"), web()];
            let fits = match command {
                Command::Explain => *view == View::Explain(ExplainTarget::Home(environment)),
                Command::Logs => *view == View::Logs(LogScope::Home(environment)),
                Command::Images => says == Some("images are shown for one service; enter opens its environment"),
                Command::Describe => says == Some("`describe` needs a service or a task: select one"),
                Command::Redeploy => {
                    let View::Plan(id) = view else { panic!("{view:?}") };
                    app.state.changes.get(id).unwrap().services().into_iter().eq(&both)
                }
                _ => {
                    matches!(&app.state.input, Some(typing) if typing.asked == Prompt::Count(verbs::SCALE.verb_name(), both.to_vec()))
                }
            };
            assert!(fits, "`{keys}` and {key}: {view:?}, {says:?}");
        }
    }
}

#[test]
fn where_the_subject_is_not_clear_the_refusal_says_what_to_select() {
    for keys in ["?", "!", "p"] {
        for (key, command) in COMMANDS {
            let mut app = at(keys);
            let before = app.state.screen().view.clone();
            app.press(key);
            let kinds = if command == Command::Describe { "a service" } else { "an environment, a service" };
            let says = format!("`{}` needs {kinds} or a task: select one", command.info().name);

            assert_eq!((app.notice().as_deref(), &app.state.screen().view), (Some(says.as_str()), &before), "{keys}");
        }
    }
}

#[test]
fn jobs_belong_to_no_service() {
    for keys in ["jobs enter", "jobs enter enter"] {
        for (key, says) in [
            ("i", "images are shown for one service; enter opens its environment"),
            ("R", "jobs cannot be changed: they belong to no service"),
            ("S", "jobs cannot be changed: they belong to no service"),
        ] {
            let mut app = at(keys);
            assert!(matches!(subject(&app.state), Subject::Task(_)), "{keys}");
            app.press(key);
            assert_eq!(app.notice().as_deref(), Some(says), "{keys}");
        }
        for (key, command) in [("e", Command::Explain), ("l", Command::Logs), ("d", Command::Describe)] {
            let mut app = at(keys);
            app.press(key);
            assert_eq!(app.state.screen().view.card().shown_by, Some(command), "{keys}");
        }
    }
}

#[test]
fn on_an_image_another_service_is_the_subject_only_once_somebody_has_moved_to_it() {
    // The first image is the one that only the job runs.
    let mut app = at("enter enter i j enter");
    let own = subject(&app.state);
    assert_eq!(own, Subject::Image { service: web(), reference: image_of(&app) });
    app.press("G");
    assert_eq!(subject(&app.state), Subject::Service(service_arn("dev/other")));
    app.press("l esc");
    assert_eq!(subject(&app.state), Subject::Service(service_arn("dev/other")), "the way back leads to it");
}

fn image_of(app: &App) -> String {
    let View::Image(_, reference) = &app.state.screen().view else { panic!("no image") };
    reference.clone()
}

#[test]
fn a_plan_that_waits_for_an_answer_comes_first() {
    let (services, tasks, _) = world();
    let mut app = at("enter R");
    app.read_all(&services, &tasks);
    app.press("S");
    assert_eq!(app.notice().as_deref(), Some("answer this plan first; esc changes nothing"));
    assert_eq!(app.state.changes.iter().count(), 1);
}

#[test]
fn a_table_without_rows_proposes_no_change_of_what_it_hides() {
    let mut app = at("enter /");
    app.press("nothing-has-this-name enter");
    app.press("R");
    assert_eq!(app.notice().as_deref(), Some("no row is selected"));
}

#[test]
fn one_key_builds_the_body_once() {
    let screens =
        ["", "enter enter enter", "enter enter i", "enter enter i enter", "enter enter l lines", "? j", "! j", "p"];
    for keys in screens.into_iter().chain(OF_ONE_SERVICE.map(|(keys, _)| keys)) {
        for key in ["j", "k", "ctrl-d", "G", "r", "/", "e", "l", "d", "i", "R", "S", "enter", "esc", "?", "!", "p", "q"]
        {
            let mut app = at(keys);
            let runs = app.state.screen().view == View::Help && key == "enter";
            let before = app.state.body.serial;
            app.take_only(Message::Pressed(key.parse().unwrap(), app.now()));
            // What a line of the help runs acts on the screen below.
            let bodies = if runs { 2 } else { 1 };
            assert_eq!(app.state.body.serial, before + bodies, "`{keys}` and {key}");
        }
    }
}
