//! Whose each service is: rules that name a tenant and an environment, tried in order.

mod home;
mod pattern;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use home::{Environment, Home, Tenant, UNKNOWN, part};
pub use pattern::{On, Pattern};

use super::policy::Glob;
use super::{Arn, Context, Fleet, Tags, Task, clean};
use pattern::{Said, split};

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

/// A name, and the rule that gave it.
type Named = Option<(String, By)>;

/// Keys of tags that name a tenant, the most telling first; any case.
const TENANT_KEYS: [&str; 3] = ["tenant", "customer", "client"];

/// Keys of tags that name an environment, likewise.
const ENVIRONMENT_KEYS: [&str; 3] = ["environment", "env", "stage"];

/// Words that say nothing about whose a cluster is.
const GENERIC: [&str; 9] = ["cluster", "ecs", "fargate", "ec2", "aws", "main", "default", "services", "apps"];

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
            Some((name, by)) => (Some(Environment::new(&name)), Some(by)),
            None => (None, None),
        };
        let home = Home::new(who, which);
        places.insert(arn.clone(), Place { home, tenant: by, environment: environment_by });
    }
    Places::of(places)
}

/// The tenant that a cluster's name suggests: never `default`, never a mere environment.
fn guessed(cluster: &str, rules: &Rules) -> Option<String> {
    let environment = split(cluster, &rules.environments).is_some();
    if cluster.eq_ignore_ascii_case("default") || environment {
        return None;
    }
    part(cluster)
}

/// All that rules look at for one service.
struct Facts<'a> {
    arn: &'a Arn,
    service: &'a str,
    cluster: &'a str,
    account: Option<&'a str>,
    context: Option<&'a Context>,
    tags: [Option<(&'a Tags, On)>; 2],
}

impl<'a> Facts<'a> {
    fn of(fleet: &'a Fleet, arn: &'a Arn) -> Self {
        let entry = fleet.services.get(arn);
        let look = entry.and_then(|entry| entry.look.as_ref());
        let cluster = entry.map(|entry| &entry.cluster);
        let context = entry.and_then(|entry| fleet.contexts.get(&entry.context));
        let identity = context.and_then(|context| context.identity.as_ref());
        Self {
            arn,
            service: look.map_or(arn.name(), |look| look.service.name.as_str()),
            cluster: cluster.map_or("", |cluster| cluster.name()),
            account: arn.account().or(identity.map(|identity| identity.account.as_str())),
            context,
            tags: [
                look.map(|look| (&look.service.tags, On::Service)),
                cluster.and_then(|arn| fleet.clusters.get(arn)).map(|cluster| (&cluster.tags, On::Cluster)),
            ],
        }
    }

    fn name(&self, on: On) -> &'a str {
        match on {
            On::Service => self.service,
            On::Cluster => self.cluster,
        }
    }

    fn tag(&self, keys: &[&str]) -> Named {
        self.tags.iter().flatten().find_map(|(tags, on)| {
            keys.iter().find_map(|key| {
                let same = tags.iter().filter(|(other, _)| other.to_lowercase() == *key);
                same.filter_map(|(key, value)| Some((part(value)?, By::Tag(key.clone(), *on)))).next()
            })
        })
    }
}

impl Rules {
    fn tenant(&self, facts: &Facts<'_>) -> Named {
        let given = |given: &Given| Some(given.tenant.clone());
        let own = self.given(facts, given).or_else(|| self.pattern(facts, |said| said.tenant));
        let own = own.or_else(|| self.owner(facts, given));
        own.or_else(|| facts.tag(&TENANT_KEYS)).or_else(|| self.named_tenant(facts))
    }

    fn environment(&self, facts: &Facts<'_>) -> Named {
        let given = |given: &Given| given.environment.clone();
        let own = self.given(facts, given).or_else(|| self.pattern(facts, |said| said.environment));
        let own = own.or_else(|| self.owner(facts, given));
        own.or_else(|| facts.tag(&ENVIRONMENT_KEYS)).or_else(|| self.named_environment(facts))
    }

