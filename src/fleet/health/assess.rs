//! The verdict on one service.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::events::{self, EventKind};
use super::task_failures::{self, TaskFailure};
use super::{Evidence, HealthState, HealthStatus, ReadClock, Reason, ServiceContext};
use crate::fleet::spread::spread;
use crate::fleet::{
    Deployment, DeploymentStatus, Event, Rollout, Scheduling, Service, ServiceEntry, ServiceStatus, Task, TaskHealth,
    TaskStatus,
};
use crate::text::clean;

/// All that is known of one service, and what it says.
pub(super) struct Assessor<'a> {
    pub(super) service: &'a Service,
    pub(super) context: &'a ServiceContext<'a>,
    pub(super) now: Timestamp,
    pub(super) events: Vec<(EventKind, &'a Event)>,
    pub(super) failures: Vec<TaskFailure<'a>>,
}

/// One thing that is to be said, and the state that it would be by itself.
pub(super) struct Finding {
    pub(super) state: HealthState,
    pub(super) reason: Reason,
    pub(super) since: Option<Timestamp>,
}

/// How long a service may take to react before what it has not done yet is trouble.
pub(super) const GRACE: SignedDuration = SignedDuration::from_mins(3);

/// Says how the service behind `entry` is.
///
/// Everything that is found is said; the state is that of the worst. What was not read for twice
/// the clock's interval is unknown at best.
pub fn health(entry: &ServiceEntry, around: &ServiceContext<'_>, clock: ReadClock) -> HealthStatus {
    let ReadClock { now, interval } = clock;
    let limit = SignedDuration::try_from(interval.saturating_mul(2)).unwrap_or(SignedDuration::MAX);
    let mut verdict = match &entry.snapshot {
        Some(look) => {
            let case = Assessor::new(&look.service, around, now);
            stale(case.status(), look.at, limit, interval, now)
        }
        None if now.duration_since(entry.listed_at) > limit => {
            let text = format!("never read, listed for {}", span(now.duration_since(entry.listed_at)));
            let since = entry.listed_at.checked_add(limit).ok();
            HealthStatus { state: HealthState::Unknown, reasons: vec![Reason::new(text)], since }
        }
        None => HealthStatus {
            state: HealthState::Reading,
            reasons: vec![Reason::new("not read yet")],
            since: Some(entry.listed_at),
        },
    };
    verdict.since = verdict.since.map(|since| since.min(now));
    verdict
}

/// The zone that `service` has lost, in words: `all 3 in zone a, b c empty`.
pub fn lost_zone(service: &Service, around: &ServiceContext<'_>, now: Timestamp) -> Option<String> {
    Assessor::new(service, around, now).lost_zone().map(|finding| finding.reason.text)
}

/// `verdict`, which rests on what was seen at `at`, or that this is too long ago.
fn stale(
    mut verdict: HealthStatus,
    at: Timestamp,
    limit: SignedDuration,
    interval: Duration,
    now: Timestamp,
) -> HealthStatus {
    let age = now.duration_since(at);
    if age <= limit {
        return verdict;
    }
    let was = verdict.state.word().to_lowercase();
    let mut reason = Reason::new(format!("not read for {}, was {was}", span(age)));
    let every = SignedDuration::try_from(interval).map(span).unwrap_or_default();
    reason.evidence.push(Evidence::new(Some(at), &format!("last read; to be read every {every}")));
    if verdict.state < HealthState::Unknown {
        // What was bad when it was last seen has not become better by not being seen.
        verdict.reasons.push(reason);
        return verdict;
    }
    verdict.reasons.insert(0, reason);
    HealthStatus { state: HealthState::Unknown, since: at.checked_add(limit).ok(), ..verdict }
}

impl<'a> Assessor<'a> {
    fn new(service: &'a Service, around: &'a ServiceContext<'a>, now: Timestamp) -> Self {
        Self {
            service,
            context: around,
            now,
            events: events::events(service),
            failures: task_failures::task_failures(around.tasks),
        }
    }

