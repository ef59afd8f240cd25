//! The logs screen: the lines that are in the window, or why there are none.

use jiff::tz::TimeZone;

use super::{Line, Page, Role, Span};
use crate::app::command::Command;
use crate::app::layout::panes;
use crate::app::logs::{self, Folding, Logs, Mark, letter, ranges, rows};
use crate::app::reads::FeedKey;
use crate::app::state::{Item, Logged, State};
use crate::fleet::{Arn, LogLine};
use crate::text::{duration, moment, padded};

/// Reasons that are spelt out where there are no lines.
const SPELT: usize = 8;

/// The page of the lines of `of`: no more than fits the window.
pub(super) fn page(state: &State, of: &Logged) -> Page {
    let Some(logs) = state.logs.get(of) else { return Page::default() };
    let mut page = Page::default();
    let sheet = logs.sheet(state);
    match sheet.frame(&logs.reading) {
        None => empty(state, &mut page, logs),
        Some(frame) => {
            for at in frame.first..=frame.last {
                // There is one selected line at the most, so that any item stands for it.
                let selected = frame.selected.is_some_and(|(selected, _)| selected == at);
                let item = Item::Line("line".to_owned());
                line(state, &mut page, logs, &sheet.lines[at], selected.then_some(&item));
            }
            page.lines.drain(..frame.skip.min(page.lines.len()));
            page.lines.truncate(sheet.height);
        }
    }
    page
}

fn line(state: &State, page: &mut Page, logs: &Logs, line: &LogLine, item: Option<&Item>) {
    let width = state.size.width;
    let folding = match &logs.unfolded {
        Some(mark) if mark.is(line) => Folding::Open,
        _ => Folding::Closed,
    };
    let room = usize::from(width).saturating_sub(logs.lead(width));
    let mut lead = Some(lead(logs, line, width));
    for text in rows(line, room, folding) {
        let blank = || vec![Span::plain(" ".repeat(logs.lead(width)))];
        let mut spans = lead.take().unwrap_or_else(blank);
        spans.extend(marked(&text, logs.words(state)));
        page.push(Line { item: item.cloned(), ..Line::of(spans) });
    }
}

/// Time, letter, and the name of who writes where there are several.
fn lead(logs: &Logs, line: &LogLine, width: u16) -> Vec<Span> {
    let time = line.at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S");
    let mut spans = vec![Span::dim(format!(" {time} "))];
    let (sign, role, name) = match logs.voices.of(&line.stream) {
        Some((number, _, name)) => (letter(number), voice(number), name),
        None => ('?', Role::Plain, String::new()),
    };
    spans.push(Span::new(format!("{sign} "), role));
    let names = logs.names(width);
    if names > 0 {
        spans.push(Span::new(padded(&name, names + 1), role));
    }
    spans
}

/// The role of what the voice `number` says.
fn voice(number: usize) -> Role {
    Role::Voice(u8::try_from(number % 256).unwrap_or_default())
}

/// `text` with `words` marked where they stand in it.
fn marked(text: &str, words: &str) -> Vec<Span> {
    let mut spans = vec![];
    let mut from = 0;
    for range in ranges(text, words) {
        spans.push(Span::plain(&text[from..range.start]));
        spans.push(Span::new(&text[range.clone()], Role::Match));
        from = range.end;
    }
    spans.push(Span::plain(&text[from..]));
    spans.retain(|span| !span.text.is_empty());
    spans
}

