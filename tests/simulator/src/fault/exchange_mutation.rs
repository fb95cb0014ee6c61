//! Faults that leave a response in place and change something about it, or about the request: what transfers have to see.

use std::time::Duration;

use http::header::{CONTENT_RANGE, ETAG};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Fault, FaultBody, FaultDecision, Transmission};
use crate::server::Response;
use crate::storage::ErrorCode;

/// A change to a request before the service sees it, or to its response.
#[derive(Clone, Debug)]
pub(crate) enum ExchangeMutation {
    IgnoreHeader(HeaderName),
    ReplaceHeader(HeaderName, HeaderValue),
    RemoveHeader(HeaderName),
    ReplaceStatus(StatusCode),
    ShiftContentRange,
    Corrupt,
    ExpiredUrl,
    ChangedContent,
    SlowRequest { size: u32, interval: Duration },
}

/// What a storage is to believe about the request that carries this among its extensions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StorageOverrides {
    pub(crate) expired_url: bool,
    pub(crate) changed_content: bool,
}

/// An `ETag` that looks like an MD5 and is none of anything in a test.
const WRONG_ETAG: &str = "\"00000000000000000000000000000bad\"";

impl Fault {
    /// Strikes as soon as `bytes` bytes of the request's body have arrived, while the caller is still writing the rest;
    /// with 0 before any of it is read. A body that is shorter is read to its end.
    ///
    /// Works with every fault that does not need the service, such as [`status`](Self::status), [`reset`](Self::reset)
    /// and [`stall`](Self::stall), where bodies are taken as they arrive: at a storage. Control calls are read whole
    /// first in any case.
    ///
    /// ```
    /// use mft_simulator::Fault;
    ///
    /// // The storage refuses a part whose upload has hardly begun.
    /// let early = Fault::status(403).during_request(0).on("brickftp.storage.put_part");
    /// // The connection breaks when half of a part of 8 MiB has arrived.
    /// let half = Fault::reset().during_request(4 << 20).on("brickftp.storage.put_part").nth(3);
    /// # let _ = (early, half);
    /// ```
    pub const fn during_request(mut self, bytes: u64) -> Self {
        self.during_request = Some(bytes);
        self
    }

    /// Answers as an object storage does with this error, such as `SlowDown` or `RequestTimeout`, and its status.
    ///
    /// # Panics
    ///
    /// If the simulator does not know the code.
    pub fn storage_code(code: &str) -> Self {
        let code = ErrorCode::find(code).unwrap_or_else(|| panic!("{code:?} is no error code of the storage"));
        let mut fault = Self::new(Transmission::Whole).with_status(code.status);
        fault.body = Some(FaultBody::StorageCode(code));
        fault
    }

    /// Treats a signed URL as expired, whatever time it is.
    pub fn expired_url() -> Self {
        Self::mutated_exchange(ExchangeMutation::ExpiredUrl)
    }

    /// Answers a download as if somebody had replaced the file by another one of the same size: other bytes, another
    /// `ETag`.
    pub fn changed_content() -> Self {
        Self::mutated_exchange(ExchangeMutation::ChangedContent)
    }

    /// Flips one bit in the middle of the response's body.
    pub fn corrupted() -> Self {
        Self::mutated_exchange(ExchangeMutation::Corrupt)
    }

    /// Lets the service see the request without this header: without `range` it sends the whole file, without `if-match`
    /// whatever is there now.
    ///
    /// # Panics
    ///
    /// If the text cannot name a header.
    pub fn ignored_header(name: &str) -> Self {
        Self::mutated_exchange(ExchangeMutation::IgnoreHeader(header_name(name)))
    }

    /// Replaces a header of the response, or adds it.
    ///
    /// # Panics
    ///
    /// If the name or value cannot be a header.
    pub fn replaced_header(name: &str, value: &str) -> Self {
        let value = HeaderValue::from_str(value)
            .unwrap_or_else(|_| panic!("the value of header {name} has bytes that headers cannot hold"));
        Self::mutated_exchange(ExchangeMutation::ReplaceHeader(header_name(name), value))
    }

