//! Lines that a prefix finds though somebody else wrote them.

use super::request::Request;
use super::{StreamSelector, Tail, writer};
use crate::fleet::{Fleet, LogLine};

impl Tail {
    /// Leaves out, from now on, what a prefix finds of tasks that `fleet` knows: it represents a service that has
    /// none, and services may share a log group and a prefix. Tasks that are followed, too, have their lines.
    pub fn exclude_tasks(&mut self, fleet: &Fleet) {
        let mut places = self.pulls.values().flat_map(|pull| pull.places.keys());
        if places.any(|place| matches!(place, StreamSelector::Prefix(_))) {
            let tasks = fleet.tasks.values().flat_map(|tasks| tasks.keys());
            self.others = tasks.map(|arn| arn.name().to_owned()).collect();
        }
    }

    /// Whether `line`, which `chain` found, is to be left out.
    pub(super) fn excludes(&self, line: &LogLine, chain: &Request) -> bool {
        let Some(StreamSelector::Prefix(_)) = chain.places.first() else { return false };
        let followed = || {
            let places = self.pulls.get(&chain.group).map(|pull| &pull.places);
            places.is_some_and(|places| places.contains_key(&StreamSelector::Stream(line.stream.clone())))
        };
        writer(&line.stream).is_some_and(|(_, task)| self.others.contains(task)) && !followed()
    }
}
