//! What is read when, behind a limiter like the connector's.
#![expect(clippy::unwrap_used, reason = "a test says more by failing where it went wrong")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::feeds::{Feeds, Read};
use super::needs::{Needs, Scope};
use super::once::ReadOnce;
use super::required::rest_interval;
use crate::fleet::operation::Bucket;
use crate::fleet::{
    Arn, Cluster, Completeness, Fleet, Identity, Payload, Query, QueryKind, SERVICES_PER_QUERY, Service, TaskFilter,
    sample,
};

/// Requests a second that the limiter lets through from each bucket, what it saves up, and what it begins with.
const RATE: usize = 5;
const SAVED: usize = 10;
const BURST: usize = 90;

/// An account, and who reads it through a limiter that prefers what is urgent.
struct Account {
    services: BTreeMap<Arn, (Cluster, Vec<Service>)>,
    fleet: Fleet,
    feeds: Feeds,
    now: Timestamp,
    tokens: BTreeMap<Bucket, usize>,
    queue: Vec<Read>,
    /// What was answered, in order.
    answered: Vec<Query>,
}

impl Account {
    /// An account with so many services in each of its clusters.
    fn new(sizes: &[usize]) -> Self {
        let services = sizes.iter().enumerate().map(|(at, size)| {
            let cluster = sample::cluster("1", &format!("c{at:03}"));
            let services = (0..*size).map(|n| sample::service(&cluster, &format!("s{n:03}"))).collect();
            (cluster.arn.clone(), (cluster, services))
        });
        Self {
            services: services.collect(),
            fleet: Fleet::new([sample::context("1")]),
            feeds: Feeds::default(),
            now: sample::now(),
            tokens: BTreeMap::new(),
            queue: vec![],
            answered: vec![],
        }
    }

    /// Lets a second pass, in which everything is answered that the limiter lets through.
    fn second(&mut self, needs: impl Fn(&Fleet) -> Needs) {
        self.now = self.now.checked_add(Duration::from_secs(1)).unwrap();
        for tokens in self.tokens.values_mut() {
            *tokens = (*tokens + RATE).min(SAVED.max(*tokens));
        }
        loop {
            let needs = needs(&self.fleet);
            self.queue.extend(self.feeds.due(&self.fleet, &needs, self.now));
            self.queue.sort_by_key(|read| (read.lane, read.ticket));
            let waiting = std::mem::take(&mut self.queue);
            let before = self.answered.len();
            for read in waiting {
                let tokens = self.tokens.entry(read.ask.operation().info().bucket).or_insert(BURST);
                let cost = if matches!(read.ask.kind, QueryKind::Tasks(..)) { 2 } else { 1 };
                if *tokens < cost {
                    self.queue.push(read);
                    continue;
                }
                *tokens -= cost;
                let facts = facts(&self.services, &read.ask.kind);
                self.feeds.answered(read.ticket, None, self.now);
                self.fleet.apply(&read.ask, facts, Completeness::Complete, self.now);
                self.answered.push(read.ask);
            }
            if self.answered.len() == before {
                return;
            }
        }
    }

    /// How long ago the services were read, the longest first; nothing while one was never read.
    fn oldest(&self) -> Option<Duration> {
        let all: usize = self.services.values().map(|(_, services)| services.len()).sum();
        let ages: Option<Vec<Duration>> =
            self.fleet.services.values().map(|entry| Some(self.age(entry.snapshot.as_ref()?.at))).collect();
        ages.filter(|ages| ages.len() == all)?.into_iter().max()
    }

    fn age(&self, at: Timestamp) -> Duration {
        self.now.duration_since(at).unsigned_abs()
    }
}

fn facts(services: &BTreeMap<Arn, (Cluster, Vec<Service>)>, about: &QueryKind) -> Payload {
    let all = |cluster: &Arn| services[cluster].1.iter();
    match about {
        QueryKind::Identity => Payload::Identity(Identity { account: "1".to_owned(), arn: "arn".to_owned() }),
        QueryKind::Clusters => Payload::Clusters(services.values().map(|(cluster, _)| cluster.clone()).collect()),
        QueryKind::ServiceArns(cluster) => {
            Payload::ServiceArns(all(cluster).map(|service| service.arn.clone()).collect())
        }
        QueryKind::Services(cluster, asked) => {
            Payload::Services(all(cluster).filter(|service| asked.contains(&service.arn)).cloned().collect(), vec![])
        }
        QueryKind::Tasks(..) => Payload::Tasks(vec![]),
        other => panic!("{other:?}"),
    }
}

/// What a screen needs that shows the services of the first `clusters`.
fn showing(fleet: &Fleet, clusters: usize, pace: u64) -> Needs {
    let shown = fleet.clusters.keys().take(clusters).flat_map(|cluster| fleet.services_of(cluster));
    let services = shown.map(|(arn, _)| arn.clone()).collect();
    Needs { services, pace: Duration::from_secs(pace), ..Needs::default() }
}

#[test]
fn a_large_account_is_read_once_soon_though_the_screen_could_use_the_whole_budget() {
    // Twenty environments on the screen hold 750 services, 80 below them the other 250.
    let sizes: Vec<usize> =
        (0..100).map(|at| if at < 20 { [37, 38][at % 2] } else { [3, 3, 3, 3, 3, 3, 3, 4][at % 8] }).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 1_000);
    let mut account = Account::new(&sizes);
    let needs = |fleet: &Fleet| showing(fleet, 20, 15);
    let mut seconds = 0;
    while account.oldest().is_none() && seconds < 300 {
        account.second(needs);
        seconds += 1;
    }
    // 260 requests, and at most as many for what is read again: 90 are sent at once, the others 5 a second.
    assert!(seconds <= (2 * 260 - BURST) / RATE, "read once after {seconds} s");
    for _ in 0..300 {
        account.second(needs);
        let oldest = account.oldest();
        assert!(oldest.is_some_and(|age| age <= rest_interval(&account.fleet) * 2), "{oldest:?}: it shows as unknown");
    }
}

