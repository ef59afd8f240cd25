//! What stands around the lines of a logs screen: what they are above, who wrote the selected one below.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::line_layout::{self, GAP, KEPT, Part};
use super::status_line::key;
use crate::app::logs::{self, LineKey, Logs, Position, letter};
use crate::app::page::{Role, Span};
use crate::app::{Command, State};
use crate::fleet::LogLine;
use crate::text::{duration, fit, grouped, moment};

/// A line that arrives so much later than it was written is said to be late.
const LATE: Duration = Duration::from_secs(10);
/// Letters that distinguish a task's id.
const ID: usize = 8;
/// Columns of the words that are searched for.
const WORDS: usize = 20;
/// Columns of a name in the legend.
const NAME: usize = 14;
/// Columns of `+12 more`, with the space before it.
const MORE: usize = GAP + 8;

/// What the lines are: followed or not, how many, of how many tasks, and what is in the way of more.
pub(super) fn title(state: &State) -> Vec<Part> {
    let Some((_, logs)) = logs::shown(state) else { return vec![] };
    let lines = logs.tail.lines().len();
    let mut parts = place(state, logs);
    parts.extend(found(logs, state));
    parts.extend(counts(state, logs, lines));
    if let Some(behind) = logs.tail.behind(state.now) {
        let text = format!("{} behind", duration(behind));
        parts.push(Part::new([Span::new(text, Role::Warn)], 2));
    }
    parts.extend(unstarted(logs, lines));
    parts.extend(taskless(logs, lines));
    parts.extend(unread(state, logs));
    parts
}

/// Where one reads, and whether more is still coming in that was there before.
fn place(state: &State, logs: &Logs) -> Vec<Part> {
    let mut parts = vec![];
    let mut say = |text: String, role: Role, rank: u8| parts.push(Part::new([Span::new(text, role)], rank));
    let filling = logs.is_filling(state);
    match &logs.reading {
        _ if logs.tail.lines().is_empty() => {}
        Position::Following if filling => {}
        Position::Following if logs.ended().is_some() => {}
        Position::Following => say("following".to_owned(), Role::Busy, KEPT),
        Position::At { .. } => {
            say("paused".to_owned(), Role::Strong, KEPT);
            let new = logs.new_below();
            if new > 0 {
                say(format!("{} new below", grouped(new)), Role::Warn, KEPT);
            }
        }
    }
    if let Some(at) = logs.ended().filter(|_| !filling && !logs.tail.lines().is_empty()) {
        say(format!("stopped {} ago", duration(state.since(at))), Role::Warn, 1);
    }
    if logs.tail.is_backfilling() {
        say(format!("reading back to {} UTC…", moment(logs.tail.since(), state.now)), Role::Busy, 1);
    } else if filling {
        say("reading…".to_owned(), Role::Busy, 1);
    }
    parts
}

/// What is searched for, how many lines have it, and which of them is selected.
fn found(logs: &Logs, state: &State) -> Option<Part> {
    let search = logs.search.as_ref()?;
    let selected = state.body.logs().and_then(|window| window.selected.as_ref());
    let place = selected.and_then(|(_, line)| search.place(&LineKey::of(line)));
    let count = match (place, search.count()) {
        (_, 0) => "no line".to_owned(),
        (None, 1) => "1 line".to_owned(),
        (None, count) => format!("{} lines", grouped(count)),
        (Some(place), count) => format!("{} of {}", grouped(place), grouped(count)),
    };
    let strong = |text: String| Span::new(text, Role::Strong);
    let words = Span::new(format!("/{}", fit(search.words(), WORDS)), Role::Match);
    Some(Part::new([words, strong(format!(" {count}"))], 2).or([strong(count)], 1))
}

/// Tasks that wrote nothing, for they never started.
fn unstarted(logs: &Logs, lines: usize) -> Option<Part> {
    let count: usize = logs.outlets.unstarted.values().map(|of| of.count).sum();
    if count == 0 || lines == 0 {
        return None;
    }
    let noun = if count == 1 { "task" } else { "tasks" };
    let form = |text: String| [Span::new(text, Role::Warn)];
    Some(Part::new(form(format!("{count} {noun} never started")), 3).or(form(format!("{count} not started")), 2))
}

/// That lines may be somebody else's.
fn taskless(logs: &Logs, lines: usize) -> Option<Part> {
    if logs.outlets.taskless.is_empty() || lines == 0 {
        return None;
    }
    let form = |text: &str| [Span::new(text, Role::Warn)];
    let long = "without a task, found by prefix: perhaps others'";
    Some(Part::new(form(long), 6).or(form("perhaps others'"), 2))
}

