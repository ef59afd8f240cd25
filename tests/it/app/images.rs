//! Images: which repositories are asked, what is shown until they answer, and where keys lead from there.

use proptest::prelude::*;
use wharf::app::screens::image_detail;
use wharf::app::{ImageCache, Item, Message, State, View, list, update};
use wharf::fleet::{
    CloudError, ContainerDefinition, Definition, Essential, Index, IndexEntry, Manifest, Payload, Query, QueryKind,
    Response, Service, StoredImage, Task, Trouble,
};

use super::{App, facts};
use crate::fixture::{before, context, service, service_arn, task};

const WEB: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web";

/// An image pushed so many hours ago.
pub fn image(digest: &str, tags: &[&str], hours: u64) -> StoredImage {
    StoredImage {
        digest: format!("sha256:{}", digest.repeat(64 / digest.len())),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        size: Some(148_000_000),
        pushed_at: Some(before(hours * 3_600)),
        pulled_at: None,
        manifest: Manifest::Image,
        subject: None,
        status: Some("ACTIVE".to_owned()),
        scan: None,
    }
}

/// A task of `service` that runs `reference`, and behind it the digest of [`image`]`(digest, …)`.
pub fn running(service: &str, id: &str, reference: &str, digest: &str) -> Task {
    let mut task = task(service, id, 'a');
    task.containers[0].image = Some(reference.to_owned());
    task.containers[0].digest = Some(format!("sha256:{}", digest.repeat(64 / digest.len())));
    task
}

/// What `web:1` is made of: one container, from `image`.
pub fn made_of(images: &[(&str, &str)]) -> Definition {
    let container = |(name, image): &(&str, &str)| ContainerDefinition {
        name: (*name).to_owned(),
        image: (*image).to_owned(),
        essential: Essential::Yes,
        cpu: 0,
        memory: None,
        environment: vec![],
        secrets: vec![],
        ports: vec![],
        log: None,
    };
    Definition {
        arn: service("ca/web", "california/production", 1).definition,
        status: "ACTIVE".to_owned(),
        cpu: None,
        memory: None,
        architecture: None,
        network: None,
        registered_at: None,
        registered_by: None,
        containers: images.iter().map(container).collect(),
    }
}

fn fleet() -> (Vec<Service>, Vec<Task>) {
    let services = vec![service("ca/web", "california/production", 2), service("tx/web", "texas/production", 1)];
    let v1 = format!("{WEB}:v1");
    let tasks = vec![
        running("ca/web", "0001aaaa", &v1, "a"),
        running("ca/web", "0002aaaa", &v1, "a"),
        running("tx/web", "0003aaaa", &v1, "a"),
    ];
    (services, tasks)
}

/// The images screen of California's service `web`, before anything about images is answered.
fn opened() -> App {
    let (services, tasks) = fleet();
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.press("enter enter");
    app.read_all(&services, &tasks);
    app.press("i");
    app
}

pub fn is_images(about: &QueryKind) -> bool {
    matches!(about, QueryKind::Images(_))
}

fn hold(app: &mut App, images: Vec<StoredImage>) {
    app.answer(is_images, Response::Complete(Payload::Images(images)));
}

/// The words of the page, line by line; how they stand in columns is painted elsewhere.
fn text(app: &App) -> String {
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    app.state.body.page().unwrap().lines.iter().map(|line| words(line.text())).collect()
}

fn asked(app: &App) -> Vec<Query> {
    app.asked().into_iter().filter(|ask| is_images(&ask.kind)).cloned().collect()
}

