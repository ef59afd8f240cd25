//! Tracks that wait for others.

use super::world::*;
use crate::plan::{Entry, Event, Execution, Plan, Refusal, StepOutcome, gate, verbs};

/// A scale of so many services; `after` says for each which tracks it waits for.
fn plan(world: &World, after: &[&[usize]]) -> Plan {
    let mut plan = world.plan(verbs::SCALE.verb_name(), scale);
    for (track, after) in plan.tracks.iter_mut().zip(after) {
        track.after = after.to_vec();
    }
    plan
}

/// Where in the journal the first call of `track` is intended, and where its last step ends.
fn begins_and_ends(lines: &[Entry], track: usize) -> (Option<usize>, Option<usize>) {
    let begins = lines.iter().position(|line| matches!(line.event, Event::Intent { track: at, .. } if at == track));
    let ends = lines.iter().rposition(|line| matches!(line.event, Event::StepEnded { track: at, .. } if at == track));
    (begins, ends)
}

#[test]
fn a_track_begins_once_all_that_it_waits_for_are_done_or_were_so_already() {
    let mut world = World::new(4);
    let plan = plan(&world, &[&[], &[0], &[], &[1, 2]]);
    world.services[2].desired = 5;
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    let verdicts: Vec<StepOutcome> = progress.endings().map(|ending| ending.verdict).collect();
    assert_eq!(verdicts, [StepOutcome::Done, StepOutcome::Done, StepOutcome::AlreadyDone, StepOutcome::Done]);
    let place = |track| begins_and_ends(&world.lines, track);
    assert!(place(0).1 < place(1).0 && place(1).1 < place(3).0, "{:?}", entries(&world.lines));
}

#[test]
fn what_waits_for_a_track_that_failed_is_not_started_and_says_why() {
    let mut world = World::new(4);
    let plan = plan(&world, &[&[], &[0], &[1], &[]]);
    world.fates = [Fate::Refused].into();
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    let ends = ends(&progress);
    let because =
        |name: &str| (StepOutcome::NotStarted, format!("not started, because acme/staging/{name} was not done"));
    assert_eq!(ends[0].0, StepOutcome::Failed);
    assert_eq!(ends[1..3], [because("web0"), because("web1")]);
    assert_eq!((ends[3].0, world.effects.len()), (StepOutcome::Done, 1));
}

#[test]
fn what_waits_for_a_track_that_was_skipped_or_given_up_is_not_started() {
    let mut world = World::new(2);
    let skipped = plan(&world, &[&[], &[0]]);
    world.services[0].desired = 4;
    let progress = world.drive(Execution::new(approved(&skipped)), None).unwrap();
    let verdicts: Vec<StepOutcome> = progress.endings().map(|ending| ending.verdict).collect();
    assert_eq!((verdicts, world.effects.len()), (vec![StepOutcome::Skipped, StepOutcome::NotStarted], 0));

    let mut world = World::new(2);
    let mut execution = Execution::new(approved(&plan(&world, &[&[], &[0]])));
    execution.give_up();
    let progress = world.drive(execution, None).unwrap();
    assert!(progress.endings().all(|ending| ending.verdict == StepOutcome::NotStarted) && world.effects.is_empty());
}

#[test]
fn stopped_dead_after_any_line_the_order_is_kept() {
    for fates in [&[][..], &[Fate::LostAfter], &[Fate::Refused]] {
        let fresh = || World { fates: fates.to_vec().into(), ..World::new(3) };
        let mut whole = fresh();
        let plan = plan(&whole, &[&[], &[0], &[1]]);
        let verdicts = |world: &mut World, execution, lines| {
            let progress = world.drive(execution, lines)?;
            Some(progress.endings().map(|ending| ending.verdict).collect::<Vec<_>>())
        };
        let expected = verdicts(&mut whole, Execution::new(approved(&plan)), None);
        for lines in 1..=whole.lines.len() {
            let mut world = fresh();
            assert_eq!(verdicts(&mut world, Execution::new(approved(&plan)), Some(lines)), None);
            let written = world.lines.clone();
            let resumed = Execution::resume(approved(&plan), &written);
            assert_eq!(verdicts(&mut world, resumed, None), expected, "after {lines} lines, {fates:?}");
            for track in 1..3 {
                let (before, this) = (begins_and_ends(&world.lines, track - 1), begins_and_ends(&world.lines, track));
                assert!(this.0.is_none() || before.1 < this.0, "after {lines} lines, {fates:?}");
            }
        }
    }
}

#[test]
fn a_track_that_waits_for_itself_or_a_later_one_passes_no_gate() {
    for after in [&[&[0][..], &[]], &[&[1], &[]], &[&[], &[7]]] {
        let plan = plan(&World::new(2), after);
        let refused = gate(plan, &crate::plan::Answer::Yes, &crate::plan::Policy::default());
        let Err(Refusal::Malformed(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("waits for one that does not come before it"), "{why}");
    }
}
