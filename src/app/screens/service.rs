//! The service screen: why it is as it is, its tasks zone by zone, its deployments, events and bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Age, Card, Hint, Kind, Opens, age, needs, text};
use crate::app::body::Content;
use crate::app::command::Context;
use crate::app::layout::Layout;
use crate::app::page::{Line, Page, Role, Span, tasks};
use crate::app::reads::{FeedKey, Needs};
use crate::app::state::{Item, State};
use crate::app::subject::Subject;
use crate::fleet::health::HealthStatus;
use crate::fleet::image::{Image, short_digest, version};
use crate::fleet::spread::zones_of;
use crate::fleet::{
    Arn, Breaker, Deployment, PastDeployment, Rollout, Scheduling, Service, ServiceEntry, Task, TaskFilter,
};
use crate::text::{duration, moment, padded};

/// Past deployments that are shown.
const HISTORY: usize = 8;

/// One service.
pub(super) struct OneService<'a>(pub(super) &'a Arn);

impl Kind for OneService<'_> {
    fn card(&self) -> Card {
        Card { word: "", context: Context::Screen, layout: Layout::Page, shown_by: None, preselects: false }
    }

    fn about(&self) -> Subject {
        Subject::Service(self.0.clone())
    }

    fn subject(&self, _: &State) -> Subject {
        // Whichever of its tasks is selected: that one has a screen of its own.
        self.about()
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        needs::service(state, self.0, needs);
    }

    fn age(&self, state: &State) -> Age {
        age::service(state, self.0).into()
    }

    fn content(&self, state: &State) -> Content {
        text(page(state, self.0))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page of the service `arn`.
fn page(state: &State, arn: &Arn) -> Page {
    let mut page = Page::default();
    let Some(entry) = state.fleet.services.get(arn) else {
        page.title = vec![Span::new("this service is gone", Role::Warn)];
        page.push(Line::of([Span::plain(" AWS no longer lists it. ")]));
        return page;
    };
    let Some(look) = &entry.snapshot else {
        page.title = vec![Span::dim("not read yet")];
        waiting(state, &mut page, &FeedKey::Look(arn.clone()), "asking AWS about this service");
        return page;
    };
    let service = &look.service;
    let tasks: Vec<&Arc<Task>> = state.fleet.tasks_of(&entry.cluster, &service.name).collect();
    page.title = title(state, arn, service);
    why(state, &mut page, arn);
    zones(state, &mut page, entry, &tasks);
    stopped(state, &mut page, entry, &tasks);
    deployments(state, &mut page, service, &tasks);
    scaling(state, &mut page, arn, service);
    events(state, &mut page, service);
    history(state, &mut page, arn);
    page
}

/// Says that something is being asked for, or why it cannot be had.
pub(super) fn waiting(state: &State, page: &mut Page, topic: &FeedKey, what: &str) {
    let span = match state.feeds.get(topic).and_then(|feed| feed.error.as_ref()) {
        Some(error) => Span::new(error.what(), Role::Warn),
        None => Span::dim(format!("{what}…")),
    };
    page.wrapped(vec![Span::plain("   ")], &span, state.size.width, None);
}

fn title(state: &State, arn: &Arn, service: &Service) -> Vec<Span> {
    let mut title = verdict_title(state, state.fleet_view.verdict(arn));
    let count = format!("{}/{} tasks", service.running, service.desired);
    let kind = match service.scheduling {
        Scheduling::Replica => String::new(),
        Scheduling::Daemon => " daemon".to_owned(),
    };
    title.push(Span::plain(format!("  {count}{kind}  {}  cluster {}", service.launch, service.cluster.name())));
    title
}

/// The state's mark and word, and for how long it has been so.
pub(super) fn verdict_title(state: &State, verdict: Option<&HealthStatus>) -> Vec<Span> {
    let Some(verdict) = verdict else { return vec![] };
    let role = Role::State(verdict.state);
    let mut title = vec![Span::new(format!("{} {}", verdict.state.mark(), verdict.state.word()), role)];
    if let Some(since) = verdict.since {
        title.push(Span::dim(format!(" for {}", duration(state.since(since)))));
    }
    title
}

fn why(state: &State, page: &mut Page, arn: &Arn) {
    let reasons = state.fleet_view.verdict(arn).map(|verdict| verdict.reasons.as_slice()).unwrap_or_default();
    for reason in reasons {
        page.wrapped(vec![Span::plain(" ")], &Span::new(&reason.text, Role::Strong), state.size.width, None);
    }
}

fn zones(state: &State, page: &mut Page, entry: &ServiceEntry, tasks: &[&Arc<Task>]) {
    page.section(" TASKS BY ZONE");
    let topic = FeedKey::Tasks(entry.cluster.clone(), TaskFilter::Running);
    let running: Vec<&Arc<Task>> = tasks.iter().filter(|task| !task.is_over()).copied().collect();
    if !state.fleet.tasks_read.contains_key(&entry.cluster) && running.is_empty() {
        return waiting(state, page, &topic, "asking AWS about the tasks");
    }
    let mut columns: BTreeMap<String, Vec<&Arc<Task>>> = BTreeMap::new();
    let known: BTreeSet<String> = zones_of(&state.fleet, &entry.context);
    columns.extend(known.into_iter().map(|zone| (zone, vec![])));
    for task in running {
        columns.entry(task.zone.clone().unwrap_or_else(|| "no zone yet".to_owned())).or_default().push(task);
    }
    if columns.is_empty() {
        return page.push(Line::of([Span::dim("   no task runs")]));
    }
    let width = (usize::from(state.size.width).saturating_sub(3) / columns.len()).max(12);
    let head = |(zone, tasks): (&String, &Vec<_>)| {
        let role = if tasks.is_empty() { Role::Warn } else { Role::Plain };
        Span::new(padded(&format!("{zone} ({})", tasks.len()), width), role)
    };
    page.push(Line::of([Span::plain("   ")].into_iter().chain(columns.iter().map(head))).head());
    let most = columns.values().map(Vec::len).max().unwrap_or(0).max(1);
    for row in 0..most {
        let cell = |tasks: &Vec<&Arc<Task>>| match tasks.get(row) {
            Some(task) => tasks::cell(state, task, width).stop(Item::Task(task.arn.clone())),
            None if row == 0 => Span::dim(padded("-", width)),
            None => Span::plain(" ".repeat(width)),
        };
        page.push(Line::of([Span::plain("   ")].into_iter().chain(columns.values().map(cell))));
    }
}

fn stopped(state: &State, page: &mut Page, entry: &ServiceEntry, tasks: &[&Arc<Task>]) {
    let mut over: Vec<&Arc<Task>> = tasks.iter().filter(|task| task.is_over()).copied().collect();
    over.sort_by_key(|task| std::cmp::Reverse(task.stopped_at.or(task.stopping_at)));
    page.section(" STOPPED WITHIN THE LAST HOUR");
    let topic = FeedKey::Tasks(entry.cluster.clone(), TaskFilter::Stopped);
    let answered = state.feeds.get(&topic).is_some_and(|feed| feed.answered.is_some());
    match (over.is_empty(), answered) {
        (true, false) => waiting(state, page, &topic, "asking AWS about stopped tasks"),
        (true, true) => page.push(Line::of([Span::dim("   none")])),
        (false, _) => {
            for (at, task) in over.iter().enumerate() {
                let above = at.checked_sub(1).map(|above| over[above].as_ref());
                tasks::stopped(state, page, task, above);
            }
        }
    }
}

fn deployments(state: &State, page: &mut Page, service: &Service, tasks: &[&Arc<Task>]) {
    page.section(" DEPLOYMENTS");
    if service.deployments.is_empty() {
        page.push(Line::of([Span::dim("   none that ECS carries out itself")]));
    }
    for deployment in &service.deployments {
        let own = tasks.iter().map(AsRef::as_ref);
        let version = version(&deployment.definition, own, &state.fleet.definitions);
        deployment_lines(state, page, deployment, &version);
    }
    let breaker = match service.breaker {
        Some(Breaker::RollsBack) => "circuit breaker on, rolls back",
        Some(Breaker::Fails) => "circuit breaker on, does not roll back",
        Some(Breaker::Off) | None => "no circuit breaker: a failing rollout is retried forever",
    };
    let percent = |percent: Option<u32>, default: u32| percent.unwrap_or(default);
    let (least, most) = (percent(service.minimum_percent, 100), percent(service.maximum_percent, 200));
    let rules = format!("{breaker}; keeps {least} to {most} % of the desired tasks");
    page.wrapped(vec![Span::plain("   ")], &Span::dim(rules), state.size.width, None);
}

fn deployment_lines(state: &State, page: &mut Page, deployment: &Deployment, version: &str) {
    let role = match &deployment.rollout {
        Some(Rollout::InProgress) => Role::Busy,
        Some(Rollout::Completed) => Role::Good,
        Some(Rollout::Failed) => Role::Bad,
        Some(Rollout::Other(_)) | None => Role::Plain,
    };
    let rollout = deployment.rollout.as_ref().map(|rollout| rollout.word().to_lowercase().replace('_', " "));
    // The family is the same as a rule; describing the service names it.
    let name = deployment.definition.name();
    let revision = name.rfind(':').map_or(name, |colon| &name[colon..]);
    let age = deployment.created_at.map(|at| format!("begun {} ago", duration(state.since(at)))).unwrap_or_default();
    let counts = format!("{}/{}", deployment.running, deployment.desired);
    let mut spans = vec![
        Span::new(format!("   {}", padded(deployment.status.word(), 9)), Role::Strong),
        Span::plain(format!("{}{}{}", padded(revision, 6), padded(version, 14), padded(&counts, 6))),
        Span::new(padded(&rollout.unwrap_or_default(), 12), role),
        Span::dim(padded(&age, 15)),
    ];
    if deployment.failed > 0 {
        spans.push(Span::new(format!("{} failed", deployment.failed), Role::Bad));
    }
    page.push(Line::of(spans).stop(Item::Line(deployment.id.clone())));
    if let Some(reason) = deployment.reason.as_ref().filter(|_| deployment.rollout != Some(Rollout::Completed)) {
        let item = Item::Line(deployment.id.clone());
        page.wrapped(vec![Span::plain(" ".repeat(12))], &Span::dim(reason), state.size.width, Some(&item));
    }
}

fn scaling(state: &State, page: &mut Page, arn: &Arn, service: &Service) {
    page.section(" SCALING");
    let bounds = match state.fleet.scaling.get(arn) {
        None => {
            let topic = FeedKey::Scaling(arn.clone());
            return waiting(state, page, &topic, "asking AWS about scaling bounds");
        }
        Some(None) => return page.push(Line::of([Span::dim("   by hand only")])),
        Some(Some(bounds)) => bounds,
    };
    page.push(Line::of([Span::plain(format!("   {} to {}, now {}", bounds.min, bounds.max, service.desired))]));
    let mut warn = |text: &str| {
        page.wrapped(vec![Span::plain("   ")], &Span::new(text, Role::Warn), state.size.width, None);
    };
    if service.desired < bounds.min || service.desired > bounds.max {
        warn("outside its bounds: the next change to them pulls it back");
    }
    if !bounds.suspended.is_empty() {
        warn(&format!("suspended: {}", bounds.suspended.join(", ")));
    }
}

fn events(state: &State, page: &mut Page, service: &Service) {
    page.section(" EVENTS (UTC)");
    if service.events.is_empty() {
        page.push(Line::of([Span::dim("   none")]));
    }
    // Steady services say so again every six hours: the newest of a run of the same represents all.
    for run in service.events.chunk_by(|a, b| a.message == b.message) {
        let (Some(event), Some(oldest)) = (run.first(), run.last()) else { continue };
        let lead = vec![Span::dim(format!("   {} ", padded(&moment(event.at, state.now), 12)))];
        // Each event begins with the service's name, which stands above.
        let text = event.message.strip_prefix(&format!("(service {}) ", service.name)).unwrap_or(&event.message);
        let before = match run.len() {
            1 => String::new(),
            times => format!(" ({times} times since {})", moment(oldest.at, state.now)),
        };
        let item = Item::Line(event.id.clone());
        page.wrapped(lead, &Span::plain(format!("{text}{before}")), state.size.width, Some(&item));
    }
}

fn history(state: &State, page: &mut Page, arn: &Arn) {
    page.section(" PAST DEPLOYMENTS");
    match state.fleet.deployments.get(arn) {
        None => waiting(state, page, &FeedKey::Deployments(arn.clone()), "asking AWS about past deployments"),
        Some(past) if past.is_empty() => page.push(Line::of([Span::dim("   none within 90 days")])),
        Some(past) => past.iter().take(HISTORY).for_each(|past| past_lines(state, page, past)),
    }
}

fn past_lines(state: &State, page: &mut Page, past: &PastDeployment) {
    let role = match past.status.as_str() {
        "SUCCESSFUL" => Role::Good,
        "PENDING" | "IN_PROGRESS" => Role::Busy,
        "STOPPED" => Role::Plain,
        _ => Role::Bad,
    };
    let item = Item::Line(past.arn.as_str().to_owned());
    let when = past.created_at.map(|at| moment(at, state.now)).unwrap_or_default();
    let definition = past.definition.as_ref().or(past.target.as_ref()).map(Arn::name).unwrap_or_default();
    let spans = [
        Span::dim(format!("   {} ", padded(&when, 12))),
        Span::new(padded(&past.status.to_lowercase().replace('_', " "), 21), role),
        Span::plain(definition),
    ];
    page.push(Line::of(spans).stop(item.clone()));
    if let Some((failures, threshold)) = past.breaker.filter(|(failures, _)| *failures > 0) {
        let text = format!("the circuit breaker counted {failures} failures of {threshold}");
        page.wrapped(vec![Span::plain(" ".repeat(16))], &Span::new(text, Role::Warn), state.size.width, Some(&item));
    }
    if let Some(reason) = &past.reason {
        page.wrapped(vec![Span::plain(" ".repeat(16))], &Span::dim(reason), state.size.width, Some(&item));
    }
    let images: Vec<String> = past.images.iter().map(|image| short_image(image)).collect();
    if !images.is_empty() {
        let images = Span::dim(images.join(", "));
        page.wrapped(vec![Span::plain(" ".repeat(16))], &images, state.size.width, Some(&item));
    }
}

/// `web v2.14.1 sha256:77ab…` of a container's name and its image with tag and digest.
fn short_image(image: &str) -> String {
    let (container, reference) = image.split_once(' ').unwrap_or(("", image));
    let parsed = Image::parse(reference);
    let digest = parsed.digest.as_deref().filter(|_| parsed.tag.is_some()).map(short_digest).unwrap_or_default();
    format!("{container} {} {digest}", parsed.version()).trim().to_owned()
}
