//! Stopped in the middle of a plan: soon, with a journal that says what was left, and to be taken up again.

use std::time::Duration;

use wharf::demo::{Fault, Region};
use wharf::executor::{Control, LAST_WAIT};
use wharf::plan::{Event, Phase, Plan, Progress, RecordState, StepOutcome, record_state};

use super::stage::{Stage, redeploy, scale, widened};
use super::wire::Crash;

fn furnish(region: &mut Region) {
    for name in ["web", "api", "worker"] {
        region.add_service("main", name, 2);
    }
    region.add_target("main", "web", 1, 4);
}

fn terminated() -> Vec<Control> {
    vec![Control::Stop("SIGTERM".to_owned())]
}

/// What the journal's last line says was left.
#[track_caller]
fn left(stage: &Stage, by: &str) -> String {
    match stage.record().lines.pop().unwrap().event {
        Event::Interrupted { by: said, left } if said == by => left,
        other => panic!("not interrupted by {by}, but {other:?}"),
    }
}

/// A moment in which a plan is told to end.
struct Moment {
    name: &'static str,
    fault: Option<(&'static str, Fault)>,
    /// So long after this line.
    line: usize,
    after: Duration,
    /// How long it takes to end: at least, and at most.
    takes: (Duration, Duration),
    lines: &'static [&'static str],
    left: &'static str,
}

const NONE: Duration = Duration::ZERO;
const SECOND: Duration = Duration::from_secs(1);

const MOMENTS: [Moment; 7] = [
    Moment {
        name: "before anything",
        fault: None,
        line: 0,
        after: NONE,
        takes: (NONE, NONE),
        lines: &["plan", "interrupted"],
        left: "1 not started",
    },
    Moment {
        name: "while it is read again",
        fault: Some(("DescribeServices", Fault::Silent)),
        line: 1,
        after: SECOND,
        takes: (NONE, NONE),
        lines: &["plan", "interrupted"],
        left: "1 not called",
    },
    Moment {
        name: "while a call is not answered",
        fault: Some(("UpdateService", Fault::Silent)),
        line: 2,
        after: SECOND,
        // The attempt itself is given up eight seconds after it began.
        takes: (Duration::from_secs(7), LAST_WAIT),
        lines: &["plan", "intent", "outcome", "interrupted"],
        left: "1 not seen to have taken effect",
    },
    Moment {
        name: "while a call is slow",
        fault: Some(("UpdateService", Fault::Slow)),
        line: 2,
        after: SECOND,
        takes: (Duration::from_secs(6), Duration::from_secs(6)),
        lines: &["plan", "intent", "outcome", "interrupted"],
        left: "1 not seen to have taken effect",
    },
    Moment {
        name: "while a call waits because it was throttled",
        fault: Some(("UpdateService", Fault::Throttled)),
        line: 2,
        after: SECOND,
        takes: (NONE, NONE),
        lines: &["plan", "intent", "interrupted"],
        left: "1 not seen to have taken effect",
    },
    Moment {
        name: "while its effect is looked for",
        fault: None,
        line: 3,
        after: SECOND,
        takes: (NONE, NONE),
        lines: &["plan", "intent", "outcome", "interrupted"],
        left: "1 not seen to have taken effect",
    },
    Moment {
        name: "while tasks are on their way",
        fault: None,
        line: 5,
        after: SECOND,
        takes: (NONE, NONE),
        lines: &["plan", "intent", "outcome", "end", "finished", "interrupted"],
        left: "1 not watched until stable",
    },
];

