//! What somebody asks for, before anything was read for it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::resource::Resource;
use super::verbs::Verb;

/// The name of a plan: twelve letters and digits, unique by chance.
///
/// It names the plan's journal and is part of the app name that `CloudTrail` keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlanId(String);

/// What is asked for: one verb, for one or more resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The plan it becomes.
    pub id: PlanId,
    /// The verb, with its parameters.
    pub verb: Verb,
    /// The resources it is about; one that is named twice counts once.
    pub resources: Vec<Resource>,
    /// The plan that it takes back.
    pub undoes: Option<PlanId>,
    /// The reason that the operator gave.
    pub reason: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
}

/// A number of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// That many.
    To(u32),
    /// That many more, or fewer.
    By(i32),
}

/// The lowest and the highest count that autoscaling may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The lowest.
    pub minimum: u32,
    /// The highest.
    pub maximum: u32,
}

impl PlanId {
    /// The id made of these bits, which are to be chosen at random.
    pub fn new(bits: u64) -> Self {
        // Without letters and digits that are easily mistaken for one another.
        const DIGITS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let digit = |at: u32| char::from(DIGITS[usize::try_from(bits >> (5 * at) & 31).unwrap_or_default()]);
        Self((0..12).map(digit).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The app name under which the plan's changes are sent: `wharf-` and the id.
    pub fn app_name(&self) -> String {
        format!("wharf-{}", self.0)
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PlanId> for String {
    fn from(id: PlanId) -> Self {
        id.0
    }
}

impl TryFrom<String> for PlanId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if text.len() == 12 && text.chars().all(plain) {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not a plan's id"))
        }
    }
}

impl Count {
    /// Reads `3`, `+1` or `-1`.
    ///
    /// # Errors
    ///
    /// Anything else, with what may be written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.trim_start_matches(['+', '-']);
        let plain = digits.len() + 1 >= text.len() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let wrong = || format!("`{text}` is not a number of tasks; write 3, +1 or -1, 5000 at most");
        // 5,000 tasks are the most that ECS lets a service have.
        // https://docs.aws.amazon.com/general/latest/gr/ecs-service.html
        let number: u32 = digits.parse().ok().filter(|number| plain && *number <= 5_000).ok_or_else(wrong)?;
        let by = i32::try_from(number).map_err(|_| wrong())?;
        match text.chars().next() {
            Some('+') => Ok(Self::By(by)),
            Some('-') => Ok(Self::By(-by)),
            _ => Ok(Self::To(number)),
        }
    }

    /// What it makes of `now` tasks; nothing where that would be fewer than none.
    pub fn of(self, now: u32) -> Option<u32> {
        match self {
            Self::To(count) => Some(count),
            Self::By(by) => now.checked_add_signed(by),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::To(count) => write!(f, "{count}"),
            Self::By(by) => write!(f, "{by:+}"),
        }
    }
}

impl Range {
    /// Whether `count` lies within.
    pub fn contains(self, count: u32) -> bool {
        (self.minimum..=self.maximum).contains(&count)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.minimum, self.maximum)
    }
}
