//! Plans that scale.

use super::*;
use crate::fleet::Scheduling;

fn range(minimum: u32, maximum: u32) -> Range {
    Range { minimum, maximum }
}

#[test]
fn a_count_is_one_step_from_what_is_wished_for_now() {
    for (count, to) in [(Count::To(5), 5), (Count::To(0), 0), (Count::By(1), 4), (Count::By(-3), 0)] {
        let plan = World::web(|_| ()).draft(&scaling(count, BoundsPolicy::Keep));
        assert_eq!(steps(&plan), [Step::DesiredCount(steps::DesiredCount { from: 3, to })], "{count}");
        let expected: &[(WarningKind, &str)] =
            if to == 0 { &[(WarningKind::NothingRuns, "nothing will run: 3 > 0")] } else { &[] };
        assert_eq!(warnings(&plan), expected, "{count}");
    }
}

#[test]
fn many_times_as_many_tasks_are_warned_of() {
    for (to, warned) in [(10, false), (14, false), (15, true), (5_000, true)] {
        let plan = World::web(|_| ()).draft(&scaling(Count::To(to), BoundsPolicy::Keep));
        let says = format!("many times as many tasks as now: 3 > {to}");
        let expected = [(WarningKind::ManyMore, says.as_str())];
        assert_eq!(warnings(&plan), &expected[..usize::from(warned)], "{to}");
    }
}

#[test]
fn a_count_that_is_so_already_and_one_below_none_are_left_out() {
    for (count, left_out) in [
        (Count::To(3), Reason::Already("already 3".to_owned())),
        (Count::By(0), Reason::Already("already 3".to_owned())),
        (Count::By(-4), Reason::Refused("3 tasks and -4 would be fewer than none; scale to 0".to_owned())),
    ] {
        let plan = World::web(|_| ()).draft(&scaling(count, BoundsPolicy::Keep));
        assert_eq!(why(&plan), Some(&left_out), "{count}");
    }
}

#[test]
fn a_daemon_service_has_no_count() {
    let plan = World::web(|web| web.scheduling = Scheduling::Daemon).draft(&scaling(Count::To(5), BoundsPolicy::Keep));
    let says = "a DAEMON service runs one task on each instance; change the number of instances";
    assert_eq!(why(&plan), Some(&Reason::Refused(says.to_owned())));
}

#[test]
fn bounds_that_follow_are_widened_before_the_count_so_that_both_counts_lie_within() {
    let count = |to| Step::DesiredCount(steps::DesiredCount { from: 3, to });
    let bounds = |from, to| Step::ScalingBounds(steps::ScalingBounds { from, to });
    for ((min, max), to, expected) in [
        ((2, 6), 5, vec![count(5)]),
        ((2, 6), 8, vec![bounds(range(2, 6), range(2, 8)), count(8)]),
        ((2, 6), 1, vec![bounds(range(2, 6), range(1, 6)), count(1)]),
        // The desired count lies outside already.
        ((5, 6), 8, vec![bounds(range(5, 6), range(3, 8)), count(8)]),
        ((5, 6), 1, vec![bounds(range(5, 6), range(1, 6)), count(1)]),
        ((2, 2), 1, vec![bounds(range(2, 2), range(1, 3)), count(1)]),
        ((5, 6), 3, vec![bounds(range(5, 6), range(3, 6))]),
        ((5, 6), 5, vec![count(5)]),
    ] {
        let plan = World::web(|_| ()).bounded(min, max, &[]).draft(&scaling(Count::To(to), BoundsPolicy::Widen));
        assert_eq!(steps(&plan), expected, "{min}-{max} to {to}");
        let kinds: Vec<WarningKind> = plan.warnings.iter().map(|warning| warning.about).collect();
        assert_eq!(kinds, [WarningKind::Autoscaled], "{min}-{max} to {to}");
    }
    let none = World::web(|_| ()).draft(&scaling(Count::To(8), BoundsPolicy::Widen));
    assert_eq!(steps(&none), [count(8)], "without bounds there is nothing to follow");
}

#[test]
fn autoscaling_is_warned_of_within_its_bounds_and_more_so_outside_of_them() {
    let outside = |details: &str| {
        format!(
            "outside of autoscaling's bounds ({details}): it may bring the count back when it next acts, \
             unless its bounds are moved too"
        )
    };
    let all = ["scaling in", "scaling out", "schedules"];
    for (to, suspended, warned) in [
        (5, &[][..], Some((WarningKind::Autoscaled, "autoscaling may move the count again (bounds 2-6)".to_owned()))),
        (
            5,
            &all[..1],
            Some((
                WarningKind::Autoscaled,
                "autoscaling may move the count again (bounds 2-6, scaling in suspended)".to_owned(),
            )),
        ),
        (5, &all, None),
        (8, &[], Some((WarningKind::OutOfBounds, outside("8, bounds 2-6")))),
        (1, &[], Some((WarningKind::OutOfBounds, outside("1, bounds 2-6")))),
        (1, &all, Some((WarningKind::OutOfBounds, outside("1, bounds 2-6")))),
    ] {
        let plan = World::web(|_| ()).bounded(2, 6, suspended).draft(&scaling(Count::To(to), BoundsPolicy::Keep));
        assert_eq!(steps(&plan), [Step::DesiredCount(steps::DesiredCount { from: 3, to })], "bounds stay");
        let expected: Vec<(WarningKind, &str)> = warned.iter().map(|(about, says)| (*about, says.as_str())).collect();
        assert_eq!(warnings(&plan), expected, "{to}, {suspended:?}");
    }
}

