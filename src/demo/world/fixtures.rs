//! Methods that build worlds for tests: clusters, services and tasks that have been steady for a long time.

use jiff::{SignedDuration, Timestamp};

use super::super::random::Random;
use super::{Cluster, LaunchType, Region, RegionBuilder, ScalableTarget, ScalingPolicy, Service, ServiceSpec, Tags};

/// When all of these services were deployed: 2026-01-01.
const DEPLOYED: Timestamp = Timestamp::constant(1_767_225_600, 0);

impl Region {
    /// Adds an empty cluster, unless it exists.
    pub fn add_cluster(&mut self, name: &str) -> &mut Cluster {
        self.clusters.entry(name.to_owned()).or_insert_with(|| Cluster::new(name))
    }

    /// Adds a service with `desired` running tasks, spread over the zones. Adds its cluster if necessary.
    ///
    /// Its image is `NAME:v1.0.0` and its family `CLUSTER-NAME`. It has the revisions 1 (with v0.9.0) and 2, and no
    /// load balancer.
    pub fn add_service(&mut self, cluster: &str, name: &str, desired: u32) {
        let spec = ServiceSpec { desired, ..ServiceSpec::small(cluster, name) };
        self.add_cluster(cluster);
        let mut random = Random::from_words(&[&self.location.account, &self.location.region, cluster, name]);
        // Five minutes after its deployment all tasks run.
        let now = DEPLOYED + SignedDuration::from_mins(5);
        let spec = ServiceSpec { age: SignedDuration::from_mins(5), ..spec };
        RegionBuilder { region: self, random: &mut random, now }.add_service(&spec);
        if let Some(service) = self.service(cluster, name) {
            // No steady-state events every six hours since the deployment.
            service.scheduler.repeat_at = None;
        }
    }

    /// Adds the services `service-000`, `service-001` and so on, with one running task each.
    pub fn add_services(&mut self, cluster: &str, count: usize) {
        self.add_cluster(cluster);
        for at in 0..count {
            self.add_service(cluster, &format!("service-{at:03}"), 1);
        }
    }

    /// Adds `count` running tasks of `family` without a service. Adds their cluster and task definition if necessary.
    pub fn add_jobs(&mut self, cluster: &str, family: &str, count: usize) {
        self.add_cluster(cluster);
        let spec = ServiceSpec {
            cluster: cluster.to_owned(),
            service: family.to_owned(),
            container: family.to_owned(),
            family: family.to_owned(),
            repository: family.to_owned(),
            version: "v1.0.0".to_owned(),
            previous_version: "v0.9.0".to_owned(),
            revision: 1,
            desired: 0,
            age: SignedDuration::ZERO,
            cpu: 256,
            memory: 512,
            launch: LaunchType::Fargate,
            zones: vec![],
            port: None,
            sidecar: false,
            tags: Tags::new(),
        };
        let running = self.clusters.get(cluster).map_or(0, |found| found.tasks.len());
        let mut random = Random::from_words(&["jobs", &self.location.region, cluster, family, &running.to_string()]);
        let now = DEPLOYED + SignedDuration::from_mins(5);
        let mut builder = RegionBuilder { region: self, random: &mut random, now };
        let definition = builder.register_definition(&spec, DEPLOYED);
        for at in 0..count {
            let task = builder.new_task(&definition, at % 3, DEPLOYED);
            builder.insert_task(cluster, task);
        }
    }

    /// Adds a scalable target with these bounds for a service.
    pub fn add_target(&mut self, cluster: &str, service: &str, minimum: u32, maximum: u32) {
        let (cluster, service) = (cluster.to_owned(), service.to_owned());
        self.scalable_targets.push(ScalableTarget {
            cluster,
            service,
            minimum,
            maximum,
            suspended: [false; 3],
            created_at: DEPLOYED,
            policy: None,
        });
    }

    /// Adds a policy to a scalable target: it keeps tasks at `value` percent of CPU when the whole service has this
    /// `load` (see [`ScalingPolicy::load`]).
    pub fn add_policy(&mut self, cluster: &str, service: &str, value: u32, load: Option<u32>) {
        let of = |target: &&mut ScalableTarget| target.cluster == cluster && target.service == service;
        if let Some(target) = self.scalable_targets.iter_mut().find(of) {
            let name = format!("{service}-cpu");
            target.policy = Some(ScalingPolicy { name, value, load, created_at: DEPLOYED, due: None });
        }
    }

    /// Tags a cluster, if it exists.
    pub fn tag_cluster(&mut self, cluster: &str, key: &str, value: &str) {
        if let Some(cluster) = self.clusters.get_mut(cluster) {
            cluster.tags.insert(key.to_owned(), value.to_owned());
        }
    }

    /// Tags a service, if it exists.
    pub fn tag_service(&mut self, cluster: &str, service: &str, key: &str, value: &str) {
        if let Some(service) = self.service(cluster, service) {
            service.tags.insert(key.to_owned(), value.to_owned());
        }
    }

    /// The service, if it exists.
    pub fn service(&mut self, cluster: &str, service: &str) -> Option<&mut Service> {
        self.clusters.get_mut(cluster)?.services.get_mut(service)
    }
}
