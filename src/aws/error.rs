//! Errors of the SDK, explained: what failed, what AWS said, and what to do next.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::advice::{self, advice};
use super::client::{CONNECT, OPERATION, Principal, RequestInfo};
use super::interceptor::Refusal;
use super::redact::scrub;
use crate::fleet::{CloudError, Operation, Trouble};

/// What `error` of the request `info` means for `principal`.
pub(super) fn explain<E>(principal: &Principal, info: &RequestInfo, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (kind, code, message) = match error {
        _ if find::<Refusal>(error).is_some() => redacted(error),
        SdkError::TimeoutError(_) => (Trouble::TimedOut, None, timed_out(error)),
        SdkError::DispatchFailure(failure) => undelivered(error, failure.as_connector_error(), principal),
        SdkError::ServiceError(service) => answered(service.err(), service.raw(), info.operation),
        // A body that came to its end is in memory.
        SdkError::ResponseError(response) if response.raw().body().bytes().is_none() => {
            let message = format!("the connection was lost during the answer: {}", cause(error));
            (Trouble::Unreachable, None, message)
        }
        SdkError::ResponseError(response) => (Trouble::Unreadable, None, unreadable(response.raw())),
        _ => (Trouble::Refused, None, chain(error)),
    };
    let advice = advice(kind, principal, info, code.as_deref());
    let request_id = error.request_id().filter(|id| !id.is_empty()).map(str::to_owned);
    cloud_error(info, kind, code, &message, request_id, advice)
}

/// An error that this program found in an answer that was otherwise fine.
pub(super) fn protocol_error(info: &RequestInfo, kind: Trouble, message: &str, advice: &str) -> CloudError {
    cloud_error(info, kind, None, message, None, advice.to_owned())
}

/// One of `failures[]`: what a batch could not describe, and why.
pub(super) fn failure(principal: &Principal, info: &RequestInfo, arn: &str, reason: &str, detail: &str) -> CloudError {
    let kind = match reason {
        "MISSING" => Trouble::Gone,
        "ACCESS_DENIED" | "ACCESSDENIED" => Trouble::Denied,
        _ => Trouble::Refused,
    };
    let message = [arn, detail].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    let code = Some(reason.to_owned()).filter(|code| !code.is_empty());
    cloud_error(info, kind, code, &message, None, advice(kind, principal, info, None))
}

/// No turn came within our own limit.
pub(super) fn rate_limited(info: &RequestInfo, seconds: u64) -> CloudError {
    let message = format!("waited {seconds} s for a turn within our share of AWS's rate limit");
    protocol_error(info, Trouble::Throttled, &message, advice::rate_limited(info))
}

/// Whether `code` means that a bucket is empty.
///
/// Source: aws-sdk-rust's own list of throttling codes, without `LimitExceededException`, which says
/// that a quota is used up.
pub(super) fn is_throttling(code: &str) -> bool {
    matches!(
        bare(code),
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "PriorRequestNotComplete"
            | "TransactionInProgressException"
            | "SlowDown"
    )
}

fn cloud_error(
    info: &RequestInfo,
    kind: Trouble,
    code: Option<String>,
    message: &str,
    request_id: Option<String>,
    advice: String,
) -> CloudError {
    CloudError {
        kind,
        operation: info.operation.name().to_owned(),
        on: info.on.clone(),
        code,
        // The advice follows as a sentence of its own.
        message: scrub(message).trim_end_matches('.').to_owned(),
        request_id,
        advice,
    }
}

/// AWS answered with an error.
fn answered<E>(error: &E, raw: &HttpResponse, operation: Operation) -> (Trouble, Option<String>, String)
where
    E: ProvideErrorMetadata + Error,
{
    let status = raw.status().as_u16();
    let Some(code) = error.code().map(bare).filter(|code| !code.is_empty()) else {
        return (Trouble::Unreadable, None, unreadable(raw));
    };
    let message = error.message().filter(|text| !text.trim().is_empty());
    let message = message.map_or_else(|| format!("AWS gave no reason (HTTP {status})"), str::to_owned);
    let undescribed = operation == Operation::DescribeTaskDefinition && message.starts_with("Unable to describe");
    let kind = match code {
        "ClientException" if undescribed => Trouble::Gone,
        _ => meaning(code, status),
    };
    (kind, Some(code.to_owned()), message)
}

/// What a code means for us; what no row names goes by its status.
///
/// Sources: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html> and the API
/// models of ECS, ECR, Application Auto Scaling and STS.
fn meaning(code: &str, status: u16) -> Trouble {
    match code {
        _ if is_throttling(code) => Trouble::Throttled,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" | "NotAuthorized" | "OptInRequired" => {
            Trouble::Denied
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "UnrecognizedClient"
        | "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "AuthFailure"
        | "RegionDisabledException" => Trouble::Credentials,
        "ClusterNotFoundException"
        | "ServiceNotFoundException"
        | "ServiceNotActiveException"
        | "RepositoryNotFoundException"
        | "ResourceNotFoundException"
        | "ObjectNotFoundException" => Trouble::Gone,
        "RequestTimeout" | "RequestTimeoutException" => Trouble::TimedOut,
        "ServerException"
        | "InternalFailure"
        | "InternalServiceException"
        | "InternalServerError"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Trouble::Broken,
        "UnknownOperationException" | "UnknownOperation" | "InvalidAction" => Trouble::Unreadable,
        _ if status >= 500 => Trouble::Broken,
        _ => Trouble::Refused,
    }
}

