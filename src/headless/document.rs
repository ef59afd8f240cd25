//! Reports for programs: one JSON document, its members always in the same order.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::report::{Report, Selection, settled};
use crate::fleet::health::{HealthStatus, cause_of_task};
use crate::fleet::overview::Row;
use crate::fleet::spread::{spread, zones_of};
use crate::fleet::tenancy::{EnvironmentId, Rule};
use crate::fleet::{self, Arn, CloudError, Context, ContextId, ServiceEntry, ServiceStatus, Task, TaskStatus, image};
use crate::text::clean;

#[derive(Serialize)]
struct Document {
    at: Timestamp,
    complete: bool,
    contexts: Vec<Where>,
    environments: Vec<Environment>,
    services: Vec<Service>,
    jobs: Vec<Job>,
    errors: Vec<Error>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Where {
    context: String,
    profile: Option<String>,
    region: String,
    endpoint: Option<String>,
    account: Option<String>,
    caller: Option<String>,
    same_as: Option<String>,
}

#[derive(Serialize)]
struct Environment {
    path: String,
    tenant: String,
    #[serde(rename = "environment")]
    name: String,
    guess: bool,
    contexts: Vec<String>,
    running: u32,
    desired: u32,
    versions: Vec<String>,
    zones: Option<BTreeMap<String, usize>>,
    health: Health,
    services: Vec<String>,
}

#[derive(Serialize)]
struct Service {
    name: String,
    arn: String,
    path: String,
    tenant: String,
    environment: String,
    guess: bool,
    tenant_by: Option<String>,
    environment_by: Option<String>,
    cluster: String,
    context: String,
    account: Option<String>,
    region: Option<String>,
    /// The counts and the status are absent where the service was listed and could not be read.
    status: Option<String>,
    desired: Option<u32>,
    running: Option<u32>,
    pending: Option<u32>,
    definition: Option<String>,
    launch: Option<String>,
    images: Vec<Image>,
    versions: Vec<String>,
    zones: BTreeMap<String, usize>,
    deployments: Vec<Rolling>,
    health: Health,
}

/// One deployment of a service, the newest first.
#[derive(Serialize)]
struct Rolling {
    id: String,
    status: String,
    definition: String,
    /// Images that it brings; read only of services in trouble or in motion.
    images: Option<Vec<String>>,
    rollout: Option<String>,
    reason: Option<String>,
    desired: u32,
    running: u32,
    pending: u32,
    failed: u32,
    created_at: Option<Timestamp>,
}

/// A task that belongs to no service.
#[derive(Serialize)]
struct Job {
    name: String,
    arn: String,
    cluster: String,
    context: String,
    status: String,
    versions: Vec<String>,
    zone: Option<String>,
    started_by: Option<String>,
    started_at: Option<Timestamp>,
    stopped_at: Option<Timestamp>,
    stopped_because: Option<String>,
}

/// What running tasks of a service really run.
#[derive(Serialize)]
struct Image {
    container: String,
    #[serde(rename = "image")]
    reference: Option<String>,
    digest: Option<String>,
    tasks: usize,
}

#[derive(Serialize)]
struct Health {
    state: &'static str,
    since: Option<Timestamp>,
    reasons: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    text: String,
    evidence: Vec<Evidence>,
}

#[derive(Serialize)]
struct Evidence {
    at: Option<Timestamp>,
    text: String,
}

#[derive(Serialize)]
struct Error {
    context: String,
    operation: String,
    on: String,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    advice: String,
}

/// How everything in `selection` is, service by service.
pub(super) fn status(report: &Report, selection: &Selection) -> serde_json::Result<String> {
    let document = Document {
        at: report.at,
        complete: report.is_whole(),
        contexts: report.fleet.contexts.values().map(place).collect(),
        environments: selection
            .environments(report)
            .into_iter()
            .map(|(home, row)| environment(report, home, row))
            .collect(),
        services: services(report, selection),
        jobs: selection.jobs(report).into_iter().map(|task| job(report, task)).collect(),
        errors: report.errors.iter().map(|(context, found)| error(context, found)).collect(),
        warnings: report.warnings.iter().map(|warning| text(warning)).collect(),
    };
    let mut json = serde_json::to_string_pretty(&document)?;
    json.push('\n');
    Ok(json)
}

fn services(report: &Report, selection: &Selection) -> Vec<Service> {
    let zones: BTreeMap<_, _> = report.fleet.contexts.keys().map(|id| (id, zones_of(&report.fleet, id))).collect();
    let none = std::collections::BTreeSet::new();
    let mut tasks: BTreeMap<(&Arn, &str), Vec<&Task>> = BTreeMap::new();
    for (cluster, known) in &report.fleet.tasks {
        for task in known.values() {
            if let (Some(name), TaskStatus::Running, false) = (task.service(), &task.status, task.is_over()) {
                tasks.entry((cluster, name)).or_default().push(task);
            }
        }
    }
    let described = selection.services(report).into_iter().filter_map(|arn| {
        let entry = report.fleet.services.get(arn)?;
        let own = tasks.get(&(&entry.cluster, arn.name())).map_or(&[] as &[&Task], Vec::as_slice);
        let zones = spread(own.iter().copied(), zones.get(&entry.context).unwrap_or(&none)).zones;
        service(report, arn, entry, own, zones)
    });
    described.collect()
}

fn service(
    report: &Report,
    arn: &Arn,
    entry: &ServiceEntry,
    tasks: &[&Task],
    zones: BTreeMap<String, usize>,
) -> Option<Service> {
    let (path, place) = report.place(arn)?;
    let verdict = report.overview.services.get(arn)?;
    let look = entry.snapshot.as_ref().map(|look| &look.service);
    let by = |by: &Option<Rule>| by.as_ref().map(ToString::to_string);
    let context = report.fleet.contexts.get(&entry.context);
    let identity = context.and_then(|context| context.identity.as_ref());
    let versions = image::versions(tasks.iter().copied(), &report.fleet.definitions);
    Some(Service {
        name: text(look.map_or(arn.name(), |look| &look.name)),
        arn: text(arn.as_str()),
        path,
        tenant: text(place.environment_id.tenant.name()),
        environment: text(place.environment_id.environment_name()),
        guess: place.environment_id.tenant.is_guess(),
        tenant_by: by(&place.tenant_rule),
        environment_by: by(&place.environment_rule),
        cluster: text(entry.cluster.as_str()),
        context: text(entry.context.as_str()),
        account: arn.account().or(identity.map(|identity| identity.account.as_str())).map(text),
        region: arn.region().or(context.map(|context| context.region.as_str())).map(text),
        status: look.map(|look| status_word(&look.status)),
        desired: look.map(|look| look.desired),
        running: look.map(|look| look.running),
        pending: look.map(|look| look.pending),
        definition: look.map(|look| text(look.definition.as_str())),
        launch: look.map(|look| text(&look.launch)),
        images: images(report, tasks),
        versions: versions.iter().map(|version| text(version)).collect(),
        zones,
        deployments: look.map(|look| deployments(report, look)).unwrap_or_default(),
        health: health(verdict),
    })
}

fn deployments(report: &Report, service: &fleet::Service) -> Vec<Rolling> {
    let deployments = service.deployments.iter().map(|deployment| {
        let definition = report.fleet.definitions.get(&deployment.definition);
        let images = |definition: &Arc<fleet::Definition>| {
            definition.containers.iter().map(|container| text(&container.image)).collect()
        };
        Rolling {
            id: text(&deployment.id),
            status: text(deployment.status.word()),
            definition: text(deployment.definition.as_str()),
            images: definition.map(images),
            rollout: deployment.rollout.as_ref().map(|rollout| text(rollout.word())),
            reason: deployment.reason.as_deref().map(text),
            desired: deployment.desired,
            running: deployment.running,
            pending: deployment.pending,
            failed: deployment.failed,
            created_at: deployment.created_at,
        }
    });
    deployments.collect()
}

fn job(report: &Report, task: &Task) -> Job {
    let versions = image::versions([task], &report.fleet.definitions);
    Job {
        name: text(task.job()),
        arn: text(task.arn.as_str()),
        cluster: text(task.cluster.as_str()),
        context: text(task.context.as_str()),
        status: text(task.status.word()),
        versions: versions.iter().map(|version| text(version)).collect(),
        zone: task.zone.as_deref().map(text),
        started_by: task.started_by.as_deref().map(text),
        started_at: task.started_at,
        stopped_at: task.stopped_at,
        stopped_because: cause_of_task(task).map(|cause| cause.text()),
    }
}

/// Images by container, as `tasks` run them; by their definition where a task does not say.
fn images(report: &Report, tasks: &[&Task]) -> Vec<Image> {
    let mut counts: BTreeMap<(&str, Option<&str>, Option<&str>), usize> = BTreeMap::new();
    for task in tasks {
        let definition = report.fleet.definitions.get(&task.definition);
        for container in &task.containers {
            let defined = definition
                .and_then(|definition| definition.containers.iter().find(|defined| defined.name == container.name));
            let image = container.image.as_deref().or(defined.map(|defined| defined.image.as_str()));
            *counts.entry((&container.name, image, container.digest.as_deref())).or_default() += 1;
        }
    }
    let images = counts.into_iter().map(|((container, image, digest), tasks)| Image {
        container: text(container),
        reference: image.map(text),
        digest: digest.map(text),
        tasks,
    });
    images.collect()
}

fn environment(report: &Report, home: &EnvironmentId, row: &Row) -> Environment {
    Environment {
        path: report.path(home),
        tenant: text(home.tenant.name()),
        name: text(home.environment_name()),
        guess: home.tenant.is_guess(),
        contexts: row.contexts.iter().map(|context| text(context.as_str())).collect(),
        running: row.running,
        desired: row.desired,
        versions: row.versions.iter().map(|version| text(version)).collect(),
        zones: row.spread.as_ref().map(|spread| spread.zones.clone()),
        health: health(&row.verdict),
        services: row.services.iter().map(|arn| text(arn.as_str())).collect(),
    }
}

fn health(verdict: &HealthStatus) -> Health {
    let reasons = verdict.reasons.iter().map(|reason| Reason {
        text: text(&reason.text),
        evidence: reason.evidence.iter().map(|said| Evidence { at: said.at, text: text(&said.text) }).collect(),
    });
    Health { state: settled(verdict.state).word(), since: verdict.since, reasons: reasons.collect() }
}

fn place(context: &Context) -> Where {
    let identity = context.identity.as_ref();
    Where {
        context: text(context.id.as_str()),
        profile: context.profile.as_deref().map(text),
        region: text(&context.region),
        endpoint: context.endpoint.as_deref().map(text),
        account: identity.map(|identity| text(&identity.account)),
        caller: identity.map(|identity| text(&identity.arn)),
        same_as: context.same_as.as_ref().map(|other| text(other.as_str())),
    }
}

fn error(context: &ContextId, error: &CloudError) -> Error {
    Error {
        context: text(context.as_str()),
        operation: text(&error.operation),
        on: text(&error.on),
        code: error.code.as_deref().map(text),
        message: text(&error.message),
        request_id: error.request_id.as_deref().map(text),
        advice: text(&error.advice),
    }
}

fn status_word(status: &ServiceStatus) -> String {
    match status {
        ServiceStatus::Active => "ACTIVE".to_owned(),
        ServiceStatus::Draining => "DRAINING".to_owned(),
        ServiceStatus::Inactive => "INACTIVE".to_owned(),
        ServiceStatus::Other(word) => text(word),
    }
}

fn text(text: &str) -> String {
    clean(text).into_owned()
}
