//! Seeding and reading files.

use std::sync::Arc;

use bytes::Bytes;

use crate::data::{Content, Piece};
use crate::ftpgrid::state::State;
use crate::ftpgrid::state::objects::StoredFile;
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::changes::API;
use crate::ftpgrid::storage::metadata::{Summed, Update};
use crate::ftpgrid::storage::path::{ROOT, normalize};
use crate::ftpgrid::storage::tree::{File, Node};
use crate::ftpgrid::storage::upload::updates;

impl State {
    /// Stores a file as if it had been there for long, in place of what is there, and makes its directories. All views
    /// show it at once.
    ///
    /// # Panics
    ///
    /// If no file can be at the path: a directory is there, a file is on the way to it, or it holds what paths cannot.
    pub fn add_file(&self, path: &str, content: impl Into<Bytes>) {
        self.put(path, Piece::whole(content.into()), API, false);
    }

    /// The same for a file of any size that takes no memory: its content is generated from the seed whenever it is
    /// read.
    ///
    /// # Panics
    ///
    /// As [`add_file`](Self::add_file).
    pub fn add_pattern_file(&self, path: &str, size: u64, seed: u64) {
        self.put(path, Piece::pattern(size, seed), API, false);
    }

    /// Stores a file as a client does that comes by another protocol, such as `SFTP` or `FTP`. The metadata may take
    /// its time to learn of it.
    ///
    /// # Panics
    ///
    /// As [`add_file`](Self::add_file).
    pub fn put_file(&self, path: &str, content: impl Into<Bytes>, protocol: &str) {
        self.put(path, Piece::whole(content.into()), protocol, true);
    }

    fn put(&self, path: &str, piece: Piece, protocol: &str, lags: bool) {
        let (path, now_ms) = (known(path), self.now_ms());
        let summed = Summed { piece, sums: Arc::default() };
        let mut store = self.store();
        let put = store.put(&path, summed.clone(), now_ms);
        let put = put.unwrap_or_else(|_| panic!("no file can be stored at {path:?}"));
        for update in updates(&path, summed, put, protocol) {
            store.tell(update, lags, now_ms);
        }
    }

    /// Makes a directory with all its parents. All views show it at once.
    ///
    /// # Panics
    ///
    /// If there is a file at the path or on the way to it, or it holds what paths cannot.
    pub fn add_directory(&self, path: &str) {
        let (path, now_ms) = (known(path), self.now_ms());
        let mut store = self.store();
        let made = store.tree.make_directory(&path);
        for made in made.unwrap_or_else(|_| panic!("there is a file on the way to {path:?}")) {
            let implied = made != path;
            store.tell(Update::Directory { path: made, implied, protocol: API.into(), at_ms: now_ms }, false, now_ms);
        }
    }

    /// Removes a file, or a directory with all that is in it, as a client does that comes by another protocol. Returns
    /// whether it was there.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn remove_entry(&self, path: &str) -> bool {
        let (path, now_ms) = (known(path), self.now_ms());
        let mut store = self.store();
        let removed = store.tree.remove(&path);
        if removed {
            store.tell(Update::Remove { path }, true, now_ms);
        }
        removed
    }

    /// Lets every deletion of this path, or of a directory that holds it, fail from now on.
    pub fn pin(&self, path: &str) {
        self.store().pinned.insert(known(path));
    }

    /// All files, in the order of their paths.
    #[must_use]
    pub fn files(&self) -> Vec<StoredFile> {
        let store = self.store();
        let checksums = store.settings.checksums;
        let files = store.tree.all().filter_map(|(path, node)| match node {
            Node::File(file) => Some(shown(path, file, checksums)),
            Node::Directory => None,
        });
        files.collect()
    }

    /// The file at a path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<StoredFile> {
        let store = self.store();
        let path = normalize(path).ok()?;
        Some(shown(&path, store.tree.file(&path)?, store.settings.checksums))
    }

    /// The paths of all files, in their order.
    #[must_use]
    pub fn file_paths(&self) -> Vec<String> {
        let store = self.store();
        let files = store.tree.all().filter(|(_, node)| matches!(node, Node::File(_)));
        files.map(|(path, _)| path.to_owned()).collect()
    }

    /// The paths of all directories but the root, in their order.
    #[must_use]
    pub fn directories(&self) -> Vec<String> {
        let store = self.store();
        let directories = store.tree.all().filter(|(path, node)| *path != ROOT && matches!(node, Node::Directory));
        directories.map(|(path, _)| path.to_owned()).collect()
    }

    /// The content of a file, in memory; `None` if there is no file.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<Bytes> {
        let piece = self.store().tree.file(&normalize(path).ok()?)?.piece.clone();
        Some(Content::new(vec![piece]).read_all().unwrap_or_default())
    }
}

fn shown(path: &str, file: &File, checksums: bool) -> StoredFile {
    StoredFile {
        path: path.to_owned(),
        size: file.piece.length,
        sha256: checksums.then(|| file.sums.sha256(&file.piece)).flatten(),
        crc32: checksums.then(|| file.sums.crc32(&file.piece)).flatten(),
        modified_ms: file.modified_ms,
    }
}

fn known(path: &str) -> String {
    normalize(path).unwrap_or_else(|_| panic!("{path:?} is no path of the storage"))
}

impl Store {
    fn tell(&mut self, update: Update, lags: bool, now_ms: i64) {
        if lags {
            self.learn(update, now_ms);
        } else {
            let moment = self.moment(now_ms);
            self.metadata.know(update, moment);
        }
    }
}
