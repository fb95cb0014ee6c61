//! Operations on notifications. All routes are assumed to be like those of users.

use http::Method;

use super::{NewNotification, Notification, NotificationId, NotificationUpdate};
use crate::list::{self, ListItem};
use crate::{BucketId, Call, Client, Pager, response};

const NOTIFICATIONS_OF_BUCKET: &str = "/buckets/{bucket_id}/notifications";
const NOTIFICATIONS: &str = "/notifications";
const NOTIFICATION: &str = "/notifications/{notification_id}";

impl ListItem for Notification {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// Operations on notifications. Returned by [`Client::notifications`].
///
/// The service documents the model and the deliveries, but not the routes. **All routes are assumptions**, by analogy with
/// users. Use [`Client::raw`] if a route differs.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Notifications<'c> {
    pub(crate) client: &'c Client,
}

impl Notifications<'_> {
    /// Lists the notifications of a bucket.
    ///
    /// Calls `GET /buckets/{bucket_id}/notifications` (assumed route). Pagination is that of
    /// [`Users::list`](crate::Users::list).
    ///
    /// # Errors
    ///
    /// Fails as [`Users::list`](crate::Users::list) does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// for notification in client.notifications().list(&bucket).try_collect_vec().await? {
    ///     println!("{:?} receives {:?}", notification.webhook_url, notification.events);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, bucket: &BucketId) -> Pager<Notification> {
        list::pager(self.client, "usebuckets.notifications.list", NOTIFICATIONS_OF_BUCKET, [bucket.to_string()])
    }

    /// Creates a notification.
    ///
    /// Calls `POST /notifications`. The route and the fields of the body are assumptions.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if there is no event type, a path is blank, or the URL
    /// does not start with `https://`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// use usebuckets::{EventType, NewNotification};
    ///
    /// let url = "https://hooks.example.net/buckets";
    /// let notification = NewNotification::new(&bucket, url, [EventType::FileUploaded]).paths(["/invoices"]);
    /// client.notifications().create(notification).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, notification: NewNotification) -> Call<Notification> {
        self.client
            .call("usebuckets.notifications.create", Method::POST, NOTIFICATIONS, &[])
            .non_idempotent()
            .check(notification.validate(self.client.allows_http()))
            .json_body(&notification)
            .secrets(notification.secret())
            .decode(response::object)
    }

    /// Updates a notification. Unset fields are left unchanged.
    ///
    /// Calls `PATCH /notifications/{notification_id}` (assumed route). Retried after transient failures (idempotent).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the update has no field set, with
    /// [`NotFound`](crate::ErrorKind::NotFound) if the notification does not exist, and as [`create`](Self::create)
    /// does.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::NotificationId) -> usebuckets::Result<()> {
    /// use usebuckets::NotificationUpdate;
    ///
    /// client.notifications().update(&id, NotificationUpdate::new().active(false)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &NotificationId, update: NotificationUpdate) -> Call<Notification> {
        self.client
            .call("usebuckets.notifications.update", Method::PATCH, NOTIFICATION, &[&id])
            .idempotent()
            .check(update.validate(self.client.allows_http()))
            .json_body(&update)
            .secrets(update.secret())
            .decode(response::object)
    }

    /// Deletes a notification.
    ///
    /// Calls `DELETE /notifications/{notification_id}` (assumed route).
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the first attempt finds no such notification. A retry that
    /// finds none is a success.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::NotificationId) -> usebuckets::Result<()> {
    /// client.notifications().delete(&id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: &NotificationId) -> Call<()> {
        self.client
            .call("usebuckets.notifications.delete", Method::DELETE, NOTIFICATION, &[&id])
            .deletes_by(response::deleted)
    }
}
