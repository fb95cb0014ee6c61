#![doc = include_str!("../README.md")]
#![expect(clippy::needless_pass_by_value, reason = "request values are consumed by the call")]

mod auth;
mod authentication;
mod client;
mod error;
mod ftp_accounts;
mod lenient;
mod path;
mod response;
mod scope;
mod service;
mod storage;
mod token_exchange;

pub use auth::Auth;
pub use authentication::{AccessKey, AssociationKey, Authentication, SecretKey};
pub use client::{Client, ClientBuilder};
pub use ftp_accounts::{
    AccessRights, CreatedFtpAccount, FtpAccount, FtpAccountId, FtpAccountUpdate, FtpAccounts, NewFtpAccount,
};
pub use scope::{Scope, missing_scopes};
#[cfg(feature = "unverified")]
pub use storage::MkdirBody;
pub use storage::{
    Destination, DirEntry, DownloadId, EntryType, FileEntry, NewName, Protocol, ServedFile, ServedKind, Sha256Sum,
    Storage, TreeEntry,
};

#[cfg(feature = "testing")]
pub use mft_common::testing;
pub use mft_common::{Call, Error, ErrorKind, Outcome, Pager, Result, RetryPolicy, Secret, UnixMillis, UnixSeconds};
pub use mft_common::{middleware, pagination, raw, transport};

/// Uploads and downloads: sources, requests, handles and progress.
pub mod transfer {
    pub use mft_common::transfer::{
        ByteStream, Download, Downloaded, FormUpload, FormUploadHandle, Progress, ProgressWatch, Source, WholeDownload,
    };
}
