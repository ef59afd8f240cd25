//! `wharf logs` on an AWS that is slow, silent or refuses: what it says, and that it ends in time.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;
use wharf::args::{self, Action, Following, Logs};
use wharf::aws::Cloud;
use wharf::cli::Outcome;
use wharf::demo::{Aws, Fault, Region};
use wharf::fleet::tenancy::Rules;
use wharf::headless::{self, Session};

use super::clock;
use super::inside::inside;

/// How it ended if it did within so long, how long it took, and what it said on both sides.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) outcome: Option<Outcome>,
    pub(super) took: Duration,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs `wharf logs` for an hour at most.
pub(super) async fn run(cloud: &Cloud, target: &str, following: Following) -> Ended {
    run_for(cloud, target, following, Duration::from_hours(1)).await
}

pub(super) async fn run_for(cloud: &Cloud, target: &str, following: Following, limit: Duration) -> Ended {
    let (clock, rules) = (clock(), Rules::default());
    let surface = Session { cloud, clock: &clock, rules: &rules };
    let args = args::parse(["wharf", "logs", target]).unwrap();
    let Action::Logs(logs) = args.action else { panic!("{args:?}") };
    let logs = Logs { following, ..logs };
    let (mut out, mut err, start) = (vec![], vec![], Instant::now());
    let ended = tokio::time::timeout(limit, headless::logs(&surface, &logs, &mut out, &mut err)).await;
    let [out, err] = [out, err].map(|bytes| String::from_utf8(bytes).unwrap());
    Ended { outcome: ended.ok().map(Result::unwrap), took: start.elapsed(), out, err }
}

/// A service of two tasks in one cluster.
fn furnish(region: &mut Region) {
    region.add_service("acme-staging", "web", 2);
}

