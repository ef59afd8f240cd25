//! The start of a rollout, and the requests that take effect when the scheduler runs.

use jiff::Timestamp;

use super::super::world::{
    ContainerImage, Deployment, DeploymentStatus, RolloutState, Service, ServiceDeployment, ServiceDeploymentStatus,
    ServiceRevision, TaskDefinition, messages,
};
use super::ServiceSimulation;
use super::circuit_breaker::RollbackCause;

/// The alphabet of service deployment ids.
const ID_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789_-";

/// Starts a rollout of `definition` at `at`, and requests a rollout in progress to stop.
///
/// Its image digests are unknown until its first task has pulled the images.
pub(crate) fn start_rollout(service: &mut Service, definition: &TaskDefinition, at: Timestamp) {
    if let Some(record) = service.service_deployments.first_mut().filter(|record| !record.status.is_finished()) {
        (record.status, record.updated_at) = (ServiceDeploymentStatus::StopRequested, at);
        record.status_reason = Some(messages::SUPERSEDED.to_owned());
    }
    let (desired, threshold) = (service.desired, service.breaker.limit(service.desired));
    let random = &mut service.scheduler.random;
    let image = |of: &super::super::world::ContainerDefinition| ContainerImage {
        container: of.name.clone(),
        image: of.image.clone(),
        digest: None,
    };
    let revision = ServiceRevision {
        id: random.digits(19),
        definition: definition.name(),
        created_at: at,
        images: definition.containers.iter().map(image).collect(),
    };
    let id = format!("ecs-svc/{}", random.digits(19));
    let record = ServiceDeployment {
        id: random.text(ID_ALPHABET, 21),
        status: ServiceDeploymentStatus::Pending,
        status_reason: None,
        created_at: at,
        started_at: None,
        updated_at: at,
        finished_at: None,
        source_revisions: service.deployments.iter().map(|one| (one.revision.clone(), one.desired)).collect(),
        target_revision: revision.id.clone(),
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
        reason: messages::in_progress(&id),
        created_at: at,
        updated_at: at,
    };
    service.deployments.insert(0, deployment);
    service.revisions.insert(0, revision);
    service.service_deployments.insert(0, record);
    (service.scheduler.stable_since, service.scheduler.steady) = (None, false);
}

impl ServiceSimulation<'_> {
    /// Carries out the requests since the scheduler's last run: rollouts to start, to stop or to roll back.
    pub(super) fn apply_requests(&mut self, at: Timestamp) {
        let mut roll_back = false;
        for record in &mut self.service.service_deployments {
            match record.status {
                ServiceDeploymentStatus::Pending => {
                    (record.status, record.started_at, record.updated_at) =
                        (ServiceDeploymentStatus::InProgress, Some(at), at);
                }
                ServiceDeploymentStatus::StopRequested => record.finish(ServiceDeploymentStatus::Stopped, None, at),
                ServiceDeploymentStatus::RollbackRequested => roll_back = true,
                _ => {}
            }
        }
        let failed = roll_back && !self.roll_back(RollbackCause::Request, at);
        if let Some(record) = self.service.service_deployments.first_mut().filter(|_| failed) {
            record.finish(
                ServiceDeploymentStatus::RollbackFailed,
                Some(messages::NOTHING_TO_GO_BACK_TO.to_owned()),
                at,
            );
        }
    }
}
