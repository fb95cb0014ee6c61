use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::response::times;
use crate::brickftp::state::objects::Event;
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::{self, Listing, NodeContent, SortOrder, split};

const MAX_PAGE: usize = 5000;
const MAX_PATH: usize = 550;

impl Store {
    pub(crate) fn list_folder(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.path();
        let folder = self.folder(&path)?;
        let sees_all = self.rights(&request.caller, &path, false).sees();
        if !sees_all && !self.leads_somewhere(&request.caller, &path) {
            return Err(ApiError::permission_denied());
        }
        let (order, descending) = sorting(&request.query);
        let search = request.query("search").unwrap_or_default().to_lowercase();
        let ids = self.tree.listing(Listing { folder, order, descending, search });
        let (skip, take) = request.page(&self.settings, MAX_PAGE);
        if self.sees_all_below(&request.caller, &path) {
            let page = ids.get(skip..).unwrap_or_default().iter().take(take);
            let nodes = page.map(|id| self.file_node(self.tree.node(*id), request, None));
            return Ok(SiteResponse::list("files", "file", nodes));
        }
        let nodes = ids.iter().map(|id| self.tree.node(*id));
        let visible = nodes.filter(|node| {
            let path = self.tree.path(node);
            let is_file = node.file().is_some();
            let rights = self.rights(&request.caller, &path, is_file);
            !rights.letters().is_empty() || (!is_file && self.leads_somewhere(&request.caller, &path))
        });
        let nodes = visible.skip(skip).take(take).map(|node| self.file_node(node, request, None));
        Ok(SiteResponse::list("files", "file", nodes))
    }

    /// Returns the id of the folder at a path.
    pub(crate) fn folder(&self, path: &str) -> ApiResult<u64> {
        let node = self.tree.find(path).filter(|node| node.file().is_none());
        node.map(|node| node.id).ok_or_else(ApiError::record_not_found)
    }

    pub(crate) fn create_folder(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.path();
        check_new_path(&path)?;
        let (parent, name) = split(&path);
        if !self.rights(&request.caller, parent, false).write {
            return Err(ApiError::permission_denied());
        }
        if self.tree.find(&path).is_some() {
            return Err(ApiError::invalid("The destination exists"));
        }
        let parent = self.folder(parent).map_err(|_| no_parent())?;
        self.tree.insert(parent, name, NodeContent::Folder(std::collections::BTreeMap::new()), request.now_ms);
        let event = self.event(request, "create");
        self.record(Event { path: Some(path.clone()), destination: Some(path), ..event });
        Ok(SiteResponse::nothing())
    }

    pub(crate) fn count_folder(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let folder = self.seen_folder(request)?;
        Ok(counter("count", Node::Integer(self.tree.below(folder).len() as u64)))
    }

    pub(crate) fn count_folder_directly(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let folder = self.tree.node(self.seen_folder(request)?);
        let children = || folder.children().into_iter().flat_map(std::collections::BTreeMap::values);
        let files = children().filter(|id| self.tree.node(**id).file().is_some()).count();
        let folders = children().count() - files;
        let counts = Node::map([("files", Node::Integer(files as u64)), ("folders", Node::Integer(folders as u64))]);
        Ok(counter("count", counts))
    }

    pub(crate) fn folder_size(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let below = self.tree.below(self.seen_folder(request)?);
        let size = below.iter().filter_map(|id| self.tree.node(*id).file()).map(tree::File::size).sum();
        Ok(counter("size", Node::Integer(size)))
    }

    fn seen_folder(&self, request: &SiteRequest<'_>) -> ApiResult<u64> {
        let path = request.path();
        let folder = self.folder(&path)?;
        if self.rights(&request.caller, &path, false).sees() { Ok(folder) } else { Err(ApiError::permission_denied()) }
    }

    /// Renders a file or folder, for all operations except those of bundles.
    pub(crate) fn file_node(
        &self,
        node: &tree::TreeNode,
        request: &SiteRequest<'_>,
        download_url: Option<String>,
    ) -> Node {
        let path = self.tree.path(node);
        let file = node.file();
        let rights = self.rights(&request.caller, &path, file.is_some());
        let sum = |sum: fn(&tree::File, i64) -> Option<String>| {
            Node::optional(file.and_then(|file| sum(file, request.now_ms)), Node::text)
        };
        // Only files have UTC times and a lowercase type.
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

/// Checks whether anything may be stored at this path.
pub(crate) fn check_new_path(path: &str) -> ApiResult<()> {
    if path.is_empty() {
        return Err(ApiError::invalid("The root folder exists"));
    }
    if path.chars().count() > MAX_PATH {
        return Err(ApiError::invalid(format!("path is too long (maximum is {MAX_PATH} characters)")));
    }
    Ok(())
}

pub(crate) fn no_parent() -> ApiError {
    ApiError::listed(http::StatusCode::CONFLICT, "The destination's parent folder does not exist")
}

fn counter(name: &'static str, value: Node) -> SiteResponse {
    SiteResponse::ok("result", Node::map([("type", Node::text("200-ok")), ("data", Node::map([(name, value)]))]))
}

/// If several sort orders are given, the first applies.
fn sorting(query: &[(String, String)]) -> (SortOrder, bool) {
    for (name, direction) in query {
        let order = match name.as_str() {
            "sort_by[path]" => SortOrder::Path,
            "sort_by[size]" => SortOrder::Size,
            "sort_by[modified_at_datetime]" => SortOrder::Modified,
            _ => continue,
        };
        return (order, direction.eq_ignore_ascii_case("desc"));
    }
    (SortOrder::Path, false)
}
