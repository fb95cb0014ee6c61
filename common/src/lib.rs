#![doc = include_str!("../README.md")]

#[macro_use]
mod debug;

mod auth;
#[doc(hidden)]
pub mod check;
mod clock;
mod codec;
mod error;
mod http;
mod model;
mod page;
mod pipeline;
pub mod provider;
mod settings;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
#[cfg(feature = "transfer")]
pub mod transfer;
#[cfg(feature = "webhooks")]
pub mod webhook;

pub use crate::time::{OffsetDateTime, ParseDateTimeError, UnixMillis, UnixSeconds};
pub use error::{Error, ErrorKind, Outcome, Result};
pub use model::secret::{self, Secret};
pub use model::{Deleted, Patch};
pub use page::Pager;
pub use pipeline::call::Call;
pub use pipeline::retry::RetryPolicy;

/// The `Transport` trait, the default transport, and the request and response types.
pub mod transport {
    pub use crate::auth::origin::Origin;
    pub use crate::http::{Body, BodyError, Request, ReqwestTransport, ReqwestTransportBuilder, Response, Transport};
    pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
}

/// Middleware around calls and attempts.
pub mod middleware {
    pub use crate::pipeline::Operation;
    pub use crate::pipeline::middleware::{Middleware, Next};
    pub use crate::pipeline::retry::Idempotency;
}

/// Calls to endpoints without a typed method, and responses with status and headers.
pub mod raw {
    pub use crate::pipeline::call::raw::RawCall;
    pub use crate::pipeline::call::response::{RawResponse, ResponseValue};
    pub use crate::pipeline::retry::Idempotency;
    pub use ::http::{HeaderMap, HeaderName, Method, StatusCode};
}

/// Pages and cursors.
pub mod pagination {
    pub use crate::page::{Cursor, Page, Pages};
}

// Short paths inside this crate.
pub(crate) use auth::origin::Origin;
pub(crate) use http::{Body, BodyError, Transport};
pub(crate) use pipeline::retry::Idempotency;

/// Items that the macros of this crate use.
#[doc(hidden)]
pub mod __private {
    pub use crate::http::path_value::PathValue;
    pub use crate::model::id::deserialize as deserialize_id;
    pub use crate::model::numeric_id::deserialize as deserialize_number;
    pub use crate::model::open_enum::deserialize as deserialize_word;
    pub use serde;
}
