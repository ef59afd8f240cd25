//! Carries effects out: each in a task of its own, whose outcome comes back as messages.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::{self, Effect, Message, UnreadableJournal};
use crate::aws::{Clock, Cloud};
use crate::executor::{Control, Update, execute};
use crate::journal::{Journal, JournalFile, Review, Unreadable};
use crate::plan::{Entry, Event, Execution, PlanId, Record};

/// How long plans in progress are waited for at the end; they end themselves before that.
const LAST_WAIT: Duration = Duration::from_millis(9_500);

/// Sets effects going. Dropped, it ends the reads in progress; plans are to be ended by
/// [`Runner::shutdown`] before.
pub struct Runner {
    cloud: Cloud,
    clock: Clock,
    journal: Journal,
    inbox: UnboundedSender<Message>,
    reads: JoinSet<()>,
    plans: JoinSet<()>,
    controls: BTreeMap<PlanId, UnboundedSender<Control>>,
}

impl Runner {
    /// Asks `cloud`, writes changes down in `journal`, and puts what comes back into `inbox`.
    pub fn new(cloud: Cloud, clock: Clock, journal: Journal, inbox: UnboundedSender<Message>) -> Self {
        let (reads, plans) = (JoinSet::new(), JoinSet::new());
        Self { cloud, clock, journal, inbox, reads, plans, controls: BTreeMap::new() }
    }

    /// Sets `effect` going and returns at once.
    ///
    /// What only the loop itself can do, with its hands on the terminal, comes back.
    pub fn start(&mut self, effect: Effect) -> Option<Effect> {
        while self.reads.try_join_next().is_some() {}
        while self.plans.try_join_next().is_some() {}
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
            Effect::Perform(approved) => {
                let log = self.journal.open(approved.plan(), (self.clock)()).map_err(|error| error.to_string());
                self.execute(Execution::new(*approved), log);
                None
            }
            Effect::Resume(approved, lines) => {
                let record = Record { plan: approved.plan().clone(), lines };
                let log = self.journal.reopen(&record).map_err(|error| error.to_string());
                self.execute(Execution::resume(*approved, &record.lines), log);
                None
            }
            Effect::Dismiss(record) => {
                let line = Entry { at: (self.clock)(), event: Event::Dismissed };
                let log = self.journal.reopen(&record).map_err(|error| error.to_string());
                if let Err(why) = log.and_then(|mut log| log.write(&line).map_err(|error| error.to_string())) {
                    let _ = self.inbox.send(Message::DismissFailed(record, why));
                }
                None
            }
            Effect::Steer(id, steer) => {
                let steer = match steer {
                    app::Steer::Pause => Control::Pause,
                    app::Steer::GiveUp => Control::GiveUp,
                };
                if let Some(control) = self.controls.get(&id) {
                    // A plan that is over cannot be steered any more, which its progress has said already.
                    let _ = control.send(steer);
                }
                None
            }
            Effect::Suspend | Effect::Quit => Some(effect),
        }
    }

    /// Looks for unfinished plans and for journals that cannot be read, and sends what there is.
    pub fn find_unfinished(&mut self) {
        let (journal, inbox) = (self.journal.clone(), self.inbox.clone());
        self.reads.spawn_blocking(move || {
            let Review { unfinished, unreadable } = journal.review();
            if !unfinished.is_empty() {
                let _ = inbox.send(Message::Unfinished(unfinished.into_iter().rev().collect()));
            }
            if !unreadable.is_empty() {
                let _ = inbox.send(Message::UnreadableJournals(unreadable.into_iter().map(shown).collect()));
            }
        });
    }

    /// Ends every plan in progress, because of `by`: calls are waited for, journals say what was left.
    /// Takes ten seconds at most.
    pub async fn shutdown(&mut self, by: &str) {
        for control in self.controls.values() {
            let _ = control.send(Control::Stop(by.to_owned()));
        }
        let all = async { while self.plans.join_next().await.is_some() {} };
        // Whoever is still at it then has a journal that says so by its having no end.
        let _ = timeout(LAST_WAIT, all).await;
    }

    /// Drives `execution`. Where there is no journal it ends at once, and says why.
    fn execute(&mut self, execution: Execution, mut log: Result<JournalFile, String>) {
        let (cloud, clock, inbox) = (self.cloud.clone(), self.clock.clone(), self.inbox.clone());
        let id = execution.plan().id.clone();
        let (control, steering) = unbounded_channel();
        self.controls.insert(id.clone(), control);
        let write = move |line: &Entry| match &mut log {
            Ok(log) => log.write(line),
            Err(why) => Err(io::Error::other(why.clone())),
        };
        let tell = move |told| {
            let _ = inbox.send(match told {
                Update::Progress(progress) => Message::Progressed(id.clone(), Box::new(progress)),
                Update::Witnessed(ask, answer) => Message::ObservedByPlan(Box::new(ask), answer),
            });
        };
        self.plans.spawn(async move {
            execute(execution, &cloud, write, &clock, steering, tell).await;
        });
    }
}

fn shown(Unreadable { path, line, why }: Unreadable) -> UnreadableJournal {
    UnreadableJournal { path: path.display().to_string(), line, why }
}
