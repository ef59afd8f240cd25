//! A log line as it is printed, and whose it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::app::tail::{LogStreams, StreamSelector, Unstarted, writer};
use crate::args::{Form, Logs};
use crate::fleet::LogLine;
use crate::text::{clean, duration, fit};

/// Letters of a task's id that are printed: it has 32.
const SHORT: usize = 8;

/// Columns of why a task never started: ECS takes up to 1,024 characters to say so.
const REASON: usize = 400;

/// What services and jobs write to, by log group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    streams: BTreeMap<(String, String), String>,
    prefixes: BTreeMap<(String, String), String>,
}

/// A line for programs; times to the millisecond, so that they are in order as text, too.
#[derive(Serialize)]
struct Document<'a> {
    time: String,
    ingested: String,
    service: &'a str,
    task: &'a str,
    container: &'a str,
    group: &'a str,
    stream: &'a str,
    id: &'a str,
    message: &'a str,
}

impl Names {
    /// What `name` writes goes to `outlets`. What was known before stays so.
    pub(super) fn learn(&mut self, name: &str, outlets: &LogStreams) {
        for outlet in outlets.found.keys() {
            let (of, text) = match &outlet.place {
                StreamSelector::Stream(text) => (&mut self.streams, text),
                StreamSelector::Prefix(text) => (&mut self.prefixes, text),
            };
            of.insert((outlet.group.name.clone(), text.clone()), name.to_owned());
        }
    }

    /// Whether nobody was ever found to write anywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.prefixes.is_empty()
    }

    fn of(&self, line: &LogLine) -> &str {
        let exact = self.streams.get(&(line.group.clone(), line.stream.clone()));
        let begins = || {
            let mut prefixes = self.prefixes.iter();
            prefixes.find(|((group, prefix), _)| *group == line.group && line.stream.starts_with(prefix.as_str()))
        };
        exact.or_else(|| begins().map(|(_, name)| name)).map_or("-", String::as_str)
    }
}

/// `line`, and a newline.
///
/// A message of several lines goes on below its own beginning. For programs a message is exactly
/// what was written; what could act on a terminal is escaped.
pub(super) fn line(line: &LogLine, names: &Names, form: Form) -> serde_json::Result<String> {
    let name = names.of(line);
    let (container, task) = writer(&line.stream).unwrap_or(("-", &line.stream));
    match form {
        Form::Text => Ok(text(line, name, container, task)),
        Form::Json => {
            let document = Document {
                time: format!("{:.3}", line.at),
                ingested: format!("{:.3}", line.ingested_at),
                service: name,
                task,
                container,
                group: &line.group,
                stream: &line.stream,
                id: &line.id,
                message: &line.message,
            };
            Ok(format!("{}\n", escaped(&serde_json::to_string(&document)?)))
        }
    }
}

/// That tasks of `name` never started, and why.
pub(super) fn unstarted(name: &str, of: &Unstarted) -> String {
    let why = if of.why.is_empty() { "ECS does not say why" } else { &of.why };
    let why = fit(why, REASON);
    match of.count {
        1 => format!("{name}: a task never started, so it has no lines: {why}"),
        count => format!("{name}: {count} tasks never started, so they have no lines; the last one: {why}"),
    }
}

/// That lines of `name` may be somebody else's.
pub(super) fn taskless(name: &str) -> String {
    let found = "it has no task, so lines are found by their streams' prefix";
    format!("{name}: {found}; some may be of other services with that prefix")
}

fn text(line: &LogLine, name: &str, container: &str, task: &str) -> String {
    let short: String = task.chars().take(SHORT).collect();
    let head = clean(&format!("{:.3}  {name}/{short}  {container}  ", line.at)).into_owned();
    let mut text = head;
    let mut parts = line.message.lines();
    text.push_str(&clean(parts.next().unwrap_or_default()));
    text.push('\n');
    for part in parts {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    {}", clean(part));
    }
    text
}

/// That none of the lines that were `read` was one to print.
pub(super) fn nothing(read: usize, logs: &Logs) -> String {
    let since = duration(logs.since);
    match (&logs.filter, read) {
        (Some(filter), 1..) => {
            format!("none of the {read} lines of the last {since} has `{filter}`; --since goes further back")
        }
        _ => format!("no line was written in the last {since}; --since goes further back"),
    }
}

/// Lines that are not held back any longer.
pub(super) const EARLY: &str = "some log groups are still being searched and no more lines can be held back: \
                                from now on lines may be out of order";

/// JSON in which all that could act on a terminal is written as `\u…`.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        let plain = (' '..='~').contains(&c) || clean(c.encode_utf8(&mut [0; 4])).starts_with(c);
        if plain {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn written(message: &str, form: Form) -> String {
        let at = Timestamp::UNIX_EPOCH;
        let line = LogLine {
            at,
            ingested_at: at,
            id: "1".to_owned(),
            group: "/ecs".to_owned(),
            stream: "ecs/web/0123456789abcdef".to_owned(),
            message: message.to_owned(),
        };
        super::line(&line, &Names::default(), form).unwrap_or_default()
    }

    #[test]
    fn a_line_for_people_says_when_who_and_what_and_moves_no_cursor() {
        let head = "1970-01-01T00:00:00.000Z  -/01234567  web  ";
        for (message, shown) in [
            ("GET /", "GET /\n"),
            ("", "\n"),
            ("\x1b[31mred\x07", "␛[31mred␇\n"),
            ("one\r\ntwo\n\tthree\n", "one\n    two\n     three\n"),
            ("evil\u{202e}txt\u{9b}", "evil\u{fffd}txt\u{fffd}\n"),
        ] {
            assert_eq!(written(message, Form::Text), format!("{head}{shown}"));
        }
    }

    #[test]
    fn tasks_that_never_started_are_told_clean_and_short() {
        let of = |count, why: &str| unstarted("acme/staging/web", &Unstarted { count, at: None, why: why.to_owned() });
        let long = of(4, &format!("CannotPullContainerError: \x1b[31m{}", "x".repeat(1_000)));
        let begins = "acme/staging/web: 4 tasks never started, so they have no lines; the last one: CannotPull";
        assert!(long.starts_with(begins) && long.contains("␛[31m") && long.chars().count() < 500, "{long}");
        assert_eq!(of(1, ""), "acme/staging/web: a task never started, so it has no lines: ECS does not say why");
    }

    #[test]
    fn a_line_for_programs_is_what_was_written_and_still_moves_no_cursor() {
        for message in ["GET /", "\x1b[31m\u{9b}\u{7f}\u{202e}\u{e0041}", "ü 日本 😀 \"\\\n"] {
            let json = written(message, Form::Json);
            let read: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
            assert_eq!(read.get("message").and_then(serde_json::Value::as_str), Some(message));
            assert_eq!(clean(json.trim_end_matches('\n')), json.trim_end_matches('\n'));
        }
    }
}