#[test]
fn what_tasks_tell_is_shown_while_ecr_is_asked_and_only_while_it_is_on_the_screen() {
    let mut app = opened();
    let ask = Query { context: context().id, kind: QueryKind::Images(WEB.to_owned()) };
    assert_eq!(asked(&app), std::slice::from_ref(&ask));
    let shown = text(&app);
    assert!(shown.contains("asking ECR; shown as far as tasks report it until then"), "{shown}");
    assert!(shown.contains(". v1 – – aaaaaaa – california/production/web 2"), "{shown}");
    hold(&mut app, vec![image("a", &["v1"], 30)]);
    assert!(text(&app).contains(". v1 30h 148 MB aaaaaaa – california/production/web 2, +1 more\n"), "{}", text(&app));
    app.wait(29);
    assert_eq!(asked(&app), []);
    app.wait(1);
    assert_eq!(asked(&app), [ask]);
    hold(&mut app, vec![]);
    app.press("i");
    assert!(matches!(app.state.screen().view, View::Service(_)), "the same key leaves");
    app.wait(60);
    assert_eq!(asked(&app), []);
}

#[test]
fn every_image_is_a_line_to_stop_at_whatever_their_number() {
    for total in [0, 1, 100, 101, 1_001] {
        let mut app = opened();
        let number = |at: usize| format!("{at:064x}");
        let images = (0..total).map(|at| image(&number(at + 1), &[&format!("v{at}")], at as u64)).collect();
        hold(&mut app, images);
        // The one that runs is in no repository.
        let stops = app.state.body.anchors.clone();
        assert_eq!(stops.len(), total + 1);
        let items = stops.into_iter().skip(1).map(|stop| stop.item).collect::<Vec<_>>();
        let expected: Vec<Item> = (1..=total).map(|at| Item::Line(format!("{WEB}@sha256:{}", number(at)))).collect();
        assert_eq!(items, expected, "{total} images");
    }
}

#[test]
fn of_a_repository_that_nearly_has_no_end_the_older_ones_that_run_nowhere_are_left_out() {
    let mut app = opened();
    let number = |at: u64| format!("{at:064x}");
    let mut images: Vec<StoredImage> = (0..2_500).map(|at| image(&number(at + 1), &[], at)).collect();
    images.push(image("a", &["v1"], 9_000));
    hold(&mut app, images);
    assert_eq!(app.state.body.anchors.len(), 2_001);
    let shown = text(&app);
    assert!(shown.contains("500 older ones, of which none runs"), "{shown}");
    assert!(shown.contains(". v1 375d"), "{shown}");
    app.wait(60);
    assert_eq!(asked(&app), [], "three pages are read every 90 seconds");
    app.wait(30);
    assert_eq!(asked(&app).len(), 1);
}

#[test]
fn a_tag_that_has_moved_is_marked_and_leads_to_the_tasks_that_run_what_it_was() {
    let mut app = opened();
    hold(&mut app, vec![image("b", &["v1"], 52), image("a", &[], 216)]);
    let shown = text(&app);
    assert!(shown.contains("! was v1 9d 148 MB aaaaaaa – california/production/web 2"), "{shown}");
    app.press("j");
    let item = list::selected(&app.state).unwrap();
    let [first, second] =
        image_detail(&app.state, &item).map(|spans| spans.iter().map(|span| span.text.clone()).collect::<String>());
    assert_eq!(first.trim_end(), format!(" sha256:{}", "a".repeat(64)));
    assert_eq!(second, " v1 moved: it now points to sha256:bbbbbbb, which new tasks run");
    app.press("enter");
    let shown = text(&app);
    assert!(shown.contains("california/production/web 2 tasks, its tag moved\n"), "{shown}");
    assert!(shown.contains("0001aaaa web asked for by v1, which moved 8d\n"), "{shown}");
    assert!(shown.contains("texas/production/web 1 task, its tag moved\n"), "{shown}");
    assert_eq!(app.selected().as_deref(), Some("web"));
    app.press("j enter");
    let View::Task(task) = &app.state.screen().view else { panic!() };
    assert_eq!(task.name(), "0001aaaa");
    app.press("esc G enter");
    assert_eq!(app.state.screen().view, View::Service(service_arn("tx/web")));
}

fn is_definition(about: &QueryKind) -> bool {
    matches!(about, QueryKind::TaskDefinition(_))
}

