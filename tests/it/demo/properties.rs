//! Whatever is done to a service, and however time passes: its parts agree, and nothing runs backwards.

use futures_util::FutureExt as _;
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use wharf::demo::{Aws, Flaw, Pace, Reply, World};

use super::seen::Seen;
use super::{Clock, START, ecs};

/// One thing that is done.
#[derive(Clone, Debug)]
enum Step {
    Scale(u32),
    Force,
    Deploy(u32),
    Percents(u32, u32),
    Breaker(bool, bool),
    GoBack,
    LoseZones(Vec<usize>),
    Kill,
    Pass(i64),
}

/// Revisions 3 and 4 of `prod-web` are good, 5 cannot be pulled, 6 dies after a few seconds.
const BAD: [u32; 2] = [5, 6];

/// A world with the service `web`, which goes on at AWS's pace or faster.
struct Lab {
    aws: Aws,
    clock: Clock,
    last: Option<Seen>,
}

impl Lab {
    fn new(desired: u32, pace: Pace) -> Self {
        let (clock, mut world) = (Clock::new(), World::empty());
        world.pace = pace;
        let home = world.home();
        home.add_service("prod", "web", desired);
        for (version, flaw) in
            [("v3", None), ("v4", None), ("v5", None), ("v6", Some(Flaw::Exits { code: 1, after: 3 }))]
        {
            if version != "v5" {
                home.push("web", version, START - SignedDuration::from_hours(1));
            }
            let image = home.place.image("web", version);
            if let Some(flaw) = flaw {
                home.spoil(&image, flaw);
            }
        }
        let registry = home.place.registry();
        let hand = clock.clone();
        let lab = Self { aws: Aws::new(world, move || hand.now()), clock, last: None };
        for version in ["v3", "v4", "v5", "v6"] {
            let containers = json!([{ "name": "web", "image": format!("{registry}/web:{version}") }]);
            lab.ask("RegisterTaskDefinition", &json!({ "family": "prod-web", "containerDefinitions": containers }))
                .unwrap();
        }
        lab
    }

    /// The answer, or the code of the refusal.
    fn ask(&self, operation: &str, body: &Value) -> Result<Value, String> {
        let Some(Reply::Whole(response)) = self.aws.answer(ecs(operation, body)).now_or_never() else { panic!() };
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        if response.status() == 200 { Ok(answer) } else { Err(answer["__type"].as_str().unwrap().to_owned()) }
    }

    fn update(&self, mut change: Value) -> Result<Value, String> {
        change["cluster"] = json!("prod");
        change["service"] = json!("web");
        self.ask("UpdateService", &change)
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.pass(SignedDuration::from_millis(milliseconds));
    }

    fn carry_out(&self, step: &Step) {
        let revision = |number: u32| json!({ "taskDefinition": format!("prod-web:{number}") });
        let outcome = match step {
            Step::Scale(count) => self.update(json!({ "desiredCount": count })),
            Step::Force => self.update(json!({ "forceNewDeployment": true })),
            Step::Deploy(number) => self.update(revision(*number)),
            Step::Percents(minimum, maximum) => self.update(json!({
                "deploymentConfiguration": { "minimumHealthyPercent": minimum, "maximumPercent": maximum }
            })),
            Step::Breaker(enable, rollback) => self.update(json!({
                "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": enable, "rollback": rollback } }
            })),
            Step::GoBack => {
                let newest = self.see().past[0]["serviceDeploymentArn"].clone();
                self.ask("StopServiceDeployment", &json!({ "serviceDeploymentArn": newest }))
            }
            Step::LoseZones(zones) => {
                self.aws.change(|world| world.home().service("prod", "web").unwrap().lost_zones.clone_from(zones));
                Ok(Value::Null)
            }
            Step::Kill => {
                self.aws.change(|world| world.home().kill("prod", "web", self.clock.now()));
                Ok(Value::Null)
            }
            Step::Pass(milliseconds) => {
                self.pass(*milliseconds);
                Ok(Value::Null)
            }
        };
        if let Err(code) = outcome {
            assert!(["ConflictException", "ThrottlingException"].contains(&code.as_str()), "{step:?}: {code}");
        }
    }

    fn see(&self) -> Seen {
        let ask = |operation, body| self.ask(operation, &body).unwrap();
        let service = ask("DescribeServices", json!({ "cluster": "prod", "services": ["web"] }))["services"][0].clone();
        let mut arns = vec![];
        for status in ["RUNNING", "STOPPED"] {
            let listed = ask("ListTasks", json!({ "cluster": "prod", "desiredStatus": status }));
            arns.extend(listed["taskArns"].as_array().unwrap().iter().take(50).cloned());
        }
        let tasks = if arns.is_empty() {
            json!([])
        } else {
            ask("DescribeTasks", json!({ "cluster": "prod", "tasks": arns }))["tasks"].clone()
        };
        let tasks = tasks.as_array().unwrap().iter();
        let tasks = tasks.map(|task| (task["taskArn"].as_str().unwrap().to_owned(), task.clone())).collect();
        let listed = ask("ListServiceDeployments", json!({ "cluster": "prod", "service": "web", "maxResults": 20 }));
        let arns: Vec<_> =
            listed["serviceDeployments"].as_array().unwrap().iter().map(|one| &one["serviceDeploymentArn"]).collect();
        let past = ask("DescribeServiceDeployments", json!({ "serviceDeploymentArns": arns }));
        Seen { service, tasks, past: past["serviceDeployments"].as_array().unwrap().clone() }
    }

    /// Looks again, and holds what there is against itself and against what there was.
    fn check(&mut self) {
        let seen = self.see();
        seen.agrees();
        if let Some(last) = &self.last {
            seen.follows(last);
        }
        self.last = Some(seen);
    }
}

