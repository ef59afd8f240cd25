//! What the fleet says of the story that the AWS inside tells, read through the real clients.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use wharf::aws::{Access, ConnectOptions, ContextSelection, EmbeddedAws, connect};
use wharf::demo::{Aws, Size, World};
use wharf::fleet::health::{HealthState, ReadClock};
use wharf::fleet::overview::{Overview, overview};
use wharf::fleet::tenancy::{Rules, assign};
use wharf::fleet::{Arn, Completeness, Fleet, Priority, Query, QueryKind, Response, SERVICES_PER_QUERY, TaskFilter};

use crate::fixture::start;

/// A clock that follows tokio's own, so that waiting for a turn passes.
fn clock() -> wharf::aws::Clock {
    let began = tokio::time::Instant::now();
    Arc::new(move || start() + SignedDuration::try_from(began.elapsed()).unwrap())
}

/// Reads all that there is, once.
async fn whole_story() -> Fleet {
    let clock = clock();
    let now = clock.clone();
    let aws = Aws::new(World::story(Size::default(), 1, start()), move || now());
    let inside = EmbeddedAws { http: aws.client(), region: "us-east-1".to_owned(), label: "demo".to_owned() };
    let options = ConnectOptions { embedded: Some(inside), ..ConnectOptions::new(clock, Access::ReadOnly) };
    let cloud = connect(&ContextSelection::default(), options).await.unwrap();
    let mut fleet = Fleet::new(cloud.contexts());
    let context = cloud.contexts()[0].id.clone();
    let mut asks = vec![QueryKind::Clusters];
    while let Some(about) = asks.pop() {
        let ask = Query { context: context.clone(), kind: about };
        let facts = match cloud.read(&ask, Priority::Screen).await {
            Response::Complete(facts) => facts,
            other => panic!("{ask:?}: {other:?}"),
        };
        fleet.apply(&ask, facts, Completeness::Complete, start());
        match &ask.kind {
            QueryKind::Clusters => {
                for cluster in fleet.clusters.keys() {
                    asks.push(QueryKind::Tasks(cluster.clone(), TaskFilter::Running));
                    asks.push(QueryKind::Tasks(cluster.clone(), TaskFilter::Stopped));
                    asks.push(QueryKind::ServiceArns(cluster.clone()));
                }
            }
            QueryKind::ServiceArns(cluster) => {
                let services: Vec<Arn> = fleet.services_of(cluster).map(|(arn, _)| arn.clone()).collect();
                asks.extend(
                    services.chunks(SERVICES_PER_QUERY).map(|some| QueryKind::Services(cluster.clone(), some.to_vec())),
                );
            }
            _ => {}
        }
    }
    fleet
}

fn seen(fleet: &Fleet) -> Overview {
    let clock = ReadClock { now: start(), interval: Duration::from_secs(30) };
    overview(fleet, &assign(fleet, &Rules::default()), clock)
}

#[tokio::test(start_paused = true)]
async fn the_story_is_told_as_it_happened() {
    let fleet = whole_story().await;
    let overview = seen(&fleet);
    let told: Vec<String> = overview
        .rows
        .iter()
        .filter(|(_, row)| row.verdict.state != HealthState::Steady || !row.verdict.reasons.is_empty())
        .map(|(home, row)| {
            let why: Vec<&str> = row.verdict.reasons.iter().map(|reason| reason.text.as_str()).collect();
            format!("{} {home}: {}", row.verdict.state.word(), why.join("; "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "FAILING california/production: web v2.15.0 cannot be pulled; web v2.14.1 > v2.15.0 0 of 6",
            "FAILING california/staging: api :38 rollout failed; api v2.15.0-rc.2 > :38 0 of 1",
            "PARKED demo/demo: api parked, was 2; web parked, was 2; worker parked, was 2",
            "RESTARTING georgia/production: worker out of memory, 9 in 30m",
            "ROLLING north-carolina/production: web v2.14.1 > v2.15.0 4 of 6",
            "STEADY ohio/production: api v2.15.0 was rolled back",
            "DEGRADED texas/production: all 6 in zone a, b c empty",
            "DEGRADED virginia/production: web log-router dead in 1 of 2",
            "STEADY (jobs): 2 in progress",
        ]
    );
}
