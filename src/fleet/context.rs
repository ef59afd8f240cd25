//! A context: one AWS account in one region, seen through one set of credentials.

use super::ContextId;

/// One account in one region, and who we are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Its label, unique within a run.
    pub id: ContextId,
    /// The profile that was asked for; without one, the default credential chain is used.
    pub profile: Option<String>,
    /// The region, as in `us-east-1`.
    pub region: String,
    /// The endpoint that replaces AWS's own, where one is configured.
    pub endpoint: Option<String>,
    /// Who the credentials belong to, once STS has returned it.
    pub identity: Option<Identity>,
    /// The context that already shows this account and region; then nothing is asked through this one.
    pub same_as: Option<ContextId>,
}

/// What `sts:GetCallerIdentity` returns for the credentials.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// The user or the assumed role with its session.
    pub arn: String,
}

impl Identity {
    /// The part of the caller's ARN that a person knows them by: `ops@humangov`, or the role's session.
    pub fn short(&self) -> &str {
        caller(&self.arn)
    }
}

/// The part of a caller's ARN that a person knows them by: a user's name, or a role with its session.
pub fn caller(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    match resource.split_once('/') {
        Some(("assumed-role", rest)) => rest,
        _ => resource.rsplit('/').next().unwrap_or(resource),
    }
}
