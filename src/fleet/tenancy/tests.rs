//! Tests of the rules.

use proptest::prelude::*;

use super::*;
use crate::fleet::sample::{cluster, fleet, service, tags, task};
use crate::fleet::{Cluster, Service};

/// A service in a cluster, by their names, with tags on both.
fn one(names: (&str, &str), on_cluster: &[(&str, &str)], on_service: &[(&str, &str)]) -> Fleet {
    let cluster = Cluster { tags: tags(on_cluster), ..cluster("1", names.0) };
    let service = Service { tags: tags(on_service), ..service(&cluster, names.1) };
    fleet(&[cluster], &[service], &[])
}

/// The paths of all services, in order, with the rules that named them.
fn explained(fleet: &Fleet, rules: &Rules) -> Vec<String> {
    let by = |by: &Option<Rule>| by.as_ref().map_or("-".to_owned(), Rule::to_string);
    let places = assign(fleet, rules);
    let line = |(arn, place): (&Arn, &Assignment)| {
        format!(
            "{} | {} | {}",
            places.path(arn).unwrap_or_default(),
            by(&place.tenant_rule),
            by(&place.environment_rule)
        )
    };
    places.services().map(line).collect()
}

#[test]
fn tags_name_a_service_before_its_cluster_and_the_more_telling_key_first() {
    for (on_cluster, on_service, expected) in [
        (
            &[][..],
            &[("Tenant", "california"), ("ENV", "prod")][..],
            "california/prod/web | tag Tenant of the service | tag ENV of the service",
        ),
        (
            &[("tenant", "platform"), ("environment", "staging")],
            &[("client", "acme")],
            "acme/staging/web | tag client of the service | tag environment of the cluster",
        ),
        (
            &[],
            &[("client", "b"), ("customer", "a"), ("stage", "y"), ("env", "x")],
            "a/x/web | tag customer of the service | tag env of the service",
        ),
        (
            &[],
            &[("tenant", " North Carolina / west "), ("env", "prod")],
            "North-Carolina-west/prod/web | tag tenant of the service | tag env of the service",
        ),
        (
            &[],
            &[("tenant", "  "), ("customer", "acme"), ("env", "x\x1b[2J")],
            "acme/x␛[2J/web | tag customer of the service | tag env of the service",
        ),
    ] {
        assert_eq!(explained(&one(("default", "web"), on_cluster, on_service), &Rules::default()), [expected]);
    }
}

#[test]
fn names_say_whose_a_service_is_where_they_can() {
    for (names, expected) in [
        (("humangov", "humangov-california-production-web"), "california/production"),
        (("humangov", "california-production-web"), "california/production"),
        (("humangov-prod", "north-carolina-prod-api"), "north-carolina/prod"),
        (("california-prod", "web"), "california/prod"),
        (("california_PROD_cluster", "web"), "california/PROD"),
        (("ecs-prod-california", "web"), "california/prod"),
        (("prod-north-carolina", "web"), "north-carolina/prod"),
        (("prod", "california-web"), "(unassigned)/prod"),
        (("production-cluster", "web"), "(unassigned)/production"),
        (("shop", "web-prod"), "shop @1/prod"),
        (("shop", "prod-user-service"), "shop @1/prod"),
        (("california-prod", "load-test-runner"), "california/prod"),
        (("california-prod", "dev-portal"), "california/prod"),
        (("california-prod", "texas-staging-web"), "texas/staging"),
        (("demo-demo", "web"), "demo/demo"),
        (("acme-nonprod", "web"), "acme/nonprod"),
        (("acme-pre-prod", "web"), "acme/pre-prod"),
        (("acme", "web"), "acme @1/unknown"),
        (("default", "web"), "(unassigned)"),
        (("Default", "web"), "(unassigned)"),
        (("default", "web-prod"), "(unassigned)/prod"),
    ] {
        let places = assign(&one(names, &[], &[]), &Rules::default());
        let homes: Vec<String> = places.environments().map(|(home, _)| home.path()).collect();
        assert_eq!(homes, [expected], "{names:?}");
    }
}

