//! Whose each service is: rules that name a tenant and an environment, tried in order.

mod environment_id;
mod pattern;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use environment_id::{Environment, EnvironmentId, Tenant, UNKNOWN, part};
pub use pattern::{NameSource, Pattern};

use super::Glob;
use super::{Arn, Fleet, Task};
use crate::text::clean;
use rules::{Named, ServiceFacts, guessed};

/// Rules of one's own, tried before the built-in ones; without any, only those are tried.
///
/// In order: `fixed`, `patterns`, `accounts`, `profiles`; then built in: tags of the service, tags
/// of its cluster, the service's name, the cluster's name; last, the cluster as a guess.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Services by name.
    pub fixed: Vec<Fixed>,
    /// Patterns over names.
    pub patterns: Vec<Pattern>,
    /// Accounts (twelve digits) that belong to one tenant.
    pub accounts: BTreeMap<String, Owner>,
    /// Profiles that belong to one tenant.
    pub profiles: BTreeMap<String, Owner>,
    /// Further words that name an environment inside a name.
    pub environments: Vec<String>,
}

/// What a rule of one's own gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: String,
    /// The environment, where the rule names one.
    pub environment: Option<String>,
}

/// Services that belong to one tenant, by `cluster/service` or by their ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Which services, as a glob over `cluster/service` and over the ARN.
    pub services: Glob,
    /// Whose they are.
    pub owner: Owner,
}

/// Whose one service is, and which rules said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its home: the row it is in.
    pub environment_id: EnvironmentId,
    /// Which rule named the tenant; nothing for `(unassigned)`.
    pub tenant_rule: Option<Rule>,
    /// Which rule named the environment; nothing where it is unknown.
    pub environment_rule: Option<Rule>,
}

/// The rule that named a tenant or an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A tag, with the key as it is written there.
    Tag(String, NameSource),
    /// A word within a name.
    Name(NameSource),
    /// A pattern of the config.
    Pattern(String, NameSource),
    /// A fixed list of the config.
    Fixed(String),
    /// The account, by the config.
    Account(String),
    /// The profile, by the config.
    Profile(String),
    /// The cluster's name, for want of anything better.
    Guess,
}

/// Whose every service is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignments {
    by_service: BTreeMap<Arn, Assignment>,
    by_environment: BTreeMap<EnvironmentId, Vec<Arn>>,
}

/// Says whose every service of `fleet` is.
///
/// The whole fleet at once, because a guess depends on the cluster's other services. The order
/// in which things arrived makes no difference.
pub fn assign(fleet: &Fleet, rules: &Rules) -> Assignments {
    let mut named: BTreeMap<&Arn, (Named, Named)> = BTreeMap::new();
    let mut settled: BTreeSet<&Arn> = BTreeSet::new();
    for (arn, entry) in &fleet.services {
        let facts = ServiceFacts::of(fleet, arn);
        let (tenant, environment) = (rules.tenant(&facts), rules.environment(&facts));
        if tenant.is_some() {
            settled.insert(&entry.cluster);
        }
        named.insert(arn, (tenant, environment));
    }
    let mut places: BTreeMap<Arn, Assignment> = BTreeMap::new();
    for (arn, (tenant, environment)) in named {
        let cluster = fleet.services.get(arn).map(|entry| &entry.cluster);
        let guess = cluster.filter(|cluster| tenant.is_none() && !settled.contains(cluster));
        let guess = guess.and_then(|cluster| guessed(cluster.name(), rules));
        let context = fleet.services.get(arn).map(|entry| entry.context.clone());
        let (who, by) = match (tenant, guess, context) {
            (Some((name, by)), _, _) => (Tenant::Named(name), Some(by)),
            (None, Some(name), Some(context)) => (Tenant::Guessed(name, context), Some(Rule::Guess)),
            _ => (Tenant::Unassigned, None),
        };
        let (which, environment_by) = match environment {
            // A tag that says `unknown` says nothing.
            Some((name, by)) if !name.eq_ignore_ascii_case(UNKNOWN) => (Some(Environment::new(&name)), Some(by)),
            _ => (None, None),
        };
        let home = EnvironmentId::new(who, which);
        places.insert(
            arn.clone(),
            Assignment { environment_id: home, tenant_rule: by, environment_rule: environment_by },
        );
    }
    Assignments::of(places)
}

