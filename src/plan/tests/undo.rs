//! The way back from what was done.

use super::*;

const NOW: i64 = 1_795_000_060;

fn ending(verdict: Verdict) -> Ending {
    Ending { verdict, why: String::new(), request_id: None }
}

fn at() -> jiff::Timestamp {
    jiff::Timestamp::from_second(NOW).unwrap()
}

/// A plan that scales web from 3 to 8 with its bounds and api from 3 to 1.
fn plan() -> Plan {
    let mut world = World::new(&[web(), named("api")], &[]).bounded(2, 6, &[]);
    world.fleet.scaling.insert(named("api").arn, None);
    let wishes = vec![(web().arn, Wanted::Count(Count::To(8))), (named("api").arn, Wanted::Count(Count::To(1)))];
    world.draft(&proposal(Verb::Scale, wishes, Bounds::Follow))
}

fn back(name: &str, count: Option<u32>, bounds: Option<(u32, u32)>) -> Wish {
    let bounds = bounds.map(|(minimum, maximum)| Range { minimum, maximum });
    Wish { service: named(name).arn, wanted: Wanted::Back { count, bounds } }
}

#[test]
fn only_what_was_done_is_taken_back() {
    use Verdict::{Already, Done, Failed, Skipped, Untouched};
    let (web, api) = (|| back("web", Some(3), Some((2, 6))), || back("api", Some(3), None));
    for (endings, wishes) in [
        (vec![vec![Done, Done], vec![Done]], vec![web(), api()]),
        (vec![vec![Done, Failed], vec![Untouched]], vec![back("web", None, Some((2, 6)))]),
        (vec![vec![Already, Done], vec![Skipped]], vec![back("web", Some(3), None)]),
        // Cut short: the rest was never begun.
        (vec![vec![Done]], vec![back("web", None, Some((2, 6)))]),
        (vec![vec![], vec![Done]], vec![api()]),
    ] {
        let endings: Vec<Vec<Ending>> =
            endings.into_iter().map(|endings| endings.into_iter().map(ending).collect()).collect();
        let expected = Proposal {
            id: PlanId::new(2),
            verb: Verb::Scale,
            wishes,
            bounds: Bounds::Stay,
            undoes: Some(PlanId::new(1)),
            reason: None,
            made_at: at(),
        };
        assert_eq!(undo(&plan(), &endings, None, PlanId::new(2), at()), Ok(expected), "{endings:?}");
    }
}

#[test]
fn one_service_can_be_taken_back_alone() {
    let endings = vec![vec![ending(Verdict::Done); 2], vec![ending(Verdict::Done)]];
    let undone = |name: &str| undo(&plan(), &endings, Some(&named(name).arn), PlanId::new(2), at());
    assert_eq!(undone("api").map(|proposal| proposal.wishes), Ok(vec![back("api", Some(3), None)]));
    assert_eq!(undone("mail"), Err(format!("mail is not among what plan {} changes", PlanId::new(1))));
}

#[test]
fn what_was_not_done_leaves_nothing_to_take_back() {
    use Verdict::{Already, Failed, Skipped, Untouched};
    let none = Err("nothing was done that could be taken back".to_owned());
    for verdict in [Already, Skipped, Failed, Untouched] {
        let endings = vec![vec![ending(verdict); 2], vec![ending(verdict)]];
        assert_eq!(undo(&plan(), &endings, None, PlanId::new(2), at()), none, "{verdict:?}");
    }
    assert_eq!(undo(&plan(), &[], None, PlanId::new(2), at()), none);
    let endings = vec![vec![ending(Verdict::Done)], vec![]];
    assert_eq!(undo(&plan(), &endings, Some(&named("api").arn), PlanId::new(2), at()), none);
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
        let endings = [vec![ending(Verdict::Done)]];
        assert_eq!(undo(&plan, &endings, None, PlanId::new(2), at()), Err(says.to_owned()));
    }
}

#[test]
fn what_is_taken_back_is_compared_with_what_there_is_now() {
    let endings = [vec![ending(Verdict::Done); 2], vec![ending(Verdict::Done)]];
    let mut proposal = undo(&plan(), &endings, None, PlanId::new(2), at()).unwrap();
    proposal.made_at = now();
    // Somebody has scaled web to 5 since, and api back to 3.
    let world = World::new(&[Service { desired: 5, ..web() }, named("api")], &[]).bounded(2, 8, &[]);
    let plan = world.draft(&proposal);
    assert_eq!(plan.undoes, Some(PlanId::new(1)));
    let (from, to) = (Range { minimum: 2, maximum: 8 }, Range { minimum: 2, maximum: 6 });
    assert_eq!(plan.tracks[0].steps, [Step::Count { from: 5, to: 3 }, Step::Bounds { from, to }]);
    assert_eq!(plan.left_out[0].why, Why::Already("already as it was before".to_owned()));
}
