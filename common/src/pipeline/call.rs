//! One call: built, awaited, decoded.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::call_state::CallState;
use super::middleware::{End, Next};
use super::trace::Span;
use super::{Core, CoreParts, Operation, needs_runtime};
use crate::error::Reach;
use crate::http::path::{fill, push_query};
use crate::http::transport::BoxFuture;
use crate::http::{Body, Request, Response};
use crate::{Deleted, Error, ErrorKind, Repeatability, Result, Secret, codec, secret};

/// A request in the making, for provider crates.
#[must_use = "a call does nothing until it is awaited"]
pub struct CallBuilder {
    core: Core,
    draft: Result<Draft>,
    name: &'static str,
}

struct Draft {
    operation: Operation,
    method: Method,
    base: usize,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Body,
    secrets: Vec<Secret>,
    gone_is_done: bool,
    streamed: bool,
    retries: bool,
    time_limit: Option<Duration>,
}

/// A reply whose body has been read.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the object was gone when a delete was repeated.
    pub gone: bool,
}

impl Reply {
    /// Decodes the body as JSON.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] with the path in the document, and what came instead.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        codec::json::decode(&self.body, content_type).map_err(|problem| self.undecodable(&problem))
    }

    /// An error for a body that is not what the contract says; `problem` must not quote it.
    #[must_use]
    pub fn undecodable(&self, problem: &str) -> Error {
        Error::new(ErrorKind::Decode, Reach::Undecodable)
            .with_status(self.status)
            .with_message(problem, &[])
            .with_body(self.body.clone())
    }
}

impl CallBuilder {
    pub(super) fn new(
        core: Core,
        name: &'static str,
        method: Method,
        template: Cow<'static, str>,
        values: &[&str],
    ) -> Self {
        let draft = fill(&template, values).map(|path| Draft {
            operation: Operation::new(name, template, Repeatability::Never),
            method,
            base: 0,
            path,
            query: String::new(),
            headers: HeaderMap::with_capacity(4),
            body: Body::empty(),
            secrets: Vec::new(),
            gone_is_done: false,
            streamed: false,
            retries: true,
            time_limit: None,
        });
        Self { core, draft, name }
    }

    pub(super) fn refused(core: Core, name: &'static str, problem: Error) -> Self {
        Self { core, draft: Err(problem), name }
    }

    fn change(mut self, change: impl FnOnce(&mut Draft) -> Result<()>) -> Self {
        if let Ok(draft) = &mut self.draft
            && let Err(error) = change(draft)
        {
            self.draft = Err(error);
        }
        self
    }

    /// States whether the request may be sent twice. Unstated, it may not.
    pub fn repeatability(self, repeatability: Repeatability) -> Self {
        self.change(|draft| {
            draft.operation.repeatability = repeatability;
            Ok(())
        })
    }

    /// The call changes nothing.
    pub fn read(self) -> Self {
        self.repeatability(Repeatability::Read)
    }

    /// The same call twice leaves what it leaves once.
    pub fn repeatable(self) -> Self {
        self.repeatability(Repeatability::Repeatable)
    }

    /// A second call would create a second thing.
    pub fn once(self) -> Self {
        self.repeatability(Repeatability::Once)
    }

    /// Sends the request to another of the client's base URLs.
    pub fn at_base(self, index: usize) -> Self {
        self.change(|draft| {
            draft.base = index;
            Ok(())
        })
    }

