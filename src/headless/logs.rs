//! Log lines without a screen: read once up to now, or followed until somebody has had enough.

mod reader;
mod says;

use std::io::{self, Write};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use super::gather::Depth;
use super::report::Report;
use super::{Surface, complain, write};
use crate::args::Logs;
use crate::fleet::{Answer, Ask, Lane, clean};
use crate::signals::Signals;
use crate::start::Outcome;
use reader::Reader;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(250);
/// Prints the lines of a target: those up to now, or also those that are written from now on, until a
/// signal comes or nobody reads on, which is well.
///
/// Reads AWS for 24 s at most before the first line is asked for. Fails only where `out` or `err`
/// cannot be written to.
pub async fn logs(
    surface: &Surface<'_>,
    logs: &Logs,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<Outcome> {
    let mut signals = Signals::new()?;
    tokio::select! {
        biased;
        _ = signals.end() => Ok(Outcome::Well),
        printed = print(surface, logs, out, err) => match printed {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Well),
            printed => printed,
        },
    }
}

async fn print(surface: &Surface<'_>, logs: &Logs, out: &mut impl Write, err: &mut impl Write) -> io::Result<Outcome> {
    let report = Report::new(surface, Depth::Names, Some(&logs.target)).await;
    complain(err, &report)?;
    let whole = report.is_whole();
    let mut reader = match Reader::new(logs, report, (surface.clock)()) {
        Ok(reader) => reader,
        Err(missing) => {
            let blind = if whole { "" } else { "in what could be read there is " };
            write(err, &format!("wharf: {blind}{missing}\n"))?;
            return Ok(if whole { Outcome::NotUnderstood } else { Outcome::Unread });
        }
    };
    let mut under_way: FuturesUnordered<BoxFuture<'_, (Ask, Answer)>> = FuturesUnordered::new();
    loop {
        for ask in reader.due((surface.clock)()) {
            under_way.push(Box::pin(async move {
                let answer = surface.cloud.read(&ask, Lane::Screen).await;
                (ask, answer)
            }));
        }
        tokio::select! {
            biased;
            Some((ask, answer)) = under_way.next() => reader.take(&ask, answer, (surface.clock)()),
            () = tokio::time::sleep(TICK) => {}
        }
        for says in reader.complaints() {
            write(err, &format!("wharf: {}\n", clean(&says)))?;
        }
        let text = reader.lines().map_err(io::Error::other)?;
        if !text.is_empty() {
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
        if let Some(outcome) = reader.outcome((surface.clock)()) {
            return Ok(if whole || outcome != Outcome::Well { outcome } else { Outcome::Unread });
        }
    }
}
