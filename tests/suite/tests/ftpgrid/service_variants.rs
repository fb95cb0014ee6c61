//! Service behavior that the documentation of ftpGrid leaves open or describes inconsistently. The client supports each
//! variant.

use std::time::Duration;

use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessRights, CreatedFtpAccount, ErrorKind, FtpAccountId, FtpAccountUpdate, NewFtpAccount, Outcome, ServedKind,
};
use mft_simulator::ftpgrid::{Batches, CreateResponse, ErrorBody, Lag, Paths, RelativeTarget, Simulator};
use mft_tests::{ClientOptions, Ftpgrid, Provider};

fn new_account() -> NewFtpAccount {
    NewFtpAccount::new("new", AccessRights::ReadWrite, "/new").password("Zq7-example-Pw-0001")
}

#[tokio::test]
async fn fallback_path_is_used_and_remembered() {
    for (paths, requests) in [(Paths::Both, [1, 1]), (Paths::Introduction, [1, 1]), (Paths::Reference, [2, 1])] {
        let builder = Simulator::builder().account_list_paths(paths).delete_paths(paths);
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(ClientOptions::default());
        for expected in requests {
            provider.simulator.clear_journal();
            assert_eq!(client.clone().ftp_accounts().list().try_collect_vec().await.unwrap().len(), 2);
            assert_eq!(provider.journal().len(), expected, "{paths:?}");
        }
        for expected in requests {
            provider.simulator.clear_journal();
            client.clone().storage().delete("/top.txt").await.unwrap();
            assert_eq!(provider.journal().len(), expected, "{paths:?}");
        }
        assert!(provider.simulator.state().file("/top.txt").is_none());
    }
}

#[tokio::test]
async fn create_returns_what_the_response_contains() {
    for (reply, returns_account) in [
        (CreateResponse::Account, Some(true)),
        (CreateResponse::Id, Some(false)),
        (CreateResponse::Acknowledgement, None),
    ] {
        for builder in [Simulator::builder(), Simulator::builder().created_status()] {
            let provider = Ftpgrid::start_with(builder.create_response(reply)).await;
            let created = provider.client(ClientOptions::default()).ftp_accounts().create(new_account()).await.unwrap();
            assert_eq!(
                created.id().map(|_| matches!(created, CreatedFtpAccount::Account(_))),
                returns_account,
                "{reply:?}"
            );
            let accounts = provider.simulator.state().accounts();
            let account = accounts.iter().find(|account| account.username == "new").expect("the account exists");
            assert!(created.id().is_none_or(|id| id.to_string() == account.id.to_string()));
            assert_eq!(provider.journal().len(), 1);
        }
    }
}

#[tokio::test]
async fn update_and_fetch_detects_a_missing_account() {
    let missing = FtpAccountId::new(999_999);
    let update = || FtpAccountUpdate::new().enabled(false);
    for (builder, acknowledged) in
        [(Simulator::builder(), false), (Simulator::builder().acknowledge_unknown_accounts(), true)]
    {
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(ClientOptions::default());
        assert_eq!(client.ftp_accounts().update(missing, update()).await.is_ok(), acknowledged);
        let error = client.ftp_accounts().update_and_fetch(missing, update()).await.unwrap_err();
        let outcome = if acknowledged { Outcome::Unknown } else { Outcome::NotDone };
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::NotFound, outcome), "{error}");
        assert!(client.ftp_accounts().get(missing).await.unwrap_err().is_not_found());
        assert!(client.ftp_accounts().delete(missing).await.unwrap_err().is_not_found());
    }
}

