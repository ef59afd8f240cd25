//! Whose lines `wharf logs` prints: jobs, services that no rule names, and those that come and go meanwhile.

use std::time::Duration;

use jiff::Timestamp;
use wharf::args::Following;
use wharf::cli::Outcome;
use wharf::demo::{Aws, Region};

use super::inside::{count, inside};
use super::waiting::{run, run_for};

/// Who wrote the lines of `out`, and when each was heard first and last.
fn writers(out: &str) -> Vec<(&str, Timestamp, Timestamp)> {
    let mut found: Vec<(&str, Timestamp, Timestamp)> = vec![];
    for line in out.lines().filter(|line| !line.starts_with(' ')) {
        let mut parts = line.split("  ");
        let at: Timestamp = parts.next().unwrap().parse().unwrap();
        let who = parts.next().unwrap();
        match found.iter_mut().find(|(known, ..)| *known == who) {
            Some((_, first, last)) => (*first, *last) = (at.min(*first), at.max(*last)),
            None => found.push((who, at, at)),
        }
    }
    found.sort_unstable();
    found
}

/// Names of services and jobs that wrote, without their tasks.
fn names(out: &str) -> Vec<&str> {
    let mut names: Vec<&str> = writers(out).into_iter().map(|(who, ..)| who.split('/').next().unwrap()).collect();
    names.dedup();
    names
}

/// Changes the world after so many seconds.
async fn later(aws: &Aws, seconds: u64, change: impl FnOnce(&mut Region)) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    aws.change(|world| change(world.home()));
}

