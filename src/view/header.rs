//! The header's first line: where one is, who one is, what one may do, and how old the data is.

use std::time::Duration;

use super::parts::{KEPT, Part};
use super::place;
use crate::app::page::{Role, Span};
use crate::app::when::length;
use crate::app::{Access, Size, State, View, rest_interval};
use crate::fleet::policy::Policy;
use crate::fleet::tenancy::Home;
use crate::fleet::{Context, fit};

/// Columns of a path that is shortened, and of one that is shortened further.
const SHORT: usize = 40;
const SHORTEST: usize = 24;

/// The parts of the first line.
pub(super) fn parts(state: &State, size: Size) -> Vec<Part> {
    let contexts = place::contexts(state);
    let mut parts = vec![Part::new([Span::new("wharf", Role::Strong)], 9)];
    parts.extend(banner(state, &contexts));
    parts.extend(at(&contexts));
    parts.push(path(state));
    parts.extend(place::home(state).and_then(|home| guarded(state, &home)));
    let caller = contexts.iter().find_map(|context| context.identity.as_ref());
    parts.extend(caller.map(|identity| Part::new([Span::plain(identity.short())], 7).right()));
    parts.push(match state.run.access {
        Access::ReadOnly => Part::new([Span::plain("READ ONLY")], 2).right(),
        Access::ReadWrite => Part::new([Span::new("READ-WRITE", Role::Strong)], 2).right(),
    });
    parts.extend(age(state, size));
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
    let short = format!("{}{more}", fit(first.profile.as_deref().unwrap_or(&first.region), 16));
    Some(Part::new([Span::plain(long)], 8).or([Span::plain(short)], 5))
}

fn path(state: &State) -> Part {
    let strong = |text: &str| [Span::new(text, Role::Strong)];
    let path = place::path(state);
    // The end of a path tells more than its beginning.
    let tail = |width: usize| {
        let count = path.chars().count();
        match count <= width {
            true => path.clone(),
            false => format!("…{}", path.chars().skip(count - width + 1).collect::<String>()),
        }
    };
    Part::new(strong(&path), 6).or(strong(&tail(SHORT)), 4).or(strong(&tail(SHORTEST)), KEPT)
}

/// That more is asked here before a change: in words, because a colour alone can be missed.
fn guarded(state: &State, home: &Home) -> Option<Part> {
    let production = home.environment.is_some() && Policy::default().is_protected(home);
    let word = if production { "PRODUCTION" } else { "PROTECTED" };
    state.run.policy.is_protected(home).then(|| Part::new([Span::new(word, Role::Bad)], 1).right())
}

/// How old the oldest thing on the screen is.
fn age(state: &State, size: Size) -> Option<Part> {
    if matches!(state.screen().view, View::Errors | View::Help) {
        return None;
    }
    let Some(at) = place::seen_at(state, size) else {
        return Some(Part::new([Span::dim("not read yet")], 5).right());
    };
    let age = state.since(at);
    let late = age > rest_interval(&state.fleet).max(Duration::from_secs(30)) * 2;
    let role = if late { Role::Warn } else { Role::Plain };
    let (long, short) = (format!("{} old", length(age)), length(age));
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
