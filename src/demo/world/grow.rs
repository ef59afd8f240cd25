//! Builds resources in a region: a service with its task definitions, deployments, tasks and events, all consistent.

use jiff::{SignedDuration, Timestamp};

use super::super::random::{Random, digest};
use super::words;
use super::{
    Breaker, Cluster, Container, ContainerDefinition, Controller, Definition, DefinitionStatus, Deployment,
    DeploymentStatus, Event, Health, Image, Launch, Life, LogOptions, Management, Past, PastStatus, Region, Revision,
    RolloutState, Scheduling, Service, ServiceStatus, Tags, Task, TaskStatus, Upstream,
};

/// The properties of a service to build.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) cluster: String,
    pub(crate) service: String,
    /// Name of the main container.
    pub(crate) container: String,
    /// Family of its task definitions.
    pub(crate) family: String,
    /// Repository of its image.
    pub(crate) repository: String,
    /// Tag of its image.
    pub(crate) version: String,
    /// Tag of the previous revision's image.
    pub(crate) before: String,
    /// Revision of its task definition; at least 2.
    pub(crate) revision: u32,
    /// Desired count. All of these tasks run.
    pub(crate) desired: u32,
    /// How long ago it was deployed.
    pub(crate) age: SignedDuration,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) launch: Launch,
    /// The zone of each task in turn.
    pub(crate) zones: Vec<usize>,
    /// The port it listens on, if it is behind a load balancer.
    pub(crate) port: Option<u16>,
    /// Whether each task also has a log router, which is not essential.
    pub(crate) sidecar: bool,
    pub(crate) tags: Tags,
}

impl Spec {
    /// A small Fargate service that was just deployed in all zones, with a desired count of 0, no load balancer and no
    /// tags.
    pub(crate) fn plain(cluster: &str, name: &str) -> Self {
        Self {
            cluster: cluster.to_owned(),
            service: name.to_owned(),
            container: name.to_owned(),
            family: format!("{cluster}-{name}"),
            repository: name.to_owned(),
            version: "v1.0.0".to_owned(),
            before: "v0.9.0".to_owned(),
            revision: 2,
            desired: 0,
            age: SignedDuration::ZERO,
            cpu: 256,
            memory: 512,
            launch: Launch::Fargate,
            zones: vec![0, 1, 2],
            port: None,
            sidecar: false,
            tags: Tags::new(),
        }
    }
}

/// Builds resources in a region as of `now`.
pub(crate) struct Grown<'a> {
    pub(crate) region: &'a mut Region,
    pub(crate) random: &'a mut Random,
    pub(crate) now: Timestamp,
}

