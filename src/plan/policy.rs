//! What is protected, and what must not be done at all.

use crate::fleet::Glob;
use crate::fleet::tenancy::{Environment, EnvironmentId, UNKNOWN};

/// Whether anything may be changed, what asks for more before it, and which changes are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether anything may be changed in this run.
    pub access: Access,
    /// Environments that ask for more: globs over `environment`, or over `tenant/environment`
    /// where they contain a slash. An unknown environment is protected whatever stands here.
    pub protected: Vec<Glob>,
    /// Changes that are refused.
    pub denied: Vec<Deny>,
}

/// Whether changes are possible at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only reads: what is not on the list of reads is not even sent.
    ReadOnly,
    /// Changes too, through their plans.
    ReadWrite,
}

/// A change that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deny {
    /// Where: a glob over `tenant/environment`.
    pub target: Glob,
    /// Which verbs; all of them where none is named.
    pub verbs: Vec<String>,
    /// Why, in words that are shown with the refusal.
    pub reason: String,
}

impl Default for Policy {
    /// Production is protected, however it is written; nothing is denied.
    fn default() -> Self {
        Self { access: Access::ReadWrite, protected: ["prod*", "prd*", "live*"].map(Glob::new).into(), denied: vec![] }
    }
}

impl Policy {
    /// Whether a change in `home` asks for more. Unknown environments do.
    pub fn is_protected(&self, home: &EnvironmentId) -> bool {
        let Some(environment) = &home.environment else {
            return true;
        };
        let tenant = home.tenant.name();
        let names = environment.synonyms();
        self.protected.iter().any(|glob| {
            let whole = glob.as_str().contains('/');
            names.iter().any(|name| if whole { glob.fits(&format!("{tenant}/{name}")) } else { glob.fits(name) })
        })
    }

    /// The rule that refuses `verb` in `home`, if one does.
    pub fn denies(&self, home: &EnvironmentId, verb: &str) -> Option<&Deny> {
        self.denies_path(&home.path(), verb)
    }

    /// Likewise, for an environment by its path: `tenant/environment`, or `(unassigned)`.
    ///
    /// A rule fits any spelling of the environment, and a guessed tenant with or without its context.
    pub fn denies_path(&self, path: &str, verb: &str) -> Option<&Deny> {
        let (tenant, environment) = path.rsplit_once('/').unwrap_or((path, UNKNOWN));
        let bare = tenant.split_once(" @").map_or(tenant, |(bare, _)| bare);
        let mut paths = vec![path.to_owned(), format!("{bare}/{environment}")];
        let synonyms = Environment::new(environment).synonyms();
        paths.extend(synonyms.into_iter().map(|name| format!("{bare}/{name}")));
        self.denied.iter().find(|deny| {
            let meant = deny.verbs.is_empty() || deny.verbs.iter().any(|other| other == verb);
            meant && paths.iter().any(|path| deny.target.fits(path))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::tenancy::Tenant;

    fn environment_id(tenant: &str, environment: Option<&str>) -> EnvironmentId {
        EnvironmentId::new(Tenant::Named(tenant.into()), environment.map(Environment::new))
    }

    #[test]
    fn production_is_protected_however_it_is_written_and_so_is_what_nobody_knows() {
        let policy = Policy::default();
        for (environment, protected) in [
            (Some("production"), true),
            (Some("PRD"), true),
            (Some("live"), true),
            (Some("prod2"), true),
            (Some("preprod"), false),
            (Some("staging"), false),
            (Some("nonprod"), false),
            (None, true),
        ] {
            assert_eq!(policy.is_protected(&environment_id("acme", environment)), protected, "{environment:?}");
        }
        assert!(policy.is_protected(&EnvironmentId::jobs()) && policy.is_protected(&EnvironmentId::unassigned()));
    }

    #[test]
    fn what_is_protected_can_be_narrowed_but_never_to_exclude_the_unknown() {
        let policy = Policy { protected: vec![Glob::new("acme/staging")], ..Policy::default() };
        assert!(policy.is_protected(&environment_id("acme", Some("stg"))));
        assert!(!policy.is_protected(&environment_id("other", Some("staging"))));
        assert!(!policy.is_protected(&environment_id("acme", Some("production"))));
        assert!(policy.is_protected(&environment_id("acme", None)));
    }

    #[test]
    fn a_denied_verb_is_refused_with_its_reason() {
        let deny = |target: &str, verbs: &[&str]| Deny {
            target: Glob::new(target),
            verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
            reason: "the state's contract".to_owned(),
        };
        let policy = Policy {
            denied: vec![deny("california/production", &["park"]), deny("texas/*", &[])],
            ..Policy::default()
        };
        for (tenant, environment, verb, denied) in [
            ("california", "prod", "park", true),
            ("california", "production", "scale", false),
            ("california", "staging", "park", false),
            ("texas", "staging", "scale", true),
        ] {
            assert_eq!(
                policy.denies(&environment_id(tenant, Some(environment)), verb).is_some(),
                denied,
                "{tenant} {verb}"
            );
        }
    }
}
