//! Tables without rows: why there are none, where was looked, and what to do.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::status_line;
use crate::app::page::{Line, Page, Role, Span};
use crate::app::{Command, FeedKey, Prompt, State, TextInput};
use crate::fleet::{CloudError, Context};

/// Errors that are listed here; the errors screen has them all.
const LISTED: usize = 4;

/// Draws the reason why there is no row.
pub(super) fn draw(state: &State, frame: &mut Frame<'_>, area: Rect) {
    let mut page = Page::default();
    say(state, &mut page, area.width);
    let window = page.lines.iter().take(usize::from(area.height));
    for (y, line) in (area.y..).zip(window) {
        super::line(frame, y, &line.spans);
    }
}

fn say(state: &State, page: &mut Page, width: u16) {
    let list = &state.screen().list;
    let words = match &state.input {
        Some(TextInput { asked: Prompt::Filter, line, .. }) => line.value().trim(),
        _ => list.filter.as_str(),
    };
    let mut tell = |text: &str, role: Role| page.wrapped(vec![Span::plain(" ")], &Span::new(text, role), width, None);
    if !words.is_empty() && !list.order.is_empty() {
        tell(&format!("No row has the words `{words}`."), Role::Strong);
        if state.input.is_none() {
            tell(&format!("{} shows all rows again.", status_line::key(state, Command::Back)), Role::Plain);
        }
        return;
    }
    if !state.body.is_fleet() {
        return tell("There is nothing in it any more.", Role::Strong);
    }
    let contexts: Vec<&Context> = state.fleet.contexts.values().filter(|context| context.same_as.is_none()).collect();
    let errors = errors(state, &contexts);
    match (errors.is_empty(), state.feeds.progress(&state.fleet)) {
        (true, Some(_)) => tell("Looking for clusters and their services…", Role::Strong),
        (true, None) => tell("There is no ECS service here, and no job.", Role::Strong),
        (false, _) => tell("AWS could not be read.", Role::Bad),
    }
    looked(state, page, &contexts);
    for (whose, error) in errors.iter().take(LISTED) {
        page.push(Line::empty());
        page.push(Line::of([
            Span::new(format!(" {}", error.kind.word()), Role::Warn),
            Span::dim(format!("  {whose}")),
        ]));
        page.wrapped(vec![Span::plain("   ")], &Span::plain(error.what()), width, None);
        page.wrapped(vec![Span::plain("   ")], &Span::new(&error.advice, Role::Strong), width, None);
    }
    if errors.is_empty() && state.feeds.progress(&state.fleet).is_none() {
        elsewhere(page, width);
    }
}

/// Where was looked, context by context.
fn looked(state: &State, page: &mut Page, contexts: &[&Context]) {
    page.push(Line::empty());
    for context in contexts {
        let clusters = state.fleet.clusters.values().filter(|cluster| cluster.context == context.id).count();
        let answered =
            state.feeds.get(&FeedKey::Clusters(context.id.clone())).is_some_and(|feed| feed.answered.is_some());
        let found = match (answered, clusters) {
            (false, 0) => "not read yet".to_owned(),
            (_, 0) => "no cluster".to_owned(),
            (_, 1) => "1 cluster".to_owned(),
            (_, count) => format!("{count} clusters"),
        };
        let who = context.identity.as_ref().map(|identity| format!("  account {}", identity.account));
        let endpoint = context.endpoint.as_ref().map(|endpoint| format!("  at {endpoint}"));
        let spans = [
            Span::plain(format!("   {}", context.id)),
            Span::dim(who.unwrap_or_default()),
            Span::dim(endpoint.unwrap_or_default()),
            Span::plain(format!("  {found}")),
        ];
        page.push(Line::of(spans));
    }
}

fn elsewhere(page: &mut Page, width: u16) {
    page.push(Line::empty());
    for text in [
        "To look elsewhere: wharf --profile NAME --region REGION; each can be given several times.",
        "To see wharf without an account: wharf --demo",
    ] {
        page.wrapped(vec![Span::plain(" ")], &Span::plain(text), width, None);
    }
}

/// What keeps rows away, each kind once, and whose it is.
fn errors<'a>(state: &'a State, contexts: &[&'a Context]) -> Vec<(String, &'a CloudError)> {
    let of_contexts = contexts.iter().flat_map(|context| {
        let topics = [FeedKey::Clusters(context.id.clone()), FeedKey::Identity(context.id.clone())];
        topics.into_iter().map(|topic| (context.id.to_string(), topic))
    });
    let of_clusters = state.fleet.clusters.values();
    let of_clusters = of_clusters.map(|cluster| (cluster.context.to_string(), FeedKey::Roster(cluster.arn.clone())));
    let mut errors: Vec<(String, &CloudError)> = vec![];
    for (whose, topic) in of_contexts.chain(of_clusters) {
        let Some(error) = state.feeds.get(&topic).and_then(|feed| feed.error.as_ref()) else { continue };
        let known = |(other, seen): &(String, &CloudError)| *other == whose && seen.kind == error.kind;
        if !errors.iter().any(known) {
            errors.push((whose, error));
        }
    }
    errors
}
