//! Tests of the rows.

use super::*;
use crate::fleet::sample::{ago, clock, cluster, exited, fleet, service, tags, task};
use crate::fleet::tenancy::{Rules, assign};
use crate::fleet::{Cluster, Service, Task};

fn of(cluster: &Cluster, tenant: &str, name: &str) -> Service {
    Service { tags: tags(&[("tenant", tenant), ("env", "prod")]), ..service(cluster, name) }
}

/// A running task of the service `name` in `cluster`.
fn runs(cluster: &Cluster, name: &str, id: &str, zone: &str, image: &str) -> Task {
    let task = task(id, zone, image);
    let arn = Arn::new(format!("{}/{}/{name}", task.arn, cluster.context));
    Task {
        arn,
        cluster: cluster.arn.clone(),
        context: cluster.context.clone(),
        group: format!("service:{name}"),
        ..task
    }
}

fn seen(fleet: &Fleet) -> Vec<(String, HealthState, Vec<String>, String)> {
    let overview = overview(fleet, &assign(fleet, &Rules::default()), clock());
    let row = |(home, row): (&EnvironmentId, &Row)| {
        let why = row.verdict.reasons.iter().map(|reason| reason.text.clone()).collect();
        let spread = row.spread.as_ref().map(Spread::letters).unwrap_or_default();
        let versions = image::summary(&row.versions).unwrap_or_default();
        (home.path(), row.verdict.state, why, format!("{}/{} {spread} {versions}", row.running, row.desired))
    };
    overview.rows.iter().map(row).collect()
}

fn row(path: &str, state: HealthState, why: &[&str], rest: &str) -> (String, HealthState, Vec<String>, String) {
    (path.to_owned(), state, why.iter().map(|why| (*why).to_owned()).collect(), rest.to_owned())
}

#[test]
fn a_row_is_as_its_worst_service_and_names_it() {
    let gov = cluster("1", "gov");
    let services = [
        of(&gov, "california", "api"),
        Service { running: 0, ..of(&gov, "california", "web") },
        Service { running: 2, ..of(&gov, "california", "worker") },
        of(&gov, "texas", "site"),
    ];
    let tasks = [
        runs(&gov, "api", "1", "a", "api:v1"),
        runs(&gov, "api", "2", "b", "api:v1"),
        runs(&gov, "api", "3", "c", "api:v1"),
        runs(&gov, "worker", "4", "a", "worker:v2"),
        runs(&gov, "worker", "5", "b", "worker:v2"),
        runs(&gov, "site", "6", "a", "site:v3"),
    ];
    assert_eq!(
        seen(&fleet(&[gov], &services, &tasks)),
        [
            row(
                "california/prod",
                HealthState::Failing,
                &["web nothing runs, 0 of 3", "worker 2 of 3 run"],
                "5/9 a2 b2 c1 2 versions"
            ),
            row("texas/prod", HealthState::Steady, &[], "3/3 a1 b0 c0 v3"),
        ]
    );
}

#[test]
fn a_tenant_over_two_accounts_is_one_row_without_zones() {
    let (here, there) = (cluster("1", "gov"), cluster("2", "gov"));
    let services = [of(&here, "texas", "web"), of(&there, "texas", "web")];
    let tasks = [runs(&here, "web", "1", "a", "web:v1"), runs(&there, "web", "1", "a", "web:v1")];
    assert_eq!(
        seen(&fleet(&[here, there], &services, &tasks)),
        [row("texas/prod", HealthState::Steady, &[], "6/6  v1")]
    );
}

#[test]
fn a_zone_is_lost_only_to_services_that_could_be_in_it() {
    let gov = cluster("1", "gov");
    let within = |name: &str, subnets: &[&str]| Service {
        desired: 2,
        running: 2,
        subnets: subnets.iter().map(|subnet| (*subnet).to_owned()).collect(),
        ..of(&gov, name, name)
    };
    let services = [within("wide", &["s1", "s2"]), within("narrow", &["s1", "s9"]), within("lost", &["s1", "s2"])];
    let mut tasks = vec![];
    for (name, zones) in [("wide", ["a", "b"]), ("narrow", ["a", "a"]), ("lost", ["a", "a"])] {
        tasks.extend(zones.iter().enumerate().map(|(at, zone)| runs(&gov, name, &at.to_string(), zone, "web:v1")));
    }
    let states: Vec<(String, HealthState)> =
        seen(&fleet(&[gov], &services, &tasks)).into_iter().map(|(path, state, ..)| (path, state)).collect();
    let expected = [
        ("lost/prod", HealthState::Degraded),
        ("narrow/prod", HealthState::Steady),
        ("wide/prod", HealthState::Steady),
    ];
    assert_eq!(states, expected.map(|(path, state)| (path.to_owned(), state)));
}

#[test]
fn jobs_have_a_row_of_their_own_and_a_fleet_of_nothing_has_none() {
    let gov = cluster("1", "gov");
    let job = Task { cluster: gov.arn.clone(), group: "family:migrate".to_owned(), ..exited("1", 5, 1) };
    assert_eq!(
        seen(&fleet(std::slice::from_ref(&gov), &[], &[job])),
        [row("(jobs)", HealthState::Degraded, &["migrate: error (exit 1)"], "0/0 a0 ")]
    );
    assert_eq!(seen(&fleet(&[gov], &[], &[])), []);
}

#[test]
fn what_is_said_of_several_begins_with_the_worst_and_its_age() {
    let verdict = |state, minutes: i64, why: &str| HealthStatus {
        state,
        reasons: if why.is_empty() { vec![] } else { vec![Reason { text: why.to_owned(), evidence: vec![] }] },
        since: Some(ago(minutes)),
    };
    let (steady, older) = (verdict(HealthState::Steady, 5, ""), verdict(HealthState::Steady, 50, ""));
    let (late, early) = (verdict(HealthState::Degraded, 3, "late"), verdict(HealthState::Degraded, 9, "early"));
    for (verdicts, state, why, minutes) in [
        (vec![("a", &steady), ("b", &older)], HealthState::Steady, vec![], Some(5)),
        (vec![("a", &steady), ("b", &late), ("c", &early)], HealthState::Degraded, vec!["c early", "b late"], Some(9)),
        (vec![], HealthState::Empty, vec![], None),
    ] {
        let all = worst(verdicts);
        let words: Vec<&str> = all.reasons.iter().map(|reason| reason.text.as_str()).collect();
        assert_eq!((all.state, words, all.since), (state, why, minutes.map(ago)));
    }
}