#[tokio::test]
async fn missing_directory_has_no_files() {
    for (builder, is_an_error) in
        [(Simulator::builder(), false), (Simulator::builder().missing_directory_is_an_error(), true)]
    {
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(ClientOptions::default());
        match client.storage().list_files("/not/there").try_collect_vec().await {
            Ok(files) => assert!(files.is_empty() && !is_an_error),
            Err(error) => assert!(error.is_not_found() && is_an_error, "{error}"),
        }
        assert_eq!(client.storage().find_file("/not/there/a").await.unwrap(), None);
        assert_eq!(client.storage().find_file("/inbox/nothing").await.unwrap(), None);
        assert!(client.storage().find_file("inbox/a b.txt").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn relative_move_target_is_unambiguous() {
    for target in [RelativeTarget::Root, RelativeTarget::SourceDirectory] {
        let provider = Ftpgrid::start_with(Simulator::builder().relative_target(target)).await;
        let (storage, state) = (provider.client(ClientOptions::default()), provider.simulator.state());
        storage.storage().move_to("inbox/a b.txt", "a b.txt").await.unwrap();
        storage.storage().rename("inbox/2026", "2027").await.unwrap();
        assert_eq!(state.file_paths(), ["/a b.txt", "/inbox/2027/c.csv", "/top.txt"], "{target:?}");
    }
}

#[tokio::test]
async fn move_does_not_overwrite_or_create_directories() {
    let provider = Ftpgrid::start().await;
    let (client, before) = (provider.client(ClientOptions::default()), provider.snapshot());
    for (from, to, kind) in [
        ("/top.txt", "/inbox/a b.txt", ErrorKind::Conflict),
        ("/top.txt", "/archive", ErrorKind::Conflict),
        ("/top.txt", "/no/such/directory", ErrorKind::NotFound),
        ("/nothing", "/something", ErrorKind::NotFound),
    ] {
        let error = client.storage().move_to(from, to).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome(), error.attempts()),
            (kind, Outcome::NotDone, 1),
            "{from} {to}: {error}"
        );
    }
    assert_eq!(provider.snapshot(), before);
}

#[tokio::test]
async fn partially_failed_batch_has_outcome_unknown() {
    for (batches, first_entry_moved) in [(Batches::StopAndKeep, true), (Batches::AllOrNothing, false)] {
        let provider = Ftpgrid::start_with(Simulator::builder().batches(batches)).await;
        let (client, state) = (provider.client(ClientOptions::default()), provider.simulator.state());
        let moves = [("/top.txt", "/archive/top.txt"), ("/nothing", "/archive/nothing"), ("/inbox", "/in")];
        let error = client.storage().move_many(moves).await.unwrap_err();
        assert!(error.is_not_found() && error.attempts() == 1, "{error}");
        assert_eq!(error.outcome(), Outcome::Unknown, "{batches:?}: partial effects are possible");
        assert_eq!(state.file("/archive/top.txt").is_some(), first_entry_moved, "{batches:?}");
        assert!(state.file("/inbox/a b.txt").is_some());

        state.pin("/inbox/2026/c.csv");
        let error = client.storage().delete_many(["/archive", "/inbox"]).await.unwrap_err();
        assert!(!error.is_auth() && error.message().is_some(), "{error}");
        assert_eq!(error.outcome(), Outcome::Unknown, "{batches:?}: {error}");
        assert!(state.file("/inbox/2026/c.csv").is_some());

        // A single entry is processed or not. A call that was rejected as a whole processed no entry.
        let error = client.storage().move_to("/nothing", "/archive/nothing").await.unwrap_err();
        assert_eq!((error.is_not_found(), error.outcome()), (true, Outcome::NotDone), "{error}");
        state.set_scopes([""; 0]);
        let error = client.storage().delete_many(["/archive", "/inbox"]).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::PermissionDenied, Outcome::NotDone), "{error}");
    }
}

#[tokio::test]
async fn tree_may_lag_behind_but_storage_lists_do_not() {
    for lag in [Lag::Operations(3), Lag::Time(Duration::from_secs(60))] {
        let provider = Ftpgrid::start_with(Simulator::builder().metadata_lag(lag)).await;
        let client = provider.client(ClientOptions::default());
        let storage = client.storage();
        let in_tree = async || {
            let tree = storage.list_tree("/").try_collect_vec().await.unwrap();
            tree.iter().any(|entry| entry.path == "/new/a")
        };
        storage.upload("/new/a", Source::from("a")).await.unwrap();
        assert!(!in_tree().await, "{lag:?}");
        assert!(storage.find_file("/new/a").await.unwrap().is_some(), "{lag:?}");
        provider.simulator.advance(Duration::from_secs(60));
        let _ = (in_tree().await, in_tree().await);
        assert!(in_tree().await, "{lag:?}");
    }
}

#[tokio::test]
async fn checksum_may_be_delayed() {
    let provider = Ftpgrid::start_with(Simulator::builder().checksum_delay(Lag::Time(Duration::from_secs(60)))).await;
    let client = provider.client(ClientOptions::default());
    let checksum = async || {
        let tree = client.storage().list_tree("/new").try_collect_vec().await.unwrap();
        tree.into_iter().find(|entry| !entry.is_dir).and_then(|entry| entry.checksum)
    };
    client.storage().upload("/new/a", Source::from("a")).await.unwrap();
    assert_eq!(checksum().await, None);
    provider.simulator.advance(Duration::from_secs(61));
    let first = checksum().await.expect("a checksum");
    assert_eq!(Some(first.as_str()), provider.simulator.state().file("/new/a").unwrap().sha256.as_deref());
    client.storage().upload("/new/a", Source::from("b")).await.unwrap();
    assert_eq!(checksum().await.as_ref(), Some(&first), "the checksum of the old content");
    provider.simulator.advance(Duration::from_secs(61));
    assert_ne!(checksum().await.as_ref(), Some(&first));
}

#[tokio::test]
async fn tree_may_omit_intermediate_directories() {
    let provider = Ftpgrid::start_with(Simulator::builder().hide_implied_directories()).await;
    let client = provider.client(ClientOptions::default());
    client.storage().upload("/x/y/z", Source::from("z")).await.unwrap();
    let tree = client.storage().list_tree("/x").try_collect_vec().await.unwrap();
    assert!(tree.iter().any(|entry| entry.path == "/x/y/z") && tree.iter().all(|entry| entry.path != "/x/y"));
    let directories = client.storage().list_dirs("/x").try_collect_vec().await.unwrap();
    assert_eq!(directories.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["/x/y"]);
}

