//! What an operator calls a service, an environment or a tenant: paths and ARNs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::tenancy::{Assignments, Environment, EnvironmentId, UNKNOWN};
use super::{Arn, Fleet};
use crate::text::{clean, nearest};

/// `california`, `california/production`, `california/production/web`, or any ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A path.
    Path {
        /// The tenant, with or without the ` @context` of a guess.
        tenant: String,
        /// The environment, in any of its spellings, or `unknown`.
        environment: Option<String>,
        /// The service.
        service: Option<String>,
    },
    /// An ARN: of a service, a cluster, a task or a task definition.
    Arn(Arn),
}

/// The services that a target names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Their ARNs, in order. None for a cluster, or for jobs, without services.
    pub services: Vec<Arn>,
    /// Those that share their path's environment with services in another cluster, region or
    /// account; a read may show them all, a change must not guess.
    pub ambiguous: Vec<Arn>,
}

/// A target that names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFound {
    /// It is neither a path nor an ARN.
    Unreadable(String),
    /// Nothing known has this ARN.
    Arn(Arn),
    /// One of the words of its path names nothing.
    Word {
        /// What kind of word it is: `tenant`, `environment`, `service`.
        kind: &'static str,
        /// The word.
        word: String,
        /// Under what it was looked for; empty for a tenant.
        within: String,
        /// The nearest that exist, the best first; at most three.
        nearest: Vec<String>,
    },
}

impl Target {
    /// Reads `text`.
    ///
    /// Fails where it has no words, an empty one, or more than three.
    pub fn parse(text: &str) -> Result<Self, NotFound> {
        let text = text.trim();
        if text.starts_with("arn:") {
            return Ok(Self::Arn(Arn::new(text)));
        }
        let words: Vec<&str> = text.split('/').map(str::trim).collect();
        if words.iter().any(|word| word.is_empty()) || words.len() > 3 {
            return Err(NotFound::Unreadable(text.to_owned()));
        }
        let word = |at: usize| words.get(at).map(|word| (*word).to_owned());
        Ok(Self::Path { tenant: word(0).unwrap_or_default(), environment: word(1), service: word(2) })
    }

    /// The services of `fleet` that it names.
    pub fn find(&self, fleet: &Fleet, places: &Assignments) -> Result<Resolved, NotFound> {
        match self {
            Self::Arn(arn) => by_arn(arn, fleet).map(|services| Resolved { services, ambiguous: vec![] }),
            Self::Path { tenant, environment, service } => {
                let homes = homes(tenant, environment.as_deref(), fleet, places)?;
                let services = homes.iter().flat_map(|home| places.services_of(home)).cloned();
                let services = match service {
                    None => services.collect(),
                    Some(name) => by_name(name, &services.collect::<Vec<_>>(), self)?,
                };
                Ok(Resolved { ambiguous: ambiguous(&services, fleet, places), services })
            }
        }
    }
}

fn by_arn(arn: &Arn, fleet: &Fleet) -> Result<Vec<Arn>, NotFound> {
    if fleet.services.contains_key(arn) {
        return Ok(vec![arn.clone()]);
    }
    if fleet.clusters.contains_key(arn) {
        return Ok(fleet.services_of(arn).map(|(arn, _)| arn.clone()).collect());
    }
    if let Some(task) = fleet.task(arn) {
        let mut services = fleet.services_of(&task.cluster).map(|(arn, _)| arn);
        return Ok(services.find(|service| Some(service.name()) == task.service()).cloned().into_iter().collect());
    }
    let runs = |service: &Arn| fleet.service(service).is_some_and(|service| service.definition == *arn);
    let services: Vec<Arn> = fleet.services.keys().filter(|service| runs(service)).cloned().collect();
    if services.is_empty() && !fleet.definitions.contains_key(arn) {
        return Err(NotFound::Arn(arn.clone()));
    }
    Ok(services)
}

