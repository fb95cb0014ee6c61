//! Fault injection: faults, rules and plans.

mod body_mutation;
mod display;
mod exchange_mutation;
mod parse;
mod plan;
mod rule;
mod xml_mutation;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

pub(crate) use body_mutation::{BodyMutation, MutationTargets};
pub(crate) use exchange_mutation::{ExchangeMutation, StorageOverrides};
pub use parse::ParseFaultError;
pub(crate) use plan::FaultDecision;
pub use plan::{FaultPlan, UnknownOperation};
pub use rule::FaultRule;

use crate::storage::ErrorCode;

/// A fault that is injected into an exchange.
///
/// A fault defines *what* happens. [`on`](Self::on) and [`always`](Self::always) make it a [`FaultRule`], which adds *when*:
///
/// ```
/// use std::time::Duration;
/// use mft_simulator::Fault;
///
/// // The second creation returns 503, and nothing is created.
/// let rejected = Fault::status(503).retry_after(2).on("sftptogo.credentials.create").nth(2);
/// // Every rotation is processed, but its response is lost.
/// let lost = Fault::reset().after_processing().on("sftptogo.credentials.rotate_password");
/// // One call in ten takes a second longer.
/// let slow = Fault::delay(Duration::from_secs(1)).always().chance(0.1);
/// # let _ = (rejected, lost, slow);
/// ```
///
/// By default a fault with its own status prevents the service from processing the request, so the stored state does not
/// change. [`after_processing`](Self::after_processing) lets the service process the request first. Faults that modify the
/// service's response ([`truncated`](Self::truncated), [`drip`](Self::drip), [`html_page`](Self::html_page) and others)
/// always apply after processing.
///
/// `Display` writes the text form that [`FaultRule::from_str`](FaultRule#method.from_str) parses.
#[derive(Clone)]
#[must_use = "a fault does nothing until it is pushed to a plan"]
pub struct Fault {
    pub(crate) after: bool,
    /// Takes effect when this many bytes of the request body have arrived.
    pub(crate) during_request: Option<u64>,
    pub(crate) delay: Duration,
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<FaultBody>,
    pub(crate) body_mutations: Vec<BodyMutation>,
    pub(crate) exchange_mutations: Vec<ExchangeMutation>,
    pub(crate) transmission: Transmission,
    pub(crate) limit: Option<RateLimit>,
}

/// A body that replaces the service's.
#[derive(Clone)]
pub(crate) enum FaultBody {
    Bytes {
        content_type: &'static str,
        bytes: Bytes,
    },
    StorageCode(&'static ErrorCode),
    /// This many spaces, which JSON decoders skip.
    Filler(u64),
    /// Endless spaces without `Content-Length`.
    Endless,
}

/// How the response is sent.
#[derive(Clone)]
pub(crate) enum Transmission {
    Whole,
    Nothing,
    Reset,
    ResetMidBody,
    Truncated,
    TruncatedUnsized,
    Excess,
    Raw(Bytes),
    Drip { size: usize, interval: Duration },
    CloseAfter,
    Interim(StatusCode),
}

#[derive(Clone, Copy)]
pub(crate) struct RateLimit {
    pub(crate) calls: u32,
    pub(crate) window: Duration,
}

/// Bytes that start like a TLS record.
const GARBAGE: &[u8] = b"\x16\x03\x01\x00\xff\x80 garbage instead of a reply \x00\xfe\xff\r\n\r\n";

const LOGIN_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\
    <body><h1>Please sign in</h1><form method=\"post\"></form></body></html>\n";

const STORAGE_ERROR: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code>\
    <Message>We encountered an internal error. Please try again.</Message></Error>";

impl Fault {
    const fn new(transmission: Transmission) -> Self {
        Self {
            after: false,
            during_request: None,
            delay: Duration::ZERO,
            status: None,
            headers: Vec::new(),
            body: None,
            body_mutations: Vec::new(),
            exchange_mutations: Vec::new(),
            transmission,
            limit: None,
        }
    }