fn percents() -> impl Strategy<Value = Step> {
    prop_oneof![Just((0, 100)), Just((50, 100)), Just((75, 125)), Just((100, 150)), Just((50, 200)), Just((100, 200))]
        .prop_map(|(minimum, maximum)| Step::Percents(minimum, maximum))
}

fn passing() -> impl Strategy<Value = Step> {
    prop_oneof![6 => (100..4_000_i64).prop_map(Step::Pass), 2 => (4_000..40_000_i64).prop_map(Step::Pass)]
}

/// What an operator does to a service whose images are all good.
fn calm() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..9_u32).prop_map(Step::Scale),
        2 => Just(Step::Force),
        2 => (1..5_u32).prop_map(Step::Deploy),
        1 => percents(),
        1 => Just(Step::GoBack),
        8 => passing(),
    ]
}

/// And what else may happen.
fn wild() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => calm(),
        2 => prop::sample::select(BAD.to_vec()).prop_map(Step::Deploy),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(enable, rollback)| Step::Breaker(enable, rollback)),
        1 => prop::sample::subsequence(vec![0, 1, 2], 0..=3).prop_map(Step::LoseZones),
        1 => Just(Step::Kill),
        1 => (60_000..2_000_000_i64).prop_map(Step::Pass),
    ]
}

fn pace() -> impl Strategy<Value = Pace> {
    let at_once = Pace { lag: SignedDuration::ZERO, ..Pace::DEMO };
    prop_oneof![4 => Just(Pace::DEMO), 1 => Just(at_once), 1 => Just(Pace::AWS)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rollouts_of_good_images_keep_within_the_percentages_and_settle(
        desired in 0..7_u32, pace in pace(), steps in vec(calm(), 1..40),
    ) {
        let mut lab = Lab::new(desired, pace);
        lab.check();
        for step in &steps {
            lab.carry_out(step);
            let before = lab.last.clone();
            // Nobody is throttled who waits.
            lab.pass(400);
            lab.check();
            if let Some((now, before)) = lab.last.as_ref().zip(before) {
                now.spares(&before);
            }
        }
        lab.carry_out(&Step::Percents(50, 200));
        for _ in 0..30 {
            lab.pass(60_000);
            lab.check();
        }
        prop_assert!(lab.last.as_ref().unwrap().settled(), "{:#}", lab.last.unwrap().service);
    }

    #[test]
    fn whatever_happens_parts_agree_and_nothing_runs_backwards(
        desired in 0..7_u32, pace in pace(), steps in vec(wild(), 1..40),
    ) {
        let mut lab = Lab::new(desired, pace);
        for step in &steps {
            lab.carry_out(step);
            lab.pass(400);
            lab.check();
        }
        lab.carry_out(&Step::LoseZones(vec![]));
        lab.carry_out(&Step::Deploy(3));
        lab.carry_out(&Step::Percents(50, 200));
        lab.carry_out(&Step::Force);
        for _ in 0..30 {
            lab.pass(60_000);
            lab.check();
        }
        prop_assert!(lab.last.as_ref().unwrap().settled(), "{:#}", lab.last.unwrap().service);
    }

    #[test]
    fn the_same_steps_lead_to_the_same_world_however_time_is_cut(
        desired in 0..7_u32, steps in vec(wild(), 1..20), pieces in 2..9_i64,
    ) {
        let end = |pieces: i64| {
            let lab = Lab::new(desired, Pace::DEMO);
            for step in &steps {
                let Step::Pass(milliseconds) = step else {
                    lab.carry_out(step);
                    continue;
                };
                for piece in 0..pieces {
                    lab.pass(milliseconds * (piece + 1) / pieces - milliseconds * piece / pieces);
                    // Whoever asks moves the world.
                    lab.ask("ListClusters", &json!({})).ok();
                }
            }
            lab.pass(5_000);
            format!("{:?}", lab.see())
        };
        prop_assert_eq!(end(pieces), end(1));
    }
}
