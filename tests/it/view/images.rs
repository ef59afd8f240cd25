//! The images screens, painted.

use insta::assert_snapshot;
use wharf::app::View;
use wharf::fleet::{Manifest, Payload, QueryKind, Response, Service, StoredImage, Task, Trouble};

use super::paint::painted;
use super::scenes::refused;
use crate::app::App;
use crate::app::images::{image, is_images, made_of, running};
use crate::fixture::service;

const WEB: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/humangov/web";
const ROUTER: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit";

/// Fifteen tenants of which California asks for a tag that nobody has pushed, and Texas runs one that has moved.
fn fleet() -> (Vec<Service>, Vec<Task>) {
    let tenants = ["california", "texas", "ohio", "utah", "iowa", "maine", "idaho", "oregon", "nevada", "kansas"];
    let mut services = vec![];
    let mut tasks = vec![];
    for (at, tenant) in tenants.into_iter().enumerate() {
        let path = format!("{tenant}/web");
        services.push(service(&path, &format!("{tenant}/production"), 2));
        let digest = if at == 1 { "c" } else { "b" };
        for task in 0..2 {
            tasks.push(running(&path, &format!("{at}{task}00aaaa"), &format!("{WEB}:v2.14.1"), digest));
        }
    }
    tasks[0].containers[0].image = Some(format!("{WEB}:v2.15.0"));
    tasks[0].containers[0].digest = None;
    let router = running("california/log_router", "", &format!("{ROUTER}:stable"), "f").containers.remove(0);
    tasks[1].containers.push(router);
    (services, tasks)
}

fn images() -> Vec<StoredImage> {
    vec![
        StoredImage { scan: Some("2 critical, 14 high".to_owned()), ..image("d", &["v2.15.0-rc.3", "latest"], 20) },
        StoredImage { manifest: Manifest::Index, ..image("e", &["v2.15.0-rc.2"], 50) },
        image("9", &[], 50),
        StoredImage { subject: Some("sha256:b".to_owned()), ..image("7", &[], 51) },
        image("b", &["v2.14.1"], 9 * 24),
        image("c", &[], 10 * 24),
        StoredImage { status: Some("ARCHIVED".to_owned()), ..image("8", &["v1.0.0"], 400 * 24) },
    ]
}

/// California's images, with what ECR says about `humangov/web`.
fn opened(answer: Option<Response>) -> App {
    let (services, tasks) = fleet();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.press("i");
    let mut definition = made_of(&[("web", &format!("{WEB}:v2.15.0")), ("log_router", &format!("{ROUTER}:stable"))]);
    definition.arn = services[0].definition.clone();
    app.answer(
        |about| matches!(about, QueryKind::TaskDefinition(_)),
        Response::Complete(Payload::TaskDefinition(definition)),
    );
    if let Some(answer) = answer {
        app.answer(is_images, answer);
    }
    assert!(matches!(app.state.screen().view, View::Images(_)));
    app
}

#[test]
fn images_stand_with_what_asks_for_them_and_where_they_run() {
    let app = opened(Some(Response::Complete(Payload::Images(images()))));
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn a_wider_screen_of_images_says_more_of_where_they_run() {
    let mut app = opened(Some(Response::Complete(Payload::Images(images()))));
    app.press("j j j j j");
    assert_snapshot!(painted(&app.state, 120, 40));
}

#[test]
fn until_ecr_answers_what_tasks_tell_of_images_is_shown() {
    assert_snapshot!(painted(&opened(None).state, 80, 24));
}

#[test]
fn images_without_permission_are_shown_as_far_as_tasks_tell() {
    let app = opened(Some(refused(Trouble::Denied, "DescribeImages", "repository humangov/web")));
    assert_snapshot!(painted(&app.state, 80, 24));
}

#[test]
fn an_empty_repository_and_one_of_a_thousand_images_are_told_apart_at_a_glance() {
    let image = |at: usize| image(&format!("{at:064x}"), &[&format!("build-{at:04}")], at as u64);
    let (none, many) = (vec![], (1..=1_001).map(image).collect());
    let [none, many] = [none, many].map(|images| opened(Some(Response::Complete(Payload::Images(images)))));
    assert_snapshot!(format!("{}\n{}", painted(&none.state, 80, 24), painted(&many.state, 80, 24)));
}

#[test]
fn an_image_tells_where_it_runs_in_full() {
    let mut app = opened(Some(Response::Complete(Payload::Images(images()))));
    app.press("j j j j j enter");
    let moved = painted(&app.state, 80, 24);
    app.press("esc k enter");
    assert_snapshot!(format!("{moved}\n{}", painted(&app.state, 80, 40)));
}
