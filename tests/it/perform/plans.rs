//! Plans made by hand, through the gate, and the calls that executions of them order.

use jiff::Timestamp;
use wharf::fleet::{Answer as Read, Arn, ContextId, Facts, Scaling};
use wharf::plan::{
    Answer, Approved, Call, Demand, Entry, Execution, Guard, News, Order, Plan, PlanId, Policy, Step, Target, Track,
    Verb, demand, gate,
};

use crate::fixture;

/// The plan of so many bits that does `tracks`.
pub fn plan(bits: u64, made_at: Timestamp, tracks: Vec<Track>) -> Plan {
    let redeploys = tracks.iter().flat_map(|track| &track.steps).any(|step| matches!(step, Step::Redeploy { .. }));
    Plan {
        id: PlanId::new(bits),
        verb: if redeploys { Verb::Redeploy } else { Verb::Scale },
        made_at,
        undoes: None,
        reason: Some("a test".to_owned()),
        wheres: vec![],
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
        service: service.clone(),
        cluster: Arn::new(format!("{before}cluster/{cluster}")),
        context: context.clone(),
        path: format!("{home}/{name}"),
        home: home.to_owned(),
        tenant: home.split('/').next().unwrap().to_owned(),
        guard: Guard::Open,
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
    let track = Track { target, steps: vec![step.clone()] };
    let mut execution = Execution::new(approved(plan(7, fixture::start(), vec![track])));
    loop {
        let (part, order) = execution.orders(fixture::start()).into_iter().next().unwrap();
        let news = match order {
            Order::Write(Entry::End { ending, .. }) => panic!("it ends: {ending:?}"),
            Order::Write(_) => News::Written,
            Order::Read(_) => News::Answered(Box::new(Read::Whole(as_shown(step)))),
            Order::Call(call) => return call,
            Order::Wait(_) => News::Waited,
        };
        execution.told(part, news, fixture::start());
    }
}

/// What has to be read for `step` to be called.
fn as_shown(step: &Step) -> Facts {
    match step {
        Step::Bounds { from, .. } => {
            let service = fixture::service_arn("main/web");
            Facts::Scaling(vec![Scaling { service, min: from.minimum, max: from.maximum, suspended: vec![] }])
        }
        Step::Count { from, .. } => {
            Facts::Look(vec![fixture::service("main/web", "california/staging", *from)], vec![])
        }
        Step::Redeploy { .. } => Facts::Look(vec![fixture::service("main/web", "california/staging", 2)], vec![]),
    }
}
