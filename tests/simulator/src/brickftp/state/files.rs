//! Seeding and reading files.

use bytes::Bytes;

use crate::brickftp::state::State;
use crate::brickftp::state::objects::{Entry, UploadSession};
use crate::brickftp::state::tree::{self, Content, File, ROOT, clean};
use crate::storage::Object;

impl State {
    /// Makes a folder with all its parents.
    ///
    /// # Panics
    ///
    /// If there is a file at the path or on the way to it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_folder(&self, path: &str) -> Entry {
        let made = self.store().tree.make_folders(&clean(path), self.now_ms());
        assert!(made.is_ok(), "there is a file on the way to {path:?}");
        self.known(path)
    }

    /// Stores a file with this content, in place of what is there, and makes its parents.
    ///
    /// # Panics
    ///
    /// If there is a folder at the path, or a file on the way to it.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn add_file(&self, path: &str, content: impl Into<Bytes>) -> Entry {
        let object = self.store().storage.put(content.into());
        self.add_object(path, object)
    }

    /// Stores a file of any size that takes no memory: its content is generated from the seed whenever it is read.
    ///
    /// # Panics
    ///
    /// As [`add_file`](Self::add_file).
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
        self.known(path)
    }

    /// Fills a folder with so many empty files, named `file-000000.txt` and so on.
    ///
    /// # Panics
    ///
    /// If there is a file at the path or on the way to it.
    pub fn add_files(&self, folder: &str, count: usize) {
        let now_ms = self.now_ms();
        let id = self.add_folder(folder).id;
        let mut store = self.store();
        for number in 0..count {
            let file = File { object: None, sums_from_ms: now_ms };
            store.tree.insert(id, &format!("file-{number:06}.txt"), Content::File(file), now_ms);
        }
    }

    /// The file or folder at a path.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<Entry> {
        let store = self.store();
        let node = store.tree.find(&clean(path))?;
        Some(store.tree.entry(node, self.now_ms()))
    }

    fn known(&self, path: &str) -> Entry {
        self.entry(path).expect("it was stored a moment ago")
    }

    /// All files and folders but the root, in the order of their paths.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let store = self.store();
        let below = store.tree.below(ROOT);
        let mut entries: Vec<_> =
            below.into_iter().map(|id| store.tree.entry(store.tree.node(id), self.now_ms())).collect();
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        entries
    }

    /// The paths of all files, in their order.
    #[must_use]
    pub fn file_paths(&self) -> Vec<String> {
        self.entries().into_iter().filter(|entry| !entry.is_folder).map(|entry| entry.path).collect()
    }

    /// The content of a file; `None` if there is no file.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<Bytes> {
        let (storage, object) = {
            let store = self.store();
            (store.storage.clone(), store.tree.find(&clean(path))?.file()?.object.clone())
        };
        Some(object.map_or_else(Bytes::new, |object| storage.read(&object)))
    }

    /// Changes the times of a file or folder. Returns whether it is there.
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

    /// Removes a file, or a folder with all that is in it. Returns whether it was there.
    #[allow(clippy::must_use_candidate)] // called for its effect
    pub fn remove_entry(&self, path: &str) -> bool {
        let mut store = self.store();
        let id = store.tree.find(&clean(path)).map(|node| node.id);
        if let Some(id) = id {
            store.tree.remove(id);
        }
        id.is_some()
    }

    /// The uploads that were started and not completed.
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

    /// Ends all open uploads: their handles are unknown from now on.
    pub fn expire_uploads(&self) {
        let mut store = self.store();
        for (_, upload) in std::mem::take(&mut store.uploads) {
            store.storage.abort_upload(&upload.key);
        }
    }

    /// A signed URL for a file, without a request. `None` if there is no file.
    #[must_use]
    pub fn download_url(&self, path: &str) -> Option<String> {
        let store = self.store();
        let node: &tree::Node = store.tree.find(&clean(path))?;
        node.file()?;
        Some(store.sign_download(node))
    }
}
