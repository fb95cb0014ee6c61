//! The API for provider crates. Applications do not use it.
//!
//! The provider crates have the same version as this crate. Other crates get no stability guarantee for this module.
//!
//! | item | purpose |
//! |---|---|
//! | [`ServiceInfo`], [`ErrorDetails`] | describe the service and its error responses |
//! | [`Settings`], [`client_settings!`](crate::client_settings), [`required_variable`] | client builder |
//! | [`Auth`], [`Token`], [`TokenExchange`] | authentication |
//! | [`Pipeline`], [`CallBuilder`], [`PathValue`], [`BufferedResponse`] | one operation: path, query, body, decoding |
//! | [`CursorPage`], [`PageNumbers`], [`Identity`] | pagination |
//! | [`check`], [`check_segment`] | input checks |
//! | [`lenient`], [`message`] | decoding of inconsistent responses, and of error messages |
//! | [`BaseUrl`], [`WebhookUrl`], [`RedactedUrl`] | URLs |

pub use crate::auth::origin::{BaseUrl, is_loopback_http};
pub use crate::auth::{Auth, Token, TokenExchange};
pub use crate::check;
pub use crate::codec::json::looks_like;
pub use crate::codec::{lenient, message};
pub use crate::error::MAX_ERROR_BODY;
pub use crate::http::path::check_segment;
pub use crate::http::path_value::PathValue;
pub use crate::model::numeric_id::deserialize as deserialize_number;
pub use crate::model::{RedactedUrl, WebhookUrl};
pub use crate::page::{CursorPage, Identity, PageNumbers};
pub use crate::pipeline::call::builder::CallBuilder;
pub use crate::pipeline::call::response::BufferedResponse;
pub use crate::pipeline::{ErrorDetails, Pipeline, ServiceInfo};
pub use crate::settings::{Settings, optional_variable, required_variable};

/// Waits on the clock of the pipeline, which tests can pause.
pub async fn sleep(duration: std::time::Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
