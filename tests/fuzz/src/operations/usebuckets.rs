//! Buckets.

use usebuckets::raw::Method;
use usebuckets::{Authentication, BucketId, BucketUpdate, Client, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, UserUpdate};

use super::{Ended, Options, paged, told};
use crate::checks::{KEY, PASSWORD};
use crate::server::Server;

pub(super) async fn perform(server: &Server, operation: u8, options: Options) -> Ended {
    let client = Client::builder(Authentication::api_key(KEY)).transport(server.clone()).retry(options.retry()).build().expect("a client");
    let (buckets, users, notifications) = (client.buckets(), client.users(), client.notifications());
    let bucket = BucketId::from("1");
    match operation % 15 {
        0 => paged(buckets.list(), options).await,
        1 => told(buckets.find(&bucket)).await,
        2 => told(buckets.create(NewBucket::new("b"))).await,
        3 => told(buckets.update(&bucket, BucketUpdate::new().active(false))).await,
        4 => told(buckets.delete(&bucket)).await,
        5 => paged(users.list(&bucket), options).await,
        6 => told(users.find(&bucket, &"1".into())).await,
        7 => told(users.create(NewUser::new(&"1".into(), "mira", PASSWORD.into()))).await,
        8 => told(users.update(&"1".into(), UserUpdate::new().password(PASSWORD))).await,
        9 => told(users.delete(&"1".into())).await,
        10 => paged(notifications.list(&bucket), options).await,
        11 => {
            let new = NewNotification::new(&"1".into(), "https://hooks.example.net", [EventType::FileUploaded]);
            told(notifications.create(new)).await
        }
        12 => told(notifications.update(&"1".into(), NotificationUpdate::new().active(false))).await,
        13 => told(notifications.delete(&"1".into())).await,
        _ => told(client.raw(Method::GET, "/new").into_call()).await,
    }
}
