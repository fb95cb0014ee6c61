use std::borrow::Cow;

use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::resources::folders::check_new_path;
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::settings::{Overwrite, PartLength, UploadForm};
use crate::brickftp::state::objects::Event;
use crate::brickftp::state::store::{Store, millis};
use crate::brickftp::state::tree::{self, File, split};
use crate::storage::{AssembleError, UploadKey};

/// An upload between its start and its completion.
pub(crate) struct PendingUpload {
    pub(crate) path: String,
    pub(crate) key: UploadKey,
    pub(crate) user_id: Option<u64>,
    pub(crate) started_at_ms: i64,
}

impl Store {
    pub(crate) fn start_upload(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        if request.input.text("action")?.as_deref() != Some("put") {
            return Err(ApiError::bad_request("action must be put or end"));
        }
        let path = request.path();
        check_new_path(&path)?;
        if !self.rights(&request.caller, &path, true).write {
            return Err(ApiError::permission_denied());
        }
        self.check_place(&path)?;
        let reference = format!("put-{}", self.next_id("upload"));
        let key = self.storage.create_upload();
        let upload = PendingUpload { path, key, user_id: request.caller.user_id(), started_at_ms: request.now_ms };
        let node = self.upload_node(&reference, &upload, 1);
        self.uploads.insert(reference, upload);
        Ok(SiteResponse::ok("upload", node))
    }

    /// A file cannot replace a folder, and its parents must be folders. Missing parents are created.
    fn check_place(&self, path: &str) -> ApiResult<()> {
        let mut ancestor = path;
        if self.tree.find(ancestor).is_some_and(|node| node.file().is_none()) {
            return Err(ApiError::invalid("The destination is a folder"));
        }
        while !split(ancestor).0.is_empty() {
            ancestor = split(ancestor).0;
            if self.tree.find(ancestor).is_some_and(|node| node.file().is_some()) {
                return Err(ApiError::invalid("The destination's parent is a file"));
            }
        }
        Ok(())
    }

    fn upload_of(&self, request: &SiteRequest<'_>) -> ApiResult<(String, &PendingUpload)> {
        let reference = request.input.text("ref")?.unwrap_or_default();
        let upload = self.uploads.get(&reference).ok_or_else(ApiError::record_not_found)?;
        if !request.caller.is_admin(self) && upload.user_id != request.caller.user_id() {
            return Err(ApiError::record_not_found());
        }
        Ok((reference, upload))
    }

    pub(crate) fn continue_upload(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (reference, upload) = self.upload_of(request)?;
        let part = request.input.integer("part")?.unwrap_or(1);
        let part = u32::try_from(part).ok().filter(|part| (1..=self.settings.available_parts).contains(part));
        let part = part.ok_or_else(|| ApiError::invalid("part is out of range"))?;
        Ok(SiteResponse::ok("upload", self.upload_node(&reference, upload, part)))
    }

    pub(crate) fn complete_upload(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let (reference, upload) = self.upload_of(request)?;
        self.check_place(&upload.path)?;
        let object = self.storage.assemble(&upload.key).map_err(unassembled)?;
        let asked_for = upload.path.clone();
        let exists = self.tree.find(&asked_for).is_some();
        let path =
            if exists && self.settings.overwrite == Overwrite::Rename { self.free_name(&asked_for) } else { asked_for };
        self.uploads.remove(&reference);
        // The response to the completion never contains checksums.
        let sums_from_ms = request.now_ms.saturating_add(millis(self.settings.checksum_delay));
        let file = File { object: Some(object), sums_from_ms: request.now_ms.saturating_add(1) };
        let stored = self.tree.put_file(&path, file, request.now_ms);
        let (id, new) = stored.map_err(|_| ApiError::invalid("The destination is a folder"))?;
        let mut provided = None;
        request.input.change_time("provided_mtime", &mut provided)?;
        if let Some(node) = self.tree.node_mut(id) {
            node.provided_mtime_ms = provided;
        }
        let node = self.file_node(self.tree.node(id), request, None);
        if let Some(tree::TreeNode { content: tree::NodeContent::File(file), .. }) = self.tree.node_mut(id) {
            file.sums_from_ms = sums_from_ms;
        }
        let event = self.event(request, if new { "create" } else { "update" });
        self.record(Event { path: Some(path.clone()), destination: Some(path), ..event });
        Ok(SiteResponse::ok("file", node))
    }

    /// Returns `name (1).ext`, with the first free number.
    fn free_name(&self, path: &str) -> String {
        let (parent, name) = split(path);
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
            _ => (name, String::new()),
        };
        let candidates = (1_u32..).map(|number| {
            let name = format!("{stem} ({number}){extension}");
            if parent.is_empty() { name } else { format!("{parent}/{name}") }
        });
        candidates.into_iter().find(|path| self.tree.find(path).is_none()).unwrap_or_else(|| path.to_owned())
    }

    fn upload_node(&self, reference: &str, upload: &PendingUpload, part: u32) -> Node {
        let lifetime = self.settings.upload_url_lifetime;
        let fields = |pairs: Vec<(String, String)>| {
            Node::Map(pairs.into_iter().map(|(name, value)| (Cow::Owned(name), Node::text(value))).collect())
        };
        let (method, url, parameters) = match self.settings.upload_form {
            UploadForm::Body => ("PUT", self.storage.sign_part(&upload.key, part, lifetime), Vec::new()),
            UploadForm::FormPart | UploadForm::FormFile => {
                let (url, parameters) = self.storage.form_target(&upload.key, part, lifetime);
                ("POST", url, parameters)
            }
        };
        Node::map([
            ("ref", Node::text(reference)),
            ("path", Node::text(&upload.path)),
            ("action", Node::text("put/write")),
            ("ask_about_overwrites", Node::Boolean(self.tree.find(&upload.path).is_some())),
            ("http_method", Node::text(method)),
            ("upload_uri", Node::text(url)),
            ("partsize", Node::Integer(self.settings.part_size)),
            ("part_number", Node::Integer(u64::from(part))),
            ("available_parts", Node::Integer(u64::from(self.settings.available_parts))),
            ("send", self.send()),
            ("headers", Node::Map(Vec::new())),
            ("parameters", fields(parameters)),
        ])
    }

    fn send(&self) -> Node {
        let length = match self.settings.part_length {
            PartLength::Parameter => Some("required-parameter Content-Length"),
            PartLength::Header => Some("required-header Content-Length"),
            PartLength::Unsaid => None,
        };
        match self.settings.upload_form {
            UploadForm::Body => {
                let length = length.map(|length| ("partsize".into(), Node::text(length)));
                Node::Map(length.into_iter().chain([("partdata".into(), Node::text("body"))]).collect())
            }
            UploadForm::FormPart => Node::map([("partdata", Node::text("required-parameter file"))]),
            UploadForm::FormFile => Node::map([("file", Node::text("required-parameter file"))]),
        }
    }
}

fn unassembled(error: AssembleError) -> ApiError {
    ApiError::invalid(match error {
        AssembleError::NoParts => "No part was uploaded".to_owned(),
        AssembleError::Gap(part) => format!("Part {part} is missing"),
        AssembleError::TooSmall(part) => format!("Part {part} is smaller than the minimum"),
        AssembleError::TooLarge(part) => format!("Part {part} is larger than the maximum"),
    })
}
