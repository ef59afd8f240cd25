//! The way to AWS, on the AWS inside: the real SDK clients, the real wire, and time that is paused.

use std::time::Duration;

use futures_util::future::join_all;
use wharf::aws::{Access, Cloud, ConnectOptions, ContextSelection, EmbeddedAws, ProcessEnv, connect};
use wharf::demo::{Aws, Fault, World};
use wharf::fleet::{
    Arn, Cluster, Payload, Priority, Query, QueryKind, Response, SERVICES_PER_QUERY, Subject, TaskFilter, Trouble,
};

use super::{clock, error_of, facts_of, read};

/// An AWS with one account, furnished by `furnish`, and the way to it.
pub(super) async fn inside(furnish: impl FnOnce(&mut wharf::demo::Region)) -> (Aws, Cloud) {
    let (clock, mut world) = (clock(), World::empty());
    furnish(world.home());
    let now = clock.clone();
    let aws = Aws::new(world, move || now());
    let inside = EmbeddedAws { http: aws.client(), region: "us-east-1".to_owned(), label: "demo".to_owned() };
    let options = ConnectOptions { embedded: Some(inside), ..ConnectOptions::new(clock, Access::ReadOnly) };
    let cloud = connect(&ContextSelection::default(), options).await.unwrap();
    (aws, cloud)
}

pub(super) fn count(aws: &Aws, operation: &str) -> usize {
    aws.requests().iter().filter(|request| request.operation == operation).count()
}

async fn clusters(cloud: &Cloud) -> Vec<Cluster> {
    match facts_of(read(cloud, QueryKind::Clusters).await) {
        Payload::Clusters(clusters) => clusters,
        other => panic!("{other:?}"),
    }
}

async fn only_cluster(cloud: &Cloud) -> Arn {
    clusters(cloud).await.into_iter().next().unwrap().arn
}

async fn roster(cloud: &Cloud, cluster: &Arn) -> Vec<Arn> {
    match facts_of(read(cloud, QueryKind::ServiceArns(cluster.clone())).await) {
        Payload::ServiceArns(arns) => arns,
        other => panic!("{other:?}"),
    }
}

