//! Tests of the verdicts.

mod properties;
mod rollouts;

use std::sync::Arc;

use super::*;
use crate::fleet::sample::{
    ago, clock, cluster, container, definition, deployment, entry, event, exited, now, service, stopped, task, unpulled,
};
use crate::fleet::{
    Controller, Deployment, DeploymentStatus, Event, Rollout, Scheduling, Service, ServiceStatus, Snapshot, TaskHealth,
    TaskStatus,
};

/// What is said of a service with these tasks: the state, the reasons' words, minutes since it began.
type Expected = (HealthState, Vec<String>, Option<i64>);

fn web() -> Service {
    service(&cluster("1", "c"), "web")
}

fn judged(service: &Service, tasks: &[Task], zones: &[&str]) -> HealthStatus {
    let tasks: Vec<&Task> = tasks.iter().collect();
    let zones: BTreeSet<String> = zones.iter().map(|zone| format!("us-east-1{zone}")).collect();
    let definitions = Definitions::new();
    let around = ServiceContext { tasks: &tasks, tasks_read: Some(now()), zones: &zones, definitions: &definitions };
    health(&entry(service), &around, clock())
}

fn said(service: &Service, tasks: &[Task]) -> Expected {
    words(judged(service, tasks, &[]))
}

fn words(verdict: HealthStatus) -> Expected {
    let since = verdict.since.map(|since| now().duration_since(since).as_mins());
    (verdict.state, verdict.reasons.into_iter().map(|reason| reason.text).collect(), since)
}

fn is(state: HealthState, reasons: &[&str], since: Option<i64>) -> Expected {
    (state, reasons.iter().map(|reason| (*reason).to_owned()).collect(), since)
}

/// Version v2.15.0 on its way since 12 minutes, with v2.14.1 before it.
fn rollout(new: Deployment, old_running: u32) -> Service {
    let new =
        Deployment { definition: definition("web:42"), created_at: Some(ago(12)), updated_at: Some(ago(2)), ..new };
    let old = Deployment { status: DeploymentStatus::Active, running: old_running, ..deployment("old", "web:41", 3) };
    Service {
        running: new.running + old_running,
        pending: new.pending,
        definition: definition("web:42"),
        deployments: vec![new, old],
        ..web()
    }
}

fn rolling(running: u32, failed: u32) -> Deployment {
    Deployment { running, failed, rollout: Some(Rollout::InProgress), ..deployment("new", "web:42", 3) }
}

#[test]
fn what_is_as_it_should_be_is_steady_since_ecs_said_so() {
    assert_eq!(said(&web(), &[]), is(HealthState::Steady, &[], Some(60 * 24)));

    let started = "has started 1 tasks: (task x).";
    let steady = "has reached a steady state.";
    let events = vec![event(10, steady), event(370, steady), event(380, started), event(900, steady)];
    assert_eq!(said(&Service { events, ..web() }, &[]), is(HealthState::Steady, &[], Some(370)));
}

#[test]
fn where_nothing_runs_that_should_it_says_what_ended_the_last_that_did() {
    let down = || Service { running: 0, ..web() };
    assert_eq!(said(&down(), &[]), is(HealthState::Failing, &["nothing runs, 0 of 3"], Some(60 * 24 + 5)));

    let oom = {
        let mut task = exited("1", 6, 137);
        task.containers[0].reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
        task
    };
    assert_eq!(said(&down(), &[oom]), is(HealthState::Failing, &["out of memory, none runs"], Some(6)));
    assert_eq!(
        said(&down(), &[exited("1", 6, 139)]),
        is(HealthState::Failing, &["segmentation fault (exit 139), none runs"], Some(6))
    );

    // A service of another kind of controller has no deployments at all.
    let blue_green = Service { controller: Controller::CodeDeploy, deployments: vec![], ..down() };
    assert_eq!(said(&blue_green, &[]), is(HealthState::Failing, &["nothing runs, 0 of 3"], None));
}

