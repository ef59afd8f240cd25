//! What is read of logs, how far, and what is to be printed of it: pure but for its clock.

mod absent;
mod held;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::meant::{Kind, Meant};
use super::patience::{Asked, Patience};
use super::says::{self, Names};
use crate::app::logs::has;
use crate::app::tail::{Ends, Group, Outlet, Tail, Whose, outlets};
use crate::args::{Following, Logs};
use crate::aws::Pressure;
use crate::fleet::target::NotFound;
use crate::fleet::tenancy::Rules;
use crate::fleet::{About, Answer, Arn, Ask, CloudError, ContextId, Extent, LOOK, LogLine, Which};
use crate::headless::gather::{self, unread, words};
use crate::headless::report::Report;
use crate::start::Outcome;
use held::{Held, Turn};

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
    meant: Meant,
    tail: Tail,
    names: Names,
    patience: Patience,
    /// When anything of logs was answered last, or else when it began.
    progress: Timestamp,
    /// When tasks, and when services, were asked for last.
    tasks_at: Option<Timestamp>,
    roster_at: Timestamp,
    /// Questions about anything but lines: to be asked, and under way.
    queue: Vec<Ask>,
    open: BTreeSet<Ask>,
    /// Questions about lines that are under way.
    flying: BTreeSet<Ask>,
    /// Definitions that were asked for since the tasks were read last.
    tried: BTreeSet<Arn>,
    stage: Stage,
    extent: Extent,
    /// Lines that wait for earlier ones.
    waiting: Held,
    complaints: Vec<String>,
    /// What was told of log groups, as long as it stays so; and of anything else.
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
    Found,
}

impl<'a> Reader<'a> {
    /// Reads what `logs` asks for, within what `report` has found.
    pub(super) fn new(
        logs: &'a Logs,
        rules: &'a Rules,
        report: Report,
        patience: Patience,
        now: Timestamp,
    ) -> Result<Self, NotFound> {
        let meant = Meant::of(&logs.target, &report)?;
        let since = now.checked_sub(logs.since).unwrap_or(Timestamp::UNIX_EPOCH);
        let tail = match logs.following {
            Following::Yes => Tail::following(since),
            Following::No => Tail::once(since, now),
        };
        let extent = if report.is_whole() { Extent::Whole } else { Extent::Part };
        Ok(Self {
            logs,
            rules,
            report,
            meant,
            tail,
            names: Names::default(),
            patience,
            progress: now,
            tasks_at: None,
            roster_at: now,
            queue: vec![],
            open: BTreeSet::new(),
            flying: BTreeSet::new(),
            tried: BTreeSet::new(),
            stage: Stage::Ahead,
            extent,
            waiting: Held::new(),
            complaints: vec![],
            told: BTreeMap::new(),
            said: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
        })
    }

