//! What lies further back than what was read at first.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::request::Request;
use super::{Group, StreamSelector, Tail};
use crate::fleet::STREAMS;

impl Tail {
    /// Reads what was written from `since` on, too, beside what comes in. Nothing happens where that was read
    /// already, or where lines have fallen out: older ones would at once.
    pub fn backfill(&mut self, since: Timestamp) {
        if since >= self.since || self.dropped() > 0 {
            return;
        }
        let going_on = self.chains.values().filter(|chain| chain.goes_on());
        let asked: BTreeSet<(Group, StreamSelector)> =
            going_on.flat_map(|chain| chain.places.iter().map(|place| (chain.group.clone(), place.clone()))).collect();
        for (group, pull) in &self.pulls {
            // What was not asked for yet will be from there on, and what is missing has no lines.
            let begun = pull.places.iter().filter(|(place, reach)| {
                !reach.absent
                    && (reach.read.is_some() || reach.done || asked.contains(&(group.clone(), (*place).clone())))
            });
            let (streams, prefixes): (Vec<StreamSelector>, Vec<StreamSelector>) =
                begun.map(|(place, _)| place.clone()).partition(|place| matches!(place, StreamSelector::Stream(_)));
            let batches = streams.chunks(STREAMS).chain(prefixes.chunks(1));
            for places in batches {
                let chain = Request::new(group.clone(), places.to_vec(), since);
                self.chains.insert(self.next, Request { back_until: Some(self.since), ..chain });
                self.next += 1;
            }
        }
        self.since = since;
    }

    /// Whether what lies further back is being read.
    pub fn is_backfilling(&self) -> bool {
        self.chains.values().any(|chain| !chain.goes_on())
    }
}
