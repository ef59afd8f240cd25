//! The help screen: every key, from the keymap as it is now.

use super::service::padded;
use super::{Page, Role, Span};
use crate::app::command::{COMMANDS, Command, Layer};
use crate::app::state::{Item, State};
use crate::fleet::health::State as Condition;

/// The page of keys.
pub(super) fn page(state: &State) -> Page {
    let mut page = Page { title: vec![Span::plain("enter runs the selected line")], lines: vec![] };
    for (layer, name) in [(Layer::Screen, " KEYS"), (Layer::Plan, " ON A PLAN"), (Layer::Input, " WHILE TYPING")] {
        page.section(name);
        for about in COMMANDS.iter().filter(|about| about.layer == layer) {
            let keys = state.keymap.keys(about.command).join("  ");
            let lead = vec![Span::new(format!("   {}", padded(&keys, 22)), Role::Key)];
            // What ends or leaves the console is not run by a key that was meant for a line.
            let runs = !matches!(about.command, Command::Quit | Command::Suspend | Command::Leave);
            let item = Item::Line(about.name.to_owned());
            let stop = (layer == Layer::Screen && runs).then_some(&item);
            page.wrapped(lead, &Span::plain(about.help), state.size.width, stop);
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
