//! The errors screen: what went wrong between us and AWS, the latest first, and what to do about it.

use super::{Age, Card, Hint, Kind, Opens, plans, text};
use crate::app::body::Content;
use crate::app::command::{Command, Context};
use crate::app::layout::Layout;
use crate::app::page::{Line, Page, Role, Span};
use crate::app::reads::Needs;
use crate::app::state::{Item, State};
use crate::app::subject::Subject;
use crate::text::{duration, moment};

/// What went wrong between us and AWS.
pub(super) struct Errors;

impl Kind for Errors {
    fn card(&self) -> Card {
        Card {
            word: "errors",
            context: Context::Screen,
            layout: Layout::Page,
            shown_by: Some(Command::Errors),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        Subject::Fleet
    }

    fn subject(&self, _: &State) -> Subject {
        self.about()
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

/// The page of errors.
fn page(state: &State) -> Page {
    let mut page = Page::default();
    let count = state.errors.iter().count() + state.changes.unreadable().len();
    page.title = match count {
        0 => vec![Span::new("no errors", Role::Good)],
        1 => vec![Span::new("1 error", Role::Warn)],
        count => vec![Span::new(format!("{count} different errors, the latest first"), Role::Warn)],
    };
    for warning in state.run.warnings.iter().cloned().chain(state.fleet.twins()) {
        page.wrapped(vec![Span::new(" warning  ", Role::Warn)], &Span::plain(warning), state.size.width, None);
    }
    for journal in state.changes.unreadable() {
        plans::unreadable(state, &mut page, journal);
    }
    for seen in state.errors.iter() {
        if !page.lines.is_empty() {
            page.push(Line::empty());
        }
        let item = Item::Line(seen.id());
        let times = match seen.times {
            1 => String::new(),
            times => format!(", {times} times since {}", moment(seen.first, state.now)),
        };
        page.push(
            Line::of([
                Span::new(format!(" {}", seen.error.kind.word()), Role::Warn),
                Span::plain(format!("  {} ago{times}", duration(state.since(seen.last)))),
                Span::dim(format!("  {}", seen.context)),
            ])
            .stop(item.clone()),
        );
        let mut more = |text: &str, role| {
            page.wrapped(vec![Span::plain("   ")], &Span::new(text, role), state.size.width, Some(&item));
        };
        more(&seen.error.what(), Role::Plain);
        more(&seen.error.advice, Role::Strong);
        if let Some(id) = &seen.error.request_id {
            more(&format!("request id {id}"), Role::Dim);
        }
    }
    if page.lines.is_empty() {
        let asking = state.feeds.waiting(state.now).is_some() || state.feeds.progress(&state.fleet).is_some();
        let all = " Everything that AWS was asked in this session was answered.";
        let says = if asking { " None so far; AWS is still being asked." } else { all };
        page.push(Line::of([Span::dim(says)]));
    }
    page
}
