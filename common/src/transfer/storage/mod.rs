//! The object storage behind a service: presigned URLs, and the client that sends requests to them.

pub(crate) mod client;
pub(crate) mod error_document;
pub(crate) mod presigned_url;
pub(crate) mod renewable;
