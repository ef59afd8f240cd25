//! AWS's wire protocols: which operation a request calls, who signed it, and how responses and errors are encoded.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::Value;

use super::json::JsonObject;

/// The XML namespace of STS, the only API here with the AWS Query protocol.
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The outcome of a request on the wire.
#[derive(Debug)]
pub enum Reply {
    /// A complete response.
    Complete(Response<Bytes>),
    /// A response whose connection ends in the middle of its body.
    CutOff(Response<Bytes>),
    /// No response, ever.
    NoResponse,
}

/// An AWS API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Ecs,
    Ecr,
    Logs,
    Scaling,
    Sts,
}

/// The wire protocol of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON 1.1: the operation is in the `X-Amz-Target` header.
    Json,
    /// AWS Query: the operation is the `Action` of a form, the response is XML.
    Query,
}

/// A request whose API, operation and caller are known.
#[derive(Clone, Debug)]
pub(crate) struct ApiCall {
    pub(crate) api: Api,
    pub(crate) operation: String,
    /// The region in the credential scope.
    pub(crate) region: String,
    pub(crate) access_key: String,
    /// The app name in the user agent.
    pub(crate) app: Option<String>,
    pub(crate) body: Bytes,
}

/// The result of an operation.
#[derive(Debug)]
pub(crate) enum Output {
    Json(Value),
    /// The content of the operation's `Result` element.
    Xml {
        operation: String,
        result: String,
    },
}

/// An AWS error: its code and its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Api {
    const ALL: [Self; 5] = [Self::Ecs, Self::Ecr, Self::Logs, Self::Scaling, Self::Sts];

    /// The service name in the credential scope, which is also the prefix of the API's IAM actions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Ecr => "ecr",
            Self::Logs => "logs",
            Self::Scaling => "application-autoscaling",
            Self::Sts => "sts",
        }
    }

    pub(crate) fn protocol(self) -> Protocol {
        match self {
            Self::Ecs | Self::Ecr | Self::Logs | Self::Scaling => Protocol::Json,
            Self::Sts => Protocol::Query,
        }
    }

    /// The part of `X-Amz-Target` before the operation.
    fn target(self) -> Option<&'static str> {
        match self {
            Self::Ecs => Some("AmazonEC2ContainerServiceV20141113"),
            Self::Ecr => Some("AmazonEC2ContainerRegistry_V20150921"),
            Self::Logs => Some("Logs_20140328"),
            Self::Scaling => Some("AnyScaleFrontendService"),
            Self::Sts => None,
        }
    }
}

impl ApiError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(crate) fn serialization(message: String) -> Self {
        Self::new("SerializationException", message)
    }

    pub(crate) fn unknown_operation(operation: &str) -> Self {
        Self::new("UnknownOperationException", format!("The requested operation {operation} is not supported."))
    }
}

/// Parses the API, the operation and the caller. An error comes with the protocol to encode it in.
pub(crate) fn parse_call(request: Request<Bytes>) -> Result<ApiCall, (Protocol, ApiError)> {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let scope = header(AUTHORIZATION.as_str()).and_then(credential_scope);
    let (api, operation) = match header("x-amz-target") {
        Some(target) => from_target(target)?,
        None => from_action(header(CONTENT_TYPE.as_str()), scope.as_ref(), &body)?,
    };
    let protocol = api.protocol();
    let Some(scope) = scope else { return Err((protocol, missing_token(protocol))) };
    if scope.service != api.name() {
        let message = format!("Credential should be scoped to correct service: '{}'.", api.name());
        return Err((protocol, invalid_signature(protocol, message)));
    }
    let plausible = scope.region.split('-').count() >= 3
        && scope.region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !plausible {
        return Err((
            protocol,
            invalid_signature(protocol, "Credential should be scoped to a valid region.".to_owned()),
        ));
    }
    let app =
        ["x-amz-user-agent", "user-agent"].into_iter().find_map(|name| app_name(header(name)?)).map(str::to_owned);
    Ok(ApiCall { api, operation, region: scope.region, access_key: scope.access_key, app, body })
}

