//! What is asked when: everything that is known of is asked again and again, what is on the screen first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::feed::{Feed, Ticket};
use super::message::Effect;
use crate::fleet::{About, Arn, Ask, CloudError, ContextId, Fleet, LOOK, Lane, SCALING, Service, Subject, Which};

/// Questions of one kind, for what is not on the screen, that may be under way in one context.
const AT_ONCE: usize = 12;
/// How long a list of clusters, and a cluster's list of services, count as fresh.
const ROSTER: Duration = Duration::from_mins(1);
const CLUSTERS: Duration = Duration::from_mins(5);
/// How long tasks count as fresh while nothing about their services changes.
const TASKS: Duration = Duration::from_mins(2);
/// How soon tasks are read again when something about their services has changed.
const CHANGED: Duration = Duration::from_secs(10);
/// How soon the stopped tasks of a cluster in trouble are read again.
const STOPPED: Duration = Duration::from_mins(1);
/// How long bounds and histories count as fresh while they are on the screen.
const BEHIND: Duration = Duration::from_secs(30);
/// How soon a service that is not on the screen is looked at again, at the least.
const REST: Duration = Duration::from_secs(30);
/// Looks a second that one context is asked for in the long run: with rosters and pages it stays
/// below a quarter of the 20 a second that ECS allows (see `aws::budget`).
const LOOKS_PER_SECOND: usize = 3;

/// One thing that is asked again and again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Who we are in this context.
    Identity(ContextId),
    /// The clusters of this context.
    Clusters(ContextId),
    /// The services of this cluster.
    Roster(Arn),
    /// This service.
    Look(Arn),
    /// The tasks of this cluster.
    Tasks(Arn, Which),
    /// This task definition.
    Definition(Arn),
    /// The scaling bounds of this service.
    Scaling(Arn),
    /// The deployments of this service.
    Deployments(Arn),
    /// AWS's own words on this.
    Raw(Subject),
}

/// Kinds of questions, in the order in which they are asked.
///
/// Services that are known are looked at before more are listed, so that a large account fills the
/// screen cluster by cluster; tasks drink from another of AWS's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    Look,
    Roster,
    Tasks,
    Behind,
}

/// What the screen needs, and how fresh.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Focus {
    /// Services on the screen.
    pub services: BTreeSet<Arn>,
    /// How soon those are looked at again.
    pub pace: Duration,
    /// Clusters whose running tasks are on the screen.
    pub tasks: BTreeSet<Arn>,
    /// Clusters whose stopped tasks are on the screen.
    pub stopped: BTreeSet<Arn>,
    /// Clusters with a service in trouble, whose stopped tasks say why.
    pub troubled: BTreeSet<Arn>,
    /// Services whose bounds and history are on the screen.
    pub behind: BTreeSet<Arn>,
    /// Task definitions that tell the versions of services in trouble or in motion.
    pub unsettled: BTreeSet<(ContextId, Arn)>,
    /// Task definitions on the screen, with the context to ask.
    pub definitions: BTreeSet<(ContextId, Arn)>,
    /// What is shown in AWS's own words, with the context to ask.
    pub raw: Option<(ContextId, Subject)>,
}

/// Every feed, and the questions under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feeds {
    known: BTreeMap<Topic, Feed>,
    flights: BTreeMap<Ticket, Flight>,
    changed: BTreeSet<Arn>,
    last: u64,
}

/// A question under way.
#[derive(Clone, Debug, PartialEq)]
struct Flight {
    ask: Ask,
    topics: Vec<Topic>,
    lane: Lane,
    since: Timestamp,
}

/// How far the first reading of a large account has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Clusters that have been read.
    pub done: usize,
    /// Clusters that are known.
    pub all: usize,
}

/// One thing to ask, how urgently, and for how long its last answer is good.
struct Wish {
    topic: Topic,
    context: ContextId,
    lane: Lane,
    interval: Duration,
}

