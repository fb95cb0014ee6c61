//! What goes wrong, and when.

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
// Old names.
pub(crate) use self::{MutationTargets as WireWords, StorageOverrides as Pretence};
pub(crate) use exchange_mutation::{ExchangeMutation, StorageOverrides};
pub use parse::ParseFaultError;
pub(crate) use plan::FaultDecision;
pub use plan::{FaultPlan, UnknownOperation};
pub use rule::FaultRule;

use crate::storage::ErrorCode;

/// Something that goes wrong with one exchange.
///
/// A fault says *what* happens; a [`FaultRule`] adds *when*, by way of [`on`](Self::on) or [`always`](Self::always):
///
/// ```
/// use std::time::Duration;
/// use mft_simulator::Fault;
///
/// // The second creation is answered by 503, and nothing is created.
/// let refused = Fault::status(503).retry_after(2).on("sftptogo.credentials.create").nth(2);
/// // Every rotation is carried out, and the caller never hears of it.
/// let lost = Fault::reset().after_processing().on("sftptogo.credentials.rotate_password");
/// // One call in ten takes a second longer.
/// let slow = Fault::delay(Duration::from_secs(1)).always().chance(0.1);
/// # let _ = (refused, lost, slow);
/// ```
///
/// Unless said otherwise a fault with a status of its own strikes **before** the service processes the request, so the
/// stored state stays as it was. [`after_processing`](Self::after_processing) turns that around. Faults that damage the
/// service's own reply ([`truncated`](Self::truncated), [`drip`](Self::drip), [`html_page`](Self::html_page) and so
/// on) can only come after.
///
/// `Display` writes the words that [`FaultRule::from_str`](FaultRule#method.from_str) reads.
#[derive(Clone)]
#[must_use = "a fault does nothing until it is pushed to a plan"]
pub struct Fault {
    pub(crate) after: bool,
    /// Strikes when so many bytes of the request's body are there.
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

/// A body that takes the place of the service's own.
#[derive(Clone)]
pub(crate) enum FaultBody {
    Bytes {
        content_type: &'static str,
        bytes: Bytes,
    },
    StorageCode(&'static ErrorCode),
    /// So many spaces, which any decoder of JSON reads on and on.
    Filler(u64),
    /// Spaces without end and without `Content-Length`.
    Endless,
}

/// How much of the reply reaches the caller.
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

/// Bytes that start like a TLS record and go on like nothing at all.
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

    /// Answers with this status and, unless a body is set, the body that the service has for such errors.
    ///
    /// Statuses that HTTP allows no body for (1xx, 204, 304) are sent with the body anyway when one is set.
    ///
    /// # Panics
    ///
    /// If the status is not between 100 and 999.
    pub fn status(status: u16) -> Self {
        Self::new(Transmission::Whole)
            .with_status(StatusCode::from_u16(status).expect("a status is a number from 100 to 999"))
    }

    /// Answers 401 as for a key that has expired or was revoked; use with [`FaultRule::times`].
    pub fn unauthorized() -> Self {
        Self::new(Transmission::Whole).with_status(StatusCode::UNAUTHORIZED)
    }

    /// Answers with a redirect to `location`.
    ///
    /// # Panics
    ///
    /// If the status is not a number from 100 to 999, or the location cannot be a header.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    /// Lets `calls` through in every `window` of simulated time and answers the rest with 429 and the `Retry-After`
    /// that is left.
    pub fn rate_limit(calls: u32, window: Duration) -> Self {
        let mut fault = Self::new(Transmission::Whole).with_status(StatusCode::TOO_MANY_REQUESTS);
        fault.limit = Some(RateLimit { calls, window });
        fault
    }

    /// Waits, then goes on as if nothing had happened. The request is processed even if the caller has left by then.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Transmission::Whole).delayed(delay)
    }

    /// Accepts the request and never answers.
    pub fn stall() -> Self {
        Self::new(Transmission::Nothing)
    }

    /// Resets the connection (RST) instead of answering.
    pub fn reset() -> Self {
        Self::new(Transmission::Reset)
    }

    /// Sends the head and half of the body, then resets the connection.
    pub fn reset_mid_body() -> Self {
        Self::new(Transmission::ResetMidBody)
    }

    /// Sends the head with the full `Content-Length`, half of the body, and closes.
    pub fn truncated() -> Self {
        Self::new(Transmission::Truncated)
    }

    /// Sends the reply `size` bytes at a time (the head at once) with a pause before each piece.
    pub fn drip(size: usize, interval: Duration) -> Self {
        Self::new(Transmission::Drip { size, interval })
    }

    /// Sends bytes that are no HTTP and closes.
    pub fn garbage() -> Self {
        Self::raw(GARBAGE)
    }

