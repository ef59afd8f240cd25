//! Executions from beginning to end, against a service that is played by hand.
#![expect(clippy::unwrap_used, clippy::result_large_err, reason = "a test says more by failing where it went wrong")]

mod after;
mod crashes;
mod world;

use std::collections::VecDeque;

use world::*;

use super::*;
use crate::fleet::sample::deployment;
use crate::fleet::{Service, Trouble};
use crate::plan::{Entry, RecordState, Stabilization, Step, VerbName, record_state, verbs};

#[test]
fn a_step_is_read_again_noted_called_noted_seen_and_watched_until_it_rests() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    assert_eq!(ends(&progress), [(StepOutcome::Done, "3 > 5 tasks".to_owned())]);
    assert_eq!((progress.phase, &progress.tracks[0].settled), (Phase::Over, &Some(Stabilization::Stable)));
    assert_eq!(entries(&world.lines), ["planned", "intent", "reply", "step-ended", "finished", "stabilization"]);
    assert_eq!(world.effects.len(), 1);
    assert_eq!(record_state(&world.lines), RecordState::Finished);
}

#[test]
fn what_is_no_longer_as_the_plan_shows_it_is_skipped_without_a_call() {
    type Change = fn(&mut World);
    type Steps = fn(&Service) -> Vec<Step>;
    let count: Steps = scale;
    let cases: [(VerbName, Steps, Change, &str); 7] = [
        (
            verbs::SCALE.verb_name(),
            count,
            |world| world.services[0].desired = 4,
            "somebody changed the desired count to 4: it was 3",
        ),
        (
            verbs::SCALE.verb_name(),
            count,
            |world| world.services[0].status = crate::fleet::ServiceStatus::Draining,
            "is draining",
        ),
        (verbs::SCALE.verb_name(), count, |world| world.services.clear(), "does not know the service any more"),
        (verbs::SCALE.verb_name(), widened, |world| world.scaling = None, "autoscaling does not know"),
        (
            verbs::REDEPLOY.verb_name(),
            redeploy,
            |world| world.services[0].deployments = vec![deployment("theirs", "web:42", 3)],
            "web:42 was deployed since the plan was made",
        ),
        (
            verbs::REDEPLOY.verb_name(),
            redeploy,
            |world| world.digest = "sha256:bbb".to_owned(),
            "the tag v1 has moved again",
        ),
        (
            verbs::REDEPLOY.verb_name(),
            redeploy_part,
            |world| world.digest = "sha256:arm".to_owned(),
            "the tag v1 has moved again",
        ),
    ];
    for (verb, steps, change, says) in cases {
        let mut world = World::new(1);
        let plan = world.plan(verb, steps);
        change(&mut world);
        let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
        let first = &ends(&progress)[0];
        assert!(first.0 == StepOutcome::Skipped && first.1.contains(says), "{says}: {first:?}");
        assert_eq!(world.effects, [], "{says}");
    }
}

#[test]
fn a_tag_that_still_stands_for_the_index_of_what_runs_does_not_stop_a_redeploy() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::REDEPLOY.verb_name(), redeploy_part);
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    assert_eq!(progress.tracks[0].endings[0].verdict, StepOutcome::Done);
}

#[test]
fn autoscaling_does_not_stop_a_redeploy() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::REDEPLOY.verb_name(), redeploy);
    (world.services[0].desired, world.services[0].running) = (7, 7);
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    assert_eq!(progress.tracks[0].endings[0].verdict, StepOutcome::Done);
}

#[test]
fn what_is_so_already_is_left_alone() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    world.services[0].desired = 5;
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    assert_eq!(ends(&progress), [(StepOutcome::AlreadyDone, "the desired count is 5 already".to_owned())]);
    assert_eq!(world.effects, []);
}

#[test]
fn a_change_by_somebody_else_after_ours_is_no_failure() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    let mut execution = Execution::new(approved(&plan));
    for _ in 0..5 {
        let (part, order) = execution.orders(world.now).remove(0);
        let news = match order {
            Order::Read(ask) => OrderResult::Answered(Box::new(world.read(&ask))),
            Order::Call(call) => {
                let result = world.call(call.request());
                world.services[0].desired = 9;
                world.shown.clear();
                OrderResult::Called(result)
            }
            _ => OrderResult::Written,
        };
        execution.handle(part, news, world.now);
    }
    let progress = world.drive(execution, None).unwrap();
    let says = "superseded by somebody else: the desired count is 9".to_owned();
    assert_eq!(ends(&progress), [(StepOutcome::Done, says)]);
}

