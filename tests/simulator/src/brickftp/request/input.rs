//! Reads request bodies, in whichever of three formats they come.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::brickftp::request::{query, xml_reader};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::response::times;

/// The fields of a request; those that nobody asks for are ignored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input(Map<String, Value>);

/// The names that requests may be wrapped in, as some of the documented ones are.
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
    /// Decides by the declared type, but believes a body that begins like XML whatever was declared.
    pub(crate) fn parse(headers: &HeaderMap, body: &[u8]) -> ApiResult<Self> {
        let declared = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self::read(&declared.to_ascii_lowercase(), body)
    }

    /// Without knowing the declared type.
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

    /// Adds what the query says and the body does not.
    pub(crate) fn complete(&mut self, pairs: &[(String, String)]) {
        if let Value::Object(object) = query::tree(pairs) {
            for (name, value) in object {
                self.0.entry(name).or_insert(value);
            }
        }
    }

    /// The same without all other fields.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
        Self(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// `None` if it is missing or null.
    pub(crate) fn text(&self, name: &str) -> ApiResult<Option<String>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(value.to_string())),
            Some(_) => Err(wrong(name)),
        }
    }

    /// A text of at most so many characters that may be null.
    pub(crate) fn change_text(&self, name: &str, longest: usize, target: &mut Option<String>) -> ApiResult<()> {
        if self.has(name) {
            *target = self.short_text(name, longest)?;
        }
        Ok(())
    }

    pub(crate) fn short_text(&self, name: &str, longest: usize) -> ApiResult<Option<String>> {
        let text = self.text(name)?;
        if text.as_ref().is_some_and(|text| text.chars().count() > longest) {
            return Err(ApiError::invalid(format!("{name} is too long (maximum is {longest} characters)")));
        }
        Ok(text)
    }

    /// A text that must be there.
    pub(crate) fn required(&self, name: &str, longest: usize) -> ApiResult<String> {
        let text = self.short_text(name, longest)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| ApiError::invalid(format!("{name} can't be blank")))
    }

    /// One of these words.
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

    /// A time that may be null or empty, as Unix milliseconds.
    pub(crate) fn change_time(&self, name: &str, target: &mut Option<i64>) -> ApiResult<()> {
        if self.has(name) {
            *target = match self.text(name)?.as_deref() {
                None | Some("") => None,
                Some(text) => Some(times::parse(text).ok_or_else(|| wrong(name))?),
            };
        }
        Ok(())
    }

    /// Ids as a comma-separated text, or as a list of numbers or texts.
    pub(crate) fn ids(&self, name: &str) -> ApiResult<Option<Vec<u64>>> {
        let Some(texts) = self.texts(name)? else {
            return Ok(None);
        };
        let words = texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|_| wrong(name))).collect::<ApiResult<_>>().map(Some)
    }

    /// A list of texts. XML cannot tell a list of one from an object, and a form sends one as it is.
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

/// A lone wrapper is taken off. `permission`, `behavior` and `public_key` are also names of fields, which hold texts.
fn unwrapped(mut object: Map<String, Value>) -> Map<String, Value> {
    let inner = WRAPPERS.iter().find(|name| object.get(**name).is_some_and(Value::is_object));
    match inner.and_then(|name| object.remove(*name)) {
        Some(Value::Object(inner)) => inner,
        _ => object,
    }
}
