//! What the typed clients of the family share.
//!
//! Applications do not depend on this crate by name: each provider crate re-exports what its users touch.
//!
//! ```text
//! typed request ─> Call {operation, method, path template + encoded segments, query, headers, body, idempotency}
//!   once per call      user middleware ─> time limit ─> retry
//!   once per attempt   permit ─> credential ─> user middleware ─> origin check ─> span + attempt limit {
//!                        Transport ─> bounded body read ─> the service's success test }
//!   afterwards         decode ─> typed reply
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `rustls` | yes | TLS by rustls with aws-lc |
//! | `rustls-ring` | | TLS by rustls with ring |
//! | `native-tls` | | TLS by the operating system's library |
//! | `rustls-no-provider` | | TLS by rustls with the cryptography that the application installs |
//! | `tracing` | yes | spans and events with the OpenTelemetry names |
//! | `webhooks` | | what webhook receivers need |
//! | `testing` | | the scripted transport |
//! | `time`, `chrono` | | conversions of moments |
//!
//! Features only add. Without any TLS feature everything compiles, and `build()` names the feature to enable.

mod auth;
#[doc(hidden)]
pub mod check;
mod clock;
mod codec;
mod deleted;
mod error;
mod http;
mod id;
mod numeric_id;
mod open_enum;
mod page;
mod patch;
mod pipeline;
pub mod provider;
pub mod secret;
mod secret_type;
mod settings;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
#[cfg(feature = "transfer")]
pub mod transfer;
#[cfg(feature = "webhooks")]
pub mod webhook;
mod webhook_url;

pub use crate::time::{OffsetDateTime, ParseDateTimeError, UnixMillis, UnixSeconds};
pub use deleted::Deleted;
pub use error::{Error, ErrorKind, Outcome, Result};
pub use page::Pager;
pub use patch::Patch;
pub use pipeline::call::Call;
pub use pipeline::retry::RetryPolicy;
pub use secret::Secret;

/// Sending a single HTTP request: the [`Transport`](transport::Transport) trait, the default transport, and the request
/// and response types that both share.
pub mod transport {
    pub use crate::auth::origin::Origin;
    pub use crate::http::{Body, BodyError, Request, ReqwestTransport, ReqwestTransportBuilder, Response, Transport};
    pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
}

/// Steps of your own around calls and attempts.
pub mod middleware {
    pub use crate::pipeline::Operation;
    pub use crate::pipeline::middleware::{Middleware, Next};
    pub use crate::pipeline::retry::Idempotency;
}

/// Calls to endpoints that a client has no method for, and the parts of a response beside its value.
pub mod raw {
    pub use crate::pipeline::call::raw::RawCall;
    pub use crate::pipeline::call::response::{RawResponse, ResponseValue};
    pub use crate::pipeline::retry::Idempotency;
    pub use ::http::{HeaderMap, HeaderName, Method, StatusCode};
}

/// Pages and cursors, for callers that go through a list page by page.
pub mod pagination {
    pub use crate::page::{Cursor, Page, Pages};
}

// Still at the root while the crates move to the modules above.
pub use crate::http::{Body, BodyError, Request, ReqwestTransport, ReqwestTransportBuilder, Response, Transport};
pub use auth::origin::Origin;
pub use error::MAX_ERROR_BODY;
pub use page::{Cursor, Page, Pages};
pub use pipeline::Operation;
pub use pipeline::call::raw::RawCall;
pub use pipeline::call::response::{RawResponse, ResponseValue};
pub use pipeline::middleware::{Middleware, Next};
pub use pipeline::retry::Idempotency;

/// What the macros of this crate expand to.
#[doc(hidden)]
pub mod __private {
    pub use crate::http::path_value::PathValue;
    pub use crate::id::deserialize as deserialize_id;
    pub use crate::numeric_id::deserialize as deserialize_number;
    pub use crate::open_enum::deserialize as deserialize_word;
    pub use serde;
}
