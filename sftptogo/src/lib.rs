//! A typed, asynchronous client of [SFTP To Go](https://sftptogo.com): credentials, SSH keys, webhooks and share links.
//!
//! ```no_run
//! use sftptogo::{Client, CredentialPermission, NewCredential};
//!
//! #[tokio::main]
//! async fn main() -> sftptogo::Result<()> {
//!     let client = Client::from_env()?; // SFTPTOGO_ORGANIZATION_ID and SFTPTOGO_API_KEY
//!     let robot = NewCredential::new().alias("Nightly intake").permission(CredentialPermission::ReadWrite);
//!     let credential = client.credentials().create(robot).await?;
//!     println!("{} can connect to {}", credential.login_name(), credential.host.as_deref().unwrap_or("?"));
//!     Ok(())
//! }
//! ```
//!
//! ```toml
//! [dependencies]
//! sftptogo = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! # Authentication
//!
//! Every call carries the API key as a bearer token, and only to the origin of the base URL: never through a redirect.
//! [`Client::from_env`] reads the variables above; [`Client::builder`] takes everything by hand.
//!
//! # Calls
//!
//! An endpoint method returns a [`Call`]: await it, or ask it for [`Call::with_response`], [`Call::call_timeout`] or
//! [`Call::no_retry`] first. What the documentation limits (user names, rule sources, share paths) is checked before
//! anything is sent.
//!
//! # Errors
//!
//! There is one [`Error`]. [`Error::kind`] says what to do next, [`Error::outcome`] whether the thing has happened, and
//! its `Display` is one line for the log, without a secret:
//!
//! ```no_run
//! # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
//! match client.credentials().delete(&id).await {
//!     Ok(_) => {}
//!     Err(error) if error.is_not_found() => {} // already gone
//!     Err(error) if error.is_transient() => eprintln!("later, in {:?}: {error}", error.retry_after()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Reads, updates and deletes are repeated after failures that may pass; what creates something is repeated only where
//! it certainly was not processed; rotating and setting passwords only where nothing was sent.
//!
//! # Lists
//!
//! A list is a [`Pager`]: a `Stream` with an inherent `try_next`. The service sends its lists in one piece today.
//!
//! # Webhooks
//!
//! Managing them is [`Client::webhooks`]. Receiving them is the feature `webhooks`: a verifier of signatures and typed
//! events, for any web framework.
//!
//! # Testing without an account
//!
//! `mft-simulator` is a simulator of the service, as a library and as a program. It runs the example above:
//!
//! ```console
//! $ mft-simulator --provider sftptogo -- cargo run
//! ```
//!
//! For unit tests without a socket, the feature `testing` has a transport that answers from a script.
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
//! | `webhooks` | | receiving webhooks |
//! | `testing` | | a scripted transport for tests without a socket |
//! | `time`, `chrono` | | conversions of moments |
//!
//! Needs Rust 1.88 or newer.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a request is made for one call and given away to it, without a `&`"
)]

mod authentication;
mod check;
mod client;
mod credentials;
mod error;
mod file_access;
mod share_links;
mod ssh_keys;
#[cfg(feature = "webhooks")]
pub mod webhook_event;
mod webhooks;

pub use authentication::Authentication;
pub use client::{Client, ClientBuilder};
pub use credentials::{
    Credential, CredentialId, CredentialPermission, CredentialSettings, CredentialState, CredentialUpdate, Credentials,
    Expiration, InboundProtocol, InboundRule, InboundRuleAction, InboundRuleId, InboundRuleState, NetworkSettings,
    NewCredential, PasswordSet,
};
pub use file_access::{Endpoint, FileAccess, FileLogin, S3Storage};
pub use share_links::{
    AccessLimit, AccountCreator, CreatedBy, NewShareLink, PrincipalCreator, ShareLink, ShareLinkId, ShareLinkState,
    ShareLinkType, ShareLinkUpdate, ShareLinks, SharePermission,
};
pub use ssh_keys::{SshKeyId, SshKeyType, SshKeys, SshPublicKey};
pub use webhooks::{NewWebhook, Webhook, WebhookId, WebhookState, WebhookTopic, WebhookType, WebhookUpdate, Webhooks};

pub use ipnet::IpNet;
#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{
    Call, Deleted, Error, ErrorKind, OffsetDateTime, Outcome, Pager, ParseDateTimeError, Result, RetryPolicy, Secret,
    UnixMillis, UnixSeconds,
};
pub use mft_common::{middleware, pagination, raw, transport};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mft_common::id! {
    /// An organization: one instance of SFTP To Go. UUID text in all examples; treat it as opaque.
    OrganizationId
}
