//! Request headers that several services read.

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

/// Returns the token or key of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Whether the `Content-Type` is JSON.
pub(crate) fn announces_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()?.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// Whether there is a body without a JSON `Content-Type`. The header is required with a body and optional without one.
pub(crate) fn lacks_json(headers: &HeaderMap, body: &[u8]) -> bool {
    !body.is_empty() && !announces_json(headers)
}
