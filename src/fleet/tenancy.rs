//! Whose each service is: rules that name a tenant and an environment, tried in order.

mod home;
mod pattern;
mod rules;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use home::{Environment, Home, Tenant, UNKNOWN, part};
pub use pattern::{On, Pattern};

use super::Glob;
use super::{Arn, Fleet, Task};
use crate::text::clean;
use rules::{Facts, Named, guessed};

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
    pub accounts: BTreeMap<String, Given>,
    /// Profiles that belong to one tenant.
    pub profiles: BTreeMap<String, Given>,
    /// Further words that name an environment inside a name.
    pub environments: Vec<String>,
}

/// What a rule of one's own gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
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
    pub given: Given,
}

/// Whose one service is, and which rules said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its home: the row it stands in.
    pub home: Home,
    /// Which rule named the tenant; nothing for `(unassigned)`.
    pub tenant: Option<By>,
    /// Which rule named the environment; nothing where it is unknown.
    pub environment: Option<By>,
}

/// The rule that named a tenant or an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A tag, with the key as it is written there.
    Tag(String, On),
    /// A word within a name.
    Name(On),
    /// A pattern of the config.
    Pattern(String, On),
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
pub struct Places {
    places: BTreeMap<Arn, Place>,
    homes: BTreeMap<Home, Vec<Arn>>,
}

/// Says whose every service of `fleet` is.
///
/// The whole fleet at once, because a guess depends on the cluster's other services. The order
/// in which things arrived makes no difference.
pub fn place(fleet: &Fleet, rules: &Rules) -> Places {
    let mut named: BTreeMap<&Arn, (Named, Named)> = BTreeMap::new();
    let mut settled: BTreeSet<&Arn> = BTreeSet::new();
    for (arn, entry) in &fleet.services {
        let facts = Facts::of(fleet, arn);
        let (tenant, environment) = (rules.tenant(&facts), rules.environment(&facts));
        if tenant.is_some() {
            settled.insert(&entry.cluster);
        }
        named.insert(arn, (tenant, environment));
    }
    let mut places: BTreeMap<Arn, Place> = BTreeMap::new();
    for (arn, (tenant, environment)) in named {
        let cluster = fleet.services.get(arn).map(|entry| &entry.cluster);
        let guess = cluster.filter(|cluster| tenant.is_none() && !settled.contains(cluster));
        let guess = guess.and_then(|cluster| guessed(cluster.name(), rules));
        let context = fleet.services.get(arn).map(|entry| entry.context.clone());
        let (who, by) = match (tenant, guess, context) {
            (Some((name, by)), _, _) => (Tenant::Named(name), Some(by)),
            (None, Some(name), Some(context)) => (Tenant::Guessed(name, context), Some(By::Guess)),
            _ => (Tenant::Unassigned, None),
        };
        let (which, environment_by) = match environment {
            // A tag that says `unknown` says nothing.
            Some((name, by)) if !name.eq_ignore_ascii_case(UNKNOWN) => (Some(Environment::new(&name)), Some(by)),
            _ => (None, None),
        };
        let home = Home::new(who, which);
        places.insert(arn.clone(), Place { home, tenant: by, environment: environment_by });
    }
    Places::of(places)
}

impl Places {
    /// Gathers the homes; where one environment is written in several ways, all its services show
    /// the most frequent, then the longest, then the first of the alphabet.
    fn of(mut places: BTreeMap<Arn, Place>) -> Self {
        let mut spellings: BTreeMap<Home, BTreeMap<String, usize>> = BTreeMap::new();
        for place in places.values() {
            let written = place.home.environment_name().to_owned();
            *spellings.entry(place.home.clone()).or_default().entry(written).or_default() += 1;
        }
        let mut homes: BTreeMap<Home, Vec<Arn>> = BTreeMap::new();
        for (arn, place) in &mut places {
            let counts = spellings.get(&place.home).into_iter().flatten();
            let best = counts.min_by_key(|(text, count)| (std::cmp::Reverse((**count, text.len())), *text));
            if let (Some((text, _)), Some(environment)) = (best, &mut place.home.environment) {
                *environment = Environment::new(text);
            }
            homes.entry(place.home.clone()).or_default().push(arn.clone());
        }
        Self { places, homes }
    }

    /// Whose the service `arn` is.
    pub fn of_service(&self, arn: &Arn) -> Option<&Place> {
        self.places.get(arn)
    }

    /// All services and whose they are, by ARN.
    pub fn services(&self) -> impl Iterator<Item = (&Arn, &Place)> {
        self.places.iter()
    }

    /// All homes that have services, in order, with those.
    pub fn homes(&self) -> impl Iterator<Item = (&Home, &[Arn])> {
        self.homes.iter().map(|(home, services)| (home, services.as_slice()))
    }

    /// Services of `home`, by ARN.
    pub fn services_of(&self, home: &Home) -> &[Arn] {
        self.homes.get(home).map_or(&[], Vec::as_slice)
    }

    /// How many services have a tenant by a guess only.
    pub fn guessed(&self) -> usize {
        self.places.values().filter(|place| place.home.tenant.is_guess()).count()
    }

    /// The path of the service `arn`, as in `california/production/web`.
    pub fn path(&self, arn: &Arn) -> Option<String> {
        let place = self.places.get(arn)?;
        Some(match (&place.home.tenant, &place.home.environment) {
            // Three parts always, so that the path can be read back.
            (Tenant::Unassigned, None) => format!("{}/{UNKNOWN}/{}", place.home.tenant, clean(arn.name())),
            _ => format!("{}/{}", place.home, clean(arn.name())),
        })
    }
}

/// Jobs in clusters all of whose services are of `home`: the jobs that are most likely its own.
pub fn jobs_beside<'a>(fleet: &'a Fleet, places: &Places, home: &Home) -> Vec<&'a std::sync::Arc<Task>> {
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

impl fmt::Display for By {
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

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Service => "service",
            Self::Cluster => "cluster",
        })
    }
}