impl Feeds {
    /// What to ask at `now`, given what is known and what is on the screen.
    pub fn due(&mut self, fleet: &Fleet, focus: &Focus, now: Timestamp) -> Vec<Effect> {
        let mut wishes = wishes(fleet, focus, &self.changed);
        // What will be due soon rides along in a batch that is due now, so that batches stay full.
        wishes.retain(|wish| self.is_due(wish, now, wish.interval / 2));
        wishes.sort_by_key(|wish| (wish.lane, wish.topic.kind()));
        let mut under_way = self.resting();
        let mut taken: BTreeSet<Topic> = BTreeSet::new();
        let mut effects = vec![];
        for at in 0..wishes.len() {
            let wish = &wishes[at];
            if taken.contains(&wish.topic) || !self.is_due(wish, now, wish.interval) {
                continue;
            }
            if wish.lane == Lane::Rest {
                let count = under_way.entry((wish.context.clone(), wish.topic.kind())).or_default();
                if *count >= AT_ONCE {
                    continue;
                }
                *count += 1;
            }
            let Some((about, topics)) = question(fleet, &wishes[at..], &taken) else { continue };
            taken.extend(topics.iter().cloned());
            effects.push(self.send(Ask { context: wish.context.clone(), about }, topics, wish.lane, now));
        }
        effects
    }

    /// Notes the outcome of the question sent under `ticket`; nothing, if it is no longer waited for.
    pub fn answered(&mut self, ticket: Ticket, error: Option<&CloudError>, now: Timestamp) -> Option<Ask> {
        let flight = self.flights.remove(&ticket)?;
        for topic in flight.topics {
            self.known.entry(topic).or_insert(Feed::NEW).answer(error.cloned(), now);
        }
        Some(flight.ask)
    }

    /// Notes that something about a service of `cluster` has changed, so that its tasks may have, too.
    pub fn changed(&mut self, cluster: &Arn) {
        self.changed.insert(cluster.clone());
    }

    /// Asks for everything on the screen again at once; with nothing on it, for the lists themselves.
    pub fn want(&mut self, fleet: &Fleet, focus: &Focus) {
        let shown = wishes(fleet, focus, &self.changed).into_iter();
        let shown = shown.filter(|wish| {
            wish.lane == Lane::Screen
                || matches!(wish.topic, Topic::Identity(_) | Topic::Clusters(_) | Topic::Roster(_))
        });
        for wish in shown {
            if let Some(feed) = self.known.get_mut(&wish.topic) {
                feed.wanted = true;
            }
        }
    }

    /// How `topic` is doing.
    pub fn get(&self, topic: &Topic) -> Option<&Feed> {
        self.known.get(topic)
    }

    /// How long the screen has been waiting for its oldest unanswered question.
    pub fn waiting(&self, now: Timestamp) -> Option<Duration> {
        let shown = self.flights.values().filter(|flight| flight.lane == Lane::Screen || is_first(&flight.ask.about));
        shown.map(|flight| now.duration_since(flight.since).unsigned_abs()).max()
    }

    /// How far the first reading has come; nothing once every cluster has been read.
    pub fn progress(&self, fleet: &Fleet) -> Option<Progress> {
        let asked =
            |topic: &Topic| self.known.get(topic).is_some_and(|feed| feed.answered.is_some() || feed.failures > 0);
        let contexts = fleet.contexts.values().filter(|context| context.same_as.is_none());
        let listed = contexts.clone().filter(|context| asked(&Topic::Clusters(context.id.clone()))).count();
        let read = |cluster: &Arn| {
            let seen =
                |(arn, entry): (&Arn, &crate::fleet::Entry)| entry.look.is_some() || asked(&Topic::Look(arn.clone()));
            asked(&Topic::Roster(cluster.clone())) && fleet.services_of(cluster).all(seen)
        };
        let (all, done) = (fleet.clusters.len(), fleet.clusters.keys().filter(|cluster| read(cluster)).count());
        (done < all || listed < contexts.count()).then_some(Progress { done, all })
    }

    /// Drops the feeds of what is gone.
    pub fn forget(&mut self, fleet: &Fleet) {
        self.known.retain(|topic, feed| {
            feed.flying.is_some()
                || match topic {
                    Topic::Roster(cluster) | Topic::Tasks(cluster, _) => fleet.clusters.contains_key(cluster),
                    Topic::Look(service) | Topic::Scaling(service) | Topic::Deployments(service) => {
                        fleet.services.contains_key(service)
                    }
                    Topic::Identity(_) | Topic::Clusters(_) | Topic::Definition(_) | Topic::Raw(_) => true,
                }
        });
    }

