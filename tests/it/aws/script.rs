//! An HTTP client that answers as it is told, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use serde_json::Value;

use crate::requests::operation;

/// What is to be answered.
pub(super) enum Reply {
    /// A status, a content type and a body.
    Says(u16, &'static str, String),
    /// Another place.
    Elsewhere(&'static str),
    /// Nothing, for ever.
    Silence,
    /// The connection is refused.
    Refused,
    /// The connection is closed before the answer.
    Closed,
}

/// One request that was sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sent {
    pub(super) operation: String,
    pub(super) body: Value,
    pub(super) host: String,
    pub(super) signature: String,
    pub(super) agent: String,
}

type Answers = dyn Fn(&str, &Value, usize) -> Reply + Send + Sync;

/// An HTTP client that answers by operation, body, and how many requests came before.
#[derive(Clone)]
pub(super) struct Script {
    answers: Arc<Answers>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Script {
    pub(super) fn new(answers: impl Fn(&str, &Value, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self { answers: Arc::new(answers), sent: Arc::default() }
    }

    /// Always the same.
    pub(super) fn always(status: u16, kind: &'static str, body: &str) -> Self {
        let body = body.to_owned();
        Self::new(move |_, _, _| Reply::Says(status, kind, body.clone()))
    }

    pub(super) fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// How often `operation` was asked for.
    pub(super) fn count(&self, operation: &str) -> usize {
        self.sent().iter().filter(|sent| sent.operation == operation).count()
    }
}

/// AWS's own kind of answer.
pub(super) fn json(body: &Value) -> Reply {
    Reply::Says(200, "application/x-amz-json-1.1", body.to_string())
}

/// AWS's own kind of error.
pub(super) fn refusal(code: &str, message: &str) -> Reply {
    let body = serde_json::json!({"__type": code, "message": message});
    Reply::Says(400, "application/x-amz-json-1.1", body.to_string())
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let bytes = request.body().bytes().unwrap_or_default();
        let operation = operation(&request);
        let body = serde_json::from_slice(bytes).unwrap_or(Value::Null);
        let host = request.uri().split('/').nth(2).unwrap_or_default().to_owned();
        let (signature, agent) = (header("authorization"), header("user-agent"));
        let before = {
            let mut sent = self.sent.lock().unwrap();
            sent.push(Sent { operation: operation.clone(), body: body.clone(), host, signature, agent });
            sent.len() - 1
        };
        match (self.answers)(&operation, &body, before) {
            Reply::Says(status, kind, body) => {
                HttpConnectorFuture::ready(Ok(response(status, "content-type", kind, body)))
            }
            Reply::Elsewhere(place) => HttpConnectorFuture::ready(Ok(response(301, "location", place, String::new()))),
            Reply::Silence => HttpConnectorFuture::new(std::future::pending()),
            Reply::Refused => {
                let refused = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "connection refused");
                HttpConnectorFuture::ready(Err(ConnectorError::io(refused.into())))
            }
            // As hyper's error for a connection that is closed before its message is complete arrives here.
            Reply::Closed => HttpConnectorFuture::ready(Err(ConnectorError::other(
                "connection closed before message completed".into(),
                Some(ErrorKind::TransientError),
            ))),
        }
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

fn response(status: u16, header: &'static str, value: &'static str, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    response.headers_mut().insert(header, value);
    response.headers_mut().insert("x-amzn-requestid", "req-1");
    response
}