#[test]
fn a_lost_answer_is_looked_for_before_anything_is_sent_again() {
    let cases: [(Fate, &[Fate], usize, StepOutcome); 4] = [
        (Fate::LostAfter, &[], 1, StepOutcome::Done),
        (Fate::LostBefore, &[Fate::Answered], 1, StepOutcome::Done),
        (Fate::LostBefore, &[Fate::LostAfter], 1, StepOutcome::Done),
        (Fate::LostBefore, &[Fate::LostBefore], 0, StepOutcome::Failed),
    ];
    for (first, then, forced, verdict) in cases {
        let mut world = World::new(1);
        let plan = world.plan(verbs::REDEPLOY.verb_name(), redeploy);
        world.fates = [&[first], then].concat().into();
        let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
        assert_eq!((world.forced(), progress.tracks[0].endings[0].verdict), (forced, verdict), "{first:?} {then:?}");
    }
}

#[test]
fn a_lost_answer_and_another_deployment_are_for_a_person_to_judge() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::REDEPLOY.verb_name(), redeploy);
    let mut execution = Execution::new(approved(&plan));
    loop {
        let (part, order) = execution.orders(world.now).remove(0);
        let news = match order {
            Order::Read(ask) => OrderResult::Answered(Box::new(world.read(&ask))),
            Order::Call(_) => {
                world.services[0].deployments = vec![deployment("theirs", "web:42", 3)];
                execution.handle(part, OrderResult::Called(Err(error(Trouble::Broken, "500"))), world.now);
                break;
            }
            _ => OrderResult::Written,
        };
        execution.handle(part, news, world.now);
    }
    let progress = world.drive(execution, None).unwrap();
    let (verdict, why) = ends(&progress).remove(0);
    assert_eq!((verdict, world.effects.len()), (StepOutcome::Failed, 0));
    assert!(why.contains("not known") && why.contains("web:42 was deployed"), "{why}");
}

#[test]
fn throttling_is_waited_out_and_a_refusal_is_not() {
    for (fates, verdict, effects) in [
        (vec![Fate::Throttled, Fate::Throttled, Fate::Throttled, Fate::Answered], StepOutcome::Done, 1),
        (vec![Fate::Throttled; 4], StepOutcome::Failed, 0),
        (vec![Fate::Refused], StepOutcome::Failed, 0),
    ] {
        let mut world = World::new(1);
        let plan = world.plan(verbs::SCALE.verb_name(), scale);
        world.fates = fates.into();
        let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
        assert_eq!((progress.tracks[0].endings[0].verdict, world.effects.len()), (verdict, effects));
    }
}

#[test]
fn a_plan_over_several_tenants_stops_at_the_first_failure_and_says_what_was_not_touched() {
    let mut world = World::new(9);
    let mut plan = world.plan(verbs::SCALE.verb_name(), scale);
    for (at, track) in plan.tracks.iter_mut().enumerate() {
        track.target = target(&world.services[at], &format!("tenant{at}"));
    }
    world.fates = [Fate::Refused].into();
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    let verdicts: Vec<StepOutcome> = progress.endings().map(|ending| ending.verdict).collect();
    let count = |verdict| verdicts.iter().filter(|other| **other == verdict).count();
    assert_eq!((count(StepOutcome::Failed), count(StepOutcome::Done), count(StepOutcome::NotStarted)), (1, 3, 5));
    assert!(ends(&progress).contains(&(StepOutcome::NotStarted, "not started, because another failed".to_owned())));

    let mut world = World::new(9);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    world.fates = [Fate::Refused].into();
    let progress = world.drive(Execution::new(approved(&plan)), None).unwrap();
    let done = progress.endings().filter(|ending| ending.verdict == StepOutcome::Done).count();
    assert_eq!(done, 8, "of one tenant's services the others are brought to the same count");
}

