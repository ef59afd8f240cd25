//! Executions stopped dead at every point, and taken up again: they end like the one that was never stopped.

use wharf::demo::{Region, Service};
use wharf::journal::{Journal, OpenError};
use wharf::plan::{Plan, Progress, Step, StepOutcome};

use super::stage::{End, Stage, redeploy, scale, widened};
use super::wire::{Crash, Loss};

/// A kind of plan, and how it ends.
struct Scenario {
    name: &'static str,
    services: &'static [&'static str],
    steps: fn(&Service) -> Vec<Step>,
    /// Lines of its journal, and writes that it comes to.
    lines: usize,
    writes: usize,
    /// Each service at the end: tasks wished for, running, deployments ever begun, two of them long before.
    ends: &'static [(u32, usize, usize)],
}

const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "scale",
        services: &["web"],
        steps: |service| scale(3)(service),
        lines: 6,
        writes: 1,
        ends: &[(3, 3, 2)],
    },
    Scenario { name: "redeploy", services: &["web"], steps: redeploy, lines: 6, writes: 1, ends: &[(2, 2, 3)] },
    Scenario {
        name: "bounds and count",
        services: &["web"],
        steps: |service| widened(6)(service),
        lines: 9,
        writes: 2,
        ends: &[(6, 6, 2)],
    },
    Scenario {
        name: "three services",
        services: &["web", "api", "worker"],
        steps: redeploy,
        lines: 14,
        writes: 3,
        ends: &[(2, 2, 3), (3, 3, 3), (1, 1, 3)],
    },
];

fn furnish(region: &mut Region) {
    for (name, tasks) in [("web", 2), ("api", 3), ("worker", 1)] {
        region.add_service("main", name, tasks);
    }
    region.add_target("main", "web", 1, 4);
}

impl Scenario {
    fn stage(&self) -> (Stage, Plan) {
        let stage = Stage::new(furnish);
        let plan = stage.plan(self.services, self.steps);
        (stage, plan)
    }

    /// The end without a crash.
    fn end(&self) -> End {
        let steps = self.writes;
        let settled = self.services.iter().map(|_| "Some(Stable)".to_owned()).collect();
        let most = if self.name == "bounds and count" { 6 } else { 4 };
        End { verdicts: vec![StepOutcome::Done; steps], services: self.ends.to_vec(), bounds: vec![(1, most)], settled }
    }

    #[track_caller]
    fn check(&self, stage: &Stage, progress: Option<Progress>, how: &str) {
        let progress = progress.unwrap_or_else(|| panic!("{}, {how}: it was cut short again", self.name));
        let end = stage.end(&progress, self.services);
        assert_eq!(end, self.end(), "{}, {how}: {progress:#?}", self.name);
    }

    /// Every point at which it can be stopped dead.
    fn crashes(&self) -> impl Iterator<Item = Crash> {
        let lines = (1..=self.lines).map(Crash::AfterLine);
        lines.chain((1..=self.writes).flat_map(|at| [Crash::BeforeWrite(at), Crash::AfterWrite(at)]))
    }
}

#[tokio::test(start_paused = true)]
async fn plans_are_carried_out_to_their_end() {
    for scenario in SCENARIOS {
        let (stage, plan) = scenario.stage();
        let progress = stage.begin(plan, Crash::Never).await;
        scenario.check(&stage, progress, "undisturbed");
        assert_eq!(
            (stage.record().lines.len(), stage.writes().len()),
            (scenario.lines, scenario.writes),
            "{}",
            scenario.name
        );
    }
}

#[tokio::test(start_paused = true)]
async fn stopped_dead_at_any_point_a_plan_ends_as_if_it_had_not_been() {
    for scenario in SCENARIOS {
        for crash in scenario.crashes() {
            let (stage, plan) = scenario.stage();
            assert_eq!(stage.begin(plan, crash).await, None, "{}, {crash:?}", scenario.name);
            let progress = stage.take_up(Crash::Never).await;
            scenario.check(&stage, progress, &format!("{crash:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn stopped_dead_again_while_it_is_taken_up_a_plan_ends_as_if_it_had_not_been() {
    for scenario in &SCENARIOS[1..3] {
        // Where there are more writes than one, it is enough to begin with those.
        let counts = |crash: &Crash| scenario.writes == 1 || !matches!(crash, Crash::AfterLine(_));
        for first in scenario.crashes().filter(counts) {
            for second in scenario.crashes() {
                let (stage, plan) = scenario.stage();
                assert_eq!(stage.begin(plan, first).await, None, "{}, {first:?}", scenario.name);
                let how = format!("{first:?}, then {second:?}");
                // Taken up late, it may have less to do than it takes to get there.
                let progress = match stage.take_up(second).await {
                    None => stage.take_up(Crash::Never).await,
                    whole => whole,
                };
                scenario.check(&stage, progress, &how);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_on_the_way_changes_nothing_about_the_end() {
    for scenario in SCENARIOS {
        for write in 1..=scenario.writes {
            for loss in [Loss::Before, Loss::After] {
                let (stage, plan) = scenario.stage();
                stage.wire.lose(write, loss);
                let progress = stage.begin(plan, Crash::Never).await;
                scenario.check(&stage, progress, &format!("{write} lost {loss:?}"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn on_disk_a_plan_is_held_while_it_is_under_way_and_is_taken_up_after_a_crash() {
    let place = tempfile::tempdir().unwrap();
    for scenario in SCENARIOS {
        let (mut stage, plan) = scenario.stage();
        stage.journal = Journal::in_directory(place.path().join(scenario.name));
        let other = Journal::in_directory(place.path().join(scenario.name));
        assert_eq!(stage.begin(plan, Crash::AfterWrite(1)).await, None);
        let [record] = other.unfinished().try_into().unwrap();
        {
            let taking = stage.take_up(Crash::Never);
            let refused = async { (other.unfinished().len(), matches!(other.reopen(&record), Err(OpenError::Held))) };
            let mut taking = std::pin::pin!(taking);
            // It looks for the effect of the call first, which reads do not show yet.
            assert!(futures_util::poll!(taking.as_mut()).is_pending(), "{}", scenario.name);
            assert_eq!(refused.await, (0, true), "{}", scenario.name);
            scenario.check(&stage, taking.await, "on disk");
        }
        assert_eq!(other.unfinished(), []);
    }
}
