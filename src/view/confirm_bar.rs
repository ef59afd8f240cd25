//! What is asked above the footer: how many tasks there shall be, or what confirms a plan.

use std::collections::BTreeSet;

use super::line_layout::{KEPT, Part};
use super::status_line::key;
use crate::app::page::{Role, Span};
use crate::app::{Change, Command, Origin, Prompt, Ready, Stage, State, TextInput};
use crate::fleet::{Arn, Service};
use crate::plan::{Access, Demand, PlanId, Refusal, demand};
use crate::text::clean;

/// What is asked; nothing where nothing is.
pub(super) fn asked(state: &State) -> Option<Part> {
    match (&state.input, state.screen().view.plan()) {
        (Some(TextInput { asked: Prompt::Count(_, services), .. }), _) => {
            Some(Part::new([Span::plain(count(state, services))], KEPT))
        }
        (Some(TextInput { asked: Prompt::Filter | Prompt::Search, .. }), _) => None,
        (_, Some(id)) => plan(state, id, state.changes.get(id)?),
        _ => None,
    }
}

/// `web runs 2 of 2; autoscaling 2-6. How many tasks? 3, +1, -1`.
fn count(state: &State, services: &[Arn]) -> String {
    let looked: Vec<&Service> = services.iter().filter_map(|arn| Some(state.fleet.service(arn)?.as_ref())).collect();
    let now = match (services, looked.as_slice()) {
        ([one], []) => format!("{} was not looked at yet", clean(one.name())),
        ([arn], [one, ..]) => {
            let bounds = state.fleet.scaling.get(arn).and_then(Option::as_ref);
            let bounds = bounds.map(|scaling| format!("; autoscaling {}-{}", scaling.min, scaling.max));
            let name = clean(&one.name);
            format!("{name} runs {} of {}{}", one.running, one.desired, bounds.unwrap_or_default())
        }
        (several, looked) => {
            let counts: BTreeSet<u32> = looked.iter().map(|service| service.desired).collect();
            let each = match (counts.first(), counts.last()) {
                (Some(least), Some(most)) if least == most => format!(" want {least} each"),
                (Some(least), Some(most)) => format!(" want {least} to {most} each"),
                _ => " were not looked at yet".to_owned(),
            };
            format!("{} services{each}", several.len())
        }
    };
    format!("{now}. How many tasks? 3, +1 or -1")
}

/// What confirms the plan, or why nothing does.
fn plan(state: &State, id: &PlanId, change: &Change) -> Option<Part> {
    let back = key(state, Command::Back);
    let leaves = format!("{back} changes nothing");
    // No key is asked for before it counts: not until the plan was drawn.
    let Stage::Ready(Ready { plan, drawn: Some(_) }) = &change.stage else {
        let ahead = matches!(&change.stage, Stage::Reading(_) | Stage::Ready(_));
        return ahead.then(|| Part::new([Span::dim(leaves)], KEPT));
    };
    if state.run.policy.access == Access::ReadOnly {
        return Some(Part::new([Span::new(Refusal::ReadOnly.to_string(), Role::Warn)], KEPT));
    }
    let resumes = matches!(change.origin, Origin::Unfinished(_));
    let does = if resumes { "resumes it" } else { "carries it out" };
    let confirms = match demand(plan) {
        Demand::Yes => {
            vec![Span::new(key(state, Command::Confirm), Role::Key), Span::new(format!(" {does}"), Role::Strong)]
        }
        Demand::Words(words) => {
            vec![Span::new("type ", Role::Strong), Span::new(words, Role::Key), Span::new(", then enter", Role::Strong)]
        }
    };
    let typing = matches!(&state.input, Some(TextInput { asked: Prompt::Words(own), .. }) if own == id);
    let bounds = change.could_move_bounds().then(|| {
        // While words are typed, a letter is a letter.
        let mut keys = state.keymap.keys(Command::MoveBounds).into_iter();
        keys.find(|key| !typing || key.chars().count() > 1)
    });
    let bounds = bounds.flatten().map(|key| Span::plain(format!("; {key} moves the bounds")));
    let form = |leaves: String| confirms.iter().cloned().chain([Span::plain(leaves)]).chain(bounds.clone());
    Some(Part::new(form(format!("; {leaves}")), 2).or(form(format!("; {back} cancels")), 1).or(confirms.clone(), KEPT))
}
