//! An AWS inside, a wire to it that can be cut at any point, and plans carried out over it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::sync::mpsc::unbounded_channel;
use wharf::aws::{Access, Clock, Cloud, ConnectOptions, ContextSelection, EmbeddedAws, connect};
use wharf::demo::{Aws, Region, Service, TaskStatus, World};
use wharf::executor::{Control, Update, execute};
use wharf::fleet::{Arn, ContextId};
use wharf::journal::{Journal, JournalFile};
use wharf::plan::{
    Entry, Event, Execution, ImageChange, NextImage, Plan, Progress, Range, Record, Step, StepOutcome, Track, steps,
};

use super::plans::{approved, plan, target};
use super::wire::{Crash, Wire};

/// An AWS, the way to it, and the journal of what is done there.
pub struct Stage {
    pub aws: Aws,
    pub clock: Clock,
    pub wire: Wire,
    pub journal: Journal,
}

/// How a plan ended and what it left behind, but for what differs from one run to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub verdicts: Vec<StepOutcome>,
    /// Each service: tasks wished for, running, deployments that were ever begun.
    pub services: Vec<(u32, usize, usize)>,
    pub bounds: Vec<(u32, u32)>,
    pub settled: Vec<String>,
}

impl Stage {
    /// An AWS that `furnish` has been at work on, at the moment the tests begin at.
    pub fn new(furnish: impl FnOnce(&mut Region)) -> Self {
        let begun = tokio::time::Instant::now();
        let start = crate::fixture::start();
        let clock: Clock = Arc::new(move || start + SignedDuration::try_from(begun.elapsed()).unwrap());
        let mut world = World::empty();
        furnish(world.home());
        let now = clock.clone();
        let aws = Aws::new(world, move || now());
        let wire = Wire::new(aws.client());
        Self { aws, clock, wire, journal: Journal::in_memory() }
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A connection, as a new process makes one.
    pub async fn cloud(&self) -> Cloud {
        let http = SharedHttpClient::new(self.wire.clone());
        let inside = EmbeddedAws { http, region: "us-east-1".to_owned(), label: "demo".to_owned() };
        let options =
            ConnectOptions { embedded: Some(inside), ..ConnectOptions::new(self.clock.clone(), Access::ReadWrite) };
        connect(&ContextSelection::default(), options).await.unwrap()
    }

    /// The plan that does `steps` to each of these services of the cluster `main`.
    pub fn plan(&self, services: &[&str], steps: impl Fn(&Service) -> Vec<Step>) -> Plan {
        let tracks = services.iter().map(|name| {
            let service = crate::fixture::service_arn(&format!("main/{name}"));
            let target = target(&ContextId::new("demo"), &service, "california/staging");
            Track { target, after: vec![], steps: steps(&self.service(name)) }
        });
        plan(7, self.now(), tracks.collect())
    }

    pub fn service(&self, name: &str) -> Service {
        self.aws.change(|world| world.home().service("main", name).unwrap().clone())
    }

    /// Changes a service behind wharf's back.
    pub fn meddle(&self, name: &str, change: impl FnOnce(&mut Service)) {
        self.aws.change(|world| change(world.home().service("main", name).unwrap()));
    }

    /// Bodies of the writes that left, in order, whether or not they arrived.
    pub fn writes(&self) -> Vec<Value> {
        self.wire.writes()
    }

    /// Begins `plan`, which passes the gate, and carries it out until its end or `crash`.
    pub async fn begin(&self, plan: Plan, crash: Crash) -> Option<Progress> {
        let log = self.journal.open(&plan, self.now()).unwrap();
        self.carry_out(Execution::new(approved(plan)), log, crash).await
    }

    /// Takes the only plan of the journal up again, if there is a line of it, and carries it out.
    pub async fn take_up(&self, crash: Crash) -> Option<Progress> {
        let record = self.record();
        let log = self.journal.reopen(&record).unwrap();
        let execution = Execution::resume(approved(record.plan.clone()), &record.lines);
        self.carry_out(execution, log, crash).await
    }

    async fn carry_out(&self, execution: Execution, mut log: JournalFile, crash: Crash) -> Option<Progress> {
        self.wire.arm(crash);
        // A crash before this one has been seen.
        let _ = self.wire.over.notified().now_or_never();
        let cloud = self.cloud().await;
        let (_steer, steering) = unbounded_channel();
        let mut written = 0;
        let write = |line: &Entry| {
            if !self.wire.is_dead() {
                log.write(line)?;
                written += 1;
                if crash == Crash::AfterLine(written) {
                    self.wire.die();
                }
            }
            Ok(())
        };
        let performed = execute(execution, &cloud, write, &self.clock, steering, |_| {});
        tokio::select! {
            biased;
            () = self.wire.over.notified() => None,
            progress = performed => Some(progress).filter(|_| !self.wire.is_dead()),
        }
    }

    /// Begins `plan`, and sends `steers` so long after its line of that number (0: before any). Gives how
    /// it ended, and how long after the last of them.
    pub async fn steered(
        &self,
        plan: Plan,
        line: usize,
        after: Duration,
        steers: Vec<Control>,
    ) -> (Progress, Duration) {
        let mut log = self.journal.open(&plan, self.now()).unwrap();
        let (cloud, (steer, steering), reached) = (self.cloud().await, unbounded_channel(), Notify::new());
        let mut written = 0;
        let say = || steers.iter().for_each(|each| drop(steer.send(each.clone())));
        // In the same moment: what needs no time goes on without anybody else having a turn.
        let at_once = |at: usize| {
            if at == line && after.is_zero() {
                say();
            }
        };
        let write = |each: &Entry| {
            written += 1;
            at_once(written);
            if written == line {
                reached.notify_one();
            }
            log.write(each)
        };
        at_once(0);
        if line == 0 {
            reached.notify_one();
        }
        let said = async {
            reached.notified().await;
            if !after.is_zero() {
                tokio::time::sleep(after).await;
                say();
            }
            tokio::time::Instant::now()
        };
        let ended = async {
            let execution = Execution::new(approved(plan));
            let progress = execute(execution, &cloud, write, &self.clock, steering, |_| {}).await;
            (progress, tokio::time::Instant::now())
        };
        let (said, (progress, ended)) = tokio::join!(said, ended);
        (progress, ended.saturating_duration_since(said))
    }

    /// Begins `plan`, and goes away.
    pub async fn quit(&self, plan: Plan) -> Progress {
        let (cloud, (steer, steering)) = (self.cloud().await, unbounded_channel());
        drop(steer);
        let mut log = self.journal.open(&plan, self.now()).unwrap();
        let write = |line: &Entry| log.write(line);
        execute(Execution::new(approved(plan)), &cloud, write, &self.clock, steering, |_| {}).await
    }

    /// Begins `plan` with a journal that takes so many lines and no more.
    pub async fn unwritten(&self, plan: Plan, lines: usize) -> Progress {
        let (cloud, (_steer, steering)) = (self.cloud().await, unbounded_channel());
        let mut log = self.journal.open(&plan, self.now()).unwrap();
        let mut written = 0;
        let write = |line: &Entry| {
            written += 1;
            if written > lines { Err(io::Error::other("/state: no space left")) } else { log.write(line) }
        };
        execute(Execution::new(approved(plan)), &cloud, write, &self.clock, steering, |_| {}).await
    }

    /// Begins `plan`; gives what those who watch were told.
    pub async fn watched(&self, plan: Plan) -> Vec<Update> {
        let (cloud, (_steer, steering)) = (self.cloud().await, unbounded_channel());
        let mut log = self.journal.open(&plan, self.now()).unwrap();
        let mut told = vec![];
        let write = |line: &Entry| log.write(line);
        execute(Execution::new(approved(plan)), &cloud, write, &self.clock, steering, |each| told.push(each)).await;
        told
    }

    /// What the journal says of its only plan.
    pub fn record(&self) -> Record {
        let [found] = self.journal.records().try_into().unwrap();
        found.map(|found: wharf::journal::StoredRecord| found.record).unwrap()
    }

    /// Words for the journal's lines.
    pub fn lines(&self) -> Vec<&'static str> {
        self.record().lines.iter().map(|line| word(&line.event)).collect()
    }

