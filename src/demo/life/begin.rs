//! The start of a rollout, and the requests that take effect when the scheduler runs.

use jiff::Timestamp;

use super::super::world::{
    Definition, Deployment, DeploymentStatus, Image, Past, PastStatus, Revision, RolloutState, Service, words,
};
use super::Stage;
use super::breaker::Cause;

/// The alphabet of service deployment ids.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789_-";

/// Starts a rollout of `definition` at `at`, and requests a rollout in progress to stop.
///
/// Its image digests are unknown until its first task has pulled the images.
pub(crate) fn begin(service: &mut Service, definition: &Definition, at: Timestamp) {
    if let Some(past) = service.past.first_mut().filter(|past| !past.status.over()) {
        (past.status, past.updated_at) = (PastStatus::StopRequested, at);
        past.status_reason = Some(words::SUPERSEDED.to_owned());
    }
    let (desired, threshold) = (service.desired, service.breaker.limit(service.desired));
    let random = &mut service.life.random;
    let image = |of: &super::super::world::ContainerDefinition| Image {
        container: of.name.clone(),
        image: of.image.clone(),
        digest: None,
    };
    let revision = Revision {
        id: random.digits(19),
        definition: definition.name(),
        created_at: at,
        images: definition.containers.iter().map(image).collect(),
    };
    let id = format!("ecs-svc/{}", random.digits(19));
    let past = Past {
        id: random.text(LETTERS, 21),
        status: PastStatus::Pending,
        status_reason: None,
        created_at: at,
        started_at: None,
        updated_at: at,
        finished_at: None,
        sources: service.deployments.iter().map(|one| (one.revision.clone(), one.desired)).collect(),
        target: revision.id.clone(),
        desired,
        failures: 0,
        threshold,
        rollback: None,
    };
    for deployment in &mut service.deployments {
        deployment.status = DeploymentStatus::Active;
    }
    let deployment = Deployment {
        id: id.clone(),
        status: DeploymentStatus::Primary,
        definition: definition.name(),
        revision: revision.id.clone(),
        desired,
        failed: 0,
        state: RolloutState::InProgress,
        reason: words::in_progress(&id),
        created_at: at,
        updated_at: at,
    };
    service.deployments.insert(0, deployment);
    service.revisions.insert(0, revision);
    service.past.insert(0, past);
    (service.life.calm_since, service.life.steady) = (None, false);
}

impl Stage<'_> {
    /// Carries out the requests since the scheduler's last run: rollouts to start, to stop or to roll back.
    pub(super) fn take_up(&mut self, at: Timestamp) {
        let mut goes_back = false;
        for past in &mut self.service.past {
            match past.status {
                PastStatus::Pending => {
                    (past.status, past.started_at, past.updated_at) = (PastStatus::InProgress, Some(at), at);
                }
                PastStatus::StopRequested => past.end(PastStatus::Stopped, None, at),
                PastStatus::RollbackRequested => goes_back = true,
                _ => {}
            }
        }
        let stranded = goes_back && !self.go_back(Cause::Request, at);
        if let Some(past) = self.service.past.first_mut().filter(|_| stranded) {
            past.end(PastStatus::RollbackFailed, Some(words::NOTHING_TO_GO_BACK_TO.to_owned()), at);
        }
    }
}
