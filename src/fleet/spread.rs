//! Tasks by availability zone, and the zones that stand empty.

use std::collections::{BTreeMap, BTreeSet};

use super::{ContextId, Fleet, Task, TaskStatus, clean};

/// How many running tasks each zone has; zones that are known but empty are in it with none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Tasks by zone, as in `us-east-1a`.
    pub zones: BTreeMap<String, usize>,
    /// Running tasks of which no zone is known.
    pub nowhere: usize,
}

/// Zones that tasks of a context were seen in, running and lately stopped ones alike.
pub fn zones_of(fleet: &Fleet, context: &ContextId) -> BTreeSet<String> {
    let tasks = fleet.tasks.values().flat_map(BTreeMap::values);
    tasks.filter(|task| task.context == *context).filter_map(|task| task.zone.clone()).collect()
}

/// The running ones of `tasks` by zone, over all of `known`.
pub fn spread<'a>(tasks: impl IntoIterator<Item = &'a Task>, known: &BTreeSet<String>) -> Spread {
    let mut spread = Spread { zones: known.iter().map(|zone| (zone.clone(), 0)).collect(), nowhere: 0 };
    for task in tasks {
        if task.status != TaskStatus::Running || task.is_over() {
            continue;
        }
        match &task.zone {
            Some(zone) => *spread.zones.entry(zone.clone()).or_default() += 1,
            None => spread.nowhere += 1,
        }
    }
    spread
}

impl Spread {
    /// Zones that have none.
    pub fn empty(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().filter(|(_, count)| **count == 0).map(|(zone, _)| zone.as_str())
    }

    /// Zones that have some.
    pub fn used(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().filter(|(_, count)| **count > 0).map(|(zone, _)| zone.as_str())
    }

    /// `a3 b3 c0`, with `?1` for tasks of which no zone is known. Nothing where no zone is known.
    ///
    /// Whole names where the letters would not tell the zones apart. The letters mean something
    /// within one account and region only: the same zone has another letter in another account
    /// (<https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html>).
    pub fn letters(&self) -> String {
        let distinct: BTreeSet<String> = self.zones.keys().map(|zone| letter(zone)).collect();
        let short = distinct.len() == self.zones.len();
        let name = |zone: &str| if short { letter(zone) } else { format!("{} ", clean(zone)) };
        let counts = self.zones.iter().map(|(zone, count)| format!("{}{count}", name(zone)));
        let nowhere = (self.nowhere > 0).then(|| format!("?{}", self.nowhere));
        counts.chain(nowhere).collect::<Vec<_>>().join(" ")
    }
}

/// The letter of a zone: `a` for `us-east-1a`; the whole name where it does not end in one.
pub fn letter(zone: &str) -> String {
    match zone.chars().last() {
        Some(c) if c.is_ascii_lowercase() => c.to_string(),
        _ => clean(zone).into_owned(),
    }
}
