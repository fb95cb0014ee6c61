//! Lists that go on behind the last id of a page.

use http::Method;
use mft_common::provider::{BufferedResponse, CursorPage, check_segment, lenient};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use mft_common::pagination::Cursor;

use crate::{Client, Error, Outcome, Pager, Result, reply};

/// The largest page that the service gives.
const MAX_PAGE: u32 = 1_000;

/// What stands in a list.
pub(crate) trait Listed: DeserializeOwned + Send + 'static {
    fn id(&self) -> &str;
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct ListReply<T> {
    /// Without it nobody knows whether the list is complete, so it has to be there.
    has_more: bool,
    #[serde(default)]
    next_uri: Value,
    #[serde(deserialize_with = "lenient::null_as_default")]
    data: Vec<T>,
}

/// A list at a route. Every page is asked for at this route: `next_uri` comes in forms that leave out the bucket, name
/// a path that no page documents or hold a mere placeholder, and where it names another host, nothing is to be sent
/// there.
pub(crate) fn list<T: Listed>(
    client: &Client,
    name: &'static str,
    template: &'static str,
    ids: impl Into<Vec<String>>,
) -> Pager<T> {
    let (client, ids) = (client.clone(), ids.into());
    let call = move |cursor: Option<&Cursor>, size: Option<u32>| {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut call = client.call(name, Method::GET, template, &ids).safe();
        if let Some(size) = size {
            call = call.query("limit", &size.to_string());
        }
        match cursor {
            // Sent all the same, it would begin the list anew.
            Some(cursor) if cursor.as_str().is_empty() => {
                call.check(Err(Error::invalid_input("resume_from", "is empty")))
            }
            Some(cursor) => call.query("after", cursor.as_str()),
            None => call,
        }
    };
    Pager::by_cursor(name, Some(MAX_PAGE), call, page)
}

fn page<T: Listed>(reply: &BufferedResponse, _: Option<&Cursor>) -> Result<CursorPage<T>> {
    let ListReply { has_more, next_uri, data } = reply::object::<ListReply<T>>(reply)?;
    if !has_more {
        return Ok(CursorPage { items: data, next: None });
    }
    let Some(last) = data.last() else {
        return Err(reply.undecodable("the list says that there is more, on a page without an entry"));
    };
    let next = next_uri.as_str().and_then(after).unwrap_or_else(|| last.id().to_owned());
    if next.is_empty() {
        return Err(reply.undecodable("the list says that there is more, and not where"));
    }
    Ok(CursorPage { items: data, next: Some(next.into()) })
}

/// Walks a list in its largest pages until an id comes.
pub(crate) fn find<T: Listed>(
    list: Pager<T>,
    name: &'static str,
    field: &'static str,
    id: &str,
) -> impl Future<Output = Result<Option<T>>> + Send + 'static + use<T> {
    let (mut list, id) = (list.page_size(MAX_PAGE), id.to_owned());
    async move {
        let not_done = |error: Error| error.within(name, Outcome::NotDone);
        check_segment(field, &id).map_err(not_done)?;
        while let Some(entry) = list.try_next().await.map_err(not_done)? {
            if entry.id() == id {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

/// Takes `after` out of a `next_uri`, by hand: the text may be any kind of address, or none.
fn after(uri: &str) -> Option<String> {
    let without_fragment = uri.split('#').next()?;
    let (_, query) = without_fragment.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_decode_str(value).decode_utf8().ok()?;
        // Anything else is no id, and must not travel as one.
        let is_cursor = name == "after" && !value.is_empty() && !value.chars().any(char::is_control);
        is_cursor.then(|| value.into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_is_found_in_every_form_of_an_address_and_nowhere_else() {
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