    /// Responds with this status and the service's error document, unless a body is set.
    ///
    /// With a body, statuses that HTTP allows no body for (1xx, 204, 304) are sent with it anyway.
    ///
    /// # Panics
    ///
    /// Panics if the status is not between 100 and 999.
    pub fn status(status: u16) -> Self {
        Self::new(Transmission::Whole)
            .with_status(StatusCode::from_u16(status).expect("a status is a number from 100 to 999"))
    }

    /// Responds with 401, as for an expired or revoked key. Use it with [`FaultRule::times`].
    pub fn unauthorized() -> Self {
        Self::new(Transmission::Whole).with_status(StatusCode::UNAUTHORIZED)
    }

    /// Responds with a redirect to `location`.
    ///
    /// # Panics
    ///
    /// Panics if the status is not between 100 and 999, or the location is not valid in a header.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    /// Allows `calls` calls per `window` of simulated time. Responds to further calls with 429 and the remaining time
    /// in `Retry-After`.
    pub fn rate_limit(calls: u32, window: Duration) -> Self {
        let mut fault = Self::new(Transmission::Whole).with_status(StatusCode::TOO_MANY_REQUESTS);
        fault.limit = Some(RateLimit { calls, window });
        fault
    }

    /// Delays the response. The request is processed even if the client disconnects.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Transmission::Whole).delayed(delay)
    }

    /// Accepts the request and never responds.
    pub fn stall() -> Self {
        Self::new(Transmission::Nothing)
    }

    /// Resets the connection (RST) instead of responding.
    pub fn reset() -> Self {
        Self::new(Transmission::Reset)
    }

    /// Sends the head and half of the body, then resets the connection.
    pub fn reset_mid_body() -> Self {
        Self::new(Transmission::ResetMidBody)
    }

    /// Sends the head with the full `Content-Length` and half of the body, then closes the connection.
    pub fn truncated() -> Self {
        Self::new(Transmission::Truncated)
    }

    /// Sends the head at once, and the body in chunks of `size` bytes with a pause before each.
    pub fn drip(size: usize, interval: Duration) -> Self {
        Self::new(Transmission::Drip { size, interval })
    }

    /// Sends bytes that are not HTTP and closes the connection.
    pub fn garbage() -> Self {
        Self::raw(GARBAGE)
    }

