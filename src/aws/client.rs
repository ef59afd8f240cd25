//! One context: its clients, and the one place that every request of it passes.

use std::error::Error;
use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::budget::Bucket;
use super::error;
use super::limiter::{Limiter, PATIENCE};
use super::logs::Logs;
use crate::fleet::{Arn, CloudError, Context, Lane};

/// How long a connection may take.
pub(super) const CONNECT: Duration = Duration::from_secs(2);
/// How long one attempt may take.
pub(super) const ATTEMPT: Duration = Duration::from_secs(8);
/// How long one request may take with its retries.
pub(super) const OPERATION: Duration = Duration::from_secs(20);
/// Attempts of one request.
pub(super) const ATTEMPTS: u32 = 3;

/// One context and the way to it.
pub(super) struct ContextClient {
    pub(super) context: Context,
    pub(super) principal: Principal,
    pub(super) limiter: Arc<Limiter>,
    pub(super) ecr: Lazy<aws_sdk_ecr::Client>,
    pub(super) ecs: Lazy<aws_sdk_ecs::Client>,
    pub(super) logs: Logs,
    pub(super) scaling: Lazy<aws_sdk_applicationautoscaling::Client>,
    pub(super) sts: Lazy<aws_sdk_sts::Client>,
}

/// A client, made when it is first used: making one takes milliseconds, and there may be hundreds.
pub(super) type Lazy<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

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
    pub(super) operation: &'static str,
    pub(super) on: String,
}

impl ContextClient {
    /// Sends one request when its turn has come, and explains what goes wrong.
    pub(super) fn send<T, E>(
        &self,
        lane: Lane,
        info: &RequestInfo,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> impl Future<Output = Result<T, CloudError>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.send_in(&self.context.region, lane, info, request)
    }

    /// Sends one request to `region`, which may be another than the context's.
    pub(super) async fn send_in<T, E>(
        &self,
        region: &str,
        lane: Lane,
        info: &RequestInfo,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, CloudError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let bucket = Bucket::of(info.operation, region).unwrap_or(Bucket::Identity);
        let Some(_slot) = self.limiter.turn(bucket, lane).await else {
            return Err(error::rate_limited(info, PATIENCE.as_secs()));
        };
        let answer = request.await.map_err(|error| {
            let principal = Principal { region: region.to_owned(), ..self.principal.clone() };
            error::explain(&principal, info, &error)
        })?;
        self.limiter.answered();
        Ok(answer)
    }
}

impl Principal {
    /// Principal to name when something is to be allowed.
    pub(super) fn name(&self) -> String {
        match &self.profile {
            Some(profile) => format!("profile {profile}"),
            None => "the caller".to_owned(),
        }
    }
}

impl RequestInfo {
    /// `operation` on something named in words.
    pub(super) fn new(operation: &'static str, on: impl Into<String>) -> Self {
        Self { operation, on: on.into() }
    }

    /// `operation` on a cluster.
    pub(super) fn on_cluster(operation: &'static str, cluster: &Arn) -> Self {
        Self::new(operation, format!("cluster {}", cluster.name()))
    }

    /// The action that IAM knows the operation by.
    pub(super) fn action(&self) -> String {
        let service = match self.operation {
            "GetCallerIdentity" => "sts",
            "DescribeScalableTargets" | "RegisterScalableTarget" => "application-autoscaling",
            "BatchGetImage" | "DescribeImages" => "ecr",
            "FilterLogEvents" => "logs",
            _ => "ecs",
        };
        format!("{service}:{}", self.operation)
    }
}
