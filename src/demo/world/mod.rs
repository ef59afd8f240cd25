//! The world: accounts, their regions and the resources in them.

mod build;
mod cluster;
mod definition;
mod grow;
mod life;
pub(crate) mod logs;
mod place;
mod record;
pub(crate) mod registry;
mod service;
mod task;
pub(crate) mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::life as living;

pub use cluster::{Agents, Cluster};
pub use definition::{ContainerDefinition, Definition, DefinitionStatus};
pub(crate) use life::Life;
pub use life::Pace;
pub use logs::{LogGroup, LogOptions};
pub use place::Place;
pub use record::{Image, Past, PastStatus, Revision, Rollback};
pub use registry::{Flaw, ImageStatus, Kind, Repository, Stored};
pub use service::{
    Breaker, Controller, Deployment, DeploymentStatus, Event, Launch, Management, RolloutState, Scheduling, Service,
    ServiceStatus, Upstream,
};
pub use task::{Container, Health, Stop, Task, TaskStatus};

pub(crate) use grow::{Grown, Spec};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The region of the demo's story, and of a test's world unless it names another.
pub(crate) const HOME: &str = "us-east-1";

/// All accounts and their resources.
#[derive(Clone, Debug)]
pub struct World {
    accounts: Vec<Account>,
    /// How long things take.
    pub pace: Pace,
    /// No event is due before this time. `None`: unknown, as after a direct change.
    calm_until: Option<Timestamp>,
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
    pub place: Place,
    /// Its clusters by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Its task definitions by family, the oldest revision first.
    pub families: BTreeMap<String, Vec<Definition>>,
    /// Its scalable targets.
    pub targets: Vec<Target>,
    /// Its ECR repositories by name.
    pub repositories: BTreeMap<String, Repository>,
    /// Its log groups by name.
    pub log_groups: BTreeMap<String, LogGroup>,
    /// Faults at run time, by image (`REGISTRY/REPOSITORY:TAG`), task definition family or task id.
    pub flaws: BTreeMap<String, Flaw>,
}

/// A scalable target of Application Auto Scaling: a service.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
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
    pub policy: Option<Policy>,
}

/// A target-tracking policy on the average CPU of a service.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
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
        Self { accounts, pace: Pace::DEMO, calm_until: None }
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
        self.calm_until = None;
        let account = &mut self.accounts[at];
        let place = Place::new(&account.id, name);
        account.regions.entry(name.to_owned()).or_insert_with(|| Region::new(place))
    }

    /// All regions of all accounts.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.accounts.iter().flat_map(|account| account.regions.values())
    }

    /// Advances the world to `now`, event by event, however long ago it was last advanced.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        if self.calm_until.is_some_and(|until| now < until) {
            return;
        }
        let pace = self.pace;
        let regions = self.accounts.iter_mut().flat_map(|account| account.regions.values_mut());
        let next = regions.filter_map(|region| living::advance(region, &pace, now)).min();
        self.calm_until = Some(next.unwrap_or(Timestamp::MAX));
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
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            clusters: BTreeMap::new(),
            families: BTreeMap::new(),
            targets: vec![],
            repositories: BTreeMap::new(),
            log_groups: BTreeMap::new(),
            flaws: BTreeMap::new(),
        }
    }

    pub(crate) fn definition_mut(&mut self, name: &str) -> Option<&mut Definition> {
        let (family, revision) = name.rsplit_once(':')?;
        let revision: u32 = revision.parse().ok()?;
        self.families.get_mut(family)?.iter_mut().find(|definition| definition.revision == revision)
    }

    /// The task definition called `name`: `family:revision`, or a family's newest active revision.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        let Some((family, revision)) = name.rsplit_once(':') else {
            let active = |definition: &&Definition| definition.status == DefinitionStatus::Active;
            return self.families.get(name)?.iter().rev().find(active);
        };
        let revision: u32 = revision.parse().ok()?;
        self.families.get(family)?.iter().find(|definition| definition.revision == revision)
    }
}
