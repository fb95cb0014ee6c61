//! Moving and deleting.

use mft_common::provider::CallBuilder;
use serde::Serialize;

use super::{FileList, Storage};
use crate::path;
use crate::{Call, Error, Result, response};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MoveList {
    movelist: Vec<Move>,
}

/// Both paths are absolute: of a relative destination the service's documentation says two different things.
#[derive(Serialize)]
struct Move {
    from: String,
    to: String,
}

impl Storage<'_> {
    /// Moves a file, or a directory with all that it holds, to another path, which is its new name too.
    ///
    /// Calls `POST /api/move`; needs the scope `file.rename`. Nothing is overwritten and no directory is made: the
    /// destination must not exist, and its parent must. [`list_tree`](Self::list_tree) may lag behind.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// See [`Storage`]. Where the destination exists, or the source or the destination's parent does not, the service
    /// fails with a status that it does not document: [`Conflict`](crate::ErrorKind::Conflict),
    /// [`NotFound`](crate::ErrorKind::NotFound) or [`Rejected`](crate::ErrorKind::Rejected) most likely.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// client.storage().move_to("/inbox/scan 7.pdf", "/archive/2026/scan 7.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn move_to(&self, from: &str, to: &str) -> Call<()> {
        self.moves(moved(from, to).map(|one| vec![one]))
    }

    /// Moves several files and directories in one request.
    ///
    /// Calls `POST /api/move`; otherwise as [`move_to`](Self::move_to). The service does not document what becomes of
    /// the rest when one fails, so that after an error each has to be looked for: move them one by one where that
    /// matters.
    ///
    /// # Errors
    ///
    /// As for [`move_to`](Self::move_to), with an outcome that is [`Unknown`](crate::Outcome::Unknown) where some may
    /// have been moved before the service refused another; [`InvalidInput`](crate::ErrorKind::InvalidInput) for an
    /// empty list.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// client.storage().move_many([("/inbox/a.csv", "/archive/a.csv"), ("/old", "/old-2025")]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn move_many(&self, moves: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Call<()> {
        self.moves(moves.into_iter().map(|(from, to)| moved(from.as_ref(), to.as_ref())).collect())
    }

    /// Gives a file or directory another name in the directory where it is.
    ///
    /// Calls `POST /api/move`; otherwise as [`move_to`](Self::move_to).
    ///
    /// # Errors
    ///
    /// As for [`move_to`](Self::move_to); [`InvalidInput`](crate::ErrorKind::InvalidInput) for a name that is empty or
    /// a path.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// client.storage().rename("/inbox/scan 7.pdf", "contract.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, path: &str, name: &str) -> Call<()> {
        let renamed = path::check_name("name", name).and_then(|()| {
            let from = path::below_root("path", path)?;
            let to = format!("{}{name}", path::split(&from).0);
            Ok(vec![Move { from, to }])
        });
        self.moves(renamed)
    }

    fn moves(self, moves: Result<Vec<Move>>) -> Call<()> {
        let moves = moves.and_then(|moves| not_empty("Movelist", moves));
        self.client
            .storage_call("ftpgrid.storage.move", "/api/move")
            .non_idempotent()
            .with_checked(moves, |call, movelist| about(movelist.len(), call).json_body(&MoveList { movelist }))
            .decode(response::acknowledged)
    }

    /// Deletes a file, or a directory **with all that it holds**, for good. Where there is nothing at the path, that is
    /// success.
    ///
    /// Calls `POST /api/delete/`; needs the scope `file.delete`. Where the service does not know that path, asks once
    /// at `POST /api/delete`, which other pages of its documentation name, and begins there from then on.
    /// [`list_tree`](Self::list_tree) may lag behind.
    ///
    /// # Errors
    ///
    /// See [`Storage`]; [`InvalidInput`](crate::ErrorKind::InvalidInput) for the root, which
    /// [`delete_everything`](Self::delete_everything) takes. Something that exists and cannot be deleted is an error
    /// with a status that the service does not document.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// client.storage().delete("/inbox/scan 7.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, path: &str) -> Call<()> {
        self.delete_many([path])
    }

    /// Deletes several files and directories in one request.
    ///
    /// Calls `POST /api/delete/`; otherwise as [`delete`](Self::delete). `Ok` says that all of them are gone.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Self::delete), with an outcome that is [`Unknown`](crate::Outcome::Unknown) where some may
    /// have been deleted before the service refused another; [`InvalidInput`](crate::ErrorKind::InvalidInput) for an
    /// empty list.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// client.storage().delete_many(["/inbox/a.csv", "/old-2025"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_many(&self, paths: impl IntoIterator<Item = impl AsRef<str>>) -> Call<()> {
        let paths: Result<Vec<_>> = paths.into_iter().map(|path| path::below_root("path", path.as_ref())).collect();
        self.deletes(paths)
    }

    /// Deletes the root: **all files and directories of the ftpGrid account**, for good.
    ///
    /// Calls `POST /api/delete/`; otherwise as [`delete`](Self::delete). Whether the service takes the root at all is
    /// not documented.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Self::delete).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(test_account: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// test_account.storage().delete_everything().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_everything(&self) -> Call<()> {
        self.deletes(Ok(vec!["/".to_owned()]))
    }

    fn deletes(self, paths: Result<Vec<String>>) -> Call<()> {
        let paths = paths.and_then(|paths| not_empty("Filelist", paths));
        self.client
            .storage_call("ftpgrid.storage.delete", "/api/delete/")
            .fallback_path("/api/delete", self.client.deletes_at_docs())
            .idempotent()
            .with_checked(paths, |call, paths| about(paths.len(), call).json_body(&FileList { filelist: &paths }))
            .decode(response::acknowledged)
    }
}

/// Of several entries some may have been done when the service refuses another one.
pub(super) fn about(entries: usize, call: CallBuilder) -> CallBuilder {
    if entries > 1 { call.partial_effects() } else { call }
}

fn moved(from: &str, to: &str) -> Result<Move> {
    Ok(Move { from: path::below_root("from", from)?, to: path::below_root("to", to)? })
}

pub(super) fn not_empty<T>(field: &str, list: Vec<T>) -> Result<Vec<T>> {
    if list.is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(list) }
}
