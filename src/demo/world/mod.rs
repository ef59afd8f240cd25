//! The world: accounts and their regions, and what is in them.

mod build;
mod cluster;
mod definition;
mod grow;
mod place;
mod service;
mod task;
pub(crate) mod words;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use cluster::Cluster;
pub use definition::{ContainerDefinition, Definition, DefinitionStatus};
pub use place::Place;
pub use service::{
    Breaker, Deployment, DeploymentStatus, Event, Image, Launch, Past, PastStatus, Revision, Rollback, RolloutState,
    Service, ServiceStatus, Upstream,
};
pub use task::{Container, Health, Stop, Task, TaskStatus};

pub(crate) use grow::{Grown, Spec};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The region that the demo's story, and a test's world unless it says otherwise, happens in.
pub(crate) const HOME: &str = "us-east-1";

/// How long ECS can still describe a stopped task: "at least one hour".
///
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html>
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// Everything there is.
#[derive(Clone, Debug)]
pub struct World {
    accounts: Vec<Account>,
}

/// One account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Access key ids that lead here. Those that no account lists lead to the first account.
    pub keys: Vec<String>,
    /// Who calls, as STS names them.
    pub caller: String,
    /// Their unique id, as STS gives it.
    pub user_id: String,
    regions: BTreeMap<String, Region>,
}

/// What one account has in one region.
#[derive(Clone, Debug)]
pub struct Region {
    /// Where it is.
    pub place: Place,
    /// Its clusters by name.
    pub clusters: BTreeMap<String, Cluster>,
    /// Its task definitions by family, the oldest revision first.
    pub families: BTreeMap<String, Vec<Definition>>,
    /// What Application Auto Scaling may scale.
    pub targets: Vec<Target>,
}

/// A service that Application Auto Scaling may scale.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The service's cluster.
    pub cluster: String,
    /// The service.
    pub service: String,
    /// It never scales below this.
    pub minimum: u32,
    /// It never scales beyond this.
    pub maximum: u32,
    /// Whether scaling in, scaling out and scheduled scaling are suspended.
    pub suspended: [bool; 3],
    /// When it was registered.
    pub created_at: Timestamp,
}

impl World {
    /// A world with one account and nothing in it.
    pub fn empty() -> Self {
        Self { accounts: vec![Account::new("111122223333", "ops@humangov")] }
    }

    /// The account that a caller with this access key id works in.
    pub fn account(&self, access_key: &str) -> Option<&Account> {
        let listed = |account: &&Account| account.keys.iter().any(|key| key == access_key);
        self.accounts.iter().find(listed).or(self.accounts.first())
    }

    /// Adds an account, which callers with the access key id `key` work in.
    pub fn add_account(&mut self, id: &str, user: &str, key: &str) {
        self.accounts.push(Account { keys: vec![key.to_owned()], ..Account::new(id, user) });
    }

    /// What the first account has in us-east-1.
    pub fn home(&mut self) -> &mut Region {
        self.region("", HOME)
    }

    /// What the account of `access_key` has in the region `name`, made if there was nothing yet.
    ///
    /// For tests and stories: a request makes no region.
    pub fn region(&mut self, access_key: &str, name: &str) -> &mut Region {
        let listed = |account: &Account| account.keys.iter().any(|key| key == access_key);
        let at = self.accounts.iter().position(listed).unwrap_or(0);
        let account = &mut self.accounts[at];
        let place = Place::new(&account.id, name);
        account.regions.entry(name.to_owned()).or_insert_with(|| Region::new(place))
    }

    /// Each region of each account.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.accounts.iter().flat_map(|account| account.regions.values())
    }

    /// Takes the world to the moment `now`: ECS forgets tasks an hour after they stopped.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let regions = self.accounts.iter_mut().flat_map(|account| account.regions.values_mut());
        for cluster in regions.flat_map(|region| region.clusters.values_mut()) {
            cluster.tasks.retain(|_, task| task.stopped_at.is_none_or(|at| now.duration_since(at) <= REMEMBERED));
        }
    }
}

impl Account {
    /// An account with nothing in it.
    fn new(id: &str, user: &str) -> Self {
        Self {
            id: id.to_owned(),
            keys: vec![],
            caller: format!("arn:aws:sts::{id}:assumed-role/Operator/{user}"),
            user_id: format!("AROAEXAMPLE3WHARFDEMO:{user}"),
            regions: BTreeMap::new(),
        }
    }

    /// What it has in the region `name`, if anything.
    pub fn region(&self, name: &str) -> Option<&Region> {
        self.regions.get(name)
    }
}

impl Region {
    /// Nothing, at `place`.
    pub(crate) fn new(place: Place) -> Self {
        Self { place, clusters: BTreeMap::new(), families: BTreeMap::new(), targets: vec![] }
    }

    /// The definition that `name` means: `family:revision`, or a family's newest active one.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        let Some((family, revision)) = name.rsplit_once(':') else {
            let active = |definition: &&Definition| definition.status == DefinitionStatus::Active;
            return self.families.get(name)?.iter().rev().find(active);
        };
        let revision: u32 = revision.parse().ok()?;
        self.families.get(family)?.iter().find(|definition| definition.revision == revision)
    }
}
