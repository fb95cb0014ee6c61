//! Queries and form bodies: pairs, and nesting by brackets.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Decodes the pairs of a query or form.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.trim().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (plain(name), plain(value)))
        .collect()
}

fn plain(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Returns the value of the first pair with this name.
pub(crate) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Parses nesting: `a[b]=1` is an object in an object, `a[]=1` an item of a list.
pub(crate) fn tree(pairs: &[(String, String)]) -> Value {
    let mut root = Map::new();
    for (name, value) in pairs {
        let mut keys = name.split('[').map(|key| key.strip_suffix(']').unwrap_or(key));
        let first = keys.next().unwrap_or_default();
        let remaining: Vec<_> = keys.take(8).collect();
        insert(root.entry(first).or_insert(Value::Null), &remaining, value);
    }
    Value::Object(root)
}

fn insert(place: &mut Value, keys: &[&str], value: &str) {
    let Some((key, remaining)) = keys.split_first() else {
        *place = Value::from(value);
        return;
    };
    if key.is_empty() {
        if !place.is_array() {
            *place = Value::Array(Vec::new());
        }
        if let Value::Array(items) = place {
            let mut item = Value::Null;
            insert(&mut item, remaining, value);
            items.push(item);
        }
    } else {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        if let Value::Object(object) = place {
            insert(object.entry(*key).or_insert(Value::Null), remaining, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{pairs, tree};

    #[test]
    fn brackets_nest() {
        for (text, expected) in [
            ("action=put&ref=put-9", json!({ "action": "put", "ref": "put-9" })),
            ("user[name]=a+b&user%5Bid%5D=7", json!({ "user": { "name": "a b", "id": "7" } })),
            ("paths[]=a%2Fb&paths[]=c&&x", json!({ "paths": ["a/b", "c"], "x": "" })),
            ("a=1&a[b]=2&a[]=3", json!({ "a": ["3"] })),
        ] {
            assert_eq!(tree(&pairs(text)), expected, "{text}");
        }
    }
}