#[tokio::test(start_paused = true)]
async fn whatever_a_plan_is_at_it_ends_soon_says_so_and_can_be_taken_up() {
    for moment in MOMENTS {
        let name = moment.name;
        let stage = Stage::new(furnish);
        if let Some((operation, fault)) = moment.fault {
            stage.aws.set_fault_for(operation, fault);
        }
        let plan = stage.plan(&["web"], redeploy);
        let (progress, took) = stage.steered(plan, moment.line, moment.after, terminated()).await;
        let (least, most) = moment.takes;
        // The clock of paused time goes in milliseconds.
        assert!(
            took + Duration::from_millis(5) >= least && took <= most + Duration::from_millis(5),
            "{name}: {took:?}"
        );
        assert_eq!(progress.phase, Phase::Interrupted("SIGTERM".to_owned()), "{name}");
        assert_eq!((stage.lines().as_slice(), left(&stage, "SIGTERM").as_str()), (moment.lines, moment.left), "{name}");

        stage.aws.set_fault(None);
        let progress = stage.take_up(Crash::Never).await.unwrap();
        let end = stage.end(&progress, &["web"]);
        assert_eq!((end.verdicts, end.services), (vec![StepOutcome::Done], vec![(2, 2, 3)]), "{name}: {progress:#?}");
        assert_eq!(record_state(&stage.record().lines), RecordState::Finished, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_steer_any_more_has_quit() {
    let stage = Stage::new(furnish);
    let plan = stage.plan(&["web"], scale(3));
    stage.quit(plan).await;
    assert_eq!(left(&stage, "quit"), "1 not started");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_is_waited_for_eight_seconds_and_no_longer() {
    let stage = Stage::new(furnish);
    // What may be repeated is sent again by the SDK, for twenty seconds.
    stage.aws.set_fault_for("UpdateService", Fault::Silent);
    let plan = stage.plan(&["web"], scale(3));
    let (progress, took) = stage.steered(plan, 2, SECOND, terminated()).await;
    assert!(took >= LAST_WAIT && took < LAST_WAIT + SECOND, "{took:?}");
    assert_eq!(progress.phase, Phase::Interrupted("SIGTERM".to_owned()));
    assert_eq!(stage.lines(), ["plan", "intent", "outcome", "interrupted"]);
}

#[tokio::test(start_paused = true)]
async fn between_two_steps_the_second_is_not_begun() {
    let stage = Stage::new(furnish);
    let plan = stage.plan(&["web"], widened(6));
    let (progress, _) = stage.steered(plan, 4, NONE, terminated()).await;
    let verdicts: Vec<StepOutcome> = progress.endings().map(|ending| ending.verdict).collect();
    assert_eq!((verdicts, stage.writes().len()), (vec![StepOutcome::Done], 1));
    assert_eq!(left(&stage, "SIGTERM"), "1 not called");
}

#[tokio::test(start_paused = true)]
async fn a_paused_plan_finishes_the_steps_it_began_and_no_others() {
    let stage = Stage::new(furnish);
    let plan = stage.plan(&["web"], widened(6));
    let steers = vec![Control::Pause];
    let pausing = stage.steered(plan, 3, NONE, steers);
    let (progress, _) = tokio::time::timeout(Duration::from_mins(10), pausing)
        .await
        .map_or_else(|_| (None, NONE), |(progress, took): (Progress, Duration)| (Some(progress), took));
    assert_eq!(progress, None, "it went on");
    assert_eq!((stage.lines(), stage.writes().len()), (vec!["plan", "intent", "outcome", "end"], 1));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_over_changes_nothing_about_the_end() {
    let stage = Stage::new(furnish);
    let plan = stage.plan(&["web"], widened(6));
    let (progress, _) = stage.steered(plan, 3, NONE, vec![Control::Pause, Control::Pause]).await;
    assert_eq!(stage.end(&progress, &["web"]).services, [(6, 6, 2)]);
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_untouched_and_what_was_begun_goes_on() {
    let names: Vec<String> = (0..10).map(|at| format!("s{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stage = Stage::new(|region| names.iter().for_each(|name| region.add_service("main", name, 1)));
    let plan: Plan = stage.plan(&names, scale(2));
    let (progress, _) = stage.steered(plan, 2, NONE, vec![Control::GiveUp]).await;
    let verdicts: Vec<StepOutcome> = progress.endings().map(|ending| ending.verdict).collect();
    let expected = [vec![StepOutcome::Done; 8], vec![StepOutcome::NotStarted; 2]].concat();
    assert_eq!((verdicts, progress.phase), (expected, Phase::Over));
    assert_eq!(record_state(&stage.record().lines), RecordState::Finished);
}