#[tokio::test(start_paused = true)]
async fn jobs_are_read_wherever_they_run() {
    let (_, cloud) = inside(|region| {
        region.add_service("main", "web", 1);
        region.add_jobs("main", "migrate", 1);
        region.add_jobs("other", "report", 2);
    })
    .await;
    for target in ["(jobs)", "(jobs)/unknown"] {
        let ended = run(&cloud, target, Following::No).await;
        assert_eq!((ended.outcome, ended.err.as_str()), (Some(Outcome::Well), ""), "{target}");
        assert_eq!((names(&ended.out), writers(&ended.out).len()), (vec!["migrate", "report"], 3), "{target}");
    }
    for target in ["(jobs)/report", "(jobs)/unknown/report"] {
        let ended = run(&cloud, target, Following::No).await;
        assert_eq!((ended.outcome, ended.err.as_str()), (Some(Outcome::Well), ""), "{target}");
        assert_eq!((names(&ended.out), writers(&ended.out).len()), (vec!["report"], 2), "{target}");
    }
    let all = run(&cloud, "(jobs)", Following::No).await;
    for (who, ..) in writers(&all.out) {
        let ended = run(&cloud, &format!("(jobs)/{who}"), Following::No).await;
        let found: Vec<&str> = writers(&ended.out).into_iter().map(|(who, ..)| who).collect();
        assert_eq!((ended.outcome, found), (Some(Outcome::Well), vec![who]), "as it was printed");
    }
    for (target, says) in [
        ("(jobs)/report/nobody", "no task of report begins with `nobody`; ECS forgets a task an hour after"),
        ("(jobs)/migrat", "there is no job `migrat`; those that ECS knows of are migrate, report"),
    ] {
        let ended = run(&cloud, target, Following::No).await;
        assert!(ended.outcome == Some(Outcome::NotUnderstood) && ended.err.contains(says), "{target}: {ended:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_any_job_that_is_said_and_new_ones_are_followed() {
    let (aws, cloud) = inside(|region| region.add_service("main", "web", 1)).await;
    let says = "wharf: there are no jobs: every task that ECS knows of belongs to a service\n";
    let ended = run(&cloud, "(jobs)", Following::No).await;
    assert_eq!((ended.outcome, ended.out.as_str(), ended.err.as_str()), (Some(Outcome::Well), "", says));

    let following = run_for(&cloud, "(jobs)", Following::Yes, Duration::from_mins(2));
    let (ended, ()) = tokio::join!(following, later(&aws, 40, |region| region.add_jobs("main", "migrate", 1)));
    assert_eq!((ended.outcome, names(&ended.out), ended.err.as_str()), (None, vec!["migrate"], says));
}

#[tokio::test(start_paused = true)]
async fn of_a_service_one_task_can_be_meant_by_the_beginning_of_its_id() {
    let (_, cloud) = inside(|region| region.add_service("acme-staging", "web", 3)).await;
    let all = run(&cloud, "acme/staging/web", Following::No).await;
    assert_eq!(writers(&all.out).len(), 3);
    for (who, ..) in writers(&all.out) {
        // As it was printed: `web/0123abcd`.
        let ended = run(&cloud, &format!("acme/staging/{who}"), Following::No).await;
        let own: Vec<&str> = all.out.lines().filter(|line| line.contains(who)).collect();
        assert!(ended.outcome == Some(Outcome::Well) && !own.is_empty(), "{ended:#?}");
        assert!(ended.out.lines().all(|line| line.contains(who) || line.starts_with(' ')), "{ended:#?}");
    }
    let ended = run(&cloud, "acme/staging/web/nobody", Following::No).await;
    let says =
        "wharf: no task of acme/staging/web begins with `nobody`; ECS forgets a task an hour after it has stopped\n";
    assert_eq!((ended.outcome, ended.err.as_str()), (Some(Outcome::NotUnderstood), says));
}

#[tokio::test(start_paused = true)]
async fn services_that_no_rule_names_are_read_by_the_paths_that_are_shown() {
    let (_, cloud) = inside(|region| {
        region.add_service("default", "web", 1);
        region.add_service("default", "api", 1);
    })
    .await;
    for (target, expected) in [
        ("(unassigned)", &["api", "web"][..]),
        ("(unassigned)/unknown", &["api", "web"]),
        ("(unassigned)/unknown/web", &["web"]),
    ] {
        let ended = run(&cloud, target, Following::No).await;
        assert_eq!(
            (ended.outcome, names(&ended.out)),
            (Some(Outcome::Well), expected.to_vec()),
            "{target}: {}",
            ended.err
        );
    }
}

#[tokio::test(start_paused = true)]
async fn services_that_come_are_followed_within_a_minute_and_those_that_go_end() {
    let (aws, cloud) = inside(|region| {
        region.add_service("acme-staging", "api", 1);
        region.add_service("acme-staging", "web", 1);
    })
    .await;
    let started: Timestamp = super::clock()();
    let following = run_for(&cloud, "acme/staging", Following::Yes, Duration::from_mins(5));
    let (ended, ()) = tokio::join!(following, async {
        later(&aws, 70, |region| region.add_service("acme-staging", "worker", 2)).await;
        later(&aws, 60, |region| {
            region.clusters.get_mut("acme-staging").unwrap().services.remove("web");
        })
        .await;
    });
    assert_eq!((ended.outcome, ended.err.as_str()), (None, ""));
    assert_eq!(names(&ended.out), ["api", "web", "worker"]);
    let last = |name: &str| {
        writers(&ended.out).into_iter().filter(|(who, ..)| who.starts_with(name)).map(|(_, _, last)| last).max()
    };
    let seconds = |at: Option<Timestamp>| at.unwrap().duration_since(started).as_secs();
    assert!(seconds(last("api")) > 280 && seconds(last("worker")) > 280, "{:?}", writers(&ended.out));
    assert!((120..215).contains(&seconds(last("web"))), "{:?}", writers(&ended.out));
    // At the beginning, and then every 45 seconds or a little less often: tasks are read every ten.
    assert!((5..=7).contains(&count(&aws, "ListServices")), "{}", count(&aws, "ListServices"));
}

#[tokio::test(start_paused = true)]
async fn one_service_is_not_looked_for_again() {
    let (aws, cloud) = inside(|region| region.add_service("acme-staging", "web", 1)).await;
    run_for(&cloud, "acme/staging/web", Following::Yes, Duration::from_mins(5)).await;
    assert_eq!(count(&aws, "ListServices"), 1);
}

#[tokio::test(start_paused = true)]
async fn jobs_of_many_clusters_are_read_at_a_pace_that_leaves_room_for_others() {
    let (aws, cloud) = inside(|region| {
        for at in 0..12 {
            region.add_jobs(&format!("c{at}"), "migrate", 1);
        }
    })
    .await;
    let ended = run_for(&cloud, "(jobs)", Following::Yes, Duration::from_mins(2)).await;
    assert_eq!((writers(&ended.out).len(), ended.err.as_str()), (12, ""));
    // At the beginning and seven times after that, both kinds of each cluster.
    assert_eq!(count(&aws, "ListTasks"), 12 * 2 * 8);
}

#[tokio::test(start_paused = true)]
async fn following_a_task_ends_well_once_its_last_lines_are_read_and_ecs_has_forgotten_it() {
    let (aws, cloud) = inside(|region| region.add_service("acme-staging", "web", 1)).await;
    let all = run(&cloud, "acme/staging/web", Following::No).await;
    let who = writers(&all.out)[0].0.to_owned();
    let target = format!("acme/staging/{who}");
    let following = run_for(&cloud, &target, Following::Yes, Duration::from_mins(5));
    let (ended, ()) = tokio::join!(
        following,
        later(&aws, 60, |region| {
            let cluster = region.clusters.get_mut("acme-staging").unwrap();
            (cluster.tasks, cluster.services) = Default::default();
        })
    );
    let says = format!("wharf: ECS has forgotten the task {}, so no more lines come\n", who.split_once('/').unwrap().1);
    assert_eq!((ended.outcome, ended.err), (Some(Outcome::Well), says));
    let [(only, first, last)] = writers(&ended.out)[..] else { panic!("{}", ended.out) };
    assert!(only == who && last.duration_since(first).as_secs() > 300, "{}", ended.out);
}
