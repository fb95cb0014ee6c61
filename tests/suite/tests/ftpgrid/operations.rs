//! All operations of ftpGrid, and the operation table of the README.

use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessRights, Destination, FtpAccountUpdate, MkdirBody, NewFtpAccount, NewName, Protocol, ServedKind, Sha256Sum,
};
use mft_simulator::ftpgrid::{Paths, Simulator};
use mft_tests::operation_table::{self, OperationTable};
use mft_tests::{ClientOptions, Ftpgrid, Provider};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";

/// Runs all sixteen operations in dependency order.
async fn run_all(provider: &Ftpgrid) -> ftpgrid::Result<()> {
    let client = provider.client(ClientOptions::default());
    let (accounts, storage, state) = (client.ftp_accounts(), client.storage(), provider.simulator.state());
    let token = client.auth().token().await?;
    assert_eq!(token.expose().split('.').count(), 3);

    let new = NewFtpAccount::new("dock-cam-7", AccessRights::ReadWrite, "/cams/7")
        .password("Zq7-example-Pw-0001")
        .description("Dock camera");
    let account = accounts.create(new).await?.into_account().expect("the documented response");
    assert_eq!((account.username.as_str(), account.enabled), ("dock-cam-7", true));
    assert_eq!(accounts.list().try_collect_vec().await?.len(), 3);
    let update = FtpAccountUpdate::new().access_rights(AccessRights::ReadOnly).public_key(KEY).enabled(false);
    accounts.update(account.id, update.clear_description()).await?;
    let fetched = accounts.get(account.id).await?;
    assert_eq!((&fetched.access_rights, fetched.rsa_key.as_deref()), (&AccessRights::ReadOnly, Some(KEY)));
    let stored = state.account(i64::try_from(account.id.get()).expect("a small id")).expect("an account");
    assert_eq!((stored.enabled, stored.password.as_deref()), (false, Some("Zq7-example-Pw-0001")));
    accounts.delete(account.id).await?;

    storage.mkdir("/made/empty").await?;
    storage.upload("/made/in/a b.txt", Source::bytes("a and b")).await?;
    storage.upload_many([("made/c.csv", Source::bytes("c")), ("/made/d", Source::bytes("dd"))]).await?;
    let directories: Vec<_> =
        storage.list_dirs("/made").try_collect_vec().await?.into_iter().map(|one| one.path).collect();
    assert_eq!(directories, ["/made/empty", "/made/in"]);
    let files: Vec<_> =
        storage.list_files("/made/").try_collect_vec().await?.into_iter().map(|one| (one.name, one.size)).collect();
    assert_eq!(files, [("c.csv".to_owned(), 1), ("d".to_owned(), 2)]);
    let tree = storage.list_tree("/made").try_collect_vec().await?;
    let file = tree.iter().find(|entry| entry.path == "/made/in/a b.txt").expect("the tree has the file");
    assert_eq!((file.size, file.is_dir, file.protocol.as_ref()), (7, false, Some(&Protocol::Api)));
    let sum = state.file("/made/in/a b.txt").and_then(|file| file.sha256).map(Sha256Sum::from);
    assert_eq!((file.checksum.is_some(), &file.checksum), (true, &sum));

    storage.move_to("/made/c.csv", Destination::new("/made/empty/c.csv")).await?;
    storage.rename("/made/d", NewName::new("e e")).await?;
    assert_eq!(storage.download("/made/e e").bytes(100).await?, "dd");
    let prepared = storage.prepare_download(["/made/empty/c.csv", "/made/e e"]).await?;
    let stream = storage.download_prepared(&prepared).stream().await?;
    assert_eq!((stream.file().kind, stream.file().name.as_str()), (ServedKind::Zip, "ftpgrid_download.zip"));
    drop(stream);
    storage.delete_many(["/made", "/never/there"]).await
}

#[tokio::test]
async fn all_operations_work_with_every_path_and_response_variant() {
    for builder in [
        Simulator::builder(),
        Simulator::builder().created_status().chunked_downloads().extended_file_names(),
        Simulator::builder().account_list_paths(Paths::Reference).delete_paths(Paths::Reference),
        Simulator::builder().account_list_paths(Paths::Introduction).delete_paths(Paths::Introduction),
        Simulator::builder().expiry_claim().hide_implied_directories().single_use_download_ids(),
    ] {
        let provider = Ftpgrid::start_with(builder).await;
        let before = provider.snapshot();
        run_all(&provider).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(provider.snapshot(), before, "the run left objects behind");
        assert!(provider.journal().iter().all(|exchange| exchange.fault.is_none()));
    }
}

#[tokio::test]
async fn mkdir_works_with_every_body_shape() {
    let provider = Ftpgrid::start().await;
    for shape in [MkdirBody::Params, MkdirBody::Filelist, MkdirBody::Dirlist] {
        let client = provider.builder(ClientOptions::default()).mkdir_body(shape).build().unwrap();
        client.storage().mkdir(&format!("/{shape:?}/a")).await.unwrap();
        assert!(provider.simulator.state().directories().contains(&format!("/{shape:?}/a")));
    }
}

#[tokio::test]
async fn operation_table_matches_journal_and_simulator() {
    let mut operations = std::collections::BTreeSet::new();
    for paths in [Paths::Both, Paths::Reference] {
        let builder = Simulator::builder().account_list_paths(paths).delete_paths(paths);
        let provider = Ftpgrid::start_with(builder).await;
        run_all(&provider).await.unwrap();
        let mut journal = provider.journal();
        let failed = journal.iter().filter(|exchange| !exchange.succeeded()).count();
        assert_eq!(failed, if paths == Paths::Both { 0 } else { 2 }, "a missing path costs one request");
        journal.retain(|exchange| exchange.operation.is_some());
        operations.extend(operation_table::journal_operations(&journal, ""));
    }
    let expected = operation_table::simulator_operations(Simulator::operations(), "");
    assert_eq!(operations, expected, "runs and simulator");
    assert_eq!(OperationTable::of("ftpgrid", 18, 1).operations(), expected, "table and simulator");
}

#[test]
fn table_rows_name_existing_functions_and_tests() {
    OperationTable::of("ftpgrid", 18, 1).assert_functions_and_tests_exist();
}
