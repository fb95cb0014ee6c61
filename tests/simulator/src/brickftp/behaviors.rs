use serde_json::Value;

use super::call::{Call, Output};
use super::document::Node;
use super::input::Input;
use super::objects::Behavior;
use super::refusal::{Answer, Refusal};
use super::store::Store;
use super::tree::{clean, is_within};

const KINDS: &[&str] = &["webhook", "file_expiration", "auto_encrypt", "lock_subfolders"];

impl Store {
    pub(super) fn list_behaviors(&self) -> Output {
        Output::list("behaviors", "behavior", self.behaviors.values().map(behavior_node))
    }

    /// Those of the folder itself, and on demand those that it inherits.
    pub(super) fn list_folder_behaviors(&self, call: &Call<'_>) -> Answer<Output> {
        let path = call.path();
        let inherited = matches!(call.query("recursive"), Some("1" | "true"));
        let here = |behavior: &&Behavior| behavior.path == path || (inherited && is_within(&path, &behavior.path));
        let behaviors: Vec<_> = self.behaviors.values().filter(here).collect();
        if behaviors.is_empty() && self.tree.find(&path).is_none_or(|node| node.file().is_some()) {
            return Err(Refusal::not_found());
        }
        Ok(Output::list("behaviors", "behavior", behaviors.into_iter().map(behavior_node)))
    }

    pub(super) fn get_behavior(&self, id: u64) -> Answer<Output> {
        let behavior = self.behaviors.get(&id).ok_or_else(Refusal::not_found)?;
        Ok(Output::ok("behavior", behavior_node(behavior)))
    }

    pub(super) fn create_behavior(&mut self, call: &Call<'_>) -> Answer<Output> {
        let path = call.input.short_text("path", 5000)?.ok_or_else(|| Refusal::invalid("path can't be blank"))?;
        let kind = call.input.word("behavior", KINDS)?.ok_or_else(|| Refusal::invalid("behavior can't be blank"))?;
        let value = value(&call.input).ok_or_else(|| Refusal::invalid("value can't be blank"))?;
        let behavior = Behavior { id: self.next_id("behavior"), path: clean(&path), behavior: kind, value };
        let node = behavior_node(&behavior);
        self.behaviors.insert(behavior.id, behavior);
        Ok(Output::created("behavior", node))
    }

    pub(super) fn new_behavior(&mut self) -> Behavior {
        let value = Value::Array(vec!["https://hook.example/".into()]);
        Behavior { id: self.next_id("behavior"), path: String::new(), behavior: "webhook".into(), value }
    }

    pub(super) fn update_behavior(&mut self, call: &Call<'_>) -> Answer<Output> {
        let id = call.id("behavior_id")?;
        let mut behavior = self.behaviors.get(&id).cloned().ok_or_else(Refusal::not_found)?;
        if let Some(path) = call.input.short_text("path", 5000)? {
            behavior.path = clean(&path);
        }
        if let Some(kind) = call.input.word("behavior", KINDS)? {
            behavior.behavior = kind;
        }
        if call.input.has("value") {
            behavior.value = value(&call.input).ok_or_else(|| Refusal::invalid("value can't be blank"))?;
        }
        self.behaviors.insert(id, behavior);
        self.get_behavior(id)
    }

    pub(super) fn delete_behavior(&mut self, id: u64) -> Answer<Output> {
        self.behaviors.remove(&id).map(|_| Output::nothing()).ok_or_else(Refusal::not_found)
    }

    pub(super) fn are_subfolders_locked(&self, path: &str) -> bool {
        self.behaviors.values().any(|behavior| behavior.behavior == "lock_subfolders" && behavior.path == path)
    }
}

/// XML cannot tell a list of one value from an object that has only `value`.
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
