//! The task screen: its life, then its containers.

use super::service::waiting;
use super::{Age, Card, Hint, Kind, Opens, age, text};
use crate::app::body::Content;
use crate::app::command::Context;
use crate::app::layout::Layout;
use crate::app::page::tasks::{exit, mark};
use crate::app::page::{Line, Page, Role, Span};
use crate::app::reads::{FeedKey, Needs};
use crate::app::state::{Item, State};
use crate::app::subject::Subject;
use crate::fleet::health::cause_of_task;
use crate::fleet::image::short_digest;
use crate::fleet::{Arn, Container, ContainerDefinition, Essential, Task, TaskHealth};
use crate::text::{duration, moment, padded};

/// One task.
pub(super) struct OneTask<'a>(pub(super) &'a Arn);

impl Kind for OneTask<'_> {
    fn card(&self) -> Card {
        Card { word: "", context: Context::Screen, layout: Layout::Page, shown_by: None, preselects: true }
    }

    fn about(&self) -> Subject {
        Subject::Task(self.0.clone())
    }

    fn subject(&self, _: &State) -> Subject {
        self.about()
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        let Some(task) = state.fleet.task(self.0) else { return };
        needs.tasks.insert(task.cluster.clone());
        needs.stopped.insert(task.cluster.clone());
        needs.definitions.insert((task.context.clone(), task.definition.clone()));
    }

    fn age(&self, state: &State) -> Age {
        age::read_at(state, &self.about()).into()
    }

    fn content(&self, state: &State) -> Content {
        text(page(state, self.0))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page of the task `arn`.
fn page(state: &State, arn: &Arn) -> Page {
    let mut page = Page::default();
    let Some(task) = state.fleet.task(arn) else {
        page.title = vec![Span::new("this task is gone", Role::Warn)];
        page.push(Line::of([Span::plain(" ECS forgets a task about an hour after it has stopped.")]));
        return page;
    };
    let (mark, role) = mark(task);
    page.title = vec![Span::new(format!("{mark} {}", task.status.word()), role)];
    let place = task.zone.clone().unwrap_or_else(|| "no zone yet".to_owned());
    page.title.push(Span::plain(format!("  {place}  {}  {}", task.launch, size(task))));
    why(state, &mut page, task);
    dead(state, &mut page, task);
    facts(state, &mut page, task);
    life(state, &mut page, task);
    page.section(" CONTAINERS");
    let definition = state.fleet.definitions.get(&task.definition);
    if definition.is_none() {
        let topic = FeedKey::Definition(task.definition.clone());
        waiting(state, &mut page, &topic, "asking AWS which of them are essential");
    }
    for container in &task.containers {
        let own = definition.and_then(|definition| definition.containers.iter().find(|own| own.name == container.name));
        container_lines(state, &mut page, container, own);
    }
    if task.containers.is_empty() {
        page.push(Line::of([Span::dim("   none yet")]));
    }
    page
}

fn size(task: &Task) -> String {
    let cpu = task.cpu.as_ref().map(|cpu| format!("{cpu} CPU units"));
    let memory = task.memory.as_ref().map(|memory| format!("{memory} MiB"));
    [cpu, memory].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn why(state: &State, page: &mut Page, task: &Task) {
    if let Some(cause) = cause_of_task(task) {
        page.wrapped(vec![Span::plain(" ")], &Span::new(cause.text(), Role::Strong), state.size.width, None);
    }
    let words = [task.stop_code.as_deref(), task.stopped_reason.as_deref()];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    if !words.is_empty() {
        page.wrapped(vec![Span::plain(" ")], &Span::plain(words.join(": ")), state.size.width, None);
    }
}

/// Containers of a running task that run no more: health checks of the others hide them.
fn dead(state: &State, page: &mut Page, task: &Task) {
    for container in task.containers.iter().filter(|container| !task.is_over() && container.status == "STOPPED") {
        let code = container.exit_code.map(exit);
        let said = [code.as_deref(), container.reason.as_deref()];
        let said = said.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let text = format!("{} has stopped: {said}", container.name);
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, Role::Strong), state.size.width, None);
    }
}

fn facts(state: &State, page: &mut Page, task: &Task) {
    page.section(" TASK");
    let mut fact = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let lead = vec![Span::dim(format!("   {}", padded(name, 12)))];
            page.wrapped(lead, &Span::plain(value), state.size.width, None);
        }
    };
    fact("id", Some(task.arn.name()));
    fact("definition", Some(task.definition.name()));
    fact("group", Some(&task.group));
    fact("started by", task.started_by.as_deref());
    fact("address", task.address.as_deref());
    fact("health", health(task.health));
}

/// The steps of its life, each with how long after the one before.
fn life(state: &State, page: &mut Page, task: &Task) {
    page.section(" LIFE (UTC)");
    let steps = [
        ("asked for", task.created_at),
        ("running", task.started_at),
        ("stopping", task.stopping_at),
        ("stopped", task.stopped_at),
    ];
    let mut before = None;
    for (name, at) in steps {
        let Some(at) = at else { continue };
        let after = before.map(|before| at.duration_since(before)).and_then(|took| took.try_into().ok());
        let after = after.map(|took| format!("  {} later", duration(took))).unwrap_or_default();
        let when = format!("   {}{}", padded(name, 12), moment(at, state.now));
        let ago = format!("  {} ago", duration(state.since(at)));
        page.push(Line::of([Span::plain(when), Span::dim(ago), Span::dim(after)]));
        before = Some(at);
    }
}

fn container_lines(state: &State, page: &mut Page, container: &Container, own: Option<&ContainerDefinition>) {
    let item = Item::Line(container.name.clone());
    let essential = match own.map(|own| own.essential) {
        Some(Essential::Yes) => "essential",
        Some(Essential::No) => "not essential",
        None => "",
    };
    let role = match (container.status.as_str(), container.health, container.exit_code) {
        ("RUNNING", TaskHealth::Unhealthy, _) => Role::Bad,
        ("RUNNING", _, _) => Role::Good,
        ("STOPPED", _, Some(0)) => Role::Dim,
        ("STOPPED", _, _) => Role::Bad,
        _ => Role::Busy,
    };
    let mut spans = vec![
        Span::new(format!("   {}", padded(&container.name, 20)), Role::Strong),
        Span::new(padded(&container.status, 12), role),
        Span::dim(padded(essential, 15)),
    ];
    spans.extend(health(container.health).map(|health| Span::plain(format!("{health} "))));
    spans
        .extend(container.exit_code.map(|code| Span::new(exit(code), if code == 0 { Role::Plain } else { Role::Bad })));
    page.push(Line::of(spans).stop(item.clone()));
    let mut more = |name: &str, value: &str| {
        let lead = vec![Span::dim(format!("     {}", padded(name, 10)))];
        page.wrapped(lead, &Span::plain(value), state.size.width, Some(&item));
    };
    if let Some(reason) = &container.reason {
        more("reason", reason);
    }
    if let Some(image) = &container.image {
        more("image", image);
    }
    if let Some(digest) = &container.digest {
        more("digest", &short_digest(digest));
    }
    if let Some(memory) = own.and_then(|own| own.memory) {
        more("memory", &format!("killed above {memory} MiB"));
    }
}

fn health(health: TaskHealth) -> Option<&'static str> {
    match health {
        TaskHealth::Healthy => Some("healthy"),
        TaskHealth::Unhealthy => Some("unhealthy"),
        TaskHealth::Unknown => None,
    }
}
