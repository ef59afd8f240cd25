//! Every feed: what is asked next, what is under way, and how it went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::feed::{Feed, Ticket};
use super::message::Effect;
use super::wishes::{Focus, Kind, Topic, Wish, question, wishes};
use crate::fleet::{About, Arn, Ask, CloudError, ContextId, Fleet, Lane, Service, Which};

/// Questions of one kind, for what is not on the screen, that may be under way in one context.
const AT_ONCE: usize = 12;

/// Every feed, and the questions under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feeds {
    known: BTreeMap<Topic, Feed>,
    flights: BTreeMap<Ticket, Flight>,
    changed: BTreeSet<Arn>,
    /// Of each service, the question whose look is known.
    seen: BTreeMap<Arn, Ticket>,
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
impl Feeds {
    /// What to ask at `now`, given what is known and what is on the screen.
    pub fn due(&mut self, fleet: &Fleet, focus: &Focus, now: Timestamp) -> Vec<Effect> {
        let mut wishes = wishes(fleet, focus, &self.changed);
        // What will be due soon rides along in a batch that is due now, so that batches stay full.
        wishes.retain(|wish| self.is_due(wish, now, wish.interval / 2));
        // What was never read comes before what is read again: within a budget that is used up by
        // re-reading, the end of a large account would never be reached.
        let unread =
            |wish: &Wish| self.known.get(&wish.topic).is_none_or(|feed| feed.answered.is_none() && feed.failures == 0);
        wishes.sort_by_key(|wish| (wish.lane, !unread(wish), wish.topic.kind()));
        let first: BTreeSet<_> = wishes.iter().filter(|wish| unread(wish)).map(Wish::bucket).collect();
        let again = |wish: &Wish| wish.lane == Lane::Rest && !unread(wish) && first.contains(&wish.bucket());
        wishes.retain(|wish| !again(wish));
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

    /// Sends a question of its own, which no feed asks, and which joins none that is under way.
    pub(super) fn alone(&mut self, ask: Ask, lane: Lane, now: Timestamp) -> (Ticket, Effect) {
        let effect = self.send(ask, vec![], lane, now);
        (Ticket(self.last), effect)
    }

    /// Notes that services were looked at by somebody else just now: what is under way was asked before.
    pub(super) fn witnessed(&mut self, services: impl IntoIterator<Item = Arn>) {
        let next = Ticket(self.last + 1);
        self.seen.extend(services.into_iter().map(|service| (service, next)));
    }

    /// Whether the look at `service` that was asked under `ticket` is the latest that has arrived;
    /// if so, that is noted.
    pub(super) fn is_latest(&mut self, service: &Arn, ticket: Ticket) -> bool {
        let latest = self.seen.entry(service.clone()).or_insert(ticket);
        let is = ticket >= *latest;
        *latest = ticket.max(*latest);
        is
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
            asked(&Topic::Roster(cluster.clone()))
                && asked(&Topic::Tasks(cluster.clone(), Which::Running))
                && fleet.services_of(cluster).all(seen)
        };
        let (all, done) = (fleet.clusters.len(), fleet.clusters.keys().filter(|cluster| read(cluster)).count());
        (done < all || listed < contexts.count()).then_some(Progress { done, all })
    }

    /// Drops the feeds of what is gone.
    pub fn forget(&mut self, fleet: &Fleet) {
        self.seen.retain(|service, _| fleet.services.contains_key(service));
        self.known.retain(|topic, feed| {
            feed.flying.is_some()
                || match topic {
                    Topic::Roster(cluster) | Topic::Tasks(cluster, _) => fleet.clusters.contains_key(cluster),
                    Topic::Look(service) | Topic::Scaling(service) | Topic::Deployments(service) => {
                        fleet.services.contains_key(service)
                    }
                    Topic::Identity(_)
                    | Topic::Clusters(_)
                    | Topic::Definition(_)
                    | Topic::Images(_)
                    | Topic::Index(..)
                    | Topic::Raw(_) => true,
                }
        });
    }

    fn is_due(&self, wish: &Wish, now: Timestamp, interval: Duration) -> bool {
        let feed = self.known.get(&wish.topic).unwrap_or(&Feed::NEW);
        // What an index lists is worth one question: what was refused is asked again only by hand.
        let settled = matches!(wish.topic, Topic::Index(..)) && feed.is_refused() && !feed.wanted;
        !settled && feed.is_due(now, interval)
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
