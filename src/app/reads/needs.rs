//! What a screen or a command needs from AWS, and how fresh.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::fleet::{Arn, ContextId, Query, Subject};

/// What a screen or a command needs, and how fresh.
///
/// Clusters and services are those that are known: what is not known yet cannot be asked about. A screen that is
/// open needs what it shows before anything else.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// How much is read of everything there is, beside what is named here.
    pub scope: Scope,
    /// A part of names, in small letters: clusters and services that have it in their name are read first.
    pub first: Option<String>,
    /// Services on the screen.
    pub services: BTreeSet<Arn>,
    /// How soon those are read again.
    pub pace: Duration,
    /// Clusters whose lists of services are needed.
    pub lists: BTreeSet<Arn>,
    /// Clusters whose running tasks are on the screen.
    pub tasks: BTreeSet<Arn>,
    /// Clusters whose stopped tasks are on the screen.
    pub stopped: BTreeSet<Arn>,
    /// Clusters whose stopped tasks explain the state of a service.
    pub clusters_with_stopped: BTreeSet<Arn>,
    /// Services whose bounds and deployments are on the screen.
    pub deployments: BTreeSet<Arn>,
    /// Services whose bounds alone are on the screen.
    pub bounds: BTreeSet<Arn>,
    /// Task definitions that name the versions of services in trouble or in motion, with the context to ask.
    pub definitions_to_read: BTreeSet<(ContextId, Arn)>,
    /// Task definitions on the screen, with the context to ask.
    pub definitions: BTreeSet<(ContextId, Arn)>,
    /// Repositories on the screen, with the context to ask.
    pub images: BTreeSet<(ContextId, String)>,
    /// Indexes that something on the screen runs of, by repository and digest, with the context to ask.
    pub indexes: BTreeSet<(ContextId, String, String)>,
    /// What is shown as raw JSON, with the context to ask.
    pub raw: Option<(ContextId, Subject)>,
    /// Queries that are needed as they are.
    pub queries: BTreeSet<Query>,
    /// Whether clusters are listed only once it is known who the caller is: of several contexts that lead to the
    /// same account and region, one is read.
    pub identity_first: bool,
}

/// How much is read of everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Nothing but what the needs name.
    Named,
    /// Who the caller is, and which clusters there are.
    Clusters,
    /// Services as well: their names, tags and deployments.
    Services,
    /// Running tasks as well.
    #[default]
    Tasks,
}

impl Needs {
    /// Whether one of `names` is among those that are read first.
    pub fn is_first<'a>(&self, names: impl IntoIterator<Item = &'a Arn>) -> bool {
        let first = self.first.as_ref();
        first.is_some_and(|part| names.into_iter().any(|arn| arn.name().to_lowercase().contains(part.as_str())))
    }
}
