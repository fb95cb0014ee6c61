//! Operations on notifications, at routes that are taken to be like those of users.

use http::Method;

use super::{NewNotification, Notification, NotificationId, NotificationUpdate};
use crate::page::{self, Listed};
use crate::{BucketId, Call, Client, Pager, reply};

const NOTIFICATIONS_OF_BUCKET: &str = "/buckets/{bucket_id}/notifications";
const NOTIFICATIONS: &str = "/notifications";
const NOTIFICATION: &str = "/notifications/{notification_id}";

impl Listed for Notification {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// Operations on notifications; from [`Client::notifications`].
///
/// The documentation has the model and what is delivered. **All routes are assumed**: they are those of users with
/// another noun. Where one is another, [`Client::raw`] calls it.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Notifications<'c> {
    pub(crate) client: &'c Client,
}

impl Notifications<'_> {
    /// Lists the notifications of a bucket.
    ///
    /// Calls `GET /buckets/{bucket_id}/notifications`, which is assumed. The pages are those of
    /// [`Users::list`](crate::Users::list).
    ///
    /// # Errors
    ///
    /// As for [`Users::list`](crate::Users::list).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, bucket: usebuckets::BucketId) -> usebuckets::Result<()> {
    /// for notification in client.notifications().list(&bucket).try_collect_vec().await? {
    ///     println!("{:?} is told of {:?}", notification.webhook_url, notification.events);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, bucket: &BucketId) -> Pager<Notification> {
        page::list(self.client, "usebuckets.notifications.list", NOTIFICATIONS_OF_BUCKET, [bucket.to_string()])
    }

    /// Creates a notification.
    ///
    /// Calls `POST /notifications`, which is assumed, as are the fields of the body.
    ///
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where there is no event, a path is empty, or the address does
    /// not begin with `https://`.
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
            .check(notification.check(self.client.allows_http()))
            .json_body(&notification)
            .secrets(notification.secret())
            .decode(reply::object)
    }

    /// Changes what the update names and leaves the rest. Repeated after failures that may pass: a change names values, so
    /// that making it twice is making it once.
    ///
    /// Calls `PATCH /notifications/{notification_id}`, which is assumed.
    ///
    /// # Errors
    ///
    /// As for [`create`](Self::create), and [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client, id: usebuckets::NotificationId) -> usebuckets::Result<()> {
    /// use usebuckets::NotificationUpdate;
    ///
    /// client.notifications().update(&id, NotificationUpdate::active(false)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, id: &NotificationId, update: NotificationUpdate) -> Call<Notification> {
        self.client
            .call("usebuckets.notifications.update", Method::PATCH, NOTIFICATION, &[id.as_str()])
            .idempotent()
            .check(update.check(self.client.allows_http()))
            .json_body(&update)
            .secrets(update.secret())
            .decode(reply::object)
    }

    /// Deletes a notification. Where a repeat finds it gone, that is success.
    ///
    /// Calls `DELETE /notifications/{notification_id}`, which is assumed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there was no such notification before the first attempt.
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
            .call("usebuckets.notifications.delete", Method::DELETE, NOTIFICATION, &[id.as_str()])
            .deletes_by(reply::of_delete)
    }
}
