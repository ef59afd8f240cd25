//! A few services and an AWS that is played by hand.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::fleet::sample::{cluster, deployment, now, service};
use crate::fleet::{
    Arn, CloudError, Manifest, PastDeployment, Payload, Query, QueryKind, Response, Scaling, Service, Tagged, Trouble,
};
use crate::plan::{
    Answer as Said, Approved, Demand, Entry, Execution, ImageChange, NextImage, Order, OrderResult, Plan, PlanId,
    Policy, Progress, Protection, Range, Receipt, Request, Resource, Scope, ServiceChange, Step, StepOutcome, Target,
    Track, VerbName, demand, gate, steps,
};

pub(super) const TAG: &str = "1.dkr.ecr.us-east-1.amazonaws.com/web:v1";

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Answered,
    LostBefore,
    LostAfter,
    Throttled,
    Refused,
}

/// An AWS with a few services, and the journal of whoever changes them.
#[derive(Clone)]
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) services: Vec<Service>,
    /// What reads show: it lags behind by so many reads.
    pub(super) shown: VecDeque<Vec<Service>>,
    pub(super) scaling: Option<Range>,
    pub(super) digest: String,
    pub(super) fates: VecDeque<Fate>,
    pub(super) lines: Vec<Entry>,
    /// Calls that had an effect.
    pub(super) effects: Vec<Request>,
}

impl World {
    pub(super) fn new(services: usize) -> Self {
        let home = cluster("1", "gov");
        let services = (0..services).map(|at| service(&home, &format!("web{at}"))).collect();
        Self {
            now: now(),
            services,
            shown: VecDeque::new(),
            scaling: Some(Range { minimum: 2, maximum: 6 }),
            digest: "sha256:aaa".to_owned(),
            fates: VecDeque::new(),
            lines: vec![],
            effects: vec![],
        }
    }

    pub(super) fn plan(&self, verb: VerbName, steps: impl Fn(&Service) -> Vec<Step>) -> Plan {
        let track = |service: &Service| Track { target: target(service, "acme"), after: vec![], steps: steps(service) };
        Plan {
            id: PlanId::new(7),
            verb,
            made_at: self.now,
            undoes: None,
            reason: None,
            locations: vec![],
            tracks: self.services.iter().map(track).collect(),
            left_out: vec![],
            warnings: vec![],
        }
    }

    /// Drives `execution` until it is over, or until the journal has `lines` lines: then it is dropped dead.
    pub(super) fn drive(&mut self, mut execution: Execution, lines: Option<usize>) -> Option<Progress> {
        let mut out: VecDeque<(Scope, Order)> = VecDeque::new();
        for _ in 0..10_000 {
            out.extend(execution.orders(self.now));
            let Some((part, order)) = out.pop_front() else { return Some(execution.progress()) };
            let news = match order {
                Order::Write(entry) => {
                    self.lines.push(Entry { at: self.now, event: entry });
                    if lines.is_some_and(|lines| self.lines.len() >= lines) {
                        return None;
                    }
                    OrderResult::Written
                }
                Order::Read(ask) => OrderResult::Answered(Box::new(self.read(&ask))),
                Order::Call(call) => OrderResult::Called(self.call(call.request())),
                Order::Wait(length) => {
                    self.now += SignedDuration::try_from(length).unwrap();
                    OrderResult::Waited
                }
            };
            self.now += SignedDuration::from_millis(100);
            execution.handle(part, news, self.now);
        }
        panic!("it never ends: {:?}", execution.progress());
    }

    pub(super) fn read(&mut self, ask: &Query) -> Response {
        let facts = match &ask.kind {
            QueryKind::Services(_, asked) => {
                let seen = self.shown.pop_front().unwrap_or_else(|| self.services.clone());
                Payload::Services(seen.into_iter().filter(|service| asked.contains(&service.arn)).collect(), vec![])
            }
            QueryKind::ScalableTargets(asked) => {
                Payload::ScalableTargets(self.scaling.iter().map(|range| bounds(&asked[0], *range)).collect())
            }
            QueryKind::ImageTag(reference) => Payload::ImageTag(Tagged {
                reference: reference.clone(),
                digest: Some(self.digest.clone()),
                manifest: Manifest::Image,
                pushed_at: None,
            }),
            QueryKind::Deployments { service, .. } => {
                let service = self.services.iter().find(|other| other.arn == *service);
                let forced = service.into_iter().flat_map(|service| &service.deployments);
                let forced = forced.filter(|deployment| deployment.id.starts_with("forced"));
                Payload::Deployments(forced.map(|deployment| past(&deployment.id, self.now)).collect())
            }
            other => panic!("nobody needs {other:?}"),
        };
        Response::Complete(facts)
    }