#[test]
fn a_tag_beside_a_digest_moves_nothing_before_the_definition_says_that_new_tasks_go_by_it() {
    let (services, mut tasks) = fleet();
    let (v1, pinned) = (format!("{WEB}:v1"), format!("{WEB}:v1@sha256:{}", "a".repeat(64)));
    for task in &mut tasks {
        task.containers[0].image = Some(pinned.clone());
    }
    let told = |app: &mut App, definition: Option<&str>| {
        app.read_all(&services, &tasks);
        app.press("i");
        hold(app, vec![image("b", &["v1"], 52), image("a", &[], 216)]);
        assert!(app.asked().into_iter().any(|ask| is_definition(&ask.kind)));
        if let Some(image) = definition {
            app.answer(is_definition, Response::Complete(Payload::TaskDefinition(made_of(&[("web", image)]))));
        }
        let list = text(app);
        app.press("j enter");
        (list, text(app))
    };
    let (list, one) = told(&mut App::new(), None);
    assert!(list.contains(". untagged 9d 148 MB aaaaaaa – california/production/web 2"), "{list}");
    let unknown = "v1 now points to sha256:bbbbbbb; whether new tasks will run it is not known:";
    assert!(one.starts_with(unknown), "{one}");
    assert!(one.contains("0001aaaa web asked for by v1 or its digest 8d\n") && !one.contains("moved"), "{one}");

    let (list, one) = told(&mut App::new(), Some(&v1));
    assert!(list.contains("! was v1 9d 148 MB aaaaaaa – california/production/web 2"), "{list}");
    assert!(list.contains("asks for v1 sha256:bbbbbbb now\n2 tasks still run sha256:aaaaaaa"), "{list}");
    assert!(one.contains("0001aaaa web asked for by v1, which moved 8d\n"), "{one}");

    let (list, one) = told(&mut App::new(), Some(&pinned));
    assert!(list.contains(". untagged 9d 148 MB aaaaaaa – california/production/web 2"), "{list}");
    assert!(list.contains("the definition's web asks for v1@sha256:aaaaaaa\n"), "{list}");
    assert!(one.contains("0001aaaa web asked for by its digest, v1 beside it 8d\n"), "{one}");
    for shown in [list, one] {
        assert!(!shown.contains("moved") && !shown.contains("new tasks"), "{shown}");
    }
}

fn is_indexes(about: &QueryKind) -> bool {
    matches!(about, QueryKind::ImageIndexes(..))
}

/// Texas runs `arm`, by the tag `v1`, which stands for an index of two platforms.
fn of_two_platforms() -> (App, Vec<StoredImage>, Index) {
    let (services, mut tasks) = fleet();
    tasks[2] = running("tx/web", "0003aaaa", &format!("{WEB}:v1"), "c");
    let mut app = App::new();
    app.read_all(&services, &tasks);
    app.press("enter enter");
    app.read_all(&services, &tasks);
    app.press("i");
    let index = StoredImage { manifest: Manifest::Index, ..image("a", &["v1"], 30) };
    let images = vec![index.clone(), image("c", &[], 31), image("d", &[], 32)];
    let of = |digest: &str, platform: &str| IndexEntry {
        digest: image(digest, &[], 0).digest,
        platform: Some(platform.to_owned()),
    };
    let lists = Index { digest: index.digest, lists: vec![of("c", "linux/arm64"), of("d", "linux/amd64")] };
    (app, images, lists)
}

#[test]
fn the_index_behind_a_tag_is_read_once_and_then_says_which_platform_runs() {
    let (mut app, images, lists) = of_two_platforms();
    hold(&mut app, images.clone());
    let asked: Vec<QueryKind> = app.asked().into_iter().map(|ask| ask.kind.clone()).filter(is_indexes).collect();
    assert_eq!(asked, [QueryKind::ImageIndexes(WEB.to_owned(), vec![lists.digest.clone()])]);
    assert!(text(&app).contains(". untagged 31h 148 MB ccccccc – texas/production/web 1"), "{}", text(&app));
    app.answer(is_indexes, Response::Complete(Payload::ImageIndexes(vec![lists])));
    let shown = text(&app);
    assert!(shown.contains(". v1 arm64 31h 148 MB ccccccc – texas/production/web 1"), "{shown}");
    assert!(shown.contains("v1 amd64 32h 148 MB ddddddd –"), "{shown}");
    app.press("j enter");
    assert!(text(&app).starts_with("the image for linux/arm64 of v1, an index of several platforms"), "{}", text(&app));
    app.press("esc");
    for _ in 0..3 {
        app.wait(60);
        hold(&mut app, images.clone());
        assert!(!app.asked().into_iter().any(|ask| is_indexes(&ask.kind)));
    }
}