    fn given(&self, facts: &Facts<'_>, take: impl Fn(&Given) -> Option<String>) -> Named {
        let name = format!("{}/{}", facts.cluster, facts.service);
        let fitting = |fixed: &&Fixed| fixed.services.fits(&name) || fixed.services.fits(facts.arn.as_str());
        self.fixed.iter().filter(fitting).find_map(|fixed| {
            let name = part(&take(&fixed.given)?)?;
            Some((name, By::Fixed(fixed.services.to_string())))
        })
    }

    fn pattern(&self, facts: &Facts<'_>, take: impl Fn(Said) -> Option<String>) -> Named {
        self.patterns.iter().find_map(|pattern| {
            let said = pattern.read(facts.name(pattern.on()), &self.environments)?;
            Some((part(&take(said)?)?, By::Pattern(pattern.to_string(), pattern.on())))
        })
    }

    fn owner(&self, facts: &Facts<'_>, take: impl Fn(&Given) -> Option<String>) -> Named {
        let account = facts.account.and_then(|account| Some((account, self.accounts.get(account)?)));
        let account =
            account.and_then(|(account, given)| Some((part(&take(given)?)?, By::Account(account.to_owned()))));
        let profile = facts.context.and_then(|context| context.profile.as_deref());
        account.or_else(|| {
            let profile = profile?;
            Some((part(&take(self.profiles.get(profile)?)?)?, By::Profile(profile.to_owned())))
        })
    }

    /// `{tenant}-{environment}-…` of a service; of a cluster also without more behind it, and with
    /// the environment in front.
    fn named_tenant(&self, facts: &Facts<'_>) -> Named {
        self.within_service(facts)
            .and_then(|(before, _, after)| {
                // `web-prod` names what it does, not whom it serves.
                let tenant = (!after.is_empty()).then(|| without(before, facts.cluster))?;
                Some((part(tenant)?, By::Name(On::Service)))
            })
            .or_else(|| {
                let split = split(facts.cluster, &self.environments)?;
                let whole = if split.before.is_empty() { split.after } else { split.before };
                Some((part(telling(whole))?, By::Name(On::Cluster)))
            })
    }

    fn named_environment(&self, facts: &Facts<'_>) -> Named {
        let service = self.within_service(facts).map(|(_, word, _)| (word, On::Service));
        let cluster = || split(facts.cluster, &self.environments).map(|split| (split.word, On::Cluster));
        let (word, on) = service.or_else(cluster)?;
        Some((part(word)?, By::Name(on)))
    }

    /// The environment's word in the service's name, with what stands around it.
    ///
    /// A word that may be part of another name (`load-test-runner`) does not count against a
    /// cluster that says otherwise.
    fn within_service<'a>(&self, facts: &Facts<'a>) -> Option<(&'a str, &'a str, &'a str)> {
        let own = split(facts.service, &self.environments)?;
        let cluster = split(facts.cluster, &self.environments);
        let doubted = own.strength == words::Strength::Weak
            && cluster.is_some_and(|cluster| Environment::new(cluster.word) != Environment::new(own.word));
        (!doubted).then_some((own.before, own.word, own.after))
    }
}

/// `tenant` without the cluster's name in front of it: `california` in `humangov-california`.
fn without<'a>(tenant: &'a str, cluster: &str) -> &'a str {
    let start = tenant.get(..cluster.len()).filter(|start| !start.is_empty() && start.eq_ignore_ascii_case(cluster));
    let rest = start.and_then(|start| tenant.get(start.len()..)).and_then(|rest| rest.strip_prefix(['-', '_']));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(tenant)
}

/// `name` without words at its ends that say nothing.
fn telling(name: &str) -> &str {
    let mut name = name;
    loop {
        let (first, after) = name.split_once(['-', '_']).unwrap_or((name, ""));
        let (before, last) = name.rsplit_once(['-', '_']).unwrap_or(("", name));
        let generic = |word: &str| GENERIC.contains(&word.to_lowercase().as_str());
        name = match name {
            "" => return name,
            _ if generic(last) => before,
            _ if generic(first) => after,
            _ => return name,
        };
    }
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
