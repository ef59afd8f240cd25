//! What is read of logs, how far, and what is to be printed of it: pure but for its clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::says::{self, Names};
use crate::app::logs::ranges;
use crate::app::tail::{Ends, Group, Outlet, Tail, Whose, outlets};
use crate::args::{Following, Logs};
use crate::fleet::target::{NotFound, Target};
use crate::fleet::{About, Answer, Arn, Ask, CloudError, ContextId, Extent, Fleet, LogLine, Which};
use crate::headless::report::Report;
use crate::start::Outcome;

/// How often the tasks of what is followed are read again.
const REFRESH: Duration = Duration::from_secs(10);
/// How long errors are borne without anything being read.
const LIMIT: Duration = Duration::from_secs(20);

/// One reading of logs.
pub(super) struct Reader<'a> {
    logs: &'a Logs,
    fleet: Fleet,
    /// Whose lines, and how they are called.
    whose: BTreeMap<Whose, String>,
    clusters: BTreeSet<(ContextId, Arn)>,
    tail: Tail,
    names: Names,
    /// When lines came last, or else when it began.
    progress: Timestamp,
    refreshed: Option<Timestamp>,
    /// Questions about tasks and their definitions: to be asked, and under way.
    queue: Vec<Ask>,
    open: BTreeSet<Ask>,
    /// Definitions that were asked for since the tasks were read last.
    tried: BTreeSet<Arn>,
    stage: Stage,
    /// Lines that wait for earlier ones.
    waiting: BTreeSet<Arc<LogLine>>,
    complaints: Vec<String>,
    told: BTreeMap<Group, String>,
    said: BTreeSet<String>,
}

/// What is known of where the lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing yet.
    Ahead,
    /// No place, and none is missing.
    Nowhere,
    /// No place that could be read of.
    Blind,
    /// Places that are read.
    Found,
}

impl<'a> Reader<'a> {
    /// Reads what `logs` asks for, within what `report` has found.
    pub(super) fn new(logs: &'a Logs, report: Report, now: Timestamp) -> Result<Self, NotFound> {
        let (whose, clusters) = meant(&logs.target, &report)?;
        let since = now.checked_sub(logs.since).unwrap_or(Timestamp::UNIX_EPOCH);
        let tail = match logs.following {
            Following::Yes => Tail::following(since),
            Following::No => Tail::once(since, now),
        };
        Ok(Self {
            logs,
            fleet: report.fleet,
            whose,
            clusters,
            tail,
            names: Names::default(),
            progress: now,
            refreshed: None,
            queue: vec![],
            open: BTreeSet::new(),
            tried: BTreeSet::new(),
            stage: Stage::Ahead,
            waiting: BTreeSet::new(),
            complaints: vec![],
            told: BTreeMap::new(),
            said: BTreeSet::new(),
        })
    }