    fn status(&self) -> HealthStatus {
        if let Some(verdict) = self.gone().or_else(|| self.parked()) {
            return verdict;
        }
        let mut findings: Vec<Finding> = vec![];
        findings.extend(self.failed_rollout().or_else(|| self.cannot_proceed()).or_else(|| self.nothing_runs()));
        findings.extend(self.restarting());
        findings.extend(self.too_few());
        findings.extend(self.lost_zone());
        findings.extend(self.unhealthy());
        findings.extend(self.dead_sidecars());
        findings.extend(self.rolling());
        findings.extend(self.scaling());
        findings.extend(self.rolled_back());
        // Stable: of equal states the order above holds.
        findings.sort_by_key(|finding| finding.state);
        let state = findings.first().map_or(HealthState::Steady, |finding| finding.state);
        let since = findings.iter().filter(|finding| finding.state == state).find_map(|finding| finding.since);
        let since = if state == HealthState::Steady { self.steady_since() } else { since };
        HealthStatus { state, since, reasons: findings.into_iter().map(|finding| finding.reason).collect() }
    }

    /// A service that was deleted.
    fn gone(&self) -> Option<HealthStatus> {
        let (state, text) = match self.service.status {
            ServiceStatus::Active | ServiceStatus::Other(_) => return None,
            ServiceStatus::Draining if self.service.running > 0 => {
                (HealthState::Scaling, format!("deleted, {} still stopping", self.service.running))
            }
            ServiceStatus::Draining | ServiceStatus::Inactive => (HealthState::Empty, "deleted".to_owned()),
        };
        Some(HealthStatus { state, reasons: vec![Reason::new(text)], since: None })
    }

    /// A service that should run nothing.
    fn parked(&self) -> Option<HealthStatus> {
        let Service { desired, running, pending, scheduling, ref tags, .. } = *self.service;
        if desired > 0 {
            return None;
        }
        let stopped =
            self.events.iter().find(|(said, _)| matches!(said, EventKind::Stopped(_))).map(|(_, event)| event.at);
        if running > 0 || pending > 0 {
            let text = format!("{} to stop, none desired", running.saturating_add(pending));
            let since = stopped.or_else(|| self.moved_at());
            return Some(HealthStatus { state: HealthState::Scaling, reasons: vec![Reason::new(text)], since });
        }
        let text = match (tags.get("wharf:parked"), scheduling) {
            (Some(record), _) => match field(record, "d") {
                Some(count) => format!("parked, was {count}"),
                None => "parked".to_owned(),
            },
            (None, Scheduling::Daemon) => "no instance to run on".to_owned(),
            (None, Scheduling::Replica) => "scaled to zero".to_owned(),
        };
        let mut reasons = vec![Reason::new(text)];
        if self.service.primary().is_some_and(|primary| primary.rollout == Some(Rollout::Failed)) {
            reasons.push(Reason::new("its last rollout failed"));
        }
        let recorded = tags.get("wharf:parked").and_then(|record| field(record, "at")).and_then(moment);
        let since = recorded.or(stopped).or_else(|| self.service.primary().and_then(|primary| primary.updated_at));
        Some(HealthStatus { state: HealthState::Parked, reasons, since })
    }

    /// Nothing runs that should, and not because it has only just begun.
    fn nothing_runs(&self) -> Option<Finding> {
        if self.service.running > 0 || self.is_fresh() {
            return None;
        }
        let dead: Vec<&TaskFailure<'_>> = self.failures.iter().collect();
        let cause = task_failures::main_cause(&dead);
        let text = match cause {
            Some(cause) => format!("{}, none runs", cause.text()),
            None => format!("nothing runs, 0 of {}", self.service.desired),
        };
        let mut evidence = task_failures::evidence(&dead);
        evidence.extend(events::troubles(&self.events, self.started_at()));
        // It began when the last that had run was over.
        let over =
            self.context.tasks.iter().filter(|task| task.started_at.is_some()).filter_map(|task| task.stopped_at);
        let since = over.max().or_else(|| dead.iter().filter_map(|death| death.at).min()).or_else(|| self.started_at());
        Some(Finding { state: HealthState::Failing, reason: Reason::new(text).with_evidence(evidence), since })
    }

    fn restarting(&self) -> Option<Finding> {
        let habit = task_failures::crash_loop(self.service, &self.failures, &self.events, self.now)?;
        let cause = habit.cause.map_or("tasks die".to_owned(), |cause| cause.text());
        let text = format!("{cause}, {} in {}", habit.count, span(task_failures::WINDOW));
        let reason = Reason::new(text).with_evidence(habit.evidence);
        Some(Finding { state: HealthState::Restarting, reason, since: Some(habit.since) })
    }

