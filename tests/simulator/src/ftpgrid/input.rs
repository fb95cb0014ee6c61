//! Parses the bodies and queries of requests.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::server::{self, ApiRequest, announces_json};

pub(crate) type ApiError = server::ApiError;
pub(crate) type ApiResult<T> = server::ApiResult<T>;

/// The JSON object in the body of a request. Unknown keys are ignored.
#[derive(Debug)]
pub(crate) struct Input(Map<String, Value>);

impl Input {
    /// Parses the body of a request. An empty body is an empty object.
    pub(crate) fn parse(request: &ApiRequest<'_>) -> ApiResult<Self> {
        if request.body.is_empty() {
            return Ok(Self(Map::new()));
        }
        if !announces_json(request.headers()) {
            return Err(ApiError::bad_request("The body must be application/json"));
        }
        match serde_json::from_slice(request.body) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            Ok(_) => Err(ApiError::bad_request("The body must be a JSON object")),
            Err(_) => Err(ApiError::bad_request("The body is not valid JSON")),
        }
    }

    pub(crate) fn of(value: &Value, what: &str) -> ApiResult<Self> {
        let object = value.as_object().cloned().map(Self);
        object.ok_or_else(|| ApiError::bad_request(format!("{what} must be an object")))
    }

    pub(crate) fn text(&self, key: &str) -> ApiResult<Option<&str>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::bad_request(format!("{key} must be a string"))),
        }
    }

    /// Returns a string that is present and not empty.
    pub(crate) fn required(&self, key: &str) -> ApiResult<&str> {
        let text = self.text(key)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| ApiError::bad_request(format!("{key} is required")))
    }

    pub(crate) fn flag(&self, key: &str) -> ApiResult<Option<bool>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(ApiError::bad_request(format!("{key} must be a boolean"))),
        }
    }

    pub(crate) fn integer(&self, key: &str) -> ApiResult<i64> {
        let number = self.0.get(key).and_then(Value::as_i64);
        number.ok_or_else(|| ApiError::bad_request(format!("{key} must be an integer")))
    }

    pub(crate) fn list(&self, key: &str) -> ApiResult<Option<&[Value]>> {
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(ApiError::bad_request(format!("{key} must be an array"))),
        }
    }

    /// Returns an array of strings.
    pub(crate) fn texts(&self, key: &str) -> ApiResult<Option<Vec<&str>>> {
        let Some(list) = self.list(key)? else {
            return Ok(None);
        };
        let texts: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
        texts.map(Some).ok_or_else(|| ApiError::bad_request(format!("{key} must be an array of strings")))
    }
}

/// Returns a query parameter. A plus is literal; a space must be sent as `%20`.
pub(crate) fn query(query: Option<&str>, name: &str) -> ApiResult<String> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next();
    let value = value.ok_or_else(|| ApiError::bad_request(format!("The parameter {name} is required")))?;
    let text = percent_decode_str(value).decode_utf8();
    text.map(Into::into).map_err(|_| ApiError::bad_request(format!("The parameter {name} is not UTF-8")))
}
