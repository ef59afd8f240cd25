//! Patterns over names: `{tenant}-{environment}-*` in a config, and what names say without one.

use std::fmt;

use super::words::{Strength, strength};

/// A pattern that a config spells out, held against the whole of a name.
///
/// `{tenant}` matches as few characters as fit, `{environment}` for a known word, `{service}`
/// for one word without `-` or `_`, `*` for anything, also nothing; all else for itself, in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    on: NameSource,
    parts: Vec<Part>,
}

/// Which of the two names, or of the two sets of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameSource {
    /// The service's.
    Service,
    /// Its cluster's.
    Cluster,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Tenant,
    Environment,
    Word,
    Any,
}

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Captures {
    pub(super) tenant: Option<String>,
    pub(super) environment: Option<String>,
}

/// Stars beyond which a pattern is refused: each multiplies the ways to try.
const STARS: usize = 3;

impl Pattern {
    /// The pattern written as `text`; `cluster:` in front holds it against the cluster's name.
    ///
    /// Fails, in words, on an unknown or repeated placeholder, and where nothing is named.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (on, body) = match text.split_once(':') {
            None => (NameSource::Service, text),
            Some(("service", body)) => (NameSource::Service, body.trim_start()),
            Some(("cluster", body)) => (NameSource::Cluster, body.trim_start()),
            Some((prefix, _)) => return Err(format!("`{prefix}:` is neither `service:` nor `cluster:`")),
        };
        let parts = parts(body)?;
        let count = |part: &Part| parts.iter().filter(|other| *other == part).count();
        if count(&Part::Tenant) + count(&Part::Environment) == 0 {
            return Err("it has neither `{tenant}` nor `{environment}`".to_owned());
        }
        for (part, name, most) in [
            (Part::Tenant, "{tenant}", 1),
            (Part::Environment, "{environment}", 1),
            (Part::Word, "{service}", 1),
            (Part::Any, "*", STARS),
        ] {
            if count(&part) > most {
                return Err(format!("it has `{name}` {} times, at most {most} are allowed", count(&part)));
            }
        }
        Ok(Self { text: text.to_owned(), on, parts })
    }

    /// Whose name it is held against.
    pub fn on(&self) -> NameSource {
        self.on
    }

    /// What `name` says by this pattern; `known` holds further words that name an environment.
    pub(super) fn captures(&self, name: &str, known: &[String]) -> Option<Captures> {
        let mut said = Captures::default();
        fits(&self.parts, name, known, &mut said).then_some(said)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parts(body: &str) -> Result<Vec<Part>, String> {
    let mut parts = vec![];
    let mut rest = body;
    while let Some(at) = rest.find(['{', '*']) {
        if at > 0 {
            parts.push(Part::Text(rest[..at].to_owned()));
        }
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('*') {
            parts.push(Part::Any);
            rest = after;
            continue;
        }
        let end = rest.find('}').ok_or_else(|| format!("`{rest}` has no closing brace"))?;
        parts.push(match &rest[..=end] {
            "{tenant}" => Part::Tenant,
            "{environment}" => Part::Environment,
            "{service}" => Part::Word,
            other => return Err(format!("`{other}` is none of `{{tenant}}`, `{{environment}}`, `{{service}}`")),
        });
        rest = &rest[end + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

/// Whether `parts` make up the whole of `name`; fills `said` where they do.
fn fits(parts: &[Part], name: &str, known: &[String], said: &mut Captures) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return name.is_empty();
    };
    if let Part::Text(text) = first {
        let starts = name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
        return starts && fits(rest, &name[text.len()..], known, said);
    }
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    for end in ends {
        let taken = &name[..end];
        let allowed = match first {
            Part::Tenant => !taken.is_empty(),
            Part::Environment => is_known(taken, known),
            Part::Word => !taken.is_empty() && !taken.contains(['-', '_']),
            Part::Any | Part::Text(_) => true,
        };
        if allowed && fits(rest, &name[end..], known, said) {
            match first {
                Part::Tenant => said.tenant = Some(taken.to_owned()),
                Part::Environment => said.environment = Some(taken.to_owned()),
                Part::Word | Part::Any | Part::Text(_) => {}
            }
            return true;
        }
    }
    false
}

fn is_known(word: &str, known: &[String]) -> bool {
    strength(word).is_some() || known.iter().any(|other| other.eq_ignore_ascii_case(word))
}

/// A word that names an environment within a name, and what is around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split<'a> {
    pub(super) before: &'a str,
    pub(super) word: &'a str,
    pub(super) after: &'a str,
    pub(super) strength: Strength,
}

/// Where a name names an environment: the first word that hardly means anything else, or the
/// first at all; a word in the first place counts only where there is no other.
///
/// `pre-prod` and the like are one word.
pub(super) fn split<'a>(name: &'a str, known: &[String]) -> Option<Split<'a>> {
    let mut found: Vec<Split<'a>> = vec![];
    let words = words(name);
    let mut at = 0;
    while at < words.len() {
        let (start, end) = words[at];
        let pair = words.get(at + 1).map(|&(_, end)| (end, &name[start..end]));
        let joined = pair.filter(|(_, word)| strength(&word.replace('_', "-")).is_some());
        let (end, word, taken) = match joined {
            Some((end, word)) => (end, word, 2),
            None => (end, &name[start..end], 1),
        };
        let known = known.iter().any(|other| other.eq_ignore_ascii_case(word)).then_some(Strength::Strong);
        if let Some(strength) = known.or_else(|| strength(&word.replace('_', "-"))) {
            let before = name[..start].trim_end_matches(['-', '_']);
            let after = name[end..].trim_start_matches(['-', '_']);
            found.push(Split { before, word, after, strength });
        }
        at += taken;
    }
    let inner = |strength| found.iter().find(|split| !split.before.is_empty() && split.strength == strength);
    let best = inner(Strength::Strong).or_else(|| inner(Strength::Weak)).or(found.first())?;
    Some(best.clone())
}

