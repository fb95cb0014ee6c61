//! Moves and deletes.

use mft_common::provider::CallBuilder;
use serde::Serialize;

use super::{Destination, FileList, NewName, Storage};
use crate::path;
use crate::{Call, Error, Result, response};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct MoveList {
    movelist: Vec<Move>,
}

/// Both paths are absolute, because the documentation of relative destinations contradicts itself.
#[derive(Serialize)]
struct Move {
    from: String,
    to: String,
}

impl Storage<'_> {
    /// Moves a file, or a directory with its contents, to a new path.
    ///
    /// Calls `POST /api/move`; needs the scope `file.rename`. The service does not overwrite and does not create
    /// directories: the destination must not exist, and its parent directory must exist.
    /// [`list_tree`](Self::list_tree) may lag behind.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// See [`Storage`]. Fails if the destination exists, or if the source or the parent directory of the destination does
    /// not exist. The service does not document the status; the kind is most likely
    /// [`Conflict`](crate::ErrorKind::Conflict), [`NotFound`](crate::ErrorKind::NotFound) or
    /// [`Rejected`](crate::ErrorKind::Rejected).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::Destination;
    ///
    /// client.storage().move_to("/inbox/scan 7.pdf", Destination::new("/archive/2026/scan 7.pdf")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn move_to(&self, path: &str, destination: Destination) -> Call<()> {
        self.send_moves(new_move(path, &destination).map(|entry| vec![entry]))
    }

    /// Moves several files and directories in one request.
    ///
    /// Calls `POST /api/move`, like [`move_to`](Self::move_to). The call may be partially applied: the service does not
    /// document what happens to the other entries if one fails. After an error, check each entry, or use separate calls.
    ///
    /// # Errors
    ///
    /// Same as [`move_to`](Self::move_to). The outcome is [`Unknown`](crate::Outcome::Unknown) if entries may have been
    /// moved before the service refused another one. Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the
    /// list is empty.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::Destination;
    ///
    /// let moves = [
    ///     ("/inbox/a.csv", Destination::new("/archive/a.csv")),
    ///     ("/old", Destination::new("/old-2025")),
    /// ];
    /// client.storage().move_many(moves).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn move_many(&self, moves: impl IntoIterator<Item = (impl AsRef<str>, Destination)>) -> Call<()> {
        self.send_moves(moves.into_iter().map(|(path, destination)| new_move(path.as_ref(), &destination)).collect())
    }

    /// Renames a file or directory within its directory.
    ///
    /// Calls `POST /api/move`, like [`move_to`](Self::move_to).
    ///
    /// # Errors
    ///
    /// Same as [`move_to`](Self::move_to). Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is
    /// empty or is a path.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::NewName;
    ///
    /// client.storage().rename("/inbox/scan 7.pdf", NewName::new("contract.pdf")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rename(&self, path: &str, name: NewName) -> Call<()> {
        let name = name.as_str();
        let moves = path::check_name("name", name).and_then(|()| {
            let from = path::below_root("path", path)?;
            let to = format!("{}{name}", path::split(&from).0);
            Ok(vec![Move { from, to }])
        });
        self.send_moves(moves)
    }

    fn send_moves(self, moves: Result<Vec<Move>>) -> Call<()> {
        let moves = moves.and_then(|moves| not_empty("Movelist", moves));
        self.client
            .storage_call("ftpgrid.storage.move", "/api/move")
            .non_idempotent()
            .with_checked(moves, |call, movelist| about(movelist.len(), call).json_body(&MoveList { movelist }))
            .decode(response::acknowledged)
    }

    /// Permanently deletes a file, or a directory **with its contents**. A missing path is a success.
    ///
    /// Calls `POST /api/delete/`; needs the scope `file.delete`. If the service does not know this path, the client tries
    /// `POST /api/delete`, which other pages of the documentation name, and uses it from then on.
    /// [`list_tree`](Self::list_tree) may lag behind.
    ///
    /// # Errors
    ///
    /// See [`Storage`]. Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) for the storage root; see
    /// [`delete_everything`](Self::delete_everything). Fails with an undocumented status if the entry exists and cannot be
    /// deleted.
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
    /// Calls `POST /api/delete/`, like [`delete`](Self::delete). `Ok` means that none of the paths exists any more.
    ///
    /// # Errors
    ///
    /// Same as [`delete`](Self::delete). The outcome is [`Unknown`](crate::Outcome::Unknown) if entries may have been
    /// deleted before the service refused another one. Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the
    /// list is empty.
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
        self.send_deletes(paths)
    }

    /// Permanently deletes the storage root: **all files and directories of the ftpGrid account**.
    ///
    /// Calls `POST /api/delete/`, like [`delete`](Self::delete). The documentation does not state whether the service
    /// accepts the root.
    ///
    /// # Errors
    ///
    /// Same as [`delete`](Self::delete).
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
        self.send_deletes(Ok(vec!["/".to_owned()]))
    }

    fn send_deletes(self, paths: Result<Vec<String>>) -> Call<()> {
        let paths = paths.and_then(|paths| not_empty("Filelist", paths));
        self.client
            .storage_call("ftpgrid.storage.delete", "/api/delete/")
            .fallback_path("/api/delete", self.client.deletes_at_docs())
            .idempotent()
            .with_checked(paths, |call, paths| about(paths.len(), call).json_body(&FileList { filelist: &paths }))
            .decode(response::acknowledged)
    }
}

/// Marks a call with several entries: it may be partially applied.
pub(super) fn about(entries: usize, call: CallBuilder) -> CallBuilder {
    if entries > 1 { call.partial_effects() } else { call }
}

fn new_move(path: &str, destination: &Destination) -> Result<Move> {
    Ok(Move { from: path::below_root("from", path)?, to: path::below_root("to", destination.path())? })
}

pub(super) fn not_empty<T>(field: &str, list: Vec<T>) -> Result<Vec<T>> {
    if list.is_empty() { Err(Error::invalid_input(field, "is empty")) } else { Ok(list) }
}
