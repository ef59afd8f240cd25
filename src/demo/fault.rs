//! The faults of the embedded AWS, which are set by name.

use std::fmt;
use std::str::FromStr;

/// A way in which AWS fails its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every request fails with `ThrottlingException`.
    Throttled,
    /// Every request is denied, except STS's `GetCallerIdentity`, which needs no permission.
    Denied,
    /// The caller's credentials have expired.
    Expired,
    /// A response takes seven seconds.
    Slow,
    /// Requests are not carried out and never answered.
    Silent,
    /// Requests are carried out, but never answered.
    Lost,
    /// Requests are carried out, but the connection ends in the middle of the response body.
    CutOff,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 7] =
        [Self::Throttled, Self::Denied, Self::Expired, Self::Slow, Self::Silent, Self::Lost, Self::CutOff];

    /// The name of the fault on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Slow => "slow",
            Self::Silent => "silent",
            Self::Lost => "lost",
            Self::CutOff => "cut-off",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|fault| fault.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|fault| fault.name()).collect();
            format!("unknown fault `{text}`; the faults are {}", names.join(", "))
        })
    }
}
