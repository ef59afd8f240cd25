//! The demo's story: `HumanGov`, personnel software for the 50 US states, with a handful of realistic incidents.

mod incidents;
mod names;
mod repositories;
mod scenario;
mod timeline;

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use super::random::Random;
use super::world::{
    LaunchType, RegionBuilder, ScalableTarget, ScalingPolicy, ServiceSpec, ServiceStatus, World, messages,
};
use scenario::{Environment, TagScheme};

/// How long ago the demo environment was parked.
const PARKED: SignedDuration = SignedDuration::from_mins(18 * 60 + 5);

/// The number of tenants, and of services in each of their environments.
///
/// Written `50x6`. The default is 50x3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Tenants; 1 to 1,000. Some have more than one environment.
    pub tenants: u32,
    /// Services in each environment; 1 to 50.
    pub services: u32,
}

impl Default for Size {
    fn default() -> Self {
        Self { tenants: 50, services: 3 }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.tenants, self.services)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || {
            format!("`{text}` is not a size; write TENANTSxSERVICES, as in 50x6: 1 to 1000 tenants, 1 to 50 services")
        };
        let (tenants, services) = text.split_once('x').ok_or_else(problem)?;
        let number = |text: &str, most: u32| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| digits && (1..=most).contains(number)).ok_or_else(problem)
        };
        Ok(Self { tenants: number(tenants, 1000)?, services: number(services, 50)? })
    }
}

impl World {
    /// The story's world at `now`. The same size, seed and time always give the same world.
    ///
    /// Most of it is in us-east-1. California has a standby in us-west-2. The account 444455556666 belongs to callers
    /// with the access key id `AKIAWHARFLABSEXAMPLE`.
    pub fn story(size: Size, seed: u64, now: Timestamp) -> Self {
        let mut world = Self::empty();
        let mut random = Random::new(seed);
        let mut builder = RegionBuilder { region: world.home(), random: &mut random, now };
        let environments = scenario::environments(size);
        for environment in &environments {
            add_environment(&mut builder, environment, size);
        }
        add_unassigned(&mut builder);
        incidents::add(&mut builder, &environments, size);
        move_tag(&mut builder, size);
        remove_retention(&mut builder);
        repositories::fill(&mut builder);
        let standby = Environment::new("california", "recovery", TagScheme::Service);
        add_environment(
            &mut RegionBuilder { region: world.region("", "us-west-2"), random: &mut random, now },
            &standby,
            size,
        );
        world.add_account("444455556666", "ops@humangov-labs", "AKIAWHARFLABSEXAMPLE");
        let labs = Environment::new("labs", "sandbox", TagScheme::Service);
        let region = world.region("AKIAWHARFLABSEXAMPLE", "us-east-1");
        add_environment(&mut RegionBuilder { region, random: &mut random, now }, &labs, size);
        world
    }
}

/// Adds an environment with its services.
fn add_environment(builder: &mut RegionBuilder<'_>, environment: &Environment, size: Size) {
    let cluster = environment.cluster();
    let added = builder.region.add_cluster(&cluster);
    added.tags.extend(environment.cluster_tags());
    added.agent_version = environment.agent_version();
    for index in 0..size.services {
        let spec = spec(builder, environment, index);
        builder.add_service(&spec);
        if environment.is_parked() {
            add_parked_events(builder, &spec);
        }
        if index == 0 && environment.autoscales() {
            let (minimum, maximum, suspended) =
                if environment.is_parked() { (0, 6, [true; 3]) } else { (2, 8, [false; 3]) };
            let created_at = builder.ago(SignedDuration::from_hours(24 * 200));
            let (name, value) = (format!("{}-cpu", spec.service), 60);
            // Two tasks carry Virginia's load at exactly the target value. Other policies do nothing.
            let load = (environment.tenant == "virginia").then_some(120);
            let policy = Some(ScalingPolicy { name, value, load, created_at, due: None });
            let (cluster, service) = (cluster.clone(), spec.service);
            builder.region.scalable_targets.push(ScalableTarget {
                cluster,
                service,
                minimum,
                maximum,
                suspended,
                created_at,
                policy,
            });
        }
    }
}

/// Adds the events of the two tasks that stopped when a service was parked.
fn add_parked_events(builder: &mut RegionBuilder<'_>, spec: &ServiceSpec) {
    let tasks = [builder.random.hex(32), builder.random.hex(32)];
    let at = builder.ago(PARKED - SignedDuration::from_secs(30));
    let stopped = builder.new_event(at, messages::stopped(&spec.service, &tasks));
    let steady = builder.new_event(at + SignedDuration::from_secs(11), messages::steady(&spec.service));
    if let Some(service) = builder.service_mut(&spec.cluster, &spec.service) {
        service.add_event(stopped);
        service.add_event(steady);
    }
}

