//! Input arrives unchanged, or it is rejected before any request is sent.

use ftpgrid::transfer::Source;
use ftpgrid::{AccessRights, Destination, FtpAccountUpdate, NewFtpAccount, NewName};
use mft_tests::round_trip::EDGE_CASES;
use mft_tests::round_trip::{check, edge_case, failed};
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::runtime::Runtime;

/// Returns the path of a text below a directory, or `None` if it must be rejected.
fn expected(text: &str) -> Option<String> {
    let segments: Vec<_> = text.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    let refused = text.contains('\\') || text.chars().any(char::is_control) || segments.contains(&"..");
    let nameless = text.is_empty() || text.ends_with('/') || matches!(text.rsplit('/').next(), Some("."));
    (!refused && !nameless).then(|| format!("/rt/{}", segments.join("/")))
}

/// Returns whether a form field would change the file name.
fn form_changes_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_uppercase();
    ["%22", "%0D", "%0A"].iter().any(|escape| name.contains(escape))
}

async fn check_path(provider: &Ftpgrid, text: &str) -> Result<(), TestCaseError> {
    let (client, state) = (provider.client(ClientOptions::default()), provider.simulator.state());
    let (storage, input, requests_before) = (client.storage(), format!("rt//{text}"), provider.journal().len());
    let uploaded = storage.upload(&input, Source::bytes("content")).await;
    let Some(path) = expected(text).filter(|path| !form_changes_name(path)) else {
        // A text that ends with a slash or a dot names no file. The others could be resolved to another path.
        let Err(refused) = uploaded else {
            return Err(TestCaseError::fail(format!("{text:?} was accepted")));
        };
        prop_assert!(refused.is_invalid_input(), "{:?}: {}", text, refused);
        prop_assert_eq!(provider.journal().len(), requests_before, "a request was sent for {:?}", text);
        return Ok(());
    };
    uploaded.map_err(|error| failed(&error))?;
    prop_assert_eq!(
        state.file_paths().into_iter().filter(|path| path.starts_with("/rt/")).collect::<Vec<_>>(),
        [path.as_str()]
    );
    let (directory, name) = path.rsplit_once('/').expect("a path with a slash");
    let file = storage.find_file(&input).await.map_err(|error| failed(&error))?;
    prop_assert_eq!(file.map(|file| (file.name, file.size)), Some((name.to_owned(), 7)));
    let tree = storage.list_tree("/rt").try_collect_vec().await.map_err(|error| failed(&error))?;
    prop_assert!(tree.iter().any(|entry| entry.path == path && !entry.is_dir));
    let single = storage.download(&input).stream().await.map_err(|error| failed(&error))?;
    // The name is for display, and may lack characters that are unsafe for terminals.
    prop_assert!(!single.file().name.contains(['/', '\\']), "{:?}", single.file().name);
    for download in [storage.download(&input), storage.download_many([&input])] {
        prop_assert_eq!(download.bytes(100).await.map_err(|error| failed(&error))?, "content");
    }
    let renamed = format!("{directory}/moved {name}");
    storage.move_to(&input, Destination::new(&renamed)).await.map_err(|error| failed(&error))?;
    storage.rename(&renamed, NewName::new(name)).await.map_err(|error| failed(&error))?;
    prop_assert!(state.file(&path).is_some());
    storage.delete_many([&input]).await.map_err(|error| failed(&error))?;
    prop_assert!(state.file(&path).is_none());
    storage.delete("/rt").await.map_err(|error| failed(&error))
}

#[test]
fn paths_round_trip_or_are_rejected() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Ftpgrid::start());
    let all = EDGE_CASES.iter().copied();
    for text in all.chain(["a\"b", "a%22b", "%0d", "ends in %0A", "a\r\nb", "\t", "a\0b", "...", "a/./b", "a;b=c&d#e"])
    {
        runtime.block_on(check_path(&provider, text)).unwrap_or_else(|failure| panic!("{text:?}: {failure}"));
    }
    check(64, &edge_case(), |text| runtime.block_on(check_path(&provider, &text)));
}

#[test]
fn account_text_round_trips() {
    let runtime = Runtime::new().unwrap();
    let provider = runtime.block_on(Ftpgrid::start());
    let client = provider.client(ClientOptions::default());
    let state = provider.simulator.state();
    let texts = prop_oneof![edge_case(), any::<String>()];
    check(48, &(texts, "\\PC{1,20}"), |(text, password)| {
        runtime.block_on(async {
            let accounts = client.ftp_accounts();
            let new = NewFtpAccount::new(format!("u{text}"), AccessRights::ReadOnly, "/rt");
            let new = new.password(password.as_str()).description(&text);
            let account = accounts.create(new).await.map_err(|error| failed(&error))?;
            let account = account.into_account().expect("the documented response");
            let id = i64::try_from(account.id.get()).expect("a small id");
            let stored = state.account(id).expect("a stored object");
            prop_assert_eq!(&stored.username, &format!("u{text}"));
            prop_assert_eq!(stored.password.as_ref(), Some(&password));
            let update = FtpAccountUpdate::new().description(format!("{text}{text}"));
            let changed = accounts.update_and_fetch(account.id, update).await.map_err(|error| failed(&error))?;
            prop_assert_eq!(changed.description.unwrap_or_default(), format!("{text}{text}"));
            accounts.delete(account.id).await.map_err(|error| failed(&error))
        })
    });
}