    /// Sends exactly these bytes instead of a reply and closes.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::new(Transmission::Raw(bytes.into()))
    }

    /// Answers as if the connection could be used again, then closes it: the next request may meet a dead connection.
    pub fn close_after_reply() -> Self {
        Self::new(Transmission::CloseAfter)
    }

    /// Sends an interim reply such as 103 before the real one.
    ///
    /// # Panics
    ///
    /// If the status is not between 100 and 199.
    pub fn interim(status: u16) -> Self {
        let status = StatusCode::from_u16(status).ok().filter(StatusCode::is_informational);
        Self::new(Transmission::Interim(status.expect("an interim status is a number from 100 to 199")))
    }

    /// Processes the request and replaces the body of the reply by a login page in HTML.
    pub fn html_page() -> Self {
        Self::new(Transmission::Whole).html()
    }

    /// Processes the request and replaces the body of the reply.
    pub fn replaced_body(body: impl Into<Bytes>) -> Self {
        Self::new(Transmission::Whole).body(body)
    }

    /// Processes the request and answers `[]`.
    pub fn empty_list() -> Self {
        Self::replaced_body("[]")
    }

    /// Processes the request and answers with the error document of an object storage, under the status of success.
    pub fn storage_error() -> Self {
        let mut fault = Self::new(Transmission::Whole);
        fault.set_body("application/xml", STORAGE_ERROR);
        fault
    }

    /// Adds keys that no documentation mentions to every object of a reply.
    pub fn extra_keys() -> Self {
        Self::changed(BodyMutation::ExtraKeys)
    }

    /// Replaces the words of every enum in a reply by words that no documentation mentions.
    pub fn unknown_enums() -> Self {
        Self::changed(BodyMutation::UnknownEnums)
    }

    /// Writes every time, or other number that the service may write as a text, in a reply as a text of digits.
    pub fn numbers_as_strings() -> Self {
        Self::changed(BodyMutation::NumbersAsStrings)
    }

    /// Sets a key in every outermost object of a JSON reply, for instance to null.
    pub fn set_key(key: impl Into<String>, value: Value) -> Self {
        Self::changed(BodyMutation::Set(key.into(), value))
    }

    /// Removes a key from every outermost object of a JSON reply.
    pub fn without_key(key: impl Into<String>) -> Self {
        Self::changed(BodyMutation::Remove(key.into()))
    }

    /// Adds `count` headers of `size` bytes each to the reply.
    ///
    /// # Panics
    ///
    /// If the headers would take more than 64 MiB.
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

    /// Lets the service process the request first; then the fault takes the place of its reply.
    pub const fn after_processing(mut self) -> Self {
        self.after = true;
        self
    }

    /// Waits before the fault strikes.
    pub const fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds a header to the reply.
    ///
    /// # Panics
    ///
    /// If the name or value cannot be a header; such bytes can be sent with [`raw`](Self::raw).
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.parse().unwrap_or_else(|_| panic!("{name:?} cannot name a header"));
        let value = HeaderValue::from_str(value)
            .unwrap_or_else(|_| panic!("the value of header {name} has bytes that headers cannot hold"));
        self.headers.push((name, value));
        self
    }

    /// Adds `Retry-After`: a number of seconds, an HTTP date, or anything else.
    ///
    /// # Panics
    ///
    /// If the text cannot be a header.
    pub fn retry_after(self, value: impl fmt::Display) -> Self {
        self.header("retry-after", &value.to_string())
    }

    /// Sets the body, with the content type of JSON unless a header says otherwise.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.set_body("application/json; charset=utf-8", body);
        self
    }

    /// Sets the body to a page in HTML, as proxies and login walls send.
    pub fn html(mut self) -> Self {
        self.set_body("text/html; charset=utf-8", LOGIN_PAGE);
        self
    }

    /// Sets the body to so many spaces; they are made while they are sent and take no memory.
    pub fn body_of_size(mut self, bytes: u64) -> Self {
        self.body = Some(FaultBody::Filler(bytes));
        self
    }

    /// Sets the body to spaces without end, and says nothing about its length.
    pub fn endless_body(mut self) -> Self {
        self.body = Some(FaultBody::Endless);
        self
    }

    fn set_body(&mut self, content_type: &'static str, bytes: impl Into<Bytes>) {
        self.body = Some(FaultBody::Bytes { content_type, bytes: bytes.into() });
    }

    /// When the fault strikes: at calls of this operation, such as `sftptogo.credentials.create`, or of all operations
    /// under a prefix, such as `sftptogo.credentials.*`.
    pub fn on(self, operation: impl Into<String>) -> FaultRule {
        FaultRule::new(self, Some(operation.into()))
    }

    /// The fault strikes at any request, also at those that reach no operation.
    pub const fn always(self) -> FaultRule {
        FaultRule::new(self, None)
    }

    /// Whether the service handles the request before the fault shows.
    pub(crate) const fn needs_processing(&self) -> bool {
        let sends_a_reply =
            !matches!(self.transmission, Transmission::Nothing | Transmission::Reset | Transmission::Raw(_));
        self.during_request.is_none() && (self.after || (sends_a_reply && self.status.is_none()))
    }

    /// Whether the reply stays the service's own, so that further faults can strike at the same exchange.
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
