//! Buckets.

use usebuckets::raw::Method;
use usebuckets::{
    Authentication, BucketId, BucketUpdate, Client, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate,
    UserUpdate,
};

use super::{CallResult, Options, boxed, collect_paged};
use crate::checks::{KEY, PASSWORD};
use crate::transport::ScriptedTransport;

pub(super) async fn perform(transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
    let client = Client::builder(Authentication::api_key(KEY))
        .transport(transport.clone())
        .retry(options.retry())
        .build()
        .expect("a client");
    let (buckets, users, notifications) = (client.buckets(), client.users(), client.notifications());
    let bucket = BucketId::from("1");
    match operation % 15 {
        0 => collect_paged(buckets.list(), options).await,
        1 => boxed(buckets.find(&bucket)).await,
        2 => boxed(buckets.create(NewBucket::new("b"))).await,
        3 => boxed(buckets.update(&bucket, BucketUpdate::new().active(false))).await,
        4 => boxed(buckets.delete(&bucket)).await,
        5 => collect_paged(users.list(&bucket), options).await,
        6 => boxed(users.find(&bucket, &"1".into())).await,
        7 => boxed(users.create(NewUser::new(&"1".into(), "mira", PASSWORD.into()))).await,
        8 => boxed(users.update(&"1".into(), UserUpdate::new().password(PASSWORD))).await,
        9 => boxed(users.delete(&"1".into())).await,
        10 => collect_paged(notifications.list(&bucket), options).await,
        11 => {
            let new = NewNotification::new(&"1".into(), "https://hooks.example.net", [EventType::FileUploaded]);
            boxed(notifications.create(new)).await
        }
        12 => boxed(notifications.update(&"1".into(), NotificationUpdate::new().active(false))).await,
        13 => boxed(notifications.delete(&"1".into())).await,
        _ => boxed(client.raw(Method::GET, "/new").into_call()).await,
    }
}
