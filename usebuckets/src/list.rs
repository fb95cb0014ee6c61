//! Cursor pagination: each page continues after the last id of the previous page.

use http::Method;
use mft_common::pagination::Cursor;
use mft_common::provider::{BufferedResponse, CursorPage, PathValue, check_segment, lenient};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Client, Error, Outcome, Pager, Result, response};

/// The maximum page size of the service.
const MAX_PAGE_SIZE: u32 = 1_000;

/// An item of a list.
pub(crate) trait ListItem: DeserializeOwned + Send + 'static {
    fn id(&self) -> &str;
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct ListPage<T> {
    /// Required, because only this field shows whether the list is complete.
    has_more: bool,
    #[serde(default)]
    next_uri: Value,
    #[serde(deserialize_with = "lenient::null_as_default")]
    data: Vec<T>,
}

/// Returns a pager for the list at a route.
///
/// Every page is requested at this route. The documented forms of `next_uri` omit the bucket, contain an undocumented path
/// or a placeholder, and nothing may be sent to another host.
pub(crate) fn pager<T: ListItem>(
    client: &Client,
    name: &'static str,
    template: &'static str,
    ids: impl Into<Vec<String>>,
) -> Pager<T> {
    let (client, ids) = (client.clone(), ids.into());
    let call = move |cursor: Option<&Cursor>, size: Option<u32>| {
        let ids: Vec<&dyn PathValue> = ids.iter().map(|id| id as &dyn PathValue).collect();
        let mut call = client.call(name, Method::GET, template, &ids).safe();
        if let Some(size) = size {
            call = call.query("limit", &size.to_string());
        }
        match cursor {
            // An empty cursor would restart the list.
            Some(cursor) if cursor.as_str().is_empty() => {
                call.check(Err(Error::invalid_input("resume_from", "is empty")))
            }
            Some(cursor) => call.query("after", cursor.as_str()),
            None => call,
        }
    };
    Pager::by_cursor(name, Some(MAX_PAGE_SIZE), call, page)
}

fn page<T: ListItem>(response: &BufferedResponse, _: Option<&Cursor>) -> Result<CursorPage<T>> {
    let ListPage { has_more, next_uri, data } = response::object::<ListPage<T>>(response)?;
    if !has_more {
        return Ok(CursorPage { items: data, next: None });
    }
    let Some(last) = data.last() else {
        return Err(response.undecodable("`has_more` is true, but the page has no items"));
    };
    let next = next_uri.as_str().and_then(after).unwrap_or_else(|| last.id().to_owned());
    if next.is_empty() {
        return Err(response.undecodable("`has_more` is true, but the page has no cursor"));
    }
    Ok(CursorPage { items: data, next: Some(next.into()) })
}

/// Searches a list for an id, in pages of the maximum size.
pub(crate) fn find<T: ListItem>(
    list: Pager<T>,
    name: &'static str,
    field: &'static str,
    id: &str,
) -> impl Future<Output = Result<Option<T>>> + Send + 'static + use<T> {
    let (mut list, id) = (list.page_size(MAX_PAGE_SIZE), id.to_owned());
    async move {
        let not_done = |error: Error| error.within(name, Outcome::NotDone);
        check_segment(field, &id).map_err(not_done)?;
        while let Some(item) = list.try_next().await.map_err(not_done)? {
            if item.id() == id {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

/// Returns the `after` parameter of a `next_uri`. Parsed by hand, because the text may be any form of URL, or none.
fn after(uri: &str) -> Option<String> {
    let without_fragment = uri.split('#').next()?;
    let (_, query) = without_fragment.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        // Other values are not ids and must not be sent as a cursor.
        let is_cursor = name == "after" && !value.is_empty() && !value.chars().any(char::is_control);
        is_cursor.then(|| value.into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_after_in_every_form_of_url() {
        for (uri, expected) in [
            ("/v1/buckets?after=bio_test_buc_8gkde9034zx", Some("bio_test_buc_8gkde9034zx")),
            ("/api/v1/users?after=u2", Some("u2")),
            ("https://api.usebuckets.io/v1/buckets?limit=2&after=b2", Some("b2")),
            ("https://evil.example:8/?after=b2&limit=9#after=b3", Some("b2")),
            ("//evil.example?after=b2", Some("b2")),
            ("?after=b2", Some("b2")),
            ("?before=b1&after=&after=b2", Some("b2")),
            ("?after=a%2Fb%3Fc%26d%25+e", Some("a/b?c&d%+e")),
            ("?after=%C3%A9", Some("é")),
            ("next-uri-here", None),
            ("", None),
            ("?", None),
            ("?after", None),
            ("?after=", None),
            ("?AFTER=b2", None),
            ("?hereafter=b2", None),
            ("?after=%FF", None),
            ("?after=b2%0d%0aX-Evil:1", None),
            ("/v1/buckets#?after=b2", None),
            ("/after=b2", None),
        ] {
            assert_eq!(after(uri).as_deref(), expected, "{uri}");
        }
    }
}
