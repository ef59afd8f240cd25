//! What went wrong between us and AWS: kept in a list, never in one slot.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::fleet::{CloudError, ContextId};

/// Different errors that are kept; the longest unseen go first.
const KEPT: usize = 200;

/// Errors, the latest seen first; the same one seen again is counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors(VecDeque<RecordedError>);

/// An error, and when it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedError {
    /// The error as it was seen last.
    pub error: CloudError,
    /// The context it was seen in.
    pub context: ContextId,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// How often.
    pub times: u32,
}

impl Errors {
    /// Notes `error`, seen in `context` at `now`.
    pub fn record(&mut self, context: &ContextId, error: CloudError, now: Timestamp) {
        let known = self.0.iter().position(|seen| seen.context == *context && is_same(&seen.error, &error));
        let before = known.and_then(|at| self.0.remove(at));
        let (first, times) = before.map_or((now, 0), |seen| (seen.first, seen.times));
        self.0.push_front(RecordedError { error, context: context.clone(), first, last: now, times: times + 1 });
        self.0.truncate(KEPT);
    }

    /// The latest seen first.
    pub fn iter(&self) -> impl Iterator<Item = &RecordedError> {
        self.0.iter()
    }
}

impl RecordedError {
    /// What distinguishes it from other errors.
    pub fn id(&self) -> String {
        format!("{} {} {} {:?}", self.context, self.error.operation, self.error.on, self.error.code)
    }
}

/// Whether the two differ in nothing but when they happened.
fn is_same(a: &CloudError, b: &CloudError) -> bool {
    (a.kind, &a.operation, &a.on, &a.code) == (b.kind, &b.operation, &b.on, &b.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Trouble;

    fn error(operation: &str) -> CloudError {
        CloudError {
            kind: Trouble::Throttled,
            operation: operation.to_owned(),
            on: "cluster a".to_owned(),
            code: None,
            message: String::new(),
            request_id: None,
            advice: String::new(),
        }
    }

    #[test]
    fn the_same_error_is_counted_and_others_are_kept_beside_it() {
        let (context, mut troubles) = (ContextId::new("a"), Errors::default());
        for operation in ["ListServices", "DescribeServices", "ListServices"] {
            troubles.record(&context, error(operation), Timestamp::UNIX_EPOCH);
        }
        let seen: Vec<_> = troubles.iter().map(|seen| (seen.error.operation.as_str(), seen.times)).collect();
        assert_eq!(seen, [("ListServices", 2), ("DescribeServices", 1)]);
        for number in 0..300 {
            troubles.record(&context, error(&number.to_string()), Timestamp::UNIX_EPOCH);
        }
        assert_eq!(troubles.iter().count(), KEPT);
    }
}
