//! Uploads and downloads of files.

use mft_common::transfer::{DownloadRequest, Source, UploadRequest};

use super::Files;
use crate::File;
use crate::path::{FILE_LIMIT, check_below_root};
use crate::uploads::service::{FileDownload, FileUpload};

impl Files<'_> {
    /// Uploads a file. Missing folders are created. An existing file is replaced unless the site is configured not to
    /// overwrite.
    ///
    /// Calls `POST /files/{path}` to start, for the URL of each part, and to complete. The parts go to the storage.
    /// `.await` runs the upload to its end. [`start`](UploadRequest::start) returns a handle with progress, abort and a
    /// token to resume later. The service has no call to cancel an upload. It discards an upload that is not completed
    /// after about a day, and the upload is not visible until then.
    ///
    /// See [`Uploads`](crate::Uploads) for the three calls. If the response to the last one is lost, the client looks
    /// for the file. The error [is ambiguous](crate::Error::is_ambiguous) only if that fails too.
    ///
    /// # Errors
    ///
    /// Fails as the calls do, with [`Io`](crate::ErrorKind::Io) if the source cannot be read, and with
    /// [`Integrity`](crate::ErrorKind::Integrity) if the source changes during the upload or the storage or the service
    /// has other content than was sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::transfer::Source;
    ///
    /// let file = client.files().upload("Finance/q3.pdf", Source::file("q3.pdf")).await?;
    /// println!("{} has {} bytes", file.path, file.size_or_zero());
    ///
    /// let upload = client.files().upload("Media/film.mov", Source::file("film.mov")).parallel(8).start();
    /// let mut progress = upload.progress();
    /// tokio::spawn(async move {
    ///     while let Some(now) = progress.changed().await {
    ///         println!("{} of {:?} bytes", now.bytes, now.total);
    ///     }
    /// });
    /// upload.join().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload(&self, path: &str, source: impl Into<Source>) -> UploadRequest<File> {
        let validated = check_below_root("path", path, FILE_LIMIT);
        let path = validated.as_ref().copied().unwrap_or_default();
        let service = FileUpload::new(self.client, path);
        let pipeline = self.client.pipeline();
        UploadRequest::new(pipeline, "brickftp.files.upload", "brickftp.storage.put_part", path, source.into(), service)
            .check(validated.map(drop))
    }

    /// Downloads a file: to a file ([`to_file`](DownloadRequest::to_file)), to a writer, to memory or as a stream.
    ///
    /// Calls `GET /files/{path}` for the presigned URL, which the history shows as one download. The call is repeated
    /// only if the URL expires during the download. The bytes come from the storage, pinned to one version of the file.
    ///
    /// # Errors
    ///
    /// Fails as the call does, and with [`Integrity`](crate::ErrorKind::Integrity) if the file changes on the server
    /// during the download or if its size or checksum differs from the service's. No file is created then.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let downloaded = client.files().download("Finance/q3.pdf").to_file("q3.pdf").await?;
    /// println!("{} bytes", downloaded.size);
    ///
    /// let mut stream = client.files().download("logs/today.csv").stream().await?;
    /// while let Some(chunk) = stream.try_next().await? {
    ///     println!("{} bytes more", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, path: &str) -> DownloadRequest<File> {
        let validated = check_below_root("path", path, FILE_LIMIT);
        let path = validated.as_ref().copied().unwrap_or_default();
        let service = FileDownload { client: self.client.clone(), path: path.to_owned() };
        let pipeline = self.client.pipeline();
        DownloadRequest::new(pipeline, "brickftp.files.download", "brickftp.storage.get", path, service)
            .check(validated.map(drop))
    }
}
