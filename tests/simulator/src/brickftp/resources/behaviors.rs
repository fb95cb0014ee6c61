use serde_json::Value;

use crate::brickftp::request::input::Input;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::Behavior;
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::{clean, is_within};

const KINDS: &[&str] = &["webhook", "file_expiration", "auto_encrypt", "lock_subfolders"];

impl Store {
    pub(crate) fn list_behaviors(&self) -> SiteResponse {
        SiteResponse::list("behaviors", "behavior", self.behaviors.values().map(behavior_node))
    }

    /// Lists the behaviors of the folder itself, and optionally the inherited ones.
    pub(crate) fn list_folder_behaviors(&self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.path();
        let inherited = matches!(request.query("recursive"), Some("1" | "true"));
        let applies = |behavior: &&Behavior| behavior.path == path || (inherited && is_within(&path, &behavior.path));
        let behaviors: Vec<_> = self.behaviors.values().filter(applies).collect();
        if behaviors.is_empty() && self.tree.find(&path).is_none_or(|node| node.file().is_some()) {
            return Err(ApiError::record_not_found());
        }
        Ok(SiteResponse::list("behaviors", "behavior", behaviors.into_iter().map(behavior_node)))
    }

    pub(crate) fn get_behavior(&self, id: u64) -> ApiResult<SiteResponse> {
        let behavior = self.behaviors.get(&id).ok_or_else(ApiError::record_not_found)?;
        Ok(SiteResponse::ok("behavior", behavior_node(behavior)))
    }

    pub(crate) fn create_behavior(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.input.short_text("path", 5000)?.ok_or_else(|| ApiError::invalid("path can't be blank"))?;
        let kind =
            request.input.word("behavior", KINDS)?.ok_or_else(|| ApiError::invalid("behavior can't be blank"))?;
        let value = value(&request.input).ok_or_else(|| ApiError::invalid("value can't be blank"))?;
        let behavior = Behavior { id: self.next_id("behavior"), path: clean(&path), behavior: kind, value };
        let node = behavior_node(&behavior);
        self.behaviors.insert(behavior.id, behavior);
        Ok(SiteResponse::created("behavior", node))
    }

    pub(crate) fn new_behavior(&mut self) -> Behavior {
        let value = Value::Array(vec!["https://hook.example/".into()]);
        Behavior { id: self.next_id("behavior"), path: String::new(), behavior: "webhook".into(), value }
    }

    pub(crate) fn update_behavior(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let id = request.id("behavior_id")?;
        let mut behavior = self.behaviors.get(&id).cloned().ok_or_else(ApiError::record_not_found)?;
        if let Some(path) = request.input.short_text("path", 5000)? {
            behavior.path = clean(&path);
        }
        if let Some(kind) = request.input.word("behavior", KINDS)? {
            behavior.behavior = kind;
        }
        if request.input.has("value") {
            behavior.value = value(&request.input).ok_or_else(|| ApiError::invalid("value can't be blank"))?;
        }
        self.behaviors.insert(id, behavior);
        self.get_behavior(id)
    }

    pub(crate) fn delete_behavior(&mut self, id: u64) -> ApiResult<SiteResponse> {
        self.behaviors.remove(&id).map(|_| SiteResponse::nothing()).ok_or_else(ApiError::record_not_found)
    }

    pub(crate) fn are_subfolders_locked(&self, path: &str) -> bool {
        self.behaviors.values().any(|behavior| behavior.behavior == "lock_subfolders" && behavior.path == path)
    }
}

/// In XML, a list of one value looks like an object that has only `value`.
fn value(input: &Input) -> Option<Value> {
    match input.value("value")? {
        Value::Null => None,
        Value::Object(object) if object.len() == 1 && object.contains_key("value") => {
            Some(Value::Array(object.values().cloned().collect()))
        }
        Value::String(text) if text.is_empty() => Some(Value::Array(Vec::new())),
        value => Some(value.clone()),
    }
}

fn behavior_node(behavior: &Behavior) -> Node {
    Node::map([
        ("id", Node::Integer(behavior.id)),
        ("path", Node::text(&behavior.path)),
        ("behavior", Node::text(&behavior.behavior)),
        ("value", Node::from_json(&behavior.value, "value")),
    ])
}
