//! Parses and validates request bodies.

use serde_json::{Map, Value};

use crate::server;

pub(crate) type ApiError = server::ApiError;
pub(crate) type ApiResult<T> = server::ApiResult<T>;

pub(crate) fn not_found() -> ApiError {
    ApiError::not_found("Not Found")
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
    pub(crate) fn parse(body: &[u8]) -> ApiResult<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ApiError::bad_request("The body must be a JSON object")),
            Err(_) => Err(ApiError::bad_request("The body is not valid JSON")),
        }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn text(&self, key: &str) -> ApiResult<Option<String>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ApiError::bad_request(format!("{key} must be a string"))),
        }
    }

    pub(crate) fn nullable_text(&self, key: &str) -> ApiResult<FieldUpdate<String>> {
        if self.0.get(key).is_some_and(Value::is_null) {
            return Ok(FieldUpdate::Clear);
        }
        Ok(self.text(key)?.map_or(FieldUpdate::Keep, FieldUpdate::Set))
    }

    pub(crate) fn nullable_integer(&self, key: &str) -> ApiResult<FieldUpdate<i64>> {
        match self.0.get(key) {
            None => Ok(FieldUpdate::Keep),
            Some(Value::Null) => Ok(FieldUpdate::Clear),
            Some(value) => value
                .as_i64()
                .map(FieldUpdate::Set)
                .ok_or_else(|| ApiError::bad_request(format!("{key} must be an integer"))),
        }
    }

    /// Returns a string that is one of these values.
    pub(crate) fn word(&self, key: &str, words: &[&str]) -> ApiResult<Option<String>> {
        let word = self.text(key)?;
        match &word {
            Some(word) if !words.contains(&word.as_str()) => {
                Err(ApiError::bad_request(format!("{key} must be one of {}", words.join(", "))))
            }
            _ => Ok(word),
        }
    }

    pub(crate) fn list(&self, key: &str) -> ApiResult<Option<&Vec<Value>>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(ApiError::bad_request(format!("{key} must be an array"))),
        }
    }

    pub(crate) fn object(&self, key: &str) -> ApiResult<Option<Self>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self(object.clone()))),
            Some(_) => Err(ApiError::bad_request(format!("{key} must be an object"))),
        }
    }

    pub(crate) fn from_value(value: &Value, what: &str) -> ApiResult<Self> {
        let object = value.as_object().cloned().map(Self);
        object.ok_or_else(|| ApiError::bad_request(format!("{what} must be an object")))
    }
}

/// Returns a string that is present and not empty.
pub(crate) fn required(key: &str, value: Option<String>) -> ApiResult<String> {
    value.filter(|text| !text.is_empty()).ok_or_else(|| ApiError::bad_request(format!("{key} is required")))
}
