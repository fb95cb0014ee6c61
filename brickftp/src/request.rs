//! A request in the making: what all endpoints share beside the pipeline, which is the two formats.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use mft_common::provider::CallBuilder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::reauthentication::Reauthentication;
pub(crate) use crate::reply::{decode, decode_data, decode_list, decode_optional, expect_nothing};
use crate::{Call, Error, Format, Outcome, Result, xml};

/// A request in the making; from `Client::call`.
#[derive(Debug)]
#[must_use = "a request does nothing until it is made a call"]
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) builder: CallBuilder,
    pub(crate) format: Format,
    /// There on a client of a session whose user gave the password.
    pub(crate) reauthentication: Option<Arc<Reauthentication>>,
}

impl Request {
    fn change(mut self, change: impl FnOnce(CallBuilder) -> CallBuilder) -> Self {
        self.builder = change(self.builder);
        self
    }

    /// The call changes nothing.
    pub(crate) fn safe(self) -> Self {
        self.change(CallBuilder::safe)
    }

    /// A second call would create a second thing.
    pub(crate) fn non_idempotent(self) -> Self {
        self.change(CallBuilder::non_idempotent)
    }

    /// The same call twice leaves what it leaves once.
    pub(crate) fn idempotent(self) -> Self {
        self.change(CallBuilder::idempotent)
    }

    /// Appends a query parameter.
    pub(crate) fn query(self, name: &str, value: &str) -> Self {
        self.change(|builder| builder.query(name, value))
    }

    /// Asks for a page, and for its size where one is wanted. The first page in the service's own size needs no words:
    /// the reference recommends to leave them out.
    pub(crate) fn page(self, page: u64, size: Option<u32>) -> Self {
        let request = if page > 1 { self.query("page", &page.to_string()) } else { self };
        match size {
            Some(size) => request.query("per_page", &size.to_string()),
            None => request,
        }
    }

    /// Keeps a failed check of the input, which the await returns before anything is sent.
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

    /// Gives each attempt at least so much time.
    pub(crate) fn attempt_timeout(self, limit: Duration) -> Self {
        self.change(|builder| builder.attempt_timeout(limit))
    }

    /// The call is one of those for which the service wants the password of the session's user again.
    pub(crate) fn reauthenticates(mut self) -> Self {
        if let Some(reauthentication) = self.reauthentication.take() {
            self = self.change(|builder| reauthentication.apply(builder));
        }
        self
    }

    /// Sets the body: the value alone in JSON, below the element `root` in XML.
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

    /// Sets a body that is below its name in JSON too, as a few endpoints want it.
    pub(crate) fn wrapped_body<T: Serialize + ?Sized>(self, key: &'static str, value: &T) -> Self {
        match self.format {
            Format::Json => self.body(key, &std::collections::BTreeMap::from([(key, value)])),
            Format::Xml => self.body(key, value),
        }
    }

    /// One object. A reply that says nothing means that there is no such thing.
    pub(crate) fn returns<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.builder.decode(decode)
    }

    /// The object that was created. A reply that says nothing is one that cannot be decoded: something was created.
    pub(crate) fn creates<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.builder.decode(|reply| {
            let created = decode_optional(reply)?;
            created
                .ok_or_else(|| reply.undecodable("the service answered with nothing where the new object was expected"))
        })
    }

    /// The object that was changed. A reply that says nothing may be a success without words, or mean that there is no
    /// such thing: nobody knows.
    pub(crate) fn changes<T: DeserializeOwned + 'static>(self) -> Call<T> {
        let name = self.name;
        self.builder.decode(move |reply| {
            decode_optional(reply)?.ok_or_else(|| {
                let problem = "the service answered with nothing where the changed object was expected";
                reply.undecodable(problem).within(name, Outcome::Unknown)
            })
        })
    }

    /// One object, or a reply that says nothing.
    pub(crate) fn returns_optional<T: DeserializeOwned + 'static>(self) -> Call<Option<T>> {
        self.builder.decode(decode_optional)
    }

    /// A reply that says nothing, or nothing of interest.
    pub(crate) fn returns_nothing(self) -> Call<()> {
        self.builder.decode(expect_nothing)
    }

    /// A delete. That the thing was gone when it was repeated is no failure.
    pub(crate) fn deletes(self) -> Call<()> {
        self.builder.deletes_by(expect_nothing)
    }

    /// For pagers, and for replies that need a function of their own.
    pub(crate) fn into_builder(self) -> CallBuilder {
        self.builder
    }
}
