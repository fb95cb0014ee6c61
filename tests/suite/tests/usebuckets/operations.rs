//! All operations of Buckets, and the operation table of the README.

use mft_simulator::usebuckets::Simulator;
use mft_tests::operation_table::{self, OperationTable};
use mft_tests::{ClientOptions, Provider, Usebuckets};
use usebuckets::{
    BucketUpdate, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, Permission, Permissions,
    UserUpdate,
};

const URL: &str = "https://hooks.example.net/made";

/// Runs all twelve operations in dependency order.
async fn run_all(provider: &Usebuckets) -> usebuckets::Result<()> {
    let (client, state) = (provider.client(ClientOptions::default()), provider.simulator.state());
    let (buckets, users, notifications) = (client.buckets(), client.users(), client.notifications());
    let bucket = buckets.create(NewBucket::new("Northwind intake")).await?;
    assert_eq!((bucket.name.as_deref(), bucket.active), (Some("Northwind intake"), Some(true)));
    let (_, suffix) = bucket.id.as_str().rsplit_once('_').expect("an id has parts");
    assert_eq!(bucket.host, Some(format!("{suffix}.sftp.usebuckets.io")));
    assert!(buckets.list().try_collect_vec().await?.contains(&bucket));
    let changed = buckets.update(&bucket.id, BucketUpdate::new().name("Northwind").active(false)).await?;
    assert_eq!((changed.name.as_deref(), changed.active), (Some("Northwind"), Some(false)));
    assert_eq!((&changed.host, changed.created_at), (&bucket.host, bucket.created_at));
    buckets.update(&bucket.id, BucketUpdate::new().active(true)).await?;

    let anywhere = users.create(NewUser::new(&bucket.id, "mira", "Zq7-example-Pw-0001".into())).await?;
    assert!(anywhere.permissions.is_some_and(|permissions| permissions.is_everything()));
    let reader = Permissions::on("/invoices", Permission::Read).and("/in", "write".into());
    let omar = NewUser::new(&bucket.id, "omar", "Zq7-example-Pw-0002".into()).permissions(reader.clone()).active(false);
    let omar = users.create(omar).await?;
    assert_eq!((omar.permissions.as_ref(), omar.active), (Some(&reader), Some(false)));
    let entries = users.list(&bucket.id).try_collect_vec().await?;
    assert_eq!(entries.iter().map(|user| &user.id).collect::<Vec<_>>(), [&anywhere.id, &omar.id]);
    let update = UserUpdate::new().password("N3w-example-Pw-0003").active(true).permissions(Permissions::everything());
    let omar = users.update(&omar.id, update).await?;
    assert!(omar.permissions.is_some_and(|permissions| permissions.is_everything()));
    assert!(state.accepts_login(bucket.id.as_str(), "omar", "N3w-example-Pw-0003"));
    users.delete(&omar.id).await?;
    assert!(!state.accepts_login(bucket.id.as_str(), "omar", "N3w-example-Pw-0003"));

    let new =
        NewNotification::new(&bucket.id, URL, [EventType::FileUploaded]).paths(["/in"]).include_file_contents(true);
    let notification = notifications.create(new).await?;
    assert_eq!(
        (notification.events.as_slice(), notification.include_file_contents),
        (&[EventType::FileUploaded][..], Some(true))
    );
    assert_eq!(notifications.list(&bucket.id).try_collect_vec().await?, std::slice::from_ref(&notification));
    let update = NotificationUpdate::new().events([EventType::UserDeleted]).active(false);
    let paused = notifications.update(&notification.id, update).await?;
    assert_eq!((paused.events.as_slice(), paused.active), (&[EventType::UserDeleted][..], Some(false)));
    assert_eq!(state.notification(notification.id.as_str()).expect("a notification").events, ["user.deleted"]);
    notifications.delete(&notification.id).await?;

    buckets.delete(&bucket.id).await?;
    assert_eq!(state.user(anywhere.id.as_str()), None, "deleting a bucket deletes its users");
    Ok(())
}

#[tokio::test]
async fn all_operations_work_with_every_response_variant() {
    for builder in [
        Simulator::builder().example_responses(),
        Simulator::builder().full_responses(),
        Simulator::builder().created_status().objects_on_delete(),
        Simulator::builder().lists_without_permissions().get_one_routes(),
    ] {
        let provider = Usebuckets::start_with(builder).await;
        let before = provider.snapshot();
        run_all(&provider).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(provider.snapshot(), before, "the run left objects behind");
        assert!(provider.journal().iter().all(|exchange| exchange.succeeded() && exchange.fault.is_none()));
        assert_eq!(provider.journal().len(), 14, "each call takes one request");
    }
}

#[tokio::test]
async fn operation_table_matches_journal_and_simulator() {
    let provider = Usebuckets::start().await;
    run_all(&provider).await.unwrap();
    let expected = operation_table::simulator_operations(Simulator::operations(), "");
    assert_eq!(operation_table::journal_operations(&provider.journal(), ""), expected, "run and simulator");
    assert_eq!(OperationTable::of("usebuckets", 12, 1).operations(), expected, "table and simulator");
}

#[test]
fn table_rows_name_existing_functions_and_tests() {
    OperationTable::of("usebuckets", 12, 1).assert_functions_and_tests_exist();
}

/// Behavior of the service under its later name.
#[tokio::test]
async fn renamed_product_is_supported() {
    let provider = Usebuckets::start_with(Simulator::builder().nightly()).await;
    let client = provider.client(ClientOptions::default());
    let bucket = client.buckets().create(NewBucket::new("acme")).await.unwrap();
    assert!(bucket.id.as_str().starts_with("nly_") && bucket.host.unwrap().ends_with(".sftp.nightly.sh"));
    let entries = client.users().list(&provider.target).try_collect_vec().await.unwrap();
    assert_eq!((entries.len(), &entries[0].permissions), (1, &None), "missing permissions are not full permissions");
}

/// The setting of the account rejects every call to the route, and the error has a distinct kind.
#[tokio::test]
async fn delete_forbidden_by_the_account_is_permission_denied() {
    let provider = Usebuckets::start_with(Simulator::builder().without_api_deletion()).await;
    let client = provider.client(ClientOptions::default());
    let error = client.buckets().delete(&provider.disposable).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (usebuckets::ErrorKind::PermissionDenied, 1), "{error}");
    assert!(error.message().is_some(), "{error}");
    provider.simulator.state().set_api_deletion(true);
    client.buckets().delete(&provider.disposable).await.unwrap();
}
