//! What answers from AWS do.

use super::{logs, plans};
use crate::app::reads::Ticket;
use crate::app::state::State;
use crate::fleet::{Completeness, Payload, Query, QueryKind, Response, Service};

/// Descriptions as raw JSON that are kept; those still on the screen are asked for again.
const RAW: usize = 16;

/// Takes the answer to `ticket` in, unless nobody waits for it any more.
///
/// What had come before an error is kept, and so is the error.
pub(super) fn apply(state: &mut State, ticket: Ticket, answer: Response) {
    logs::answered(state, ticket, &answer);
    let (mut facts, extent, error) = answer.into_parts();
    let Some(ask) = state.feeds.answered(ticket, error.as_ref(), state.now) else { return };
    state.image_cache.clear();
    plans::answered(state, ticket, error.as_ref());
    if let Some(error) = error.filter(|error| logs::is_trouble(state, &ask, error)) {
        state.errors.record(&ask.context, error, state.now);
    }
    // A look that was asked before a newer one must not put the row back.
    if let Some(Payload::Services(services, missing)) = &mut facts {
        services.retain(|service| state.feeds.is_latest(&service.arn, ticket));
        missing.retain(|arn| state.feeds.is_latest(arn, ticket));
    }
    match facts {
        Some(Payload::RawJson(text)) => {
            if let QueryKind::RawJson(subject) = ask.kind {
                if state.raw.len() >= RAW {
                    state.raw.clear();
                }
                state.raw.insert(subject, text.into());
            }
        }
        Some(facts) => merge(state, &ask, facts, extent),
        None => {}
    }
}

/// Takes in what a running plan was answered: it is newer than any request in progress here.
pub(super) fn observed(state: &mut State, ask: &Query, answer: Response) {
    let (facts, extent, error) = answer.into_parts();
    if let Some(error) = error {
        state.errors.record(&ask.context, error, state.now);
    }
    if let Some(Payload::Services(services, missing)) = &facts {
        let seen = services.iter().map(|service| &service.arn).chain(missing);
        state.feeds.observed(seen.cloned().collect::<Vec<_>>());
    }
    if let Some(facts) = facts {
        merge(state, ask, facts, extent);
    }
}

fn merge(state: &mut State, ask: &Query, facts: Payload, extent: Completeness) {
    if let Payload::Services(services, _) = &facts {
        for after in services {
            let changed = state.fleet.service(&after.arn).is_none_or(|before| differs(before, after));
            if changed {
                state.feeds.changed(&after.cluster);
            }
        }
    }
    state.fleet.apply(ask, facts, extent, state.now);
    state.image_cache.clear();
}

/// Whether so much has changed between two answers that the tasks must have, too.
fn differs(before: &Service, after: &Service) -> bool {
    let summary = |service: &Service| {
        let deployments = service.deployments.iter();
        let deployments: Vec<_> =
            deployments.map(|d| (d.id.clone(), d.running, d.pending, d.failed, d.rollout.clone())).collect();
        let newest = service.events.first().map(|event| event.id.clone());
        (service.desired, service.running, service.pending, deployments, newest)
    };
    summary(before) != summary(after)
}
