//! Proposals, plans and the gate, over a small fleet.
#![expect(clippy::unwrap_used, reason = "a test says more by failing where it went wrong")]

mod any;
mod gate;
mod reads;
mod redeploy;
mod scale;
mod shared;
mod undo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::fleet::sample::{cluster, container, defined, definition, fleet, now, service, tags, task};
use crate::fleet::tenancy::{Rules, assign};
use crate::fleet::{
    Arn, CloudError, Cluster, ContextId, Fleet, Manifest, Query, QueryKind, Scaling, Service, Tagged, Task, TaskFilter,
    Trouble,
};
use crate::plan::*;

/// A repository in the registry of the context's region.
const ECR: &str = "111122223333.dkr.ecr.us-east-1.amazonaws.com/humangov/web";

/// What is known, and the questions that failed.
struct World {
    fleet: Fleet,
    policy: Policy,
    failed: BTreeMap<Query, CloudError>,
}

impl World {
    /// These services with these tasks, all of them read just now, none with bounds of autoscaling.
    fn new(services: &[Service], tasks: &[Task]) -> Self {
        let mut fleet = fleet(&[home()], services, tasks);
        fleet.scaling.extend(services.iter().map(|service| (service.arn.clone(), None)));
        Self { fleet, policy: Policy::default(), failed: BTreeMap::new() }
    }

    /// California's web service, changed a little, with one task in a zone.
    fn web(change: impl FnOnce(&mut Service)) -> Self {
        let mut web = web();
        change(&mut web);
        Self::new(&[web], &[running("1", &format!("{ECR}:v1"), Some("sha256:aaaaaaaaaa"))])
    }

    /// With these bounds of web's, of which some is suspended.
    fn bounded(mut self, min: u32, max: u32, suspended: &[&'static str]) -> Self {
        let scaling = Scaling { service: web().arn, min, max, suspended: suspended.to_vec() };
        self.fleet.scaling.insert(web().arn, Some(scaling));
        self
    }

    /// With a tag of [`ECR`] that points to this.
    fn tagged(mut self, tag: &str, digest: Option<&str>, manifest: Manifest) -> Self {
        let reference = format!("{ECR}:{tag}");
        let digest = digest.map(str::to_owned);
        self.fleet.tags.insert(reference.clone(), Tagged { reference, digest, manifest, pushed_at: None });
        self
    }

    /// With web's task definition read: these containers, by name and image.
    fn defined(mut self, containers: &[(&str, &str)]) -> Self {
        self.fleet.definitions.insert(definition("web:41"), Arc::new(defined(&definition("web:41"), containers)));
        self
    }

    /// With this question failed.
    fn failing(mut self, about: QueryKind) -> Self {
        self.failed.insert(Query { context: ContextId::new("1"), kind: about }, denied());
        self
    }

    fn draft(&self, proposal: &Proposal) -> Plan {
        let places = assign(&self.fleet, &Rules::default());
        let input = PlanInput { fleet: &self.fleet, places: &places, policy: &self.policy, failed: &self.failed };
        build_plan(proposal, &input, now())
    }

    fn reads(&self, proposal: &Proposal, asked: &BTreeSet<Query>) -> Vec<Query> {
        let places = assign(&self.fleet, &Rules::default());
        let input = PlanInput { fleet: &self.fleet, places: &places, policy: &self.policy, failed: &self.failed };
        preflight_queries(proposal, &input, asked)
    }

    /// What is asked for a redeploy of web once it is known how web is and which tasks run.
    fn images_asked(&self) -> Vec<QueryKind> {
        let look = QueryKind::Services(home().arn, vec![web().arn]);
        let asked = [QueryKind::Identity, look, QueryKind::Tasks(home().arn, TaskFilter::Running)];
        let asked = asked.map(|about| Query { context: ContextId::new("1"), kind: about });
        self.reads(&redeploying(), &asked.into()).into_iter().map(|ask| ask.kind).collect()
    }
}

fn home() -> Cluster {
    cluster("1", "c")
}

/// California's production web service: a desired count of three, three that run.
fn web() -> Service {
    named("web")
}

fn named(name: &str) -> Service {
    Service { tags: tags(&[("tenant", "california"), ("env", "production")]), ..service(&home(), name) }
}

/// A running task of web's, of this image, which shows this digest.
fn running(id: &str, image: &str, digest: Option<&str>) -> Task {
    let mut task = task(id, "a", image);
    task.containers[0].digest = digest.map(str::to_owned);
    task
}

fn denied() -> CloudError {
    CloudError {
        kind: Trouble::Denied,
        operation: "Describe".to_owned(),
        on: "web".to_owned(),
        code: Some("AccessDeniedException".to_owned()),
        message: "no".to_owned(),
        request_id: None,
        advice: String::new(),
    }
}

/// What is said of [`denied`].
const DENIED: &str = "Describe on web: AccessDeniedException: no";

fn proposal(verb: Verb, services: Vec<Arn>) -> Proposal {
    let resources = services.into_iter().map(|arn| Resource::Service { arn, cluster: home().arn }).collect();
    Proposal { id: PlanId::new(1), verb, resources, undoes: None, reason: None, made_at: now() }
}

fn scale_verb(count: Count, bounds: BoundsPolicy) -> Verb {
    Verb::Scale(verbs::Scale { count, bounds })
}

/// A restore of `services`, each by these steps.
fn restoring(steps: Vec<(Arn, Vec<Step>)>) -> Proposal {
    let services = steps.iter().map(|(arn, _)| arn.clone()).collect();
    let of = |(arn, steps)| (Resource::Service { arn, cluster: home().arn }, steps);
    proposal(Verb::Restore(verbs::Restore { steps: steps.into_iter().map(of).collect() }), services)
}

/// Redeploy web.
fn redeploying() -> Proposal {
    proposal(Verb::Redeploy(verbs::Redeploy), vec![web().arn])
}

/// Scale web to, or by, so many.
fn scaling(count: Count, bounds: BoundsPolicy) -> Proposal {
    proposal(scale_verb(count, bounds), vec![web().arn])
}

/// Why the only service is left out.
fn why(plan: &Plan) -> Option<&Reason> {
    assert_eq!(plan.tracks.len() + plan.left_out.len(), 1, "{plan:?}");
    plan.left_out.first().map(|left_out| &left_out.reason)
}

/// The steps of the only track.
fn steps(plan: &Plan) -> &[Step] {
    assert_eq!((plan.tracks.len(), &plan.left_out), (1, &vec![]), "{plan:?}");
    &plan.tracks[0].steps
}

/// The warnings, without the paths, which are those of the only track.
fn warnings(plan: &Plan) -> Vec<(WarningKind, &str)> {
    let paths: Vec<&str> = plan.tracks.iter().map(|track| track.target.path.as_str()).collect();
    assert!(plan.warnings.iter().all(|warning| warning.paths == paths), "{:?}", plan.warnings);
    plan.warnings.iter().map(|warning| (warning.about, warning.says.as_str())).collect()
}

/// A redeploy's images, and how each stands.
fn images(plan: &Plan) -> Vec<(&str, Option<&str>, &NextImage)> {
    steps(plan)[0]
        .kind()
        .images()
        .iter()
        .map(|image| (image.reference.as_str(), image.runs.as_deref(), &image.next))
        .collect()
}

/// A second container beside a task's first.
fn with_helper(mut task: Task, name: &str, image: &str) -> Task {
    task.containers.push(container(name, image));
    task
}
