//! The way out for endpoints that the family does not have yet.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Pipeline;
use super::builder::CallBuilder;
use super::call::Call;
use crate::http::path_value::PathValue;
use crate::http::{Body, Response};
use crate::{Error, Idempotency, Result, Secret, secret};

/// A call to an endpoint of your own choice, through the same pipeline: credential, retry, limits, spans, errors.
///
/// The path is a template; its places are filled by [`RawCall::path`], one encoded segment each, in any order.
#[must_use = "a call does nothing until it is sent and awaited"]
pub struct RawCall {
    pipeline: Pipeline,
    name: &'static str,
    method: Method,
    template: Cow<'static, str>,
    values: Vec<(String, String)>,
    rest: Vec<Step>,
}

enum Step {
    Base(usize),
    Idempotency(Idempotency),
    Query(String, String),
    Header(HeaderName, String),
    Body(Body),
    Json(Result<(Body, Vec<Secret>)>),
}

/// The reply to a raw call.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawResponse {
    /// The status, a success.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl RawCall {
    /// For provider crates: `prefix` stands before the caller's template and its places are filled already.
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
            rest: Vec::new(),
        }
    }

    /// Fills a place of the template: `path("user_id", id)` for `/users/{user_id}`.
    pub fn path(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// For provider crates: the call goes to another of the client's base URLs.
    #[doc(hidden)]
    pub fn at_base(mut self, index: usize) -> Self {
        self.rest.push(Step::Base(index));
        self
    }

    /// Appends a query parameter.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.rest.push(Step::Query(name.to_owned(), value.into()));
        self
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.rest.push(Step::Header(name, value.to_owned()));
        self
    }

    /// States whether the request may be sent twice. Unstated it may not, and is repeated only where nothing was sent.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.rest.push(Step::Idempotency(idempotency));
        self
    }

    /// Sets any body. A stream is sent once: such a call makes one attempt.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.rest.push(Step::Body(body.into()));
        self
    }

    /// Sets a JSON body.
    pub fn json_body<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        let (written, secrets) = secret::collect(|| serde_json::to_vec(value));
        let body = written.map_err(|_| Error::invalid_input("body", "cannot be written as JSON"));
        self.rest.push(Step::Json(body.map(|bytes| (Body::from(bytes), secrets))));
        self
    }

    fn build(self) -> CallBuilder {
        let named = |name: &str| self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let places: Vec<&str> = places(&self.template).collect();
        let values: Vec<&str> = places.iter().filter_map(|place| named(place)).collect();
        let values: Vec<&dyn PathValue> = values.iter().map(|value| value as &dyn PathValue).collect();
        let unknown = self.values.iter().map(|(name, _)| name.as_str()).find(|name| !places.contains(name));
        let missing = places.iter().find(|place| named(place).is_none());
        let problem = if !self.template.starts_with('/') {
            // The host's name would go on with it.
            Some(Error::invalid_input("path", "does not begin with `/`"))
        } else if self.template.contains(['?', '#']) {
            Some(Error::invalid_input("path", "has a query or a fragment; parameters are given by `query`"))
        } else if self.template.split('/').any(|segment| matches!(segment, "." | "..") || segment.contains('%')) {
            Some(Error::invalid_input("path", "has `.`, `..` or `%`, with which it could lead somewhere else"))
        } else if let Some(missing) = missing {
            Some(Error::invalid_input(missing, "is missing from the path"))
        } else {
            unknown.map(|unknown| Error::invalid_input(unknown, "has no place in the path"))
        };
        let call = match problem {
            Some(problem) => CallBuilder::refused(self.pipeline, self.name, problem),
            None => CallBuilder::new(self.pipeline, self.name, self.method, self.template.clone(), &values),
        };
        self.rest.into_iter().fold(call, |call, step| match step {
            Step::Base(index) => call.at_base(index),
            Step::Idempotency(idempotency) => call.idempotency(idempotency),
            Step::Query(name, value) => call.query(&name, &value),
            Step::Header(name, value) => call.header(name, &value),
            Step::Body(body) => call.body(body),
            Step::Json(Ok((body, secrets))) => {
                call.body(body).secrets(secrets).header(http::header::CONTENT_TYPE, "application/json")
            }
            Step::Json(Err(error)) => call.check(Err(error)),
        })
    }

    /// Makes the call and hands out the reply as bytes.
    pub fn into_call(self) -> Call<RawResponse> {
        self.build().decode(|reply| {
            Ok(RawResponse { status: reply.status, headers: reply.headers.clone(), body: reply.body.clone() })
        })
    }

    /// Makes the call and decodes the reply as JSON.
    pub fn json<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.build().json()
    }

    /// Makes the call and hands out the reply while its body is still arriving. The body ends in an error when nothing
    /// comes for the client's idle time; what was read by then is the caller's.
    pub fn stream(self) -> Call<Response> {
        self.build().stream()
    }
}

impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of the query and of headers may be secret.
        f.debug_struct("RawCall")
            .field("operation", &self.name)
            .field("method", &self.method)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

fn places(template: &str) -> impl Iterator<Item = &str> {
    let names = template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.map(|name| name.trim_start_matches('*'))
}
