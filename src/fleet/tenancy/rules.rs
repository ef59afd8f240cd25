//! The rules at work on one service.

use super::pattern::{Captures, split};
use super::words::Strength;
use super::{Environment, Fixed, NameSource, Owner, Rule, Rules, part};
use crate::fleet::{Arn, Context, Fleet, Tags};

/// A name, and the rule that gave it.
pub(super) type Named = Option<(String, Rule)>;

/// Keys of tags that name a tenant, the most telling first; any case.
const TENANT_KEYS: [&str; 3] = ["tenant", "customer", "client"];

/// Keys of tags that name an environment, likewise.
const ENVIRONMENT_KEYS: [&str; 3] = ["environment", "env", "stage"];

/// Words that say nothing about whose a cluster is.
const GENERIC: [&str; 9] = ["cluster", "ecs", "fargate", "ec2", "aws", "main", "default", "services", "apps"];

/// The tenant that a cluster's name suggests: never `default`, never a mere environment.
pub(super) fn guessed(cluster: &str, rules: &Rules) -> Option<String> {
    let environment = split(cluster, &rules.environments).is_some();
    if cluster.eq_ignore_ascii_case("default") || environment {
        return None;
    }
    part(cluster)
}

/// All that rules look at for one service.
pub(super) struct ServiceFacts<'a> {
    arn: &'a Arn,
    service: &'a str,
    cluster: &'a str,
    account: Option<&'a str>,
    context: Option<&'a Context>,
    tags: [Option<(&'a Tags, NameSource)>; 2],
}

impl<'a> ServiceFacts<'a> {
    pub(super) fn of(fleet: &'a Fleet, arn: &'a Arn) -> Self {
        let entry = fleet.services.get(arn);
        let look = entry.and_then(|entry| entry.snapshot.as_ref());
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
                look.map(|look| (&look.service.tags, NameSource::Service)),
                cluster.and_then(|arn| fleet.clusters.get(arn)).map(|cluster| (&cluster.tags, NameSource::Cluster)),
            ],
        }
    }

    fn name(&self, on: NameSource) -> &'a str {
        match on {
            NameSource::Service => self.service,
            NameSource::Cluster => self.cluster,
        }
    }

    fn tag(&self, keys: &[&str]) -> Named {
        self.tags.iter().flatten().find_map(|(tags, on)| {
            keys.iter().find_map(|key| {
                let mut same = tags.iter().filter(|(other, _)| other.to_lowercase() == *key);
                same.find_map(|(key, value)| Some((part(value)?, Rule::Tag(key.clone(), *on))))
            })
        })
    }
}

impl Rules {
    pub(super) fn tenant(&self, facts: &ServiceFacts<'_>) -> Named {
        let given = |given: &Owner| Some(given.tenant.clone());
        let own = self.fixed_owner(facts, given).or_else(|| self.pattern(facts, |said| said.tenant));
        let own = own.or_else(|| self.account_owner(facts, given));
        own.or_else(|| facts.tag(&TENANT_KEYS)).or_else(|| self.named_tenant(facts))
    }

    pub(super) fn environment(&self, facts: &ServiceFacts<'_>) -> Named {
        let given = |given: &Owner| given.environment.clone();
        let own = self.fixed_owner(facts, given).or_else(|| self.pattern(facts, |said| said.environment));
        let own = own.or_else(|| self.account_owner(facts, given));
        own.or_else(|| facts.tag(&ENVIRONMENT_KEYS)).or_else(|| self.named_environment(facts))
    }

    fn fixed_owner(&self, facts: &ServiceFacts<'_>, take: impl Fn(&Owner) -> Option<String>) -> Named {
        let name = format!("{}/{}", facts.cluster, facts.service);
        let fitting = |fixed: &&Fixed| fixed.services.fits(&name) || fixed.services.fits(facts.arn.as_str());
        self.fixed.iter().filter(fitting).find_map(|fixed| {
            let name = part(&take(&fixed.owner)?)?;
            Some((name, Rule::Fixed(fixed.services.to_string())))
        })
    }

    fn pattern(&self, facts: &ServiceFacts<'_>, take: impl Fn(Captures) -> Option<String>) -> Named {
        self.patterns.iter().find_map(|pattern| {
            let said = pattern.captures(facts.name(pattern.on()), &self.environments)?;
            Some((part(&take(said)?)?, Rule::Pattern(pattern.to_string(), pattern.on())))
        })
    }

    fn account_owner(&self, facts: &ServiceFacts<'_>, take: impl Fn(&Owner) -> Option<String>) -> Named {
        let account = facts.account.and_then(|account| Some((account, self.accounts.get(account)?)));
        let account =
            account.and_then(|(account, given)| Some((part(&take(given)?)?, Rule::Account(account.to_owned()))));
        let profile = facts.context.and_then(|context| context.profile.as_deref());
        account.or_else(|| {
            let profile = profile?;
            Some((part(&take(self.profiles.get(profile)?)?)?, Rule::Profile(profile.to_owned())))
        })
    }

    /// `{tenant}-{environment}-…` of a service; of a cluster also without more behind it, and with
    /// the environment in front.
    fn named_tenant(&self, facts: &ServiceFacts<'_>) -> Named {
        self.within_service(facts)
            .and_then(|(before, _, after)| {
                // `web-prod` names what it does, not its tenant.
                let tenant = (!after.is_empty()).then(|| without(before, facts.cluster))?;
                Some((part(tenant)?, Rule::Name(NameSource::Service)))
            })
            .or_else(|| {
                let split = split(facts.cluster, &self.environments)?;
                let name =
                    part(without_generic_words(split.before)).or_else(|| part(without_generic_words(split.after)))?;
                Some((name, Rule::Name(NameSource::Cluster)))
            })
    }

    fn named_environment(&self, facts: &ServiceFacts<'_>) -> Named {
        let service = self.within_service(facts).map(|(_, word, _)| (word, NameSource::Service));
        let cluster = || split(facts.cluster, &self.environments).map(|split| (split.word, NameSource::Cluster));
        let (word, on) = service.or_else(cluster)?;
        Some((part(word)?, Rule::Name(on)))
    }

    /// The environment's word in the service's name, with what is around it.
    ///
    /// A word that may be part of another name (`load-test-runner`) does not count against a
    /// cluster that says otherwise.
    fn within_service<'a>(&self, facts: &ServiceFacts<'a>) -> Option<(&'a str, &'a str, &'a str)> {
        let own = split(facts.service, &self.environments)?;
        let cluster = split(facts.cluster, &self.environments);
        let doubted = own.strength == Strength::Weak
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
fn without_generic_words(name: &str) -> &str {
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
