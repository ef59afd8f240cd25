//! Property tests: whatever happens to a service, its state is consistent and never goes back.

use futures_util::FutureExt as _;
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use wharf::demo::{Aws, ImageFault, Reply, Timings, World};

use super::snapshot::Snapshot;
use super::{Clock, START, ecs};

/// One step of a test.
#[derive(Clone, Debug)]
enum Step {
    Scale(u32),
    Force,
    Deploy(u32),
    Percents(u32, u32),
    CircuitBreaker(bool, bool),
    RollBack,
    LoseZones(Vec<usize>),
    Kill,
    Pass(i64),
}

/// Revisions 3 and 4 of `prod-web` are good, 5 cannot be pulled, 6 exits after a few seconds.
const BAD_REVISIONS: [u32; 2] = [5, 6];

/// A world with the service `web`.
struct Simulation {
    aws: Aws,
    clock: Clock,
    last: Option<Snapshot>,
}

impl Simulation {
    fn new(desired: u32, timings: Timings) -> Self {
        let (clock, mut world) = (Clock::new(), World::empty());
        world.timings = timings;
        let home = world.home();
        home.add_service("prod", "web", desired);
        for (version, fault) in
            [("v3", None), ("v4", None), ("v5", None), ("v6", Some(ImageFault::Exits { code: 1, after: 3 }))]
        {
            if version != "v5" {
                home.push("web", version, START - SignedDuration::from_hours(1));
            }
            let image = home.location.image_uri("web", version);
            if let Some(fault) = fault {
                home.inject(&image, fault);
            }
        }
        let registry = home.location.registry_host();
        let hand = clock.clone();
        let simulation = Self { aws: Aws::new(world, move || hand.now()), clock, last: None };
        for version in ["v3", "v4", "v5", "v6"] {
            let containers = json!([{ "name": "web", "image": format!("{registry}/web:{version}") }]);
            simulation
                .ask("RegisterTaskDefinition", &json!({ "family": "prod-web", "containerDefinitions": containers }))
                .unwrap();
        }
        simulation
    }

    /// The response, or the code of the error.
    fn ask(&self, operation: &str, body: &Value) -> Result<Value, String> {
        let Some(Reply::Complete(response)) = self.aws.respond(ecs(operation, body)).now_or_never() else { panic!() };
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

    fn apply(&self, step: &Step) {
        let revision = |number: u32| json!({ "taskDefinition": format!("prod-web:{number}") });
        let outcome = match step {
            Step::Scale(count) => self.update(json!({ "desiredCount": count })),
            Step::Force => self.update(json!({ "forceNewDeployment": true })),
            Step::Deploy(number) => self.update(revision(*number)),
            Step::Percents(minimum, maximum) => self.update(json!({
                "deploymentConfiguration": { "minimumHealthyPercent": minimum, "maximumPercent": maximum }
            })),
            Step::CircuitBreaker(enable, rollback) => self.update(json!({
                "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": enable, "rollback": rollback } }
            })),
            Step::RollBack => {
                let newest = self.snapshot().service_deployments[0]["serviceDeploymentArn"].clone();
                self.ask("StopServiceDeployment", &json!({ "serviceDeploymentArn": newest }))
            }
            Step::LoseZones(zones) => {
                self.aws.change(|world| world.home().service("prod", "web").unwrap().lost_zones.clone_from(zones));
                Ok(Value::Null)
            }
            Step::Kill => {
                self.aws.change(|world| world.home().kill_task("prod", "web", self.clock.now()));
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

    fn snapshot(&self) -> Snapshot {
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
        let details = ask("DescribeServiceDeployments", json!({ "serviceDeploymentArns": arns }));
        Snapshot { service, tasks, service_deployments: details["serviceDeployments"].as_array().unwrap().clone() }
    }

    /// Takes a snapshot and checks it, by itself and against the previous one.
    fn check(&mut self) {
        let snapshot = self.snapshot();
        snapshot.assert_consistent();
        if let Some(last) = &self.last {
            snapshot.assert_follows(last);
        }
        self.last = Some(snapshot);
    }
}

fn percents() -> impl Strategy<Value = Step> {
    prop_oneof![Just((0, 100)), Just((50, 100)), Just((75, 125)), Just((100, 150)), Just((50, 200)), Just((100, 200))]
        .prop_map(|(minimum, maximum)| Step::Percents(minimum, maximum))
}

fn pass_time() -> impl Strategy<Value = Step> {
    prop_oneof![6 => (100..4_000_i64).prop_map(Step::Pass), 2 => (4_000..40_000_i64).prop_map(Step::Pass)]
}

/// Steps of an operator with good images only.
fn operator_steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..9_u32).prop_map(Step::Scale),
        2 => Just(Step::Force),
        2 => (1..5_u32).prop_map(Step::Deploy),
        1 => percents(),
        1 => Just(Step::RollBack),
        8 => pass_time(),
    ]
}

