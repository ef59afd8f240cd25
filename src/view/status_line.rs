//! The header's second line: what it all comes to, and what is between us and AWS.

use std::time::Duration;

use super::line_layout::{KEPT, Part};
use super::logs;
use crate::app::page::{Role, Span};
use crate::app::screens::unreadable_journals;
use crate::app::{Change, Command, Content, FeedKey, Prompt, State, Subject, TextInput, list, rest_interval};
use crate::fleet::health::{HealthState as Condition, HealthStatus};
use crate::fleet::tenancy::EnvironmentId;
use crate::fleet::{Context, Trouble};
use crate::text::duration;

/// Waiting for so long is said.
const PATIENCE: Duration = Duration::from_secs(5);
/// A round of all services that takes longer than this is said.
const ROUND: Duration = Duration::from_secs(30);

/// The parts of the second line.
pub(super) fn parts(state: &State) -> Vec<Part> {
    let mut parts = vec![];
    match (&state.body.content, state.screen().view.about()) {
        (Content::Logs(_), _) => parts.extend(logs::title(state)),
        (Content::Page(page), _) => parts.push(Part::new(page.title.iter().cloned(), KEPT)),
        (Content::Table(_), Subject::Environment(home)) => parts.extend(environment(state, &home)),
        (Content::Table(_), _) => parts.extend(counts(state)),
    }
    let own = state.screen().view.card().shown_by;
    if own != Some(Command::Errors) {
        parts.extend(troubled(state));
    }
    parts.extend(waiting(state));
    if own != Some(Command::Plans) {
        parts.extend(changes(state));
    }
    if state.body.is_table() {
        parts.extend(marked(state));
        parts.extend(filter(state));
        parts.extend(worse_below(state));
    }
    if state.body.is_fleet() {
        parts.extend(guesses(state));
        parts.extend(round(state));
    }
    parts
}

/// `53 environments: 1 failing · 49 steady`; shorter without the good ones.
fn counts(state: &State) -> Option<Part> {
    let counts = state.fleet_view.counts();
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let noun = if all == 1 { "environment" } else { "environments" };
    let list = |counts: &[(Condition, usize)]| {
        let mut spans = vec![];
        for (condition, count) in counts {
            if !spans.is_empty() {
                spans.push(Span::dim(" · "));
            }
            let text = format!("{count} {}", condition.word().to_lowercase());
            spans.push(Span::new(text, Role::State(*condition)));
        }
        spans
    };
    let bad: Vec<_> = counts.iter().filter(|(condition, _)| condition.is_trouble()).copied().collect();
    let long = [Span::plain(format!("{all} {noun}: "))].into_iter().chain(list(&counts));
    let short = list(&bad).into_iter().chain((!bad.is_empty()).then(|| Span::plain(format!(" of {all}"))));
    (all > 0).then(|| Part::new(long, 8).or(list(&counts), 5).or(short, 2))
}

fn environment(state: &State, home: &EnvironmentId) -> Option<Part> {
    let row = state.fleet_view.row(home)?;
    let HealthStatus { state: condition, since, .. } = &row.verdict;
    let mut spans = vec![Span::new(format!("{} {}", condition.mark(), condition.word()), Role::State(*condition))];
    spans.extend(since.map(|since| Span::dim(format!(" for {}", duration(state.since(since))))));
    let count = format!("{}/{}", row.running, row.desired);
    let what = match (*home == EnvironmentId::jobs(), row.services.len()) {
        (true, _) => format!("  {count} running  tasks that belong to no service"),
        (false, 1) => format!("  {count} tasks  1 service"),
        (false, services) => format!("  {count} tasks  {services} services"),
    };
    spans.push(Span::plain(what));
    Some(Part::new(spans, KEPT))
}

/// Contexts that could not be read, with the reason and where to read what to do.
fn troubled(state: &State) -> Option<Part> {
    let contexts = state.screen().view.about().contexts(state);
    let bad: Vec<(&Context, Trouble)> =
        contexts.into_iter().filter_map(|context| Some((context, unread(state, context)?))).collect();
    let (first, kind) = bad.first()?;
    let errors = key(state, Command::Errors);
    let who = match bad.len() {
        1 => first.id.to_string(),
        count => format!("{count} contexts"),
    };
    let long = format!("{who} unread: {}, {errors} says more", kind.word());
    let short = format!("{} unread, {errors}", bad.len());
    Some(Part::new([Span::new(long, Role::Bad)], 4).or([Span::new(short, Role::Bad)], 1))
}

/// Why `context` cannot be read; nothing where its clusters are known and no more than that fails.
pub(super) fn unread(state: &State, context: &Context) -> Option<Trouble> {
    let feed = |topic| state.feeds.get(&topic);
    let clusters = feed(FeedKey::Clusters(context.id.clone()));
    let error = clusters.and_then(|feed| feed.error.as_ref()).or_else(|| {
        let unanswered = clusters.is_none_or(|feed| feed.answered.is_none());
        feed(FeedKey::Identity(context.id.clone())).filter(|_| unanswered).and_then(|feed| feed.error.as_ref())
    });
    error.map(|error| error.kind)
}

