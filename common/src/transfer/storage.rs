//! The short way to a storage: no credential, no middleware, no permit; a span, and limits on silence.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::sync::mpsc;

use super::signed::SignedUrl;
use crate::auth::origin::Origin;
use crate::codec::bounded::Collected;
use crate::error::{FailureStage, MAX_ERROR_BODY};
use crate::http::body::idle_limited;
use crate::http::idle::{IdleWatchdog, TrackedBody, race};
use crate::http::{Request, Response};
use crate::pipeline::Operation;
use crate::pipeline::retry::{observe_date, retry_after, stage_of_status};
use crate::pipeline::trace::Span;
use crate::{Body, Error, ErrorKind, Idempotency, Result};

use crate::pipeline::Pipeline;

/// How long a storage may take to answer after it was handed the last byte: kernels still drain their buffers then.
pub(super) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);

/// What to do about a failure of the storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Ask for another URL: this one has expired.
    Renew,
    /// Try again, after the wait that was asked for.
    Again(Option<Duration>),
    /// Give up.
    Stop,
}

/// A failure of the storage and what to do about it.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) then: Then,
}

impl Failed {
    pub(super) fn stop(error: Error) -> Self {
        Self { error, then: Then::Stop }
    }
}

/// Sends to and fetches from signed URLs.
#[derive(Clone)]
pub(super) struct Storage {
    pub(super) pipeline: Pipeline,
    operation: Operation,
    pub(super) response_timeout: Duration,
}

impl Storage {
    pub(super) fn new(pipeline: Pipeline, operation: &'static str, response_timeout: Duration) -> Self {
        let operation = Operation::new(operation, "{signed_url}".into(), Idempotency::Idempotent);
        Self { pipeline, operation, response_timeout }
    }

    /// The origin of whoever signs.
    pub(super) fn signer(&self) -> &Origin {
        self.pipeline.base_url().origin()
    }

    pub(super) fn is_fresh(&self, url: &SignedUrl) -> bool {
        url.is_fresh(&self.pipeline.inner().clock, self.signer())
    }

    /// Sends a request and returns a success with its body unread.
    pub(super) async fn send(
        &self,
        url: &SignedUrl,
        method: Method,
        headers: HeaderMap,
        body: Body,
        attempt: u32,
    ) -> Result<Response, Failed> {
        let pipeline = self.pipeline.inner();
        let watchdog = Arc::new(IdleWatchdog::new());
        // No buffer drains where nothing is sent.
        let response_timeout = if body.is_empty() { pipeline.limits.idle } else { self.response_timeout };
        let mut request = Request::new(TrackedBody::new(body, &watchdog));
        *request.method_mut() = method;
        *request.uri_mut() = url.uri().clone();
        *request.headers_mut() = headers;
        request.headers_mut().entry(header::USER_AGENT).or_insert_with(|| pipeline.user_agent.clone());
        if pipeline.attaches_operation {
            request.extensions_mut().insert(self.operation.clone());
        }
        let span = Span::of_attempt(&self.operation, &request, attempt);
        let sending = pipeline.transport.send_boxed(request);
        let silence = watchdog.stalled(pipeline.limits.idle, response_timeout);
        let exchange = std::pin::pin!(race(async { sending.await.map_err(|error| self.broken(error, url)) }, async {
            Err(Failed { error: silence.await, then: Then::Again(None) })
        },));
        let response = span.around(exchange).await.inspect_err(|failed| span.failed(&failed.error))?;
        span.status(response.status());
        observe_date(response.headers(), &pipeline.clock, url.origin());
        if response.status().is_success() {
            let (parts, body) = response.into_parts();
            return Ok(Response::from_parts(parts, idle_limited(body, pipeline.limits.idle)));
        }
        let failed = self.refused(response, url).await;
        span.failed(&failed.error);
        Err(failed)
    }

    /// No reply came. A storage that refuses early may be seen as a reset, and then the URL's age decides.
    fn broken(&self, error: Error, url: &SignedUrl) -> Failed {
        match error.kind() {
            ErrorKind::Interrupted if url.has_expired(&self.pipeline.inner().clock, self.signer()) => {
                let said = "the connection broke, and the address had expired: the storage may have refused it";
                Failed { error: error.with_message(said, &[]), then: Then::Renew }
            }
            ErrorKind::Interrupted | ErrorKind::Connect | ErrorKind::Timeout => {
                Failed { error, then: Then::Again(None) }
            }
            _ => Failed::stop(error),
        }
    }