#[test]
fn what_has_only_just_begun_is_not_failing() {
    let begun = |deployment: Deployment| Service {
        running: 0,
        created_at: Some(ago(60)),
        deployments: vec![Deployment { created_at: Some(ago(1)), updated_at: Some(ago(1)), running: 0, ..deployment }],
        ..web()
    };
    let first = begun(rolling(0, 0));
    assert_eq!(said(&first, &[]), is(HealthState::Rolling, &[":42 starts, 0 of 3"], Some(1)));

    // Woken: asked for a moment ago, without a new deployment; then tasks were started.
    let woken = Service { pending: 3, ..begun(deployment("new", "web:41", 3)) };
    assert_eq!(said(&woken, &[]), is(HealthState::Scaling, &["0 up to 3"], Some(1)));
    let started = event(2, "has started 3 tasks: (task a) (task b) (task c).");
    let starting = Service { running: 0, pending: 3, events: vec![started], ..web() };
    assert_eq!(said(&starting, &[]), is(HealthState::Scaling, &["0 up to 3"], Some(2)));

    // But not where a task has just died for which another was started.
    assert_eq!(
        said(&starting, &[exited("1", 3, 1)]),
        is(HealthState::Failing, &["error (exit 1), none runs"], Some(3))
    );
}

#[test]
fn tasks_that_keep_dying_are_restarting_though_as_many_run_as_should() {
    let deaths: Vec<Task> = [2, 8, 14].map(|minutes| exited(&minutes.to_string(), minutes, 1)).into();
    assert_eq!(said(&web(), &deaths), is(HealthState::Restarting, &["error (exit 1), 3 in 30m"], Some(14)));

    let sick = "(task 0123) failed container health checks.";
    let events: Vec<Event> = [1, 9, 17, 25].map(|minutes| event(minutes, sick)).into();
    let unhealthy = Service { events, ..web() };
    assert_eq!(said(&unhealthy, &[]), is(HealthState::Restarting, &["fails health checks, 4 in 30m"], Some(25)));

    let started = |minutes| event(minutes, "has started 2 tasks: (task a) (task b).");
    let events: Vec<Event> = [1, 9, 17].map(started).into();
    assert_eq!(said(&Service { events, ..web() }, &[]), is(HealthState::Restarting, &["tasks die, 3 in 30m"], Some(9)));
}

#[test]
fn tasks_that_were_told_to_end_do_not_count_as_restarts() {
    let by_rollout = "Scaling activity initiated by (deployment ecs-svc/new)";
    let told = |code: &str, reason: &str| -> Vec<Task> {
        [1, 2, 3, 4].map(|minutes| stopped(exited(&minutes.to_string(), minutes, 143), minutes, code, reason)).into()
    };
    let steady = is(HealthState::Steady, &[], Some(60 * 24));
    for (code, reason) in [
        ("ServiceSchedulerInitiated", by_rollout),
        ("ServiceSchedulerInitiated", "anything else"),
        ("UserInitiated", "testing"),
        ("SpotInterruption", "Your Spot Task was interrupted."),
        ("TerminationNotice", ""),
    ] {
        assert_eq!(said(&web(), &told(code, reason)), steady, "{code} {reason}");
    }
    // Two deaths are no habit, old ones are over, and those of a release that was taken back are history.
    assert_eq!(said(&web(), &[exited("1", 2, 1), exited("2", 8, 1)]), steady);
    let over: Vec<Task> = [16, 18, 20].map(|minutes| exited(&minutes.to_string(), minutes, 1)).into();
    assert_eq!(said(&web(), &over), steady);
    let history: Vec<Task> = [1, 2, 3].map(|minutes| unpulled(&minutes.to_string(), minutes, "bad")).into();
    assert_eq!(said(&web(), &history), steady);
    // Growing and shrinking starts and stops many, and none of them died.
    let up_and_down = [
        event(2, "has started 3 tasks: (task a) (task b) (task c)."),
        event(9, "has stopped 3 running tasks: (task a) (task b) (task c)."),
        event(12, "has started 3 tasks: (task a) (task b) (task c)."),
    ];
    let scaled = Service { events: up_and_down.into(), ..web() };
    assert_eq!(said(&scaled, &[]).0, HealthState::Steady);
}