    /// Leaves a header out of the response.
    ///
    /// # Panics
    ///
    /// If the text cannot name a header.
    pub fn removed_header(name: &str) -> Self {
        Self::mutated_exchange(ExchangeMutation::RemoveHeader(header_name(name)))
    }

    /// Sends the service's response under another status.
    ///
    /// # Panics
    ///
    /// If the status is not between 200 and 999.
    pub fn replaced_status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        Self::mutated_exchange(ExchangeMutation::ReplaceStatus(
            status.expect("a final status is a number from 200 to 999"),
        ))
    }

    /// Answers with the `ETag` of something else.
    pub fn wrong_etag() -> Self {
        Self::mutated_exchange(ExchangeMutation::ReplaceHeader(ETAG, HeaderValue::from_static(WRONG_ETAG)))
    }

    /// Says in `Content-Range` that the bytes sent lie one byte further on than they do.
    pub fn shifted_content_range() -> Self {
        Self::mutated_exchange(ExchangeMutation::ShiftContentRange)
    }

    /// Takes `size` bytes of the request's body per `interval`, as over a slow line; where bodies are taken as they
    /// arrive.
    pub fn slow_request(size: u32, interval: Duration) -> Self {
        Self::mutated_exchange(ExchangeMutation::SlowRequest { size, interval })
    }

    /// Sends half of the body without saying how long it is, and closes in order: only the size known from elsewhere
    /// tells.
    pub fn truncated_unsized() -> Self {
        Self::new(Transmission::TruncatedUnsized)
    }

    /// Sends some bytes more than `Content-Length` says, and closes.
    pub fn excess_body() -> Self {
        Self::new(Transmission::Excess)
    }

    pub(super) fn mutated_exchange(mutation: ExchangeMutation) -> Self {
        let mut fault = Self::new(Transmission::Whole);
        fault.exchange_mutations.push(mutation);
        fault
    }
}

fn header_name(name: &str) -> HeaderName {
    name.parse().unwrap_or_else(|_| panic!("{name:?} cannot name a header"))
}

impl FaultDecision {
    /// Changes what the service sees of the request.
    pub(crate) fn before_processing(&self, request: &mut Parts) {
        let mut pretence = StorageOverrides::default();
        for mutation in &self.exchange_mutations {
            match mutation {
                ExchangeMutation::IgnoreHeader(name) => drop(request.headers.remove(name)),
                ExchangeMutation::ExpiredUrl => pretence.expired_url = true,
                ExchangeMutation::ChangedContent => pretence.changed_content = true,
                _ => {}
            }
        }
        request.extensions.insert(pretence);
    }

    /// How much of a body is taken per time, if that is limited.
    pub(crate) fn pace(&self) -> Option<(u32, Duration)> {
        self.exchange_mutations.iter().find_map(|mutation| match mutation {
            ExchangeMutation::SlowRequest { size, interval } => Some((*size, *interval)),
            _ => None,
        })
    }
}

impl ExchangeMutation {
    pub(crate) fn after_processing(&self, response: &mut Response) {
        match self {
            Self::ReplaceHeader(name, value) => drop(response.headers.insert(name, value.clone())),
            Self::RemoveHeader(name) => drop(response.headers.remove(name)),
            Self::ReplaceStatus(status) => response.status = *status,
            Self::Corrupt => *response = response.clone().corrupted(),
            Self::ShiftContentRange => {
                let shifted = response.headers.get(CONTENT_RANGE).and_then(|range| shifted(range.to_str().ok()?));
                if let Some(range) = shifted {
                    response.headers.insert(CONTENT_RANGE, range);
                }
            }
            Self::IgnoreHeader(_) | Self::ExpiredUrl | Self::ChangedContent | Self::SlowRequest { .. } => {}
        }
    }
}

/// `bytes 0-9/100` becomes `bytes 1-10/100`.
fn shifted(range: &str) -> Option<HeaderValue> {
    let (bounds, size) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = bounds.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    HeaderValue::try_from(format!("bytes {}-{}/{size}", first + 1, last + 1)).ok()
}
