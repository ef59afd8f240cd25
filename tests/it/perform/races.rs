//! Others change things too: between the plan and the call, and after it.

use wharf::demo::{Region, RolloutState, Service, ServiceStatus};
use wharf::fleet::Arn;
use wharf::plan::{Plan, Progress, Stabilization, StepOutcome};

use super::plans::target;
use super::stage::{Stage, redeploy, scale, widened};
use super::wire::Crash;

fn furnish(region: &mut Region) {
    region.add_service("main", "web", 2);
    region.add_target("main", "web", 1, 4);
}

/// Makes a plan, meddles, and carries the plan out.
async fn raced(plan: impl FnOnce(&Stage) -> Plan, meddle: impl FnOnce(&Stage)) -> (Stage, Progress) {
    let stage = Stage::new(furnish);
    let plan = plan(&stage);
    meddle(&stage);
    let progress = stage.begin(plan, Crash::Never).await.unwrap();
    (stage, progress)
}

fn told(progress: &Progress) -> Vec<(StepOutcome, &str)> {
    progress.endings().map(|ending| (ending.verdict, ending.why.as_str())).collect()
}

/// Another deployment of the same definition, which is the primary one from now on.
fn deployed_again(service: &mut Service) {
    let mut other = service.deployments[0].clone();
    "ecs-svc/theirs".clone_into(&mut other.id);
    other.state = RolloutState::Completed;
    service.deployments = vec![other];
}

#[tokio::test(start_paused = true)]
async fn a_count_that_somebody_else_changed_is_left_to_them() {
    let (stage, progress) =
        raced(|stage| stage.plan(&["web"], scale(3)), |stage| stage.meddle("web", |service| service.desired = 4)).await;
    let says = "somebody changed the desired count to 4: it was 2";
    assert_eq!(told(&progress), [(StepOutcome::Skipped, says)]);
    assert_eq!((stage.writes().len(), stage.lines()), (0, vec!["plan", "end", "finished"]));
}

#[tokio::test(start_paused = true)]
async fn a_count_that_somebody_else_changed_to_what_was_wished_for_is_so_already() {
    let (stage, progress) =
        raced(|stage| stage.plan(&["web"], scale(3)), |stage| stage.meddle("web", |service| service.desired = 3)).await;
    assert_eq!(told(&progress), [(StepOutcome::AlreadyDone, "the desired count is 3 already")]);
    assert_eq!(stage.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_deployed_since_is_not_redeployed() {
    let (stage, progress) =
        raced(|stage| stage.plan(&["web"], redeploy), |stage| stage.meddle("web", deployed_again)).await;
    let says = "main-web:2 was deployed since the plan was made: ecs-svc/theirs";
    assert_eq!(told(&progress), [(StepOutcome::Skipped, says)]);
    assert_eq!(stage.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_moved_since_is_not_deployed_by_a_plan_that_showed_the_other_image() {
    let (stage, progress) = raced(
        |stage| stage.plan(&["web"], redeploy),
        |stage| {
            let now = stage.now();
            stage.aws.change(|world| world.home().push("web", "v1.0.0", now));
        },
    )
    .await;
    let (verdict, why) = told(&progress)[0];
    assert_eq!((verdict, stage.writes().len()), (StepOutcome::Skipped, 0));
    assert!(why.starts_with("the tag v1.0.0 has moved again: it points to "), "{why}");
}

#[tokio::test(start_paused = true)]
async fn bounds_that_somebody_else_moved_stop_the_count_that_was_to_follow() {
    let (stage, progress) = raced(
        |stage| stage.plan(&["web"], widened(6)),
        |stage| stage.aws.change(|world| world.home().scalable_targets[0].maximum = 5),
    )
    .await;
    let says = [
        (StepOutcome::Skipped, "somebody changed the bounds to 1-5: they were 1-4"),
        (StepOutcome::NotStarted, "the step before it was not done"),
    ];
    assert_eq!(told(&progress), says);
    assert_eq!(stage.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_being_deleted_or_is_gone_is_left_alone() {
    let (stage, progress) = raced(
        |stage| stage.plan(&["web"], scale(3)),
        |stage| stage.meddle("web", |service| service.status = ServiceStatus::Draining),
    )
    .await;
    assert_eq!(told(&progress), [(StepOutcome::Skipped, "the service was deleted and is draining")]);
    let (gone, progress) = raced(
        |stage| stage.plan(&["web"], redeploy),
        |stage| {
            stage.aws.change(|world| {
                world.home().clusters.get_mut("main").unwrap().services.remove("web");
            });
        },
    )
    .await;
    assert_eq!(told(&progress), [(StepOutcome::Skipped, "ECS does not know the service any more")]);
    assert_eq!((stage.writes().len(), gone.writes().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn autoscaling_does_not_stop_a_redeploy() {
    let (stage, progress) =
        raced(|stage| stage.plan(&["web"], redeploy), |stage| stage.meddle("web", |service| service.desired = 3)).await;
    assert_eq!((progress.tracks[0].endings[0].verdict, stage.writes().len()), (StepOutcome::Done, 1));
    assert_eq!(stage.service("web").desired, 3);
}

#[tokio::test(start_paused = true)]
async fn a_change_by_somebody_else_after_ours_supersedes_it_and_is_no_failure() {
    let stage = Stage::new(furnish);
    let plan = stage.plan(&["web"], scale(3));
    // Reads lag behind writes, so the first that shows anything new shows theirs.
    let theirs = async {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        stage.meddle("web", |service| service.desired = 5);
    };
    let (progress, ()) = tokio::join!(stage.begin(plan, Crash::Never), theirs);
    let progress = progress.unwrap();
    let says = "superseded by somebody else: the desired count is 5";
    assert_eq!(told(&progress), [(StepOutcome::Done, says)]);
    assert_eq!(progress.tracks[0].settled, Some(Stabilization::Stable));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_was_rolled_back_while_wharf_was_gone_is_not_made_again() {
    for crash in [Crash::AfterWrite(1), Crash::AfterLine(3)] {
        let stage = Stage::new(furnish);
        let plan = stage.plan(&["web"], redeploy);
        let before = stage.service("web").deployments[0].id.clone();
        assert_eq!(stage.begin(plan, crash).await, None);
        tokio::time::sleep(std::time::Duration::from_mins(2)).await;
        // As the circuit breaker leaves it: the deployment before is the primary one again, under its old id.
        stage.meddle("web", |service| {
            before.clone_into(&mut service.deployments[0].id);
        });
        let progress = stage.take_up(Crash::Never).await.unwrap();
        let (verdict, why) = told(&progress)[0];
        assert_eq!((verdict, stage.writes().len()), (StepOutcome::Failed, 0), "{crash:?}: {why}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_of_another_cluster_of_the_same_name_is_not_touched() {
    let stage = Stage::new(|region| {
        furnish(region);
        region.add_service("other", "web", 2);
    });
    let mut plan = stage.plan(&["web"], scale(3));
    let other = Arn::new("arn:aws:ecs:us-east-1:111122223333:service/other/web");
    plan.tracks[0].target = target(&plan.tracks[0].target.context.clone(), &other, "california/staging");
    stage.begin(plan, Crash::Never).await.unwrap();
    let desired = |cluster: &str| stage.aws.change(|world| world.home().service(cluster, "web").unwrap().desired);
    assert_eq!((desired("main"), desired("other")), (2, 3));
}
