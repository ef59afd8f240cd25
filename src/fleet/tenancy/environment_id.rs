//! The environment of a tenant: one row of the fleet screen.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::words::{meaning, synonyms};
use crate::fleet::ContextId;
use crate::text::clean;

/// An environment of a tenant: the id of a row, stable while the fleet changes around it.
///
/// Environments of equal meaning (`prod`, `production`) are equal here however they are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvironmentId {
    /// Whose it is.
    pub tenant: Tenant,
    /// Which copy of their system it is; nothing where no rule says.
    pub environment: Option<Environment>,
}

/// Who a service is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tenant {
    /// Named by a rule; the same tenant in every context.
    Named(String),
    /// Guessed from the cluster's name; another tenant in each context.
    Guessed(String, ContextId),
    /// Not known.
    Unassigned,
    /// Tasks that belong to no service.
    Jobs,
}

/// Which copy of a tenant's system something is part of, shown as it was written.
#[derive(Clone, Debug)]
pub struct Environment {
    written: String,
    meaning: String,
}

/// The name of an environment that no rule names.
pub const UNKNOWN: &str = "unknown";

impl EnvironmentId {
    /// The environment of a tenant.
    pub fn new(tenant: Tenant, environment: Option<Environment>) -> Self {
        Self { tenant, environment }
    }

    /// The home of tasks that belong to no service.
    pub fn jobs() -> Self {
        Self { tenant: Tenant::Jobs, environment: None }
    }

    /// The home of services that no rule names.
    pub fn unassigned() -> Self {
        Self { tenant: Tenant::Unassigned, environment: None }
    }

    /// Its path: `california/production`, `california/unknown`, `acme @humangov-prod us-east-1/prod`,
    /// `(unassigned)`, `(jobs)`.
    pub fn path(&self) -> String {
        match (&self.tenant, &self.environment) {
            (Tenant::Unassigned | Tenant::Jobs, None) => self.tenant.to_string(),
            (tenant, environment) => {
                let environment = environment.as_ref().map_or(UNKNOWN, Environment::as_str);
                format!("{tenant}/{environment}")
            }
        }
    }

    /// Its environment's name as shown: `unknown` where no rule names it.
    pub fn environment_name(&self) -> &str {
        self.environment.as_ref().map_or(UNKNOWN, Environment::as_str)
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

impl Tenant {
    /// The bare name, without the context of a guess.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) | Self::Guessed(name, _) => name,
            Self::Unassigned => "(unassigned)",
            Self::Jobs => "(jobs)",
        }
    }

    /// Whether it is a guess.
    pub fn is_guess(&self) -> bool {
        matches!(self, Self::Guessed(..))
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guessed(name, context) => write!(f, "{name} @{}", clean(context.as_str()).replace('/', "-")),
            _ => f.write_str(self.name()),
        }
    }
}

impl Environment {
    /// The environment written as `text`.
    pub fn new(text: &str) -> Self {
        Self { written: text.to_owned(), meaning: meaning(text) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// All ways to write it, in lower case: `production`, `prod`, `prd`.
    pub fn synonyms(&self) -> Vec<String> {
        synonyms(&self.written)
    }
}

impl PartialEq for Environment {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning
    }
}

impl Eq for Environment {}

impl Hash for Environment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meaning.hash(state);
    }
}

impl PartialOrd for Environment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Environment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.meaning.cmp(&other.meaning)
    }
}

/// `text` as one part of a path: spaces, slashes and parentheses become `-`, what could act on a
/// terminal becomes visible. Nothing where nothing is left.
pub fn part(text: &str) -> Option<String> {
    let text = clean(text);
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '(' | ')'));
    let joined = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    (!joined.is_empty()).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_the_operator_would_write_it() {
        let production = || Some(Environment::new("production"));
        let context = ContextId::new("humangov-prod us-east-1");
        for (home, path) in [
            (EnvironmentId::new(Tenant::Named("california".into()), production()), "california/production"),
            (EnvironmentId::new(Tenant::Named("california".into()), None), "california/unknown"),
            (
                EnvironmentId::new(Tenant::Guessed("acme".into(), context), None),
                "acme @humangov-prod us-east-1/unknown",
            ),
            (EnvironmentId::unassigned(), "(unassigned)"),
            (EnvironmentId::new(Tenant::Unassigned, production()), "(unassigned)/production"),
            (EnvironmentId::jobs(), "(jobs)"),
        ] {
            assert_eq!(home.path(), path);
        }
    }

    #[test]
    fn a_part_of_a_path_has_no_spaces_slashes_or_controls() {
        for (text, name) in [
            ("North Carolina", Some("North-Carolina")),
            ("a/b", Some("a-b")),
            (" a / b ", Some("a-b")),
            ("(jobs)", Some("jobs")),
            ("red\x1b[31m", Some("red␛[31m")),
            ("\n", Some("␊")),
            ("  ", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(part(text).as_deref(), name, "{text:?}");
        }
    }

    #[test]
    fn environments_of_one_meaning_are_one_home_shown_as_written() {
        let home = |environment| EnvironmentId::new(Tenant::Named("acme".into()), Some(Environment::new(environment)));
        assert_eq!(home("prod"), home("Production"));
        assert_ne!(home("prod"), home("live"));
        assert_eq!(home("PRD").path(), "acme/PRD");
    }
}