/// Why there is no line, as far as is known.
fn empty(state: &State, page: &mut Page, logs: &Logs) {
    let mut tell = |text: &str, role: Role| {
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, role), state.size.width, None);
    };
    let outlets = &logs.outlets;
    let errors: Vec<_> = logs.tail.errors().collect();
    let unread = outlets.unread.iter().filter_map(|(_, arn)| {
        let feed = state.feeds.get(&FeedKey::Definition(arn.clone()))?;
        feed.error.as_ref()
    });
    let unread: Vec<_> = unread.collect();
    match (outlets.found.is_empty(), outlets.unread.is_empty()) {
        _ if !unread.is_empty() => {
            tell("The task definition, which says where the lines are, could not be read.", Role::Bad);
        }
        (_, false) => tell("Asking AWS for the task definitions, which say where the lines are…", Role::Strong),
        (true, true) if !outlets.elsewhere.is_empty() => {
            tell("Its lines are not in CloudWatch Logs:", Role::Strong);
        }
        (true, true) if !outlets.blind.is_empty() => tell("Asking AWS for the tasks that write lines…", Role::Strong),
        (true, true) if !outlets.unstarted.is_empty() => tell("What never started wrote no line.", Role::Strong),
        (true, true) => tell("There is no task whose lines could be read.", Role::Strong),
        (false, true) if !errors.is_empty() => tell("The lines could not be read.", Role::Bad),
        (false, true) if !logs.tail.has_read() => tell("Asking AWS for the lines…", Role::Strong),
        (false, true) => {
            for (text, role) in unwritten(state, logs) {
                tell(&text, role);
            }
        }
    }
    if !outlets.taskless.is_empty() {
        let names: Vec<&str> = outlets.taskless.iter().map(Arn::name).take(SPELT).collect();
        let verb = if outlets.taskless.len() == 1 { "has" } else { "have" };
        let found = "no task, so lines are found by their streams' prefix";
        let text = format!("{} {verb} {found}; other services of it may have written some.", names.join(", "));
        page.push(Line::empty());
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, Role::Warn), state.size.width, None);
    }
    for (name, of) in outlets.unstarted.iter().take(SPELT) {
        let text = match of.count {
            1 => format!("A task of {name} never started: {}", of.why),
            count => format!("{count} tasks of {name} never started, the last because: {}", of.why),
        };
        page.push(Line::empty());
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, Role::Warn), state.size.width, None);
    }
    for text in outlets.elsewhere.iter().take(SPELT) {
        page.wrapped(vec![Span::plain("   ")], &Span::plain(text), state.size.width, None);
    }
    let errors = errors.into_iter().map(|(_, error)| error).chain(unread);
    for error in errors.take(SPELT) {
        page.push(Line::empty());
        page.push(Line::of([Span::new(format!(" {}", error.kind.word()), Role::Warn)]));
        page.wrapped(vec![Span::plain("   ")], &Span::plain(error.what()), state.size.width, None);
        page.wrapped(vec![Span::plain("   ")], &Span::new(&error.advice, Role::Strong), state.size.width, None);
    }
    let groups: std::collections::BTreeSet<&str> =
        outlets.found.keys().map(|outlet| outlet.group.name.as_str()).collect();
    if !groups.is_empty() {
        page.push(Line::empty());
        page.push(Line::of([Span::dim(" Looked in")]));
    }
    for group in groups.into_iter().take(SPELT) {
        page.wrapped(vec![Span::plain("   ")], &Span::plain(group), state.size.width, None);
    }
    page.lines.truncate(usize::from(panes(&state.screen().view, state.size).height));
}

/// That nothing was written, as far as was read.
fn unwritten(state: &State, logs: &Logs) -> Vec<(String, Role)> {
    let since = logs.tail.since();
    let (ago, from) = (duration(state.since(since)), moment(since, state.now));
    let mut says = match logs.ended() {
        Some(at) => {
            let stopped = duration(state.since(at));
            vec![(format!("No line was written since {from} UTC until it stopped, {stopped} ago."), Role::Strong)]
        }
        None => vec![
            (format!("No line was written since {from} UTC, {ago} ago."), Role::Strong),
            ("New ones appear as they come.".to_owned(), Role::Plain),
        ],
    };
    let up = state.key(Command::Previous);
    says.push((format!("{up} reads further back."), Role::Plain));
    says
}

/// Whether something of `line` is not seen while it is folded, and whether it is.
pub fn folding(state: &State, logs: &Logs, line: &LogLine) -> Option<Folding> {
    let open = logs.unfolded.as_ref().is_some_and(|mark: &Mark| mark.is(line));
    let cut = || logs::is_cut(line, logs.sheet(state).room);
    if open { Some(Folding::Open) } else { cut().then_some(Folding::Closed) }
}