    /// What is to be asked now.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Ask> {
        let follows = self.logs.following == Following::Yes;
        let again = |at: Timestamp, pace| follows && now.duration_since(at).unsigned_abs() >= pace;
        if self.open.is_empty() && self.queue.is_empty() && self.tasks_at.is_none_or(|at| again(at, self.pace())) {
            self.tasks_at = Some(now);
            self.tried.clear();
            let roster = Kind::of(&self.logs.target) == Kind::Services && again(self.roster_at, ROSTER);
            if roster {
                self.roster_at = now;
            }
            let rosters = self.meant.clusters.iter().filter(|_| roster);
            self.queue = rosters.map(|(context, cluster)| ask(context, About::Roster(cluster.clone()))).collect();
            for which in [Which::Running, Which::Stopped] {
                let clusters = self.meant.clusters.iter();
                self.queue
                    .extend(clusters.map(|(context, cluster)| ask(context, About::Tasks(cluster.clone(), which))));
            }
        }
        let mut asks = std::mem::take(&mut self.queue);
        self.open.extend(asks.iter().cloned());
        let lines = self.tail.due(now);
        self.flying.extend(lines.iter().cloned());
        asks.extend(lines);
        asks
    }

    /// Takes in what came back.
    pub(super) fn take(&mut self, ask: &Ask, answer: Answer, now: Timestamp) {
        if let About::Logs(..) = ask.about {
            self.flying.remove(ask);
            if !matches!(answer, Answer::None(_)) {
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
        self.open.remove(ask);
        let (facts, error) = match answer {
            Answer::Whole(facts) => (Some(facts), None),
            Answer::Part(facts, error) => (Some(facts), Some(error)),
            Answer::None(error) => (None, Some(error)),
        };
        let extent = if error.is_some() { Extent::Part } else { Extent::Whole };
        if let Some(facts) = facts {
            self.report.fleet.merge(ask, facts, extent, now);
        }
        if let Some(error) = error {
            self.extent = Extent::Part;
            self.tell(format!("{}: {}", ask.context, error.what()), format!("{}: {error}", ask.context));
        }
        if let About::Roster(cluster) = &ask.about {
            self.look(&ask.context, cluster);
        }
        if self.open.is_empty() && self.queue.is_empty() {
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

    /// Notes how many answers AWS had given by `now`; while it says nothing, whoever follows is told so once.
    pub(super) fn note(&mut self, answers: u64, now: Timestamp) {
        let asked = self.open.iter().chain(&self.flying).next();
        self.patience.note(answers, if asked.is_some() { Asked::Something } else { Asked::Nothing }, now);
        if let (Following::Yes, Some(asked)) = (self.logs.following, asked)
            && self.patience.speaks(now)
        {
            let (operation, on) = words(asked);
            self.complaints.push(format!("{}: still waiting for an answer to {operation} on {on}", asked.context));
        }
    }

    /// How it ended, once it has.
    pub(super) fn outcome(&self, now: Timestamp) -> Option<Outcome> {
        let failing = self.tail.errors().next().is_some() || self.stage == Stage::Blind;
        let answered = now.duration_since(self.progress).unsigned_abs() < gather::LIMIT;
        let over = self.patience.is_over(now) || (failing && !answered);
        if self.stage == Stage::Ahead {
            return over.then_some(Outcome::Unread);
        }
        if self.is_forgotten() && self.names.is_empty() {
            return Some(Outcome::NotUnderstood);
        }
        if self.is_forgotten() && self.tail.is_done() {
            return Some(if failing { Outcome::Unread } else { Outcome::Well });
        }
        let unread = failing || self.extent == Extent::Part;
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
        let says = |ask: &Ask| {
            let strain = pressure.get(&ask.context).copied().unwrap_or_default();
            format!("{}: {}", ask.context, unread(ask, strain, self.patience.passed(now)))
        };
        self.open.iter().chain(&self.flying).map(says).collect()
    }

    /// How often tasks are read again: where there are many clusters, as often as AWS is to be asked.
    fn pace(&self) -> Duration {
        let mut clusters: BTreeMap<&ContextId, u32> = BTreeMap::new();
        for (context, _) in &self.meant.clusters {
            *clusters.entry(context).or_default() += 1;
        }
        TASKS.max(TASKS_OF_ONE * clusters.into_values().max().unwrap_or_default())
    }

    fn print(&mut self, until: Option<Timestamp>) -> serde_json::Result<String> {
        let mut text = String::new();
        while let Some(turn) = self.waiting.pop(until) {
            let line = match turn {
                Turn::Own(line) => line,
                Turn::Early(line) => {
                    self.tell("early".to_owned(), says::EARLY.to_owned());
                    line
                }
            };
            text.push_str(&says::line(&line, &self.names, self.logs.form)?);
        }
        Ok(text)
    }

    /// Asks how the services of `cluster` are that nobody has looked at: only then it is known whose they are.
    fn look(&mut self, context: &ContextId, cluster: &Arn) {
        let entries = self.report.fleet.services_of(cluster);
        let new: Vec<Arn> = entries.filter(|(_, entry)| entry.look.is_none()).map(|(arn, _)| arn.clone()).collect();
        let looks = new.chunks(LOOK).map(|services| ask(context, About::Look(cluster.clone(), services.to_vec())));
        self.queue.extend(looks);
    }

    /// Finds out where the lines are, once all that was asked for has come.
    fn resolve(&mut self, now: Timestamp) {
        self.report.place_anew(self.rules);
        // Where nothing is left of what was meant, nothing is followed until something comes.
        let whose = Meant::of(&self.logs.target, &self.report).map(|meant| meant.whose).unwrap_or_default();
        self.meant.whose = whose;
        let mut found: BTreeMap<Outlet, Ends> = BTreeMap::new();
        let mut blind = self.meant.clusters.iter().any(|(_, arn)| !self.report.fleet.tasks_read.contains_key(arn));
        for (whose, name) in self.meant.whose.clone() {
            let outlets = match (&whose, &self.logs.task) {
                (Whose::Service(arn), Some(id)) => outlets(&self.report.fleet, &self.tasks(arn, id)),
                _ => outlets(&self.report.fleet, [&whose]),
            };
            self.names.learn(&name, &outlets);
            for (context, definition) in &outlets.unread {
                blind = true;
                if self.tried.insert(definition.clone()) {
                    self.queue.push(ask(context, About::Definition(definition.clone())));
                }
            }
            for says in &outlets.elsewhere {
                self.elsewhere.insert(says.clone());
                self.tell(says.clone(), format!("{says}: its lines are not read here"));
            }
            self.tell_unstarted(&whose, &outlets);
            self.tell_taskless(&outlets);
            found.extend(outlets.found);
        }
        if !self.queue.is_empty() {
            return;
        }
        self.tail.follow(&found, now);
        self.tail.shun(&self.report.fleet);
        self.stage = match (found.is_empty(), blind) {
            (false, _) => Stage::Found,
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

fn ask(context: &ContextId, about: About) -> Ask {
    Ask { context: context.clone(), about }
}
