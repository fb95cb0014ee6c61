//! Uploads.

use std::collections::HashSet;

use mft_common::transfer::FormFile;
use serde::Serialize;

use super::Storage;
use super::change::{about, not_empty};
use crate::path::{self, value_and_check};
use crate::transfer::{FormUpload, Source};
use crate::{Error, Result, response};

/// The destination of each file of a form. The service rejects a form with a file that is not listed here.
#[derive(Serialize, Default)]
struct Meta {
    files: Vec<FileDestination>,
}

#[derive(Serialize)]
struct FileDestination {
    field: String,
    /// The directory. The name is that of the file in the form.
    path: String,
}

impl Storage<'_> {
    /// Uploads a file to a path. The service creates missing directories and **replaces** an existing file; it has no
    /// option to prevent this.
    ///
    /// Calls `POST /api/upload`; needs the scope `file.create`.
    ///
    /// The file is sent as one streamed form. The service supports neither multipart uploads nor resumption, so an
    /// interrupted upload restarts from the first byte if the source can be read again, within the limits of
    /// [`retry`](crate::ClientBuilder::retry). The maximum file size is not documented.
    ///
    /// The response contains no metadata. [`find_file`](Self::find_file) returns the size, and
    /// [`list_tree`](Self::list_tree) returns the checksum, with a delay.
    ///
    /// A quotation mark in the file name is sent as `%22`, as browsers do. The documentation does not state whether the
    /// service decodes it.
    ///
    /// `.await` runs it to its end; [`start`](FormUpload::start) gives a handle with progress and abort.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. Fails with [`Io`](crate::ErrorKind::Io) if the source cannot be read, and with
    /// [`Integrity`](crate::ErrorKind::Integrity) if it changes during the upload. If
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous) returns `true`, the service may have stored the file or a part
    /// of it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::transfer::Source;
    ///
    /// client.storage().upload("/inbox/q3.pdf", Source::file("q3.pdf")).await?;
    ///
    /// let upload = client.storage().upload("/media/film.mov", Source::file("film.mov")).start();
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
    pub fn upload(&self, path: &str, source: impl Into<Source>) -> FormUpload<()> {
        self.upload_many([(path, source)])
    }

    /// Uploads several files in one request, each to its path.
    ///
    /// Calls `POST /api/upload`, like [`upload`](Self::upload). The call may be partially applied: the service does not
    /// document what happens to the other files if one fails. After an error, check each file.
    ///
    /// The maximum number of files is not documented. Each attempt opens all files before it sends the request, and the
    /// operating system limits the number of open files. Upload many files in batches, for example of 50.
    ///
    /// # Errors
    ///
    /// Same as [`upload`](Self::upload). The outcome is [`Unknown`](crate::Outcome::Unknown) if files may have been stored
    /// before the service refused another one. Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the list is
    /// empty or two files have the same path.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::transfer::Source;
    ///
    /// let reports = ["q1.pdf", "q2.pdf"].map(|name| (format!("/reports/2026/{name}"), Source::file(name)));
    /// client.storage().upload_many(reports).await?;
    ///
    /// let names: Vec<String> = (1..=500).map(|number| format!("scan-{number}.pdf")).collect();
    /// for batch in names.chunks(50) {
    ///     client.storage().upload_many(batch.iter().map(|name| (format!("/inbox/{name}"), Source::file(name)))).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_many(&self, files: impl IntoIterator<Item = (impl AsRef<str>, impl Into<Source>)>) -> FormUpload<()> {
        const NAME: &str = "ftpgrid.storage.upload";
        let files = files.into_iter().map(|(path, source)| (path.as_ref().to_owned(), source.into())).collect();
        let ((files, meta), form_check) = value_and_check(form(files));
        let meta = serde_json::to_string(&meta).map_err(|_| Error::invalid_input("meta", "cannot be encoded as JSON"));
        let (meta, meta_check) = value_and_check(meta);
        let (client, entries) = (self.client.clone(), files.len());
        let send = move |form| {
            about(entries, client.storage_call(NAME, "/api/upload")).form(form).decode(response::acknowledged)
        };
        FormUpload::new(NAME, files, send).field("meta", meta).check(form_check.and(meta_check))
    }
}

fn form(files: Vec<(String, Source)>) -> Result<(Vec<FormFile>, Meta)> {
    let mut paths = HashSet::new();
    let (mut parts, mut meta) = (Vec::with_capacity(files.len()), Meta::default());
    for (number, (path, source)) in not_empty("files", files)?.into_iter().enumerate() {
        let path = path::of_file("path", &path)?;
        let (directory, name) = path::split(&path);
        check_name(name)?;
        let field = format!("f{}", number + 1);
        parts.push(FormFile::new(&field, name, source));
        meta.files.push(FileDestination { field, path: directory.to_owned() });
        if !paths.insert(path) {
            return Err(Error::invalid_input("path", "is used for two files"));
        }
    }
    Ok((parts, meta))
}

/// Rejects names that contain the escapes of a form. A form encodes a quotation mark as `%22`, so a name with a literal
/// `%22` would be stored under another name.
fn check_name(name: &str) -> Result<()> {
    let upper = name.to_ascii_uppercase();
    match ["%22", "%0D", "%0A"].into_iter().find(|escape| upper.contains(escape)) {
        Some(escape) => Err(Error::invalid_input(
            "path",
            format_args!(
                "has `{escape}` in the file name, which a form cannot represent; upload under another name and rename the file"
            ),
        )),
        None => Ok(()),
    }
}
