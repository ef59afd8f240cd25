//! The deployment circuit breaker, and the rollback to the last completed deployment.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html>

use jiff::Timestamp;

use super::super::world::{DeploymentStatus, PastStatus, Rollback, RolloutState, words};
use super::Stage;

/// Why a deployment is rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The circuit breaker triggered.
    Breaker,
    /// StopServiceDeployment requested it.
    Request,
}

impl Stage<'_> {
    /// Counts a failed task, if it belongs to a rollout in progress.
    pub(super) fn count_failure(&mut self, deployment: Option<usize>, at: Timestamp) {
        let Some(primary) = self.service.deployments.first_mut().filter(|_| deployment == Some(0)) else { return };
        if primary.state != RolloutState::InProgress {
            return;
        }
        primary.failed = primary.failed.saturating_add(1);
        primary.updated_at = at;
        if let Some(past) = self.service.past.first_mut().filter(|past| past.status == PastStatus::InProgress) {
            past.failures = past.failures.saturating_add(1);
            past.updated_at = at;
        }
    }

    /// Fails the rollout if too many of its tasks have failed.
    pub(super) fn judge(&mut self, at: Timestamp) {
        let breaker = self.service.breaker;
        let past = self.service.past.first().filter(|past| !past.status.over());
        let limit = past.map_or_else(|| breaker.limit(self.service.desired), |past| past.threshold);
        let going_back = past.is_some_and(|past| past.status == PastStatus::RollbackInProgress);
        let Some(primary) = self.service.deployments.first_mut() else { return };
        if !breaker.enable || primary.state != RolloutState::InProgress || primary.failed < limit {
            return;
        }
        let id = primary.id.clone();
        if breaker.rollback && !going_back && self.go_back(Cause::Breaker, at) {
            return;
        }
        self.tell(at, words::failed(&self.service.name, &id));
        let Some(primary) = self.service.deployments.first_mut() else { return };
        (primary.state, primary.updated_at) = (RolloutState::Failed, at);
        words::BREAKER_FAILED.clone_into(&mut primary.reason);
        if let Some(past) = self.service.past.first_mut().filter(|past| !past.status.over()) {
            let status = if going_back { PastStatus::RollbackFailed } else { PastStatus::Stopped };
            past.end(status, Some(words::BREAKER_FAILED.to_owned()), at);
        }
    }

    /// Makes the last completed deployment primary again. Returns false if there is none.
    pub(super) fn go_back(&mut self, cause: Cause, at: Timestamp) -> bool {
        let service = &mut *self.service;
        let good = service.deployments.iter().skip(1).position(|one| one.state == RolloutState::Completed);
        let Some(good) = good.map(|at| at + 1) else { return false };
        let mut back = service.deployments.remove(good);
        let Some(failed) = service.deployments.first_mut() else { return false };
        let given_up = failed.id.clone();
        (failed.status, failed.state, failed.updated_at) = (DeploymentStatus::Active, RolloutState::Failed, at);
        let (reason, goal, why) = match cause {
            Cause::Breaker => {
                let why = words::rolled_back(&given_up);
                (words::BREAKER_FAILED.to_owned(), words::rolling_back_to(&back.id), why)
            }
            Cause::Request => {
                let why = words::rolled_back_by_request(&given_up);
                (words::STOPPED_BY_REQUEST.to_owned(), words::rollback_requested(&back.id), why)
            }
        };
        failed.reason = reason;
        (back.status, back.state, back.updated_at) = (DeploymentStatus::Primary, RolloutState::InProgress, at);
        (back.reason, back.failed, back.desired) = (goal, 0, service.desired);
        let (id, revision) = (back.id.clone(), back.revision.clone());
        service.deployments.insert(0, back);
        (service.life.misses, service.life.not_before) = (0, None);
        if let Some(past) = service.past.first_mut() {
            (past.status, past.updated_at) = (PastStatus::RollbackInProgress, at);
            past.status_reason = Some(why.clone());
            past.rollback = Some(Rollback { reason: why, started_at: at, revision });
        }
        let name = self.service.name.clone();
        if cause == Cause::Breaker {
            self.tell(at, words::failed(&name, &given_up));
        }
        self.tell(at, words::rolling_back(&name, &id));
        true
    }
}
