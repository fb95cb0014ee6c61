//! Parses and validates request bodies. Reports all invalid fields at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::state::objects::{Tag, WrapRule};
use crate::server;

/// The problems of a request by field, as error responses list them.
pub(crate) type FieldErrors = BTreeMap<String, Vec<String>>;

pub(crate) type ApiError = server::ApiError<FieldErrors>;
pub(crate) type ApiResult<T> = server::ApiResult<T, FieldErrors>;

pub(crate) fn not_found() -> ApiError {
    ApiError::not_found("Not Found")
}

/// The JSON object in the body of a request. Unknown keys are ignored.
///
/// Reading a field records its problems; [`check`](Self::check) returns all of them as one error.
#[derive(Debug)]
pub(crate) struct Input {
    object: Map<String, Value>,
    problems: FieldErrors,
}

impl Input {
    pub(crate) fn parse(body: &[u8]) -> ApiResult<Self> {
        let object = match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => object,
            // Without a body, the list of missing fields is more helpful than a syntax error.
            _ if body.is_empty() => Map::new(),
            Ok(_) => return Err(ApiError::bad_request("The body must be a JSON object.")),
            Err(_) => return Err(ApiError::bad_request("The body is not valid JSON.")),
        };
        Ok(Self { object, problems: FieldErrors::new() })
    }

    /// Returns an error if problems were recorded.
    pub(crate) fn check(self) -> ApiResult<()> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(ApiError { details: self.problems, ..ApiError::unprocessable("The given data was invalid.") })
    }

    pub(crate) fn note(&mut self, key: &str, problem: impl Into<String>) {
        self.problems.entry(key.to_owned()).or_default().push(problem.into());
    }

    pub(crate) fn has_problem(&self, key: &str) -> bool {
        self.problems.contains_key(key)
    }

    fn note_missing(&mut self, key: &str) {
        self.note(key, format!("The {key} field is required."));
    }

    /// Returns the value of a key. Null is the same as absent.
    fn value(&self, key: &str) -> Option<Value> {
        self.object.get(key).filter(|value| !value.is_null()).cloned()
    }

    fn read<T>(&mut self, key: &str, read: impl FnOnce(Value) -> Option<T>, requirement: &str) -> Option<T> {
        let value = read(self.value(key)?);
        if value.is_none() {
            self.note(key, format!("The {key} must {requirement}."));
        }
        value
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, text, "be a string")
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, |value| value.as_bool(), "be true or false")
    }

    /// Returns a required string, which can be empty.
    pub(crate) fn present_text(&mut self, key: &str) -> String {
        if self.value(key).is_none() {
            self.note_missing(key);
        }
        self.text(key).unwrap_or_default()
    }

    /// Returns a required, non-empty string.
    pub(crate) fn required_text(&mut self, key: &str) -> String {
        let text = self.present_text(key);
        if text.is_empty() && self.value(key).is_some_and(|value| value.is_string()) {
            self.note_missing(key);
        }
        text
    }

    pub(crate) fn required_flag(&mut self, key: &str) -> bool {
        if self.value(key).is_none() {
            self.note_missing(key);
        }
        self.flag(key).unwrap_or_default()
    }

    pub(crate) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        self.read(key, |value| list(value, text), "be an array of strings")
    }

    pub(crate) fn required_texts(&mut self, key: &str) -> Vec<String> {
        let texts = self.texts(key);
        if self.value(key).is_none() || texts.as_ref().is_some_and(Vec::is_empty) {
            self.note_missing(key);
        }
        texts.unwrap_or_default()
    }

    pub(crate) fn tags(&mut self, key: &str) -> Option<Vec<Tag>> {
        self.read(key, |value| list(value, tag), "be an array of objects with a key and a label")
    }

    pub(crate) fn wrap_rules(&mut self, key: &str) -> Option<Vec<WrapRule>> {
        let requirement = "be an array of objects with a type, allow or deny, and a rule that is an array of strings";
        self.read(key, |value| list(value, wrap_rule), requirement)
    }
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn list<T>(value: Value, item: impl FnMut(Value) -> Option<T>) -> Option<Vec<T>> {
    if let Value::Array(items) = value { items.into_iter().map(item).collect() } else { None }
}

fn tag(mut value: Value) -> Option<Tag> {
    Some(Tag { key: text(value.get_mut("key")?.take())?, label: text(value.get_mut("label")?.take())? })
}

fn wrap_rule(mut value: Value) -> Option<WrapRule> {
    let kind = text(value.get_mut("type")?.take()).filter(|kind| matches!(kind.as_str(), "allow" | "deny"))?;
    let rule = list(value.get_mut("rule")?.take(), |item| text(item).filter(|text| !text.is_empty()))?;
    Some(WrapRule { kind, rule })
}