/// Encodes the result of an operation.
pub(crate) fn success_response(output: Output, request_id: &str) -> Response<Bytes> {
    match output {
        Output::Json(value) => {
            http_response(StatusCode::OK, "application/x-amz-json-1.1", request_id, value.to_string())
        }
        Output::Xml { operation, result } => {
            let body = format!(
                "<{operation}Response xmlns=\"{STS}\">\n  <{operation}Result>{result}</{operation}Result>\n  \
                 <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\n</{operation}Response>\n"
            );
            http_response(StatusCode::OK, "text/xml", request_id, body)
        }
    }
}

/// Encodes an error.
pub(crate) fn error_response(protocol: Protocol, error: &ApiError, request_id: &str) -> Response<Bytes> {
    let ApiError { code, message } = error;
    let mut response = match protocol {
        Protocol::Json => {
            let body: Value = JsonObject::new().set("__type", *code).set("message", message.as_str()).into();
            http_response(StatusCode::BAD_REQUEST, "application/x-amz-json-1.1", request_id, body.to_string())
        }
        Protocol::Query => {
            let forbidden = matches!(
                *code,
                "ExpiredToken" | "AccessDenied" | "MissingAuthenticationToken" | "SignatureDoesNotMatch"
            );
            let status = if forbidden { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST };
            let body = format!(
                "<ErrorResponse xmlns=\"{STS}\">\n  <Error>\n    \
                 <Type>Sender</Type>\n    <Code>{code}</Code>\n    <Message>{}</Message>\n  </Error>\n  \
                 <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
                escape(message)
            );
            http_response(status, "text/xml", request_id, body)
        }
    };
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(code));
    response
}

/// Escapes text for XML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn http_response(status: StatusCode, content_type: &'static str, request_id: &str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

/// The `app/NAME` of a user agent.
fn app_name(agent: &str) -> Option<&str> {
    agent.split_ascii_whitespace().find_map(|part| part.strip_prefix("app/"))
}

struct CredentialScope {
    access_key: String,
    region: String,
    service: String,
}

/// Parses `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`. The signature is not verified.
fn credential_scope(authorization: &str) -> Option<CredentialScope> {
    let credential = authorization
        .strip_prefix("AWS4-HMAC-SHA256")?
        .trim_start()
        .split(',')
        .find_map(|part| part.trim().strip_prefix("Credential="))?;
    let mut parts = credential.split('/');
    let access_key = parts.next()?.to_owned();
    let _day = parts.next()?;
    let (region, service) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    (parts.next() == Some("aws4_request")).then_some(CredentialScope { access_key, region, service })
}

fn from_target(target: &str) -> Result<(Api, String), (Protocol, ApiError)> {
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    let api = Api::ALL.into_iter().find(|api| api.target() == Some(prefix));
    api.map(|api| (api, operation.to_owned())).ok_or_else(|| (Protocol::Json, ApiError::unknown_operation(target)))
}

fn from_action(
    kind: Option<&str>,
    scope: Option<&CredentialScope>,
    body: &Bytes,
) -> Result<(Api, String), (Protocol, ApiError)> {
    let form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let text = std::str::from_utf8(body).ok().filter(|_| form);
    let action = text.and_then(|text| text.split('&').find_map(|pair| pair.strip_prefix("Action=")));
    match action {
        // The Query APIs differ only in the scope. An unsigned form can only be meant for STS, the one Query API here.
        Some(action) if scope.is_none_or(|scope| scope.service == Api::Sts.name()) => Ok((Api::Sts, action.to_owned())),
        Some(action) => {
            Err((Protocol::Query, ApiError::new("InvalidAction", format!("Could not find operation {action}"))))
        }
        None => Err((Protocol::Json, ApiError::unknown_operation("(none)"))),
    }
}

fn missing_token(protocol: Protocol) -> ApiError {
    match protocol {
        Protocol::Json => ApiError::new("MissingAuthenticationTokenException", "Missing Authentication Token"),
        Protocol::Query => ApiError::new("MissingAuthenticationToken", "Request is missing Authentication Token"),
    }
}

fn invalid_signature(protocol: Protocol, message: String) -> ApiError {
    match protocol {
        Protocol::Json => ApiError::new("InvalidSignatureException", message),
        Protocol::Query => ApiError::new("SignatureDoesNotMatch", message),
    }
}
