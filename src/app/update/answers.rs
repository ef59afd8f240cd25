//! What answers from AWS do.

use super::{logs, plans};
use crate::app::feed::Ticket;
use crate::app::feeds::differs;
use crate::app::state::State;
use crate::fleet::{About, Answer, Ask, CloudError, Extent, Facts};

/// Descriptions in AWS's own words that are kept; those still on the screen are asked for again.
const RAW: usize = 16;

/// Takes the answer to `ticket` in, unless nobody waits for it any more.
///
/// What had come before an error is kept, and so is the error.
pub(super) fn take(state: &mut State, ticket: Ticket, answer: Answer) {
    logs::answered(state, ticket, &answer);
    let (mut facts, extent, error) = parts(answer);
    let Some(ask) = state.feeds.answered(ticket, error.as_ref(), state.now) else { return };
    state.stocks.clear();
    plans::answered(state, ticket, error.as_ref());
    if let Some(error) = error.filter(|error| logs::is_trouble(state, &ask, error)) {
        state.troubles.note(&ask.context, error, state.now);
    }
    // A look that was asked before a newer one must not put the row back.
    if let Some(Facts::Look(services, missing)) = &mut facts {
        services.retain(|service| state.feeds.is_latest(&service.arn, ticket));
        missing.retain(|arn| state.feeds.is_latest(arn, ticket));
    }
    match facts {
        Some(Facts::Raw(text)) => {
            if let About::Raw(subject) = ask.about {
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

/// Takes in what a plan under way was answered: it is newer than whatever is under way here.
pub(super) fn witnessed(state: &mut State, ask: &Ask, answer: Answer) {
    let (facts, extent, error) = parts(answer);
    if let Some(error) = error {
        state.troubles.note(&ask.context, error, state.now);
    }
    if let Some(Facts::Look(services, missing)) = &facts {
        let seen = services.iter().map(|service| &service.arn).chain(missing);
        state.feeds.witnessed(seen.cloned().collect::<Vec<_>>());
    }
    if let Some(facts) = facts {
        merge(state, ask, facts, extent);
    }
}

fn parts(answer: Answer) -> (Option<Facts>, Extent, Option<CloudError>) {
    match answer {
        Answer::Whole(facts) => (Some(facts), Extent::Whole, None),
        Answer::Part(facts, error) => (Some(facts), Extent::Part, Some(error)),
        Answer::None(error) => (None, Extent::Part, Some(error)),
    }
}

fn merge(state: &mut State, ask: &Ask, facts: Facts, extent: Extent) {
    if let Facts::Look(services, _) = &facts {
        for after in services {
            let changed = state.fleet.service(&after.arn).is_none_or(|before| differs(before, after));
            if changed {
                state.feeds.changed(&after.cluster);
            }
        }
    }
    state.fleet.merge(ask, facts, extent, state.now);
    state.stocks.clear();
}
