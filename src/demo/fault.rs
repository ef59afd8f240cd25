//! Faults that can be switched on by name.

use std::fmt;
use std::str::FromStr;

/// A way in which AWS lets its callers down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Every answer is `ThrottlingException`.
    Throttled,
    /// The caller may do nothing (but ask who it is, which nobody can be denied).
    Denied,
    /// The caller's credentials have expired.
    Expired,
    /// An answer takes seven seconds.
    Slow,
    /// Nothing is carried out, and no answer ever comes.
    Silent,
    /// What was asked for is carried out, but its answer never comes.
    Lost,
    /// What was asked for is carried out, but the connection ends in the middle of the answer's body.
    CutOff,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Throttled, Self::Denied, Self::Expired, Self::Slow, Self::Silent, Self::Lost, Self::CutOff];

    /// The name it is switched on by.
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
            format!("there is no fault `{text}`; there are {}", names.join(", "))
        })
    }
}