    async fn refused(&self, response: Response, url: &SignedUrl) -> Failed {
        let (parts, mut body) = response.into_parts();
        let bytes = self.read(&mut body, MAX_ERROR_BODY).await;
        let said = Said::read(&bytes);
        let pipeline = self.pipeline.inner();
        let wait = retry_after(&parts.headers, &pipeline.clock, url.origin());
        let kind = match parts.status {
            StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => ErrorKind::RateLimited,
            status => ErrorKind::of_status(status),
        };
        let expired = said.is_expired() || url.has_expired(&pipeline.clock, self.signer());
        let then = match (parts.status.as_u16(), said.code.as_deref()) {
            (403, _) if expired => Then::Renew,
            // Nobody says why: an old URL is likelier than a right that was lost in the meantime.
            (403, None) => Then::Renew,
            _ if said.is_transient() => Then::Again(wait),
            (408 | 425 | 429 | 500 | 502..=504, _) => Then::Again(wait),
            _ => Then::Stop,
        };
        let secrets = url.secrets();
        let mut error = Error::new(kind, stage_of_status(parts.status, wait))
            .with_status(parts.status)
            .with_retry_after(wait)
            .with_request_id(request_id(&parts.headers), &secrets)
            .with_body(bytes);
        if let Some(code) = &said.code {
            error = error.with_code(code, &secrets);
        }
        if let Some(message) = &said.message {
            error = error.with_message(&format!("the storage says: {message}"), &secrets);
        }
        Failed { error, then }
    }

    /// The beginning of a short body; what does not come in time does not count.
    pub(super) async fn read(&self, body: &mut Body, limit: usize) -> Bytes {
        let mut collected = Collected::default();
        let _ = tokio::time::timeout(self.pipeline.inner().limits.idle, collected.read(body, limit)).await;
        collected.into_bytes()
    }
}

/// Looks for a failure inside a success: a storage may begin its answer before it knows how the matter ends.
pub(super) fn check_inside(status: StatusCode, body: &Bytes, url: &SignedUrl) -> Result<(), Failed> {
    let said = Said::read(body);
    let Some(code) = &said.code else { return Ok(()) };
    let secrets = url.secrets();
    let error = Error::new(ErrorKind::Server, FailureStage::Faulty)
        .with_status(status)
        .with_code(code, &secrets)
        .with_message(&format!("the storage says: {}", said.message.as_deref().unwrap_or("nothing more")), &secrets)
        .with_body(body.clone());
    Err(Failed { error, then: if said.is_transient() { Then::Again(None) } else { Then::Stop } })
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-request-id").and_then(|id| id.to_str().ok())
}

/// What an error document of the storage says. It is read without a parser: two short texts are all that counts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    code: Option<String>,
    message: Option<String>,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(body) else { return Self::default() };
        let Some((_, text)) = text.split_once("<Error") else { return Self::default() };
        let element = |open: &str, close: &str| {
            let inner = text.split_once(open)?.1.split_once(close)?.0;
            let plain = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            Some(plain).filter(|text| !text.is_empty())
        };
        Self { code: element("<Code>", "</Code>"), message: element("<Message>", "</Message>") }
    }

    fn is_expired(&self) -> bool {
        self.code.as_deref() == Some("ExpiredToken")
            || self.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains("expired"))
    }

    fn is_transient(&self) -> bool {
        const TRANSIENT: [&str; 6] = [
            "RequestTimeout",
            "InternalError",
            "ServiceUnavailable",
            "TemporarilyUnavailable",
            "SlowDown",
            "RequestLimitExceeded",
        ];
        self.code.as_deref().is_some_and(|code| TRANSIENT.contains(&code))
    }
}

/// An address that many tasks use and any of them may find expired.
pub(super) struct Shared<T> {
    current: Mutex<(u64, Arc<T>)>,
    renewing: tokio::sync::Mutex<()>,
}

impl<T> Shared<T> {
    pub(super) fn new(value: T) -> Self {
        Self { current: Mutex::new((0, Arc::new(value))), renewing: tokio::sync::Mutex::new(()) }
    }

    pub(super) fn get(&self) -> (u64, Arc<T>) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces what was found expired, once for all who found it so.
    pub(super) async fn renew<E>(
        &self,
        seen: u64,
        ask: impl Future<Output = Result<T, E>>,
    ) -> Result<(u64, Arc<T>), E> {
        let _one_at_a_time = self.renewing.lock().await;
        let current = self.get();
        if current.0 != seen {
            return Ok(current);
        }
        let fresh = (seen + 1, Arc::new(ask.await?));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        Ok(fresh)
    }
}

/// A sign that somebody still works for a transfer.
pub(super) type Held = mpsc::Sender<Infallible>;

/// Nobody wants a stored file in another coding: ranges and sums would no longer fit.
pub(super) fn plain_bytes(headers: &mut HeaderMap) {
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_storage_are_found_without_a_parser() {
        let said = |body: &str| {
            let said = Said::read(body.as_bytes());
            (said.is_expired(), said.is_transient(), said.code)
        };
        for (body, expired, transient, code) in [
            (
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
                true,
                false,
                Some("AccessDenied"),
            ),
            (
                "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
                false,
                false,
                Some("AccessDenied"),
            ),
            ("<Error><Code>ExpiredToken</Code></Error>", true, false, Some("ExpiredToken")),
            ("<Error><Code>SlowDown</Code><Message>a &lt; b &amp; c</Message></Error>", false, true, Some("SlowDown")),
            ("<Error><Code></Code>", false, false, None),
            ("<html>expired</html>", false, false, None),
            ("", false, false, None),
        ] {
            assert_eq!(said(body), (expired, transient, code.map(str::to_owned)), "{body}");
        }
        assert_eq!(Said::read(&[0xff, 0xfe]), Said::default());
    }
}