    /// Sends exactly these bytes instead of a response and closes the connection.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::new(Transmission::Raw(bytes.into()))
    }

    /// Closes the connection after a response without `Connection: close`. The next request may use a dead connection.
    pub fn close_after_response() -> Self {
        Self::new(Transmission::CloseAfter)
    }

    /// Sends an interim response, such as 103, before the final response.
    ///
    /// # Panics
    ///
    /// Panics if the status is not between 100 and 199.
    pub fn interim(status: u16) -> Self {
        let status = StatusCode::from_u16(status).ok().filter(StatusCode::is_informational);
        Self::new(Transmission::Interim(status.expect("an interim status is a number from 100 to 199")))
    }

    /// Processes the request and replaces the response body with an HTML login page.
    pub fn html_page() -> Self {
        Self::new(Transmission::Whole).html()
    }

    /// Processes the request and replaces the response body.
    pub fn replaced_body(body: impl Into<Bytes>) -> Self {
        Self::new(Transmission::Whole).body(body)
    }

    /// Processes the request and responds with `[]`.
    pub fn empty_list() -> Self {
        Self::replaced_body("[]")
    }

    /// Processes the request and responds with the error document of an object storage and the success status.
    pub fn storage_error() -> Self {
        let mut fault = Self::new(Transmission::Whole);
        fault.set_body("application/xml", STORAGE_ERROR);
        fault
    }

    /// Adds undocumented keys to every object of a response.
    pub fn extra_keys() -> Self {
        Self::changed(BodyMutation::ExtraKeys)
    }

    /// Replaces every enum value in a response with an undocumented one.
    pub fn unknown_enums() -> Self {
        Self::changed(BodyMutation::UnknownEnums)
    }

    /// Writes times, and other numbers that the service may write as strings, as strings.
    pub fn numbers_as_strings() -> Self {
        Self::changed(BodyMutation::NumbersAsStrings)
    }

    /// Sets a key in every outermost object of a JSON response, for example to null.
    pub fn set_key(key: impl Into<String>, value: Value) -> Self {
        Self::changed(BodyMutation::Set(key.into(), value))
    }

    /// Removes a key from every outermost object of a JSON response.
    pub fn without_key(key: impl Into<String>) -> Self {
        Self::changed(BodyMutation::Remove(key.into()))
    }

    /// Adds `count` headers of `size` bytes each to the response.
    ///
    /// # Panics
    ///
    /// Panics if the headers exceed 64 MiB.
    pub fn many_headers(count: usize, size: usize) -> Self {
        assert!(count.saturating_mul(size) <= 64 << 20, "more than 64 MiB of headers");
        let value = HeaderValue::from_str(&"x".repeat(size)).expect("the letter x is a header");
        let mut fault = Self::new(Transmission::Whole);
        fault.headers = (0..count)
            .map(|n| {
                let name = format!("x-simulator-{n}");
                (name.parse().expect("letters, digits and dashes name a header"), value.clone())
            })
            .collect();
        fault
    }

    fn changed(change: BodyMutation) -> Self {
        let mut fault = Self::new(Transmission::Whole);
        fault.body_mutations.push(change);
        fault
    }

    const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Injects the fault after the service has processed the request.
    pub const fn after_processing(mut self) -> Self {
        self.after = true;
        self
    }

    /// Sets a delay before the fault.
    pub const fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds a response header.
    ///
    /// # Panics
    ///
    /// Panics if the name or value is not valid in a header. Use [`raw`](Self::raw) to send such bytes.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.parse().unwrap_or_else(|_| panic!("{name:?} is not a valid header name"));
        let value = HeaderValue::from_str(value).unwrap_or_else(|_| panic!("the value of header {name} is not valid"));
        self.headers.push((name, value));
        self
    }

    /// Adds `Retry-After`: a number of seconds, an HTTP date, or any other text.
    ///
    /// # Panics
    ///
    /// Panics if the text is not valid in a header.
    pub fn retry_after(self, value: impl fmt::Display) -> Self {
        self.header("retry-after", &value.to_string())
    }

    /// Sets the body. The content type is JSON, unless a header sets another.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.set_body("application/json; charset=utf-8", body);
        self
    }

    /// Sets the body to an HTML page, as proxies and login pages send.
    pub fn html(mut self) -> Self {
        self.set_body("text/html; charset=utf-8", LOGIN_PAGE);
        self
    }

    /// Sets the body to this many spaces. They are generated while they are sent and use no memory.
    pub fn body_of_size(mut self, bytes: u64) -> Self {
        self.body = Some(FaultBody::Filler(bytes));
        self
    }

    /// Sets the body to endless spaces without `Content-Length`.
    pub fn endless_body(mut self) -> Self {
        self.body = Some(FaultBody::Endless);
        self
    }

    fn set_body(&mut self, content_type: &'static str, bytes: impl Into<Bytes>) {
        self.body = Some(FaultBody::Bytes { content_type, bytes: bytes.into() });
    }

    /// Injects the fault into calls of an operation, such as `sftptogo.credentials.create`, or of all operations with a
    /// prefix, such as `sftptogo.credentials.*`.
    pub fn on(self, operation: impl Into<String>) -> FaultRule {
        FaultRule::new(self, Some(operation.into()))
    }

    /// Injects the fault into any request, including requests that match no operation.
    pub const fn always(self) -> FaultRule {
        FaultRule::new(self, None)
    }

    /// Whether the service processes the request.
    pub(crate) const fn needs_processing(&self) -> bool {
        let sends_a_reply =
            !matches!(self.transmission, Transmission::Nothing | Transmission::Reset | Transmission::Raw(_));
        self.during_request.is_none() && (self.after || (sends_a_reply && self.status.is_none()))
    }

    /// Whether the response remains the service's own, so that further faults can apply.
    pub(crate) const fn is_transparent(&self) -> bool {
        matches!(self.transmission, Transmission::Whole)
            && self.status.is_none()
            && self.body.is_none()
            && self.during_request.is_none()
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({self})")
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        fault.always()
    }
}
