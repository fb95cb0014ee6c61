//! Every fault at every wire interaction of the flows that applications build from calls of Buckets.

use mft_tests::sweep::{Flow, all_end_in_the_clean_result_or_in_a_true_error};
use mft_tests::{Usebuckets, flows};
use usebuckets::{
    BucketUpdate, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, Permission, Permissions,
    UserUpdate,
};

const URL: &str = "https://hooks.example.net/made";

fn flows() -> Vec<Flow<Usebuckets>> {
    flows! { Usebuckets:
        "list buckets page by page": |_sim, client| {
            let all = client.buckets().list().page_size(1).try_collect_vec().await?;
            Ok(all.into_iter().filter_map(|bucket| bucket.name).collect::<Vec<_>>().join(" "))
        },
        "find a bucket": |sim, client| let id = sim.doomed.clone(); {
            Ok(format!("{:?}", client.buckets().find(&id).await?.map(|bucket| bucket.name)))
        },
        "create a bucket": |_sim, client| {
            let made = client.buckets().create(NewBucket::new("new")).await?;
            Ok(format!("{:?} {:?} {}", made.name, made.active, made.host.is_some()))
        },
        "find and rename a bucket": |sim, client| let id = sim.target.clone(); {
            let was = client.buckets().find(&id).await?.and_then(|bucket| bucket.name).unwrap_or_default();
            let update = BucketUpdate::new().name(format!("{was} no more")).active(false);
            Ok(format!("{:?}", client.buckets().update(&id, update).await?.name))
        },
        "delete a bucket with its user": |sim, client| let id = sim.doomed.clone(); {
            client.buckets().delete(&id).await.map(|()| "deleted".to_owned())
        },
        "list users": |sim, client| let id = sim.target.clone(); {
            let all = client.users().list(&id).try_collect_vec().await?;
            let everywhere = |permissions: &Permissions| permissions.is_everything();
            Ok(format!("{} {:?}", all.len(), all[0].permissions.as_ref().map(everywhere)))
        },
        "create a user": |sim, client| let id = sim.target.clone(); {
            let new = NewUser::new(&id, "new", "mrk-Chosen:Password@9%".into());
            let made = client.users().create(new.permissions(Permissions::on("/in", Permission::Read))).await?;
            Ok(format!("{:?} {:?}", made.username, made.permissions))
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
            let made = client.notifications().create(new).await?;
            Ok(format!("{:?} {:?}", made.webhook_url, made.paths))
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
async fn every_fault_at_every_interaction_ends_in_the_clean_result_or_in_a_true_error() {
    all_end_in_the_clean_result_or_in_a_true_error(&flows()).await;
}