#[test]
fn a_cluster_is_guessed_to_be_the_tenant_only_where_no_rule_named_any_of_its_services() {
    let acme = cluster("1", "acme");
    let tagged = Service { tags: tags(&[("tenant", "texas")]), ..service(&acme, "b") };
    let mixed = fleet(std::slice::from_ref(&acme), &[service(&acme, "a"), tagged], &[]);
    assert_eq!(
        explained(&mixed, &Rules::default()),
        ["(unassigned)/unknown/a | - | -", "texas/unknown/b | tag tenant of the service | -"]
    );

    let bare = fleet(std::slice::from_ref(&acme), &[service(&acme, "a"), service(&acme, "b")], &[]);
    assert_eq!(
        explained(&bare, &Rules::default()),
        [
            "acme @1/unknown/a | a guess from the cluster's name | -",
            "acme @1/unknown/b | a guess from the cluster's name | -"
        ]
    );
    assert_eq!(assign(&bare, &Rules::default()).guessed(), 2);
}

#[test]
fn a_guess_joins_no_two_contexts_though_a_tag_does() {
    let (here, there) = (cluster("1", "acme"), cluster("2", "acme"));
    let guessed = fleet(&[here.clone(), there.clone()], &[service(&here, "web"), service(&there, "web")], &[]);
    let homes = |fleet: &Fleet| {
        assign(fleet, &Rules::default()).environments().map(|(home, _)| home.path()).collect::<Vec<_>>()
    };
    assert_eq!(homes(&guessed), ["acme @1/unknown", "acme @2/unknown"]);

    let tag = |cluster: &Cluster| Service { tags: tags(&[("tenant", "acme")]), ..service(cluster, "web") };
    assert_eq!(homes(&fleet(&[here.clone(), there.clone()], &[tag(&here), tag(&there)], &[])), ["acme/unknown"]);
}

#[test]
fn one_environment_in_two_spellings_is_one_home_that_shows_the_more_frequent() {
    let shared = cluster("1", "shared");
    let named = |name: &str, environment: &str| Service {
        tags: tags(&[("tenant", "acme"), ("env", environment)]),
        ..service(&shared, name)
    };
    let services = [named("a", "prod"), named("b", "Production"), named("c", "prod"), named("d", "live")];
    let places = assign(&fleet(std::slice::from_ref(&shared), &services, &[]), &Rules::default());
    let homes: Vec<(String, usize)> =
        places.environments().map(|(home, services)| (home.path(), services.len())).collect();
    assert_eq!(homes, [("acme/live".to_owned(), 1), ("acme/prod".to_owned(), 3)]);
    assert_eq!(places.path(&services[1].arn).as_deref(), Some("acme/prod/b"));
}

#[test]
fn rules_of_ones_own_come_first_each_for_what_it_names() {
    let given = |tenant: &str, environment: Option<&str>| Owner {
        tenant: tenant.to_owned(),
        environment: environment.map(str::to_owned),
    };
    let rules = Rules {
        fixed: vec![Fixed { services: Glob::new("*/legacy-*"), owner: given("old", None) }],
        patterns: vec![Pattern::parse("x-{tenant}-{environment}").unwrap_or_else(|error| panic!("{error}"))],
        accounts: [("1".to_owned(), given("one", Some("live")))].into(),
        profiles: [("2".to_owned(), given("two", None))].into(),
        environments: vec!["blue".to_owned()],
    };
    for (account, name, expected) in [
        ("1", "legacy-web", "old/live/legacy-web | fixed list, */legacy-* | account 1"),
        (
            "1",
            "x-acme-blue",
            "acme/blue/x-acme-blue | pattern x-{tenant}-{environment} on the service's name | pattern x-{tenant}-{environment} on the service's name",
        ),
        ("1", "web", "one/live/web | account 1 | account 1"),
        ("2", "web", "two/prod/web | profile 2 | tag env of the service"),
        ("3", "web", "tagged/prod/web | tag tenant of the service | tag env of the service"),
    ] {
        let cluster = cluster(account, "c");
        let service = Service { tags: tags(&[("tenant", "tagged"), ("env", "prod")]), ..service(&cluster, name) };
        assert_eq!(explained(&fleet(&[cluster], &[service], &[]), &rules), [expected]);
    }
}

