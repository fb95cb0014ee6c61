//! File changes over SFTP. They are not part of the API, but trigger its webhooks.

use std::error::Error;
use std::fmt;

use bytes::Bytes;

use crate::server::Collection as _;
use crate::usebuckets::deliveries::BucketEvent;
use crate::usebuckets::resources::directories::{is_file_path, may_write};
use crate::usebuckets::state::objects::{StoredFile, User};
use crate::usebuckets::state::store::Store;

/// The reason why an SFTP operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SftpError {
    /// The user is not in the bucket, or the user or the bucket is not active.
    Login,
    /// The user has no permission to write to the path.
    Permission,
    /// The file does not exist.
    NoSuchFile,
    /// The path is not the absolute path of a file.
    Path,
}

impl fmt::Display for SftpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "login failed",
            Self::Permission => "no permission to write to the path",
            Self::NoSuchFile => "file does not exist",
            Self::Path => "path is not the absolute path of a file",
        })
    }
}

impl Error for SftpError {}

impl Store {
    pub(crate) fn upload(
        &mut self,
        bucket_id: &str,
        user_id: &str,
        path: &str,
        contents: Bytes,
        now_ms: i64,
    ) -> Result<(), SftpError> {
        let user = self.writer(bucket_id, user_id, path)?;
        let event = BucketEvent::of_file("file.uploaded", user, path, contents.clone(), now_ms);
        let file = StoredFile { path: path.into(), contents, user_id: user_id.into(), uploaded_at: now_ms / 1000 };
        self.files.insert((bucket_id.to_owned(), path.to_owned()), file);
        self.record_event(event);
        Ok(())
    }

    pub(crate) fn delete_file(
        &mut self,
        bucket_id: &str,
        user_id: &str,
        path: &str,
        now_ms: i64,
    ) -> Result<(), SftpError> {
        let user = self.writer(bucket_id, user_id, path)?.clone();
        let file = self.files.remove(&(bucket_id.to_owned(), path.to_owned())).ok_or(SftpError::NoSuchFile)?;
        self.record_event(BucketEvent::of_file("file.deleted", &user, path, file.contents, now_ms));
        Ok(())
    }

    pub(crate) fn accepts_login(&self, bucket_id: &str, username: &str, password: &str) -> bool {
        let is_match = |user: &User| user.active && user.username == username && user.password == password;
        self.buckets.find(bucket_id).is_some_and(|bucket| bucket.active) && self.users.list(bucket_id).any(is_match)
    }

    fn writer(&self, bucket_id: &str, user_id: &str, path: &str) -> Result<&User, SftpError> {
        let bucket = self.buckets.find(bucket_id).filter(|bucket| bucket.active).ok_or(SftpError::Login)?;
        let of_bucket = |user: &&User| user.active && user.bucket_id == bucket.id;
        let user = self.users.find(user_id).filter(of_bucket).ok_or(SftpError::Login)?;
        if !is_file_path(path) {
            return Err(SftpError::Path);
        }
        if may_write(&user.permissions, path) { Ok(user) } else { Err(SftpError::Permission) }
    }
}