/// Homes that a path's first two words name.
fn homes(
    tenant: &str,
    environment: Option<&str>,
    fleet: &Fleet,
    places: &Assignments,
) -> Result<Vec<EnvironmentId>, NotFound> {
    let mut all: Vec<EnvironmentId> = places.environments().map(|(home, _)| home.clone()).collect();
    if super::tenancy::jobs(fleet).next().is_some() {
        all.push(EnvironmentId::jobs());
    }
    let fits = |home: &EnvironmentId| home.tenant.to_string() == tenant || home.tenant.name() == tenant;
    // A tenant that a rule names is meant before one that is guessed, unless the guess is written in full.
    let named = |home: &EnvironmentId| !home.tenant.is_guess() || home.tenant.to_string() == tenant;
    let mut of_tenant: Vec<&EnvironmentId> = all.iter().filter(|home| fits(home)).collect();
    if of_tenant.iter().any(|home| named(home)) {
        of_tenant.retain(|home| named(home));
    }
    if of_tenant.is_empty() {
        let words = all.iter().map(|home| home.tenant.to_string());
        return Err(missing("tenant", tenant, String::new(), words));
    }
    let Some(environment) = environment else {
        return Ok(of_tenant.into_iter().cloned().collect());
    };
    let meant = Environment::new(environment);
    let fits = |home: &&&EnvironmentId| match &home.environment {
        Some(known) => *known == meant,
        None => environment == UNKNOWN,
    };
    let found: Vec<EnvironmentId> = of_tenant.iter().filter(fits).map(|home| (**home).clone()).collect();
    if found.is_empty() {
        let words = of_tenant.iter().map(|home| home.environment_name().to_owned());
        return Err(missing("environment", environment, tenant.to_owned(), words));
    }
    Ok(found)
}

fn by_name(name: &str, services: &[Arn], target: &Target) -> Result<Vec<Arn>, NotFound> {
    let fitting: Vec<Arn> = services.iter().filter(|arn| arn.name() == name).cloned().collect();
    if fitting.is_empty() {
        let within = match target {
            Target::Path { tenant, environment: Some(environment), .. } => format!("{tenant}/{environment}"),
            Target::Path { tenant, .. } => tenant.clone(),
            Target::Arn(arn) => arn.to_string(),
        };
        return Err(missing("service", name, within, services.iter().map(|arn| arn.name().to_owned())));
    }
    Ok(fitting)
}

/// Services of homes that lie in more than one cluster; an ARN of a cluster names its account and region.
fn ambiguous(services: &[Arn], fleet: &Fleet, places: &Assignments) -> Vec<Arn> {
    let mut clusters: BTreeMap<String, BTreeSet<&Arn>> = BTreeMap::new();
    let path =
        |arn: &Arn| places.of_service(arn).map(|place| EnvironmentId::path(&place.environment_id)).unwrap_or_default();
    for arn in services {
        if let Some(entry) = fleet.services.get(arn) {
            clusters.entry(path(arn)).or_default().insert(&entry.cluster);
        }
    }
    let several = |arn: &&Arn| clusters.get(&path(arn)).is_some_and(|clusters| clusters.len() > 1);
    services.iter().filter(several).cloned().collect()
}

fn missing(kind: &'static str, word: &str, within: String, words: impl Iterator<Item = String>) -> NotFound {
    let words: BTreeSet<String> = words.collect();
    NotFound::Word { kind, word: word.to_owned(), within, nearest: nearest(word, words.iter().map(String::as_str), 3) }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arn(arn) => write!(f, "{}", clean(arn.as_str())),
            Self::Path { tenant, environment, service } => {
                write!(f, "{}", clean(tenant))?;
                for word in [environment, service].into_iter().flatten() {
                    write!(f, "/{}", clean(word))?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(text) => {
                let text = clean(text);
                write!(
                    f,
                    "`{text}` is not a target: write tenant, tenant/environment, tenant/environment/service, or an ARN"
                )
            }
            Self::Arn(arn) => write!(f, "nothing that is shown has the ARN {}", clean(arn.as_str())),
            Self::Word { kind, word, within, nearest } => {
                write!(f, "no {kind} `{}`", clean(word))?;
                if !within.is_empty() {
                    write!(f, " in {}", clean(within))?;
                }
                match nearest.as_slice() {
                    [] => f.write_str("; `wharf tenants` lists all there are"),
                    [one] => write!(f, "; did you mean `{}`?", clean(one)),
                    more => write!(f, "; did you mean `{}`?", clean(&more.join("`, `"))),
                }
            }
        }
    }
}

impl std::error::Error for NotFound {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::sample::{cluster, fleet, service, tags, task};
    use crate::fleet::tenancy::{Rules, assign};
    use crate::fleet::{Cluster, Service};

