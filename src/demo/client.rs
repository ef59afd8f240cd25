//! The embedded AWS as the HTTP client of an SDK, without sockets.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;

use super::server::truncated;
use super::{Aws, Reply};

impl Aws {
    /// The HTTP client to put into an SDK's config. All clients that use it share this world.
    ///
    /// It honours the read timeout of the SDK's config, as a real connection does.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector { aws: self.clone(), read_timeout: None })
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
        let response = match self.respond(http::Request::from_parts(parts, body)).await {
            Reply::Complete(response) => response.map(SdkBody::from),
            Reply::CutOff(response) => response.map(|body| SdkBody::from_body_1_x(truncated(&body))),
            Reply::NoResponse => return std::future::pending().await,
        };
        HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
    }
}

#[derive(Clone, Debug)]
struct Connector {
    aws: Aws,
    read_timeout: Option<Duration>,
}

impl HttpClient for Connector {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { aws: self.aws.clone(), read_timeout: settings.read_timeout() })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let response = self.aws.clone().send(request);
        let Some(read_timeout) = self.read_timeout else { return HttpConnectorFuture::new(response) };
        HttpConnectorFuture::new(async move {
            let late = |_| ConnectorError::timeout("no answer within the read timeout".into());
            tokio::time::timeout(read_timeout, response).await.map_err(late)?
        })
    }
}
