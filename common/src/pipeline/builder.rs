//! A request in the making.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::call::{BufferedResponse, Call, Decode};
use super::{Operation, Pipeline};
use crate::http::path::{fill, push_query, push_query_path};
use crate::http::path_value::PathValue;
use crate::http::{Body, Response};
use crate::{Deleted, Error, Idempotency, Result, Secret, secret};

/// A request in the making, for provider crates.
#[must_use = "a call does nothing until it is awaited"]
pub struct CallBuilder {
    pipeline: Pipeline,
    pending: Result<Box<PendingRequest>>,
    name: &'static str,
}

#[expect(clippy::struct_excessive_bools, reason = "independent switches, each with a method of its own")]
pub(super) struct PendingRequest {
    pub(super) operation: Operation,
    pub(super) method: Method,
    /// Base URL, path and query, encoded.
    pub(super) address: String,
    /// Which of the client's base URLs that is, and how long it is.
    pub(super) base: (usize, usize),
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    pub(super) secrets: Vec<Secret>,
    pub(super) not_found_is_success: bool,
    pub(super) streamed: bool,
    pub(super) retries: bool,
    pub(super) call_timeout: Option<Duration>,
    /// In place of the client's limit of one attempt, where the endpoint is known to take longer.
    pub(super) attempt_timeout: Option<Duration>,
    /// For bodies that take as long as they take: how long the reply may take once all of it was handed over.
    pub(super) response_timeout: Option<Duration>,
    pub(super) other: Option<Fallback>,
    pub(super) required_permission: Option<&'static str>,
    pub(super) partial_effects: bool,
}

/// Another place for the same operation.
pub(super) struct Fallback {
    pub(super) address: String,
    pub(super) use_fallback: Arc<AtomicBool>,
}

impl CallBuilder {
    pub(super) fn new(
        pipeline: Pipeline,
        name: &'static str,
        method: Method,
        template: Cow<'static, str>,
        values: &[&dyn PathValue],
    ) -> Self {
        let base = pipeline.base_url().as_str();
        let mut address = String::with_capacity(base.len() + template.len() + 64);
        address.push_str(base);
        let pending = fill(&mut address, &template, values).map(|()| PendingRequest {
            operation: Operation::new(name, template, Idempotency::NeverRetry),
            method,
            base: (0, base.len()),
            address,
            headers: HeaderMap::new(),
            body: Body::empty(),
            secrets: Vec::new(),
            not_found_is_success: false,
            streamed: false,
            retries: true,
            call_timeout: None,
            attempt_timeout: None,
            response_timeout: None,
            other: None,
            required_permission: None,
            partial_effects: false,
        });
        Self { pending: pending.map(Box::new), pipeline, name }
    }

    pub(super) fn refused(pipeline: Pipeline, name: &'static str, problem: Error) -> Self {
        Self { pipeline, pending: Err(problem), name }
    }

    fn change(mut self, change: impl FnOnce(&mut PendingRequest) -> Result<()>) -> Self {
        if let Ok(pending) = &mut self.pending
            && let Err(error) = change(pending)
        {
            self.pending = Err(error);
        }
        self
    }

    /// States whether the request may be sent twice. Unstated, it may not.
    pub fn idempotency(self, idempotency: Idempotency) -> Self {
        self.change(|pending| {
            pending.operation.idempotency = idempotency;
            Ok(())
        })
    }

    /// The call changes nothing.
    pub fn safe(self) -> Self {
        self.idempotency(Idempotency::Safe)
    }

    /// The same call twice leaves what it leaves once.
    pub fn idempotent(self) -> Self {
        self.idempotency(Idempotency::Idempotent)
    }

    /// A second call would create a second thing.
    pub fn non_idempotent(self) -> Self {
        self.idempotency(Idempotency::NonIdempotent)
    }

    /// Sends the request to another of the client's base URLs.
    pub fn at_base(self, index: usize) -> Self {
        let base = self.pipeline.0.bases.get(index).map(|base| base.as_str().to_owned());
        self.change(|pending| {
            let base = base.ok_or_else(|| Error::invalid_input("base URL", "is not set for this call"))?;
            pending.address.replace_range(..pending.base.1, &base);
            pending.base = (index, base.len());
            Ok(())
        })
    }

    /// Names a second path for the same operation, without places. It is tried where the service knows nothing of the
    /// first one (404, 405 or a redirect), and `use_fallback` remembers for further calls which of them worked.
    pub fn fallback_path(self, other: &'static str, use_fallback: &Arc<AtomicBool>) -> Self {
        self.change(|pending| {
            let address = format!("{}{other}", &pending.address[..pending.base.1]);
            pending.other = Some(Fallback { address, use_fallback: Arc::clone(use_fallback) });
            Ok(())
        })
    }

    /// Says what right the call needs, such as "the scope `file.read`"; it is told where the service answers 403.
    pub fn required_permission(self, right: &'static str) -> Self {
        self.change(|pending| {
            pending.required_permission = Some(right);
            Ok(())
        })
    }

    /// The call is about several things, some of which may have been done when the service refuses the rest.
    pub fn partial_effects(self) -> Self {
        self.change(|pending| {
            pending.partial_effects = true;
            Ok(())
        })
    }

