//! The header's first line: where one is, who one is, what one may do, and how old the data is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::breadcrumb;
use super::line_layout::{KEPT, Part};
use crate::app::page::{Role, Span};
use crate::app::screens::{self, Age};
use crate::app::{State, rest_interval};
use crate::fleet::Context;
use crate::fleet::tenancy::EnvironmentId;
use crate::plan::{Access, Policy};
use crate::text::{clean, duration, fit};

/// Letters of a path below which other things give way before it, and below which it does not.
const SHORT: usize = 36;
const SHORTEST: usize = 24;

/// The parts of the first line.
pub(super) fn parts(state: &State) -> Vec<Part> {
    let contexts = state.screen().view.about().contexts(state);
    let mut parts = vec![Part::new([Span::new("wharf", Role::Strong)], 9)];
    parts.extend(banner(state, &contexts));
    parts.extend(at(&contexts));
    parts.push(path(state));
    parts.extend(guarded(state));
    parts.extend(caller(&contexts));
    parts.push(match state.run.policy.access {
        Access::ReadOnly => Part::new([Span::plain("READ ONLY")], 2).right(),
        Access::ReadWrite => Part::new([Span::plain("READ-WRITE")], 8).right(),
    });
    parts.extend(age(state));
    parts
}

/// `DEMO`, or the host that stands in for AWS.
fn banner(state: &State, contexts: &[&Context]) -> Option<Part> {
    if let Some(banner) = state.run.banner {
        return Some(Part::new([Span::new(banner, Role::Busy)], 3));
    }
    let endpoint = contexts.iter().find_map(|context| context.endpoint.as_deref())?;
    let host = host(endpoint);
    let (long, short) = (fit(host, 30), fit(host, 16));
    Some(Part::new([Span::new(long, Role::Warn)], 6).or([Span::new(short, Role::Warn)], 3))
}

/// The host of `endpoint`, with its port.
fn host(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.rsplit('@').next().unwrap_or(host)
}

/// The first context, and how many more there are.
fn at(contexts: &[&Context]) -> Option<Part> {
    let first = contexts.first()?;
    let more = match contexts.len() - 1 {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let long = format!("{}{more}", first.id);
    let short = format!("{}{more}", fit(first.profile.as_deref().unwrap_or(first.id.as_str()), 16));
    // With several accounts this is what must not be lost: it leaves after the name and the caller.
    Some(Part::new([Span::plain(long)], 5).or([Span::plain(short)], 4))
}

/// Who we are in the first context, and how many others we are elsewhere.
fn caller(contexts: &[&Context]) -> Option<Part> {
    let callers: Vec<&str> = contexts.iter().filter_map(|context| Some(context.identity.as_ref()?.short())).collect();
    let first = callers.first()?;
    let others: BTreeSet<&&str> = callers.iter().filter(|caller| *caller != first).collect();
    let more = if others.is_empty() { String::new() } else { format!(" +{}", others.len()) };
    let session = fit(first.rsplit('/').next().unwrap_or_default(), 24);
    let (long, short) = (format!("{first}{more}"), format!("{session}{more}"));
    Some(Part::new([Span::plain(long)], 9).or([Span::plain(short)], 7).right())
}

fn path(state: &State) -> Part {
    let strong = |text: &str| [Span::new(text, Role::Strong)];
    let path = clean(&breadcrumb::path(state)).into_owned();
    let letters: Vec<char> = path.chars().collect();
    // The end of a path says more than its beginning.
    let tail = |width: usize| format!("…{}", letters[letters.len() + 1 - width..].iter().collect::<String>());
    let shorter = (SHORTEST..letters.len()).rev();
    shorter.fold(Part::new(strong(&path), if letters.len() > SHORTEST { 6 } else { KEPT }), |part, width| {
        let rank = match width {
            SHORTEST => KEPT,
            ..SHORT => 4,
            _ => 6,
        };
        part.or(strong(&tail(width)), rank)
    })
}

/// That more is asked here before a change: in words, because a colour alone can be missed.
fn guarded(state: &State) -> Option<Part> {
    let homes = state.screen().view.about().environments(state);
    let guarded: Vec<&EnvironmentId> = homes.iter().filter(|home| state.run.policy.is_protected(home)).collect();
    let production = |home: &&EnvironmentId| home.environment.is_some() && Policy::default().is_protected(home);
    let word = if guarded.iter().any(production) { "PRODUCTION" } else { "PROTECTED" };
    (!guarded.is_empty()).then(|| Part::new([Span::new(word, Role::Bad)], 1).right())
}

/// How old the oldest thing on the screen is.
fn age(state: &State) -> Option<Part> {
    let at = match screens::age(state) {
        Age::Ageless => return None,
        Age::Unread => return Some(Part::new([Span::dim("not read yet")], 5).right()),
        Age::ReadAt(at) => at,
    };
    let age = state.since(at);
    let late = age > rest_interval(&state.fleet).max(Duration::from_secs(30)) * 2;
    let role = if late { Role::Warn } else { Role::Plain };
    let (long, short) = (format!("{} old", duration(age)), duration(age));
    Some(Part::new([Span::new(long, role)], 9).or([Span::new(short, role)], 2).right())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_endpoint_only_the_host_is_shown() {
        for (endpoint, shown) in [
            ("http://127.0.0.1:4599", "127.0.0.1:4599"),
            ("https://user:secret@aws.test:8443/path?x=1", "aws.test:8443"),
            ("localhost", "localhost"),
            ("", ""),
        ] {
            assert_eq!(host(endpoint), shown);
        }
    }
}