#[test]
fn bounds_that_could_not_be_read_are_warned_of_and_stay() {
    let failed = World::web(|_| ()).bounded(2, 6, &[]).failing(QueryKind::ScalableTargets(vec![web().arn]));
    let mut silent = World::web(|_| ());
    silent.fleet.scaling.clear();
    for (world, says) in [
        (failed, format!("could not be read: {DENIED}")),
        (silent, "could not be read: autoscaling's bounds, which AWS did not name".to_owned()),
    ] {
        let plan = world.draft(&scaling(Count::To(8), BoundsPolicy::Widen));
        assert_eq!(steps(&plan), [Step::DesiredCount(steps::DesiredCount { from: 3, to: 8 })]);
        assert_eq!(warnings(&plan), [(WarningKind::Unread, says.as_str())]);
    }
}

#[test]
fn a_service_with_an_arn_of_the_old_format_is_scaled_but_its_bounds_are_not_known() {
    let old = Arn::new("arn:aws:ecs:us-east-1:1:service/web");
    let world = World::web(|web| web.arn = old.clone());
    let proposal = proposal(scale_verb(Count::To(8), BoundsPolicy::Widen), vec![old.clone()]);
    let asked = world.reads(&proposal, &std::collections::BTreeSet::new());
    assert!(!asked.iter().any(|ask| matches!(ask.kind, QueryKind::ScalableTargets(_))), "{asked:?}");
    let plan = world.draft(&proposal);
    assert_eq!(steps(&plan), [Step::DesiredCount(steps::DesiredCount { from: 3, to: 8 })]);
    let says = "could not be read: autoscaling's bounds, because the service's ARN is of the old format";
    assert_eq!(warnings(&plan), [(WarningKind::Unread, says)]);
}

#[test]
fn the_way_back_is_the_count_first_and_then_the_bounds_as_far_as_they_differ() {
    let back = |count: Option<u32>, bounds: Option<Range>| {
        let count = count.map(|to| Step::DesiredCount(steps::DesiredCount { from: 9, to }));
        let bounds = bounds.map(|to| Step::ScalingBounds(steps::ScalingBounds { from: range(9, 9), to }));
        restoring(vec![(web().arn, count.into_iter().chain(bounds).collect())])
    };
    let count = Step::DesiredCount(steps::DesiredCount { from: 3, to: 2 });
    let bounds = Step::ScalingBounds(steps::ScalingBounds { from: range(1, 8), to: range(2, 6) });
    let old = Some(range(2, 6));
    let world = || World::web(|_| ()).bounded(1, 8, &["scaling in", "scaling out", "schedules"]);
    assert_eq!(steps(&world().draft(&back(Some(2), old))), [count.clone(), bounds.clone()]);
    assert_eq!(steps(&world().draft(&back(Some(2), None))), [count]);
    assert_eq!(steps(&world().draft(&back(Some(3), old))), [bounds]);
    let already = Reason::Already("already as it was before".to_owned());
    for nothing in [back(Some(3), None), back(None, None), back(Some(3), Some(range(1, 8)))] {
        assert_eq!(why(&world().draft(&nothing)), Some(&already));
    }
    let plan = World::web(|_| ()).draft(&back(Some(2), old));
    let Some(Reason::Refused(says)) = why(&plan) else { panic!("{plan:?}") };
    assert!(says.starts_with("autoscaling does not know it any more"), "{says}");
    let plan = world().failing(QueryKind::ScalableTargets(vec![web().arn])).draft(&back(Some(2), old));
    assert_eq!(why(&plan), Some(&Reason::Unread(DENIED.to_owned())));
}

#[test]
fn a_deployment_under_way_is_warned_of() {
    let plan = World::web(|service| {
        service.deployments[0].rollout = Some(crate::fleet::Rollout::InProgress);
        (service.deployments[0].running, service.deployments[0].failed) = (0, 5);
    })
    .draft(&scaling(Count::To(4), BoundsPolicy::Keep));
    let says = "a deployment is in progress (web:41 0 of 3, 5 failed): it continues with the new count";
    assert_eq!(warnings(&plan), [(WarningKind::Rolling, says)]);
}
