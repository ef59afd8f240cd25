//! The transition to a steady state: the rollout completes, and ECS reports that the service is steady.

use jiff::{SignedDuration, Timestamp};

use super::super::world::{PastStatus, RolloutState, words};
use super::Stage;
use super::rollout::Outcome;

/// How often ECS repeats the steady-state event.
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
const REPEATED: SignedDuration = SignedDuration::from_hours(6);

impl Stage<'_> {
    /// Completes the rollout once the service has been stable for a while.
    pub(super) fn conclude(&mut self, outcome: Outcome, at: Timestamp) {
        let settling = self.ground.pace.settling;
        let rolling = self.service.deployments.first().is_some_and(|one| one.state == RolloutState::InProgress);
        let life = &mut self.service.life;
        life.steady &= !outcome.moved && outcome.quiet;
        if !outcome.quiet {
            life.calm_since = None;
        } else if rolling || !life.steady {
            let since = *life.calm_since.get_or_insert(at);
            if at < since + settling {
                life.wake(since + settling);
            } else {
                self.settle(at);
            }
        }
    }

    /// Repeats the steady-state event every six hours.
    pub(super) fn repeat(&mut self, at: Timestamp) {
        let life = &mut self.service.life;
        if life.steady && life.again.is_some_and(|again| again <= at) {
            life.again = Some(at + REPEATED);
            self.tell(at, words::steady(&self.service.name));
        }
    }

    fn settle(&mut self, at: Timestamp) {
        let service = &mut *self.service;
        let name = service.name.clone();
        let life = &mut service.life;
        (life.calm_since, life.steady, life.again) = (None, true, Some(at + REPEATED));
        (life.misses, life.not_before, life.stuck) = (0, None, None);
        let rolling = service.deployments.first_mut().filter(|one| one.state == RolloutState::InProgress);
        if let Some(primary) = rolling {
            (primary.state, primary.updated_at) = (RolloutState::Completed, at);
            primary.reason = words::rollout_completed(&primary.id);
            let id = primary.id.clone();
            service.deployments.truncate(1);
            if let Some(past) = service.past.first_mut().filter(|past| !past.status.over()) {
                let back = past.status == PastStatus::RollbackInProgress;
                past.end(if back { PastStatus::RollbackSuccessful } else { PastStatus::Successful }, None, at);
            }
            self.tell(at, words::completed(&name, &id));
        }
        self.tell(at, words::steady(&name));
    }
}