/// What is being waited for, and why.
fn waiting(state: &State) -> Vec<Part> {
    let mut parts = vec![];
    if state.pressure.throttled {
        parts.push(Part::new([Span::new("throttled", Role::Warn)], 4));
    }
    let waiting = state.feeds.waiting(state.now).filter(|waited| *waited >= PATIENCE);
    if let Some(waited) = waiting {
        let long = format!("still waiting for AWS ({})", duration(waited));
        let short = format!("waiting {}", duration(waited));
        parts.push(Part::new([Span::new(long, Role::Warn)], 4).or([Span::new(short, Role::Warn)], 1));
    }
    if state.body.is_fleet()
        && let Some(progress) = state.feeds.progress(&state.fleet)
    {
        let (long, short) = match progress.all {
            all if all == progress.done => ("reading the clusters".to_owned(), "reading".to_owned()),
            all => (format!("reading {} of {all} clusters", progress.done), format!("{} of {all} read", progress.done)),
        };
        parts.push(Part::new([Span::new(long, Role::Busy)], 5).or([Span::new(short, Role::Busy)], 2));
    }
    parts
}

/// The words that rows must have, unless the footer has them, and how many have them.
fn filter(state: &State) -> Option<Part> {
    let filter = &state.screen().list.filter;
    // Of how many is not said: jobs are a row, and the number of environments stands beside it.
    let count = || match state.body.rows().len() {
        0 => "no row fits".to_owned(),
        1 => "1 row fits".to_owned(),
        rows => format!("{rows} rows fit"),
    };
    match &state.input {
        Some(TextInput { asked: Prompt::Filter, line, .. }) if line.value().trim().is_empty() => None,
        Some(TextInput { asked: Prompt::Filter, .. }) => Some(Part::new([Span::plain(count())], 3)),
        _ if filter.is_empty() => None,
        _ => {
            let words = || [Span::new("/ ", Role::Key), Span::plain(filter)];
            Some(Part::new(words().into_iter().chain([Span::plain(format!("  {}", count()))]), 4).or(words(), 3))
        }
    }
}

/// How many rows are marked, and how many of them are not shown.
fn marked(state: &State) -> Option<Part> {
    let marks = &state.screen().list.marks;
    if marks.is_empty() {
        return None;
    }
    let shown = state.body.rows().iter().filter(|item| marks.contains(item)).count();
    let hidden = match marks.len() - shown {
        0 => String::new(),
        hidden => format!(" ({hidden} not shown)"),
    };
    let text = format!("{} marked{hidden}", marks.len());
    Some(Part::new([Span::new(text, Role::Key)], KEPT))
}

/// Changes in progress on other screens, and unfinished ones.
fn changes(state: &State) -> Vec<Part> {
    let plans = key(state, Command::Plans);
    let mut parts = vec![];
    let own = state.screen().view.plan().and_then(|id| state.changes.get(id));
    let shown = own.is_some_and(Change::is_running);
    match state.changes.running() - usize::from(shown) {
        0 => {}
        1 => parts.push(Part::new([Span::new(format!("1 change in progress, {plans}"), Role::Busy)], 5)),
        more => parts.push(Part::new([Span::new(format!("{more} changes in progress, {plans}"), Role::Busy)], 5)),
    }
    match state.changes.unreadable().len() {
        0 => {}
        some => {
            let text = format!("{}, {plans}", unreadable_journals(some));
            parts.push(Part::new([Span::new(text, Role::Bad)], 2));
        }
    }
    let short = |count: usize, were: &str| {
        let long = [Span::new(format!("{count} unfinished {were}: {plans} shows it"), Role::Warn)];
        Part::new(long, 4).or([Span::new(format!("{count} unfinished, {plans}"), Role::Warn)], 2)
    };
    match (state.body.is_fleet(), state.changes.unfinished()) {
        (true, 1) => parts.push(short(1, "change")),
        (true, count @ 2..) => parts.push(short(count, "changes")),
        _ => {}
    }
    parts
}

fn worse_below(state: &State) -> Option<Part> {
    let worse = list::worse_below(state);
    let sorts = key(state, Command::Refresh);
    let long = format!("{worse} worse below, {sorts} sorts");
    let short = format!("{worse} worse below");
    (worse > 0).then(|| Part::new([Span::new(long, Role::Warn)], 4).or([Span::new(short, Role::Warn)], 2))
}

/// How many services stand in a row that was only guessed.
fn guesses(state: &State) -> Option<Part> {
    let rows = state.fleet_view.overview.rows.iter().filter(|(home, _)| home.tenant.is_guess());
    let guessed: usize = rows.map(|(_, row)| row.services.len()).sum();
    (guessed > 0).then(|| Part::new([Span::dim(format!("~ {guessed} guessed"))], 6))
}

/// How long it takes to look at everything once, where that is long.
fn round(state: &State) -> Option<Part> {
    let interval = rest_interval(&state.fleet);
    let text = || [Span::dim(format!("refresh every {}", duration(interval)))];
    (interval > ROUND).then(|| Part::new(text(), 7))
}

/// The shortest key for `command`, as it is bound now; nothing where it is bound to none.
pub(super) fn key(state: &State, command: Command) -> String {
    state.key(command)
}
