//! Drives an execution: asks, writes, calls and waits as it orders, and reports to those who watch.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::error::TryRecvError;

use crate::aws::{Clock, Cloud};
use crate::fleet::{Priority, Query, Response};
use crate::log_file::name;
use crate::plan::{Entry, Execution, Order, OrderResult, Progress, Scope};

/// What is requested of a plan in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Begin no more steps; or go on, if that was so already.
    Pause,
    /// Leave everything untouched that was not begun.
    GiveUp,
    /// End, because of this: `quit`, `SIGTERM`, `SIGHUP`, ….
    Stop(String),
}

/// What is reported to those who watch.
#[derive(Clone, Debug, PartialEq)]
pub enum Update {
    /// How the plan stands, as soon as that changes.
    Progress(Progress),
    /// What was asked on the way, and answered.
    Witnessed(Query, Box<Response>),
}

/// How long calls in progress are waited for once asked to end: wharf has to end within ten seconds.
pub const LAST_WAIT: Duration = Duration::from_secs(8);

/// Carries `execution` out to its end, or until it is asked to stop.
///
/// Every line of the journal goes to `write`, which returns once it lasts; nothing is called before
/// that. All of it happens in the one task that polls this future: dropped, it leaves everything as a
/// crash would. Once asked to stop, or once nobody steers any more, reads and pauses are dropped, calls
/// are waited for [`LAST_WAIT`] at most, and the journal says what was left.
pub async fn execute(
    execution: Execution,
    cloud: &Cloud,
    write: impl FnMut(&Entry) -> io::Result<()>,
    clock: &Clock,
    mut steering: UnboundedReceiver<Control>,
    tell: impl FnMut(Update),
) -> Progress {
    let (calls, rest) = (FuturesUnordered::new(), FuturesUnordered::new());
    let mut drive = Driver { execution, cloud, write, clock, tell, calls, rest, last: None };
    let mut limit: Option<Limit> = None;
    loop {
        // What was said already comes before what is ordered next.
        while limit.is_none() {
            match steering.try_recv() {
                Ok(steer) => limit = drive.steer(steer),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => limit = drive.steer(quit()),
            }
        }
        let progress = drive.carry_out_orders();
        if progress.phase.is_over() {
            return progress;
        }
        tokio::select! {
            biased;
            steer = steering.recv(), if limit.is_none() => limit = drive.steer(steer.unwrap_or_else(quit)),
            Some(errand) = drive.calls.next() => drive.done(errand),
            Some(errand) = drive.rest.next() => drive.done(errand),
            () = elapsed(limit.as_mut()) => {
                drive.calls.clear();
                drive.execution.give_up_waiting();
                return drive.carry_out_orders();
            }
        }
    }
}

type Limit = Pin<Box<tokio::time::Sleep>>;

/// An order that takes its time, carried out.
struct Pending {
    part: Scope,
    news: OrderResult,
    asked: Option<Query>,
}

struct Driver<'a, W, T> {
    execution: Execution,
    cloud: &'a Cloud,
    write: W,
    clock: &'a Clock,
    tell: T,
    calls: FuturesUnordered<BoxFuture<'a, Pending>>,
    /// Reads and pauses.
    rest: FuturesUnordered<BoxFuture<'a, Pending>>,
    /// What was reported last.
    last: Option<Progress>,
}

impl<W, T> Driver<'_, W, T>
where
    W: FnMut(&Entry) -> io::Result<()>,
    T: FnMut(Update),
{
    /// Sets everything going that is ordered now, and reports how things stand.
    fn carry_out_orders(&mut self) -> Progress {
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
            (self.tell)(Update::Progress(progress.clone()));
            self.last = Some(progress.clone());
        }
        progress
    }

    fn begin(&mut self, part: Scope, order: Order) {
        let cloud = self.cloud;
        match order {
            Order::Write(entry) => {
                let at = (self.clock)();
                tracing::info!(plan = %self.execution.plan().id, kind = name(&entry), "journal entry");
                let news = match (self.write)(&Entry { at, event: entry }) {
                    Ok(()) => OrderResult::Written,
                    Err(error) => OrderResult::Unwritten(error.to_string()),
                };
                self.execution.handle(part, news, at);
            }
            Order::Call(call) => self.calls.push(Box::pin(async move {
                Pending { part, news: OrderResult::Called(cloud.change(&call).await), asked: None }
            })),
            Order::Read(ask) => self.rest.push(Box::pin(async move {
                let answer = cloud.read(&ask, Priority::Change).await;
                Pending { part, news: OrderResult::Answered(Box::new(answer)), asked: Some(ask) }
            })),
            Order::Wait(length) => self.rest.push(Box::pin(async move {
                tokio::time::sleep(length).await;
                Pending { part, news: OrderResult::Waited, asked: None }
            })),
        }
    }

    fn done(&mut self, errand: Pending) {
        if let (Some(ask), OrderResult::Answered(answer)) = (errand.asked, &errand.news) {
            (self.tell)(Update::Witnessed(ask, answer.clone()));
        }
        self.execution.handle(errand.part, errand.news, (self.clock)());
    }

    /// Does what is requested; gives the time until which calls are waited for, if it is to end.
    fn steer(&mut self, steer: Control) -> Option<Limit> {
        match steer {
            Control::Pause => self.execution.pause(),
            Control::GiveUp => self.execution.give_up(),
            Control::Stop(by) => {
                self.rest.clear();
                self.execution.stop(&by);
                return Some(Box::pin(tokio::time::sleep(LAST_WAIT)));
            }
        }
        None
    }
}

/// What it means that nobody steers any more.
fn quit() -> Control {
    Control::Stop("quit".to_owned())
}

/// Waits for `limit`; for ever where there is none.
async fn elapsed(limit: Option<&mut Limit>) {
    match limit {
        Some(limit) => limit.await,
        None => std::future::pending().await,
    }
}
