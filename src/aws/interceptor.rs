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
use super::budget::{Bucket, is_read};
use super::error::is_throttling;
use super::limiter::Limiter;

/// Sees every request of one context, retries included.
pub(super) struct Interceptor {
    pub(super) access: Access,
    pub(super) limiter: Arc<Limiter>,
    /// The region that requests go to.
    pub(super) region: String,
}

/// A change was about to be sent although only reads may be.
#[derive(Debug)]
pub(super) struct Forbidden(pub(super) String);

impl Intercept for Interceptor {
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
            Access::ReadOnly if !is_read(operation) => Err(Forbidden(operation.to_owned()).into()),
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
        if let (2.., Some(bucket)) = (attempt, self.bucket(cfg)) {
            self.limiter.retried(bucket);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (true, Some(bucket)) = (context.response().is_some_and(throttled), self.bucket(cfg)) {
            self.limiter.throttled(bucket);
        }
        Ok(())
    }
}

impl fmt::Debug for Interceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interceptor").field("access", &self.access).finish_non_exhaustive()
    }
}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not on the list of reads, and wharf runs read-only", self.0)
    }
}

impl std::error::Error for Forbidden {}

impl Interceptor {
    fn bucket(&self, cfg: &ConfigBag) -> Option<Bucket> {
        Bucket::of(cfg.load::<Metadata>()?.name(), &self.region)
    }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use aws_smithy_runtime_api::client::http::{HttpConnectorFuture, SharedHttpConnector, http_client_fn};
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_types::body::SdkBody;
    use jiff::Timestamp;

    use super::*;
    use crate::aws::client::RequestInfo;
    use crate::aws::{ConnectOptions, ContextSelection, EmbeddedAws, connect};
    use crate::fleet::{CloudError, Lane, Trouble};

    /// Sends a change through the connector, and counts what came out on the other side.
    async fn change(access: Access) -> (usize, Option<CloudError>) {
        #[derive(Debug, Clone, Default)]
        struct Counter(Arc<AtomicUsize>);
        impl aws_smithy_runtime_api::client::http::HttpConnector for Counter {
            fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
                self.0.fetch_add(1, Ordering::Relaxed);
                let body = SdkBody::from("{\"service\": {}}");
                let ok = aws_smithy_runtime_api::http::StatusCode::try_from(200_u16);
                HttpConnectorFuture::ready(Ok(HttpResponse::new(ok.unwrap_or_else(|error| panic!("{error}")), body)))
            }
        }
        let counter = Counter::default();
        let connector = SharedHttpConnector::new(counter.clone());
        let http = http_client_fn(move |_, _| connector.clone());
        let inside = EmbeddedAws { http, region: "us-east-1".to_owned(), label: "demo".to_owned() };
        let options = ConnectOptions {
            embedded: Some(inside),
            ..ConnectOptions::new(Arc::new(|| Timestamp::UNIX_EPOCH), access)
        };
        let cloud = connect(&ContextSelection::default(), options).await.unwrap_or_else(|error| panic!("{error}"));
        let client = cloud.clients.first().unwrap_or_else(|| panic!("no client"));
        let request = Box::pin(client.ecs.update_service().cluster("c").service("web").desired_count(0).send());
        let error = client.send(Lane::Change, &RequestInfo::new("UpdateService", "service web"), request).await.err();
        (counter.0.load(Ordering::Relaxed), error)
    }

    #[tokio::test(start_paused = true)]
    async fn in_read_only_the_connector_itself_refuses_every_change_before_it_is_sent() {
        let (sent, error) = change(Access::ReadOnly).await;
        let error = error.unwrap_or_else(|| panic!("it went through"));
        assert_eq!((sent, error.kind, error.code.as_deref()), (0, Trouble::Refused, Some("ReadOnly")));
        assert_eq!(error.message, "UpdateService is not on the list of reads, and wharf runs read-only");
        assert_eq!(change(Access::ReadWrite).await, (1, None));
    }

    #[test]
    fn a_response_says_that_a_bucket_is_empty_by_status_header_or_body() {
        for (status, header, body, expected) in [
            (400, "", r#"{"__type": "ThrottlingException", "message": "Rate exceeded"}"#, true),
            (400, "", r#"{"__type":"com.amazonaws.ecs#ThrottlingException"}"#, true),
            (400, "ThrottlingException:http://internal", "", true),
            (429, "", "", true),
            (400, "", "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", true),
            (400, "", r#"{"__type": "AccessDeniedException", "message": "ThrottlingException"}"#, false),
            (400, "", r#"{"__type": "LimitExceededException"}"#, false),
            (500, "", "<html>Throttling</html>", false),
            (200, "ThrottlingException", "", false),
        ] {
            let code = aws_smithy_runtime_api::http::StatusCode::try_from(status);
            let code = code.unwrap_or_else(|error| panic!("{error}"));
            let mut response = HttpResponse::new(code, SdkBody::from(body));
            response.headers_mut().insert("x-amzn-errortype", header);
            assert_eq!(throttled(&response), expected, "{status} {header} {body}");
        }
    }
}
