//! Implements the provider traits of the transfer engine.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mft_common::raw::ResponseValue;
use mft_common::transfer::{
    DownloadService, FileMetadata, PartLimits, PartTarget, PresignedUrl, UploadService, UploadSession,
};

use super::{UploadPart, UploadRef, part_target};
use crate::{Client, Error, File, Result};

/// Lifetime of a presigned download URL that does not state its expiry.
const STATED_LIFE: Duration = Duration::from_secs(3 * 60);

/// File times have a resolution of one second, and the clocks of a service may differ slightly.
const SLACK: Duration = Duration::from_secs(5);

/// One upload.
pub(crate) struct FileUpload {
    pub(crate) client: Client,
    pub(crate) path: String,
    /// The start time by the service's clock, and whether the path did not exist then.
    started: Mutex<Option<(SystemTime, bool)>>,
}

impl FileUpload {
    pub(crate) fn new(client: &Client, path: &str) -> Self {
        Self { client: client.clone(), path: path.to_owned(), started: Mutex::new(None) }
    }

    /// Returns the target of the part and the current time of the service.
    fn target(&self, response: &ResponseValue<UploadPart>, part: u32) -> Result<(PartTarget, SystemTime)> {
        let now = self.client.pipeline().observe_date(&response.headers);
        Ok((part_target::target(&response.value, part, now, self.client.allows_http())?, now))
    }
}

impl UploadService for FileUpload {
    type File = File;

    fn limits(&self) -> PartLimits {
        part_target::DOCUMENTED
    }

    async fn open(&self) -> Result<UploadSession> {
        let response = self.client.uploads().start(&self.path).with_response().await?;
        let (first, now) = self.target(&response, 1)?;
        *self.started.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((now, response.value.ask_about_overwrites == Some(false)));
        Ok(UploadSession {
            reference: response.value.upload_ref.as_str().to_owned(),
            first,
            limits: part_target::limits(&response.value)?,
            parallel: response.value.parallel_parts != Some(false),
        })
    }

    async fn part_target(&self, reference: &str, part: u32) -> Result<PartTarget> {
        let upload = UploadRef::from(reference);
        let response = self.client.uploads().part(&self.path, &upload, part).with_response().await?;
        if response.value.upload_ref != upload {
            return Err(Error::protocol("the service returned another upload than the requested one"));
        }
        self.target(&response, part).map(|(target, _)| target)
    }

    async fn complete(&self, reference: &str) -> Result<File> {
        self.client.uploads().complete(&self.path, &UploadRef::from(reference)).await
    }

    async fn confirm(&self, size: u64) -> Result<Option<File>> {
        let started = *self.started.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a start time, as after a resume, an older file of the same size cannot be excluded.
        let Some((started, is_new)) = started else { return Ok(None) };
        let file = self.client.files().stat(&self.path).await?;
        let changed = file.mtime.as_ref().and_then(crate::OffsetDateTime::to_system_time);
        // An existing file can have the same size and a time within the tolerance.
        let is_since = |changed: SystemTime| {
            if is_new { changed.checked_add(SLACK).is_some_and(|later| later >= started) } else { changed > started }
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
        let response = self.client.files().download_url(&self.path).with_response().await?;
        let now = self.client.pipeline().observe_date(&response.headers);
        let file = response.value;
        let address = file
            .download_uri
            .as_ref()
            .ok_or_else(|| Error::protocol("the service returned no download URL; the path may be a folder"))?;
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
