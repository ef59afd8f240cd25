//! `FilterLogEvents`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::doc::Doc;
use super::super::page::{open, seal};
use super::super::random::Random;
use super::super::world::Region;
use super::super::world::logs::Key;
use super::pattern::Pattern;
use super::scan::{Gap, Side, Source, forward, sources};
use super::{EVENTS, Input, Refusal, group, limit, moment, no_stream, token};

/// The most streams in one request.
const STREAMS: usize = 100;

/// How long a token is valid; seconds.
const GOOD: i64 = 24 * 60 * 60;

/// One in this many pages has no events although there are more, as with AWS, which may search a part without a match.
const BARE: u64 = 5;

/// The start of a page, and whether the page before it was empty.
struct Place {
    gap: Gap,
    bare: bool,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
pub(super) fn filter(region: &Region, input: &Input, now: Timestamp) -> Result<Value, Refusal> {
    let (name, _) = group(region, input)?;
    if input.flag("startFromHead")? == Some(false) {
        return Err(Refusal::invalid("The embedded AWS does not support reading a log from its end."));
    }
    let from = moment(input, "startTime")?.unwrap_or(0);
    let last = moment(input, "endTime")?;
    if last.is_some_and(|last| last < from) {
        return Err(Refusal::invalid("endTime must not be before startTime"));
    }
    let until = last.map_or(i64::MAX, |last| last.saturating_add(1));
    let pattern = Pattern::parse(input.text("filterPattern")?.unwrap_or_default())?;
    let sources = asked(region, input, name, now)?;
    let count = limit(input, EVENTS)?;
    let question = question(region, input, name);
    let question: Vec<&str> = question.iter().map(String::as_str).collect();
    let place = match input.text("nextToken")? {
        None => Place { gap: Gap::at(from), bare: false },
        Some(token) => read(&question, token, now)?,
    };
    if !place.bare && bare(&question, &place.gap) {
        let next = write(&question, &Place { bare: true, ..place }, now);
        return Ok(answer(vec![], Some(next)));
    }
    let stretch = forward(&sources, &place.gap, until, count, &|message| pattern.matches(message));
    let next = (!stretch.over).then(|| write(&question, &Place { gap: stretch.upper, bare: false }, now));
    let events = stretch.lines.into_iter().map(|line| {
        Doc::new()
            .set("logStreamName", line.stream)
            .set("timestamp", line.key.at)
            .set("message", line.message)
            .set("ingestionTime", line.key.ingested)
            .set("eventId", line.key.id)
    });
    Ok(answer(events.map(Value::from).collect(), next))
}

fn answer(events: Vec<Value>, next: Option<String>) -> Value {
    // "searchedLogStreams: this list is always empty."
    Doc::new().list("events", events).list("searchedLogStreams", Vec::<Doc>::new()).maybe("nextToken", next).into()
}

/// The streams of the request.
fn asked<'a>(region: &'a Region, input: &Input, group: &str, now: Timestamp) -> Result<Vec<Source<'a>>, Refusal> {
    let (names, prefix) = (input.list("logStreamNames")?, input.text("logStreamNamePrefix")?);
    let Some(names) = names else {
        return Ok(sources(region, group, now, |stream| prefix.is_none_or(|prefix| stream.starts_with(prefix))));
    };
    if prefix.is_some() {
        return Err(Refusal::invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."));
    }
    if names.is_empty() || names.len() > STREAMS {
        let message = "1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: Member must \
                       have length between 1 and 100";
        return Err(Refusal::invalid(message));
    }
    let found = sources(region, group, now, |stream| names.contains(&stream));
    if names.iter().any(|name| !found.iter().any(|source| source.stream == **name)) {
        return Err(no_stream());
    }
    Ok(found)
}

/// The request that a token belongs to.
fn question(region: &Region, input: &Input, group: &str) -> Vec<String> {
    let place = [&region.place.account, &region.place.region, group];
    let asked = ["logStreamNames", "logStreamNamePrefix", "startTime", "endTime", "filterPattern"];
    let asked = asked.into_iter().map(|key| input.written(key));
    ["FilterLogEvents"]
        .into_iter()
        .chain(place.into_iter().map(|part| part as &str))
        .map(str::to_owned)
        .chain(asked)
        .collect()
}

/// Whether the page that starts here is empty.
fn bare(question: &[&str], gap: &Gap) -> bool {
    let place = [gap.key.at.to_string(), gap.key.id.clone()];
    let words: Vec<&str> = question.iter().copied().chain(place.iter().map(String::as_str)).collect();
    Random::from_words(&words).below(BARE) == 0
}

fn write(question: &[&str], place: &Place, now: Timestamp) -> String {
    let Place { gap: Gap { key, side }, bare } = place;
    let bare = if *bare { "bare" } else { "full" };
    let side = if *side == Side::After { "after" } else { "before" };
    let issued = usize::try_from(now.as_second()).unwrap_or(0);
    seal(question, issued, &format!("{bare} {side} {} {} {}", key.at, key.ingested, key.id))
}

fn read(question: &[&str], text: &str, now: Timestamp) -> Result<Place, Refusal> {
    let (issued, shown) = open(question, text).ok_or_else(token)?;
    let issued = i64::try_from(issued).map_err(|_| token())?;
    if now.as_second() - issued > GOOD {
        return Err(Refusal::invalid("The specified nextToken has expired."));
    }
    let place = || {
        let mut parts = shown.splitn(5, ' ');
        let bare = parts.next()? == "bare";
        let side = if parts.next()? == "after" { Side::After } else { Side::Before };
        let (at, ingested) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let key = Key { at, ingested, id: parts.next()?.to_owned() };
        Some(Place { gap: Gap { key, side }, bare })
    };
    place().ok_or_else(token)
}
