//! Calls to endpoints without a typed method.

use std::borrow::Cow;

use http::{HeaderName, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Call;
use super::builder::CallBuilder;
use super::response::RawResponse;
use crate::http::path_value::PathValue;
use crate::http::{Body, Response};
use crate::pipeline::Pipeline;
use crate::{Error, Idempotency, secret};

/// A call to any endpoint of the service, through the same pipeline: credentials, retries, limits, spans, errors.
///
/// The path is a template. [`RawCall::path`] fills its placeholders with percent-encoded values, in any order.
#[must_use = "a call does nothing until it is converted into a call and awaited"]
pub struct RawCall {
    pipeline: Pipeline,
    name: &'static str,
    method: Method,
    template: Cow<'static, str>,
    values: Vec<(String, String)>,
    steps: Vec<RawStep>,
}

type RawStep = Box<dyn FnOnce(CallBuilder) -> CallBuilder + Send + Sync>;

impl RawCall {
    /// Creates a raw call, for provider crates.
    pub fn new(
        pipeline: &Pipeline,
        name: &'static str,
        method: Method,
        template: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            pipeline: pipeline.clone(),
            name,
            method,
            template: template.into(),
            values: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Sets the value of a placeholder: `path("user_id", id)` for `/users/{user_id}`.
    pub fn path(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// Selects another base URL of the client, for provider crates.
    #[doc(hidden)]
    pub fn at_base(self, index: usize) -> Self {
        self.step(move |call| call.at_base(index))
    }

    /// Appends a query parameter.
    pub fn query(self, name: &str, value: impl Into<String>) -> Self {
        let (name, value) = (name.to_owned(), value.into());
        self.step(move |call| call.query(&name, &value))
    }

    /// Sets a header.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        let value = value.to_owned();
        self.step(move |call| call.header(name, &value))
    }

    /// Sets whether the request is idempotent. Default: [`Idempotency::NeverRetry`], which retries only if nothing was sent.
    pub fn idempotency(self, idempotency: Idempotency) -> Self {
        self.step(move |call| call.idempotency(idempotency))
    }

    /// Sets the body. A stream can be sent only once, so such a call makes one attempt.
    pub fn body(self, body: impl Into<Body>) -> Self {
        let body = body.into();
        self.step(move |call| call.body(body))
    }

    /// Sets a JSON body.
    pub fn json_body<T: Serialize + ?Sized>(self, value: &T) -> Self {
        let (encoded, secrets) = secret::collect(|| serde_json::to_vec(value));
        let encoded = encoded.map_err(|_| Error::invalid_input("body", "cannot be encoded as JSON"));
        self.step(move |call| call.secrets(secrets).encoded("application/json", || encoded))
    }

    fn step(mut self, step: impl FnOnce(CallBuilder) -> CallBuilder + Send + Sync + 'static) -> Self {
        self.steps.push(Box::new(step));
        self
    }

    fn build(self) -> CallBuilder {
        let value_of = |name: &str| self.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let placeholders: Vec<&str> = placeholders(&self.template).collect();
        let values: Vec<&str> = placeholders.iter().filter_map(|name| value_of(name)).collect();
        let values: Vec<&dyn PathValue> = values.iter().map(|value| value as &dyn PathValue).collect();
        let unknown = self.values.iter().map(|(name, _)| name.as_str()).find(|name| !placeholders.contains(name));
        let missing = placeholders.iter().find(|name| value_of(name).is_none());
        let problem = if !self.template.starts_with('/') {
            // The path would extend the host name.
            Some(Error::invalid_input("path", "does not begin with `/`"))
        } else if self.template.contains(['?', '#']) {
            Some(Error::invalid_input("path", "contains a query or a fragment; use query() for parameters"))
        } else if self.template.split('/').any(|segment| matches!(segment, "." | "..") || segment.contains('%')) {
            Some(Error::invalid_input("path", "contains `.`, `..` or `%`, which could select another endpoint"))
        } else if let Some(missing) = missing {
            Some(Error::invalid_input(missing, "is missing from the path"))
        } else {
            unknown.map(|unknown| Error::invalid_input(unknown, "has no placeholder in the path"))
        };
        let call = match problem {
            Some(problem) => CallBuilder::failed(self.pipeline, self.name, problem),
            None => CallBuilder::new(self.pipeline, self.name, self.method, self.template.clone(), &values),
        };
        self.steps.into_iter().fold(call, |call, step| step(call))
    }

    /// Returns a call whose value is the response with its body as bytes.
    pub fn into_call(self) -> Call<RawResponse> {
        self.build().decode(|response| {
            let (headers, body) = (response.headers.clone(), response.body.clone());
            Ok(RawResponse { status: response.status, headers, body })
        })
    }

    /// Returns a call that decodes the response as JSON.
    pub fn json<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.build().json()
    }

    /// Returns a call whose value is the response while its body is still arriving. The body ends in an error if nothing
    /// arrives within the idle timeout of the client.
    pub fn stream(self) -> Call<Response> {
        self.build().stream()
    }
}

// Query and header values may be secret.
partial_debug!(RawCall, self => operation: self.name, method: self.method, template: self.template);

fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    let names = template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.map(|name| name.trim_start_matches('*'))
}