#[test]
fn an_index_that_may_not_be_read_is_asked_about_once_and_leaves_the_times_of_pushing() {
    let (mut app, mut images, _) = of_two_platforms();
    images[1].pushed_at = images[0].pushed_at;
    hold(&mut app, images.clone());
    let denied = || CloudError {
        kind: Trouble::Denied,
        operation: "BatchGetImage".to_owned(),
        code: Some("AccessDeniedException".to_owned()),
        ..super::error("BatchGetImage")
    };
    app.answer(is_indexes, Response::Failed(denied()));
    let guessed = ". v1 part? 30h 148 MB ccccccc – texas/production/web 1";
    for _ in 0..5 {
        assert!(text(&app).contains(guessed), "{}", text(&app));
        app.wait(400);
        hold(&mut app, images.clone());
        assert!(!app.asked().into_iter().any(|ask| is_indexes(&ask.kind)), "asked again");
    }
    assert_eq!(app.state.errors.iter().map(|seen| seen.times).collect::<Vec<_>>(), [1]);
    app.press("ctrl-r");
    app.answer(is_indexes, Response::Failed(super::error("BatchGetImage")));
    app.wait(10);
    assert!(app.asked().into_iter().any(|ask| is_indexes(&ask.kind)), "what was throttled is asked again");
}

#[test]
fn what_tasks_still_run_of_a_tag_that_moved_stands_above_the_list() {
    let mut app = opened();
    let definition = made_of(&[("web", &format!("{WEB}:v1"))]);
    app.state.fleet.definitions.insert(definition.arn.clone(), definition.into());
    for (image, still) in [(image("a", &["v1"], 52), false), (image("b", &["v1"], 52), true)] {
        hold(&mut app, vec![image.clone()]);
        let asks = format!("the definition's web asks for v1 {} now\n", &image.digest[..14]);
        let still = if still { "2 tasks still run sha256:aaaaaaa, as it was before\n" } else { "" };
        assert!(text(&app).contains(&format!("{asks}{still}")), "{}", text(&app));
        assert_eq!(text(&app).contains("still run"), !still.is_empty());
        app.wait(60);
    }
}

#[test]
fn images_are_filtered_by_tags_digests_and_where_they_run() {
    let mut app = opened();
    hold(&mut app, vec![image("b", &["v2"], 1), image("c", &["v2-rc.1"], 2), image("a", &["v1"], 3)]);
    for (words, count) in [("v2", 2), ("sha256:ccc", 1), ("texas", 1), ("v2 texas", 0)] {
        app.press("/");
        for letter in words.split("") {
            let key = if letter == " " { "space" } else { letter };
            if !key.is_empty() {
                app.press(key);
            }
        }
        app.press("enter");
        assert_eq!(app.state.body.anchors.len(), count, "{words}");
        app.press("esc");
        assert!(matches!(app.state.screen().view, View::Images(_)), "the filter first");
    }
    assert_eq!(app.state.body.anchors.len(), 3);
}

