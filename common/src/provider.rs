//! What provider crates need and applications do not.
//!
//! Versioned in step with the provider crates; nothing here is promised to anybody else.

pub use crate::auth::origin::{BaseUrl, is_loopback_http};
pub use crate::auth::{Auth, Token, TokenExchange};
pub use crate::check;
pub use crate::codec::json::looks_like;
pub use crate::codec::{lenient, message};
pub use crate::http::path::check_segment;
pub use crate::http::path_value::PathValue;
pub use crate::numeric_id::deserialize as deserialize_number;
pub use crate::page::{CursorPage, Identity, PageNumbers};
pub use crate::pipeline::builder::CallBuilder;
pub use crate::pipeline::call::BufferedResponse;
pub use crate::pipeline::{ErrorDetails, Pipeline, ServiceInfo};
pub use crate::settings::{Settings, optional_variable, required_variable};
pub use crate::webhook_url::{RedactedUrl, WebhookUrl};

/// Waits, on the same clock as everything else.
pub async fn sleep(duration: std::time::Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
