//! Tasks by availability zone, and the zones that stand empty.

use std::collections::{BTreeMap, BTreeSet};

use super::{ContextId, Fleet, Task, TaskStatus};
use crate::text::clean;

/// How many running tasks each zone has; zones that are known but empty are in it with none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Tasks by zone, as in `us-east-1a`.
    pub zones: BTreeMap<String, usize>,
    /// Running tasks of which no zone is known.
    pub without_zone: usize,
}

/// Zones that tasks of a context were seen in, running and lately stopped ones alike.
pub fn zones_of(fleet: &Fleet, context: &ContextId) -> BTreeSet<String> {
    let tasks = fleet.tasks.values().flat_map(BTreeMap::values);
    tasks.filter(|task| task.context == *context).filter_map(|task| task.zone.clone()).collect()
}

/// The running ones of `tasks` by zone, over all of `known`.
pub fn spread<'a>(tasks: impl IntoIterator<Item = &'a Task>, known: &BTreeSet<String>) -> Spread {
    let mut spread = Spread { zones: known.iter().map(|zone| (zone.clone(), 0)).collect(), without_zone: 0 };
    for task in tasks {
        if task.status != TaskStatus::Running || task.is_over() {
            continue;
        }
        match &task.zone {
            Some(zone) => *spread.zones.entry(zone.clone()).or_default() += 1,
            None => spread.without_zone += 1,
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
    /// Whole names where the letters would not distinguish the zones. The letters mean something
    /// within one account and region only: the same zone has another letter in another account
    /// (<https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html>).
    pub fn letters(&self) -> String {
        let gap = |name: &str| if name.len() == 1 { "" } else { " " };
        let counts = self.zones.iter().map(|(zone, count)| {
            let name = self.name(zone);
            format!("{name}{}{count}", gap(&name))
        });
        let nowhere = (self.without_zone > 0).then(|| format!("?{}", self.without_zone));
        counts.chain(nowhere).collect::<Vec<_>>().join(" ")
    }

    /// `in zone a, b c empty`, where all that run are in one zone though others are known.
    pub fn lopsided(&self) -> Option<String> {
        let (used, empty): (Vec<&str>, Vec<&str>) = (self.used().collect(), self.empty().collect());
        let [only] = used.as_slice() else { return None };
        let names: Vec<String> = empty.into_iter().map(|zone| self.name(zone)).collect();
        (!names.is_empty()).then(|| format!("in zone {}, {} empty", self.name(only), names.join(" ")))
    }

    /// The letter of `zone`, or its whole name where the letters would not distinguish the zones.
    pub fn name(&self, zone: &str) -> String {
        let distinct: BTreeSet<Option<char>> = self.zones.keys().map(|zone| letter(zone)).collect();
        let letter = letter(zone).filter(|_| distinct.len() == self.zones.len() && !distinct.contains(&None));
        letter.map_or_else(|| clean(zone).into_owned(), String::from)
    }
}

/// The letter of a zone: `a` for `us-east-1a`; nothing where the name does not end in a digit and one.
pub fn letter(zone: &str) -> Option<char> {
    let mut end = zone.chars().rev();
    let (last, before) = (end.next()?, end.next()?);
    (last.is_ascii_lowercase() && before.is_ascii_digit()).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample::{stopped, task};

    fn zones(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn tasks_are_counted_by_zone_and_empty_zones_are_seen() {
        let a = || task("1", "a", "web:v1");
        let nowhere = || Task { zone: None, ..a() };
        for (tasks, known, letters) in [
            (vec![a(), a(), task("2", "b", "web:v1")], zones(&["us-east-1a", "us-east-1b", "us-east-1c"]), "a2 b1 c0"),
            (vec![a(), stopped(a(), 1, "UserInitiated", "")], zones(&[]), "a1"),
            (vec![a(), nowhere()], zones(&[]), "a1 ?1"),
            (vec![], zones(&[]), ""),
            (vec![a()], zones(&["us-east-1-bos-1a"]), "us-east-1-bos-1a 0 us-east-1a 1"),
            (vec![], zones(&["moon"]), "moon 0"),
        ] {
            assert_eq!(spread(&tasks, &known).letters(), letters);
        }
    }
}