#[test]
fn tasks_of_many_clusters_on_the_screen_leave_half_of_the_budget_to_what_was_never_read() {
    let mut account = Account::new(&[1; 200]);
    let needs = |fleet: &Fleet| {
        let shown: BTreeSet<Arn> = fleet.clusters.keys().take(20).cloned().collect();
        Needs { tasks: shown.clone(), stopped: shown, ..Needs::default() }
    };
    let mut seconds = 0;
    while account.fleet.tasks_read.len() < 200 && seconds < 600 {
        account.second(needs);
        seconds += 1;
    }
    // 220 reads with two requests each, and at most as many for what is read again.
    assert!(seconds <= (2 * 440 - BURST) / RATE, "read once after {seconds} s");
    let tasks = account.answered.iter().filter(|ask| matches!(ask.kind, QueryKind::Tasks(..))).count();
    assert!(tasks > 220 + 40, "what is on the screen is read again meanwhile: {tasks}");
}

#[test]
fn services_on_the_screen_keep_their_pace_where_they_are_few() {
    let mut account = Account::new(&[30, 5]);
    let mut oldest = Duration::ZERO;
    for second in 0..120 {
        account.second(|fleet| showing(fleet, 1, 5));
        if second > 10 {
            let shown = account.fleet.services.values().filter(|entry| entry.cluster.name() == "c000");
            oldest =
                oldest.max(shown.filter_map(|entry| Some(account.age(entry.snapshot.as_ref()?.at))).max().unwrap());
        }
    }
    assert!(oldest <= Duration::from_secs(5), "{oldest:?}");
}

#[test]
fn what_changed_nothing_is_not_worked_out_anew() {
    let mut account = Account::new(&[12]);
    let needs = showing(&account.fleet, 1, 5);
    let sent = account.feeds.due(&account.fleet, &needs, account.now);
    assert_eq!(sent.len(), 2, "who the caller is, and which clusters there are");
    assert_eq!(account.feeds.due(&account.fleet, &needs, account.now), []);
    let other = Needs { scope: Scope::Services, ..needs.clone() };
    let cluster = QueryKind::Clusters;
    let read = sent.into_iter().find(|read| read.ask.kind == cluster).unwrap();
    account.feeds.answered(read.ticket, None, account.now);
    account.fleet.apply(&read.ask, facts(&account.services, &cluster), Completeness::Complete, account.now);
    assert_eq!(account.feeds.due(&account.fleet, &other, account.now).len(), 1, "its services");
    assert_eq!(account.feeds.due(&account.fleet, &needs, account.now).len(), 1, "other needs: its tasks");
}

#[test]
fn a_command_reads_each_thing_once_and_what_it_names_first() {
    let account = Account::new(&[3, 25, 2]);
    let (mut fleet, mut reads) = (Fleet::new([sample::context("1")]), ReadOnce::default());
    let mut needs = Needs { scope: Scope::Tasks, first: Some("c001".to_owned()), ..Needs::default() };
    let mut answered: Vec<Query> = vec![];
    loop {
        let asks = reads.due(&fleet, &needs);
        assert_eq!(reads.is_done(&fleet, &needs), asks.is_empty());
        if asks.is_empty() {
            break;
        }
        assert_eq!(reads.unanswered(&fleet, &needs), asks.iter().cloned().collect::<BTreeSet<_>>());
        for ask in asks {
            reads.answered(&ask, None);
            fleet.apply(&ask, facts(&account.services, &ask.kind), Completeness::Complete, sample::now());
            answered.push(ask);
        }
    }
    assert_eq!(answered.len(), 2 + 3 + 3 + 1 + 3 + 1, "{answered:?}");
    assert_eq!(answered.iter().collect::<BTreeSet<_>>().len(), answered.len(), "nothing twice");
    let cluster = |ask: &Query| match &ask.kind {
        QueryKind::ServiceArns(arn) | QueryKind::Tasks(arn, _) | QueryKind::Services(arn, _) => {
            Some(arn.name().to_owned())
        }
        _ => None,
    };
    let clusters: Vec<String> = answered.iter().filter_map(cluster).collect();
    assert_eq!(clusters[..2], ["c001", "c001"], "{clusters:?}");
    let looks = answered
        .iter()
        .filter_map(|ask| if let QueryKind::Services(_, some) = &ask.kind { Some(some.len()) } else { None });
    assert_eq!(looks.collect::<Vec<_>>(), [SERVICES_PER_QUERY, SERVICES_PER_QUERY, 5, 3, 2]);
    needs.services.extend(fleet.services.keys().cloned());
    assert_eq!(reads.due(&fleet, &needs), [], "needed in another way, but read already");
    needs.stopped.extend(fleet.clusters.keys().take(1).cloned());
    let more: Vec<QueryKind> = reads.due(&fleet, &needs).into_iter().map(|ask| ask.kind).collect();
    let first = fleet.clusters.keys().next().unwrap().clone();
    assert_eq!(more, [QueryKind::Tasks(first, TaskFilter::Stopped)], "what is needed besides");
}