/// `212 lines of 3 tasks since 11:45:00`.
fn counts(state: &State, logs: &Logs, lines: usize) -> Option<Part> {
    if lines == 0 {
        return None;
    }
    let noun = |count: usize, one: &str| if count == 1 { one.to_owned() } else { format!("{one}s") };
    let tasks = logs.voices.count();
    let many = format!("{} {}", grouped(lines), noun(lines, "line"));
    let of = format!("{many} of {tasks} {}", noun(tasks, "task"));
    let since = format!("{of} since {} UTC", moment(logs.begins(), state.now));
    let form = |text: &str| [Span::plain(text)];
    Some(Part::new(form(&since), 7).or(form(&of), 5).or(form(&many), 4))
}

/// Log groups that could not be read, and what is not in `CloudWatch`.
fn unread(state: &State, logs: &Logs) -> Vec<Part> {
    let mut parts = vec![];
    let errors: Vec<_> = logs.tail.errors().collect();
    if let Some((group, error)) = errors.first() {
        let errors = match errors.len() {
            1 => fit(&group.name, 30),
            several => format!("{several} log groups"),
        };
        let (word, key) = (error.kind.word(), key(state, Command::Errors));
        let long = format!("{errors} unread: {word}, {key} says more");
        let short = format!("{word}, {key}");
        parts.push(Part::new([Span::new(long, Role::Bad)], 3).or([Span::new(short, Role::Bad)], 1));
    }
    if logs.tail.lines().is_empty() {
        return parts;
    }
    let mut elsewhere = logs.outlets.elsewhere.iter();
    if let Some(first) = elsewhere.next() {
        let more = match elsewhere.count() {
            0 => String::new(),
            more => format!(" +{more}"),
        };
        let short = format!("{} not in CloudWatch", logs.outlets.elsewhere.len());
        let form = |text: String| [Span::new(text, Role::Warn)];
        parts.push(Part::new(form(format!("{first}{more}")), 6).or(form(short), 3));
    }
    parts
}

/// The selected line: its whole time, who wrote it, where it is among the others; while following,
/// which letter is which task.
pub(super) fn detail(state: &State) -> Vec<Part> {
    let Some((_, logs)) = logs::shown(state) else { return vec![] };
    match state.body.logs().and_then(|window| window.selected.as_ref()) {
        Some((at, line)) => of_line(state, logs, *at, line),
        None => legend(state, logs),
    }
}

fn of_line(state: &State, logs: &Logs, at: usize, line: &LogLine) -> Vec<Part> {
    let written = line.at.to_zoned(TimeZone::UTC);
    let time = |format: &str| [Span::new(format!("{} UTC", written.strftime(format)), Role::Strong)];
    let mut parts = vec![Part::new(time("%Y-%m-%d %H:%M:%S%.3f"), 6).or(time("%H:%M:%S%.3f"), KEPT)];
    match logs.voices.of(&line.stream) {
        Some((number, voice, name)) => {
            let who = |id: &str| {
                let sign = Span::new(format!("{} ", letter(number)), Role::Series(number as u8));
                [sign, Span::plain(format!("{name} {id}"))]
            };
            parts.push(Part::new(who(&voice.id), 5).or(who(&short(&voice.id)), KEPT));
            let zone = voice.task.as_ref().and_then(|arn| state.fleet.task(arn)?.zone.clone());
            parts.extend(zone.map(|zone| Part::new([Span::dim(zone)], 3)));
        }
        None => parts.push(Part::new([Span::plain(&line.stream)], 5)),
    }
    let late = Duration::try_from(line.ingested_at.duration_since(line.at)).unwrap_or_default();
    if late >= LATE {
        parts.push(Part::new([Span::new(format!("came {} late", duration(late)), Role::Warn)], 2));
    }
    parts.push(Part::new([Span::dim(&line.group)], 7));
    let place = format!("{} of {}", grouped(at + 1), grouped(logs.tail.lines().len()));
    parts.push(Part::new([Span::dim(place)], 4).right());
    parts
}

/// `a web 0f3c21aa`, and so on: as many as fit, and how many more there are.
fn legend(state: &State, logs: &Logs) -> Vec<Part> {
    let named = logs.voices.longest() > 0;
    let mut room = usize::from(state.size.width).saturating_sub(2);
    let mut parts = vec![];
    for (number, voice) in logs.voices.iter() {
        let name = if named { format!(" {}", fit(&voice.service, NAME)) } else { String::new() };
        let sign = Span::new(letter(number).to_string(), Role::Series(number as u8));
        let spans = [sign, Span::dim(format!("{name} {}", short(&voice.id)))];
        let left = logs.voices.count() - number;
        let last = if left == 1 { 0 } else { MORE };
        let columns = line_layout::columns(&spans) + GAP;
        if columns + last > room + GAP {
            parts.push(Part::new([Span::dim(format!("+{left} more"))], KEPT));
            break;
        }
        room = room.saturating_sub(columns);
        parts.push(Part::new(spans, KEPT));
    }
    parts
}

/// The beginning of a task's id.
fn short(id: &str) -> String {
    id.chars().take(ID).collect()
}
