//! Requests in one of the two formats.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use mft_common::provider::CallBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::reauthentication::Reauthentication;
pub(crate) use crate::response::{decode, decode_data, decode_list, decode_optional, expect_nothing};
use crate::{Call, Error, Format, Outcome, Result, xml};

/// A pending request. Created by `Client::call`.
#[derive(Debug)]
#[must_use = "a request has no effect until it becomes a call"]
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) builder: CallBuilder,
    pub(crate) format: Format,
    /// Set if the client has a session and the password of its user.
    pub(crate) reauthentication: Option<Arc<Reauthentication>>,
}

impl Request {
    fn change(mut self, change: impl FnOnce(CallBuilder) -> CallBuilder) -> Self {
        self.builder = change(self.builder);
        self
    }

    /// Marks the call as safe: it changes nothing.
    pub(crate) fn safe(self) -> Self {
        self.change(CallBuilder::safe)
    }

    /// Marks the call as not idempotent.
    pub(crate) fn non_idempotent(self) -> Self {
        self.change(CallBuilder::non_idempotent)
    }

    /// Marks the call as idempotent.
    pub(crate) fn idempotent(self) -> Self {
        self.change(CallBuilder::idempotent)
    }

    /// Appends a query parameter.
    pub(crate) fn query(self, name: &str, value: &str) -> Self {
        self.change(|builder| builder.query(name, value))
    }

    /// Requests a page, with a page size if set. The first page is requested without a number, as the reference
    /// recommends.
    pub(crate) fn page(self, page: u64, size: Option<u32>) -> Self {
        let request = if page > 1 { self.query("page", &page.to_string()) } else { self };
        match size {
            Some(size) => request.query("per_page", &size.to_string()),
            None => request,
        }
    }

    /// Records a failed check of the input. The await returns it, and nothing is sent.
    pub(crate) fn check(self, checked: Result<()>) -> Self {
        self.change(|builder| builder.check(checked))
    }

    /// Applies a checked value, for example as the body. If the check failed, the await returns its error.
    pub(crate) fn with_checked<T>(self, checked: Result<T>, apply: impl FnOnce(Self, T) -> Self) -> Self {
        match checked {
            Ok(value) => apply(self, value),
            Err(error) => self.check(Err(error)),
        }
    }

    /// Sets a header.
    pub(crate) fn header(self, name: HeaderName, value: &str) -> Self {
        self.change(|builder| builder.header(name, value))
    }

    /// Raises the attempt timeout to at least this duration.
    pub(crate) fn attempt_timeout(self, limit: Duration) -> Self {
        self.change(|builder| builder.attempt_timeout(limit))
    }

    /// Sends the password of the session's user, if the client has it.
    pub(crate) fn reauthenticates(mut self) -> Self {
        if let Some(reauthentication) = self.reauthentication.take() {
            self = self.change(|builder| reauthentication.apply(builder));
        }
        self
    }

    /// Sets the body: the plain value in JSON, the element `root` in XML.
    pub(crate) fn body<T: Serialize + ?Sized>(self, root: &'static str, value: &T) -> Self {
        let format = self.format;
        self.change(|builder| match format {
            Format::Json => builder.json_body(value),
            Format::Xml => builder.encoded(format.media_type(), || {
                xml::to_vec(root, value).map_err(|problem| {
                    Error::invalid_input("body", format_args!("cannot be written as XML: {problem}"))
                })
            }),
        })
    }

    /// Sets a body that is nested below its name in JSON too. A few endpoints require it.
    pub(crate) fn wrapped_body<T: Serialize + ?Sized>(self, key: &'static str, value: &T) -> Self {
        match self.format {
            Format::Json => self.body(key, &std::collections::BTreeMap::from([(key, value)])),
            Format::Xml => self.body(key, value),
        }
    }

    /// Decodes one object. An empty response means that the object does not exist.
    pub(crate) fn returns<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.builder.decode(decode)
    }

    /// Decodes a created object. An empty response is a decoding error, because an object was created.
    pub(crate) fn creates<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.builder.decode(|response| {
            let created = decode_optional(response)?;
            created.ok_or_else(|| response.undecodable("the response is empty instead of the new object"))
        })
    }

    /// Decodes an updated object. An empty response may be a success or mean that the object does not exist, so the
    /// outcome is unknown.
    pub(crate) fn changes<T: DeserializeOwned + 'static>(self) -> Call<T> {
        let name = self.name;
        self.builder.decode(move |response| {
            decode_optional(response)?.ok_or_else(|| {
                let problem = "the response is empty instead of the updated object";
                response.undecodable(problem).within(name, Outcome::Unknown)
            })
        })
    }

    /// Decodes one object, or `None` from an empty response.
    pub(crate) fn returns_optional<T: DeserializeOwned + 'static>(self) -> Call<Option<T>> {
        self.builder.decode(decode_optional)
    }

    /// Decodes no value.
    pub(crate) fn returns_nothing(self) -> Call<()> {
        self.builder.decode(expect_nothing)
    }

    /// Decodes no value. If a retry finds the object gone, the delete succeeded.
    pub(crate) fn deletes(self) -> Call<()> {
        self.builder.deletes_by(expect_nothing)
    }

    /// For pagers, and for calls with their own decoder.
    pub(crate) fn into_builder(self) -> CallBuilder {
        self.builder
    }
}
