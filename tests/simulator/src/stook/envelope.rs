//! The envelopes of responses.

use http::StatusCode;
use http::header::HOST;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::input::ApiError;
use super::settings::{DeletionResponse, Settings};
use crate::server::Response;

/// The content of a response. The settings decide how it is rendered.
#[derive(Debug)]
pub(crate) enum Envelope {
    /// An object in the envelope.
    Object(Value),
    /// A created object in the envelope.
    Created(Value),
    /// A list in the envelope.
    List(Vec<Value>),
    /// A paginated list, with its default page size.
    Pages(Vec<Value>, usize),
    /// The response to a deletion: the deleted object, and whether it is documented as part of the response.
    Deleted { object: Value, documented: bool },
    /// An object without the envelope.
    Bare(Value),
}

/// The properties of a request that its response depends on.
#[derive(Debug)]
pub(crate) struct PageRequest {
    url: String,
    page: usize,
    limit: Option<usize>,
}

impl PageRequest {
    pub(crate) fn new(scheme: &str, request: &Parts) -> Self {
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let query = request.uri.query().unwrap_or_default();
        let number = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(key, _)| *key == name)?;
            percent_decode_str(value).decode_utf8().ok()?.parse().ok().filter(|number| *number > 0)
        };
        Self {
            url: format!("{scheme}://{host}{}", request.uri.path()),
            page: number("page").unwrap_or(1),
            limit: number("limit"),
        }
    }
}

impl Envelope {
    pub(crate) fn into_response(self, settings: &Settings, page_request: &PageRequest) -> Response {
        let mut status = StatusCode::OK;
        let body = match self {
            Self::Object(data) => in_envelope(data),
            Self::Created(data) => {
                if settings.created_status {
                    status = StatusCode::CREATED;
                }
                in_envelope(data)
            }
            Self::List(mut items) => match settings.page_size {
                Some(size) => page(&items, size, page_request),
                None if settings.unwrapped_single_items && items.len() == 1 => in_envelope(items.remove(0)),
                None => in_envelope(items.into()),
            },
            Self::Pages(items, size) => page(&items, page_request.limit.unwrap_or(size), page_request),
            Self::Deleted { object, documented } => match settings.deletions {
                DeletionResponse::Documented if documented => in_envelope(object),
                DeletionResponse::Documented | DeletionResponse::StatusOnly => json!({ "status": true }),
                DeletionResponse::Object => in_envelope(object),
                DeletionResponse::EmptyArray => in_envelope(json!([])),
                DeletionResponse::Null => in_envelope(Value::Null),
                DeletionResponse::Empty => return Response::empty(status),
            },
            Self::Bare(body) => body,
        };
        Response::json(status, &with_boolean_format(body, settings))
    }
}

pub(crate) fn error_response(error: &ApiError, settings: &Settings) -> Response {
    let status = if settings.soft_errors { StatusCode::OK } else { error.status };
    let mut body = json!({ "status": false, "message": error.message });
    if !error.details.is_empty() {
        body["errors"] = json!(error.details);
    }
    Response::json(status, &with_boolean_format(body, settings))
}

fn in_envelope(data: Value) -> Value {
    [("status", true.into()), ("data", data)].into_iter().collect()
}

/// Renders one page, with the keys of Laravel's paginator beside `data`.
fn page(items: &[Value], size: usize, page_request: &PageRequest) -> Value {
    let last = items.len().div_ceil(size).max(1);
    let start = (page_request.page - 1).saturating_mul(size).min(items.len());
    let end = start.saturating_add(size).min(items.len());
    let url = |page: usize| {
        let limit = page_request.limit.map_or_else(String::new, |limit| format!("&limit={limit}"));
        json!(format!("{}?page={page}{limit}", page_request.url))
    };
    json!({
        "status": true,
        "data": items[start..end],
        "current_page": page_request.page,
        "last_page": last,
        "per_page": size,
        "total": items.len(),
        "from": (start < end).then_some(start + 1),
        "to": (start < end).then_some(end),
        "path": page_request.url,
        "first_page_url": url(1),
        "last_page_url": url(last),
        "next_page_url": if page_request.page < last { url(page_request.page + 1) } else { Value::Null },
        "prev_page_url": if page_request.page > 1 { url(page_request.page - 1) } else { Value::Null },
    })
}

/// Applies the setting for booleans.
fn with_boolean_format(value: Value, settings: &Settings) -> Value {
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
