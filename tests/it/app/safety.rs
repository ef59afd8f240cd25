//! Whatever is pressed, answered and moved: nothing is carried out that was not shown and confirmed.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use wharf::app::{Chord, Effect, Key, Message, Prompt, Stage, State, TextInput, View};
use wharf::fleet::{Response, Service};
use wharf::plan::{Access, Answer as Said, Demand, Phase, Plan, PlanId, Policy, demand, gate};

use super::{App, chords, error, facts};
use crate::fixture::{service, short};

/// One thing that somebody does, or that happens.
#[derive(Clone, Copy, Debug)]
enum Act {
    Press(&'static str),
    /// Another number of tasks is asked for.
    Scale(&'static str),
    /// What is demanded is said: `y`, or the words.
    Agree,
    /// Something else is said.
    Disagree(&'static str),
    /// Keys come all at once.
    Burst(&'static str),
    /// Everything that was asked is answered; counts have moved by so much.
    Answer(u32),
    /// Likewise, and keys come before a frame is drawn.
    Blind(&'static str),
    Fail(usize),
    Wait(u64),
    /// The newest plan that was confirmed is over.
    Finish,
}

fn act() -> impl Strategy<Value = Act> {
    let walks = ["j", "k", "G", "enter", "esc", "q", "space", "*", "p", "?", "e", "ctrl-r", "b", "z", "x", "U", "tab"];
    let wrong = ["enter", "Y", "n", "california/production enter", "2 space services enter", "y enter"];
    prop_oneof![
        4 => prop::sample::select(walks.to_vec()).prop_map(Act::Press),
        4 => Just(Act::Press("R")),
        4 => prop::sample::select(vec!["3", "+1", "-1", "0", "9", "x"]).prop_map(Act::Scale),
        6 => Just(Act::Agree),
        1 => prop::sample::select(wrong.to_vec()).prop_map(Act::Disagree),
        1 => prop::sample::select(vec!["R y", "R y y", "S 3 enter y", "R enter", "y y y", "esc R y"]).prop_map(Act::Burst),
        8 => (0..3u32).prop_map(Act::Answer),
        1 => prop::sample::select(vec!["y", "enter", "c a l", "tab y"]).prop_map(Act::Blind),
        1 => (0..8usize).prop_map(Act::Fail),
        3 => (1..9u64).prop_map(Act::Wait),
        1 => Just(Act::Finish),
    ]
}

/// A fleet: for each service its home and its tasks.
type Sizes = Vec<(usize, u32)>;

fn story() -> impl Strategy<Value = (Sizes, Vec<Act>)> {
    (prop::collection::vec((0..HOMES.len(), 0..5u32), 1..7), prop::collection::vec(act(), 4..32))
}

const HOMES: [&str; 4] = ["acme/dev", "california/production", "texas/staging", "acme/unheard-of"];

/// The fleet of `sizes`; every third service wants `moved` tasks more.
fn fleet(sizes: &Sizes, moved: u32) -> Vec<Service> {
    let services = sizes.iter().enumerate().map(|(at, (home, tasks))| {
        let more = if at % 3 == 0 { moved } else { 0 };
        let service = service(&format!("c{}/web{at}", at % 2), HOMES[*home], tasks + more);
        if at % 4 == 1 { short(service, 0) } else { service }
    });
    services.collect()
}

/// Sees every message and every effect, and knows which plans were on the screen.
struct Watch {
    /// Whether anything may be changed.
    access: Access,
    /// The plan that was drawn last, and that no key was dropped for since.
    shown: Option<Plan>,
    performed: BTreeSet<PlanId>,
}

impl Watch {
    /// What is wrong with `effects`, which `message` made of the state `before`.
    fn look(&mut self, before: &State, message: &Message, effects: &[Effect]) -> Result<(), String> {
        for effect in effects {
            let approved = match effect {
                Effect::Perform(approved) => approved,
                Effect::Steer(id, _) if self.performed.contains(id) => continue,
                Effect::Read(..) | Effect::Suspend | Effect::Quit => continue,
                Effect::Resume(..) | Effect::Dismiss(_) | Effect::Steer(..) => {
                    return Err(format!("nobody asked for {effect:?}"));
                }
            };
            let plan = approved.plan();
            if self.access == Access::ReadOnly {
                return Err("carried out in read-only".to_owned());
            }
            let Some(shown) = &self.shown else { return Err("no plan was drawn".to_owned()) };
            if shown != plan {
                return Err(format!("carried out was {plan:?}, shown was {shown:?}"));
            }
            if before.screen().view != View::Plan(plan.id.clone()) {
                return Err("the plan was not on the screen any more".to_owned());
            }
            confirms(before, message, &demand(plan))?;
            if !self.performed.insert(plan.id.clone()) {
                return Err("carried out twice".to_owned());
            }
        }
        Ok(())
    }
}

/// Whether `message` says what is demanded.
fn confirms(before: &State, message: &Message, demand: &Demand) -> Result<(), String> {
    let Message::Pressed(chord, _) = message else { return Err(format!("{message:?} is no key")) };
    let typed = before.input.as_ref().map(|TextInput { asked, line, .. }| (asked, line.value()));
    match (demand, typed) {
        (Demand::Yes, None) if *chord == Chord::plain(Key::Char('y')) => Ok(()),
        (Demand::Words(words), Some((Prompt::Words(_), line))) if chord.key == Key::Enter && line == words => Ok(()),
        _ => Err(format!("`{chord}` was taken for {demand:?} with {typed:?} typed")),
    }
}

/// What else the app might do if it were broken: effects beside its own.
type Leak = fn(&Message, Option<&Plan>) -> Option<Effect>;

fn tight(_: &Message, _: Option<&Plan>) -> Option<Effect> {
    None
}

/// A story that is being told.
struct Play<'a> {
    app: App,
    watch: Watch,
    leak: Leak,
    sizes: &'a Sizes,
}

impl<'a> Play<'a> {
    fn new(sizes: &'a Sizes, access: Access, leak: Leak) -> Self {
        let mut app = App::showing(&fleet(sizes, 0));
        app.state.run.policy.access = access;
        Self { app, watch: Watch { access, shown: None, performed: BTreeSet::new() }, leak, sizes }
    }

    fn tell(&mut self, message: &Message) -> Result<(), String> {
        let before = self.app.state.clone();
        let mut effects = self.app.take_only(message.clone());
        effects.extend((self.leak)(message, self.watch.shown.as_ref()));
        self.watch.look(&before, message, &effects)?;
        self.watch.shown = drawn(&self.app.state);
        Ok(())
    }

    /// A key, and the frame after it, before which `ahead` was typed.
    fn press(&mut self, chord: Chord, ahead: Vec<Chord>) -> Result<bool, String> {
        self.app.pressing += 400;
        self.tell(&Message::Pressed(chord, self.app.now()))?;
        let quiet = self.app.state.must_discard_typeahead();
        if quiet {
            self.tell(&Message::PlanDrawn(self.app.now(), ahead))?;
        }
        Ok(quiet)
    }

    fn type_all(&mut self, chords: impl IntoIterator<Item = Chord>) -> Result<(), String> {
        chords.into_iter().try_for_each(|chord| self.press(chord, vec![]).map(|_| ()))
    }

    fn answer(&mut self, moved: u32) -> Result<(), String> {
        let services = fleet(self.sizes, moved);
        while !self.app.asked.is_empty() {
            let (ticket, ask, _) = self.app.asked.remove(0);
            let answer = Response::Complete(facts(&ask, &services, &[]));
            self.tell(&Message::Answered(ticket, Box::new(answer)))?;
        }
        Ok(())
    }

    fn act(&mut self, act: Act) -> Result<(), String> {
        match act {
            Act::Press(keys) | Act::Disagree(keys) => self.type_all(chords(keys))?,
            Act::Scale(count) => {
                self.type_all(chords("S"))?;
                self.type_all(count.chars().map(|c| Chord::plain(Key::Char(c))))?;
                self.type_all(chords("enter"))?;
            }
            Act::Agree => match self.watch.shown.as_ref().map(demand) {
                Some(Demand::Words(words)) => {
                    self.type_all(words.chars().map(|c| Chord::plain(Key::Char(c))))?;
                    self.type_all(chords("enter"))?;
                }
                Some(Demand::Yes) | None => self.type_all(chords("y"))?,
            },
            Act::Burst(keys) => {
                let keys = chords(keys);
                for at in 0..keys.len() {
                    if self.press(keys[at], keys[at + 1..].to_vec())? {
                        break;
                    }
                }
            }
            Act::Answer(moved) => self.answer(moved)?,
            Act::Blind(keys) => {
                self.answer(0)?;
                for chord in chords(keys) {
                    self.app.pressing += 5_000;
                    self.tell(&Message::Pressed(chord, self.app.now()))?;
                }
            }
            Act::Fail(at) if !self.app.asked.is_empty() => {
                let (ticket, ..) = self.app.asked.remove(at % self.app.asked.len());
                self.tell(&Message::Answered(ticket, Box::new(Response::Failed(error("DescribeServices")))))?;
            }
            Act::Fail(_) => {}
            Act::Wait(seconds) => {
                self.app.seconds += seconds;
                let now = self.app.now();
                self.tell(&Message::Ticked(now, wharf::app::Pressure::default()))?;
            }
            Act::Finish => {
                let confirmed = self.app.state.changes.iter().find_map(|change| match &change.stage {
                    Stage::Confirmed(_, progress) => Some((change.id.clone(), progress.clone())),
                    _ => None,
                });
                if let Some((id, mut progress)) = confirmed {
                    progress.phase = Phase::Over;
                    self.tell(&Message::Progressed(id, Box::new(progress)))?;
                }
            }
        }
        // The frame that follows.
        if self.app.state.must_discard_typeahead() {
            self.tell(&Message::PlanDrawn(self.app.now(), vec![]))?;
        }
        Ok(())
    }
}

/// The plan that stands on the screen and was drawn.
fn drawn(state: &State) -> Option<Plan> {
    let View::Plan(id) = &state.screen().view else { return None };
    match &state.changes.get(id)?.stage {
        Stage::Ready(ready) if ready.drawn.is_some() => Some(ready.plan.clone()),
        _ => None,
    }
}

/// Tells the story: how many plans were carried out, or what was wrong.
fn told(sizes: &Sizes, acts: &[Act], access: Access, leak: Leak) -> Result<usize, String> {
    let mut stage = Play::new(sizes, access, leak);
    acts.iter().try_for_each(|act| stage.act(*act))?;
    Ok(stage.watch.performed.len())
}

/// Tells 128 stories: each is checked by `check`, which says whether something was carried out in it.
fn stories(check: impl Fn(&Sizes, &[Act]) -> Result<bool, String>) -> (u32, u32) {
    let config = Config { failure_persistence: None, ..Config::with_cases(128) };
    let (all, carried_out) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let run = runner.run(&story(), |(sizes, acts)| {
        all.set(all.get() + 1);
        let done = check(&sizes, &acts).map_err(TestCaseError::fail)?;
        carried_out.set(carried_out.get() + u32::from(done));
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    (all.get(), carried_out.get())
}

#[test]
fn nothing_is_carried_out_that_was_not_shown_and_confirmed_and_nothing_at_all_in_read_only() {
    let (all, carried_out) = stories(|sizes, acts| {
        let performed = told(sizes, acts, Access::ReadWrite, tight)?;
        // The same story, which would carry something out, does not in read-only.
        match told(sizes, acts, Access::ReadOnly, tight)? {
            0 => Ok(performed > 0),
            _ => Err("carried out in read-only".to_owned()),
        }
    });
    assert!(carried_out * 5 >= all, "only {carried_out} of {all} stories come to it");
}

#[test]
fn a_plan_that_is_on_the_screen_is_refused_when_read_only_is_decided_after_it_was_drawn() {
    let (all, carried_out) = stories(|sizes, acts| {
        let would = told(sizes, acts, Access::ReadWrite, tight)? > 0;
        let mut stage = Play::new(sizes, Access::ReadWrite, tight);
        for act in acts {
            stage.act(*act)?;
            if stage.watch.shown.is_some() {
                (stage.watch.access, stage.app.state.run.policy.access) = (Access::ReadOnly, Access::ReadOnly);
            }
        }
        Ok(would)
    });
    assert!(carried_out * 5 >= all, "only {carried_out} of {all} stories come to it");
}

#[test]
fn a_gate_that_is_left_open_in_read_only_is_found_out() {
    let found = Cell::new(0);
    stories(|sizes, acts| {
        let mut stage = Play::new(sizes, Access::ReadWrite, tight);
        // Read-only for whoever watches, while the app's policy was swapped.
        stage.watch.access = Access::ReadOnly;
        let leaked = acts.iter().try_for_each(|act| stage.act(*act)).is_err();
        found.set(found.get() + u32::from(leaked));
        let would = told(sizes, acts, Access::ReadWrite, tight)? > 0;
        if leaked == would { Ok(would) } else { Err(format!("leaked {leaked}, would have {would}")) }
    });
    assert!(found.get() > 0);
}

/// What a gate would do that takes any key for an answer.
fn any_key(message: &Message, shown: Option<&Plan>) -> Option<Effect> {
    let (Message::Pressed(..), Some(plan)) = (message, shown) else { return None };
    let answer = match demand(plan) {
        Demand::Yes => Said::Yes,
        Demand::Words(words) => Said::Words(words),
    };
    Some(Effect::Perform(Box::new(gate(plan.clone(), &answer, &Policy::default()).ok()?)))
}

/// What a gate would do that lets one more service through than was shown.
fn one_more(message: &Message, shown: Option<&Plan>) -> Option<Effect> {
    let mut plan = shown?.clone();
    plan.tracks.push(plan.tracks.first()?.clone());
    any_key(message, Some(&plan))
}

#[test]
fn a_gate_that_takes_any_key_or_lets_more_through_than_was_shown_is_found_out() {
    for leak in [any_key as Leak, one_more] {
        let found = Cell::new(0);
        stories(|sizes, acts| {
            let leaked = told(sizes, acts, Access::ReadWrite, leak).is_err();
            found.set(found.get() + u32::from(leaked));
            Ok(leaked)
        });
        assert!(found.get() > 20, "found out in {} stories", found.get());
    }
}