    pub(super) fn call(&mut self, request: &Request) -> Result<Receipt, CloudError> {
        let fate = self.fates.pop_front().unwrap_or(Fate::Answered);
        if matches!(fate, Fate::Answered | Fate::LostAfter) {
            self.happen(request);
        }
        match fate {
            Fate::Answered => Ok(Receipt { request_id: Some(format!("r-{}", self.effects.len())) }),
            Fate::LostBefore | Fate::LostAfter => Err(error(Trouble::TimedOut, "no answer within 8 s")),
            Fate::Throttled => Err(error(Trouble::Throttled, "Rate exceeded")),
            Fate::Refused => Err(error(Trouble::Refused, "no")),
        }
    }

    pub(super) fn happen(&mut self, request: &Request) {
        // Reads lag behind: the next two still show what was.
        self.shown = std::iter::repeat_n(self.services.clone(), 2).collect();
        self.effects.push(request.clone());
        let made = format!("forced{}", self.effects.len());
        let Some(service) = self.services.iter_mut().find(|service| changes(request, service)) else {
            return;
        };
        if let Request::UpdateService { change: ServiceChange::DesiredCount(count), .. } = request {
            (service.desired, service.running) = (*count, *count);
        } else if let Request::UpdateService { change: ServiceChange::ForceNewDeployment, .. } = request {
            service.deployments = vec![deployment(&made, "web:41", 3)];
        } else if let Request::RegisterScalableTarget { bounds, .. } = request {
            self.scaling = Some(*bounds);
        }
    }

    pub(super) fn forced(&self) -> usize {
        self.effects
            .iter()
            .filter(|effect| matches!(effect, Request::UpdateService { change: ServiceChange::ForceNewDeployment, .. }))
            .count()
    }
}

/// Whether `request` changes `service`.
pub(super) fn changes(request: &Request, service: &Service) -> bool {
    matches!(
        request,
        Request::UpdateService { service: arn, .. } | Request::RegisterScalableTarget { service: arn, .. }
            if *arn == service.arn
    )
}

pub(super) fn target(service: &Service, tenant: &str) -> Target {
    Target {
        resource: Resource::Service { arn: service.arn.clone(), cluster: service.cluster.clone() },
        context: service.context.clone(),
        path: format!("{tenant}/staging/{}", service.name),
        environment: format!("{tenant}/staging"),
        tenant: tenant.to_owned(),
        protection: Protection::Open,
    }
}

pub(super) fn bounds(service: &Arn, range: Range) -> Scaling {
    Scaling { service: service.clone(), min: range.minimum, max: range.maximum, suspended: vec![] }
}

pub(super) fn error(kind: Trouble, message: &str) -> CloudError {
    CloudError {
        kind,
        operation: "UpdateService".to_owned(),
        on: "service web".to_owned(),
        code: None,
        message: message.to_owned(),
        request_id: Some("r-err".to_owned()),
        advice: "Try again.".to_owned(),
    }
}

pub(super) fn scale(_: &Service) -> Vec<Step> {
    vec![Step::DesiredCount(steps::DesiredCount { from: 3, to: 5 })]
}

pub(super) fn widened(_: &Service) -> Vec<Step> {
    let range = |minimum, maximum| Range { minimum, maximum };
    vec![
        Step::ScalingBounds(steps::ScalingBounds { from: range(2, 6), to: range(2, 8) }),
        Step::DesiredCount(steps::DesiredCount { from: 3, to: 8 }),
    ]
}

pub(super) fn redeploy(service: &Service) -> Vec<Step> {
    let image = ImageChange { reference: TAG.to_owned(), runs: Some("sha256:aaa".to_owned()), next: NextImage::Same };
    let replaces = service.deployments[0].id.clone();
    vec![Step::Redeploy(steps::Redeploy { definition: service.definition.clone(), replaces, images: vec![image] })]
}

/// Tasks run the image for their platform of the index that the tag points to.
pub(super) fn redeploy_part(service: &Service) -> Vec<Step> {
    let mut steps = redeploy(service);
    if let Step::Redeploy(step) = &mut steps[0] {
        step.images[0].runs = Some("sha256:arm".to_owned());
        step.images[0].next = NextImage::Listed("sha256:aaa".to_owned());
    }
    steps
}

pub(super) fn approved(plan: &Plan) -> Approved {
    let said = match demand(plan) {
        Demand::Yes => Said::Yes,
        Demand::Words(words) => Said::Words(words),
    };
    gate(plan.clone(), &said, &Policy::default()).unwrap()
}

/// Outcome and reason of every step.
pub(super) fn ends(progress: &Progress) -> Vec<(StepOutcome, String)> {
    progress.endings().map(|ending| (ending.verdict, ending.why.clone())).collect()
}

pub(super) fn entries(lines: &[Entry]) -> Vec<String> {
    let name = |line: &Entry| serde_json::to_value(line).unwrap()["event"].as_str().unwrap().to_owned();
    lines.iter().map(name).collect()
}

/// A deployment that was asked for at `at`.
fn past(id: &str, at: Timestamp) -> PastDeployment {
    PastDeployment {
        arn: Arn::new(id),
        status: "IN_PROGRESS".to_owned(),
        reason: None,
        target: None,
        definition: None,
        images: vec![],
        created_at: Some(at),
        finished_at: None,
        breaker: None,
    }
}
