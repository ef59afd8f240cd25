//! The transition to a steady state: the rollout completes, and ECS reports that the service is steady.

use jiff::{SignedDuration, Timestamp};

use super::super::world::{RolloutState, ServiceDeploymentStatus, messages};
use super::ServiceSimulation;
use super::scheduler::RunResult;

/// How often ECS repeats the steady-state event.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
const STEADY_EVENT_PERIOD: SignedDuration = SignedDuration::from_hours(6);

impl ServiceSimulation<'_> {
    /// Completes the rollout once the service has been stable for a while.
    pub(super) fn check_stable(&mut self, result: RunResult, at: Timestamp) {
        let settling = self.region.timings.steady_delay;
        let rolling = self.service.deployments.first().is_some_and(|one| one.state == RolloutState::InProgress);
        let scheduler = &mut self.service.scheduler;
        scheduler.steady &= !result.moved && result.stable;
        if !result.stable {
            scheduler.stable_since = None;
        } else if rolling || !scheduler.steady {
            let since = *scheduler.stable_since.get_or_insert(at);
            if at < since + settling {
                scheduler.run_at(since + settling);
            } else {
                self.become_steady(at);
            }
        }
    }

    /// Repeats the steady-state event every six hours.
    pub(super) fn repeat_steady_event(&mut self, at: Timestamp) {
        let scheduler = &mut self.service.scheduler;
        if scheduler.steady && scheduler.repeat_at.is_some_and(|again| again <= at) {
            scheduler.repeat_at = Some(at + STEADY_EVENT_PERIOD);
            self.add_event(at, messages::steady(&self.service.name));
        }
    }

    fn become_steady(&mut self, at: Timestamp) {
        let service = &mut *self.service;
        let name = service.name.clone();
        let scheduler = &mut service.scheduler;
        (scheduler.stable_since, scheduler.steady, scheduler.repeat_at) = (None, true, Some(at + STEADY_EVENT_PERIOD));
        (scheduler.failed_starts, scheduler.not_before, scheduler.reported_stuck) = (0, None, None);
        let rolling = service.deployments.first_mut().filter(|one| one.state == RolloutState::InProgress);
        if let Some(primary) = rolling {
            (primary.state, primary.updated_at) = (RolloutState::Completed, at);
            primary.reason = messages::rollout_completed(&primary.id);
            let id = primary.id.clone();
            service.deployments.truncate(1);
            if let Some(record) = service.service_deployments.first_mut().filter(|record| !record.status.is_finished())
            {
                let back = record.status == ServiceDeploymentStatus::RollbackInProgress;
                record.finish(
                    if back {
                        ServiceDeploymentStatus::RollbackSuccessful
                    } else {
                        ServiceDeploymentStatus::Successful
                    },
                    None,
                    at,
                );
            }
            self.add_event(at, messages::completed(&name, &id));
        }
        self.add_event(at, messages::steady(&name));
    }
}
