//! All operations of Stook, and the table that promises them.

use mft_simulator::stook::{CreatedCredential, DeletionReply, Simulator};
use mft_tests::table::{self, Table};
use mft_tests::{Provider, Stook, Tweaks};
use stook::{
    BucketUpdate, CredentialUpdate, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount,
    Tag, WrapAddress, WrapRule,
};

const BASE: &str = "";
const OPERATIONS: usize = 20;

/// All twenty operations in an order in which each finds what it needs.
async fn run_all(provider: &Stook) -> stook::Result<()> {
    let client = provider.login_builder(Tweaks::default()).build()?;
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
    let made = accounts.create(new).await?;
    assert_ne!(made.name.as_deref(), Some("camera1"), "the service extends the name");
    assert!(made.has_wrap_rules(&rules) && made.wrap_rules.as_deref() != Some(&rules));
    assert_eq!((made.path.as_deref(), made.count), (Some("media-archive/cam1"), Some(0)));
    assert_eq!((made.login_allowed, made.is_readonly), (Some(true), Some(false)));
    assert_eq!(accounts.list().try_collect_vec().await?.len(), 2);
    assert_eq!(accounts.get(&made.uuid).await?, made);
    let nobody = [WrapRule::deny([WrapAddress::all()])];
    let update = FtpAccountUpdate::new().login_allowed(false).password("N3w-Example!").wrap_rules(nobody.clone());
    let changed = accounts.update(&made.uuid, update).await?;
    assert_eq!((changed.login_allowed, &changed.path), (Some(false), &made.path));
    assert!(changed.has_wrap_rules(&nobody));

    let legacy = client.legacy_v1().ftp_accounts();
    assert_eq!(legacy.get(&made.uuid).await?, changed);
    let update = LegacyFtpAccountUpdate::new("Leg4cy-Example!", true, "cam2").wrap_rules(rules.clone());
    assert!(legacy.update(&made.uuid, update).await?.has_wrap_rules(&rules));
    let stored = state.ftp_account(made.uuid.as_str()).expect("an account");
    assert_eq!((stored.password.as_str(), stored.path.as_str()), ("Leg4cy-Example!", "media-archive/cam2"));
    assert_eq!(
        (stored.is_readonly, stored.login_allowed),
        (true, false),
        "version 1 leaves alone what it does not know"
    );
    legacy.delete(&made.uuid).await?;
    assert_eq!(state.ftp_account(made.uuid.as_str()), None);
    accounts.delete(&provider.target).await?;

    let credentials = client.credentials();
    let new = NewCredential::new("uploader", [bucket.uuid.clone()]).subfolder("incoming");
    let credential = credentials.create(new).await?;
    assert_eq!(credentials.list().try_collect_vec().await?.len(), 2);
    let whole = credentials.get(&credential.uuid).await?;
    let stored = state.credential(credential.uuid.as_str()).expect("a credential");
    assert_eq!((whole.access_key.as_ref(), whole.subfolder.as_deref()), (Some(&stored.access_key), Some("incoming")));
    assert_eq!(whole.buckets.as_deref().map(|buckets| &buckets[0].uuid), Some(&bucket.uuid));
    let update = CredentialUpdate::new("downloader", true).buckets([provider.bucket.clone()]);
    assert_eq!(credentials.update(&credential.uuid, update).await?.name.as_deref(), Some("downloader"));
    let stored = state.credential(credential.uuid.as_str()).expect("a credential");
    assert_eq!((stored.is_readonly, stored.bucket_uuids), (true, vec![provider.bucket.to_string()]));
    credentials.delete(&credential.uuid).await?;
    buckets.delete(&bucket.uuid).await
}

#[tokio::test]
async fn all_operations_work_whatever_the_documentation_leaves_open() {
    let builder = Simulator::builder;
    let mut builders = vec![
        builder(),
        builder().numeric_booleans().created_status(),
        builder().created_credentials(CreatedCredential::Legacy),
        builder().strict_bucket_names(),
    ];
    builders.extend(
        [
            DeletionReply::StatusOnly,
            DeletionReply::Object,
            DeletionReply::EmptyArray,
            DeletionReply::Null,
            DeletionReply::Empty,
        ]
        .map(|reply| builder().deletions(reply)),
    );
    for builder in builders {
        let case = format!("{builder:?}");
        let provider = Stook::start_with(builder).await;
        let before = provider.snapshot();
        run_all(&provider).await.unwrap_or_else(|error| panic!("{case}: {error}"));
        let left: Vec<&str> = before.lines().filter(|line| !line.starts_with("account target ")).collect();
        assert_eq!(provider.snapshot().lines().collect::<Vec<_>>(), left, "{case}: something was left behind");
        assert!(provider.journal().iter().all(|exchange| exchange.succeeded() && exchange.fault.is_none()), "{case}");
        assert_eq!(provider.journal().len(), OPERATIONS, "{case}: each operation takes one request");
    }
}

#[tokio::test]
async fn the_journal_of_a_run_holds_the_method_and_path_of_every_row() {
    let provider = Stook::start().await;
    run_all(&provider).await.unwrap();
    let known = table::in_simulator(Simulator::operations(), BASE);
    assert_eq!(table::in_journal(&provider.journal(), BASE), known, "the run and the simulator");
    assert_eq!(Table::of("stook", OPERATIONS, 1).operations(), known, "the table and the simulator");
}

#[test]
fn every_row_names_a_function_and_a_test_that_exist() {
    Table::of("stook", OPERATIONS, 1).assert_functions_and_tests_exist();
}