    fn is_due(&self, wish: &Wish, now: Timestamp, interval: Duration) -> bool {
        self.known.get(&wish.topic).unwrap_or(&Feed::NEW).is_due(now, interval)
    }

    /// Questions under way for what is not on the screen, by context and kind.
    fn resting(&self) -> BTreeMap<(ContextId, Kind), usize> {
        let mut counts = BTreeMap::new();
        for flight in self.flights.values().filter(|flight| flight.lane == Lane::Rest) {
            if let Some(topic) = flight.topics.first() {
                *counts.entry((flight.ask.context.clone(), topic.kind())).or_default() += 1;
            }
        }
        counts
    }

    fn send(&mut self, ask: Ask, topics: Vec<Topic>, lane: Lane, now: Timestamp) -> Effect {
        self.last += 1;
        let ticket = Ticket(self.last);
        for topic in &topics {
            self.known.entry(topic.clone()).or_insert(Feed::NEW).ask(ticket);
        }
        if let About::Tasks(cluster, Which::Running) = &ask.about {
            self.changed.remove(cluster);
        }
        self.flights.insert(ticket, Flight { ask: ask.clone(), topics, lane, since: now });
        Effect::Read(ticket, ask, lane)
    }
}

impl Topic {
    fn kind(&self) -> Kind {
        match self {
            Self::Identity(_) | Self::Clusters(_) => Kind::Account,
            Self::Look(_) => Kind::Look,
            Self::Roster(_) => Kind::Roster,
            Self::Tasks(..) => Kind::Tasks,
            Self::Definition(_) | Self::Scaling(_) | Self::Deployments(_) | Self::Raw(_) => Kind::Behind,
        }
    }
}

/// How soon a service that is not on the screen is looked at again.
///
/// Half a minute, or as long as it takes to look at all of the largest context within its budget.
pub fn rest_interval(fleet: &Fleet) -> Duration {
    let mut looks: BTreeMap<&ContextId, usize> = BTreeMap::new();
    for (cluster, services) in by_cluster(fleet) {
        if let Some(cluster) = fleet.clusters.get(cluster) {
            *looks.entry(&cluster.context).or_default() += services.div_ceil(LOOK);
        }
    }
    let most = looks.into_values().max().unwrap_or(0);
    REST.max(Duration::from_secs((most / LOOKS_PER_SECOND) as u64))
}

/// Whether so much has changed between two looks that the tasks must have, too.
pub(super) fn differs(before: &Service, after: &Service) -> bool {
    let gist = |service: &Service| {
        let deployments = service.deployments.iter();
        let deployments: Vec<_> =
            deployments.map(|d| (d.id.clone(), d.running, d.pending, d.failed, d.rollout.clone())).collect();
        let newest = service.events.first().map(|event| event.id.clone());
        (service.desired, service.running, service.pending, deployments, newest)
    };
    gist(before) != gist(after)
}

/// What the very first frame waits for.
fn is_first(about: &About) -> bool {
    matches!(about, About::Identity | About::Clusters)
}

fn by_cluster(fleet: &Fleet) -> BTreeMap<&Arn, usize> {
    let mut counts: BTreeMap<&Arn, usize> = BTreeMap::new();
    for entry in fleet.services.values() {
        *counts.entry(&entry.cluster).or_default() += 1;
    }
    counts
}