    /// Fewer run than should, though nothing is being rolled out or has just been asked for.
    fn too_few(&self) -> Option<Finding> {
        let Service { running, desired, pending, .. } = *self.service;
        if running == 0 || running >= desired || self.is_rolling() || self.is_fresh() {
            return None;
        }
        let obstacle = events::obstacle(&self.events, self.started_at());
        let recent = |death: &&TaskFailure<'_>| death.at.is_some_and(|at| self.now.duration_since(at) < GRACE * 5);
        let dead: Vec<&TaskFailure<'_>> = self.failures.iter().filter(recent).collect();
        let cause = obstacle.and_then(|(_, event)| super::cause::cause_of_text(&event.message));
        let text = match cause.or_else(|| task_failures::main_cause(&dead)) {
            Some(cause) => format!("{running} of {desired}, {}", cause.text()),
            None if pending > 0 => format!("{running} of {desired} run, {pending} pending"),
            None => format!("{running} of {desired} run"),
        };
        let mut evidence = task_failures::evidence(&dead);
        evidence.extend(obstacle.map(|(_, event)| Evidence::new(Some(event.at), &event.message)));
        let since = dead.last().and_then(|death| death.at).or(obstacle.map(|(_, event)| event.at));
        Some(Finding { state: HealthState::Degraded, reason: Reason::new(text).with_evidence(evidence), since })
    }

    /// A zone that it could be in and is not, though it has tasks enough.
    ///
    /// Only once it has settled, and only where as many tasks are known as run.
    fn lost_zone(&self) -> Option<Finding> {
        let settled = self.service.running == self.service.desired && !self.is_rolling();
        if !settled || self.service.scheduling == Scheduling::Daemon || self.context.tasks_read.is_none() {
            return None;
        }
        let spread = spread(self.context.tasks.iter().copied(), self.context.zones);
        let placed: usize = spread.zones.values().sum();
        if placed != self.service.running as usize || spread.without_zone > 0 || placed < 2 {
            return None;
        }
        let subnets = self.service.subnets.len();
        let possible = if subnets == 0 { spread.zones.len() } else { spread.zones.len().min(subnets) };
        let used: Vec<&str> = spread.used().collect();
        if used.len() >= possible.min(placed) {
            return None;
        }
        let empty: Vec<&str> = spread.empty().collect();
        let names: Vec<String> = empty.iter().map(|zone| spread.name(zone)).collect();
        let text = match spread.lopsided() {
            Some(lopsided) => format!("all {placed} {lopsided}"),
            None => format!("zone {} empty, {}", names.join(" "), spread.letters()),
        };
        let lost =
            self.context.tasks.iter().filter(|task| task.zone.as_deref().is_some_and(|zone| empty.contains(&zone)));
        let since = lost.filter_map(|task| task.stopped_at).max();
        let newest = || self.live_tasks().filter_map(|task| task.started_at).max();
        let reason = Reason::new(text)
            .with_evidence(vec![Evidence::new(None, &format!("running tasks by zone: {}", spread.letters()))]);
        Some(Finding { state: HealthState::Degraded, reason, since: since.or_else(newest) })
    }

    fn unhealthy(&self) -> Option<Finding> {
        let sick: Vec<&Task> = self.live_tasks().filter(|task| task.health == TaskHealth::Unhealthy).collect();
        if sick.is_empty() {
            return None;
        }
        let text = format!("{} of {} unhealthy", sick.len(), self.service.running);
        let mut evidence: Vec<Evidence> = sick
            .iter()
            .map(|task| Evidence::new(None, &format!("task {} fails its health check", task.arn.name())))
            .collect();
        let events: Vec<Evidence> = events::troubles(&self.events, self.started_at());
        let since = events.iter().filter_map(|event| event.at).max();
        evidence.extend(events);
        Some(Finding { state: HealthState::Degraded, reason: Reason::new(text).with_evidence(evidence), since })
    }

    /// Containers that ended while their tasks run on.
    ///
    /// Those that ended well are meant to: they prepare something before the others start.
    fn dead_sidecars(&self) -> Option<Finding> {
        let mut dead: Vec<(&str, Evidence)> = vec![];
        for task in self.live_tasks() {
            for container in &task.containers {
                if container.status == "STOPPED" && container.exit_code != Some(0) {
                    let code = container.exit_code.map(|code| format!(" with exit {code}")).unwrap_or_default();
                    let reason = container.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                    let text = format!("{} of task {} stopped{code}{reason}", container.name, task.arn.name());
                    dead.push((&container.name, Evidence::new(None, &text)));
                }
            }
        }
        let (name, _) = dead.first()?;
        let text = format!("{} dead in {} of {}", clean(name), dead.len(), self.service.running);
        let evidence = dead.into_iter().map(|(_, evidence)| evidence).collect();
        Some(Finding { state: HealthState::Degraded, reason: Reason::new(text).with_evidence(evidence), since: None })
    }

