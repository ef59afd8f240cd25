//! The interceptor of every SDK client: refuses writes in read-only, and counts every attempt.

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
use super::error::is_throttling;
use super::limiter::Limiter;
use crate::fleet::Operation;

/// Sees every request of one context, retries included.
pub(super) struct Interceptor {
    pub(super) access: Access,
    pub(super) limiter: Arc<Limiter>,
    /// The region that requests go to.
    pub(super) region: String,
}

/// Why a request was not sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It would change something, and only reads may be sent.
    ReadOnly(Operation),
    /// The table of operations does not have it: `service` and name, as the SDK calls them.
    Unknown(String, String),
}

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
        match (operation(cfg), self.access) {
            (Some(operation), Access::ReadOnly) if !operation.is_read() => Err(Refusal::ReadOnly(operation).into()),
            (Some(_), _) => Ok(()),
            // Neither whether it changes anything is known, nor which bucket it takes from.
            (None, _) => {
                let named = |name: fn(&Metadata) -> &str| cfg.load::<Metadata>().map_or("", name).to_owned();
                Err(Refusal::Unknown(named(Metadata::service), named(Metadata::name)).into())
            }
        }
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempt = cfg.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        if let (2.., Some(operation)) = (attempt, operation(cfg)) {
            self.limiter.retried(operation, &self.region);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (true, Some(operation)) = (context.response().is_some_and(throttled), operation(cfg)) {
            self.limiter.throttled(operation, &self.region);
        }
        Ok(())
    }
}

impl fmt::Debug for Interceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interceptor").field("access", &self.access).finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadOnly(operation) => {
                write!(f, "{} changes something, and wharf runs read-only", operation.name())
            }
            Self::Unknown(service, name) => {
                write!(f, "{name} of {service} is not in wharf's table of AWS operations")
            }
        }
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// Its code, in the place of AWS's.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::ReadOnly(_) => "ReadOnly",
            Self::Unknown(..) => "UnknownOperation",
        }
    }
}

/// The row of the request that the SDK is about to send.
fn operation(cfg: &ConfigBag) -> Option<Operation> {
    let metadata = cfg.load::<Metadata>()?;
    Operation::named(metadata.service(), metadata.name())
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
    use crate::aws::client::{ContextClient, RequestInfo};
    use crate::aws::{ConnectOptions, ContextSelection, EmbeddedAws, connect};
    use crate::fleet::{CloudError, Priority, Trouble};

    /// Counts what comes out on the other side of the connector, and answers it.
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

    /// Sends something through a connector, and says how often it came out on the other side.
    async fn send(
        access: Access,
        send: impl AsyncFnOnce(&ContextClient) -> Result<(), CloudError>,
    ) -> (usize, Option<CloudError>) {
        let counter = Counter::default();
        let connector = SharedHttpConnector::new(counter.clone());
        let http = http_client_fn(move |_, _| connector.clone());
        let aws = EmbeddedAws { http, region: "us-east-1".to_owned(), label: "demo".to_owned() };
        let clock: crate::aws::Clock = Arc::new(|| Timestamp::UNIX_EPOCH);
        let options = ConnectOptions { embedded: Some(aws), ..ConnectOptions::new(clock, access) };
        let cloud = connect(&ContextSelection::default(), options).await.unwrap_or_else(|error| panic!("{error}"));
        let client = cloud.clients.first().unwrap_or_else(|| panic!("no context"));
        let error = send(client).await.err();
        (counter.0.load(Ordering::Relaxed), error)
    }

    async fn write(client: &ContextClient) -> Result<(), CloudError> {
        let request = client.sdk::<aws_sdk_ecs::Client>().update_service().service("web").desired_count(0);
        let info = RequestInfo::new(Operation::UpdateService, "service web");
        client.send(Priority::Change, &info, Box::pin(request.send())).await.map(drop)
    }

    #[tokio::test(start_paused = true)]
    async fn in_read_only_the_connector_itself_refuses_every_write_before_it_is_sent() {
        let (sent, error) = send(Access::ReadOnly, write).await;
        let error = error.unwrap_or_else(|| panic!("it went through"));
        assert_eq!((sent, error.kind, error.code.as_deref()), (0, Trouble::Refused, Some("ReadOnly")));
        assert_eq!(error.message, "UpdateService changes something, and wharf runs read-only");
        assert_eq!(send(Access::ReadWrite, write).await, (1, None));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_in_the_table_is_never_sent() {
        for access in [Access::ReadOnly, Access::ReadWrite] {
            let unknown = async |client: &ContextClient| {
                let request = client.sdk::<aws_sdk_ecs::Client>().list_account_settings();
                let info = RequestInfo::new(Operation::ListClusters, "the region");
                client.send(Priority::Screen, &info, Box::pin(request.send())).await.map(drop)
            };
            let (sent, error) = send(access, unknown).await;
            let error = error.unwrap_or_else(|| panic!("it went through"));
            assert_eq!((sent, error.kind, error.code.as_deref()), (0, Trouble::Refused, Some("UnknownOperation")));
            assert_eq!(error.message, "ListAccountSettings of ECS is not in wharf's table of AWS operations");
            assert_eq!(error.advice, "Nothing was sent. Please report this: wharf is at fault.");
        }
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
