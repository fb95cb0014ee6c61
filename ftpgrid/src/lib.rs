//! A typed, asynchronous client of [ftpGrid](https://ftpgrid.com): FTP accounts, and storage with streamed uploads and
//! downloads.
//!
//! ```no_run
//! use ftpgrid::{AccessRights, Client, NewFtpAccount, Source};
//!
//! #[tokio::main]
//! async fn main() -> ftpgrid::Result<()> {
//!     // FTPGRID_ASSOCIATION_KEY, FTPGRID_ACCESS_KEY, FTPGRID_SECRET_KEY and FTPGRID_STORAGE_URL
//!     let client = Client::from_env()?;
//!     client.storage().upload("/cams/7/welcome.txt", Source::bytes("Welcome!")).await?;
//!     let camera = NewFtpAccount::new("dock-cam-7", AccessRights::ReadWrite, "/cams/7").password("an-example-pass-1");
//!     client.ftp_accounts().create(camera).await?;
//!     println!("dock-cam-7 can log in");
//!     Ok(())
//! }
//! ```
//!
//! ```toml
//! [dependencies]
//! ftpgrid = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! # Authentication
//!
//! The keys of a REST API account, [`Credentials`], are exchanged for a short-lived token: once for all who wait, and
//! again when the service refuses the token. The keys go to the management API alone; the token goes to it and to the
//! storage server, and never through a redirect. Where the service refuses the keys themselves, because they are wrong
//! or the account has expired, the error is of the kind [`Auth`](ErrorKind::Auth) and says so.
//!
//! [`Client::from_env`] reads the variables above; [`Client::builder`] takes everything by hand.
//!
//! # Scopes
//!
//! A REST API account may do what its [`Scope`]s allow. Each method's page names the scope it needs, and so does the
//! error where it is missing; [`missing_scopes`] reads it from there.
//!
//! # Calls
//!
//! An endpoint method returns a [`Call`]: await it, or ask it for [`Call::with_response`], [`Call::call_timeout`] or
//! [`Call::no_retry`] first. What is certainly wrong (paths above all, see [`Storage`]) is refused before anything is
//! sent.
//!
//! # Errors
//!
//! There is one [`Error`]. [`Error::kind`] says what to do next, [`Error::outcome`] whether the thing has happened, and
//! its `Display` is one line for the log, without a secret:
//!
//! ```no_run
//! # async fn run(client: ftpgrid::Client, id: ftpgrid::FtpAccountId) -> ftpgrid::Result<()> {
//! match client.ftp_accounts().delete(id).await {
//!     Ok(()) => {}
//!     Err(error) if error.is_not_found() => {} // already gone
//!     Err(error) if error.is_transient() => eprintln!("later, in {:?}: {error}", error.retry_after()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Reads, updates and deletes are repeated after failures that may pass; what creates something, and moves, are
//! repeated only where they certainly were not processed.
//!
//! # Lists
//!
//! A list is a [`Pager`]: a `Stream` with an inherent `try_next`. The service sends its lists in one piece today.
//!
//! # Files
//!
//! [`Storage::upload`] and [`Storage::download`] move files of any size with little memory. A download stands under its
//! name when all of it has arrived, and not before; an upload that broke off says whether the service may have stored
//! something. The service takes and sends a file in one piece: it knows no parts, no ranges and no conditions, and what
//! broke off can only be begun again.
//!
//! # Testing without an account
//!
//! `mft-simulator` is a simulator of the service, as a library and as a program. It runs the example above:
//!
//! ```console
//! $ mft-simulator --provider ftpgrid -- cargo run
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
//! | `unverified` | | `Storage::mkdir`, which no documentation pins down |
//! | `testing` | | a scripted transport for tests without a socket |
//! | `time`, `chrono` | | conversions of moments |
//!
//! Needs Rust 1.88 or newer.

mod auth;
mod client;
mod credentials;
mod error;
mod ftp_accounts;
mod lenient;
mod path;
mod reply;
mod scope;
mod storage;

pub use auth::Auth;
pub use client::{Client, ClientBuilder};
pub use credentials::Credentials;
pub use ftp_accounts::{
    AccessRights, CreatedFtpAccount, FtpAccount, FtpAccountId, FtpAccountUpdate, FtpAccounts, NewFtpAccount,
};
pub use scope::{Scope, missing_scopes};
#[cfg(feature = "unverified")]
pub use storage::MkdirBody;
pub use storage::{
    DirEntry, DownloadId, EntryType, FileEntry, Protocol, ServedFile, ServedKind, Sha256Sum, Storage, TreeEntry,
};

pub use http::{HeaderMap, HeaderName, Method, StatusCode};
#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::transfer::{
    ByteStream, Download, Downloaded, FormUpload, FormUploadHandle, Progress, ProgressWatch, Source, WholeDownload,
};
pub use mft_common::{
    Body, BodyError, Call, Cursor, Error, ErrorKind, Idempotency, Middleware, Next, Operation, Outcome, Page, Pager,
    Pages, RawCall, RawResponse, Request, ReqwestTransport, ReqwestTransportBuilder, Response, ResponseValue, Result,
    RetryPolicy, Secret, Transport, UnixMillis, UnixSeconds,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
