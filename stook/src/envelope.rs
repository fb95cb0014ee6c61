//! Decodes the envelope of responses: `{"status": true, "data": ..}`.

use std::fmt;
use std::marker::PhantomData;

use mft_common::provider::{BufferedResponse, CallBuilder, CursorPage};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::pagination::Cursor;
use crate::{Error, ErrorKind, Pager, Result, lenient};

#[derive(Deserialize)]
struct Envelope<T> {
    /// Usually checked before, but `parse_error` skips very long responses.
    #[serde(default, deserialize_with = "lenient::bool_if_any")]
    status: Option<bool>,
    data: Object<T>,
}

/// A list, with optional pagination keys. No list has these keys today.
#[derive(Deserialize)]
struct ListEnvelope<T> {
    #[serde(default, deserialize_with = "lenient::bool_if_any")]
    status: Option<bool>,
    data: OneOrMany<T>,
    #[serde(default, deserialize_with = "lenient::optional_count")]
    current_page: Option<u64>,
    #[serde(default, deserialize_with = "lenient::optional_count")]
    last_page: Option<u64>,
    #[serde(default, deserialize_with = "lenient::present")]
    next_page_url: Option<NextPage>,
}

/// The URL of the next page. `null` means that there is no next page.
#[derive(Deserialize)]
struct NextPage(Option<String>);

/// Decodes an object.
pub(crate) fn decode<T: DeserializeOwned>(response: &BufferedResponse) -> Result<T> {
    let Envelope { status, data: Object(data) } = response.json()?;
    check_status(status, response)?;
    Ok(data)
}

/// Decodes an object with an envelope, without one, or missing (`None`), because the responses of version 1 are not
/// documented. Any other object is an error.
pub(crate) fn decode_optional<T: DeserializeOwned>(response: &BufferedResponse) -> Result<Option<T>> {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default, deserialize_with = "lenient::bool_if_any")]
        status: Option<bool>,
        #[serde(default)]
        data: Option<Value>,
        #[serde(default)]
        uuid: Option<IgnoredAny>,
    }
    if response.body.trim_ascii().is_empty() {
        return Ok(None);
    }
    match response.json()? {
        Shape { data: None, uuid: Some(_), .. } => response.json().map(Some),
        Shape { data: None, status: Some(true), .. } => Ok(None),
        Shape { data: Some(Value::Array(empty)), .. } if empty.is_empty() => Ok(None),
        Shape { data: Some(Value::Object(empty)), .. } if empty.is_empty() => Ok(None),
        Shape { .. } => decode(response).map(Some),
    }
}

/// Returns a pager for a list that is a single page today, and that may be paginated later.
pub(crate) fn list<T: DeserializeOwned + Send + 'static>(
    operation: &'static str,
    call: impl Fn() -> CallBuilder + Send + 'static,
) -> Pager<T> {
    Pager::by_cursor(
        operation,
        None,
        move |page, size| {
            // No parameter for the page size is documented, so it cannot be honored.
            let check_size = match size {
                None => Ok(()),
                Some(_) => Err(Error::invalid_input("page_size", "is not supported by this list")),
            };
            at_page(call().check(check_size), page)
        },
        decode_list,
    )
}

/// Adds the page number. The first page is requested without one.
pub(crate) fn at_page(call: CallBuilder, page: Option<&Cursor>) -> CallBuilder {
    match page.map(Cursor::as_str) {
        None => call,
        Some(page) if page.parse::<u64>().is_ok() => call.query("page", page),
        Some(_) => call.check(Err(Error::invalid_input("resume_from", "is not a cursor of this list"))),
    }
}

/// Decodes a page of a list and its cursor.
pub(crate) fn decode_list<T: DeserializeOwned>(
    response: &BufferedResponse,
    cursor: Option<&Cursor>,
) -> Result<CursorPage<T>> {
    let ListEnvelope::<T> { status, data, current_page, last_page, next_page_url } = response.json()?;
    check_status(status, response)?;
    let requested = cursor.and_then(|page| page.as_str().parse().ok()).unwrap_or(1);
    if let Some(current) = current_page
        && current > requested
    {
        // The pages between would be skipped silently. The pager itself detects an earlier page as a repeated cursor.
        return Err(response.undecodable(&format!("requested page {requested}, got page {current}")));
    }
    let has_next_page_url = next_page_url.is_some();
    let next_page_url = next_page_url.and_then(|NextPage(url)| url).filter(|url| !url.is_empty());
    let has_more = match (current_page, last_page) {
        (Some(current), Some(last)) => current < last,
        _ if has_next_page_url => next_page_url.is_some(),
        (_, last) => last.is_some_and(|last| last > 1),
    };
    // Only the page number is used: the URL may have another origin.
    let next = current_page.and_then(|current| current.checked_add(1));
    let next = match next.or_else(|| next_page_url.as_deref().and_then(page_of)) {
        Some(page) if has_more => Some(Cursor::from(page.to_string())),
        None if has_more => {
            return Err(response.undecodable("the list has another page, but the response does not contain its number"));
        }
        _ => None,
    };
    Ok(CursorPage { items: data.0, next })
}

/// Returns the page number in the query of a URL, such as `https://host/path?limit=10&page=2`.
fn page_of(url: &str) -> Option<u64> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next()?;
    query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok())
}

fn check_status(status: Option<bool>, response: &BufferedResponse) -> Result<()> {
    match status {
        Some(false) => Err(response.refused(ErrorKind::Rejected, "the response has `status: false` beside its data")),
        _ => Ok(()),
    }
}

/// An object. serde alone would also accept an array as the object's fields in declaration order.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

/// A list, or a single entry as in an older edition of the service.
struct OneOrMany<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or a single entry")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(Object(entry)) = entries.next_element()? {
                    list.push(entry);
                }
                Ok(list)
            }

            fn visit_map<A: MapAccess<'de>>(self, entry: A) -> Result<Vec<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(entry)).map(|entry| vec![entry])
            }
        }
        deserializer.deserialize_any(Entries(PhantomData)).map(Self)
    }
}
