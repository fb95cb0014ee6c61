//! A typed, asynchronous client of the [Medianova Stook](https://www.medianova.com) control API: FTP accounts, buckets
//! and credentials of the object storage.
//!
//! ```no_run
//! use stook::{Client, NewBucket, NewFtpAccount, WrapRule};
//!
//! #[tokio::main]
//! async fn main() -> stook::Result<()> {
//!     let client = Client::from_env()?; // STOOK_ORGANIZATION_UUID, STOOK_API_KEY and STOOK_API_SECRET
//!     let bucket = client.buckets().create(NewBucket::new("northwind-cameras")).await?;
//!     let camera = NewFtpAccount::new("camera1", "Example-Only-1!", bucket.uuid, "cam1")
//!         .wrap_rules([WrapRule::allow(["198.51.100.7"])]);
//!     let account = client.ftp_accounts().create(camera).await?;
//!     println!("the login name is {}", account.name.as_deref().unwrap_or("?")); // camera1_…: the service renames
//!     Ok(())
//! }
//! ```
//!
//! ```toml
//! [dependencies]
//! stook = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! # Authentication
//!
//! A client has an API key with its secret, which it exchanges for tokens as they are needed, or one token: see
//! [`Authentication`]. Either goes to the origin of the base URL and nowhere else: never through a redirect. [`Client::from_env`]
//! reads the variables above; [`Client::builder`] takes everything by hand.
//!
//! # Versions
//!
//! FTP accounts are in version 2 of the API, [`Client::ftp_accounts`], and for what still needs it in version 1,
//! [`Client::legacy_v1`], whose update requires what that of version 2 leaves open.
//!
//! # Calls
//!
//! An endpoint method returns a [`Call`]: await it, or ask it for [`Call::with_response`], [`Call::call_timeout`] or
//! [`Call::no_retry`] first. What the documentation limits (required fields, the addresses of wrap rules) is checked
//! before anything is sent.
//!
//! # Errors
//!
//! There is one [`Error`]. [`Error::kind`] says what to do next, [`Error::outcome`] whether the thing has happened, and
//! its `Display` is one line for the log, without a secret:
//!
//! ```no_run
//! # async fn run(client: stook::Client, id: stook::FtpAccountId) -> stook::Result<()> {
//! match client.ftp_accounts().delete(&id).await {
//!     Ok(()) => {}
//!     Err(error) if error.is_not_found() => {} // already gone
//!     Err(error) if error.is_transient() => eprintln!("later, in {:?}: {error}", error.retry_after()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A reply of success that holds `"status": false`, or another word such as `error` and nothing beside it, is an error
//! too, [`ErrorKind::Rejected`] with the service's message.
//! Reads, updates and deletes are repeated after failures that may pass; what creates something is repeated only where
//! it certainly was not processed.
//!
//! # Lists
//!
//! A list is a [`Pager`]: a `Stream` with an inherent `try_next`. The service sends its lists in one piece today; should
//! it begin to page, the pager goes on to the next page by itself.
//!
//! # Testing without an account
//!
//! `mft-simulator` is a simulator of the service, as a library and as a program. It runs the example above:
//!
//! ```console
//! $ mft-simulator --provider stook -- cargo run
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
//! | `unverified` | | operations that no documentation pins down, each with what is assumed |
//! | `testing` | | a scripted transport for tests without a socket |
//! | `time`, `chrono` | | conversions of moments |
//!
//! Needs Rust 1.88 or newer.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a request is made for one call and given away to it, without a `&`"
)]

mod authentication;
mod buckets;
mod client;
mod credentials;
mod envelope;
mod error;
mod ftp_accounts;
mod legacy_v1;
mod lenient;
#[cfg(feature = "unverified")]
mod organizations;
mod wrap_rules;

use mft_common::provider::check;

pub use authentication::{Auth, Authentication, IssuedToken};
pub use buckets::{Bucket, BucketId, BucketUpdate, Buckets, NewBucket, Tag};
pub use client::{Client, ClientBuilder};
#[cfg(feature = "unverified")]
pub use credentials::CredentialUpdate;
pub use credentials::{Credential, CredentialId, Credentials, NewCredential};
pub use ftp_accounts::{FtpAccount, FtpAccountId, FtpAccountUpdate, FtpAccounts, NewFtpAccount};
pub use legacy_v1::{LegacyFtpAccountUpdate, LegacyFtpAccounts, LegacyV1};
#[cfg(feature = "unverified")]
pub use organizations::{Organization, Organizations};
pub use wrap_rules::{WrapAddress, WrapRule, WrapRuleType};

pub use http::{HeaderMap, HeaderName, Method, StatusCode};
pub use ipnet::IpNet;
#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{
    Body, BodyError, Call, Cursor, Error, ErrorKind, Idempotency, Middleware, Next, Operation, Outcome, Page, Pager,
    Pages, RawCall, RawResponse, Request, ReqwestTransport, ReqwestTransportBuilder, Response, ResponseValue, Result,
    RetryPolicy, Secret, Transport, UnixSeconds,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mft_common::id! {
    /// An organization: whose storage it is. UUID text in all examples; treat it as opaque.
    OrganizationId
}
