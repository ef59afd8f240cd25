//! Carries effects out: each in a task of its own, whose outcome comes back as one message.

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use crate::app::{Effect, Message};
use crate::aws::Cloud;

/// Sets effects going. Dropped, it ends the reads that are under way.
pub struct Runner {
    cloud: Cloud,
    inbox: UnboundedSender<Message>,
    reads: JoinSet<()>,
}

impl Runner {
    /// Asks `cloud`, and puts what comes back into `inbox`.
    pub fn new(cloud: Cloud, inbox: UnboundedSender<Message>) -> Self {
        Self { cloud, inbox, reads: JoinSet::new() }
    }

    /// Sets `effect` going and returns at once.
    ///
    /// What only the loop itself can do, with its hands on the terminal, comes back.
    pub fn start(&mut self, effect: Effect) -> Option<Effect> {
        while self.reads.try_join_next().is_some() {}
        match effect {
            Effect::Read(ticket, ask, lane) => {
                let (cloud, inbox) = (self.cloud.clone(), self.inbox.clone());
                self.reads.spawn(async move {
                    let answer = cloud.read(&ask, lane).await;
                    // The loop has ended when nobody listens any more.
                    let _ = inbox.send(Message::Answered(ticket, Box::new(answer)));
                });
                None
            }
            // Here `perform` takes over: these three are for it.
            Effect::Perform(_) | Effect::Resume(..) | Effect::Steer(..) => Some(effect),
            Effect::Suspend | Effect::Quit => Some(effect),
        }
    }
}