impl Assignments {
    /// Gathers the homes; where one environment is written in several ways, all its services show
    /// the most frequent, then the longest, then the first of the alphabet.
    fn of(mut places: BTreeMap<Arn, Assignment>) -> Self {
        let mut spellings: BTreeMap<EnvironmentId, BTreeMap<String, usize>> = BTreeMap::new();
        for place in places.values() {
            let written = place.environment_id.environment_name().to_owned();
            *spellings.entry(place.environment_id.clone()).or_default().entry(written).or_default() += 1;
        }
        let mut homes: BTreeMap<EnvironmentId, Vec<Arn>> = BTreeMap::new();
        for (arn, place) in &mut places {
            let counts = spellings.get(&place.environment_id).into_iter().flatten();
            let best = counts.min_by_key(|(text, count)| (std::cmp::Reverse((**count, text.len())), *text));
            if let (Some((text, _)), Some(environment)) = (best, &mut place.environment_id.environment) {
                *environment = Environment::new(text);
            }
            homes.entry(place.environment_id.clone()).or_default().push(arn.clone());
        }
        Self { by_service: places, by_environment: homes }
    }

    /// Whose the service `arn` is.
    pub fn of_service(&self, arn: &Arn) -> Option<&Assignment> {
        self.by_service.get(arn)
    }

    /// All services and whose they are, by ARN.
    pub fn services(&self) -> impl Iterator<Item = (&Arn, &Assignment)> {
        self.by_service.iter()
    }

    /// All homes that have services, in order, with those.
    pub fn environments(&self) -> impl Iterator<Item = (&EnvironmentId, &[Arn])> {
        self.by_environment.iter().map(|(home, services)| (home, services.as_slice()))
    }

    /// Services of `home`, by ARN.
    pub fn services_of(&self, home: &EnvironmentId) -> &[Arn] {
        self.by_environment.get(home).map_or(&[], Vec::as_slice)
    }

    /// How many services have a tenant by a guess only.
    pub fn guessed(&self) -> usize {
        self.by_service.values().filter(|place| place.environment_id.tenant.is_guess()).count()
    }

    /// The path of the service `arn`, as in `california/production/web`.
    pub fn path(&self, arn: &Arn) -> Option<String> {
        let place = self.by_service.get(arn)?;
        Some(match (&place.environment_id.tenant, &place.environment_id.environment) {
            // Three parts always, so that the path can be read back.
            (Tenant::Unassigned, None) => format!("{}/{UNKNOWN}/{}", place.environment_id.tenant, clean(arn.name())),
            _ => format!("{}/{}", place.environment_id, clean(arn.name())),
        })
    }
}

/// Jobs in clusters all of whose services are of `home`: the jobs that are most likely its own.
pub fn jobs_beside<'a>(fleet: &'a Fleet, places: &Assignments, home: &EnvironmentId) -> Vec<&'a std::sync::Arc<Task>> {
    let own: BTreeSet<&Arn> = places.services_of(home).iter().collect();
    let clusters: BTreeSet<&Arn> = own.iter().filter_map(|arn| Some(&fleet.services.get(*arn)?.cluster)).collect();
    let whole = |cluster: &&Arn| fleet.services_of(cluster).all(|(arn, _)| own.contains(arn));
    let clusters: BTreeSet<&Arn> = clusters.into_iter().filter(whole).collect();
    jobs(fleet).filter(|job| clusters.contains(&job.cluster)).collect()
}

/// Tasks of `fleet` that belong to no service, those that are over among them.
pub fn jobs(fleet: &Fleet) -> impl Iterator<Item = &std::sync::Arc<Task>> {
    fleet.tasks.values().flat_map(BTreeMap::values).filter(|task| task.service().is_none())
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(key, on) => write!(f, "tag {} of the {on}", clean(key)),
            Self::Name(on) => write!(f, "the {on}'s name"),
            Self::Pattern(pattern, on) => write!(f, "pattern {} on the {on}'s name", clean(pattern)),
            Self::Fixed(glob) => write!(f, "fixed list, {}", clean(glob)),
            Self::Account(account) => write!(f, "account {}", clean(account)),
            Self::Profile(profile) => write!(f, "profile {}", clean(profile)),
            Self::Guess => f.write_str("a guess from the cluster's name"),
        }
    }
}

impl fmt::Display for NameSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::Cluster => "cluster",
        })
    }
}
