//! The envelopes that replies come in.

use http::StatusCode;
use http::header::HOST;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::input::Refusal;
use super::settings::{DeletionReply, Settings};
use crate::server::Reply;

/// What a call is answered with, before the settings decide how that looks.
#[derive(Debug)]
pub(crate) enum Document {
    /// One object in the envelope.
    One(Value),
    /// The same for what was created.
    Created(Value),
    /// A list in the envelope.
    List(Vec<Value>),
    /// A list that comes in pages, so many items long unless the request says otherwise.
    Pages(Vec<Value>, usize),
    /// The answer to a deletion: what was deleted, and whether the documentation shows that.
    Deleted { object: Value, shown: bool },
    /// An object without the envelope.
    Plain(Value),
}

/// What of a request its reply depends on.
#[derive(Debug)]
pub(crate) struct Asked {
    url: String,
    page: usize,
    limit: Option<usize>,
}

impl Asked {
    pub(crate) fn new(scheme: &str, request: &Parts) -> Self {
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let query = request.uri.query().unwrap_or_default();
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(known, _)| *known == name)?;
            percent_decode_str(value).decode_utf8().ok()?.parse().ok().filter(|number| *number > 0)
        };
        Self {
            url: format!("{scheme}://{host}{}", request.uri.path()),
            page: number("page").unwrap_or(1),
            limit: number("limit"),
        }
    }
}

impl Document {
    pub(crate) fn into_reply(self, settings: &Settings, asked: &Asked) -> Reply {
        let mut status = StatusCode::OK;
        let body = match self {
            Self::One(data) => enveloped(data),
            Self::Created(data) => {
                if settings.created_status {
                    status = StatusCode::CREATED;
                }
                enveloped(data)
            }
            Self::List(mut items) => match settings.page_size {
                Some(size) => page(&items, size, asked),
                None if settings.lone_objects && items.len() == 1 => enveloped(items.remove(0)),
                None => enveloped(items.into()),
            },
            Self::Pages(items, size) => page(&items, asked.limit.unwrap_or(size), asked),
            Self::Deleted { object, shown } => match settings.deletions {
                DeletionReply::Documented if shown => enveloped(object),
                DeletionReply::Documented | DeletionReply::StatusOnly => json!({ "status": true }),
                DeletionReply::Object => enveloped(object),
                DeletionReply::EmptyArray => enveloped(json!([])),
                DeletionReply::Null => enveloped(Value::Null),
                DeletionReply::Empty => return Reply::empty(status),
            },
            Self::Plain(body) => body,
        };
        Reply::json(status, &spelled(body, settings))
    }
}

impl Refusal {
    pub(crate) fn into_reply(self, settings: &Settings) -> Reply {
        let status = if settings.soft_errors { StatusCode::OK } else { self.status };
        Reply::json(status, &spelled(self.body(), settings))
    }
}

fn enveloped(data: Value) -> Value {
    [("status", true.into()), ("data", data)].into_iter().collect()
}

/// One page, with the keys of Laravel's paginator beside `data`.
fn page(items: &[Value], size: usize, asked: &Asked) -> Value {
    let last = items.len().div_ceil(size).max(1);
    let start = (asked.page - 1).saturating_mul(size).min(items.len());
    let end = start.saturating_add(size).min(items.len());
    let url = |page: usize| {
        let limit = asked.limit.map_or_else(String::new, |limit| format!("&limit={limit}"));
        json!(format!("{}?page={page}{limit}", asked.url))
    };
    json!({
        "status": true,
        "data": items[start..end],
        "current_page": asked.page,
        "last_page": last,
        "per_page": size,
        "total": items.len(),
        "from": (start < end).then_some(start + 1),
        "to": (start < end).then_some(end),
        "path": asked.url,
        "first_page_url": url(1),
        "last_page_url": url(last),
        "next_page_url": if asked.page < last { url(asked.page + 1) } else { Value::Null },
        "prev_page_url": if asked.page > 1 { url(asked.page - 1) } else { Value::Null },
    })
}

/// Writes truth values as the settings want them.
fn spelled(value: Value, settings: &Settings) -> Value {
    if settings.numeric_booleans { numeric(value) } else { value }
}

fn numeric(value: Value) -> Value {
    match value {
        Value::Bool(flag) => u8::from(flag).into(),
        Value::Array(items) => items.into_iter().map(numeric).collect(),
        Value::Object(object) => {
            Value::Object(object.into_iter().map(|(key, value)| (key, numeric(value))).collect::<Map<_, _>>())
        }
        other => other,
    }
}
