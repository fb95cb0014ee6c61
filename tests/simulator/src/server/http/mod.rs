//! HTTP over sockets: listeners, connections, bodies, and responses that violate HTTP on purpose.

mod connection;
pub(crate) mod headers;
pub(crate) mod listener;
pub(crate) mod multipart;
pub(crate) mod outgoing;
pub(crate) mod request_body;
pub(crate) mod response;
pub(crate) mod response_body;
pub(crate) mod script;
mod socket;
#[cfg(feature = "tls")]
pub(crate) mod tls;