#[tokio::test]
async fn prepared_download_ids_may_be_single_use_or_expire() {
    let life = Duration::from_secs(300);
    for (builder, times) in [(Simulator::builder(), 2), (Simulator::builder().single_use_download_ids(), 1)] {
        let provider = Ftpgrid::start_with(builder.download_id_lifetime(life)).await;
        let client = provider.client(ClientOptions::default());
        let id = client.storage().prepare_download(["/top.txt"]).await.unwrap();
        for time in 0..2 {
            let result = client.storage().download_prepared(&id).bytes(100).await;
            assert_eq!(result.is_ok(), time < times, "{result:?}");
        }
        let id = client.storage().prepare_download(["/top.txt"]).await.unwrap();
        provider.simulator.advance(life);
        assert!(client.storage().download_prepared(&id).bytes(100).await.unwrap_err().is_not_found());
        // The id is prepared immediately before its use, so it has not expired.
        assert_eq!(client.storage().download_many(["/top.txt"]).bytes(100).await.unwrap(), "at the top");
    }
}

#[tokio::test]
async fn forgotten_download_id_is_prepared_once_more() {
    use mft_simulator::Fault;
    let provider = Ftpgrid::start().await;
    let client = provider.client(ClientOptions::default());
    provider.faults().push(Fault::status(404).on("ftpgrid.storage.download_multi").once());
    assert_eq!(client.storage().download_many(["/top.txt"]).bytes(100).await.unwrap(), "at the top");
    assert_eq!(provider.simulator.count("ftpgrid.storage.prepare_download"), 2);
    provider.faults().push(Fault::status(404).on("ftpgrid.storage.download_multi"));
    assert!(client.storage().download_many(["/top.txt"]).bytes(100).await.unwrap_err().is_not_found());
    assert_eq!(provider.simulator.count("ftpgrid.storage.prepare_download"), 4);
}

#[tokio::test]
async fn oversized_upload_is_rejected_and_stores_nothing() {
    let provider = Ftpgrid::start_with(Simulator::builder().max_upload_size(100_000)).await;
    let (client, before) = (provider.client(ClientOptions::default()), provider.snapshot());
    for size in [200_000, 20_000_000] {
        let error = client.storage().upload("/large", Source::from(vec![7; size])).await.unwrap_err();
        // The client may read the response, or only see that the server closes the connection.
        let refused = error.kind() == ErrorKind::Rejected && error.outcome() == Outcome::NotDone;
        let broken = error.kind() == ErrorKind::Interrupted && error.outcome() == Outcome::Unknown;
        assert!(refused || broken, "{error}");
        assert_eq!(provider.snapshot(), before);
    }
    client.storage().upload("/small", Source::from(vec![7; 90_000])).await.unwrap();
}

#[tokio::test]
async fn download_works_without_length_and_with_every_file_name_form() {
    for builder in [
        Simulator::builder(),
        Simulator::builder().chunked_downloads(),
        Simulator::builder().extended_file_names(),
        Simulator::builder().chunked_downloads().extended_file_names(),
    ] {
        let provider = Ftpgrid::start_with(builder).await;
        let client = provider.client(ClientOptions::default());
        provider.simulator.state().add_file("/ü/größe \"1\";x.txt", "large");
        let mut stream = client.storage().download("/ü/größe \"1\";x.txt").stream().await.unwrap();
        assert_eq!((stream.file().name.as_str(), stream.file().kind), ("größe \"1\";x.txt", ServedKind::File));
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.try_next().await.unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        assert_eq!(bytes, b"large");
    }
}

#[tokio::test]
async fn error_kind_is_independent_of_the_error_body() {
    for (body, has_message) in [(ErrorBody::Json, true), (ErrorBody::Plain, true), (ErrorBody::Empty, false)] {
        let provider = Ftpgrid::start_with(Simulator::builder().error_body(body)).await;
        let client = provider.client(ClientOptions::default());
        let error = client.ftp_accounts().get(FtpAccountId::new(999_999)).await.unwrap_err();
        assert_eq!((error.kind(), error.message().is_some()), (ErrorKind::NotFound, has_message), "{body:?}: {error}");
        assert!(client.storage().download("/nothing").bytes(9).await.unwrap_err().is_not_found());
        client.ftp_accounts().create(new_account()).await.unwrap();
        assert!(client.ftp_accounts().create(new_account()).await.unwrap_err().is_conflict());
        provider.simulator.state().set_scopes([""; 0]);
        let error = client.storage().delete("/top.txt").await.unwrap_err();
        assert!(error.to_string().contains("`file.delete`"), "{error}");
    }
}
