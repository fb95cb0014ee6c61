//! Methods that seed and inspect files.

use bytes::Bytes;

use crate::brickftp::state::State;
use crate::brickftp::state::objects::{Entry, UploadSession};
use crate::brickftp::state::tree::{self, File, NodeContent, ROOT, clean};
use crate::storage::Object;

impl State {
    /// Creates a folder and its parents.
    ///
    /// # Panics
    ///
    /// Panics if a file exists at the path or above it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_folder(&self, path: &str) -> Entry {
        let result = self.store().tree.make_folders(&clean(path), self.now_ms());
        assert!(result.is_ok(), "there is a file on the way to {path:?}");
        self.existing(path)
    }

    /// Stores a file with this content and creates its parents. An existing file is replaced.
    ///
    /// # Panics
    ///
    /// Panics if a folder exists at the path, or a file above it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_file(&self, path: &str, content: impl Into<Bytes>) -> Entry {
        let object = self.store().storage.put(content.into());
        self.add_object(path, object)
    }

    /// Stores a file of any size that uses no memory. Its content is generated from the seed when it is read.
    ///
    /// # Panics
    ///
    /// Panics under the conditions of [`add_file`](Self::add_file).
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_pattern_file(&self, path: &str, size: u64, seed: u64) -> Entry {
        let object = self.store().storage.put_pattern(size, seed);
        self.add_object(path, object)
    }

    fn add_object(&self, path: &str, object: Object) -> Entry {
        let now_ms = self.now_ms();
        let file = File { object: Some(object), sums_from_ms: now_ms };
        let put = self.store().tree.put_file(&clean(path), file, now_ms);
        assert!(put.is_ok(), "no file can be stored at {path:?}");
        self.existing(path)
    }

    /// Fills a folder with empty files, named `file-000000.txt` and so on.
    ///
    /// # Panics
    ///
    /// Panics if a file exists at the path or above it.
    pub fn add_files(&self, folder: &str, count: usize) {
        let now_ms = self.now_ms();
        let id = self.add_folder(folder).id;
        let mut store = self.store();
        for number in 0..count {
            let file = File { object: None, sums_from_ms: now_ms };
            store.tree.insert(id, &format!("file-{number:06}.txt"), NodeContent::File(file), now_ms);
        }
    }

    /// Returns the file or folder at a path.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<Entry> {
        let store = self.store();
        let node = store.tree.find(&clean(path))?;
        Some(store.tree.entry(node, self.now_ms()))
    }

    fn existing(&self, path: &str) -> Entry {
        self.entry(path).expect("it was stored a moment ago")
    }

    /// Returns all files and folders except the root, ordered by path.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let store = self.store();
        let below = store.tree.below(ROOT);
        let mut entries: Vec<_> =
            below.into_iter().map(|id| store.tree.entry(store.tree.node(id), self.now_ms())).collect();
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        entries
    }

    /// Returns the paths of all files, in order.
    #[must_use]
    pub fn file_paths(&self) -> Vec<String> {
        self.entries().into_iter().filter(|entry| !entry.is_folder).map(|entry| entry.path).collect()
    }

    /// Returns the content of a file. `None` if it does not exist.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<Bytes> {
        let (storage, object) = {
            let store = self.store();
            (store.storage.clone(), store.tree.find(&clean(path))?.file()?.object.clone())
        };
        Some(object.map_or_else(Bytes::new, |object| storage.read(&object)))
    }

    /// Changes the times of a file or folder. Returns whether it exists.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn set_times(&self, path: &str, mtime_ms: i64, provided_mtime_ms: Option<i64>) -> bool {
        let mut store = self.store();
        let id = store.tree.find(&clean(path)).map(|node| node.id);
        let Some(node) = id.and_then(|id| store.tree.node_mut(id)) else {
            return false;
        };
        node.mtime_ms = mtime_ms;
        node.provided_mtime_ms = provided_mtime_ms;
        true
    }

    /// Removes a file, or a folder with its content. Returns whether it existed.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn remove_entry(&self, path: &str) -> bool {
        let mut store = self.store();
        let id = store.tree.find(&clean(path)).map(|node| node.id);
        if let Some(id) = id {
            store.tree.remove(id);
        }
        id.is_some()
    }

    /// Returns the uploads that were started and not completed.
    #[must_use]
    pub fn uploads(&self) -> Vec<UploadSession> {
        let store = self.store();
        let uploads = store.uploads.iter().map(|(reference, upload)| UploadSession {
            reference: reference.clone(),
            path: upload.path.clone(),
            parts: store.storage.parts(&upload.key).iter().map(|part| (part.number, part.size)).collect(),
            started_at_ms: upload.started_at_ms,
        });
        uploads.collect()
    }

    /// Expires all uploads in progress. Their handles become invalid.
    pub fn expire_uploads(&self) {
        let mut store = self.store();
        for (_, upload) in std::mem::take(&mut store.uploads) {
            store.storage.abort_upload(&upload.key);
        }
    }

    /// Returns a presigned URL for a file, without a request. `None` if the file does not exist.
    #[must_use]
    pub fn download_url(&self, path: &str) -> Option<String> {
        let store = self.store();
        let node: &tree::TreeNode = store.tree.find(&clean(path))?;
        node.file()?;
        Some(store.sign_download(node))
    }
}
