//! What is read of logs, how far, and what is to be printed of it: pure but for its clock.

mod absent;
mod reorder;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::deadline::{Asked, Deadline};
use super::output::{self, Names};
use super::selection::{LogSelection, TargetKind};
use crate::app::logs::has;
use crate::app::reads::{Needs, ReadOnce, Scope};
use crate::app::tail::{Ends, Group, LogStream, LogTarget, Tail, log_streams};
use crate::args::{Following, Logs};
use crate::aws::Pressure;
use crate::cli::Outcome;
use crate::fleet::target::NotFound;
use crate::fleet::tenancy::Rules;
use crate::fleet::{Arn, CloudError, Completeness, ContextId, LogLine, Query, QueryKind, Response};
use crate::headless::collect::{self, unread};
use crate::headless::report::Report;
use reorder::{Ready, ReorderBuffer};

/// How often the tasks of what is followed are read again, at most.
const TASKS: Duration = Duration::from_secs(10);
/// How long that takes for each cluster of a context: four requests, of which three a second stay below
/// a quarter of what ECS allows (see `aws::budget`).
const TASKS_OF_ONE: Duration = Duration::from_millis(1_333);
/// How often it is read which services there are: so that what is new is followed within a minute.
const ROSTER: Duration = Duration::from_secs(45);

/// One reading of logs.
pub(super) struct Reader<'a> {
    logs: &'a Logs,
    rules: &'a Rules,
    report: Report,
    /// Whose lines.
    selection: LogSelection,
    tail: Tail,
    names: Names,
    deadline: Deadline,
    /// When anything of logs was answered last, or else when it began.
    progress: Timestamp,
    /// When tasks, and when services, were asked for last.
    tasks_at: Option<Timestamp>,
    roster_at: Timestamp,
    /// What this round of reading needs, beside lines, and how far it has come.
    needs: Needs,
    reads: ReadOnce,
    /// Queries for lines that are in progress.
    flying: BTreeSet<Query>,
    stage: Stage,
    extent: Completeness,
    /// Lines that wait for earlier ones.
    waiting: ReorderBuffer,
    complaints: Vec<String>,
    /// What was reported of log groups, as long as it stays so; and of anything else.
    told: BTreeMap<Group, String>,
    said: BTreeSet<String>,
    /// Containers whose lines are elsewhere, in words.
    elsewhere: BTreeSet<String>,
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
    StoredRecord,
}

impl<'a> Reader<'a> {
    /// Reads what `logs` asks for, within what `report` has found.
    pub(super) fn new(
        logs: &'a Logs,
        rules: &'a Rules,
        report: Report,
        deadline: Deadline,
        now: Timestamp,
    ) -> Result<Self, NotFound> {
        let selection = LogSelection::of(&logs.target, &report)?;
        let since = now.checked_sub(logs.since).unwrap_or(Timestamp::UNIX_EPOCH);
        let tail = match logs.following {
            Following::Yes => Tail::following(since),
            Following::No => Tail::once(since, now),
        };
        let extent = if report.is_whole() { Completeness::Complete } else { Completeness::Partial };
        Ok(Self {
            logs,
            rules,
            report,
            selection,
            tail,
            names: Names::default(),
            deadline,
            progress: now,
            tasks_at: None,
            roster_at: now,
            needs: Needs { scope: Scope::Named, ..Needs::default() },
            reads: ReadOnce::default(),
            flying: BTreeSet::new(),
            stage: Stage::Ahead,
            extent,
            waiting: ReorderBuffer::new(),
            complaints: vec![],
            told: BTreeMap::new(),
            said: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
        })
    }

