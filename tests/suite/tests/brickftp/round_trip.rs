//! Whatever the caller puts in arrives as it was, in both formats, or is refused before anything is sent.

use brickftp::transfer::Source;
use brickftp::{Client, ListFolder, NewGroup, NewUser, UserUpdate};
use mft_tests::round_trip::{awkward, check, failed};
use mft_tests::support::AWKWARD;
use mft_tests::{Brickftp, Provider, Tweaks};
use proptest::prelude::*;
use tokio::runtime::Runtime;

/// What the caller's path is at the service: one slash at its front is a habit and no part of it.
fn meant(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

/// Whether a path has to be refused: the service would take it for another one.
fn is_no_path(path: &str) -> bool {
    meant(path).split('/').any(|name| matches!(name, "" | "." | "..") || name.contains(char::is_control))
}

async fn there_and_back(site: &Client, path: &str, content: &[u8]) -> brickftp::Result<()> {
    let (folder, name) = meant(path).rsplit_once('/').unwrap_or(("", meant(path)));
    let uploaded = site.files().upload(path, Source::bytes(content.to_vec())).await?;
    assert_eq!(uploaded.path, meant(path));
    let listed = site.folders().list(folder, ListFolder::new()).try_collect_vec().await?;
    assert_eq!(listed.iter().filter(|file| file.path == meant(path)).count(), 1, "{listed:?}");
    let stat = site.files().stat(path).await?;
    assert_eq!((stat.path.as_str(), stat.name(), stat.size), (meant(path), name, Some(content.len() as u64)));
    assert_eq!(site.files().download(path).bytes(1 << 20).await?, content);
    let copy = format!("{path}.copy");
    site.files().copy(path, &copy).await?;
    site.files().rename(path, &format!("{path}.json")).await?;
    site.files().delete(&copy).await?;
    assert!(site.files().stat(path).await.is_err_and(|error| error.is_not_found()), "it was moved");
    site.files().stat(&format!("{path}.json")).await.map(|_| ())
}

fn paths_arrive<const XML: bool>() {
    let runtime = Runtime::new().unwrap();
    let site: Brickftp<XML> = runtime.block_on(Brickftp::start());
    let client = site.client(Tweaks::default());
    let state = site.simulator.state();
    let look = |path: String| {
        let sent = site.journal().len();
        let result = runtime.block_on(there_and_back(&client, &path, b"hello"));
        if is_no_path(&path) {
            let error = result.expect_err("refused");
            prop_assert!(error.is_invalid_input(), "{:?}: {}", path, error);
            prop_assert_eq!(site.journal().len(), sent, "something was sent for {:?}", path);
            return Ok(());
        }
        result.map_err(|error| TestCaseError::fail(format!("{path:?}: {error}")))?;
        // The folder and all on the way, and nothing else.
        let moved = format!("{}.json", meant(&path));
        prop_assert_eq!(state.file_paths(), [moved.as_str()]);
        for entry in state.entries() {
            prop_assert!(moved.starts_with(&entry.path), "{:?} has made {:?}", path, entry.path);
        }
        let (root, _) = moved.split_once('/').unwrap_or((&moved, ""));
        prop_assert!(state.remove_entry(root));
        Ok(())
    };
    let whole =
        ["/a/b", "a.json", "a.xml/b.json", "count", "a/%2f/b", "a\r\nb", "a\0b", "", "/", "//", "./a", "a/..", "..."];
    for path in AWKWARD.iter().copied().chain(whole) {
        look(path.to_owned()).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    }
    check(40, &awkward(), look);
    check(40, &(awkward(), awkward()), |(folder, name)| look(format!("{folder}/{name}")));
}

#[test]
fn paths_arrive_with_every_character_in_json() {
    paths_arrive::<false>();
}

#[test]
fn paths_arrive_with_every_character_in_xml() {
    paths_arrive::<true>();
}

/// What XML 1.0 has no way to say.
fn is_speakable(text: &str) -> bool {
    !text.contains(|character| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}'))
}

fn texts_arrive<const XML: bool>() {
    let runtime = Runtime::new().unwrap();
    let site: Brickftp<XML> = runtime.block_on(Brickftp::start());
    let client = site.client(Tweaks::default());
    let state = site.simulator.state();
    let texts = prop_oneof![awkward(), any::<String>(), "[ \\t\\n]{0,3}\\PC{0,4}[ \\t\\n]{0,3}"];
    check(60, &(texts.boxed(), "[A-Z][a-z][0-9]\\PC{7,20}"), |(text, password)| {
        runtime.block_on(async {
            let new = NewUser::new("made").notes(&text).password(password.as_str());
            let sent = site.journal().len();
            let made = match client.users().create(new).await {
                Ok(made) => made,
                Err(error) => {
                    prop_assert!(XML && !is_speakable(&text) && error.is_invalid_input(), "{:?}: {}", text, error);
                    prop_assert_eq!(site.journal().len(), sent, "something was sent for {:?}", text);
                    return Ok(());
                }
            };
            prop_assert_eq!(made.notes.as_ref(), Some(&text));
            let stored = state.user(made.id.get()).expect("it was stored");
            prop_assert_eq!((stored.notes.as_ref(), &stored.password), (Some(&text), &password));
            let twice = format!("{text}{text}");
            client.users().update(made.id, UserUpdate::new().notes(&twice)).await.map_err(|error| failed(&error))?;
            let notes = client.users().get(made.id).await.map_err(|error| failed(&error))?.notes;
            prop_assert_eq!(notes, Some(twice));
            let group = client.groups().create(NewGroup::new("group").notes(&text)).await;
            let group = group.map_err(|error| failed(&error))?;
            prop_assert_eq!(group.notes, Some(text));
            client.groups().delete(group.id).await.map_err(|error| failed(&error))?;
            client.users().delete(made.id).await.map_err(|error| failed(&error))?;
            Ok(())
        })
    });
}

#[test]
fn texts_in_bodies_arrive_and_come_back_as_they_were_in_json() {
    texts_arrive::<false>();
}

#[test]
fn texts_in_bodies_arrive_and_come_back_as_they_were_in_xml() {
    texts_arrive::<true>();
}

#[test]
fn names_are_found_with_every_character() {
    let runtime = Runtime::new().unwrap();
    let site: Brickftp = runtime.block_on(Brickftp::start());
    let client = site.client(Tweaks::default());
    let state = site.simulator.state();
    check(48, &awkward(), |name| {
        let made = state.add_user(|user| user.username.clone_from(&name));
        let found = runtime.block_on(client.users().find(&name).into_future());
        state.remove_user(made.id);
        match found {
            Ok(found) => prop_assert_eq!(found.map(|user| user.id.get()), Some(made.id), "{:?}", name),
            Err(refused) => {
                prop_assert!(refused.is_invalid_input() && name.trim().is_empty(), "{:?}: {}", name, refused);
            }
        }
        Ok(())
    });
}