/// The specification of one service of an environment.
fn spec(builder: &mut RegionBuilder<'_>, environment: &Environment, index: u32) -> ServiceSpec {
    let kind = names::service(index);
    let (version, before) = environment.versions();
    let mut tags = environment.service_tags();
    if environment.is_parked() {
        let at = builder.ago(PARKED).strftime("%Y-%m-%dT%H.%MZ");
        let bounds = if index == 0 { ":min=2:max=6:s=000" } else { "" };
        tags.insert("wharf:parked".to_owned(), format!("v1:d=2{bounds}:at={at}"));
    }
    if environment.is_forgotten() {
        let expired = builder.ago(SignedDuration::from_hours(24 * 98)).strftime("%Y-%m-%d");
        tags.extend(
            [("owner", "j.smith".to_owned()), ("expires", expired.to_string())].map(|(k, v)| (k.to_owned(), v)),
        );
    }
    // One pipeline deploys the services of an environment one after another.
    let jitter = SignedDuration::from_mins(builder.random.between(0, 5) + 6 * i64::from(index));
    ServiceSpec {
        cluster: environment.cluster(),
        service: environment.service(&kind),
        container: kind.clone(),
        family: format!("{}-{}-{kind}", environment.tenant, environment.name),
        repository: environment.repository(&kind),
        version: version.to_owned(),
        previous_version: before.to_owned(),
        revision: 40 - (index % 7) * 3,
        desired: environment.desired(index),
        age: environment.age() - jitter,
        cpu: 256 << (index % 2),
        memory: 512 << (index % 2),
        launch: if environment.is_forgotten() { LaunchType::FargateSpot } else { LaunchType::Fargate },
        zones: (0..3).map(|zone| (zone + index as usize) % 3).collect(),
        port: names::port(index),
        sidecar: environment.tenant == "virginia" && index == 0,
        tags,
    }
}

/// Pushes a new image under a tag that California runs, days after its tasks started.
fn move_tag(builder: &mut RegionBuilder<'_>, size: Size) {
    let california = Environment::new("california", "production", TagScheme::Service);
    let repository = california.repository(&names::service(2.min(size.services - 1)));
    let at = builder.ago(SignedDuration::from_hours(52));
    builder.region.push(&repository, california.versions().0, at);
}

/// Removes the retention of some log groups, so that their logs are kept, and paid for, forever.
fn remove_retention(builder: &mut RegionBuilder<'_>) {
    let forgotten =
        |name: &str| name.starts_with("/ecs/florida-") || ["/ecs/metrics", "/ecs/edge-relay"].contains(&name);
    for (_, group) in builder.region.log_groups.iter_mut().filter(|(name, _)| forgotten(name)) {
        group.retention_days = None;
    }
}

/// Adds resources without a tenant: services, jobs, and a service that was deleted some time ago.
fn add_unassigned(builder: &mut RegionBuilder<'_>) {
    for (at, name) in ["edge-relay", "metrics"].into_iter().enumerate() {
        let spec = ServiceSpec { family: name.to_owned(), ..small_service(name, 10 + 50 * at) };
        builder.add_service(&spec);
    }
    let gone = small_service("pilot-sandbox-web", 300);
    builder.add_service(&ServiceSpec { cluster: scenario::SHARED.to_owned(), desired: 0, ..gone });
    if let Some(service) = builder.service_mut(scenario::SHARED, "pilot-sandbox-web") {
        service.status = ServiceStatus::Inactive;
        service.deployments.clear();
    }
    let (hour, minute) = (SignedDuration::from_hours(1), SignedDuration::from_mins(1));
    for (cluster, family, age) in
        [("california-production", "humangov-migrate", minute * 6), ("default", "report-builder", hour * 3)]
    {
        if !builder.region.clusters.contains_key(cluster) {
            continue;
        }
        let requested_at = builder.ago(age);
        let definition = builder.register_definition(&small_service(family, 30), builder.now - hour * 24 * 30);
        let mut task = builder.new_task(&definition, 1, requested_at);
        task.started_by = Some("github-actions".to_owned());
        builder.insert_task(cluster, task);
    }
    let definition = builder.register_definition(&small_service("nightly-export", 30), builder.now - hour * 24 * 30);
    let mut task = builder.new_task(&definition, 2, builder.ago(minute * 35));
    task.started_by = Some("events-rule/nightly-export".to_owned());
    timeline::stop_task(
        &mut task,
        builder.ago(minute * 31),
        "EssentialContainerExited",
        "Essential container in task exited",
        0,
    );
    builder.insert_task("default", task);
}

/// A small service or job in the cluster `default`.
fn small_service(name: &str, days: usize) -> ServiceSpec {
    ServiceSpec {
        container: name.rsplit('-').next().unwrap_or(name).to_owned(),
        family: name.to_owned(),
        repository: format!("platform/{name}"),
        version: "v1.8.2".to_owned(),
        previous_version: "v1.8.1".to_owned(),
        revision: 7,
        desired: 2,
        age: SignedDuration::from_hours(24 * i64::try_from(days).unwrap_or(30)),
        ..ServiceSpec::small("default", name)
    }
}
