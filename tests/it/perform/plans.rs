//! Plans made by hand, through the gate, and the calls that executions of them order.

use jiff::Timestamp;
use wharf::fleet::{Arn, ContextId, Payload, Response as Read, Scaling};
use wharf::plan::{
    Answer, Approved, Call, Demand, Event, Execution, Order, OrderResult, Plan, PlanId, Policy, Protection, Resource,
    Step, Target, Track, VerbName, demand, gate, steps,
};

use crate::fixture;

/// The plan of so many bits that does `tracks`.
pub fn plan(bits: u64, made_at: Timestamp, tracks: Vec<Track>) -> Plan {
    let verb = tracks.first().map_or("scale", |track| track.steps[0].kind().verb());
    Plan {
        id: PlanId::new(bits),
        verb: VerbName::find(verb).unwrap(),
        made_at,
        undoes: None,
        reason: Some("a test".to_owned()),
        locations: vec![],
        tracks,
        left_out: vec![],
        warnings: vec![],
    }
}

/// A service `cluster/name` of `home`, as a plan's target.
pub fn target(context: &ContextId, service: &Arn, home: &str) -> Target {
    let (before, resource) = service.as_str().rsplit_once("service/").unwrap();
    let (cluster, name) = resource.split_once('/').unwrap();
    Target {
        resource: Resource::Service { arn: service.clone(), cluster: Arn::new(format!("{before}cluster/{cluster}")) },
        context: context.clone(),
        path: format!("{home}/{name}"),
        environment: home.to_owned(),
        tenant: home.split('/').next().unwrap().to_owned(),
        protection: Protection::Open,
    }
}

/// `plan`, after somebody said what it demands.
pub fn approved(plan: Plan) -> Approved {
    let answer = match demand(&plan) {
        Demand::Yes => Answer::Yes,
        Demand::Words(words) => Answer::Words(words),
    };
    gate(plan, &answer, &Policy::default()).unwrap()
}

/// The call that `step` of `web` comes to, of plan 7, once everything is as it shows.
pub fn call(context: &ContextId, step: &Step) -> Call {
    let service = fixture::service_arn("main/web");
    let target = target(context, &service, "california/staging");
    let track = Track { target, after: vec![], steps: vec![step.clone()] };
    let mut execution = Execution::new(approved(plan(7, fixture::start(), vec![track])));
    loop {
        let (part, order) = execution.orders(fixture::start()).into_iter().next().unwrap();
        let news = match order {
            Order::Write(Event::StepEnded { ending, .. }) => panic!("it ends: {ending:?}"),
            Order::Write(_) => OrderResult::Written,
            Order::Read(_) => OrderResult::Answered(Box::new(Read::Complete(as_shown(step)))),
            Order::Call(call) => return call,
            Order::Wait(_) => OrderResult::Waited,
        };
        execution.handle(part, news, fixture::start());
    }
}

/// What has to be read for `step` to be called.
fn as_shown(step: &Step) -> Payload {
    if let Step::ScalingBounds(steps::ScalingBounds { from, .. }) = step {
        let service = fixture::service_arn("main/web");
        return Payload::ScalableTargets(vec![Scaling {
            service,
            min: from.minimum,
            max: from.maximum,
            suspended: vec![],
        }]);
    }
    let desired = if let Step::DesiredCount(step) = step { step.from } else { 2 };
    Payload::Services(vec![fixture::service("main/web", "california/staging", desired)], vec![])
}
