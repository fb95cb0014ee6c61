//! The two formats of the service: encoding of requests and decoding of responses.

mod format;
pub(crate) mod response;
#[doc(hidden)]
pub mod xml;

use std::collections::BTreeMap;

use mft_common::provider::CallBuilder;
use serde::Serialize;

pub use format::Format;

use crate::Error;

/// Adds the formats of the service to the shared call builder.
pub(crate) trait CallExt {
    /// Sets the body: the plain value in JSON, the element `root` in XML.
    fn encode<T: Serialize + ?Sized>(self, format: Format, root: &'static str, value: &T) -> Self;

    /// Sets a body that is nested below its name in JSON too. A few endpoints require it.
    fn encode_nested<T: Serialize + ?Sized>(self, format: Format, key: &'static str, value: &T) -> Self;

    /// Requests a page, with a page size if set. The first page is requested without a number, as the reference
    /// recommends.
    fn page(self, page: u64, size: Option<u32>) -> Self;
}

impl CallExt for CallBuilder {
    fn encode<T: Serialize + ?Sized>(self, format: Format, root: &'static str, value: &T) -> Self {
        match format {
            Format::Json => self.json_body(value),
            Format::Xml => self.encoded(format.media_type(), || {
                xml::to_vec(root, value).map_err(|problem| {
                    Error::invalid_input("body", format_args!("cannot be represented in XML: {problem}"))
                })
            }),
        }
    }

    fn encode_nested<T: Serialize + ?Sized>(self, format: Format, key: &'static str, value: &T) -> Self {
        match format {
            Format::Json => self.json_body(&BTreeMap::from([(key, value)])),
            Format::Xml => self.encode(format, key, value),
        }
    }

    fn page(self, page: u64, size: Option<u32>) -> Self {
        let call = if page > 1 { self.query("page", &page.to_string()) } else { self };
        match size {
            Some(size) => call.query("per_page", &size.to_string()),
            None => call,
        }
    }
}