    /// What is to be asked now.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Ask> {
        let follows = self.logs.following == Following::Yes;
        let again = |at: Timestamp| follows && now.duration_since(at).unsigned_abs() >= REFRESH;
        if self.open.is_empty() && self.queue.is_empty() && self.refreshed.is_none_or(again) {
            self.refreshed = Some(now);
            self.tried.clear();
            let tasks = |which| {
                let of = move |(context, cluster): &(ContextId, Arn)| Ask {
                    context: context.clone(),
                    about: About::Tasks(cluster.clone(), which),
                };
                self.clusters.iter().map(of)
            };
            self.queue = tasks(Which::Running).chain(tasks(Which::Stopped)).collect();
        }
        let mut asks = std::mem::take(&mut self.queue);
        self.open.extend(asks.iter().cloned());
        asks.extend(self.tail.due(now));
        asks
    }

    /// Takes in what came back.
    pub(super) fn take(&mut self, ask: &Ask, answer: Answer, now: Timestamp) {
        if let About::Logs(..) = ask.about {
            let came = !matches!(answer, Answer::None(_));
            let fresh = self.tail.take(ask, answer, now);
            if came {
                self.progress = now;
            }
            // As the console searches: in any case, unless there are capitals.
            let filter = self.logs.filter.as_ref().filter(|text| !text.is_empty());
            let wanted = |line: &Arc<LogLine>| filter.is_none_or(|text| !ranges(&line.message, text).is_empty());
            self.waiting.extend(fresh.into_iter().filter(wanted));
            self.hear();
            return;
        }
        self.open.remove(ask);
        match answer {
            Answer::Whole(facts) => self.fleet.merge(ask, facts, Extent::Whole, now),
            Answer::Part(facts, error) => {
                self.fleet.merge(ask, facts, Extent::Part, now);
                self.complain(&ask.context, &error);
            }
            Answer::None(error) => self.complain(&ask.context, &error),
        }
        if self.open.is_empty() {
            self.resolve(now);
        }
    }

    /// What is to be printed now: until everything was read once, in the order of time over all streams.
    pub(super) fn lines(&mut self) -> serde_json::Result<String> {
        let complete = self.tail.complete_to();
        let mut text = String::new();
        while let Some(line) = self.waiting.first() {
            if complete.is_some_and(|until| line.at >= until) {
                break;
            }
            text.push_str(&says::line(line, &self.names, self.logs.form)?);
            self.waiting.pop_first();
        }
        Ok(text)
    }

    /// What somebody should know, each thing once as long as it stays so.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }

    /// How it ended, once it has.
    pub(super) fn outcome(&self, now: Timestamp) -> Option<Outcome> {
        let failing = self.tail.errors().next().is_some() || self.stage == Stage::Blind;
        let waited = now.duration_since(self.progress).unsigned_abs() >= LIMIT;
        if self.stage == Stage::Ahead {
            return None;
        }
        if let Target::Arn(arn) = &self.logs.target
            && is_task(arn)
            && self.fleet.task(arn).is_none()
            && self.stage == Stage::Nowhere
        {
            return Some(Outcome::NotUnderstood);
        }
        match self.logs.following {
            Following::No if failing && (waited || self.tail.is_done()) => Some(Outcome::Unread),
            Following::No if self.stage == Stage::Nowhere => {
                Some(if self.said.is_empty() { Outcome::Well } else { Outcome::Wrong })
            }
            Following::No if self.tail.is_done() && self.waiting.is_empty() => Some(Outcome::Well),
            Following::Yes if failing && waited && !self.tail.has_read() => Some(Outcome::Unread),
            _ => None,
        }
    }

    /// Finds out where the lines are, once all that was asked for has come.
    fn resolve(&mut self, now: Timestamp) {
        let mut found: BTreeMap<Outlet, Ends> = BTreeMap::new();
        let mut blind = false;
        for (whose, name) in &self.whose {
            let outlets = outlets(&self.fleet, [whose]);
            let name = match whose {
                Whose::Service(_) => name.clone(),
                Whose::Task(arn) => self.fleet.task(arn).map_or_else(|| name.clone(), |task| task.job().to_owned()),
            };
            self.names.learn(name.strip_prefix("service:").unwrap_or(&name), &outlets);
            for (context, definition) in &outlets.unread {
                blind = true;
                if self.tried.insert(definition.clone()) {
                    let about = About::Definition(definition.clone());
                    self.queue.push(Ask { context: context.clone(), about });
                }
            }
            for says in &outlets.elsewhere {
                if self.said.insert(says.clone()) {
                    self.complaints.push(format!("{says}: its lines are not read here"));
                }
            }
            found.extend(outlets.found);
        }
        if !self.queue.is_empty() {
            return;
        }
        blind |= self.clusters.iter().any(|(_, cluster)| !self.fleet.tasks_read.contains_key(cluster));
        self.tail.follow(&found, now);
        self.stage = match (found.is_empty(), blind) {
            (false, _) => Stage::Found,
            (true, true) => Stage::Blind,
            (true, false) => Stage::Nowhere,
        };
        if let (Stage::Nowhere, Target::Arn(arn)) = (self.stage, &self.logs.target)
            && is_task(arn)
            && self.fleet.task(arn).is_none()
        {
            let says = format!("{}; ECS forgets a task an hour after it has stopped", NotFound::Arn(arn.clone()));
            if self.said.insert(says.clone()) {
                self.complaints.push(says);
            }
        }
    }

    /// Notes errors of log groups that are new, and forgets those that have passed.
    fn hear(&mut self) {
        let errors: Vec<(Group, CloudError)> =
            self.tail.errors().map(|(group, error)| (group.clone(), error.clone())).collect();
        self.told.retain(|group, _| errors.iter().any(|(failing, _)| failing == group));
        for (group, error) in errors {
            if self.told.insert(group.clone(), error.what()) != Some(error.what()) {
                self.complaints.push(format!("{}: {error}", group.context));
            }
        }
    }

    fn complain(&mut self, context: &ContextId, error: &CloudError) {
        if self.said.insert(format!("{context}: {}", error.what())) {
            self.complaints.push(format!("{context}: {error}"));
        }
    }
}

/// What a target means here, and the clusters whose tasks are to be read for it.
type Meant = (BTreeMap<Whose, String>, BTreeSet<(ContextId, Arn)>);

fn meant(target: &Target, report: &Report) -> Result<Meant, NotFound> {
    let fleet = &report.fleet;
    if let Target::Arn(arn) = target
        && is_task(arn)
    {
        let in_it = arn.as_str().rsplit('/').nth(1).filter(|name| !name.ends_with(":task"));
        let clusters = fleet.clusters.values().filter(|cluster| {
            let same = (cluster.arn.account(), cluster.arn.region()) == (arn.account(), arn.region());
            same && in_it.is_none_or(|name| cluster.arn.name() == name)
        });
        let clusters: BTreeSet<_> = clusters.map(|cluster| (cluster.context.clone(), cluster.arn.clone())).collect();
        if clusters.is_empty() {
            return Err(NotFound::Arn(arn.clone()));
        }
        return Ok((BTreeMap::from([(Whose::Task(arn.clone()), arn.name().to_owned())]), clusters));
    }
    let services = target.find(fleet, &report.places)?.services;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for arn in &services {
        *count.entry(arn.name()).or_default() += 1;
    }
    // Services of one name are told apart by their path.
    let name = |arn: &Arn| match count.get(arn.name()) {
        Some(2..) => report.place(arn).map_or_else(|| arn.name().to_owned(), |(path, _)| path),
        _ => arn.name().to_owned(),
    };
    let clusters = services.iter().filter_map(|arn| fleet.services.get(arn));
    let clusters = clusters.map(|entry| (entry.context.clone(), entry.cluster.clone())).collect();
    Ok((services.iter().map(|arn| (Whose::Service(arn.clone()), name(arn))).collect(), clusters))
}

fn is_task(arn: &Arn) -> bool {
    arn.as_str().contains(":task/")
}
