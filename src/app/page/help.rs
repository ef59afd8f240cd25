//! The help screen: every key, from the keymap as it is now.

use super::{Page, Role, Span};
use crate::app::command::{About, COMMANDS, Command, Layer};
use crate::app::state::{Item, State, View};
use crate::fleet::health::State as Condition;
use crate::text::padded;

/// What a key does first of all on some screens.
const LOGS: [Command; 7] = [
    Command::Previous,
    Command::Last,
    Command::Filter,
    Command::NextMatch,
    Command::PreviousMatch,
    Command::Open,
    Command::Logs,
];
/// Marks before images.
const MARKS: [(&str, Role, &str); 5] = [
    ("!", Role::Warn, "a tag that has moved: tasks run what it stood for, new ones would run something else"),
    ("x", Role::Bad, "a tag that tasks ask for, and no image has"),
    ("z", Role::Warn, "in the archive: it has to be restored before it can be pulled"),
    (".", Role::Strong, "it runs"),
    ("part?", Role::Dim, "without a tag, but by the time of its push probably one platform's image of that one"),
];

/// The page of keys: what is meant for the screen below stands first.
pub(super) fn page(state: &State) -> Page {
    let mut page = Page { title: vec![Span::plain("enter runs the selected line")], lines: vec![] };
    let below = state.screens.iter().rev().nth(1).map(|screen| &screen.view);
    let first: &[Command] = if let Some(View::Logs(_)) = below { &LOGS } else { &[] };
    if !first.is_empty() {
        page.section(" IN LOGS");
        for command in first {
            row(state, &mut page, command.about());
        }
    }
    let mut layers = vec![(Layer::Screen, " KEYS"), (Layer::Plan, " ON A PLAN"), (Layer::Input, " WHILE TYPING")];
    if let Some(View::Plan(_)) = below {
        layers.swap(0, 1);
    }
    for (layer, name) in layers {
        page.section(name);
        let rest = COMMANDS.iter().filter(|about| about.layer == layer && !first.contains(&about.command));
        for about in rest {
            row(state, &mut page, about);
        }
    }
    if let Some(View::Images(_) | View::Image(..)) = below {
        page.section(" MARKS BEFORE IMAGES");
        for (mark, role, meaning) in MARKS {
            let lead = vec![Span::new(format!("   {}", padded(mark, 22)), role)];
            page.wrapped(lead, &Span::plain(meaning), state.size.width, None);
        }
    }
    page.section(" STATES, THE WORST FIRST");
    for condition in Condition::ALL {
        let word = format!("   {} {}", condition.mark(), padded(condition.word(), 20));
        let lead = vec![Span::new(word, Role::State(condition))];
        page.wrapped(lead, &Span::plain(meaning(condition)), state.size.width, None);
    }
    page
}

/// The keys of a command, and what they do.
fn row(state: &State, page: &mut Page, about: &About) {
    let keys = state.keymap.keys(about.command).join("  ");
    let lead = vec![Span::new(format!("   {}", padded(&keys, 22)), Role::Key)];
    // What ends or leaves the console is not run by a key that was meant for a line.
    let runs = !matches!(about.command, Command::Quit | Command::Suspend | Command::Leave);
    let item = Item::Line(about.name.to_owned());
    let stop = (about.layer == Layer::Screen && runs).then_some(&item);
    page.wrapped(lead, &Span::plain(about.help), state.size.width, stop);
}

fn meaning(condition: Condition) -> &'static str {
    match condition {
        Condition::Failing => "a rollout failed or cannot proceed; nothing runs that should",
        Condition::Restarting => "tasks keep dying, even where as many run as should",
        Condition::Degraded => "fewer than desired, a zone lost, a dead sidecar, unhealthy",
        Condition::Unknown => "not read for too long: silence is never health",
        Condition::Rolling => "tasks are being replaced",
        Condition::Scaling => "tasks are being added or taken away",
        Condition::Reading => "about to be read for the first time",
        Condition::Steady => "ECS is satisfied, no more",
        Condition::Parked => "scaled to zero",
        Condition::Empty => "there is nothing",
    }
}
