//! How much of a budget may go into reading again while something has never been read: half.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::required::ContextBucket;

/// How long nothing is read again because of what has never been read, at most: one list that takes long must not
/// stop the screen.
const PAUSE: Duration = Duration::from_secs(5);

/// How many re-reads can be saved up: a burst of first reads is not followed by one of re-reads.
const SAVED: usize = 5;

/// Per bucket from which something is still to be read for the first time, how much may be read again.
///
/// Each answer to a first read earns one: so it is half of whatever AWS lets through at the time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shares(BTreeMap<ContextBucket, Share>);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Share {
    earned: usize,
    /// When something was last read again.
    last: Option<Timestamp>,
}

impl Shares {
    /// Keeps account of these buckets, and of no others.
    pub(super) fn keep(&mut self, unread: &BTreeSet<ContextBucket>) {
        self.0.retain(|bucket, _| unread.contains(bucket));
        for bucket in unread {
            self.0.entry(bucket.clone()).or_default();
        }
    }

    /// Whether something may be read again from `bucket` at `now`.
    pub(super) fn allow(&self, bucket: &ContextBucket, now: Timestamp) -> bool {
        let paused = |last: Timestamp| now.duration_since(last).unsigned_abs() < PAUSE;
        self.0.get(bucket).is_none_or(|share| share.earned > 0 || !share.last.is_some_and(paused))
    }

    /// Notes that something is read again from `bucket`.
    pub(super) fn spend(&mut self, bucket: &ContextBucket, now: Timestamp) {
        if let Some(share) = self.0.get_mut(bucket) {
            share.earned = share.earned.saturating_sub(1);
            share.last = Some(now);
        }
    }

    /// Notes that a first read from `bucket` was answered.
    pub(super) fn earn(&mut self, bucket: &ContextBucket) {
        if let Some(share) = self.0.get_mut(bucket) {
            share.earned = SAVED.min(share.earned + 1);
        }
    }
}
