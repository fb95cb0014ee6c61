//! What clients do over SFTP, which is no part of the API but what its webhooks are about.

use std::error::Error;
use std::fmt;

use bytes::Bytes;

use crate::usebuckets::deliveries::Event;
use crate::usebuckets::resources::directories::{is_file_path, may_write};
use crate::usebuckets::state::objects::{StoredFile, User};
use crate::usebuckets::state::store::Store;

/// Why an SFTP client got nothing done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SftpRefusal {
    /// There is no such user in the bucket, or the user or the bucket is not active.
    Login,
    /// The user may not write there.
    Permission,
    /// There is no such file.
    NoSuchFile,
    /// It is not the absolute path of a file.
    Path,
}

impl fmt::Display for SftpRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login => "the login is refused",
            Self::Permission => "the user may not write there",
            Self::NoSuchFile => "there is no such file",
            Self::Path => "it is not the absolute path of a file",
        })
    }
}

impl Error for SftpRefusal {}

impl Store {
    pub(crate) fn upload(
        &mut self,
        bucket_id: &str,
        user_id: &str,
        path: &str,
        contents: Bytes,
        now_ms: i64,
    ) -> Result<(), SftpRefusal> {
        let user = self.writer(bucket_id, user_id, path)?;
        let event = Event::of_file("file.uploaded", user, path, contents.clone(), now_ms);
        let file = StoredFile { path: path.into(), contents, user_id: user_id.into(), uploaded_at: now_ms / 1000 };
        self.files.insert((bucket_id.to_owned(), path.to_owned()), file);
        self.happened(event);
        Ok(())
    }

    pub(crate) fn delete_file(
        &mut self,
        bucket_id: &str,
        user_id: &str,
        path: &str,
        now_ms: i64,
    ) -> Result<(), SftpRefusal> {
        let user = self.writer(bucket_id, user_id, path)?.clone();
        let file = self.files.remove(&(bucket_id.to_owned(), path.to_owned())).ok_or(SftpRefusal::NoSuchFile)?;
        self.happened(Event::of_file("file.deleted", &user, path, file.contents, now_ms));
        Ok(())
    }

    pub(crate) fn accepts_login(&self, bucket_id: &str, username: &str, password: &str) -> bool {
        let known = |user: &User| user.active && user.username == username && user.password == password;
        self.buckets.get(bucket_id).is_some_and(|bucket| bucket.active) && self.users.list(bucket_id).any(known)
    }

    fn writer(&self, bucket_id: &str, user_id: &str, path: &str) -> Result<&User, SftpRefusal> {
        let bucket = self.buckets.get(bucket_id).filter(|bucket| bucket.active).ok_or(SftpRefusal::Login)?;
        let of_bucket = |user: &&User| user.active && user.bucket_id == bucket.id;
        let user = self.users.get(user_id).filter(of_bucket).ok_or(SftpRefusal::Login)?;
        if !is_file_path(path) {
            return Err(SftpRefusal::Path);
        }
        if may_write(&user.permissions, path) { Ok(user) } else { Err(SftpRefusal::Permission) }
    }
}
