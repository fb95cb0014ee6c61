//! The interface between the conformance tests and a provider.

pub(crate) mod brickftp;
pub(crate) mod ftpgrid;
pub(crate) mod sftptogo;
pub(crate) mod stook;
pub(crate) mod usebuckets;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mft_common::middleware::{Middleware, Next};
use mft_common::transport::{Request, Response};
use mft_common::{Error, ErrorKind, Outcome, Result, RetryPolicy};
use mft_simulator::{Exchange, FaultPlan};

/// A running call. Its value is the `Debug` text of the returned value.
pub type CallFuture = Pin<Box<dyn Future<Output = Result<String>> + Send>>;

/// The kinds of calls. A provider may lack some of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// Gets one object.
    Read,
    /// Lists objects.
    List,
    /// Creates an object. A second request creates a duplicate.
    Create,
    /// Updates an object. Repeating the update has no further effect.
    Change,
    /// Deletes an object.
    Delete,
    /// A call that must never be retried.
    NeverRetry,
}

impl CallKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Read, Self::List, Self::Create, Self::Change, Self::Delete, Self::NeverRetry];
    /// All kinds, with the deletion last.
    pub const DELETE_LAST: [Self; 6] =
        [Self::Read, Self::List, Self::Create, Self::Change, Self::NeverRetry, Self::Delete];
    /// Kinds that are retried after transient failures.
    pub const IDEMPOTENT: [Self; 4] = [Self::Read, Self::List, Self::Change, Self::Delete];
    /// Kinds that are not retried after they may have been processed.
    pub const NON_IDEMPOTENT: [Self; 2] = [Self::Create, Self::NeverRetry];

    /// Returns whether the call changes the state of the service.
    #[must_use]
    pub fn is_write(self) -> bool {
        !matches!(self, Self::Read | Self::List)
    }

    /// Returns whether the call is retried after a failure that leaves its outcome unknown.
    #[must_use]
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Self::Create | Self::NeverRetry)
    }
}

/// The format of a service's responses, used by faults that replace a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireFormat {
    /// JSON.
    Json,
    /// XML in the style of Rails.
    Xml,
}

impl WireFormat {
    /// Returns an empty list.
    #[must_use]
    pub fn empty_list(self) -> &'static str {
        match self {
            Self::Json => "[]",
            Self::Xml => "<nil-classes type=\"array\"/>",
        }
    }

    /// Returns a document that is neither an object nor a list.
    #[must_use]
    pub fn scalar(self) -> &'static str {
        match self {
            Self::Json => "\"a text\"",
            Self::Xml => "<value>a text</value>",
        }
    }

    /// Returns an object that no call expects.
    #[must_use]
    pub fn other_object(self) -> &'static str {
        match self {
            Self::Json => "{\"Unexpected\":[1]}",
            Self::Xml => "<other><unexpected type=\"array\"><unexpected>1</unexpected></unexpected></other>",
        }
    }

    /// Returns an error document. The message must already be escaped.
    #[must_use]
    pub fn error(self, message: &str) -> String {
        match self {
            Self::Json => format!("{{\"message\":\"{message}\"}}"),
            Self::Xml => format!("<error><message>{message}</message></error>"),
        }
    }
}

