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

use super::server::broken;
use super::{Aws, Reply};

impl Aws {
    /// The HTTP client to put into an SDK's config. All clients that use it share this world.
    ///
    /// It honours the read timeout of the SDK's config, as a real connection does.
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector { aws: self.clone(), patience: None })
    }

    async fn pass(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
        let response = match self.answer(http::Request::from_parts(parts, body)).await {
            Reply::Whole(response) => response.map(SdkBody::from),
            Reply::CutOff(response) => response.map(|body| SdkBody::from_body_1_x(broken(&body))),
            Reply::Never => return std::future::pending().await,
        };
        HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
    }
}

#[derive(Clone, Debug)]
struct Connector {
    aws: Aws,
    patience: Option<Duration>,
}

impl HttpClient for Connector {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { aws: self.aws.clone(), patience: settings.read_timeout() })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.aws.clone().pass(request);
        let Some(patience) = self.patience else { return HttpConnectorFuture::new(answer) };
        HttpConnectorFuture::new(async move {
            let late = |_| ConnectorError::timeout("no answer within the read timeout".into());
            tokio::time::timeout(patience, answer).await.map_err(late)?
        })
    }
}
