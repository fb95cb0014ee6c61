use crate::Operation;

const BUCKETS: &str = "/buckets";
const BUCKET: &str = "/buckets/{bucket_id}";
const USERS: &str = "/users";
const USERS_OF_BUCKET: &str = "/buckets/{bucket_id}/users";
const USER: &str = "/users/{user_id}";
const NOTIFICATIONS: &str = "/notifications";
const NOTIFICATIONS_OF_BUCKET: &str = "/buckets/{bucket_id}/notifications";
const NOTIFICATION: &str = "/notifications/{notification_id}";

/// What stands before all paths.
pub(crate) const PREFIX: &str = "/v1";

pub(crate) static OPERATIONS: &[Operation] = &[
    Operation::new("usebuckets.buckets.create", "POST", BUCKETS),
    Operation::new("usebuckets.buckets.list", "GET", BUCKETS),
    Operation::new("usebuckets.buckets.update", "PATCH", BUCKET),
    Operation::new("usebuckets.buckets.delete", "DELETE", BUCKET),
    Operation::new("usebuckets.users.create", "POST", USERS),
    Operation::new("usebuckets.users.list", "GET", USERS_OF_BUCKET),
    Operation::new("usebuckets.users.update", "PATCH", USER),
    Operation::new("usebuckets.users.delete", "DELETE", USER),
    Operation::new("usebuckets.notifications.create", "POST", NOTIFICATIONS),
    Operation::new("usebuckets.notifications.list", "GET", NOTIFICATIONS_OF_BUCKET),
    Operation::new("usebuckets.notifications.update", "PATCH", NOTIFICATION),
    Operation::new("usebuckets.notifications.delete", "DELETE", NOTIFICATION),
];
