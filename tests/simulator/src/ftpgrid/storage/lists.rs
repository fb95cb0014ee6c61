//! The three lists: two of the storage itself, one of the metadata.

use http::StatusCode;
use serde_json::{Value, json};

use crate::ftpgrid::input::Input;
use crate::ftpgrid::refusal::{Answer, Refusal};
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::path::{ROOT, name, normalize, parent};
use crate::ftpgrid::storage::tree::Node;
use crate::server::Reply;

impl Store {
    pub(crate) fn list_tree(&mut self, input: &Input, now_ms: i64) -> Answer<Reply> {
        let path = asked(input)?;
        let moment = self.moment(now_ms);
        let rows = self.metadata.list(&path, &self.settings, moment);
        self.listed(!rows.is_empty(), rows)
    }

    pub(crate) fn list_dirs(&self, input: &Input) -> Answer<Reply> {
        let path = asked(input)?;
        let below = self.tree.below(&path).filter(|(_, node)| matches!(node, Node::Directory));
        let list = below.map(|(path, _)| json!({ "name": name(path), "path": path, "type": "directory" })).collect();
        self.listed(self.tree.is_directory(&path), list)
    }

    pub(crate) fn list_files(&self, input: &Input) -> Answer<Reply> {
        let directory = asked(input)?;
        let files = self.tree.below(&directory).filter_map(|(path, node)| match node {
            Node::File(file) if parent(path) == directory => Some(json!({
                "name": name(path),
                "size": file.piece.length,
                "type": "file",
                "lastModified": file.modified_ms,
            })),
            _ => None,
        });
        self.listed(self.tree.is_directory(&directory), files.collect())
    }

    fn listed(&self, exists: bool, list: Vec<Value>) -> Answer<Reply> {
        if !exists && self.settings.refuses_missing {
            return Err(Refusal::not_found("No such directory"));
        }
        Ok(Reply::json(StatusCode::OK, &Value::Array(list)))
    }
}

fn asked(input: &Input) -> Answer<String> {
    normalize(input.text("Params")?.filter(|path| !path.is_empty()).unwrap_or(ROOT))
}
