//! Reads each thing once: for a command, for a round of one that goes on, or for a plan.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::feed::Ticket;
use super::feeds::Feeds;
use super::needs::Needs;
use super::required::FeedKey;
use crate::fleet::{CloudError, Fleet, Query};

/// The moment at which everything happens: as no time passes, nothing is read twice, and what failed is not
/// read again.
const MOMENT: Timestamp = Timestamp::UNIX_EPOCH;

/// Reads what is needed, each thing once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOnce {
    feeds: Feeds,
    in_progress: BTreeMap<Query, Ticket>,
}

impl ReadOnce {
    /// What to send now, given what is known and what is needed.
    pub fn due(&mut self, fleet: &Fleet, needs: &Needs) -> Vec<Query> {
        let reads = self.feeds.due(fleet, needs, MOMENT);
        self.in_progress.extend(reads.iter().map(|read| (read.ask.clone(), read.ticket)));
        reads.into_iter().map(|read| read.ask).collect()
    }

    /// Notes the outcome of `ask`.
    pub fn answered(&mut self, ask: &Query, error: Option<&CloudError>) {
        if let Some(ticket) = self.in_progress.remove(ask) {
            self.feeds.answered(ticket, error, MOMENT);
        }
    }

    /// What has no answer yet: what is in progress, and what is still to be sent.
    pub fn unanswered(&self, fleet: &Fleet, needs: &Needs) -> BTreeSet<Query> {
        let unsent = self.feeds.unsent(fleet, needs, MOMENT);
        self.in_progress.keys().cloned().chain(unsent).collect()
    }

    /// Whether all that is needed was answered, well or not.
    pub fn is_done(&self, fleet: &Fleet, needs: &Needs) -> bool {
        self.in_progress.is_empty() && self.feeds.unsent(fleet, needs, MOMENT).is_empty()
    }

    /// Whether `key` was answered, well or not.
    pub fn has_read(&self, key: &FeedKey) -> bool {
        !self.feeds.is_unread(key)
    }
}
