//! Files whole: uploads and downloads.

use mft_common::transfer::{DownloadRequest, Source, UploadRequest};

use super::Files;
use crate::File;
use crate::path::{FILE_LIMIT, check_below_root};
use crate::uploads::service::{FileDownload, FileUpload};

impl Files<'_> {
    /// Uploads a file. Missing folders are created, an existing file is replaced unless the site is set otherwise.
    ///
    /// Calls `POST /files/{path}` to begin, for the address of each part, and to complete; the bytes go to the storage.
    /// `.await` runs it to its end; [`start`](UploadRequest::start) gives a handle with progress, abort and a token to go
    /// on with later. The service keeps an upload that is not completed for about a day, out of sight, and has no call to
    /// cancel one.
    ///
    /// Each of the three calls is made as [`Uploads`](crate::Uploads) describes it. Where no answer to the last one comes,
    /// the file is looked for; [`Error::is_ambiguous`](crate::Error::is_ambiguous) is left for when that fails too.
    ///
    /// # Errors
    ///
    /// What the calls end in. [`Io`](crate::ErrorKind::Io) where the source cannot be read;
    /// [`Integrity`](crate::ErrorKind::Integrity) where it changes meanwhile, or the storage or the service has something
    /// else than was sent.
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
        let checked = check_below_root("path", path, FILE_LIMIT);
        let path = checked.as_ref().copied().unwrap_or_default();
        let service = FileUpload::new(self.client, path);
        let pipeline = self.client.pipeline();
        UploadRequest::new(pipeline, "brickftp.files.upload", "brickftp.storage.put_part", path, source.into(), service)
            .check(checked.map(drop))
    }

    /// Downloads a file: into a file ([`to_file`](DownloadRequest::to_file)), into a writer, into memory or as a stream.
    ///
    /// Calls `GET /files/{path}` for the address of the bytes, which the history shows as one download; a second time only
    /// where the address expires on the way. The bytes come from the storage, bound to one version of the file.
    ///
    /// # Errors
    ///
    /// What the call ends in. [`Integrity`](crate::ErrorKind::Integrity) where the file changes on the server meanwhile, or
    /// is not as long as, or has another checksum than, the service says: no file appears then.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let done = client.files().download("Finance/q3.pdf").to_file("q3.pdf").await?;
    /// println!("{} bytes", done.size);
    ///
    /// let mut stream = client.files().download("logs/today.csv").stream().await?;
    /// while let Some(chunk) = stream.try_next().await? {
    ///     println!("{} bytes more", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn download(&self, path: &str) -> DownloadRequest<File> {
        let checked = check_below_root("path", path, FILE_LIMIT);
        let path = checked.as_ref().copied().unwrap_or_default();
        let service = FileDownload { client: self.client.clone(), path: path.to_owned() };
        let pipeline = self.client.pipeline();
        DownloadRequest::new(pipeline, "brickftp.files.download", "brickftp.storage.get", path, service)
            .check(checked.map(drop))
    }
}
