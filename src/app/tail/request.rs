//! One question about lines, and those that go on from where its answer ended.

use jiff::Timestamp;

use super::{Group, StreamSelector};
use crate::fleet::{LogSource, Query, QueryKind, Streams, Window};

/// One question, and those that go on from where its answer ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) group: Group,
    pub(super) places: Vec<StreamSelector>,
    pub(super) from: Timestamp,
    /// Where it ends, if it reads what lies further back: what comes after has been read by others.
    pub(super) back_until: Option<Timestamp>,
    pub(super) begun: Option<Timestamp>,
    pub(super) newest: Option<Timestamp>,
    /// Whether there were new lines, and more than came.
    pub(super) lags: bool,
    pub(super) failures: u32,
    pub(super) rests_until: Option<Timestamp>,
}

impl Request {
    pub(super) fn new(group: Group, places: Vec<StreamSelector>, from: Timestamp) -> Self {
        let (begun, newest, rests_until, back_until) = (None, None, None, None);
        Self { group, places, from, back_until, begun, newest, lags: false, failures: 0, rests_until }
    }

    /// Whether it reads on from what was read, and not what lies further back.
    pub(super) fn goes_on(&self) -> bool {
        self.back_until.is_none()
    }

    /// What it asks now, of a tail that reads `until` then.
    pub(super) fn ask(&self, until: Option<Timestamp>) -> Query {
        let streams = match self.places.first() {
            Some(StreamSelector::Prefix(prefix)) => Streams::Prefix(prefix.clone()),
            _ => Streams::Named(self.places.iter().map(|place| place.text().to_owned()).collect()),
        };
        let (group, region) = (self.group.name.clone(), self.group.region.clone());
        let about = QueryKind::LogEvents(
            LogSource { group, region, streams },
            Window { from: self.from, until: self.back_until.or(until) },
        );
        Query { context: self.group.context.clone(), kind: about }
    }
}
