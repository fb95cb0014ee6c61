use super::input::ApiResult;
use super::state::store::Store;
use crate::Operation;
use crate::server::{ApiRequest, Response, Route, operations};

type Handler = fn(&mut Store, &ApiRequest<'_>) -> ApiResult<Response>;

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
    Route::new("usebuckets.buckets.create", "POST", BUCKETS, Store::create_bucket),
    Route::new("usebuckets.buckets.list", "GET", BUCKETS, |store, request| store.list_buckets(request)),
    Route::new("usebuckets.buckets.update", "PATCH", BUCKET, Store::update_bucket),
    Route::new("usebuckets.buckets.delete", "DELETE", BUCKET, Store::delete_bucket),
    Route::new("usebuckets.users.create", "POST", USERS, Store::create_user),
    Route::new("usebuckets.users.list", "GET", USERS_OF_BUCKET, |store, request| store.list_users(request)),
    Route::new("usebuckets.users.update", "PATCH", USER, Store::update_user),
    Route::new("usebuckets.users.delete", "DELETE", USER, Store::delete_user),
    Route::new("usebuckets.notifications.create", "POST", NOTIFICATIONS, Store::create_notification),
    Route::new("usebuckets.notifications.list", "GET", NOTIFICATIONS_OF_BUCKET, |store, request| {
        store.list_notifications(request)
    }),
    Route::new("usebuckets.notifications.update", "PATCH", NOTIFICATION, Store::update_notification),
    Route::new("usebuckets.notifications.delete", "DELETE", NOTIFICATION, Store::delete_notification),
];

pub(crate) static OPERATIONS: &[Operation] = &operations(&ROUTES);
