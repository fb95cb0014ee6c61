//! E-mail notifications about files below a path.

use http::Method;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_created, decode_list, decode_nothing};
use crate::permissions::without_slash;
use crate::{Call, Client, NotificationId, Pager, Result, UserId, id, path, users, validation};

const NOTIFICATIONS: &str = "/notifications.{format}";
const NOTIFICATION: &str = "/notifications/{notification_id}.{format}";

mft_common::open_enum! {
    /// Interval between notification e-mails.
    SendInterval {
        /// Every five minutes.
        FiveMinutes = "five_minutes",
        /// Every fifteen minutes.
        FifteenMinutes = "fifteen_minutes",
        /// Every hour.
        Hourly = "hourly",
        /// Every day.
        Daily = "daily",
    }
}

/// A subscription of a user to e-mails about files that are created or changed at or below a path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Notification {
    /// The id.
    pub id: NotificationId,
    /// The path, without a slash at either end.
    #[serde(default)]
    pub path: Option<String>,
    /// The recipient.
    #[serde(default, deserialize_with = "id::optional")]
    pub user_id: Option<UserId>,
    /// The recipient's username.
    #[serde(default)]
    pub username: Option<String>,
    /// The interval between e-mails.
    #[serde(default)]
    pub send_interval: Option<SendInterval>,
    /// Whether the recipient has unsubscribed.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub unsubscribed: Option<bool>,
}

/// Recipient of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Recipient {
    /// A user by id.
    #[serde(rename = "user_id")]
    User(UserId),
    /// A user by username. The service looks up the user.
    #[serde(rename = "username")]
    Username(String),
}

impl From<UserId> for Recipient {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

impl Recipient {
    /// Creates a recipient from a username.
    pub fn username(name: impl Into<String>) -> Self {
        Self::Username(name.into())
    }
}

/// Request to create a notification.
///
/// # Examples
///
/// ```
/// use brickftp::{NewNotification, Recipient, SendInterval, UserId};
///
/// let by_id = NewNotification::new("Staff/in", UserId::new(41)).send_interval(SendInterval::Hourly);
/// let by_username = NewNotification::new("Staff/in", Recipient::username("ada"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new notification has no effect until it is passed to `create`"]
pub struct NewNotification {
    path: String,
    #[serde(flatten)]
    recipient: Recipient,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_interval: Option<SendInterval>,
}

impl NewNotification {
    /// Creates a request to notify a user about files at or below a path of at most 5000 characters. One leading slash
    /// is removed. The empty path is the root of the site.
    pub fn new(path: impl Into<String>, recipient: impl Into<Recipient>) -> Self {
        Self { path: without_slash(path.into()), recipient: recipient.into(), send_interval: None }
    }

    /// Sets the interval between e-mails. Default: five minutes.
    pub fn send_interval(mut self, interval: SendInterval) -> Self {
        self.send_interval = Some(interval);
        self
    }

    fn check(&self) -> Result<()> {
        if let Recipient::Username(name) = &self.recipient {
            validation::name("username", name, users::NAME_LIMIT)?;
        }
        path::check("path", &self.path, path::SETTING_LIMIT).map(|_| ())
    }
}

/// Operations on notifications. Returned by [`Client::notifications`].
///
/// Notifications cannot be updated. Create another notification and delete the first one.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Notifications<'c> {
    pub(crate) client: &'c Client,
}

impl Notifications<'_> {
    /// Lists all notifications of the site.
    ///
    /// Calls `GET /notifications`. The service returns the list in a single response.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut notifications = client.notifications().list();
    /// while let Some(notification) = notifications.try_next().await? {
    ///     println!("{:?} is notified about {:?}", notification.username, notification.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Pager<Notification> {
        const NAME: &str = "brickftp.notifications.list";
        let client = self.client.clone();
        let call = move || client.call(NAME, Method::GET, NOTIFICATIONS, &[]).safe();
        Pager::single_by(NAME, call, decode_list)
    }

    /// Creates a notification.
    ///
    /// Calls `POST /notifications`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the path is longer than 5000 characters, ends in
    /// a slash or has an empty, `.` or `..` segment, or if the username is empty or longer than 50 characters.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::{NewNotification, Recipient, SendInterval};
    ///
    /// let ada = Recipient::username("ada");
    /// client.notifications().create(NewNotification::new("Staff/in", ada).send_interval(SendInterval::Daily)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, notification: NewNotification) -> Call<Notification> {
        self.client
            .call("brickftp.notifications.create", Method::POST, NOTIFICATIONS, &[])
            .non_idempotent()
            .check(notification.check())
            .encode(self.client.request_format(), "notification", &notification)
            .decode(decode_created)
    }

    /// Deletes a notification.
    ///
    /// Calls `DELETE /notifications/{notification_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the notification did not exist before the first attempt.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, notification: brickftp::NotificationId) -> brickftp::Result<()> {
    /// client.notifications().delete(notification).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self, id: NotificationId) -> Call<()> {
        self.client
            .call("brickftp.notifications.delete", Method::DELETE, NOTIFICATION, &[&id])
            .deletes_by(decode_nothing)
    }
}
