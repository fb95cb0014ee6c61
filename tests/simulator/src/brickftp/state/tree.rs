//! The files and folders of the site.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::brickftp::state::objects::Entry;
use crate::storage::Object;

/// All nodes by id. Operations touch only the nodes that they concern, so that large folders work.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: HashMap<u64, TreeNode>,
    next_id: u64,
    /// Sorted listings, cached until the tree changes, because pages are requested one after another.
    listings: HashMap<Listing, Arc<Vec<u64>>>,
}

#[derive(Debug)]
pub(crate) struct TreeNode {
    pub(crate) id: u64,
    pub(crate) parent: Option<u64>,
    pub(crate) name: String,
    pub(crate) mtime_ms: i64,
    pub(crate) provided_mtime_ms: Option<i64>,
    pub(crate) content: NodeContent,
}

#[derive(Debug)]
pub(crate) enum NodeContent {
    Folder(BTreeMap<String, u64>),
    File(File),
}

#[derive(Clone, Debug)]
pub(crate) struct File {
    /// `None` for an empty file that was seeded in bulk.
    pub(crate) object: Option<Object>,
    /// The time before which the checksums are unknown.
    pub(crate) sums_from_ms: i64,
}

/// The parameters of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Listing {
    pub(crate) folder: u64,
    pub(crate) order: SortOrder,
    pub(crate) descending: bool,
    /// In lowercase.
    pub(crate) search: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SortOrder {
    Path,
    Size,
    Modified,
}

/// The path, or a parent, is a file instead of a folder, or the reverse.
#[derive(Debug)]
pub(crate) struct Blocked;

pub(crate) const ROOT: u64 = 5_000_000_000;
const EMPTY_MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
const EMPTY_CRC32: &str = "00000000";

impl File {
    pub(crate) fn size(&self) -> u64 {
        self.object.as_ref().map_or(0, |object| object.size)
    }

    pub(crate) fn md5(&self, now_ms: i64) -> Option<String> {
        self.existing(now_ms, || self.object.as_ref().map_or_else(|| Some(EMPTY_MD5.to_owned()), Object::md5))
    }

    pub(crate) fn crc32(&self, now_ms: i64) -> Option<String> {
        self.existing(now_ms, || self.object.as_ref().map_or_else(|| Some(EMPTY_CRC32.to_owned()), Object::crc32))
    }

    fn existing(&self, now_ms: i64, sum: impl FnOnce() -> Option<String>) -> Option<String> {
        if now_ms >= self.sums_from_ms { sum() } else { None }
    }
}

impl TreeNode {
    pub(crate) fn file(&self) -> Option<&File> {
        match &self.content {
            NodeContent::File(file) => Some(file),
            NodeContent::Folder(_) => None,
        }
    }

    pub(crate) fn children(&self) -> Option<&BTreeMap<String, u64>> {
        match &self.content {
            NodeContent::Folder(children) => Some(children),
            NodeContent::File(_) => None,
        }
    }
}

impl Tree {
    pub(crate) fn new(now_ms: i64) -> Self {
        let content = NodeContent::Folder(BTreeMap::new());
        let name = String::new();
        let root = TreeNode { id: ROOT, parent: None, name, mtime_ms: now_ms, provided_mtime_ms: None, content };
        Self { nodes: HashMap::from([(ROOT, root)]), next_id: ROOT + 1, listings: HashMap::new() }
    }

    pub(crate) fn node(&self, id: u64) -> &TreeNode {
        // Ids come only from the tree, and the root always exists.
        self.nodes.get(&id).unwrap_or_else(|| &self.nodes[&ROOT])
    }

    pub(crate) fn node_mut(&mut self, id: u64) -> Option<&mut TreeNode> {
        self.listings.clear();
        self.nodes.get_mut(&id)
    }

    pub(crate) fn find(&self, path: &str) -> Option<&TreeNode> {
        let mut node = self.node(ROOT);
        for name in path.split('/').filter(|name| !name.is_empty()) {
            node = self.node(*node.children()?.get(name)?);
        }
        Some(node)
    }

    pub(crate) fn path(&self, node: &TreeNode) -> String {
        let mut names = Vec::new();
        let mut node = node;
        while let Some(parent) = node.parent {
            names.push(node.name.as_str());
            node = self.node(parent);
        }
        names.reverse();
        names.join("/")
    }

    pub(crate) fn entry(&self, node: &TreeNode, now_ms: i64) -> Entry {
        let file = node.file();
        Entry {
            id: node.id,
            path: self.path(node),
            is_folder: file.is_none(),
            size: file.map_or(0, File::size),
            md5: file.and_then(|file| file.md5(now_ms)),
            crc32: file.and_then(|file| file.crc32(now_ms)),
            mtime_ms: node.mtime_ms,
            provided_mtime_ms: node.provided_mtime_ms,
        }
    }