    /// How things stand after `progress`.
    pub fn end(&self, progress: &Progress, services: &[&str]) -> End {
        let running = |name: &str| {
            self.aws.change(|world| {
                let tasks = world.home().clusters["main"].tasks.values();
                tasks.filter(|task| task.service_name() == Some(name) && task.status == TaskStatus::Running).count()
            })
        };
        let bounds = self.aws.change(|world| {
            world.home().scalable_targets.iter().map(|target| (target.minimum, target.maximum)).collect()
        });
        let seen = |name: &&str| {
            let service = self.service(name);
            (service.desired, running(name), service.service_deployments.len())
        };
        End {
            verdicts: progress.endings().map(|ending| ending.verdict).collect(),
            services: services.iter().map(seen).collect(),
            bounds,
            settled: progress.tracks.iter().map(|track| format!("{:?}", track.settled)).collect(),
        }
    }
}

/// The kind of a line.
pub fn word(event: &Event) -> &'static str {
    match event {
        Event::Planned(_) => "plan",
        Event::Resumed => "resumed",
        Event::Dismissed => "dismissed",
        Event::Intent { .. } => "intent",
        Event::Reply { .. } => "outcome",
        Event::StepEnded { .. } => "end",
        Event::Finished => "finished",
        Event::Stabilization { .. } => "settled",
        Event::Interrupted { .. } => "interrupted",
    }
}

/// As many tasks as `to`.
pub fn scale(to: u32) -> impl Fn(&Service) -> Vec<Step> {
    move |service| vec![Step::DesiredCount(steps::DesiredCount { from: service.desired, to })]
}

/// New tasks of what runs now.
pub fn redeploy(service: &Service) -> Vec<Step> {
    let definition =
        format!("arn:aws:ecs:us-east-1:111122223333:task-definition/{}", service.deployments[0].definition);
    let image = service.revisions[0].images[0].clone();
    let digest = image.digest;
    vec![Step::Redeploy(steps::Redeploy {
        definition: Arn::new(definition),
        replaces: service.deployments[0].id.clone(),
        images: vec![ImageChange { reference: image.image, runs: digest, next: NextImage::Same }],
    })]
}

/// Bounds from 1-4 to 1-`to`, and then as many tasks.
pub fn widened(to: u32) -> impl Fn(&Service) -> Vec<Step> {
    let bounds = Step::ScalingBounds(steps::ScalingBounds {
        from: Range { minimum: 1, maximum: 4 },
        to: Range { minimum: 1, maximum: to },
    });
    move |service| vec![bounds.clone(), Step::DesiredCount(steps::DesiredCount { from: service.desired, to })]
}
