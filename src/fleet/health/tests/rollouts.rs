//! Verdicts on services whose tasks are being replaced, or were.

use super::*;

/// A running task of the old version.
fn old(id: &str) -> Task {
    Task { started_by: Some("ecs-svc/old".to_owned()), ..task(id, "a", "web:v2.14.1") }
}

/// A running task of the new version.
fn new(id: &str) -> Task {
    Task { definition: definition("web:42"), started_at: Some(ago(5)), ..task(id, "a", "web:v2.15.0") }
}

#[test]
fn a_rollout_that_failed_or_cannot_proceed_is_failing_for_the_reason_that_its_tasks_give() {
    let pulls = [unpulled("1", 11, "new"), unpulled("2", 6, "new"), old("3"), old("4"), old("5")];
    let stuck =
        "was unable to stop or start tasks during a deployment because of the service deployment configuration.";
    let unplaced = "was unable to place a task because no container instance met all of its requirements.";
    let inconsistent = "is unable to consistently start tasks successfully.";
    let failed = || Deployment { rollout: Some(Rollout::Failed), ..rolling(0, 3) };
    let with =
        |deployment: Deployment, message: &str| Service { events: vec![event(4, message)], ..rollout(deployment, 3) };
    for (service, tasks, expected) in [
        (
            rollout(rolling(0, 2), 3),
            &pulls[..],
            is(HealthState::Failing, &["v2.15.0 cannot be pulled", "v2.14.1 > v2.15.0 0 of 3"], Some(11)),
        ),
        (
            rollout(rolling(0, 0), 3),
            &pulls,
            is(HealthState::Failing, &["v2.15.0 cannot be pulled", "v2.14.1 > v2.15.0 0 of 3"], Some(11)),
        ),
        (
            rollout(rolling(0, 1), 3),
            &[],
            is(HealthState::Failing, &[":42 does not start", ":41 > :42 0 of 3"], Some(12)),
        ),
        (
            rollout(failed(), 3),
            &pulls[..2],
            is(HealthState::Failing, &["v2.15.0 cannot be pulled", ":41 > v2.15.0 0 of 3"], Some(2)),
        ),
        (
            rollout(rolling(1, 3), 3),
            &[],
            is(HealthState::Failing, &[":42 does not start", ":41 > :42 1 of 3"], Some(12)),
        ),
        (rollout(rolling(1, 2), 3), &[], is(HealthState::Rolling, &[":41 > :42 1 of 3"], Some(12))),
        (rollout(failed(), 3), &[], is(HealthState::Failing, &[":42 rollout failed", ":41 > :42 0 of 3"], Some(2))),
        (
            with(rolling(1, 0), stuck),
            &[],
            is(HealthState::Failing, &["min/max percent blocks tasks", ":41 > :42 1 of 3"], Some(4)),
        ),
        (
            with(rolling(1, 0), unplaced),
            &[],
            is(HealthState::Failing, &["no room to place tasks", ":41 > :42 1 of 3"], Some(4)),
        ),
        (
            with(rolling(1, 0), inconsistent),
            &[],
            is(HealthState::Failing, &["tasks do not start", ":41 > :42 1 of 3"], Some(4)),
        ),
    ] {
        assert_eq!(said(&service, tasks), expected);
    }
}

#[test]
fn a_rollout_under_way_says_from_what_to_what_and_how_far() {
    for (service, tasks, expected) in [
        (
            rollout(rolling(2, 0), 1),
            vec![new("1"), new("2"), old("3")],
            is(HealthState::Rolling, &["v2.14.1 > v2.15.0 2 of 3"], Some(12)),
        ),
        (rollout(rolling(3, 0), 0), vec![new("1")], is(HealthState::Rolling, &["v2.15.0 3 of 3, settling"], Some(12))),
        (
            // Two revisions with the same tag.
            rollout(rolling(2, 0), 1),
            vec![Task { definition: definition("web:42"), ..old("1") }, old("2")],
            is(HealthState::Rolling, &["v2.14.1 :41 > :42 2 of 3"], Some(12)),
        ),
        (
            // Without a rollout state, as behind a Classic Load Balancer.
            rollout(Deployment { rollout: None, ..rolling(2, 0) }, 1),
            vec![],
            is(HealthState::Rolling, &[":41 > :42 2 of 3"], Some(12)),
        ),
    ] {
        assert_eq!(said(&service, &tasks), expected);
    }
    let mut anew = rollout(rolling(2, 0), 1);
    anew.deployments[0].definition = definition("web:41");
    assert_eq!(said(&anew, &[old("1")]).1, ["v2.14.1 redeploy 2 of 3"]);
}

#[test]
fn a_release_that_the_circuit_breaker_took_back_is_said_while_it_happens_and_after() {
    let events = vec![
        event(5, "rolling back to deployment ecs-svc/new."),
        event(5, "(deployment ecs-svc/bad) deployment failed: tasks failed to start."),
    ];
    let tasks = [unpulled("1", 8, "bad"), unpulled("2", 7, "bad"), unpulled("3", 6, "bad")];
    let bad = Deployment { rollout: Some(Rollout::Failed), running: 0, failed: 3, ..rolling(0, 3) };
    let bad = Deployment { id: "ecs-svc/bad".to_owned(), definition: definition("web:42"), ..bad };
    let bad = Deployment { status: DeploymentStatus::Active, created_at: Some(ago(12)), ..bad };
    let back = Deployment { created_at: Some(ago(5)), updated_at: Some(ago(5)), ..rolling(1, 0) };
    let back = Deployment { definition: definition("web:41"), ..back };

    let during = Service { deployments: vec![back.clone(), bad], events: events.clone(), ..web() };
    let (state, reasons, since) = said(&during, &tasks);
    assert_eq!((state, reasons[0].as_str(), since), (HealthState::Failing, "v2.15.0 failed, rolling back", Some(5)));

    let done = Deployment { rollout: Some(Rollout::Completed), running: 3, updated_at: Some(ago(2)), ..back };
    let steady = event(2, "has reached a steady state.");
    let after = Service { deployments: vec![done], events: [vec![steady], events].concat(), ..web() };
    let verdict = judged(&after, &tasks, &[]);
    // Two events, and one task for the three that ended alike.
    assert_eq!(verdict.reasons[0].evidence.len(), 3);
    assert_eq!(words(verdict), is(HealthState::Steady, &["v2.15.0 was rolled back"], Some(2)));

    // What it had started does not count as tasks that die, though the one that is back is older.
    let mut old = after.clone();
    old.deployments[0].created_at = Some(ago(60 * 24 * 9));
    old.events.extend((6..=11).map(|minutes| event(minutes, "has started 1 tasks: (task 0).")));
    assert_eq!(said(&old, &tasks), is(HealthState::Steady, &["v2.15.0 was rolled back"], Some(2)));

    // A later deployment that went well closes the matter.
    let later = Service { deployments: vec![deployment("later", "web:43", 3)], ..after };
    assert_eq!(said(&later, &tasks).1, Vec::<String>::new());
}
