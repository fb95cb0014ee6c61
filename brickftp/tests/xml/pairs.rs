//! The JSON and the XML form of a value are equal.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use brickftp::xml;
use serde::Deserialize;
use serde_json::Value;

/// XML does not distinguish an empty map from an empty string.
fn without_empty_maps(value: Value) -> Value {
    match value {
        Value::Object(map) if map.is_empty() => Value::from(""),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, without_empty_maps(value))).collect(),
        Value::Array(items) => items.into_iter().map(without_empty_maps).collect(),
        value => value,
    }
}

fn pairs() -> BTreeMap<String, (Vec<u8>, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/xml_pairs");
    let mut pairs = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let xml = fs::read(path.with_extension("xml")).unwrap();
            pairs.insert(name, (fs::read(path).unwrap(), xml));
        }
    }
    pairs
}

#[test]
fn both_formats_of_a_thing_are_equal() {
    let pairs = pairs();
    assert!(pairs.len() >= 20, "{}", pairs.len());
    for (name, (json, document)) in pairs {
        let from_json: Value = serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        let from_xml: Value = xml::from_slice(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(without_empty_maps(from_json), from_xml, "{name}");
    }
}

#[test]
fn a_type_with_maps_is_equal_from_both_formats() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Upload {
        #[serde(rename = "ref")]
        reference: String,
        #[serde(rename = "upload_uri")]
        uri: String,
        partsize: Option<u64>,
        ask_about_overwrites: Option<bool>,
        #[serde(default)]
        send: BTreeMap<String, String>,
        headers: BTreeMap<String, String>,
        parameters: BTreeMap<String, String>,
    }
    let pairs = pairs();
    for name in ["upload", "upload_with_raw_ampersands"] {
        let (json, document) = &pairs[name];
        let from_json: Upload = serde_json::from_slice(json).unwrap();
        assert_eq!(xml::from_slice::<Upload>(document).unwrap(), from_json);
    }
}

#[test]
fn truncated_documents_are_errors() {
    for (name, (_, document)) in pairs() {
        let complete = document.trim_ascii_end();
        for length in 0..complete.len() {
            let error = xml::from_slice::<Value>(&complete[..length]).expect_err(&name);
            let expected = [xml::Class::Truncated, xml::Class::Empty];
            assert!(expected.contains(&error.class()), "{name} cut at {length}: {error}");
        }
    }
}
