use super::state::store::Store;
use crate::Operation;
use crate::server::{ApiRequest, ApiResult, Response, Route, operations};

pub(crate) type Handler = fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Response>;

const BUCKETS: &str = "/buckets";
const BUCKET: &str = "/buckets/{bucket_id}";
const USERS: &str = "/users";
const USERS_OF_BUCKET: &str = "/buckets/{bucket_id}/users";
const USER: &str = "/users/{user_id}";
const NOTIFICATIONS: &str = "/notifications";
const NOTIFICATIONS_OF_BUCKET: &str = "/buckets/{bucket_id}/notifications";
const NOTIFICATION: &str = "/notifications/{notification_id}";

/// The prefix of all paths.
pub(crate) const PREFIX: &str = "/v1";

pub(crate) static ROUTES: [Route<Handler>; 12] = [
    Route::new("usebuckets.buckets.create", "POST", BUCKETS, |store, request| {
        store.create_bucket(request.body, request.now_ms)
    }),
    Route::new("usebuckets.buckets.list", "GET", BUCKETS, |store, request| store.list_buckets(request.query())),
    Route::new("usebuckets.buckets.update", "PATCH", BUCKET, |store, request| {
        store.update_bucket(bucket(request), request.body, request.now_ms)
    }),
    Route::new("usebuckets.buckets.delete", "DELETE", BUCKET, |store, request| {
        store.delete_bucket(bucket(request), request.now_ms)
    }),
    Route::new("usebuckets.users.create", "POST", USERS, |store, request| {
        store.create_user(request.body, request.now_ms)
    }),
    Route::new("usebuckets.users.list", "GET", USERS_OF_BUCKET, |store, request| {
        store.list_users(bucket(request), request.query())
    }),
    Route::new("usebuckets.users.update", "PATCH", USER, |store, request| {
        store.update_user(user(request), request.body, request.now_ms)
    }),
    Route::new("usebuckets.users.delete", "DELETE", USER, |store, request| {
        store.delete_user(user(request), request.now_ms)
    }),
    Route::new("usebuckets.notifications.create", "POST", NOTIFICATIONS, |store, request| {
        store.create_notification(request.body, request.now_ms)
    }),
    Route::new("usebuckets.notifications.list", "GET", NOTIFICATIONS_OF_BUCKET, |store, request| {
        store.list_notifications(bucket(request), request.query())
    }),
    Route::new("usebuckets.notifications.update", "PATCH", NOTIFICATION, |store, request| {
        store.update_notification(notification(request), request.body)
    }),
    Route::new("usebuckets.notifications.delete", "DELETE", NOTIFICATION, |store, request| {
        store.delete_notification(notification(request))
    }),
];

pub(crate) static OPERATIONS: &[Operation] = &operations(&ROUTES);

fn bucket<'a>(request: &ApiRequest<'a>) -> &'a str {
    request.parameter("bucket_id")
}

fn user<'a>(request: &ApiRequest<'a>) -> &'a str {
    request.parameter("user_id")
}

fn notification<'a>(request: &ApiRequest<'a>) -> &'a str {
    request.parameter("notification_id")
}
