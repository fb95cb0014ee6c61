//! Creates directories. The documentation names this call without describing it.

use serde::Serialize;

use super::Storage;
use crate::path;
use crate::{Call, response};

/// The request body of [`Storage::mkdir`]. Set with [`ClientBuilder::mkdir_body`](crate::ClientBuilder::mkdir_body).
///
/// **Unverified**: all three forms are inferred from other operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum MkdirBody {
    /// `{"Params":"/a/b"}`, like the list calls.
    #[default]
    Params,
    /// `{"Filelist":["/a/b"]}`, like the delete call.
    Filelist,
    /// `{"Dirlist":["/a/b"]}`, by analogy.
    Dirlist,
}

#[derive(Serialize)]
enum Body<'p> {
    Params(&'p str),
    Filelist([&'p str; 1]),
    Dirlist([&'p str; 1]),
}

impl Storage<'_> {
    /// Creates a directory.
    ///
    /// Calls `POST /api/mkdir`.
    ///
    /// **Unverified**: the service documents only the path `/api/mkdir` and its purpose. The rest is inferred from other
    /// operations: the method `POST`, the bodies of [`MkdirBody`], the scope `file.create`, that parent directories are
    /// created, that an existing directory is a success, and that the response is an acknowledgement. The documented way
    /// to create a directory is an [`upload`](Self::upload) of a small file into it.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
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
                    MkdirBody::Params => Body::Params(&path),
                    MkdirBody::Filelist => Body::Filelist([&path]),
                    MkdirBody::Dirlist => Body::Dirlist([&path]),
                })
            })
            .decode(response::acknowledged)
    }
}
