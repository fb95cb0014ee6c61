//! The description of a service.

use http::{HeaderMap, StatusCode};

use super::error_details::ErrorDetails;

/// The facts about a service that the pipeline needs.
#[derive(Clone, Copy)]
pub struct ServiceInfo {
    /// The name of the crate. It is the first part of every operation name.
    pub name: &'static str,
    /// The default `User-Agent`.
    pub user_agent: &'static str,
    /// Response headers that may contain the request id. The first one present is used. Usually
    /// [`ServiceInfo::REQUEST_ID_HEADERS`].
    pub request_id_headers: &'static [&'static str],
    /// Parses a response into the details of an error. Returns `None` if the response is a success.
    pub parse_error: fn(StatusCode, &HeaderMap, &[u8]) -> Option<ErrorDetails>,
}

impl ServiceInfo {
    /// The default request id headers.
    pub const REQUEST_ID_HEADERS: &'static [&'static str] = &["x-request-id", "x-amzn-requestid", "request-id"];

    /// Returns the request id in the headers of a response.
    pub(crate) fn request_id<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        self.request_id_headers.iter().find_map(|name| headers.get(*name)?.to_str().ok())
    }
}

partial_debug!(ServiceInfo, self => name: self.name);