    /// What is to be asked now.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Query> {
        if self.is_round_over() && self.tasks_at.is_none_or(|at| self.is_due_again(at, self.pace(), now)) {
            self.begin_round(now);
        }
        let mut asks = self.reads.due(&self.report.fleet, &self.needs);
        let lines = self.tail.due(now);
        self.flying.extend(lines.iter().cloned());
        asks.extend(lines);
        asks
    }

    /// Begins to read where the lines are: the tasks, and now and then whether there are more services.
    fn begin_round(&mut self, now: Timestamp) {
        self.tasks_at = Some(now);
        let clusters: BTreeSet<Arn> = self.selection.clusters.iter().map(|(_, cluster)| cluster.clone()).collect();
        let may_be_joined = TargetKind::of(&self.logs.target) == TargetKind::Services;
        let lists = if may_be_joined && self.is_due_again(self.roster_at, ROSTER, now) {
            self.roster_at = now;
            clusters.clone()
        } else {
            BTreeSet::new()
        };
        let (scope, tasks) = (Scope::Named, clusters.clone());
        self.needs = Needs { scope, lists, tasks, stopped: clusters, ..Needs::default() };
        self.reads = ReadOnce::default();
    }

    /// Whether all that this round needs was answered, well or not.
    fn is_round_over(&self) -> bool {
        self.reads.is_done(&self.report.fleet, &self.needs)
    }

    /// Whether what was last asked for at `at` is read again now.
    fn is_due_again(&self, at: Timestamp, pace: Duration, now: Timestamp) -> bool {
        self.logs.following == Following::Yes && now.duration_since(at).unsigned_abs() >= pace
    }

    /// Takes in what came back.
    pub(super) fn take(&mut self, ask: &Query, answer: Response, now: Timestamp) {
        if let QueryKind::LogEvents(..) = ask.kind {
            self.flying.remove(ask);
            if !matches!(answer, Response::Failed(_)) {
                self.progress = now;
            }
            let fresh = self.tail.take(ask, answer, now);
            // As the console searches: in any case, unless there are capitals, and whatever the colours.
            let filter = self.logs.filter.as_ref().filter(|text| !text.is_empty());
            let wanted = |line: &Arc<LogLine>| filter.is_none_or(|text| has(&line.message, text));
            self.waiting.extend(fresh.into_iter().filter(wanted));
            self.hear();
            return;
        }
        let (facts, extent, error) = answer.into_parts();
        self.reads.answered(ask, error.as_ref());
        if let Some(facts) = facts {
            self.report.fleet.apply(ask, facts, extent, now);
        }
        if let Some(error) = error {
            self.extent = Completeness::Partial;
            self.tell(format!("{}: {}", ask.context, error.what()), format!("{}: {error}", ask.context));
        }
        if let QueryKind::ServiceArns(cluster) = &ask.kind {
            // Only once a service was read it is known whose it is.
            let unread = self.report.fleet.services_of(cluster).filter(|(_, entry)| entry.snapshot.is_none());
            self.needs.services.extend(unread.map(|(arn, _)| arn.clone()));
        }
        if self.is_round_over() {
            self.resolve(now);
        }
    }

    /// What is to be printed now: until everything was read once, in the order of time over all streams.
    pub(super) fn lines(&mut self) -> serde_json::Result<String> {
        self.print(self.tail.complete_to())
    }

    /// All that is left to be printed, when nothing earlier is waited for any more.
    pub(super) fn rest(&mut self) -> serde_json::Result<String> {
        self.print(None)
    }

    /// What somebody should know, each thing once as long as it stays so.
    pub(super) fn complaints(&mut self) -> Vec<String> {
        std::mem::take(&mut self.complaints)
    }

    /// Notes how many answers AWS had given by `now`; while it says nothing, that is reported once to whoever follows.
    pub(super) fn note(&mut self, answers: u64, now: Timestamp) {
        let asked = self.unanswered().next();
        self.deadline.note(answers, if asked.is_some() { Asked::Something } else { Asked::Nothing }, now);
        if let (Following::Yes, Some(asked)) = (self.logs.following, asked)
            && self.deadline.speaks(now)
        {
            let (operation, on) = (asked.operation().name(), asked.on());
            self.complaints.push(format!("{}: still waiting for an answer to {operation} on {on}", asked.context));
        }
    }

    /// How it ended, once it has.
    pub(super) fn outcome(&self, now: Timestamp) -> Option<Outcome> {
        let failing = self.tail.errors().next().is_some() || self.stage == Stage::Blind;
        let answered = now.duration_since(self.progress).unsigned_abs() < collect::LIMIT;
        let over = self.deadline.is_over(now) || (failing && !answered);
        if self.stage == Stage::Ahead {
            return over.then_some(Outcome::Unread);
        }
        if self.is_forgotten() && self.names.is_empty() {
            return Some(Outcome::NotUnderstood);
        }
        if self.is_forgotten() && self.tail.is_done() {
            return Some(if failing { Outcome::Unread } else { Outcome::Well });
        }
        let unread = failing || self.extent == Completeness::Partial;
        if self.is_unknown_job() && !unread && self.logs.following == Following::No {
            return Some(Outcome::NotUnderstood);
        }
        match self.logs.following {
            Following::No if self.tail.is_done() => Some(match (unread, self.stage) {
                (true, _) => Outcome::Unread,
                (false, Stage::Nowhere) if !self.elsewhere.is_empty() => Outcome::Wrong,
                (false, _) => Outcome::Well,
            }),
            Following::No if over => Some(Outcome::Unread),
            Following::Yes if over && !self.tail.has_read() && (failing || !self.flying.is_empty()) => {
                Some(Outcome::Unread)
            }
            _ => None,
        }
    }

    /// What is given up now, in words.
    pub(super) fn given_up(&self, pressure: &Pressure, now: Timestamp) -> BTreeSet<String> {
        let says = |ask: Query| {
            let strain = pressure.get(&ask.context).copied().unwrap_or_default();
            format!("{}: {}", ask.context, unread(&ask, strain, self.deadline.passed(now)))
        };
        self.unanswered().map(says).collect()
    }

    /// What has no answer yet: first what is not about lines.
    fn unanswered(&self) -> impl Iterator<Item = Query> {
        self.reads.unanswered(&self.report.fleet, &self.needs).into_iter().chain(self.flying.iter().cloned())
    }

    /// How often tasks are read again: where there are many clusters, as often as AWS is to be asked.
    fn pace(&self) -> Duration {
        let mut clusters: BTreeMap<&ContextId, u32> = BTreeMap::new();
        for (context, _) in &self.selection.clusters {
            *clusters.entry(context).or_default() += 1;
        }
        TASKS.max(TASKS_OF_ONE * clusters.into_values().max().unwrap_or_default())
    }

    fn print(&mut self, until: Option<Timestamp>) -> serde_json::Result<String> {
        let mut text = String::new();
        while let Some(turn) = self.waiting.pop(until) {
            let line = match turn {
                Ready::Own(line) => line,
                Ready::Early(line) => {
                    self.tell("early".to_owned(), output::EARLY.to_owned());
                    line
                }
            };
            text.push_str(&output::line(&line, &self.names, self.logs.form)?);
        }
        Ok(text)
    }

    /// Finds out where the lines are, once all that was asked for has come.
    fn resolve(&mut self, now: Timestamp) {
        self.report.reassign(self.rules);
        // Where nothing is left of what was selected, nothing is followed until something comes.
        let whose =
            LogSelection::of(&self.logs.target, &self.report).map(|selection| selection.whose).unwrap_or_default();
        self.selection.whose = whose;
        let mut found: BTreeMap<LogStream, Ends> = BTreeMap::new();
        let mut blind = self.selection.clusters.iter().any(|(_, arn)| !self.report.fleet.tasks_read.contains_key(arn));
        for (whose, name) in self.selection.whose.clone() {
            let log_streams = match (&whose, &self.logs.task) {
                (LogTarget::Service(arn), Some(id)) => log_streams(&self.report.fleet, &self.tasks(arn, id)),
                _ => log_streams(&self.report.fleet, [&whose]),
            };
            self.names.learn(&name, &log_streams);
            blind |= !log_streams.unread.is_empty();
            self.needs.definitions.extend(log_streams.unread.iter().cloned());
            for says in &log_streams.elsewhere {
                self.elsewhere.insert(says.clone());
                self.tell(says.clone(), format!("{says}: its lines are not read here"));
            }
            self.tell_unstarted(&whose, &log_streams);
            self.tell_taskless(&log_streams);
            found.extend(log_streams.found);
        }
        if !self.is_round_over() {
            return;
        }
        self.tail.follow(&found, now);
        self.tail.exclude_tasks(&self.report.fleet);
        self.stage = match (found.is_empty(), blind) {
            (false, _) => Stage::StoredRecord,
            (true, true) => Stage::Blind,
            (true, false) => Stage::Nowhere,
        };
        self.tell_nothing();
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

    /// Says something, once for each `what`.
    fn tell(&mut self, what: String, says: String) {
        if self.said.insert(what) {
            self.complaints.push(says);
        }
    }
}
