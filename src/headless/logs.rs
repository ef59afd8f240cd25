//! Log lines without a screen: read once up to now, or followed until somebody has had enough.

mod deadline;
mod output;
mod reader;
mod selection;
mod writer;

use std::io;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::io::AsyncWrite;

use super::Session;
use super::report::Report;
use crate::args::{Following, Logs};
use crate::cli::Outcome;
use crate::fleet::{Priority, Query, Response};
use crate::signals::Signals;
use deadline::{Asked, Deadline};
use reader::Reader;
use selection::TargetKind;
use writer::Writer;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(250);
/// How long, after a signal, what is being written is waited for: whoever reads gets whole lines.
const LAST: Duration = Duration::from_secs(2);

/// Prints the lines of a target: those up to now, or also those that are written from now on, until a
/// signal comes or nobody reads on, which is well. A signal ends it within two seconds though `out` or `err`
/// takes nothing, as long as waiting for them does not hold up the thread.
///
/// What cannot be read ends it within 25 s, all in all; where AWS still answers by then it goes on, and
/// ends 10 s after the last answer at the latest. Whoever follows what could be read once waits for more
/// without end. Fails only where `out` or `err` cannot be written to.
pub async fn logs(
    surface: &Session<'_>,
    logs: &Logs,
    out: &mut (impl AsyncWrite + Unpin),
    err: &mut (impl AsyncWrite + Unpin),
) -> io::Result<Outcome> {
    let mut signals = Signals::new()?;
    let (mut out, mut err) = (Writer::new(out), Writer::new(err));
    let printed = tokio::select! {
        biased;
        _ = signals.end() => {
            let finish = async { (out.finish().await, err.finish().await) };
            // Whoever does not read by then, or has gone, is not waited for.
            let _ = tokio::time::timeout(LAST, finish).await;
            return Ok(Outcome::Well);
        }
        printed = print(surface, logs, &mut out, &mut err) => printed,
    };
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Well),
        printed => printed,
    }
}

async fn print(
    surface: &Session<'_>,
    logs: &Logs,
    out: &mut Writer<'_, impl AsyncWrite + Unpin>,
    err: &mut Writer<'_, impl AsyncWrite + Unpin>,
) -> io::Result<Outcome> {
    let mut deadline = Deadline::new((surface.clock)());
    let report = reported(surface, logs, &mut deadline, err).await?;
    err.say(report.complaints()).await?;
    let whole = report.is_whole();
    let mut reader = match Reader::new(logs, surface.rules, report, deadline, (surface.clock)()) {
        Ok(reader) => reader,
        Err(missing) => {
            let blind = if whole { "" } else { "in what could be read there is " };
            err.say([format!("{blind}{missing}")]).await?;
            return Ok(if whole { Outcome::NotUnderstood } else { Outcome::Unread });
        }
    };
    let (mut printed, mut caught_up) = (false, false);
    let mut under_way: FuturesUnordered<BoxFuture<'_, (Query, Response)>> = FuturesUnordered::new();
    loop {
        for ask in reader.due((surface.clock)()) {
            under_way.push(Box::pin(async move {
                let answer = surface.cloud.read(&ask, Priority::Screen).await;
                (ask, answer)
            }));
        }
        reader.note(surface.cloud.answers(), (surface.clock)());
        tokio::select! {
            biased;
            Some((ask, answer)) = under_way.next() => reader.take(&ask, answer, (surface.clock)()),
            () = tokio::time::sleep(TICK) => {}
        }
        let now = (surface.clock)();
        let outcome = reader.outcome(now);
        err.say(reader.complaints()).await?;
        if outcome == Some(Outcome::Unread) {
            // What waits for its turn must be seen before it is given up.
            err.say(reader.given_up(&surface.cloud.pressure(), now)).await?;
        }
        let text = if outcome.is_some() { reader.rest() } else { reader.lines() };
        let text = text.map_err(io::Error::other)?;
        if !text.is_empty() {
            out.write(text).await?;
            printed = true;
        }
        // Whoever follows a silence should know that it is one.
        if logs.following == Following::Yes && reader.has_caught_up() && !std::mem::replace(&mut caught_up, true) {
            let nothing = reader.nothing().filter(|_| !printed);
            err.say(nothing.map(|says| format!("{says}; following"))).await?;
        }
        if let Some(outcome) = outcome {
            err.say(reader.nothing().filter(|_| !printed && outcome == Outcome::Well)).await?;
            return Ok(outcome);
        }
    }
}

/// Reads what there is; reports where that takes long, with --follow.
async fn reported(
    surface: &Session<'_>,
    logs: &Logs,
    deadline: &mut Deadline,
    err: &mut Writer<'_, impl AsyncWrite + Unpin>,
) -> io::Result<Report> {
    let mut report = std::pin::pin!(Report::new(surface, TargetKind::of(&logs.target).scope(), Some(&logs.target)));
    loop {
        tokio::select! {
            biased;
            report = &mut report => return Ok(report),
            () = tokio::time::sleep(TICK) => {}
        }
        let now = (surface.clock)();
        // However much comes: nothing is printed of it.
        deadline.note(0, Asked::Something, now);
        if logs.following == Following::Yes && deadline.speaks(now) {
            err.say(["still reading which clusters and services there are"]).await?;
        }
    }
}
