//! Seeds and inspects files.

use std::sync::Arc;

use bytes::Bytes;

use crate::data::{Blob, Content};
use crate::ftpgrid::state::State;
use crate::ftpgrid::state::objects::StoredFile;
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::changes::API;
use crate::ftpgrid::storage::metadata::{HashedContent, Update};
use crate::ftpgrid::storage::path::{ROOT, normalize};
use crate::ftpgrid::storage::tree::{TreeFile, TreeNode};
use crate::ftpgrid::storage::upload::updates;

impl State {
    /// Stores a file and creates its directories. An existing file is replaced. All lists have the file immediately.
    ///
    /// # Panics
    ///
    /// Panics if the path is invalid, is a directory, or has a file as a parent.
    pub fn add_file(&self, path: &str, content: impl Into<Bytes>) {
        self.put(path, Blob::whole(content.into()), API, false);
    }

    /// Stores a file of any size without using memory: its content is generated from the seed when it is read.
    ///
    /// # Panics
    ///
    /// Panics like [`add_file`](Self::add_file).
    pub fn add_pattern_file(&self, path: &str, size: u64, seed: u64) {
        self.put(path, Blob::pattern(size, seed), API, false);
    }

    /// Stores a file as a client of another protocol does, such as `SFTP` or `FTP`. The metadata has the file after the
    /// configured delay.
    ///
    /// # Panics
    ///
    /// Panics like [`add_file`](Self::add_file).
    pub fn put_file(&self, path: &str, content: impl Into<Bytes>, protocol: &str) {
        self.put(path, Blob::whole(content.into()), protocol, true);
    }

    fn put(&self, path: &str, piece: Blob, protocol: &str, lags: bool) {
        let (path, now_ms) = (checked_path(path), self.store.now_ms());
        let hashed = HashedContent { piece, checksums: Arc::default() };
        let mut store = self.store.lock();
        let put = store.put(&path, hashed.clone(), now_ms);
        let put = put.unwrap_or_else(|_| panic!("no file can be stored at {path:?}"));
        for update in updates(&path, hashed, put, protocol) {
            store.update_metadata(update, lags, now_ms);
        }
    }

    /// Creates a directory and its parents. All lists have the directory immediately.
    ///
    /// # Panics
    ///
    /// Panics if the path is invalid, is a file, or has a file as a parent.
    pub fn add_directory(&self, path: &str) {
        let (path, now_ms) = (checked_path(path), self.store.now_ms());
        let mut store = self.store.lock();
        let directories = store.tree.make_directory(&path);
        for created in directories.unwrap_or_else(|_| panic!("a parent of {path:?} is a file")) {
            let implied = created != path;
            store.update_metadata(
                Update::Directory { path: created, implied, protocol: API.into(), at_ms: now_ms },
                false,
                now_ms,
            );
        }
    }

    /// Removes a file, or a directory with its contents, as a client of another protocol does. Returns whether it existed.
    #[allow(clippy::must_use_candidate)] // called for its side effect
    pub fn remove_entry(&self, path: &str) -> bool {
        let (path, now_ms) = (checked_path(path), self.store.now_ms());
        let mut store = self.store.lock();
        let removed = store.tree.remove(&path);
        if removed {
            store.update_metadata(Update::Remove { path }, true, now_ms);
        }
        removed
    }

    /// Makes every deletion of this path, or of a directory that contains it, fail from now on.
    pub fn pin(&self, path: &str) {
        self.store.lock().pinned.insert(checked_path(path));
    }

    /// Returns all files, sorted by path.
    #[must_use]
    pub fn files(&self) -> Vec<StoredFile> {
        let store = self.store.lock();
        let checksums = store.settings.checksums;
        let files = store.tree.all().filter_map(|(path, node)| match node {
            TreeNode::File(file) => Some(stored_file(path, file, checksums)),
            TreeNode::Directory => None,
        });
        files.collect()
    }

    /// Returns the file at a path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<StoredFile> {
        let store = self.store.lock();
        let path = normalize(path).ok()?;
        Some(stored_file(&path, store.tree.file(&path)?, store.settings.checksums))
    }

    /// Returns the paths of all files, sorted.
    #[must_use]
    pub fn file_paths(&self) -> Vec<String> {
        let store = self.store.lock();
        let files = store.tree.all().filter(|(_, node)| matches!(node, TreeNode::File(_)));
        files.map(|(path, _)| path.to_owned()).collect()
    }

    /// Returns the paths of all directories except the root, sorted.
    #[must_use]
    pub fn directories(&self) -> Vec<String> {
        let store = self.store.lock();
        let directories = store.tree.all().filter(|(path, node)| *path != ROOT && matches!(node, TreeNode::Directory));
        directories.map(|(path, _)| path.to_owned()).collect()
    }

    /// Reads the content of a file into memory. Returns `None` if the file does not exist.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<Bytes> {
        let piece = self.store.lock().tree.file(&normalize(path).ok()?)?.piece.clone();
        Some(Content::new(vec![piece]).read_all().unwrap_or_default())
    }
}

fn stored_file(path: &str, file: &TreeFile, checksums: bool) -> StoredFile {
    StoredFile {
        path: path.to_owned(),
        size: file.piece.length,
        sha256: checksums.then(|| file.checksums.sha256(&file.piece)).flatten(),
        crc32: checksums.then(|| file.checksums.crc32(&file.piece)).flatten(),
        modified_ms: file.modified_ms,
    }
}

fn checked_path(path: &str) -> String {
    normalize(path).unwrap_or_else(|_| panic!("{path:?} is not a valid storage path"))
}

impl Store {
    fn update_metadata(&mut self, update: Update, lags: bool, now_ms: i64) {
        if lags {
            self.learn(update, now_ms);
        } else {
            let moment = self.moment(now_ms);
            self.metadata.apply_now(update, moment);
        }
    }
}
