//! What is asked before a plan is built.

use std::collections::BTreeSet;

use super::*;
use crate::fleet::sample::{ago, definition};
use crate::fleet::{Completeness, Controller, Identity, Payload, TaskFilter};

fn ask(about: QueryKind) -> Query {
    Query { context: ContextId::new("1"), kind: about }
}

fn tasks() -> Query {
    ask(QueryKind::Tasks(home().arn, TaskFilter::Running))
}

fn look(services: &[Service]) -> Query {
    ask(QueryKind::Services(home().arn, services.iter().map(|service| service.arn.clone()).collect()))
}

/// A world of which nothing was read since the request.
fn stale(services: &[Service], tasks: &[Task]) -> World {
    let mut world = World::new(services, tasks);
    world.fleet.tasks_read.clear();
    world.fleet.scaling.clear();
    for look in world.fleet.services.values_mut().filter_map(|entry| entry.snapshot.as_mut()) {
        look.at = ago(1);
    }
    world
}

fn identified(mut world: World) -> World {
    let identity = Identity { account: "1".to_owned(), arn: "arn:aws:iam::1:root".to_owned() };
    world.fleet.contexts.get_mut(&ContextId::new("1")).unwrap().identity = Some(identity);
    world
}

#[test]
fn every_service_is_looked_at_anew_and_only_a_scale_asks_for_bounds() {
    let world = stale(&[web()], &[]);
    let first = [ask(QueryKind::Identity), tasks(), look(&[web()])];
    assert_eq!(world.reads(&redeploying(), &BTreeSet::new()), first);
    let bounds = ask(QueryKind::ScalableTargets(vec![web().arn]));
    let scaling = scaling(Count::To(5), BoundsPolicy::Keep);
    assert_eq!(world.reads(&scaling, &BTreeSet::new()), [&first[..], std::slice::from_ref(&bounds)].concat());
    let known = identified(world);
    assert_eq!(known.reads(&scaling, &BTreeSet::new()), [tasks(), look(&[web()]), bounds]);
}

#[test]
fn batches_are_as_large_as_aws_takes_and_tasks_are_asked_for_once_a_cluster() {
    let services: Vec<Service> = (0..101).map(|at| named(&format!("s{at:03}"))).collect();
    let arns = services.iter().map(|service| service.arn.clone()).collect();
    let verb = scale_verb(Count::By(1), BoundsPolicy::Keep);
    let asks = stale(&services, &[]).reads(&proposal(verb, arns), &BTreeSet::new());
    let sizes: Vec<(&str, usize)> = asks
        .iter()
        .map(|ask| match &ask.kind {
            QueryKind::Services(_, services) => ("look", services.len()),
            QueryKind::ScalableTargets(services) => ("scaling", services.len()),
            QueryKind::Tasks(..) => ("tasks", 1),
            _ => ("other", 1),
        })
        .collect();
    let mut expected = vec![("other", 1), ("tasks", 1)];
    expected.extend([("look", 10); 10]);
    expected.extend([("look", 1), ("scaling", 50), ("scaling", 50), ("scaling", 1)]);
    assert_eq!(sizes, expected);
}

#[test]
fn tags_are_asked_for_once_it_is_known_which_run() {
    let images = [format!("{ECR}:v1"), "nginx:1".to_owned(), format!("{ECR}:v2@sha256:1"), ECR.to_owned()];
    let running: Vec<Task> = images.iter().map(|image| running(image, image, None)).collect();
    let of_web = ask(QueryKind::TaskDefinition(definition("web:41")));
    let asked: BTreeSet<Query> = [ask(QueryKind::Identity), tasks(), look(&[web()])].into();
    assert_eq!(stale(&[web()], &running).reads(&redeploying(), &asked), [], "not answered yet");
    let mut answered = World::new(&[web()], &running);
    // A tag that stands beside a digest counts until the definition says that the digest is its own.
    let tags = ["", ":v1", ":v2"].map(|tag| ask(QueryKind::ImageTag(format!("{ECR}{tag}"))));
    let tags = [&[of_web][..], &tags].concat();
    assert_eq!(answered.reads(&redeploying(), &asked), tags);
    let all: BTreeSet<Query> = asked.iter().cloned().chain(tags).collect();
    assert_eq!(answered.reads(&redeploying(), &all), []);
    // What is refused anyway needs no more.
    answered = World::new(&[Service { controller: Controller::CodeDeploy, ..web() }], &running);
    assert_eq!(answered.reads(&redeploying(), &asked), []);
}

#[test]
fn the_definition_is_asked_for_where_no_task_says_which_images_there_are() {
    let asked: BTreeSet<Query> = [ask(QueryKind::Identity), tasks(), look(&[web()])].into();
    let wanted = [ask(QueryKind::TaskDefinition(definition("web:41")))];
    assert_eq!(World::new(&[web()], &[]).reads(&redeploying(), &asked), wanted);
    let mut unread = World::new(&[web()], &[running("1", ECR, None)]);
    unread.fleet.tasks_read.clear();
    let unread = unread.failing(tasks().kind);
    assert_eq!(unread.reads(&redeploying(), &asked), wanted);
    assert_eq!(World::new(&[Service { desired: 0, ..web() }], &[]).reads(&redeploying(), &asked), []);
}

#[test]
fn what_was_asked_is_not_asked_again_in_another_batch_when_a_service_leaves() {
    let services: Vec<Service> = (0..12).map(|at| named(&format!("s{at:02}"))).collect();
    let arns = services.iter().map(|service| service.arn.clone()).collect();
    let proposal = proposal(scale_verb(Count::By(1), BoundsPolicy::Keep), arns);
    let mut world = stale(&services, &[]);
    let asked: BTreeSet<Query> = world.reads(&proposal, &BTreeSet::new()).into_iter().collect();
    let gone = Payload::Services(vec![], vec![services[0].arn.clone()]);
    world.fleet.apply(&look(&services[..10]), gone, Completeness::Complete, now());
    assert_eq!(world.reads(&proposal, &asked), []);
}

#[test]
fn a_second_way_to_the_same_account_found_meanwhile_asks_nothing_twice() {
    let mut world = stale(&[web()], &[]);
    let asked: BTreeSet<Query> = world.reads(&redeploying(), &BTreeSet::new()).into_iter().collect();
    world.fleet.services.get_mut(&web().arn).unwrap().context = ContextId::new("2");
    assert_eq!(world.reads(&redeploying(), &asked), []);
}
