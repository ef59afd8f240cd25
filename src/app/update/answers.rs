//! What answers from AWS do.

use crate::app::feed::Ticket;
use crate::app::feeds::differs;
use crate::app::state::State;
use crate::fleet::{About, Answer, Ask, Extent, Facts};

/// Descriptions in AWS's own words that are kept; those still on the screen are asked for again.
const RAW: usize = 16;

/// Takes the answer to `ticket` in, unless nobody waits for it any more.
///
/// What had come before an error is kept, and so is the error.
pub(super) fn take(state: &mut State, ticket: Ticket, answer: Answer) {
    let (facts, extent, error) = match answer {
        Answer::Whole(facts) => (Some(facts), Extent::Whole, None),
        Answer::Part(facts, error) => (Some(facts), Extent::Part, Some(error)),
        Answer::None(error) => (None, Extent::Part, Some(error)),
    };
    let Some(ask) = state.feeds.answered(ticket, error.as_ref(), state.now) else { return };
    if let Some(error) = error {
        state.troubles.note(&ask.context, error, state.now);
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
}
