//! All operations of Buckets, and the table that promises them.

use mft_simulator::usebuckets::Simulator;
use mft_tests::table::{self, Table};
use mft_tests::{Provider, Tweaks, Usebuckets};
use usebuckets::{
    BucketUpdate, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, Permission, Permissions,
    UserUpdate,
};

const URL: &str = "https://hooks.example.net/made";

/// All twelve operations in an order in which each finds what it needs.
async fn run_all(provider: &Usebuckets) -> usebuckets::Result<()> {
    let (client, state) = (provider.client(Tweaks::default()), provider.simulator.state());
    let (buckets, users, notifications) = (client.buckets(), client.users(), client.notifications());
    let made = buckets.create(NewBucket::new("Northwind intake")).await?;
    assert_eq!((made.name.as_deref(), made.active), (Some("Northwind intake"), Some(true)));
    let (_, suffix) = made.id.as_str().rsplit_once('_').expect("an id has parts");
    assert_eq!(made.host, Some(format!("{suffix}.sftp.usebuckets.io")));
    assert!(buckets.list().try_collect_vec().await?.contains(&made));
    let changed = buckets.update(&made.id, BucketUpdate::new().name("Northwind").active(false)).await?;
    assert_eq!((changed.name.as_deref(), changed.active), (Some("Northwind"), Some(false)));
    assert_eq!((&changed.host, changed.created_at), (&made.host, made.created_at));
    buckets.update(&made.id, BucketUpdate::new().active(true)).await?;

    let anywhere = users.create(NewUser::new(&made.id, "mira", "Zq7-example-Pw-0001".into())).await?;
    assert!(anywhere.permissions.is_some_and(|permissions| permissions.is_everything()));
    let reader = Permissions::on("/invoices", Permission::Read).and("/in", "write".into());
    let omar = NewUser::new(&made.id, "omar", "Zq7-example-Pw-0002".into()).permissions(reader.clone()).active(false);
    let omar = users.create(omar).await?;
    assert_eq!((omar.permissions.as_ref(), omar.active), (Some(&reader), Some(false)));
    let listed = users.list(&made.id).try_collect_vec().await?;
    assert_eq!(listed.iter().map(|user| &user.id).collect::<Vec<_>>(), [&anywhere.id, &omar.id]);
    let update = UserUpdate::new().password("N3w-example-Pw-0003").active(true).permissions(Permissions::everything());
    let omar = users.update(&omar.id, update).await?;
    assert!(omar.permissions.is_some_and(|permissions| permissions.is_everything()));
    assert!(state.accepts_login(made.id.as_str(), "omar", "N3w-example-Pw-0003"));
    users.delete(&omar.id).await?;
    assert!(!state.accepts_login(made.id.as_str(), "omar", "N3w-example-Pw-0003"));

    let new = NewNotification::new(&made.id, URL, [EventType::FileUploaded]).paths(["/in"]).include_file_contents(true);
    let told = notifications.create(new).await?;
    assert_eq!((told.events.as_slice(), told.include_file_contents), (&[EventType::FileUploaded][..], Some(true)));
    assert_eq!(notifications.list(&made.id).try_collect_vec().await?, std::slice::from_ref(&told));
    let update = NotificationUpdate::new().events([EventType::UserDeleted]).active(false);
    let paused = notifications.update(&told.id, update).await?;
    assert_eq!((paused.events.as_slice(), paused.active), (&[EventType::UserDeleted][..], Some(false)));
    assert_eq!(state.notification(told.id.as_str()).expect("a notification").events, ["user.deleted"]);
    notifications.delete(&told.id).await?;

    buckets.delete(&made.id).await?;
    assert_eq!(state.user(anywhere.id.as_str()), None, "a bucket's users go with it");
    Ok(())
}

#[tokio::test]
async fn all_operations_work_with_every_kind_of_reply() {
    for builder in [
        Simulator::builder().example_replies(),
        Simulator::builder().full_replies(),
        Simulator::builder().created_status().objects_on_delete(),
        Simulator::builder().lists_without_permissions().get_one_routes(),
    ] {
        let provider = Usebuckets::start_with(builder).await;
        let before = provider.snapshot();
        run_all(&provider).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(provider.snapshot(), before, "something was left behind");
        assert!(provider.journal().iter().all(|exchange| exchange.succeeded() && exchange.fault.is_none()));
        assert_eq!(provider.journal().len(), 14, "each call takes one request");
    }
}

#[tokio::test]
async fn the_journal_of_a_run_holds_the_method_and_path_of_every_row() {
    let provider = Usebuckets::start().await;
    run_all(&provider).await.unwrap();
    let known = table::in_simulator(Simulator::operations(), "");
    assert_eq!(table::in_journal(&provider.journal(), ""), known, "the run and the simulator");
    assert_eq!(Table::of("usebuckets", 12, 1).operations(), known, "the table and the simulator");
}

#[test]
fn every_row_names_a_function_and_a_test_that_exist() {
    Table::of("usebuckets", 12, 1).assert_functions_and_tests_exist();
}

/// What the service does under its later name.
#[tokio::test]
async fn the_renamed_product_is_understood_as_well() {
    let provider = Usebuckets::start_with(Simulator::builder().nightly()).await;
    let client = provider.client(Tweaks::default());
    let bucket = client.buckets().create(NewBucket::new("acme")).await.unwrap();
    assert!(bucket.id.as_str().starts_with("nly_") && bucket.host.unwrap().ends_with(".sftp.nightly.sh"));
    let listed = client.users().list(&provider.target).try_collect_vec().await.unwrap();
    assert_eq!((listed.len(), &listed[0].permissions), (1, &None), "not said is not everything");
}

/// The account's setting fails every call to the route, and the error says which kind of failure it is.
#[tokio::test]
async fn a_deletion_that_the_account_forbids_is_told_apart() {
    let provider = Usebuckets::start_with(Simulator::builder().without_api_deletion()).await;
    let client = provider.client(Tweaks::default());
    let error = client.buckets().delete(&provider.doomed).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (usebuckets::ErrorKind::PermissionDenied, 1), "{error}");
    assert!(error.message().is_some(), "{error}");
    provider.simulator.state().set_api_deletion(true);
    client.buckets().delete(&provider.doomed).await.unwrap();
}