#[test]
fn a_repository_that_cannot_be_read_says_why_beside_what_tasks_tell() {
    let mut app = opened();
    let error = CloudError {
        kind: Trouble::Denied,
        operation: "DescribeImages".to_owned(),
        on: format!("repository {WEB}"),
        code: Some("AccessDeniedException".to_owned()),
        message: "not allowed".to_owned(),
        request_id: None,
        advice: "Allow ecr:DescribeImages.".to_owned(),
    };
    app.answer(is_images, Response::Failed(error.clone()));
    let shown = text(&app);
    assert!(shown.contains(&error.what()[..40]), "{shown}");
    assert!(shown.contains(". v1 – – aaaaaaa"), "{shown}");
    app.wait(40);
    hold(&mut app, vec![image("b", &["v9"], 1)]);
    assert!(text(&app).contains("x v1"), "{}", text(&app));
    app.wait(40);
    app.answer(is_images, Response::Partial(Payload::Images(vec![image("c", &["v9"], 1)]), error));
    let shown = text(&app);
    assert!(shown.contains(". v1"), "what was not read to its end may hold it: {shown}");
    assert!(shown.contains("v9 1h 148 MB ccccccc"), "{shown}");
    assert!(shown.contains("untagged 1h 148 MB bbbbbbb"), "the tag is another's now: {shown}");
}

#[test]
fn images_are_reached_from_whatever_belongs_to_one_service() {
    let (mut services, tasks) = fleet();
    services.push(service("ca/api", "california/production", 0));
    for (keys, at) in [
        ("j i", Some("tx/web")),
        ("i", None),
        ("enter i", Some("ca/web")),
        ("enter G enter i", Some("ca/api")),
        ("enter G e i", Some("ca/api")),
        ("enter G d i", Some("ca/api")),
        ("enter enter enter i", Some("ca/web")),
        ("? i", None),
    ] {
        let mut app = App::new();
        app.read_all(&services, &tasks);
        app.press(keys);
        let view = app.state.screen().view.clone();
        if let Some(path) = at {
            assert_eq!(view, View::Images(service_arn(path)), "{keys}");
        } else {
            assert!(!matches!(view, View::Images(_)), "{keys}");
            let says = match keys {
                "i" => "images are shown for one service; enter opens its environment",
                _ => "`images` needs an environment, a service or a task: select one",
            };
            assert_eq!(app.notice().as_deref(), Some(says));
        }
    }
}

#[test]
fn an_image_that_goes_while_it_is_looked_at_says_so() {
    let mut app = opened();
    hold(&mut app, vec![image("b", &["v2"], 1)]);
    app.press("j enter");
    assert!(text(&app).contains("nowhere that is known"), "{}", text(&app));
    app.wait(30);
    hold(&mut app, vec![]);
    assert!(text(&app).contains("Its repository holds it no longer"), "{}", text(&app));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_of_repositories_is_always_what_is_known_now(
        steps in prop::collection::vec((0..5_u8, 0..64_usize, 0..6_usize), 1..60),
    ) {
        let (mut app, images, lists) = of_two_platforms();
        let (services, tasks) = fleet();
        for (kind, at, some) in steps {
            match kind {
                0 => _ = app.wait(some as u64 * 10),
                1 => _ = app.press(["i", "j", "enter", "esc", "ctrl-r", "k"][some]),
                _ if app.asked.is_empty() => continue,
                2 => {
                    let (ticket, ..) = app.asked.remove(at % app.asked.len());
                    app.take(Message::Answered(ticket, Box::new(Response::Failed(super::error("Any")))));
                }
                _ => {
                    let (ticket, ask, _) = app.asked.remove(at % app.asked.len());
                    let facts = match &ask.kind {
                        QueryKind::Images(_) => Payload::Images(images.iter().take(some).cloned().collect()),
                        QueryKind::ImageIndexes(..) => Payload::ImageIndexes(vec![lists.clone()]),
                        _ => facts(&ask, &services[..=some % 2], &tasks[..tasks.len().min(some)]),
                    };
                    app.take(Message::Answered(ticket, Box::new(Response::Complete(facts))));
                }
            }
            let mut afresh = State { image_cache: ImageCache::default(), ..app.state.clone() };
            update(&mut afresh, Message::Resized(app.state.size));
            prop_assert_eq!(app.state.body.page(), afresh.body.page());
        }
    }
}
