//! Builds resources in a region: a service with its task definitions, deployments, tasks and events, all consistent.

use jiff::{SignedDuration, Timestamp};

use super::super::random::{Random, digest};
use super::messages;
use super::{
    CircuitBreaker, Cluster, Container, ContainerDefinition, ContainerImage, Deployment, DeploymentController,
    DeploymentStatus, Event, HealthStatus, LaunchType, LoadBalancer, LogOptions, Region, ResourceManagementType,
    RolloutState, SchedulerState, SchedulingStrategy, Service, ServiceDeployment, ServiceDeploymentStatus,
    ServiceRevision, ServiceSpec, ServiceStatus, Tags, Task, TaskDefinition, TaskDefinitionStatus, TaskStatus,
};

/// Builds resources in a region as of `now`.
pub(crate) struct RegionBuilder<'a> {
    pub(crate) region: &'a mut Region,
    pub(crate) random: &'a mut Random,
    pub(crate) now: Timestamp,
}

impl RegionBuilder<'_> {
    /// Adds a service that has been steady since its last deployment.
    pub(crate) fn add_service(&mut self, spec: &ServiceSpec) {
        let deployed = self.ago(spec.age);
        let earlier = self.ago(spec.age + SignedDuration::from_hours(24 * 14));
        let created = self.ago(spec.age + SignedDuration::from_hours(24 * 400));
        let definition = self.register_definitions(spec, earlier, deployed - SignedDuration::from_mins(2));
        let old = self.service_revision(&format!("{}:{}", spec.family, spec.revision - 1), earlier);
        let new = self.service_revision(&definition, deployed);
        let id = self.new_deployment_id();
        let done = deployed + SignedDuration::from_secs(self.random.between(130, 240));
        let deployment = Deployment {
            id: id.clone(),
            status: DeploymentStatus::Primary,
            definition: definition.clone(),
            revision: new.id.clone(),
            desired: spec.desired,
            failed: 0,
            state: RolloutState::Completed,
            reason: messages::rollout_completed(&id),
            created_at: deployed,
            updated_at: done,
        };
        let breaker = CircuitBreaker { enable: true, rollback: true, threshold: None };
        let service_deployments = vec![
            self.succeeded_deployment(&[(old.id.clone(), spec.desired)], &new.id, spec.desired, deployed, done),
            self.succeeded_deployment(&[], &old.id, spec.desired, earlier, earlier + SignedDuration::from_secs(151)),
        ];
        let service = Service {
            name: spec.service.clone(),
            status: ServiceStatus::Active,
            created_at: created,
            created_by: self.region.location.role_arn("platform-deploy"),
            desired: spec.desired,
            scheduling: SchedulingStrategy::Replica,
            controller: DeploymentController::Ecs,
            management: ResourceManagementType::Customer,
            launch: spec.launch,
            minimum_percent: 100,
            maximum_percent: 200,
            breaker,
            zones: vec![0, 1, 2],
            lost_zones: vec![],
            load_balancer: self.load_balancer(spec),
            exec: true,
            tags: spec.tags.clone(),
            deployments: vec![deployment],
            service_deployments,
            revisions: vec![new, old],
            events: vec![],
            scheduler: SchedulerState::new(Random::new(self.random.clone().next())),
        };
        let cluster = self.region.clusters.entry(spec.cluster.clone()).or_insert_with(|| Cluster::new(&spec.cluster));
        cluster.services.insert(spec.service.clone(), service);
        let tasks: Vec<String> = (0..spec.desired as usize)
            .map(|at| {
                let zone = spec.zones.get(at % spec.zones.len().max(1)).copied().unwrap_or(0);
                let requested_at = deployed + SignedDuration::from_secs(8 + 3 * i64::try_from(at).unwrap_or(0));
                self.add_task(&spec.cluster, &spec.service, &id, &definition, zone, requested_at)
            })
            .collect();
        self.add_events(spec, &id, &tasks, deployed, done);
    }

    /// Adds a task of a service that was requested at `requested_at`. Returns its id.
    pub(crate) fn add_task(
        &mut self,
        cluster: &str,
        service: &str,
        deployment: &str,
        definition: &str,
        zone: usize,
        requested_at: Timestamp,
    ) -> String {
        let launch = self.region.clusters.get(cluster).and_then(|found| found.services.get(service));
        let (launch, exec) = launch.map_or((LaunchType::Fargate, false), |service| (service.launch, service.exec));
        let mut task = self.new_task(definition, zone, requested_at);
        task.group = format!("service:{service}");
        task.started_by = Some(deployment.to_owned());
        task.launch = launch;
        task.exec = exec;
        self.insert_task(cluster, task)
    }

    /// Adds a task to its cluster. Returns its id.
    pub(crate) fn insert_task(&mut self, cluster: &str, task: Task) -> String {
        let id = task.id.clone();
        if let Some(cluster) = self.region.clusters.get_mut(cluster) {
            cluster.tasks.insert(id.clone(), task);
        }
        id
    }

    /// A task of the definition that was requested at `requested_at`. It runs, or is still starting at `now`.
    pub(crate) fn new_task(&mut self, definition: &str, zone: usize, requested_at: Timestamp) -> Task {
        let id = self.random.hex(32);
        let after = |seconds: i64| Some(requested_at + SignedDuration::from_secs(seconds)).filter(|at| *at <= self.now);
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
            launch: LaunchType::Fargate,
            status,
            health: if running && checked { HealthStatus::Healthy } else { HealthStatus::Unknown },
            cpu: found.as_ref().map_or(256, |definition| definition.cpu),
            memory: found.as_ref().map_or(512, |definition| definition.memory),
            address,
            created_at: requested_at,
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
            due: (!running).then_some(requested_at + SignedDuration::from_secs(33)),
        }
    }

    /// Registers the task definition of `spec` and the revision before it. Returns the name of the newer one.
    pub(crate) fn register_definitions(&mut self, spec: &ServiceSpec, earlier: Timestamp, at: Timestamp) -> String {
        let old = ServiceSpec { version: spec.previous_version.clone(), revision: spec.revision - 1, ..spec.clone() };
        self.register_definition(&old, earlier - SignedDuration::from_mins(2));
        self.register_definition(spec, at)
    }

    /// Registers one revision of a task definition. Returns its name.
    pub(crate) fn register_definition(&mut self, spec: &ServiceSpec, at: Timestamp) -> String {
        let location = &self.region.location;
        let group = format!("/ecs/{}", spec.family);
        let logs = LogOptions { group, region: location.region.clone(), prefix: Some("ecs".to_owned()) };
        let mut containers = vec![ContainerDefinition {
            name: spec.container.clone(),
            image: location.image_uri(&spec.repository, &spec.version),
            essential: true,
            port: spec.port,
            health_check: spec.port.map(|port| format!("curl -fsS http://127.0.0.1:{port}/healthz || exit 1")),
            environment: vec![
                ("ENVIRONMENT".to_owned(), spec.family.clone()),
                ("LOG_LEVEL".to_owned(), "info".to_owned()),
            ],
            secrets: vec![("DATABASE_URL".to_owned(), secret_arn(location, &spec.family))],
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
        self.region.push_if_missing(&spec.repository, &spec.version, at);
        self.region.add_log_group(&logs.group, Some(30), at);
        let location = &self.region.location;
        let definition = TaskDefinition {
            family: spec.family.clone(),
            revision: spec.revision,
            status: TaskDefinitionStatus::Active,
            registered_at: at,
            registered_by: format!("arn:aws:sts::{}:assumed-role/platform-deploy/github-actions", location.account),
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
        let index = family.partition_point(|other| other.revision < spec.revision);
        family.insert(index, definition);
        name
    }

    /// A service revision with this task definition.
    pub(crate) fn service_revision(&mut self, definition: &str, at: Timestamp) -> ServiceRevision {
        let containers = self.region.definition(definition).map(|found| found.containers.clone()).unwrap_or_default();
        let image = |of: &ContainerDefinition| ContainerImage {
            container: of.name.clone(),
            image: of.image.clone(),
            digest: Some(digest(&of.image)),
        };
        ServiceRevision {
            id: self.random.digits(19),
            definition: definition.to_owned(),
            created_at: at,
            images: containers.iter().map(image).collect(),
        }
    }

    /// A service deployment that succeeded.
    pub(crate) fn succeeded_deployment(
        &mut self,
        source_revisions: &[(String, u32)],
        target: &str,
        desired: u32,
        began: Timestamp,
        done: Timestamp,
    ) -> ServiceDeployment {
        ServiceDeployment {
            id: self.random.text(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789_-", 21),
            status: ServiceDeploymentStatus::Successful,
            status_reason: None,
            created_at: began,
            started_at: Some(began + SignedDuration::from_secs(2)),
            updated_at: done,
            finished_at: Some(done),
            source_revisions: source_revisions.to_vec(),
            target_revision: target.to_owned(),
            desired,
            failures: 0,
            threshold: CircuitBreaker { enable: true, rollback: true, threshold: None }.limit(desired),
            rollback: None,
        }
    }

    /// An event with a new id.
    pub(crate) fn new_event(&mut self, at: Timestamp, message: String) -> Event {
        Event { id: self.random.uuid(), at, message }
    }

    /// A new deployment id.
    pub(crate) fn new_deployment_id(&mut self) -> String {
        format!("ecs-svc/{}", self.random.digits(19))
    }

    /// The time `span` before now.
    pub(crate) fn ago(&self, span: SignedDuration) -> Timestamp {
        self.now - span
    }

    pub(crate) fn service_mut(&mut self, cluster: &str, service: &str) -> Option<&mut Service> {
        self.region.clusters.get_mut(cluster)?.services.get_mut(service)
    }

    fn load_balancer(&mut self, spec: &ServiceSpec) -> Option<LoadBalancer> {
        let port = spec.port?;
        let short: String = spec.family.chars().take(32).collect();
        let target_group = self.region.location.target_group_arn(short.trim_end_matches('-'), &self.random.hex(16));
        Some(LoadBalancer { target_group, container: spec.container.clone(), port, grace_seconds: 60 })
    }

    /// Adds the events of the deployment of `spec`, and the steady-state events since then.
    fn add_events(
        &mut self,
        spec: &ServiceSpec,
        deployment: &str,
        tasks: &[String],
        deployed: Timestamp,
        done: Timestamp,
    ) {
        let name = &spec.service;
        let mut lines = vec![];
        if !tasks.is_empty() {
            lines.push((deployed + SignedDuration::from_secs(40), messages::started(name, tasks)));
        }
        let group = self.service_mut(&spec.cluster, name).and_then(|service| service.load_balancer.clone());
        if let Some(group) = group.filter(|_| !tasks.is_empty()) {
            lines.push((
                deployed + SignedDuration::from_secs(52),
                messages::registered(name, tasks.len(), &group.target_group),
            ));
        }
        lines.push((done, messages::completed(name, deployment)));
        lines.push((done, messages::steady(name)));
        // ECS repeats the steady-state event every six hours. Those of the last two days are enough.
        let mut again = done + SignedDuration::from_hours(6);
        while again < self.now {
            if self.now.duration_since(again) < SignedDuration::from_hours(48) {
                lines.push((again, messages::steady(name)));
            }
            again += SignedDuration::from_hours(6);
        }
        if let Some(service) = self.service_mut(&spec.cluster, name) {
            service.scheduler.repeat_at = Some(again);
        }
        for (at, line) in lines {
            let event = self.new_event(at.min(self.now), line);
            if let Some(service) = self.service_mut(&spec.cluster, name) {
                service.add_event(event);
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
        health: if running && of.health_check.is_some() { HealthStatus::Healthy } else { HealthStatus::Unknown },
        runtime_id: running.then(|| format!("{task}-{}", random.digits(10))),
        id: random.uuid(),
    }
}

fn secret_arn(location: &super::Location, family: &str) -> String {
    format!("arn:aws:secretsmanager:{}:{}:secret:{family}/database", location.region, location.account)
}
