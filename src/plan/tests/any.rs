//! What holds of every plan, whatever there is and whatever is requested.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::fleet::sample::ago;
use crate::fleet::{
    Completeness, Controller, Index, Management, Payload, Rollout, SCALABLE_TARGETS_PER_QUERY, SERVICES_PER_QUERY,
    Scheduling, ServiceStatus, TaskFilter,
};

/// What AWS knows, and which questions it does not answer.
#[derive(Clone, Debug)]
struct Truth {
    services: Vec<Service>,
    tasks: Vec<Task>,
    scaling: Vec<Scaling>,
    /// Services that are gone by the time they are looked at.
    gone: BTreeSet<Arn>,
    /// One flag for each question, over and over.
    fails: Vec<bool>,
}

/// One service: what is odd about it, its count, its bounds, the digest that its task shows.
type Spec = (u8, u32, Option<(u32, u32)>, Option<u8>, u8);

fn truth(specs: &[Spec], fails: Vec<bool>) -> Truth {
    let mut truth = Truth { services: vec![], tasks: vec![], scaling: vec![], gone: BTreeSet::new(), fails };
    for (at, (odd, desired, bounds, digest, place)) in specs.iter().enumerate() {
        let tenant = ["california", "texas", "nevada"][usize::from(place % 3)];
        let environment = ["production", "staging"][usize::from(place / 3 % 2)];
        let mut service = named(&format!("s{at}"));
        service.desired = *desired;
        service.tags = tags(&[("tenant", tenant), ("env", environment)]);
        match odd {
            0 => service.scheduling = Scheduling::Daemon,
            1 => service.controller = Controller::CodeDeploy,
            2 => service.controller = Controller::External,
            3 => service.management = Management::Ecs,
            4 => service.status = ServiceStatus::Draining,
            5 => service.deployments.clear(),
            6 => service.deployments[0].rollout = Some(Rollout::InProgress),
            7 => service.maximum_percent = Some(100),
            8 => service.arn = Arn::new(format!("arn:aws:ecs:us-east-1:1:service/s{at}")),
            9 => drop(truth.gone.insert(service.arn.clone())),
            _ => {}
        }
        if let Some(digest) = digest {
            // As an agent writes it of a tag, a newer one of the same, and one of some versions between.
            let image = match digest / 6 % 3 {
                0 => format!("{ECR}:v{}", digest % 3),
                1 => format!("{ECR}:v{}@sha256:{}", digest % 3, digest % 2),
                _ => format!("{ECR}@sha256:{}", digest % 2),
            };
            let mut task = running(&format!("{at}"), &image, Some(&format!("sha256:{}", digest % 2)));
            task.group = format!("service:s{at}");
            truth.tasks.push(task);
        }
        let scaling = |(min, max)| Scaling { service: service.arn.clone(), min, max, suspended: vec![] };
        truth.scaling.extend(bounds.map(scaling));
        truth.services.push(service);
    }
    truth
}

fn any_truth() -> impl Strategy<Value = Truth> {
    let bounds = prop::option::of((0..4_u32, 4..9_u32));
    let spec = (0..30_u8, 0..9_u32, bounds, prop::option::of(any::<u8>()), 0..6_u8);
    let fails = prop::collection::vec(prop::bool::weighted(0.15), 1..20);
    (prop::collection::vec(spec, 0..25), fails).prop_map(|(specs, fails)| truth(&specs, fails))
}

/// The steps of a restore of one service.
fn any_restore() -> impl Strategy<Value = Vec<Step>> {
    let range = || (0..4_u32, 4..9_u32).prop_map(|(minimum, maximum)| Range { minimum, maximum });
    let count = (0..9_u32, 0..9_u32).prop_map(|(from, to)| Step::DesiredCount(steps::DesiredCount { from, to }));
    let bounds = (range(), range()).prop_map(|(from, to)| Step::ScalingBounds(steps::ScalingBounds { from, to }));
    let some = (prop::option::of(count), prop::option::of(bounds));
    some.prop_map(|(count, bounds)| count.into_iter().chain(bounds).collect())
}

