//! What the fleet makes of answers, and that its index names what a scan would find.

use proptest::prelude::*;

use super::*;
use crate::fleet::sample;

fn context(label: &str, region: &str) -> Context {
    Context {
        id: ContextId::new(label),
        profile: None,
        region: region.to_owned(),
        endpoint: None,
        identity: None,
        same_as: None,
    }
}

#[test]
fn a_second_way_to_the_same_account_and_region_is_left_out_and_said() {
    let mut fleet = Fleet::new([context("a", "us-east-1"), context("b", "us-east-1"), context("c", "eu-west-1")]);
    let identity = Identity { account: "111122223333".to_owned(), arn: "arn:aws:iam::1:root".to_owned() };
    for label in ["b", "a", "c"] {
        let ask = Query { context: ContextId::new(label), kind: QueryKind::Identity };
        fleet.apply(&ask, Payload::Identity(identity.clone()), Completeness::Complete, Timestamp::UNIX_EPOCH);
    }
    let same: Vec<_> = fleet.contexts.values().map(|context| context.same_as.clone()).collect();
    assert_eq!(same, [Some(ContextId::new("b")), None, None], "the first that answered is asked");
    assert_eq!(
        fleet.twins().collect::<Vec<_>>(),
        ["a is left out: it leads to account 111122223333 like b, in the same region"]
    );
}

#[test]
fn what_was_seen_through_a_second_way_stays_when_it_turns_out_to_be_one() {
    let mut fleet = Fleet::new([context("a", "us-east-1"), context("b", "us-east-1")]);
    let identity = Identity { account: "111122223333".to_owned(), arn: "arn:aws:iam::1:root".to_owned() };
    let cluster = |label: &str| Cluster {
        arn: Arn::new("arn:aws:ecs:us-east-1:111122223333:cluster/c"),
        context: ContextId::new(label),
        status: "ACTIVE".to_owned(),
        services: 0,
        running: 0,
        tags: crate::fleet::Tags::new(),
    };
    let mut told = |label: &str, about: QueryKind, facts: Payload| {
        let ask = Query { context: ContextId::new(label), kind: about };
        fleet.apply(&ask, facts, Completeness::Complete, Timestamp::UNIX_EPOCH);
        fleet.clusters.values().map(|cluster| cluster.context.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told("a", QueryKind::Clusters, Payload::Clusters(vec![cluster("a")])), ["a"]);
    assert_eq!(told("b", QueryKind::Identity, Payload::Identity(identity.clone())), ["a"]);
    assert_eq!(told("a", QueryKind::Identity, Payload::Identity(identity)), ["b"], "handed over");
    assert_eq!(told("a", QueryKind::Clusters, Payload::Clusters(vec![cluster("a")])), ["b"], "a late answer");
}

/// One answer: which cluster, what it is about, what it names, and whether it is complete.
type Any = (usize, usize, BTreeSet<usize>, bool);

/// Takes in one answer about few clusters, services and tasks, so that they meet.
fn apply(fleet: &mut Fleet, (at, kind, named, whole): Any) {
    let clusters = ["a", "b", "c"].map(|name| sample::cluster("1", name));
    let cluster = &clusters[at % clusters.len()];
    // Half of the services have ARNs that do not name their cluster, so that two clusters may list them.
    let arn = |n: usize| match n % 2 {
        0 => sample::service(cluster, &format!("web{n}")).arn,
        _ => Arn::new(format!("arn:aws:ecs:us-east-1:1:service/old{n}")),
    };
    let task = |n: usize| {
        let mut task = sample::task(&format!("t{n}"), "a", "web:v1");
        (task.cluster, task.group) = (cluster.arn.clone(), format!("service:web{}", n % 3));
        task
    };
    let (about, facts) = match kind % 4 {
        0 => {
            let listed = clusters.iter().enumerate().filter(|(n, _)| named.contains(n));
            (QueryKind::Clusters, Payload::Clusters(listed.map(|(_, cluster)| cluster.clone()).collect()))
        }
        1 => (QueryKind::ServiceArns(cluster.arn.clone()), Payload::ServiceArns(named.into_iter().map(arn).collect())),
        2 => {
            let missing: Vec<Arn> = named.into_iter().map(arn).collect();
            (QueryKind::Services(cluster.arn.clone(), missing.clone()), Payload::Services(vec![], missing))
        }
        _ => {
            let tasks = named.into_iter().map(task).collect();
            (QueryKind::Tasks(cluster.arn.clone(), TaskFilter::Running), Payload::Tasks(tasks))
        }
    };
    let extent = if whole { Completeness::Complete } else { Completeness::Partial };
    fleet.apply(&Query { context: cluster.context.clone(), kind: about }, facts, extent, sample::now());
}

proptest! {
    #[test]
    fn the_index_names_what_a_scan_finds(
        answers in prop::collection::vec((0..3_usize, 0..4_usize, prop::collection::btree_set(0..6_usize, 0..6), any::<bool>()), 0..40)
    ) {
        let mut fleet = Fleet::new([sample::context("1")]);
        for answer in answers {
            apply(&mut fleet, answer);
            for name in ["a", "b", "c"] {
                let cluster = sample::cluster("1", name).arn;
                let scanned: Vec<&Arn> =
                    fleet.services.iter().filter(|(_, entry)| entry.cluster == cluster).map(|(arn, _)| arn).collect();
                prop_assert_eq!(fleet.services_of(&cluster).map(|(arn, _)| arn).collect::<Vec<_>>(), scanned.clone());
                prop_assert_eq!(fleet.service_count(&cluster), scanned.len());
                for service in ["web0", "web1", "web2"] {
                    let scanned: Vec<&Arc<Task>> = fleet.tasks.get(&cluster).into_iter().flat_map(BTreeMap::values)
                        .filter(|task| task.service() == Some(service)).collect();
                    prop_assert_eq!(fleet.tasks_of(&cluster, service).collect::<Vec<_>>(), scanned);
                }
            }
        }
    }
}
