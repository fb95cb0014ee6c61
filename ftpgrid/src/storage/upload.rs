//! Uploads.

use std::collections::HashSet;

use mft_common::transfer::FormFile;
use serde::Serialize;

use super::Storage;
use super::change::{about, not_empty};
use crate::path::{self, unless_refused};
use crate::transfer::{FormUpload, Source};
use crate::{Error, Result, response};

/// Where each file of a form goes. A file that it does not name would make the service refuse the form.
#[derive(Serialize, Default)]
struct Meta {
    files: Vec<Destination>,
}

#[derive(Serialize)]
struct Destination {
    field: String,
    /// A directory: the name is that of the file in the form.
    path: String,
}

impl Storage<'_> {
    /// Uploads a file to a path, whose last segment becomes its name. Missing directories are made, an existing file is
    /// **replaced**: the service has no way to ask for anything else.
    ///
    /// Calls `POST /api/upload`; needs the scope `file.create`. The bytes are sent as one streamed form, whatever the
    /// size: the service takes no parts and cannot go on where a connection broke. Such an upload is begun again where
    /// the source can be read again, as often as [`retry`](crate::ClientBuilder::retry) says. The service names no
    /// limit of size, and says nothing of what it has stored: [`find_file`](Self::find_file) tells the size,
    /// [`list_tree`](Self::list_tree) the checksum, after a while.
    ///
    /// A quotation mark in the file's name is sent as browsers do, `%22`; that the service reads it so is not
    /// documented.
    ///
    /// `.await` runs it to its end; [`start`](FormUpload::start) gives a handle with progress and abort.
    ///
    /// # Errors
    ///
    /// See [`Storage`]; [`Io`](crate::ErrorKind::Io) where the source cannot be read,
    /// [`Integrity`](crate::ErrorKind::Integrity) where it changes meanwhile. Where
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous) is true the file, or a part of it, may be there.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::transfer::Source;
    ///
    /// client.storage().upload("/inbox/q3.pdf", Source::file("q3.pdf")).await?;
    ///
    /// let mut upload = client.storage().upload("/media/film.mov", Source::file("film.mov")).start();
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

    /// Uploads several files in one request, each to a path of its own.
    ///
    /// Calls `POST /api/upload`; otherwise as [`upload`](Self::upload). The service does not document what becomes of
    /// the other files when one fails, so that after an error each has to be looked for.
    ///
    /// The service names no limit of their number, and an attempt opens all files at once, before anything is sent: a
    /// process may have some hundreds open. Upload many files in batches, such as fifty at a time.
    ///
    /// # Errors
    ///
    /// As for [`upload`](Self::upload), with an outcome that is [`Unknown`](crate::Outcome::Unknown) where some may
    /// have been stored before the service refused another; [`InvalidInput`](crate::ErrorKind::InvalidInput) for an
    /// empty list and for two files with one path.
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
        let ((files, meta), checked) = unless_refused(form(files));
        let meta = serde_json::to_string(&meta).map_err(|_| Error::invalid_input("meta", "cannot be written as JSON"));
        let (meta, written) = unless_refused(meta);
        let (client, entries) = (self.client.clone(), files.len());
        let send = move |form| {
            about(entries, client.storage_call(NAME, "/api/upload")).form(form).decode(response::acknowledged)
        };
        FormUpload::new(NAME, files, send).field("meta", meta).check(checked.and(written))
    }
}

fn form(files: Vec<(String, Source)>) -> Result<(Vec<FormFile>, Meta)> {
    let mut taken = HashSet::new();
    let (mut parts, mut meta) = (Vec::with_capacity(files.len()), Meta::default());
    for (number, (path, source)) in not_empty("files", files)?.into_iter().enumerate() {
        let path = path::of_file("path", &path)?;
        let (directory, name) = path::split(&path);
        check_name(name)?;
        let field = format!("f{}", number + 1);
        parts.push(FormFile::new(&field, name, source));
        meta.files.push(Destination { field, path: directory.to_owned() });
        if !taken.insert(path) {
            return Err(Error::invalid_input("path", "is given to two files"));
        }
    }
    Ok((parts, meta))
}

/// A form writes a quotation mark as `%22` and line ends alike, so that a name with these very characters would be
/// stored under another one.
fn check_name(name: &str) -> Result<()> {
    let upper = name.to_ascii_uppercase();
    match ["%22", "%0D", "%0A"].into_iter().find(|escape| upper.contains(escape)) {
        Some(escape) => Err(Error::invalid_input(
            "path",
            format_args!(
                "has `{escape}` in the file's name, which an upload cannot say: upload under another one and rename"
            ),
        )),
        None => Ok(()),
    }
}
