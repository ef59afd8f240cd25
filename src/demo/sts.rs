//! STS: who is asking.

use super::wire::{Refusal, escape};
use super::world::Account;

/// Answers an operation of STS.
pub(crate) fn answer(account: Option<&Account>, operation: &str) -> Result<String, Refusal> {
    match (operation, account) {
        ("GetCallerIdentity", Some(account)) => Ok(format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
             <GetCallerIdentityResult>\n    <Arn>{}</Arn>\n    <UserId>{}</UserId>\n    <Account>{}</Account>\n  \
             </GetCallerIdentityResult>\n</GetCallerIdentityResponse>\n",
            escape(&account.caller),
            escape(&account.user_id),
            escape(&account.id)
        )),
        _ => Err(Refusal::new("InvalidAction", format!("Could not find operation {operation} for version 2011-06-15"))),
    }
}
