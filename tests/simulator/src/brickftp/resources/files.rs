use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::resources::folders::{check_new_path, no_parent};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::Event;
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::{self, ROOT, clean, is_within, split};

impl Store {
    /// Records a download, unless only the metadata is requested.
    pub(crate) fn download(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.path();
        let node = self.tree.find(&path).ok_or_else(ApiError::record_not_found)?;
        if !self.rights(&request.caller, &path, node.file().is_some()).read {
            return Err(ApiError::permission_denied());
        }
        if node.file().is_none() {
            return Err(ApiError::bad_request("Cannot download a folder"));
        }
        let output = SiteResponse::ok("file", self.file_node(node, request, Some(self.sign_download(node))));
        let event = self.event(request, "read");
        self.record(Event { path: Some(path.clone()), source: Some(path), ..event });
        Ok(output)
    }

    pub(crate) fn sign_download(&self, node: &tree::TreeNode) -> String {
        let object = node.file().and_then(|file| file.object.clone());
        let object = object.unwrap_or_else(|| self.storage.empty());
        self.storage.sign_download(&object, &node.name, self.settings.download_url_lifetime)
    }

    pub(crate) fn stat(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.path();
        let node = self.tree.find(&path).ok_or_else(ApiError::record_not_found)?;
        let is_file = node.file().is_some();
        let letters = self.rights(&request.caller, &path, is_file).letters();
        if letters.is_empty() && (is_file || !self.leads_somewhere(&request.caller, &path)) {
            return Err(ApiError::permission_denied());
        }
        Ok(SiteResponse::ok("file", self.file_node(node, request, None)))
    }

    pub(crate) fn rename(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (id, source, destination) = self.endpoints(request, "move-destination")?;
        let is_file = self.tree.node(id).file().is_some();
        if !self.rights(&request.caller, &source, is_file).delete {
            return Err(ApiError::permission_denied());
        }
        let (parent, name) = self.landing(request, &source, &destination)?;
        self.tree.relocate(id, parent, name);
        self.record_both(request, "move", source, &destination);
        Ok(SiteResponse::nothing())
    }

    /// Any value of `structure` copies the folders without their files.
    pub(crate) fn copy(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (id, source, destination) = self.endpoints(request, "copy-destination")?;
        let is_file = self.tree.node(id).file().is_some();
        if !self.rights(&request.caller, &source, is_file).read {
            return Err(ApiError::permission_denied());
        }
        let (parent, name) = self.landing(request, &source, &destination)?;
        let folders_only = request.input.has("structure") && !is_file;
        self.tree.copy(id, parent, name, folders_only, request.now_ms);
        self.record_both(request, "copy", source, &destination);
        Ok(SiteResponse::nothing())
    }

    fn endpoints(&self, request: &SiteRequest<'_>, field: &str) -> ApiResult<(u64, String, String)> {
        let source = request.path();
        let id = self.tree.find(&source).ok_or_else(ApiError::record_not_found)?.id;
        if id == ROOT {
            return Err(ApiError::invalid("The root folder cannot be moved or copied"));
        }
        let destination = clean(&request.input.text(field)?.unwrap_or_default());
        if destination.split('/').any(|name| matches!(name, "." | "..")) {
            return Err(ApiError::invalid(format!("{field} is invalid")));
        }
        check_new_path(&destination)?;
        Ok((id, source, destination))
    }

    /// Returns the target folder and name of a move or copy.
    fn landing<'a>(&self, request: &SiteRequest<'_>, source: &str, destination: &'a str) -> ApiResult<(u64, &'a str)> {
        let (parent, name) = split(destination);
        if !self.rights(&request.caller, parent, false).write {
            return Err(ApiError::permission_denied());
        }
        if self.tree.find(destination).is_some() {
            return Err(ApiError::invalid("The destination exists"));
        }
        if is_within(destination, source) {
            return Err(ApiError::invalid("A folder cannot be moved or copied into itself"));
        }
        Ok((self.folder(parent).map_err(|_| no_parent())?, name))
    }

    fn record_both(&mut self, request: &SiteRequest<'_>, action: &str, source: String, destination: &str) {
        let event = self.event(request, action);
        let path = Some(source.clone());
        self.record(Event { path, source: Some(source), destination: Some(destination.to_owned()), ..event });
    }

    pub(crate) fn delete(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.path();
        let node = self.tree.find(&path).ok_or_else(ApiError::record_not_found)?;
        let (id, is_file) = (node.id, node.file().is_some());
        let is_empty = node.children().is_none_or(std::collections::BTreeMap::is_empty);
        if id == ROOT {
            return Err(ApiError::invalid("The root folder cannot be deleted"));
        }
        if !self.rights(&request.caller, &path, is_file).delete {
            return Err(ApiError::permission_denied());
        }
        let depth = request.headers().get("depth").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let recursive = depth.trim().eq_ignore_ascii_case("infinity") || request.query("recursive") == Some("true");
        if !is_empty && !recursive {
            return Err(ApiError::invalid("The folder is not empty"));
        }
        self.tree.remove(id);
        let event = self.event(request, "destroy");
        self.record(Event { path: Some(path), ..event });
        Ok(SiteResponse::nothing())
    }
}
