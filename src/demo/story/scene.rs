//! The story's environments: their tenants, clusters, names and tags.

use jiff::SignedDuration;

use super::super::world::{Agents, Tags};
use super::{Size, names};

/// The cluster of environments without a cluster of their own.
pub(super) const SHARED: &str = "humangov-shared";

/// One tenant's environment.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) tenant: String,
    pub(super) name: &'static str,
    /// The index of its tenant.
    index: u32,
    naming: Naming,
}

/// How an environment shows which tenant it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// Tags on each service.
    Tagged,
    /// Tags on each service, with other keys.
    Reworded,
    /// Tags on the cluster only.
    ClusterTagged,
    /// No tags: only the names of services in a shared cluster.
    Named,
}

/// All environments: production for each tenant, staging and sandbox for some, and one demo.
pub(super) fn environments(size: Size) -> Vec<Environment> {
    let mut all = vec![];
    for index in 0..size.tenants {
        let tenant = names::tenant(index);
        let environment = |name, naming| Environment { tenant: tenant.clone(), name, index, naming };
        all.push(environment("production", naming(index)));
        if index == 0 || index % 33 == 32 {
            all.push(environment("staging", Naming::Tagged));
        }
        if tenant == "florida" {
            all.push(environment("sandbox", Naming::Tagged));
        }
    }
    all.push(Environment::new("demo", "demo", Naming::Tagged));
    all
}

/// Environments with incidents are tagged: an incident should not be about missing tags as well.
fn naming(index: u32) -> Naming {
    match index {
        0..=6 => Naming::Tagged,
        _ => match index % 5 {
            1 => Naming::ClusterTagged,
            2 => Naming::Named,
            3 => Naming::Reworded,
            _ => Naming::Tagged,
        },
    }
}

impl Environment {
    /// The environment `name` of `tenant`.
    pub(super) fn new(tenant: &str, name: &'static str, naming: Naming) -> Self {
        Self { tenant: tenant.to_owned(), name, index: 0, naming }
    }

    pub(super) fn cluster(&self) -> String {
        match self.naming {
            Naming::Named => SHARED.to_owned(),
            _ => format!("{}-{}", self.tenant, self.name),
        }
    }

    pub(super) fn service(&self, kind: &str) -> String {
        match self.naming {
            Naming::Named => format!("{}-{}-{kind}", self.tenant, self.name),
            _ => kind.to_owned(),
        }
    }

    pub(super) fn service_tags(&self) -> Tags {
        match self.naming {
            Naming::Tagged => self.tags("tenant", "environment"),
            Naming::Reworded => self.tags("Customer", "Stage"),
            Naming::ClusterTagged | Naming::Named => Tags::new(),
        }
    }

    pub(super) fn cluster_tags(&self) -> Tags {
        match self.naming {
            Naming::ClusterTagged => self.tags("Tenant", "Env"),
            _ => Tags::from([("managed-by".to_owned(), "terraform".to_owned())]),
        }
    }

    /// California's tasks run on newer container agents.
    pub(super) fn agents(&self) -> Agents {
        if self.tenant == "california" { Agents::Newer } else { Agents::Older }
    }

    /// California builds its own images.
    pub(super) fn repository(&self, kind: &str) -> String {
        let prefix = if self.tenant == "california" { "humangov-california" } else { "humangov" };
        format!("{prefix}/{kind}")
    }

    /// The version it runs, and the previous one.
    pub(super) fn versions(&self) -> (&'static str, &'static str) {
        match self.name {
            "staging" => ("v2.15.0-rc.2", "v2.15.0-rc.1"),
            "sandbox" => ("v2.9.3", "v2.9.2"),
            _ if self.lags() => ("v2.13.4", "v2.13.3"),
            _ => ("v2.14.1", "v2.14.0"),
        }
    }

    /// How long ago it was deployed.
    pub(super) fn age(&self) -> SignedDuration {
        let days = match self.name {
            "staging" => 4,
            "sandbox" => 142,
            "demo" => 16,
            _ if self.lags() => 31,
            _ => 9,
        };
        SignedDuration::from_hours(24 * days + 13) - SignedDuration::from_mins(i64::from(self.index % 97))
    }

    /// The desired count of the service at `index`.
    pub(super) fn desired(&self, index: u32) -> u32 {
        let rolling = matches!(self.tenant.as_str(), "california" | "north-carolina") && index == 0;
        match self.name {
            "production" if rolling => 6,
            "production" | "sandbox" => 2,
            "staging" | "recovery" => 1,
            _ => 0,
        }
    }

    /// Whether its first service is a scalable target.
    pub(super) fn scales(&self) -> bool {
        self.parked() || self.name == "production" && self.index % 4 == 1
    }

    pub(super) fn parked(&self) -> bool {
        self.name == "demo"
    }

    pub(super) fn forgotten(&self) -> bool {
        self.name == "sandbox" && self.tenant == "florida"
    }

    fn lags(&self) -> bool {
        self.index > 6 && self.index % 9 == 5
    }

    fn tags(&self, tenant: &str, environment: &str) -> Tags {
        Tags::from([
            (tenant.to_owned(), self.tenant.clone()),
            (environment.to_owned(), self.name.to_owned()),
            ("managed-by".to_owned(), "terraform".to_owned()),
        ])
    }
}
