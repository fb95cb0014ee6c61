use std::collections::BTreeSet;

use http::StatusCode;

use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::{Bundle, Event};
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::{self, clean, is_within};

impl Store {
    /// Users without administration see only their own bundles.
    pub(crate) fn list_bundles(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let bundles = self.bundles.values().filter(|bundle| self.owns(request, bundle));
        self.may_share(request)?;
        Ok(SiteResponse::list("bundles", "bundle", bundles.map(|bundle| self.bundle_node(bundle))))
    }

    pub(crate) fn get_bundle(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let bundle = self.bundles.get(&request.id("bundle_id")?).ok_or_else(ApiError::record_not_found)?;
        if !self.owns(request, bundle) {
            return Err(ApiError::permission_denied());
        }
        Ok(SiteResponse::ok("bundle", self.bundle_node(bundle)))
    }

    pub(crate) fn create_bundle(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        self.may_share(request)?;
        let paths = request.input.texts("paths")?.unwrap_or_default();
        let paths: Vec<_> = paths.iter().map(|path| clean(path)).collect();
        if paths.is_empty() {
            return Err(ApiError::invalid("paths can't be blank"));
        }
        for path in &paths {
            let node = self.tree.find(path).ok_or_else(|| ApiError::invalid("paths is invalid"))?;
            if !self.rights(&request.caller, path, node.file().is_some()).read {
                return Err(ApiError::permission_denied());
            }
        }
        let password = request.input.text("password")?.filter(|password| !password.is_empty());
        let mut bundle = self.new_bundle(request.now_ms);
        bundle.user_id = request.caller.user_id();
        (bundle.paths, bundle.password) = (paths, password);
        let node = self.bundle_node(&bundle);
        self.bundles.insert(bundle.id, bundle);
        Ok(SiteResponse::created("bundle", node))
    }

    pub(crate) fn new_bundle(&mut self, now_ms: i64) -> Bundle {
        let id = self.next_id("bundle");
        let code = self.random.alphanumeric(9);
        Bundle { id, code, user_id: None, created_at_ms: now_ms, paths: Vec::new(), password: None }
    }

    pub(crate) fn delete_bundle(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("bundle_id")?;
        let bundle = self.bundles.get(&id).ok_or_else(ApiError::record_not_found)?;
        if !self.owns(request, bundle) {
            return Err(ApiError::permission_denied());
        }
        self.bundles.remove(&id);
        Ok(SiteResponse::nothing())
    }

    fn owns(&self, request: &SiteRequest<'_>, bundle: &Bundle) -> bool {
        request.caller.is_admin(self) || (bundle.user_id.is_some() && bundle.user_id == request.caller.user_id())
    }

    fn may_share(&self, request: &SiteRequest<'_>) -> ApiResult<()> {
        let user = request.caller.user_id().and_then(|id| self.users.get(&id));
        if request.caller.is_admin(self) || user.is_some_and(|user| user.attachments_permission) {
            return Ok(());
        }
        Err(ApiError::permission_denied())
    }

    /// Lists a path of a bundle. The root of the bundle contains the folders that lead to its paths.
    pub(crate) fn bundle_contents(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let bundle = self.open_bundle(request)?;
        let in_url = request.path();
        let path = if in_url.is_empty() { clean(&request.input.text("path")?.unwrap_or_default()) } else { in_url };
        let mut entries = BTreeSet::new();
        let mut exists = path.is_empty();
        for shared in &bundle.paths {
            if is_within(&path, shared) {
                // The folder, or one above it, is shared.
                let folder = self.tree.find(&path).ok_or_else(ApiError::record_not_found)?;
                let children = folder.children().ok_or_else(ApiError::record_not_found)?;
                entries.extend(children.keys().map(|name| clean(&format!("{path}/{name}"))));
                exists = true;
            } else if is_within(shared, &path) {
                // A folder above a shared path shows only the next folder on that path.
                let remaining = shared[path.len()..].trim_start_matches('/');
                let step = remaining.split('/').next().unwrap_or_default();
                entries.insert(clean(&format!("{path}/{step}")));
                exists = true;
            }
        }
        if !exists {
            return Err(ApiError::record_not_found());
        }
        let nodes = entries.iter().filter_map(|path| self.bundle_entry(path, request.now_ms, None));
        Ok(SiteResponse::list("files", "file", nodes))
    }

    pub(crate) fn bundle_download_urls(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let bundle = self.open_bundle(request)?.clone();
        let paths = request.input.texts("paths")?.unwrap_or_default();
        if paths.is_empty() {
            return Err(ApiError::invalid("paths can't be blank"));
        }
        let mut nodes = Vec::new();
        let mut events = Vec::new();
        for path in paths.iter().map(|path| clean(path)) {
            let shared = bundle.paths.iter().any(|shared| is_within(&path, shared));
            let file = self.tree.find(&path).filter(|_| shared).ok_or_else(ApiError::record_not_found)?;
            if file.file().is_none() {
                return Err(ApiError::bad_request("Cannot download a folder"));
            }
            let url = self.sign_download(file);
            nodes.extend(self.bundle_entry(&path, request.now_ms, Some(url)));
            let event = self.event(request, "read");
            events.push(Event { source: Some(path.clone()), path: Some(path), interface: "web".into(), ..event });
        }
        for event in events {
            self.record(event);
        }
        Ok(SiteResponse::list("files", "file", nodes))
    }

    fn open_bundle(&self, request: &SiteRequest<'_>) -> ApiResult<&Bundle> {
        let code = request.input.text("code")?.unwrap_or_default();
        let bundle = self.bundles.values().find(|bundle| bundle.code == code).ok_or_else(ApiError::record_not_found)?;
        if bundle.password.is_some() && request.input.text("password")? != bundle.password {
            let message = "The correct password is required for this bundle";
            return Err(ApiError::listed(StatusCode::UNAUTHORIZED, message).with_type("401-password-required"));
        }
        Ok(bundle)
    }

    fn bundle_entry(&self, path: &str, now_ms: i64, download_url: Option<String>) -> Option<Node> {
        let node = self.tree.find(path)?;
        let file = node.file();
        let sum = |sum: fn(&tree::File, i64) -> Option<String>| {
            Node::optional(file.and_then(|file| sum(file, now_ms)), Node::text)
        };
        let mut fields = vec![
            ("path".into(), Node::text(path)),
            ("type".into(), Node::text(if file.is_some() { "file" } else { "directory" })),
            ("size".into(), Node::optional(file.map(tree::File::size), Node::Integer)),
            ("crc32".into(), sum(tree::File::crc32)),
            ("md5".into(), sum(tree::File::md5)),
        ];
        fields.extend(download_url.map(|url| ("download_uri".into(), Node::text(url))));
        Some(Node::Map(fields))
    }

    fn bundle_node(&self, bundle: &Bundle) -> Node {
        let url = format!("https://{}.brickftp.com/f/{}", self.settings.subdomain, bundle.code);
        Node::map([
            ("id", Node::Integer(bundle.id)),
            ("code", Node::text(&bundle.code)),
            ("url", Node::text(url)),
            ("user_id", Node::optional(bundle.user_id, Node::Integer)),
            ("created_at", self.site_time(bundle.created_at_ms)),
            ("paths", Node::List("path", bundle.paths.iter().map(Node::text).collect())),
        ])
    }
}
