use serde_json::{Value, json};

/// A mutation of a correct response document.
#[derive(Clone, Debug)]
pub(crate) enum BodyMutation {
    ExtraKeys,
    UnknownEnums,
    NumbersAsStrings,
    Set(String, Value),
    Remove(String),
}

/// The keys of a service's documents that hold enum values and times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MutationTargets {
    pub(crate) enum_keys: &'static [&'static str],
    pub(crate) time_keys: &'static [&'static str],
}

pub(super) const UNKNOWN_WORD: &str = "not-yet-documented";

impl BodyMutation {
    pub(crate) fn apply(&self, body: &mut Value, targets: MutationTargets) {
        match self {
            Self::ExtraKeys => each_object(body, &mut |object| {
                object.insert("SimulatorExtra".into(), json!({ "Nested": [1, "two", null] }));
                object.insert("simulatorNull".into(), Value::Null);
            }),
            Self::UnknownEnums => each_object(body, &mut |object| {
                for key in targets.enum_keys {
                    match object.get_mut(*key) {
                        Some(Value::String(word)) => UNKNOWN_WORD.clone_into(word),
                        Some(Value::Array(list)) => list.push(UNKNOWN_WORD.into()),
                        _ => {}
                    }
                }
            }),
            Self::NumbersAsStrings => each_object(body, &mut |object| {
                for key in targets.time_keys {
                    if let Some(value) = object.get_mut(*key).filter(|value| value.is_number()) {
                        *value = Value::String(value.to_string());
                    }
                }
            }),
            Self::Set(key, value) => outermost_objects(body, |object| {
                object.insert(key.clone(), value.clone());
            }),
            Self::Remove(key) => outermost_objects(body, |object| {
                object.remove(key);
            }),
        }
    }
}

type JsonObject = serde_json::Map<String, Value>;

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut JsonObject)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|item| each_object(item, change)),
        Value::Object(object) => {
            object.values_mut().for_each(|item| each_object(item, change));
            change(object);
        }
        _ => {}
    }
}

fn outermost_objects(value: &mut Value, mut change: impl FnMut(&mut JsonObject)) {
    match value {
        Value::Array(list) => list.iter_mut().filter_map(Value::as_object_mut).for_each(change),
        Value::Object(object) => change(object),
        _ => {}
    }
}
