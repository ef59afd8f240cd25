//! Every feed: what is sent next, what is in progress, and how it went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::batch::batch;
use super::feed::{Feed, Ticket};
use super::needs::Needs;
use super::required::{ContextBucket, FeedKey, ReadKind, ReadRequest, ReadState, required_reads};
use super::share::Shares;
use crate::fleet::{Arn, CloudError, ContextId, Fleet, Priority, Query, QueryKind, TaskFilter};

/// Queries of one kind, for what is not on the screen, that may be in progress in one context: what waits here can
/// still be overtaken by what matters more.
const AT_ONCE: usize = 12;

/// A query to send, and the ticket that its answer comes back under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The ticket.
    pub ticket: Ticket,
    /// The query.
    pub ask: Query,
    /// How urgent it is.
    pub lane: Priority,
}

/// Every feed, and the queries in progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feeds {
    pub(super) known: BTreeMap<FeedKey, Feed>,
    pub(super) flights: BTreeMap<Ticket, Flight>,
    changed: BTreeSet<Arn>,
    /// Of each service, the query whose answer is known.
    seen: BTreeMap<Arn, Ticket>,
    last: u64,
    shares: Shares,
    /// For what, and when, it was last worked out what is due; nothing once that may have changed.
    planned: Option<(Needs, Timestamp)>,
}

/// A query in progress.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flight {
    pub(super) ask: Query,
    pub(super) lane: Priority,
    pub(super) since: Timestamp,
    keys: Vec<FeedKey>,
    /// The bucket that a first read is made from; nothing for what is read again.
    first_read: Option<ContextBucket>,
}

impl Feeds {
    /// What to send at `now`, given what is known and what is needed.
    pub fn due(&mut self, fleet: &Fleet, needs: &Needs, now: Timestamp) -> Vec<Read> {
        // What could be sent was sent: without an answer, other needs or another time nothing more is due.
        if self.planned.as_ref().is_some_and(|(planned, at)| planned == needs && *at == now) {
            return vec![];
        }
        let (requests, unread) = self.candidates(fleet, needs, now);
        self.shares.keep(&unread);
        let mut in_background = self.in_background();
        let mut taken: BTreeSet<FeedKey> = BTreeSet::new();
        let mut reads = vec![];
        for at in 0..requests.len() {
            let request = &requests[at];
            if taken.contains(&request.key) || !self.is_due(request, now, request.interval) {
                continue;
            }
            let (bucket, first) = (request.bucket(), request.state == ReadState::Unread);
            if !first && !self.shares.allow(&bucket, now) {
                continue;
            }
            if request.lane == Priority::Rest {
                let count = in_background.entry((request.context.clone(), request.key.kind())).or_default();
                if *count >= AT_ONCE {
                    continue;
                }
                *count += 1;
            }
            let Some((about, keys)) = batch(fleet, &requests[at..], &taken) else { continue };
            if !first {
                self.shares.spend(&bucket, now);
            }
            taken.extend(keys.iter().cloned());
            let ask = Query { context: request.context.clone(), kind: about };
            reads.push(self.send(ask, keys, request.lane, first.then_some(bucket), now));
        }
        self.planned = Some((needs.clone(), now));
        reads
    }

    /// What is due now or before long, in order, and the buckets from which something is still to be read for the
    /// first time.
    ///
    /// What was never read comes before what is read again: within a budget that is used up by re-reading, the end
    /// of a large account would never be reached.
    fn candidates(&self, fleet: &Fleet, needs: &Needs, now: Timestamp) -> (Vec<ReadRequest>, BTreeSet<ContextBucket>) {
        let mut requests = required_reads(fleet, needs, &self.changed);
        let (mut unread, mut waiting) = (BTreeSet::new(), BTreeSet::new());
        requests.retain_mut(|request| {
            let feed = self.known.get(&request.key).unwrap_or(&Feed::NEW);
            if !self.may_be_sent(fleet, needs, request, feed) {
                return false;
            }
            // A batch that is due now also reads what will be due soon, so that batches stay full.
            let is_due = feed.is_due(now, request.interval / 2);
            request.state = if feed.is_unread() { ReadState::Unread } else { ReadState::Read };
            if request.state == ReadState::Unread {
                unread.insert(request.bucket());
                if is_due {
                    waiting.insert(request.bucket());
                }
            }
            is_due
        });
        let is_withheld = |request: &ReadRequest| {
            request.lane == Priority::Rest && request.state == ReadState::Read && waiting.contains(&request.bucket())
        };
        requests.retain(|request| !is_withheld(request));
        requests.sort_by_key(|request| (!request.is_first, request.state, request.lane, request.key.kind()));
        (requests, unread)
    }

    /// What is still to be sent at `now`, as if any number could be in progress.
    pub(super) fn unsent(&self, fleet: &Fleet, needs: &Needs, now: Timestamp) -> BTreeSet<Query> {
        let (requests, _) = self.candidates(fleet, needs, now);
        let mut taken: BTreeSet<FeedKey> = BTreeSet::new();
        let mut asks = BTreeSet::new();
        for (at, request) in requests.iter().enumerate() {
            if taken.contains(&request.key) || !self.is_due(request, now, request.interval) {
                continue;
            }
            let Some((about, keys)) = batch(fleet, &requests[at..], &taken) else { continue };
            taken.extend(keys);
            asks.insert(Query { context: request.context.clone(), kind: about });
        }
        asks
    }