/// Looks at all of `services` at once; their names, in order.
async fn looked(cloud: &Cloud, cluster: &Arn, services: &[Arn]) -> Vec<String> {
    let looks = services
        .chunks(SERVICES_PER_QUERY)
        .map(|asked| read(cloud, QueryKind::Services(cluster.clone(), asked.to_vec())));
    let mut names = vec![];
    for answer in join_all(looks).await {
        let Payload::Services(found, missing) = facts_of(answer) else { panic!() };
        assert_eq!(missing, []);
        names.extend(found.into_iter().map(|service| service.name));
    }
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn every_service_is_seen_whatever_their_number() {
    for (total, lists, looks) in
        [(0, 1, 0), (1, 1, 1), (9, 1, 1), (10, 1, 1), (11, 1, 2), (99, 1, 10), (100, 1, 10), (101, 2, 11), (250, 3, 25)]
    {
        let (aws, cloud) = inside(|region| region.add_services("main", total)).await;
        let cluster = only_cluster(&cloud).await;
        let listed = roster(&cloud, &cluster).await;
        let names: Vec<String> = (0..total).map(|at| format!("service-{at:03}")).collect();
        assert_eq!(looked(&cloud, &cluster, &listed).await, names, "{total} services");
        assert_eq!((count(&aws, "ListServices"), count(&aws, "DescribeServices")), (lists, looks), "{total} services");
    }
}

#[tokio::test(start_paused = true)]
async fn every_task_is_seen_whatever_their_number() {
    for (total, calls) in [(0, (1, 0)), (100, (1, 1)), (101, (2, 2)), (250, (3, 3))] {
        let (aws, cloud) = inside(|region| region.add_jobs("main", "job", total)).await;
        let cluster = only_cluster(&cloud).await;
        let Payload::Tasks(tasks) = facts_of(read(&cloud, QueryKind::Tasks(cluster, TaskFilter::Running)).await) else {
            panic!()
        };
        let mut arns: Vec<Arn> = tasks.into_iter().map(|task| task.arn).collect();
        arns.sort();
        arns.dedup();
        assert_eq!((arns.len(), (count(&aws, "ListTasks"), count(&aws, "DescribeTasks"))), (total, calls));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_and_one_clusters_come_with_their_tags() {
    let (aws, cloud) = inside(|region| {
        for at in 0..101 {
            region.add_cluster(&format!("c{at:03}"));
        }
        region.tag_cluster("c100", "Tenant", "california");
    })
    .await;
    let found = clusters(&cloud).await;
    let tagged = found.iter().find(|cluster| cluster.arn.name() == "c100").unwrap();
    assert_eq!((found.len(), tagged.tags.get("Tenant").map(String::as_str)), (101, Some("california")));
    assert_eq!((count(&aws, "ListClusters"), count(&aws, "DescribeClusters")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn services_of_one_name_in_two_clusters_are_two() {
    let (_, cloud) = inside(|region| {
        region.add_service("blue", "api", 1);
        region.add_service("green", "api", 2);
    })
    .await;
    let mut seen = vec![];
    for cluster in clusters(&cloud).await {
        let listed = roster(&cloud, &cluster.arn).await;
        let Payload::Services(found, _) =
            facts_of(read(&cloud, QueryKind::Services(cluster.arn.clone(), listed)).await)
        else {
            panic!()
        };
        seen.extend(
            found.into_iter().map(|service| (service.cluster.name().to_owned(), service.name, service.desired)),
        );
    }
    seen.sort();
    assert_eq!(seen, [("blue".to_owned(), "api".to_owned(), 1), ("green".to_owned(), "api".to_owned(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_error_on_the_second_page_keeps_the_first_and_ends() {
    let (aws, cloud) = inside(|region| region.add_services("main", 250)).await;
    let cluster = only_cluster(&cloud).await;
    aws.set_fault_after("ListServices", 1, Fault::Denied);
    let answer = read(&cloud, QueryKind::ServiceArns(cluster)).await;
    let Response::Partial(Payload::ServiceArns(arns), error) = answer else { panic!("{answer:?}") };
    assert_eq!((arns.len(), error.kind, count(&aws, "ListServices")), (100, Trouble::Denied, 2));
    assert_eq!(error.advice, "Allow ecs:ListServices to the caller.");
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_second_batch_of_tasks_keeps_the_first() {
    let (aws, cloud) = inside(|region| region.add_jobs("main", "job", 250)).await;
    let cluster = only_cluster(&cloud).await;
    aws.set_fault_after("DescribeTasks", 1, Fault::Denied);
    let answer = read(&cloud, QueryKind::Tasks(cluster, TaskFilter::Running)).await;
    let Response::Partial(Payload::Tasks(tasks), error) = answer else { panic!("{answer:?}") };
    assert_eq!((tasks.len(), error.kind), (100, Trouble::Denied));
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_told_within_its_limit_and_is_over_when_it_is_over() {
    for (fault, kind) in [
        (Fault::Throttled, Some(Trouble::Throttled)),
        (Fault::Denied, Some(Trouble::Denied)),
        (Fault::Expired, Some(Trouble::Credentials)),
        (Fault::Slow, None),
        (Fault::Silent, Some(Trouble::TimedOut)),
        (Fault::CutOff, Some(Trouble::Unreachable)),
    ] {
        let (aws, cloud) = inside(|region| region.add_services("main", 3)).await;
        let cluster = only_cluster(&cloud).await;
        aws.set_fault(Some(fault));
        let start = tokio::time::Instant::now();
        let answer = read(&cloud, QueryKind::ServiceArns(cluster.clone())).await;
        assert!(start.elapsed() <= Duration::from_secs(21), "{fault}: {:?}", start.elapsed());
        match kind {
            None => drop(facts_of(answer)),
            Some(kind) => {
                let error = error_of(answer);
                assert_eq!((error.kind, error.operation.as_str()), (kind, "ListServices"), "{fault}: {error}");
                assert!(!error.advice.is_empty() && !error.message.contains("service error"), "{error}");
            }
        }
        aws.set_fault(None);
        assert_eq!(roster(&cloud, &cluster).await.len(), 3, "after {fault}");
    }
}

/// Reads everything of `cloud` as fast as it is let: the roster, and all looks at once.
async fn everything(cloud: &Cloud) -> usize {
    let cluster = only_cluster(cloud).await;
    let listed = roster(cloud, &cluster).await;
    looked(cloud, &cluster, &listed).await.len()
}

#[tokio::test(start_paused = true)]
async fn a_large_account_is_read_to_the_end_without_ever_being_throttled() {
    let (aws, cloud) = inside(|region| region.add_services("main", 2_000)).await;
    let start = tokio::time::Instant::now();
    assert_eq!(everything(&cloud).await, 2_000);
    // 90 at once, and the other 130 at a quarter of 20 a second.
    let spent = start.elapsed();
    assert!(spent >= Duration::from_secs(25) && spent < Duration::from_secs(28), "{spent:?}");
    assert_eq!((count(&aws, "ListServices"), count(&aws, "DescribeServices")), (20, 200));
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_shown_and_what_is_dropped_gives_its_place_back() {
    let (_, cloud) = inside(|region| region.add_services("main", 1_500)).await;
    let cluster = only_cluster(&cloud).await;
    let listed = roster(&cloud, &cluster).await;
    let reading = looked(&cloud, &cluster, &listed);
    assert!(tokio::time::timeout(Duration::from_secs(2), reading).await.is_err());
    let strain = cloud.pressure().into_values().next().unwrap();
    assert_eq!((strain.waiting, strain.throttled), (0, false), "dropped reads still wait");

    let looks = listed
        .chunks(SERVICES_PER_QUERY)
        .map(|asked| read(&cloud, QueryKind::Services(cluster.clone(), asked.to_vec())));
    let looks = join_all(looks);
    let watch = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        cloud.pressure().into_values().next().unwrap()
    };
    let strain = tokio::select! { _ = looks => panic!("all were let through"), strain = watch => strain };
    assert!(strain.waiting > 100 && strain.seconds == 1, "{strain:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_on_the_screen_goes_before_the_rest() {
    let (_, cloud) = inside(|region| region.add_services("main", 2_000)).await;
    let cluster = only_cluster(&cloud).await;
    let listed = roster(&cloud, &cluster).await;
    let context = cloud.contexts().into_iter().next().unwrap().id;
    let ask =
        |asked: &[Arn]| Query { context: context.clone(), kind: QueryKind::Services(cluster.clone(), asked.to_vec()) };
    let rest: Vec<Query> = listed.chunks(SERVICES_PER_QUERY).map(ask).collect();
    let rest = join_all(rest.iter().map(|ask| cloud.read(ask, Priority::Rest)));
    let screen = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        let start = tokio::time::Instant::now();
        let ask = ask(listed.get(..SERVICES_PER_QUERY).unwrap());
        facts_of(cloud.read(&ask, Priority::Screen).await);
        start.elapsed()
    };
    let waited = tokio::select! { _ = rest => panic!("all were let through"), waited = screen => waited };
    assert!(waited <= Duration::from_millis(500), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn two_profiles_of_one_account_are_two_contexts_that_share_one_budget() {
    let (clock, mut world) = (clock(), World::empty());
    world.home().add_services("main", 800);
    let now = clock.clone();
    let aws = Aws::new(world, move || now());
    let profile = |name: &str| {
        format!("[profile {name}]\nregion = us-east-1\naws_access_key_id = {name}\naws_secret_access_key = s\n")
    };
    let config = profile("one") + &profile("two");
    let env = ProcessEnv::given(&[("HOME", "/h")], &[("/h/.aws/config", &config)]);
    let options = ConnectOptions { env, http: Some(aws.client()), ..ConnectOptions::new(clock, Access::ReadOnly) };
    let selection =
        ContextSelection { profiles: vec!["one".to_owned(), "two".to_owned()], ..ContextSelection::default() };
    let cloud = connect(&selection, options).await.unwrap();
    let contexts: Vec<_> = cloud.contexts().into_iter().map(|context| context.id).collect();
    assert_eq!(
        contexts.iter().map(wharf::fleet::ContextId::as_str).collect::<Vec<_>>(),
        ["one us-east-1", "two us-east-1"]
    );
    for context in &contexts {
        let ask = Query { context: context.clone(), kind: QueryKind::Identity };
        facts_of(cloud.read(&ask, Priority::Screen).await);
    }
    let cluster = only_cluster(&cloud).await;
    let listed = roster(&cloud, &cluster).await;
    let asks: Vec<Query> = contexts
        .iter()
        .flat_map(|context| {
            let about = |asked: &[Arn]| QueryKind::Services(cluster.clone(), asked.to_vec());
            let ask = move |asked: &[Arn]| Query { context: context.clone(), kind: about(asked) };
            listed.chunks(SERVICES_PER_QUERY).map(ask).collect::<Vec<_>>()
        })
        .collect();
    for answer in join_all(asks.iter().map(|ask| cloud.read(ask, Priority::Screen))).await {
        facts_of(answer);
    }
    // Two budgets would send 160 at once, which is more than AWS lets through.
    assert_eq!(count(&aws, "DescribeServices"), asks.len());
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_question_has_its_answer() {
    let (_, cloud) = inside(|region| {
        region.add_service("main", "web", 3);
        region.add_target("main", "web", 2, 9);
    })
    .await;
    let Payload::Identity(identity) = facts_of(read(&cloud, QueryKind::Identity).await) else { panic!() };
    assert_eq!((identity.account.as_str(), identity.short()), ("111122223333", "Operator/ops@humangov"));
    let cluster = only_cluster(&cloud).await;
    let web = roster(&cloud, &cluster).await.into_iter().next().unwrap();
    let Payload::Services(found, _) =
        facts_of(read(&cloud, QueryKind::Services(cluster.clone(), vec![web.clone()])).await)
    else {
        panic!()
    };
    let service = found.first().unwrap();
    assert_eq!((service.desired, service.running, service.deployments.len()), (3, 3, 1));
    let definition = service.definition.clone();
    let Payload::TaskDefinition(found) = facts_of(read(&cloud, QueryKind::TaskDefinition(definition.clone())).await)
    else {
        panic!()
    };
    assert_eq!((found.arn, found.containers.len()), (definition.clone(), 1));
    let Payload::ScalableTargets(bounds) = facts_of(read(&cloud, QueryKind::ScalableTargets(vec![web.clone()])).await)
    else {
        panic!()
    };
    assert_eq!(
        bounds.iter().map(|bounds| (&bounds.service, bounds.min, bounds.max)).collect::<Vec<_>>(),
        [(&web, 2, 9)]
    );
    let Payload::Deployments(past) =
        facts_of(read(&cloud, QueryKind::Deployments { cluster: cluster.clone(), service: web.clone() }).await)
    else {
        panic!()
    };
    assert_eq!(past.first().unwrap().definition, Some(definition.clone()));
    let Payload::Tasks(tasks) = facts_of(read(&cloud, QueryKind::Tasks(cluster.clone(), TaskFilter::Running)).await)
    else {
        panic!()
    };
    let task = tasks.first().unwrap().arn.clone();
    for (subject, name) in [
        (Subject::Service { service: web, cluster: cluster.clone() }, "\"serviceName\": \"web\""),
        (Subject::Task { task: task.clone(), cluster }, task.as_str()),
        (Subject::Definition(definition), "\"containerDefinitions\""),
    ] {
        let Payload::RawJson(text) = facts_of(read(&cloud, QueryKind::RawJson(subject)).await) else { panic!() };
        assert!(text.starts_with('{') && text.contains(name), "{text}");
    }
}
