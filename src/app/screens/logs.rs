//! The logs screen: the lines that are in the window, or why there are none.

use jiff::tz::TimeZone;

use super::{Age, Card, Hint, Kind, Opens, needs};
use crate::app::body::Content;
use crate::app::command::{Command, Context};
use crate::app::layout::Layout;
use crate::app::logs::{self, Folding, LineKey, Logs, Position, Window, letter, ranges, rows};
use crate::app::page::{Line, Page, Role, Span};
use crate::app::reads::{FeedKey, Needs};
use crate::app::state::{Item, LogScope, State};
use crate::app::subject::Subject;
use crate::fleet::{Arn, LogLine};
use crate::text::{duration, moment, padded};

/// Reasons that are listed where there are no lines.
const LISTED: usize = 8;

/// The lines that the tasks of something write, in the order of time.
pub(super) struct LogLines<'a>(pub(super) &'a LogScope);

impl Kind for LogLines<'_> {
    fn card(&self) -> Card {
        Card {
            word: "logs",
            context: Context::Logs,
            layout: Layout::Detail,
            shown_by: Some(Command::Logs),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        match self.0 {
            LogScope::Home(home) => Subject::Environment(home.clone()),
            LogScope::Service(arn) => Subject::Service(arn.clone()),
            LogScope::Task(arn) => Subject::Task(arn.clone()),
        }
    }

    fn subject(&self, state: &State) -> Subject {
        logs::writer(state).map_or_else(|| self.about(), Subject::Task)
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    /// Tasks say which streams there are, those that stopped among them, and their definitions where.
    fn needs(&self, state: &State, needs: &mut Needs) {
        match self.0 {
            LogScope::Home(home) => needs::environment(state, home, needs),
            LogScope::Service(arn) => {
                if let Some(entry) = state.fleet.services.get(arn) {
                    needs.services.insert(arn.clone());
                    needs.tasks.insert(entry.cluster.clone());
                }
            }
            LogScope::Task(arn) => needs.tasks.extend(state.fleet.task(arn).map(|task| task.cluster.clone())),
        }
        needs.stopped.clone_from(&needs.tasks);
        if let Some(logs) = state.logs.get(self.0) {
            needs.definitions.extend(logs.outlets.unread.iter().cloned());
        }
    }

    fn age(&self, state: &State) -> Age {
        state.logs.get(self.0).and_then(|logs| logs.read_at).into()
    }

    fn content(&self, state: &State) -> Content {
        Content::Logs(window(state, self.0))
    }

    fn hints(&self, state: &State) -> Vec<Hint> {
        hints(state, self.0)
    }
}

/// The lines of `of` that are in the window.
fn window(state: &State, of: &LogScope) -> Window {
    let Some(logs) = state.logs.get(of) else { return Window::default() };
    let mut page = Page::default();
    let sheet = logs.viewport(state);
    let Some(frame) = sheet.frame(&logs.reading) else {
        empty(state, &mut page, logs);
        return Window { page, ..Window::default() };
    };
    for at in frame.first..=frame.last {
        // There is one selected line at the most, so that any item identifies it.
        let selected = frame.selected.is_some_and(|(selected, _)| selected == at);
        let item = Item::Line("line".to_owned());
        line(state, &mut page, logs, &sheet.lines[at], selected.then_some(&item));
    }
    page.lines.drain(..frame.skip.min(page.lines.len()));
    page.lines.truncate(sheet.height);
    let selected = frame.selected.map(|(at, _)| at);
    let cut = |at: usize| logs::is_cut(&sheet.lines[at], sheet.room).then_some(Folding::Closed);
    let is_open = |at: usize| logs.unfolded.as_ref().is_some_and(|mark: &LineKey| mark.is(&sheet.lines[at]));
    Window {
        selected: selected.map(|at| (at, sheet.lines[at].clone())),
        row: frame.selected.map(|(_, row)| row),
        folding: selected.and_then(|at| if is_open(at) { Some(Folding::Open) } else { cut(at) }),
        is_unfolded: (frame.first..=frame.last).any(is_open),
        seen: Some(sheet.seen_in(frame, &logs.reading)),
        page,
    }
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
    Role::Series(u8::try_from(number % 256).unwrap_or_default())
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
        let names: Vec<&str> = outlets.taskless.iter().map(Arn::name).take(LISTED).collect();
        let verb = if outlets.taskless.len() == 1 { "has" } else { "have" };
        let found = "no task, so lines are found by their streams' prefix";
        let text = format!("{} {verb} {found}; other services of it may have written some.", names.join(", "));
        page.push(Line::empty());
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, Role::Warn), state.size.width, None);
    }
    for (name, of) in outlets.unstarted.iter().take(LISTED) {
        let text = match of.count {
            1 => format!("A task of {name} never started: {}", of.why),
            count => format!("{count} tasks of {name} never started, the last because: {}", of.why),
        };
        page.push(Line::empty());
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, Role::Warn), state.size.width, None);
    }
    for text in outlets.elsewhere.iter().take(LISTED) {
        page.wrapped(vec![Span::plain("   ")], &Span::plain(text), state.size.width, None);
    }
    let errors = errors.into_iter().map(|(_, error)| error).chain(unread);
    for error in errors.take(LISTED) {
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
    for group in groups.into_iter().take(LISTED) {
        page.wrapped(vec![Span::plain("   ")], &Span::plain(group), state.size.width, None);
    }
    page.lines.truncate(usize::from(state.panes().height));
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

/// What can be done in logs: follow them again, search, and go from match to match.
fn hints(state: &State, of: &LogScope) -> Vec<Hint> {
    let Some(logs) = state.logs.get(of) else { return vec![] };
    if logs.tail.lines().is_empty() {
        return if logs.tail.has_read() { vec![Hint::new(Command::Previous, "further back", 2)] } else { vec![] };
    }
    let mut hints = vec![match (&logs.reading, logs.ended()) {
        (Position::Following, None) => Hint::new(Command::Previous, "pause", 3),
        (Position::Following, Some(_)) => Hint::new(Command::Previous, "select", 3),
        (Position::At { .. }, None) => Hint::new(Command::Last, "follow", 1),
        (Position::At { .. }, Some(_)) => Hint::new(Command::Last, "end", 1),
    }];
    if logs.search.is_some() {
        hints.extend([Hint::of(Command::NextMatch, 2), Hint::of(Command::PreviousMatch, 2)]);
    }
    let window = state.body.logs();
    // What folds an open line says so.
    if window.is_some_and(|window| window.folding == Some(Folding::Closed)) {
        hints.push(Hint::new(Command::Open, "whole line", 2));
    }
    hints.push(Hint::new(Command::Filter, "search", 3));
    match of {
        LogScope::Task(arn) if state.fleet.task(arn).is_none_or(|task| task.service().is_none()) => {}
        LogScope::Task(_) => hints.push(Hint::new(Command::Logs, "whole service", 3)),
        _ if window.is_some_and(|window| window.selected.is_some()) => {
            hints.push(Hint::new(Command::Logs, "this task", 3));
        }
        _ => {}
    }
    hints
}