#[test]
fn fewer_than_desired_is_degraded_unless_they_are_on_their_way() {
    let two = || Service { running: 2, ..web() };
    let unplaced = "was unable to place a task. Reason: Capacity is unavailable at this time.";
    let started = event(1, "has started 1 tasks: (task x).");
    for (service, tasks, expected) in [
        (two(), vec![], is(HealthState::Degraded, &["2 of 3 run"], None)),
        (Service { pending: 1, ..two() }, vec![], is(HealthState::Degraded, &["2 of 3 run, 1 pending"], None)),
        (two(), vec![exited("1", 7, 137)], is(HealthState::Degraded, &["2 of 3, killed (exit 137)"], Some(7))),
        (
            Service { events: vec![event(5, unplaced)], ..two() },
            vec![],
            is(HealthState::Degraded, &["2 of 3, no room to place tasks"], Some(5)),
        ),
        (Service { events: vec![started.clone()], ..two() }, vec![], is(HealthState::Scaling, &["2 up to 3"], Some(1))),
        (
            Service { events: vec![started], ..two() },
            vec![exited("1", 1, 1)],
            is(HealthState::Degraded, &["2 of 3, error (exit 1)"], Some(1)),
        ),
        (Service { running: 5, ..web() }, vec![], is(HealthState::Scaling, &["5 down to 3"], Some(60 * 24))),
    ] {
        assert_eq!(said(&service, &tasks), expected);
    }
}

#[test]
fn a_zone_that_lost_its_tasks_is_degraded_and_an_even_spread_is_not() {
    let running = |zones: &str| -> Vec<Task> {
        zones.chars().enumerate().map(|(at, zone)| task(&at.to_string(), &zone.to_string(), "web:v1")).collect()
    };
    let abc = &["a", "b", "c"][..];
    let three = ["s1", "s2", "s3"].map(str::to_owned).to_vec();
    for (tasks, zones, subnets, why) in [
        ("abcabc", abc, three.clone(), ""),
        ("aaaaaa", abc, three.clone(), "all 6 in zone a, b c empty"),
        ("aaabbb", abc, three.clone(), "zone c empty, a3 b3 c0"),
        ("aaabbb", abc, vec![], "zone c empty, a3 b3 c0"),
        ("aaabbb", abc, three[..2].to_vec(), ""),
        ("aaaaaa", abc, three[..1].to_vec(), ""),
        ("aaaaaa", &["a"], three.clone(), ""),
        ("ab", abc, three.clone(), ""),
        ("aa", abc, three.clone(), "all 2 in zone a, b c empty"),
        ("a", abc, three.clone(), ""),
        ("aa", &[], vec![], ""),
    ] {
        let count = tasks.len() as u32;
        let deployments = vec![deployment("new", "web:41", count)];
        let service = Service { desired: count, running: count, subnets, deployments, ..web() };
        let verdict = judged(&service, &running(tasks), zones);
        let state = if why.is_empty() { HealthState::Steady } else { HealthState::Degraded };
        assert_eq!((verdict.state, verdict.why()), (state, why), "{tasks} in {zones:?}");
    }
}

#[test]
fn a_zone_counts_as_lost_only_once_the_service_has_settled_and_its_tasks_are_known() {
    let tasks = [task("1", "a", "web:v1"), task("2", "a", "web:v1"), task("3", "a", "web:v1")];
    assert_eq!(judged(&web(), &tasks, &["a", "b"]).state, HealthState::Degraded);
    assert_eq!(judged(&web(), &tasks[..2], &["a", "b"]).state, HealthState::Steady);
    assert_eq!(
        judged(&Service { scheduling: Scheduling::Daemon, ..web() }, &tasks, &["a", "b"]).state,
        HealthState::Steady
    );
    assert_eq!(judged(&rollout(rolling(3, 0), 0), &tasks, &["a", "b"]).state, HealthState::Rolling);

    let gone = stopped(task("4", "b", "web:v1"), 17, "ServiceSchedulerInitiated", "Scaling activity initiated by x");
    let since = judged(&web(), &[&tasks[..], &[gone]].concat(), &["a", "b"]).since;
    assert_eq!(since, Some(ago(17)));
}