/// Our own interceptor did not let the request out.
fn redacted(error: &(dyn Error + 'static)) -> (Trouble, Option<String>, String) {
    let refusal = find::<Refusal>(error);
    let message = refusal.map(ToString::to_string).unwrap_or_default();
    (Trouble::Refused, refusal.map(|refusal| refusal.code().to_owned()), message)
}

/// The request never got an answer.
fn undelivered(
    error: &(dyn Error + 'static),
    connector: Option<&ConnectorError>,
    principal: &Principal,
) -> (Trouble, Option<String>, String) {
    if let Some(credentials) = find::<CredentialsError>(error) {
        return uncredited(credentials);
    }
    let host = principal.endpoint.as_deref().unwrap_or("AWS");
    if connector.is_some_and(ConnectorError::is_timeout) {
        let message =
            format!("{host} took no connection within {} s, or broke off: {}", CONNECT.as_secs(), cause(error));
        return (Trouble::Unreachable, None, message);
    }
    if connector.is_some_and(ConnectorError::is_io) || find::<std::io::Error>(error).is_some() {
        return (Trouble::Unreachable, None, format!("{host} could not be reached: {}", cause(error)));
    }
    let message = chain(error);
    match connector {
        // However it failed, it may have been on the way: a connection that is closed before its answer
        // is neither a timeout nor an error of IO.
        Some(_) => (Trouble::Unreachable, None, message),
        // No connector was involved: the SDK could not make the request at all.
        None => (Trouble::Refused, None, message),
    }
}

/// There are no credentials to sign with.
fn uncredited(error: &CredentialsError) -> (Trouble, Option<String>, String) {
    let message = chain(error);
    // The instance's metadata is looked for last, and where there is none it cannot be reached: that is
    // not what is wrong.
    let offline = find::<ConnectorError>(error).is_some_and(|error| error.is_io() || error.is_timeout());
    match error {
        CredentialsError::InvalidConfiguration(_) => {
            (Trouble::Credentials, Some("InvalidConfiguration".to_owned()), message)
        }
        _ if offline && !message.contains("IMDS") => (Trouble::Unreachable, None, message),
        _ => (Trouble::Credentials, None, message),
    }
}

fn timed_out(error: &(dyn Error + 'static)) -> String {
    let said = chain(error);
    if said.contains("single attempt") {
        return "no answer within 8 s".to_owned();
    }
    format!("no answer within {} s, attempts and retries together", OPERATION.as_secs())
}

fn unreadable(raw: &HttpResponse) -> String {
    let status = raw.status().as_u16();
    let to = raw.headers().get("location").map(|to| format!(", sent on to {to},")).unwrap_or_default();
    let kind = match raw.headers().get("content-type").map(|kind| kind.split(';').next().unwrap_or(kind)) {
        Some(kind) if kind.contains("html") => " (a web page)",
        _ => "",
    };
    format!("HTTP {status}{to} with a body{kind} that is not AWS's")
}

/// `ClientException` for `com.amazonaws.ecs#ClientException:http://…`.
fn bare(code: &str) -> &str {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).trim()
}

/// `error`, and what caused it, and what caused that.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The first error of type `T` among `error` and its causes.
fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref::<T>())
}

/// What `error` and its causes say, without what is said twice.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = vec![];
    for error in causes(error) {
        let text = error.to_string();
        if !text.is_empty() && !said.iter().any(|before| before.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}

/// What the innermost cause says.
fn cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_meaning_and_an_unknown_one_goes_by_its_status() {
        for (code, status, expected) in [
            ("ThrottlingException", 400, Trouble::Throttled),
            ("TooManyRequestsException", 429, Trouble::Throttled),
            ("LimitExceededException", 400, Trouble::Refused),
            ("AccessDenied", 403, Trouble::Denied),
            ("OptInRequired", 403, Trouble::Denied),
            ("ExpiredToken", 403, Trouble::Credentials),
            ("UnrecognizedClientException", 400, Trouble::Credentials),
            ("InvalidClientTokenId", 403, Trouble::Credentials),
            ("ServiceNotActiveException", 400, Trouble::Gone),
            ("ServerException", 500, Trouble::Broken),
            ("UnknownOperationException", 400, Trouble::Unreadable),
            ("SomethingNew", 400, Trouble::Refused),
            ("SomethingNew", 503, Trouble::Broken),
        ] {
            assert_eq!(meaning(code, status), expected, "{code} {status}");
        }
    }

    #[test]
    fn a_code_is_the_same_however_it_is_wrapped() {
        for code in [
            "ClientException",
            "com.amazonaws.ecs#ClientException",
            "ns#ClientException:http://x/",
            "ClientException:x",
        ] {
            assert_eq!(bare(code), "ClientException");
        }
    }
}
