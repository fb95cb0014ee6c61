//! One attempt: permit, credentials, origin check, span, timeout, transport, body, status check.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};

use super::call_context::CallContext;
use super::error_details::ErrorDetails;
use super::handle::PipelineInner;
use super::middleware::{Next, Terminal};
use super::retry::{retry_after, stage_inside_success, stage_of_status};
use super::trace::Span;
use crate::auth::Generation;
use crate::auth::origin::{BaseUrl, Origin};
use crate::codec::bounded::{Collected, Stopped};
use crate::error::{FailureStage, MAX_ERROR_BODY};
use crate::http::body::idle_limited;
use crate::http::idle::{IdleWatchdog, TrackedBody, race};
use crate::http::transport::BoxFuture;
use crate::http::{Request, Response};
use crate::{Error, ErrorKind, Result};

/// Used instead of a timeout that exceeds the range of the clock.
const FAR_FUTURE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

pub(super) struct Attempt<'a> {
    call: &'a CallContext<'a>,
    number: u32,
    /// The generation of the token that was used, plus one. Zero without a token.
    generation: AtomicU64,
    /// The body of a streamed response takes it and holds it to the end.
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

/// Boxed for [`Next`], which cannot name the future of this step.
impl Terminal for Attempt<'_> {
    fn run_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(self.send(request))
    }
}

impl<'a> Attempt<'a> {
    pub(super) fn new(call: &'a CallContext<'a>, number: u32) -> Self {
        Self { call, number, generation: AtomicU64::new(0), permit: Mutex::new(None) }
    }

    fn pipeline(&self) -> &'a PipelineInner {
        self.call.pipeline
    }

    pub(super) fn generation(&self) -> Option<Generation> {
        self.generation.load(Relaxed).checked_sub(1)
    }

    pub(super) async fn run(&self, mut request: Request) -> Result<Response> {
        let pipeline = self.pipeline();
        // Added here and not to the request that is copied for each attempt, because copying headers is expensive.
        let headers = request.headers_mut();
        headers.entry(header::USER_AGENT).or_insert_with(|| pipeline.user_agent.clone());
        headers.entry(header::ACCEPT).or_insert(const { HeaderValue::from_static("application/json") });
        let permit =
            pipeline.permits.clone().acquire_owned().await.map_err(|_| Error::other("the client was shut down"))?;
        *self.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
        // If no token can be obtained, this call was not sent. The exchange has already made its own retries.
        let generation = pipeline.auth.apply(&mut request).await.map_err(Error::before_sending)?;
        self.generation.store(generation.map_or(0, |generation| generation + 1), Relaxed);
        let result = if pipeline.per_attempt_middleware.is_empty() {
            self.send(request).await
        } else {
            Next { rest: &pipeline.per_attempt_middleware, terminal: self }.run(request).await
        };
        // An error that a middleware created must not turn "applied" into "not sent".
        result.map_err(|error| error.with_stage(self.call.progress.stage()))
    }

    /// Runs the innermost step, behind all middleware.
    async fn send(&self, request: Request) -> Result<Response> {
        if !self.pipeline().is_known_origin(request.uri()) {
            return Err(Error::invalid_input(
                "request",
                format_args!("was redirected to another origin ({}) and was not sent", printable(request.uri())),
            ));
        }
        let span = Span::of_attempt(self.call.operation, &request, self.number);
        let exchange = std::pin::pin!(self.exchange(request, &span));
        let result = span.around(exchange).await;
        if let Err(error) = &result {
            span.failed(error);
        }
        self.call.progress.set_stage(result.as_ref().map_or_else(Error::stage, |_| FailureStage::BrokenResponse));
        result
    }

    async fn exchange(&self, request: Request, span: &Span) -> Result<Response> {
        let (pipeline, progress) = (self.pipeline(), &self.call.progress);
        let uri = request.uri().clone();
        // One timer for the whole attempt. It is reset only if the response has a timeout of its own.
        let mut timeout = std::pin::pin!(tokio::time::sleep_until(self.deadline()));
        progress.start_attempt();
        let response = match self.call.response_timeout {
            None => {
                let elapsed = || Error::timeout("no response within the attempt timeout");
                within(timeout.as_mut(), pipeline.transport.send_boxed(request)).await.ok_or_else(elapsed)?
            }
            Some(response_timeout) => {
                let response = self.send_while_moving(request, response_timeout).await;
                timeout.as_mut().reset(self.deadline());
                response
            }
        };
        let (parts, mut body) = response?.into_parts();
        span.status(parts.status);
        if parts.status.is_success() {
            progress.set_stage(FailureStage::BrokenResponse);
            if self.call.streamed {
                let permit = self.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
                let body =
                    idle_limited(body, pipeline.limits.idle).with_guard((permit, GuardedSpan { _span: span.clone() }));
                return Ok(Response::from_parts(parts, body));
            }
        }
        let max_bytes = if parts.status.is_success() { pipeline.limits.response_bytes } else { MAX_ERROR_BODY };
        let mut collected = Collected::default();
        let read = within(timeout, collected.read(&mut body, max_bytes)).await;
        drop(body);
        let bytes = collected.into_bytes();
        if parts.status.is_success() {
            complete(read, max_bytes).map_err(|error| {
                let id = pipeline.service.request_id(&parts.headers);
                let error = error.or_request_id(id, &pipeline.auth.secrets());
                error.with_status(parts.status).with_body(bytes.clone())
            })?;
        }
        // An error response keeps its status even if its body is incomplete.
        match (pipeline.service.parse_error)(parts.status, &parts.headers, &bytes) {
            None => Ok(Response::from_parts(parts, bytes.into())),
            Some(details) => Err(self.error_of(&parts, bytes, &details, &uri)),
        }
    }

    /// Returns the deadline of an attempt whose timeout starts now.
    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.call.attempt_timeout).unwrap_or(now + FAR_FUTURE)
    }

    /// Sends a body without an overall timeout. Only the idle timeout applies.
    async fn send_while_moving(&self, request: Request, response_timeout: Duration) -> Result<Response> {
        let pipeline = self.pipeline();
        let watchdog = Arc::new(IdleWatchdog::new());
        let request = request.map(|body| TrackedBody::new(body, &watchdog));
        let sending = pipeline.transport.send_boxed(request);
        race(sending, async { Err(watchdog.stalled(pipeline.limits.idle, response_timeout).await) }).await
    }

    fn error_of(&self, parts: &Parts, body: Bytes, details: &ErrorDetails, uri: &Uri) -> Error {
        let pipeline = self.pipeline();
        let mut secrets = pipeline.auth.secrets();
        secrets.extend_from_slice(self.call.secrets);
        let origin = pipeline.bases.iter().map(BaseUrl::origin).find(|origin| origin.contains(uri));
        let wait = origin.and_then(|origin| retry_after(&parts.headers, &pipeline.clock, origin));
        let kind = details.kind.unwrap_or_else(|| kind_of(parts.status, wait.is_some()));
        let stage =
            if parts.status.is_success() { stage_inside_success(kind) } else { stage_of_status(parts.status, wait) };
        let id = pipeline.service.request_id(&parts.headers);
        let mut error = Error::new(kind, stage)
            .with_status(parts.status)
            .with_retry_after(wait)
            .with_request_id(id.or(details.request_id.as_deref()), &secrets)
            .with_body(body);
        if let Some(code) = &details.code {
            error = error.with_code(code, &secrets);
        }
        let required = self.call.required_permission.filter(|_| kind == ErrorKind::PermissionDenied);
        let required = required.map(|permission| format!("the call needs {permission}"));
        match (is_redirect(parts.status), &details.message, required) {
            (true, ..) => error.with_message(&redirect(&parts.headers, uri), &secrets),
            (false, Some(message), None) => error.with_message(message, &secrets),
            (false, Some(message), Some(required)) => error.with_message(&format!("{required}: {message}"), &secrets),
            (false, None, Some(required)) => error.with_message(&required, &secrets),
            (false, None, None) => error,
        }
    }
}