#[test]
fn unhealthy_tasks_and_dead_sidecars_are_degraded_and_a_container_that_only_prepared_is_not() {
    let mut sick = task("1", "a", "web:v1");
    sick.health = TaskHealth::Unhealthy;
    assert_eq!(said(&web(), &[sick]).1, ["1 of 3 unhealthy"]);

    let beside = |code: Option<i32>| {
        let mut task = task("1", "a", "web:v1");
        let mut sidecar = container("envoy", "envoy:1");
        (sidecar.status, sidecar.exit_code) = ("STOPPED".to_owned(), code);
        task.containers.push(sidecar);
        task
    };
    assert_eq!(said(&web(), &[beside(Some(1))]), is(HealthState::Degraded, &["envoy dead in 1 of 3"], None));
    assert_eq!(said(&web(), &[beside(None)]).0, HealthState::Degraded);
    assert_eq!(said(&web(), &[beside(Some(0))]).0, HealthState::Steady);
}

#[test]
fn what_wants_no_tasks_is_parked_and_what_was_deleted_is_not_there() {
    let zero = || Service { desired: 0, running: 0, ..web() };
    let with_tag = |value: &str| {
        let tags = [("wharf:parked".to_owned(), value.to_owned())].into();
        Service { tags, ..zero() }
    };
    let stopped = event(90, "has stopped 3 running tasks: (task a) (task b) (task c).");
    let failed = Deployment { rollout: Some(Rollout::Failed), ..deployment("new", "web:41", 0) };
    for (service, expected) in [
        (zero(), is(HealthState::Parked, &["scaled to zero"], Some(60 * 24))),
        (Service { events: vec![stopped], ..zero() }, is(HealthState::Parked, &["scaled to zero"], Some(90))),
        (with_tag("v1:d=7:min=2:max=9"), is(HealthState::Parked, &["parked, was 7"], Some(60 * 24))),
        (with_tag("v1:d=7:at=2026-11-18T10.06Z"), is(HealthState::Parked, &["parked, was 7"], Some(60))),
        (with_tag("v1:d=:at=never"), is(HealthState::Parked, &["parked"], Some(60 * 24))),
        (with_tag("anything"), is(HealthState::Parked, &["parked"], Some(60 * 24))),
        (
            Service { scheduling: Scheduling::Daemon, ..zero() },
            is(HealthState::Parked, &["no instance to run on"], Some(60 * 24)),
        ),
        (
            Service { running: 2, pending: 1, ..zero() },
            is(HealthState::Scaling, &["3 to stop, none desired"], Some(60 * 24)),
        ),
        (
            Service { deployments: vec![failed], ..zero() },
            is(HealthState::Parked, &["scaled to zero", "its last rollout failed"], Some(60 * 24)),
        ),
        (
            Service { status: ServiceStatus::Draining, running: 2, desired: 0, ..web() },
            is(HealthState::Scaling, &["deleted, 2 still stopping"], None),
        ),
        (Service { status: ServiceStatus::Inactive, ..zero() }, is(HealthState::Empty, &["deleted"], None)),
    ] {
        assert_eq!(said(&service, &[]), expected);
    }
}

