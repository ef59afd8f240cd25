//! One context: its SDK clients, made when they are first used, and the one place that every request of it passes.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{Region, SdkConfig};
use aws_sdk_ecs::config::retry::RetryPartition;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::SignedDuration;

use super::Access;
use super::error;
use super::interceptor::Interceptor;
use super::limiter::{Limiter, PATIENCE};
use super::logs::Searches;
use crate::fleet::operation::AwsService;
use crate::fleet::{Arn, CloudError, Context, ContextId, Operation, Priority};

/// How long a connection may take.
pub(super) const CONNECT: Duration = Duration::from_secs(2);
/// How long one attempt may take.
pub(super) const ATTEMPT: Duration = Duration::from_secs(8);
/// How long one request may take with its retries.
pub(super) const OPERATION: Duration = Duration::from_secs(20);
/// Attempts of one request.
pub(super) const ATTEMPTS: u32 = 3;

/// The client of an SDK crate. [`service_client`] implements it, beside the reads of its service.
pub(super) trait ServiceClient: Clone + Send + 'static {
    /// The service that it sends requests to.
    const SERVICE: AwsService;

    /// A client whose every request passes `interceptor`, and whose retries are counted in `partition`.
    fn build(config: &SdkConfig, interceptor: Interceptor, partition: RetryPartition) -> Self;
}

/// Lets [`ContextClient::sdk`] make the client of an SDK crate: `service_client!(aws_sdk_ecs, AwsService::Ecs)`.
macro_rules! service_client {
    ($sdk:ident, $service:expr) => {
        impl $crate::aws::client::ServiceClient for $sdk::Client {
            const SERVICE: $crate::fleet::operation::AwsService = $service;

            fn build(
                config: &aws_config::SdkConfig,
                interceptor: $crate::aws::interceptor::Interceptor,
                partition: aws_sdk_ecs::config::retry::RetryPartition,
            ) -> Self {
                let config = $sdk::config::Builder::from(config).interceptor(interceptor);
                Self::from_conf(config.retry_partition(partition).build())
            }
        }
    };
}
pub(super) use service_client;

/// One context and the way to it.
pub(super) struct ContextClient {
    pub(super) context: Context,
    pub(super) principal: Principal,
    pub(super) limiter: Arc<Limiter>,
    /// Searches of logs that are to be continued.
    pub(super) searches: Searches,
    access: Access,
    /// What the clients of all services have in common.
    config: SdkConfig,
    endpoints: Endpoints,
    /// By type and region. Making one takes milliseconds, and there may be hundreds of contexts.
    made: Mutex<HashMap<(TypeId, String), Box<dyn Any + Send>>>,
}

/// Endpoints that replace AWS's own, by service.
pub(super) type Endpoints = BTreeMap<AwsService, String>;

/// Whose credentials are used and where: for advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal {
    pub(super) profile: Option<String>,
    pub(super) region: String,
    pub(super) endpoint: Option<String>,
    pub(super) login: Login,
}

/// How the credentials of a profile are renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// `aws sso login`.
    Sso,
    /// `aws login`.
    Console,
    /// Some other way.
    Other,
}

/// One request: an operation, and what it is asked of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestInfo {
    pub(super) operation: Operation,
    pub(super) on: String,
    /// The region it is sent to; nothing where that is the context's.
    region: Option<String>,
}

impl ContextClient {
    /// The way to `context`, for which nothing is made yet.
    pub(super) fn new(
        context: Context,
        principal: Principal,
        access: Access,
        limiter: Arc<Limiter>,
        config: SdkConfig,
        endpoints: Endpoints,
    ) -> Self {
        let (searches, made) = (Searches::default(), Mutex::default());
        Self { context, principal, limiter, searches, access, config, endpoints, made }
    }

    /// The client of an SDK crate in the context's region.
    pub(super) fn sdk<C: ServiceClient>(&self) -> C {
        self.sdk_in(&self.context.region)
    }

    /// The client of an SDK crate in `region`, which may be another than the context's.
    pub(super) fn sdk_in<C: ServiceClient>(&self, region: &str) -> C {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (TypeId::of::<C>(), region.to_owned());
        if let Some(client) = made.get(&key).and_then(|client| client.downcast_ref::<C>()) {
            return client.clone();
        }
        let client: C = self.build(region);
        made.insert(key, Box::new(client.clone()));
        client
    }

    fn build<C: ServiceClient>(&self, region: &str) -> C {
        let mut config = self.config.to_builder().region(Region::new(region.to_owned()));
        config.set_endpoint_url(self.endpoints.get(&C::SERVICE).cloned());
        let limiter = Arc::clone(&self.limiter);
        let interceptor = Interceptor { access: self.access, limiter, region: region.to_owned() };
        // The SDK would share one allowance of retries among all accounts of a region.
        let partition = RetryPartition::custom(self.context.id.as_str().to_owned()).build();
        C::build(&config.build(), interceptor, partition)
    }

    /// Sends one request when its turn has come, and explains what goes wrong.
    pub(super) async fn send<T, E>(
        &self,
        lane: Priority,
        info: &RequestInfo,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, CloudError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let region = info.region.as_deref().unwrap_or(&self.context.region);
        let Some(_permit) = self.limiter.acquire(info.operation, region, lane).await else {
            let error = error::rate_limited(info, PATIENCE.as_secs());
            log(&self.context.id, region, info, SignedDuration::ZERO, Some(&error));
            return Err(error);
        };
        let sent = self.limiter.now();
        let answer = request.await.map_err(|error| {
            let principal = Principal { region: region.to_owned(), ..self.principal.clone() };
            error::explain(&principal, info, &error)
        });
        log(&self.context.id, region, info, self.limiter.now().duration_since(sent), answer.as_ref().err());
        if answer.is_ok() {
            self.limiter.answered();
        }
        answer
    }
}

/// Logs a request that has ended: never what was sent, nor AWS's message, which can quote it.
fn log(context: &ContextId, region: &str, info: &RequestInfo, took: SignedDuration, error: Option<&CloudError>) {
    let (operation, took_ms, context) = (info.operation.name(), took.as_millis(), context.to_string());
    let Some(CloudError { kind, code, request_id, .. }) = error else {
        tracing::debug!(operation, context, region, took_ms, "answered");
        return;
    };
    let (code, request_id) = (code.as_deref(), request_id.as_deref());
    tracing::warn!(operation, context, region, took_ms, ?kind, code, request_id, "failed");
}

impl Principal {
    /// What advice calls it.
    pub(super) fn name(&self) -> String {
        match &self.profile {
            Some(profile) => format!("profile {profile}"),
            None => "the caller".to_owned(),
        }
    }
}

impl RequestInfo {
    /// `operation` on something named in words, in the context's region.
    pub(super) fn new(operation: Operation, on: impl Into<String>) -> Self {
        Self { operation, on: on.into(), region: None }
    }

    /// `operation` on a cluster.
    pub(super) fn on_cluster(operation: Operation, cluster: &Arn) -> Self {
        Self::new(operation, format!("cluster {}", cluster.name()))
    }

    /// The same in `region`.
    pub(super) fn in_region(self, region: &str) -> Self {
        Self { region: Some(region.to_owned()), ..self }
    }
}
