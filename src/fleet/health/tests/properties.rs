//! What holds of every verdict, whatever is known.

use proptest::prelude::*;

use super::*;

/// Messages that verdicts hang on, and some that they do not.
const MESSAGES: [&str; 11] = [
    "has reached a steady state.",
    "has started 4000000000 tasks: (task a).",
    "has stopped 2 running tasks: (task a).",
    "(deployment ecs-svc/new) deployment failed: tasks failed to start.",
    "rolling back to deployment ecs-svc/new.",
    "rolling back to ecs-svc/",
    "is unable to consistently start tasks successfully.",
    "was unable to place a task because \u{1b}[31m",
    "(task a) failed container health checks.",
    "has started",
    "",
];

fn any_time() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((-100..100_000_i64).prop_map(ago))
}

fn any_deployment() -> impl Strategy<Value = Deployment> {
    let status = prop_oneof![
        Just(DeploymentStatus::Primary),
        Just(DeploymentStatus::Active),
        Just(DeploymentStatus::Other("NEW".to_owned()))
    ];
    let rollout =
        prop::option::of(prop_oneof![Just(Rollout::InProgress), Just(Rollout::Completed), Just(Rollout::Failed)]);
    let counts = (0..4_u32, prop_oneof![0..4_u32, Just(u32::MAX)], 0..3_u32);
    (status, rollout, counts, any_time(), any_time()).prop_map(|(status, rollout, counts, created_at, updated_at)| {
        let (running, desired, failed) = counts;
        Deployment {
            status,
            desired,
            running,
            failed,
            rollout,
            created_at,
            updated_at,
            ..deployment("new", "web:42", 0)
        }
    })
}

fn any_task() -> impl Strategy<Value = Task> {
    let kind = (0..4_u8, prop::option::of(-5..300_i32), "[abc]");
    (kind, any_time(), any_time()).prop_map(|((kind, code, zone), started_at, stopped_at)| {
        let base = match kind {
            0 => unpulled("1", 1, "new"),
            1 => exited("1", 1, code.unwrap_or(0)),
            2 => Task { status: TaskStatus::Pending, zone: None, ..task("1", &zone, "web:v1") },
            _ => task("1", &zone, "@:\u{202e}"),
        };
        Task { started_at, stopped_at, ..base }
    })
}

fn any_service() -> impl Strategy<Value = Service> {
    let count = || prop_oneof![0..4_u32, Just(u32::MAX)];
    let message = (prop::sample::select(MESSAGES.to_vec()), -100..100_000_i64);
    let status = prop_oneof![5 => Just(ServiceStatus::Active), 1 => Just(ServiceStatus::Draining), 1 => Just(ServiceStatus::Inactive)];
    (
        (count(), count(), count()),
        status,
        prop::collection::vec(any_deployment(), 0..3),
        prop::collection::vec(message, 0..6),
        any_time(),
    )
        .prop_map(|((desired, running, pending), status, deployments, events, created_at)| Service {
            desired,
            running,
            pending,
            status,
            deployments,
            created_at,
            events: events.into_iter().map(|(message, minutes)| event(minutes, message)).collect(),
            ..web()
        })
}

proptest! {
    #[test]
    fn whatever_is_known_there_is_a_verdict_that_began_in_the_past(
        service in any_service(),
        tasks in prop::collection::vec(any_task(), 0..6),
    ) {
        let verdict = judged(&service, &tasks, &["a", "b"]);
        prop_assert!(verdict.since.is_none_or(|since| since <= now()));
        prop_assert!(verdict.state >= HealthState::Reading || !verdict.reasons.is_empty());
        for reason in &verdict.reasons {
            prop_assert!(!reason.text.is_empty());
            prop_assert!(!reason.text.chars().any(char::is_control));
        }
    }

    #[test]
    fn a_failed_rollout_is_never_hidden_by_anything_else(
        service in any_service(),
        tasks in prop::collection::vec(any_task(), 0..6),
    ) {
        let failed = service.primary().is_some_and(|primary| primary.rollout == Some(Rollout::Failed));
        if failed && service.desired > 0 && service.status == ServiceStatus::Active {
            prop_assert_eq!(judged(&service, &tasks, &["a", "b"]).state, HealthState::Failing);
        }
    }

    #[test]
    fn less_than_what_should_run_is_never_called_steady(
        service in any_service(),
        tasks in prop::collection::vec(any_task(), 0..6),
    ) {
        if service.running < service.desired && service.status == ServiceStatus::Active {
            prop_assert!(judged(&service, &tasks, &["a", "b"]).state < HealthState::Steady);
        }
    }
}