#[test]
fn silence_is_never_health_and_hides_nothing_that_was_bad() {
    let seen = |service: &Service, minutes: i64| {
        let mut entry = entry(service);
        entry.snapshot = Some(Snapshot { service: Arc::new(service.clone()), at: ago(minutes) });
        entry
    };
    let judge = |entry: &crate::fleet::ServiceEntry| {
        let around =
            ServiceContext { tasks: &[], tasks_read: None, zones: &BTreeSet::new(), definitions: &Definitions::new() };
        words(health(entry, &around, clock()))
    };
    let mut unread = entry(&web());
    unread.snapshot = None;
    assert_eq!(judge(&unread), is(HealthState::Unknown, &["never read, listed for 1h"], Some(59)));
    unread.listed_at = ago(1);
    assert_eq!(judge(&unread), is(HealthState::Reading, &["not read yet"], Some(1)));

    assert_eq!(judge(&seen(&web(), 1)).0, HealthState::Steady);
    assert_eq!(judge(&seen(&web(), 4)), is(HealthState::Unknown, &["not read for 4m, was steady"], Some(3)));
    let down = Service { running: 0, ..web() };
    assert_eq!(judge(&seen(&down, 4)).1, ["nothing runs, 0 of 3", "not read for 4m, was failing"]);
    assert_eq!(judge(&seen(&down, 4)).0, HealthState::Failing);
    // A clock that was set back makes nothing unknown, and nothing begin in the future.
    let early = ReadClock { now: ago(60 * 24 * 2), ..clock() };
    let around =
        ServiceContext { tasks: &[], tasks_read: None, zones: &BTreeSet::new(), definitions: &Definitions::new() };
    let verdict = health(&entry(&web()), &around, early);
    assert_eq!((verdict.state, verdict.since), (HealthState::Steady, Some(early.now)));
}

#[test]
fn jobs_that_end_well_are_no_news_and_the_last_of_a_family_that_did_not_is() {
    let job = |task: Task| Task { group: "family:migrate".to_owned(), ..task };
    let running = job(task("1", "a", "web:v1"));
    assert_eq!(words(jobs(&[])), is(HealthState::Empty, &[], None));
    assert_eq!(words(jobs(&[&running])), is(HealthState::Steady, &["1 in progress"], Some(60 * 24)));
    assert_eq!(words(jobs(&[&job(exited("2", 9, 0))])), is(HealthState::Empty, &[], None));
    let failed = job(exited("2", 9, 3));
    assert_eq!(
        words(jobs(&[&running, &failed])),
        is(HealthState::Degraded, &["migrate: exit 3", "1 in progress"], Some(9))
    );
    assert_eq!(words(jobs(&[&failed, &job(exited("3", 2, 0))])), is(HealthState::Empty, &[], None));
}

#[test]
fn what_ecs_writes_about_a_stopped_task_is_told_in_a_few_words() {
    for (code, reason, text) in [
        ("TaskFailedToStart", "CannotPullContainerError: Error response from daemon", "v1 cannot be pulled"),
        (
            "TaskFailedToStart",
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
             unable to retrieve secret from asm: service call has been retried 1 time(s)",
            "a secret cannot be read",
        ),
        (
            "TaskFailedToStart",
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
             unable to retrieve ecr registry auth: service call has been retried 3 time(s)",
            "no network to start with",
        ),
        (
            "TaskFailedToStart",
            "Timeout waiting for network interface provisioning to complete.",
            "no network to start with",
        ),
        (
            "TaskFailedToStart",
            "Capacity is unavailable at this time. Please try again later.",
            "no room to place tasks",
        ),
        ("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group arn:x)", "fails health checks"),
        ("ServiceSchedulerInitiated", "Task failed container health checks", "fails health checks"),
        (
            "TaskFailedToStart",
            "ResourceInitializationError: failed to validate logger args: AccessDeniedException: not authorized to perform: \
             logs:CreateLogStream on resource: arn:aws:logs:x",
            "log group cannot be used",
        ),
        ("", "RESOURCE:MEMORY", "no room to place tasks"),
        ("UserInitiated", "Task stopped by user", "stopped by hand"),
        ("", "OutOfMemoryError: container killed", "out of memory"),
        ("", "Something new", "Something new"),
        ("SomethingNew", "", "SomethingNew"),
    ] {
        let task = stopped(task("1", "a", "web:v1"), 1, code, reason);
        assert_eq!(cause_of_task(&task).map(|cause| cause.text()), Some(text.to_owned()), "{reason}");
    }
    assert_eq!(cause_of_task(&task("1", "a", "web:v1")), None);
    assert_eq!(cause_of_task(&exited("1", 1, 137)).map(|cause| cause.text()).as_deref(), Some("killed (exit 137)"));
}
