//! Why AWS could not be asked, in words that say what to do next.

use std::fmt;

/// Why a question to AWS has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudError {
    /// What it means for us.
    pub kind: Trouble,
    /// The operation, as in `DescribeServices`.
    pub operation: String,
    /// What it was asked of, as in `cluster humangov`.
    pub on: String,
    /// AWS's code, as in `AccessDeniedException`, where there was an answer with one.
    pub code: Option<String>,
    /// AWS's message, or the reason why there was no answer.
    pub message: String,
    /// AWS's request id, for its support.
    pub request_id: Option<String>,
    /// What to do next.
    pub advice: String,
}

/// What an error means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// A bucket is empty: asked again later.
    Throttled,
    /// IAM does not allow it.
    Denied,
    /// No valid credentials: missing, expired, or refused.
    Credentials,
    /// It does not exist, or not here.
    Gone,
    /// No answer within the limit.
    TimedOut,
    /// No connection.
    Unreachable,
    /// An answer that is not AWS's: an emulator's or a proxy's page.
    Unreadable,
    /// Anything else that AWS refused, in its own words.
    Refused,
    /// AWS itself failed.
    Broken,
}

impl CloudError {
    /// What failed and what AWS said, in one line, without the advice.
    pub fn what(&self) -> String {
        let code = self.code.as_ref().map(|code| format!("{code}: ")).unwrap_or_default();
        format!("{} on {}: {code}{}", self.operation, self.on, self.message)
    }

    /// Whether the same request may succeed after a while: it was throttled, or no answer of AWS's came.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Trouble::Throttled | Trouble::TimedOut | Trouble::Unreachable | Trouble::Broken)
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what())?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        write!(f, ". {}", self.advice)
    }
}

impl std::error::Error for CloudError {}

impl Trouble {
    /// One word for a header or a row.
    pub fn word(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::Credentials => "credentials",
            Self::Gone => "gone",
            Self::TimedOut => "no answer",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::Broken => "AWS failed",
        }
    }
}