/// Where the words of `name` begin and end.
fn words(name: &str) -> Vec<(usize, usize)> {
    let mut words = vec![];
    let mut start = 0;
    for (at, _) in name.match_indices(['-', '_']).chain([(name.len(), "")]) {
        if at > start {
            words.push((start, at));
        }
        start = at + 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_a_name_apart() {
        for (pattern, name, said) in [
            ("{tenant}-{environment}-*", "california-prod-web", Some((Some("california"), Some("prod")))),
            ("{tenant}-{environment}-*", "north-carolina-prod-web", Some((Some("north-carolina"), Some("prod")))),
            ("{tenant}-{environment}-*", "california-web", None),
            (
                "{environment}-{tenant}-{service}",
                "prod-north-carolina-web",
                Some((Some("north-carolina"), Some("prod"))),
            ),
            ("svc-{tenant}", "SVC-acme", Some((Some("acme"), None))),
            ("svc-{tenant}", "web-acme", None),
            ("*-{environment}", "web-x-blue", Some((None, Some("blue")))),
            ("*-{environment}", "web-x-green", None),
            ("{tenant}", "", None),
            ("{tenant}ü*", "aüb", Some((Some("a"), None))),
        ] {
            let read =
                Pattern::parse(pattern).unwrap_or_else(|error| panic!("{error}")).captures(name, &["blue".to_owned()]);
            let read = read.as_ref().map(|said| (said.tenant.as_deref(), said.environment.as_deref()));
            assert_eq!(read, said, "{pattern} on {name}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_meant_is_refused() {
        for (pattern, error) in [
            ("web", "it has neither `{tenant}` nor `{environment}`"),
            ("{tenent}-*", "`{tenent}` is none of `{tenant}`, `{environment}`, `{service}`"),
            ("{tenant", "`{tenant` has no closing brace"),
            ("{tenant}{tenant}", "it has `{tenant}` 2 times, at most 1 are allowed"),
            ("*-*-*-*-{tenant}", "it has `*` 4 times, at most 3 are allowed"),
            ("task:{tenant}", "`task:` is neither `service:` nor `cluster:`"),
        ] {
            assert_eq!(Pattern::parse(pattern), Err(error.to_owned()), "{pattern}");
        }
    }

    #[test]
    fn the_word_for_the_environment_splits_a_name() {
        for (name, expected) in [
            ("humangov-california-production-web", Some(("humangov-california", "production", "web"))),
            ("california_prod_web", Some(("california", "prod", "web"))),
            ("demo-demo-web", Some(("demo", "demo", "web"))),
            ("acme-dev-portal-prod-web", Some(("acme-dev-portal", "prod", "web"))),
            ("acme-pre-prod-web", Some(("acme", "pre-prod", "web"))),
            ("acme-qa2-web", Some(("acme", "qa2", "web"))),
            ("prod-web", Some(("", "prod", "web"))),
            ("prod", Some(("", "prod", ""))),
            ("--prod--", Some(("", "prod", ""))),
            ("web", None),
            ("", None),
        ] {
            let split = split(name, &[]);
            assert_eq!(split.map(|split| (split.before, split.word, split.after)), expected, "{name}");
        }
    }
}