#[test]
fn without_a_journal_nothing_is_called() {
    let mut world = World::new(2);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    let mut execution = Execution::new(approved(&plan));
    assert_eq!(execution.orders(world.now).len(), 1, "the plan is written before anything else");
    execution.handle(Scope::Plan, OrderResult::Unwritten("no space left".to_owned()), world.now);
    assert_eq!(execution.orders(world.now), []);
    let progress = execution.progress();
    assert_eq!((progress.phase.clone(), progress.journal.as_deref()), (Phase::Over, Some("no space left")));
    assert!(progress.endings().all(|ending| ending.verdict == StepOutcome::NotStarted));

    let mut execution = Execution::new(approved(&plan));
    while let Some((part, order)) = execution.orders(world.now).pop() {
        let news = match order {
            Order::Read(ask) => OrderResult::Answered(Box::new(world.read(&ask))),
            Order::Write(Event::Intent { .. }) => OrderResult::Unwritten("no space left".to_owned()),
            Order::Call(_) => panic!("called without an intent"),
            Order::Write(_) => OrderResult::Written,
            Order::Wait(_) => OrderResult::Waited,
        };
        execution.handle(part, news, world.now);
        // The other orders of the round are answered when they are asked for again.
        for run in &mut execution.runs {
            run.busy = false;
        }
    }
    assert_eq!(world.effects, []);
}

#[test]
fn told_to_end_it_begins_nothing_waits_for_the_call_and_says_what_is_left() {
    let mut world = World::new(1);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    // Before each of its orders in turn, until it is over.
    for rounds in 0..12 {
        let mut execution = Execution::new(approved(&plan));
        let mut told = World::new(1);
        let mut out: VecDeque<(Scope, Order)> = VecDeque::new();
        let mut calls = 0;
        for round in 0..200 {
            if round == rounds {
                execution.stop("SIGTERM");
                // Whoever drives drops reads and pauses that are out.
                out.retain(|(_, order)| matches!(order, Order::Call(_) | Order::Write(_)));
            }
            out.extend(execution.orders(told.now));
            let Some((part, order)) = out.pop_front() else { break };
            assert!(round < rounds || !matches!(order, Order::Read(_) | Order::Wait(_)), "{order:?} after the end");
            let news = match order {
                Order::Read(ask) => OrderResult::Answered(Box::new(told.read(&ask))),
                Order::Call(call) => {
                    calls += 1;
                    OrderResult::Called(told.call(call.request()))
                }
                Order::Write(entry) => {
                    told.lines.push(Entry { at: told.now, event: entry });
                    OrderResult::Written
                }
                Order::Wait(_) => OrderResult::Waited,
            };
            execution.handle(part, news, told.now);
        }
        let phase = execution.progress().phase;
        assert!(phase.is_over(), "{rounds}: {phase:?} {:?}", entries(&told.lines));
        assert!(calls <= 1);
        if let Phase::Interrupted(by) = phase {
            assert_eq!(by, "SIGTERM");
            assert_eq!(entries(&told.lines).last().map(String::as_str), Some("interrupted"), "{rounds}");
        }
    }
    world.lines.clear();
}

#[test]
fn an_answer_that_does_not_come_in_time_is_written_down_as_lost() {
    let world = World::new(1);
    let plan = world.plan(verbs::SCALE.verb_name(), scale);
    let mut execution = Execution::new(approved(&plan));
    let mut lines = vec![];
    let mut world = world;
    loop {
        let (part, order) = execution.orders(world.now).remove(0);
        let news = match order {
            Order::Read(ask) => OrderResult::Answered(Box::new(world.read(&ask))),
            Order::Call(_) => break,
            _ => OrderResult::Written,
        };
        execution.handle(part, news, world.now);
    }
    execution.stop("quit");
    assert_eq!(execution.orders(world.now), [], "the call is waited for");
    execution.give_up_waiting();
    while let Some((part, Order::Write(entry))) = execution.orders(world.now).pop() {
        lines.push(Entry { at: world.now, event: entry });
        execution.handle(part, OrderResult::Written, world.now);
    }
    assert_eq!(entries(&lines), ["reply", "interrupted"]);
    assert_eq!(execution.progress().phase, Phase::Interrupted("quit".to_owned()));
}
