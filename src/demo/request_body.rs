//! The body of a JSON request. Each member is absent, of the right type, or an error.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::wire::ApiError;

/// The body of a JSON request. As with AWS, unknown members are ignored.
#[derive(Debug)]
pub(crate) struct RequestBody(Map<String, Value>);

impl RequestBody {
    /// Parses a body. An empty one has no members.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(other) => Err(ApiError::serialization(format!(
                "Unexpected token {} at the start of the body",
                json_token(&other)
            ))),
            Err(_) => Err(ApiError::serialization("The body is not valid JSON".to_owned())),
        }
    }

    /// A string.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, ApiError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong_type(other, "a String")),
        }
    }

    /// A Boolean.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, ApiError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong_type(other, "a Boolean")),
        }
    }

    /// Whether the member is there and not null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The member as JSON text; empty if there is none.
    pub(crate) fn raw_json(&self, key: &str) -> String {
        self.get(key).map(Value::to_string).unwrap_or_default()
    }

    /// A 32-bit integer.
    pub(crate) fn number(&self, key: &str) -> Result<Option<i64>, ApiError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => {
                let number = value.as_i64().filter(|number| i32::try_from(*number).is_ok());
                number.map(Some).ok_or_else(|| wrong_type(value, "an Integer"))
            }
        }
    }

    /// A 64-bit integer, such as milliseconds since 1970.
    pub(crate) fn long(&self, key: &str) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        value.as_i64().map(Some).ok_or_else(|| wrong_type(value, "a Long"))
    }

    /// A list of strings.
    pub(crate) fn strings(&self, key: &str) -> Result<Option<Vec<&str>>, ApiError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let Value::Array(values) = value else { return Err(wrong_type(value, "a List")) };
        let text = |value: &'_ Value| -> Result<(), ApiError> {
            if value.is_string() { Ok(()) } else { Err(wrong_type(value, "a String")) }
        };
        values.iter().try_for_each(text)?;
        Ok(Some(values.iter().filter_map(Value::as_str).collect()))
    }

    /// An object.
    pub(crate) fn object(&self, key: &str) -> Result<Option<Self>, ApiError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members.clone()))),
            Some(other) => Err(wrong_type(other, "a Structure")),
        }
    }

    /// A list of objects.
    pub(crate) fn objects(&self, key: &str) -> Result<Option<Vec<Self>>, ApiError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let Value::Array(values) = value else { return Err(wrong_type(value, "a List")) };
        let object = |value: &Value| match value {
            Value::Object(members) => Ok(Self(members.clone())),
            other => Err(wrong_type(other, "a Structure")),
        };
        values.iter().map(object).collect::<Result<_, _>>().map(Some)
    }

    /// All members that are not null.
    pub(crate) fn members(&self) -> Map<String, Value> {
        self.0.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// A timestamp in seconds since 1970.
    pub(crate) fn time(&self, key: &str) -> Result<Option<Timestamp>, ApiError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let span = value.as_f64().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
        let time = span.and_then(|span| Timestamp::from_duration(span).ok());
        time.map(Some).ok_or_else(|| wrong_type(value, "a Timestamp"))
    }

    /// A string that must be one of `words`.
    pub(crate) fn one_of(&self, key: &str, words: &[&str]) -> Result<Option<&str>, ApiError> {
        let text = self.text(key)?;
        text.map_or(Ok(()), |text| check_enum(key, text, words))?;
        Ok(text)
    }

    /// Whether the list `include` contains `what`; all its items must be among `words`.
    pub(crate) fn includes(&self, what: &str, words: &[&str]) -> Result<bool, ApiError> {
        let requested = self.strings("include")?.unwrap_or_default();
        requested.iter().try_for_each(|text| check_enum("include", text, words))?;
        Ok(requested.contains(&what))
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

/// Refuses a value that is not among `words`.
pub(crate) fn check_enum(key: &str, text: &str, words: &[&str]) -> Result<(), ApiError> {
    if words.contains(&text) {
        return Ok(());
    }
    let message = format!(
        "1 validation error detected: Value '{text}' at '{key}' failed to satisfy constraint: Member must satisfy \
         enum value set: [{}]",
        words.join(", ")
    );
    Err(ApiError::invalid_parameter(message))
}

fn wrong_type(value: &Value, into: &str) -> ApiError {
    ApiError::serialization(format!("{} can not be converted to {into}", json_token(value)))
}

fn json_token(value: &Value) -> &'static str {
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
