//! The JSON and the XML form of a value decode to equal values.

mod support;

use std::collections::BTreeSet;
use std::fmt::Debug;

use brickftp::{
    ApiKey, Behavior, Bundle, BundleEntry, File, Format, Group, HistoryEvent, Membership, Notification, Permission,
    PublicKey, Session, UploadPart, User,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use support::fixture;

/// The envelope of counters.
#[derive(Debug, PartialEq, Deserialize)]
struct Counters<T> {
    data: T,
    r#type: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Count<T> {
    count: T,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Directly {
    files: u64,
    folders: u64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Size {
    size: Option<u64>,
}

fn agrees<T: DeserializeOwned + PartialEq + Debug>(name: &str) {
    let json: T = serde_json::from_str(&fixture(name, Format::Json)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let xml: T = brickftp::xml::from_slice(fixture(name, Format::Xml).as_bytes())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(json, xml, "{name}");
}

type Comparison = (&'static str, fn(&str));

const PAIRS: &[Comparison] = &[
    ("api_key", agrees::<ApiKey>),
    ("api_key_created", agrees::<ApiKey>),
    ("api_keys", agrees::<Vec<ApiKey>>),
    ("behavior", agrees::<Behavior>),
    ("behaviors", agrees::<Vec<Behavior>>),
    ("behaviors_of_folder", agrees::<Vec<Behavior>>),
    ("bundle", agrees::<Bundle>),
    ("bundle_contents", agrees::<Vec<BundleEntry>>),
    ("bundle_files", agrees::<Vec<BundleEntry>>),
    ("bundles", agrees::<Vec<Bundle>>),
    ("file", agrees::<File>),
    ("file_download", agrees::<File>),
    ("folder", agrees::<Vec<File>>),
    ("folders_count", agrees::<Counters<Count<u64>>>),
    ("folders_count_direct", agrees::<Counters<Count<Directly>>>),
    ("folders_size", agrees::<Counters<Size>>),
    ("group", agrees::<Group>),
    ("groups", agrees::<Vec<Group>>),
    ("history", agrees::<Vec<HistoryEvent>>),
    ("membership", agrees::<Membership>),
    ("notification_created", agrees::<Notification>),
    ("notifications", agrees::<Vec<Notification>>),
    ("permission", agrees::<Permission>),
    ("permissions", agrees::<Vec<Permission>>),
    ("public_key", agrees::<PublicKey>),
    ("public_keys", agrees::<Vec<PublicKey>>),
    ("session", agrees::<Session>),
    ("upload", agrees::<UploadPart>),
    ("user", agrees::<User>),
    ("users", agrees::<Vec<User>>),
    ("users_count", agrees::<Counters<Count<u64>>>),
];

#[test]
fn every_pair_of_fixtures_decodes_to_equal_values() {
    for (name, agrees) in PAIRS {
        agrees(name);
    }
}

#[test]
fn every_fixture_is_one_of_a_pair_that_is_compared() {
    let folder = format!("{}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let there: BTreeSet<String> = files
        .filter(|path| path.is_file())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("xml_"))
        .collect();
    let compared = PAIRS.iter().flat_map(|(name, _)| [format!("{name}.json"), format!("{name}.xml")]).collect();
    assert_eq!(there, compared);
}
