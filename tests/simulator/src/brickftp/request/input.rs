//! Request bodies in three formats: JSON, XML and forms.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::brickftp::request::{query, xml_reader};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::response::times;

/// The fields of a request. Unknown fields are ignored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input(Map<String, Value>);

/// Names of wrapper objects, as some of the documented requests have them.
const WRAPPERS: &[&str] = &[
    "session",
    "user",
    "api_key",
    "api-key",
    "public_key",
    "public-key",
    "group",
    "membership",
    "permission",
    "notification",
    "bundle",
    "behavior",
    "file",
];

impl Input {
    /// Parses by `Content-Type`, except that a body that begins like XML is XML.
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> ApiResult<Self> {
        let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self::read(&declared.to_ascii_lowercase(), body)
    }

    /// Parses without `Content-Type`.
    pub(crate) fn sniff(body: &[u8]) -> Option<Self> {
        Self::read("", body).ok()
    }

    fn read(declared: &str, body: &[u8]) -> ApiResult<Self> {
        let text = std::str::from_utf8(body).map_err(|_| ApiError::bad_request("The body is not UTF-8"))?;
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let value = match start.chars().next() {
            None => return Ok(Self::default()),
            Some('<') => xml_reader::parse(text).ok_or_else(|| ApiError::bad_request("The body is not valid XML"))?,
            _ if declared.contains("xml") => return Err(ApiError::bad_request("The body is not valid XML")),
            Some(first) if declared.contains("json") || (declared.is_empty() && matches!(first, '{' | '[')) => {
                serde_json::from_str(start).map_err(|_| ApiError::bad_request("The body is not valid JSON"))?
            }
            _ => query::tree(&query::pairs(text)),
        };
        match value {
            Value::Object(object) => Ok(Self(unwrapped(object))),
            // An XML root without children.
            Value::String(text) if text.trim().is_empty() => Ok(Self::default()),
            _ => Err(ApiError::bad_request("The body must be an object")),
        }
    }

    /// Adds the parameters of the query that the body does not have.
    pub(crate) fn complete(&mut self, pairs: &[(String, String)]) {
        if let Value::Object(object) = query::tree(pairs) {
            for (name, value) in object {
                self.0.entry(name).or_insert(value);
            }
        }
    }

    /// Returns only the named fields.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        let fields = self.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
        Self(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns `None` if the field is missing or null.
    pub(crate) fn text(&self, name: &str) -> ApiResult<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            Some(_) => Err(wrong(name)),
        }
    }

    /// Reads a nullable text with a maximum number of characters.
    pub(crate) fn change_text(&self, name: &str, max_length: usize, target: &mut Option<String>) -> ApiResult<()> {
        if self.has(name) {
            *target = self.short_text(name, max_length)?;
        }
        Ok(())
    }

    pub(crate) fn short_text(&self, name: &str, max_length: usize) -> ApiResult<Option<String>> {
        let text = self.text(name)?;
        if text.as_ref().is_some_and(|text| text.chars().count() > max_length) {
            return Err(ApiError::invalid(format!("{name} is too long (maximum is {max_length} characters)")));
        }
        Ok(text)
    }

    /// Reads a required text.
    pub(crate) fn required(&self, name: &str, max_length: usize) -> ApiResult<String> {
        let text = self.short_text(name, max_length)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| ApiError::invalid(format!("{name} can't be blank")))
    }

    /// Reads one of these words.
    pub(crate) fn word(&self, name: &str, words: &[&str]) -> ApiResult<Option<String>> {
        let word = self.text(name)?.filter(|word| !word.is_empty());
        match &word {
            Some(word) if !words.contains(&word.as_str()) => {
                Err(ApiError::invalid(format!("{name} must be one of {}", words.join(", "))))
            }
            _ => Ok(word),
        }
    }

    pub(crate) fn boolean(&self, name: &str) -> ApiResult<Option<bool>> {
        match self.text(name)?.as_deref() {
            None | Some("") => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(wrong(name)),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> ApiResult<Option<u64>> {
        match self.text(name)?.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| wrong(name)),
        }
    }

    /// Reads a time as Unix milliseconds. Null and empty clear it.
    pub(crate) fn change_time(&self, name: &str, target: &mut Option<i64>) -> ApiResult<()> {
        if self.has(name) {
            *target = match self.text(name)?.as_deref() {
                None | Some("") => None,
                Some(text) => Some(times::parse(text).ok_or_else(|| wrong(name))?),
            };
        }
        Ok(())
    }

    /// Reads ids: a comma-separated text, or a list of numbers or texts.
    pub(crate) fn ids(&self, name: &str) -> ApiResult<Option<Vec<u64>>> {
        let Some(texts) = self.texts(name)? else {
            return Ok(None);
        };
        let words = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|_| wrong(name))).collect::<ApiResult<_>>().map(Some)
    }

    /// Reads a list of texts. XML does not distinguish a list of one from an object, and a form sends one as it is.
    pub(crate) fn texts(&self, name: &str) -> ApiResult<Option<Vec<String>>> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(wrong(name)),
        };
        match value {
            Value::Array(items) => items.iter().map(text).collect::<ApiResult<_>>().map(Some),
            Value::Object(object) => match object.values().next() {
                Some(Value::Array(items)) if object.len() == 1 => {
                    items.iter().map(text).collect::<ApiResult<_>>().map(Some)
                }
                Some(only) if object.len() == 1 => Ok(Some(vec![text(only)?])),
                _ => object.values().map(text).collect::<ApiResult<_>>().map(Some),
            },
            Value::String(text) if text.is_empty() => Ok(Some(Vec::new())),
            value => Ok(Some(vec![text(value)?])),
        }
    }
}

fn wrong(name: &str) -> ApiError {
    ApiError::invalid(format!("{name} is invalid"))
}

/// Removes a single wrapper object. `permission`, `behavior` and `public_key` are also fields, which hold texts.
fn unwrapped(mut object: Map<String, Value>) -> Map<String, Value> {
    let inner = WRAPPERS.iter().find(|name| object.get(**name).is_some_and(Value::is_object));
    match inner.and_then(|name| object.remove(*name)) {
        Some(Value::Object(inner)) => inner,
        _ => object,
    }
}