/// Requests for services by number, some of which do not exist.
fn any_proposal() -> impl Strategy<Value = Proposal> {
    let services = || prop::collection::vec(0..28_usize, 0..30);
    let arn = |at: usize| named(&format!("s{at}")).arn;
    let arns = move |services: Vec<usize>| services.into_iter().map(arn).collect::<Vec<Arn>>();
    let bounds = |widen| if widen { BoundsPolicy::Widen } else { BoundsPolicy::Keep };
    let count = prop_oneof![(0..9_u32).prop_map(Count::To), (-5..5_i32).prop_map(Count::By)];
    prop_oneof![
        4 => services().prop_map(move |services| proposal(Verb::Redeploy(verbs::Redeploy), arns(services))),
        4 => (services(), count, any::<bool>())
            .prop_map(move |(services, count, widen)| proposal(scale_verb(count, bounds(widen)), arns(services))),
        1 => prop::collection::btree_map(0..28_usize, any_restore(), 0..30)
            .prop_map(move |steps| restoring(steps.into_iter().map(|(at, steps)| (arn(at), steps)).collect())),
    ]
}

impl Truth {
    /// A world in which all services were listed and looked at a minute before the request.
    fn before(&self) -> World {
        let mut world = World::new(&self.services, &[]);
        world.fleet.tasks_read.clear();
        world.fleet.scaling.clear();
        for look in world.fleet.services.values_mut().filter_map(|entry| entry.snapshot.as_mut()) {
            look.at = ago(1);
        }
        world
    }

    fn answer(&self, about: &QueryKind) -> Payload {
        match about {
            QueryKind::Services(_, asked) => {
                let (gone, there) = asked.iter().cloned().partition::<Vec<Arn>, _>(|arn| self.gone.contains(arn));
                let looked = self.services.iter().filter(|service| there.contains(&service.arn));
                Payload::Services(looked.cloned().collect(), gone)
            }
            QueryKind::Tasks(..) => Payload::Tasks(self.tasks.clone()),
            QueryKind::ScalableTargets(asked) => {
                let asked = |scaling: &&Scaling| asked.contains(&scaling.service);
                Payload::ScalableTargets(self.scaling.iter().filter(asked).cloned().collect())
            }
            QueryKind::ImageTag(reference) => Payload::ImageTag(Tagged {
                reference: reference.clone(),
                digest: (!reference.ends_with("v2")).then(|| "sha256:0".to_owned()),
                manifest: if reference.ends_with("v1") { Manifest::Index } else { Manifest::Image },
                pushed_at: None,
            }),
            QueryKind::ImageIndexes(_, digests) => {
                let index = |digest: &String| Index { digest: digest.clone(), lists: vec![] };
                Payload::ImageIndexes(digests.iter().map(index).collect())
            }
            QueryKind::TaskDefinition(arn) => {
                let image = format!("{ECR}:v1");
                Payload::TaskDefinition(defined(arn, &[("web", &image)]))
            }
            _ => Payload::RawJson(String::new()),
        }
    }

    /// Asks all there is to ask, and says how many rounds that took.
    fn read(&self, proposal: &Proposal) -> (World, BTreeSet<Query>, usize) {
        let (mut world, mut asked) = (self.before(), BTreeSet::new());
        for round in 0..10 {
            let asks = world.reads(proposal, &asked);
            if asks.is_empty() {
                return (world, asked, round);
            }
            for ask in asks {
                let fails = self.fails[asked.len() % self.fails.len()];
                assert!(asked.insert(ask.clone()), "asked twice: {ask:?}");
                if fails {
                    world.failed.insert(ask, denied());
                } else {
                    world.fleet.apply(&ask, self.answer(&ask.kind), Completeness::Complete, now());
                }
            }
        }
        panic!("it never ends: {asked:?}");
    }
}

/// Services that `asks` name, each as often as it is asked about in this way.
fn named_in(asks: &BTreeSet<Query>, most: usize, of: impl Fn(&QueryKind) -> Option<&Vec<Arn>>) -> Vec<Arn> {
    let batches = asks.iter().filter_map(|ask| of(&ask.kind));
    batches.inspect(|batch| assert!((1..=most).contains(&batch.len()))).flatten().cloned().collect()
}

