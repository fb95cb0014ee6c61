//! Parses and validates request bodies.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::server;

pub(crate) type ApiError = server::ApiError;
pub(crate) type ApiResult<T> = server::ApiResult<T>;

/// The JSON object in the body of a request. Unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct Input(Map<String, Value>);

impl Input {
    pub(crate) fn parse(body: &[u8]) -> ApiResult<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ApiError::unprocessable("The body must be a JSON object")),
            Err(_) => Err(ApiError::bad_request("The body is not valid JSON")),
        }
    }

    /// Parses the body of an update, which must have at least one of these keys.
    pub(crate) fn parse_changes(body: &[u8], keys: &[&str]) -> ApiResult<Self> {
        let input = Self::parse(body)?;
        if keys.iter().any(|key| input.0.contains_key(*key)) {
            return Ok(input);
        }
        Err(ApiError::unprocessable(format!("At least one of {} is required", keys.join(", "))))
    }

    /// Returns a string that is not empty.
    pub(crate) fn text(&self, key: &str) -> ApiResult<Option<String>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => {
                Err(ApiError::unprocessable(format!("{key} must not be empty")))
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ApiError::unprocessable(format!("{key} must be a string"))),
        }
    }

    pub(crate) fn required_text(&self, key: &str) -> ApiResult<String> {
        self.text(key)?.ok_or_else(|| ApiError::unprocessable(format!("{key} is required")))
    }

    pub(crate) fn boolean(&self, key: &str) -> ApiResult<Option<bool>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(ApiError::unprocessable(format!("{key} must be a boolean"))),
        }
    }

    pub(crate) fn texts(&self, key: &str) -> ApiResult<Option<Vec<String>>> {
        let wrong = || ApiError::unprocessable(format!("{key} must be an array of strings"));
        let list = match self.0.get(key) {
            None => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(wrong()),
        };
        list.iter().map(|item| item.as_str().map(Into::into).ok_or_else(wrong)).collect::<ApiResult<_>>().map(Some)
    }

    pub(crate) fn map_of_texts(&self, key: &str) -> ApiResult<Option<BTreeMap<String, String>>> {
        let wrong = || ApiError::unprocessable(format!("{key} must be an object with strings as its values"));
        let object = match self.0.get(key) {
            None => return Ok(None),
            Some(Value::Object(object)) => object,
            Some(_) => return Err(wrong()),
        };
        let pairs = object.iter().map(|(path, word)| Ok((path.clone(), word.as_str().ok_or_else(wrong)?.to_owned())));
        pairs.collect::<ApiResult<_>>().map(Some)
    }
}
