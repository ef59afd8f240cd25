//! Drives an execution: asks, writes, calls and waits as it orders, and tells those who watch.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::error::TryRecvError;

use crate::aws::{Clock, Cloud};
use crate::fleet::{Answer, Ask, Lane};
use crate::log_file::name;
use crate::plan::{Execution, Line, News, Order, Part, Progress};

/// What is wished of a plan under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steer {
    /// Begin no more steps; or go on, if that was so already.
    Pause,
    /// Leave everything untouched that was not begun.
    GiveUp,
    /// End, because of this: `quit`, `SIGTERM`, `SIGHUP`, ….
    Stop(String),
}

/// What those who watch are told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// How the plan stands, as soon as that changes.
    Progress(Progress),
    /// What was asked on the way, and answered.
    Witnessed(Ask, Box<Answer>),
}

/// How long calls under way are waited for once told to end: wharf is to be gone within ten seconds.
pub const LAST_WAIT: Duration = Duration::from_secs(8);

/// Carries `execution` out to its end, or until it is told to stop.
///
/// Every line of the journal goes to `write`, which returns once it lasts; nothing is called before
/// that. All of it happens in the one task that polls this future: dropped, it leaves everything as a
/// crash would. Once told to stop, or once nobody steers any more, reads and pauses are dropped, calls
/// are waited for [`LAST_WAIT`] at most, and the journal says what was left.
pub async fn perform(
    execution: Execution,
    cloud: &Cloud,
    write: impl FnMut(&Line) -> io::Result<()>,
    clock: &Clock,
    mut steering: UnboundedReceiver<Steer>,
    tell: impl FnMut(Told),
) -> Progress {
    let (calls, rest) = (FuturesUnordered::new(), FuturesUnordered::new());
    let mut drive = Drive { execution, cloud, write, clock, tell, calls, rest, last: None };
    let mut limit: Option<Limit> = None;
    loop {
        // What was said already comes before what is ordered next.
        while limit.is_none() {
            match steering.try_recv() {
                Ok(steer) => limit = drive.steer(steer),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => limit = drive.steer(gone()),
            }
        }
        let progress = drive.obey();
        if progress.phase.is_over() {
            return progress;
        }
        tokio::select! {
            biased;
            steer = steering.recv(), if limit.is_none() => limit = drive.steer(steer.unwrap_or_else(gone)),
            Some(errand) = drive.calls.next() => drive.done(errand),
            Some(errand) = drive.rest.next() => drive.done(errand),
            () = reached(limit.as_mut()) => {
                drive.calls.clear();
                drive.execution.abandon();
                return drive.obey();
            }
        }
    }
}

type Limit = Pin<Box<tokio::time::Sleep>>;

/// An order that takes its time, carried out.
struct Errand {
    part: Part,
    news: News,
    asked: Option<Ask>,
}

struct Drive<'a, W, T> {
    execution: Execution,
    cloud: &'a Cloud,
    write: W,
    clock: &'a Clock,
    tell: T,
    calls: FuturesUnordered<BoxFuture<'a, Errand>>,
    /// Reads and pauses.
    rest: FuturesUnordered<BoxFuture<'a, Errand>>,
    /// What was told last.
    last: Option<Progress>,
}

impl<W, T> Drive<'_, W, T>
where
    W: FnMut(&Line) -> io::Result<()>,
    T: FnMut(Told),
{
    /// Sets everything going that is ordered now, and tells how things stand.
    fn obey(&mut self) -> Progress {
        loop {
            let orders = self.execution.orders((self.clock)());
            if orders.is_empty() {
                break;
            }
            for (part, order) in orders {
                self.begin(part, order);
            }
        }
        let progress = self.execution.progress();
        if self.last.as_ref() != Some(&progress) {
            (self.tell)(Told::Progress(progress.clone()));
            self.last = Some(progress.clone());
        }
        progress
    }

    fn begin(&mut self, part: Part, order: Order) {
        let cloud = self.cloud;
        match order {
            Order::Write(entry) => {
                let at = (self.clock)();
                tracing::info!(plan = %self.execution.plan().id, kind = name(&entry), "journal entry");
                let news = match (self.write)(&Line { at, entry }) {
                    Ok(()) => News::Written,
                    Err(error) => News::Unwritten(error.to_string()),
                };
                self.execution.told(part, news, at);
            }
            Order::Call(call) => self.calls.push(Box::pin(async move {
                Errand { part, news: News::Called(cloud.change(&call).await), asked: None }
            })),
            Order::Read(ask) => self.rest.push(Box::pin(async move {
                let answer = cloud.read(&ask, Lane::Change).await;
                Errand { part, news: News::Answered(Box::new(answer)), asked: Some(ask) }
            })),
            Order::Wait(length) => self.rest.push(Box::pin(async move {
                tokio::time::sleep(length).await;
                Errand { part, news: News::Waited, asked: None }
            })),
        }
    }

    fn done(&mut self, errand: Errand) {
        if let (Some(ask), News::Answered(answer)) = (errand.asked, &errand.news) {
            (self.tell)(Told::Witnessed(ask, answer.clone()));
        }
        self.execution.told(errand.part, errand.news, (self.clock)());
    }

    /// Does as is wished; gives the time until which calls are waited for, if it is to end.
    fn steer(&mut self, steer: Steer) -> Option<Limit> {
        match steer {
            Steer::Pause => self.execution.pause(),
            Steer::GiveUp => self.execution.give_up(),
            Steer::Stop(by) => {
                self.rest.clear();
                self.execution.halt(&by);
                return Some(Box::pin(tokio::time::sleep(LAST_WAIT)));
            }
        }
        None
    }
}

/// What it means that nobody steers any more.
fn gone() -> Steer {
    Steer::Stop("quit".to_owned())
}

/// Waits for `limit`; for ever where there is none.
async fn reached(limit: Option<&mut Limit>) {
    match limit {
        Some(limit) => limit.await,
        None => std::future::pending().await,
    }
}
