use super::call::{Call, Output};
use super::document::Node;
use super::objects::Event;
use super::refusal::{Answer, Refusal};
use super::store::Store;
use super::times;
use super::tree::{self, Content, Listing, Order, split};

const MAX_PAGE: usize = 5000;
const MAX_PATH: usize = 550;

impl Store {
    pub(super) fn list_folder(&mut self, call: &Call<'_>) -> Answer<Output> {
        let path = call.path();
        let folder = self.folder(&path)?;
        let sees_all = self.rights(&call.caller, &path, false).sees();
        if !sees_all && !self.leads_somewhere(&call.caller, &path) {
            return Err(Refusal::forbidden());
        }
        let (order, descending) = sorting(&call.query);
        let search = call.query("search").unwrap_or_default().to_lowercase();
        let ids = self.tree.listing(Listing { folder, order, descending, search });
        let (skip, take) = call.page(&self.settings, MAX_PAGE);
        if self.sees_all_below(&call.caller, &path) {
            let page = ids.get(skip..).unwrap_or_default().iter().take(take);
            let nodes = page.map(|id| self.file_node(self.tree.node(*id), call, None));
            return Ok(Output::list("files", "file", nodes));
        }
        let nodes = ids.iter().map(|id| self.tree.node(*id));
        let visible = nodes.filter(|node| {
            let path = self.tree.path(node);
            let is_file = node.file().is_some();
            let rights = self.rights(&call.caller, &path, is_file);
            !rights.letters().is_empty() || (!is_file && self.leads_somewhere(&call.caller, &path))
        });
        let nodes = visible.skip(skip).take(take).map(|node| self.file_node(node, call, None));
        Ok(Output::list("files", "file", nodes))
    }

    /// The id of the folder at a path.
    pub(super) fn folder(&self, path: &str) -> Answer<u64> {
        let node = self.tree.find(path).filter(|node| node.file().is_none());
        node.map(|node| node.id).ok_or_else(Refusal::not_found)
    }

    pub(super) fn create_folder(&mut self, call: &Call<'_>) -> Answer<Output> {
        let path = call.path();
        check_new_path(&path)?;
        let (parent, name) = split(&path);
        if !self.rights(&call.caller, parent, false).write {
            return Err(Refusal::forbidden());
        }
        if self.tree.find(&path).is_some() {
            return Err(Refusal::invalid("The destination exists"));
        }
        let parent = self.folder(parent).map_err(|_| no_parent())?;
        self.tree.insert(parent, name, Content::Folder(std::collections::BTreeMap::new()), call.now_ms);
        let event = self.event(call, "create");
        self.record(Event { path: Some(path.clone()), destination: Some(path), ..event });
        Ok(Output::nothing())
    }

    pub(super) fn count_folder(&self, call: &Call<'_>) -> Answer<Output> {
        let folder = self.seen_folder(call)?;
        Ok(counter("count", Node::Integer(self.tree.below(folder).len() as u64)))
    }

    pub(super) fn count_folder_directly(&self, call: &Call<'_>) -> Answer<Output> {
        let folder = self.tree.node(self.seen_folder(call)?);
        let children = || folder.children().into_iter().flat_map(std::collections::BTreeMap::values);
        let files = children().filter(|id| self.tree.node(**id).file().is_some()).count();
        let folders = children().count() - files;
        let counts = Node::map([("files", Node::Integer(files as u64)), ("folders", Node::Integer(folders as u64))]);
        Ok(counter("count", counts))
    }

    pub(super) fn folder_size(&self, call: &Call<'_>) -> Answer<Output> {
        let below = self.tree.below(self.seen_folder(call)?);
        let size = below.iter().filter_map(|id| self.tree.node(*id).file()).map(tree::File::size).sum();
        Ok(counter("size", Node::Integer(size)))
    }

    fn seen_folder(&self, call: &Call<'_>) -> Answer<u64> {
        let path = call.path();
        let folder = self.folder(&path)?;
        if self.rights(&call.caller, &path, false).sees() { Ok(folder) } else { Err(Refusal::forbidden()) }
    }

    /// A file or folder as all calls but those for bundles show it.
    pub(super) fn file_node(&self, node: &tree::Node, call: &Call<'_>, download_url: Option<String>) -> Node {
        let path = self.tree.path(node);
        let file = node.file();
        let rights = self.rights(&call.caller, &path, file.is_some());
        let sum = |sum: fn(&tree::File, i64) -> Option<String>| {
            Node::optional(file.and_then(|file| sum(file, call.now_ms)), Node::text)
        };
        // Only files have their times in UTC and the type in lower case.
        let time = |unix_ms| Node::Time(times::iso(unix_ms, 0), "datetime");
        let mut fields = vec![
            ("id".into(), Node::Integer(node.id)),
            ("path".into(), Node::text(&path)),
            ("display_name".into(), Node::text(&node.name)),
            ("type".into(), Node::text(if file.is_some() { "file" } else { "directory" })),
            ("size".into(), Node::optional(file.map(tree::File::size), Node::Integer)),
            ("mtime".into(), time(node.mtime_ms)),
            ("provided_mtime".into(), Node::optional(node.provided_mtime_ms, time)),
            ("crc32".into(), sum(tree::File::crc32)),
            ("md5".into(), sum(tree::File::md5)),
        ];
        if file.is_some() {
            fields.push(("region".into(), Node::text("us-east-1")));
        }
        fields.push(("permissions".into(), Node::text(rights.letters())));
        if file.is_none() {
            let locked = self.are_subfolders_locked(&path).then_some(1);
            fields.push(("subfolders_locked?".into(), Node::optional(locked, Node::Integer)));
        }
        fields.extend(download_url.map(|url| ("download_uri".into(), Node::text(url))));
        Node::Map(fields)
    }
}

/// Whether something may be stored under this path at all.
pub(super) fn check_new_path(path: &str) -> Answer<()> {
    if path.is_empty() {
        return Err(Refusal::invalid("The root folder exists"));
    }
    if path.chars().count() > MAX_PATH {
        return Err(Refusal::invalid(format!("path is too long (maximum is {MAX_PATH} characters)")));
    }
    Ok(())
}

pub(super) fn no_parent() -> Refusal {
    Refusal::listed(http::StatusCode::CONFLICT, "The destination's parent folder does not exist")
}

fn counter(name: &'static str, value: Node) -> Output {
    Output::ok("result", Node::map([("type", Node::text("200-ok")), ("data", Node::map([(name, value)]))]))
}

/// Of several orders, the first counts.
fn sorting(query: &[(String, String)]) -> (Order, bool) {
    for (name, direction) in query {
        let order = match name.as_str() {
            "sort_by[path]" => Order::Path,
            "sort_by[size]" => Order::Size,
            "sort_by[modified_at_datetime]" => Order::Modified,
            _ => continue,
        };
        return (order, direction.eq_ignore_ascii_case("desc"));
    }
    (Order::Path, false)
}
