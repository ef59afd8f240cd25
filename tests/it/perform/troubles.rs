//! AWS, the network and the disk let a change down.

use std::time::Duration;

use wharf::demo::{Fault, ImageFault, Region};
use wharf::executor::Update;
use wharf::fleet::QueryKind;
use wharf::plan::{Activity, Phase, Plan, Progress, Stabilization, StepOutcome};

use super::plans::target;
use super::stage::{Stage, redeploy, scale};
use super::wire::{Crash, Loss};

fn furnish(region: &mut Region) {
    region.add_service("main", "web", 2);
}

/// Carries a redeploy out while `fault` is on for `operation`.
async fn with(operation: &str, fault: Fault) -> (Stage, Progress) {
    let stage = Stage::new(furnish);
    stage.aws.set_fault_for(operation, fault);
    let plan = stage.plan(&["web"], redeploy);
    let progress = stage.begin(plan, Crash::Never).await.unwrap();
    (stage, progress)
}

fn told(progress: &Progress) -> (StepOutcome, &str) {
    let ending = &progress.tracks[0].endings[0];
    (ending.verdict, ending.why.as_str())
}

#[tokio::test(start_paused = true)]
async fn a_refused_change_fails_with_awss_words_its_request_id_and_what_to_do() {
    let denied = "UpdateService on service web: AccessDeniedException: User: \
         arn:aws:sts::111122223333:assumed-role/Operator/ops@humangov is not authorized to perform: ecs:UpdateService on \
         resource: arn:aws:ecs:us-east-1:111122223333:service/main/web because no identity-based policy allows the \
         ecs:UpdateService action. Allow ecs:UpdateService to the caller.";
    let expired = "UpdateService on service web: ExpiredTokenException: The security token included in the request is \
         expired. Name a profile with --profile or AWS_PROFILE, or renew the credentials in the environment.";
    for (fault, says) in [(Fault::Denied, denied), (Fault::Expired, expired)] {
        let (stage, progress) = with("UpdateService", fault).await;
        assert_eq!(told(&progress), (StepOutcome::Failed, says));
        assert!(progress.tracks[0].endings[0].request_id.is_some());
        assert_eq!(stage.lines(), ["plan", "intent", "outcome", "end", "finished"]);
        assert_eq!((stage.writes().len(), stage.service("web").service_deployments.len()), (1, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_change_is_tried_four_times_under_one_intent_and_then_told() {
    let (stage, progress) = with("UpdateService", Fault::Throttled).await;
    let says = "UpdateService on service web: ThrottlingException: Rate exceeded. Nothing was changed: request it again \
         in a moment.";
    assert_eq!(told(&progress), (StepOutcome::Failed, says));
    assert_eq!((stage.lines(), stage.writes().len()), (vec!["plan", "intent", "outcome", "end", "finished"], 4));
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_breaks_off_is_seen_to_have_been_made() {
    let (stage, progress) = with("UpdateService", Fault::CutOff).await;
    let (verdict, why) = told(&progress);
    assert_eq!(
        (verdict, stage.writes().len(), stage.service("web").service_deployments.len()),
        (StepOutcome::Done, 1, 3),
        "{why}"
    );
    assert!(why.ends_with(" (the answer was lost)"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_never_arrives_is_sent_once_more_after_its_effect_was_looked_for() {
    let (stage, progress) = with("UpdateService", Fault::Silent).await;
    let says = "sent 2 times without effect: UpdateService on service web: no answer within 8 s";
    assert_eq!((told(&progress), stage.writes().len()), ((StepOutcome::Failed, says), 2));
    let lines = ["plan", "intent", "outcome", "intent", "outcome", "end", "finished"];
    assert_eq!(stage.lines(), lines);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_again_is_not_called() {
    for fault in [Fault::Throttled, Fault::Denied, Fault::Expired, Fault::Silent] {
        let (stage, progress) = with("DescribeServices", fault).await;
        let (verdict, why) = told(&progress);
        assert_eq!((verdict, stage.writes().len()), (StepOutcome::Failed, 0), "{fault}");
        let says = "nothing was called: it could not be read again: DescribeServices on ";
        assert!(why.starts_with(says), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_cannot_be_read_again_stops_a_redeploy_that_shows_what_is_behind_it() {
    let (stage, progress) = with("DescribeImages", Fault::Denied).await;
    let (verdict, why) = told(&progress);
    assert_eq!((verdict, stage.writes().len()), (StepOutcome::Failed, 0));
    assert!(why.contains("ecr:DescribeImages"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn while_nothing_can_be_read_a_lost_call_is_not_made_again() {
    // The call, or its answer, is lost, and so is the network for so many seconds.
    for (loss, seconds) in [(Loss::After, 5), (Loss::After, 100), (Loss::After, 3_600), (Loss::Before, 3_600)] {
        let stage = Stage::new(furnish);
        stage.wire.lose(1, loss);
        stage.wire.unplug_after_a_write();
        let plan = stage.plan(&["web"], redeploy);
        let outage = async {
            stage.wire.pulled.notified().await;
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            stage.wire.plug_in();
        };
        let (progress, ()) = tokio::join!(stage.begin(plan, Crash::Never), outage);
        let progress = progress.unwrap();
        let (verdict, why) = told(&progress);
        let forced = stage.service("web").service_deployments.len() - 2;
        let expected = match (loss, seconds) {
            (Loss::After, ..120) => (StepOutcome::Done, 1, 1),
            (Loss::After, _) => (StepOutcome::Failed, 1, 1),
            (Loss::Before, _) => (StepOutcome::Failed, 1, 0),
        };
        assert_eq!((verdict, stage.writes().len(), forced), expected, "{loss:?}, {seconds} s: {why}");
        assert!(verdict == StepOutcome::Done || why.starts_with("it is not known whether it was done: "), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_journal_nothing_is_called() {
    // The plan; the intent.
    for (lines, verdict) in [(0, StepOutcome::NotStarted), (1, StepOutcome::Failed)] {
        let stage = Stage::new(furnish);
        let progress = stage.unwritten(stage.plan(&["web"], redeploy), lines).await;
        let says = "nothing was called: the journal cannot be written: /state: no space left";
        assert_eq!((told(&progress), stage.writes().len()), ((verdict, says), 0));
        assert_eq!((progress.journal.as_deref(), progress.phase), (Some("/state: no space left"), Phase::Over));
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_after_a_call_does_not_hide_what_came_of_it() {
    for lines in 2..6 {
        let stage = Stage::new(furnish);
        let progress = stage.unwritten(stage.plan(&["web"], redeploy), lines).await;
        assert_eq!((told(&progress).0, stage.writes().len()), (StepOutcome::Done, 1), "{lines} lines");
        assert_eq!(progress.journal.as_deref(), Some("/state: no space left"), "{lines} lines");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_fails_is_done_but_does_not_come_to_rest() {
    let stage = Stage::new(|region| {
        furnish(region);
        region.inject("main-web", ImageFault::Exits { code: 1, after: 1 });
    });
    let plan = stage.plan(&["web"], redeploy);
    let progress = stage.begin(plan, Crash::Never).await.unwrap();
    assert_eq!((told(&progress).0, progress.phase), (StepOutcome::Done, Phase::Over));
    let settled = progress.tracks[0].settled.clone();
    assert!(matches!(settled, Some(Stabilization::Unstable(_))), "{settled:?}");
    assert_eq!(stage.lines().last(), Some(&"settled"));
}

#[tokio::test(start_paused = true)]
async fn a_plan_over_several_tenants_starts_no_more_after_one_failed() {
    let names = ["alabama", "alaska", "arizona", "arkansas", "california", "colorado"];
    let stage = Stage::new(|region| names.iter().for_each(|name| region.add_service("main", name, 1)));
    stage.aws.set_fault_for("UpdateService", Fault::Denied);
    let mut plan: Plan = stage.plan(&names, scale(2));
    for (track, name) in plan.tracks.iter_mut().zip(names) {
        let (context, service) = (track.target.context.clone(), track.target.resource.service().unwrap().clone());
        track.target = target(&context, &service, &format!("{name}/staging"));
    }
    let progress = stage.begin(plan, Crash::Never).await.unwrap();
    let verdicts: Vec<StepOutcome> = progress.endings().map(|ending| ending.verdict).collect();
    // Four were under way together.
    let expected = [vec![StepOutcome::Failed; 4], vec![StepOutcome::NotStarted; 2]].concat();
    assert_eq!((verdicts, stage.writes().len()), (expected, 4));
    let why: Vec<&str> = progress.endings().skip(4).map(|ending| ending.why.as_str()).collect();
    assert_eq!(why, ["not started, because another failed"; 2]);
}

#[tokio::test(start_paused = true)]
async fn those_who_watch_see_every_stage_and_every_read() {
    let stage = Stage::new(furnish);
    let told = stage.watched(stage.plan(&["web"], scale(3))).await;
    let mut doing = vec![];
    let mut looks = 0;
    for each in told {
        match each {
            Update::Progress(progress) => doing.push(match progress.tracks[0].activity {
                Activity::Waiting => "waiting",
                Activity::Checking => "checking",
                Activity::Calling => "calling",
                Activity::Looking => "looking",
                Activity::Settling(_) => "settling",
                Activity::Over => "over",
            }),
            Update::Witnessed(ask, _) => looks += usize::from(matches!(ask.kind, QueryKind::Services(..))),
        }
    }
    doing.dedup();
    assert_eq!(doing, ["checking", "calling", "looking", "settling", "over"]);
    let asked = stage.aws.requests().iter().filter(|request| request.operation == "DescribeServices").count();
    assert_eq!(looks, asked);
}