/// All steps, including bad images and failures.
fn any_steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => operator_steps(),
        2 => prop::sample::select(BAD_REVISIONS.to_vec()).prop_map(Step::Deploy),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(enable, rollback)| Step::CircuitBreaker(enable, rollback)),
        1 => prop::sample::subsequence(vec![0, 1, 2], 0..=3).prop_map(Step::LoseZones),
        1 => Just(Step::Kill),
        1 => (60_000..2_000_000_i64).prop_map(Step::Pass),
    ]
}

fn timings() -> impl Strategy<Value = Timings> {
    let no_read_lag = Timings { read_lag: SignedDuration::ZERO, ..Timings::DEMO };
    prop_oneof![4 => Just(Timings::DEMO), 1 => Just(no_read_lag), 1 => Just(Timings::AWS)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rollouts_of_good_images_stay_within_the_percentages_and_become_stable(
        desired in 0..7_u32, timings in timings(), steps in vec(operator_steps(), 1..40),
    ) {
        let mut simulation = Simulation::new(desired, timings);
        simulation.check();
        for step in &steps {
            simulation.apply(step);
            let before = simulation.last.clone();
            // Slow enough not to be throttled.
            simulation.pass(400);
            simulation.check();
            if let Some((now, before)) = simulation.last.as_ref().zip(before) {
                now.assert_minimum_kept(&before);
            }
        }
        simulation.apply(&Step::Percents(50, 200));
        for _ in 0..30 {
            simulation.pass(60_000);
            simulation.check();
        }
        prop_assert!(simulation.last.as_ref().unwrap().is_stable(), "{:#}", simulation.last.unwrap().service);
    }

    #[test]
    fn any_sequence_of_steps_is_consistent_and_never_is_backfilling(
        desired in 0..7_u32, timings in timings(), steps in vec(any_steps(), 1..40),
    ) {
        let mut simulation = Simulation::new(desired, timings);
        for step in &steps {
            simulation.apply(step);
            simulation.pass(400);
            simulation.check();
        }
        simulation.apply(&Step::LoseZones(vec![]));
        simulation.apply(&Step::Deploy(3));
        simulation.apply(&Step::Percents(50, 200));
        simulation.apply(&Step::Force);
        for _ in 0..30 {
            simulation.pass(60_000);
            simulation.check();
        }
        prop_assert!(simulation.last.as_ref().unwrap().is_stable(), "{:#}", simulation.last.unwrap().service);
    }

    #[test]
    fn the_result_does_not_depend_on_the_size_of_the_time_steps(
        desired in 0..7_u32, steps in vec(any_steps(), 1..20), pieces in 2..9_i64,
    ) {
        let end = |pieces: i64| {
            let simulation = Simulation::new(desired, Timings::DEMO);
            for step in &steps {
                let Step::Pass(milliseconds) = step else {
                    simulation.apply(step);
                    continue;
                };
                for piece in 0..pieces {
                    simulation.pass(milliseconds * (piece + 1) / pieces - milliseconds * piece / pieces);
                    // Any request advances the world.
                    simulation.ask("ListClusters", &json!({})).ok();
                }
            }
            simulation.pass(5_000);
            format!("{:?}", simulation.snapshot())
        };
        prop_assert_eq!(end(pieces), end(1));
    }
}