/// A provider under test: a running simulator with seeded data, and the client's calls.
///
/// Use one value per case: each call can be performed once.
pub trait Provider: Sized + Send + Sync + 'static {
    /// The client.
    type Client: Clone + fmt::Debug + Send + Sync + 'static;

    /// The prefix of the operation names.
    const NAME: &'static str;

    /// The format of the responses.
    const WIRE_FORMAT: WireFormat = WireFormat::Json;

    /// Whether the client detects a storage error document in a response with a success status.
    const PARSES_XML_ERRORS: bool = false;

    /// The error kind of a read whose successful response has no content.
    const EMPTY_READ_ERROR: ErrorKind = ErrorKind::Decode;

    /// Whether an update succeeds if its successful response has no content.
    const UPDATE_RESPONSE_MAY_BE_EMPTY: bool = false;

    /// The operations that one call must not perform twice.
    const NON_IDEMPOTENT: &'static [&'static str];

    /// Starts a seeded simulator.
    fn start() -> impl Future<Output = Self> + Send;

    /// The same over https.
    fn start_with_tls() -> impl Future<Output = Self> + Send;

    /// Returns the root certificate of the simulator in PEM, or an empty string without TLS.
    fn authority(&self) -> String;

    /// Builds a client for the simulator.
    fn client(&self, options: ClientOptions) -> Self::Client;

    /// Returns the number of free call permits of the client.
    fn free_permits(client: &Self::Client) -> usize;

    /// Returns the operation name of a call, or `None` if the provider has no such call.
    fn operation(call: CallKind) -> Option<&'static str>;

    /// Starts a call. The future is `'static`.
    fn call(&self, client: &Self::Client, call: CallKind) -> CallFuture;

    /// Returns how often the call took effect, according to the state of the simulator.
    fn times_applied(&self, call: CallKind) -> usize;

    /// Returns the whole state as text, excluding values that differ between runs: times, generated ids and passwords.
    fn snapshot(&self) -> String;

    /// Returns all secrets in use.
    fn secrets(&self) -> Vec<String>;

    /// Returns the simulator's fault plan.
    fn faults(&self) -> FaultPlan;

    /// Returns the simulator's journal.
    fn journal(&self) -> Vec<Exchange>;

    /// Returns the simulator's address.
    fn address(&self) -> SocketAddr;

    /// Returns the given calls that the provider supports.
    #[must_use]
    fn supported(of: &[CallKind]) -> impl Iterator<Item = CallKind> {
        of.iter().copied().filter(|call| Self::operation(*call).is_some())
    }

    /// Returns the number of requests that arrived for a call.
    fn requests(&self, call: CallKind) -> usize {
        self.journal().iter().filter(|exchange| exchange.operation == Self::operation(call)).count()
    }

    /// Returns the number of requests for a call that the service processed.
    fn processed_requests(&self, call: CallKind) -> usize {
        let applied = |exchange: &&Exchange| exchange.operation == Self::operation(call) && exchange.succeeded();
        self.journal().iter().filter(applied).count()
    }

    /// Compares the reported outcome with the state of the service.
    fn assert_outcome(&self, call: CallKind, result: &Result<String>, case: &str) {
        let applied = self.times_applied(call);
        let expected = match result {
            Ok(_) if call.is_write() => 1..=1,
            Ok(_) => 0..=0,
            Err(error) => match error.outcome() {
                Outcome::NotDone => 0..=0,
                Outcome::Done => 1..=1,
                Outcome::Unknown => 0..=1,
            },
        };
        assert!(expected.contains(&applied), "{case}: applied {applied} times, but the call returned {result:?}");
    }
}

/// Client options that all providers share.
#[derive(Debug, Clone)]
#[must_use = "options have no effect until they are passed to a provider"]
pub struct ClientOptions {
    /// Replaces the simulator's origin. The path prefix of the service is appended.
    pub base_url: Option<String>,
    /// Replaces the valid key.
    pub key: Option<String>,
    /// The retry policy. Default: short delays.
    pub retry: RetryPolicy,
    /// The timeout of an attempt, and the idle timeout of a transfer.
    pub attempt_timeout: Duration,
    /// The timeout of a call.
    pub call_timeout: Option<Duration>,
    /// The maximum number of concurrent calls.
    pub permits: usize,
    /// The maximum size of a response body.
    pub max_response_bytes: usize,
    /// An additional trusted root certificate, in PEM.
    pub root_certificate: Option<String>,
    /// A host name and its addresses.
    pub resolve: Option<(String, Vec<SocketAddr>)>,
    /// Records every attempt, or redirects it.
    pub recorder: Option<AttemptRecorder>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            key: None,
            retry: RetryPolicy::new().base_delay(Duration::from_millis(4)),
            attempt_timeout: Duration::from_secs(10),
            call_timeout: None,
            permits: 64,
            max_response_bytes: 1 << 20,
            root_certificate: None,
            resolve: None,
            recorder: None,
        }
    }
}

impl ClientOptions {
    /// Short timeouts, for faults that only a timeout ends. Long enough for a successful attempt on a busy machine.
    pub fn short_timeouts() -> Self {
        Self { attempt_timeout: Duration::from_millis(500), ..Self::default() }
    }

