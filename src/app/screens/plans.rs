//! The list of changes: this session's, and unfinished ones, the newest first.

use std::collections::BTreeSet;

use super::{Age, Card, Hint, Kind, Opens, selected_or, text};
use crate::app::body::Content;
use crate::app::changes::{Change, Origin, Stage, UnreadableJournal};
use crate::app::command::{Command, Context};
use crate::app::layout::Layout;
use crate::app::page::{Line, Page, Role, Span, summary};
use crate::app::reads::Needs;
use crate::app::state::{Item, State};
use crate::app::subject::Subject;
use crate::plan::Track;
use crate::text::{duration, padded};

/// The changes of this session, and unfinished ones.
pub(super) struct Plans;

impl Kind for Plans {
    fn card(&self) -> Card {
        Card {
            word: "plans",
            context: Context::Screen,
            layout: Layout::Page,
            shown_by: Some(Command::Plans),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        Subject::Fleet
    }

    fn subject(&self, state: &State) -> Subject {
        selected_or(state, self.about())
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, _: &State, _: &mut Needs) {}

    fn age(&self, _: &State) -> Age {
        Age::Ageless
    }

    fn content(&self, state: &State) -> Content {
        text(page(state))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page of changes.
fn page(state: &State) -> Page {
    let mut page = Page::default();
    let (all, running) = (state.changes.iter().count(), state.changes.running());
    page.title = vec![Span::plain(match all {
        0 => "no plans".to_owned(),
        1 => "1 plan".to_owned(),
        all => format!("{all} plans, the newest first"),
    })];
    if running > 0 {
        page.title.push(Span::new(format!("  {running} in progress"), Role::Busy));
    }
    for journal in state.changes.unreadable() {
        unreadable(state, &mut page, journal);
    }
    for change in state.changes.iter() {
        row(state, &mut page, change);
    }
    let unreadable = state.changes.unreadable().len();
    if unreadable > 0 {
        page.title.push(Span::new(format!("  {}", counted(unreadable)), Role::Bad));
    } else if all == 0 {
        page.push(Line::of([Span::dim(" Nothing was changed in this session, and no plan is unfinished.")]));
    }
    page
}

/// `1 journal unreadable`.
pub fn counted(unreadable: usize) -> String {
    format!("{unreadable} journal{} unreadable", if unreadable == 1 { "" } else { "s" })
}

/// A journal that cannot be read: it may hold an unfinished plan.
pub(super) fn unreadable(state: &State, page: &mut Page, journal: &UnreadableJournal) {
    let item = Item::Line(journal.path.clone());
    let lead = vec![Span::new(format!(" {}", padded("unreadable", 13)), Role::Bad)];
    page.wrapped(lead, &Span::new(&journal.path, Role::Strong), state.size.width, Some(&item));
    let advice = "what it records is not carried out, resumed or undone; check in AWS what was done";
    for (text, role) in [(journal.message().as_str(), Role::Plain), (advice, Role::Dim)] {
        page.wrapped(vec![Span::plain(" ".repeat(14))], &Span::new(text, role), state.size.width, Some(&item));
    }
}

fn row(state: &State, page: &mut Page, change: &Change) {
    let item = Item::Plan(change.id.clone());
    let (word, role) = match &change.stage {
        Stage::Reading(_) => ("asking", Role::Dim),
        Stage::Ready(_) => ("to confirm", Role::Strong),
        Stage::Nothing(_) => ("nothing", Role::Dim),
        Stage::Confirmed(..) | Stage::Dormant if state.changes.is_taken_back(change) => ("undone", Role::Dim),
        Stage::Confirmed(_, progress) => summary::state(progress),
        Stage::Dormant => ("unfinished", Role::Warn),
    };
    let subject = match change.plan() {
        Some(plan) => match plan.tracks.as_slice() {
            [Track { steps, .. }] => {
                let steps: Vec<String> = steps.iter().map(|step| step.kind().summary()).collect();
                format!("{}  {}", summary::subject(plan), steps.join(", "))
            }
            _ => summary::subject(plan),
        },
        None => format!("{} {}", change.verb(), summary::proposed(&change.resources(), &state.fleet_view.places)),
    };
    let lead = vec![Span::new(format!(" {}", padded(word, 13)), role)];
    page.wrapped(lead, &Span::new(subject, Role::Strong), state.size.width, Some(&item));
    let made = change.plan().map(|plan| plan.made_at).or(match &change.origin {
        Origin::Proposed(proposal) => Some(proposal.made_at),
        Origin::Unfinished(_) => None,
    });
    let contexts: BTreeSet<&str> =
        change.plan().into_iter().flat_map(|plan| &plan.locations).map(|place| place.context.as_str()).collect();
    let said = match &change.stage {
        Stage::Confirmed(_, progress) => summary::tally(progress),
        Stage::Nothing(plan) => summary::nothing(plan).to_string(),
        Stage::Reading(_) | Stage::Ready(_) | Stage::Dormant => String::new(),
    };
    let parts = [
        made.map(|at| format!("{} ago", duration(state.since(at)))).unwrap_or_default(),
        contexts.into_iter().collect::<Vec<_>>().join(", "),
        said,
    ];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
    page.wrapped(vec![Span::plain(" ".repeat(14))], &Span::dim(text), state.size.width, Some(&item));
}
