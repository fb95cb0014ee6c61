//! Once per attempt: permit, credential, origin check, span, limit, transport, body, success test.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};

use super::call_state::CallState;
use super::middleware::{Next, Terminal};
use super::retry::{retry_after, stage_of_status};
use super::trace::Span;
use super::{ErrorDetails, PipelineInner};
use crate::auth::Generation;
use crate::auth::origin::{BaseUrl, Origin};
use crate::codec::bounded::{Collected, Stopped};
use crate::error::{FailureStage, MAX_ERROR_BODY};
use crate::http::activity::{Activity, Watched, first_of};
use crate::http::body::idle_limited;
use crate::http::{Request, Response};
use crate::{Error, ErrorKind, Result};

/// Instead of a limit that no clock can hold.
const FAR_AWAY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

pub(super) struct Attempt<'a> {
    call: &'a CallState<'a>,
    number: u32,
    /// The token that was used, plus one; zero for none.
    generation: AtomicU64,
    /// How far the transport got, whatever a middleware makes of it.
    stage: Mutex<FailureStage>,
    /// Taken by the body of a streamed reply, which keeps it until its end.
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(call: &'a CallState<'a>, number: u32) -> Self {
        Self {
            call,
            number,
            generation: AtomicU64::new(0),
            stage: Mutex::new(FailureStage::NotSent),
            permit: Mutex::new(None),
        }
    }

    fn pipeline(&self) -> &'a PipelineInner {
        self.call.pipeline
    }

    pub(super) fn generation(&self) -> Option<Generation> {
        self.generation.load(Relaxed).checked_sub(1)
    }

    pub(super) async fn run(&self, mut request: Request) -> Result<Response> {
        let pipeline = self.pipeline();
        // Put on here and not on the request that the attempts are copies of: copying headers is dear.
        let headers = request.headers_mut();
        headers.entry(header::USER_AGENT).or_insert_with(|| pipeline.user_agent.clone());
        headers.entry(header::ACCEPT).or_insert(const { HeaderValue::from_static("application/json") });
        let permit =
            pipeline.permits.clone().acquire_owned().await.map_err(|_| Error::other("the client was shut down"))?;
        *self.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
        // A failure to get a token says nothing of this call, which has not been sent; and whoever made the exchange
        // has repeated it as often as is sensible.
        let generation = pipeline.auth.apply(&mut request).await.map_err(Error::before_sending)?;
        self.generation.store(generation.map_or(0, |generation| generation + 1), Relaxed);
        let result = if pipeline.per_attempt_middleware.is_empty() {
            self.send(request).await
        } else {
            Next { rest: &pipeline.per_attempt_middleware, end: Terminal::Attempt(self) }.run(request).await
        };
        // A middleware that puts its own error in the place of ours must not turn "done" into "not sent".
        result.map_err(|error| error.with_stage(*self.stage.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// The innermost part, behind all middleware.
    pub(super) async fn send(&self, request: Request) -> Result<Response> {
        if !self.pipeline().knows(request.uri()) {
            return Err(Error::invalid_input(
                "request",
                format_args!("was moved to another origin ({}) and is not sent", shown(request.uri())),
            ));
        }
        let span = Span::of_attempt(self.call.operation, &request, self.number);
        let exchange = std::pin::pin!(self.exchange(request, &span));
        let result = span.around(exchange).await;
        if let Err(error) = &result {
            span.failed(error);
        }
        let stage = result.as_ref().map_or_else(Error::stage, |_| FailureStage::BrokenReply);
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        result
    }

    async fn exchange(&self, request: Request, span: &Span) -> Result<Response> {
        let (pipeline, progress) = (self.pipeline(), &self.call.progress);
        let uri = request.uri().clone();
        // One timer for the whole attempt: it is set again only where the time of the reply begins anew.
        let mut time_is_up = std::pin::pin!(tokio::time::sleep_until(self.limit()));
        progress.sent();
        let sent = match self.call.response_timeout {
            None => {
                let late = || Error::timeout("no reply within the time for one attempt");
                within(time_is_up.as_mut(), pipeline.transport.send_boxed(request)).await.ok_or_else(late)?
            }
            Some(response_timeout) => {
                let sent = self.send_watched(request, response_timeout).await;
                time_is_up.as_mut().reset(self.limit());
                sent
            }
        };
        let (parts, mut body) = sent?.into_parts();
        span.status(parts.status);
        if parts.status.is_success() {
            progress.answered();
            if self.call.streamed {
                let permit = self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
                let body =
                    idle_limited(body, pipeline.limits.idle).with_guard((permit, GuardedSpan { _span: span.clone() }));
                return Ok(Response::from_parts(parts, body));
            }
        }
        let cap = if parts.status.is_success() { pipeline.limits.response_bytes } else { MAX_ERROR_BODY };
        let mut collected = Collected::default();
        let read = within(time_is_up, collected.read(&mut body, cap)).await;
        drop(body);
        let bytes = collected.into_bytes();
        if parts.status.is_success() {
            complete(read, cap).map_err(|error| {
                let id = request_id(&parts.headers, pipeline.profile.request_id_headers);
                let error = error.or_request_id(id, &pipeline.auth.secrets());
                error.with_status(parts.status).with_body(bytes.clone())
            })?;
        }
        // A reply of failure keeps its status, whatever became of its body.
        match (pipeline.profile.parse_error)(parts.status, &parts.headers, &bytes) {
            None => Ok(Response::from_parts(parts, bytes.into())),
            Some(refusal) => Err(self.refused(&parts, bytes, &refusal, &uri)),
        }
    }

    /// When an attempt that begins to count now has had its time.
    fn limit(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.call.attempt_timeout).unwrap_or(now + FAR_AWAY)
    }

    /// Sends a body that takes as long as it takes, as long as it moves.
    async fn send_watched(&self, request: Request, response_timeout: Duration) -> Result<Response> {
        let pipeline = self.pipeline();
        let activity = Arc::new(Activity::new());
        let request = request.map(|body| Watched::body(body, &activity));
        let sending = pipeline.transport.send_boxed(request);
        first_of(sending, async { Err(activity.silence(pipeline.limits.idle, response_timeout).await) }).await
    }

    fn refused(&self, parts: &Parts, body: Bytes, refusal: &ErrorDetails, uri: &Uri) -> Error {
        let pipeline = self.pipeline();
        let mut secrets = pipeline.auth.secrets();
        secrets.extend_from_slice(self.call.secrets);
        let origin = pipeline.bases.iter().map(BaseUrl::origin).find(|origin| origin.contains(uri));
        let wait = origin.and_then(|origin| retry_after(&parts.headers, &pipeline.clock, origin));
        let kind = refusal.kind.unwrap_or_else(|| kind_of(parts.status, wait.is_some()));
        let stage =
            if parts.status.is_success() { stage_inside_success(kind) } else { stage_of_status(parts.status, wait) };
        let id = request_id(&parts.headers, pipeline.profile.request_id_headers);
        let mut error = Error::new(kind, stage)
            .with_status(parts.status)
            .with_retry_after(wait)
            .with_request_id(id.or(refusal.request_id.as_deref()), &secrets)
            .with_body(body);
        if let Some(code) = &refusal.code {
            error = error.with_code(code, &secrets);
        }
        let needs = self.call.required_permission.filter(|_| kind == ErrorKind::PermissionDenied);
        let needs = needs.map(|right| format!("the call needs {right}"));
        match (is_redirect(parts.status), &refusal.message, needs) {
            (true, ..) => error.with_message(&redirect(&parts.headers, uri), &secrets),
            (false, Some(message), None) => error.with_message(message, &secrets),
            (false, Some(message), Some(needs)) => error.with_message(&format!("{needs}: {message}"), &secrets),
            (false, None, Some(needs)) => error.with_message(&needs, &secrets),
            (false, None, None) => error,
        }
    }
}

/// A span whose end is the end of the body that holds it.
struct GuardedSpan {
    _span: Span,
}

/// What a future ends in, unless the time is up before.
async fn within<T>(time_is_up: Pin<&mut Sleep>, future: impl Future<Output = T>) -> Option<T> {
    first_of(async { Some(future.await) }, async {
        time_is_up.await;
        None
    })
    .await
}

/// What became of reading a body; nothing where the time was up before its end.
pub(super) fn complete(read: Option<Result<(), Stopped>>, cap: usize) -> Result<()> {
    match read {
        Some(Ok(())) => Ok(()),
        Some(Err(Stopped::BrokeOff(cause))) => {
            Err(Error::new(ErrorKind::Interrupted, FailureStage::BrokenReply)
                .with_source(crate::http::body::Broke(cause)))
        }
        Some(Err(Stopped::TooLarge)) => Err(Error::new(ErrorKind::Decode, FailureStage::Undecodable)
            .with_message(&format!("it is larger than the limit of {cap} bytes"), &[])),
        None => Err(Error::new(ErrorKind::Timeout, FailureStage::BrokenReply)
            .with_message("the body did not end within the time for one attempt", &[])),
    }
}

fn kind_of(status: StatusCode, has_retry_after: bool) -> ErrorKind {
    match status {
        StatusCode::SERVICE_UNAVAILABLE if has_retry_after => ErrorKind::RateLimited,
        _ => ErrorKind::of_status(status),
    }
}

/// A failure told inside a 2xx.
fn stage_inside_success(kind: ErrorKind) -> FailureStage {
    match kind {
        ErrorKind::Server => FailureStage::Faulty,
        ErrorKind::RateLimited => FailureStage::Refused,
        ErrorKind::Auth => FailureStage::Unauthorized,
        ErrorKind::Decode | ErrorKind::Protocol => FailureStage::Undecodable,
        _ => FailureStage::Rejected,
    }
}

pub(super) fn request_id<'h>(headers: &'h HeaderMap, names: &[&str]) -> Option<&'h str> {
    names.iter().find_map(|name| headers.get(*name)?.to_str().ok())
}

fn is_redirect(status: StatusCode) -> bool {
    status.is_redirection() && status != StatusCode::NOT_MODIFIED
}

/// Names the origin that a redirect points to, and no more: the rest of the URL may hold a secret.
fn redirect(headers: &HeaderMap, uri: &Uri) -> String {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| {
        let base = url::Url::parse(&uri.to_string()).ok()?;
        Origin::of_url(&base.join(location).ok()?)
    });
    match target {
        Some(origin) => format!("a redirect to {origin}, which is not followed"),
        None => "a redirect to nowhere in particular, which is not followed".to_owned(),
    }
}

fn shown(uri: &Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", uri.scheme_str().unwrap_or("?"), uri.host().unwrap_or("?"))
}