/// What every operation but those that come `before` does.
fn switch(aws: &Aws, fault: Fault, from: &str) {
    match from {
        "" => aws.set_fault(Some(fault)),
        operation => aws.set_fault_for(operation, fault),
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_ends_it_within_25_seconds_and_is_named_whatever_is_in_the_way() {
    for following in [Following::No, Following::Yes] {
        for (from, names) in [
            ("", "ListClusters"),
            ("ListServices", "ListServices"),
            ("ListTasks", "ListTasks"),
            ("DescribeTaskDefinition", "DescribeTaskDefinition"),
            ("FilterLogEvents", "FilterLogEvents on log group /ecs/acme-staging-web"),
        ] {
            for fault in Fault::ALL.into_iter().filter(|fault| *fault != Fault::Slow) {
                let (aws, cloud) = inside(furnish).await;
                switch(&aws, fault, from);
                let ended = run(&cloud, "acme/staging", following).await;
                let within = ended.took <= Duration::from_secs(25);
                let named = ended.err.contains(names);
                assert!(
                    ended.outcome == Some(Outcome::Unread) && within && named && ended.out.is_empty(),
                    "{following:?} {fault} from {from}: {ended:#?}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_aws_ends_it_within_25_seconds_unless_it_tells_something_of_what_was_asked_for() {
    for following in [Following::No, Following::Yes] {
        // Only its tags tell whose the service is, and nobody gets as far as that.
        let (aws, cloud) = inside(|region| {
            region.add_service("main", "web", 2);
            region.tag_service("main", "web", "tenant", "acme");
        })
        .await;
        aws.set_fault(Some(Fault::Slow));
        let ended = run(&cloud, "acme", following).await;
        let within = ended.took <= Duration::from_secs(25);
        assert!(ended.outcome == Some(Outcome::Unread) && within, "{following:?}: {ended:#?}");
        assert!(ended.err.contains("not read within 24 s"), "{following:?}: {ended:#?}");
    }
    let (aws, cloud) = inside(furnish).await;
    aws.set_fault(Some(Fault::Slow));
    let ended = run(&cloud, "acme/staging", Following::No).await;
    assert!(ended.outcome == Some(Outcome::Unread) && ended.out.lines().count() > 100, "{ended:#?}");
    assert!(ended.err.contains("DescribeServices on cluster acme-staging: not read within 24 s"), "{ended:#?}");
}

/// Thirty lines of 200 kB: six pages, each of which takes seven seconds.
fn long(region: &mut Region) {
    region.add_service("acme-staging", "web", 0);
    let (now, text) = (clock()(), "x".repeat(200_000));
    for line in 0..30 {
        region.put_log("/ecs/acme-staging-web", "ecs/web/long", now - SignedDuration::from_secs(60 - line), &text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_read_goes_on_as_long_as_pages_come_in_and_ends_soon_after_the_last() {
    let (aws, cloud) = inside(long).await;
    aws.set_fault_for("FilterLogEvents", Fault::Slow);
    let ended = run(&cloud, "acme/staging", Following::No).await;
    let told = ended.err.lines().count() == 1 && ended.err.contains("acme/staging/web: it has no task");
    assert!(ended.outcome == Some(Outcome::Well) && told, "{}", ended.err);
    let lines = ended.out.matches("long").count();
    assert!(ended.took > Duration::from_secs(35) && lines == 30, "{lines} lines after {:?}", ended.took);

    let (aws, cloud) = inside(long).await;
    aws.set_fault_after("FilterLogEvents", 5, Fault::Silent);
    aws.set_fault_for("FilterLogEvents", Fault::Slow);
    let ended = run(&cloud, "acme/staging", Following::No).await;
    assert_eq!(ended.outcome, Some(Outcome::Unread), "{}", ended.err);
    assert!(ended.took < Duration::from_secs(5 * 7 + 12), "{:?}", ended.took);
    assert!(ended.err.contains("FilterLogEvents on log group"), "{}", ended.err);
    let lines = ended.out.matches("long").count();
    assert!(lines >= 15, "{lines} lines are printed of five pages");
}

#[tokio::test(start_paused = true)]
async fn what_came_is_printed_though_the_rest_cannot_be_read() {
    for fault in [Fault::Silent, Fault::Throttled, Fault::Denied, Fault::CutOff] {
        let (aws, cloud) = inside(|region| {
            region.add_service("acme-staging", "api", 1);
            region.add_service("acme-staging", "web", 1);
        })
        .await;
        // One of the two log groups can be read.
        aws.set_fault_after("FilterLogEvents", 1, fault);
        let ended = run(&cloud, "acme/staging", Following::No).await;
        let within = ended.took <= Duration::from_secs(35);
        assert!(ended.outcome == Some(Outcome::Unread) && within, "{fault}: {ended:#?}");
        let printed = ended.out.lines().count();
        assert!(printed > 50 && ended.err.contains("FilterLogEvents on log group"), "{fault}: {ended:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_of_one_cluster_that_cannot_be_read_are_missing_and_told() {
    let (aws, cloud) = inside(|region| {
        for cluster in ["blue", "green"] {
            region.add_service(cluster, "web", 1);
            region.tag_cluster(cluster, "tenant", "acme");
        }
    })
    .await;
    aws.set_fault_after("ListTasks", 1, Fault::Denied);
    let ended = run(&cloud, "acme", Following::No).await;
    assert!(ended.outcome == Some(Outcome::Unread) && !ended.out.is_empty(), "{ended:#?}");
    assert!(ended.err.contains("Allow ecs:ListTasks"), "{ended:#?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_follows_is_told_once_that_nothing_comes() {
    let (aws, cloud) = inside(furnish).await;
    aws.set_fault_for("FilterLogEvents", Fault::Silent);
    let ended = run(&cloud, "acme/staging", Following::Yes).await;
    let says = "demo: still waiting for an answer to FilterLogEvents on log group /ecs/acme-staging-web";
    assert_eq!(ended.err.matches("still waiting").count(), 1, "{ended:#?}");
    assert!(ended.err.starts_with(&format!("wharf: {says}\n")), "{ended:#?}");

    let (aws, cloud) = inside(furnish).await;
    aws.set_fault(Some(Fault::Slow));
    let ended = run_for(&cloud, "acme/staging", Following::Yes, Duration::from_mins(2)).await;
    assert_eq!(ended.err.matches("still reading").count(), 1, "{ended:#?}");

    // One that has read goes on, whatever comes.
    let (aws, cloud) = inside(furnish).await;
    aws.set_fault_after("FilterLogEvents", 3, Fault::Silent);
    let ended = run_for(&cloud, "acme/staging", Following::Yes, Duration::from_mins(3)).await;
    assert_eq!((ended.outcome, ended.err.matches("still waiting").count()), (None, 1), "{ended:#?}");
}
