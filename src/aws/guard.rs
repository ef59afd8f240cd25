//! What stands in the connector: refuses changes in read-only, and counts every attempt.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::Access;
use super::budget::Bucket;
use super::error::is_throttling;
use super::turns::Turns;

/// Sees every request of one context, retries included.
pub(super) struct Guard {
    pub(super) access: Access,
    pub(super) turns: Arc<Turns>,
}

/// A change was about to be sent although only reads may be.
#[derive(Debug)]
pub(super) struct Forbidden(pub(super) String);

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "wharf"
    }

    /// The earliest hook that knows which operation it is about; nothing is sent yet.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = cfg.load::<Metadata>().map_or("", Metadata::name);
        match self.access {
            Access::ReadOnly if Bucket::of(operation).is_none() => Err(Forbidden(operation.to_owned()).into()),
            _ => Ok(()),
        }
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = cfg.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        if let (2.., Some(bucket)) = (attempt, bucket(cfg)) {
            self.turns.retried(bucket);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (true, Some(bucket)) = (context.response().is_some_and(throttled), bucket(cfg)) {
            self.turns.throttled(bucket);
        }
        Ok(())
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("access", &self.access).finish_non_exhaustive()
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not on the list of reads, and wharf runs read-only", self.0)
    }
}

impl std::error::Error for Forbidden {}

fn bucket(cfg: &ConfigBag) -> Option<Bucket> {
    Bucket::of(cfg.load::<Metadata>()?.name())
}

/// Whether a response says that a bucket is empty: by its status, or by the code in its header or body.
///
/// Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/request-throttling.html>;
/// AWS JSON 1.1 names the code in `__type`, the Query protocol in `<Code>`.
fn throttled(response: &HttpResponse) -> bool {
    let status = response.status().as_u16();
    if status < 400 {
        return false;
    }
    if status == 429 || response.headers().get("x-amzn-errortype").is_some_and(is_throttling) {
        return true;
    }
    let body = response.body().bytes().unwrap_or_default();
    let text = String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default());
    let code = between(&text, "<Code>", "</Code>").or_else(|| {
        let after = text.split_once("\"__type\"")?.1;
        between(after, "\"", "\"")
    });
    code.is_some_and(is_throttling)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let after = text.split_once(start)?.1;
    after.split_once(end).map(|(inner, _)| inner)
}
