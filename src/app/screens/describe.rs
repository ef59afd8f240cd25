//! The describe screen: the definition with what matters in order, or the raw JSON.

use jiff::Timestamp;

use super::service::waiting;
use super::{Age, Card, Hint, Kind, Opens, age, text};
use crate::app::body::Content;
use crate::app::command::{Command, Context};
use crate::app::layout::Layout;
use crate::app::page::{Line, Page, Role, Span};
use crate::app::reads::{FeedKey, Needs};
use crate::app::state::{DescribeForm, State};
use crate::app::subject::Subject;
use crate::fleet::{ContainerDefinition, Definition, Essential, Exec, LogRoute, Service, Subject as Target, caller};
use crate::text::{moment, padded};

/// What AWS says of something: put in order, or word for word.
pub(super) struct Describe<'a> {
    pub(super) target: &'a Target,
    pub(super) words: DescribeForm,
}

impl Kind for Describe<'_> {
    fn card(&self) -> Card {
        Card {
            word: "describe",
            context: Context::Screen,
            layout: Layout::Page,
            shown_by: Some(Command::Describe),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        match self.target {
            Target::Service { service, .. } => Subject::Service(service.clone()),
            Target::Task { task, .. } => Subject::Task(task.clone()),
            Target::Definition(_) => Subject::Fleet,
        }
    }

    fn subject(&self, _: &State) -> Subject {
        self.about()
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        required(state, self.target, self.words, needs);
    }

    fn age(&self, state: &State) -> Age {
        match self.words {
            DescribeForm::Ours => age::read_at(state, &self.about()).into(),
            DescribeForm::Aws => read_at(state, self.target).into(),
            // A definition never changes, so that it never ages.
            DescribeForm::AwsDefinition => Age::Unread,
        }
    }

    fn content(&self, state: &State) -> Content {
        text(page(state, self.target, self.words))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page on `subject` in `words`.
fn page(state: &State, target: &Target, words: DescribeForm) -> Page {
    let mut page = Page::default();
    let service = match target {
        Target::Service { service: arn, .. } => state.fleet.service(arn),
        Target::Task { .. } | Target::Definition(_) => None,
    };
    let definition = match target {
        Target::Service { .. } => service.map(|service| &service.definition),
        Target::Task { task: arn, .. } => state.fleet.task(arn).map(|task| &task.definition),
        Target::Definition(arn) => Some(arn),
    };
    let more = state.key(Command::Describe);
    let newest = if service.is_some() { " (newest)" } else { "" };
    let name = definition.map(|arn| format!("{}{newest}", arn.name())).unwrap_or_default();
    let (what, next) = match words {
        DescribeForm::Ours => (name.as_str(), "raw JSON"),
        DescribeForm::Aws => ("raw JSON; values of variables are left out", "the task definition's"),
        DescribeForm::AwsDefinition => ("raw JSON of the task definition, without values", "summary"),
    };
    page.title = vec![Span::plain(what), Span::dim(format!("   {more}: {next}"))];
    match (words, definition) {
        (DescribeForm::Aws, _) => raw(state, &mut page, target),
        (_, None) => page.push(Line::of([Span::new(" It is gone.", Role::Warn)])),
        (DescribeForm::AwsDefinition, Some(arn)) => raw(state, &mut page, &Target::Definition(arn.clone())),
        (DescribeForm::Ours, Some(arn)) => {
            match state.fleet.definitions.get(arn) {
                Some(definition) => defined(state, &mut page, definition),
                None => waiting(state, &mut page, &FeedKey::Definition(arn.clone()), "asking AWS for the definition"),
            }
            if let Some(service) = service {
                settings(state, &mut page, service);
            }
        }
    }
    page
}

fn raw(state: &State, page: &mut Page, target: &Target) {
    match state.raw.get(target) {
        Some(text) => {
            for line in text.lines() {
                let indent = line.len() - line.trim_start().len();
                let lead = vec![Span::plain(" ".repeat(indent + 1))];
                page.wrapped(lead, &Span::plain(line.trim_start()), state.size.width, None);
            }
        }
        None => waiting(state, page, &FeedKey::Raw(target.clone()), "asking AWS"),
    }
}

fn fact(state: &State, page: &mut Page, name: &str, value: &str) {
    if !value.is_empty() {
        let lead = vec![Span::dim(format!("   {}", padded(name, 16)))];
        page.wrapped(lead, &Span::plain(value), state.size.width, None);
    }
}

fn settings(state: &State, page: &mut Page, service: &Service) {
    page.section(" SERVICE");
    fact(state, page, "arn", service.arn.as_str());
    fact(state, page, "launch", &service.launch);
    fact(state, page, "subnets", &service.subnets.join(" "));
    fact(
        state,
        page,
        "target groups",
        &service.target_groups.iter().map(|arn| target_group(arn)).collect::<Vec<_>>().join(" "),
    );
    if let Some(seconds) = service.grace_seconds {
        fact(state, page, "health grace", &format!("{seconds} s after a start"));
    }
    fact(state, page, "exec", if service.exec == Exec::Enabled { "enabled" } else { "not enabled" });
    let tags: Vec<String> = service.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    fact(state, page, "tags", &tags.join("  "));
    if let Some(at) = service.created_at {
        fact(state, page, "created", &format!("{} UTC", moment(at, state.now)));
    }
}

/// `targetgroup/NAME/ID` of a target group's ARN.
fn target_group(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

fn defined(state: &State, page: &mut Page, definition: &Definition) {
    page.section(" TASK DEFINITION");
    fact(state, page, "name", definition.arn.name());
    fact(state, page, "status", &definition.status);
    fact(state, page, "size", &size(definition));
    fact(state, page, "network", definition.network.as_deref().unwrap_or_default());
    if let Some(at) = definition.registered_at {
        let by = definition.registered_by.as_deref().map(|arn| format!(" by {}", caller(arn)));
        fact(state, page, "registered", &format!("{} UTC{}", moment(at, state.now), by.unwrap_or_default()));
    }
    for container in &definition.containers {
        container_lines(state, page, container);
    }
}

fn size(definition: &Definition) -> String {
    let cpu = definition.cpu.as_ref().map(|cpu| format!("{cpu} CPU units"));
    let memory = definition.memory.as_ref().map(|memory| format!("{memory} MiB"));
    let kind = definition.architecture.clone();
    [cpu, memory, kind].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn container_lines(state: &State, page: &mut Page, container: &ContainerDefinition) {
    page.section(&format!(" CONTAINER {}", container.name));
    fact(state, page, "image", &container.image);
    fact(state, page, "essential", if container.essential == Essential::Yes { "yes" } else { "no" });
    if let Some(memory) = container.memory {
        fact(state, page, "memory", &format!("killed above {memory} MiB"));
    }
    let ports: Vec<String> = container.ports.iter().map(u16::to_string).collect();
    fact(state, page, "ports", &ports.join(" "));
    fact(state, page, "variables", &container.environment.join(" "));
    fact(state, page, "secrets", &container.secrets.join(" "));
    fact(state, page, "log", &container.log.as_ref().map(route).unwrap_or_default());
}

fn route(log: &LogRoute) -> String {
    let group = log.group.as_ref().map(|group| format!("to {group}"));
    let prefix = log.prefix.as_ref().map(|prefix| format!("streams {prefix}/…"));
    let region = log.region.as_ref().map(|region| format!("in {region}"));
    [Some(log.driver.clone()), group, prefix, region].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn required(state: &State, target: &Target, words: DescribeForm, needs: &mut Needs) {
    let (context, definition) = match target {
        Target::Service { service: arn, .. } => match state.fleet.services.get(arn) {
            Some(entry) => (entry.context.clone(), entry.snapshot.as_ref().map(|look| look.service.definition.clone())),
            None => return,
        },
        Target::Task { task: arn, .. } => match state.fleet.task(arn) {
            Some(task) => (task.context.clone(), Some(task.definition.clone())),
            None => return,
        },
        Target::Definition(_) => return,
    };
    match words {
        DescribeForm::Ours => needs.definitions.extend(definition.map(|definition| (context.clone(), definition))),
        DescribeForm::Aws => needs.raw = Some((context, target.clone())),
        DescribeForm::AwsDefinition => {
            needs.raw = definition.map(|definition| (context, Target::Definition(definition)));
        }
    }
}

fn read_at(state: &State, target: &Target) -> Option<Timestamp> {
    state.feeds.get(&FeedKey::Raw(target.clone()))?.answered
}
