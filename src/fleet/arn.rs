//! Names: AWS's own for things (ARNs), and ours for an account in a region (context ids).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An Amazon Resource Name, kept exactly as AWS wrote it.
///
/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; the parts are read where they are needed and
/// never put together from constants, because partitions and formats differ
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
/// What is not an ARN at all is kept too: emulators answer with bare names now and then.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arn(Arc<str>);

impl Arn {
    /// The ARN that is written as `text`.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `us-east-1`, or nothing where the ARN names none.
    pub fn region(&self) -> Option<&str> {
        self.part(3)
    }

    /// The twelve digits of the account, or nothing where the ARN names none.
    pub fn account(&self) -> Option<&str> {
        self.part(4)
    }

    /// The resource's own name: what follows the last slash, or the last colon of a bare one.
    ///
    /// `web` for `…:service/humangov/web` and for the old short form `…:service/web`; the family
    /// with its revision (`web:41`) for a task definition.
    pub fn name(&self) -> &str {
        let resource = self.0.splitn(6, ':').nth(5).unwrap_or(&self.0);
        resource.rsplit('/').next().unwrap_or(resource)
    }

    fn part(&self, at: usize) -> Option<&str> {
        if !self.0.starts_with("arn:") {
            return None;
        }
        self.0.splitn(6, ':').nth(at).filter(|part| !part.is_empty())
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which context something was seen through: its label, unique within one run.
///
/// A profile and a region, as in `humangov-prod us-east-1`; see [`Context`](super::Context).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContextId(Arc<str>);

impl ContextId {
    /// The context labelled `label`.
    pub fn new(label: impl Into<Arc<str>>) -> Self {
        Self(label.into())
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ContextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_follows_the_last_slash() {
        for (text, name, account, region) in [
            ("arn:aws:ecs:us-east-1:111122223333:service/humangov/web", "web", Some("111122223333"), Some("us-east-1")),
            ("arn:aws:ecs:us-east-1:111122223333:service/web", "web", Some("111122223333"), Some("us-east-1")),
            ("arn:aws-cn:ecs:cn-north-1:1:task/c/0123", "0123", Some("1"), Some("cn-north-1")),
            ("arn:aws:ecs:us-east-1:1:task-definition/web:41", "web:41", Some("1"), Some("us-east-1")),
            ("arn:aws:iam::1:root", "root", Some("1"), None),
            ("web", "web", None, None),
            ("", "", None, None),
        ] {
            let arn = Arn::new(text);
            assert_eq!((arn.name(), arn.account(), arn.region()), (name, account, region), "{text}");
        }
    }
}
