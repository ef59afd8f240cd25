//! What is to be said of a service's deployments.

use super::assess::{Assessor, Finding};
use super::events::{self, EventKind};
use super::task_failures::{self, TaskFailure};
use super::{Cause, Evidence, HealthState, Reason};
use crate::fleet::image::version;
use crate::fleet::{Arn, Deployment, DeploymentStatus, Rollout};

impl Assessor<'_> {
    /// A deployment was given up.
    pub(super) fn failed_rollout(&self) -> Option<Finding> {
        let primary = self.service.primary()?;
        let (failed, text) = if primary.rollout == Some(Rollout::Failed) {
            let text = match self.cause_in(primary) {
                Some(cause) => cause.text(),
                None => format!("{} rollout failed", self.version(&primary.definition)),
            };
            (primary, text)
        } else {
            let failed = |deployment: &&Deployment| {
                deployment.rollout == Some(Rollout::Failed) && deployment.status == DeploymentStatus::Active
            };
            let failed = self.service.deployments.iter().find(failed)?;
            if primary.rollout == Some(Rollout::Completed) {
                return None;
            }
            (failed, format!("{} failed, rolling back", self.version(&failed.definition)))
        };
        let said = self.events.iter().find(|(said, event)| {
            matches!(said, EventKind::Failed(_)) && failed.created_at.is_none_or(|created| event.at >= created)
        });
        let since = said.map(|(_, event)| event.at).or(failed.updated_at).or(failed.created_at);
        let mut evidence = self.evidence_of(failed);
        evidence.extend(failed.reason.as_ref().map(|reason| Evidence::new(failed.updated_at, reason)));
        Some(Finding { state: HealthState::Failing, reason: Reason::new(text).with_evidence(evidence), since })
    }

    /// A deployment goes on trying what does not work.
    pub(super) fn cannot_proceed(&self) -> Option<Finding> {
        let primary = self.service.primary()?;
        if primary.rollout == Some(Rollout::Completed)
            || (primary.rollout.is_none() && !self.is_rolling() && primary.failed == 0)
        {
            return None;
        }
        let obstacle = events::obstacle(&self.events, primary.created_at);
        let started = |death: &&TaskFailure<'_>| death.task.started_at.is_none();
        let unstarted = self.failures_of(primary).into_iter().filter(|death| started(death)).count();
        let none = primary.running == 0 && (primary.failed > 0 || unstarted > 1);
        // ECS counts failures in a row: with so many, the few that run are about to fail too.
        let fails = none || primary.failed >= 3;
        let lacking = primary.running < primary.desired;
        let text = match obstacle {
            Some((EventKind::Stuck, _)) => "min/max percent blocks tasks".to_owned(),
            _ if !lacking => return None,
            Some((said, event)) => {
                let cause = self.cause_in(primary).or_else(|| super::cause::cause_of_text(&event.message));
                let word =
                    if *said == EventKind::Inconsistent { "tasks do not start" } else { "tasks cannot be started" };
                cause.map_or(word.to_owned(), |cause| cause.text())
            }
            None if fails => match self.cause_in(primary) {
                Some(cause) => cause.text(),
                None => format!("{} does not start", self.version(&primary.definition)),
            },
            None => return None,
        };
        let dead = self.failures_of(primary);
        let first = dead.iter().filter_map(|death| death.at).min().or(obstacle.map(|(_, event)| event.at));
        let mut evidence = self.evidence_of(primary);
        if primary.failed > 0 {
            let text = format!("{} tasks of this deployment failed to start", primary.failed);
            evidence.push(Evidence::new(None, &text));
        }
        let since = first.or(primary.created_at);
        Some(Finding { state: HealthState::Failing, reason: Reason::new(text).with_evidence(evidence), since })
    }

    /// Tasks are being replaced.
    pub(super) fn rolling(&self) -> Option<Finding> {
        if !self.is_rolling() {
            return None;
        }
        let primary = self.service.primary()?;
        let to = self.version(&primary.definition);
        let replaced = self.replaced();
        let from = replaced.map(|replaced| self.version(&replaced.definition));
        let settling = replaced.is_none() && primary.running >= primary.desired;
        let change = match (from, replaced) {
            (Some(from), _) if from != to => format!("{from} > {to}"),
            (Some(_), Some(replaced)) if replaced.definition == primary.definition => format!("{to} redeploy"),
            (Some(_), Some(replaced)) => {
                let revision = |definition: &Arn| {
                    definition
                        .name()
                        .rsplit_once(':')
                        .map_or(definition.name().to_owned(), |(_, revision)| format!(":{revision}"))
                };
                format!("{to} {} > {}", revision(&replaced.definition), revision(&primary.definition))
            }
            _ if settling => to,
            _ => format!("{to} starts,"),
        };
        let state = if settling { ", settling" } else { "" };
        let text = format!("{change} {} of {}{state}", primary.running, primary.desired);
        let mut evidence: Vec<Evidence> =
            primary.reason.iter().map(|reason| Evidence::new(primary.updated_at, reason)).collect();
        if primary.failed > 0 {
            let text = format!("{} tasks of this deployment failed to start", primary.failed);
            evidence.push(Evidence::new(None, &text));
        }
        let dead = self.failures_of(primary);
        evidence.extend(task_failures::evidence(&dead));
        Some(Finding {
            state: HealthState::Rolling,
            reason: Reason::new(text).with_evidence(evidence),
            since: primary.created_at,
        })
    }

    /// What runs is what was brought back after a deployment failed.
    pub(super) fn rolled_back(&self) -> Option<Finding> {
        let primary = self.service.primary()?;
        if primary.rollout != Some(Rollout::Completed) {
            return None;
        }
        let back = |said: &EventKind| matches!(said, EventKind::RollingBack(Some(to)) if *to == primary.id);
        let (_, back) = self.events.iter().find(|(said, _)| back(said))?;
        let failed =
            self.events.iter().find(|(said, event)| matches!(said, EventKind::Failed(_)) && event.at <= back.at);
        let id = match failed {
            Some((EventKind::Failed(Some(id)), _)) if *id != primary.id => Some(id),
            _ => None,
        };
        let task = id.and_then(|id| self.context.tasks.iter().find(|task| task.started_by.as_ref() == Some(id)));
        let what = task.map_or("the last release".to_owned(), |task| self.version(&task.definition));
        let dead: Vec<&TaskFailure<'_>> =
            self.failures.iter().filter(|death| death.task.started_by.as_ref() == id).collect();
        let mut evidence = vec![Evidence::new(Some(back.at), &back.message)];
        evidence.extend(failed.map(|(_, event)| Evidence::new(Some(event.at), &event.message)));
        evidence.extend(if id.is_some() { task_failures::evidence(&dead) } else { vec![] });
        let reason = Reason::new(format!("{what} was rolled back")).with_evidence(evidence);
        Some(Finding { state: HealthState::Steady, reason, since: Some(back.at) })
    }

    fn version(&self, definition: &Arn) -> String {
        let known = version(definition, self.context.tasks.iter().copied(), self.context.definitions);
        // The revision alone where nothing better is known: the family's name says no more than the service's.
        match definition.name().rsplit_once(':') {
            Some((_, revision)) if known == definition.name() => format!(":{revision}"),
            _ => known,
        }
    }

    /// Deaths among the tasks that `deployment` started.
    fn failures_of(&self, deployment: &Deployment) -> Vec<&TaskFailure<'_>> {
        let own = |death: &&TaskFailure<'_>| death.task.started_by.as_deref() == Some(deployment.id.as_str());
        self.failures.iter().filter(own).collect()
    }

    fn cause_in(&self, deployment: &Deployment) -> Option<Cause> {
        task_failures::main_cause(&self.failures_of(deployment))
    }

    fn evidence_of(&self, deployment: &Deployment) -> Vec<Evidence> {
        let mut evidence = task_failures::evidence(&self.failures_of(deployment));
        evidence.extend(events::troubles(&self.events, deployment.created_at));
        evidence
    }
}
