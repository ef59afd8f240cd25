//! The world: accounts and their regions, and what is in them.

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

/// The region that the demo's story, and a test's world unless it says otherwise, happens in.
pub(crate) const HOME: &str = "us-east-1";

/// Everything there is.
#[derive(Clone, Debug)]
pub struct World {
    accounts: Vec<Account>,
    /// How fast things go.
    pub pace: Pace,
    /// Nothing happens before then; nothing if nobody knows, as after a change by hand.
    calm_until: Option<Timestamp>,
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
    /// Its repositories of images by name.
    pub repositories: BTreeMap<String, Repository>,
    /// Its log groups by name.
    pub log_groups: BTreeMap<String, LogGroup>,
    /// What is wrong with images (`REGISTRY/REPOSITORY:TAG`), families of definitions and tasks at run time.
    pub flaws: BTreeMap<String, Flaw>,
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
    /// The policy that scales it.
    pub policy: Option<Policy>,
}

/// A target-tracking policy on a service's average CPU.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The percentage that it keeps each task at.
    pub value: u32,
    /// What all tasks together have to do, in percent of one task; without it the policy rests.
    pub load: Option<u32>,
    /// When it was put.
    pub created_at: Timestamp,
    /// When it looks at its metric next.
    pub(crate) due: Option<Timestamp>,
}

impl World {
    /// A world with one account and nothing in it.
    pub fn empty() -> Self {
        let accounts = vec![Account::new("111122223333", "ops@humangov")];
        Self { accounts, pace: Pace::DEMO, calm_until: None }
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
        self.calm_until = None;
        let account = &mut self.accounts[at];
        let place = Place::new(&account.id, name);
        account.regions.entry(name.to_owned()).or_insert_with(|| Region::new(place))
    }

    /// Each region of each account.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.accounts.iter().flat_map(|account| account.regions.values())
    }

    /// Takes the world to the moment `now`, event by event, however long ago it was looked at.
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

    /// The definition `family:revision`, to be changed.
    pub(crate) fn definition_mut(&mut self, name: &str) -> Option<&mut Definition> {
        let (family, revision) = name.rsplit_once(':')?;
        let revision: u32 = revision.parse().ok()?;
        self.families.get_mut(family)?.iter_mut().find(|definition| definition.revision == revision)
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