    /// California's production and staging, Texas' production in two accounts, a guess, and a job.
    fn states() -> Fleet {
        let (here, there, acme) = (cluster("1", "gov"), cluster("2", "gov"), cluster("1", "acme"));
        let of = |cluster: &Cluster, tenant: &str, environment: &str, name: &str| Service {
            tags: tags(&[("tenant", tenant), ("env", environment)]),
            ..service(cluster, name)
        };
        let services = [
            of(&here, "california", "production", "ca-web"),
            of(&here, "california", "production", "ca-api"),
            of(&here, "california", "staging", "ca-web-2"),
            of(&here, "texas", "prod", "tx-web"),
            of(&there, "texas", "prod", "tx-web"),
            service(&acme, "site"),
        ];
        let mut of_service = task("t1", "a", "web:v1");
        of_service.cluster = here.arn.clone();
        of_service.group = "service:ca-web".to_owned();
        let mut job = of_service.clone();
        (job.arn, job.group) = (Arn::new("arn:aws:ecs:us-east-1:1:task/gov/job"), "family:migrate".to_owned());
        fleet(&[here, there, acme], &services, &[of_service, job])
    }

    /// Names of the services that `text` names, and of the ambiguous ones; or what is said instead.
    fn found(text: &str) -> Result<(Vec<String>, usize), String> {
        let fleet = states();
        let places = assign(&fleet, &Rules::default());
        let found =
            Target::parse(text).and_then(|target| target.find(&fleet, &places)).map_err(|error| error.to_string())?;
        Ok((found.services.iter().map(|arn| arn.name().to_owned()).collect(), found.ambiguous.len()))
    }

    #[test]
    fn a_target_names_its_services() {
        for (text, names, ambiguous) in [
            ("california", &["ca-api", "ca-web", "ca-web-2"][..], 0),
            ("california/production", &["ca-api", "ca-web"], 0),
            ("california/PRD", &["ca-api", "ca-web"], 0),
            (" california / production / ca-web ", &["ca-web"], 0),
            ("texas/production/tx-web", &["tx-web", "tx-web"], 2),
            ("texas", &["tx-web", "tx-web"], 2),
            ("acme", &["site"], 0),
            ("acme @1/unknown/site", &["site"], 0),
            ("(jobs)", &[], 0),
            ("arn:aws:ecs:us-east-1:1:service/gov/ca-web", &["ca-web"], 0),
            ("arn:aws:ecs:us-east-1:2:cluster/gov", &["tx-web"], 0),
            ("arn:aws:ecs:us-east-1:1:task/c/t1", &["ca-web"], 0),
            ("arn:aws:ecs:us-east-1:1:task/gov/job", &[], 0),
        ] {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(found(text), Ok((names, ambiguous)), "{text}");
        }
        let all = found("arn:aws:ecs:us-east-1:1:task-definition/web:41").map(|(names, _)| names.len());
        assert_eq!(all, Ok(6));
    }

    #[test]
    fn a_target_that_names_nothing_says_what_comes_nearest() {
        for (text, said) in [
            ("californa", "no tenant `californa`; did you mean `california`?"),
            ("nevada", "no tenant `nevada`; `wharf tenants` lists all there are"),
            ("california/prodution", "no environment `prodution` in california; did you mean `production`?"),
            ("california/production/ca-wbe", "no service `ca-wbe` in california/production; did you mean `ca-web`?"),
            ("texas/unknown", "no environment `unknown` in texas; `wharf tenants` lists all there are"),
            (
                "arn:aws:ecs:us-east-1:1:service/gov/x",
                "nothing that is shown has the ARN arn:aws:ecs:us-east-1:1:service/gov/x",
            ),
            ("a//b", "`a//b` is not a target: write tenant, tenant/environment, tenant/environment/service, or an ARN"),
            ("", "`` is not a target: write tenant, tenant/environment, tenant/environment/service, or an ARN"),
            (
                "a/b/c/d",
                "`a/b/c/d` is not a target: write tenant, tenant/environment, tenant/environment/service, or an ARN",
            ),
        ] {
            assert_eq!(found(text), Err(said.to_owned()), "{text}");
        }
    }

    #[test]
    fn every_path_that_is_shown_can_be_read_back() {
        let fleet = states();
        let places = assign(&fleet, &Rules::default());
        for (arn, place) in places.services() {
            for path in [places.path(arn).unwrap_or_default(), place.environment_id.path()] {
                let found = Target::parse(&path).and_then(|target| target.find(&fleet, &places));
                assert!(found.is_ok_and(|found| found.services.contains(arn)), "{path}");
            }
        }
    }
}
