//! The storage itself: what is there now.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::data::Piece;
use crate::ftpgrid::storage::checksums::Sums;
use crate::ftpgrid::storage::path::{ROOT, moved, parent, prefix};

/// All files and directories by their paths. A copy costs no content.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Directory,
    File(File),
}

#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) piece: Piece,
    pub(crate) sums: Arc<Sums>,
    pub(crate) modified_ms: i64,
}

/// Something of the other kind is there, or on the way.
#[derive(Debug)]
pub(crate) struct Occupied(pub(crate) String);

impl Tree {
    pub(crate) fn new() -> Self {
        Self { nodes: BTreeMap::from([(ROOT.to_owned(), Node::Directory)]) }
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.nodes.contains_key(path)
    }

    pub(crate) fn is_directory(&self, path: &str) -> bool {
        matches!(self.nodes.get(path), Some(Node::Directory))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        match self.nodes.get(path) {
            Some(Node::File(file)) => Some(file),
            _ => None,
        }
    }

    /// Everything below a directory in the order of the paths, without itself.
    pub(crate) fn below(&self, directory: &str) -> impl Iterator<Item = (&str, &Node)> {
        let prefix = prefix(directory);
        let from = (Bound::Excluded(prefix.as_str()), Bound::Unbounded);
        let nodes = self.nodes.range::<str, _>(from);
        nodes.map(|(path, node)| (path.as_str(), node)).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// Whether a file could be put at each of these paths.
    pub(crate) fn has_room(&self, path: &str) -> Result<(), Occupied> {
        if self.is_directory(path) {
            return Err(Occupied(path.to_owned()));
        }
        self.missing_directories(parent(path)).map(drop)
    }

    /// Makes a directory and its parents, and says which ones are new, parents first.
    pub(crate) fn make_directory(&mut self, path: &str) -> Result<Vec<String>, Occupied> {
        let missing = self.missing_directories(path)?;
        for path in &missing {
            self.nodes.insert(path.clone(), Node::Directory);
        }
        Ok(missing)
    }

    fn missing_directories(&self, path: &str) -> Result<Vec<String>, Occupied> {
        let mut missing = Vec::new();
        let mut path = path;
        loop {
            match self.nodes.get(path) {
                Some(Node::Directory) => break,
                Some(Node::File(_)) => return Err(Occupied(path.to_owned())),
                None => missing.push(path.to_owned()),
            }
            path = parent(path);
        }
        missing.reverse();
        Ok(missing)
    }

    /// Puts a file in the place of what is there, and says which directories had to be made.
    pub(crate) fn put_file(&mut self, path: &str, file: File) -> Result<Vec<String>, Occupied> {
        self.has_room(path)?;
        let made = self.make_directory(parent(path))?;
        self.nodes.insert(path.to_owned(), Node::File(file));
        Ok(made)
    }

    /// Removes a file, or a directory with all that is in it.
    pub(crate) fn remove(&mut self, path: &str) -> bool {
        let below: Vec<_> = self.below(path).map(|(path, _)| path.to_owned()).collect();
        for path in below {
            self.nodes.remove(&path);
        }
        path != ROOT && self.nodes.remove(path).is_some()
    }

    /// Moves a file, or a directory with all that is in it. What is at the target is not looked at.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        let below: Vec<_> = self.below(from).map(|(path, _)| path.to_owned()).collect();
        for path in below.into_iter().chain([from.to_owned()]) {
            if let (Some(target), Some(node)) = (moved(&path, from, to), self.nodes.remove(&path)) {
                self.nodes.insert(target, node);
            }
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }
}