    /// Sets the maximum number of attempts.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.retry = self.retry.max_attempts(attempts);
        self
    }
}

/// Applies the shared options to a client builder. The setters have the same names in all crates.
macro_rules! apply_options {
    ($builder:expr, $options:expr) => {{
        let options: $crate::ClientOptions = $options;
        let mut builder = $builder
            .allow_http()
            .no_proxy()
            .retry(options.retry)
            .attempt_timeout(options.attempt_timeout)
            .idle_timeout(options.attempt_timeout)
            .connect_timeout(options.attempt_timeout.min(::std::time::Duration::from_secs(5)))
            .max_concurrent_calls(options.permits)
            .max_response_bytes(options.max_response_bytes);
        if let Some(limit) = options.call_timeout {
            builder = builder.call_timeout(limit);
        }
        if let Some(pem) = options.root_certificate {
            builder = builder.add_root_certificate(pem);
        }
        if let Some((host, addresses)) = options.resolve {
            builder = builder.resolve(host, addresses);
        }
        if let Some(recorder) = options.recorder {
            builder = builder.per_attempt_middleware(recorder);
        }
        builder
    }};
}
pub(crate) use apply_options;

/// Implements the methods that are the same for every provider with a `simulator`, a `builder` and a `start_with`.
macro_rules! delegate_to_simulator {
    () => {
        async fn start() -> Self {
            Self::start_with(Simulator::builder()).await
        }

        async fn start_with_tls() -> Self {
            Self::start_with(Simulator::builder().tls()).await
        }

        fn authority(&self) -> String {
            self.simulator.ca_pem().unwrap_or_default().to_owned()
        }

        fn client(&self, options: ClientOptions) -> Client {
            self.builder(options).build().expect("valid settings")
        }

        fn free_permits(client: &Client) -> usize {
            client.free_permits()
        }

        fn faults(&self) -> ::mft_simulator::FaultPlan {
            self.simulator.faults()
        }

        fn journal(&self) -> Vec<::mft_simulator::Exchange> {
            self.simulator.journal()
        }

        fn address(&self) -> ::std::net::SocketAddr {
            let url = self.simulator.base_url();
            let authority = url.split('/').nth(2).unwrap_or_default();
            authority.parse().expect("the simulator listens on an address")
        }
    };
}
pub(crate) use delegate_to_simulator;

/// Converts the value of a call to its `Debug` text.
pub(crate) fn debug_text<T: fmt::Debug>(result: Result<T>) -> Result<String> {
    result.map(|value| format!("{value:?}"))
}

/// A middleware for every attempt. It records start times and the number of concurrent attempts.
#[derive(Debug, Clone, Default)]
pub struct AttemptRecorder {
    seen: Arc<RecorderState>,
    redirect_to: Option<SocketAddr>,
}

#[derive(Debug, Default)]
struct RecorderState {
    starts: Mutex<Vec<Instant>>,
    under_way: AtomicUsize,
    peak: AtomicUsize,
}

impl AttemptRecorder {
    /// Creates a recorder that sends every request to another address, as a faulty middleware might.
    #[must_use]
    pub fn redirecting_to(address: SocketAddr) -> Self {
        Self { redirect_to: Some(address), ..Self::default() }
    }

    /// Returns the intervals between the starts of attempts.
    #[must_use]
    pub fn gaps(&self) -> Vec<Duration> {
        let starts = self.seen.starts.lock().expect("lock is not poisoned");
        starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// Returns the maximum number of concurrent attempts.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.seen.peak.load(SeqCst)
    }
}

impl Middleware for AttemptRecorder {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        if let Some(address) = self.redirect_to {
            let target = format!("http://{address}{}", request.uri().path());
            *request.uri_mut() = target.parse().map_err(Error::other)?;
        }
        self.seen.starts.lock().expect("lock is not poisoned").push(Instant::now());
        let now = self.seen.under_way.fetch_add(1, SeqCst) + 1;
        self.seen.peak.fetch_max(now, SeqCst);
        let result = next.run(request).await;
        self.seen.under_way.fetch_sub(1, SeqCst);
        result
    }
}
