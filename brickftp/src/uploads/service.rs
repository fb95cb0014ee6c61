//! Uploads and downloads of the service, as the transfer engine sees them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mft_common::raw::ResponseValue;
use mft_common::transfer::{
    DownloadService, FileMetadata, PartLimits, PartTarget, PresignedUrl, UploadService, UploadSession,
};

use super::{UploadPart, UploadRef, part_target};
use crate::{Client, Error, File, Result};

/// How long the address of a download lives where it does not say so itself.
const STATED_LIFE: Duration = Duration::from_secs(3 * 60);

/// A file's time has whole seconds, and the two clocks of a service may differ by a little.
const SLACK: Duration = Duration::from_secs(5);

/// One upload.
pub(crate) struct FileUpload {
    pub(crate) client: Client,
    pub(crate) path: String,
    /// When it was begun, by the service's clock, and whether nothing of this name was there then.
    begun: Mutex<Option<(SystemTime, bool)>>,
}

impl FileUpload {
    pub(crate) fn new(client: &Client, path: &str) -> Self {
        Self { client: client.clone(), path: path.to_owned(), begun: Mutex::new(None) }
    }

    /// Where the part goes, and what time it is at the service.
    fn target(&self, reply: &ResponseValue<UploadPart>, asked: u32) -> Result<(PartTarget, SystemTime)> {
        let now = self.client.pipeline().observe_date(&reply.headers);
        Ok((part_target::target(&reply.value, asked, now, self.client.allows_http())?, now))
    }
}

impl UploadService for FileUpload {
    type File = File;

    fn limits(&self) -> PartLimits {
        part_target::DOCUMENTED
    }

    async fn open(&self) -> Result<UploadSession> {
        let reply = self.client.uploads().start(&self.path).with_response().await?;
        let (first, now) = self.target(&reply, 1)?;
        *self.begun.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((now, reply.value.ask_about_overwrites == Some(false)));
        Ok(UploadSession {
            reference: reply.value.upload_ref.as_str().to_owned(),
            first,
            limits: part_target::limits(&reply.value)?,
            parallel: reply.value.parallel_parts != Some(false),
        })
    }

    async fn part_target(&self, reference: &str, part: u32) -> Result<PartTarget> {
        let upload = UploadRef::from(reference);
        let reply = self.client.uploads().part(&self.path, &upload, part).with_response().await?;
        if reply.value.upload_ref != upload {
            return Err(Error::protocol("the service answered for another upload than it was asked for"));
        }
        self.target(&reply, part).map(|(target, _)| target)
    }

    async fn complete(&self, reference: &str) -> Result<File> {
        self.client.uploads().complete(&self.path, &UploadRef::from(reference)).await
    }

    async fn confirm(&self, size: u64) -> Result<Option<File>> {
        let begun = *self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a beginning, as after a resume, an older file of the same size cannot be told from this one.
        let Some((begun, is_new)) = begun else { return Ok(None) };
        let file = self.client.files().stat(&self.path).await?;
        let changed = file.mtime.as_ref().and_then(crate::OffsetDateTime::to_system_time);
        // A file that was there before may be as large, and no older than the slack.
        let is_since = |changed: SystemTime| {
            if is_new { changed.checked_add(SLACK).is_some_and(|later| later >= begun) } else { changed > begun }
        };
        let is_ours = file.size == Some(size) && changed.is_some_and(is_since);
        Ok(is_ours.then_some(file))
    }

    async fn refresh(&self, file: &File) -> Result<File> {
        self.client.files().stat(&file.path).await
    }

    fn metadata(&self, file: &File) -> FileMetadata {
        metadata(file)
    }
}

/// One download.
pub(crate) struct FileDownload {
    pub(crate) client: Client,
    pub(crate) path: String,
}

impl DownloadService for FileDownload {
    type File = File;

    async fn presigned_url(&self) -> Result<(PresignedUrl, File)> {
        let reply = self.client.files().download_url(&self.path).with_response().await?;
        let now = self.client.pipeline().observe_date(&reply.headers);
        let file = reply.value;
        let address = file
            .download_uri
            .as_ref()
            .ok_or_else(|| Error::protocol("the service gave no address for the file's bytes; it may be a folder"))?;
        let url = PresignedUrl::parse(address.expose(), self.client.allows_http())?;
        Ok((url.or_expires(now.checked_add(STATED_LIFE)), file))
    }

    fn metadata(&self, file: &File) -> FileMetadata {
        metadata(file)
    }
}

fn metadata(file: &File) -> FileMetadata {
    let given = |sum: &Option<String>| sum.clone().filter(|sum| !sum.is_empty());
    FileMetadata { size: file.size, md5: given(&file.md5), crc32: given(&file.crc32) }
}
