//! `{"status": true, "data": …}`, in which the service wraps what it returns.

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
    /// A failure is told before, except in a reply too long to be one.
    #[serde(default, deserialize_with = "lenient::bool_if_any")]
    status: Option<bool>,
    data: Object<T>,
}

/// The keys of a paginator beside `data`. No list has them today.
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

/// The URL of the next page. Where it is there as `null`, it says that there is none; where it is not, it says nothing.
#[derive(Deserialize)]
struct NextPage(Option<String>);

/// Decodes one object.
pub(crate) fn decode<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<T> {
    let Envelope { status, data: Object(data) } = reply.json()?;
    confirm(status, reply)?;
    Ok(data)
}

/// Decodes what may be wrapped, bare or left out: nobody shows the replies of version 1. `None` is a success that
/// returns nothing; an object that is neither does not come from the service.
pub(crate) fn decode_any<T: DeserializeOwned>(reply: &BufferedResponse) -> Result<Option<T>> {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default, deserialize_with = "lenient::bool_if_any")]
        status: Option<bool>,
        #[serde(default)]
        data: Option<Value>,
        #[serde(default)]
        uuid: Option<IgnoredAny>,
    }
    if reply.body.trim_ascii().is_empty() {
        return Ok(None);
    }
    match reply.json()? {
        Shape { data: None, uuid: Some(_), .. } => reply.json().map(Some),
        Shape { data: None, status: Some(true), .. } => Ok(None),
        Shape { data: Some(Value::Array(empty)), .. } if empty.is_empty() => Ok(None),
        Shape { data: Some(Value::Object(empty)), .. } if empty.is_empty() => Ok(None),
        Shape { .. } => decode(reply).map(Some),
    }
}

/// A list that comes in one piece today, and may come in pages.
pub(crate) fn list<T: DeserializeOwned + Send + 'static>(
    operation: &'static str,
    call: impl Fn() -> CallBuilder + Send + 'static,
) -> Pager<T> {
    Pager::by_cursor(
        operation,
        None,
        move |page, size| {
            // No parameter for it is documented: to leave it out silently would make pages of another size.
            let no_size = match size {
                None => Ok(()),
                Some(_) => Err(Error::invalid_input("page_size", "is set on a list that has no pages")),
            };
            at_page(call().check(no_size), page)
        },
        decode_list,
    )
}

/// Begins a list at a page; the first one is asked for without a number.
pub(crate) fn at_page(call: CallBuilder, page: Option<&Cursor>) -> CallBuilder {
    match page.map(Cursor::as_str) {
        None => call,
        Some(page) if page.parse::<u64>().is_ok() => call.query("page", page),
        Some(_) => call.check(Err(Error::invalid_input("resume_from", "is not a cursor of this list"))),
    }
}

/// Decodes a list, and finds out whether there is more of it.
pub(crate) fn decode_list<T: DeserializeOwned>(
    reply: &BufferedResponse,
    asked: Option<&Cursor>,
) -> Result<CursorPage<T>> {
    let ListEnvelope::<T> { status, data, current_page, last_page, next_page_url } = reply.json()?;
    confirm(status, reply)?;
    let asked = asked.and_then(|page| page.as_str().parse().ok()).unwrap_or(1);
    if let Some(current) = current_page
        && current > asked
    {
        // Those in between would be missing, and nothing else would tell. An earlier one is seen as a cursor that returns.
        return Err(reply.undecodable(&format!("page {asked} was asked for, and page {current} came")));
    }
    let says_whether = next_page_url.is_some();
    let next_page_url = next_page_url.and_then(|NextPage(url)| url).filter(|url| !url.is_empty());
    let has_more = match (current_page, last_page) {
        (Some(current), Some(last)) => current < last,
        _ if says_whether => next_page_url.is_some(),
        (_, last) => last.is_some_and(|last| last > 1),
    };
    // The URL itself is never followed: it may lead to another origin.
    let next = current_page.and_then(|current| current.checked_add(1));
    let next = match next.or_else(|| next_page_url.as_deref().and_then(page_of)) {
        Some(page) if has_more => Some(Cursor::from(page.to_string())),
        None if has_more => return Err(reply.undecodable("the list promises another page and does not say which")),
        _ => None,
    };
    Ok(CursorPage { items: data.0, next })
}

/// The number in the query of a URL such as `https://host/path?limit=10&page=2`.
fn page_of(url: &str) -> Option<u64> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next()?;
    query.split('&').find_map(|pair| pair.strip_prefix("page=")?.parse().ok())
}

fn confirm(status: Option<bool>, reply: &BufferedResponse) -> Result<()> {
    match status {
        Some(false) => Err(reply.refused(ErrorKind::Rejected, "the reply says `status: false` beside its data")),
        _ => Ok(()),
    }
}

/// An object inside a reply, and nothing else: a decoder would take a list for the values of an object in their order.
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

/// A list; an older edition of the service sent its only entry bare.
struct OneOrMany<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or one entry of it")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(Object(entry)) = entries.next_element()? {
                    all.push(entry);
                }
                Ok(all)
            }

            fn visit_map<A: MapAccess<'de>>(self, entry: A) -> Result<Vec<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(entry)).map(|entry| vec![entry])
            }
        }
        deserializer.deserialize_any(Entries(PhantomData)).map(Self)
    }
}
