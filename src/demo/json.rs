//! JSON objects as AWS writes them: members without a value are omitted, times are seconds since 1970.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::world::Tags;

/// A builder of a JSON object.
#[derive(Debug, Default)]
pub(crate) struct JsonObject(Map<String, Value>);

impl JsonObject {
    /// An empty object.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a member.
    pub(crate) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Sets a member if there is a value.
    pub(crate) fn set_if_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Sets a list.
    pub(crate) fn list<T: Into<Value>>(self, key: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.set(key, values.into_iter().map(Into::into).collect::<Vec<Value>>())
    }

    /// Sets a time if there is one: seconds since 1970, with milliseconds.
    pub(crate) fn time(self, key: &str, time: impl Into<Option<Timestamp>>) -> Self {
        self.set_if_some(key, time.into().map(epoch_seconds))
    }
}

impl From<Map<String, Value>> for JsonObject {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl From<JsonObject> for Value {
    fn from(object: JsonObject) -> Self {
        Self::Object(object.0)
    }
}

/// Tags as a list of `key` and `value`.
pub(crate) fn tags(tags: &Tags) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| JsonObject::new().set("key", key.as_str()).set("value", value.as_str()).into())
        .collect()
}

/// A list of `name` and `value`.
pub(crate) fn name_value_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> Vec<Value> {
    pairs.into_iter().map(|(name, value)| JsonObject::new().set("name", name).set("value", value).into()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 need 41 of the 52 bits for many years to come")]
fn epoch_seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