/// Keeps the span of an attempt open until the body that holds it ends.
struct GuardedSpan {
    _span: Span,
}

/// Returns the result of a future, or `None` if the timeout elapses first.
async fn within<T>(timeout: Pin<&mut Sleep>, future: impl Future<Output = T>) -> Option<T> {
    race(async { Some(future.await) }, async {
        timeout.await;
        None
    })
    .await
}

/// Converts the result of reading a body. `None` means that the timeout elapsed first.
pub(super) fn complete(read: Option<Result<(), Stopped>>, max_bytes: usize) -> Result<()> {
    match read {
        Some(Ok(())) => Ok(()),
        Some(Err(Stopped::BrokeOff(cause))) => Err(Error::new(ErrorKind::Interrupted, FailureStage::BrokenResponse)
            .with_source(crate::http::body::Broke(cause))),
        Some(Err(Stopped::TooLarge)) => Err(Error::new(ErrorKind::Decode, FailureStage::Undecodable)
            .with_message(&format!("the body exceeds max_response_bytes ({max_bytes} bytes)"), &[])),
        None => Err(Error::new(ErrorKind::Timeout, FailureStage::BrokenResponse)
            .with_message("the body did not end within the attempt timeout", &[])),
    }
}

fn kind_of(status: StatusCode, has_retry_after: bool) -> ErrorKind {
    match status {
        StatusCode::SERVICE_UNAVAILABLE if has_retry_after => ErrorKind::RateLimited,
        _ => ErrorKind::of_status(status),
    }
}

fn is_redirect(status: StatusCode) -> bool {
    status.is_redirection() && status != StatusCode::NOT_MODIFIED
}

/// Describes a redirect by the origin of its target. The rest of the URL may contain a secret.
fn redirect(headers: &HeaderMap, uri: &Uri) -> String {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| {
        let base = url::Url::parse(&uri.to_string()).ok()?;
        Origin::of_url(&base.join(location).ok()?)
    });
    match target {
        Some(origin) => format!("redirect to {origin} was not followed"),
        None => "redirect without a valid Location was not followed".to_owned(),
    }
}

fn printable(uri: &Uri) -> String {
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", uri.scheme_str().unwrap_or("?"), uri.host().unwrap_or("?"))
}
