//! The body of a JSON request. Each member is absent, of the right type, or an error.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::wire::Refusal;

/// The body of a JSON request. As with AWS, unknown members are ignored.
#[derive(Debug)]
pub(crate) struct Input(Map<String, Value>);

impl Input {
    /// Parses a body. An empty one has no members.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(other) => {
                Err(Refusal::serialization(format!("Unexpected token {} at the start of the body", kind(&other))))
            }
            Err(_) => Err(Refusal::serialization("The body is not valid JSON".to_owned())),
        }
    }

    /// A string.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(converted(other, "a String")),
        }
    }

    /// A Boolean.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(converted(other, "a Boolean")),
        }
    }

    /// Whether the member is there and not null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The member as JSON text; empty if there is none.
    pub(crate) fn written(&self, key: &str) -> String {
        self.get(key).map(Value::to_string).unwrap_or_default()
    }

    /// A 32-bit integer.
    pub(crate) fn number(&self, key: &str) -> Result<Option<i64>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => {
                let number = value.as_i64().filter(|number| i32::try_from(*number).is_ok());
                number.map(Some).ok_or_else(|| converted(value, "an Integer"))
            }
        }
    }

    /// A 64-bit integer, such as milliseconds since 1970.
    pub(crate) fn long(&self, key: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.as_i64().map(Some).ok_or_else(|| converted(value, "a Long"))
    }

    /// A list of strings.
    pub(crate) fn list(&self, key: &str) -> Result<Option<Vec<&str>>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let Value::Array(values) = value else { return Err(converted(value, "a List")) };
        let text = |value: &'_ Value| -> Result<(), Refusal> {
            if value.is_string() { Ok(()) } else { Err(converted(value, "a String")) }
        };
        values.iter().try_for_each(text)?;
        Ok(Some(values.iter().filter_map(Value::as_str).collect()))
    }

    /// An object.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Self>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(other) => Err(converted(other, "a Structure")),
        }
    }

    /// A list of objects.
    pub(crate) fn objects(&self, key: &str) -> Result<Option<Vec<Self>>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let Value::Array(values) = value else { return Err(converted(value, "a List")) };
        let object = |value: &Value| match value {
            Value::Object(members) => Ok(Self(members.clone())),
            other => Err(converted(other, "a Structure")),
        };
        values.iter().map(object).collect::<Result<_, _>>().map(Some)
    }

    /// All members that are not null.
    pub(crate) fn whole(&self) -> Map<String, Value> {
        self.0.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// A timestamp in seconds since 1970.
    pub(crate) fn time(&self, key: &str) -> Result<Option<Timestamp>, Refusal> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let span = value.as_f64().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
        let time = span.and_then(|span| Timestamp::from_duration(span).ok());
        time.map(Some).ok_or_else(|| converted(value, "a Timestamp"))
    }

    /// A string that must be one of `words`.
    pub(crate) fn word(&self, key: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        let text = self.text(key)?;
        text.map_or(Ok(()), |text| allowed(key, text, words))?;
        Ok(text)
    }

    /// Whether the list `include` contains `what`; all its items must be among `words`.
    pub(crate) fn includes(&self, what: &str, words: &[&str]) -> Result<bool, Refusal> {
        let asked = self.list("include")?.unwrap_or_default();
        asked.iter().try_for_each(|text| allowed("include", text, words))?;
        Ok(asked.contains(&what))
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

/// Refuses a value that is not among `words`.
pub(crate) fn allowed(key: &str, text: &str, words: &[&str]) -> Result<(), Refusal> {
    if words.contains(&text) {
        return Ok(());
    }
    let message = format!(
        "1 validation error detected: Value '{text}' at '{key}' failed to satisfy constraint: Member must satisfy \
         enum value set: [{}]",
        words.join(", ")
    );
    Err(Refusal::invalid(message))
}

fn converted(value: &Value, into: &str) -> Refusal {
    Refusal::serialization(format!("{} can not be converted to {into}", kind(value)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}
