//! Whatever comes in whatever order, the state holds together.

use std::collections::BTreeSet;

use proptest::prelude::*;
use wharf::app::{Chord, Effect, Message, Size, Ticket, update};
use wharf::fleet::{CloudError, Priority, Response, Service, Trouble};

use super::{App, facts};
use crate::fixture::{after, service, short};

/// One step of a random story.
#[derive(Clone, Debug)]
enum Step {
    Press(&'static str),
    Paste,
    Resize(u16, u16),
    Tick(u64),
    /// The question at this place is answered from the fleet with this many services.
    Answer(usize, usize),
    Fail(usize),
    Stale(u64),
    /// The frame was drawn.
    Draw,
}

const KEYS: [&str; 38] = [
    "l",
    "l",
    "n",
    "k",
    "space",
    "*",
    "R",
    "R",
    "S",
    "U",
    "p",
    "y",
    "b",
    "z",
    "x",
    "1",
    "+",
    "j",
    "k",
    "g",
    "G",
    "enter",
    "esc",
    "backspace",
    "/",
    "e",
    "d",
    "i",
    "?",
    "!",
    "ctrl-r",
    "ctrl-d",
    "ctrl-u",
    "a",
    "alt-x",
    "tab",
    "q",
    "left",
];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::sample::select(&KEYS[..]).prop_map(Step::Press),
        1 => Just(Step::Paste),
        1 => (1..200u16, 1..60u16).prop_map(|(width, height)| Step::Resize(width, height)),
        2 => (0..90u64).prop_map(Step::Tick),
        5 => (0..64usize, 0..30usize).prop_map(|(at, services)| Step::Answer(at, services)),
        1 => (0..64usize).prop_map(Step::Fail),
        1 => (0..500u64).prop_map(Step::Stale),
        2 => Just(Step::Draw),
    ]
}

fn services(count: usize) -> Vec<Service> {
    (0..count)
        .map(|n| short(service(&format!("c{}/web{n}", n % 3), &format!("t{}/prod", n % 7), 3), (n % 4) as u32))
        .collect()
}

fn error() -> CloudError {
    CloudError {
        kind: Trouble::TimedOut,
        operation: "ListServices".to_owned(),
        on: "cluster c0".to_owned(),
        code: None,
        message: "no answer within 8 s".to_owned(),
        request_id: None,
        advice: "It is asked again by itself.".to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_story_leaves_a_state_that_holds_together(steps in prop::collection::vec(step(), 1..120)) {
        let mut app = App::new();
        let mut flying: BTreeSet<Ticket> = app.asked.iter().map(|(ticket, ..)| *ticket).collect();
        let mut seconds = 0;
        for step in steps {
            let message = match step {
                Step::Press(key) => Message::Pressed(key.parse::<Chord>().unwrap(), app.now()),
                Step::Draw => Message::PlanDrawn(app.now(), vec![]),
                Step::Paste => Message::Pasted("q\x1b".to_owned()),
                Step::Resize(width, height) => Message::Resized(Size { width, height }),
                Step::Tick(by) => {
                    seconds += by;
                    Message::Ticked(after(seconds), wharf::app::Pressure::default())
                }
                Step::Stale(ticket) if flying.contains(&Ticket(ticket)) => continue,
                Step::Stale(ticket) => Message::Answered(Ticket(ticket), Box::new(Response::Failed(error()))),
                Step::Answer(..) | Step::Fail(_) if app.asked.is_empty() => continue,
                Step::Answer(at, count) => {
                    let (ticket, ask, _) = app.asked.remove(at % app.asked.len());
                    flying.remove(&ticket);
                    Message::Answered(ticket, Box::new(Response::Complete(facts(&ask, &services(count), &[]))))
                }
                Step::Fail(at) => {
                    let (ticket, ..) = app.asked.remove(at % app.asked.len());
                    flying.remove(&ticket);
                    Message::Answered(ticket, Box::new(Response::Failed(error())))
                }
            };
            let effects = update(&mut app.state, message);
            app.note(&effects);
            // A plan asks anew, whatever is under way.
            let asked = app.asked.iter().filter(|(.., lane)| *lane != Priority::Change);
            let asked: Vec<_> = asked.map(|(_, ask, _)| ask).collect();
            let different: BTreeSet<_> = asked.iter().collect();
            prop_assert_eq!(asked.len(), different.len(), "the same question is under way twice");
            let resting = effects.iter().filter(|effect| matches!(effect, Effect::Read(_, _, Priority::Rest))).count();
            prop_assert!(resting <= 5 * 12, "{} questions at once", resting);
            flying.extend(app.asked.iter().map(|(ticket, ..)| *ticket));
            let body = &app.state.body;
            let list = &app.state.screen().list;
            prop_assert!(list.top < body.count().max(1), "the window has left the lines");
            if let Some(selected) = &list.selected {
                prop_assert!(body.anchors.iter().any(|anchor| anchor.item == *selected), "{:?} is not there", selected);
            }
        }
    }
}