#[test]
fn a_tag_that_says_unknown_says_nothing() {
    let fleet = one(("default", "web"), &[], &[("tenant", "acme"), ("env", "Unknown")]);
    assert_eq!(explained(&fleet, &Rules::default()), ["acme/unknown/web | tag tenant of the service | -"]);
    assert!(assign(&fleet, &Rules::default()).environments().all(|(home, _)| home.environment.is_none()));
}

#[test]
fn jobs_stand_beside_an_environment_that_has_their_cluster_to_itself() {
    let (own, shared) = (cluster("1", "california-prod"), cluster("1", "shared"));
    let tagged = Service { tags: tags(&[("tenant", "california"), ("env", "prod")]), ..service(&shared, "a") };
    let services = [service(&own, "web"), tagged, service(&shared, "b")];
    let job = |cluster: &Cluster| Task {
        arn: Arn::new(format!("{}/job", cluster.arn)),
        cluster: cluster.arn.clone(),
        group: "family:migrate".to_owned(),
        ..task("1", "a", "web:v1")
    };
    let fleet = fleet(&[own.clone(), shared.clone()], &services, &[job(&own), job(&shared)]);
    let places = assign(&fleet, &Rules::default());
    let home = EnvironmentId::new(Tenant::Named("california".to_owned()), Some(Environment::new("production")));
    let beside: Vec<&Arn> = jobs_beside(&fleet, &places, &home).into_iter().map(|job| &job.cluster).collect();
    assert_eq!(beside, [&own.arn]);
    assert_eq!(jobs(&fleet).count(), 2);
}

#[test]
fn a_service_that_was_not_read_yet_is_placed_by_its_names() {
    let mut fleet = one(("humangov", "california-prod-web"), &[], &[]);
    for entry in fleet.services.values_mut() {
        entry.snapshot = None;
    }
    assert_eq!(
        explained(&fleet, &Rules::default()),
        ["california/prod/california-prod-web | the service's name | the service's name"]
    );
}

/// Services in up to three contexts, with names and tags from few words so that they meet.
fn services() -> impl Strategy<Value = Vec<(String, String, String, Option<String>)>> {
    let name = "(acme|web|prod|default|ü|-|_|test){1,3}";
    prop::collection::vec(("[1-3]", name, name, prop::option::of("(acme|a b|/|\u{7})")), 1..12)
}

fn made_of(rows: &[(String, String, String, Option<String>)]) -> Fleet {
    let clusters: Vec<Cluster> = rows.iter().map(|(account, name, ..)| cluster(account, name)).collect();
    let services: Vec<Service> = rows
        .iter()
        .zip(&clusters)
        .map(|((_, _, name, tenant), cluster)| {
            let tags = tenant.iter().map(|tenant| ("tenant".to_owned(), tenant.clone())).collect();
            Service { tags, ..service(cluster, name) }
        })
        .collect();
    fleet(&clusters, &services, &[])
}

proptest! {
    #[test]
    fn every_service_has_one_home_and_a_guess_joins_no_two_contexts(rows in services()) {
        let fleet = made_of(&rows);
        let places = assign(&fleet, &Rules::default());
        let placed: Vec<&Arn> = places.services().map(|(arn, _)| arn).collect();
        prop_assert_eq!(placed, fleet.services.keys().collect::<Vec<_>>());
        prop_assert_eq!(places.environments().map(|(_, services)| services.len()).sum::<usize>(), fleet.services.len());
        for (home, services) in places.environments() {
            let contexts: BTreeSet<_> = services.iter().map(|arn| &fleet.services[arn].context).collect();
            prop_assert!(!home.tenant.is_guess() || contexts.len() == 1);
        }
    }

    #[test]
    fn the_order_in_which_services_arrive_makes_no_difference(rows in services(), turn in 0..12_usize) {
        // Of two rows for one cluster or service the last would win; each is to be there once.
        let mut seen = BTreeSet::new();
        let mut rows = rows;
        rows.retain(|(account, cluster, service, _)| seen.insert((account.clone(), cluster.clone(), service.clone())));
        let places = assign(&made_of(&rows), &Rules::default());
        let turn = turn % rows.len();
        rows.rotate_left(turn);
        prop_assert_eq!(places, assign(&made_of(&rows), &Rules::default()));
    }
}