    /// Tasks are being added or taken away, without a new deployment.
    fn scaling(&self) -> Option<Finding> {
        let Service { running, desired, .. } = *self.service;
        if running == desired || self.is_rolling() || (running < desired && !self.is_fresh()) {
            return None;
        }
        let text = if running > desired {
            format!("{running} down to {desired}")
        } else {
            format!("{running} up to {desired}")
        };
        Some(Finding { state: HealthState::Scaling, reason: Reason::new(text), since: self.moved_at() })
    }

    /// Its own tasks that run and are to run on.
    fn live_tasks(&self) -> impl Iterator<Item = &'a Task> + '_ {
        self.context.tasks.iter().copied().filter(|task| task.status == TaskStatus::Running && !task.is_over())
    }

    /// When its present deployment began.
    pub(super) fn started_at(&self) -> Option<Timestamp> {
        self.service.primary().and_then(|primary| primary.created_at)
    }

    /// When ECS last set something going: started tasks, or took in a change.
    fn moved_at(&self) -> Option<Timestamp> {
        let moved = self.events.iter().find(|(said, _)| matches!(said, EventKind::Started(_) | EventKind::Stopped(_)));
        let primary = self.service.primary();
        let taken = primary.and_then(|primary| primary.updated_at.max(primary.created_at));
        let times = [moved.map(|(_, event)| event.at), taken, self.service.created_at];
        times.into_iter().flatten().filter(|at| *at <= self.now).max()
    }

    /// Whether something was set going so lately that what is still missing may be on its way, and
    /// nothing has gone wrong with it.
    fn is_fresh(&self) -> bool {
        // Large images take minutes; but that nothing goes wrong meanwhile is known of tasks that are read only.
        let grace = if self.service.pending > 0 && self.context.tasks_read.is_some() { GRACE * 3 } else { GRACE };
        let Some(moved) = self.moved_at().filter(|moved| self.now.duration_since(*moved) < grace) else {
            return false;
        };
        let start = moved.checked_sub(GRACE).unwrap_or(moved);
        let well = !self.failures.iter().any(|death| death.at.is_some_and(|at| at >= start));
        let primary = self.service.primary();
        let none_failed =
            primary.is_none_or(|primary| primary.failed == 0 || primary.rollout == Some(Rollout::Completed));
        well && none_failed && events::obstacle(&self.events, self.started_at()).is_none()
    }

    /// Whether tasks are being replaced.
    pub(super) fn is_rolling(&self) -> bool {
        let Some(primary) = self.service.primary() else {
            return false;
        };
        primary.rollout == Some(Rollout::InProgress) || self.replaced().is_some()
    }

    /// The deployment that makes way for the primary one, while it has tasks.
    pub(super) fn replaced(&self) -> Option<&'a Deployment> {
        let older = |deployment: &&Deployment| deployment.status == DeploymentStatus::Active;
        self.service
            .deployments
            .iter()
            .filter(older)
            .find(|deployment| deployment.running > 0 || deployment.pending > 0)
    }

    /// Steady since ECS first said so after it last did something.
    fn steady_since(&self) -> Option<Timestamp> {
        let calm = |said: &EventKind| matches!(said, EventKind::Steady | EventKind::Completed | EventKind::Other);
        let restless = self.events.iter().find(|(said, _)| !calm(said)).map(|(_, event)| event.at);
        let said = self.events.iter().rev().filter(|(said, _)| *said == EventKind::Steady).map(|(_, event)| event.at);
        let after = restless.and_then(|restless| said.filter(|at| *at >= restless).min());
        let primary = self.service.primary();
        after
            .or(restless)
            .or_else(|| primary.and_then(|primary| primary.updated_at.or(primary.created_at)))
            .or(self.service.created_at)
    }
}

/// The value of `name=` in a record such as `v1:d=3:min=2`.
fn field<'a>(record: &'a str, name: &str) -> Option<&'a str> {
    record.split(':').find_map(|field| field.strip_prefix(name)?.strip_prefix('=')).filter(|value| !value.is_empty())
}

/// A moment as a tag can hold it, where colons part the fields: `2026-11-20T08.39Z`.
fn moment(text: &str) -> Option<Timestamp> {
    text.replace('.', ":").parse().ok()
}

/// A span of time in at most four columns: `45s`, `12m`, `3h`, `9d`.
pub(super) fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}
