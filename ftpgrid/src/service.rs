//! The description of the service, for the pipeline.

use http::{HeaderMap, StatusCode};
use mft_common::provider::{ErrorDetails, ServiceInfo};

use crate::error::parse_error;

pub(crate) const SERVICE: ServiceInfo = ServiceInfo {
    name: "ftpgrid",
    user_agent: concat!("ftpgrid-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: ServiceInfo::REQUEST_ID_HEADERS,
    parse_error,
};

/// The service as seen by the token exchange: a 400, 401 or 403 means that the keys were refused.
pub(crate) const TOKEN_SERVICE: ServiceInfo = ServiceInfo { parse_error: parse_token_error, ..SERVICE };

const KEYS_REFUSED: &str =
    "the service refuses the REST API account: its keys are wrong, or it was disabled, deleted or has expired";

fn parse_token_error(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<ErrorDetails> {
    let details = parse_error(status, headers, body)?;
    Some(if matches!(status.as_u16(), 400 | 401 | 403) { details.of_credentials(KEYS_REFUSED) } else { details })
}
