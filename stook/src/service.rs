//! The description of the service, for the pipeline.

use http::{HeaderMap, StatusCode};
use mft_common::provider::{ErrorDetails, ServiceInfo};

use crate::ErrorKind;
use crate::error::parse_error;

pub(crate) const SERVICE: ServiceInfo = ServiceInfo {
    name: "stook",
    user_agent: concat!("stook-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: ServiceInfo::REQUEST_ID_HEADERS,
    parse_error,
};

/// The service as seen by the login: a rejected request means that the key or its secret was refused.
pub(crate) const TOKEN_SERVICE: ServiceInfo = ServiceInfo { parse_error: parse_token_error, ..SERVICE };

const KEY_REFUSED: &str = "the service refuses the API key and its secret";

fn parse_token_error(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    let details = parse_error(status, headers, body)?;
    let is_key_refused = match details.kind {
        Some(kind) => matches!(kind, ErrorKind::Auth | ErrorKind::PermissionDenied | ErrorKind::Rejected),
        None => matches!(status.as_u16(), 400 | 401 | 403 | 422),
    };
    Some(if is_key_refused { details.of_credentials(KEY_REFUSED) } else { details })
}
