//! Types that the models of all provider crates are made of: ids, open enums, fields of updates, secrets.

mod deleted;
pub(crate) mod id;
pub(crate) mod numeric_id;
pub(crate) mod open_enum;
mod patch;
pub mod secret;
mod secret_type;
mod webhook_url;

pub use deleted::Deleted;
pub use patch::Patch;
pub use webhook_url::{RedactedUrl, WebhookUrl};