fn wishes(fleet: &Fleet, focus: &Focus, changed: &BTreeSet<Arn>) -> Vec<Wish> {
    let mut wishes = of_contexts(fleet);
    let mut wish = |topic, context: &ContextId, lane, interval| {
        wishes.push(Wish { topic, context: context.clone(), lane, interval });
    };
    let rest = rest_interval(fleet);
    for cluster in fleet.clusters.values() {
        let (arn, context) = (&cluster.arn, &cluster.context);
        wish(Topic::Roster(arn.clone()), context, Lane::Rest, ROSTER);
        let shown = |set: &BTreeSet<Arn>| if set.contains(arn) { Lane::Screen } else { Lane::Rest };
        let fresh = if focus.tasks.contains(arn) || changed.contains(arn) { CHANGED } else { TASKS.max(rest) };
        wish(Topic::Tasks(arn.clone(), Which::Running), context, shown(&focus.tasks), fresh);
        if focus.stopped.contains(arn) {
            wish(Topic::Tasks(arn.clone(), Which::Stopped), context, Lane::Screen, CHANGED);
        } else if focus.troubled.contains(arn) {
            wish(Topic::Tasks(arn.clone(), Which::Stopped), context, Lane::Rest, STOPPED);
        }
    }
    for (arn, entry) in &fleet.services {
        let shown = focus.services.contains(arn);
        let (lane, interval) = if shown { (Lane::Screen, focus.pace) } else { (Lane::Rest, rest) };
        wish(Topic::Look(arn.clone()), &entry.context, lane, interval);
        if focus.behind.contains(arn) {
            wish(Topic::Scaling(arn.clone()), &entry.context, Lane::Screen, BEHIND);
            wish(Topic::Deployments(arn.clone()), &entry.context, Lane::Screen, BEHIND);
        }
    }
    for (definitions, lane) in [(&focus.definitions, Lane::Screen), (&focus.unsettled, Lane::Rest)] {
        for (context, definition) in definitions {
            wish(Topic::Definition(definition.clone()), context, lane, Duration::MAX);
        }
    }
    if let Some((context, subject)) = &focus.raw {
        wish(Topic::Raw(subject.clone()), context, Lane::Screen, Duration::MAX);
    }
    wishes
}

fn of_contexts(fleet: &Fleet) -> Vec<Wish> {
    let mut wishes = vec![];
    for context in fleet.contexts.values() {
        let id = &context.id;
        let wish = |topic, interval| Wish { topic, context: id.clone(), lane: Lane::Rest, interval };
        if context.identity.is_none() {
            wishes.push(wish(Topic::Identity(id.clone()), Duration::MAX));
        }
        if context.same_as.is_none() {
            wishes.push(wish(Topic::Clusters(id.clone()), CLUSTERS));
        }
    }
    wishes
}

/// The question that the first of `wishes` is part of, with the wishes that it fulfils beside.
fn question(fleet: &Fleet, wishes: &[Wish], taken: &BTreeSet<Topic>) -> Option<(About, Vec<Topic>)> {
    let first = wishes.first()?;
    let alike = |kin: &dyn Fn(&Topic) -> Option<Arn>, most: usize| -> Vec<Arn> {
        let others = wishes.iter().filter(|wish| wish.context == first.context && !taken.contains(&wish.topic));
        others.filter_map(|wish| kin(&wish.topic)).take(most).collect()
    };
    let alone = |about| Some((about, vec![first.topic.clone()]));
    match &first.topic {
        Topic::Identity(_) => alone(About::Identity),
        Topic::Clusters(_) => alone(About::Clusters),
        Topic::Roster(cluster) => alone(About::Roster(cluster.clone())),
        Topic::Tasks(cluster, which) => alone(About::Tasks(cluster.clone(), *which)),
        Topic::Definition(arn) => alone(About::Definition(arn.clone())),
        Topic::Raw(subject) => alone(About::Raw(subject.clone())),
        Topic::Deployments(service) => {
            let cluster = fleet.services.get(service)?.cluster.clone();
            alone(About::Deployments { cluster, service: service.clone() })
        }
        Topic::Look(service) => {
            let cluster = &fleet.services.get(service)?.cluster;
            let kin = |topic: &Topic| match topic {
                Topic::Look(arn) if fleet.services.get(arn).is_some_and(|entry| entry.cluster == *cluster) => {
                    Some(arn.clone())
                }
                _ => None,
            };
            let services = alike(&kin, LOOK);
            let topics = services.iter().cloned().map(Topic::Look).collect();
            Some((About::Look(cluster.clone(), services), topics))
        }
        Topic::Scaling(_) => {
            let kin = |topic: &Topic| match topic {
                Topic::Scaling(arn) => Some(arn.clone()),
                _ => None,
            };
            let services = alike(&kin, SCALING);
            let topics = services.iter().cloned().map(Topic::Scaling).collect();
            Some((About::Scaling(services), topics))
        }
    }
}
