//! Input arrives unchanged in both formats, or it is rejected before any request is sent.

use brickftp::transfer::Source;
use brickftp::{Client, Destination, NewGroup, NewUser, UserUpdate};
use mft_tests::round_trip::EDGE_CASES;
use mft_tests::round_trip::{check, edge_case, failed};
use mft_tests::{Brickftp, ClientOptions, Provider};
use proptest::prelude::*;
use tokio::runtime::Runtime;

/// Returns the path at the service. One leading slash is ignored.
fn normalized(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

/// Returns whether a path must be rejected because the service would resolve it to another path.
fn is_invalid_path(path: &str) -> bool {
    normalized(path).split('/').any(|name| matches!(name, "" | "." | "..") || name.contains(char::is_control))
}

async fn round_trip(site: &Client, path: &str, content: &[u8]) -> brickftp::Result<()> {
    let (folder, name) = normalized(path).rsplit_once('/').unwrap_or(("", normalized(path)));
    let uploaded = site.files().upload(path, Source::bytes(content.to_vec())).await?;
    assert_eq!(uploaded.path, normalized(path));
    let entries = site.folders().list(folder).try_collect_vec().await?;
    assert_eq!(entries.iter().filter(|file| file.path == normalized(path)).count(), 1, "{entries:?}");
    let stat = site.files().stat(path).await?;
    assert_eq!((stat.path.as_str(), stat.name(), stat.size), (normalized(path), name, Some(content.len() as u64)));
    assert_eq!(site.files().download(path).bytes(1 << 20).await?, content);
    let copy = format!("{path}.copy");
    site.files().copy(path, Destination::new(&copy)).await?;
    site.files().rename(path, Destination::new(format!("{path}.json"))).await?;
    site.files().delete(&copy).await?;
    assert!(site.files().stat(path).await.is_err_and(|error| error.is_not_found()), "it was moved");
    site.files().stat(&format!("{path}.json")).await.map(|_| ())
}

fn check_paths<const XML: bool>() {
    let runtime = Runtime::new().unwrap();
    let site: Brickftp<XML> = runtime.block_on(Brickftp::start());
    let client = site.client(ClientOptions::default());
    let state = site.simulator.state();
    let check_path = |path: String| {
        let requests_before = site.journal().len();
        let result = runtime.block_on(round_trip(&client, &path, b"hello"));
        if is_invalid_path(&path) {
            let error = result.expect_err("refused");
            prop_assert!(error.is_invalid_input(), "{:?}: {}", path, error);
            prop_assert_eq!(site.journal().len(), requests_before, "a request was sent for {:?}", path);
            return Ok(());
        }
        result.map_err(|error| TestCaseError::fail(format!("{path:?}: {error}")))?;
        // The folder and its parents, and nothing else.
        let renamed = format!("{}.json", normalized(&path));
        prop_assert_eq!(state.file_paths(), [renamed.as_str()]);
        for entry in state.entries() {
            prop_assert!(renamed.starts_with(&entry.path), "{:?} created {:?}", path, entry.path);
        }
        let (root, _) = renamed.split_once('/').unwrap_or((&renamed, ""));
        prop_assert!(state.remove_entry(root));
        Ok(())
    };
    let paths =
        ["/a/b", "a.json", "a.xml/b.json", "count", "a/%2f/b", "a\r\nb", "a\0b", "", "/", "//", "./a", "a/..", "..."];
    for path in EDGE_CASES.iter().copied().chain(paths) {
        check_path(path.to_owned()).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }
    check(40, &edge_case(), check_path);
    check(40, &(edge_case(), edge_case()), |(folder, name)| check_path(format!("{folder}/{name}")));
}

#[test]
fn paths_round_trip_in_json() {
    check_paths::<false>();
}

#[test]
fn paths_round_trip_in_xml() {
    check_paths::<true>();
}

/// Returns whether XML 1.0 can represent the text.
fn is_valid_xml_text(text: &str) -> bool {
    !text.contains(|character| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
}

fn check_texts<const XML: bool>() {
    let runtime = Runtime::new().unwrap();
    let site: Brickftp<XML> = runtime.block_on(Brickftp::start());
    let client = site.client(ClientOptions::default());
    let state = site.simulator.state();
    let texts = prop_oneof![edge_case(), any::<String>(), "[ \\t\\n]{0,3}\\PC{0,4}[ \\t\\n]{0,3}"];
    check(60, &(texts.boxed(), "[A-Z][a-z][0-9]\\PC{7,20}"), |(text, password)| {
        runtime.block_on(async {
            let new = NewUser::new("made").notes(&text).password(password.as_str());
            let requests_before = site.journal().len();
            let user = match client.users().create(new).await {
                Ok(user) => user,
                Err(error) => {
                    prop_assert!(XML && !is_valid_xml_text(&text) && error.is_invalid_input(), "{:?}: {}", text, error);
                    prop_assert_eq!(site.journal().len(), requests_before, "a request was sent for {:?}", text);
                    return Ok(());
                }
            };
            prop_assert_eq!(user.notes.as_ref(), Some(&text));
            let stored = state.user(user.id.get()).expect("a stored object");
            prop_assert_eq!((stored.notes.as_ref(), &stored.password), (Some(&text), &password));
            let twice = format!("{text}{text}");
            client.users().update(user.id, UserUpdate::new().notes(&twice)).await.map_err(|error| failed(&error))?;
            let notes = client.users().get(user.id).await.map_err(|error| failed(&error))?.notes;
            prop_assert_eq!(notes, Some(twice));
            let group = client.groups().create(NewGroup::new("group").notes(&text)).await;
            let group = group.map_err(|error| failed(&error))?;
            prop_assert_eq!(group.notes, Some(text));
            client.groups().delete(group.id).await.map_err(|error| failed(&error))?;
            client.users().delete(user.id).await.map_err(|error| failed(&error))?;
            Ok(())
        })
    });
}

#[test]
fn body_text_round_trips_in_json() {
    check_texts::<false>();
}

#[test]
fn body_text_round_trips_in_xml() {
    check_texts::<true>();
}

#[test]
fn find_works_with_edge_case_names() {
    let runtime = Runtime::new().unwrap();
    let site: Brickftp = runtime.block_on(Brickftp::start());
    let client = site.client(ClientOptions::default());
    let state = site.simulator.state();
    check(48, &edge_case(), |name| {
        let user = state.add_user(|user| user.username.clone_from(&name));
        let fetched = runtime.block_on(client.users().find(&name).into_future());
        state.remove_user(user.id);
        match fetched {
            Ok(fetched) => prop_assert_eq!(fetched.map(|user| user.id.get()), Some(user.id), "{:?}", name),
            Err(error) => {
                prop_assert!(error.is_invalid_input() && name.trim().is_empty(), "{:?}: {}", name, error);
            }
        }
        Ok(())
    });
}