proptest! {
    #[test]
    fn reading_ends_after_four_rounds_and_asks_no_service_twice(truth in any_truth(), proposal in any_proposal()) {
        let (_, asked, rounds) = truth.read(&proposal);
        prop_assert!(rounds <= 4, "{rounds} rounds");
        let looks = named_in(&asked, SERVICES_PER_QUERY, |about| match about {
            QueryKind::Services(_, services) => Some(services),
            _ => None,
        });
        let bounds = named_in(&asked, SCALABLE_TARGETS_PER_QUERY, |about| match about {
            QueryKind::ScalableTargets(services) => Some(services),
            _ => None,
        });
        for named in [looks, bounds] {
            let distinct: BTreeSet<&Arn> = named.iter().collect();
            prop_assert_eq!(distinct.len(), named.len());
        }
        let tasks = asked.iter().filter(|ask| matches!(ask.kind, QueryKind::Tasks(_, TaskFilter::Running))).count();
        prop_assert!(tasks <= 1);
    }

    #[test]
    fn every_wished_service_is_either_changed_or_left_out(truth in any_truth(), proposal in any_proposal()) {
        let (world, ..) = truth.read(&proposal);
        let plan = world.draft(&proposal);
        let changed = plan.tracks.iter().map(|track| track.target.resource.service().unwrap());
        let left_out = plan.left_out.iter().map(|left_out| left_out.resource.service().unwrap());
        let all: Vec<&Arn> = changed.chain(left_out).collect();
        let requested: BTreeSet<&Arn> = proposal.resources.iter().filter_map(Resource::service).collect();
        prop_assert_eq!(all.len(), requested.len(), "each once");
        prop_assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), requested);
    }

    #[test]
    fn every_step_changes_something_and_starts_from_what_was_read(truth in any_truth(), proposal in any_proposal()) {
        let (world, ..) = truth.read(&proposal);
        let plan = world.draft(&proposal);
        for track in &plan.tracks {
            prop_assert!(!track.steps.is_empty());
            let service = world.fleet.service(track.target.resource.service().unwrap()).unwrap();
            let bounds = world.fleet.scaling.get(&service.arn).cloned().flatten();
            let mut count = service.desired;
            for step in &track.steps {
                let redeploys = proposal.verb == Verb::Redeploy(verbs::Redeploy);
                if let Step::DesiredCount(steps::DesiredCount { from, to }) = step {
                    prop_assert!(*from == service.desired && from != to && !redeploys);
                    count = *to;
                } else if let Step::ScalingBounds(steps::ScalingBounds { from, to }) = step {
                    let known = bounds.as_ref().map(|known| Range { minimum: known.min, maximum: known.max });
                    prop_assert!(Some(*from) == known && from != to && !redeploys);
                    // Widened, they must not drag along what is there when they are registered.
                    let back = matches!(proposal.verb, Verb::Restore(_));
                    prop_assert!(back || to.contains(count));
                } else if let Step::Redeploy(steps::Redeploy { replaces, images, .. }) = step {
                    prop_assert!(redeploys);
                    prop_assert_eq!(Some(replaces), service.primary().map(|primary| &primary.id));
                    prop_assert!(service.desired == 0 || !images.is_empty(), "what will run is always said");
                } else {
                    prop_assert!(false, "no verb here has such a step: {step:?}");
                }
            }
        }
    }

    #[test]
    fn warnings_are_one_of_a_kind_and_only_about_what_is_changed(truth in any_truth(), proposal in any_proposal()) {
        let (world, ..) = truth.read(&proposal);
        let plan = world.draft(&proposal);
        let kinds: Vec<WarningKind> = plan.warnings.iter().map(|warning| warning.about).collect();
        prop_assert!(kinds.is_sorted_by(|one, next| one < next), "{kinds:?}");
        let paths: BTreeSet<&str> = plan.tracks.iter().map(|track| track.target.path.as_str()).collect();
        for warning in &plan.warnings {
            prop_assert!(!warning.paths.is_empty() && !warning.says.is_empty());
            prop_assert!(warning.paths.iter().all(|path| paths.contains(path.as_str())));
        }
        prop_assert_eq!(&world.draft(&proposal), &plan, "the same again");
    }

    #[test]
    fn undoing_all_of_a_scale_wishes_for_what_there_was(truth in any_truth(), proposal in any_proposal()) {
        let (world, ..) = truth.read(&proposal);
        let plan = world.draft(&proposal);
        let done = StepResult { verdict: StepOutcome::Done, why: String::new(), request_id: None };
        let endings: Vec<Vec<StepResult>> = plan.tracks.iter().map(|track| vec![done.clone(); track.steps.len()]).collect();
        match undo(&plan, &endings, None, PlanId::new(2), now()) {
            Ok(back) => {
                prop_assert_eq!(back.resources.len(), plan.tracks.len());
                let again = world.draft(&back);
                prop_assert!(again.is_empty(), "nothing had been changed in truth: {:?}", again.tracks);
            }
            Err(_) => prop_assert!(plan.is_empty() || plan.verb == verbs::REDEPLOY.verb_name()),
        }
    }
}
