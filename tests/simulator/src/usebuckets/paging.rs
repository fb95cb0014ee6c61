//! Pagination: the parameters of list requests and the envelope of the responses.

use http::StatusCode;
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use super::input::{ApiError, ApiResult};
use super::settings::{NextUri, PageLimits, Settings, UnknownAfter};
use super::state::table::{Page, Row, Table};
use crate::server::{Response, UNRESERVED};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: i64 = 1000;

/// Identifies a list: the path of its documented `next_uri`, and the parent of its rows.
#[derive(Clone, Copy)]
pub(crate) struct ListId<'a> {
    pub(crate) next: &'static str,
    pub(crate) parent: &'a str,
}

/// Returns the response to a request for a page.
pub(crate) fn page_response<T: Row>(
    settings: &Settings,
    list: ListId<'_>,
    table: &Table<T>,
    query: &str,
    render: impl Fn(&T) -> Value,
) -> ApiResult<Response> {
    let limit = limit(settings, query)?;
    let limit = settings.page_cap.map_or(limit, |cap| limit.min(cap));
    let after = value(query, "after").filter(|_| !settings.ignore_after);
    let page = match (table.page(list.parent, after.as_deref(), limit), settings.unknown_after) {
        (Some(page), _) => page,
        (None, UnknownAfter::Reject) => {
            return Err(ApiError::unprocessable("after is not the id of an item of this list"));
        }
        (None, UnknownAfter::FirstPage) => table.page(list.parent, None, limit).unwrap_or_else(empty_page),
        (None, UnknownAfter::Empty) => empty_page(),
    };
    let data: Vec<_> = page.rows.iter().map(|row| render(row)).collect();
    let mut body = json!({ "has_more": page.has_more, "data": data });
    if let Some(last) = page.rows.last().filter(|_| page.has_more) {
        let cursor = utf8_percent_encode(last.id(), UNRESERVED);
        let next = match settings.next_uri {
            NextUri::Documented => Some(format!("{}?after={cursor}", list.next).into()),
            NextUri::Absent => None,
            NextUri::Null => Some(Value::Null),
            NextUri::OtherHost => Some(format!("https://elsewhere.example.net{}?after={cursor}", list.next).into()),
            NextUri::Placeholder => Some("next-uri-here".into()),
        };
        if let Some(next) = next {
            body["next_uri"] = next;
        }
    }
    Ok(Response::json(StatusCode::OK, &body))
}

const fn empty_page<'a, T>() -> Page<'a, T> {
    Page { rows: Vec::new(), has_more: false }
}

fn limit(settings: &Settings, query: &str) -> ApiResult<usize> {
    let Some(text) = value(query, "limit") else {
        return Ok(DEFAULT_LIMIT);
    };
    let limit: i64 = text.parse().map_err(|_| ApiError::unprocessable("limit must be an integer"))?;
    let clamp = match settings.page_limits {
        PageLimits::Documented => limit > 0,
        PageLimits::Reject => false,
        PageLimits::Clamp => true,
    };
    if clamp || (1..=MAX_LIMIT).contains(&limit) {
        return Ok(usize::try_from(limit.clamp(1, MAX_LIMIT)).unwrap_or(DEFAULT_LIMIT));
    }
    Err(ApiError::unprocessable(format!("limit must be from 1 to {MAX_LIMIT}")))
}

/// Returns the form-decoded value of a parameter.
fn value(query: &str, name: &str) -> Option<String> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(key, _)| decode(key) == name).map(|(_, value)| decode(value))
}
