//! Reads of log lines: some streams of one log group, in a stretch of time.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client as Logs;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::builders::FilterLogEventsFluentBuilder;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;

use super::client::{ContextClient, RequestInfo, service_client};
use super::error::protocol_error;
use crate::fleet::operation::AwsService;
use crate::fleet::{CloudError, LogLine, LogSource, Operation, Payload, Priority, Response, Streams, Trouble, Window};

service_client!(aws_sdk_cloudwatchlogs, AwsService::Logs);

/// Pages of one answer; one holds 10,000 lines or a megabyte, and may hold none though there are more.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
const PAGES: usize = 10;
/// Lines after which no further page is asked for.
const LINES: usize = 20_000;
/// Pages, with lines or without: there is an empty one for each stretch that it has searched.
const MOST: usize = 1_000;

/// How long a further page is waited for before what came is handed over without it.
const PATIENCE: Duration = Duration::from_secs(8);

/// Searches that were left without a line, and are remembered: more are never in progress at once.
const SEARCHES: usize = 1_000;

/// Where searches are in which no line shows how far they have come: the page that comes next of each.
#[derive(Default)]
pub(super) struct Searches(Mutex<BTreeMap<(LogSource, Window), String>>);

impl Searches {
    /// Where the same search was left; from now on it is in progress again.
    fn resume(&self, source: &LogSource, window: Window) -> Option<String> {
        let mut searches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        searches.remove(&(source.clone(), window))
    }

    fn leave(&self, source: &LogSource, window: Window, token: String) {
        let mut searches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        searches.insert((source.clone(), window), token);
        if searches.len() > SEARCHES {
            searches.pop_first();
        }
    }
}

/// What was written to `source` within `window`: page after page until there are no more, or until
/// [`PAGES`] pages with lines or [`LINES`] lines have come, or the next page takes longer than
/// [`PATIENCE`]. Then the answer is a part, which its last line ends: whoever asks again from there on
/// goes on where it ended.
///
/// No line shows how far [`MOST`] pages without any have searched. Then the answer is a part that has none, and
/// whoever asks the same again goes on with the page after them; so does whoever asks again after an error that
/// passes. A token that AWS takes no more (it lasts a day) is an error, after which the search begins again.
pub(super) async fn lines(client: &ContextClient, lane: Priority, source: &LogSource, window: Window) -> Response {
    let region = source.region.as_deref().unwrap_or(&client.context.region);
    let info = RequestInfo::new(Operation::FilterLogEvents, format!("log group {}", source.group)).in_region(region);
    let logs: Logs = client.sdk_in(region);
    let (mut lines, mut full, mut pages, mut token) = (vec![], 0, 0, client.searches.resume(source, window));
    let error = loop {
        let request = asked(logs.filter_log_events(), source, window).set_next_token(token.clone());
        let page = client.send(lane, &info, request.send());
        let page = match go_on(&lines, window) {
            GoOn::Possible => tokio::time::timeout(PATIENCE, page).await,
            GoOn::Impossible => Ok(page.await),
        };
        let page = match page {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => break Some(error),
            Err(_) => break Some(late(&info, &lines)),
        };
        let came = page.events.unwrap_or_default();
        (full, pages) = (full + usize::from(!came.is_empty()), pages + 1);
        lines.extend(came.into_iter().filter_map(|event| line(&source.group, event)));
        match page.next_token.filter(|token| !token.is_empty()) {
            None => break None,
            Some(next) if Some(&next) == token.as_ref() => {
                break Some(protocol_error(
                    &info,
                    Trouble::Unreadable,
                    "the pages repeat",
                    "Does an emulator send them?",
                ));
            }
            Some(next) => token = Some(next),
        }
        if is_enough(&lines, full, window) || pages >= MOST {
            let message = format!("more than {} lines in {pages} pages: {}", lines.len(), read_to(&lines));
            break Some(protocol_error(&info, Trouble::Throttled, &message, "wharf reads the rest by itself."));
        }
    };
    if let (Some(error), Some(token), GoOn::Impossible) = (&error, token, go_on(&lines, window))
        && error.is_transient()
    {
        client.searches.leave(source, window, token);
    }
    lines.sort();
    match error {
        Some(error) if lines.is_empty() && !(pages >= MOST && error.is_transient()) => Response::Failed(error),
        error => super::answer(Payload::LogEvents(lines), error),
    }
}

/// Whether a part of these lines could be gone on from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum GoOn {
    Possible,
    /// It would end within its first millisecond.
    Impossible,
}

fn go_on(lines: &[LogLine], window: Window) -> GoOn {
    if lines.iter().any(|line| line.at > window.from) { GoOn::Possible } else { GoOn::Impossible }
}

fn is_enough(lines: &[LogLine], pages: usize, window: Window) -> bool {
    (pages >= PAGES || lines.len() >= LINES) && go_on(lines, window) == GoOn::Possible
}

fn read_to(lines: &[LogLine]) -> String {
    lines.iter().map(|line| line.at).max().map_or_else(|| "nothing read".to_owned(), |last| format!("read to {last}"))
}

fn late(info: &RequestInfo, lines: &[LogLine]) -> CloudError {
    let message = format!("no further page within {} s: {}", PATIENCE.as_secs(), read_to(lines));
    protocol_error(info, Trouble::TimedOut, &message, "wharf reads the rest by itself.")
}

fn asked(request: FilterLogEventsFluentBuilder, source: &LogSource, window: Window) -> FilterLogEventsFluentBuilder {
    let request = request.log_group_name(&source.group).start_time(window.from.as_millisecond());
    let request = request.set_end_time(window.until.map(Timestamp::as_millisecond));
    match &source.streams {
        Streams::Named(names) => request.set_log_stream_names(Some(names.clone())),
        Streams::Prefix(prefix) => request.log_stream_name_prefix(prefix),
        Streams::All => request,
    }
}

/// A line; nothing where the answer does not even say when it was written.
fn line(group: &str, event: FilteredLogEvent) -> Option<LogLine> {
    let at = Timestamp::from_millisecond(event.timestamp?).ok()?;
    let ingested_at = event.ingestion_time.and_then(|millis| Timestamp::from_millisecond(millis).ok()).unwrap_or(at);
    let stream = event.log_stream_name.unwrap_or_default();
    let message = event.message.unwrap_or_default();
    // An emulator may leave the id out: then what is alike in all is the same.
    let id = event.event_id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("{stream} {at} {message}"));
    Some(LogLine { at, ingested_at, id, group: group.to_owned(), stream, message })
}
