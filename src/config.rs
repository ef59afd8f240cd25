//! The config file: where to look, whose is what, what is protected.

mod document;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::fleet::Glob;
use crate::fleet::tenancy::{Fixed, Owner, Pattern, Rules, part};
use crate::plan::{Deny, Policy, deniable_verbs};
use crate::text::nearest;
use document::{Document, Table, Value};

/// What the config file says, in the types of the rooms that use it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Where to look, in the order written; none where the command line and the environment decide.
    pub contexts: Vec<Wanted>,
    /// Rules of one's own for tenants.
    pub rules: Rules,
    /// What is protected and what is denied.
    pub policy: Policy,
}

/// A context that is asked for; what is absent is left to the SDK's own chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The profile.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
}

/// Why a config file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// The line, counted from one, where a line is at fault.
    pub line: Option<usize>,
    /// The text at fault, as it is written there; empty where there is none.
    pub text: String,
    /// What is wrong with it, and what would be right.
    pub what: String,
}

/// Where the config file is looked for where none is asked for:
/// `$XDG_CONFIG_HOME/wharf/config.toml`, else `~/.config/wharf/config.toml`.
///
/// Nothing where the machine knows no home directory.
pub fn default_path() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("wharf").join("config.toml"))
}

/// Reads the file `asked` for, or else the one at `default`, which need not exist.
///
/// Fails where a file cannot be read or understood in every part: nothing in it is ever ignored.
pub fn load(asked: Option<&Path>, default: Option<&Path>) -> Result<Config, ConfigError> {
    let Some(path) = asked.or(default) else {
        return Ok(Config::default());
    };
    match fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound && asked.is_none() => Ok(Config::default()),
        Err(error) => {
            let what = match error.kind() {
                io::ErrorKind::NotFound => "there is no such file; leave --config out to do without one".to_owned(),
                io::ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
                _ => format!("it cannot be read: {error}"),
            };
            Err(ConfigError { file: path.to_owned(), line: None, text: String::new(), what })
        }
    }
}

/// Takes in `text`, the content of `file`.
pub fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let document = Document::new(file, text);
    let root = document.root()?;
    let root = Table::new(document, &root, &["context", "tenants", "protected", "deny"])?;
    let mut config = Config::default();
    for value in root.array("context")? {
        let context = wanted(value)?;
        if config.contexts.contains(&context) {
            return Err(value.wrong("this context is in the file twice"));
        }
        config.contexts.push(context);
    }
    if let Some(tenants) = root.table("tenants", &["patterns", "environments", "accounts", "profiles", "fixed"])? {
        config.rules = rules(&tenants)?;
    }
    if let Some(protected) = root.get("protected") {
        let globs = protected.items()?.into_iter().map(|value| value.word().map(Glob::new));
        config.policy.protected = globs.collect::<Result<_, _>>()?;
    }
    for value in root.array("deny")? {
        config.policy.denied.push(deny(value)?);
    }
    Ok(config)
}

fn wanted(value: Value<'_>) -> Result<Wanted, ConfigError> {
    let table = value.table(&["profile", "region"])?;
    let word = |key: &str| table.get(key).map(|value| value.word().map(str::to_owned)).transpose();
    let wanted = Wanted { profile: word("profile")?, region: word("region")? };
    if wanted == (Wanted { profile: None, region: None }) {
        return Err(value.wrong("a context needs `profile`, `region` or both"));
    }
    Ok(wanted)
}

fn rules(tenants: &Table<'_>) -> Result<Rules, ConfigError> {
    let mut rules = Rules::default();
    for value in tenants.array("patterns")? {
        rules.patterns.push(Pattern::parse(value.word()?).map_err(|error| value.wrong(&error))?);
    }
    for value in tenants.array("environments")? {
        let word = value.word()?;
        if word.contains(['-', '_', '/']) || word.contains(char::is_whitespace) {
            return Err(value.wrong("one word is expected, without `-`, `_`, `/` and spaces"));
        }
        rules.environments.push(word.to_owned());
    }
    for (key, value) in tenants.entries("accounts")? {
        if key.text().len() != 12 || !key.text().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(key.wrong("an account is twelve digits, in quotes"));
        }
        rules.accounts.insert(key.text().to_owned(), given(value)?);
    }
    let profiles = tenants.entries("profiles")?.into_iter();
    let profiles = profiles.map(|(key, value)| Ok((key.text().to_owned(), given(value)?)));
    rules.profiles = profiles.collect::<Result<BTreeMap<_, _>, _>>()?;
    for (key, value) in tenants.entries("fixed")? {
        if !key.text().contains('/') {
            return Err(key.wrong("`cluster/service` is expected, either with `*` in it, or a service's ARN"));
        }
        rules.fixed.push(Fixed { services: Glob::new(key.text()), owner: given(value)? });
    }
    Ok(rules)
}

/// `tenant`, or `tenant/environment`.
fn given(value: Value<'_>) -> Result<Owner, ConfigError> {
    let text = value.word()?;
    let mut words = text.split('/').map(|word| part(word).filter(|name| name == word));
    let wrong = || value.wrong("`tenant` or `tenant/environment` is expected, without spaces and parentheses");
    match (words.next(), words.next(), words.next()) {
        (Some(Some(tenant)), None, None) => Ok(Owner { tenant, environment: None }),
        (Some(Some(tenant)), Some(Some(environment)), None) => Ok(Owner { tenant, environment: Some(environment) }),
        _ => Err(wrong()),
    }
}

fn deny(value: Value<'_>) -> Result<Deny, ConfigError> {
    let table = value.table(&["target", "verbs", "reason"])?;
    let needed = |key: &str| {
        let found = table.get(key).ok_or_else(|| value.wrong(&format!("a deny rule needs `{key}`")))?;
        found.word().map(str::to_owned)
    };
    let (target, reason) = (needed("target")?, needed("reason")?);
    if target.split('/').count() != 2 {
        let found = table.get("target").unwrap_or(value);
        return Err(found.wrong("`tenant/environment` is expected; `*` matches anything, as in `*/production`"));
    }
    let (mut verbs, known) = (vec![], deniable_verbs());
    for verb in table.array("verbs")? {
        let word = verb.word()?;
        if !known.contains(&word) {
            return Err(verb.wrong(&format!("unknown verb; {}", suggestion(word, &known))));
        }
        verbs.push(word.to_owned());
    }
    if verbs.is_empty()
        && let Some(empty) = table.get("verbs")
    {
        return Err(empty.wrong("it names no verb; leave it out to deny every change"));
    }
    Ok(Deny { target: Glob::new(target), verbs, reason })
}

/// The nearest of `valid` to `word`, or all of them.
fn suggestion(word: &str, valid: &[&str]) -> String {
    match nearest(word, valid.iter().copied(), 1).first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known are `{}`", valid.join("`, `")),
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        if !self.text.is_empty() {
            write!(f, "`{}`: ", crate::text::fit(&self.text, 60))?;
        }
        f.write_str(&crate::text::clean(&self.what))
    }
}

impl std::error::Error for ConfigError {}
