//! The explain screen: why it is in the state it is in, with the evidence.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::service::verdict_title;
use super::{Age, Card, Hint, Kind, Opens, age, needs, selected_or, text};
use crate::app::body::Content;
use crate::app::command::{Command, Context};
use crate::app::layout::Layout;
use crate::app::page::{Line, Page, Role, Span, tasks};
use crate::app::reads::Needs;
use crate::app::state::{ExplainTarget, Item, State};
use crate::app::subject::Subject;
use crate::fleet::health::HealthStatus;
use crate::fleet::image::version;
use crate::fleet::tenancy::EnvironmentId;
use crate::fleet::{Arn, caller};
use crate::text::{counted, moment, padded};

/// Past deployments that are shown.
const PAST: usize = 3;
/// ECS notes a deployment twice, in two places, within this time.
const CLOSE: Duration = Duration::from_secs(5);

/// Why an environment or a service is in the state it is in.
pub(super) struct Explain<'a>(pub(super) &'a ExplainTarget);

impl Kind for Explain<'_> {
    fn card(&self) -> Card {
        Card {
            word: "explain",
            context: Context::Screen,
            layout: Layout::Page,
            shown_by: Some(Command::Explain),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        self.0.subject()
    }

    fn subject(&self, state: &State) -> Subject {
        selected_or(state, self.about())
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        match self.0 {
            ExplainTarget::Home(home) => {
                needs::environment(state, home, needs);
                needs.stopped.clone_from(&needs.tasks);
            }
            ExplainTarget::Service(arn) => needs::service(state, arn, needs),
        }
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

/// The page that explains `what`.
fn page(state: &State, what: &ExplainTarget) -> Page {
    let mut page = Page::default();
    match what {
        ExplainTarget::Service(arn) => {
            page.title = verdict_title(state, state.fleet_view.verdict(arn));
            verdict_lines(state, &mut page, arn, state.fleet_view.verdict(arn));
            changed(state, &mut page, arn);
            named(state, &mut page, arn);
        }
        ExplainTarget::Home(home) if *home == EnvironmentId::jobs() => {
            page.title = verdict_title(state, state.fleet_view.row(home).map(|row| &row.verdict));
            let jobs: Vec<_> = state.fleet_view.jobs.iter().filter_map(|arn| state.fleet.task(arn)).collect();
            for job in jobs {
                tasks::job(state, &mut page, job);
            }
        }
        ExplainTarget::Home(home) => {
            page.title = verdict_title(state, state.fleet_view.row(home).map(|row| &row.verdict));
            let mut services: Vec<&Arn> = state.fleet_view.services(home).collect();
            services.sort_by_key(|arn| (state.fleet_view.verdict(arn).map(|verdict| verdict.state), arn.name()));
            for arn in services {
                let Some(verdict) = state.fleet_view.verdict(arn) else { continue };
                if !page.lines.is_empty() {
                    page.push(Line::empty());
                }
                let word = format!(" {} {} ", verdict.state.mark(), verdict.state.word());
                let head = [Span::new(word, Role::State(verdict.state)), Span::new(arn.name(), Role::Strong)];
                page.push(Line::of(head).stop(Item::Service(arn.clone())).head());
                verdict_lines(state, &mut page, arn, Some(verdict));
            }
        }
    }
    if page.lines.is_empty() {
        page.push(Line::of([Span::dim(" There is nothing in it.")]));
    }
    page.title.push(Span::dim("  times in UTC"));
    page
}

fn verdict_lines(state: &State, page: &mut Page, arn: &Arn, verdict: Option<&HealthStatus>) {
    let Some(verdict) = verdict else {
        return page.push(Line::of([Span::new(" It is gone.", Role::Warn)]));
    };
    if verdict.reasons.is_empty() {
        page.push(Line::of([Span::dim("   no trouble is known")]));
    }
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for (number, reason) in verdict.reasons.iter().enumerate() {
        page.wrapped(vec![Span::plain("   ")], &Span::new(&reason.text, Role::Strong), state.size.width, None);
        // What bears out several reasons is said with the first.
        let new = reason.evidence.iter().enumerate().filter(|(_, evidence)| said.insert(&evidence.text));
        for (line, evidence) in new {
            let item = Item::Line(format!("{arn} {number} {line}"));
            let when = evidence.at.map(|at| moment(at, state.now)).unwrap_or_default();
            let lead = vec![Span::dim(format!("     {}", padded(&when, 12)))];
            page.wrapped(lead, &Span::plain(&evidence.text), state.size.width, Some(&item));
        }
    }
}

/// What was rolled out lately and what is being, the newest first, and who had a hand in it.
fn changed(state: &State, page: &mut Page, arn: &Arn) {
    let Some((entry, service)) = state.fleet.services.get(arn).zip(state.fleet.service(arn)) else { return };
    let tasks: Vec<_> = state.fleet.tasks_of(&entry.cluster, arn.name()).collect();
    let mut changes: Vec<(Option<Timestamp>, String)> = vec![];
    for deployment in &service.deployments {
        let version = version(&deployment.definition, tasks.iter().map(AsRef::as_ref), &state.fleet.definitions);
        let rollout = deployment.rollout.as_ref().map(|rollout| rollout.word().to_lowercase().replace('_', " "));
        let failed = (deployment.failed > 0).then(|| format!("{} failed", counted(deployment.failed as usize, "task")));
        let runs = format!("{} of {} run", deployment.running, deployment.desired);
        let stands: Vec<String> = rollout.into_iter().chain([runs]).chain(failed).collect();
        let name = deployment.definition.name();
        // Where the definition is not known, its name replaces its version.
        let what = if version == name { version } else { format!("{name} {version}") };
        changes.push((deployment.created_at, format!("{what} rolled out: {}", stands.join(", "))));
    }
    let known: Vec<_> = service.deployments.iter().filter_map(|deployment| deployment.created_at).collect();
    for past in state.fleet.deployments.get(arn).into_iter().flat_map(|past| past.iter()).take(PAST) {
        // Those that are there still have been told, with what has become of them.
        let close = |at: &Timestamp| past.created_at.is_some_and(|then| at.duration_since(then).unsigned_abs() < CLOSE);
        if !known.iter().any(close) {
            let what = past.definition.as_ref().or(past.target.as_ref()).map(Arn::name).unwrap_or_default();
            let status = past.status.to_lowercase().replace('_', " ");
            changes.push((past.created_at, format!("{what} rolled out: {status}")));
        }
    }
    if let Some(definition) = state.fleet.definitions.get(&service.definition) {
        let by = definition.registered_by.as_deref().map(|arn| format!(" by {}", caller(arn)));
        let text = format!("{} registered{}", definition.arn.name(), by.unwrap_or_default());
        changes.push((definition.registered_at, text));
    }
    if changes.is_empty() {
        return;
    }
    changes.sort_by_key(|(at, _)| Reverse(*at));
    page.section(" WHAT CHANGED LAST");
    for (at, text) in changes {
        let when = at.map(|at| moment(at, state.now)).unwrap_or_default();
        let lead = vec![Span::dim(format!("     {}", padded(&when, 12)))];
        page.wrapped(lead, &Span::plain(text), state.size.width, None);
    }
}

/// Which rules named its tenant and its environment.
fn named(state: &State, page: &mut Page, arn: &Arn) {
    let Some(place) = state.fleet_view.places.of_service(arn) else { return };
    let by = |rule: &Option<crate::fleet::tenancy::Rule>| {
        rule.as_ref().map_or_else(|| "no rule".to_owned(), ToString::to_string)
    };
    page.section(" WHOSE IT IS");
    for (what, rule) in [("tenant", &place.tenant_rule), ("environment", &place.environment_rule)] {
        page.push(Line::of([Span::dim(format!("   {what:<12}")), Span::plain(format!("named by {}", by(rule)))]));
    }
}
