//! How far the first reading has come, and how long the screen has been waiting.

use std::time::Duration;

use jiff::Timestamp;

use super::feeds::Feeds;
use super::required::FeedKey;
use crate::fleet::{Arn, Fleet, Priority, QueryKind, TaskFilter};

/// How far the first reading of a large account has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Clusters that have been read.
    pub done: usize,
    /// Clusters that are known.
    pub all: usize,
}

impl Feeds {
    /// How long the screen has been waiting for its oldest unanswered query.
    pub fn waiting(&self, now: Timestamp) -> Option<Duration> {
        // The very first frame waits for who the caller is and which clusters there are.
        let is_first = |about: &QueryKind| matches!(about, QueryKind::Identity | QueryKind::Clusters);
        let shown =
            self.flights.values().filter(|flight| flight.lane == Priority::Screen || is_first(&flight.ask.kind));
        shown.map(|flight| now.duration_since(flight.since).unsigned_abs()).max()
    }

    /// How far the first reading has come; nothing once every cluster has been read.
    pub fn progress(&self, fleet: &Fleet) -> Option<Progress> {
        let contexts = fleet.contexts.values().filter(|context| context.same_as.is_none());
        let listed = contexts.clone().filter(|context| !self.is_unread(&FeedKey::Clusters(context.id.clone()))).count();
        let (all, done) =
            (fleet.clusters.len(), fleet.clusters.keys().filter(|cluster| self.is_read(fleet, cluster)).count());
        (done < all || listed < contexts.count()).then_some(Progress { done, all })
    }

    fn is_read(&self, fleet: &Fleet, cluster: &Arn) -> bool {
        !self.is_unread(&FeedKey::Roster(cluster.clone()))
            && !self.is_unread(&FeedKey::Tasks(cluster.clone(), TaskFilter::Running))
            && fleet
                .services_of(cluster)
                .all(|(arn, entry)| entry.snapshot.is_some() || !self.is_unread(&FeedKey::Look(arn.clone())))
    }
}
