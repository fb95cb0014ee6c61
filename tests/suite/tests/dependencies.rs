//! Dependency rules of the workspace.

use std::process::Command;

use serde_json::Value;

fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let arguments = ["metadata", "--format-version", "1", "--offline", "--no-deps", "--manifest-path", manifest];
    let output = Command::new(cargo).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

/// Returns the workspace crates that a package depends on: `(name, kind, requirement)`.
fn own<'p>(package: &'p Value, all: &[Value]) -> Vec<(&'p str, &'p str, &'p str)> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    let own = dependencies.filter(|dependency| all.iter().any(|other| name(other) == name(dependency)));
    own.map(|dependency| {
        (name(dependency), dependency["kind"].as_str().unwrap_or("normal"), dependency["req"].as_str().unwrap())
    })
    .collect()
}

#[test]
fn clients_depend_only_on_common_and_the_simulator_on_no_workspace_crate() {
    let all = packages();
    let published: Vec<_> = all.iter().filter(|package| package["publish"].is_null()).collect();
    assert_eq!(published.len(), 7, "five clients, mft-common and mft-simulator");
    for package in published {
        for (dependency, kind, requirement) in own(package, &all) {
            let place = format!("{} -> {dependency} ({kind})", name(package));
            match kind {
                // A version of a crate that is not yet published would make packaging impossible.
                "dev" => assert_eq!(requirement, "*", "{place} has a version"),
                _ => assert_ne!(requirement, "*", "{place} has no version"),
            }
            assert_ne!(name(package), "mft-simulator", "{place}: a mistake in shared code would pass every test");
            assert_ne!(name(package), "mft-common", "{place}");
            let of_tests = kind == "dev" && matches!(dependency, "mft-simulator" | "mft-test-support");
            assert!(dependency == "mft-common" || of_tests, "{place}");
        }
    }
}

#[test]
fn test_support_depends_on_no_client_and_no_simulator() {
    let all = packages();
    let shared = all.iter().find(|package| name(package) == "mft-test-support").expect("a member of the workspace");
    assert!(own(shared, &all).iter().all(|(dependency, ..)| *dependency == "mft-common"));
}

#[test]
fn internal_crates_cannot_be_published() {
    let all = packages();
    for unpublished in ["mft-tests", "mft-test-support", "mft-examples"] {
        let package = all.iter().find(|package| name(package) == unpublished);
        let publish = package.map(|package| package["publish"].clone());
        assert_eq!(publish, Some(Value::Array(Vec::new())), "{unpublished}");
    }
}
