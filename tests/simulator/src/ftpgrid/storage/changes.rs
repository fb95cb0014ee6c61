//! Handlers that create directories, move and delete.

use crate::ftpgrid::accounts::acknowledged;
use crate::ftpgrid::input::{ApiError, ApiResult, Input};
use crate::ftpgrid::settings::{Batches, RelativeTarget};
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::metadata::Update;
use crate::ftpgrid::storage::path::{ROOT, join, normalize, parent, prefix, rebase};
use crate::ftpgrid::storage::tree::Occupied;
use crate::server::{ApiRequest, Response};

/// The protocol of changes through this API in the metadata.
pub(crate) const API: &str = "API";

impl Store {
    /// The documentation of this call is not public. Accepts the body shapes of all similar calls.
    pub(crate) fn make_directories(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let mut paths = input.text("Params")?.map(|path| vec![path]);
        for key in ["Filelist", "Dirlist"] {
            paths = paths.or(input.texts(key)?);
        }
        let paths = paths.ok_or_else(|| ApiError::bad_request("Params is required"))?;
        let paths: Vec<_> = paths.into_iter().map(normalize).collect::<ApiResult<_>>()?;
        for path in paths {
            self.make_directory(&path, request.now_ms)?;
        }
        Ok(acknowledged())
    }

    fn make_directory(&mut self, path: &str, now_ms: i64) -> Result<(), Occupied> {
        for created in self.tree.make_directory(path)? {
            let implied = created != path;
            self.learn(Update::Directory { path: created, implied, protocol: API.into(), at_ms: now_ms }, now_ms);
        }
        Ok(())
    }

    pub(crate) fn move_entries(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let list = input.list("Movelist")?.ok_or_else(|| ApiError::bad_request("Movelist is required"))?;
        let mut moves = Vec::new();
        for entry in list {
            let entry = Input::of(entry, "An entry of Movelist")?;
            let from = normalize(entry.required("from")?)?;
            let to = self.target(&from, entry.required("to")?)?;
            moves.push((from, to));
        }
        self.apply_batch(moves, |store, (from, to)| store.move_entry(&from, &to, request.now_ms))
    }

    fn target(&self, from: &str, to: &str) -> ApiResult<String> {
        if !to.starts_with('/') && self.settings.relative_target == RelativeTarget::SourceDirectory {
            return normalize(&join(parent(from), to));
        }
        normalize(to)
    }

    fn move_entry(&mut self, from: &str, to: &str, now_ms: i64) -> ApiResult<()> {
        if from == ROOT {
            return Err(ApiError::bad_request("The root cannot be moved"));
        }
        if !self.tree.exists(from) {
            return Err(ApiError::not_found(format!("No such file or directory: {from}")));
        }
        if self.tree.exists(to) {
            return Err(ApiError::conflict(format!("Destination exists: {to}")));
        }
        if rebase(to, from, "").is_some() {
            return Err(ApiError::bad_request("A directory cannot be moved into itself"));
        }
        if !self.tree.is_directory(parent(to)) {
            return Err(ApiError::not_found(format!("No such directory: {}", parent(to))));
        }
        self.tree.rename(from, to);
        self.learn(Update::Move { from: from.into(), to: to.into(), at_ms: now_ms }, now_ms);
        Ok(())
    }

    pub(crate) fn delete_entries(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let list = input.texts("Filelist")?.ok_or_else(|| ApiError::bad_request("Filelist is required"))?;
        let paths: Vec<_> = list.into_iter().map(normalize).collect::<ApiResult<_>>()?;
        if paths.iter().any(|path| path == ROOT) {
            return Err(ApiError::bad_request("The root cannot be deleted"));
        }
        self.apply_batch(paths, |store, path| store.delete_entry(&path, request.now_ms))
    }

    /// Deletes an entry. A missing entry is not an error.
    fn delete_entry(&mut self, path: &str, now_ms: i64) -> ApiResult<()> {
        let below = prefix(path);
        let pinned = self.pinned.iter().find(|pinned| *pinned == path || pinned.starts_with(&below));
        if let Some(pinned) = pinned.filter(|pinned| self.tree.exists(pinned)) {
            return Err(ApiError::conflict(format!("Cannot be deleted: {pinned}")));
        }
        if self.tree.remove(path) {
            self.learn(Update::Remove { path: path.into() }, now_ms);
        }
        Ok(())
    }

    /// Applies a batch of changes until one fails.
    fn apply_batch<T>(
        &mut self,
        changes: Vec<T>,
        mut change: impl FnMut(&mut Self, T) -> ApiResult<()>,
    ) -> ApiResult<Response> {
        let atomic = self.settings.batches == Batches::AllOrNothing;
        let before = atomic.then(|| (self.tree.clone(), self.metadata.clone()));
        for item in changes {
            if let Err(error) = change(self, item) {
                if let Some((tree, metadata)) = before {
                    (self.tree, self.metadata) = (tree, metadata);
                }
                return Err(error);
            }
        }
        Ok(acknowledged())
    }
}

impl From<Occupied> for ApiError {
    fn from(Occupied(path): Occupied) -> Self {
        Self::conflict(format!("In the way: {path}"))
    }
}
