//! The three list handlers: two read the storage, one reads the metadata.

use http::StatusCode;
use serde_json::{Value, json};

use crate::ftpgrid::input::{ApiError, ApiResult, Input};
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::path::{ROOT, name, normalize, parent};
use crate::ftpgrid::storage::tree::TreeNode;
use crate::server::{ApiRequest, Response};

impl Store {
    pub(crate) fn list_tree(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let path = requested_path(input)?;
        let moment = self.moment(request.now_ms);
        let rows = self.metadata.list(&path, &self.settings, moment);
        self.list_response(!rows.is_empty(), rows)
    }

    pub(crate) fn list_dirs(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let path = requested_path(input)?;
        let below = self.tree.below(&path).filter(|(_, node)| matches!(node, TreeNode::Directory));
        let list = below.map(|(path, _)| json!({ "name": name(path), "path": path, "type": "directory" })).collect();
        self.list_response(self.tree.is_directory(&path), list)
    }

    pub(crate) fn list_files(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let directory = requested_path(input)?;
        let files = self.tree.below(&directory).filter_map(|(path, node)| match node {
            TreeNode::File(file) if parent(path) == directory => Some(json!({
                "name": name(path),
                "size": file.piece.length,
                "type": "file",
                "lastModified": file.modified_ms,
            })),
            _ => None,
        });
        self.list_response(self.tree.is_directory(&directory), files.collect())
    }

    fn list_response(&self, exists: bool, list: Vec<Value>) -> ApiResult<Response> {
        if !exists && self.settings.refuses_missing {
            return Err(ApiError::not_found("No such directory"));
        }
        Ok(Response::json(StatusCode::OK, &Value::Array(list)))
    }
}

fn requested_path(input: &Input) -> ApiResult<String> {
    normalize(input.text("Params")?.filter(|path| !path.is_empty()).unwrap_or(ROOT))
}
