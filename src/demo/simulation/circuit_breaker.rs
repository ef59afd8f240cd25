//! The deployment circuit breaker, and the rollback to the last completed deployment.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>

use jiff::Timestamp;

use super::super::world::{DeploymentStatus, Rollback, RolloutState, ServiceDeploymentStatus, messages};
use super::ServiceSimulation;

/// Why a deployment is rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RollbackCause {
    /// The circuit breaker triggered.
    Breaker,
    /// `StopServiceDeployment` requested it.
    Request,
}

impl ServiceSimulation<'_> {
    /// Counts a failed task, if it belongs to a rollout in progress.
    pub(super) fn count_failure(&mut self, deployment: Option<usize>, at: Timestamp) {
        let Some(primary) = self.service.deployments.first_mut().filter(|_| deployment == Some(0)) else { return };
        if primary.state != RolloutState::InProgress {
            return;
        }
        primary.failed = primary.failed.saturating_add(1);
        primary.updated_at = at;
        if let Some(record) = self
            .service
            .service_deployments
            .first_mut()
            .filter(|record| record.status == ServiceDeploymentStatus::InProgress)
        {
            record.failures = record.failures.saturating_add(1);
            record.updated_at = at;
        }
    }

    /// Fails the rollout if too many of its tasks have failed.
    pub(super) fn check_breaker(&mut self, at: Timestamp) {
        let breaker = self.service.breaker;
        let record = self.service.service_deployments.first().filter(|record| !record.status.is_finished());
        let limit = record.map_or_else(|| breaker.limit(self.service.desired), |record| record.threshold);
        let rolling_back = record.is_some_and(|record| record.status == ServiceDeploymentStatus::RollbackInProgress);
        let Some(primary) = self.service.deployments.first_mut() else { return };
        if !breaker.enable || primary.state != RolloutState::InProgress || primary.failed < limit {
            return;
        }
        let id = primary.id.clone();
        if breaker.rollback && !rolling_back && self.roll_back(RollbackCause::Breaker, at) {
            return;
        }
        self.add_event(at, messages::failed(&self.service.name, &id));
        let Some(primary) = self.service.deployments.first_mut() else { return };
        (primary.state, primary.updated_at) = (RolloutState::Failed, at);
        messages::BREAKER_FAILED.clone_into(&mut primary.reason);
        if let Some(record) = self.service.service_deployments.first_mut().filter(|record| !record.status.is_finished())
        {
            let status =
                if rolling_back { ServiceDeploymentStatus::RollbackFailed } else { ServiceDeploymentStatus::Stopped };
            record.finish(status, Some(messages::BREAKER_FAILED.to_owned()), at);
        }
    }

    /// Makes the last completed deployment primary again. Returns false if there is none.
    pub(super) fn roll_back(&mut self, cause: RollbackCause, at: Timestamp) -> bool {
        let service = &mut *self.service;
        let completed = service.deployments.iter().skip(1).position(|one| one.state == RolloutState::Completed);
        let Some(completed) = completed.map(|at| at + 1) else { return false };
        let mut back = service.deployments.remove(completed);
        let Some(failed) = service.deployments.first_mut() else { return false };
        let failed_id = failed.id.clone();
        (failed.status, failed.state, failed.updated_at) = (DeploymentStatus::Active, RolloutState::Failed, at);
        let (reason, goal, why) = match cause {
            RollbackCause::Breaker => {
                let why = messages::rolled_back(&failed_id);
                (messages::BREAKER_FAILED.to_owned(), messages::rolling_back_to(&back.id), why)
            }
            RollbackCause::Request => {
                let why = messages::rolled_back_by_request(&failed_id);
                (messages::STOPPED_BY_REQUEST.to_owned(), messages::rollback_requested(&back.id), why)
            }
        };
        failed.reason = reason;
        (back.status, back.state, back.updated_at) = (DeploymentStatus::Primary, RolloutState::InProgress, at);
        (back.reason, back.failed, back.desired) = (goal, 0, service.desired);
        let (id, revision) = (back.id.clone(), back.revision.clone());
        service.deployments.insert(0, back);
        (service.scheduler.failed_starts, service.scheduler.not_before) = (0, None);
        if let Some(record) = service.service_deployments.first_mut() {
            (record.status, record.updated_at) = (ServiceDeploymentStatus::RollbackInProgress, at);
            record.status_reason = Some(why.clone());
            record.rollback = Some(Rollback { reason: why, started_at: at, revision });
        }
        let name = self.service.name.clone();
        if cause == RollbackCause::Breaker {
            self.add_event(at, messages::failed(&name, &failed_id));
        }
        self.add_event(at, messages::rolling_back(&name, &id));
        true
    }
}