    /// Sends a query of its own, which no feed asks, and which joins none that is in progress.
    pub fn one_off(&mut self, ask: Query, lane: Priority, now: Timestamp) -> Read {
        self.send(ask, vec![], lane, None, now)
    }

    /// Notes that services were read by a plan just now: what is in progress was asked before.
    pub(in crate::app) fn observed(&mut self, services: impl IntoIterator<Item = Arn>) {
        let next = Ticket(self.last + 1);
        self.seen.extend(services.into_iter().map(|service| (service, next)));
    }

    /// Whether the answer on `service` that was asked for under `ticket` is the latest that has arrived;
    /// if so, that is noted.
    pub(in crate::app) fn is_latest(&mut self, service: &Arn, ticket: Ticket) -> bool {
        let latest = self.seen.entry(service.clone()).or_insert(ticket);
        let is = ticket >= *latest;
        *latest = ticket.max(*latest);
        is
    }

    /// Notes the outcome of the query sent under `ticket`; nothing, if it is no longer waited for.
    pub fn answered(&mut self, ticket: Ticket, error: Option<&CloudError>, now: Timestamp) -> Option<Query> {
        let flight = self.flights.remove(&ticket)?;
        self.planned = None;
        if let Some(bucket) = &flight.first_read {
            self.shares.earn(bucket);
        }
        for key in flight.keys {
            self.known.entry(key).or_insert(Feed::NEW).answer(error.cloned(), now);
        }
        Some(flight.ask)
    }

    /// Notes that something about a service of `cluster` has changed, so that its tasks may have, too.
    pub fn changed(&mut self, cluster: &Arn) {
        self.changed.insert(cluster.clone());
    }

    /// Reads everything on the screen again at once; with nothing on it, the lists themselves.
    pub fn refresh(&mut self, fleet: &Fleet, needs: &Needs) {
        self.planned = None;
        let shown = required_reads(fleet, needs, &self.changed).into_iter().filter(|request| {
            request.lane == Priority::Screen
                || matches!(request.key, FeedKey::Identity(_) | FeedKey::Clusters(_) | FeedKey::Roster(_))
        });
        for request in shown {
            if let Some(feed) = self.known.get_mut(&request.key) {
                feed.wanted = true;
            }
        }
    }

    /// How `key` is doing.
    pub fn get(&self, key: &FeedKey) -> Option<&Feed> {
        self.known.get(key)
    }

    /// Notes that the fleet may have changed, and drops the feeds of what is gone.
    pub fn forget(&mut self, fleet: &Fleet) {
        self.planned = None;
        self.seen.retain(|service, _| fleet.services.contains_key(service));
        self.known.retain(|key, feed| {
            feed.flying.is_some()
                || match key {
                    FeedKey::Roster(cluster) | FeedKey::Tasks(cluster, _) => fleet.clusters.contains_key(cluster),
                    FeedKey::Look(service) | FeedKey::Scaling(service) | FeedKey::Deployments(service) => {
                        fleet.services.contains_key(service)
                    }
                    FeedKey::Identity(_)
                    | FeedKey::Clusters(_)
                    | FeedKey::Definition(_)
                    | FeedKey::Images(_)
                    | FeedKey::Index(..)
                    | FeedKey::Raw(_)
                    | FeedKey::Query(_) => true,
                }
        });
    }

    /// Whether `key` was never answered, well or not.
    pub(super) fn is_unread(&self, key: &FeedKey) -> bool {
        self.known.get(key).is_none_or(Feed::is_unread)
    }

    fn is_due(&self, request: &ReadRequest, now: Timestamp, interval: Duration) -> bool {
        self.known.get(&request.key).unwrap_or(&Feed::NEW).is_due(now, interval)
    }

    /// Whether `request` is worth a query now, apart from the time.
    fn may_be_sent(&self, fleet: &Fleet, needs: &Needs, request: &ReadRequest, feed: &Feed) -> bool {
        match &request.key {
            // What an index lists is worth one query: what was refused is asked again only by hand.
            FeedKey::Index(..) => !feed.is_refused() || feed.wanted,
            FeedKey::Clusters(context) if needs.identity_first && fleet.contexts.len() > 1 => {
                !self.is_unread(&FeedKey::Identity(context.clone()))
            }
            _ => true,
        }
    }

    /// Queries in progress for what is not on the screen, by context and kind.
    fn in_background(&self) -> BTreeMap<(ContextId, ReadKind), usize> {
        let mut counts = BTreeMap::new();
        for flight in self.flights.values().filter(|flight| flight.lane == Priority::Rest) {
            if let Some(key) = flight.keys.first() {
                *counts.entry((flight.ask.context.clone(), key.kind())).or_default() += 1;
            }
        }
        counts
    }

    fn send(
        &mut self,
        ask: Query,
        keys: Vec<FeedKey>,
        lane: Priority,
        first_read: Option<ContextBucket>,
        now: Timestamp,
    ) -> Read {
        self.last += 1;
        let ticket = Ticket(self.last);
        for key in &keys {
            self.known.entry(key.clone()).or_insert(Feed::NEW).ask(ticket);
        }
        if let QueryKind::Tasks(cluster, TaskFilter::Running) = &ask.kind {
            self.changed.remove(cluster);
        }
        self.flights.insert(ticket, Flight { ask: ask.clone(), lane, since: now, keys, first_read });
        Read { ticket, ask, lane }
    }
}
