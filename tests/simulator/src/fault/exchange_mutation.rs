//! Faults that keep the service's response and change its headers, status or bytes, or the request.

use std::time::Duration;

use http::header::{CONTENT_RANGE, ETAG};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Fault, FaultBody, FaultDecision, Transmission};
use crate::server::Response;
use crate::storage::ErrorCode;

/// A mutation of a request before processing, or of its response.
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

/// Assumptions of a storage about a request, in the extensions of the request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StorageOverrides {
    pub(crate) expired_url: bool,
    pub(crate) changed_content: bool,
}

/// An `ETag` in the form of an MD5 that matches no test content.
const WRONG_ETAG: &str = "\"00000000000000000000000000000bad\"";

impl Fault {
    /// Injects the fault when `bytes` bytes of the request body have arrived, while the client is still sending the
    /// rest. 0 means before the body is read. A shorter body is read to its end.
    ///
    /// Works with every fault that replaces the response, such as [`status`](Self::status), [`reset`](Self::reset) and
    /// [`stall`](Self::stall), and with streamed bodies, as those of a storage. The bodies of other requests are always
    /// read completely first.
    ///
    /// ```
    /// use mft_simulator::Fault;
    ///
    /// // The storage rejects a part before its body is read.
    /// let early = Fault::status(403).during_request(0).on("brickftp.storage.put_part");
    /// // The connection is reset when half of a part of 8 MiB has arrived.
    /// let half = Fault::reset().during_request(4 << 20).on("brickftp.storage.put_part").nth(3);
    /// # let _ = (early, half);
    /// ```
    pub const fn during_request(mut self, bytes: u64) -> Self {
        self.during_request = Some(bytes);
        self
    }

    /// Responds with this error of an object storage, such as `SlowDown` or `RequestTimeout`, and its status.
    ///
    /// # Panics
    ///
    /// Panics if the simulator does not know the code.
    pub fn storage_code(code: &str) -> Self {
        let code =
            ErrorCode::find(code).unwrap_or_else(|| panic!("{code:?} is not an error code of the object storage"));
        let mut fault = Self::new(Transmission::Whole).with_status(code.status);
        fault.body = Some(FaultBody::StorageCode(code));
        fault
    }

    /// Treats a presigned URL as expired.
    pub fn expired_url() -> Self {
        Self::mutated_exchange(ExchangeMutation::ExpiredUrl)
    }

    /// Responds to a download as if the file had been replaced by another file of the same size: different bytes and a
    /// different `ETag`.
    pub fn changed_content() -> Self {
        Self::mutated_exchange(ExchangeMutation::ChangedContent)
    }

    /// Flips one bit in the middle of the response body.
    pub fn corrupted() -> Self {
        Self::mutated_exchange(ExchangeMutation::Corrupt)
    }

    /// Hides a request header from the service. Without `range` it sends the whole file, without `if-match` the current
    /// version.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a valid header name.
    pub fn ignored_header(name: &str) -> Self {
        Self::mutated_exchange(ExchangeMutation::IgnoreHeader(header_name(name)))
    }

    /// Replaces or adds a response header.
    ///
    /// # Panics
    ///
    /// Panics if the name or value is not valid in a header.
    pub fn replaced_header(name: &str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).unwrap_or_else(|_| panic!("the value of header {name} is not valid"));
        Self::mutated_exchange(ExchangeMutation::ReplaceHeader(header_name(name), value))
    }

    /// Removes a response header.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a valid header name.
    pub fn removed_header(name: &str) -> Self {
        Self::mutated_exchange(ExchangeMutation::RemoveHeader(header_name(name)))
    }

    /// Sends the service's response with another status.
    ///
    /// # Panics
    ///
    /// Panics if the status is not between 200 and 999.
    pub fn replaced_status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
        Self::mutated_exchange(ExchangeMutation::ReplaceStatus(
            status.expect("a final status is a number from 200 to 999"),
        ))
    }

    /// Responds with a wrong `ETag`.
    pub fn wrong_etag() -> Self {
        Self::mutated_exchange(ExchangeMutation::ReplaceHeader(ETAG, HeaderValue::from_static(WRONG_ETAG)))
    }

    /// Shifts the range in `Content-Range` by one byte.
    pub fn shifted_content_range() -> Self {
        Self::mutated_exchange(ExchangeMutation::ShiftContentRange)
    }

    /// Reads `size` bytes of a streamed request body per `interval`, as over a slow connection.
    pub fn slow_request(size: u32, interval: Duration) -> Self {
        Self::mutated_exchange(ExchangeMutation::SlowRequest { size, interval })
    }

    /// Sends half of the body without `Content-Length` and closes the connection normally. Clients detect it only if
    /// they know the size.
    pub fn truncated_unsized() -> Self {
        Self::new(Transmission::TruncatedUnsized)
    }

    /// Sends more bytes than `Content-Length` announces, and closes the connection.
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
    name.parse().unwrap_or_else(|_| panic!("{name:?} is not a valid header name"))
}

impl FaultDecision {
    /// Applies the mutations of the request.
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

    /// Returns the rate limit of the request body, if there is one.
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

/// Turns `bytes 0-9/100` into `bytes 1-10/100`.
fn shifted(range: &str) -> Option<HeaderValue> {
    let (bounds, size) = range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = bounds.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    HeaderValue::try_from(format!("bytes {}-{}/{size}", first + 1, last + 1)).ok()
}
