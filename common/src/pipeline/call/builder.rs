//! The request builder of provider crates.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::pending::{Fallback, PendingRequest};
use super::response::BufferedResponse;
use super::{Call, Decode};
use crate::http::path::{fill, push_query, push_query_path};
use crate::http::path_value::PathValue;
use crate::http::{Body, Response};
use crate::pipeline::{Operation, Pipeline};
use crate::{Deleted, Error, Idempotency, Result, Secret, secret};

impl Pipeline {
    /// Returns a builder for an operation: its name, its path template below the base URL, and the values for the
    /// placeholders. If a value is an `Err`, the await returns that error.
    pub fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        values: &[&dyn PathValue],
    ) -> CallBuilder {
        CallBuilder::new(self.clone(), name, method, Cow::Borrowed(template), values)
    }
}

/// Builds a call, for provider crates.
#[must_use = "a call does nothing until it is awaited"]
pub struct CallBuilder {
    pipeline: Pipeline,
    pending: Result<Box<PendingRequest>>,
    name: &'static str,
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
            fallback: None,
            required_permission: None,
            partial_effects: false,
        });
        Self { pending: pending.map(Box::new), pipeline, name }
    }

    pub(super) fn failed(pipeline: Pipeline, name: &'static str, error: Error) -> Self {
        Self { pipeline, pending: Err(error), name }
    }

    fn set(mut self, set: impl FnOnce(&mut PendingRequest)) -> Self {
        if let Ok(pending) = &mut self.pending {
            set(pending);
        }
        self
    }

    fn change(mut self, change: impl FnOnce(&mut PendingRequest) -> Result<()>) -> Self {
        if let Ok(pending) = &mut self.pending
            && let Err(error) = change(pending)
        {
            self.pending = Err(error);
        }
        self
    }

    /// Sets whether the request is idempotent. Default: [`Idempotency::NeverRetry`].
    pub fn idempotency(self, idempotency: Idempotency) -> Self {
        self.set(|pending| pending.operation.set_idempotency(idempotency))
    }

    /// Marks the call as safe: it changes nothing.
    pub fn safe(self) -> Self {
        self.idempotency(Idempotency::Safe)
    }

    /// Marks the call as idempotent: calling twice has the effect of calling once.
    pub fn idempotent(self) -> Self {
        self.idempotency(Idempotency::Idempotent)
    }

    /// Marks the call as not idempotent: a second call would create a second object.
    pub fn non_idempotent(self) -> Self {
        self.idempotency(Idempotency::NonIdempotent)
    }

    /// Selects another base URL of the client by its index.
    pub fn at_base(self, index: usize) -> Self {
        let base = self.pipeline.inner().bases.get(index).map(|base| base.as_str().to_owned());
        self.change(|pending| {
            let base = base.ok_or_else(|| Error::invalid_input("base URL", "is not set for this call"))?;
            pending.address.replace_range(..pending.base.1, &base);
            pending.base = (index, base.len());
            Ok(())
        })
    }

    /// Sets a second path for the same operation, without placeholders. It is tried if the service does not know the
    /// first one (404, 405 or a redirect). `use_fallback` records for further calls which path worked.
    pub fn fallback_path(self, path: &'static str, use_fallback: &Arc<AtomicBool>) -> Self {
        self.change(|pending| {
            let address = format!("{}{path}", &pending.address[..pending.base.1]);
            pending.fallback = Some(Fallback { address, use_fallback: Arc::clone(use_fallback) });
            Ok(())
        })
    }

    /// Sets the permission that the call needs, such as "the scope `file.read`". A 403 error names it.
    pub fn required_permission(self, permission: &'static str) -> Self {
        self.set(|pending| pending.required_permission = Some(permission))
    }

    /// Marks the call as a batch. If the service rejects it, some of its entries may have been applied.
    pub fn partial_effects(self) -> Self {
        self.set(|pending| pending.partial_effects = true)
    }

    /// Appends a query parameter.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.append(|address| push_query(address, name, value))
    }

    /// Appends a query parameter that is a path. Its slashes are not encoded.
    pub fn query_path(self, name: &str, value: &str) -> Self {
        self.append(|address| push_query_path(address, name, value))
    }

    fn append(self, push: impl FnOnce(&mut String)) -> Self {
        self.change(|pending| {
            // Question marks in the path itself are encoded.
            pending.address.push(if pending.address[pending.base.1..].contains('?') { '&' } else { '?' });
            push(&mut pending.address);
            Ok(())
        })
    }

    /// Sets a header. The error for an invalid value does not contain the value.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.change(|pending| {
            let value = HeaderValue::from_str(value)
                .map_err(|_| Error::invalid_input(name.as_str(), "contains a character that is invalid in a header"))?;
            pending.headers.insert(name, value);
            Ok(())
        })
    }

    /// Sets a header that contains a secret. It is marked as sensitive, and the secret is masked in error messages of the
    /// service.
    pub fn secret_header(self, name: HeaderName, value: &str, secret: &Secret) -> Self {
        self.header(name.clone(), value).change(|pending| {
            if let Some(value) = pending.headers.get_mut(name) {
                value.set_sensitive(true);
            }
            pending.secrets.extend([Secret::new(value), secret.clone()]);
            Ok(())
        })
    }

    /// Sets a JSON body. Its secrets are masked in error messages of the service.
    pub fn json_body<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.encoded("application/json", || {
            serde_json::to_vec(value).map_err(|_| Error::invalid_input("body", "cannot be encoded as JSON"))
        })
    }

    /// Sets a body that `write` encodes with serde. Its secrets are masked in error messages of the service.
    pub fn encoded(self, content_type: &'static str, write: impl FnOnce() -> Result<Vec<u8>>) -> Self {
        self.change(|pending| {
            let (encoded, secrets) = secret::collect(write);
            let bytes = encoded?;
            pending.body = if secrets.is_empty() {
                Body::from(bytes)
            } else {
                // Zeroized when the last attempt drops it.
                Bytes::from_owner(zeroize::Zeroizing::new(bytes)).into()
            };
            pending.secrets.extend(secrets);
            pending.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            Ok(())
        })
    }

    /// Sets the body.
    pub fn body(self, body: Body) -> Self {
        self.set(|pending| pending.body = body)
    }

    /// Sets the minimum attempt timeout, for endpoints that respond late.
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.set(|pending| pending.attempt_timeout = Some(timeout))
    }

    /// Sets the timeout for the response after the whole body was sent. While the body is sent, only the idle timeout
    /// applies, and no attempt timeout.
    pub fn response_timeout(self, timeout: Duration) -> Self {
        self.set(|pending| pending.response_timeout = Some(timeout))
    }

    /// Adds secrets of a body that [`CallBuilder::json_body`] did not encode. They are masked in error messages.
    pub fn secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        self.set(|pending| pending.secrets.extend(secrets))
    }

    /// Records the result of an input check. The await returns a failure before a request is sent.
    pub fn check(self, result: Result<()>) -> Self {
        self.change(|_| result)
    }

    /// Applies a checked value, for example as the body. If the check failed, the await returns its error.
    pub fn with_checked<T>(self, checked: Result<T>, apply: impl FnOnce(Self, T) -> Self) -> Self {
        match checked {
            Ok(value) => apply(self, value),
            Err(error) => self.check(Err(error)),
        }
    }

    /// Decodes the response with a function.
    pub fn decode<T>(self, decode: impl FnOnce(&BufferedResponse) -> Result<T> + Send + Sync + 'static) -> Call<T> {
        Call {
            pipeline: self.pipeline,
            pending: self.pending,
            name: self.name,
            decode: Decode::Whole(Box::new(decode)),
        }
    }

    /// Decodes the response as JSON.
    pub fn json<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.decode(BufferedResponse::json)
    }

    /// Ignores the body of a successful response.
    pub fn returns_nothing(self) -> Call<()> {
        self.decode(|_| Ok(()))
    }

    /// Builds a delete whose response is the deleted object.
    pub fn returns_deleted<T: DeserializeOwned + 'static>(self) -> Call<Deleted<T>> {
        self.not_found_is_success()
            .decode(|response| if response.gone { Ok(Deleted::AlreadyGone) } else { response.json().map(Deleted::Now) })
    }

    /// Builds a delete whose response has an empty body or any JSON. Any other body, such as the login page of a gateway,
    /// is an error.
    pub fn deletes(self) -> Call<()> {
        self.deletes_by(|response| match response.body.trim_ascii() {
            [] => Ok(()),
            _ => response.json::<IgnoredAny>().map(|_| ()),
        })
    }

    /// Builds a delete whose response is checked by a function, unless a retry found that the object was already gone.
    pub fn deletes_by(self, decode: impl FnOnce(&BufferedResponse) -> Result<()> + Send + Sync + 'static) -> Call<()> {
        self.not_found_is_success().decode(|response| if response.gone { Ok(()) } else { decode(response) })
    }

    fn not_found_is_success(self) -> Self {
        self.idempotent().set(|pending| pending.not_found_is_success = true)
    }

    /// Returns the response while its body is still arriving.
    pub fn stream(self) -> Call<Response> {
        self.streams_as(Ok)
    }

    /// Converts the streaming response with a function, which can reject it because of its headers.
    pub fn streams_as<T>(self, shape: fn(Response) -> Result<T>) -> Call<T> {
        let this = self.set(|pending| pending.streamed = true);
        Call { pipeline: this.pipeline, pending: this.pending, name: this.name, decode: Decode::Streamed(shape) }
    }
}

partial_debug!(CallBuilder, self => operation: self.name);
