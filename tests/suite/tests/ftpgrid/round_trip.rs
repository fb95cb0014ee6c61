//! Whatever the caller puts in arrives as it was, or is refused before anything is sent.

use ftpgrid::transfer::Source;
use ftpgrid::{AccessRights, FtpAccountUpdate, NewFtpAccount};
use mft_tests::round_trip::{awkward, check, failed};
use mft_tests::support::AWKWARD;
use mft_tests::{Ftpgrid, Provider, Tweaks};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::runtime::Runtime;

/// The path that a text names below a directory, or `None` where it must be refused.
fn expected(text: &str) -> Option<String> {
    let segments: Vec<_> = text.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    let refused = text.contains('\\') || text.chars().any(char::is_control) || segments.contains(&"..");
    let nameless = text.is_empty() || text.ends_with('/') || matches!(text.rsplit('/').next(), Some("."));
    (!refused && !nameless).then(|| format!("/rt/{}", segments.join("/")))
}

/// A form cannot say these.
fn says_another_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_uppercase();
    ["%22", "%0D", "%0A"].iter().any(|escape| name.contains(escape))
}

async fn travels(provider: &Ftpgrid, text: &str) -> Result<(), TestCaseError> {
    let (client, state) = (provider.client(Tweaks::default()), provider.simulator.state());
    let (storage, given, sent) = (client.storage(), format!("rt//{text}"), provider.journal().len());
    let uploaded = storage.upload(&given, Source::from("content")).await;
    let Some(path) = expected(text).filter(|path| !says_another_name(path)) else {
        // A text that ends in a slash or a dot names no file; the rest could be read as another path.
        let Err(refused) = uploaded else {
            return Err(TestCaseError::fail(format!("{text:?} went through")));
        };
        prop_assert!(refused.is_invalid_input(), "{:?}: {}", text, refused);
        prop_assert_eq!(provider.journal().len(), sent, "something was sent for {:?}", text);
        return Ok(());
    };
    uploaded.map_err(|error| failed(&error))?;
    prop_assert_eq!(
        state.file_paths().into_iter().filter(|path| path.starts_with("/rt/")).collect::<Vec<_>>(),
        [path.as_str()]
    );
    let (directory, name) = path.rsplit_once('/').expect("it has a slash");
    let found = storage.find_file(&given).await.map_err(|error| failed(&error))?;
    prop_assert_eq!(found.map(|file| (file.name, file.size)), Some((name.to_owned(), 7)));
    let listed = storage.list_tree("/rt").try_collect_vec().await.map_err(|error| failed(&error))?;
    prop_assert!(listed.iter().any(|entry| entry.path == path && !entry.is_dir));
    let single = storage.download(&given).stream().await.map_err(|error| failed(&error))?;
    // The name is for people, and may have lost what a terminal would stumble over.
    prop_assert!(!single.file().name.contains(['/', '\\']), "{:?}", single.file().name);
    for download in [storage.download(&given), storage.download_many([&given])] {
        prop_assert_eq!(download.bytes(100).await.map_err(|error| failed(&error))?, "content");
    }
    let moved = format!("{directory}/moved {name}");
    storage.move_to(&given, &moved).await.map_err(|error| failed(&error))?;
    storage.rename(&moved, name).await.map_err(|error| failed(&error))?;
    prop_assert!(state.file(&path).is_some());
    storage.delete_many([&given]).await.map_err(|error| failed(&error))?;
    prop_assert!(state.file(&path).is_none());
    storage.delete("/rt").await.map_err(|error| failed(&error))
}

#[test]
fn paths_travel_as_they_are_or_not_at_all() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Ftpgrid::start());
    let all = AWKWARD.iter().copied();
    for text in all.chain(["a\"b", "a%22b", "%0d", "ends in %0A", "a\r\nb", "\t", "a\0b", "...", "a/./b", "a;b=c&d#e"])
    {
        runtime.block_on(travels(&provider, text)).unwrap_or_else(|failure| panic!("{text:?}: {failure}"));
    }
    check(64, &awkward(), |text| runtime.block_on(travels(&provider, &text)));
}

#[test]
fn texts_of_accounts_arrive_and_come_back_as_they_were() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Ftpgrid::start());
    let client = provider.client(Tweaks::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![awkward(), any::<String>()];
    check(48, &(texts, "\\PC{1,20}"), |(text, password)| {
        runtime.block_on(async {
            let accounts = client.ftp_accounts();
            let new = NewFtpAccount::new(format!("u{text}"), AccessRights::ReadOnly, "/rt");
            let new = new.password(password.as_str()).description(&text);
            let made = accounts.create(new).await.map_err(|error| failed(&error))?;
            let made = made.into_account().expect("the documented reply");
            let id = i64::try_from(made.id.get()).expect("a small id");
            let stored = state.account(id).expect("it was stored");
            prop_assert_eq!(&stored.username, &format!("u{text}"));
            prop_assert_eq!(stored.password.as_ref(), Some(&password));
            let update = FtpAccountUpdate::new().description(format!("{text}{text}"));
            let changed = accounts.update_and_fetch(made.id, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.description.unwrap_or_default(), format!("{text}{text}"));
            accounts.delete(made.id).await.map_err(|error| failed(&error))
        })
    });
}
