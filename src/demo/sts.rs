//! STS: `GetCallerIdentity`.

use super::wire::{ApiError, escape};
use super::world::Account;

/// Runs an STS operation. Returns the XML of its result.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(crate) fn read(account: Option<&Account>, operation: &str) -> Result<String, ApiError> {
    match (operation, account) {
        ("GetCallerIdentity", Some(account)) => Ok(format!(
            "<Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>",
            escape(&account.caller),
            escape(&account.user_id),
            escape(&account.id)
        )),
        _ => {
            Err(ApiError::new("InvalidAction", format!("Could not find operation {operation} for version 2011-06-15")))
        }
    }
}
