//! The story's environments: their tenants, clusters, names and tags.

use jiff::SignedDuration;

use super::super::world::{AgentVersion, Tags};
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
    tag_scheme: TagScheme,
}

/// How an environment shows which tenant it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagScheme {
    /// Tags on each service.
    Service,
    /// Tags on each service, with other keys.
    ServiceOtherKeys,
    /// Tags on the cluster only.
    Cluster,
    /// No tags: only the names of services in a shared cluster.
    NameOnly,
}

/// All environments: production for each tenant, staging and sandbox for some, and one demo.
pub(super) fn environments(size: Size) -> Vec<Environment> {
    let mut all = vec![];
    for index in 0..size.tenants {
        let tenant = names::tenant(index);
        let environment = |name, tag_scheme| Environment { tenant: tenant.clone(), name, index, tag_scheme };
        all.push(environment("production", tag_scheme(index)));
        if index == 0 || index % 33 == 32 {
            all.push(environment("staging", TagScheme::Service));
        }
        if tenant == "florida" {
            all.push(environment("sandbox", TagScheme::Service));
        }
    }
    all.push(Environment::new("demo", "demo", TagScheme::Service));
    all
}

/// Environments with incidents are tagged: an incident should not be about missing tags as well.
fn tag_scheme(index: u32) -> TagScheme {
    match index {
        0..=6 => TagScheme::Service,
        _ => match index % 5 {
            1 => TagScheme::Cluster,
            2 => TagScheme::NameOnly,
            3 => TagScheme::ServiceOtherKeys,
            _ => TagScheme::Service,
        },
    }
}

impl Environment {
    /// The environment `name` of `tenant`.
    pub(super) fn new(tenant: &str, name: &'static str, tag_scheme: TagScheme) -> Self {
        Self { tenant: tenant.to_owned(), name, index: 0, tag_scheme }
    }

    pub(super) fn cluster(&self) -> String {
        match self.tag_scheme {
            TagScheme::NameOnly => SHARED.to_owned(),
            _ => format!("{}-{}", self.tenant, self.name),
        }
    }

    pub(super) fn service(&self, kind: &str) -> String {
        match self.tag_scheme {
            TagScheme::NameOnly => format!("{}-{}-{kind}", self.tenant, self.name),
            _ => kind.to_owned(),
        }
    }

    pub(super) fn service_tags(&self) -> Tags {
        match self.tag_scheme {
            TagScheme::Service => self.tags("tenant", "environment"),
            TagScheme::ServiceOtherKeys => self.tags("Customer", "Stage"),
            TagScheme::Cluster | TagScheme::NameOnly => Tags::new(),
        }
    }

    pub(super) fn cluster_tags(&self) -> Tags {
        match self.tag_scheme {
            TagScheme::Cluster => self.tags("Tenant", "Env"),
            _ => Tags::from([("managed-by".to_owned(), "terraform".to_owned())]),
        }
    }

    /// California's tasks run on newer container agents.
    pub(super) fn agent_version(&self) -> AgentVersion {
        if self.tenant == "california" { AgentVersion::New } else { AgentVersion::Old }
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
            _ if self.is_behind() => ("v2.13.4", "v2.13.3"),
            _ => ("v2.14.1", "v2.14.0"),
        }
    }

    /// How long ago it was deployed.
    pub(super) fn age(&self) -> SignedDuration {
        let days = match self.name {
            "staging" => 4,
            "sandbox" => 142,
            "demo" => 16,
            _ if self.is_behind() => 31,
            _ => 9,
        };
        SignedDuration::from_hours(24 * days + 13) - SignedDuration::from_mins(i64::from(self.index % 97))
    }

    /// The desired count of the service at `index`.
    pub(super) fn desired(&self, index: u32) -> u32 {
        let large = matches!(self.tenant.as_str(), "california" | "north-carolina") && index == 0;
        match self.name {
            "production" if large => 6,
            "production" | "sandbox" => 2,
            "staging" | "recovery" => 1,
            _ => 0,
        }
    }

    /// Whether its first service is a scalable target.
    pub(super) fn autoscales(&self) -> bool {
        self.is_parked() || self.name == "production" && self.index % 4 == 1
    }

    pub(super) fn is_parked(&self) -> bool {
        self.name == "demo"
    }

    pub(super) fn is_forgotten(&self) -> bool {
        self.name == "sandbox" && self.tenant == "florida"
    }

    fn is_behind(&self) -> bool {
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