    /// Appends a query parameter.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.append(|address| push_query(address, name, value))
    }

    /// Appends a query parameter that is a path, the slashes of which stay as they are.
    pub fn query_path(self, name: &str, value: &str) -> Self {
        self.append(|address| push_query_path(address, name, value))
    }

    fn append(self, push: impl FnOnce(&mut String)) -> Self {
        self.change(|pending| {
            // A path's own question marks are encoded.
            pending.address.push(if pending.address[pending.base.1..].contains('?') { '&' } else { '?' });
            push(&mut pending.address);
            Ok(())
        })
    }

    /// Sets a header. A value that cannot stand in one is an error that does not show it.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.change(|pending| {
            let value = HeaderValue::from_str(value)
                .map_err(|_| Error::invalid_input(name.as_str(), "has a character that cannot stand in a header"))?;
            pending.headers.insert(name, value);
            Ok(())
        })
    }

    /// Sets a header that is or holds a secret: no log of the layers below shows it, and the secret is masked in whatever
    /// the service says of it.
    pub fn secret_header(self, name: HeaderName, value: &str, secret: &Secret) -> Self {
        self.header(name.clone(), value).change(|pending| {
            if let Some(value) = pending.headers.get_mut(name) {
                value.set_sensitive(true);
            }
            pending.secrets.extend([Secret::new(value), secret.clone()]);
            Ok(())
        })
    }

    /// Sets a JSON body. The secrets in it are masked in whatever the service says of them.
    pub fn json_body<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.encoded("application/json", || {
            serde_json::to_vec(value).map_err(|_| Error::invalid_input("body", "cannot be written as JSON"))
        })
    }

    /// Sets a body that `write` makes with serde. The secrets in it are masked in whatever the service says of them.
    pub fn encoded(self, content_type: &'static str, write: impl FnOnce() -> Result<Vec<u8>>) -> Self {
        self.change(|pending| {
            let (written, secrets) = secret::collect(write);
            let bytes = written?;
            pending.body = if secrets.is_empty() {
                Body::from(bytes)
            } else {
                // Overwritten when the last attempt has let go of it.
                Bytes::from_owner(zeroize::Zeroizing::new(bytes)).into()
            };
            pending.secrets.extend(secrets);
            pending.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            Ok(())
        })
    }

    /// Sets any body.
    pub fn body(self, body: Body) -> Self {
        self.change(|pending| {
            pending.body = body;
            Ok(())
        })
    }

    /// Gives each attempt at least so much time: the endpoint works before it answers.
    pub fn attempt_timeout(self, limit: Duration) -> Self {
        self.change(|pending| {
            pending.attempt_timeout = Some(limit);
            Ok(())
        })
    }

    /// Lets the body take its time: instead of the limit of an attempt there is one for silence while it is sent, and
    /// this one for the reply after that.
    pub fn response_timeout(self, limit: Duration) -> Self {
        self.change(|pending| {
            pending.response_timeout = Some(limit);
            Ok(())
        })
    }

    /// Names secrets in a body that was not written by [`CallBuilder::json`].
    pub fn secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        self.change(|pending| {
            pending.secrets.extend(secrets);
            Ok(())
        })
    }

    /// Keeps a failed check of the input; it is returned by the await, before anything is sent.
    pub fn check(self, checked: Result<()>) -> Self {
        self.change(|_| checked)
    }

    /// Applies a checked value, for example as the body. If the check failed, the await returns its error.
    pub fn with_checked<T>(self, checked: Result<T>, apply: impl FnOnce(Self, T) -> Self) -> Self {
        match checked {
            Ok(value) => apply(self, value),
            Err(error) => self.check(Err(error)),
        }
    }

    /// Decodes the reply by a function.
    pub fn decode<T>(self, decode: impl FnOnce(&BufferedResponse) -> Result<T> + Send + Sync + 'static) -> Call<T> {
        Call {
            pipeline: self.pipeline,
            pending: self.pending,
            name: self.name,
            decode: Decode::Whole(Box::new(decode)),
        }
    }

    /// Decodes the reply as JSON.
    pub fn json<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.decode(BufferedResponse::json)
    }

    /// Looks at nothing but the status.
    pub fn returns_nothing(self) -> Call<()> {
        self.decode(|_| Ok(()))
    }

    /// A delete whose reply is the deleted object.
    pub fn returns_deleted<T: DeserializeOwned + 'static>(self) -> Call<Deleted<T>> {
        self.not_found_is_success()
            .decode(|reply| if reply.gone { Ok(Deleted::AlreadyGone) } else { reply.json().map(Deleted::Now) })
    }

    /// A delete whose reply says nothing: an empty body, or JSON of any content. Something else with a status of success,
    /// such as the login page of a gateway, does not come from the service.
    pub fn deletes(self) -> Call<()> {
        self.deletes_by(|reply| match reply.body.trim_ascii() {
            [] => Ok(()),
            _ => reply.json::<IgnoredAny>().map(|_| ()),
        })
    }

    /// A delete whose reply is looked at by a function, unless the thing was gone when the delete was repeated.
    pub fn deletes_by(self, decode: impl FnOnce(&BufferedResponse) -> Result<()> + Send + Sync + 'static) -> Call<()> {
        self.not_found_is_success().decode(|reply| if reply.gone { Ok(()) } else { decode(reply) })
    }

    fn not_found_is_success(self) -> Self {
        self.idempotent().change(|pending| {
            pending.not_found_is_success = true;
            Ok(())
        })
    }

    /// Hands out the reply while its body is still arriving.
    pub fn stream(self) -> Call<Response> {
        self.streams_as(Ok)
    }

    /// The same in a type of the provider's own, which may refuse the reply for its headers.
    pub fn streams_as<T>(self, shape: fn(Response) -> Result<T>) -> Call<T> {
        let this = self.change(|pending| {
            pending.streamed = true;
            Ok(())
        });
        Call { pipeline: this.pipeline, pending: this.pending, name: this.name, decode: Decode::Streamed(shape) }
    }
}

impl fmt::Debug for CallBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder").field("operation", &self.name).finish_non_exhaustive()
    }
}