impl Grown<'_> {
    /// Adds a service that has been steady since its last deployment.
    pub(crate) fn service(&mut self, spec: &Spec) {
        let deployed = self.ago(spec.age);
        let earlier = self.ago(spec.age + SignedDuration::from_hours(24 * 14));
        let created = self.ago(spec.age + SignedDuration::from_hours(24 * 400));
        let definition = self.definitions(spec, earlier, deployed - SignedDuration::from_mins(2));
        let old = self.revision(&format!("{}:{}", spec.family, spec.revision - 1), earlier);
        let new = self.revision(&definition, deployed);
        let id = self.deployment_id();
        let done = deployed + SignedDuration::from_secs(self.random.between(130, 240));
        let deployment = Deployment {
            id: id.clone(),
            status: DeploymentStatus::Primary,
            definition: definition.clone(),
            revision: new.id.clone(),
            desired: spec.desired,
            failed: 0,
            state: RolloutState::Completed,
            reason: words::rollout_completed(&id),
            created_at: deployed,
            updated_at: done,
        };
        let breaker = Breaker { enable: true, rollback: true, threshold: None };
        let past = vec![
            self.past(&[(old.id.clone(), spec.desired)], &new.id, spec.desired, deployed, done),
            self.past(&[], &old.id, spec.desired, earlier, earlier + SignedDuration::from_secs(151)),
        ];
        let service = Service {
            name: spec.service.clone(),
            status: ServiceStatus::Active,
            created_at: created,
            created_by: self.region.place.role("platform-deploy"),
            desired: spec.desired,
            scheduling: Scheduling::Replica,
            controller: Controller::Ecs,
            management: Management::Customer,
            launch: spec.launch,
            minimum_percent: 100,
            maximum_percent: 200,
            breaker,
            zones: vec![0, 1, 2],
            lost_zones: vec![],
            upstream: self.upstream(spec),
            exec: true,
            tags: spec.tags.clone(),
            deployments: vec![deployment],
            past,
            revisions: vec![new, old],
            events: vec![],
            life: Life::new(Random::new(self.random.clone().next())),
        };
        let cluster = self.region.clusters.entry(spec.cluster.clone()).or_insert_with(|| Cluster::new(&spec.cluster));
        cluster.services.insert(spec.service.clone(), service);
        let tasks: Vec<String> = (0..spec.desired as usize)
            .map(|at| {
                let zone = spec.zones.get(at % spec.zones.len().max(1)).copied().unwrap_or(0);
                let asked = deployed + SignedDuration::from_secs(8 + 3 * i64::try_from(at).unwrap_or(0));
                self.run(&spec.cluster, &spec.service, &id, &definition, zone, asked)
            })
            .collect();
        self.journal(spec, &id, &tasks, deployed, done);
    }

    /// Adds a task of a service that was requested at `asked`. Returns its id.
    pub(crate) fn run(
        &mut self,
        cluster: &str,
        service: &str,
        deployment: &str,
        definition: &str,
        zone: usize,
        asked: Timestamp,
    ) -> String {
        let launch = self.region.clusters.get(cluster).and_then(|found| found.services.get(service));
        let (launch, exec) = launch.map_or((Launch::Fargate, false), |service| (service.launch, service.exec));
        let mut task = self.task(definition, zone, asked);
        task.group = format!("service:{service}");
        task.started_by = Some(deployment.to_owned());
        task.launch = launch;
        task.exec = exec;
        self.keep(cluster, task)
    }

    /// Adds a task to its cluster. Returns its id.
    pub(crate) fn keep(&mut self, cluster: &str, task: Task) -> String {
        let id = task.id.clone();
        if let Some(cluster) = self.region.clusters.get_mut(cluster) {
            cluster.tasks.insert(id.clone(), task);
        }
        id
    }

    /// A task of the definition that was requested at `asked`. It runs, or is still starting at `now`.
    pub(crate) fn task(&mut self, definition: &str, zone: usize, asked: Timestamp) -> Task {
        let id = self.random.hex(32);
        let after = |seconds: i64| Some(asked + SignedDuration::from_secs(seconds)).filter(|at| *at <= self.now);
        let (pulling, pulled, started) = (after(14), after(29), after(33));
        let status = match (pulling, started) {
            (_, Some(_)) => TaskStatus::Running,
            (Some(_), None) => TaskStatus::Activating,
            (None, None) => TaskStatus::Provisioning,
        };
        let running = status == TaskStatus::Running;
        let found = self.region.definition(definition).cloned();
        let containers = found.iter().flat_map(|definition| &definition.containers);
        let containers: Vec<Container> = containers.map(|of| container(of, &id, running, self.random)).collect();
        let checked = found.iter().flat_map(|definition| &definition.containers).any(|of| of.health_check.is_some());
        let address = format!("10.{}.{}.{}", 20 + zone, self.random.below(250), 4 + self.random.below(250));
        Task {
            id,
            group: format!("family:{}", definition.rsplit_once(':').map_or(definition, |(family, _)| family)),
            started_by: None,
            definition: definition.to_owned(),
            zone: Some(zone),
            launch: Launch::Fargate,
            status,
            health: if running && checked { Health::Healthy } else { Health::Unknown },
            cpu: found.as_ref().map_or(256, |definition| definition.cpu),
            memory: found.as_ref().map_or(512, |definition| definition.memory),
            address,
            created_at: asked,
            pull_started_at: pulling,
            pull_stopped_at: pulled,
            started_at: started,
            stopping_at: None,
            execution_stopped_at: None,
            stopped_at: None,
            stop: None,
            containers,
            tags: Tags::new(),
            version: if running { 4 } else { 2 },
            exec: false,
            due: (!running).then_some(asked + SignedDuration::from_secs(33)),
        }
    }

    /// Registers the task definition of `spec` and the revision before it. Returns the name of the newer one.
    pub(crate) fn definitions(&mut self, spec: &Spec, earlier: Timestamp, at: Timestamp) -> String {
        let old = Spec { version: spec.before.clone(), revision: spec.revision - 1, ..spec.clone() };
        self.register(&old, earlier - SignedDuration::from_mins(2));
        self.register(spec, at)
    }

    /// Registers one revision of a task definition. Returns its name.
    pub(crate) fn register(&mut self, spec: &Spec, at: Timestamp) -> String {
        let place = &self.region.place;
        let group = format!("/ecs/{}", spec.family);
        let logs = LogOptions { group, region: place.region.clone(), prefix: Some("ecs".to_owned()) };
        let mut containers = vec![ContainerDefinition {
            name: spec.container.clone(),
            image: place.image(&spec.repository, &spec.version),
            essential: true,
            port: spec.port,
            health_check: spec.port.map(|port| format!("curl -fsS http://127.0.0.1:{port}/healthz || exit 1")),
            environment: vec![
                ("ENVIRONMENT".to_owned(), spec.family.clone()),
                ("LOG_LEVEL".to_owned(), "info".to_owned()),
            ],
            secrets: vec![("DATABASE_URL".to_owned(), secret(place, &spec.family))],
            logs: Some(logs.clone()),
        }];
        if spec.sidecar {
            containers.push(ContainerDefinition {
                name: "log-router".to_owned(),
                image: "public.ecr.aws/aws-observability/aws-for-fluent-bit:2.32.5".to_owned(),
                essential: false,
                port: None,
                health_check: None,
                environment: vec![],
                secrets: vec![],
                logs: Some(logs.clone()),
            });
        }
        self.region.stock(&spec.repository, &spec.version, at);
        self.region.add_log_group(&logs.group, Some(30), at);
        let place = &self.region.place;
        let definition = Definition {
            family: spec.family.clone(),
            revision: spec.revision,
            status: DefinitionStatus::Active,
            registered_at: at,
            registered_by: format!("arn:aws:sts::{}:assumed-role/platform-deploy/github-actions", place.account),
            deregistered_at: None,
            cpu: spec.cpu,
            memory: spec.memory,
            containers,
            tags: spec.tags.clone(),
            document: None,
        };
        let name = definition.name();
        let family = self.region.families.entry(spec.family.clone()).or_default();
        family.retain(|other| other.revision != spec.revision);
        let place = family.partition_point(|other| other.revision < spec.revision);
        family.insert(place, definition);
        name
    }

    /// A service revision with this task definition.
    pub(crate) fn revision(&mut self, definition: &str, at: Timestamp) -> Revision {
        let containers = self.region.definition(definition).map(|found| found.containers.clone()).unwrap_or_default();
        let image = |of: &ContainerDefinition| Image {
            container: of.name.clone(),
            image: of.image.clone(),
            digest: Some(digest(&of.image)),
        };
        Revision {
            id: self.random.digits(19),
            definition: definition.to_owned(),
            created_at: at,
            images: containers.iter().map(image).collect(),
        }
    }

    /// A service deployment that succeeded.
    pub(crate) fn past(
        &mut self,
        sources: &[(String, u32)],
        target: &str,
        desired: u32,
        began: Timestamp,
        done: Timestamp,
    ) -> Past {
        Past {
            id: self.random.text(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789_-", 21),
            status: PastStatus::Successful,
            status_reason: None,
            created_at: began,
            started_at: Some(began + SignedDuration::from_secs(2)),
            updated_at: done,
            finished_at: Some(done),
            sources: sources.to_vec(),
            target: target.to_owned(),
            desired,
            failures: 0,
            threshold: Breaker { enable: true, rollback: true, threshold: None }.limit(desired),
            rollback: None,
        }
    }

    /// An event with a new id.
    pub(crate) fn event(&mut self, at: Timestamp, message: String) -> Event {
        Event { id: self.random.uuid(), at, message }
    }

    /// A new deployment id.
    pub(crate) fn deployment_id(&mut self) -> String {
        format!("ecs-svc/{}", self.random.digits(19))
    }

    /// The time `span` before now.
    pub(crate) fn ago(&self, span: SignedDuration) -> Timestamp {
        self.now - span
    }

    pub(crate) fn found(&mut self, cluster: &str, service: &str) -> Option<&mut Service> {
        self.region.clusters.get_mut(cluster)?.services.get_mut(service)
    }

    fn upstream(&mut self, spec: &Spec) -> Option<Upstream> {
        let port = spec.port?;
        let short: String = spec.family.chars().take(32).collect();
        let target_group = self.region.place.target_group(short.trim_end_matches('-'), &self.random.hex(16));
        Some(Upstream { target_group, container: spec.container.clone(), port, grace_seconds: 60 })
    }

    /// Adds the events of the deployment of `spec`, and the steady-state events since then.
    fn journal(&mut self, spec: &Spec, deployment: &str, tasks: &[String], deployed: Timestamp, done: Timestamp) {
        let name = &spec.service;
        let mut lines = vec![];
        if !tasks.is_empty() {
            lines.push((deployed + SignedDuration::from_secs(40), words::started(name, tasks)));
        }
        let group = self.found(&spec.cluster, name).and_then(|service| service.upstream.clone());
        if let Some(group) = group.filter(|_| !tasks.is_empty()) {
            lines.push((
                deployed + SignedDuration::from_secs(52),
                words::registered(name, tasks.len(), &group.target_group),
            ));
        }
        lines.push((done, words::completed(name, deployment)));
        lines.push((done, words::steady(name)));
        // ECS repeats the steady-state event every six hours. Those of the last two days are enough.
        let mut again = done + SignedDuration::from_hours(6);
        while again < self.now {
            if self.now.duration_since(again) < SignedDuration::from_hours(48) {
                lines.push((again, words::steady(name)));
            }
            again += SignedDuration::from_hours(6);
        }
        if let Some(service) = self.found(&spec.cluster, name) {
            service.life.again = Some(again);
        }
        for (at, line) in lines {
            let event = self.event(at.min(self.now), line);
            if let Some(service) = self.found(&spec.cluster, name) {
                service.tell(event);
            }
        }
    }
}

/// A container of a task that runs or is still starting.
fn container(of: &ContainerDefinition, task: &str, running: bool, random: &mut Random) -> Container {
    Container {
        name: of.name.clone(),
        image: of.image.clone(),
        digest: running.then(|| digest(&of.image)),
        status: if running { "RUNNING" } else { "PENDING" },
        exit_code: None,
        reason: None,
        health: if running && of.health_check.is_some() { Health::Healthy } else { Health::Unknown },
        runtime_id: running.then(|| format!("{task}-{}", random.digits(10))),
        id: random.uuid(),
    }
}

fn secret(place: &super::Place, family: &str) -> String {
    format!("arn:aws:secretsmanager:{}:{}:secret:{family}/database", place.region, place.account)
}
