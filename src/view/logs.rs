//! What stands around the lines of a logs screen: what they are above, who wrote the selected one below.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::news::key;
use super::parts::{KEPT, Part};
use crate::app::logs::{self, Logs, Reading, letter};
use crate::app::page::{Role, Span, log_line};
use crate::app::when::{length, moment};
use crate::app::{Command, State};
use crate::fleet::{LogLine, fit};

/// A line that arrives so much later than it was written is said to be late.
const LATE: Duration = Duration::from_secs(10);
/// Letters that tell a task's id from others.
const ID: usize = 8;

/// What the lines are: followed or not, how many, of how many tasks, and what is in the way of more.
pub(super) fn title(state: &State) -> Vec<Part> {
    let Some((_, logs)) = logs::shown(state) else { return vec![] };
    let mut parts = vec![];
    let lines = logs.tail.lines().len();
    match (&logs.reading, logs.new_below()) {
        _ if lines == 0 => {}
        (Reading::Following, _) => parts.push(Part::new([Span::new("following", Role::Busy)], KEPT)),
        (Reading::At { .. }, 0) => parts.push(Part::new([Span::new("paused", Role::Strong)], KEPT)),
        (Reading::At { .. }, new) => {
            let below = Span::new(format!("  {} new below", grouped(new)), Role::Warn);
            parts.push(Part::new([Span::new("paused", Role::Strong), below], KEPT));
        }
    }
    parts.extend(counts(state, logs, lines));
    if let Some(behind) = logs.tail.behind(state.now) {
        let text = format!("{} behind", length(behind));
        parts.push(Part::new([Span::new(text, Role::Warn)], 2));
    }
    parts.extend(unread(state, logs));
    parts
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
    let since = logs.tail.lines().front().filter(|_| logs.tail.dropped() > 0).map_or(logs.tail.since(), |line| line.at);
    let since = format!("{of} since {} UTC", moment(since, state.now));
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
    match (log_line(state), logs::shown(state)) {
        (Some((logs, line)), _) => of_line(state, logs, line),
        (None, Some((_, logs))) => legend(state, logs),
        (None, None) => vec![],
    }
}

fn of_line(state: &State, logs: &Logs, line: &LogLine) -> Vec<Part> {
    let at = line.at.to_zoned(TimeZone::UTC);
    let time = |format: &str| [Span::new(format!("{} UTC", at.strftime(format)), Role::Strong)];
    let mut parts = vec![Part::new(time("%Y-%m-%d %H:%M:%S%.3f"), 6).or(time("%H:%M:%S%.3f"), KEPT)];
    match logs.voices.of(&line.stream) {
        Some((number, voice, name)) => {
            let who = |id: &str| {
                let sign = Span::new(format!("{} ", letter(number)), Role::Voice(number as u8));
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
        parts.push(Part::new([Span::new(format!("came {} late", length(late)), Role::Warn)], 2));
    }
    parts.push(Part::new([Span::dim(&line.group)], 7));
    let lines = logs.tail.lines();
    if let Reading::At { selected, .. } = &logs.reading {
        let at = logs.sheet(state).find(selected) + 1;
        let place = format!("{} of {}", grouped(at), grouped(lines.len()));
        parts.push(Part::new([Span::dim(place)], 4).right());
    }
    parts
}

/// `a web 0f3c21aa`, and so on: as many as fit.
fn legend(state: &State, logs: &Logs) -> Vec<Part> {
    let voices = logs.voices.iter().take(usize::from(state.size.width) / (ID + 3));
    let parts = voices.enumerate().map(|(at, (number, voice))| {
        let sign = Span::new(letter(number).to_string(), Role::Voice(number as u8));
        let name = if logs.voices.longest() > 0 { format!(" {}", voice.service) } else { String::new() };
        let rank = u8::try_from(at).unwrap_or(u8::MAX);
        Part::new([sign, Span::dim(format!("{name} {}", short(&voice.id)))], rank)
    });
    parts.collect()
}

/// The beginning of a task's id.
fn short(id: &str) -> String {
    id.chars().take(ID).collect()
}

/// `12,345`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
