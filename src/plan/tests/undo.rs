//! The way back from what was done.

use super::*;

const NOW: i64 = 1_795_000_060;

fn ending(verdict: StepOutcome) -> StepResult {
    StepResult { verdict, why: String::new(), request_id: None }
}

fn resource(name: &str) -> Resource {
    Resource::Service { arn: named(name).arn, cluster: home().arn }
}

fn at() -> jiff::Timestamp {
    jiff::Timestamp::from_second(NOW).unwrap()
}

/// A plan that scales web from 3 to 8 with its bounds and api from 3 to 1.
fn plan() -> Plan {
    let mut world = World::new(&[web(), named("api")], &[]).bounded(2, 6, &[]);
    world.fleet.scaling.insert(named("api").arn, None);
    let mut plan = world.draft(&proposal(scale_verb(Count::To(8), BoundsPolicy::Widen), vec![web().arn]));
    let api = world.draft(&proposal(scale_verb(Count::To(1), BoundsPolicy::Widen), vec![named("api").arn]));
    plan.tracks.extend(api.tracks);
    plan
}

/// The count from and to, then the bounds.
type Back = (Option<(u32, u32)>, Option<(u32, u32)>);

fn back(name: &str, (count, bounds): Back) -> (Arn, Vec<Step>) {
    let count = count.map(|(from, to)| Step::DesiredCount(steps::DesiredCount { from, to }));
    let bounds = bounds.map(|(minimum, maximum)| {
        let (from, to) = (Range { minimum: 2, maximum: 8 }, Range { minimum, maximum });
        Step::ScalingBounds(steps::ScalingBounds { from, to })
    });
    (named(name).arn, count.into_iter().chain(bounds).collect())
}

#[test]
fn only_what_was_done_is_taken_back() {
    use StepOutcome::{AlreadyDone, Done, Failed, NotStarted, Skipped};
    let (web, api) = (|| back("web", (Some((8, 3)), Some((2, 6)))), || back("api", (Some((1, 3)), None)));
    for (endings, inverses) in [
        (vec![vec![Done, Done], vec![Done]], vec![web(), api()]),
        (vec![vec![Done, Failed], vec![NotStarted]], vec![back("web", (None, Some((2, 6))))]),
        (vec![vec![AlreadyDone, Done], vec![Skipped]], vec![back("web", (Some((8, 3)), None))]),
        // Interrupted: the rest was never begun.
        (vec![vec![Done]], vec![back("web", (None, Some((2, 6))))]),
        (vec![vec![], vec![Done]], vec![api()]),
    ] {
        let endings: Vec<Vec<StepResult>> =
            endings.into_iter().map(|endings| endings.into_iter().map(ending).collect()).collect();
        let expected =
            Proposal { id: PlanId::new(2), undoes: Some(PlanId::new(1)), made_at: at(), ..restoring(inverses) };
        assert_eq!(undo(&plan(), &endings, None, PlanId::new(2), at()), Ok(expected), "{endings:?}");
    }
}

#[test]
fn one_service_can_be_taken_back_alone() {
    let endings = vec![vec![ending(StepOutcome::Done); 2], vec![ending(StepOutcome::Done)]];
    let undone = |name: &str| undo(&plan(), &endings, Some(&resource(name)), PlanId::new(2), at());
    assert_eq!(
        undone("api").map(|proposal| proposal.verb),
        Ok(restoring(vec![back("api", (Some((1, 3)), None))]).verb)
    );
    assert_eq!(undone("mail"), Err(format!("mail is not among what plan {} changes", PlanId::new(1))));
}

#[test]
fn what_was_not_done_leaves_nothing_to_take_back() {
    use StepOutcome::{AlreadyDone, Failed, NotStarted, Skipped};
    let none = Err("nothing was done that could be undone".to_owned());
    for verdict in [AlreadyDone, Skipped, Failed, NotStarted] {
        let endings = vec![vec![ending(verdict); 2], vec![ending(verdict)]];
        assert_eq!(undo(&plan(), &endings, None, PlanId::new(2), at()), none, "{verdict:?}");
    }
    assert_eq!(undo(&plan(), &[], None, PlanId::new(2), at()), none);
    let endings = vec![vec![ending(StepOutcome::Done)], vec![]];
    assert_eq!(undo(&plan(), &endings, Some(&resource("api")), PlanId::new(2), at()), none);
}

#[test]
fn a_redeploy_says_that_nothing_can_be_restored_or_which_digest_ran() {
    for (digest, says) in [
        ("sha256:aaaaaaaaaa", "a redeploy leaves nothing to restore: the same task definition and the same images run"),
        (
            "sha256:bbbbbbbbbb",
            "the task definition is the same; what ran before was humangov/web:v1 sha256:aaaaaaa, which would have \
             to be deployed by digest: wharf cannot do that yet",
        ),
    ] {
        let plan = World::web(|_| ()).tagged("v1", Some(digest), Manifest::Image).draft(&redeploying());
        let endings = [vec![ending(StepOutcome::Done)]];
        assert_eq!(undo(&plan, &endings, None, PlanId::new(2), at()), Err(says.to_owned()));
    }
}

#[test]
fn what_is_taken_back_is_compared_with_what_there_is_now() {
    let endings = [vec![ending(StepOutcome::Done); 2], vec![ending(StepOutcome::Done)]];
    let mut proposal = undo(&plan(), &endings, None, PlanId::new(2), at()).unwrap();
    proposal.made_at = now();
    // Somebody has scaled web to 5 since, and api back to 3.
    let world = World::new(&[Service { desired: 5, ..web() }, named("api")], &[]).bounded(2, 8, &[]);
    let plan = world.draft(&proposal);
    assert_eq!(plan.undoes, Some(PlanId::new(1)));
    let (from, to) = (Range { minimum: 2, maximum: 8 }, Range { minimum: 2, maximum: 6 });
    assert_eq!(
        plan.tracks[0].steps,
        [
            Step::DesiredCount(steps::DesiredCount { from: 5, to: 3 }),
            Step::ScalingBounds(steps::ScalingBounds { from, to })
        ]
    );
    assert_eq!(plan.left_out[0].reason, Reason::Already("already as it was before".to_owned()));
}