    /// Appends a query parameter.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.change(|draft| {
            push_query(&mut draft.query, name, value);
            Ok(())
        })
    }

    /// Sets a header. A value that cannot stand in one is an error that does not show it.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.change(|draft| {
            let value = HeaderValue::from_str(value)
                .map_err(|_| Error::invalid_input(name.as_str(), "has a character that cannot stand in a header"))?;
            draft.headers.insert(name, value);
            Ok(())
        })
    }

    /// Sets a JSON body. The secrets in it are masked in whatever the service says of them.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.change(|draft| {
            let (written, secrets) = secret::collect(|| serde_json::to_vec(value));
            let bytes = written.map_err(|_| Error::invalid_input("body", "cannot be written as JSON"))?;
            draft.body = if secrets.is_empty() {
                Body::from(bytes)
            } else {
                // Overwritten when the last attempt has let go of it.
                Bytes::from_owner(zeroize::Zeroizing::new(bytes)).into()
            };
            draft.secrets = secrets;
            draft.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(())
        })
    }

    /// Sets any body.
    pub fn body(self, body: Body) -> Self {
        self.change(|draft| {
            draft.body = body;
            Ok(())
        })
    }

    /// Names secrets in a body that was not written by [`CallBuilder::json`].
    pub fn secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        self.change(|draft| {
            draft.secrets.extend(secrets);
            Ok(())
        })
    }

    /// Keeps a failed check of the input; it is returned by the await, before anything is sent.
    pub fn check(self, checked: Result<()>) -> Self {
        self.change(|_| checked)
    }

    /// Decodes the reply by a function.
    pub fn decode<T>(self, decode: impl FnOnce(&Reply) -> Result<T> + Send + Sync + 'static) -> Call<T> {
        Call {
            core: self.core,
            draft: self.draft.map(Box::new),
            name: self.name,
            decode: Decode::Whole(Box::new(decode)),
        }
    }

    /// Decodes the reply as JSON.
    pub fn returns<T: DeserializeOwned + 'static>(self) -> Call<T> {
        self.decode(Reply::json)
    }

    /// Looks at nothing but the status.
    pub fn returns_nothing(self) -> Call<()> {
        self.decode(|_| Ok(()))
    }

    /// A delete whose reply is the deleted object.
    pub fn returns_deleted<T: DeserializeOwned + 'static>(self) -> Call<Deleted<T>> {
        self.gone_is_done()
            .decode(|reply| if reply.gone { Ok(Deleted::AlreadyGone) } else { reply.json().map(Deleted::Now) })
    }

    /// A delete whose reply says nothing.
    pub fn deletes(self) -> Call<()> {
        self.gone_is_done().returns_nothing()
    }

    fn gone_is_done(self) -> Self {
        self.repeatable().change(|draft| {
            draft.gone_is_done = true;
            Ok(())
        })
    }

    /// Hands out the reply while its body is still arriving.
    pub fn streams(self) -> Call<Response> {
        let this = self.change(|draft| {
            draft.streamed = true;
            Ok(())
        });
        Call { core: this.core, draft: this.draft.map(Box::new), name: this.name, decode: Decode::Streamed(Ok) }
    }
}

impl fmt::Debug for CallBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallBuilder").field("operation", &self.name).finish_non_exhaustive()
    }
}

type Decoder<T> = Box<dyn FnOnce(&Reply) -> Result<T> + Send + Sync>;

enum Decode<T> {
    Whole(Decoder<T>),
    Streamed(fn(Response) -> Result<T>),
}

/// One call, ready to be awaited.
///
/// It owns what it needs, so that it can be stored, spawned, or dropped without having been sent. `.await` gives the
/// value. Invalid input that was found while building is what the await returns, before anything is sent.
///
/// # Errors
///
/// The await returns [`Error`]. Statuses become [`ErrorKind`]s in the same way for all operations; what an operation adds
/// is on its own page.
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T> {
    core: Core,
    draft: Result<Box<Draft>>,
    name: &'static str,
    decode: Decode<T>,
}

/// A value and the reply that it came in.
#[non_exhaustive]
pub struct WithResponse<T> {
    /// The decoded value.
    pub value: T,
    /// The status of the reply.
    pub status: StatusCode,
    /// The headers of the reply.
    pub headers: HeaderMap,
    /// How many attempts were made.
    pub attempts: u32,
}

impl<T: fmt::Debug> fmt::Debug for WithResponse<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of headers may be secret; their names are not.
        f.debug_struct("WithResponse")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("attempts", &self.attempts)
            .finish()
    }
}

