//! `GetLogEvents`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::doc::Doc;
use super::super::page::{open, seal};
use super::super::world::Region;
use super::super::world::logs::Key;
use super::scan::{Gap, Side, backward, forward, sources};
use super::{EVENTS, Input, Refusal, group, limit, moment, no_stream, token};

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
pub(super) fn get(region: &Region, input: &Input, now: Timestamp) -> Result<Value, Refusal> {
    let (group, _) = group(region, input)?;
    let name = input.text("logStreamName")?.unwrap_or_default();
    let found = sources(region, group, now, |stream| stream == name);
    let Some(source) = found.first() else { return Err(no_stream()) };
    let from = moment(input, "startTime")?.unwrap_or(0);
    // Unlike in FilterLogEvents, `endTime` is exclusive.
    let until = moment(input, "endTime")?.unwrap_or(i64::MAX).max(from);
    let count = limit(input, EVENTS)?;
    let list = ["GetLogEvents", &region.place.account, &region.place.region, group, name];
    let head = input.flag("startFromHead")?.unwrap_or(false);
    let stretch = match input.text("nextToken")? {
        None if head => forward(&found, &Gap::at(from), until, count, &|_| true),
        None => {
            let mut stretch = backward(source, &Gap::at(until), from, count);
            if stretch.lines.is_empty() && stretch.over {
                // No lines yet: both tokens lead to those that come later.
                (stretch.lower, stretch.upper) = (Gap::at(from), Gap::at(from));
            }
            stretch
        }
        Some(token) => match read(&list, token)? {
            (Way::Forward, gap) => forward(&found, &gap.max(Gap::at(from)), until, count, &|_| true),
            (Way::Backward, gap) => backward(source, &gap.min(Gap::at(until)), from, count),
        },
    };
    let events = stretch.lines.iter().map(|line| {
        Doc::new()
            .set("timestamp", line.key.at)
            .set("message", line.message.as_str())
            .set("ingestionTime", line.key.ingested)
    });
    let answer = Doc::new()
        .list("events", events)
        .set("nextForwardToken", write(&list, Way::Forward, &stretch.upper))
        .set("nextBackwardToken", write(&list, Way::Backward, &stretch.lower));
    Ok(answer.into())
}

/// The direction of a token.
#[derive(Clone, Copy)]
enum Way {
    Forward,
    Backward,
}

fn write(list: &[&str], way: Way, gap: &Gap) -> String {
    let (way, Gap { key, side }) = (if matches!(way, Way::Forward) { "f/" } else { "b/" }, gap);
    let side = if *side == Side::After { "after" } else { "before" };
    format!("{way}{}", seal(list, 0, &format!("{side} {} {} {}", key.at, key.ingested, key.id)))
}

fn read(list: &[&str], text: &str) -> Result<(Way, Gap), Refusal> {
    let place = || {
        let (way, sealed) = match text.split_at_checked(2)? {
            ("f/", sealed) => (Way::Forward, sealed),
            ("b/", sealed) => (Way::Backward, sealed),
            _ => return None,
        };
        let (_, shown) = open(list, sealed)?;
        let mut parts = shown.splitn(4, ' ');
        let side = if parts.next()? == "after" { Side::After } else { Side::Before };
        let (at, ingested) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some((way, Gap { key: Key { at, ingested, id: parts.next()?.to_owned() }, side }))
    };
    place().ok_or_else(token)
}
