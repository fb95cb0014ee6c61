//! A typed, asynchronous client of [Buckets](https://usebuckets.io), later Nightly: hosted SFTP servers, their users
//! and notifications.
//!
//! ```no_run
//! use usebuckets::{Client, NewBucket, NewUser, Permission, Permissions};
//!
//! #[tokio::main]
//! async fn main() -> usebuckets::Result<()> {
//!     let client = Client::from_env()?; // USEBUCKETS_API_KEY
//!     let bucket = client.buckets().create(NewBucket::new("Northwind intake")).await?;
//!     // Without permissions a user may do everything in the bucket.
//!     let mira = NewUser::new(&bucket.id, "mira", "example-only")
//!         .permissions(Permissions::on("/invoices", Permission::Read));
//!     client.users().create(mira).await?;
//!     println!("mira can connect to {}", bucket.host.as_deref().unwrap_or("?"));
//!     Ok(())
//! }
//! ```
//!
//! ```toml
//! [dependencies]
//! usebuckets = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! # Authentication
//!
//! Every call carries the API key as a bearer token, and only to the origin of the base URL: never through a redirect,
//! and never to the address that a list names for its next page. [`Client::from_env`] reads the variable above;
//! [`Client::builder`] takes everything by hand.
//!
//! # Permissions
//!
//! [`Permissions`] name directories and what a user may do there. **A map without a directory allows everything
//! everywhere**, so it has to be asked for by its name: [`Permissions::everything`].
//!
//! # Updates
//!
//! The service refuses an update that changes nothing. Updates begin with what they change, so that none can be empty:
//!
//! ```no_run
//! # async fn run(client: usebuckets::Client, id: usebuckets::BucketId) -> usebuckets::Result<()> {
//! use usebuckets::BucketUpdate;
//!
//! client.buckets().update(&id, BucketUpdate::name("Northwind, closed").and_active(false)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Calls
//!
//! An endpoint method returns a [`Call`]: await it, or ask it for [`Call::with_response`], [`Call::call_timeout`] or
//! [`Call::no_retry`] first. The service publishes no rules for names and passwords; that they are not empty is checked
//! before anything is sent.
//!
//! # Errors
//!
//! There is one [`Error`]. [`Error::kind`] says what to do next, [`Error::outcome`] whether the thing has happened, and
//! its `Display` is one line for the log, without a secret:
//!
//! ```no_run
//! # async fn run(client: usebuckets::Client, id: usebuckets::BucketId) -> usebuckets::Result<()> {
//! match client.buckets().delete(&id).await {
//!     Ok(()) => {}
//!     Err(error) if error.is_not_found() => {} // already gone
//!     Err(error) if error.is_transient() => eprintln!("later, in {:?}: {error}", error.retry_after()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! An object that holds an error, where a reply of success should hold what was asked for, is an error too:
//! [`ErrorKind::Rejected`] with the service's words. One that holds nothing but a message is [`ErrorKind::Decode`]: the
//! status says that it was done.
//!
//! Reads, updates and deletes are repeated after failures that may pass; what creates something is repeated only where
//! it certainly was not processed.
//!
//! # Lists
//!
//! A list is a [`Pager`]: a `Stream` with an inherent `try_next`, which asks for the next page when it needs one. It
//! ends complete or in an error, never short.
//!
//! # Webhooks
//!
//! Receiving them is the feature `webhooks`: a verifier of signatures and typed events, for any web framework. Managing
//! them takes the feature `unverified`.
//!
//! # Testing without an account
//!
//! `mft-simulator` is a simulator of the service, as a library and as a program. It runs the example above:
//!
//! ```console
//! $ mft-simulator --provider usebuckets -- cargo run
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
//! | `unverified` | | endpoints that no documentation pins down: deleting a user, managing notifications |
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
mod check;
mod client;
mod error;
mod notifications;
mod page;
mod permissions;
mod reply;
mod users;
#[cfg(feature = "webhooks")]
pub mod webhook_event;

pub use authentication::Authentication;
pub use buckets::{Bucket, BucketId, BucketUpdate, Buckets, NewBucket};
pub use client::{Client, ClientBuilder};
pub use notifications::{EventType, Notification, NotificationId};
#[cfg(feature = "unverified")]
pub use notifications::{NewNotification, NotificationUpdate, Notifications};
pub use permissions::{Permission, Permissions};
pub use users::{NewUser, User, UserId, UserUpdate, Users};

#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{Call, Error, ErrorKind, Outcome, Pager, Result, RetryPolicy, Secret, UnixSeconds};
pub use mft_common::{middleware, pagination, raw, transport};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// An update has no constructor that names nothing.
///
/// ```compile_fail
/// let nothing = usebuckets::BucketUpdate::default();
/// ```
///
/// ```compile_fail
/// let nothing = usebuckets::UserUpdate::new();
/// ```
///
/// Permissions for nothing in particular are everything, and have to be called that.
///
/// ```compile_fail
/// let everything = usebuckets::Permissions::default();
/// ```
#[cfg(doctest)]
struct NeverEmpty;
