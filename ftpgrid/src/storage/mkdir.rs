//! Making directories, which the documentation names and does not describe.

use serde::Serialize;

use super::Storage;
use crate::path;
use crate::{Call, response};

/// In which shape [`Storage::mkdir`] names the directory; see
/// [`ClientBuilder::mkdir_body`](crate::ClientBuilder::mkdir_body).
///
/// **Unverified**: all three are guesses, after what other operations do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MkdirBody {
    /// `{"Params":"/a/b"}`, as the lists do.
    #[default]
    Params,
    /// `{"Filelist":["/a/b"]}`, as the deletion does.
    Filelist,
    /// `{"Dirlist":["/a/b"]}`, in the manner of both.
    Dirlist,
}

#[derive(Serialize)]
enum Shape<'p> {
    Params(&'p str),
    Filelist([&'p str; 1]),
    Dirlist([&'p str; 1]),
}

impl Storage<'_> {
    /// Makes a directory.
    ///
    /// Calls `POST /api/mkdir`.
    ///
    /// **Unverified**: of this call only the path `/api/mkdir` is documented, and what it is for. That it is a `POST`
    /// with one of the bodies of [`MkdirBody`], needs the scope `file.create`, makes the directories on the way too,
    /// succeeds where there is one already, and answers with an acknowledgement, is assumed from the other operations.
    /// The documented way to a directory is an [`upload`](Self::upload) of a small file into it.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// See [`Storage`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// client.storage().mkdir("/inbox/2026").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn mkdir(&self, path: &str) -> Call<()> {
        let body = self.client.mkdir_body();
        self.client
            .storage_call("ftpgrid.storage.mkdir", "/api/mkdir")
            .non_idempotent()
            .with_checked(path::below_root("path", path), |call, path| {
                call.json_body(&match body {
                    MkdirBody::Params => Shape::Params(&path),
                    MkdirBody::Filelist => Shape::Filelist([&path]),
                    MkdirBody::Dirlist => Shape::Dirlist([&path]),
                })
            })
            .decode(response::acknowledged)
    }
}
