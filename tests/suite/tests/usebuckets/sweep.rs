//! Fault sweep of typical call sequences of Buckets.

use mft_tests::sweep::{Scenario, assert_every_fault_is_handled};
use mft_tests::{Usebuckets, scenarios};
use usebuckets::{
    BucketUpdate, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, Permission, Permissions,
    UserUpdate,
};

const URL: &str = "https://hooks.example.net/made";

fn scenarios() -> Vec<Scenario<Usebuckets>> {
    scenarios! { Usebuckets:
        "list buckets page by page": |_sim, client| {
            let all = client.buckets().list().page_size(1).try_collect_vec().await?;
            Ok(all.into_iter().filter_map(|bucket| bucket.name).collect::<Vec<_>>().join(" "))
        },
        "find a bucket": |sim, client| let id = sim.disposable.clone(); {
            Ok(format!("{:?}", client.buckets().find(&id).await?.map(|bucket| bucket.name)))
        },
        "create a bucket": |_sim, client| {
            let created = client.buckets().create(NewBucket::new("new")).await?;
            Ok(format!("{:?} {:?} {}", created.name, created.active, created.host.is_some()))
        },
        "find and rename a bucket": |sim, client| let id = sim.target.clone(); {
            let name = client.buckets().find(&id).await?.and_then(|bucket| bucket.name).unwrap_or_default();
            let update = BucketUpdate::new().name(format!("{name} no more")).active(false);
            Ok(format!("{:?}", client.buckets().update(&id, update).await?.name))
        },
        "delete a bucket with its user": |sim, client| let id = sim.disposable.clone(); {
            client.buckets().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list users": |sim, client| let id = sim.target.clone(); {
            let all = client.users().list(&id).try_collect_vec().await?;
            let everywhere = |permissions: &Permissions| permissions.is_everything();
            Ok(format!("{} {:?}", all.len(), all[0].permissions.as_ref().map(everywhere)))
        },
        "create a user": |sim, client| let id = sim.target.clone(); {
            let new = NewUser::new(&id, "new", "mrk-Chosen:Password@9%".into());
            let created = client.users().create(new.permissions(Permissions::on("/in", Permission::Read))).await?;
            Ok(format!("{:?} {:?}", created.username, created.permissions))
        },
        "find a user and set a password": |sim, client|
            let bucket = sim.target.clone();
            let user = sim.user.clone();
        {
            let name = client.users().find(&bucket, &user).await?.and_then(|user| user.username).unwrap_or_default();
            let update = UserUpdate::new().password("mrk-Chosen:Password@9%").username(format!("{name}-2"));
            Ok(format!("{:?}", client.users().update(&user, update).await?.username))
        },
        "delete a user": |sim, client| let id = sim.user.clone(); {
            client.users().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list notifications": |sim, client| let id = sim.target.clone(); {
            let all = client.notifications().list(&id).try_collect_vec().await?;
            Ok(format!("{} {:?}", all.len(), all[0].webhook_url))
        },
        "create a notification": |sim, client| let id = sim.target.clone(); {
            let new = NewNotification::new(&id, URL, [EventType::FileUploaded]).paths(["/in"]);
            let created = client.notifications().create(new).await?;
            Ok(format!("{:?} {:?}", created.webhook_url, created.paths))
        },
        "pause a notification": |sim, client| let id = sim.notification.clone(); {
            let paused = client.notifications().update(&id, NotificationUpdate::new().active(false)).await?;
            Ok(format!("{:?}", paused.active))
        },
        "delete a notification": |sim, client| let id = sim.notification.clone(); {
            client.notifications().delete(&id).await.map(|()| "deleted".to_owned())
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_yields_success_or_an_accurate_error() {
    assert_every_fault_is_handled(&scenarios()).await;
}
