//! Generates the lines that containers write: at their start, in normal operation and at their end.

use jiff::Timestamp;
use serde_json::json;

use super::super::random::Random;
use super::super::world::logs::{ContainerEnd, LogWriter};

/// The format of a container's lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineFormat {
    /// One JSON object per line.
    Json,
    /// A web server's access log.
    Access,
    /// Time, level and text.
    Plain,
    /// Like `Plain`, for a terminal: with colours and a progress bar.
    Coloured,
}

/// The severity of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Info,
    Warn,
    Error,
}

/// The lines of a start, with milliseconds after it; less than 4,000.
pub(super) fn startup_lines(writer: &LogWriter) -> Vec<(i64, String)> {
    let LogWriter { container, version, memory, .. } = writer;
    let texts = [
        (120, format!("starting {container} {version}")),
        (480, format!("configuration loaded; memory limit {memory} MiB")),
        (1_900, "connected to the database in 212 ms".to_owned()),
        (3_100, "ready".to_owned()),
    ];
    let line = |(after, text): (i64, String)| (after, format_line(writer, writer.since + after, Level::Info, &text));
    texts.into_iter().map(line).collect()
}

/// A line of normal operation.
pub(super) fn routine_line(writer: &LogWriter, at: i64, random: &mut Random) -> String {
    if at % 60_000 == 0 {
        let text =
            format!("minute report: {} requests, {} open connections", random.between(40, 900), random.below(60));
        return format_line(writer, at, Level::Info, &text);
    }
    let level = match random.below(90) {
        0 => Level::Error,
        1..=3 => Level::Warn,
        _ => Level::Info,
    };
    if line_format(writer) == LineFormat::Access && level == Level::Info {
        return access_line(at, random);
    }
    if line_format(writer) == LineFormat::Coloured && random.below(20) == 0 {
        let percent = random.between(1, 99);
        return format!(
            "\u{1b}]0;{} {percent} %\u{7}\u{1b}[2K\r\u{1b}[1;34mexport\u{1b}[0m {percent} % \u{8}",
            writer.container
        );
    }
    let text = match level {
        Level::Info => pick(random, &INFO),
        Level::Warn => pick(random, &WARN),
        Level::Error => pick(random, &ERROR),
    };
    let (number, span) = (random.digits(5), random.between(2, 480));
    format_line(writer, at, level, &text.replace("{n}", &number).replace("{ms}", &span.to_string()))
}

/// The lines of an end, with milliseconds relative to it: from −2,500 to less than 1,000.
pub(super) fn shutdown_lines(writer: &LogWriter, end: ContainerEnd) -> Vec<(i64, String)> {
    let memory = writer.memory;
    let lines: Vec<(i64, Level, String)> = match end {
        ContainerEnd::Killed => vec![
            (-2_200, Level::Warn, format!("memory at {} of {memory} MiB, collecting", memory - memory / 16)),
            (-900, Level::Error, format!("memory at {} of {memory} MiB after collection", memory - memory / 64)),
            (-150, Level::Error, "cannot allocate 16777216 bytes: out of memory".to_owned()),
        ],
        ContainerEnd::Exited(0) => vec![(-400, Level::Info, "finished; 48113 rows written".to_owned())],
        ContainerEnd::Exited(code) => vec![
            (
                -700,
                Level::Error,
                "unhandled error: relation \"benefits\" does not exist\n    at migrate (/app/db.js:88:11)\n    at main \
                 (/app/server.js:14:3)"
                    .to_owned(),
            ),
            (-60, Level::Error, format!("exiting with code {code}")),
        ],
        ContainerEnd::Unhealthy => vec![
            (-2_400, Level::Warn, "health check answered 503: no connection to the database in zone".to_owned()),
            (-800, Level::Error, "health check answered 503 for the third time".to_owned()),
            (300, Level::Info, "SIGTERM received".to_owned()),
        ],
        ContainerEnd::Stopped => vec![
            (50, Level::Info, "SIGTERM received, finishing open requests".to_owned()),
            (650, Level::Info, "all requests finished, bye".to_owned()),
        ],
    };
    let line = |(after, level, text): (i64, Level, String)| {
        let at = writer.end.map_or(writer.since, |(end, _)| end) + after;
        (after, format_line(writer, at, level, &text))
    };
    lines.into_iter().map(line).collect()
}

const INFO: [&str; 8] = [
    "leave request {n} approved in {ms} ms",
    "payslip {n} rendered in {ms} ms",
    "session {n} opened",
    "session {n} closed after {ms} ms",
    "queue personnel-changes: message {n} handled in {ms} ms",
    "cache: {n} entries, refreshed in {ms} ms",
    "GET /employees/{n} 200 {ms} ms",
    "benefits of employee {n} synchronised in {ms} ms",
];

const WARN: [&str; 3] = [
    "slow query: 1{ms} ms for payroll_{n}",
    "retrying message {n} in {ms} ms",
    "connection pool nearly used up: 19 of 20",
];

const ERROR: [&str; 3] = [
    "message {n} could not be handled: timeout after 5{ms} ms",
    "payroll export {n} failed: upstream answered 502",
    "employee {n}: address has no postal code",
];

fn pick<'a>(random: &mut Random, texts: &[&'a str]) -> &'a str {
    let at = usize::try_from(random.below(texts.len() as u64)).unwrap_or(0);
    texts.get(at).copied().unwrap_or_default()
}

fn line_format(writer: &LogWriter) -> LineFormat {
    match writer.container.as_str() {
        "api" => LineFormat::Json,
        "web" => LineFormat::Access,
        "relay" | "worker" => LineFormat::Coloured,
        _ => LineFormat::Plain,
    }
}

fn format_line(writer: &LogWriter, at: i64, level: Level, text: &str) -> String {
    let time = Timestamp::from_millisecond(at).unwrap_or_default();
    let (word, colour) = match level {
        Level::Info => ("INFO", 32),
        Level::Warn => ("WARN", 33),
        Level::Error => ("ERROR", 31),
    };
    match line_format(writer) {
        LineFormat::Json => {
            let level = word.to_lowercase();
            json!({ "time": format!("{time:.3}"), "level": level, "service": writer.container, "message": text })
                .to_string()
        }
        LineFormat::Access | LineFormat::Plain => format!("{time:.3} {word} {text}"),
        LineFormat::Coloured => format!("{time:.3} \u{1b}[{colour}m{word}\u{1b}[0m {text}"),
    }
}

fn access_line(at: i64, random: &mut Random) -> String {
    let time = Timestamp::from_millisecond(at).unwrap_or_default().strftime("%d/%b/%Y:%H:%M:%S +0000");
    let path = pick(random, &["/", "/login", "/employees", "/payslips", "/healthz", "/static/app.js", "/leave/new"]);
    let status = if random.below(25) == 0 { 404 } else { 200 };
    let (host, bytes, span) = (random.between(2, 250), random.between(180, 48_000), random.between(1, 220));
    format!("10.20.4.{host} - - [{time}] \"GET {path} HTTP/1.1\" {status} {bytes} {span}ms")
}
