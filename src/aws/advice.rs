//! What to do next about an error: of a read, which wharf retries by itself, and of a change, which it does not.

use super::client::{Login, Principal, RequestInfo};
use crate::fleet::Trouble;

/// What to do next about trouble of this `kind`.
pub(super) fn advice(kind: Trouble, principal: &Principal, info: &RequestInfo, code: Option<&str>) -> String {
    if let Some(advice) = of_change(kind, info, code) {
        return advice.to_owned();
    }
    match kind {
        Trouble::Throttled => "wharf retries by itself, more slowly.".to_owned(),
        Trouble::Denied if code == Some("OptInRequired") => {
            format!("Enable region {} for the account, or leave it out.", principal.region)
        }
        Trouble::Denied => match info.operation.info().iam_action {
            Some(action) => format!("Allow {action} to {}.", principal.name()),
            None => format!("{} needs no permission: AWS's message says what is wrong.", info.operation.name()),
        },
        Trouble::Credentials => renew(principal, code),
        Trouble::Gone => format!("Check the name, the account and the region ({}).", principal.region),
        Trouble::TimedOut | Trouble::Unreachable => match &principal.endpoint {
            Some(endpoint) => format!("Check that {endpoint} is up, and AWS_ENDPOINT_URL."),
            None => format!("Check the network, the proxy and that region {} exists.", principal.region),
        },
        Trouble::Unreadable => match &principal.endpoint {
            Some(endpoint) => format!("Does {endpoint} support this operation? Emulators may answer like this."),
            None => "Is there a proxy or a captive portal between this computer and AWS?".to_owned(),
        },
        Trouble::Refused => match code {
            Some("ReadOnly") => "Start without --read-only to make changes.".to_owned(),
            Some("UnknownOperation") => "Nothing was sent. Please report this: wharf is at fault.".to_owned(),
            Some("UnsupportedFeatureException") => {
                format!("Region {} does not offer this, or not for this service.", principal.region)
            }
            _ => "AWS's message says what is wrong.".to_owned(),
        },
        Trouble::Broken => "wharf retries by itself; if this goes on, see https://health.aws.amazon.com.".to_owned(),
    }
}

/// What to do when no turn came within our own limit.
pub(super) fn rate_limited(info: &RequestInfo) -> &'static str {
    if info.operation.is_read() {
        "wharf retries by itself once fewer reads wait."
    } else {
        "Nothing was changed: request it again once fewer requests are in progress."
    }
}

/// What differs where it was a change: that is made once, and may have been made without an answer.
fn of_change(kind: Trouble, info: &RequestInfo, code: Option<&str>) -> Option<&'static str> {
    if info.operation.is_read() {
        return None;
    }
    match (kind, code) {
        (Trouble::Throttled, _) => Some("Nothing was changed: request it again in a moment."),
        (Trouble::Broken, _) => {
            Some("AWS may have done it all the same: look first; if this goes on, see https://health.aws.amazon.com.")
        }
        (Trouble::Gone, Some("ServiceNotActiveException")) => Some("The service was deleted, or is being deleted."),
        (Trouble::Refused, Some("ConcurrentUpdateException")) => {
            Some("Something else changed it at the same moment: look, and request it again.")
        }
        _ => None,
    }
}

fn renew(principal: &Principal, code: Option<&str>) -> String {
    let how = match (&principal.login, &principal.profile) {
        (Login::Sso, Some(profile)) => format!("Run: aws sso login --profile {profile} --use-device-code"),
        (Login::Console, Some(profile)) => format!("Run: aws login --profile {profile}"),
        (_, Some(profile)) => format!("Renew the credentials of profile {profile}; nothing needs a restart"),
        (_, None) => {
            "Name a profile with --profile or AWS_PROFILE, or renew the credentials in the environment".to_owned()
        }
    };
    match code {
        Some("InvalidConfiguration") => match &principal.profile {
            Some(profile) => format!("Correct profile {profile} in AWS's config file."),
            None => "Correct AWS's config file.".to_owned(),
        },
        Some("UnrecognizedClientException" | "UnrecognizedClient" | "AuthFailure" | "RegionDisabledException") => {
            format!("{how}. Or is region {} not enabled for the account?", principal.region)
        }
        Some("InvalidSignatureException" | "SignatureDoesNotMatch") => {
            format!("{how}. Or is this computer's clock wrong?")
        }
        _ => format!("{how}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_about_credentials_depends_on_how_they_were_got() {
        let principal = |profile: Option<&str>, login| Principal {
            profile: profile.map(str::to_owned),
            region: "a-1".to_owned(),
            endpoint: None,
            login,
        };
        for (principal, code, expected) in [
            (principal(Some("x"), Login::Sso), None, "Run: aws sso login --profile x --use-device-code."),
            (principal(Some("x"), Login::Console), None, "Run: aws login --profile x."),
            (principal(Some("x"), Login::Sso), Some("InvalidConfiguration"), "Correct profile x in AWS's config file."),
            (
                principal(Some("x"), Login::Other),
                Some("ExpiredToken"),
                "Renew the credentials of profile x; nothing needs a restart.",
            ),
            (
                principal(None, Login::Other),
                None,
                "Name a profile with --profile or AWS_PROFILE, or renew the credentials in the environment.",
            ),
            (
                principal(Some("x"), Login::Other),
                Some("UnrecognizedClientException"),
                "Renew the credentials of profile x; nothing needs a restart. Or is region a-1 not enabled for the account?",
            ),
        ] {
            assert_eq!(renew(&principal, code), expected);
        }
    }
}
