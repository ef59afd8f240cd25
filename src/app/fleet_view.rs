//! The rows that follow from what is known, and their order: the worst first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::state::Item;
use super::subject::Subject;
use crate::fleet::health::{HealthState as Condition, HealthStatus, ReadClock};
use crate::fleet::overview::{Overview, Row, overview};
use crate::fleet::spread::Spread;
use crate::fleet::tenancy::{Assignments, EnvironmentId, Rules, assign, jobs};
use crate::fleet::{Arn, ContextId, Fleet};

/// Whose every service is, and how it is: worked out again when what is known changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetView {
    /// When it was worked out.
    pub at: Timestamp,
    /// Whose every service is.
    pub places: Assignments,
    /// How every service and every environment is.
    pub overview: Overview,
    /// Tasks that belong to no service.
    pub jobs: Vec<Arn>,
    /// How many contexts there are.
    contexts: usize,
    /// Services that share their name with another one of their environment.
    pub namesakes: BTreeSet<Arn>,
    /// Clusters whose stopped tasks have something to say.
    pub stirred: BTreeSet<Arn>,
    /// Task definitions of services in trouble or in motion, which name their versions.
    pub unsettled: BTreeSet<(ContextId, Arn)>,
}

impl FleetView {
    /// What follows from `fleet` at `now`, if a service is looked at every `interval`.
    pub fn new(fleet: &Fleet, rules: &Rules, interval: Duration, now: Timestamp) -> Self {
        let places = assign(fleet, rules);
        let overview = overview(fleet, &places, ReadClock { now, interval });
        let stirred = overview.clusters_with_stopped(fleet, now).into_iter().map(|(_, cluster)| cluster).collect();
        let mut running: Vec<_> = jobs(fleet).collect();
        running.sort_by_key(|task| (task.is_over(), std::cmp::Reverse(task.created_at), task.arn.clone()));
        let jobs = running.into_iter().map(|task| task.arn.clone()).collect();
        let unsettled = overview.definitions_to_read(fleet);
        let namesakes = namesakes(&places);
        let contexts = fleet.contexts.len();
        Self { at: now, places, overview, jobs, contexts, namesakes, stirred, unsettled }
    }

    /// The rows of the table about `subject`, the worst first; of the same state in the order of their names.
    pub fn order(&self, subject: &Subject) -> Vec<Item> {
        match subject {
            Subject::Fleet => {
                let mut homes: Vec<(&EnvironmentId, &Row)> = self.rows().collect();
                // Of the same state, what there is something to say of comes first.
                homes.sort_by_key(|(home, row)| (row.verdict.state, row.verdict.reasons.is_empty(), *home));
                homes.into_iter().map(|(home, _)| Item::Home(home.clone())).collect()
            }
            Subject::Environment(home) if *home == EnvironmentId::jobs() => {
                self.jobs.iter().cloned().map(Item::Task).collect()
            }
            Subject::Environment(home) => {
                let mut services: Vec<&Arn> = self.services(home).collect();
                let rank = |arn: &Arn| self.verdict(arn).map(|verdict| (verdict.state, verdict.reasons.is_empty()));
                services.sort_by_key(|arn| (rank(arn), arn.name(), *arn));
                services.into_iter().cloned().map(Item::Service).collect()
            }
            Subject::Service(_) | Subject::Task(_) | Subject::Image { .. } | Subject::Plan(_) => vec![],
        }
    }

    /// The environments that are shown. One of which nothing has been read yet is not: only its
    /// tags name its owner.
    pub fn rows(&self) -> impl Iterator<Item = (&EnvironmentId, &Row)> {
        let unread = |arn: &Arn| self.verdict(arn).is_some_and(|verdict| verdict.state == Condition::Reading);
        self.overview.rows.iter().filter(move |(_, row)| row.services.is_empty() || !row.services.iter().all(unread))
    }

    /// Services of `home`.
    pub fn services(&self, home: &EnvironmentId) -> impl Iterator<Item = &Arn> {
        self.places.services_of(home).iter()
    }

    /// What is to be said of the service `arn`.
    pub fn verdict(&self, arn: &Arn) -> Option<&HealthStatus> {
        self.overview.services.get(arn)
    }

    /// What is to be said of the environment `home`.
    pub fn row(&self, home: &EnvironmentId) -> Option<&Row> {
        self.overview.rows.get(home)
    }

    /// The state of what `item` represents.
    pub fn state(&self, item: &Item) -> Option<Condition> {
        match item {
            Item::Home(home) => self.row(home).map(|row| row.verdict.state),
            Item::Service(arn) => self.verdict(arn).map(|verdict| verdict.state),
            Item::Task(_) | Item::Plan(_) | Item::Line(_) => None,
        }
    }

    /// What a filter looks for words in: all that the row says, and the names of what is in it.
    pub fn text(&self, item: &Item) -> String {
        let said = |verdict: &HealthStatus| {
            let why: Vec<&str> = verdict.reasons.iter().map(|reason| reason.text.as_str()).collect();
            format!("{} {}", verdict.state.word(), why.join(" "))
        };
        match item {
            Item::Home(home) => {
                let Some(row) = self.row(home) else { return String::new() };
                let services: Vec<&str> = row.services.iter().map(Arn::name).collect();
                let versions: Vec<&str> = row.versions.iter().map(String::as_str).collect();
                // A word that every row has would find nothing.
                let contexts = row.contexts.iter().map(ContextId::as_str).filter(|_| self.contexts > 1);
                let zones = row.spread.as_ref().map(Spread::letters).unwrap_or_default();
                let parts = [services.join(" "), versions.join(" "), contexts.collect::<Vec<_>>().join(" "), zones];
                format!("{} {} {}", home.path(), said(&row.verdict), parts.join(" "))
            }
            Item::Service(arn) => {
                format!("{} {}", arn.as_str(), self.verdict(arn).map(said).unwrap_or_default())
            }
            Item::Task(arn) => arn.as_str().to_owned(),
            Item::Plan(id) => id.to_string(),
            Item::Line(line) => line.clone(),
        }
    }

    /// How many environments are in each state, the worst first; jobs are not environments.
    pub fn counts(&self) -> Vec<(Condition, usize)> {
        let environments = self.rows().filter(|(home, _)| **home != EnvironmentId::jobs());
        let states: Vec<Condition> = environments.map(|(_, row)| row.verdict.state).collect();
        let count = |state: Condition| states.iter().filter(|other| **other == state).count();
        let counts = Condition::ALL.into_iter().map(|state| (state, count(state)));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}

fn namesakes(places: &Assignments) -> BTreeSet<Arn> {
    let mut found = BTreeSet::new();
    for (_, services) in places.environments() {
        let mut named: BTreeMap<&str, Vec<&Arn>> = BTreeMap::new();
        for arn in services {
            named.entry(arn.name()).or_default().push(arn);
        }
        found.extend(named.into_values().filter(|alike| alike.len() > 1).flatten().cloned());
    }
    found
}
