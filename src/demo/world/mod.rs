//! The world: accounts, their regions and the resources in them.

mod builder;
mod cluster;
mod fixtures;
mod location;
pub(crate) mod logs;
pub(crate) mod messages;
pub(crate) mod registry;
mod scheduler_state;
mod service;
mod service_deployment;
mod service_spec;
mod task;
mod task_definition;
mod timings;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::simulation;

pub use cluster::{AgentVersion, Cluster};
pub use location::Location;
pub use logs::{LogGroup, LogOptions};
pub use registry::{ImageFault, ImageKind, ImageStatus, Repository, StoredImage};
pub(crate) use scheduler_state::SchedulerState;
pub use service::{
    CircuitBreaker, Deployment, DeploymentController, DeploymentStatus, Event, LaunchType, LoadBalancer,
    ResourceManagementType, RolloutState, SchedulingStrategy, Service, ServiceStatus,
};
pub use service_deployment::{ContainerImage, Rollback, ServiceDeployment, ServiceDeploymentStatus, ServiceRevision};
pub use task::{Container, HealthStatus, Stop, Task, TaskStatus};
pub use task_definition::{ContainerDefinition, TaskDefinition, TaskDefinitionStatus};
pub use timings::Timings;

pub(crate) use builder::RegionBuilder;
pub(crate) use service_spec::ServiceSpec;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The region of the demo's story, and of a test's world unless it names another.
pub(crate) const HOME: &str = "us-east-1";

/// All accounts and their resources.
#[derive(Clone, Debug)]
pub struct World {
    accounts: Vec<Account>,
    /// How long things take.
    pub timings: Timings,
    /// No event is due before this time. `None`: unknown, as after a direct change.
    idle_until: Option<Timestamp>,
}

/// An AWS account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Access key ids of this account. A key that no account lists belongs to the first account.
    pub keys: Vec<String>,
    /// The caller's ARN, as STS returns it.
    pub caller: String,
    /// The caller's unique id, as STS returns it.
    pub user_id: String,
    regions: BTreeMap<String, Region>,
}

/// The resources of one account in one region.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its account and its region name.
    pub location: Location,
    /// Its clusters by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Its task definitions by family, the oldest revision first.
    pub families: BTreeMap<String, Vec<TaskDefinition>>,
    /// Its scalable targets.
    pub scalable_targets: Vec<ScalableTarget>,
    /// Its ECR repositories by name.
    pub repositories: BTreeMap<String, Repository>,
    /// Its log groups by name.
    pub log_groups: BTreeMap<String, LogGroup>,
    /// Faults at run time, by image (`REGISTRY/REPOSITORY:TAG`), task definition family or task id.
    pub image_faults: BTreeMap<String, ImageFault>,
}

/// A scalable target of Application Auto Scaling: a service.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalableTarget {
    /// The cluster of the service.
    pub cluster: String,
    /// The name of the service.
    pub service: String,
    /// The minimum capacity.
    pub minimum: u32,
    /// The maximum capacity.
    pub maximum: u32,
    /// Whether scaling in, scaling out and scheduled scaling are suspended.
    pub suspended: [bool; 3],
    /// When it was registered.
    pub created_at: Timestamp,
    /// Its scaling policy.
    pub policy: Option<ScalingPolicy>,
}

/// A target-tracking policy on the average CPU of a service.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// The target value: percent of CPU for each task.
    pub value: u32,
    /// The load of the whole service in percent of one task's CPU. Without it the policy does nothing.
    pub load: Option<u32>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it evaluates its metric next.
    pub(crate) due: Option<Timestamp>,
}

impl World {
    /// A world with one account and no resources.
    pub fn empty() -> Self {
        let accounts = vec![Account::new("111122223333", "ops@humangov")];
        Self { accounts, timings: Timings::DEMO, idle_until: None }
    }

    /// The account of callers with this access key id.
    pub fn account(&self, access_key: &str) -> Option<&Account> {
        let listed = |account: &&Account| account.keys.iter().any(|key| key == access_key);
        self.accounts.iter().find(listed).or(self.accounts.first())
    }

    /// Adds an account for callers with the access key id `key`.
    pub fn add_account(&mut self, id: &str, user: &str, key: &str) {
        self.accounts.push(Account { keys: vec![key.to_owned()], ..Account::new(id, user) });
    }

    /// The first account's us-east-1.
    pub fn home(&mut self) -> &mut Region {
        self.region("", HOME)
    }

    /// The region `name` of the account of `access_key`. Created if it has no resources yet.
    ///
    /// For tests and the story; a read request never creates a region.
    pub fn region(&mut self, access_key: &str, name: &str) -> &mut Region {
        let listed = |account: &Account| account.keys.iter().any(|key| key == access_key);
        let at = self.accounts.iter().position(listed).unwrap_or(0);
        self.idle_until = None;
        let account = &mut self.accounts[at];
        let location = Location::new(&account.id, name);
        account.regions.entry(name.to_owned()).or_insert_with(|| Region::new(location))
    }

    /// All regions of all accounts.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.accounts.iter().flat_map(|account| account.regions.values())
    }

    /// Advances the world to `now`, event by event, however long ago it was last advanced.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        if self.idle_until.is_some_and(|until| now < until) {
            return;
        }
        let timings = self.timings;
        let regions = self.accounts.iter_mut().flat_map(|account| account.regions.values_mut());
        let next = regions.filter_map(|region| simulation::advance(region, &timings, now)).min();
        self.idle_until = Some(next.unwrap_or(Timestamp::MAX));
    }
}

impl Account {
    /// An account without resources.
    fn new(id: &str, user: &str) -> Self {
        Self {
            id: id.to_owned(),
            keys: vec![],
            caller: format!("arn:aws:sts::{id}:assumed-role/Operator/{user}"),
            user_id: format!("AROAEXAMPLE3WHARFDEMO:{user}"),
            regions: BTreeMap::new(),
        }
    }

    /// The region `name`, if it has resources.
    pub fn region(&self, name: &str) -> Option<&Region> {
        self.regions.get(name)
    }
}

impl Region {
    /// A region without resources.
    pub(crate) fn new(location: Location) -> Self {
        Self {
            location,
            clusters: BTreeMap::new(),
            families: BTreeMap::new(),
            scalable_targets: vec![],
            repositories: BTreeMap::new(),
            log_groups: BTreeMap::new(),
            image_faults: BTreeMap::new(),
        }
    }

    pub(crate) fn definition_mut(&mut self, name: &str) -> Option<&mut TaskDefinition> {
        let (family, revision) = name.rsplit_once(':')?;
        let revision: u32 = revision.parse().ok()?;
        self.families.get_mut(family)?.iter_mut().find(|definition| definition.revision == revision)
    }

    /// The task definition called `name`: `family:revision`, or a family's newest active revision.
    pub fn definition(&self, name: &str) -> Option<&TaskDefinition> {
        let Some((family, revision)) = name.rsplit_once(':') else {
            let active = |definition: &&TaskDefinition| definition.status == TaskDefinitionStatus::Active;
            return self.families.get(name)?.iter().rev().find(active);
        };
        let revision: u32 = revision.parse().ok()?;
        self.families.get(family)?.iter().find(|definition| definition.revision == revision)
    }
}
