//! A typed, asynchronous client of the BrickFTP REST API v1, in JSON and in XML.
//!
//! ```no_run
//! use brickftp::{Client, GrantedPermission, ListFolder, NewUser};
//!
//! #[tokio::main]
//! async fn main() -> brickftp::Result<()> {
//!     let client = Client::from_env()?; // BRICKFTP_SUBDOMAIN and BRICKFTP_API_KEY
//!     let ada = NewUser::new("ada").user_root("Staff/ada/").grant_permission(GrantedPermission::Full);
//!     println!("{} was created", client.users().create(ada).await?.id);
//!
//!     let mut files = client.folders().list("/", ListFolder::new());
//!     while let Some(file) = files.try_next().await? {
//!         println!("{} has {} bytes", file.path, file.size_or_zero());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! ```toml
//! [dependencies]
//! brickftp = "0.1"
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! # Authentication
//!
//! A client has an API key, a session, or neither: see [`Authentication`]. The credential goes to the origin of the base URL and
//! nowhere else: never through a redirect, never to the signed addresses of the storage. What a session needs the password
//! again for is told by [`Client::with_reauthentication`]. [`Client::from_env`] reads the variables above;
//! [`Client::builder`] takes everything by hand.
//!
//! # Formats
//!
//! [`ClientBuilder::format`] chooses between JSON, the default, and XML. Models and errors are the same in both.
//!
//! # Calls
//!
//! An endpoint method returns a [`Call`]: await it, or ask it for [`Call::with_response`], [`Call::call_timeout`] or
//! [`Call::no_retry`] first. What the documentation limits is checked before anything is sent.
//!
//! # Errors
//!
//! There is one [`Error`]. [`Error::kind`] says what to do next, [`Error::outcome`] whether the thing has happened, and
//! its `Display` is one line for the log, without a secret:
//!
//! ```no_run
//! # async fn run(client: brickftp::Client, id: brickftp::UserId) -> brickftp::Result<()> {
//! match client.users().delete(id).await {
//!     Ok(()) => {}
//!     Err(error) if error.is_not_found() => {} // already gone
//!     Err(error) if error.is_transient() => eprintln!("later, in {:?}: {error}", error.retry_after()),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Reads, updates and deletes are repeated after failures that may pass; what creates something, and logins, moves and
//! copies, are repeated only where they certainly were not processed.
//!
//! # Lists
//!
//! A list is a [`Pager`]: a `Stream` with an inherent `try_next`, which asks for the next page when it needs it.
//!
//! # Files
//!
//! [`Files::upload`] and [`Files::download`] move files of any size, [`Folders::upload_dir`] and
//! [`Folders::download_dir`] whole folders, and [`Folders::walk`] lists a tree. An upload that returns `Ok` is there, whole;
//! a download stands under its name when all of it has arrived, and not before. Both go on where they stopped.
//!
//! ```no_run
//! # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
//! use brickftp::transfer::Source;
//!
//! client.files().upload("Media/film.mov", Source::file("film.mov")).await?;
//! client.files().download("Media/film.mov").to_file("copy.mov").await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Testing without an account
//!
//! `mft-simulator` is a simulator of the service and its storage, as a library and as a program. It runs the example above:
//!
//! ```console
//! $ mft-simulator --provider brickftp -- cargo run
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
//! | `testing` | | a scripted transport for tests without a socket |
//! | `time`, `chrono` | | conversions of moments |
//!
//! Needs Rust 1.88 or newer.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a request is made for one call and given away to it, without a `&`"
)]

mod api_keys;
mod authentication;
mod behaviors;
mod bundles;
mod check;
mod client;
mod error;
mod files;
mod folders;
mod format;
mod groups;
mod history;
mod id;
mod id_list;
mod notifications;
mod path;
mod permissions;
mod public_keys;
mod reauthentication;
mod reply;
mod request;
mod sessions;
mod uploads;
mod users;
#[doc(hidden)]
pub mod xml;

pub use api_keys::{ApiKey, ApiKeys, NewApiKey, PermissionSet, Platform};
pub use authentication::Authentication;
pub use behaviors::{Behavior, BehaviorId, BehaviorKind, BehaviorUpdate, Behaviors, NewBehavior};
pub use bundles::{Bundle, BundleAccess, BundleEntry, BundleId, Bundles, NewBundle};
pub use client::{Client, ClientBuilder};
pub use error::needs_reauthentication;
pub use files::{File, FileId, FilePermissions, FileType, Files};
pub use folders::{FolderCounts, Folders, ListFolder, SortBy, SortOrder, Walk, WalkError};
pub use format::Format;
pub use groups::{Group, GroupUpdate, Groups, Membership, NewGroup};
pub use history::{
    ExportFormat, History, HistoryAction, HistoryEvent, HistoryEventId, HistoryExport, HistoryGroup, HistoryInterface,
    HistoryPage, HistoryPermission, HistoryQuery, HistoryScope, HistoryTarget, HistoryUser,
};
pub use id::{ApiKeyId, GroupId, MembershipId, NotificationId, PermissionId, PublicKeyId, UserId};
pub use id_list::IdList;
pub use notifications::{NewNotification, Notification, Notifications, Recipient, SendInterval};
pub use permissions::{Grantee, NewPermission, Permission, PermissionKind, Permissions};
pub use public_keys::{NewPublicKey, PublicKey, PublicKeys};
pub use reauthentication::Reauthentication;
pub use sessions::{Session, SessionGuard, Sessions};
pub use uploads::{UploadPart, UploadRef, Uploads};
pub use users::{
    AuthenticationMethod, GrantedPermission, NewGroupUser, NewUser, SslRequirement, User, UserUpdate, Users,
};

#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{
    Call, Error, ErrorKind, OffsetDateTime, Outcome, Pager, ParseDateTimeError, Result, RetryPolicy, Secret,
    middleware, pagination, raw, transport,
};

/// Uploads and downloads of files and folders.
pub mod transfer {
    pub use mft_common::transfer::{
        Aborted, ByteStream, Download, DownloadRequest, Downloaded, Progress, ProgressWatch, ResumeToken, Source,
        TreeDownloadRequest, TreeItem, TreeSummary, TreeTransfer, TreeUploadRequest, Upload, UploadError,
        UploadRequest,
    };
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
