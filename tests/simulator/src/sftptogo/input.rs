//! Parses and validates request bodies.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::server::Reply;

/// A request that the service turns down.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    message: String,
}

pub(crate) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(crate) fn into_reply(self) -> Reply {
        Reply::json(self.status, &json!({ "message": self.message }))
    }
}

/// The JSON object in the body of a request. Unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct Input(Map<String, Value>);

/// The change that a request makes to a nullable key.
#[derive(Debug, PartialEq)]
pub(crate) enum FieldUpdate<T> {
    Keep,
    Clear,
    Set(T),
}

impl<T> FieldUpdate<T> {
    pub(crate) fn apply(self, target: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *target = None,
            Self::Set(value) => *target = Some(value),
        }
    }
}

impl Input {
    pub(crate) fn parse(body: &[u8]) -> Answer<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(Refusal::invalid("The body must be a JSON object")),
            Err(_) => Err(Refusal::invalid("The body is not valid JSON")),
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn text(&self, key: &str) -> Answer<Option<String>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::invalid(format!("{key} must be a string"))),
        }
    }

    pub(crate) fn nullable_text(&self, key: &str) -> Answer<FieldUpdate<String>> {
        if self.0.get(key).is_some_and(Value::is_null) {
            return Ok(FieldUpdate::Clear);
        }
        Ok(self.text(key)?.map_or(FieldUpdate::Keep, FieldUpdate::Set))
    }

    pub(crate) fn nullable_integer(&self, key: &str) -> Answer<FieldUpdate<i64>> {
        match self.0.get(key) {
            None => Ok(FieldUpdate::Keep),
            Some(Value::Null) => Ok(FieldUpdate::Clear),
            Some(value) => value
                .as_i64()
                .map(FieldUpdate::Set)
                .ok_or_else(|| Refusal::invalid(format!("{key} must be an integer"))),
        }
    }

    /// Returns a string that is one of these values.
    pub(crate) fn word(&self, key: &str, words: &[&str]) -> Answer<Option<String>> {
        let word = self.text(key)?;
        match &word {
            Some(word) if !words.contains(&word.as_str()) => {
                Err(Refusal::invalid(format!("{key} must be one of {}", words.join(", "))))
            }
            _ => Ok(word),
        }
    }

    pub(crate) fn list(&self, key: &str) -> Answer<Option<&Vec<Value>>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(Refusal::invalid(format!("{key} must be an array"))),
        }
    }

    pub(crate) fn object(&self, key: &str) -> Answer<Option<Self>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self(object.clone()))),
            Some(_) => Err(Refusal::invalid(format!("{key} must be an object"))),
        }
    }

    pub(crate) fn from_value(value: &Value, what: &str) -> Answer<Self> {
        let object = value.as_object().cloned().map(Self);
        object.ok_or_else(|| Refusal::invalid(format!("{what} must be an object")))
    }
}

/// Returns a string that is present and not empty.
pub(crate) fn required(key: &str, value: Option<String>) -> Answer<String> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| Refusal::invalid(format!("{key} is required")))
}
