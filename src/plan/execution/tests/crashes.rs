//! Executions that stop dead, and are resumed.

use proptest::prelude::*;

use super::world::*;
use crate::fleet::Service;
use crate::plan::{Execution, Step, StepOutcome, VerbName, verbs};

/// Runs `steps` to the end; then again, stopped dead after each line of the journal and resumed.
fn survives(verb: VerbName, steps: fn(&Service) -> Vec<Step>, services: usize, fates: &[Fate]) {
    let fresh = || World { fates: fates.to_vec().into(), ..World::new(services) };
    let mut whole = fresh();
    let plan = whole.plan(verb, steps);
    let expected = ends(&whole.drive(Execution::new(approved(&plan)), None).unwrap());
    let verdicts = |ends: &[(StepOutcome, String)]| ends.iter().map(|(verdict, _)| *verdict).collect::<Vec<_>>();
    for lines in 1..=whole.lines.len() {
        let mut world = fresh();
        assert_eq!(world.drive(Execution::new(approved(&plan)), Some(lines)), None, "dead after {lines} lines");
        let written = world.lines.clone();
        let resumed = Execution::resume(approved(&plan), &written);
        let progress = world.drive(resumed, None).unwrap();
        assert_eq!(verdicts(&ends(&progress)), verdicts(&expected), "after line {lines} of {:?}", entries(&written));
        assert_eq!(world.services, whole_services(&whole, &world), "after line {lines}");
        assert_eq!((world.forced(), world.scaling), (whole.forced(), whole.scaling), "after line {lines}");
    }
}

/// The services of `whole`, with the deployments that `world` happened to name.
fn whole_services(whole: &World, world: &World) -> Vec<Service> {
    let pairs = whole.services.iter().zip(&world.services);
    pairs.map(|(one, other)| Service { deployments: other.deployments.clone(), ..one.clone() }).collect()
}

#[test]
fn stopped_dead_after_any_line_it_ends_like_the_one_that_was_never_stopped() {
    for fates in [&[][..], &[Fate::LostAfter], &[Fate::LostBefore], &[Fate::Throttled]] {
        survives(verbs::SCALE.verb_name(), scale, 1, fates);
        survives(verbs::SCALE.verb_name(), widened, 1, fates);
        survives(verbs::REDEPLOY.verb_name(), redeploy, 1, fates);
        survives(verbs::REDEPLOY.verb_name(), redeploy, 3, fates);
    }
}

proptest! {
    /// Whatever becomes of its calls, and wherever it is stopped: it ends, each part has one order out
    /// at most, and no service is deployed to more than once.
    #[test]
    fn no_forced_deployment_is_made_twice(
        services in 1_usize..6,
        fates in prop::collection::vec(0_u8..5, 0..12),
        stops in prop::collection::vec(1_usize..30, 0..4),
    ) {
        let fate = |fate: &u8| match fate {
            0 => Fate::Answered,
            1 => Fate::LostBefore,
            2 => Fate::LostAfter,
            3 => Fate::Throttled,
            _ => Fate::Refused,
        };
        let mut world = World { fates: fates.iter().map(fate).collect(), ..World::new(services) };
        let plan = world.plan(verbs::REDEPLOY.verb_name(), redeploy);
        let mut ended = world.drive(Execution::new(approved(&plan)), stops.first().copied());
        for stop in stops.iter().skip(1) {
            if ended.is_some() {
                break;
            }
            let lines = world.lines.clone();
            ended = world.drive(Execution::resume(approved(&plan), &lines), Some(lines.len() + stop));
        }
        if ended.is_none() {
            let lines = world.lines.clone();
            ended = world.drive(Execution::resume(approved(&plan), &lines), None);
        }
        let progress = ended.unwrap();
        prop_assert!(progress.phase.is_over());
        for service in &world.services {
            let made = world.effects.iter().filter(|effect| changes(effect, service)).count();
            prop_assert!(made <= 1, "{} deployments of {}", made, service.name);
            let track = plan.tracks.iter().position(|track| track.target.resource.service() == Some(&service.arn)).unwrap();
            if made == 1 {
                let verdict = progress.tracks[track].endings[0].verdict;
                prop_assert_eq!(verdict, StepOutcome::Done);
            }
        }
    }
}