impl<T: Send + 'static> Call<T> {
    /// Limits the whole call, its retries and waits included. A `Retry-After` that does not fit ends the call at once.
    pub fn time_limit(self, limit: Duration) -> Self {
        self.change(|draft| draft.time_limit = Some(limit))
    }

    /// Makes one attempt and no more.
    pub fn no_retry(self) -> Self {
        self.change(|draft| draft.retries = false)
    }

    fn change(mut self, change: impl FnOnce(&mut Draft)) -> Self {
        if let Ok(draft) = &mut self.draft {
            change(draft);
        }
        self
    }

    /// Makes the call and returns status, headers and the number of attempts beside the value.
    pub fn with_response(self) -> impl Future<Output = Result<WithResponse<T>>> + Send + 'static {
        self.send(|value, status, headers, attempts| WithResponse { value, status, headers, attempts })
    }

    async fn send<O>(self, shape: impl FnOnce(T, StatusCode, HeaderMap, u32) -> O + Send) -> Result<O> {
        let Self { core, draft, name, decode } = self;
        let draft = draft.map_err(|error| error.with_operation(name))?;
        let (repeatability, gone_is_done) = (draft.operation.repeatability(), draft.gone_is_done);
        let (response, attempts, span, gone) = match execute(&core.0, *draft).await {
            Err((error, span)) if gone_is_done && error.is_gone_after_doubt() => {
                let mut gone = Response::new(Body::empty());
                *gone.status_mut() = error.status().unwrap_or(StatusCode::NOT_FOUND);
                (gone, error.attempts(), span, true)
            }
            Err((error, span)) => {
                if let Some(span) = span {
                    span.failed(&error);
                }
                return Err(error);
            }
            Ok((response, attempts, span)) => (response, attempts, Some(span), false),
        };
        let whole = match decode {
            Decode::Whole(whole) => whole,
            Decode::Streamed(streamed) => {
                let (status, headers) = (response.status(), response.headers().clone());
                return Ok(shape(streamed(response)?, status, headers, attempts));
            }
        };
        let (parts, body) = response.into_parts();
        let decoded = match whole_body(body, core.0.limits.reply_bytes).await {
            Ok(body) => {
                let reply = Reply { status: parts.status, headers: parts.headers, body, gone };
                match whole(&reply) {
                    Ok(value) => Ok((value, reply.headers)),
                    Err(error) => {
                        let id = super::attempt::request_id(&reply.headers, core.0.profile.request_id_headers);
                        Err(error.or_request_id(id, &core.0.auth.secrets()))
                    }
                }
            }
            Err(error) => Err(error.with_status(parts.status)),
        };
        match decoded {
            Ok((value, headers)) => Ok(shape(value, parts.status, headers, attempts)),
            Err(error) => {
                let told = super::retry::outcome(repeatability, error.reach(), false);
                let error = error.decoded(name, attempts, told);
                if let Some(span) = span {
                    span.failed(&error);
                }
                Err(error)
            }
        }
    }
}

/// The bytes of a reply. They have been read already, unless a middleware replaced the body.
async fn whole_body(body: Body, limit: usize) -> Result<Bytes> {
    match body.into_bytes_or_stream() {
        Ok(bytes) => Ok(bytes),
        Err(mut stream) => {
            let mut collected = codec::bounded::Collected::default();
            let read = collected.read(&mut stream, limit).await;
            super::attempt::complete(Ok(read), limit).map(|()| collected.into_bytes())
        }
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send(|value, _, _, _| value))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.name).finish_non_exhaustive()
    }
}

/// Runs a request through the pipeline.
async fn execute(core: &CoreParts, draft: Draft) -> Result<(Response, u32, Span), (Error, Option<Span>)> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err((needs_runtime().with_operation(draft.operation.name()), None));
    }
    let Draft { operation, method, base, path, query, headers, body, secrets, streamed, retries, time_limit, .. } =
        draft;
    let request = build(core, &operation, method, base, &path, &query, headers, body)
        .map_err(|error| (error.with_operation(operation.name()), None))?;
    let limit = time_limit.or(core.limits.call);
    let call = CallState {
        core,
        operation: &operation,
        secrets: &secrets,
        deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
        retries,
        streamed,
        progress: super::call_state::Progress::default(),
    };
    let span = Span::of_call(&operation);
    let result = span
        .around(async {
            if core.around_calls.is_empty() {
                call.run(request).await
            } else {
                Next { rest: &core.around_calls, end: End::Call(&call) }.run(request).await
            }
        })
        .await;
    match result {
        Ok(response) => Ok((response, call.attempts_made(), span)),
        Err(error) => Err((call.finish(error), Some(span))),
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of a request, taken apart once")]
fn build(
    core: &CoreParts,
    operation: &Operation,
    method: Method,
    base: usize,
    path: &str,
    query: &str,
    mut headers: HeaderMap,
    body: Body,
) -> Result<Request> {
    let base = core.bases.get(base).ok_or_else(|| Error::invalid_input("base URL", "is not set for this call"))?;
    let mut uri = String::with_capacity(base.as_str().len() + path.len() + query.len() + 1);
    uri.push_str(base.as_str());
    uri.push_str(path);
    if !query.is_empty() {
        uri.push('?');
        uri.push_str(query);
    }
    let uri = Uri::from_maybe_shared(Bytes::from(uri))
        .map_err(|_| Error::invalid_input("path", "does not make a URL, or a too long one"))?;
    headers.entry(header::USER_AGENT).or_insert_with(|| core.user_agent.clone());
    headers.entry(header::ACCEPT).or_insert(const { HeaderValue::from_static("application/json") });
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    request.extensions_mut().insert(operation.clone());
    Ok(request)
}
