//! What a request on the wire asks for, whatever protocol it speaks.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use wharf::fleet::operation::{Mode, OPERATIONS};

/// The operation that `request` names: in a header (AWS JSON), in its path (RPC v2 CBOR) or in its form (Query).
pub fn operation(request: &HttpRequest) -> String {
    if let Some((_, operation)) = request.headers().get("x-amz-target").and_then(|target| target.rsplit_once('.')) {
        return operation.to_owned();
    }
    if let Some((_, operation)) = request.uri().rsplit_once("/operation/") {
        return operation.to_owned();
    }
    let form = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action="));
    action.unwrap_or_else(|| panic!("{} names no operation", request.uri())).to_owned()
}

/// Whether an operation counts as a write: every one that is not known to only read.
pub fn is_write(operation: &str) -> bool {
    !OPERATIONS.iter().any(|info| info.name == operation && info.mode == Mode::Read)
}

#[test]
fn only_operations_that_are_known_to_read_are_no_writes() {
    for (operation, write) in [
        ("DescribeServices", false),
        ("GetCallerIdentity", false),
        ("UpdateService", true),
        ("RegisterScalableTarget", true),
        ("StopTask", true),
        ("DescribeWhatNobodyKnows", true),
        ("", true),
    ] {
        assert_eq!(is_write(operation), write, "{operation}");
    }
}
