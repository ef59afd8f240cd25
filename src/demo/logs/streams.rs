//! `DescribeLogStreams` and `CreateLogStream`.

use jiff::Timestamp;
use serde_json::Value;

use super::super::doc::Doc;
use super::super::ecs::Moment;
use super::super::page::page;
use super::super::world::Region;
use super::super::world::logs::Stream;
use super::lines::Line;
use super::scan::{Gap, Source, backward, forward, sources};
use super::{Input, Refusal, arn, group, limit, named, no_group, token};

/// Default page size.
const PAGE: usize = 50;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
pub(super) fn describe(region: &Region, input: &Input, now: Timestamp) -> Result<Value, Refusal> {
    let (name, _) = group(region, input)?;
    let prefix = input.text("logStreamNamePrefix")?;
    let order = input.word("orderBy", &["LogStreamName", "LastEventTime"])?.unwrap_or("LogStreamName");
    let descending = input.flag("descending")?.unwrap_or(false);
    if order == "LastEventTime" && prefix.is_some() {
        return Err(Refusal::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut found = sources(region, name, now, |stream| prefix.is_none_or(|prefix| stream.starts_with(prefix)));
    if order == "LastEventTime" {
        found.sort_by_cached_key(|source| last(source).map(|line| line.key.at));
    }
    if descending {
        found.reverse();
    }
    let place = &region.place;
    let list = [
        "DescribeLogStreams",
        &place.account,
        &place.region,
        name,
        prefix.unwrap_or("-"),
        order,
        if descending { "down" } else { "up" },
    ];
    let names = found.iter().map(|source| source.stream.clone()).collect();
    let page = page(&list, names, limit(input, PAGE)?, input.text("nextToken")?).ok_or_else(token)?;
    let shown = found.iter().filter(|source| page.items.contains(&source.stream));
    let shown = shown.map(|source| show(source, &arn(place, name)));
    Ok(Doc::new().list("logStreams", shown).maybe("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
pub(super) fn create(region: &mut Region, input: &Input, moment: Moment) -> Result<Value, Refusal> {
    let name = named(input, "logStreamName", |letter| letter != ':' && letter != '*')?;
    let of = input.text("logGroupName")?.unwrap_or_default();
    if !region.log_groups.contains_key(of) {
        return Err(no_group());
    }
    let written = !sources(region, of, moment.now, |stream| stream == name).is_empty();
    let group = region.log_groups.get_mut(of).ok_or_else(no_group)?;
    if written {
        return Err(Refusal::new("ResourceAlreadyExistsException", "The specified log stream already exists"));
    }
    group.streams.insert(name.to_owned(), Stream::new(moment.now));
    Ok(Doc::new().into())
}

fn show(source: &Source<'_>, group: &str) -> Doc {
    let (first, last) = (forward(std::slice::from_ref(source), &Gap::at(0), i64::MAX, 1, &|_| true), last(source));
    Doc::new()
        .set("logStreamName", source.stream.as_str())
        .set("creationTime", source.created)
        .maybe("firstEventTimestamp", first.lines.first().map(|line| line.key.at))
        .maybe("lastEventTimestamp", last.as_ref().map(|line| line.key.at))
        .maybe("lastIngestionTime", last.as_ref().map(|line| line.key.ingested))
        .set("uploadSequenceToken", "49039859646000000000000000000000000000000000000000000000")
        .set("arn", format!("{group}:log-stream:{}", source.stream))
        // As with AWS since 2019.
        .set("storedBytes", 0)
}

/// The last line of the stream that has been ingested.
fn last(source: &Source<'_>) -> Option<Line> {
    backward(source, &Gap::at(i64::MAX), 0, 1).lines.pop()
}
