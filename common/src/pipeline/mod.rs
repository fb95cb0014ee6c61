//! The way of a call, in its fixed order.
//!
//! ```text
//! once per call      user middleware ─> time limit ─> retry
//! once per attempt   permit ─> credential ─> user middleware ─> origin check ─> span + attempt limit {
//!                        Transport ─> bounded body read ─> the service's success test }
//! afterwards         decode ─> typed reply
//! ```

mod attempt;
pub(crate) mod budget;
pub(crate) mod builder;
pub(crate) mod call;
mod call_state;
pub(crate) mod limit;
pub(crate) mod middleware;
pub(crate) mod raw;
pub(crate) mod retry;
pub(crate) mod trace;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::sync::Semaphore;

use crate::auth::Auth;
use crate::auth::origin::BaseUrl;
use crate::clock::Clock;
use crate::http::DynTransport;
use crate::http::path_value::PathValue;
use crate::{Error, ErrorKind, Idempotency, RetryPolicy};

use budget::RetryBudget;
use builder::CallBuilder;
use limit::Limits;
use middleware::DynMiddleware;
use retry::Jitter;

/// What a request is for. It travels in the request's extensions, for middleware and transports to read.
///
/// Name and template have few distinct values and suit span names and metric labels; the real path does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    template: Cow<'static, str>,
    idempotency: Idempotency,
}

impl Operation {
    pub(crate) fn new(name: &'static str, template: Cow<'static, str>, idempotency: Idempotency) -> Self {
        Self { name, template, idempotency }
    }

    /// The operation's name, for example `sftptogo.credentials.create`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The path with placeholders, for example `/organizations/{organization_id}/users`.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Whether the request may be sent twice.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        self.idempotency
    }
}

/// What the pipeline has to know of a service.
#[derive(Clone, Copy)]
pub struct ServiceInfo {
    /// The crate's name, first part of every operation's name.
    pub name: &'static str,
    /// The default `User-Agent`.
    pub user_agent: &'static str,
    /// Response headers that may contain the request id; the first one present counts. Usually [`ServiceInfo::REQUEST_ID_HEADERS`].
    pub request_id_headers: &'static [&'static str],
    /// The service's success test: `None` where the reply is a success.
    pub parse_error: fn(StatusCode, &HeaderMap, &[u8]) -> Option<ErrorDetails>,
}

impl ServiceInfo {
    /// The usual headers with a request id.
    pub const REQUEST_ID_HEADERS: &'static [&'static str] = &["x-request-id", "x-amzn-requestid", "request-id"];
}

impl fmt::Debug for ServiceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceInfo").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a reply of failure says.
#[derive(Debug, Clone, Default)]
pub struct ErrorDetails {
    /// Where the status alone would mislead, for instance an error inside a 200.
    pub kind: Option<ErrorKind>,
    /// The service's own code.
    pub code: Option<String>,
    /// The service's own words.
    pub message: Option<String>,
    /// An id inside the body, where no header holds one.
    pub request_id: Option<String>,
}

impl ErrorDetails {
    /// For the profile of a token exchange: what is refused are the credentials themselves, and not a token that was made
    /// of them. `what` says so, before the service's own words.
    #[must_use]
    pub fn of_credentials(self, what: &str) -> Self {
        let message = match &self.message {
            Some(said) => format!("{what}: {said}"),
            None => what.to_owned(),
        };
        Self { kind: Some(ErrorKind::Auth), message: Some(message), ..self }
    }
}

/// A client's inner part: settings, connections, token and budget, shared by all its clones.
#[derive(Clone)]
pub struct Pipeline(Arc<PipelineInner>);

pub(crate) struct PipelineInner {
    pub(crate) profile: ServiceInfo,
    pub(crate) bases: Vec<BaseUrl>,
    pub(crate) auth: Auth,
    pub(crate) transport: Arc<dyn DynTransport>,
    pub(crate) per_call_middleware: Vec<Arc<dyn DynMiddleware>>,
    pub(crate) per_attempt_middleware: Vec<Arc<dyn DynMiddleware>>,
    pub(crate) retry: RetryPolicy,
    pub(crate) jitter: Jitter,
    pub(crate) budget: RetryBudget,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) user_agent: HeaderValue,
    /// Whether anybody is there to read a request's [`Operation`]: not the default transport.
    pub(crate) tells_operation: bool,
}

impl Pipeline {
    pub(crate) fn new(parts: PipelineInner) -> Self {
        Self(Arc::new(parts))
    }

    /// Begins an operation: its name, its path template below the base URL, and the values for the template's
    /// placeholders. If a value is an `Err`, that is what the await returns.
    pub fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        values: &[&dyn PathValue],
    ) -> CallBuilder {
        CallBuilder::new(self.clone(), name, method, Cow::Borrowed(template), values)
    }

    /// The address at which operations are by default.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        // `Settings::pipeline` refuses an empty list.
        &self.0.bases[0]
    }

    pub(crate) fn tells_operation(&self) -> bool {
        self.0.tells_operation
    }

    pub(crate) fn transport(&self) -> Arc<dyn DynTransport> {
        Arc::clone(&self.0.transport)
    }

    /// Takes note of the clock of the service as the headers of its reply show it, and says what time it is there.
    #[must_use]
    pub fn observe_date(&self, headers: &HeaderMap) -> std::time::SystemTime {
        let origin = self.base_url().origin();
        retry::observe_date(headers, &self.0.clock, origin);
        self.0.clock.now_at(origin)
    }

    #[cfg(feature = "transfer")]
    pub(crate) fn parts(&self) -> &PipelineInner {
        &self.0
    }

    /// How many calls may start right now; all of them where none is under way. For tests of what leaks.
    #[must_use]
    pub fn free_permits(&self) -> usize {
        self.0.permits.available_permits()
    }
}

impl PipelineInner {
    fn knows(&self, uri: &http::Uri) -> bool {
        self.bases.iter().any(|base| base.origin().contains(uri))
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.0.profile.name)
            .field("base_urls", &self.0.bases.iter().map(BaseUrl::as_str).collect::<Vec<_>>())
            .field("auth", &self.0.auth)
            .field("retry", &self.0.retry)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

/// The error for a call that is awaited where Tokio is not running: better than the panic of the first timer.
fn needs_runtime() -> Error {
    Error::invalid_input("call", "is awaited outside of a Tokio runtime; use #[tokio::main] or Runtime::block_on")
}
