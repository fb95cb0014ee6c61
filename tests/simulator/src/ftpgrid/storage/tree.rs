//! The current files and directories of the storage.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use crate::data::Blob;
use crate::ftpgrid::storage::checksums::FileChecksums;
use crate::ftpgrid::storage::path::{ROOT, parent, prefix, rebase};

/// All files and directories by path. Cheap to clone: content is shared.
#[derive(Clone)]
pub(crate) struct FileTree {
    nodes: BTreeMap<String, TreeNode>,
}

#[derive(Clone, Debug)]
pub(crate) enum TreeNode {
    Directory,
    File(TreeFile),
}

#[derive(Clone, Debug)]
pub(crate) struct TreeFile {
    pub(crate) piece: Blob,
    pub(crate) checksums: Arc<FileChecksums>,
    pub(crate) modified_ms: i64,
}

/// A directory is at the path of a file, or a file is at the path of a directory.
#[derive(Debug)]
pub(crate) struct Occupied(pub(crate) String);

impl FileTree {
    pub(crate) fn new() -> Self {
        Self { nodes: BTreeMap::from([(ROOT.to_owned(), TreeNode::Directory)]) }
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    pub(crate) fn is_directory(&self, path: &str) -> bool {
        matches!(self.nodes.get(path), Some(TreeNode::Directory))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&TreeFile> {
        match self.nodes.get(path) {
            Some(TreeNode::File(file)) => Some(file),
            _ => None,
        }
    }

    /// Returns everything below a directory, sorted by path. The directory itself is excluded.
    pub(crate) fn below(&self, directory: &str) -> impl Iterator<Item = (&str, &TreeNode)> {
        let prefix = prefix(directory);
        let from = (Bound::Excluded(prefix.as_str()), Bound::Unbounded);
        let nodes = self.nodes.range::<str, _>(from);
        nodes.map(|(path, node)| (path.as_str(), node)).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// Checks that a file can be stored at a path.
    pub(crate) fn check_file_path(&self, path: &str) -> Result<(), Occupied> {
        if self.is_directory(path) {
            return Err(Occupied(path.to_owned()));
        }
        self.missing_directories(parent(path)).map(drop)
    }

    /// Creates a directory and its parents. Returns the created directories, parents first.
    pub(crate) fn make_directory(&mut self, path: &str) -> Result<Vec<String>, Occupied> {
        let missing = self.missing_directories(path)?;
        for path in &missing {
            self.nodes.insert(path.clone(), TreeNode::Directory);
        }
        Ok(missing)
    }

    fn missing_directories(&self, path: &str) -> Result<Vec<String>, Occupied> {
        let mut missing = Vec::new();
        let mut path = path;
        loop {
            match self.nodes.get(path) {
                Some(TreeNode::Directory) => break,
                Some(TreeNode::File(_)) => return Err(Occupied(path.to_owned())),
                None => missing.push(path.to_owned()),
            }
            path = parent(path);
        }
        missing.reverse();
        Ok(missing)
    }

    /// Stores a file, replacing an existing file. Returns the created directories.
    pub(crate) fn put_file(&mut self, path: &str, file: TreeFile) -> Result<Vec<String>, Occupied> {
        self.check_file_path(path)?;
        let directories = self.make_directory(parent(path))?;
        self.nodes.insert(path.to_owned(), TreeNode::File(file));
        Ok(directories)
    }

    /// Removes a file, or a directory with its contents. Returns whether it existed.
    pub(crate) fn remove(&mut self, path: &str) -> bool {
        let below: Vec<_> = self.below(path).map(|(path, _)| path.to_owned()).collect();
        for path in below {
            self.nodes.remove(&path);
        }
        path != ROOT && self.nodes.remove(path).is_some()
    }

    /// Moves a file, or a directory with its contents. The target is not checked.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let below: Vec<_> = self.below(from).map(|(path, _)| path.to_owned()).collect();
        for path in below.into_iter().chain([from.to_owned()]) {
            if let (Some(target), Some(node)) = (rebase(&path, from, to), self.nodes.remove(&path)) {
                self.nodes.insert(target, node);
            }
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &TreeNode)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }
}

impl fmt::Debug for FileTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.nodes.keys()).finish()
    }
}
