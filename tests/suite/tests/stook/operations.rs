//! All operations of Stook, and the operation table of the README.

use mft_simulator::stook::{CreatedCredential, DeletionResponse, Simulator};
use mft_tests::operation_table::{self, OperationTable};
use mft_tests::{ClientOptions, Provider, Stook};
use stook::{
    BucketUpdate, CredentialUpdate, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount,
    Tag, WrapAddress, WrapRule,
};

const BASE: &str = "";
const OPERATIONS: usize = 20;

/// Runs all twenty operations in dependency order.
async fn run_all(provider: &Stook) -> stook::Result<()> {
    let client = provider.login_builder(ClientOptions::default()).build()?;
    let state = provider.simulator.state();
    let organizations = client.organizations().list().try_collect_vec().await?;
    assert_eq!(organizations[0].uuid, client.organization_uuid());

    let buckets = client.buckets();
    let new = NewBucket::new("media-archive").region("eu-ist-1").tags([Tag::new("team", "video")]);
    let bucket = buckets.create(new).await?;
    assert_eq!((bucket.name.as_deref(), bucket.size.as_deref()), (Some("media-archive"), Some("0B")));
    assert_eq!(buckets.list().try_collect_vec().await?.len(), 2);
    assert_eq!(buckets.get(&bucket.uuid).await?, bucket);
    let tags = [Tag::new("team", "archive"), Tag::new("cost", "7")];
    assert_eq!(buckets.update(&bucket.uuid, BucketUpdate::tags(tags.clone())).await?.tags, Some(tags.into()));

    let accounts = client.ftp_accounts();
    let rules = [WrapRule::allow(["203.0.113.0/24", "2001:db8::1"])];
    let new = NewFtpAccount::new("camera1", "Example-Only-1!", &bucket.uuid, "cam1").wrap_rules(rules.clone());
    let account = accounts.create(new).await?;
    assert_ne!(account.name.as_deref(), Some("camera1"), "the service extends the name");
    assert!(account.has_wrap_rules(&rules) && account.wrap_rules.as_deref() != Some(&rules));
    assert_eq!((account.path.as_deref(), account.count), (Some("media-archive/cam1"), Some(0)));
    assert_eq!((account.login_allowed, account.is_readonly), (Some(true), Some(false)));
    assert_eq!(accounts.list().try_collect_vec().await?.len(), 2);
    assert_eq!(accounts.get(&account.uuid).await?, account);
    let nobody = [WrapRule::deny([WrapAddress::all()])];
    let update = FtpAccountUpdate::new().login_allowed(false).password("N3w-Example!").wrap_rules(nobody.clone());
    let changed = accounts.update(&account.uuid, update).await?;
    assert_eq!((changed.login_allowed, &changed.path), (Some(false), &account.path));
    assert!(changed.has_wrap_rules(&nobody));

    let legacy = client.legacy_v1().ftp_accounts();
    assert_eq!(legacy.get(&account.uuid).await?, changed);
    let update = LegacyFtpAccountUpdate::new("Leg4cy-Example!", true, "cam2").wrap_rules(rules.clone());
    assert!(legacy.update(&account.uuid, update).await?.has_wrap_rules(&rules));
    let stored = state.ftp_account(account.uuid.as_str()).expect("an account");
    assert_eq!((stored.password.as_str(), stored.path.as_str()), ("Leg4cy-Example!", "media-archive/cam2"));
    assert_eq!((stored.is_readonly, stored.login_allowed), (true, false), "version 1 leaves unknown fields unchanged");
    legacy.delete(&account.uuid).await?;
    assert_eq!(state.ftp_account(account.uuid.as_str()), None);
    accounts.delete(&provider.target).await?;

    let credentials = client.credentials();
    let new = NewCredential::new("uploader", [bucket.uuid.clone()]).subfolder("incoming");
    let credential = credentials.create(new).await?;
    assert_eq!(credentials.list().try_collect_vec().await?.len(), 2);
    let details = credentials.get(&credential.uuid).await?;
    let stored = state.credential(credential.uuid.as_str()).expect("a credential");
    assert_eq!(
        (details.access_key.as_ref(), details.subfolder.as_deref()),
        (Some(&stored.access_key), Some("incoming"))
    );
    assert_eq!(details.buckets.as_deref().map(|buckets| &buckets[0].uuid), Some(&bucket.uuid));
    let update = CredentialUpdate::new("downloader", true).buckets([provider.bucket.clone()]);
    assert_eq!(credentials.update(&credential.uuid, update).await?.name.as_deref(), Some("downloader"));
    let stored = state.credential(credential.uuid.as_str()).expect("a credential");
    assert_eq!((stored.is_readonly, stored.bucket_uuids), (true, vec![provider.bucket.to_string()]));
    credentials.delete(&credential.uuid).await?;
    buckets.delete(&bucket.uuid).await
}

#[tokio::test]
async fn all_operations_work_with_every_response_variant() {
    let builder = Simulator::builder;
    let mut builders = vec![
        builder(),
        builder().numeric_booleans().created_status(),
        builder().created_credentials(CreatedCredential::Legacy),
        builder().strict_bucket_names(),
    ];
    builders.extend(
        [
            DeletionResponse::StatusOnly,
            DeletionResponse::Object,
            DeletionResponse::EmptyArray,
            DeletionResponse::Null,
            DeletionResponse::Empty,
        ]
        .map(|reply| builder().deletions(reply)),
    );
    for builder in builders {
        let case = format!("{builder:?}");
        let provider = Stook::start_with(builder).await;
        let before = provider.snapshot();
        run_all(&provider).await.unwrap_or_else(|error| panic!("{case}: {error}"));
        let left: Vec<&str> = before.lines().filter(|line| !line.starts_with("account target ")).collect();
        assert_eq!(provider.snapshot().lines().collect::<Vec<_>>(), left, "{case}: the run left objects behind");
        assert!(provider.journal().iter().all(|exchange| exchange.succeeded() && exchange.fault.is_none()), "{case}");
        assert_eq!(provider.journal().len(), OPERATIONS, "{case}: each operation takes one request");
    }
}

#[tokio::test]
async fn operation_table_matches_journal_and_simulator() {
    let provider = Stook::start().await;
    run_all(&provider).await.unwrap();
    let expected = operation_table::simulator_operations(Simulator::operations(), BASE);
    assert_eq!(operation_table::journal_operations(&provider.journal(), BASE), expected, "run and simulator");
    assert_eq!(OperationTable::of("stook", OPERATIONS, 1).operations(), expected, "table and simulator");
}

#[test]
fn table_rows_name_existing_functions_and_tests() {
    OperationTable::of("stook", OPERATIONS, 1).assert_functions_and_tests_exist();
}