    /// Returns the folder at a path. Creates it and its parents if necessary.
    pub(crate) fn make_folders(&mut self, path: &str, now_ms: i64) -> Result<u64, Blocked> {
        let mut folder = ROOT;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let children = self.node(folder).children().ok_or(Blocked)?;
            folder = match children.get(name) {
                Some(id) => *id,
                None => self.insert(folder, name, NodeContent::Folder(BTreeMap::new()), now_ms),
            };
        }
        self.node(folder).children().map(|_| folder).ok_or(Blocked)
    }

    /// Stores or replaces a file and creates its parents. Returns whether it is new.
    pub(crate) fn put_file(&mut self, path: &str, file: File, now_ms: i64) -> Result<(u64, bool), Blocked> {
        let (parent, name) = split(path);
        if name.is_empty() {
            return Err(Blocked);
        }
        let folder = self.make_folders(parent, now_ms)?;
        let existing = self.node(folder).children().and_then(|children| children.get(name)).copied();
        let Some(id) = existing else {
            return Ok((self.insert(folder, name, NodeContent::File(file), now_ms), true));
        };
        let node = self.node_mut(id).filter(|node| node.file().is_some()).ok_or(Blocked)?;
        node.content = NodeContent::File(file);
        node.mtime_ms = now_ms;
        node.provided_mtime_ms = None;
        Ok((id, false))
    }

    pub(crate) fn insert(&mut self, parent: u64, name: &str, content: NodeContent, now_ms: i64) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let node = TreeNode {
            id,
            parent: Some(parent),
            name: name.to_owned(),
            mtime_ms: now_ms,
            provided_mtime_ms: None,
            content,
        };
        self.nodes.insert(id, node);
        self.adopt(parent, name, id);
        id
    }

    fn adopt(&mut self, parent: u64, name: &str, id: u64) {
        if let Some(TreeNode { content: NodeContent::Folder(children), .. }) = self.node_mut(parent) {
            children.insert(name.to_owned(), id);
        }
    }

    fn disown(&mut self, id: u64) {
        let node = self.node(id);
        let (parent, name) = (node.parent, node.name.clone());
        if let Some(TreeNode { content: NodeContent::Folder(children), .. }) =
            parent.and_then(|parent| self.node_mut(parent))
        {
            children.remove(&name);
        }
    }

    pub(crate) fn relocate(&mut self, id: u64, parent: u64, name: &str) {
        self.disown(id);
        if let Some(node) = self.node_mut(id) {
            node.parent = Some(parent);
            name.clone_into(&mut node.name);
        }
        self.adopt(parent, name, id);
    }

    /// Removes a node with its content. The root itself remains.
    pub(crate) fn remove(&mut self, id: u64) {
        self.disown(id);
        for id in self.below(id) {
            self.nodes.remove(&id);
        }
        if id == ROOT {
            if let Some(root) = self.node_mut(ROOT) {
                root.content = NodeContent::Folder(BTreeMap::new());
            }
        } else {
            self.nodes.remove(&id);
        }
        self.listings.clear();
    }

    /// Returns the ids of everything in a folder, folders before their content.
    pub(crate) fn below(&self, id: u64) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            for child in self.node(id).children().into_iter().flat_map(BTreeMap::values) {
                ids.push(*child);
                waiting.push(*child);
            }
        }
        ids
    }

    /// Copies a node with its content, or only the folders if `folders_only`.
    pub(crate) fn copy(&mut self, id: u64, parent: u64, name: &str, folders_only: bool, now_ms: i64) {
        let mut waiting = vec![(id, parent, name.to_owned())];
        while let Some((id, parent, name)) = waiting.pop() {
            match &self.node(id).content {
                NodeContent::File(file) => {
                    let content = NodeContent::File(file.clone());
                    self.insert(parent, &name, content, now_ms);
                }
                NodeContent::Folder(children) => {
                    let children: Vec<_> = children.iter().map(|(name, id)| (name.clone(), *id)).collect();
                    let copy = self.insert(parent, &name, NodeContent::Folder(BTreeMap::new()), now_ms);
                    let wanted =
                        children.into_iter().filter(|(_, id)| !folders_only || self.node(*id).file().is_none());
                    waiting.extend(wanted.map(|(name, id)| (id, copy, name)));
                }
            }
        }
    }

    /// Returns the ids of a folder's direct children in the requested order.
    pub(crate) fn listing(&mut self, listing: Listing) -> Arc<Vec<u64>> {
        if let Some(existing) = self.listings.get(&listing) {
            return Arc::clone(existing);
        }
        let children = self.node(listing.folder).children().into_iter().flatten();
        let mut ids: Vec<_> = children
            .filter(|(name, _)| listing.search.is_empty() || name.to_lowercase().contains(&listing.search))
            .map(|(_, id)| *id)
            .collect();
        // Stable, so that equal entries stay ordered by path.
        match listing.order {
            SortOrder::Path if listing.descending => ids.reverse(),
            SortOrder::Path => {}
            SortOrder::Size => ids.sort_by_key(|id| directed(self.node(*id).file().map_or(0, File::size), &listing)),
            SortOrder::Modified => {
                ids.sort_by_key(|id| directed(self.node(*id).mtime_ms.unsigned_abs(), &listing));
            }
        }
        let ids = Arc::new(ids);
        self.listings.insert(listing, Arc::clone(&ids));
        ids
    }
}

fn directed(key: u64, listing: &Listing) -> u64 {
    if listing.descending { u64::MAX - key } else { key }
}

/// Splits a path into parent and name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Removes leading and trailing slashes and empty segments.
pub(crate) fn clean(path: &str) -> String {
    path.split('/').filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/")
}

/// Whether `path` is `folder` or below it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
