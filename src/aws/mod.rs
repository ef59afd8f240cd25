//! The way to AWS: connects, asks, and turns answers and errors into the fleet's own words.
//!
//! Nothing but what [`crate::fleet`] names leaves this room: SDK types end here, and so do the values
//! of environment variables. Whatever is asked passes one place (`client`) where it waits for its turn
//! (`limiter`), is sent under a time limit, and has its error explained (`error`).

mod advice;
mod budget;
mod change;
mod client;
mod connect;
mod convert;
mod definition;
mod deployments;
mod error;
mod image_tag;
mod images;
mod indexes;
mod interceptor;
mod limiter;
mod list;
mod logs;
mod network;
mod pages;
mod profiles;
mod raw;
mod redact;
mod scaling;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;

use crate::fleet::{CloudError, Context, ContextId, Payload, Priority, Query, QueryKind, Response, Trouble};
use crate::plan;
pub use crate::plan::Access;
use client::ContextClient;
pub use connect::connect;
use limiter::AccountBudgets;
pub use profiles::{ConnectError, ProcessEnv};

/// The clock that is injected everywhere.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Which contexts to connect.
///
/// Profiles and regions of the command line come first: every profile in every region. Where neither
/// is given, `pairs` of the config; where there are none either, the default credential chain in its
/// own region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextSelection {
    /// Profiles, in order; none means the default credential chain.
    pub profiles: Vec<String>,
    /// Regions, in order; none means the region of each profile.
    pub regions: Vec<String>,
    /// Contexts of the config: a profile, a region, or both.
    pub pairs: Vec<(Option<String>, Option<String>)>,
}

/// How to reach AWS.
#[derive(Clone)]
pub struct ConnectOptions {
    /// What time it is: for signatures and budgets.
    pub clock: Clock,
    /// Whether the connector lets changes through.
    pub access: Access,
    /// Environment variables and files.
    pub env: ProcessEnv,
    /// What carries requests, in place of the network.
    pub http: Option<SharedHttpClient>,
    /// The AWS inside, in place of every context.
    pub embedded: Option<EmbeddedAws>,
}

/// An AWS in this very process, which wants neither credentials nor files.
#[derive(Clone, Debug)]
pub struct EmbeddedAws {
    /// What answers.
    pub http: SharedHttpClient,
    /// The region it plays.
    pub region: String,
    /// The label of its one context.
    pub label: String,
}

/// The connection to every context. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    clients: Arc<Vec<ContextClient>>,
    warnings: Arc<Vec<String>>,
    pools: Arc<AccountBudgets>,
}

/// What holds reads up, context by context: for the header.
pub type Pressure = BTreeMap<ContextId, Strain>;

/// What holds up the reads of one context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strain {
    /// Requests that wait for their turn.
    pub waiting: usize,
    /// Whether AWS throttled us within the last minute.
    pub throttled: bool,
    /// Seconds until the next of them may go; zero where none waits.
    pub seconds: u32,
}

impl ConnectOptions {
    /// The process's own environment and files, and the network.
    pub fn new(clock: Clock, access: Access) -> Self {
        Self { clock, access, env: ProcessEnv::process(), http: None, embedded: None }
    }
}

impl Cloud {
    /// Where we look. Labels are unique, as in `humangov-prod us-east-1`.
    pub fn contexts(&self) -> Vec<Context> {
        self.clients.iter().map(|client| client.context.clone()).collect()
    }

    /// What somebody should know about how we connect, sentence by sentence.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.to_vec()
    }

    /// Asks AWS, page after page and batch after batch.
    ///
    /// Each request waits for its turn (five minutes at most), and then ends within 20 s, retries
    /// included. What came before an error is kept ([`Response::Partial`]). Dropping the future gives up
    /// its place in the queue.
    pub async fn read(&self, ask: &Query, lane: Priority) -> Response {
        let Some(client) = self.clients.iter().find(|client| client.context.id == ask.context) else {
            return Response::Failed(unknown("read", &ask.context));
        };
        match &ask.kind {
            QueryKind::Identity => {
                let answer = list::identity(client, lane).await;
                if let Response::Complete(Payload::Identity(identity)) = &answer {
                    self.pools.identified(client, &identity.account);
                }
                answer
            }
            QueryKind::Clusters => list::clusters(client, lane).await,
            QueryKind::ServiceArns(cluster) => list::list_services(client, lane, cluster).await,
            QueryKind::Services(cluster, services) => list::describe_services(client, lane, cluster, services).await,
            QueryKind::Tasks(cluster, which) => task::tasks(client, lane, cluster, *which).await,
            QueryKind::TaskDefinition(arn) => definition::definition(client, lane, arn).await,
            QueryKind::ScalableTargets(services) => scaling::scaling(client, lane, services).await,
            QueryKind::Deployments { cluster, service } => {
                deployments::deployments(client, lane, cluster, service).await
            }
            QueryKind::ImageTag(reference) => image_tag::image_tag(client, lane, reference).await,
            QueryKind::Images(repository) => images::images(client, lane, repository).await,
            QueryKind::ImageIndexes(repository, digests) => indexes::indexes(client, lane, repository, digests).await,
            QueryKind::LogEvents(source, window) => Box::pin(logs::lines(client, lane, source, *window)).await,
            QueryKind::RawJson(subject) => raw::raw(client, lane, subject).await,
        }
    }

    /// Changes something: the only way to, and it takes only what an execution ordered.
    ///
    /// Waits for its turn like a read (five minutes at most), and then ends within 20 s. Dropping the
    /// future does not take back what was sent.
    ///
    /// # Errors
    ///
    /// Why there is no receipt. Without an answer ([`Trouble::TimedOut`], [`Trouble::Unreachable`],
    /// [`Trouble::Broken`], [`Trouble::Unreadable`] without a code) it may have been done all the same;
    /// every other error means that it was not.
    pub async fn change(&self, call: &plan::Call) -> Result<plan::Receipt, CloudError> {
        match self.clients.iter().find(|client| client.context.id == *call.context()) {
            Some(client) => change::change(client, call).await,
            None => Err(unknown(call.operation().name(), call.context())),
        }
    }

    /// How many pages and other answers AWS has given so far: whoever waits for a long read sees that it
    /// goes on.
    pub fn answers(&self) -> u64 {
        self.clients.iter().map(|client| client.limiter.answers()).sum()
    }

    /// What holds requests up, context by context.
    pub fn pressure(&self) -> Pressure {
        self.clients.iter().map(|client| (client.context.id.clone(), client.limiter.strain())).collect()
    }
}

/// What came, with the error that ended it, if one did.
fn answer(facts: Payload, error: Option<CloudError>) -> Response {
    match error {
        None => Response::Complete(facts),
        Some(error) => Response::Partial(facts, error),
    }
}

fn unknown(operation: &str, context: &ContextId) -> CloudError {
    CloudError {
        kind: Trouble::Gone,
        operation: operation.to_owned(),
        on: format!("context {context}"),
        code: None,
        message: "no context of that name is connected".to_owned(),
        request_id: None,
        advice: "Name the context with --profile and --region, or in the config.".to_owned(),
    }
}
